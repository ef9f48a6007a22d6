/**
 * Reading and writing bits of a run of bytes, at any bit offset.
 *
 * Bits are numbered as Redis numbers them: bit 0 is the most significant bit of byte 0. The readers take a
 * byte string or a Uint8Array, so a string that was never edited needs no conversion; they work on 32 bits
 * at a time. Bit ranges are half open, [startBit, endBit). Bits behind the last byte read as 0.
 */

export type ByteSource = string | Uint8Array

const TWO_32 = 2 ** 32

/** The bit at `bitOffset`: 0 or 1. */
export function getBit(source: ByteSource, bitOffset: number): number {
  return (byteAt(source, Math.floor(bitOffset / 8)) >>> (7 - (bitOffset & 7))) & 1
}

/** Number of bits set in [startBit, endBit). */
export function popcount(source: ByteSource, startBit: number, endBit: number): number {
  const end = Math.min(endBit, source.length * 8)
  if (startBit >= end) return 0
  const headBits = Math.min(-startBit & 7, end - startBit)
  let total = popcount32(readBits(source, startBit, headBits))
  const firstByte = (startBit + headBits) / 8
  const words = Math.floor((end / 8 - firstByte) / 4)
  const tailByte = firstByte + words * 4
  for (let i = firstByte; i < tailByte; i += 4) total += popcount32(wordAt(source, i))
  const tailBits = end - (startBit + headBits) - (tailByte - firstByte) * 8
  return total + popcount32(readBits(source, tailByte * 8, tailBits))
}

/** Offset of the first bit in [startBit, endBit) that equals `bit`, or -1. Only bits that exist count. */
export function bitpos(source: ByteSource, bit: number, startBit: number, endBit: number): number {
  const end = Math.min(endBit, source.length * 8)
  // XOR with this turns the search for `bit` into a search for a 1.
  const flip = bit === 1 ? 0 : -1
  for (let at = startBit; at < end; ) {
    if ((at & 7) === 0 && at + 32 <= end) {
      const word = wordAt(source, at / 8) ^ flip
      if (word !== 0) return at + Math.clz32(word)
      at += 32
    } else {
      const width = Math.min(8 - (at & 7), end - at)
      const bits = (readBits(source, at, width) ^ flip) & ((1 << width) - 1)
      if (bits !== 0) return at + Math.clz32(bits) - (32 - width)
      at += width
    }
  }
  return -1
}

/** The unsigned integer of `width` bits, 1 to 63, at `bitOffset`; a bigint beyond the safe range. */
export function getUnsigned(source: ByteSource, bitOffset: number, width: number): number | bigint {
  if (width <= 32) return readBits(source, bitOffset, width)
  const high = readBits(source, bitOffset, width - 32)
  const low = readBits(source, bitOffset + width - 32, 32)
  return joinWords(high, low)
}

/** The two's complement integer of `width` bits, 1 to 64, at `bitOffset`; a bigint beyond the safe range. */
export function getSigned(source: ByteSource, bitOffset: number, width: number): number | bigint {
  if (width <= 32) return extendSign(readBits(source, bitOffset, width), width)
  const high = extendSign(readBits(source, bitOffset, width - 32), width - 32)
  const low = readBits(source, bitOffset + width - 32, 32)
  return joinWords(high, low)
}

/** Writes the low `width` bits, 1 to 64, of an integer at `bitOffset`; the bytes are there. */
export function setField(bytes: Uint8Array, bitOffset: number, width: number, value: number | bigint): void {
  const low = typeof value === 'number' ? value >>> 0 : Number(BigInt.asUintN(32, value))
  if (width <= 32) {
    writeBits(bytes, bitOffset, width, low)
    return
  }
  const high =
    typeof value === 'number' ? Math.floor(value / TWO_32) >>> 0 : Number(BigInt.asUintN(32, value >> 32n))
  writeBits(bytes, bitOffset, width - 32, high)
  writeBits(bytes, bitOffset + width - 32, 32, low)
}

function byteAt(source: ByteSource, index: number): number {
  if (index >= source.length) return 0
  return typeof source === 'string' ? source.charCodeAt(index) : (source[index] as number)
}

/** Four bytes that exist, most significant first. */
function wordAt(source: ByteSource, index: number): number {
  if (typeof source === 'string') {
    return (
      (source.charCodeAt(index) << 24) |
      (source.charCodeAt(index + 1) << 16) |
      (source.charCodeAt(index + 2) << 8) |
      source.charCodeAt(index + 3)
    )
  }
  return (
    ((source[index] as number) << 24) |
    ((source[index + 1] as number) << 16) |
    ((source[index + 2] as number) << 8) |
    (source[index + 3] as number)
  )
}

/** Bits set in a 32-bit word, counted in all its fields at once. */
function popcount32(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** `width` bits, 0 to 32, as an unsigned number. */
function readBits(source: ByteSource, bitOffset: number, width: number): number {
  const index = Math.floor(bitOffset / 8)
  let word = 0
  for (let i = 0; i < 4; i++) word = (word << 8) | byteAt(source, index + i)
  // How far the field reaches into a fifth byte; negative if it ends before.
  const excess = (bitOffset & 7) + width - 32
  const bits = excess > 0 ? (word << excess) | (byteAt(source, index + 4) >>> (8 - excess)) : word >>> -excess
  return width === 32 ? bits >>> 0 : bits & ((1 << width) - 1)
}

/** Writes the low `width` bits, 1 to 32, of `value`. */
function writeBits(bytes: Uint8Array, bitOffset: number, width: number, value: number): void {
  let at = bitOffset
  for (let left = width; left > 0; ) {
    const index = Math.floor(at / 8)
    const room = 8 - (at & 7)
    const size = Math.min(room, left)
    const mask = (1 << size) - 1
    const shift = room - size
    const bits = (value >>> (left - size)) & mask
    bytes[index] = ((bytes[index] as number) & ~(mask << shift)) | (bits << shift)
    at += size
    left -= size
  }
}

function extendSign(value: number, width: number): number {
  return value >= 2 ** (width - 1) ? value - 2 ** width : value
}

function joinWords(high: number, low: number): number | bigint {
  const value = high * TWO_32 + low
  return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low)
}
