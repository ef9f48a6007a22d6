/** COMMAND: the descriptors of all commands beside those of redis-server, and the subcommands of COMMAND. */
import { expect, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { plainOf, textOf } from '../support/replies.js'
import type { Reply } from '../support/resp-reader.js'
import { sharedPair } from '../support/server-pair.js'

/**
 * What differs from the installed redis-server on purpose: `command field` to the value of Redis 7.4.
 * Everything else must be equal.
 */
const NEWER: { readonly [entry: string]: string } = {
  'command|getkeys arity': '-3',
  'command|getkeysandflags arity': '-3',
  'zrank arity': '-3',
  'zrevrank arity': '-3',
  // Since 7.2 scripts may call what blocks; it does not wait there.
  'blpop flags': '["blocking","write"]',
  'brpop flags': '["blocking","write"]',
  'blmove flags': '["blocking","denyoom","write"]',
  'brpoplpush flags': '["blocking","denyoom","write"]',
  'bzpopmin flags': '["blocking","fast","write"]',
  'bzpopmax flags': '["blocking","fast","write"]',
  'wait flags': '["blocking"]',
  'wait categories': '["@blocking","@connection","@slow"]',
}

const FIELDS = [
  'name',
  'arity',
  'flags',
  'first',
  'last',
  'step',
  'categories',
  'tips',
  'keys',
  'subcommands',
] as const
/** The order of their elements says nothing. */
const UNORDERED: readonly string[] = ['flags', 'categories', 'tips']

type Description = { readonly [field in (typeof FIELDS)[number]]: string }

/** Key specifications without the words of their notes, which are our own: only whether there are any counts. */
function withoutNotes(specs: readonly unknown[][]): unknown[][] {
  return specs.map(([first, note, ...rest]) =>
    first === 'notes' ? [first, ...rest] : [first, note, ...rest],
  )
}

/** Entries of COMMAND INFO by name, subcommands as entries of their own. */
function descriptions(
  entries: readonly Reply[],
  found = new Map<string, Description>(),
): Map<string, Description> {
  for (const entry of entries) {
    if (entry.type !== 'array') throw new Error(`no description: ${entry.type}`)
    const [name, ...rest] = entry.value
    const subcommands = rest.pop()
    const values = [textOf(name as Reply)]
    rest.forEach((reply, i) => {
      const field = FIELDS[i + 1] as string
      const value = plainOf(reply)
      const ordered = UNORDERED.includes(field)
        ? (value as string[]).sort()
        : field === 'keys'
          ? withoutNotes(value as unknown[][])
          : value
      values.push(typeof ordered === 'string' ? ordered : JSON.stringify(ordered))
    })
    found.set(
      textOf(name as Reply),
      Object.fromEntries(FIELDS.map((field, i) => [field, values[i] ?? ''])) as Description,
    )
    if (subcommands?.type === 'array') descriptions(subcommands.value, found)
  }
  return found
}

test('every command that redis-server has, too, is described as there', async () => {
  const pair = await sharedPair()
  const replies = await pair.ask('COMMAND')
  const [redis, russet] = [replies.redis, replies.russet].map((reply) => {
    if (reply.type !== 'array') throw new Error(`COMMAND: ${reply.type}`)
    return descriptions(reply.value)
  }) as [Map<string, Description>, Map<string, Description>]
  const differences: string[] = []
  let compared = 0
  for (const [name, ours] of russet) {
    const theirs = redis.get(name)
    if (theirs === undefined) continue
    compared++
    for (const field of FIELDS) {
      const expected = NEWER[`${name} ${field}`] ?? theirs[field]
      if (ours[field] !== expected)
        differences.push(`${name} ${field}: ${ours[field]} instead of ${expected}`)
    }
  }
  expect(differences).toEqual([])
  expect(compared).toBeGreaterThan(100)
})

conformance(
  'COMMAND INFO',
  script`
    COMMAND INFO nope
    COMMAND INFO nope nope|nope client|nope |
    COMMAND INFO get|get
    COMMAND COUNT x
    COMMAND nope
    COMMAND HELP x
    COMMAND HELP ~kind
    COMMAND COUNT ~type
    COMMAND ~kind
    COMMAND INFO ~kind
  `,
)

conformance(
  'the shape of COMMAND INFO',
  script`
    COMMAND INFO GET
    COMMAND INFO sMoVe sintercard ping
    COMMAND INFO client|id CLIENT|ID memory|usage
    COMMAND INFO nope object|encoding nope
  `,
)

conformance(
  'COMMAND LIST',
  script`
    COMMAND LIST ~kind
    COMMAND LIST x
    COMMAND LIST FILTERBY
    COMMAND LIST FILTERBY PATTERN
    COMMAND LIST FILTERBY x y
    COMMAND LIST FILTERBY ACLCAT hash x
    COMMAND LIST FILTERBY MODULE m
    COMMAND LIST FILTERBY ACLCAT nope
    COMMAND LIST FILTERBY ACLCAT
    COMMAND LIST FILTERBY PATTERN nope*
    COMMAND LIST FILTERBY PATTERN getr* ~unordered
    COMMAND LIST FILTERBY PATTERN GETR* ~unordered
    COMMAND LIST FILTERBY PATTERN config|*et ~unordered
    COMMAND list filterBy pattern lrange
    COMMAND LIST FILTERBY ACLCAT Bitmap ~unordered
  `,
)

conformance(
  'COMMAND GETKEYS',
  script`
    COMMAND GETKEYS
    COMMAND GETKEYS nope nope
    COMMAND GETKEYS client nope
    COMMAND GETKEYS client list
    COMMAND GETKEYS ping pong
    COMMAND GETKEYS get => !ERR Invalid number of arguments specified for command
    COMMAND GETKEYS get k
    COMMAND GETKEYS get k l
    COMMAND GETKEYS GET "a\x00b"
    COMMAND GETKEYS set a
    COMMAND GETKEYS mset a b c d
    COMMAND GETKEYS mset a b c
    COMMAND GETKEYS mget a b c
    COMMAND GETKEYS memory usage k
    COMMAND GETKEYS object encoding k
    COMMAND GETKEYS blpop a b 0
    COMMAND GETKEYS rename a b
    COMMAND GETKEYS zunionstore d 2 a b
    COMMAND GETKEYS zunionstore d 0 a b
    COMMAND GETKEYS zunionstore d 3 a b
    COMMAND GETKEYS zunionstore d -1 a b
    COMMAND GETKEYS zunionstore d x a b
    COMMAND GETKEYS zunion 2 a b WITHSCORES
    COMMAND GETKEYS sintercard 2 a b LIMIT 1
    COMMAND GETKEYS blmpop 0 2 a b LEFT
    COMMAND GETKEYS bitop AND d a b
    COMMAND GETKEYS touch a b
    COMMAND GETKEYSANDFLAGS get k
    COMMAND GETKEYSANDFLAGS set a b
    COMMAND GETKEYSANDFLAGS set a b EX 10 gEt
    COMMAND GETKEYSANDFLAGS set GET GET
    COMMAND GETKEYSANDFLAGS bitfield a GET u8 0
    COMMAND GETKEYSANDFLAGS bitfield a GET u8 0 SET u8 0 1
    COMMAND GETKEYSANDFLAGS bitfield a INCRBY u8 0 1
    COMMAND GETKEYSANDFLAGS smove a b m
    COMMAND GETKEYSANDFLAGS lmove a b LEFT LEFT
    COMMAND GETKEYSANDFLAGS zunionstore d 2 a b
    COMMAND GETKEYSANDFLAGS ping x
    COMMAND GETKEYSANDFLAGS nope x
  `,
)
