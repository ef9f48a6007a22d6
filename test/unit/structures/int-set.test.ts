import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IntSet } from '../../../packages/core/src/structures/int-set.js'

const narrow = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value

const int64 = fc
  .oneof(
    fc.bigInt({ min: -20n, max: 20n }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
    fc.bigInt({ min: -(2n ** 53n) - 3n, max: -(2n ** 53n) + 3n }),
  )
  .map(narrow)

describe('IntSet', () => {
  it('does what a sorted set of bigints does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('add', 'remove'), int64), { maxLength: 200, size: 'max' }),
        (steps) => {
          const set = new IntSet()
          const model = new Set<bigint>()
          for (const [kind, value] of steps) {
            const wide = BigInt(value)
            expect(set.has(value)).toBe(model.has(wide))
            if (kind === 'add') {
              expect(set.add(value)).toBe(!model.has(wide))
              model.add(wide)
            } else {
              expect(set.remove(value)).toBe(model.delete(wide))
            }
            expect(set.has(value)).toBe(kind === 'add')
          }
          const sorted = [...model].sort((a, b) => (a < b ? -1 : 1)).map(narrow)
          expect([...set]).toEqual(sorted)
          expect(set.length).toBe(sorted.length)
          sorted.forEach((value, index) => {
            expect(set.at(index)).toBe(value)
          })
          expect([...IntSet.from([...sorted].reverse())]).toEqual(sorted)
        },
      ),
    )
  })

  it('takes the width of the widest value ever added', () => {
    const widthOf = (value: number | bigint): number => IntSet.from([1, value]).byteWidth
    expect(widthOf(32767)).toBe(2)
    expect(widthOf(-32768)).toBe(2)
    expect(widthOf(32768)).toBe(4)
    expect(widthOf(-32769)).toBe(4)
    expect(widthOf(2147483647)).toBe(4)
    expect(widthOf(-2147483648)).toBe(4)
    expect(widthOf(2147483648)).toBe(8)
    expect(widthOf(-2147483649)).toBe(8)
    expect(widthOf(2n ** 63n - 1n)).toBe(8)
    const set = IntSet.from([1, 2 ** 40])
    set.add(2)
    set.remove(2 ** 40)
    expect(set.byteWidth).toBe(8)
  })

  it('refuses an index outside', () => {
    expect(() => IntSet.from([1]).at(1)).toThrow('index within the set')
  })
})
