/**
 * Redis's intset: the width of an element in bytes (2, 4 or 8), how many there are, and the elements in rising
 * order. All little-endian.
 */

import { readSigned, readUint32, writeSigned } from '../base/little-endian.js'
import type { IntSet } from '../structures/int-set.js'
import { corrupt } from './corrupt.js'

/** Width and count, 4 bytes each. */
const HEADER_BYTES = 8

/**
 * The int64 elements of the intset `bytes[start, end)`, in rising order. O(end - start).
 * @throws CorruptError if it is none, or has no elements
 */
export function readIntset(bytes: Uint8Array, start: number, end: number): (number | bigint)[] {
  if (end - start < HEADER_BYTES) corrupt('intset: shorter than its header')
  const width = readUint32(bytes, start)
  if (width !== 2 && width !== 4 && width !== 8) corrupt(`intset: elements of ${width} bytes`)
  const count = readUint32(bytes, start + 4)
  if (count === 0) corrupt('intset: no elements')
  if (HEADER_BYTES + count * width !== end - start) corrupt('intset: its size is not what its header says')
  const values: (number | bigint)[] = []
  let previous: number | bigint | undefined
  for (let at = start + HEADER_BYTES; at < end; at += width) {
    const value = readSigned(bytes, at, width)
    if (previous !== undefined && value <= previous) corrupt('intset: elements out of order')
    values.push(value)
    previous = value
  }
  return values
}

/** The bytes of `set`, with elements as wide as Redis has them: never narrower than they once were. O(n). */
export function writeIntset(set: IntSet): Uint8Array {
  const width = set.byteWidth
  const bytes = new Uint8Array(HEADER_BYTES + set.length * width)
  writeSigned(bytes, 0, 4, width)
  writeSigned(bytes, 4, 4, set.length)
  let at = HEADER_BYTES
  for (const value of set) {
    writeSigned(bytes, at, width, value)
    at += width
  }
  return bytes
}
