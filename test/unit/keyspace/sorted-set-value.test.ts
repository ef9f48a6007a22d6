/** SortedSetValue against a plain model, in the small form, the big form and across the change. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultEncodingLimits } from '../../../packages/core/src/keyspace/encoding-limits.js'
import { SortedSetValue } from '../../../packages/core/src/keyspace/sorted-set-value.js'
import type { ValueHome } from '../../../packages/core/src/keyspace/value.js'

function home(entries: number, valueBytes = 64): ValueHome {
  return {
    limits: { ...defaultEncodingLimits(), zsetMaxListpackEntries: entries, zsetMaxListpackValue: valueBytes },
    newSeed: () => 1234,
  }
}

type Pair = [member: string, score: number]

const inModelOrder = (model: Map<string, number>): Pair[] =>
  [...model].sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x - y))

function pairsOf(value: SortedSetValue): Pair[] {
  const pairs: Pair[] = []
  value.forEach((member, score) => {
    pairs.push([member, score])
  })
  return pairs
}

const member = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map((n) => `m${n}`),
  fc.constantFrom('', '\0', '\xff', 'long member'),
)
const score = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom(0.5, -0.25, Infinity, -Infinity, 1e300),
)
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('set' as const), member, score }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), member }) },
    fc.record({ kind: fc.constant('deleteRange' as const), at: fc.nat(), count: fc.nat(20) }),
  ),
  { maxLength: 600, size: 'max' },
)

describe.each([0, 10, 1000])('up to %i elements in a listpack', (entries) => {
  test('any changes leave the elements of the model in the order of the model', () => {
    fc.assert(
      fc.property(steps, (changes) => {
        const value = new SortedSetValue(home(entries))
        const model = new Map<string, number>()
        for (const change of changes) {
          if (change.kind === 'set') {
            expect(value.set(change.member, change.score)).toBe(!model.has(change.member))
            model.set(change.member, change.score)
          } else if (change.kind === 'delete') {
            expect(value.delete(change.member)).toBe(model.delete(change.member))
          } else if (model.size > 0) {
            const start = change.at % model.size
            const count = Math.min(change.count, model.size - start)
            for (const [gone] of inModelOrder(model).slice(start, start + count)) model.delete(gone)
            value.deleteRange(start, count)
          }
          expect(value.length).toBe(model.size)
        }
        const ordered = inModelOrder(model)
        expect(pairsOf(value)).toEqual(ordered)
        expect(pairsOf(value.copy())).toEqual(ordered)
        expect(value.copy().encoding).toBe(value.encoding)
        for (const [rank, [name, points]] of ordered.entries()) {
          expect(value.rank(name)).toBe(rank)
          expect(value.score(name)).toBe(points)
          expect(value.at(rank)).toEqual({ member: name, score: points })
          expect(value.rankOfScore(points, false)).toBe(ordered.filter(([, other]) => other < points).length)
          expect(value.rankOfScore(points, true)).toBe(ordered.filter(([, other]) => other <= points).length)
        }
        expect(value.rank('nobody')).toBe(-1)
        expect(value.score('nobody')).toBeUndefined()
      }),
      { numRuns: 20 },
    )
  })

  test('a walk gives any part in either direction', () => {
    const value = new SortedSetValue(home(entries))
    for (let i = 0; i < 200; i++) value.insert(`m${i}`, i)
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (start, length) => {
        const count = Math.min(length, 200 - start)
        const expected = Array.from({ length: count }, (_, i) => start + i)
        for (const reverse of [false, true]) {
          const seen: number[] = []
          value.walk(start, count, reverse, (_, points) => {
            seen.push(points)
          })
          expect(seen).toEqual(reverse ? expected.reverse() : expected)
        }
      }),
    )
  })
})

test('from() sorts and takes the smallest encoding that is allowed', () => {
  const pairs = fc.uniqueArray(fc.tuple(member, score), { selector: ([name]) => name, maxLength: 40 })
  fc.assert(
    fc.property(pairs, (elements) => {
      const value = SortedSetValue.from(
        home(20, 8),
        elements.map(([name]) => name),
        elements.map(([, points]) => points),
      )
      expect(pairsOf(value)).toEqual(inModelOrder(new Map(elements)))
      const small = elements.length <= 20 && elements.every(([name]) => name.length <= 8)
      expect(value.encoding).toBe(small ? 'listpack' : 'skiplist')
    }),
  )
})

test('a long member or too many elements make the big form, for good', () => {
  const long = new SortedSetValue(home(10, 4))
  long.set('1234', 1)
  expect(long.encoding).toBe('listpack')
  long.set('12345', 1)
  expect(long.encoding).toBe('skiplist')
  long.delete('12345')
  expect(long.encoding).toBe('skiplist')

  const announced = new SortedSetValue(home(3))
  announced.prepareFor(3)
  expect(announced.encoding).toBe('listpack')
  announced.prepareFor(4)
  expect(announced.encoding).toBe('skiplist')
})

test('only the big form keeps a negative zero', () => {
  const small = new SortedSetValue(home(10))
  small.insert('a', -0)
  expect(small.score('a')).toBe(0)
  const big = new SortedSetValue(home(0))
  big.insert('a', -0)
  expect(big.score('a')).toBe(-0)
  expect(SortedSetValue.from(home(10), ['a'], [-0]).score('a')).toBe(0)
})

test('the estimate of the size grows with the elements', () => {
  const value = new SortedSetValue(home(10))
  const before = value.heapBytes
  for (let i = 0; i < 1000; i++) value.insert(`member:${i}`, i)
  expect(value.heapBytes).toBeGreaterThan(before + 1000 * 40)
  value.assertInvariants()
  value.deleteRange(0, 990)
  value.assertInvariants()
  expect(value.heapBytes).toBeLessThan(before + 30_000)
})
