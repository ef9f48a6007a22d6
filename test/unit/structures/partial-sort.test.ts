import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partialSort } from '../../../packages/core/src/structures/partial-sort.js'

const byNumber = (a: number, b: number): number => a - b

test('puts the first ones in their order, and loses none', () => {
  const items = fc.oneof(
    fc.array(fc.nat(20), { maxLength: 300, size: 'max' }),
    fc.array(
      fc.double({ noNaN: true }).map((n) => n + 0),
      { maxLength: 300, size: 'max' },
    ),
    fc.nat(300).map((length) => Array.from({ length }, (_, i) => i)),
    fc.nat(300).map((length) => Array.from({ length }, (_, i) => -i)),
    fc.nat(300).map((length) => Array.from({ length }, (_, i) => Math.min(i, length - i))),
  )
  fc.assert(
    fc.property(items, fc.nat(320), (numbers, wanted) => {
      const sorted = [...numbers].sort(byNumber)
      const partly = [...numbers]
      partialSort(partly, byNumber, wanted)
      expect(partly.slice(0, wanted)).toEqual(sorted.slice(0, wanted))
      expect(partly.sort(byNumber)).toEqual(sorted)
    }),
    { numRuns: 300 },
  )
})

test('an order made to be hard is sorted all the same, in reasonable time', () => {
  // McIlroy's adversary: values are fixed only when they are compared, so that every pivot is a bad one.
  const COUNT = 20_000
  const values = new Float64Array(COUNT).fill(Infinity)
  let fixed = 0
  let candidate = -1
  let comparisons = 0
  const compare = (a: number, b: number): number => {
    comparisons++
    if (values[a] === Infinity && values[b] === Infinity) values[a === candidate ? a : b] = fixed++
    if (values[a] === Infinity) candidate = a
    else if (values[b] === Infinity) candidate = b
    return (values[a] as number) === (values[b] as number) ? 0 : (values[a] as number) - (values[b] as number)
  }
  const items = Array.from({ length: COUNT }, (_, i) => i)
  partialSort(items, compare, COUNT)
  expect(comparisons).toBeLessThan(COUNT * 100)
  expect([...items].sort(byNumber)).toEqual(Array.from({ length: COUNT }, (_, i) => i))
  for (let i = 1; i < COUNT; i++) {
    expect(values[items[i - 1] as number] as number).toBeLessThanOrEqual(values[items[i] as number] as number)
  }
})
