/**
 * DUMP and RESTORE: what either server dumps the other one restores, for every type and on both sides of each
 * limit of an encoding; and the answers to what is no payload.
 */
import { portableCodec } from '@russet/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { writeListpack } from '../../packages/core/src/rdb/listpack.js'
import { drawFrom } from '../support/bytes.js'
import { conformance, range, script } from '../support/conformance.js'
import { counted, double, intset, length, moduleId, payload, plain } from '../support/rdb-builder.js'
import { bulkOf, plainOf, textOf } from '../support/replies.js'
import type { Argument } from '../support/resp-connection.js'
import { type Both, onBoth, type ServerPair, SIDES, sharedPair } from '../support/server-pair.js'

/** A value: the commands that make it under the key `k`. */
interface Sample {
  readonly name: string
  readonly commands: readonly (readonly Argument[])[]
  /** The payloads are the same to the byte, where strings are not compressed. */
  readonly same?: boolean
  /** The installed server has another encoding than Redis 7.4. */
  readonly otherEncoding?: boolean
  /** What is restored has another encoding, on both servers. */
  readonly reencoded?: boolean
}

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)
const texts = (count: number, size = 8): string[] => numbers(count).map((i) => `${i}`.padStart(size, 'x'))
const inSlices = (head: readonly Argument[], items: readonly Argument[], size = 1000): Argument[][] =>
  numbers(Math.ceil(items.length / size)).map((i) => [...head, ...items.slice(i * size, (i + 1) * size)])

function randomBytes(count: number, seed: number): string {
  const draw = drawFrom(seed)
  return String.fromCharCode(...numbers(count).map(() => draw(256)))
}

const INTEGERS = [7, 8, 13, 15, 16, 23, 24, 31, 32, 53, 63].flatMap((bits) => [
  -(2n ** BigInt(bits)),
  2n ** BigInt(bits) - 1n,
  ...(bits < 63 ? [2n ** BigInt(bits), -(2n ** BigInt(bits)) - 1n] : []),
])

const STRINGS: readonly Sample[] = [
  ...['', 'a', '-', '007', '-0', '1.5', '+1', '99999999999999999999', ...INTEGERS.map(String)].map(
    (text) => ({
      name: `the string "${text}"`,
      commands: [['SET', 'k', text]],
      same: true,
    }),
  ),
  ...[11, 12, 19, 20, 21, 44, 45, 63, 64, 16_383, 16_384, 70_000].flatMap((size) => [
    { name: `a string of ${size} equal bytes`, commands: [['SET', 'k', 'x'.repeat(size)]], same: true },
    {
      name: `a string of ${size} random bytes`,
      commands: [['SET', 'k', Buffer.from(randomBytes(size % 9000, size), 'latin1')]],
      same: true,
    },
  ]),
  {
    name: 'a string that was appended to',
    commands: [
      ['SET', 'k', '12'],
      ['APPEND', 'k', '34'],
    ],
    same: true,
    reencoded: true,
  },
  { name: 'a string of bits', commands: [['SETBIT', 'k', 10_000, 1]], same: true },
]

const push = (items: readonly Argument[]): Argument[][] => inSlices(['RPUSH', 'k'], items)

const LISTS: readonly Sample[] = [
  { name: 'a list of one element', commands: push(['']), same: true, otherEncoding: true },
  { name: 'a list of integers', commands: push(INTEGERS), same: true, otherEncoding: true },
  ...[1360, 1361, 1362, 1363, 1364, 1365, 1366, 5000].map((count) => ({
    name: `a list of ${count} short elements`,
    commands: push(numbers(count, 1000)),
    same: true,
    otherEncoding: true,
  })),
  ...[62, 63, 64, 4094, 4095, 4096, 8000, 8170, 8180, 8184, 8190, 8192, 9000].map((size) => ({
    name: `a list of elements of ${size} bytes`,
    commands: push(texts(5, size)),
    same: true,
    otherEncoding: true,
  })),
  { name: 'a list of 30000 elements', commands: push(texts(30_000)), same: true, otherEncoding: true },
  {
    name: 'a list of elements of all sizes',
    commands: push(numbers(200).map((i) => 'y'.repeat((i * i) % 12_345))),
    same: true,
    otherEncoding: true,
  },
]

