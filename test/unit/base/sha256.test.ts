/** SHA-256: the vectors of FIPS 180-4, and any data at all beside Node's own implementation. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hexOf } from '../../../packages/core/src/base/hex.js'
import { sha256 } from '../../../packages/core/src/base/sha256.js'

it.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
])('digests %.20s', (text, digest) => {
  expect(hexOf(sha256(text))).toBe(digest)
})

it('agrees with another implementation about every length around the block', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const wanted = createHash('sha256').update(bytes).digest('hex')
      expect(hexOf(sha256(bytes))).toBe(wanted)
      expect(hexOf(sha256(String.fromCharCode(...bytes)))).toBe(wanted)
    }),
  )
})
