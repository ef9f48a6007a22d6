import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GrowBytes } from '../../../packages/core/src/structures/grow-bytes.js'
import {
  countRegisters,
  HyperLogLog,
  isHyperLogLog,
  noRegisters,
} from '../../../packages/core/src/structures/hyperloglog.js'
import { hyperLogLogFault } from '../../../packages/core/src/structures/hyperloglog-selftest.js'

const LIMIT = 3000
const SPARSE = `HYLL\x01${'\0'.repeat(11)}`
const DENSE = `HYLL\0${'\0'.repeat(11)}`

const open = (text: string): HyperLogLog => new HyperLogLog(GrowBytes.from(text))

function registersOf(hll: HyperLogLog): Uint8Array {
  const registers = noRegisters()
  expect(hll.raiseOthers(registers)).toBe(true)
  return registers
}

/** One register to be raised, none else. */
function single(index: number, value: number): Uint8Array {
  singleRegisters.fill(0)
  singleRegisters[index] = value
  return singleRegisters
}
const singleRegisters = noRegisters()

/** Registers of a few values, raised in any order, and as one union. */
const raises = fc.array(
  fc.tuple(
    fc.oneof(
      fc.nat(16383),
      fc.integer({ min: 5000, max: 5020 }),
      fc.constantFrom(0, 1, 63, 64, 65, 16382, 16383),
    ),
    fc.oneof({ weight: 10, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 1, max: 51 })),
  ),
  { maxLength: 100, size: 'max' },
)

describe('registers', () => {
  test('hold the greatest value they were given, in both forms', () => {
    fc.assert(
      fc.property(raises, fc.constantFrom(0, 50, 200, LIMIT), (all, limit) => {
        const model = noRegisters()
        const hll = HyperLogLog.empty()
        const dense = HyperLogLog.empty()
        expect(dense.becomeDense()).toBe(true)
        for (const [index, value] of all) {
          model[index] = Math.max(model[index] as number, value)
          hll.raiseTo(single(index, value), limit)
          dense.raiseTo(single(index, value), limit)
        }
        expect(registersOf(hll)).toEqual(model)
        expect(registersOf(dense)).toEqual(model)
        if (limit === 0 && all.length > 0) expect(hll.isSparse).toBe(false)
        expect(hll.count()).toBe(dense.count())
        expect(hll.count()).toBe(countRegisters(model))
        hll.becomeDense()
        expect(hll.bytes.toString()).toBe(dense.bytes.toString())
      }),
      { numRuns: 30 },
    )
  })

  test('raised in their order at once make the same bytes as one by one', () => {
    fc.assert(
      fc.property(raises, raises, fc.constantFrom(50, 200, LIMIT), (first, second, limit) => {
        const atOnce = HyperLogLog.empty()
        const oneByOne = HyperLogLog.empty()
        for (const group of [first, second]) {
          const union = noRegisters()
          for (const [index, value] of group) union[index] = Math.max(union[index] as number, value)
          atOnce.raiseTo(union, limit)
          union.forEach((value, index) => {
            if (value > 0) oneByOne.raiseTo(single(index, value), limit)
          })
        }
        expect(atOnce.bytes.toString()).toBe(oneByOne.bytes.toString())
      }),
      { numRuns: 30 },
    )
  })

  test('of elements: adding again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000).map(String), { maxLength: 50 }), (elements) => {
        const hll = HyperLogLog.empty()
        for (const element of elements) hll.add(element, LIMIT)
        const before = hll.bytes.toString()
        for (const element of elements) expect(hll.add(element, LIMIT)).toBe(false)
        expect(hll.bytes.toString()).toBe(before)
      }),
    )
  })
})

describe('counts', () => {
  test('are near the truth', () => {
    for (const elements of [0, 1, 10, 100, 1000, 10_000, 100_000, 300_000]) {
      const hll = HyperLogLog.empty()
      for (let i = 0; i < elements; i++) hll.add(`element:${i}`, LIMIT)
      expect(Math.abs((hll.count() as number) - elements)).toBeLessThanOrEqual(elements * 0.03)
      expect(hll.isSparse).toBe(elements < 10_000)
    }
  })

  test('of registers that elements cannot fill', () => {
    expect(countRegisters(noRegisters())).toBe(0)
    expect(countRegisters(noRegisters().fill(63))).toBe(2 ** 63)
    expect(countRegisters(noRegisters().fill(51))).toBe(2 ** 63)
    expect(countRegisters(noRegisters().fill(50))).toBe(2 ** 63)
    expect(countRegisters(noRegisters().fill(1))).toBe(23637)
  })

  test('are stored until a register changes', () => {
    const hll = HyperLogLog.empty()
    expect(hll.storedCount).toBe(0)
    hll.storeCount(2 ** 53 - 1)
    expect(hll.storedCount).toBe(2 ** 53 - 1)
    hll.storeCount(2n ** 63n - 1n)
    expect(hll.storedCount).toBe(2n ** 63n - 1n)
    hll.storeCount(2 ** 63)
    expect(hll.storedCount).toBe(undefined)
    hll.storeCount(7)
    hll.outdateCount()
    expect(hll.storedCount).toBe(undefined)
  })
})

describe('strings from outside', () => {
  test('are told by their header', () => {
    expect(isHyperLogLog(SPARSE)).toBe(true)
    expect(isHyperLogLog(DENSE + '\0'.repeat(12288))).toBe(true)
    expect(isHyperLogLog(GrowBytes.from(SPARSE))).toBe(true)
    for (const text of [
      '',
      'HYLL',
      SPARSE.slice(1),
      SPARSE.slice(0, 15),
      DENSE,
      `HYLL\x02${'\0'.repeat(11)}`,
    ]) {
      expect(isHyperLogLog(text)).toBe(false)
      expect(isHyperLogLog(GrowBytes.from(text))).toBe(false)
    }
  })

  test('never lead outside, whatever the runs are', () => {
    const code = fc.oneof(fc.nat(255), fc.constantFrom(0x3f, 0x40, 0x7f, 0x80, 0xff))
    const runs = fc.array(code, { maxLength: 60 }).map((codes) => String.fromCharCode(...codes))
    const sound = fc.array(fc.integer({ min: 0x80, max: 0xff }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(
        fc.oneof(
          runs,
          sound.map((codes) => `${String.fromCharCode(...codes)}\x7f\xff`),
        ),
        (text) => {
          const hll = open(SPARSE + text)
          const addsUp = hll.raiseOthers(noRegisters())
          expect(hll.count() !== undefined).toBe(addsUp)
          expect(open(SPARSE + text).becomeDense()).toBe(addsUp)
          expect(typeof hll.describe()).toBe('string')
          for (let i = 0; i < 100; i++) {
            const raised = hll.add(`x${i}`, LIMIT)
            if (addsUp) expect(raised).not.toBe(undefined)
          }
          expect(hll.raiseOthers(noRegisters())).toBe(addsUp)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('with more runs than registers are refused without going through them', () => {
    const hll = open(SPARSE + '\0'.repeat(40_000))
    expect(hll.add('a', LIMIT)).toBe(undefined)
    expect(hll.describe()).toBe(undefined)
    expect(hll.count()).toBe(undefined)
    expect(hll.becomeDense()).toBe(false)
  })
})

test('the test from the inside passes, with any limit', () => {
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  expect(hyperLogLogFault(random, LIMIT)).toBe(undefined)
  expect(hyperLogLogFault(random, 0)).toBe(undefined)
})
