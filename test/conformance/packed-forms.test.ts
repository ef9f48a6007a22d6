/**
 * The packed forms beside redis-server: what it packs and what we pack is equal to the byte, what it compresses
 * we read and the reverse, and of broken forms both refuse the same.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Crc64 } from '../../packages/core/src/base/crc64.js'
import { lzfCompress, lzfDecompress } from '../../packages/core/src/base/lzf.js'
import { portableCodec } from '../../packages/core/src/base/portable-codec.js'
import { byteStringToUint8Array, uint8ArrayToByteString } from '../../packages/core/src/base/utf8.js'
import { readIntset, writeIntset } from '../../packages/core/src/rdb/intset.js'
import { readListpack, writeListpack } from '../../packages/core/src/rdb/listpack.js'
import { readZiplist } from '../../packages/core/src/rdb/ziplist.js'
import { readZipmap } from '../../packages/core/src/rdb/zipmap.js'
import { IntSet } from '../../packages/core/src/structures/int-set.js'
import { packZiplist, packZipmap } from '../support/old-packed-forms.js'
import {
  entryLists,
  INTEGER_TEXTS,
  ifSound,
  mutate,
  mutations,
  TEXT_LENGTHS,
} from '../support/packed-entries.js'
import { type RunningServer, startRedis } from '../support/redis-server.js'
import type { RespConnection } from '../support/resp-connection.js'

/** Types of values in a payload. */
const STRING = 0
const HASH_ZIPMAP = 9
const LIST_ZIPLIST = 10
const SET_INTSET = 11
const HASH_LISTPACK = 16
const ZSET_LISTPACK = 17
const LIST_QUICKLIST_2 = 18

const PAYLOAD_VERSION = 10
/** Version and checksum. */
const FOOTER_BYTES = 10

let redis: RunningServer
let connection: RespConnection

beforeAll(async () => {
  const config = ['--rdbcompression', 'no', '--sanitize-dump-payload', 'yes', '--proto-max-bulk-len', '100mb']
  // All of them packed, whatever their size.
  const sizes = ['hash', 'zset'].flatMap((type) => [
    `--${type}-max-listpack-entries`,
    '100000',
    `--${type}-max-listpack-value`,
    '100000',
  ])
  redis = await startRedis({ args: [...config, ...sizes] })
  connection = await redis.connect()
})
afterAll(() => redis.stop())
beforeEach(async () => {
  await connection.send('FLUSHALL')
})

async function send(...args: (string | Buffer)[]): Promise<unknown> {
  const reply = await connection.send(...args)
  if (reply.type === 'error') throw new Error(reply.raw)
  return reply
}

function withFooter(body: Uint8Array): Buffer {
  const bytes = Buffer.concat([body, Buffer.alloc(FOOTER_BYTES)])
  bytes.writeUInt16LE(PAYLOAD_VERSION, body.length)
  const crc = new Crc64()
  crc.update(bytes, 0, body.length + 2)
  crc.writeTo(bytes, body.length + 2)
  return bytes
}

/** A length in the form of RDB files that is always allowed. */
function longLength(length: number): Buffer {
  const bytes = Buffer.of(0x80, 0, 0, 0, 0)
  bytes.writeUInt32BE(length, 1)
  return bytes
}

const asString = (bytes: Uint8Array): Buffer => Buffer.concat([longLength(bytes.length), bytes])

/** The length at `at`, and where it ends. */
function lengthAt(bytes: Buffer, at: number): [number, number] {
  const first = bytes[at] as number
  if (first < 0x40) return [first, at + 1]
  if (first < 0x80) return [bytes.readUInt16BE(at) & 0x3fff, at + 2]
  return [bytes.readUInt32BE(at + 1), at + 5]
}

async function dump(key: string): Promise<Buffer> {
  const reply = await connection.send('DUMP', key)
  if (reply.type !== 'bulk') throw new Error(`DUMP gave ${reply.raw}`)
  const payload = Buffer.from(reply.raw.slice(reply.raw.indexOf('\r\n') + 2, -2), 'latin1')
  const crc = new Crc64()
  crc.update(payload, 0, payload.length - 8)
  expect(crc.equals(payload, payload.length - 8), 'checksum of the payload').toBe(true)
  return payload.subarray(0, -FOOTER_BYTES)
}

/** The one packed form that a payload of this type has. */
function packedIn(body: Buffer, type: number): Buffer {
  expect(body[0]).toBe(type)
  const [length, start] = lengthAt(body, 1)
  expect(start + length).toBe(body.length)
  return body.subarray(start)
}

const listpackOf = (entries: readonly string[]): Buffer => Buffer.from(writeListpack(portableCodec, entries))

