import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareIds, type EntryId, idText } from '../../../packages/core/src/structures/entry-id.js'
import { IdMap } from '../../../packages/core/src/structures/id-map.js'

const id: fc.Arbitrary<EntryId> = fc.record({
  ms: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant(2n ** 64n - 1n)),
  seq: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant(2n ** 53n)),
})

function contents<T>(map: IdMap<T>, from?: EntryId, to?: EntryId): [EntryId, T][] {
  const found: [EntryId, T][] = []
  map.walk((ms, seq, item) => found.push([{ ms, seq }, item]), from, to)
  return found
}

describe('IdMap', () => {
  it('does what a sorted list does', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('set' as const), id, count: fc.nat(200) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), id, count: fc.nat(200) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('range' as const), id, to: id }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = new IdMap<number>()
        const model = new Map<string, [EntryId, number]>()
        let item = 0
        for (const taken of steps) {
          if (taken.kind === 'range') {
            const expected = [...model.values()]
              .filter(([each]) => compareIds(each, taken.id) >= 0 && compareIds(each, taken.to) <= 0)
              .sort(([a], [b]) => compareIds(a, b))
            expect(contents(map, taken.id, taken.to)).toEqual(expected)
            continue
          }
          // A run of IDs, so that chunks fill up and split.
          for (let i = 0; i <= taken.count; i++) {
            const { ms } = taken.id
            const seq = typeof taken.id.seq === 'number' ? taken.id.seq + i : taken.id.seq
            const text = idText({ ms, seq })
            if (taken.kind === 'set') {
              map.set(ms, seq, ++item)
              model.set(text, [{ ms, seq }, item])
            } else {
              expect(map.delete(ms, seq)).toBe(model.delete(text))
            }
          }
          map.assertInvariants()
          expect(map.size).toBe(model.size)
        }
        const expected = [...model.values()].sort(([a], [b]) => compareIds(a, b))
        expect(contents(map)).toEqual(expected)
        expect(map.firstId).toEqual(expected[0]?.[0])
        expect(map.lastId).toEqual(expected[expected.length - 1]?.[0])
        for (const [each, value] of expected) expect(map.get(each.ms, each.seq)).toBe(value)
        expect(map.get(77, 77)).toBeUndefined()
      }),
      { numRuns: 50 },
    )
  })

  it('ends a walk when it is told to', () => {
    const map = new IdMap<number>()
    for (let i = 0; i < 500; i++) map.set(i, 0, i)
    const seen: number[] = []
    map.walk(
      (_ms, _seq, item) => {
        seen.push(item)
        return item < 303
      },
      { ms: 300, seq: 0 },
    )
    expect(seen).toEqual([300, 301, 302, 303])
  })
})
