/**
 * Doubles in text: read as Redis reads scores and coordinates, written as Redis 7.4 writes them. The digits
 * are JavaScript's own shortest ones that read back as the same double; only the layout is Redis's.
 */

import { isSpace } from './int64.js'
import { type BinaryFormat, floatSyntax, hasSignificantDigit, hexFloat } from './strtod.js'

const DOUBLE: BinaryFormat = { precision: 53, minExponent: -1074, maxExponent: 1024 }

/** Up to here an integer is printed digit by digit however large it is. */
const PLAIN_INTEGER_LIMIT = 2 ** 62

/**
 * Reads a double as Redis does for a score, an increment or a coordinate: all of `text` is one decimal or hex
 * number or an infinity (`inf`, `-Infinity`), with no space. Undefined for anything else, for NaN, and for
 * what overflows or vanishes to zero. O(length).
 */
export function parseDouble(text: string): number | undefined {
  const syntax = floatSyntax(text)
  if (syntax === 'none') return undefined
  const value = convert(text, syntax)
  if (syntax === 'infinity') return value
  if (value === 0 && hasSignificantDigit(text, syntax)) return undefined
  return Number.isFinite(value) ? value : undefined
}

/**
 * Reads the bound of a score interval, after its `(` if it has one. Looser than `parseDouble`, as in Redis:
 * leading white space is skipped, overflow gives an infinity and underflow 0, nothing at all is 0, and a
 * NUL byte ends the text. Undefined where the reply is `ERR min or max is not a float`.
 */
export function parseScoreBound(text: string): number | undefined {
  const number = strtodText(text)
  if (number === '') return 0
  const syntax = floatSyntax(number)
  return syntax === 'none' ? undefined : convert(number, syntax)
}

/**
 * The part of `text` that C's `strtod` looks at: up to a NUL byte, without the white space in front. Where
 * there is nothing else than white space, which is no number, it stays; so only nothing at all is empty.
 */
export function strtodText(text: string): string {
  const nul = text.indexOf('\0')
  const end = nul < 0 ? text.length : nul
  let start = 0
  while (start < end && isSpace(text.charCodeAt(start))) start++
  if (start === end) start = 0
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

function convert(text: string, syntax: 'decimal' | 'hex' | 'infinity'): number {
  // Every text of the decimal grammar means the same in JavaScript.
  if (syntax === 'decimal') return Number(text)
  const magnitude = syntax === 'hex' ? hexMagnitude(text) : Infinity
  return text.charCodeAt(0) === 0x2d ? -magnitude : magnitude
}

function hexMagnitude(text: string): number {
  const value = hexFloat(text, DOUBLE)
  return value === null ? Infinity : Math.abs(Number(value.mantissa) * 2 ** value.exponent)
}

/**
 * The text of a double in replies of Redis 7.4: integers up to 2^62 in full; otherwise the shortest digits,
 * in plain notation with up to 6 decimals or from 0.001 to below 10000, with up to 7 padding zeros, and in
 * scientific notation beyond (`1.5e-7`, `1e+21`). `inf`, `-inf`, `nan`, `-0`.
 *
 * Redis finds its digits with Grisu2, which in about one of a thousand doubles gives more digits than
 * needed; here they are always the fewest. Both read back as the same double.
 */
export function formatDouble(n: number): string {
  if (Number.isInteger(n)) {
    if (Number.isSafeInteger(n)) return n === 0 && 1 / n < 0 ? '-0' : `${n}`
    if (Math.abs(n) <= PLAIN_INTEGER_LIMIT) return BigInt(n).toString()
    return formatHugeInteger(n)
  }
  if (!Number.isFinite(n)) return formatNonFinite(n)
  const plain = `${n}`
  const magnitude = Math.abs(n)
  if (magnitude >= 1e-3 && magnitude < 1e4) return plain
  // JavaScript's plain notation starts at 1e-6 already; below that the text has an exponent.
  if (magnitude >= 1e-6 && plain.length - plain.indexOf('.') <= 7) return plain
  return n.toExponential()
}

function formatHugeInteger(n: number): string {
  const scientific = n.toExponential()
  const marker = scientific.indexOf('e')
  const digits = scientific.slice(0, marker).replace('.', '')
  const digitCount = n < 0 ? digits.length - 1 : digits.length
  const zeros = Number(scientific.slice(marker + 1)) + 1 - digitCount
  return zeros < 8 ? digits + '0'.repeat(zeros) : scientific
}

/** The text of a double as C's `%.17g` prints it: 17 significant digits, trailing zeros dropped. */
export function formatDouble17(n: number): string {
  if (!Number.isFinite(n)) return formatNonFinite(n)
  const sign = n < 0 || (n === 0 && 1 / n < 0) ? '-' : ''
  const [mantissa = '', exponentText = ''] = seventeenDigits(Math.abs(n)).split('e')
  const exponent = Number(exponentText)
  const digits = mantissa.replace('.', '').replace(/0+$/, '') || '0'
  if (exponent < -4 || exponent >= 17) {
    const size = String(Math.abs(exponent)).padStart(2, '0')
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    return `${sign}${digits.charAt(0)}${fraction}e${exponent < 0 ? '-' : '+'}${size}`
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const integer = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return fraction === '' ? sign + integer : `${sign}${integer}.${fraction}`
}

/** `d.dddde±x` with 17 digits, ties to even: JavaScript rounds them up. */
function seventeenDigits(magnitude: number): string {
  const roundedUp = magnitude.toExponential(16)
  // A tie has exactly 18 digits, the last of them 5. No double is within 80 digits of one without being it.
  if (!/^\d\.\d{16}50{83}e/.test(magnitude.toExponential(100))) return roundedUp
  const truncated = magnitude.toExponential(17).replace(/5e/, 'e')
  return /[02468]e/.test(truncated) ? truncated : roundedUp
}

function formatNonFinite(n: number): string {
  if (n === Infinity) return 'inf'
  return n === -Infinity ? '-inf' : 'nan'
}
