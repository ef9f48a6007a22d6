/** INCRBYFLOAT arithmetic. The table was recorded from redis-server on x86-64, reply by reply. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addLongDouble,
  formatLongDouble,
  isFiniteLongDouble,
  parseLongDouble,
} from '../../../packages/core/src/base/long-double.js'

/** What INCRBYFLOAT does with a stored value and an increment. */
function increment(stored: string, by: string): string {
  const a = parseLongDouble(stored)
  const b = parseLongDouble(by)
  if (a === undefined || b === undefined) return 'not a float'
  const sum = addLongDouble(a, b)
  return isFiniteLongDouble(sum) ? formatLongDouble(sum) : 'NaN or Infinity'
}

describe('increment', () => {
  it.each([
    ['10.5', '0.1', '10.6'],
    ['3.0e3', '200', '3200'],
    ['5.0e3', '-0x1p-3', '4999.875'],
    ['0', '0.1', '0.1'],
    ['0.1', '0.2', '0.3'],
    ['1', '-1', '0'],
    ['-0', '-0', '0'],
    ['0', '-1e-30', '0'],
    ['0', '-1e-17', '-0.00000000000000001'],
    ['0', '5e-18', '0'],
    ['0', '15e-18', '0.00000000000000002'],
    ['0', '1e-4950', '0'],
    ['1e-4951', '1', 'not a float'],
    ['1.8e-4951', '0', 'not a float'],
    ['1.9e-4951', '0', '0'],
    ['9223372036854775807', '1', '9223372036854775808'],
    ['18446744073709551615', '1', '18446744073709551616'],
    ['18446744073709551616', '1', '18446744073709551616'],
    ['18446744073709551617', '0', '18446744073709551616'],
    ['9007199254740991', '2', '9007199254740993'],
    ['-9007199254740993', '-0.5', '-9007199254740993.5'],
    ['1e20', '0.1', '100000000000000000000'],
    ['123456789012345678901234567890', '0', '123456789012345678899921813504'],
    ['0x10', '0x.8', '16.5'],
    ['0x1.fffffffffffffffffp0', '0', '2'],
    ['0X1P+4', '-0x1p4', '0'],
    ['.5', '5.', '5.5'],
    ['+1', '+2.50', '3.5'],
    ['1e4933', '0', 'not a float'],
    ['1.2e4932', '0', 'not a float'],
    ['1.18973149535723176506e4932', '0', 'not a float'],
    ['inf', '1', 'NaN or Infinity'],
    ['inf', '-inf', 'NaN or Infinity'],
    ['1', 'Infinity', 'NaN or Infinity'],
    ['1.18973149535723176502e4932', '1.18973149535723176502e4932', 'NaN or Infinity'],
    ['nan', '1', 'not a float'],
    ['1', 'nan', 'not a float'],
    ['', ' 1', 'not a float'],
    ['1 ', '1', 'not a float'],
    ['1', '1 ', 'not a float'],
    ['1', '1e', 'not a float'],
    ['1', '0x', 'not a float'],
    ['1', '1\0', 'not a float'],
    ['-1.5', '1.5', '0'],
    ['3.141592653589793238462643383279', '2.718281828459045235360287471352', '5.85987448204883847'],
    ['17179869184.123456789', '0.000000001', '17179869184.12345679104328156'],
    ['1e17', '0.00390625', '100000000000000000'],
    ['1e17', '0.005', '100000000000000000.0078125'],
    ['99999999999999999.99', '0.01', '100000000000000000'],
  ])('%j by %j is %s', (stored, by, reply) => {
    expect(increment(stored, by)).toBe(reply)
  })

  it('takes texts of up to 5119 characters', () => {
    expect(increment(`${'0'.repeat(5118)}1`, '1')).toBe('2')
    expect(increment(`${'0'.repeat(5119)}.1`, '1')).toBe('not a float')
    expect(increment('9'.repeat(5119), '1')).toBe('not a float')
  })

  it('stays bounded at the ends of the range', () => {
    const sum = increment('1e4932', '1e-4932')
    expect(sum).toHaveLength(4933)
    expect(sum.startsWith('1000000000000000000006018949387963891323')).toBe(true)
    expect(sum.endsWith('1886622720')).toBe(true)
    expect(increment('1e-999999999999999999999', '1')).toBe('not a float')
    expect(increment('0x1p999999999999999999999', '1')).toBe('not a float')
    expect(increment('0x1p-16445', '0x1p-16445')).toBe('0')
    expect(increment('0x1p-16446', '0')).toBe('not a float')
  })

  it('is exact for integers up to 64 bits', () => {
    const int = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n })
    fc.assert(
      fc.property(int, int, (a, b) => {
        expect(increment(`${a}`, `${b}`)).toBe(`${a + b}`)
      }),
    )
  })

  it('is exact for binary fractions that fit the mantissa', () => {
    const part = fc.integer({ min: -(2 ** 31), max: 2 ** 31 })
    fc.assert(
      fc.property(part, part, fc.integer({ min: 0, max: 17 }), (a, b, shift) => {
        const text = (n: bigint): string => {
          const scaled = n * 5n ** BigInt(shift)
          const digits = `${scaled < 0n ? -scaled : scaled}`.padStart(shift + 1, '0')
          const point = digits.length - shift
          const plain =
            shift === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.?0+$/, '')
          return scaled < 0n ? `-${plain}` : plain
        }
        expect(increment(text(BigInt(a)), text(BigInt(b)))).toBe(text(BigInt(a) + BigInt(b)))
      }),
    )
  })

  it('prints what it reads again as the same text', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), (n) => {
        const once = increment(n.toFixed(10), '0')
        expect(increment(once, '0')).toBe(once)
      }),
    )
  })
})
