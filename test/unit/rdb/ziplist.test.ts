/** Ziplists made from the description of the format, read and broken. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portableCodec } from '../../../packages/core/src/base/portable-codec.js'
import { CorruptError } from '../../../packages/core/src/rdb/corrupt.js'
import { readZiplist } from '../../../packages/core/src/rdb/ziplist.js'
import { packZiplist } from '../../support/old-packed-forms.js'
import {
  entryLists,
  INTEGER_TEXTS,
  ifSound,
  mutate,
  mutations,
  TEXT_LENGTHS,
} from '../../support/packed-entries.js'

const read = (bytes: Uint8Array): string[] => readZiplist(portableCodec, bytes, 0, bytes.length)
const pack = (entries: readonly string[], longPrevious = false): Buffer =>
  Buffer.from(packZiplist(entries, longPrevious), 'latin1')

describe('reading', () => {
  it('entries at each step of the encodings', () => {
    const texts = TEXT_LENGTHS.map((length) => '\xfe'.repeat(length))
    const entries = [...INTEGER_TEXTS, ...texts]
    expect(read(pack(entries))).toEqual(entries)
    for (const entry of entries) expect(read(pack([entry, 'after']))).toEqual([entry, 'after'])
  })

  it('any entries, also where lengths take more bytes than they need', () => {
    fc.assert(
      fc.property(entryLists(), fc.boolean(), (entries, longPrevious) => {
        expect(read(pack(entries, longPrevious))).toEqual(entries)
      }),
    )
  })

  it('more entries than the header can say', () => {
    const entries = new Array<string>(65_536).fill('7')
    expect(read(pack(entries))).toEqual(entries)
  })

  it('inside a larger array', () => {
    const bytes = pack(['a', '300'])
    const around = Buffer.concat([Buffer.alloc(3, 0xfe), bytes, Buffer.alloc(3)])
    expect(readZiplist(portableCodec, around, 3, 3 + bytes.length)).toEqual(['a', '300'])
  })
})

describe('broken', () => {
  // Header 0-9, `a` at 10 (0, 1, 0x61), 5 at 13 (3, 0xf6), end mark at 15.
  const good = pack(['a', '5'])
  const changed = (at: number, byte: number): Buffer => {
    const bytes = Buffer.from(good)
    bytes[at] = byte
    return bytes
  }

  it.each([
    ['too short', good.subarray(0, 10)],
    ['cut off', good.subarray(0, -1)],
    ['with something behind it', Buffer.concat([good, Buffer.of(0xff)])],
    ['size in the header', changed(0, 15)],
    ['last entry elsewhere', changed(4, 10)],
    ['count too small', changed(8, 1)],
    ['count too great', changed(8, 3)],
    ['no end mark', changed(15, 0)],
    ['length before the first entry', changed(10, 1)],
    ['length before an entry', changed(13, 2)],
    ['long length before an entry, beyond the end', changed(13, 0xfe)],
    ['end mark before the end', changed(13, 0xff)],
    ['unknown kind', changed(14, 0xc1)],
    ['kind is the end mark', changed(14, 0xff)],
    ['text beyond the end', changed(14, 1)],
    ['text of 16 KB', changed(14, 0x7f)],
    ['text of 4 GB', changed(14, 0x80)],
    ['integer beyond the end', changed(14, 0xe0)],
  ])('%s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(CorruptError)
  })

  it('is refused by a CorruptError or read, whatever bytes are changed', () => {
    fc.assert(
      fc.property(entryLists(1), mutations(), (entries, changes) => {
        const bytes = mutate(pack(entries), changes)
        const found = ifSound(() => read(bytes))
        if (found !== undefined) expect(found.join('').length).toBeLessThan(bytes.length * 10)
      }),
      { numRuns: 2000 },
    )
  })
})
