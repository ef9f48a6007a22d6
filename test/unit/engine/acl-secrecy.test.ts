/**
 * Keys that a user may not touch stay as they are, and what is in them is seen nowhere: random commands of a user who
 * may use some keys, beside others that hold a mark. It is the commands themselves that are on trial: their handlers
 * must not reach a key that the check did not find among their arguments.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Command } from '../../../packages/core/src/commands/command.js'
import { CommandTable } from '../../../packages/core/src/commands/table.js'
import { valueDigest } from '../../../packages/core/src/keyspace/digest.js'
import { FakeServer } from '../../support/fake-client.js'
import { FakeHost } from '../../support/fake-host.js'

const MARK = 'SECRETMARK'

/** They do what no rule for keys prevents: on the whole data, on users, or on the server. */
const FORBIDDEN = [
  'flushall',
  'flushdb',
  'swapdb',
  'acl',
  'debug',
  'config',
  'shutdown',
  'client|pause',
  'pfselftest',
]

const commands = [...new CommandTable().withSubcommands()].filter(
  ({ handler, name, fullName, container }) =>
    handler !== undefined &&
    ![name, fullName, container?.name ?? ''].some((each) => FORBIDDEN.includes(each)),
)

const TYPES = ['string', 'list', 'hash', 'set', 'zset', 'stream', 'number', 'geo']
const own = TYPES.map((type) => `ok:${type}`)
const others = TYPES.map((type) => `no:${type}`)

/** A key of each type with this content. */
function fill(prefix: string, text: string): string[][] {
  return [
    ['SET', `${prefix}:string`, text],
    ['RPUSH', `${prefix}:list`, 'string', 'list', '1', text],
    ['HSET', `${prefix}:hash`, 'f', text, text, '1', 'string', 'x'],
    ['SADD', `${prefix}:set`, text, 'string', '1'],
    ['ZADD', `${prefix}:zset`, '1', text, '2', 'string'],
    ['XADD', `${prefix}:stream`, '1-1', 'f', text],
    ['XGROUP', 'CREATE', `${prefix}:stream`, 'g', '0'],
    ['SET', `${prefix}:number`, '7'],
    ['GEOADD', `${prefix}:geo`, '1', '1', text],
  ]
}

const WORDS = [
  'a',
  'f',
  'g',
  'string',
  '*',
  '#',
  'no:*',
  'no:*->f',
  '$',
  '>',
  '-',
  '+',
  '1-1',
  '0-0',
  '(1',
  '[a',
  'M',
]
const NUMBERS = ['0', '1', '2', '3', '-1', '10', '0.5']

function randomCall(random: FakeHost, command: Command): string[] {
  const below = (n: number) => Math.floor(random.random() * n)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T
  const options = command.spec.syntax.match(/\b[A-Z][A-Z_]+\b/g) ?? ['NX']
  const { arity } = command
  const length = arity > 0 ? arity : -arity + below(6)
  const args = command.fullName.split('|')
  while (args.length < length) {
    const kind = below(10)
    if (kind < 3) args.push(pick(own))
    else if (kind < 5) args.push(pick(others))
    else if (kind < 7) args.push(pick(NUMBERS))
    else args.push(pick(kind < 9 ? options : WORDS))
  }
  return args
}

it('a user neither sees nor changes what is in keys that its patterns leave out', () => {
  let denied = 0
  let allowed = 0
  const run = (seed: number) => {
    const random = new FakeHost(seed)
    const server = new FakeServer({}, new FakeHost(seed))
    const { engine } = server
    const admin = server.connect()
    for (const command of fill('no', MARK)) admin.ask(command)
    admin.send('ACL SETUSER admin on nopass +@all ~* &*', 'AUTH admin x', 'ACL SETUSER default off').take()
    const rules = [
      'on',
      'nopass',
      '+@all',
      ...FORBIDDEN.map((name) => `-${name}`),
      '~ok:*',
      '%W~writable',
      '&*',
    ]
    expect(admin.ask(['ACL', 'SETUSER', 'u', ...rules])).toBe('+OK')
    const [db] = engine.keyspace.databases
    const digest = () => others.map((key) => (db === undefined ? '' : valueDigest(db, key))).join()
    const before = digest()
    const join = () => {
      const client = server.connect()
      client.send('AUTH u x', ...fill('ok', 'mine'))
      client.take()
      return client
    }
    let client = join()
    for (let i = 0; i < 400; i++) {
      const command = commands[Math.floor(random.random() * commands.length)] as Command
      const call = randomCall(random, command)
      client.send(call)
      const printed = client.take().join('\n')
      if (printed.includes('NOPERM')) denied++
      else allowed++
      if (printed.includes(MARK))
        throw new Error(`${call.join(' ')} shows what is in another key:\n${printed}`)
      if (digest() !== before) throw new Error(`${call.join(' ')} has changed another key:\n${printed}`)
      if (client.closed || client.connection.session.waiting || i % 50 === 49) {
        client.leave()
        client = join()
      }
    }
    // Nor has anything of it been carried over into the user's own keys.
    for (const key of [...own, 'writable']) expect(admin.ask(['DUMP', key])).not.toContain(MARK)
  }
  fc.assert(fc.property(fc.integer(), run), { numRuns: 40 })
  expect(denied).toBeGreaterThan(1000)
  expect(allowed).toBeGreaterThan(1000)
})
