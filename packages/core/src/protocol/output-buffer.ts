/**
 * Where replies are written as bytes: slabs that are filled from front to back. What was written leaves as
 * pieces, views of the slabs, uncopied; a slab is collected when all its pieces have been sent. Short strings
 * are copied by a loop, long ones by the host's native routine; nothing is built as a string first.
 */

import type { ByteCodec } from '../base/host.js'

/** Up to this length a loop is faster than a call into the runtime. */
const LOOP_LIMIT = 48

/** With less room than this left, the next piece starts in a new slab. */
const LEAST_ROOM = 1024

/** Slabs of a long output are as large as what it has come to, up to this. */
const MAX_SLAB_BYTES = 1 << 20

/** Bytes around the text of a bulk string: marker, up to 20 digits, two line ends. */
const BULK_FRAME_BYTES = 25

const DOLLAR = 0x24
const ZERO = 0x30
const CR = 0x0d
const LF = 0x0a

export class OutputBuffer {
  bytes: Uint8Array
  /** End of what is written in `bytes`. */
  length = 0
  /** Where the piece being written starts. */
  #start = 0
  /** Pieces that are finished but not taken, and their bytes. */
  #finished: Uint8Array[] = []
  #finishedBytes = 0
  readonly #codec: ByteCodec
  readonly #slabBytes: number

  /** @param slabBytes capacity of a slab; a string that is longer than that gets a slab of its own. */
  constructor(codec: ByteCodec, slabBytes = 65_536) {
    this.#codec = codec
    this.#slabBytes = slabBytes
    this.bytes = new Uint8Array(slabBytes)
  }

  /** Bytes written since the last `take`. */
  get pendingBytes(): number {
    return this.#finishedBytes + this.length - this.#start
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.#moveOn(count)
  }

  /** Goes on in a new slab: a short piece is taken along, a long one ends here. */
  #moveOn(count: number): void {
    const piece = this.bytes.subarray(this.#start, this.length)
    const isLong = piece.length * 4 >= this.#slabBytes
    if (isLong) {
      this.#finished.push(piece)
      this.#finishedBytes += piece.length
    }
    const carried = isLong ? 0 : piece.length
    const usual = Math.max(this.#slabBytes, Math.min(this.#finishedBytes, MAX_SLAB_BYTES))
    const slab = new Uint8Array(Math.max(usual, carried + count))
    if (!isLong) slab.set(piece)
    this.bytes = slab
    this.#start = 0
    this.length = carried
  }

  writeByte(byte: number): void {
    if (this.length === this.bytes.length) this.reserve(1)
    this.bytes[this.length++] = byte
  }

  /** Writes a byte string. */
  write(text: string): void {
    const count = text.length
    this.reserve(count)
    if (count <= LOOP_LIMIT) {
      const bytes = this.bytes
      let at = this.length
      for (let i = 0; i < count; i++) bytes[at++] = text.charCodeAt(i)
      this.length = at
    } else {
      this.#codec.encode(text, this.bytes, this.length)
      this.length += count
    }
  }

  writeBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Writes a bulk string: `$<length>` and the bytes. In one go, as replies are mostly made of these. */
  writeBulk(text: string): void {
    const count = text.length
    this.reserve(count + BULK_FRAME_BYTES)
    const bytes = this.bytes
    let at = this.length
    bytes[at++] = DOLLAR
    if (count < 10) bytes[at++] = ZERO + count
    else if (count < 100) {
      const tens = (count / 10) | 0
      bytes[at++] = ZERO + tens
      bytes[at++] = ZERO + count - tens * 10
    } else {
      this.length = at
      this.writeInteger(count)
      at = this.length
    }
    bytes[at++] = CR
    bytes[at++] = LF
    if (count <= LOOP_LIMIT) for (let i = 0; i < count; i++) bytes[at++] = text.charCodeAt(i)
    else {
      this.#codec.encode(text, bytes, at)
      at += count
    }
    bytes[at++] = CR
    bytes[at++] = LF
    this.length = at
  }

  /** Writes a safe integer in decimal. */
  writeInteger(value: number): void {
    this.reserve(20)
    const bytes = this.bytes
    if (value < 0) {
      bytes[this.length++] = 0x2d
      value = -value
    }
    if (value < 10) {
      bytes[this.length++] = 0x30 + value
      return
    }
    if (value > 0x7fffffff) {
      this.write(String(value))
      return
    }
    let digits = 2
    for (let limit = 100; value >= limit; limit *= 10) digits++
    let at = this.length + digits
    this.length = at
    let rest = value | 0
    while (rest >= 10) {
      const quotient = (rest / 10) | 0
      bytes[--at] = 0x30 + (rest - quotient * 10)
      rest = quotient
    }
    bytes[--at] = 0x30 + rest
  }

  writeLineEnd(): void {
    this.reserve(2)
    this.bytes[this.length++] = 0x0d
    this.bytes[this.length++] = 0x0a
  }

  /**
   * Appends what was written since the last call to `pieces`. It is not written to again.
   * @returns the number of bytes
   */
  take(pieces: Uint8Array[]): number {
    const count = this.pendingBytes
    if (this.#finishedBytes > 0) {
      for (const piece of this.#finished) pieces.push(piece)
      this.#finished = []
      this.#finishedBytes = 0
    }
    if (this.length > this.#start) pieces.push(this.bytes.subarray(this.#start, this.length))
    this.#start = this.length
    // A large slab is not kept for small pieces.
    if (this.bytes.length - this.length < LEAST_ROOM || this.bytes.length > this.#slabBytes) {
      this.bytes = new Uint8Array(this.#slabBytes)
      this.#start = 0
      this.length = 0
    }
    return count
  }
}
