import { expect, it } from 'vitest'
import { arrayBytes, numberBytes, stringBytes } from '../../../packages/core/src/base/heap-size.js'

it('a string has a header and whole words; the shortest ones are shared by all', () => {
  expect([0, 1, 2, 8, 9, 100].map((length) => stringBytes('x'.repeat(length)))).toEqual([
    0, 0, 24, 24, 32, 120,
  ])
})

it('a small integer is in the reference itself', () => {
  expect([0, -1, 2 ** 31 - 1, -(2 ** 31)].map(numberBytes)).toEqual([0, 0, 0, 0])
  expect([-0, 0.5, 2 ** 31, -(2 ** 31) - 1, Number.NaN, Number.POSITIVE_INFINITY].map(numberBytes)).toEqual(
    Array.from({ length: 6 }, () => 16),
  )
})

it('an array has room to grow, but never more than half as much again and a little', () => {
  let last = 0
  for (let length = 0; length < 10_000; length++) {
    const places = (arrayBytes(length) - 48) / 8
    expect(places).toBeGreaterThanOrEqual(Math.max(length, last))
    expect(places).toBeLessThanOrEqual(length * 1.5 + 18)
    last = places
  }
})
