/**
 * The parts that everything in the RDB format is made of, written into an output buffer: lengths of one to
 * nine bytes, strings as numbers or compressed where that makes them shorter, doubles and times.
 */

import type { ByteCodec } from '../base/host.js'
import { parseSafeInt } from '../base/int64.js'
import { lzfCompress } from '../base/lzf.js'
import type { OutputBuffer } from '../protocol/output-buffer.js'
import type { IdPart } from '../structures/entry-id.js'
import { ListpackWriter } from './listpack.js'
import {
  ENCODED_STRING,
  LENGTH_14_BITS,
  LENGTH_32_BITS,
  LENGTH_64_BITS,
  StringEncoding,
} from './rdb-types.js'

/** Digits and sign of the longest 32-bit integer. */
const MAX_INT32_LENGTH = 11
/** Strings up to this are not compressed. */
const MAX_PLAIN_LENGTH = 20
const TWO_32 = 0x1_0000_0000

/** Strings up to this are brought into bytes, for compression, in memory that is used again. */
const SCRATCH_BYTES = 65_536
const scratch = new Uint8Array(SCRATCH_BYTES)
const scratchView = new DataView(scratch.buffer)

export class RdbOutput {
  #listpack: ListpackWriter | undefined

  constructor(
    readonly buffer: OutputBuffer,
    readonly codec: ByteCodec,
    /** Whether strings are compressed. */
    readonly compresses: boolean,
  ) {}

  /** For whoever packs elements: empty between uses. */
  get listpack(): ListpackWriter {
    this.#listpack ??= new ListpackWriter(this.codec)
    return this.#listpack
  }

  // ---- numbers ------------------------------------------------------------------------------------------

  byte(value: number): void {
    this.buffer.writeByte(value)
  }

  /** A length, or any unsigned integer kept as one; a bigint has up to 64 bits. */
  length(value: number | bigint): void {
    if (value < LENGTH_14_BITS) this.buffer.writeByte(Number(value))
    else if (value < 1 << 14) {
      this.buffer.writeByte(LENGTH_14_BITS | (Number(value) >> 8))
      this.buffer.writeByte(Number(value) & 0xff)
    } else if (value < TWO_32) {
      this.buffer.writeByte(LENGTH_32_BITS)
      scratchView.setUint32(0, Number(value))
      this.#writeScratch(4)
    } else {
      this.buffer.writeByte(LENGTH_64_BITS)
      scratchView.setBigUint64(0, BigInt(value))
      this.#writeScratch(8)
    }
  }

  double(value: number): void {
    scratchView.setFloat64(0, value, true)
    this.#writeScratch(8)
  }

  /** An int64, such as a Unix time in ms; a safe integer. */
  int64(value: number): void {
    scratchView.setUint32(0, value % TWO_32, true)
    scratchView.setInt32(4, Math.floor(value / TWO_32), true)
    this.#writeScratch(8)
  }

  /** The ID of an entry of a stream: two unsigned integers, big-endian. */
  entryId(ms: IdPart, seq: IdPart): void {
    scratchView.setBigUint64(0, BigInt(ms))
    scratchView.setBigUint64(8, BigInt(seq))
    this.#writeScratch(16)
  }

  #writeScratch(count: number): void {
    const { buffer } = this
    buffer.reserve(count)
    for (let i = 0; i < count; i++) buffer.bytes[buffer.length++] = scratch[i] as number
  }

  // ---- strings ------------------------------------------------------------------------------------------

  /** A byte string: as a number if it is one of 32 bits, else compressed if that is allowed and worth it. */
  string(text: string): void {
    const { length } = text
    if (length <= MAX_INT32_LENGTH) {
      const first = text.charCodeAt(0)
      if (first <= 0x39 && (first >= 0x30 || first === 0x2d)) {
        const value = parseSafeInt(text)
        if (value !== undefined && value === (value | 0)) {
          this.#int32(value)
          return
        }
      }
    } else if (length > MAX_PLAIN_LENGTH && this.compresses) {
      const bytes = length <= SCRATCH_BYTES ? scratch.subarray(0, length) : new Uint8Array(length)
      this.codec.encode(text, bytes, 0)
      if (this.#compressed(bytes)) return
    }
    this.length(length)
    this.buffer.write(text)
  }

  /** A safe integer as a string. */
  integer(value: number): void {
    if (value === (value | 0)) this.#int32(value)
    else {
      const text = String(value)
      this.length(text.length)
      this.buffer.write(text)
    }
  }

  /** Bytes as a string, compressed if that is allowed and worth it. */
  blob(bytes: Uint8Array): void {
    if (bytes.length > MAX_PLAIN_LENGTH && this.compresses && this.#compressed(bytes)) return
    this.length(bytes.length)
    this.buffer.writeBytes(bytes)
  }

  #int32(value: number): void {
    const isByte = value === (value << 24) >> 24
    const isShort = value === (value << 16) >> 16
    const encoding = isByte ? StringEncoding.INT8 : isShort ? StringEncoding.INT16 : StringEncoding.INT32
    this.buffer.writeByte(ENCODED_STRING | encoding)
    const count = 1 << encoding
    for (let i = 0; i < count; i++) this.buffer.writeByte((value >> (i * 8)) & 0xff)
  }

  #compressed(bytes: Uint8Array): boolean {
    const packed = lzfCompress(bytes)
    if (packed === undefined) return false
    this.buffer.writeByte(ENCODED_STRING | StringEncoding.LZF)
    this.length(packed.length)
    this.length(bytes.length)
    this.buffer.writeBytes(packed)
    return true
  }
}
