/** Doubles in text. The tables of what is accepted were recorded from redis-server (ZADD, ZCOUNT). */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatDouble,
  formatDouble17,
  parseDouble,
  parseScoreBound,
} from '../../../packages/core/src/base/double.js'

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.tuple(fc.integer(), fc.integer({ min: -12, max: 25 })).map(([n, e]) => Number(`${n}e${e}`)),
)

/** The layout rules of Redis's printer, told from the digits and the power of ten of the last one. */
function modelLayout(n: number): string {
  if (n === 0) return Object.is(n, -0) ? '-0' : '0'
  if (Number.isInteger(n) && Math.abs(n) <= 2 ** 62) return BigInt(n).toString()
  const [mantissa = '', power = ''] = Math.abs(n).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const exponent = Number(power)
  const last = exponent - digits.length + 1
  const sign = n < 0 ? '-' : ''
  if (last >= 0 && Math.abs(exponent) < digits.length + 7) return sign + digits + '0'.repeat(last)
  if (last < 0 && (last > -7 || Math.abs(exponent) < 4)) {
    const padded = digits.padStart(1 - last, '0')
    return `${sign}${padded.slice(0, last)}.${padded.slice(last)}`
  }
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}

describe('parseDouble', () => {
  it.each([
    ['0x10', 16],
    ['+1', 1],
    ['.5', 0.5],
    ['5.', 5],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['+INF', Infinity],
    ['0x1.8p3', 12],
    ['0x1p-1074', 5e-324],
    ['0x0.8p-1', 0.25],
    ['-0X.1P+4', -1],
    ['0x1fffffffffffff8', 2 ** 57],
    ['0x1fffffffffffff7.ffffffffffffffffffffffffffffffffffffffffff', 2 ** 57 - 16],
    ['0x10000000000000800000000000000000000000000000000000000000001p-180', 1.0000000000000002 * 2 ** 52],
    ['3e-324', 5e-324],
    ['0e999999999', 0],
    ['0x0p99999', 0],
    ['-0', -0],
    ['00012', 12],
    ['1e0000000001', 10],
    ['1'.repeat(300), Number('1'.repeat(300))],
  ])('takes %s', (text, value) => {
    expect(parseDouble(text)).toBe(value)
  })

  it.each([
    'nan,-nan,nan(1),1e400,-1e400, 1,1 ,1e-400,,infin,inf1,0x,0x.p1,0x1p,0x1p+,1e,1e+,.,-,+,--1,1\0,0b1,0o1,1_0,\t1',
    '0x1p-1080,0x1p1024,2e-324,1.7976931348623159e308,1e99999999999999999999,1e-99999999999999999999,1.2.3,1e1.5',
  ])('refuses each of %j', (list) => {
    for (const text of list.split(',')) expect(parseDouble(text), JSON.stringify(text)).toBeUndefined()
  })

  it('reads back what either printer writes', () => {
    fc.assert(
      fc.property(finite, (n) => {
        expect(parseDouble(formatDouble(n))).toBe(n)
        expect(parseDouble(formatDouble17(n))).toBe(n)
      }),
    )
  })
})

describe('parseScoreBound', () => {
  it.each([
    ['', 0],
    ['\0abc', 0],
    ['  2', 2],
    ['1\0abc', 1],
    ['1e400', Infinity],
    ['-1e400', -Infinity],
    ['0x1p9999', Infinity],
    ['1e-400', 0],
    ['-inf', -Infinity],
    ['0x10', 16],
    [' ', undefined],
    ['nan', undefined],
    ['1 ', undefined],
    ['+', undefined],
  ])('%j', (text, value) => {
    expect(parseScoreBound(text)).toBe(value)
  })
})

describe('formatDouble', () => {
  it.each([
    [3, '3'],
    [-0, '-0'],
    [0.1, '0.1'],
    [-1.5, '-1.5'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
    [1e18, '1000000000000000000'],
    [2 ** 62, '4611686018427387904'],
    [-(2 ** 60) - 256, '-1152921504606847232'],
    [5e18, '5e+18'],
    [1e21, '1e+21'],
    [12345678901234567000, '12345678901234567000'],
    [1.2345678901234568e24, '1.2345678901234568e+24'],
    [1.2345678901234567e23, '123456789012345670000000'],
    [0.000001, '0.000001'],
    [1e-7, '1e-7'],
    [1.5e-7, '1.5e-7'],
    [0.0000015, '1.5e-6'],
    [0.0001234, '1.234e-4'],
    [0.0012345, '0.0012345'],
    [1234.56789012, '1234.56789012'],
    [12345.678901, '12345.678901'],
    [12345.6789012, '1.23456789012e+4'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
  ])('%d', (n, text) => {
    expect(formatDouble(n)).toBe(text)
  })

  it('lays digits out as Redis does', () => {
    fc.assert(
      fc.property(finite, (n) => {
        expect(formatDouble(n)).toBe(modelLayout(n))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('formatDouble17', () => {
  it.each([
    [3, '3'],
    [0, '0'],
    [-0, '-0'],
    [0.1, '0.10000000000000001'],
    [0.5, '0.5'],
    [-151.99, '-151.99000000000001'],
    [1e-7, '9.9999999999999995e-08'],
    [0.0001, '0.0001'],
    [0.00001, '1.0000000000000001e-05'],
    [100, '100'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [1e300, '1.0000000000000001e+300'],
    [5e-324, '4.9406564584124654e-324'],
    // Ties, which C rounds to even.
    [1125899906842625 + 0.25, '1125899906842625.2'],
    [1125899906842625 + 0.75, '1125899906842625.8'],
    [Infinity, 'inf'],
  ])('%d', (n, text) => {
    expect(formatDouble17(n)).toBe(text)
  })

  it('is never further from the value than half of its last digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000000 }), fc.integer({ min: 1, max: 30 }), (n, shift) => {
        const value = n / 2 ** shift
        // value × 10^shift is exact: n × 5^shift.
        const exact = BigInt(n) * 5n ** BigInt(shift)
        const [mantissa = '', power = '0'] = formatDouble17(value).split('e')
        const [integer = '', fraction = ''] = mantissa.split('.')
        const printed =
          BigInt(integer + fraction) * 10n ** BigInt(shift + 30 - fraction.length + Number(power))
        const error = printed - exact * 10n ** 30n
        const magnitude = (exact * 10n ** 30n).toString().length
        expect((error < 0n ? -error : error) * 2n <= 10n ** BigInt(magnitude - 17)).toBe(true)
      }),
    )
  })
})
