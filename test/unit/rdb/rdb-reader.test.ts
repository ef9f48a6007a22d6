/** RDB files made from the description of the format: what a reader takes from them, and what it refuses. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { portableCodec } from '../../../packages/core/src/base/portable-codec.js'
import { CorruptError } from '../../../packages/core/src/rdb/corrupt.js'
import { writeListpack } from '../../../packages/core/src/rdb/listpack.js'
import { RdbReader } from '../../../packages/core/src/rdb/rdb-reader.js'
import { FakeHost } from '../../support/fake-host.js'
import { packZiplist, packZipmap } from '../../support/old-packed-forms.js'
import {
  compressed,
  counted,
  double,
  integer,
  intset,
  length,
  moduleId,
  plain,
  RdbBuilder,
  repeated,
  textScore,
} from '../../support/rdb-builder.js'
import { Collector, newKeyspace, onlyValue, readRdb } from '../../support/rdb-reading.js'

const listpack = (entries: readonly string[]): string =>
  plain(Buffer.from(writeListpack(portableCodec, entries)).toString('latin1'))
const ziplist = (entries: readonly string[]): string => plain(packZiplist(entries))

const one = (type: number, body: string, version = 12): unknown =>
  onlyValue(new RdbBuilder(version).entry(type, 'k', body).end())

const refusal = (bytes: Uint8Array, options = {}): string => {
  try {
    readRdb(bytes, options)
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptError)
    return (error as Error).message
  }
  throw new Error('it was read')
}
const refused = (type: number, body: string): string =>
  refusal(new RdbBuilder(12).entry(type, 'k', body).end('zero'))

describe('strings', () => {
  test.each([
    ['as they are', plain('abc'), 'abc'],
    ['empty', plain(''), ''],
    ['binary', plain('\0\xff\x80'), '\0\xff\x80'],
    ['of 63 bytes', plain('x'.repeat(63)), 'x'.repeat(63)],
    ['of 64 bytes', plain('x'.repeat(64)), 'x'.repeat(64)],
    ['of 16383 bytes', plain('x'.repeat(16_383)), 'x'.repeat(16_383)],
    ['of 16384 bytes', plain('x'.repeat(16_384)), 'x'.repeat(16_384)],
    ['with a length of 64 bits', `\x81\0\0\0\0\0\0\0\x03abc`, 'abc'],
    ['with a length of more bytes than it needs', `\x80\0\0\0\x03abc`, 'abc'],
    ['as one byte', integer(-128, 1), '-128'],
    ['as two bytes', integer(-32_768, 2), '-32768'],
    ['as four bytes', integer(2_147_483_647, 4), '2147483647'],
    ['long integers', plain('9223372036854775807'), '9223372036854775807'],
    [
      'compressed',
      compressed('some text that is longer than others'),
      'some text that is longer than others',
    ],
    ['compressed with a copy', compressed('some text', true), repeated('some text')],
  ])('%s', (_name, body, text) => {
    expect(one(0, body)).toBe(text)
  })

  it('keeps integers as numbers, however they came', () => {
    const file = new RdbBuilder(12)
      .entry(0, 'a', integer(7, 1))
      .entry(0, 'b', plain('7'))
      .entry(0, 'c', '\x40\x017')
      .entry(0, 'd', compressed('12345678901'))
      .end()
    const sink = new Collector((value) => value)
    const reader = new RdbReader(portableCodec, newKeyspace(), sink)
    reader.push(file)
    reader.finish()
    while (reader.parse(1));
    expect(sink.events.map(([, , value]) => value)).toEqual([7, 7, 7, 12_345_678_901])
  })

  it('keys that are numbers', () => {
    const bytes = new RdbBuilder(12).add(`\0${integer(1234, 2)}${plain('v')}`).end()
    expect(readRdb(bytes).events).toEqual([['entry', '1234', 'v']])
  })
})

const abc = ['a', 'b', 'c']
const long = (count: number): string[] => Array.from({ length: count }, (_, i) => `element:${i}`)

describe('lists', () => {
  const list = (items: string[], encoding = 'listpack'): object => ({ list: items, encoding })

  test('as elements', () => {
    expect(one(1, counted(['a', '12', 'c'].map(plain)), 1)).toEqual(list(['a', '12', 'c']))
    expect(one(1, counted(long(2000).map(plain)), 1)).toEqual(list(long(2000), 'quicklist'))
  })

  test('ziplist', () => {
    expect(one(10, ziplist(['a', '-5', 'c']), 6)).toEqual(list(['a', '-5', 'c']))
  })

  test('ziplist, compressed', () => {
    expect(one(10, compressed(packZiplist(long(20))), 6)).toEqual(list(long(20)))
  })

  test('quicklist of ziplists, some of them empty', () => {
    expect(one(14, counted([ziplist(['a']), ziplist([]), ziplist(['b', 'c'])]), 9)).toEqual(list(abc))
  })

  test('quicklist of listpacks and of large elements', () => {
    const large = 'x'.repeat(9000)
    const nodes = [`\x02${listpack(['a', '7'])}`, `\x01${plain(large)}`, `\x02${listpack([])}`]
    expect(one(18, counted(nodes))).toEqual(list(['a', '7', large], 'quicklist'))
    expect(one(18, counted([`\x02${listpack(abc)}`]))).toEqual(list(abc))
  })

  test('what is wrong', () => {
    expect(refused(18, counted([`\x03${listpack(abc)}`]))).toMatch(/unknown kind 3/)
    expect(refused(18, counted([`\x02${plain('abc')}`]))).toMatch(/listpack/)
    expect(refused(14, counted([plain('abc')]))).toMatch(/ziplist/)
    expect(refused(10, integer(5, 1))).toMatch(/number where packed/)
  })
})

describe('sets', () => {
  const set = (items: string[], encoding = 'listpack'): object => ({ set: [...items].sort(), encoding })

  test('as elements', () => {
    expect(one(2, counted(abc.map(plain)))).toEqual(set(abc))
    expect(one(2, counted([integer(1, 1), integer(-300, 2)]))).toEqual(set(['1', '-300'], 'intset'))
    expect(one(2, counted(long(129).map(plain)))).toEqual(set(long(129), 'hashtable'))
    expect(one(2, counted(long(5000).map(plain)))).toEqual(set(long(5000), 'hashtable'))
  })

  test.each([2, 4, 8] as const)('intset of %i bytes', (width) => {
    const limit = 2n ** BigInt(width * 8 - 1)
    const values = [-limit, -1n, 0n, limit - 1n]
    expect(one(11, plain(intset(values, width)))).toEqual(set(values.map(String), 'intset'))
  })

  test('an intset beyond the limit', () => {
    const values = Array.from({ length: 513 }, (_, i) => BigInt(i))
    expect(one(11, plain(intset(values, 2)))).toEqual(set(values.map(String), 'hashtable'))
  })

  test('listpack', () => {
    expect(one(20, listpack(['a', '5']), 11)).toEqual(set(['a', '5']))
    expect(one(20, listpack(['6', '5']), 11)).toEqual(set(['6', '5']))
    expect(one(20, listpack(long(129)), 11)).toEqual(set(long(129), 'hashtable'))
  })

  test('members that come twice', () => {
    expect(refused(2, counted(['a', 'a'].map(plain)))).toMatch(/twice/)
    expect(refused(2, counted(['7', '7'].map(plain)))).toMatch(/twice/)
    expect(refused(2, counted([...long(5000), 'element:9'].map(plain)))).toMatch(/twice/)
    expect(refused(20, listpack(['a', 'b', 'a']))).toMatch(/twice/)
    expect(refused(11, plain(intset([1n, 1n], 2)))).toMatch(/intset/)
    expect(refused(11, plain(intset([2n, 1n], 2)))).toMatch(/intset/)
  })
})

describe('sorted sets', () => {
  const zset = (elements: [string, number][], encoding = 'listpack'): object => ({ zset: elements, encoding })
  const sorted: [string, number][] = [
    ['z', Number.NEGATIVE_INFINITY],
    ['a', 1.5],
    ['b', 1.5],
    ['c', 12_345_678],
    ['d', Number.POSITIVE_INFINITY],
  ]
  const fromGreatest = [...sorted].reverse()

  test('scores as text', () => {
    const parts = fromGreatest.map(([member, score]) => plain(member) + textScore(score))
    expect(one(3, counted(parts), 2)).toEqual(zset(sorted))
  })

  test('binary scores, in any order', () => {
    const parts = [2, 0, 4, 1, 3].map((i) => sorted[i] as [string, number])
    const bodies = parts.map(([member, score]) => plain(member) + double(score))
    expect(one(5, counted(bodies), 8)).toEqual(zset(sorted))
  })

  test('a large one', () => {
    const elements = long(1000).map((member, i): [string, number] => [member, i + 0.5])
    const bodies = [...elements].reverse().map(([member, score]) => plain(member) + double(score))
    expect(one(5, counted(bodies), 8)).toEqual(zset(elements, 'skiplist'))
  })

  test('packed', () => {
    const entries = ['a', '-1', 'b', '2.5', 'c', '1e+30', 'd', 'inf']
    const expected = zset([
      ['a', -1],
      ['b', 2.5],
      ['c', 1e30],
      ['d', Number.POSITIVE_INFINITY],
    ])
    expect(one(12, ziplist(entries), 6)).toEqual(expected)
    expect(one(17, listpack(entries))).toEqual(expected)
    const many = long(200).flatMap((member, i) => [member, String(i)])
    expect(one(17, listpack(many))).toMatchObject({ encoding: 'skiplist' })
  })

  test('what is wrong', () => {
    expect(refused(5, counted([plain('a') + double(Number.NaN)]))).toMatch(/not a number/)
    expect(refused(3, counted([plain('a') + textScore(Number.NaN)]))).toMatch(/not a number/)
    expect(refused(3, counted([`${plain('a')}\x03xyz`]))).toMatch(/not a number/)
    expect(refused(17, listpack(['a', 'nan']))).toMatch(/not a number/)
    expect(refused(17, listpack(['a', '1', 'b']))).toMatch(/without a score/)
    expect(refused(17, listpack(['a', '1', 'a', '2']))).toMatch(/twice/)
    const many = [...long(300), 'element:7'].map((member, i) => plain(member) + double(i))
    expect(refused(5, counted(many))).toMatch(/twice/)
  })
})

describe('hashes', () => {
  const hash = (fields: unknown[][], encoding = 'listpack'): object => ({ hash: fields, encoding })
  const pairs = [
    ['a', '1'],
    ['b', 'text'],
  ] as const
  const flat = pairs.flat()

  test('as fields and values', () => {
    expect(one(4, counted(flat.map(plain), 2), 1)).toEqual(hash(pairs.map((pair) => [...pair])))
    const many = long(1000).flatMap((field) => [field, 'v'])
    expect(one(4, counted(many.map(plain), 1000))).toMatchObject({ encoding: 'hashtable' })
    const wide = ['f', 'x'.repeat(65)]
    expect(one(4, counted(wide.map(plain), 1))).toEqual(hash([wide], 'hashtable'))
  })

  test('packed', () => {
    const expected = hash(pairs.map((pair) => [...pair]))
    expect(one(9, plain(packZipmap(pairs)), 1)).toEqual(expected)
    expect(one(9, plain(packZipmap(pairs, 3)), 1)).toEqual(expected)
    expect(one(13, ziplist(flat), 4)).toEqual(expected)
    expect(one(16, listpack(flat))).toEqual(expected)
  })

  const times = [
    ['a', '1'],
    ['b', '2', 1_700_000_000_005],
    ['c', '3', 1_700_000_000_000],
  ]
  const expected = hash(times, 'listpackex')

  test('with fields that expire', () => {
    const relative = [`\0${plain('a')}${plain('1')}`, `\x06${plain('b')}${plain('2')}`]
    const body =
      plain('').slice(1) +
      Buffer.from(new BigInt64Array([1_700_000_000_000n]).buffer).toString('latin1') +
      counted([...relative, `\x01${plain('c')}${plain('3')}`])
    expect(one(24, body)).toEqual(expected)
    const absolute = times.map(([field, value, time]) => {
      return length((time as number | undefined) ?? 0) + plain(field as string) + plain(value as string)
    })
    expect(one(22, counted(absolute))).toEqual(expected)
  })

  test('with fields that expire, packed, in any order', () => {
    const entries = times.flatMap(([field, value, time]) => [`${field}`, `${value}`, `${time ?? 0}`])
    expect(one(23, listpack(entries))).toEqual(expected)
    expect(one(25, `\0\0\0\0\0\0\0\0${listpack(entries)}`)).toEqual(expected)
    const many = long(600).flatMap((field, i) => [field, 'v', String(i === 0 ? 0 : 1_700_000_000_000 + i)])
    expect(one(23, listpack(many))).toMatchObject({ encoding: 'hashtable' })
  })

  test('what is wrong', () => {
    expect(refused(4, counted(['a', '1', 'a', '2'].map(plain), 2))).toMatch(/twice/)
    expect(refused(16, listpack(['a', '1', 'a', '2']))).toMatch(/twice/)
    expect(refused(16, listpack(['a', '1', 'b']))).toMatch(/without a value/)
    expect(refused(9, plain(packZipmap([['a', '1'] as const, ['a', '2'] as const])))).toMatch(/twice/)
    expect(refused(23, listpack(['a', '1']))).toMatch(/without a value or a time/)
    expect(refused(23, listpack(['a', '1', 'soon']))).toMatch(/no possible time/)
    expect(refused(23, listpack(['a', '1', String(2 ** 48)]))).toMatch(/no possible time/)
    expect(refused(22, counted([length(2 ** 48) + plain('a') + plain('1')]))).toMatch(/no possible time/)
    const many = [...long(600), 'element:3'].flatMap((field) => [field, 'v'])
    expect(refused(4, counted(many.map(plain), 601))).toMatch(/twice/)
  })
})

describe('the file', () => {
  it('tells what it says, in its order', () => {
    const bytes = new RdbBuilder(12)
      .aux('redis-ver', '7.4.0')
      .add(`\xf5${plain('#!lua name=x')}`)
      .selectDb(3)
      .resizeDb(3, 2)
      .add(`\xf4${length(5)}${length(100)}${length(0)}`)
      .expirySeconds(1_700_000_000)
      .entry(0, 'a', plain('x'))
      .expiryMs(1_700_000_000_123)
      .idle(70)
      .entry(0, 'b', plain('x'))
      .frequency(200)
      .entry(0, 'c', plain('x'))
      .entry(0, 'd', plain('x'))
      .end()
    expect(readRdb(bytes).events).toEqual([
      ['aux', 'redis-ver', '7.4.0'],
      ['function', '#!lua name=x'],
      ['selectDb', 3],
      ['resizeDb', 3, 2],
      ['entry', 'a', 'x', { expiryMs: 1_700_000_000_000 }],
      ['entry', 'b', 'x', { expiryMs: 1_700_000_000_123 }, { idleSeconds: 70 }],
      ['entry', 'c', 'x', { frequency: 200 }],
      ['entry', 'd', 'x'],
    ])
  })

  it('expiries at the edges', () => {
    const expiryOf = (ms: bigint): unknown =>
      readRdb(new RdbBuilder(9).expiryMs(ms).entry(0, 'a', plain('x')).end()).events[0]?.[3]
    expect(expiryOf(-1n)).toBeUndefined()
    expect(expiryOf(0n)).toEqual({ expiryMs: 1 })
    expect(expiryOf(-5n)).toEqual({ expiryMs: 1 })
    expect(expiryOf(2n ** 63n - 1n)).toEqual({ expiryMs: Number.MAX_SAFE_INTEGER })
  })

  it('leaves out collections without elements', () => {
    const bytes = new RdbBuilder(12)
      .entry(1, 'list', counted([]))
      .entry(2, 'set', counted([]))
      .entry(5, 'zset', counted([]))
      .expiryMs(5)
      .entry(4, 'hash', counted([]))
      .entry(10, 'ziplist', ziplist([]))
      .entry(16, 'listpack', listpack([]))
      .entry(18, 'quicklist', counted([`\x02${listpack([])}`]))
      .entry(24, 'expiring', `\0\0\0\0\0\0\0\0${counted([])}`)
      .entry(0, 'string', plain(''))
      .end()
    const names = ['list', 'set', 'zset', 'hash', 'ziplist', 'listpack', 'quicklist', 'expiring']
    expect(readRdb(bytes).events).toEqual([
      ...names.map((name) => ['emptyKey', name]),
      ['entry', 'string', ''],
    ])
  })

  it('passes over what modules keep beside the keys', () => {
    const id = length(moduleId('graphdata', 3))
    const parts = [
      `\x02${length(12)}`,
      `\x01${length(5n)}`,
      '\x03abcd',
      '\x04abcdefgh',
      `\x05${plain('some text')}`,
      `\x05${integer(5, 2)}`,
      `\x05${compressed('some longer text')}`,
    ]
    const bytes = new RdbBuilder(9)
      .add(`\xf7${id}\x02\x01${parts.join('')}\0`)
      .entry(0, 'a', plain('x'))
      .end()
    expect(readRdb(bytes).events).toEqual([['entry', 'a', 'x']])
    expect(refusal(new RdbBuilder(9).add(`\xf7${id}\x01\x01\0`).end())).toMatch(/module/)
    expect(refusal(new RdbBuilder(9).add(`\xf7${id}\x02\x01\x06\0`).end())).toMatch(/unknown kind 6/)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('version %i', (version) => {
    const { events, reader } = readRdb(new RdbBuilder(version).entry(0, 'a', plain('x')).end())
    expect(events).toEqual([['entry', 'a', 'x']])
    expect(reader.version).toBe(version)
    expect(reader.ended).toBe(true)
  })

  test.each([
    ['a newer version', 'REDIS0013', /13 .* 12 is the newest/],
    ['version 0', 'REDIS0000', /no version/],
    ['no version', 'REDISabcd', /no version/],
    ['another file', 'GIF89a and more', /REDIS/],
    ['nothing', '', /too early/],
    ['half a header', 'REDIS00', /too early/],
    ['nothing after the header', 'REDIS0012', /too early/],
    ['no end', new RdbBuilder(12).entry(0, 'a', plain('x')).bytes.toString('latin1'), /too early/],
    ['half a key', 'REDIS0012\0\x05ab', /too early/],
    ['half a checksum', 'REDIS0012\xff1234', /too early/],
    ['an unknown type', 'REDIS0012\x1a\x01a\x01b', /type of value 26/],
    ['an opcode that has not been given out', 'REDIS0012\xf3\x01a\x01b', /type of value 243/],
    ['type 8', 'REDIS0012\x08\x01a\x01b', /type of value 8/],
    ['a value of a module', `REDIS0012\x07\x01a${length(moduleId('ReJSON-RL', 3))}`, /ReJSON-RL/],
    ['an old value of a module', 'REDIS0012\x06\x01a\x05', /module/],
    ['functions of a release candidate', 'REDIS0012\xf6\x01a', /functions/],
    ['a length that is none', 'REDIS0012\xfe\x82', /length/],
    ['a string that is none', 'REDIS0012\0\xc4', /string/],
    ['a length where a number is', 'REDIS0012\x01\x01a\xc0\x05', /length/],
    ['a string beyond all limits', `REDIS0012\0\x81\0\0\0\xff\0\0\0\0`, /bytes/],
    [
      'a compressed string beyond its size',
      `REDIS0012\0\xc3\x01\x80\xff\xff\xff\0a${'x'.repeat(99)}`,
      /comp/,
    ],
    ['a broken compressed string', `REDIS0012\0\xc3\x03\x05\x01abcdef`, /compressed/],
  ])('refuses %s', (_name, text, reason) => {
    expect(refusal(Buffer.from(text, 'latin1'))).toMatch(reason)
  })

  it('says where the fault is', () => {
    const before = new RdbBuilder(12).entry(0, 'a', plain('x')).bytes.length
    const bytes = new RdbBuilder(12).entry(0, 'a', plain('x')).entry(99, 'b', plain('y')).end()
    const reader = new RdbReader(portableCodec, newKeyspace(), new Collector())
    for (const one of bytes) reader.push(Uint8Array.of(one))
    reader.finish()
    expect(() => {
      while (reader.parse(100));
    }).toThrow(CorruptError)
    expect(reader.offset).toBe(before)
  })

  it('compares the checksum', () => {
    const builder = new RdbBuilder(12).entry(0, 'a', plain('x'))
    expect(readRdb(builder.end()).reader.ended).toBe(true)
    expect(readRdb(builder.end('zero')).reader.ended).toBe(true)
    const wrong = builder.end()
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] as number) ^ 1
    expect(refusal(wrong)).toMatch(/checksum/)
    expect(readRdb(wrong, { checksum: false }).reader.ended).toBe(true)
    const changed = builder.end()
    changed[changed.indexOf('x')] = 0x79
    expect(refusal(changed)).toMatch(/checksum/)
  })

  it('refuses a count that the file cannot hold at once', () => {
    const bytes = new RdbBuilder(12).entry(2, 'k', length(10n ** 12n)).add('\x01a'.repeat(100)).bytes
    const reader = new RdbReader(portableCodec, newKeyspace(), new Collector(), { totalBytes: 1_000_000 })
    reader.push(bytes)
    expect(() => {
      while (reader.parse(10));
    }).toThrow(/more elements than bytes/)
  })
})

describe('in parts', () => {
  const builder = new RdbBuilder(12).aux('redis-ver', '7.4.0').selectDb(0)
  for (let i = 0; i < 60; i++) {
    builder.expiryMs(i + 1).entry(0, `string:${i}`, plain('v'.repeat(i * 3)))
    builder.idle(i).entry(2, `set:${i}`, counted(long(i + 1).map(plain)))
    builder.entry(16, `hash:${i}`, listpack(long(i + 1).flatMap((field) => [field, 'v'])))
  }
  const whole = builder.entry(1, 'list', counted(long(3000).map(plain))).end()
  const expected = readRdb(whole).events

  it('gives the same whatever the parts are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 300 }),
        (sizes, budget) => {
          const chunks: Uint8Array[] = []
          for (let at = 0, i = 0; at < whole.length; i++) {
            const size = sizes[i % sizes.length] as number
            chunks.push(whole.subarray(at, at + size))
            at += size
          }
          expect(readRdb(chunks, { budget }).events).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('byte by byte', () => {
    expect(readRdb(Array.from(whole, (one) => Uint8Array.of(one))).events).toEqual(expected)
  })

  it('stops after the records it was asked for', () => {
    const sink = new Collector()
    const reader = new RdbReader(portableCodec, newKeyspace(), sink)
    reader.push(whole)
    let more = true
    let last = 0
    while (more) {
      more = reader.parse(7)
      expect(sink.events.length - last).toBeLessThanOrEqual(7)
      last = sink.events.length
    }
    expect(reader.ended).toBe(true)
    expect(reader.offset).toBe(whole.length)
  })

  it('has the bytes behind the end', () => {
    const tail = Buffer.from('*1\r\n$4\r\nPING\r\n')
    const { reader } = readRdb([Buffer.concat([whole, tail.subarray(0, 3)]), tail.subarray(3)])
    expect(Buffer.concat(reader.rest())).toEqual(tail)
    expect(reader.offset).toBe(whole.length)
  })

  it('takes linear time for a large value that comes in small parts', () => {
    const elements = long(20_000).map(plain)
    const bytes = new RdbBuilder(12).entry(2, 'set', counted(elements)).end('zero')
    let decoded = 0
    const codec = {
      ...portableCodec,
      decode: (source: Uint8Array, start: number, end: number) => {
        decoded++
        return portableCodec.decode(source, start, end)
      },
    }
    const reader = new RdbReader(codec, newKeyspace(new FakeHost()), new Collector(() => ''))
    for (let at = 0; at < bytes.length; at += 100) {
      reader.push(bytes.subarray(at, at + 100))
      while (reader.parse(10));
    }
    reader.finish()
    while (reader.parse(10));
    expect(reader.ended).toBe(true)
    expect(decoded).toBeLessThan(3 * elements.length)
  })
})
