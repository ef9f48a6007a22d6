/**
 * What `strtod` and `strtold` have in common: the grammar of a floating-point number in text, and exact
 * binary values (an integer times a power of two) rounded to the mantissa of a format.
 */

import { equalsIgnoreCase } from './lowercase.js'

/** How a text is written, if all of it is one number. NaN counts as `none`: Redis never accepts it. */
export type FloatSyntax = 'none' | 'decimal' | 'hex' | 'infinity'

/** `mantissa * 2 ** exponent`, exactly; the sign is the mantissa's. */
export interface BinaryFloat {
  readonly mantissa: bigint
  readonly exponent: number
}

/** A binary floating-point format with subnormals. */
export interface BinaryFormat {
  /** Bits of the mantissa, the leading one included. */
  readonly precision: number
  /** Exponent of the smallest subnormal: no value is finer than `2 ** minExponent`. */
  readonly minExponent: number
  /** Every finite value is below `2 ** maxExponent`. */
  readonly maxExponent: number
}

const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30

/** Exponents in text saturate here: far outside every format, and sums with a text's length stay exact. */
const EXPONENT_LIMIT = 1e12

/** Hex digits kept exactly (160 bits, more than two mantissas); the rest only says "and a little more". */
const HEX_DIGITS_KEPT = 40

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20
  return isDigit(code) || (letter >= 0x61 && letter <= 0x66)
}

/** Classifies `text`, which may have a sign but no white space around it. O(length), no allocation. */
export function floatSyntax(text: string): FloatSyntax {
  const first = text.charCodeAt(0)
  let i = first === MINUS || first === PLUS ? 1 : 0
  const lead = text.charCodeAt(i)
  if (!isDigit(lead) && lead !== DOT) return isInfinity(text, i) ? 'infinity' : 'none'
  const hex = lead === ZERO && (text.charCodeAt(i + 1) | 0x20) === 0x78
  if (hex) i += 2

  let digits = 0
  let dot = false
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (hex ? isHexDigit(code) : isDigit(code)) digits++
    else if (code === DOT && !dot) dot = true
    else break
  }
  if (digits === 0) return 'none'
  if (i < text.length && !isExponent(text, i, hex)) return 'none'
  return hex ? 'hex' : 'decimal'
}

/** Whether all of `text` from `start` is an exponent: `e` or, after hex digits, `p`, then a decimal integer. */
function isExponent(text: string, start: number, hex: boolean): boolean {
  if ((text.charCodeAt(start) | 0x20) !== (hex ? 0x70 : 0x65)) return false
  let i = start + 1
  const sign = text.charCodeAt(i)
  if (sign === MINUS || sign === PLUS) i++
  if (i === text.length) return false
  while (i < text.length) if (!isDigit(text.charCodeAt(i++))) return false
  return true
}

function isInfinity(text: string, start: number): boolean {
  const length = text.length - start
  if (length !== 3 && length !== 8) return false
  const word = start === 0 ? text : text.slice(start)
  return equalsIgnoreCase(word, length === 3 ? 'inf' : 'infinity')
}

/** Whether a text that `floatSyntax` called `decimal` or `hex` has a digit other than 0 before its exponent. */
export function hasSignificantDigit(text: string, syntax: 'decimal' | 'hex'): boolean {
  const marker = syntax === 'hex' ? 0x70 : 0x65
  for (let i = digitsStart(text, syntax); i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code !== ZERO && code !== DOT) return (code | 0x20) !== marker
  }
  return false
}

/** Index after the sign and the `0x`. */
function digitsStart(text: string, syntax: 'decimal' | 'hex'): number {
  const first = text.charCodeAt(0)
  return (first === MINUS || first === PLUS ? 1 : 0) + (syntax === 'hex' ? 2 : 0)
}

/** A number in text taken apart: `±digits * base ** exponent`, with no leading zero among the digits. */
export interface FloatParts {
  readonly negative: boolean
  readonly digits: string
  /** Power of ten for a `decimal` text, of two for a `hex` one. */
  readonly exponent: number
}

/** Takes apart a text that `floatSyntax` called `decimal` or `hex`. Zero has no digits. */
export function floatParts(text: string, syntax: 'decimal' | 'hex'): FloatParts {
  const start = digitsStart(text, syntax)
  const marker = text.search(syntax === 'hex' ? /p/i : /e/i)
  const end = marker < 0 ? text.length : marker
  const written = marker < 0 ? 0 : Number(text.slice(marker + 1))
  const dot = text.indexOf('.')
  const fraction = dot < 0 ? 0 : end - dot - 1
  const digits = dot < 0 ? text.slice(start, end) : text.slice(start, dot) + text.slice(dot + 1, end)
  let zeros = 0
  while (digits.charCodeAt(zeros) === ZERO) zeros++
  const scale = syntax === 'hex' ? 4 : 1
  return {
    negative: text.charCodeAt(0) === MINUS,
    digits: digits.slice(zeros),
    exponent: Math.max(-EXPONENT_LIMIT, Math.min(EXPONENT_LIMIT, written)) - fraction * scale,
  }
}

/** The value of a `hex` text in `format`: rounded, or null where it overflows. */
export function hexFloat(text: string, format: BinaryFormat): BinaryFloat | null {
  const { negative, digits, exponent } = floatParts(text, 'hex')
  if (digits === '') return { mantissa: 0n, exponent: 0 }
  const dropped = Math.max(0, digits.length - HEX_DIGITS_KEPT)
  let mantissa = BigInt(`0x${digits.slice(0, HEX_DIGITS_KEPT)}`)
  if (dropped > 0 && /[^0]/.test(digits.slice(HEX_DIGITS_KEPT))) mantissa |= 1n
  return roundTo(format, negative ? -mantissa : mantissa, exponent + dropped * 4)
}

/**
 * Rounds `mantissa * 2 ** exponent` to `format`, ties to even; null where it overflows. A value that is
 * known only roughly may be passed with its lowest bit set for "a little more", if it has at least two
 * bits beyond the precision.
 */
export function roundTo(format: BinaryFormat, mantissa: bigint, exponent: number): BinaryFloat | null {
  if (mantissa === 0n) return { mantissa, exponent: 0 }
  const negative = mantissa < 0n
  let magnitude = negative ? -mantissa : mantissa
  const bits = bitLength(magnitude)
  if (exponent + bits > format.maxExponent) return null
  const drop = Math.max(bits - format.precision, format.minExponent - exponent)
  if (drop > bits) return { mantissa: 0n, exponent: 0 }
  if (drop > 0) {
    magnitude = shiftRightToEven(magnitude, drop)
    exponent += drop
    // Rounding up may have carried into one bit more.
    if (exponent + bitLength(magnitude) > format.maxExponent) return null
  }
  return { mantissa: negative ? -magnitude : magnitude, exponent }
}

/** `magnitude / 2 ** bits` rounded to the nearest integer, ties to even. */
export function shiftRightToEven(magnitude: bigint, bits: number): bigint {
  const shift = BigInt(bits)
  const quotient = magnitude >> shift
  const rest = magnitude - (quotient << shift)
  const half = 1n << (shift - 1n)
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient
}

/** Bits of a positive integer. O(bits). */
export function bitLength(magnitude: bigint): number {
  const hex = magnitude.toString(16)
  return hex.length * 4 - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28
}
