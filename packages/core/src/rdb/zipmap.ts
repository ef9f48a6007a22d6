/**
 * The zipmap, which Redis before 2.6 packed small hashes into:
 *
 *   fields (1 byte, 254 = unknown) | length field length free value … free bytes | … | 0xff
 *
 * A length is one byte up to 253, or 0xfe and a uint32. `free` is one byte: how many bytes lie unused behind the
 * value. It is only ever read.
 */

import type { ByteCodec } from '../base/host.js'
import { readUint32 } from '../base/little-endian.js'
import { corrupt } from './corrupt.js'

const END = 0xff
/** In the header: the count is found by going through. */
const MANY = 254
/** Says that the length comes in the next 4 bytes. */
const LONG = 0xfe

/**
 * The hash in the zipmap `bytes[start, end)`, flat: field, value, field, value … Whether a field is there twice is
 * left to the caller. Everything else is checked. O(end - start).
 * @throws CorruptError if it is no zipmap
 */
export function readZipmap(codec: ByteCodec, bytes: Uint8Array, start: number, end: number): string[] {
  if (end - start < 2) corrupt('zipmap: shorter than an empty one')
  const last = end - 1
  if (bytes[last] !== END) corrupt('zipmap: no end mark')
  const entries: string[] = []
  for (let at = start + 1; at < last; ) {
    const isValue = entries.length % 2 === 1
    const length = bytes[at] as number
    if (length === END) corrupt('zipmap: end mark before its end')
    // What a broken entry makes us read behind `last` does no harm: it is refused before its text is used.
    const dataBytes = length === LONG ? readUint32(bytes, at + 1) : length
    const lengthEnd = at + (length === LONG ? 5 : 1)
    const dataStart = isValue ? lengthEnd + 1 : lengthEnd
    const dataEnd = dataStart + dataBytes
    const next = isValue ? dataEnd + (bytes[lengthEnd] as number) : dataEnd
    // Written so that what is not a number is refused, too.
    if (!(next <= last)) corrupt('zipmap: entry beyond its end')
    entries.push(codec.decode(bytes, dataStart, dataEnd))
    at = next
  }
  if (entries.length % 2 === 1) corrupt('zipmap: field without a value')
  const count = bytes[start] as number
  if (count !== MANY && count !== entries.length / 2) corrupt('zipmap: count of fields not as in its header')
  return entries
}
