/**
 * How many bytes Redis's listpack would take. Nothing is stored that way here, but lists and streams change
 * their form at sizes that Redis counts in these bytes, and so must we for OBJECT ENCODING to agree.
 *
 * A listpack is a header of 6 bytes (total size, count), its entries, and one byte for the end. An entry is an
 * encoding byte or more, the data, and its own length once more for walking backwards. A canonical integer
 * takes 1, 2, 3, 4, 5 or 9 bytes in all before that length.
 */

import { parseInt64 } from '../base/int64.js'

/** Header and end. */
export const LISTPACK_EMPTY_BYTES = 7
/** Bytes of the shortest entry. */
export const LISTPACK_MIN_ENTRY_BYTES = 2

/** Characters of the longest int64. */
const MAX_INTEGER_LENGTH = 20

/** Bytes of one entry. O(1) unless the text begins like an integer, then at most 20 characters are read. */
export function listpackEntryBytes(text: string): number {
  const { length } = text
  if (length > 0 && length <= MAX_INTEGER_LENGTH) {
    const first = text.charCodeAt(0)
    if (first <= 0x39 && (first >= 0x30 || first === 0x2d)) {
      const value = parseInt64(text)
      if (value !== undefined) return listpackIntegerBytes(value)
    }
  }
  const bytes = length < 64 ? length + 1 : length < 4096 ? length + 2 : length + 5
  return bytes + backLengthBytes(bytes)
}

/** Bytes of the entry of an integer, its length at the end included. */
export function listpackIntegerBytes(value: number | bigint): number {
  if (value >= 0 && value <= 127) return 2
  if (value >= -4096 && value <= 4095) return 3
  if (value >= -32768 && value <= 32767) return 4
  if (value >= -8388608 && value <= 8388607) return 5
  if (value >= -2147483648 && value <= 2147483647) return 6
  return 10
}

/**
 * Bytes that the length behind an entry takes; the entry itself has `bytes`. Seven bits a byte; Redis leaves
 * the last value of each step but the first to the next one.
 */
export function backLengthBytes(bytes: number): number {
  if (bytes <= 127) return 1
  if (bytes < 16383) return 2
  if (bytes < 2097151) return 3
  return bytes < 268435455 ? 4 : 5
}
