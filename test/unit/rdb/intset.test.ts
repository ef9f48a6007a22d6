/** The format byte by byte, round trips, and intsets that are broken. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeInt } from '../../../packages/core/src/base/int64.js'
import { CorruptError } from '../../../packages/core/src/rdb/corrupt.js'
import { readIntset, writeIntset } from '../../../packages/core/src/rdb/intset.js'
import { IntSet } from '../../../packages/core/src/structures/int-set.js'
import { ifSound, mutate, mutations } from '../../support/packed-entries.js'

const write = (values: Iterable<number | bigint>): Buffer => Buffer.from(writeIntset(IntSet.from(values)))
const read = (bytes: Uint8Array): (number | bigint)[] => readIntset(bytes, 0, bytes.length)
const fromHex = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

const integers = fc.oneof(
  fc.integer({ min: -40_000, max: 40_000 }),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(normalizeInt),
)

describe('format', () => {
  it.each([
    ['02000000 01000000 0100', [1]],
    ['02000000 02000000 ffff 0300', [3, -1]],
    ['02000000 02000000 0080 ff7f', [-32768, 32767]],
    ['04000000 02000000 ffffffff 00800000', [32768, -1]],
    ['04000000 01000000 ff7fffff', [-32769]],
    ['08000000 01000000 0000008000000000', [2147483648]],
    [
      '08000000 03000000 0000000000000080 0000000000000000 ffffffffffffff7f',
      [2n ** 63n - 1n, -(2n ** 63n), 0],
    ],
  ])('%s', (hex, values) => {
    expect(write(values)).toEqual(fromHex(hex))
    expect(read(fromHex(hex))).toEqual([...IntSet.from(values)])
  })

  it('keeps the width of what is no longer there', () => {
    const set = IntSet.from([5, 70_000])
    set.remove(70_000)
    expect(Buffer.from(writeIntset(set))).toEqual(fromHex('04000000 01000000 05000000'))
  })
})

it('gives back any set', () => {
  fc.assert(
    fc.property(fc.array(integers, { minLength: 1, maxLength: 50 }), (values) => {
      expect(read(write(values))).toEqual([...IntSet.from(values)])
    }),
  )
})

it('is read inside a larger array', () => {
  const bytes = write([-2, 900_000])
  const around = Buffer.concat([Buffer.alloc(3, 1), bytes, Buffer.alloc(3, 1)])
  expect(readIntset(around, 3, 3 + bytes.length)).toEqual([-2, 900_000])
})

describe('broken', () => {
  it.each([
    ['empty', ''],
    ['too short', '02000000 010000'],
    ['no elements', '02000000 00000000'],
    ['width 0', '00000000 01000000'],
    ['width 3', '03000000 01000000 010000'],
    ['cut off', '02000000 02000000 0100'],
    ['with something behind it', '02000000 01000000 0100 0200'],
    ['count beyond everything', '08000000 ffffffff 0100000000000000'],
    ['count that overflows 32 bits', '08000000 01000020 0100000000000000'],
    ['out of order', '02000000 02000000 0200 0100'],
    ['repeated', '02000000 02000000 0100 0100'],
  ])('%s', (_, hex) => {
    expect(() => read(fromHex(hex))).toThrow(CorruptError)
  })

  it('is refused by a CorruptError or read, whatever bytes are changed', () => {
    fc.assert(
      fc.property(fc.array(integers, { minLength: 1, maxLength: 20 }), mutations(), (values, changes) => {
        const bytes = mutate(write(values), changes)
        const found = ifSound(() => read(bytes))
        if (found !== undefined) expect([...IntSet.from(found)]).toEqual(found)
      }),
      { numRuns: 2000 },
    )
  })
})
