/** Zipmaps made from the description of the format, read and broken. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portableCodec } from '../../../packages/core/src/base/portable-codec.js'
import { CorruptError } from '../../../packages/core/src/rdb/corrupt.js'
import { readZipmap } from '../../../packages/core/src/rdb/zipmap.js'
import { packZipmap } from '../../support/old-packed-forms.js'
import { entryLists, ifSound, mutate, mutations, TEXT_LENGTHS } from '../../support/packed-entries.js'

const read = (bytes: Uint8Array): string[] => readZipmap(portableCodec, bytes, 0, bytes.length)
const pack = (pairs: readonly (readonly [string, string])[], free = 0): Buffer =>
  Buffer.from(packZipmap(pairs, free), 'latin1')

const pairsOf = (entries: readonly string[]): [string, string][] =>
  entries.map((entry) => [entry, `${entry}!`])

describe('reading', () => {
  it('texts of every kind of length, in both places', () => {
    const pairs = pairsOf(TEXT_LENGTHS.map((length) => '\xfe'.repeat(length)))
    expect(read(pack(pairs))).toEqual(pairs.flat())
  })

  it('any pairs, with and without free bytes', () => {
    fc.assert(
      fc.property(entryLists(), fc.nat(255), (entries, free) => {
        expect(read(pack(pairsOf(entries), free))).toEqual(pairsOf(entries).flat())
      }),
    )
  })

  it('more fields than the header can say', () => {
    const pairs = pairsOf(Array.from({ length: 300 }, (_, i) => `f${i}`))
    expect(read(pack(pairs))).toEqual(pairs.flat())
  })

  it('inside a larger array', () => {
    const bytes = pack([['f', 'value']], 2)
    const around = Buffer.concat([Buffer.alloc(3, 0xfe), bytes, Buffer.alloc(3)])
    expect(readZipmap(portableCodec, around, 3, 3 + bytes.length)).toEqual(['f', 'value'])
  })
})

describe('broken', () => {
  // Count, `f` at 1 (1, 0x66), `v` at 3 (1, free 0, 0x76), end mark at 6.
  const good = pack([['f', 'v']])
  const changed = (at: number, byte: number): Buffer => {
    const bytes = Buffer.from(good)
    bytes[at] = byte
    return bytes
  }

  it.each([
    ['empty', Buffer.alloc(0)],
    ['too short', Buffer.of(0xff)],
    ['cut off', good.subarray(0, -1)],
    ['with something behind it', Buffer.concat([good, Buffer.of(0xff)])],
    ['count too small', changed(0, 0)],
    ['count too great', changed(0, 2)],
    ['no end mark', changed(6, 0)],
    ['end mark before the end', changed(1, 0xff)],
    ['end mark in place of a value', changed(3, 0xff)],
    ['field beyond the end', changed(1, 6)],
    ['field of gigabytes', changed(1, 0xfe)],
    ['field without a value', changed(1, 4)],
    ['value beyond the end', changed(3, 2)],
    ['value of gigabytes', changed(3, 0xfe)],
    ['free bytes beyond the end', changed(4, 1)],
    ['value without its count of free bytes', Buffer.of(1, 1, 0x66, 0, 0xff)],
  ])('%s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(CorruptError)
  })

  it('is refused by a CorruptError or read, whatever bytes are changed', () => {
    fc.assert(
      fc.property(entryLists(1), fc.nat(3), mutations(), (entries, free, changes) => {
        const bytes = mutate(pack(pairsOf(entries), free), changes)
        const found = ifSound(() => read(bytes))
        if (found !== undefined) expect(found.join('').length).toBeLessThan(bytes.length)
      }),
      { numRuns: 2000 },
    )
  })
})
