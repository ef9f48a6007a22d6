/** Against Node's DataView and Buffer, at every limit of every width. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  readSigned,
  readUint16,
  readUint32,
  writeSigned,
} from '../../../packages/core/src/base/little-endian.js'

const SIZES = [1, 2, 3, 4, 8]

function expected(value: bigint, size: number): Buffer {
  const whole = Buffer.alloc(8)
  whole.writeBigInt64LE(value)
  return whole.subarray(0, size)
}

function check(value: bigint, size: number): void {
  const narrow = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
  const bytes = Buffer.alloc(10, 0x55)
  writeSigned(bytes, 1, size, narrow)
  expect(bytes.subarray(1, 1 + size)).toEqual(expected(value, size))
  expect([bytes[0], bytes[1 + size]]).toEqual([0x55, 0x55])
  expect(readSigned(bytes, 1, size)).toBe(narrow)
}

it('reads and writes the limits of each width, and round the safe range', () => {
  for (const size of SIZES) {
    const limit = 2n ** BigInt(size * 8 - 1)
    for (const value of [0n, 1n, -1n, limit - 1n, -limit, limit / 2n, -limit / 2n]) check(value, size)
  }
  for (const edge of [2n ** 31n, 2n ** 32n, 2n ** 52n, 2n ** 53n]) {
    for (const around of [-1n, 0n, 1n]) {
      check(edge + around, 8)
      check(-edge + around, 8)
    }
  }
})

it('reads and writes any value of each width', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SIZES), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (size, bits) => {
      check(BigInt.asIntN(size * 8, bits), size)
    }),
  )
})

it('reads unsigned words', () => {
  const bytes = Buffer.from([1, 0xfe, 0xff, 0xff, 0xff])
  expect(readUint16(bytes, 0)).toBe(0xfe01)
  expect(readUint32(bytes, 1)).toBe(0xfffffffe)
})
