/** The histogram of latencies, against a sorted list of all values. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../../packages/core/src/structures/latency-histogram.js'

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

test.each([
  // As redis-server prints them for a single call of so many nanoseconds.
  [1000, 1003, 1000],
  [2000, 2007, 2000],
  [5999, 6015, 5984],
  [255, 255, 255],
  [256, 257, 256],
  [1, 1, 1],
])('%i ns is in the bucket up to %i and from %i', (ns, highest, lowest) => {
  const histogram = histogramOf([ns])
  expect(histogram.atPercentile(50)).toBe(highest)
  expect(histogram.atPercentile(100)).toBe(highest)
  expect(histogram.atPercentile(0)).toBe(lowest)
})

test('what is out of range counts as the nearest that is not', () => {
  expect(histogramOf([-5, 0, 0.2]).atPercentile(100)).toBe(1)
  expect(histogramOf([1e9]).atPercentile(0)).toBeLessThanOrEqual(1e9)
  expect(histogramOf([1e9, 1e12]).atPercentile(100)).toBe(histogramOf([1e9]).atPercentile(100))
  expect(histogramOf([1e9]).atPercentile(100)).toBeGreaterThanOrEqual(1e9)
})

test('percentiles are right to within 1 %', () => {
  const time = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 1e9 }))
  const percentile = fc.double({ min: 0.1, max: 100, noNaN: true })
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 50 }), percentile, (times, percent) => {
      const sorted = [...times].sort((a, b) => a - b)
      const wanted = Math.max(1, Math.floor((percent / 100) * times.length + 0.5))
      const exact = sorted[wanted - 1] as number
      const found = histogramOf(times).atPercentile(percent)
      expect(found).toBeGreaterThanOrEqual(exact)
      expect(found).toBeLessThanOrEqual(exact * 1.01)
    }),
  )
})

test('counts up to powers of two, as HdrHistogram iterates by logarithms', () => {
  expect(histogramOf([]).cumulative()).toEqual([])
  expect(histogramOf([1]).cumulative()).toEqual([{ limitNs: 1031, count: 1 }])
  // Times that redis-server printed as 541065 and 1073741 microseconds.
  expect(histogramOf([300e6, 600e6, 1.2e9]).cumulative()).toEqual([
    { limitNs: 541_065_215, count: 1 },
    { limitNs: 1_073_741_823, count: 3 },
  ])
})

test('what is counted up to a limit is at most that limit', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { maxLength: 60 }), (times) => {
      const counts = histogramOf(times).cumulative()
      expect(counts.at(-1)?.count ?? 0).toBe(times.length)
      let last = 0
      for (const { limitNs, count } of counts) {
        expect(times.filter((time) => time <= limitNs)).toHaveLength(count)
        expect(count).toBeGreaterThan(last)
        last = count
      }
    }),
  )
})
