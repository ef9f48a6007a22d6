/** Whether strings repeat, below and above the size at which the way of finding out changes. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hasRepeats } from '../../../packages/core/src/structures/has-repeats.js'

it('agrees with a set, whatever the step is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      (items, step) => {
        const whole = items.slice(0, items.length - (items.length % step))
        const looked = whole.filter((_, i) => i % step === 0)
        expect(hasRepeats(whole, step)).toBe(new Set(looked).size < looked.length)
      },
    ),
    { numRuns: 1000 },
  )
})
