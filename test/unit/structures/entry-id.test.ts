import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeInt, UINT64_MAX } from '../../../packages/core/src/base/int64.js'
import {
  compareIds,
  type EntryId,
  type IdPart,
  idText,
  lowerBound,
  MAX_ID,
  MIN_ID,
  nextId,
  partDifference,
  previousId,
} from '../../../packages/core/src/structures/entry-id.js'

/** Halves of all sizes, many of them beside the borders where the form changes. */
const part = fc
  .oneof(
    fc.bigInt(0n, 5n),
    fc.bigInt(2n ** 53n - 3n, 2n ** 53n + 3n),
    fc.bigInt(2n ** 63n - 2n, 2n ** 63n + 2n),
    fc.bigInt(UINT64_MAX - 3n, UINT64_MAX),
    fc.bigInt(0n, UINT64_MAX),
  )
  .map(normalizeInt)

const id: fc.Arbitrary<EntryId> = fc.record({ ms: part, seq: part })

const numberOf = ({ ms, seq }: EntryId) => BigInt(ms) * 2n ** 64n + BigInt(seq)

describe('entry IDs', () => {
  it('compare as one number of 128 bits', () => {
    fc.assert(
      fc.property(id, id, (a, b) => {
        const [x, y] = [numberOf(a), numberOf(b)]
        expect(compareIds(a, b)).toBe(x < y ? -1 : x > y ? 1 : 0)
      }),
    )
  })

  it('have a next and a previous one, but for the last and the first', () => {
    fc.assert(
      fc.property(id, (a) => {
        const [next, previous] = [nextId(a), previousId(a)]
        if (next !== undefined) {
          expect(numberOf(next)).toBe(numberOf(a) + 1n)
          expect(previousId(next)).toEqual(a)
        }
        if (previous !== undefined) expect(numberOf(previous)).toBe(numberOf(a) - 1n)
      }),
    )
    expect(nextId(MAX_ID)).toBeUndefined()
    expect(previousId(MIN_ID)).toBeUndefined()
    expect(nextId({ ms: 5, seq: UINT64_MAX })).toEqual({ ms: 6, seq: 0 })
    expect(previousId({ ms: 5, seq: 0 })).toEqual({ ms: 4, seq: UINT64_MAX })
    expect(nextId({ ms: 0, seq: Number.MAX_SAFE_INTEGER })?.seq).toBe(2n ** 53n)
    expect(previousId({ ms: 0, seq: 2n ** 53n })?.seq).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('have halves whose difference wraps round at 64 bits', () => {
    fc.assert(
      fc.property(part, part, (a: IdPart, b: IdPart) => {
        expect(BigInt(partDifference(a, b))).toBe(BigInt.asIntN(64, BigInt(a) - BigInt(b)))
      }),
    )
  })

  it('are written as two integers', () => {
    expect(idText({ ms: 1526919030474, seq: 55 })).toBe('1526919030474-55')
    expect(idText(MAX_ID)).toBe('18446744073709551615-18446744073709551615')
  })

  it('are found in ascending columns', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { selector: idText, maxLength: 30 }), id, (ids, wanted) => {
        ids.sort(compareIds)
        const expected = ids.filter((each) => compareIds(each, wanted) < 0).length
        const [ms, seq] = [ids.map((each) => each.ms), ids.map((each) => each.seq)]
        expect(lowerBound(ms, seq, 0, wanted.ms, wanted.seq)).toBe(expected)
      }),
    )
  })
})
