/** The format byte by byte, round trips, and listpacks that are broken. Redis itself is asked in conformance. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portableCodec } from '../../../packages/core/src/base/portable-codec.js'
import { CorruptError } from '../../../packages/core/src/rdb/corrupt.js'
import { ListpackWriter, readListpack, writeListpack } from '../../../packages/core/src/rdb/listpack.js'
import {
  LISTPACK_EMPTY_BYTES,
  listpackEntryBytes,
} from '../../../packages/core/src/structures/listpack-size.js'
import {
  entryLists,
  INTEGER_TEXTS,
  ifSound,
  mutate,
  mutations,
  TEXT_LENGTHS,
} from '../../support/packed-entries.js'

/** The listpack with these bytes between header and end. */
function listpack(hex: string, count: number): Buffer {
  const entries = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const bytes = Buffer.concat([Buffer.alloc(6), entries, Buffer.of(0xff)])
  bytes.writeUInt32LE(bytes.length)
  bytes.writeUInt16LE(count, 4)
  return bytes
}

const write = (entries: readonly string[]): Buffer => Buffer.from(writeListpack(portableCodec, entries))
const read = (bytes: Uint8Array): string[] => readListpack(portableCodec, bytes, 0, bytes.length)

describe('format', () => {
  it.each([
    ['0', '00 01'],
    ['127', '7f 01'],
    ['128', 'c080 02'],
    ['-1', 'dfff 02'],
    ['4095', 'cfff 02'],
    ['-4096', 'd000 02'],
    ['4096', 'f10010 03'],
    ['-32768', 'f10080 03'],
    ['32768', 'f2008000 04'],
    ['-8388608', 'f2000080 04'],
    ['8388608', 'f300008000 05'],
    ['-2147483648', 'f300000080 05'],
    ['2147483648', 'f40000008000000000 09'],
    ['-9223372036854775808', 'f40000000000000080 09'],
    ['9223372036854775807', 'f4ffffffffffffff7f 09'],
    ['', '80 01'],
    ['a', '8161 02'],
    ['01', '823031 03'],
    ['x'.repeat(64), `e040 ${'78'.repeat(64)} 42`],
    ['x'.repeat(126), `e07e ${'78'.repeat(126)} 0180`],
    ['x'.repeat(4096), `f000100000 ${'78'.repeat(4096)} 2085`],
  ])('%j', (entry, hex) => {
    const bytes = listpack(hex, 1)
    expect(write([entry])).toEqual(bytes)
    expect(read(bytes)).toEqual([entry])
  })

  it('is a header and an end mark when there are no entries', () => {
    expect(write([])).toEqual(listpack('', 0))
    expect(read(listpack('', 0))).toEqual([])
  })

  it('says 65535 when there are more entries than can be said', () => {
    for (const count of [65_534, 65_535, 65_536]) {
      const entries = new Array<string>(count).fill('1')
      const bytes = write(entries)
      expect(bytes.readUInt16LE(4)).toBe(Math.min(count, 65_535))
      expect(read(bytes)).toEqual(entries)
    }
  })
})

describe('round trip', () => {
  it('at each step of the encodings, in as many bytes as are counted', () => {
    const texts = TEXT_LENGTHS.map((length) => '\xfe'.repeat(length))
    for (const entry of [...INTEGER_TEXTS, ...texts]) {
      const bytes = write([entry, 'after'])
      expect(read(bytes)).toEqual([entry, 'after'])
      expect(bytes.length).toBe(
        LISTPACK_EMPTY_BYTES + listpackEntryBytes(entry) + listpackEntryBytes('after'),
      )
    }
  })

  it('of any entries', () => {
    fc.assert(
      fc.property(entryLists(), (entries) => {
        expect(read(write(entries))).toEqual(entries)
      }),
    )
  })

  it('inside a larger array', () => {
    const bytes = write(['field', '-12345', 'x'.repeat(5000)])
    const around = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3)])
    const entries = readListpack(portableCodec, around, 3, 3 + bytes.length)
    expect(entries).toEqual(['field', '-12345', 'x'.repeat(5000)])
  })

  it('of a writer that is used again and again', () => {
    const writer = new ListpackWriter(portableCodec)
    for (const entries of [['a', '1'], [], ['x'.repeat(2_000_000), '5'], ['b', '-300']]) {
      for (const entry of entries) writer.append(entry)
      expect(writer.count).toBe(entries.length)
      const { byteLength } = writer
      const bytes = writer.finish()
      expect(bytes.length).toBe(byteLength)
      expect(Buffer.compare(bytes, write(entries))).toBe(0)
    }
  })

  it('of integers appended as such', () => {
    const writer = new ListpackWriter(portableCodec)
    const integers = INTEGER_TEXTS.filter((text) => /^-?[1-9]\d{0,14}$/.test(text))
    for (const text of integers) writer.appendInteger(Number(text))
    for (const value of [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n]) writer.appendInteger(value)
    const entries = [...integers, '-9223372036854775808', '-1', '0', '9223372036854775807']
    expect(Buffer.from(writer.finish())).toEqual(write(entries))
  })
})

describe('broken', () => {
  const good = listpack('8161 02 0c 01', 2)
  const changed = (at: number, byte: number): Buffer => {
    const bytes = Buffer.from(good)
    bytes[at] = byte
    return bytes
  }

  it.each([
    ['too short', good.subarray(0, 6)],
    ['cut off', good.subarray(0, -1)],
    ['with something behind it', Buffer.concat([good, Buffer.of(0xff)])],
    ['size in the header', changed(0, 11)],
    ['count too small', changed(4, 1)],
    ['count too great', changed(4, 3)],
    ['no end mark', changed(good.length - 1, 0)],
    ['length behind text', changed(8, 3)],
    ['length behind an integer', changed(10, 2)],
    ['unknown kind', changed(9, 0xf5)],
    ['end mark before the end', changed(9, 0xff)],
    ['text beyond the end', changed(6, 0x90)],
    ['integer beyond the end', changed(9, 0xf4)],
    ['length behind beyond the end', listpack('8161', 1)],
    ['text of 4 GB', listpack('f0ffffffff 61 01', 1)],
    ['header of an entry beyond the end', listpack('00 01 f0', 2)],
    ['two-byte length behind a short entry', listpack('8161 0082', 1)],
    ['wrong first byte of a long length behind', listpack(`e07e ${'78'.repeat(126)} 0280`, 1)],
    ['wrong last byte of a long length behind', listpack(`e07e ${'78'.repeat(126)} 0181`, 1)],
  ])('%s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(CorruptError)
  })

  it('takes an unknown count', () => {
    const bytes = changed(4, 0xff)
    bytes[5] = 0xff
    expect(read(bytes)).toEqual(['a', '12'])
  })

  it('takes what Redis would have packed otherwise', () => {
    expect(read(listpack('8131 02 e00162 03 f00100000063 06 c001 02', 4))).toEqual(['1', 'b', 'c', '1'])
  })

  it('is refused by a CorruptError or read, whatever bytes are changed', () => {
    fc.assert(
      fc.property(entryLists(1), mutations(), (entries, changes) => {
        const bytes = mutate(write(entries), changes)
        const found = ifSound(() => read(bytes))
        if (found !== undefined) expect(found.join('').length).toBeLessThan(bytes.length * 10)
      }),
      { numRuns: 2000 },
    )
  })
})
