/** The dictionary against a Map, the guarantee of SCAN, random choice, the sweep for expired entries. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Dict } from '../../../packages/core/src/structures/dict.js'
import { FakeHost } from '../../support/fake-host.js'

const CHUNK_SLOTS = 8192

interface Entry {
  value: number
  expiryMs: number
  access: number
}

function newDict(seed = 7): Dict<number> {
  return new Dict<number>({ seed, values: true, access: true })
}

/** The dictionary with a Map beside it that is told the same. */
class Checked {
  readonly dict: Dict<number>
  readonly model = new Map<string, Entry>()

  constructor(seed: number) {
    this.dict = newDict(seed)
  }

  insert(key: string, value: number): void {
    if (this.model.has(key)) {
      expect(this.dict.set(key, value)).toBe(false)
      ;(this.model.get(key) as Entry).value = value
      return
    }
    const slot = this.dict.insert(key, value)
    this.dict.setAccessAt(slot, value >>> 0)
    this.model.set(key, { value, expiryMs: 0, access: value >>> 0 })
  }

  remove(key: string): void {
    expect(this.dict.delete(key)).toBe(this.model.delete(key))
  }

  expire(key: string, expiryMs: number): void {
    const slot = this.dict.find(key)
    const entry = this.model.get(key)
    expect(slot >= 0).toBe(entry !== undefined)
    if (entry === undefined) return
    this.dict.setExpiryAt(slot, expiryMs)
    entry.expiryMs = expiryMs
  }

  touch(key: string, clock: number): void {
    const entry = this.model.get(key)
    if (entry === undefined) return
    this.dict.setAccessAt(this.dict.find(key), clock)
    entry.access = clock
  }

  clear(): void {
    this.dict.clear()
    this.model.clear()
  }

  /** Everything that must hold at any time. O(slots). */
  check(): void {
    const { dict, model } = this
    dict.assertInvariants()
    expect(dict.size).toBe(model.size)
    expect(dict.expiring).toBe([...model.values()].filter(({ expiryMs }) => expiryMs !== 0).length)
    expect(dict.slotCount).toBeLessThanOrEqual(2 * dict.size + 2 * CHUNK_SLOTS)
    let occupied = 0
    for (let slot = dict.slotBelow(dict.slotCount); slot >= 0; slot = dict.slotBelow(slot)) {
      occupied++
      const key = dict.keyAt(slot) as string
      const entry = model.get(key) as Entry
      const found = {
        value: dict.valueAt(slot),
        expiryMs: dict.expiryAt(slot),
        access: dict.accessAt(slot),
      }
      // Compared by hand: an `expect` for each of a hundred thousand entries takes minutes.
      const same =
        entry !== undefined &&
        found.value === entry.value &&
        found.expiryMs === entry.expiryMs &&
        found.access === entry.access
      if (!same) expect({ key, ...found }).toEqual({ key, ...entry })
      if (dict.find(key) !== slot) expect(dict.find(key)).toBe(slot)
    }
    expect(occupied).toBe(model.size)
    expect(dict.keyAt(dict.slotCount)).toBeUndefined()
  }
}

const names = fc.integer({ min: 0, max: 40 }).map((n) => `key:${n}`)
const times = fc.constantFrom(0, 1000, 2000, 3000)

type Step = (checked: Checked) => void