const add = (items: readonly Argument[]): Argument[][] => inSlices(['SADD', 'k'], items)

const SETS: readonly Sample[] = [
  ...[1, 511, 512].map((count) => ({
    name: `a set of ${count} integers`,
    commands: add(numbers(count, -5)),
    same: true,
  })),
  { name: 'a set of 513 integers', commands: add(numbers(513)) },
  ...[15, 16, 31, 32].map((bits) => ({
    name: `a set of integers of up to ${bits} bits`,
    commands: add([5, 2n ** BigInt(bits) - 1n, -(2n ** BigInt(bits))]),
    same: true,
  })),
  {
    name: 'a set that once had a wide integer',
    commands: [...add([1, 2, 1_000_000]), ['SREM', 'k', 1_000_000]],
    same: true,
  },
  { name: 'a set of one text', commands: add(['a']), same: true, otherEncoding: true },
  ...[2, 127, 128].map((count) => ({
    name: `a set of ${count} texts`,
    commands: add(texts(count)),
    otherEncoding: true,
  })),
  { name: 'a set of 129 texts', commands: add(texts(129)) },
  { name: 'a set of 20000 texts', commands: add(texts(20_000)) },
  { name: 'a set with a long member', commands: add(['x'.repeat(65), '1']) },
]

const zadd = (items: readonly Argument[]): Argument[][] => inSlices(['ZADD', 'k'], items)
const scored = (count: number, size = 8): Argument[] =>
  texts(count, size).flatMap((member, i) => [(i * 7919) % 104_729, member])

const SORTED_SETS: readonly Sample[] = [
  ...[1, 127, 128].map((count) => ({
    name: `a sorted set of ${count}`,
    commands: zadd(scored(count)),
    same: true,
  })),
  ...[129, 10_000].map((count) => ({
    name: `a sorted set of ${count}`,
    commands: zadd(scored(count)),
    same: true,
  })),
  { name: 'a sorted set with members of 64 bytes', commands: zadd(scored(3, 64)), same: true },
  { name: 'a sorted set with members of 65 bytes', commands: zadd(scored(3, 65)), same: true },
  {
    name: 'a sorted set with all kinds of scores',
    commands: zadd(
      [
        'inf',
        '-inf',
        0,
        -1,
        127,
        128,
        4096,
        65_536,
        '3000000000',
        '0.5',
        '-2.25',
        '1e15',
        '123456789012345',
      ].flatMap((score, i) => [score, `m${i}`]),
    ),
    same: true,
  },
  {
    name: 'a sorted set with long fractions',
    commands: zadd(
      ['0.1', '-3.3e-200', '1.7976931348623157e308', '5e-324', '1e22'].flatMap((s, i) => [s, `m${i}`]),
    ),
  },
  {
    name: 'a large sorted set with all kinds of scores',
    commands: zadd(['inf', '-inf', '0.1', '-0', '1e300'].flatMap((s, i) => [s, `${i}`.repeat(70)])),
    same: true,
  },
]

const hset = (count: number, size = 8): Argument[][] =>
  inSlices(
    ['HSET', 'k'],
    texts(count, size).flatMap((field, i) => [field, i]),
  )

const HASHES: readonly Sample[] = [
  ...[1, 127, 511, 512].map((count) => ({
    name: `a hash of ${count} fields`,
    commands: hset(count),
    same: true,
  })),
  ...[513, 20_000].map((count) => ({ name: `a hash of ${count} fields`, commands: hset(count) })),
  { name: 'a hash with fields of 64 bytes', commands: hset(3, 64), same: true },
  { name: 'a hash with fields of 65 bytes', commands: hset(3, 65) },
  {
    name: 'a hash with an empty field',
    commands: [['HSET', 'k', '', '', '-1', '99999999999999999999']],
    same: true,
  },
]

