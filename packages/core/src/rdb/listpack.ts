/**
 * Redis's listpack, the packed form of small hashes, sets and sorted sets, of the nodes of lists and streams:
 *
 *   total bytes (uint32) | entries (uint16, 65535 = too many to say) | entry … | 0xff
 *
 * An entry is a first byte that tells its kind, the rest of its length or value, and behind that how many
 * bytes this came to, seven bits a byte, to be read backwards:
 *
 *   0vvvvvvv                      integer 0 to 127
 *   10nnnnnn                      text of n bytes
 *   110vvvvv vvvvvvvv             integer of 13 bits, signed
 *   1110nnnn nnnnnnnn             text of n bytes
 *   11110000 n n n n              text of n bytes, little-endian
 *   11110001 to 11110100          integer of 2, 3, 4 or 8 bytes, little-endian
 *
 * A byte string that is a canonical int64 is always packed as an integer of the least size.
 */

import { assert } from '../base/errors.js'
import type { ByteCodec } from '../base/host.js'
import { parseInt64 } from '../base/int64.js'
import { readSigned, readUint16, readUint32, writeSigned } from '../base/little-endian.js'
import { backLengthBytes, LISTPACK_EMPTY_BYTES } from '../structures/listpack-size.js'
import { corrupt } from './corrupt.js'

const HEADER_BYTES = 6
const END = 0xff
/** In the header: the count is found by going through. */
const MANY = 65_535

const TEXT_6_BITS = 0x80
const INTEGER_13_BITS = 0xc0
const TEXT_12_BITS = 0xe0
const TEXT_32_BITS = 0xf0
const INTEGER_16_BITS = 0xf1
const INTEGER_24_BITS = 0xf2
const INTEGER_32_BITS = 0xf3
const INTEGER_64_BITS = 0xf4

/** Redis makes no greater one. */
const MAX_LISTPACK_BYTES = 2 ** 30
/** Around the text of an entry: kind and length, and the length behind. */
const MAX_FRAME_BYTES = 10
/** Characters of the longest int64. */
const MAX_INTEGER_LENGTH = 20
/** Up to this length a loop is faster than a call into the runtime. */
const LOOP_LIMIT = 48
/** A writer begins with this, and keeps no more than that from one listpack to the next. */
const LEAST_CAPACITY = 1024
const MOST_KEPT_CAPACITY = 1 << 20

/**
 * All entries of the listpack `bytes[start, end)` as byte strings, integers in decimal. Everything about it
 * is checked. O(end - start).
 * @throws CorruptError if it is no listpack
 */
export function readListpack(codec: ByteCodec, bytes: Uint8Array, start: number, end: number): string[] {
  if (end - start < LISTPACK_EMPTY_BYTES) corrupt('listpack: shorter than an empty one')
  if (readUint32(bytes, start) !== end - start) corrupt('listpack: its size is not what its header says')
  const last = end - 1
  if (bytes[last] !== END) corrupt('listpack: no end mark')
  const entries: string[] = []
  for (let at = start + HEADER_BYTES; at < last; ) {
    const kind = bytes[at] as number
    // What a broken entry makes us read behind `last` does no harm: it is refused before its value is used.
    let dataStart = at + 1
    let dataBytes = 0
    let isText = false
    if (kind < TEXT_6_BITS) {
      // The value is the kind.
    } else if (kind < INTEGER_13_BITS) {
      isText = true
      dataBytes = kind & 0x3f
    } else if (kind < TEXT_12_BITS) {
      dataBytes = 1
    } else if (kind < TEXT_32_BITS) {
      isText = true
      dataStart = at + 2
      dataBytes = ((kind & 0x0f) << 8) | (bytes[at + 1] as number)
    } else if (kind === TEXT_32_BITS) {
      isText = true
      dataStart = at + 5
      dataBytes = readUint32(bytes, at + 1)
    } else if (kind <= INTEGER_64_BITS) {
      dataBytes = kind === INTEGER_64_BITS ? 8 : kind - INTEGER_16_BITS + 2
    } else {
      corrupt('listpack: entry of unknown kind')
    }
    const dataEnd = dataStart + dataBytes
    const next = dataEnd + backLengthBytes(dataEnd - at)
    if (next > last) corrupt('listpack: entry beyond its end')
    if (!isBackLength(bytes, dataEnd, next, dataEnd - at)) corrupt('listpack: wrong length behind an entry')
    if (isText) entries.push(codec.decode(bytes, dataStart, dataEnd))
    else if (kind < TEXT_6_BITS) entries.push(String(kind))
    else if (dataBytes === 1) entries.push(String((((kind << 8) | (bytes[at + 1] as number)) << 19) >> 19))
    else entries.push(String(readSigned(bytes, dataStart, dataBytes)))
    at = next
  }
  const count = readUint16(bytes, start + 4)
  if (count !== MANY && count !== entries.length) corrupt('listpack: count of entries not as in its header')
  return entries
}