/** Single operations on few keys, and runs of thousands that reach over chunks and index segments. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(names, fc.nat(99)).map(
        ([key, value]): Step =>
          (c) =>
            c.insert(key, value),
      ),
    },
    {
      weight: 4,
      arbitrary: names.map(
        (key): Step =>
          (c) =>
            c.remove(key),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(names, times).map(
        ([key, ms]): Step =>
          (c) =>
            c.expire(key, ms),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(names, fc.nat()).map(
        ([key, at]): Step =>
          (c) =>
            c.touch(key, at),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.nat(5), fc.nat(20_000), fc.nat(3)).map(
        ([from, count, expires]): Step =>
          (c) => {
            for (let i = 0; i < count; i++) {
              const key = `many:${from * 5000 + i}`
              c.insert(key, i)
              if (expires === 0) c.expire(key, 1000 + i)
            }
          },
      ),
    },
    {
      weight: 2,
      // Every so manieth is left: the slots become sparse, and compaction has work.
      arbitrary: fc.tuple(fc.nat(40_000), fc.integer({ min: 2, max: 3000 })).map(
        ([from, left]): Step =>
          (c) => {
            for (let i = from; i < 45_000; i++) if (i % left !== 0) c.remove(`many:${i}`)
          },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.nat(20).map(
        (n): Step =>
          (c) =>
            n === 0 ? c.clear() : undefined,
      ),
    },
  ),
  { maxLength: 25 },
)

describe('against a Map', () => {
  it('does the same in any sequence', () => {
    fc.assert(
      fc.property(fc.integer(), steps, (seed, all) => {
        const checked = new Checked(seed)
        for (const step of all) step(checked)
        checked.check()
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('grows over chunks and the split of the index, and shrinks to nothing', () => {
    const checked = new Checked(3)
    for (let i = 0; i < 100_000; i++) {
      checked.insert(`k${i}`, i)
      if (i === 8191 || i === 8192 || i === 32_767 || i === 32_768) checked.check()
    }
    checked.check()
    for (let i = 0; i < 100_000; i++) {
      checked.remove(`k${(i * 37) % 100_000}`)
      if (i % 9973 === 0) checked.check()
    }
    checked.check()
    expect(checked.dict.slotCount).toBe(0)
    expect(checked.dict.columnBytes).toBeLessThan(128 * 1024)
  })

  it('a move that empties several chunks at once is the last one if there is no lower place', () => {
    const checked = new Checked(1)
    for (let i = 0; i < 5 * CHUNK_SLOTS; i++) checked.insert(`k${i}`, i)
    // One entry is left in the fifth chunk, none in the fourth and third.
    for (let i = 2 * CHUNK_SLOTS; i < 5 * CHUNK_SLOTS; i++) if (i !== 4 * CHUNK_SLOTS) checked.remove(`k${i}`)
    for (let i = CHUNK_SLOTS; i < 2 * CHUNK_SLOTS; i++) checked.remove(`k${i}`)
    checked.check()
  })

  it('compaction stays cheap: no free slot is passed over twice', () => {
    const dict = newDict()
    const count = 40 * CHUNK_SLOTS
    for (let i = 0; i < count; i++) dict.insert(`k${i}`, i)
    const startMs = performance.now()
    // From the lowest up: every entry that is left has to move.
    for (let i = 0; i < count; i++) dict.delete(`k${i}`)
    const microsEach = ((performance.now() - startMs) * 1000) / count
    expect(dict.size).toBe(0)
    expect(microsEach).toBeLessThan(5)
  })

  it('keeps no values where it is told so', () => {
    const dict = new Dict<undefined>({ seed: 1, values: false })
    expect(dict.add('a')).toBe(true)
    expect(dict.add('a')).toBe(false)
    expect(dict.accessAt(dict.find('a'))).toBe(0)
    expect(dict.has('b')).toBe(false)
    const met: string[] = []
    dict.add('b')
    dict.forEach((key) => {
      met.push(key)
    })
    expect(met).toEqual(['a', 'b'])
  })

  it('the seed changes where keys go, not what is found', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 300 }),
        (seed, keys) => {
          const dict = newDict(seed)
          for (const [i, key] of keys.entries()) dict.set(key, i)
          for (const [i, key] of keys.entries()) expect(dict.get(key)).toBe(i)
        },
      ),
    )
  })
})

describe('a scan', () => {
  /** Walks as SCAN does, `count` slots a step, with `between` after each step. */
  function scan(dict: Dict<number>, count: number, between: () => void): Set<string> {
    const met = new Set<string>()
    let cursor = dict.slotCount
    const bound = Math.ceil(cursor / count) + 1
    for (let calls = 0; cursor > 0; calls++) {
      expect(calls).toBeLessThanOrEqual(bound)
      let slot = dict.slotBelow(cursor)
      for (let seen = 0; slot >= 0 && seen < count; seen++) {
        met.add(dict.keyAt(slot) as string)
        slot = dict.slotBelow(slot)
      }
      cursor = slot + 1
      between()
    }
    return met
  }

  it('meets whatever is there all the time, and ends', () => {
    const sizes = fc.constantFrom(0, 10, 5000, 9000, 40_000)
    const counts = fc.integer({ min: 1, max: 3000 })
    fc.assert(
      fc.property(
        fc.integer(),
        sizes,
        counts,
        fc.nat(2000),
        fc.nat(2000),
        (seed, size, step, adds, removes) => {
          const { random } = new FakeHostRandom(seed)
          const dict = newDict(seed)
          const count = Math.max(step, Math.ceil(size / 50))
          for (let i = 0; i < size; i++) dict.insert(`k${i}`, i)
          const stays = (i: number) => i % 7 === 0
          let added = 0
          const met = scan(dict, count, () => {
            for (let i = 0; i < adds; i++) dict.insert(`new${added++}`, 0)
            for (let i = 0; i < removes; i++) {
              const old = Math.floor(random() * size)
              if (!stays(old)) dict.delete(`k${old}`)
              if (added > 0) dict.delete(`new${Math.floor(random() * added)}`)
            }
          })
          for (let i = 0; i < size; i += 7) if (!met.has(`k${i}`)) expect(met).toContain(`k${i}`)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  it('meets what a compaction moves meanwhile', () => {
    const dict = newDict()
    const size = 10 * CHUNK_SLOTS
    for (let i = 0; i < size; i++) dict.insert(`k${i}`, i)
    let next = 0
    const met = scan(dict, 500, () => {
      // The lowest go, so the highest move down, past the cursor.
      for (let i = 0; i < 1000 && next < size; i++, next++) if (next % 10 !== 0) dict.delete(`k${next}`)
    })
    expect(dict.slotCount).toBeLessThan(size / 2)
    for (let i = 0; i < size; i += 10) if (!met.has(`k${i}`)) expect(met).toContain(`k${i}`)
  })
})

/** A seeded source of randomness with `random` bound. */
class FakeHostRandom {
  readonly random: () => number
  constructor(seed: number) {
    const host = new FakeHost(seed)
    this.random = () => host.random()
  }
}

describe('a random slot', () => {
  it.each([
    ['all slots taken', 100, 1],
    ['every tenth slot taken', 1000, 10],
    ['so few that they are walked', 8000, 800],
    ['several chunks', 20_000, 200],
  ])('is each as likely as any other: %s', (_, inserted, left) => {
    const { random } = new FakeHostRandom(5)
    const dict = newDict()
    for (let i = 0; i < inserted; i++) dict.insert(`k${i}`, i)
    for (let i = 0; i < inserted; i++) if (i % left !== 0) dict.delete(`k${i}`)
    const draws = 200 * dict.size
    const hits = new Map<string, number>()
    for (let i = 0; i < draws; i++) {
      const key = dict.keyAt(dict.randomSlot(random)) as string
      hits.set(key, (hits.get(key) ?? 0) + 1)
    }
    expect(hits.size).toBe(dict.size)
    // Six standard deviations of a count whose mean is 200.
    for (const count of hits.values()) expect(Math.abs(count - 200)).toBeLessThan(6 * Math.sqrt(200))
  })

  it('is -1 where there is none', () => {
    expect(newDict().randomSlot(() => 0.5)).toBe(-1)
  })
})

describe('the sweep for expired entries', () => {
  /** One whole round as the active expiry does it; whatever is found is removed. */
  function sweep(dict: Dict<number>, nowMs: number, limit: number): string[] {
    const found: string[] = []
    let slot = 0
    while (slot < dict.slotCount) {
      const expired = dict.nextExpired(slot, nowMs, limit)
      if (expired < 0) {
        expect(dict.sweepEnd).toBeGreaterThan(slot)
        slot = dict.sweepEnd
        continue
      }
      found.push(dict.keyAt(expired) as string)
      dict.removeAt(expired)
      slot = expired
    }
    return found
  }

  it('finds everything whose time has come and nothing else, in steps of any size', () => {
    const sizes = fc.constantFrom(0, 1, 50, 9000, 20_000)
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 4000 }), fc.nat(4), (size, limit, every) => {
        const dict = newDict()
        const due = new Set<string>()
        for (let i = 0; i < size; i++) {
          const slot = dict.insert(`k${i}`, i)
          // Whole chunks without any expiry are among them.
          if (i % 5 <= every && (i < 3000 || i > 17_000)) dict.setExpiryAt(slot, 1000 + (i % 20))
          if (dict.expiryAt(slot) !== 0 && dict.expiryAt(slot) < 1010) due.add(`k${i}`)
        }
        // Compaction may move entries below the sweep: another round finds those.
        const found: string[] = []
        for (let round = sweep(dict, 1010, limit); round.length > 0; round = sweep(dict, 1010, limit))
          found.push(...round)
        expect(new Set(found)).toEqual(due)
        expect(found.length).toBe(due.size)
        expect(dict.size).toBe(size - due.size)
      }),
      { numRuns: 40 },
    )
  })

  it('knows the earliest expiry after a time', () => {
    const dict = newDict()
    for (let i = 0; i < 10_000; i++) dict.insert(`k${i}`, i)
    expect(dict.earliestExpiry(0)).toBe(Number.POSITIVE_INFINITY)
    dict.setExpiryAt(dict.find('k9000'), 500)
    dict.setExpiryAt(dict.find('k1'), 700)
    expect(dict.earliestExpiry(0)).toBe(500)
    expect(dict.earliestExpiry(500)).toBe(700)
    dict.delete('k9000')
    expect(dict.earliestExpiry(0)).toBe(700)
  })
})

