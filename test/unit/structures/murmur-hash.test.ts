import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Hash64, murmurHash64A } from '../../../packages/core/src/structures/murmur-hash.js'

const M = 0xc6a4a7935bd1e995n
const low64 = (n: bigint): bigint => BigInt.asUintN(64, n)

/** The definition, in integers of any size. */
function model(text: string, seed: number): bigint {
  let h = low64(BigInt(seed) ^ (BigInt(text.length) * M))
  const word = (from: number, to: number): bigint => {
    let value = 0n
    for (let i = to - 1; i >= from; i--) value = (value << 8n) | BigInt(text.charCodeAt(i))
    return value
  }
  const end = text.length - (text.length % 8)
  for (let at = 0; at < end; at += 8) {
    let k = low64(word(at, at + 8) * M)
    k ^= k >> 47n
    h = low64((h ^ low64(k * M)) * M)
  }
  if (end < text.length) h = low64((h ^ word(end, text.length)) * M)
  h ^= h >> 47n
  h = low64(h * M)
  return h ^ (h >> 47n)
}

function hashOf(text: string, seed: number): bigint {
  const hash = new Hash64()
  murmurHash64A(text, seed, hash)
  return (BigInt(hash.high >>> 0) << 32n) | BigInt(hash.low >>> 0)
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => String.fromCharCode(...array))

test('is MurmurHash64A', () => {
  fc.assert(
    fc.property(bytes, fc.nat(0xffffffff), (text, seed) => {
      expect(hashOf(text, seed)).toBe(model(text, seed))
    }),
    { numRuns: 2000 },
  )
})

test('long strings and the edges of each half', () => {
  for (const text of ['\xff'.repeat(1000), '\0'.repeat(999), '\x80'.repeat(64), '']) {
    for (const seed of [0, 1, 0xadc83b19, 0xffffffff]) expect(hashOf(text, seed)).toBe(model(text, seed))
  }
})
