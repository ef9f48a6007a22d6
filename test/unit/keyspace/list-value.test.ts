/** A list against a plain array, with its form following Redis's rules for every setting of the limit. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultEncodingLimits } from '../../../packages/core/src/keyspace/encoding-limits.js'
import { ListValue } from '../../../packages/core/src/keyspace/list-value.js'

function homeWith(listMaxListpackSize: number) {
  return { limits: { ...defaultEncodingLimits(), listMaxListpackSize }, newSeed: () => 1234 }
}

function grow(list: ListValue, ...elements: string[]): void {
  list.willGrow(elements.join('').length, elements.length)
  for (const element of elements) list.pushTail(element)
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i % 100))

describe('form', () => {
  test('a limit of elements', () => {
    const list = new ListValue(homeWith(4))
    grow(list, 'a', 'b', 'c', 'd')
    expect(list.encoding).toBe('listpack')
    grow(list, 'e')
    expect(list.encoding).toBe('quicklist')
    list.removeRange(0, 2)
    list.hasShrunk()
    expect(list.encoding).toBe('quicklist')
    list.popTail()
    list.hasShrunk()
    expect(list.encoding).toBe('listpack')
    expect(list.slice(0, 2)).toEqual(['c', 'd'])
  })

  test('a limit of elements is one of 8 KB as well', () => {
    const list = new ListValue(homeWith(100))
    grow(list, 'x'.repeat(8185))
    expect(list.encoding).toBe('listpack')
    const larger = new ListValue(homeWith(100))
    grow(larger, 'x'.repeat(8186))
    expect(larger.encoding).toBe('quicklist')
    larger.hasShrunk()
    expect(larger.encoding).toBe('quicklist')
  })

  test.each([
    [-1, 4096],
    [-2, 8192],
    [-3, 16384],
    [-4, 32768],
    [-5, 65536],
    [-9, 65536],
  ])('limit %i is %i bytes', (size, bytes) => {
    // Two bytes for each element; what is to come counts with the length of its text.
    const most = Math.floor((bytes - 7 - 1) / 2)
    const list = new ListValue(homeWith(size))
    for (const text of numbers(most)) grow(list, text.slice(0, 1))
    expect(list.encoding).toBe('listpack')
    grow(list, '22')
    expect(list.encoding).toBe('quicklist')
    const half = Math.floor((bytes / 2 - 7) / 2)
    while (list.length > half + 1) {
      list.popHead()
      list.hasShrunk()
    }
    expect(list.encoding).toBe('quicklist')
    list.popHead()
    list.hasShrunk()
    expect(list.encoding).toBe('listpack')
  })

  test('limits 0 and 1 allow one element', () => {
    for (const size of [0, 1]) {
      const list = new ListValue(homeWith(size))
      grow(list, 'a')
      expect(list.encoding).toBe('listpack')
      grow(list, 'b')
      list.popTail()
      list.hasShrunk()
      expect(list.encoding).toBe('quicklist')
    }
  })

  test('a list of given elements takes the form of its exact size', () => {
    const most = Math.floor((8192 - 7) / 2)
    expect(ListValue.from(homeWith(-2), numbers(most)).encoding).toBe('listpack')
    const larger = ListValue.from(homeWith(-2), numbers(most + 1))
    expect(larger.encoding).toBe('quicklist')
    expect(larger.slice(0, most + 1)).toEqual(numbers(most + 1))
    larger.assertInvariants()
  })

  test('a copy is independent and of the same form', () => {
    for (const elements of [['a', 'b'], numbers(5000)]) {
      const list = ListValue.from(homeWith(-2), elements)
      const copy = list.copy()
      copy.popHead()
      copy.assertInvariants()
      expect(copy.encoding).toBe(list.encoding)
      expect(list.slice(0, list.length)).toEqual(elements)
      expect(copy.slice(0, copy.length)).toEqual(elements.slice(1))
    }
  })

  test('the size grows with the elements', () => {
    const small = ListValue.from(homeWith(-2), ['a'])
    const large = ListValue.from(
      homeWith(-2),
      Array.from({ length: 1000 }, () => 'x'.repeat(100)),
    )
    expect(large.heapBytes).toBeGreaterThan(100_000)
    expect(small.heapBytes).toBeLessThan(300)
  })
})

const text = fc.constantFrom('a', 'b', 'c', '1', '-40', '70000', 'x'.repeat(70))
const step = fc.oneof(
  fc.record({
    kind: fc.constantFrom('pushHead' as const, 'pushTail' as const),
    texts: fc.array(text, { maxLength: 40 }),
  }),
  fc.record({ kind: fc.constantFrom('popHead' as const, 'popTail' as const) }),
  fc.record({ kind: fc.constantFrom('insert' as const, 'set' as const), at: fc.nat(), text }),
  fc.record({ kind: fc.constant('removeRange' as const), at: fc.nat(), count: fc.nat(600) }),
  fc.record({ kind: fc.constant('removeMatching' as const), text, count: fc.nat(5), fromTail: fc.boolean() }),
  fc.record({
    kind: fc.constant('indexOf' as const),
    text,
    at: fc.nat(),
    direction: fc.constantFrom(1 as const, -1 as const),
    limit: fc.nat(30),
  }),
)

function removeMatching(model: string[], text: string, count: number, fromTail: boolean): number {
  let removed = 0
  const limit = count === 0 ? model.length : count
  while (removed < limit) {
    const at = fromTail ? model.lastIndexOf(text) : model.indexOf(text)
    if (at < 0) break
    model.splice(at, 1)
    removed++
  }
  return removed
}

test('any sequence of operations does what an array does', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(-1, 0, 5, 300),
      fc.array(step, { maxLength: 120, size: 'max' }),
      (size, steps) => {
        const list = new ListValue(homeWith(size))
        const model: string[] = []
        for (const each of steps) {
          if (each.kind === 'pushHead' || each.kind === 'pushTail') {
            list.willGrow(each.texts.join('').length, each.texts.length)
            for (const one of each.texts) {
              list[each.kind](one)
              if (each.kind === 'pushHead') model.unshift(one)
              else model.push(one)
            }
          } else if (each.kind === 'indexOf') {
            if (model.length === 0) continue
            const from = each.at % model.length
            let expected = -1
            for (let i = 0; i < each.limit && expected < 0; i++) {
              if (model[from + i * each.direction] === each.text) expected = from + i * each.direction
            }
            expect(list.indexOf(each.text, from, each.direction, each.limit)).toBe(expected)
          } else if (each.kind === 'insert') {
            const at = each.at % (model.length + 1)
            list.willGrow(each.text.length, 1)
            list.insert(at, each.text)
            model.splice(at, 0, each.text)
          } else {
            if (each.kind === 'removeMatching') {
              const { text: value, count, fromTail } = each
              expect(list.removeMatching(value, count, fromTail)).toBe(
                removeMatching(model, value, count, fromTail),
              )
            } else if (model.length === 0) continue
            else if (each.kind === 'popHead') expect(list.popHead()).toBe(model.shift())
            else if (each.kind === 'popTail') expect(list.popTail()).toBe(model.pop())
            else if (each.kind === 'set') {
              list.willGrow(each.text.length, 1)
              list.set(each.at % model.length, each.text)
              model[each.at % model.length] = each.text
            } else if (each.kind === 'removeRange') {
              const start = each.at % model.length
              const count = Math.min(each.count, model.length - start)
              list.removeRange(start, count)
              model.splice(start, count)
            }
            list.hasShrunk()
          }
          list.assertInvariants()
          expect(list.length).toBe(model.length)
        }
        expect(list.slice(0, list.length)).toEqual(model)
      },
    ),
    { numRuns: 150 },
  )
})