describe('random choice among the entries that expire', () => {
  it('is fair, whether many or few have an expiry', () => {
    for (const every of [1, 7, 4000]) {
      const dict = newDict(3)
      const host = new FakeHost(every)
      const random = () => host.random()
      expect(dict.randomExpiringSlot(random)).toBe(-1)
      const counts = new Map<string, number>()
      for (let i = 0; i < 20_000; i++) {
        const slot = dict.insert(`k${i}`, i)
        if (i % every !== 0) continue
        dict.setExpiryAt(slot, 1000)
        counts.set(`k${i}`, 0)
      }
      const picks = counts.size * 20
      for (let i = 0; i < picks; i++) {
        const key = dict.keyAt(dict.randomExpiringSlot(random)) as string
        expect(counts.has(key)).toBe(true)
        counts.set(key, (counts.get(key) as number) + 1)
      }
      const never = [...counts.values()].filter((count) => count === 0).length
      expect(never, `one in ${every}`).toBeLessThanOrEqual(counts.size / 1000)
    }
  })

  it('finds the last one', () => {
    const dict = newDict(5)
    for (let i = 0; i < 30_000; i++) dict.setExpiryAt(dict.insert(`k${i}`, i), i % 3 === 0 ? 1000 : 0)
    const host = new FakeHost(1)
    const taken = new Set<string>()
    for (let slot = dict.randomExpiringSlot(() => host.random()); slot >= 0; ) {
      expect(dict.isTaken(slot)).toBe(true)
      taken.add(dict.keyAt(slot) as string)
      dict.removeAt(slot)
      slot = dict.randomExpiringSlot(() => host.random())
    }
    expect(taken.size).toBe(10_000)
    expect(dict.size).toBe(20_000)
    dict.assertInvariants()
  })
})