it('packs the fields of a hash as Redis does', async () => {
  await fc.assert(
    fc.asyncProperty(entryLists(1), async (entries) => {
      const pairs = [...new Set(entries)].flatMap((entry, i) => [entry, entries[i] as string])
      await send('DEL', 'h')
      await send('HSET', 'h', ...pairs)
      const packed = packedIn(await dump('h'), HASH_LISTPACK)
      expect(packed).toEqual(listpackOf(pairs))
      expect(readListpack(portableCodec, packed, 0, packed.length)).toEqual(pairs)
    }),
  )
})

it('packs entries at each step of the encodings as Redis does', async () => {
  const entries = [...INTEGER_TEXTS, ...TEXT_LENGTHS.map((length) => '\xfe'.repeat(length))]
  const pairs = entries.flatMap((entry, i) => [`${i}`, entry])
  await send('HSET', 'h', ...pairs)
  const packed = packedIn(await dump('h'), HASH_LISTPACK)
  expect(packed.equals(listpackOf(pairs))).toBe(true)
})

it('goes beyond 65535 entries as Redis does', async () => {
  // One by one from nothing would take Redis long: it looks each field up among all before.
  const pairs = Array.from({ length: 32_766 }, (_, i) => [`${i}`, 'v']).flat()
  const body = Buffer.concat([Buffer.of(HASH_LISTPACK), asString(listpackOf(pairs))])
  await send('RESTORE', 'h', '0', withFooter(body))
  for (const field of ['a', 'b', 'c']) {
    await send('HSET', 'h', field, '1')
    pairs.push(field, '1')
    const packed = packedIn(await dump('h'), HASH_LISTPACK)
    expect(packed.equals(listpackOf(pairs))).toBe(true)
    expect(readListpack(portableCodec, packed, 0, packed.length)).toEqual(pairs)
  }
})

it('packs members and scores of a sorted set as Redis does', async () => {
  const pairs = ['a', '-5', 'b', '0', 'c', '1.5', 'd', '4096', 'e', '100000000000000000']
  for (let i = 0; i < pairs.length; i += 2)
    await send('ZADD', 'z', pairs[i + 1] as string, pairs[i] as string)
  const packed = packedIn(await dump('z'), ZSET_LISTPACK)
  const found = readListpack(portableCodec, packed, 0, packed.length)
  expect(found).toEqual(pairs)
  expect(packed).toEqual(listpackOf(pairs))
})

it('packs the nodes of a list as Redis does', async () => {
  const entries = Array.from({ length: 700 }, (_, i) => (i % 3 === 0 ? `${i * i * i}` : 'y'.repeat(i % 150)))
  await send('RPUSH', 'l', ...entries)
  const body = await dump('l')
  expect(body[0]).toBe(LIST_QUICKLIST_2)
  let [nodes, at] = lengthAt(body, 1)
  expect(nodes).toBeGreaterThan(1)
  const found: string[] = []
  for (; nodes > 0; nodes--) {
    const [, containerEnd] = lengthAt(body, at)
    const [length, start] = lengthAt(body, containerEnd)
    at = start + length
    const node = readListpack(portableCodec, body, start, at)
    expect(body.subarray(start, at)).toEqual(listpackOf(node))
    found.push(...node)
  }
  expect(at).toBe(body.length)
  expect(found).toEqual(entries)
})

it('packs integers of a set as Redis does', async () => {
  const limits = [15, 31, 63].flatMap((bits) => [-(2n ** BigInt(bits)), 2n ** BigInt(bits) - 1n])
  const set = new IntSet()
  for (const value of [7n, -7n, ...limits, 0n]) {
    const narrow = Number.isSafeInteger(Number(value)) ? Number(value) : value
    set.add(narrow)
    await send('SADD', 's', String(value))
    const packed = packedIn(await dump('s'), SET_INTSET)
    expect(packed).toEqual(Buffer.from(writeIntset(set)))
    expect(readIntset(packed, 0, packed.length)).toEqual([...set])
  }
  // What is gone leaves its width behind.
  for (const value of limits) await send('SREM', 's', String(value))
  for (const value of [...set].slice(0, 3)) set.remove(value)
  for (const value of [...set].slice(3)) set.remove(value)
  expect([...set]).toEqual([-7, 0, 7])
  expect(packedIn(await dump('s'), SET_INTSET)).toEqual(Buffer.from(writeIntset(set)))
})

