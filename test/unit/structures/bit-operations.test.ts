/** Operations on runs of bytes against the same done byte by byte. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type BitOperation,
  combineBits,
  invertBits,
} from '../../../packages/core/src/structures/bit-operations.js'

const bytes = fc.uint8Array({ maxLength: 40 })
const textOf = (source: Uint8Array): string => String.fromCharCode(...source)

const operations: Record<BitOperation, (a: number, b: number) => number> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
}

test('AND, OR and XOR of strings and of bytes, aligned or not', () => {
  fc.assert(
    fc.property(
      bytes,
      bytes,
      fc.constantFrom<BitOperation>('and', 'or', 'xor'),
      fc.constantFrom(0, 1, 4),
      (a, b, operation, offset) => {
        const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a]
        const expected = longer.map((byte, i) => operations[operation](byte, shorter[i] ?? 0))
        const shifted = new Uint8Array(shorter.length + offset).subarray(offset)
        shifted.set(shorter)
        for (const source of [shorter, textOf(shorter), shifted]) {
          const target = new Uint8Array(longer)
          combineBits(target, source, operation)
          expect(target).toEqual(expected)
        }
      },
    ),
  )
})

test('NOT', () => {
  fc.assert(
    fc.property(bytes, (source) => {
      const target = new Uint8Array(source)
      invertBits(target)
      expect(target).toEqual(source.map((byte) => 255 - byte))
    }),
  )
})
