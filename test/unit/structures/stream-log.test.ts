import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareIds, type EntryId, type IdPart } from '../../../packages/core/src/structures/entry-id.js'
import { StreamLog } from '../../../packages/core/src/structures/stream-log.js'

interface Entry {
  readonly id: EntryId
  readonly fields: readonly string[]
}

function contents(log: StreamLog, from?: EntryId, to?: EntryId, limit?: number, backwards = false): Entry[] {
  const found: Entry[] = []
  const visit = (ms: IdPart, seq: IdPart, node: { fieldsAt(index: number): string[] }, index: number) => {
    found.push({ id: { ms, seq }, fields: node.fieldsAt(index) })
  }
  if (backwards) log.forEachBackwards(visit, from, to, limit)
  else log.forEach(visit, from, to, limit)
  return found
}

/** The log beside a plain array. */
class Model {
  entries: Entry[] = []
  log: StreamLog
  #last: EntryId = { ms: 0, seq: 0 }

  constructor(maxEntries: number, maxBytes: number) {
    this.log = new StreamLog({ streamNodeMaxEntries: maxEntries, streamNodeMaxBytes: maxBytes })
  }

  append(count: number, fields: readonly string[], msStep: number): void {
    for (let i = 0; i < count; i++) {
      const { ms, seq } = this.#last
      const id = msStep === 0 ? { ms, seq: Number(seq) + 1 } : { ms: Number(ms) + msStep, seq: 0 }
      this.log.append(id.ms, id.seq, ['skipped', ...fields], 1)
      this.entries.push({ id, fields })
      this.#last = id
    }
  }

  delete(place: number): void {
    const at = place % (this.entries.length + 1)
    const entry = this.entries[at]
    if (entry === undefined) expect(this.log.delete(1e9, 0)).toBe(false)
    else {
      expect(this.log.delete(entry.id.ms, entry.id.seq)).toBe(true)
      expect(this.log.has(entry.id.ms, entry.id.seq)).toBe(false)
      this.entries.splice(at, 1)
    }
  }

  trimToLength(length: number): void {
    const removed = Math.max(0, this.entries.length - length)
    expect(this.log.trimToLength(length, false, 0)).toBe(removed)
    this.entries.splice(0, removed)
  }

  trimBefore(id: EntryId): void {
    const kept = this.entries.filter((entry) => compareIds(entry.id, id) >= 0)
    expect(this.log.trimBefore(id, false, 0)).toBe(this.entries.length - kept.length)
    this.entries = kept
  }

  /** Whole nodes only: how many go is the log's affair, but nothing that was to be kept. */
  trimNodes(length: number, limit: number): void {
    const removed = this.log.trimToLength(length, true, limit)
    expect(removed).toBeLessThanOrEqual(Math.max(0, this.entries.length - length))
    if (limit > 0) expect(removed).toBeLessThanOrEqual(limit)
    this.entries.splice(0, removed)
  }

  check(from: EntryId, to: EntryId, limit: number): void {
    this.log.assertInvariants()
    expect(this.log.length).toBe(this.entries.length)
    expect(this.log.firstId).toEqual(this.entries[0]?.id)
    expect(this.log.lastId).toEqual(this.entries[this.entries.length - 1]?.id)
    expect(contents(this.log)).toEqual(this.entries)
    const within = this.entries.filter(({ id }) => compareIds(id, from) >= 0 && compareIds(id, to) <= 0)
    expect(contents(this.log, from, to, limit)).toEqual(within.slice(0, limit))
    expect(contents(this.log, from, to, limit, true)).toEqual(within.reverse().slice(0, limit))
    for (const { id, fields } of this.entries) expect(this.log.fieldsOf(id.ms, id.seq)).toEqual(fields)
  }
}

const fields = fc.oneof(
  { weight: 3, arbitrary: fc.constant(['f', 'v']) },
  fc.constant(['f', '12', 'g', '-70000']),
  fc
    .array(fc.constantFrom('f', 'g', '1'), { minLength: 2, maxLength: 6 })
    .filter((all) => all.length % 2 === 0),
)
const id: fc.Arbitrary<EntryId> = fc.record({ ms: fc.nat(300), seq: fc.nat(30) })

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constant('append' as const), fc.integer({ min: 1, max: 40 }), fields, fc.nat(2)),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constant('delete' as const), fc.nat(1000)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('trimToLength' as const), fc.nat(150)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('trimBefore' as const), id) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('trimNodes' as const), fc.nat(150), fc.constantFrom(0, 0, 5, 30)),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('copy' as const)) },
)

describe('StreamLog', () => {
  it('does what an array of entries does', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(0, 1, 4, 100),
        fc.constantFrom(0, 60, 4096),
        id,
        id,
        fc.nat(60),
        (steps, maxEntries, maxBytes, from, to, limit) => {
          const model = new Model(maxEntries, maxBytes)
          for (const taken of steps) {
            switch (taken[0]) {
              case 'append':
                model.append(taken[1], taken[2], taken[3])
                break
              case 'delete':
                model.delete(taken[1])
                break
              case 'trimToLength':
                model.trimToLength(taken[1])
                break
              case 'trimBefore':
                model.trimBefore(taken[1])
                break
              case 'trimNodes':
                model.trimNodes(taken[1], taken[2])
                break
              case 'copy': {
                // The original is changed afterwards, the copy goes on.
                const original = model.log
                model.log = original.copy()
                original.append(1e6, 0, ['x', 'y'], 0)
                original.trimToLength(0, false, 0)
              }
            }
          }
          model.check(from, to, limit)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('keeps the nodes it is given', () => {
    const log = new StreamLog({ streamNodeMaxEntries: 100, streamNodeMaxBytes: 4096 })
    const node = log.beginNode(5, 0, ['f'])
    log.appendTo(node, 5, 1, ['f', 'a'])
    node.appendDeleted(5, 2, ['f', 'b'])
    log.appendTo(node, 5, 3, ['g', 'c'])
    const next = log.beginNode(6, 0, ['f'])
    log.appendTo(next, 6, 0, ['f', 'd'])
    log.assertInvariants()
    expect(contents(log).map(({ id: { ms, seq }, fields: [, value] }) => `${ms}-${seq}${value}`)).toEqual([
      '5-1a',
      '5-3c',
      '6-0d',
    ])
    expect(log.nodeCount).toBe(2)
    expect(log.nodeAt(0).deleted).toBe(1)
  })

  it('appends, ranges and trims a long stream in a time that does not grow with it', () => {
    const log = new StreamLog({ streamNodeMaxEntries: 100, streamNodeMaxBytes: 4096 })
    const words = ['f', 'v']
    const total = 300_000
    for (let i = 1; i <= total; i++) log.append(i, 0, words, 0)
    /** Nodes that are touched are what costs. */
    expect(log.nodeCount).toBe(total / 100)
    expect(contents(log, { ms: 150_000, seq: 0 }, undefined, 3).map((entry) => entry.id.ms)).toEqual([
      150_000, 150_001, 150_002,
    ])
    for (let i = 0; i < 1000; i++) expect(log.trimToLength(total - i - 1, false, 0)).toBe(1)
    expect(log.trimToLength(10, false, 0)).toBe(total - 1010)
    expect(log.firstId).toEqual({ ms: total - 9, seq: 0 })
    log.assertInvariants()
  })
})
