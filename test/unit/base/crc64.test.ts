/** The checksum against its published check value and against a bit-by-bit computation. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Crc64 } from '../../../packages/core/src/base/crc64.js'

const POLYNOMIAL = 0xad93d23594c935a9n

const reversed = (value: bigint, bits: number): bigint =>
  BigInt(`0b${[...value.toString(2).padStart(bits, '0')].reverse().join('')}`)

/** By the definition: the message, each byte reversed, divided by the polynomial; the remainder reversed. */
function byDefinition(bytes: Uint8Array): bigint {
  let rest = 0n
  for (const byte of bytes) {
    rest ^= reversed(BigInt(byte), 8) << 56n
    for (let bit = 0; bit < 8; bit++) {
      const isDivisible = rest >> 63n === 1n
      rest = BigInt.asUintN(64, rest << 1n) ^ (isDivisible ? POLYNOMIAL : 0n)
    }
  }
  return reversed(rest, 64)
}

function checksum(crc: Crc64): bigint {
  const bytes = Buffer.alloc(10)
  crc.writeTo(bytes, 1)
  expect([bytes[0], bytes[9]]).toEqual([0, 0])
  return bytes.readBigUInt64LE(1)
}

it('has the check value', () => {
  const crc = new Crc64()
  crc.update(Buffer.from('123456789'))
  expect(checksum(crc)).toBe(0xe9c6d914c4b8d9can)
  crc.reset()
  expect(checksum(crc)).toBe(0n)
  expect(crc.isZero).toBe(true)
})

it('is what the definition says, however the bytes come', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (bytes, a, b) => {
      const first = Math.min(a, b, bytes.length)
      const second = Math.min(Math.max(a, b), bytes.length)
      const crc = new Crc64()
      crc.update(bytes, 0, first)
      crc.update(bytes, first, second)
      crc.update(bytes.subarray(second))
      const expected = byDefinition(bytes)
      expect(checksum(crc)).toBe(expected)
      expect(crc.isZero).toBe(expected === 0n)
    }),
  )
})

it('equals only its own eight bytes', () => {
  const crc = new Crc64()
  crc.update(Buffer.from('some bytes'))
  const bytes = Buffer.alloc(11)
  crc.writeTo(bytes, 3)
  expect(crc.equals(bytes, 3)).toBe(true)
  expect(crc.equals(bytes, 2)).toBe(false)
  expect(crc.equals(bytes, 4)).toBe(false)
  for (let i = 3; i < 11; i++) {
    const changed = Buffer.from(bytes)
    changed[i] = (changed[i] as number) ^ 0x10
    expect(crc.equals(changed, 3)).toBe(false)
  }
})
