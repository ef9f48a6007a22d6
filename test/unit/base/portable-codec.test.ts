/** Byte strings from bytes and back without the platform's help: against Node's latin1. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { portableCodec } from '../../../packages/core/src/base/portable-codec.js'

it('agrees with latin1 in any part of a buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
      const start = Math.min(a, b, bytes.length)
      const end = Math.min(Math.max(a, b), bytes.length)
      const text = portableCodec.decode(bytes, start, end)
      expect(text).toBe(Buffer.from(bytes).toString('latin1', start, end))
      const copy = bytes.slice().fill(0, start, end)
      portableCodec.encode(text, copy, start)
      expect(copy).toEqual(bytes)
    }),
  )
})

it('takes megabytes', () => {
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => i & 255)
  const text = portableCodec.decode(bytes, 0, bytes.length)
  const copy = new Uint8Array(bytes.length)
  portableCodec.encode(text, copy, 0)
  expect(Buffer.compare(copy, bytes)).toBe(0)
})
