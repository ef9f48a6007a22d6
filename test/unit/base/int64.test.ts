/** Integers in text and their sums, against BigInt and against what redis-server accepts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addInt64,
  INT64_MAX,
  INT64_MIN,
  isCanonicalInt,
  normalizeInt,
  parseCursor,
  parseInt64,
  parseSafeInt,
  parseUint64,
} from '../../../packages/core/src/base/int64.js'

const int64 = fc.oneof(
  fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
  fc.integer({ min: -100, max: 100 }).map((n) => INT64_MAX - BigInt(Math.abs(n))),
  fc.integer({ min: -100, max: 100 }).map((n) => INT64_MIN + BigInt(Math.abs(n))),
  fc.integer({ min: -100, max: 100 }).map((n) => BigInt(Number.MAX_SAFE_INTEGER) + BigInt(n)),
  fc.integer({ min: -100, max: 100 }).map((n) => BigInt(Number.MIN_SAFE_INTEGER) + BigInt(n)),
  fc.integer().map(BigInt),
)

function modelParse(text: string): number | bigint | undefined {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return undefined
  const value = BigInt(text)
  return value < INT64_MIN || value > INT64_MAX ? undefined : normalizeInt(value)
}

describe('parseInt64', () => {
  it('takes canonical integers only', () => {
    for (const text of [
      '',
      '-',
      '+1',
      ' 1',
      '1 ',
      '01',
      '-0',
      '-01',
      '1.0',
      '1e3',
      '0x1',
      '00',
      'a',
      '1a',
      '\0',
    ]) {
      expect(parseInt64(text), JSON.stringify(text)).toBeUndefined()
      expect(isCanonicalInt(text)).toBe(false)
    }
    expect(parseInt64('0')).toBe(0)
    expect(parseInt64('-1')).toBe(-1)
    expect(parseInt64('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    expect(parseInt64('9007199254740992')).toBe(2n ** 53n)
    expect(parseInt64('9223372036854775807')).toBe(INT64_MAX)
    expect(parseInt64('-9223372036854775808')).toBe(INT64_MIN)
    expect(parseInt64('9223372036854775808')).toBeUndefined()
    expect(parseInt64('-9223372036854775809')).toBeUndefined()
    expect(parseInt64('9'.repeat(100000))).toBeUndefined()
  })

  it('agrees with BigInt for every int64', () => {
    fc.assert(
      fc.property(int64, (n) => {
        expect(parseInt64(String(n))).toBe(normalizeInt(n))
      }),
    )
  })

  it('agrees with the grammar for any mix of characters', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789-+ .'), maxLength: 22 })
    fc.assert(
      fc.property(text, (t) => {
        expect(parseInt64(t)).toBe(modelParse(t))
      }),
      { numRuns: 2000 },
    )
  })

  it('has a form that stops at the safe range', () => {
    expect(parseSafeInt('-9007199254740991')).toBe(Number.MIN_SAFE_INTEGER)
    expect(parseSafeInt('9007199254740992')).toBeUndefined()
    expect(parseSafeInt('x')).toBeUndefined()
  })
})

describe('addInt64', () => {
  it('is exact, and undefined outside int64', () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        const sum = a + b
        const expected = sum < INT64_MIN || sum > INT64_MAX ? undefined : normalizeInt(sum)
        expect(addInt64(normalizeInt(a), normalizeInt(b))).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('unsigned integers and cursors', () => {
  // What XADD takes as the second half of an ID.
  it.each([
    ['5', 5],
    ['+5', 5],
    ['-0', 0],
    [' 5', 5],
    ['\t7', 7],
    ['005', 5],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['00000000000000000000000000018446744073709551615', 2n ** 64n - 1n],
    ['-05', 2n ** 64n - 5n],
    ['-18446744073709551615', 1],
    ['18446744073709551616', undefined],
    ['-5', undefined],
    ['', undefined],
    ['+', undefined],
    ['0x5', undefined],
    ['5 ', undefined],
  ])('%j', (text, value) => {
    expect(parseUint64(text)).toBe(value)
  })

  it('reads a cursor as a number', () => {
    expect(parseCursor('17')).toBe(17)
    expect(parseCursor('18446744073709551615')).toBe(2 ** 64)
    expect(parseCursor('cursor')).toBeUndefined()
  })
})