/** Whether `bytes[at, end)` is what `writeBackLength` writes for `length`. */
function isBackLength(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (end - at === 1) return bytes[at] === length
  let rest = length
  for (let i = end - 1; i > at; i--) {
    if (bytes[i] !== ((rest & 0x7f) | 0x80)) return false
    rest >>>= 7
  }
  return bytes[at] === rest
}

/** Packs entry after entry, as Redis packs them. Reuse it: what it returns is a view of its memory. */
export class ListpackWriter {
  /** Entries since the last `finish`. */
  count = 0
  readonly #codec: ByteCodec
  #bytes = new Uint8Array(LEAST_CAPACITY)
  #size = HEADER_BYTES

  constructor(codec: ByteCodec) {
    this.#codec = codec
  }

  /** Bytes the listpack would have if it were finished now. */
  get byteLength(): number {
    return this.#size + 1
  }

  /** Appends a byte string; one that is a canonical int64 becomes an integer. O(length). */
  append(text: string): void {
    const { length } = text
    if (length > 0 && length <= MAX_INTEGER_LENGTH) {
      const first = text.charCodeAt(0)
      if (first <= 0x39 && (first >= 0x30 || first === 0x2d)) {
        const value = parseInt64(text)
        if (value !== undefined) {
          this.appendInteger(value)
          return
        }
      }
    }
    this.#appendText(text)
  }

  /** Appends an int64. */
  appendInteger(value: number | bigint): void {
    this.#reserve(MAX_FRAME_BYTES)
    const bytes = this.#bytes
    const start = this.#size
    if (value >= 0 && value <= 127) {
      bytes[start] = Number(value)
      this.#finishEntry(start + 1)
    } else if (value >= -4096 && value <= 4095) {
      const bits = Number(value) & 0x1fff
      bytes[start] = INTEGER_13_BITS | (bits >> 8)
      bytes[start + 1] = bits
      this.#finishEntry(start + 2)
    } else if (value >= -32_768 && value <= 32_767) {
      this.#appendSized(INTEGER_16_BITS, 2, value)
    } else if (value >= -8_388_608 && value <= 8_388_607) {
      this.#appendSized(INTEGER_24_BITS, 3, value)
    } else if (value >= -2_147_483_648 && value <= 2_147_483_647) {
      this.#appendSized(INTEGER_32_BITS, 4, value)
    } else {
      this.#appendSized(INTEGER_64_BITS, 8, value)
    }
  }

  /** Ends the listpack and begins the next. The bytes returned are good until that is appended to. */
  finish(): Uint8Array {
    const bytes = this.#bytes
    bytes[this.#size++] = END
    const size = this.#size
    writeSigned(bytes, 0, 4, size)
    writeSigned(bytes, 4, 2, Math.min(this.count, MANY))
    this.count = 0
    this.#size = HEADER_BYTES
    if (bytes.length > MOST_KEPT_CAPACITY) this.#bytes = new Uint8Array(LEAST_CAPACITY)
    return bytes.subarray(0, size)
  }

  #appendText(text: string): void {
    const { length } = text
    this.#reserve(length + MAX_FRAME_BYTES)
    const bytes = this.#bytes
    let at = this.#size
    if (length < 64) {
      bytes[at++] = TEXT_6_BITS | length
    } else if (length < 4096) {
      bytes[at++] = TEXT_12_BITS | (length >> 8)
      bytes[at++] = length
    } else {
      bytes[at++] = TEXT_32_BITS
      writeSigned(bytes, at, 4, length)
      at += 4
    }
    if (length <= LOOP_LIMIT) for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i)
    else this.#codec.encode(text, bytes, at)
    this.#finishEntry(at + length)
  }

  #appendSized(kind: number, size: number, value: number | bigint): void {
    const start = this.#size
    this.#bytes[start] = kind
    writeSigned(this.#bytes, start + 1, size, value)
    this.#finishEntry(start + 1 + size)
  }

  /** Writes the length behind the entry that lies between the size so far and `dataEnd`. */
  #finishEntry(dataEnd: number): void {
    const bytes = this.#bytes
    const length = dataEnd - this.#size
    const end = dataEnd + backLengthBytes(length)
    let rest = length
    for (let i = end - 1; i > dataEnd; i--) {
      bytes[i] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[dataEnd] = rest
    this.#size = end
    this.count++
  }

  /** Makes room for an entry of `count` bytes, and the end mark. */
  #reserve(count: number): void {
    const needed = this.#size + count + 1
    if (needed <= this.#bytes.length) return
    assert(needed <= MAX_LISTPACK_BYTES, 'a listpack within the limit of Redis')
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#size))
    this.#bytes = grown
  }
}

/** The listpack of `entries`, each as `ListpackWriter.append` takes it. Reuse a writer where there are many. */
export function writeListpack(codec: ByteCodec, entries: readonly string[]): Uint8Array {
  const writer = new ListpackWriter(codec)
  for (const entry of entries) writer.append(entry)
  return writer.finish()
}
