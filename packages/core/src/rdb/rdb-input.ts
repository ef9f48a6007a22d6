/**
 * A cursor over bytes in the RDB format. It sees a window of them; behind it more may come, so there are two
 * ways for a read to fail. What can never be right is a `CorruptError`. What only lacks bytes is `NEED_MORE`,
 * and the record is read again, from its start, when there are more. Nothing is allocated for a length that
 * the bytes that are there, or are still to come, do not bear out.
 */

import type { ByteCodec } from '../base/host.js'
import { normalizeInt } from '../base/int64.js'
import { lzfDecompress } from '../base/lzf.js'
import { MAX_STRING_BYTES } from '../base/string-limit.js'
import { toStringValue } from '../keyspace/string-value.js'
import type { EntryId } from '../structures/entry-id.js'
import { corrupt } from './corrupt.js'
import {
  ENCODED_STRING,
  LENGTH_14_BITS,
  LENGTH_32_BITS,
  LENGTH_64_BITS,
  StringEncoding,
} from './rdb-types.js'

/** Thrown, by identity, where the window ends inside a record. */
export const NEED_MORE = new Error('the window ends inside a record')

const NO_BYTES = new Uint8Array(0)
const TWO_32 = 0x1_0000_0000

export class RdbInput {
  /** Where the next read begins. */
  at = 0
  /** With `NEED_MORE`: how far the window has to reach for the read to go on, on the scale of `at`. */
  wantedEnd = 0
  #bytes: Uint8Array = NO_BYTES
  #end = 0
  #bytesBehind = 0
  #view: DataView = new DataView(NO_BYTES.buffer)

  /** @param elementCodec for the elements of collections, of which many may be the same */
  constructor(
    private readonly codec: ByteCodec,
    readonly elementCodec: ByteCodec = codec,
  ) {}

