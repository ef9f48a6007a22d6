import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asin, cos, sin } from '../../../packages/core/src/base/trigonometry.js'

// ---- the functions in integers of 300 bits ------------------------------------------------------------------

const BITS = 300n
const ONE = 1n << BITS

/** A double as an exact multiple of 2^-300; those below 2^-240 are not used here. */
function exact(n: number): bigint {
  const scaled = n * 2 ** 240
  return BigInt(scaled) << (BITS - 240n)
}

function series(x: bigint, first: bigint): bigint {
  let sum = 0n
  for (let power = first, term = first === 0n ? ONE : x; term !== 0n; power += 2n) {
    sum += term
    term = (-term * ((x * x) >> BITS)) / ((power + 1n) * (power + 2n)) / ONE
  }
  return sum
}

const exactSine = (x: bigint): bigint => series(x, 1n)
const exactCosine = (x: bigint): bigint => series(x, 0n)

/** How far a result is from the truth, in units of its last place. */
function error(result: number, truth: bigint): number {
  const exponent = Math.floor(Math.log2(Math.abs(result)))
  return Number(exact(result) - truth) / Number(ONE) / 2 ** (exponent - 52)
}

/** A little more than half a unit: the nearest double, but where two are as near as makes no difference. */
const ROUNDED = 0.501

const angles = fc.oneof(
  fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
  fc.double({ min: 1e-12, max: 1e-2, noNaN: true }),
  fc
    .tuple(fc.integer({ min: 0, max: 201 }), fc.double({ min: -1e-9, max: 1e-9, noNaN: true }))
    .map(([k, d]) => k / 64 + d),
)

test('sines and cosines are rounded correctly', () => {
  fc.assert(
    fc.property(angles, (angle) => {
      if (Math.abs(angle) < 1e-12) return
      expect(Math.abs(error(sin(angle), exactSine(exact(angle))))).toBeLessThan(ROUNDED)
      expect(Math.abs(error(cos(angle), exactCosine(exact(angle))))).toBeLessThan(ROUNDED)
    }),
    { numRuns: 2000 },
  )
})

test('arc sines are the angles of their sines', () => {
  const sines = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 1e-10, max: 1e-2, noNaN: true }),
    fc.double({ min: 0.99, max: 1, noNaN: true }),
    fc.double({ min: 0.599, max: 0.601, noNaN: true }),
  )
  fc.assert(
    fc.property(sines, (sine) => {
      if (sine < 1e-12) return
      const angle = asin(sine)
      const unit = 2 ** (Math.floor(Math.log2(angle)) - 52)
      const reach = exact(unit * ROUNDED)
      expect(exactSine(exact(angle) - reach) <= exact(sine)).toBe(true)
      // Beyond a right angle the sine falls again.
      if (angle + unit < Math.PI / 2) expect(exactSine(exact(angle) + reach) >= exact(sine)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('edges', () => {
  expect(sin(0)).toBe(0)
  expect(cos(0)).toBe(1)
  expect(asin(0)).toBe(0)
  expect(asin(1)).toBe(Math.PI / 2)
  expect(sin(Math.PI)).toBe(1.2246467991473532e-16)
  expect(sin(-Math.PI / 2)).toBe(-1)
  expect(sin(5e-324)).toBe(5e-324)
  expect(asin(5e-324)).toBe(5e-324)
  expect(asin(1 - 2 ** -53)).toBe(1.5707963118937354)
  expect(cos(Math.PI / 2)).toBe(6.123233995736766e-17)
  expect(cos(-Math.PI)).toBe(-1)
})