const xadd = (items: readonly (readonly Argument[])[]): Argument[][] =>
  items.map((item) => ['XADD', 'k', ...item])

const STREAMS: readonly Sample[] = [
  { name: 'a stream of one entry', commands: xadd([['1-1', 'f', 'v']]), same: true },
  {
    name: 'a stream of other fields each time',
    commands: xadd(numbers(40).map((i) => [`${i + 1}-0`, `f${i}`, i, 'g', `v${i}`])),
    same: true,
  },
  {
    name: 'a stream of three nodes',
    commands: xadd(numbers(250).map((i) => [`${1_700_000_000_000 + i * 3}-${i}`, 'field', i])),
    same: true,
  },
  {
    name: 'a stream with the greatest IDs',
    commands: xadd([
      ['5-5', 'f', 'v'],
      ['18446744073709551614-3', 'f', 'v'],
      ['18446744073709551615-18446744073709551615', 'f', 'v'],
    ]),
    same: true,
  },
  {
    name: 'a stream from which entries were removed',
    commands: [
      ...xadd(numbers(150).map((i) => [`${i + 1}-1`, 'f', i])),
      ['XDEL', 'k', '1-1', '5-1', '120-1'],
      ['XTRIM', 'k', 'MAXLEN', 100],
    ],
  },
  {
    name: 'a stream without entries',
    commands: [...xadd([['7-1', 'f', 'v']]), ['XDEL', 'k', '7-1']],
    same: true,
  },
  {
    name: 'a stream with groups',
    commands: [
      ...xadd(numbers(20).map((i) => [`${i + 1}-1`, 'f', i])),
      ['XGROUP', 'CREATE', 'k', 'first', '0'],
      ['XGROUP', 'CREATE', 'k', 'second', '$', 'ENTRIESREAD', 5],
      ['XGROUP', 'CREATECONSUMER', 'k', 'first', 'idle'],
      ['XREADGROUP', 'GROUP', 'first', 'alice', 'COUNT', 7, 'STREAMS', 'k', '>'],
      ['XREADGROUP', 'GROUP', 'first', 'bob', 'COUNT', 3, 'STREAMS', 'k', '>'],
      ['XACK', 'k', 'first', '2-1', '9-1'],
    ],
  },
]

const SAMPLES = [...STRINGS, ...LISTS, ...SETS, ...SORTED_SETS, ...HASHES, ...STREAMS]

/** What the installed server does not tell, or tells of itself and not of the data. */
const UNTOLD = ['active-time', 'radix-tree-keys', 'radix-tree-nodes']

/** Nested arrays without the pairs of these names. */
function without(names: readonly string[], item: unknown): unknown {
  if (!Array.isArray(item)) return item
  const left: unknown[] = []
  for (let i = 0; i < item.length; i++) {
    if (names.includes(item[i] as string)) i++
    else left.push(without(names, item[i]))
  }
  return left
}

interface Facts {
  readonly digest: unknown
  readonly encoding: string
  /** Of a stream: everything about it and its groups. */
  readonly stream: unknown
}

async function facts(pair: ServerPair, key: string): Promise<Both<Facts>> {
  const [digest, encoding, stream] = await Promise.all([
    pair.ask('DEBUG', 'DIGEST-VALUE', key),
    pair.ask('OBJECT', 'ENCODING', key),
    pair.ask('XINFO', 'STREAM', key, 'FULL', 'COUNT', 0),
  ])
  return onBoth(async (side) => ({
    digest: plainOf(digest[side]),
    encoding: textOf(encoding[side]),
    stream: stream[side].type === 'error' ? 'none' : without(UNTOLD, plainOf(stream[side])),
  }))
}

