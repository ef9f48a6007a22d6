import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringBytes } from '../../../packages/core/src/base/heap-size.js'
import { ChunkedDeque } from '../../../packages/core/src/structures/chunked-deque.js'

/** What the deque must equal after every step: a plain array. */
class Model {
  constructor(
    readonly deque: ChunkedDeque,
    public array: string[],
  ) {}

  check(): void {
    const { deque, array } = this
    deque.assertInvariants()
    expect(deque.length).toBe(array.length)
    expect(deque.textBytes).toBe(array.reduce((sum, value) => sum + stringBytes(value), 0))
    expect(deque.slice(0, array.length)).toEqual(array)
  }
}

/** A step of a random history; `at` and `size` in [0, 1) are scaled to the length when it is done. */
type Step = { kind: (typeof KINDS)[number]; at: number; size: number; value: string; repeat: number }

const KINDS = [
  'pushHead',
  'pushTail',
  'popHead',
  'popTail',
  'insert',
  'insertRun',
  'remove',
  'removeRange',
  'set',
  'removeHeadMost',
  'removeTailMost',
  'scan',
  'slice',
] as const

const fraction = fc.double({ min: 0, max: 0.999999, noNaN: true })
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fraction,
  size: fraction,
  value: fc.constantFrom('', 'a', 'b', 'cc', '\xff\0'),
  repeat: fc.integer({ min: 1, max: 300 }),
})

function arrayRemoveMatching(array: string[], value: string, count: number, fromTail: boolean): string[] {
  const limit = count === 0 ? array.length : count
  let removed = 0
  const source = fromTail ? [...array].reverse() : array
  const kept = source.filter((item) => !(item === value && removed++ < limit))
  return fromTail ? kept.reverse() : kept
}

function run(model: Model, { kind, at, size, value, repeat }: Step): void {
  const { deque, array } = model
  const index = Math.floor(at * array.length)
  switch (kind) {
    case 'pushHead':
      for (let i = 0; i < repeat; i++) {
        deque.pushHead(value + i)
        array.unshift(value + i)
      }
      break
    case 'pushTail':
      for (let i = 0; i < repeat; i++) {
        deque.pushTail(i % 3 === 0 ? value : value + i)
        array.push(i % 3 === 0 ? value : value + i)
      }
      break
    case 'popHead':
      for (let i = 0; i < repeat; i++) expect(deque.popHead()).toBe(array.shift())
      break
    case 'popTail':
      for (let i = 0; i < repeat; i++) expect(deque.popTail()).toBe(array.pop())
      break
    case 'insert': {
      const place = Math.floor(at * (array.length + 1))
      deque.insert(place, value)
      array.splice(place, 0, value)
      break
    }
    case 'insertRun':
      for (let i = 0; i < repeat; i++) deque.insert(index, value)
      array.splice(index, 0, ...Array.from({ length: repeat }, () => value))
      break
    case 'remove':
      if (array.length > 0) expect(deque.remove(index)).toBe(array.splice(index, 1)[0])
      break
    case 'removeRange': {
      const count = Math.floor(size * (array.length - index + 1))
      deque.removeRange(index, count)
      array.splice(index, count)
      break
    }
    case 'set':
      if (array.length === 0) break
      deque.set(index, value)
      array[index] = value
      break
    case 'removeHeadMost':
    case 'removeTailMost': {
      const fromTail = kind === 'removeTailMost'
      const count = repeat % 4 === 0 ? 0 : repeat
      const kept = arrayRemoveMatching(array, value, count, fromTail)
      expect(deque.removeMatching(value, count, fromTail)).toBe(array.length - kept.length)
      model.array = kept
      break
    }
    case 'scan':
      for (const direction of [1, -1] as const) {
        const seen: string[] = []
        deque.forEachFrom(index, direction, (item, position) => {
          expect(item).toBe(array[position])
          seen.push(item)
          return seen.length < repeat
        })
        const rest = direction === 1 ? array.slice(index) : array.slice(0, index + 1).reverse()
        expect(seen).toEqual(array.length === 0 ? [] : rest.slice(0, repeat))
      }
      break
    case 'slice': {
      const count = Math.floor(size * (array.length - index + 1))
      expect(deque.slice(index, count)).toEqual(array.slice(index, index + count))
      if (array.length > 0) expect(deque.get(index)).toBe(array[index])
      break
    }
  }
}

