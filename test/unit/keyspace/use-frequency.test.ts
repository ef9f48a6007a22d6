/** The counter of uses under an LFU policy: its growth and its decay. */
import { describe, expect, test } from 'vitest'
import { UseFrequency } from '../../../packages/core/src/keyspace/use-frequency.js'

/** Counter after `uses` uses, with a random number from the middle of what is possible. */
function countAfter(uses: number, logFactor: number, random: () => number): number {
  const frequency = new UseFrequency(random, logFactor, 1)
  let bits = frequency.fresh
  for (let i = 0; i < uses; i++) bits = frequency.used(bits)
  return frequency.countOf(bits)
}

/** A small generator of random numbers, the same ones every time. */
function seeded(): () => number {
  let state = 12345
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x80000000
  }
}

describe('growth', () => {
  test('a new key starts at 5, and its first use counts', () => {
    expect(countAfter(0, 10, () => 0.999)).toBe(5)
    expect(countAfter(1, 10, () => 0.999)).toBe(6)
    expect(countAfter(2, 10, () => 0.999)).toBe(6)
  })

  test('every use counts with factor 0, up to 255', () => {
    expect(countAfter(100, 0, () => 0.999)).toBe(105)
    expect(countAfter(1000, 0, () => 0)).toBe(255)
  })

  // The table in redis.conf: 10, 18 and 142 after 100, 1000 and 100,000 uses with factor 10.
  test.each([
    [100, 10, 8, 13],
    [1000, 10, 16, 22],
    [100_000, 10, 135, 160],
  ])('%i uses with factor %i come to between %i and %i', (uses, logFactor, low, high) => {
    const count = countAfter(uses, logFactor, seeded())
    expect(count).toBeGreaterThanOrEqual(low)
    expect(count).toBeLessThanOrEqual(high)
  })
})

describe('decay', () => {
  test.each([
    [1, 0, 105],
    [1, 5, 100],
    [1, 200, 0],
    [10, 9, 105],
    [10, 10, 104],
    [0, 60_000, 105],
  ])('decay time %i: %i minutes later it is %i', (decayMinutes, passed, expected) => {
    const frequency = new UseFrequency(() => 0, 0, decayMinutes)
    frequency.minutes = 65_530
    let bits = frequency.fresh
    for (let i = 0; i < 100; i++) bits = frequency.used(bits)
    expect(bits).toBeLessThan(2 ** 24)
    // Minutes are counted modulo 2^16.
    frequency.minutes = (65_530 + passed) & 0xffff
    expect(frequency.countOf(bits)).toBe(expected)
    expect(frequency.countOf(frequency.used(bits))).toBe(Math.min(255, expected + 1))
  })
})