  /**
   * Goes on in another window.
   * @param bytesBehind how many bytes come after it at the most: 0 when it reaches to the very end, Infinity
   *   when nobody knows
   */
  setWindow(bytes: Uint8Array, start: number, end: number, bytesBehind: number): void {
    this.#bytes = bytes
    this.at = start
    this.#end = end
    this.#bytesBehind = bytesBehind
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  // ---- numbers ------------------------------------------------------------------------------------------

  byte(): number {
    if (this.at === this.#end) this.#short(1)
    return this.#bytes[this.at++] as number
  }

  int32(): number {
    this.#need(4)
    const value = this.#view.getInt32(this.at, true)
    this.at += 4
    return value
  }

  double(): number {
    this.#need(8)
    const value = this.#view.getFloat64(this.at, true)
    this.at += 8
    return value
  }

  /** An int64; beyond the safe range it is rounded. */
  int64(): number {
    this.#need(8)
    const low = this.#view.getUint32(this.at, true)
    const high = this.#view.getInt32(this.at + 4, true)
    this.at += 8
    return high * TWO_32 + low
  }

  /** An entry of a stream by its ID: two unsigned integers, big-endian. */
  entryId(): EntryId {
    this.#need(16)
    const ms = normalizeInt(this.#view.getBigUint64(this.at))
    const seq = normalizeInt(this.#view.getBigUint64(this.at + 8))
    this.at += 16
    return { ms, seq }
  }

  /** A length, or any number kept as one; beyond the safe range it is rounded. */
  length(): number {
    const first = this.byte()
    if (first < LENGTH_14_BITS) return first
    return this.#longLength(first)
  }

  /** A number kept as a length, all 64 bits of it: a bigint beyond the safe range. */
  uint64(): number | bigint {
    const start = this.at
    const value = this.length()
    return value <= Number.MAX_SAFE_INTEGER ? value : this.#view.getBigUint64(start + 1)
  }

  /**
   * How many parts follow.
   * @param leastBytes that each of them takes
   */
  count(leastBytes: number): number {
    const count = this.length()
    if (count * leastBytes > this.#end - this.at + this.#bytesBehind) corrupt('more elements than bytes')
    return count
  }

  #longLength(first: number): number {
    if (first < LENGTH_32_BITS) return ((first & 0x3f) << 8) | this.byte()
    if (first === LENGTH_32_BITS) {
      this.#need(4)
      const value = this.#view.getUint32(this.at)
      this.at += 4
      return value
    }
    if (first !== LENGTH_64_BITS) corrupt(`a length cannot begin with byte ${first}`)
    this.#need(8)
    const high = this.#view.getUint32(this.at)
    const low = this.#view.getUint32(this.at + 4)
    this.at += 8
    return high * TWO_32 + low
  }

  // ---- strings ------------------------------------------------------------------------------------------

  /** A byte string; what was kept as a number comes as its digits. */
  string(): string {
    const first = this.byte()
    if (first < LENGTH_14_BITS) return this.text(first)
    if (first < ENCODED_STRING) return this.text(this.#longLength(first))
    if (first - ENCODED_STRING !== StringEncoding.LZF) return String(this.#encodedInteger(first))
    const bytes = this.#decompressed()
    return this.codec.decode(bytes, 0, bytes.length)
  }

  /** `string` for an element of a collection. */
  element(): string {
    const length = this.#end === this.at ? ENCODED_STRING : (this.#bytes[this.at] as number)
    if (length >= LENGTH_14_BITS) return this.string()
    const start = this.at + 1
    if (length > this.#end - start) return this.string()
    this.at = start + length
    return this.elementCodec.decode(this.#bytes, start, this.at)
  }

  /** The value of a string key: a number where it is one. */
  stringValue(): string | number {
    const first = this.byte()
    if (first < LENGTH_14_BITS) return toStringValue(this.text(first))
    if (first < ENCODED_STRING) return toStringValue(this.text(this.#longLength(first)))
    if (first - ENCODED_STRING !== StringEncoding.LZF) return this.#encodedInteger(first)
    const bytes = this.#decompressed()
    return toStringValue(this.codec.decode(bytes, 0, bytes.length))
  }

  /** `count` bytes as they are, as a byte string. */
  text(count: number): string {
    const start = this.at
    this.#needString(count)
    this.at = start + count
    return count === 0 ? '' : this.codec.decode(this.#bytes, start, start + count)
  }

  /** The bytes of a string that holds a packed collection: a view, good until the next read of any string. */
  blob(): Uint8Array {
    const first = this.byte()
    if (first >= ENCODED_STRING) {
      if (first - ENCODED_STRING !== StringEncoding.LZF) corrupt('a number where packed elements belong')
      return this.#decompressed()
    }
    const count = first < LENGTH_14_BITS ? first : this.#longLength(first)
    this.#needString(count)
    const start = this.at
    this.at += count
    return this.#bytes.subarray(start, this.at)
  }

  /** Passes over a string without making it. */
  skipString(): void {
    const first = this.byte()
    if (first >= ENCODED_STRING) {
      if (first - ENCODED_STRING === StringEncoding.LZF) this.#decompressed()
      else this.#encodedInteger(first)
      return
    }
    const count = first < LENGTH_14_BITS ? first : this.#longLength(first)
    this.#needString(count)
    this.at += count
  }

  skip(count: number): void {
    this.#need(count)
    this.at += count
  }

  #encodedInteger(first: number): number {
    switch (first - ENCODED_STRING) {
      case StringEncoding.INT8:
        return (this.byte() << 24) >> 24
      case StringEncoding.INT16: {
        this.#need(2)
        const value = this.#view.getInt16(this.at, true)
        this.at += 2
        return value
      }
      case StringEncoding.INT32:
        return this.int32()
      default:
        return corrupt(`a string cannot begin with byte ${first}`)
    }
  }

  #decompressed(): Uint8Array {
    const packed = this.length()
    const count = this.length()
    this.#needString(packed)
    const start = this.at
    this.at += packed
    return (
      lzfDecompress(this.#bytes, start, this.at, count) ?? corrupt(`a compressed string of ${count} bytes`)
    )
  }

  // ---- bounds -------------------------------------------------------------------------------------------

  #needString(count: number): void {
    if (count > MAX_STRING_BYTES) corrupt(`a string of ${count} bytes: ${MAX_STRING_BYTES} is the most`)
    if (count > this.#end - this.at) this.#short(count)
  }

  #need(count: number): void {
    if (count > this.#end - this.at) this.#short(count)
  }

  #short(count: number): never {
    if (count > this.#end - this.at + this.#bytesBehind) corrupt('the data ends too early')
    this.wantedEnd = this.at + count
    throw NEED_MORE
  }
}