/** Times of now differ between the servers. */
const withoutTimes = (stream: unknown): string => JSON.stringify(stream).replace(/"\d{13}"/g, 'time')

describe.each([
  ['compressed', []],
  ['not compressed', ['--rdbcompression', 'no']],
] as const)('payloads, %s', (name, args) => {
  let pair: ServerPair
  beforeEach(async () => {
    pair = await sharedPair(args)
    await pair.reset()
  })

  test.each(SAMPLES)('$name', async ({ commands, same, otherEncoding, reencoded }) => {
    for (const command of commands) await pair.ask(...command)
    const dumps = await pair.ask('DUMP', 'k')
    const payloads = { redis: bulkOf(dumps.redis), russet: bulkOf(dumps.russet) }
    if (same && name === 'not compressed') expect(quoted(payloads.russet)).toBe(quoted(payloads.redis))

    const original = await facts(pair, 'k')
    expect(original.russet.digest).toEqual(original.redis.digest)
    expect(withoutTimes(original.russet.stream)).toEqual(withoutTimes(original.redis.stream))
    if (!otherEncoding) expect(original.russet.encoding).toBe(original.redis.encoding)
    for (const from of SIDES) {
      const restored = await pair.ask('RESTORE', `from-${from}`, 0, Buffer.from(payloads[from], 'latin1'))
      expect([restored.redis.raw, restored.russet.raw]).toEqual(['+OK\r\n', '+OK\r\n'])
      const copy = await facts(pair, `from-${from}`)
      for (const side of SIDES) {
        expect(copy[side].digest).toEqual(original[side].digest)
        if (!reencoded) expect(copy[side].encoding).toEqual(original[side].encoding)
        if (from === side) expect(copy[side].stream).toEqual(original[side].stream)
        expect(withoutTimes(copy[side].stream)).toEqual(withoutTimes(original[side].stream))
      }
    }
  })
})

const quoted = (bytes: string): string => JSON.stringify(bytes)

// ---- the commands -----------------------------------------------------------------------------------------

const HELLO = payload(0, plain('hello'))
const quotedHello = `"${[...HELLO].map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}"`

conformance(
  'DUMP and RESTORE',
  script`
    DUMP none
    SET a hello
    DUMP a
    DUMP
    DUMP a b
    RESTORE b 0 ${quotedHello}
    GET b
    TTL b
    RESTORE b 0 ${quotedHello}
    RESTORE b 100000 ${quotedHello} REPLACE
    PTTL b ~near 5000
    RESTORE b 0 ${quotedHello} replace
    TTL b
    RESTORE c 4000000000000 ${quotedHello} ABSTTL
    PEXPIRETIME c
    RESTORE d 1 ${quotedHello} ABSTTL
    EXISTS d
    RESTORE c 1 ${quotedHello} ABSTTL REPLACE
    EXISTS c
    RPUSH list x
    RESTORE list 0 ${quotedHello} REPLACE
    TYPE list
    RESTORE e 0 ${quotedHello} IDLETIME 1000
    OBJECT IDLETIME e ~near 2
    RESTORE e 0 ${quotedHello} IDLETIME 99999999999 REPLACE
    OBJECT IDLETIME e ~near 2
    RESTORE e 0 ${quotedHello} IDLETIME 5 IDLETIME 7 REPLACE
    OBJECT IDLETIME e ~near 2
    RESTORE e 0 ${quotedHello} FREQ 5 REPLACE
    OBJECT IDLETIME e ~near 2
    OBJECT FREQ e
  `,
)