it('decompresses what Redis compressed, and the reverse', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 400 })).map(([byte, count]) => Buffer.alloc(count, byte)),
  )
  await send('CONFIG', 'SET', 'rdbcompression', 'yes')
  let ours = 0
  let theirs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      const once = Buffer.concat(pieces)
      const bytes = Buffer.concat([Buffer.from('text'), once, Buffer.from('text'), once])
      await send('SET', 'k', bytes)
      const body = await dump('k')
      if (body[1] === 0xc3) {
        theirs++
        const [packedLength, afterPacked] = lengthAt(body, 2)
        const [length, start] = lengthAt(body, afterPacked)
        expect(start + packedLength).toBe(body.length)
        expect(length).toBe(bytes.length)
        const found = lzfDecompress(body, start, body.length, length)
        expect(found !== undefined && bytes.equals(found)).toBe(true)
      }
      const packed = lzfCompress(bytes)
      if (packed !== undefined) {
        ours++
        const lengths = [longLength(packed.length), longLength(bytes.length)]
        const payload = withFooter(Buffer.concat([Buffer.of(STRING, 0xc3), ...lengths, packed]))
        await send('RESTORE', 'k2', '0', payload, 'REPLACE')
        expect(await send('GET', 'k2')).toMatchObject({ value: uint8ArrayToByteString(bytes) })
      }
    }),
    { numRuns: 300 },
  )
  await send('CONFIG', 'SET', 'rdbcompression', 'no')
  expect(Math.min(ours, theirs)).toBeGreaterThan(100)
})

/** A packed form, how it comes into redis-server, and how both tell what is in it. */
interface Form {
  readonly type: number
  /** What comes between the type and the packed form. */
  readonly before: Buffer
  readonly pack: (entries: readonly string[]) => Uint8Array
  /** What we read; undefined where we refuse. */
  readonly read: (bytes: Buffer) => readonly string[] | undefined
  readonly show: readonly string[]
  /** Whether we refuse what Redis never writes, though it takes it. */
  readonly stricter?: boolean
}

const pairsOf = (entries: readonly string[]): [string, string][] => entries.map((entry) => [entry, 'value'])

/** Order is lost where redis-server has a table. */
const sorted = (texts: readonly string[]): string[] => [...texts].sort()

const NOTHING = Buffer.alloc(0)
const FORMS: Record<string, Form> = {
  listpack: {
    type: LIST_QUICKLIST_2,
    // One node, packed.
    before: Buffer.of(1, 2),
    pack: listpackOf,
    read: (bytes) => ifSound(() => readListpack(portableCodec, bytes, 0, bytes.length)),
    show: ['LRANGE', 'k', '0', '-1'],
  },
  ziplist: {
    type: LIST_ZIPLIST,
    before: NOTHING,
    pack: (entries) => byteStringToUint8Array(packZiplist(entries)),
    read: (bytes) => ifSound(() => readZiplist(portableCodec, bytes, 0, bytes.length)),
    show: ['LRANGE', 'k', '0', '-1'],
  },
  zipmap: {
    type: HASH_ZIPMAP,
    before: NOTHING,
    pack: (entries) => byteStringToUint8Array(packZipmap(pairsOf([...new Set(entries)]), entries.length % 3)),
    read: (bytes) => {
      const found = ifSound(() => readZipmap(portableCodec, bytes, 0, bytes.length))
      // A field that is there twice is for the reader of the hash to refuse.
      const fields = found?.filter((_, i) => i % 2 === 0)
      return new Set(fields).size === fields?.length ? found : undefined
    },
    show: ['HGETALL', 'k'],
    // Redis passes over what lies behind the first end mark, and where a value's length is due it takes an end
    // mark for the mark of a long length.
    stricter: true,
  },
  intset: {
    type: SET_INTSET,
    before: NOTHING,
    pack: (entries) => writeIntset(IntSet.from(entries.map((entry, i) => i * 40_000 - entry.length))),
    read: (bytes) => ifSound(() => readIntset(bytes, 0, bytes.length).map(String)),
    show: ['SMEMBERS', 'k'],
  },
}

it.each(Object.entries(FORMS))('reads and refuses a mutated %s where Redis does', async (_, form) => {
  let refused = 0
  let taken = 0
  const check = async (bytes: Buffer): Promise<void> => {
    await send('DEL', 'k')
    const payload = withFooter(Buffer.concat([Buffer.of(form.type), form.before, asString(bytes)]))
    const answer = await connection.send('RESTORE', 'k', '0', payload)
    const found = form.read(bytes)
    // Nothing in it is no key.
    if (found === undefined || found.length === 0) {
      refused++
      if (!form.stricter) expect(answer.type, bytes.toString('hex')).toBe('error')
      return
    }
    expect(answer.type, bytes.toString('hex')).toBe('simple')
    taken++
    const shown = await connection.send(...form.show)
    if (shown.type !== 'array') throw new Error(`${form.show[0]} gave ${shown.raw}`)
    const texts = shown.value.map((reply) => (reply.type === 'bulk' ? reply.value : reply.raw))
    expect(sorted(texts)).toEqual(sorted(found))
  }
  await fc.assert(
    fc.asyncProperty(entryLists(1), fc.option(mutations()), async (entries, changes) => {
      const bytes = Buffer.from(form.pack(entries))
      await check(changes === null ? bytes : mutate(bytes, changes))
    }),
    { numRuns: 1000 },
  )
  expect(Math.min(refused, taken)).toBeGreaterThan(100)
})
