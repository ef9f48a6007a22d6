/** COMMAND: the descriptors of all commands beside those of redis-server, and the subcommands of COMMAND. */
import { expect, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
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

function plain(reply: Reply): unknown {
  if (reply.type === 'map') return reply.value.map((pair) => pair.map(plain))
  return 'value' in reply && Array.isArray(reply.value)
    ? reply.value.map((item) => plain(item as Reply))
    : text(reply)
}

function text(reply: Reply): string {
  return 'value' in reply ? String(reply.value) : reply.type
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
    const values = [text(name as Reply)]
    rest.forEach((reply, i) => {
      const value = plain(reply)
      const ordered = UNORDERED.includes(FIELDS[i + 1] as string) ? (value as string[]).sort() : value
      values.push(typeof ordered === 'string' ? ordered : JSON.stringify(ordered))
    })
    found.set(
      text(name as Reply),
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
    COMMAND INFO sEt sintercard ping
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

conformance(
  'COMMAND DOCS',
  script`
    COMMAND DOCS nope
    COMMAND DOCS nope |
    COMMAND DOCS ~kind
    COMMAND DOCS get ~kind
    COMMAND DOCS client|list ~kind
  `,
)

test('COMMAND DOCS describes every command, and its arguments as redis-server does', async () => {
  const pair = await sharedPair()
  const { redis, russet } = await pair.ask('COMMAND', 'DOCS')
  const theirs = docsByName(redis)
  const ours = docsByName(russet)
  expect(ours.size).toBeGreaterThan(100)
  const differences: string[] = []
  for (const [name, docs] of ours) {
    for (const field of ['summary', 'since', 'group', 'complexity']) {
      if (typeof docs[field] !== 'string' || docs[field] === '') differences.push(`${name} has no ${field}`)
    }
    const other = theirs.get(name)
    if (other === undefined) continue
    for (const field of ['since', 'group'] as const) {
      if (docs[field] !== other[field])
        differences.push(`${name} ${field}: ${docs[field]} instead of ${other[field]}`)
    }
    if (other.deprecated_since !== undefined && docs.deprecated_since !== other.deprecated_since) {
      differences.push(
        `${name} deprecated_since: ${docs.deprecated_since} instead of ${other.deprecated_since}`,
      )
    }
  }
  expect(differences).toEqual([])
})

/** Entries of COMMAND DOCS in RESP2 by name, subcommands too. */
function docsByName(reply: Reply, found = new Map<string, Record<string, unknown>>()): typeof found {
  for (const [name, entry] of pairsOf(reply)) {
    const docs: Record<string, unknown> = {}
    for (const [field, value] of pairsOf(entry)) {
      if (field === 'subcommands') docsByName(value, found)
      else docs[field] = plain(value)
    }
    found.set(name, docs)
  }
  return found
}

function pairsOf(reply: Reply): [string, Reply][] {
  if (reply.type !== 'array') throw new Error(`no map: ${reply.type}`)
  const pairs: [string, Reply][] = []
  for (let i = 0; i < reply.value.length; i += 2) {
    pairs.push([text(reply.value[i] as Reply), reply.value[i + 1] as Reply])
  }
  return pairs
}