conformance(
  'RESTORE refuses its arguments',
  script`
    SET a x
    RESTORE a 0
    RESTORE a 0 ${quotedHello}
    RESTORE a -1 ${quotedHello}
    RESTORE b -1 ${quotedHello}
    RESTORE b x ${quotedHello}
    RESTORE b 1.5 ${quotedHello}
    RESTORE b 0 ${quotedHello} FOO
    RESTORE b 0 ${quotedHello} IDLETIME
    RESTORE b 0 ${quotedHello} FREQ
    RESTORE b 0 ${quotedHello} IDLETIME x
    RESTORE b 0 ${quotedHello} IDLETIME -1
    RESTORE b 0 ${quotedHello} FREQ x
    RESTORE b 0 ${quotedHello} FREQ -1
    RESTORE b 0 ${quotedHello} FREQ 256
    RESTORE b 0 ${quotedHello} IDLETIME 1 FREQ 2
    RESTORE b 0 ${quotedHello} FREQ 2 IDLETIME 1
    RESTORE b x bad FOO
    RESTORE a x bad
    RESTORE b 0 ""
    RESTORE b 0 123456789
    RESTORE b 0 1234567890
    RESTORE b 0 "not a payload at all"
    EXISTS b
    GET a
  `,
)

conformance(
  'with a policy of eviction by frequency',
  script`
    CONFIG SET maxmemory-policy allkeys-lfu
    RESTORE a 0 ${quotedHello} FREQ 200
    OBJECT FREQ a
    RESTORE b 0 ${quotedHello} IDLETIME 100
    OBJECT FREQ b
    RESTORE c 0 ${quotedHello}
    OBJECT FREQ c
    CONFIG SET maxmemory-policy noeviction
  `,
)

conformance(
  'fields that expire are carried along',
  async ({ play, russet }) => {
    await play(script`
      HSET h a 1 b 2 c 3 => 3
      HPEXPIREAT h 4000000000000 FIELDS 1 b => [1]
      HPEXPIREAT h 3999999999999 FIELDS 1 c => [1]
      ~no-digest
    `)
    const large = range(1, 1000).replace(/\d+/g, 'f$& $&').split(' ')
    await russet.send('HSET', 'large', ...large)
    await russet.send('HPEXPIREAT', 'large', 4_000_000_000_000, 'FIELDS', 2, 'f7', 'f8')
    for (const key of ['h', 'large']) {
      const dump = Buffer.from(bulkOf(await russet.send('DUMP', key)), 'latin1')
      expect(dump.readUInt16LE(dump.length - 10)).toBe(12)
      expect((await russet.send('RESTORE', `${key}-copy`, 0, dump)).raw).toBe('+OK\r\n')
    }
    await play(script`
      DEBUG DIGEST-VALUE h h-copy ~differs => any
      HPEXPIRETIME h-copy FIELDS 3 a b c => [-1, 4000000000000, 3999999999999]
      OBJECT ENCODING h-copy ~differs => "listpackex"
      HPEXPIRETIME large-copy FIELDS 3 f6 f7 f8 => [-1, 4000000000000, 4000000000000]
    `)
    const digests = await russet.send('DEBUG', 'DIGEST-VALUE', 'h', 'h-copy', 'large', 'large-copy')
    const [h, copy, big, bigCopy] = plainOf(digests) as string[]
    expect([copy, bigCopy]).toEqual([h, big])
  },
  { protocols: [3] },
)

conformance(
  'DEBUG OBJECT tells the bytes of a payload',
  async ({ both, redis }) => {
    for (const [key, command] of [
      ['s', 'SET s "a string that is not compressed"'],
      ['n', 'SET n 12345'],
      ['l', `RPUSH l ${range(1, 3000)}`],
      ['i', `SADD i ${range(1, 300)}`],
      ['h', `HSET h ${range(1, 300)}`],
      ['z', `ZADD z ${range(1, 300)}`],
    ] as const) {
      await both(command)
      const lengths = await onBoth(async (side) => {
        const pair = await sharedPair(['--rdbcompression', 'no'])
        const reply = await pair.control[side].send('DEBUG', 'OBJECT', key)
        return /serializedlength:(\d+)/.exec(reply.raw)?.[1]
      })
      expect([key, lengths.russet]).toEqual([key, lengths.redis])
    }
    expect(redis.closed).toBe(false)
  },
  { args: ['--rdbcompression', 'no'], protocols: [2] },
)

