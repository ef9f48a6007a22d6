/** AND, OR, XOR and NOT of whole runs of bytes, four at a time where both lie in memory that way. O(length). */

import type { ByteSource } from './bits.js'

export type BitOperation = 'and' | 'or' | 'xor'

/** Combines `source` into `target`, which is at least as long; what `source` lacks counts as zero bytes. */
export function combineBits(target: Uint8Array, source: ByteSource, operation: BitOperation): void {
  let done = 0
  if (typeof source !== 'string') {
    const from = wordsOf(source)
    const to = wordsOf(target)
    const words = Math.min(from.length, to.length)
    for (let i = 0; i < words; i++) to[i] = apply(operation, to[i] as number, from[i] as number)
    done = words * 4
  }
  for (let i = done; i < source.length; i++) {
    const byte = typeof source === 'string' ? source.charCodeAt(i) : (source[i] as number)
    target[i] = apply(operation, target[i] as number, byte)
  }
  if (operation === 'and') target.fill(0, source.length)
}

/** Turns every bit over. */
export function invertBits(target: Uint8Array): void {
  const words = wordsOf(target)
  for (let i = 0; i < words.length; i++) words[i] = ~(words[i] as number)
  for (let i = words.length * 4; i < target.length; i++) target[i] = ~(target[i] as number)
}

function apply(operation: BitOperation, a: number, b: number): number {
  if (operation === 'and') return a & b
  return operation === 'or' ? a | b : a ^ b
}

/** The whole words at the beginning; none where memory is not aligned to them. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = bytes.byteOffset % 4 === 0 ? bytes.length >>> 2 : 0
  return new Uint32Array(bytes.buffer, words === 0 ? 0 : bytes.byteOffset, words)
}
