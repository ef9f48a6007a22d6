/** SHA-1 against Node's. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sha1 } from '../../../packages/core/src/base/sha1.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

it('has the digests of the standard', () => {
  expect(hex(sha1('abc'))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
  expect(hex(sha1(''))).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709')
})

it('agrees with Node for every length round a block, as bytes and as a byte string', () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff)
    const expected = createHash('sha1').update(bytes).digest('hex')
    expect(hex(sha1(bytes))).toBe(expected)
    expect(hex(sha1(Buffer.from(bytes).toString('latin1')))).toBe(expected)
  }
})

it('agrees with Node for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      expect(hex(sha1(bytes))).toBe(createHash('sha1').update(bytes).digest('hex'))
    }),
  )
})
