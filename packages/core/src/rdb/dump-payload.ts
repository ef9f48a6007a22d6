/**
 * What DUMP gives and RESTORE takes: the type and the value as in an RDB file, then the version of the format
 * (2 bytes) and a checksum of all before (8 bytes), both little-endian.
 */

import { Crc64 } from '../base/crc64.js'
import type { ByteCodec } from '../base/host.js'
import { MAX_STRING_BYTES } from '../base/string-limit.js'
import type { Keyspace } from '../keyspace/keyspace.js'
import type { Value } from '../keyspace/value.js'
import { OutputBuffer } from '../protocol/output-buffer.js'
import { corrupt } from './corrupt.js'
import { RdbInput } from './rdb-input.js'
import { RdbOutput } from './rdb-output.js'
import { NEWEST_RDB_VERSION } from './rdb-types.js'
import { readValue } from './value-reader.js'
import { typeOfWritten, versionOfWritten, writeValue } from './value-writer.js'

const VERSION_BYTES = 2
const CHECKSUM_BYTES = 8
const FOOTER_BYTES = VERSION_BYTES + CHECKSUM_BYTES
/** Most values are small. */
const SLAB_BYTES = 1024

/**
 * The payload of a value, as a byte string. O(its size)
 * @param compresses whether strings are compressed
 * @returns undefined if it is longer than a string can be
 */
export function dumpValue(codec: ByteCodec, value: Value, compresses: boolean): string | undefined {
  const out = new RdbOutput(new OutputBuffer(codec, SLAB_BYTES), codec, compresses)
  out.byte(typeOfWritten(value))
  writeWhole(out, value)
  const version = versionOfWritten(value)
  out.byte(version & 0xff)
  out.byte(version >> 8)
  const bodyBytes = out.buffer.pendingBytes
  if (bodyBytes + CHECKSUM_BYTES > MAX_STRING_BYTES) return undefined
  const bytes = new Uint8Array(bodyBytes + CHECKSUM_BYTES)
  const pieces: Uint8Array[] = []
  out.buffer.take(pieces)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  const checksum = new Crc64()
  checksum.update(bytes, 0, bodyBytes)
  checksum.writeTo(bytes, bodyBytes)
  return codec.decode(bytes, 0, bytes.length)
}

/** Bytes that a value takes in a payload or a file, without its type. O(its size) */
export function serializedLength(codec: ByteCodec, value: Value, compresses: boolean): number {
  const out = new RdbOutput(new OutputBuffer(codec, SLAB_BYTES), codec, compresses)
  writeWhole(out, value)
  return out.buffer.pendingBytes
}

function writeWhole(out: RdbOutput, value: Value): void {
  const rest = writeValue(out, value)
  while (rest !== undefined && rest.next().done !== true);
}

/** The bytes of a payload, if its version is one that is known and its checksum is right. O(its size) */
export function verifiedPayload(codec: ByteCodec, payload: string): Uint8Array | undefined {
  const { length } = payload
  if (length < FOOTER_BYTES) return undefined
  const bytes = new Uint8Array(length)
  codec.encode(payload, bytes, 0)
  const checksumAt = length - CHECKSUM_BYTES
  const versionAt = length - FOOTER_BYTES
  const version = (bytes[versionAt] as number) | ((bytes[versionAt + 1] as number) << 8)
  if (version > NEWEST_RDB_VERSION) return undefined
  const checksum = new Crc64()
  checksum.update(bytes, 0, checksumAt)
  return checksum.equals(bytes, checksumAt) ? bytes : undefined
}

/**
 * The value in a payload that `verifiedPayload` gave. O(its size)
 * @throws CorruptError if there is none, or nothing that a keyspace can hold
 */
export function loadValue(codec: ByteCodec, payload: Uint8Array, keyspace: Keyspace): Value {
  const input = new RdbInput(codec)
  input.setWindow(payload, 0, payload.length - FOOTER_BYTES, 0)
  const type = input.byte()
  return readValue(input, type, keyspace) ?? corrupt('a collection without elements')
}
