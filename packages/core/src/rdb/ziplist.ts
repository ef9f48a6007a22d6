/**
 * Redis's ziplist, which small hashes, sorted sets and nodes of lists were packed into before Redis 7:
 *
 *   total bytes (uint32) | offset of the last entry (uint32) | entries (uint16, 65535 = unknown) | entry … | 0xff
 *
 * An entry is how many bytes the one before it has (one byte, or 0xfe and a uint32), a first byte that tells its
 * kind, and the rest of its length or value:
 *
 *   00nnnnnn                      text of n bytes
 *   01nnnnnn nnnnnnnn             text of n bytes
 *   10------ n n n n              text of n bytes, big-endian
 *   0xc0 0xd0 0xe0 0xf0 0xfe      integer of 2, 4, 8, 3, 1 bytes, little-endian
 *   1111vvvv                      integer v - 1, 0 to 12, for the values that are left
 *
 * It is only ever read: what Redis writes today is the listpack.
 */

import type { ByteCodec } from '../base/host.js'
import { readSigned, readUint16, readUint32 } from '../base/little-endian.js'
import { corrupt } from './corrupt.js'

const HEADER_BYTES = 10
const END = 0xff
/** In the header: the count is found by going through. */
const MANY = 65_535
/** Says that the length of the entry before comes in the next 4 bytes. */
const LONG_PREVIOUS = 0xfe

const TEXT_14_BITS = 0x40
const TEXT_32_BITS = 0x80
const INTEGERS = 0xc0
const IMMEDIATE_0 = 0xf1
const IMMEDIATE_12 = 0xfd

/**
 * All entries of the ziplist `bytes[start, end)` as byte strings, integers in decimal. Everything about it is
 * checked. O(end - start).
 * @throws CorruptError if it is no ziplist
 */
export function readZiplist(codec: ByteCodec, bytes: Uint8Array, start: number, end: number): string[] {
  if (end - start < HEADER_BYTES + 1) corrupt('ziplist: shorter than an empty one')
  if (readUint32(bytes, start) !== end - start) corrupt('ziplist: its size is not what its header says')
  const last = end - 1
  if (bytes[last] !== END) corrupt('ziplist: no end mark')
  const entries: string[] = []
  let previous = start + HEADER_BYTES
  for (let at = previous; at < last; ) {
    // What a broken entry makes us read behind `last` does no harm: it is refused before its value is used.
    const isLong = bytes[at] === LONG_PREVIOUS
    const previousBytes = isLong ? readUint32(bytes, at + 1) : (bytes[at] as number)
    const kindAt = at + (isLong ? 5 : 1)
    const kind = kindAt < last ? (bytes[kindAt] as number) : END
    let dataStart = kindAt + 1
    let dataBytes = 0
    if (kind < TEXT_14_BITS) {
      dataBytes = kind
    } else if (kind < TEXT_32_BITS) {
      dataStart = kindAt + 2
      dataBytes = ((kind & 0x3f) << 8) | (bytes[kindAt + 1] as number)
    } else if (kind < INTEGERS) {
      dataStart = kindAt + 5
      dataBytes = readBigEndian32(bytes, kindAt + 1)
    } else {
      dataBytes = integerBytes(kind)
    }
    const next = dataStart + dataBytes
    if (next > last) corrupt('ziplist: entry beyond its end')
    if (previousBytes !== at - previous) corrupt('ziplist: wrong length before an entry')
    if (kind < INTEGERS) entries.push(codec.decode(bytes, dataStart, next))
    else if (dataBytes === 0) entries.push(String(kind - IMMEDIATE_0))
    else entries.push(String(readSigned(bytes, dataStart, dataBytes)))
    previous = at
    at = next
  }
  const count = readUint16(bytes, start + 8)
  if (count !== MANY && count !== entries.length) corrupt('ziplist: count of entries not as in its header')
  if (readUint32(bytes, start + 4) !== previous - start) corrupt('ziplist: its last entry is elsewhere')
  return entries
}

/** Bytes of an integer behind its kind; 0 where the kind is the value. */
function integerBytes(kind: number): number {
  if (kind >= IMMEDIATE_0 && kind <= IMMEDIATE_12) return 0
  switch (kind) {
    case 0xc0:
      return 2
    case 0xd0:
      return 4
    case 0xe0:
      return 8
    case 0xf0:
      return 3
    case 0xfe:
      return 1
    default:
      return corrupt('ziplist: entry of unknown kind')
  }
}

function readBigEndian32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)
  return (high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0
}
