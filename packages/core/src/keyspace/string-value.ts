/** The three forms of a string value, and the way between them and plain byte strings. */

import { isCanonicalInt, parseSafeInt } from '../base/int64.js'
import type { StringValue } from './value.js'

/** Redis keeps strings up to this length inside the object header. */
const EMBEDDED_BYTES = 44
/** Digits and sign of the longest safe integer. */
const SAFE_INTEGER_BYTES = 17
/** Digits of the shortest integer beyond the safe range. */
const UNSAFE_INTEGER_DIGITS = 16

/** The cheapest form of a string that is stored as a whole. */
export function toStringValue(text: string): string | number {
  const length = text.length
  if (length === 0 || length > SAFE_INTEGER_BYTES) return text
  const first = text.charCodeAt(0)
  if (first > 0x39 || (first < 0x30 && first !== 0x2d)) return text
  return parseSafeInt(text) ?? text
}

/** The byte string that a value stands for. */
export function toText(value: StringValue): string {
  return typeof value === 'string' ? value : value.toString()
}

export function stringLength(value: StringValue): number {
  return typeof value === 'number' ? String(value).length : value.length
}

export function stringEncoding(value: StringValue): 'int' | 'embstr' | 'raw' {
  if (typeof value === 'number') return 'int'
  if (typeof value !== 'string') return 'raw'
  // Integers beyond the safe range are kept as text, but Redis would keep them as numbers.
  if (value.length >= UNSAFE_INTEGER_DIGITS && value.length <= 20 && isCanonicalInt(value)) return 'int'
  return value.length <= EMBEDDED_BYTES ? 'embstr' : 'raw'
}
