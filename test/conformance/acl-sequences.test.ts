/**
 * Random ACL rules: redis-server and Russet must refuse the same ones with the same words, describe the same user
 * afterwards, and allow the user the same calls of any command there is. redis-server 7.0 works the rules for
 * commands out anew when it describes them, where Redis has kept them as they were given since 7.2; so there
 * redis-server is given what Russet describes, and must understand the same user by it.
 */
import fc, { type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { bulksOf, plainOf } from '../support/replies.js'
import type { RespConnection } from '../support/resp-connection.js'
import { printReply, type Reply } from '../support/resp-reader.js'
import { factor } from '../support/sequences.js'
import { type Both, onBoth, type Side, sharedPair } from '../support/server-pair.js'

const DIGEST = 'a'.repeat(64)

const categories = fc.constantFrom(
  ...['read', 'write', 'string', 'LIST', 'hash', 'set', 'sortedset', 'keyspace', 'fast', 'slow', 'dangerous'],
  ...['admin', 'connection', 'transaction', 'blocking', 'bitmap', 'stream', 'all', 'nope', ''],
)
const commandNames = fc.constantFrom(
  ...[
    'get',
    'SET',
    'mget',
    'del',
    'copy',
    'sort',
    'client',
    'config',
    'config|get',
    'CONFIG|Set',
    'client|id',
  ],
  ...[
    'select',
    'select|1',
    'select|0',
    'get|x',
    'config|get|x',
    'config|nope',
    'object|encoding',
    'nope',
    '',
  ],
  ...['client|', '|', 'ping', 'zadd', 'xread', 'command', 'command|count', 'debug|object', 'debug|SLEEP'],
)
const patterns = fc.constantFrom('*', 'a*', 'b*', '[ab]', '?', 'a', 'ab', '', 'a b', '\\*', 'k\xff*')
const passwords = fc.constantFrom('p', 'q', '', '\0', 'a b')

const prefixed = (prefixes: readonly string[], rest: Arbitrary<string>): Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...prefixes), rest).map((parts) => parts.join(''))

const permission: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: prefixed(['+@', '-@'], categories) },
  { weight: 8, arbitrary: prefixed(['+', '-'], commandNames) },
  { weight: 4, arbitrary: prefixed(['~', '~', '%R~', '%W~', '%rw~', '%~', '%RR~', '%X~', '%'], patterns) },
  { weight: 2, arbitrary: prefixed(['&'], patterns) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        'allkeys',
        'resetkeys',
        'AllChannels',
        'resetchannels',
        'allcommands',
        'nocommands',
        '+@all',
        '-@all',
      ],
    ),
  },
)

const rule: Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: permission },
  { weight: 2, arbitrary: prefixed(['>', '<'], passwords) },
  { weight: 1, arbitrary: prefixed(['#', '!'], fc.constantFrom(DIGEST, 'x', DIGEST.toUpperCase())) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('on', 'OFF', 'nopass', 'resetpass', 'clearselectors', 'reset', '', 'nope'),
  },
  {
    weight: 3,
    arbitrary: fc
      .array(permission, { maxLength: 3 })
      .filter((rules) => rules.every((word) => word !== '' && !word.includes('\\')))
      .map((rules) => `(${rules.join(' ')})`),
  },
  { weight: 1, arbitrary: fc.constantFrom('(', ')', '(+get', '+set)', '()', '(on)', '(~"a', '( ~"b" )') },
)

const argument = fc.constantFrom(
  ...['a', 'b', 'ab', 'abc', 'x', 'k\xff1', '*', '', '0', '1', '2', '3', '-1', '10'],
  ...['STORE', 'BY', 'GET', 'KEYS', 'STREAMS', 'COUNT', 'LIMIT', 'AND', 'LEFT', 'GROUP', 'NX', 'IDLE'],
)

interface Call {
  readonly command: number
  readonly args: readonly string[]
}

const call: Arbitrary<Call> = fc.record({ command: fc.nat(), args: fc.array(argument, { maxLength: 7 }) })

interface Case {
  readonly setUsers: readonly (readonly string[])[]
  readonly calls: readonly Call[]
}

/** A parenthesis within an open one began anew in 7.0. */
function nestsNothing(rules: readonly string[]): boolean {
  const openers = rules.filter((word) => word.startsWith('('))
  return openers.length <= 1 || openers.every((word) => word.endsWith(')'))
}

const cases: Arbitrary<Case> = fc.record({
  setUsers: fc.array(fc.array(rule, { maxLength: 5 }).filter(nestsNothing), { minLength: 1, maxLength: 6 }),
  calls: fc.array(call, { minLength: 1, maxLength: 60, size: 'max' }),
})

/** Names of commands that both have and whose ACL facts have been the same since 7.0. */
async function commonCommands(connections: Both<RespConnection>): Promise<string[][]> {
  const names = await onBoth(async (side) => bulksOf(await connections[side].send('COMMAND', 'LIST')))
  const changedSince: readonly string[] = [
    ...['wait', 'zrank', 'zrevrank', 'command|getkeys', 'command|getkeysandflags'],
  ]
  const common = names.redis.filter((name) => names.russet.includes(name) && !changedSince.includes(name))
  expect(common.length).toBeGreaterThan(150)
  return common.map((name) => name.split('|'))
}

