/** The cache of words gives exactly what the bytes say, whatever has been in it. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { WordCache } from '../../../packages/core/src/protocol/word-cache.js'
import { NodeHost } from '../../../packages/node/src/host.js'

it('a word is what its bytes are, also when others had its place', () => {
  const cache = new WordCache(new NodeHost().bytes)
  const word = fc.uint8Array({ maxLength: 20 })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 50 }), fc.nat(5), (all, offset) => {
      for (const bytes of [...all, ...all]) {
        const padded = new Uint8Array(bytes.length + offset + 3).fill(0x61)
        padded.set(bytes, offset)
        expect(cache.get(padded, offset, offset + bytes.length)).toBe(String.fromCharCode(...bytes))
      }
    }),
    { numRuns: 500 },
  )
})