// ---- what is no value -------------------------------------------------------------------------------------

const listpackOf = (entries: readonly string[]): string =>
  plain(Buffer.from(writeListpack(portableCodec, entries)).toString('latin1'))

/** Bodies with what is wrong in them. The installed server looks into payloads, too. */
const BAD_VALUES: readonly (readonly [name: string, type: number, body: string])[] = [
  ['an unknown type', 8, plain('x')],
  ['a type beyond all', 26, plain('x')],
  ['an opcode', 250, plain('x') + plain('y')],
  ['nothing', 0, ''],
  ['half a string', 0, '\x20ab'],
  ['an unknown string', 0, '\xc4'],
  ['a list that ends early', 1, counted([plain('a')], 2)],
  ['a list of too many elements', 1, length(2 ** 40) + plain('a')],
  ['an empty list', 1, counted([])],
  ['an empty set', 2, counted([])],
  ['an empty sorted set', 5, counted([])],
  ['an empty hash', 4, counted([])],
  ['an empty quicklist', 18, counted([])],
  ['a quicklist with an empty node', 18, counted([`\x02${listpackOf([])}`])],
  ['an empty hash, packed', 16, listpackOf([])],
  ['an empty sorted set, packed', 17, listpackOf([])],
  ['a node of an unknown kind', 18, counted([`\x03${listpackOf(['a'])}`])],
  ['a listpack that is none', 16, plain('not a listpack')],
  ['a listpack cut short', 16, plain(listpackOf(['a', 'b']).slice(1, -2))],
  ['a member twice', 2, counted(['a', 'a'].map(plain))],
  ['a field twice', 4, counted(['a', '1', 'a', '2'].map(plain), 2)],
  ['a field twice, packed', 16, listpackOf(['a', '1', 'a', '2'])],
  ['a field without a value, packed', 16, listpackOf(['a', '1', 'b'])],
  ['a member twice in a sorted set', 5, counted(['a', 'a'].map((member) => plain(member) + double(1)))],
  ['a member twice, packed', 17, listpackOf(['a', '1', 'a', '2'])],
  ['a score that is not a number', 5, counted([plain('a') + double(Number.NaN)])],
  ['an intset out of order', 11, plain(intset([2n, 1n], 2))],
  ['an intset with a wrong count', 11, plain(`${intset([1n], 2)}xx`)],
  ['a ziplist that is none', 10, plain('not a ziplist')],
  ['a zipmap that is none', 9, plain('not a zipmap')],
  ['a stream with a key that is no ID', 15, counted([plain('short') + listpackOf(['1'])])],
  ['a stream that ends early', 19, counted([])],
  ['a value of a module', 7, length(moduleId('ReJSON-RL', 3)) + plain('x')],
]

test.each(BAD_VALUES)('RESTORE refuses %s', async (_name, type, body) => {
  const pair = await sharedPair(['--sanitize-dump-payload', 'yes'])
  await pair.reset()
  await pair.ask('SET', 'k', 'old')
  const before = await pair.ask('DEBUG', 'DIGEST')
  const bytes = Buffer.from(payload(type, body), 'latin1')
  for (const args of [
    ['new', 0, bytes],
    ['k', 0, bytes, 'REPLACE'],
  ] as const) {
    const { redis, russet } = await pair.ask('RESTORE', ...args)
    expect(russet.raw).toBe('-ERR Bad data format\r\n')
    expect(redis.raw).toBe(russet.raw)
  }
  const after = await pair.ask('DEBUG', 'DIGEST')
  expect(after.russet.raw).toBe(before.russet.raw)
  expect(after.russet.raw).toBe(after.redis.raw)
})
