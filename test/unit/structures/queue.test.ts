import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Queue } from '../../../packages/core/src/structures/queue.js'

test('behaves as an array does', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('push', 'shift', 'clear'), fc.nat(100))), (steps) => {
      const queue = new Queue<number>()
      let model: number[] = []
      let next = 0
      const taken: (readonly [number | undefined, number | undefined])[] = []
      for (const [step, times] of steps) {
        if (step === 'clear' && times > 10) continue
        for (let i = 0; i < times; i++) {
          if (step === 'push') {
            queue.push(next)
            model.push(next++)
          } else if (step === 'shift') taken.push([queue.shift(), model.shift()])
          else {
            queue.clear()
            model = []
          }
        }
        expect(queue.length).toBe(model.length)
        for (const index of [0, 1, model.length - 1, model.length]) expect(queue.at(index)).toBe(model[index])
      }
      for (const [one, other] of taken) if (one !== other) throw new Error(`${one} instead of ${other}`)
    }),
  )
})

test('a long queue is taken from the front in little time', () => {
  const queue = new Queue<number>()
  const count = 300_000
  for (let i = 0; i < count; i++) queue.push(i)
  for (let i = 0; i < count; i++) if (queue.shift() !== i) throw new Error(`wrong element ${i}`)
  expect(queue.length).toBe(0)
})
