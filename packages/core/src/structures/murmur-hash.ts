/**
 * MurmurHash64A: the 64-bit hash by which a HyperLogLog sorts its elements into registers. Every server and
 * every file has to agree on it, so it is exact to the bit.
 *
 * JavaScript has no fast integers of 64 bits: a number here is two halves of 32 bits, and a product is put
 * together from products of 16 bits, which a double and `Math.imul` hold exactly. No BigInt, no allocation.
 */

// The multiplier 0xc6a4a7935bd1e995.
const M_HIGH = 0xc6a4a793 | 0
const M_LOW = 0x5bd1e995
const M_LOW_UPPER = M_LOW >>> 16
const M_LOW_LOWER = M_LOW & 0xffff

/** A hash as two signed halves. */
export class Hash64 {
  low = 0
  high = 0
}

/**
 * Hashes a byte string. O(length)
 * @param seed 32 bits
 * @param hash takes the result, so that hashing allocates nothing
 */
export function murmurHash64A(text: string, seed: number, hash: Hash64): void {
  const { length } = text
  let high = timesMHigh(length, 0)
  let low = Math.imul(length, M_LOW) ^ seed
  const blocksEnd = length - (length & 7)
  for (let at = 0; at < blocksEnd; at += 8) {
    const blockLow = wordAt(text, at)
    const blockHigh = timesMHigh(blockLow, wordAt(text, at + 4))
    const mixedLow = Math.imul(blockLow, M_LOW) ^ (blockHigh >>> 15)
    low ^= Math.imul(mixedLow, M_LOW)
    high = timesMHigh(low, high ^ timesMHigh(mixedLow, blockHigh))
    low = Math.imul(low, M_LOW)
  }
  if (blocksEnd < length) {
    for (let i = blocksEnd; i < length; i++) {
      const shift = (i - blocksEnd) * 8
      if (shift < 32) low ^= text.charCodeAt(i) << shift
      else high ^= text.charCodeAt(i) << (shift - 32)
    }
    high = timesMHigh(low, high)
    low = Math.imul(low, M_LOW)
  }
  low ^= high >>> 15
  high = timesMHigh(low, high)
  low = Math.imul(low, M_LOW)
  hash.high = high
  hash.low = low ^ (high >>> 15)
}

/** The upper half of the product with M, modulo 2^64; the lower one is `Math.imul(low, M_LOW)`. */
function timesMHigh(low: number, high: number): number {
  const lower = low & 0xffff
  const upper = low >>> 16
  // Columns of 16 bits as in long multiplication; none exceeds 32 bits with what is carried into it.
  const bottom = Math.imul(lower, M_LOW_LOWER) >>> 16
  const middle = Math.imul(upper, M_LOW_LOWER) + bottom
  const other = Math.imul(lower, M_LOW_UPPER) + (middle & 0xffff)
  const top = Math.imul(upper, M_LOW_UPPER) + (middle >>> 16) + (other >>> 16)
  return (top + Math.imul(low, M_HIGH) + Math.imul(high, M_LOW)) | 0
}

/** Four bytes, the least significant first. */
function wordAt(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  )
}
