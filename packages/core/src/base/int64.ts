/**
 * 64-bit integers as Redis reads and adds them. A value in the safe range is a plain `number`; only what
 * lies beyond costs a BigInt. Every function here returns that narrowed form, so `typeof` tells the path.
 */

export const INT64_MIN = -(2n ** 63n)
export const INT64_MAX = 2n ** 63n - 1n
export const UINT64_MAX = 2n ** 64n - 1n

const MINUS = 0x2d
const PLUS = 0x2b
const ZERO = 0x30

/** Every integer of this many digits is exact as a number, whatever the digits are. */
const ALWAYS_SAFE_DIGITS = 15
/** Digits of the longest int64. */
const MAX_DIGITS = 19

/**
 * Reads a canonical integer: optional `-`, no `+`, no space, no leading zero, no `-0`.
 * @returns a number in the safe range, a bigint in the rest of int64, undefined for anything else.
 * O(length), at most 20 characters are looked at.
 */
export function parseInt64(text: string): number | bigint | undefined {
  const length = text.length
  if (length === 0) return undefined
  let first = text.charCodeAt(0)
  if (length === 1) return first >= ZERO && first <= 0x39 ? first - ZERO : undefined
  const negative = first === MINUS
  const start = negative ? 1 : 0
  if (negative) first = text.charCodeAt(1)
  if (first < 0x31 || first > 0x39 || length - start > MAX_DIGITS) return undefined
  let value = first - ZERO
  for (let i = start + 1; i < length; i++) {
    const digit = text.charCodeAt(i) - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  // Beyond 15 digits the loop may have rounded, but never from the unsafe range into the safe one.
  if (length - start <= ALWAYS_SAFE_DIGITS || value <= Number.MAX_SAFE_INTEGER)
    return negative ? -value : value
  const big = BigInt(text)
  return big >= INT64_MIN && big <= INT64_MAX ? big : undefined
}

/** As `parseInt64`, but undefined for what a number does not hold exactly: for counts, indexes, times. */
export function parseSafeInt(text: string): number | undefined {
  const value = parseInt64(text)
  return typeof value === 'number' ? value : undefined
}

/** Whether `text` is what an integer prints as, within int64. */
export function isCanonicalInt(text: string): boolean {
  return parseInt64(text) !== undefined
}

/** The narrowest form of `n`: a number if it is safe. */
export function normalizeInt(n: bigint): number | bigint {
  return n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER ? Number(n) : n
}

/** The exact sum, or undefined if it leaves int64. */
export function addInt64(a: number | bigint, b: number | bigint): number | bigint | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (sum >= Number.MIN_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) return sum
  }
  const sum = BigInt(a) + BigInt(b)
  return sum >= INT64_MIN && sum <= INT64_MAX ? normalizeInt(sum) : undefined
}

/**
 * Reads an unsigned 64-bit integer as Redis does for cursors and the halves of a stream ID: a canonical
 * integer must not be negative; failing that, C's `strtoull` decides, which takes leading white space, a
 * sign (a negative value wraps round) and leading zeros.
 */
export function parseUint64(text: string): number | bigint | undefined {
  const value = parseInt64(text)
  if (value !== undefined) return value < 0 ? undefined : value
  return strtoull(text)
}

/**
 * A SCAN cursor, or undefined where the reply is `ERR invalid cursor`. Cursors beyond the safe range are
 * rounded: no scan hands them out, so they only ever mean "past the end".
 */
export function parseCursor(text: string): number | undefined {
  const value = parseUint64(text)
  return value === undefined ? undefined : Number(value)
}

function strtoull(text: string): number | bigint | undefined {
  let i = 0
  while (isSpace(text.charCodeAt(i))) i++
  const sign = text.charCodeAt(i)
  if (sign === MINUS || sign === PLUS) i++
  const digitsStart = i
  while (text.charCodeAt(i) === ZERO) i++
  const significantStart = i
  while (text.charCodeAt(i) >= ZERO && text.charCodeAt(i) <= 0x39) i++
  if (i === digitsStart || i !== text.length || i - significantStart > MAX_DIGITS + 1) return undefined
  const magnitude = BigInt(text.slice(digitsStart))
  if (magnitude > UINT64_MAX) return undefined
  return normalizeInt(sign === MINUS ? BigInt.asUintN(64, -magnitude) : magnitude)
}

/** C's `isspace` for one char code; false for NaN, so a scan stops at the end of the text. */
export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}
