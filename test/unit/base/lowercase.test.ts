import fc from 'fast-check'
import { expect, it } from 'vitest'
import { equalsIgnoreCase, lower } from '../../../packages/core/src/base/lowercase.js'

const byteString = fc.array(fc.nat(255)).map((codes) => String.fromCharCode(...codes))
const model = (text: string): string =>
  text.replace(/[A-Z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 32))

it('folds A-Z and nothing else', () => {
  expect(lower('WithScores')).toBe('withscores')
  expect(lower('\xc0Z[@')).toBe('\xc0z[@')
  fc.assert(
    fc.property(byteString, (text) => {
      expect(lower(text)).toBe(model(text))
    }),
  )
})

it('compares as folding would', () => {
  expect(equalsIgnoreCase('\x4d\x0d', 'm-')).toBe(false)
  expect(equalsIgnoreCase('A@', 'a`')).toBe(false)
  expect(equalsIgnoreCase('KEEPTTL', 'keepttl')).toBe(true)
  expect(equalsIgnoreCase('KEEP', 'keepttl')).toBe(false)
  const near = fc.string({ unit: fc.constantFrom(...'aAzZ@`[{-\r'), maxLength: 3 })
  fc.assert(
    fc.property(near, near, (a, b) => {
      expect(equalsIgnoreCase(a, lower(b))).toBe(lower(a) === lower(b))
    }),
    { numRuns: 2000 },
  )
})
