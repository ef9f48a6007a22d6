/**
 * The arithmetic of INCRBYFLOAT and HINCRBYFLOAT: the 80-bit extended floats of x86 (64-bit mantissa), so
 * that a sum prints the same bytes as Redis's `long double`. Everything is exact through BigInt and rounded
 * once where the hardware rounds; small integers stay plain numbers and take no BigInt at all.
 */

import { parseInt64 } from './int64.js'
import {
  type BinaryFloat,
  type BinaryFormat,
  floatParts,
  floatSyntax,
  hasSignificantDigit,
  hexFloat,
  roundTo,
  shiftRightToEven,
} from './strtod.js'

/** A safe integer or an infinity is a number; any other value is exact in binary. */
export type LongDouble = number | BinaryFloat

const EXTENDED: BinaryFormat = { precision: 64, minExponent: -16445, maxExponent: 16384 }

/** Redis reads a long double through a buffer of 5 KiB; a longer text is not a float. Bounds all costs here. */
const MAX_TEXT_LENGTH = 5 * 1024 - 1

/** Decimal exponents past which every value overflows or is nothing: 1.19e4932 down to 3.6e-4951. */
const MAX_DECIMAL_EXPONENT = 4933
const MIN_DECIMAL_EXPONENT = -4951

const DECIMALS = 17
const DECIMALS_SCALE = 10n ** BigInt(DECIMALS)

/**
 * Reads a float the way INCRBYFLOAT does: the grammar of `parseDouble`, up to 5119 characters. Undefined
 * where the reply is `ERR value is not a valid float`, overflow and underflow included.
 */
export function parseLongDouble(text: string): LongDouble | undefined {
  const integer = parseInt64(text)
  if (typeof integer === 'number') return integer
  if (text.length > MAX_TEXT_LENGTH) return undefined
  const syntax = floatSyntax(text)
  if (syntax === 'none') return undefined
  if (syntax === 'infinity') return text.charCodeAt(0) === 0x2d ? -Infinity : Infinity
  return syntax === 'hex' ? parseHex(text) : parseDecimal(text)
}

function parseHex(text: string): LongDouble | undefined {
  const value = hexFloat(text, EXTENDED)
  if (value === null) return undefined
  return value.mantissa === 0n && hasSignificantDigit(text, 'hex') ? undefined : value
}

function parseDecimal(text: string): LongDouble | undefined {
  const { negative, digits, exponent } = floatParts(text, 'decimal')
  if (digits === '') return 0
  const magnitude = digits.length + exponent
  if (magnitude > MAX_DECIMAL_EXPONENT || magnitude < MIN_DECIMAL_EXPONENT) return undefined
  const integer = BigInt(negative ? `-${digits}` : digits)
  const value =
    exponent >= 0 ? roundTo(EXTENDED, integer * 5n ** BigInt(exponent), exponent) : divide(integer, -exponent)
  return value === null || value.mantissa === 0n ? undefined : value
}

/** `integer / 10 ** power`, rounded once. */
function divide(integer: bigint, power: number): BinaryFloat | null {
  const divisor = 5n ** BigInt(power)
  // 2.33 bits for each factor 5, and enough more that the quotient has the precision with bits to spare.
  const shift = Math.ceil(power * 2.33) + EXTENDED.precision + 2
  const dividend = integer << BigInt(shift)
  const quotient = dividend / divisor
  const exact = quotient * divisor === dividend
  // What the division left over only matters in telling a tie: keep it as one more bit.
  const sticky = exact ? 0n : integer < 0n ? -1n : 1n
  return roundTo(EXTENDED, quotient * 2n + sticky, -power - shift - 1)
}

/** The sum, rounded to 64 bits of mantissa, ties to even. An infinity on overflow, NaN for `inf - inf`. */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum) || !Number.isFinite(sum)) return sum
  }
  if (typeof a === 'number' && !Number.isFinite(a)) return a
  if (typeof b === 'number' && !Number.isFinite(b)) return b
  const x = toBinary(a)
  const y = toBinary(b)
  const exponent = Math.min(x.exponent, y.exponent)
  const sum = (x.mantissa << BigInt(x.exponent - exponent)) + (y.mantissa << BigInt(y.exponent - exponent))
  return roundTo(EXTENDED, sum, exponent) ?? (sum < 0n ? -Infinity : Infinity)
}

function toBinary(value: LongDouble): BinaryFloat {
  return typeof value === 'number' ? { mantissa: BigInt(value), exponent: 0 } : value
}

/** Whether the value can be stored; if not, the reply is `ERR increment would produce NaN or Infinity`. */
export function isFiniteLongDouble(value: LongDouble): boolean {
  return typeof value !== 'number' || Number.isFinite(value)
}

/**
 * The text of a finite value: plain notation, rounded to 17 decimals, trailing zeros dropped, never `-0`.
 * At most 4933 digits before the point.
 */
export function formatLongDouble(value: LongDouble): string {
  if (typeof value === 'number') return `${value}`
  const { mantissa, exponent } = value
  if (exponent >= 0) return (mantissa << BigInt(exponent)).toString()
  const negative = mantissa < 0n
  const scaled = shiftRightToEven((negative ? -mantissa : mantissa) * DECIMALS_SCALE, -exponent)
  if (scaled === 0n) return '0'
  const digits = scaled.toString().padStart(DECIMALS + 1, '0')
  const point = digits.length - DECIMALS
  let end = digits.length
  while (end > point && digits.charCodeAt(end - 1) === 0x30) end--
  const text =
    end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`
  return negative ? `-${text}` : text
}
