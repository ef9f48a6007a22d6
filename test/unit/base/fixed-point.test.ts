import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCoordinate, formatDistance, formatFixed } from '../../../packages/core/src/base/fixed-point.js'

/** The exact value as a fraction, rounded in integers. */
function model(n: number, decimals: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(n))
  const bits = view.getBigUint64(0)
  const exponent = Number(bits >> 52n)
  const mantissa = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n)
  const power = Math.max(exponent, 1) - 1075
  const scaled = mantissa * 10n ** BigInt(decimals)
  let units: bigint
  if (power >= 0) units = scaled << BigInt(power)
  else {
    const divisor = 1n << BigInt(-power)
    units = scaled / divisor
    const twice = (scaled - units * divisor) * 2n
    if (twice > divisor || (twice === divisor && units % 2n === 1n)) units++
  }
  const digits = units.toString().padStart(decimals + 1, '0')
  const sign = n < 0 || Object.is(n, -0) ? '-' : ''
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** Doubles whose last bit is worth about as much as the last decimal: many lie halfway between two texts. */
const halves = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 1, max: 22 }))
  .map(([n, power]) => n / 2 ** power)

test('is what C prints', () => {
  fc.assert(
    fc.property(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), halves), (n) => {
      for (const decimals of [1, 6, 17]) expect(formatFixed(n, decimals)).toBe(model(n, decimals))
    }),
    { numRuns: 1000 },
  )
  expect(formatFixed(0.5 ** 7, 6)).toBe('0.007812')
  expect(formatFixed(3 * 0.5 ** 7, 6)).toBe('0.023438')
  expect(formatFixed(Infinity, 6)).toBe('inf')
  expect(formatFixed(-Infinity, 6)).toBe('-inf')
  expect(formatFixed(Number.NaN, 6)).toBe('nan')
  expect(formatFixed(1e22, 6)).toBe('10000000000000000000000.000000')
})

test('coordinates lose their trailing zeros', () => {
  expect(formatCoordinate(13.361389338970184)).toBe('13.36138933897018433')
  expect(formatCoordinate(180)).toBe('180')
  expect(formatCoordinate(-0)).toBe('0')
  expect(formatCoordinate(0)).toBe('0')
  expect(formatCoordinate(-100.5)).toBe('-100.5')
  expect(formatCoordinate(-1e-20)).toBe('0')
})

test('distances have four decimals, of the double that is ten thousand times as much', () => {
  expect(formatDistance(0)).toBe('0.0000')
  expect(formatDistance(166274.15156960033)).toBe('166274.1516')
  expect(formatDistance(0.00005)).toBe('0.0000')
  expect(formatDistance(0.00035)).toBe('0.0004')
  expect(formatDistance(0.00025)).toBe('0.0002')
  expect(formatDistance(0.99996)).toBe('1.0000')
  expect(formatDistance(2 ** 38)).toBe('274877906944.0000')
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.nat(9999), (whole, rest) => {
      const text = `${whole}.${String(rest).padStart(4, '0')}`
      expect(formatDistance(Number(text))).toBe(text)
    }),
  )
})
