/**
 * Integers as the packed forms of Redis hold them: least significant byte first, any number of bytes. As
 * everywhere, a value in the safe range is a number and one beyond it a bigint.
 */

import { normalizeInt } from './int64.js'

export function readUint32(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) >>> 0
}

export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
}

/** A signed integer of `size` bytes: 1, 2, 3, 4 or 8. */
export function readSigned(bytes: Uint8Array, at: number, size: number): number | bigint {
  if (size === 8) return readInt64(bytes, at)
  if (size === 4) return readInt32(bytes, at)
  let value = 0
  for (let i = 0; i < size; i++) value |= (bytes[at + i] as number) << (i * 8)
  const unused = 32 - size * 8
  return (value << unused) >> unused
}

/** Writes a signed integer that fits into `size` bytes: 1, 2, 3, 4 or 8. */
export function writeSigned(bytes: Uint8Array, at: number, size: number, value: number | bigint): void {
  if (size === 8) {
    const isBig = typeof value === 'bigint'
    const high = isBig ? Number(value >> 32n) : Math.floor(value / 2 ** 32)
    const low = isBig ? Number(value & 0xffffffffn) : value - high * 2 ** 32
    writeSigned(bytes, at, 4, low | 0)
    writeSigned(bytes, at + 4, 4, high)
    return
  }
  const word = Number(value)
  for (let i = 0; i < size; i++) bytes[at + i] = word >> (i * 8)
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

function readInt64(bytes: Uint8Array, at: number): number | bigint {
  const low = readUint32(bytes, at)
  const high = readInt32(bytes, at + 4)
  // Within ±2^52 the sum is exact, and safe.
  if (high >= -0x100000 && high < 0x100000) return high * 2 ** 32 + low
  return normalizeInt((BigInt(high) << 32n) | BigInt(low))
}
