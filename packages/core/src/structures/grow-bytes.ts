/**
 * A string that is edited in place: SETBIT, SETRANGE, BITFIELD, PFADD, repeated APPEND.
 *
 * The bytes lie in a Uint8Array with room to grow. The byte string is made when somebody asks for it. That of the
 * one read last is kept until its next edit: reading it again and again costs nothing, and no more than that one
 * lies in memory twice. Bytes between the length and the
 * capacity are always 0: growing needs no fill, and reading bits past the end gives 0 as it should.
 */

import { assert } from '../base/errors.js'
import { bitpos, getBit, getSigned, getUnsigned, popcount, setField } from './bits.js'

const MEBIBYTE = 1024 * 1024
/** A longer byte string is made anew each time. */
const KEPT_TEXT_BYTES = MEBIBYTE
/** The object with its buffer, without the bytes. */
const OWN_BYTES = 250
// How many bytes become arguments of one fromCharCode call: far below every engine's limit.
const DECODE_STEP = 8192

/** The one whose byte string is kept. */
let lastRead: GrowBytes | undefined

export class GrowBytes {
  /** For the sum that its owner keeps. */
  countedBytes = 0
  private buffer: Uint8Array
  private used: number
  /** The content as a byte string, or null since the last edit. */
  private text: string | null = null

  private constructor(buffer: Uint8Array, used: number) {
    this.buffer = buffer
    this.used = used
  }

  /** @param text a byte string; the result has no spare room until it first grows */
  static from(text: string): GrowBytes {
    const bytes = new GrowBytes(new Uint8Array(text.length), text.length)
    encode(text, bytes.buffer, 0)
    return bytes
  }

  /** @param bytes become the content themselves, so nobody else may keep them */
  static adopt(bytes: Uint8Array): GrowBytes {
    return new GrowBytes(bytes, bytes.length)
  }

  /** An independent copy without spare room. */
  copy(): GrowBytes {
    return new GrowBytes(this.bytes.slice(), this.used)
  }

  /** Number of bytes. */
  get length(): number {
    return this.used
  }

  /** Bytes there is room for. */
  get capacity(): number {
    return this.buffer.length
  }

  /** Estimated bytes in memory, spare room included. */
  get heapBytes(): number {
    return OWN_BYTES + this.capacity
  }

  /** The content itself, not a copy: to be read before the next edit, never written. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.used)
  }

  /** The content as a byte string. O(length); O(1) for the one that was read last. */
  toString(): string {
    if (this.text !== null) return this.text
    const text = decode(this.buffer, 0, this.used)
    if (text.length > KEPT_TEXT_BYTES) return text
    if (lastRead !== undefined) lastRead.text = null
    lastRead = this
    this.text = text
    return text
  }

  /** The byte string of [start, end); both are cut to the length. */
  slice(start: number, end: number): string {
    return decode(this.buffer, Math.min(start, this.used), Math.min(end, this.used))
  }

  byteAt(index: number): number {
    return this.buffer[index] as number
  }

  /** Adds a byte string at the end. O(its length), amortized. */
  append(text: string): void {
    this.write(this.used, text)
  }

  /** Writes a byte string at `offset`; a gap behind the present end becomes zero bytes. */
  write(offset: number, text: string): void {
    assert(offset >= 0, 'offset is not negative')
    if (text.length === 0) return
    this.ensureLength(offset + text.length)
    encode(text, this.buffer, offset)
    this.text = null
  }

  /** Grows with zero bytes until the length is at least `length`; never shrinks. */
  ensureLength(length: number): void {
    if (length <= this.used) return
    if (length > this.buffer.length) {
      const grown = new Uint8Array(capacityFor(length))
      grown.set(this.bytes)
      this.buffer = grown
    }
    this.used = length
    this.text = null
  }

  /** The content itself for changing bytes of it, up to the next edit of another kind. */
  edit(): Uint8Array {
    this.text = null
    return this.bytes
  }

  /**
   * Puts the first `count` bytes of `patch` in the place of the `removed` bytes at `at`, all of which are
   * there. What lies behind them moves. O(bytes behind).
   */
  splice(at: number, removed: number, patch: Uint8Array, count: number): void {
    const end = this.used
    assert(at >= 0 && at + removed <= end, 'what is replaced is there')
    const newEnd = end + count - removed
    this.ensureLength(newEnd)
    this.buffer.copyWithin(at + count, at + removed, end)
    for (let i = 0; i < count; i++) this.buffer[at + i] = patch[i] as number
    if (newEnd < end) this.buffer.fill(0, newEnd, end)
    this.used = newEnd
    this.text = null
  }

  /** Takes other content instead. @param bytes become the content themselves, so nobody else may keep them */
  assign(bytes: Uint8Array): void {
    this.buffer = bytes
    this.used = bytes.length
    this.text = null
  }

  /** Bit 0 is the most significant bit of byte 0; bits behind the end are 0. */
  getBit(bitOffset: number): number {
    return getBit(this.buffer, bitOffset)
  }

  /** Writes a bit, growing if need be, and returns the old one. */
  setBit(bitOffset: number, bit: number): number {
    const index = Math.floor(bitOffset / 8)
    this.ensureLength(index + 1)
    const mask = 1 << (7 - (bitOffset & 7))
    const byte = this.buffer[index] as number
    this.buffer[index] = bit === 1 ? byte | mask : byte & ~mask
    this.text = null
    return (byte & mask) === 0 ? 0 : 1
  }

  /** Number of bits set in [startBit, endBit). */
  popcount(startBit = 0, endBit: number = this.used * 8): number {
    return popcount(this.buffer, startBit, endBit)
  }

  /** Offset of the first bit in [startBit, endBit) that equals `bit`, or -1. */
  bitpos(bit: number, startBit = 0, endBit: number = this.used * 8): number {
    return bitpos(this.buffer, bit, startBit, Math.min(endBit, this.used * 8))
  }

  /** The unsigned integer of `width` bits, 1 to 63; a bigint beyond the safe range. */
  getUnsigned(bitOffset: number, width: number): number | bigint {
    return getUnsigned(this.buffer, bitOffset, width)
  }

  /** The two's complement integer of `width` bits, 1 to 64; a bigint beyond the safe range. */
  getSigned(bitOffset: number, width: number): number | bigint {
    return getSigned(this.buffer, bitOffset, width)
  }

  /** Writes the low `width` bits, 1 to 64, of an integer, signed or not, growing if need be. */
  setField(bitOffset: number, width: number, value: number | bigint): void {
    this.ensureLength(Math.ceil((bitOffset + width) / 8))
    setField(this.buffer, bitOffset, width, value)
    this.text = null
  }
}

// Doubling wastes too much of a large string and a fixed step copies it too often: an eighth costs each
// byte some eight copies at most.
function capacityFor(length: number): number {
  return length < MEBIBYTE ? length * 2 : length + Math.max(MEBIBYTE, Math.floor(length / 8))
}

function encode(text: string, bytes: Uint8Array, offset: number): void {
  for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i)
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at += DECODE_STEP) {
    const part = bytes.subarray(at, Math.min(end, at + DECODE_STEP))
    text += String.fromCharCode.apply(null, part as unknown as number[])
  }
  return text
}