describe('ChunkedDeque', () => {
  it('does what an array does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const model = new Model(new ChunkedDeque(), [])
        for (const each of steps) {
          run(model, each)
          model.check()
        }
      }),
      { numRuns: 150 },
    )
  })

  it('does what an array does when it begins with many chunks', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) => {
        const values = Array.from({ length: 6000 }, (_, i) => (i % 50 === 0 ? 'a' : `v${i}`))
        const model = new Model(ChunkedDeque.from(values), values)
        for (const each of steps) run(model, each)
        model.check()
      }),
      { numRuns: 60 },
    )
  })

  it('refuses an index or range outside the list', () => {
    const deque = ChunkedDeque.from(['a', 'b'])
    expect(() => deque.get(2)).toThrow('index within the list')
    expect(() => deque.get(-1)).toThrow('index within the list')
    expect(() => deque.removeRange(1, 2)).toThrow('range within the list')
    expect(() => deque.slice(0, 3)).toThrow('range within the list')
    expect(deque.slice(0, 2)).toEqual(['a', 'b'])
  })

  it('stays dense when single elements are removed from 300,000 in a hostile order', () => {
    const deque = ChunkedDeque.from(Array.from({ length: 300_000 }, (_, i) => String(i)))
    // One element of each run of 128 survives: without merging, every chunk would.
    let index = 0
    for (let i = 0; i < 300_000; i++) {
      if (i % 128 === 5) index++
      else if (i % 2 === 0) expect(deque.remove(index)).toBe(String(i))
      else deque.removeRange(index, 1)
    }
    deque.assertInvariants()
    expect(deque.length).toBe(Math.ceil((300_000 - 5) / 128))
    for (let i = 0; i < deque.length; i += 97) expect(deque.get(i)).toBe(String(i * 128 + 5))
  })

  it('merges the half of a split chunk with a small neighbour', () => {
    const deque = ChunkedDeque.from(Array.from({ length: 128 * 8 }, (_, i) => String(i)))
    deque.removeRange(128 * 4 + 10, 108)
    deque.insert(128 * 3 + 60, 'new')
    deque.assertInvariants()
    expect(deque.slice(128 * 3 + 59, 3)).toEqual([String(128 * 3 + 59), 'new', String(128 * 3 + 60)])
  })

  it('gives back the room at the head when the list shrinks from the tail or the middle', () => {
    for (const shrink of ['popTail', 'removeRange'] as const) {
      const deque = new ChunkedDeque()
      for (let i = 0; i < 128 * 33; i++) deque.pushHead(String(i))
      if (shrink === 'popTail') for (let i = 0; i < 128 * 30; i++) deque.popTail()
      else deque.removeRange(50, 128 * 30)
      deque.assertInvariants()
      expect(deque.get(0)).toBe(String(128 * 33 - 1))
    }
  })

  it('works as a long-lived queue in both directions', () => {
    const deque = new ChunkedDeque()
    for (let i = 0; i < 1000; i++) deque.pushTail(String(i))
    for (let i = 0; i < 200_000; i++) {
      deque.pushTail(String(i + 1000))
      expect(deque.popHead()).toBe(String(i))
    }
    deque.assertInvariants()
    for (let i = 0; i < 200_000; i++) {
      deque.pushHead(String(i))
      deque.popTail()
    }
    deque.assertInvariants()
    expect(deque.slice(0, 3)).toEqual(['199999', '199998', '199997'])
    while (deque.popTail() !== undefined);
    expect(deque.length).toBe(0)
    expect(deque.textBytes).toBe(0)
    expect(deque.heapBytes).toBe(0)
    deque.assertInvariants()
  })

  it('removes all matches and both ends in a list of 400,000', () => {
    const deque = ChunkedDeque.from(Array.from({ length: 400_000 }, (_, i) => (i % 4 === 0 ? 'keep' : 'go')))
    expect(deque.removeMatching('go', 1000, true)).toBe(1000)
    expect(deque.get(deque.length - 1)).toBe('keep')
    expect(deque.removeMatching('go', 0, false)).toBe(299_000)
    deque.assertInvariants()
    expect(deque.textBytes).toBe(100_000 * stringBytes('keep'))
    deque.removeRange(50_001, deque.length - 50_001)
    deque.removeRange(0, 40_000)
    expect(deque.length).toBe(10_001)
    deque.assertInvariants()
    deque.removeRange(0, deque.length)
    expect(deque.length).toBe(0)
    deque.assertInvariants()
  })
})