/** As far as the two describe a user in the same way. */
function comparable(fields: unknown): unknown {
  if (!Array.isArray(fields)) return fields
  return fields.map((field: unknown, i) => {
    const name = fields[i - 1] as unknown
    if (name === 'flags') return (field as string[]).filter((flag) => flag !== 'sanitize-payload')
    if (name === 'commands') return undefined
    // Redis writes what it would read as something else.
    if (name === 'keys') return (field as string).replace('%RW~*', '~*')
    return name === 'selectors' ? (field as unknown[]).map(comparable) : field
  })
}

/**
 * All words in the order of the alphabet: in which they came does not count here, nor their case. 7.0 may leave that
 * flag out.
 */
const words = (reply: Reply): string[] =>
  JSON.stringify(plainOf(reply))
    .toLowerCase()
    .replace('"sanitize-payload"', '')
    .split(/[ ",]+/)
    .sort()

/** The words of 7.0 as those since 7.2. */
const newer = (reply: Reply): string => printReply(reply).replace('This user', 'User u')

test('random rules make the same users', { timeout: 200_000 }, async () => {
  const pair = await sharedPair()
  const connections = await pair.connect()
  const commands = await commonCommands(connections)
  const send = (side: Side, ...args: string[]) => connections[side].send(...args)
  const both = (...args: string[]) => onBoth((side) => send(side, ...args))

  const compare = async ({ setUsers, calls }: Case): Promise<void> => {
    await both('ACL', 'DELUSER', 'u', 'copy')
    for (const rules of setUsers) {
      const { redis, russet } = await both('ACL', 'SETUSER', 'u', ...rules)
      expect(printReply(russet), `ACL SETUSER u ${rules.join(' ')}`).toBe(printReply(redis))
    }
    const described = await both('ACL', 'GETUSER', 'u')
    expect(comparable(plainOf(described.russet))).toEqual(comparable(plainOf(described.redis)))

    const line = bulksOf(await send('russet', 'ACL', 'LIST')).find((text) => text.startsWith('user u '))
    if (line !== undefined) {
      const rules = line.split(' ').slice(2)
      expect(printReply(await send('redis', 'ACL', 'SETUSER', 'copy', 'reset', ...rules))).toBe('+OK')
      const copy = await send('redis', 'ACL', 'GETUSER', 'copy')
      expect(words(copy), line).toEqual(words(described.redis))
    }

    const dryRuns = calls.map(({ command, args }) => [
      ...['ACL', 'DRYRUN', 'u'],
      ...(commands[command % commands.length] as string[]),
      ...args,
    ])
    const answers = await onBoth((side) => connections[side].sendMany(dryRuns))
    for (const [i, dryRun] of dryRuns.entries()) {
      const [redis, russet] = [answers.redis[i] as Reply, answers.russet[i] as Reply]
      expect(printReply(russet), dryRun.join(' ')).toBe(newer(redis))
    }
  }

  try {
    await fc.assert(fc.asyncProperty(cases, compare), {
      numRuns: Math.ceil(300 * factor()),
      interruptAfterTimeLimit: 60_000 * factor(),
    })
  } finally {
    await both('ACL', 'DELUSER', 'u', 'copy')
    await onBoth((side) => connections[side].close())
  }
})

/** Keys that may be read and written, read, written, and none of it. */
const KEYS = ['a', 'r', 'w', 'q']

test('every command is held against the patterns of its keys and channels', { timeout: 60_000 }, async () => {
  const pair = await sharedPair()
  const connections = await pair.connect()
  const commands = await commonCommands(connections)
  await onBoth(async (side) => {
    const rules = ['reset', '~a*', '%R~r*', '%W~w*', '&a*', '&r', '+@all']
    expect((await connections[side].send('ACL', 'SETUSER', 'u', ...rules)).raw).toBe('+OK\r\n')
  })
  try {
    let denied = 0
    for (const command of commands) {
      const dryRuns = Array.from({ length: 6 }, (_, length) =>
        KEYS.flatMap((key) =>
          // Keys alone, after a number of keys at each place, and mixed with keys that are allowed.
          [-1, 0, 1, 2].flatMap((countAt) =>
            [key, 'a'].map((rest) => {
              const words = Array.from({ length }, (_unused, i) => (i === length - 1 ? key : rest))
              if (countAt >= 0 && countAt < length) words[countAt] = String(length - countAt - 1)
              return ['ACL', 'DRYRUN', 'u', ...command, ...words]
            }),
          ),
        ),
      ).flat()
      const answers = await onBoth((side) => connections[side].sendMany(dryRuns))
      for (const [i, dryRun] of dryRuns.entries()) {
        const wanted = newer(answers.redis[i] as Reply)
        expect(printReply(answers.russet[i] as Reply), dryRun.join(' ')).toBe(wanted)
        if (wanted.includes('no permissions')) denied++
      }
    }
    expect(denied).toBeGreaterThan(5000)
  } finally {
    await onBoth(async (side) => {
      await connections[side].send('ACL', 'DELUSER', 'u')
      await connections[side].close()
    })
  }
})
