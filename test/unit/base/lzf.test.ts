/** Round trips, the format by hand, and input that is the compressed form of nothing. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lzfCompress, lzfDecompress } from '../../../packages/core/src/base/lzf.js'

/** Bytes with many repeats, so that there is something to compress. */
const repetitive = fc
  .array(fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.constant(Uint8Array.of(1, 2, 3, 4)), fc.nat(300)), {
    maxLength: 60,
  })
  .map((pieces) => {
    const bytes: number[] = []
    for (const piece of pieces) {
      if (typeof piece !== 'number') bytes.push(...piece)
      else for (let i = 0; i < piece; i++) bytes.push(bytes[bytes.length - 1 - (piece % 9)] ?? 7)
    }
    return Uint8Array.from(bytes)
  })

const roundTrip = (bytes: Uint8Array): boolean => {
  const packed = lzfCompress(bytes)?.slice()
  if (packed === undefined) return false
  expect(packed.length).toBeLessThanOrEqual(bytes.length - 4)
  expect(Buffer.compare(lzfDecompress(packed, 0, packed.length, bytes.length) as Uint8Array, bytes)).toBe(0)
  return true
}

it('gives back what it compressed', () => {
  let compressed = 0
  fc.assert(
    fc.property(repetitive, (bytes) => {
      if (roundTrip(bytes)) compressed++
    }),
    { numRuns: 500 },
  )
  expect(compressed).toBeGreaterThan(100)
})

it('compresses what repeats, near and far, long and short', () => {
  for (const length of [10, 100, 264, 265, 266, 1000, 65_536, 65_541, 300_000]) {
    expect(roundTrip(new Uint8Array(length)), `${length} zeros`).toBe(true)
  }
  const noise = Uint8Array.from({ length: 8192 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24)
  expect(roundTrip(Buffer.concat([noise, noise]))).toBe(true)
  expect(roundTrip(Buffer.from('the same words, and again the same words'))).toBe(true)
})

it('leaves alone what gets less than 4 bytes shorter', () => {
  for (const text of ['', 'a', 'aaaa', 'aaaaa', 'aaaaaa', 'aaaaaaa', 'no byte comes 2wice']) {
    expect(lzfCompress(Buffer.from(text)), text).toBe(undefined)
  }
  // One literal with its control byte, and a copy of 2 or 3 bytes.
  expect(lzfCompress(Buffer.from('aaaaaaaa'))?.length).toBe(4)
  expect(lzfCompress(Buffer.from('aaaaaaaaa'))?.length).toBe(4)
  expect(lzfCompress(Buffer.from('aaaaaaaaaa'))?.length).toBe(5)
})

it('does the same whatever it compressed before', () => {
  const bytes = Buffer.from('abcabcabcabc xyz xyz xyz abcabcabc')
  const first = Buffer.from(lzfCompress(bytes) as Uint8Array)
  lzfCompress(Buffer.from('abcabc xyzxyz'.repeat(100)))
  expect(Buffer.from(lzfCompress(bytes) as Uint8Array)).toEqual(first)
})

const decompress = (packed: readonly number[], length: number): string | undefined => {
  // Bytes of something else on both sides must never be read.
  const bytes = lzfDecompress(Uint8Array.of(9, ...packed, 9, 9, 9), 1, 1 + packed.length, length)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1')
}
const a = 0x61

it('reads literals, short and long copies', () => {
  expect(decompress([], 0)).toBe('')
  expect(decompress([2, a, a + 1, a + 2], 3)).toBe('abc')
  expect(decompress([0, a, 0x20, 0], 4)).toBe('aaaa')
  expect(decompress([1, a, a + 1, 0x40, 1], 6)).toBe('ababab')
  expect(decompress([0, a, 0xe0, 255, 0], 265)).toBe('a'.repeat(265))
})

it.each([
  ['literals beyond the input', [2, a, a], 3],
  ['literals beyond the output', [2, a, a, a], 2],
  ['a copy beyond the output', [0, a, 0x20, 0], 3],
  ['a copy from before the output', [0, a, 0x20, 1], 4],
  ['a copy at the very start', [0x20, 0], 3],
  ['a copy without its distance', [0, a, 0x20], 4],
  ['a long copy without its count', [0, a, 0xe0], 10],
  ['a long copy without its distance', [0, a, 0xe0, 0], 10],
  ['fewer bytes than announced', [0, a], 2],
  ['more bytes than announced', [0, a], 0],
  ['nothing at all for something', [], 1],
  ['more than so much input could come to', [0, a, 0xe0, 255, 0], 2 ** 40],
])('refuses %s', (_, packed, length) => {
  expect(decompress(packed, length)).toBe(undefined)
})

it('comes to exactly the announced length or to nothing, for any input', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(500), (packed, length) => {
      const bytes = lzfDecompress(packed, 0, packed.length, length)
      expect(bytes === undefined || bytes.length === length).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

it('survives mutations of good input', () => {
  fc.assert(
    fc.property(repetitive, fc.nat(), fc.nat(255), (bytes, where, byte) => {
      const packed = lzfCompress(bytes)?.slice()
      if (packed === undefined) return
      packed[where % packed.length] = byte
      const read = lzfDecompress(packed, 0, packed.length, bytes.length)
      expect(read === undefined || read.length === bytes.length).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
