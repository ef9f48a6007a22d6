import fc from 'fast-check'
import { expect, it } from 'vitest'
import { randomBelow, randomRunId, sampleDistinct } from '../../../packages/core/src/base/random.js'

/** A small generator (mulberry32), so that a run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

it('samples distinct numbers of the range, as many as asked', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(200), fc.nat(200), (seed, a, b) => {
      const [k, n] = a < b ? [a, b] : [b, a]
      const sample = sampleDistinct(seeded(seed), k, n)
      expect(sample).toHaveLength(k)
      expect(new Set(sample).size).toBe(k)
      for (const index of sample) expect(index >= 0 && index < n).toBe(true)
    }),
  )
})

it('gives every subset the same chance', () => {
  const random = seeded(7)
  const counts = new Map<string, number>()
  for (let i = 0; i < 20_000; i++) {
    const subset = sampleDistinct(random, 2, 5).sort().join()
    counts.set(subset, (counts.get(subset) ?? 0) + 1)
  }
  expect(counts.size).toBe(10)
  // 2000 expected, standard deviation 42.
  for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(250)
})

it('stays below n and repeats with the seed', () => {
  expect(randomBelow(() => 1 - Number.EPSILON / 2, 10)).toBe(9)
  expect(randomBelow(() => 0, 10)).toBe(0)
  expect(randomRunId(seeded(1))).toMatch(/^[0-9a-f]{40}$/)
  expect(randomRunId(seeded(1))).toBe(randomRunId(seeded(1)))
})
