/**
 * The dense form of a HyperLogLog: all registers, 6 bits each, packed from the low bits of a byte upward.
 *
 *     byte   |   0    |   1    |   2    |   3    |
 *     bits   |11000000|22221111|33333322|55444444|      each digit is a bit of that register
 *
 * Four registers take three bytes.
 */

import type { GrowBytes } from './grow-bytes.js'
import { HEADER_BYTES, REGISTERS } from './hyperloglog-layout.js'

export const DENSE_BYTES = HEADER_BYTES + (REGISTERS * 6) / 8

/** The value of a register. O(1) */
export function denseRegister(bytes: GrowBytes, index: number): number {
  const at = HEADER_BYTES + ((index * 6) >>> 3)
  const shift = (index * 6) & 7
  const low = bytes.byteAt(at) >>> shift
  return (shift > 2 ? low | (bytes.byteAt(at + 1) << (8 - shift)) : low) & 63
}

/** Sets a register in the bytes of a dense HyperLogLog. O(1) */
export function setDenseRegister(content: Uint8Array, index: number, value: number): void {
  const at = HEADER_BYTES + ((index * 6) >>> 3)
  const shift = (index * 6) & 7
  content[at] = ((content[at] as number) & ~(63 << shift)) | (value << shift)
  if (shift <= 2) return
  const rest = 8 - shift
  content[at + 1] = ((content[at + 1] as number) & ~(63 >>> rest)) | (value >>> rest)
}

/** Raises a register to `value` if it is lower; says whether it was. O(1) */
export function raiseDense(bytes: GrowBytes, index: number, value: number): boolean {
  if (denseRegister(bytes, index) >= value) return false
  setDenseRegister(bytes.edit(), index, value)
  return true
}

/** Raises each of `registers`, a byte each, to the value it has in a dense HyperLogLog. O(registers) */
export function raiseByDense(registers: Uint8Array, content: Uint8Array): void {
  for (let at = HEADER_BYTES, index = 0; index < REGISTERS; at += 3, index += 4) {
    const four =
      (content[at] as number) | ((content[at + 1] as number) << 8) | ((content[at + 2] as number) << 16)
    if (four === 0) continue
    const first = four & 63
    const second = (four >>> 6) & 63
    const third = (four >>> 12) & 63
    const fourth = four >>> 18
    if (first > (registers[index] as number)) registers[index] = first
    if (second > (registers[index + 1] as number)) registers[index + 1] = second
    if (third > (registers[index + 2] as number)) registers[index + 2] = third
    if (fourth > (registers[index + 3] as number)) registers[index + 3] = fourth
  }
}

/** Writes all registers of a dense HyperLogLog, none above 63. O(registers) */
export function packDense(registers: Uint8Array, content: Uint8Array): void {
  for (let at = HEADER_BYTES, index = 0; index < REGISTERS; at += 3, index += 4) {
    const four =
      (registers[index] as number) |
      ((registers[index + 1] as number) << 6) |
      ((registers[index + 2] as number) << 12) |
      ((registers[index + 3] as number) << 18)
    content[at] = four
    content[at + 1] = four >>> 8
    content[at + 2] = four >>> 16
  }
}

/** Counts the registers of a dense HyperLogLog by their values. O(registers) */
export function countDense(content: Uint8Array, counts: Int32Array): void {
  for (let at = HEADER_BYTES; at < DENSE_BYTES; at += 3) {
    const four =
      (content[at] as number) | ((content[at + 1] as number) << 8) | ((content[at + 2] as number) << 16)
    ;(counts[four & 63] as number)++
    ;(counts[(four >>> 6) & 63] as number)++
    ;(counts[(four >>> 12) & 63] as number)++
    ;(counts[four >>> 18] as number)++
  }
}
