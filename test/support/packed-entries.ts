/** For tests of the packed forms: entries at every step of the encodings, and bytes that are broken. */
import fc, { type Arbitrary } from 'fast-check'
import { expect } from 'vitest'
import { CorruptError } from '../../packages/core/src/rdb/corrupt.js'

const POWERS = [7, 8, 12, 13, 15, 16, 23, 24, 31, 32, 52, 53, 62, 63]

/** Integers as text on both sides of each limit, and some that are just not canonical or beyond int64. */
export const INTEGER_TEXTS: readonly string[] = [
  ...POWERS.flatMap((bits) =>
    [-1n, 0n, 1n].flatMap((d) => [2n ** BigInt(bits) + d, -(2n ** BigInt(bits)) + d]),
  ),
  ...Array.from({ length: 16 }, (_, i) => BigInt(i - 2)),
]
  .map(String)
  .concat(['-0', '+1', '01', ' 1', '1 ', '1.0', '99999999999999999999'])

/** Lengths on both sides of each limit, of the length itself and of the length behind an entry. */
export const TEXT_LENGTHS: readonly number[] = [
  0, 1, 62, 63, 64, 125, 126, 127, 252, 253, 254, 255, 4095, 4096, 16_377, 16_378, 16_383, 16_384, 70_000,
]

const byteText = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

/** Lists of entries: byte strings and integers of all sizes. */
export const entryLists = (minLength = 0): Arbitrary<string[]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: byteText },
      { weight: 4, arbitrary: fc.constantFrom(...INTEGER_TEXTS) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...TEXT_LENGTHS.filter((n) => n < 5000)).map((n) => 'x'.repeat(n)),
      },
    ),
    { minLength, maxLength: 12 },
  )

/** A change of some bytes: replaced, inserted or cut out. */
export interface Mutation {
  readonly kind: 'replace' | 'insert' | 'remove'
  readonly where: number
  readonly byte: number
}

// Mostly where it hurts: headers are at the front, and certain bytes have a meaning.
export const mutations = (): Arbitrary<Mutation[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom('replace', 'replace', 'replace', 'insert', 'remove'),
      where: fc.oneof(fc.nat(16), fc.nat()),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xf0, 0xfe, 0xff)),
    }),
    { minLength: 1, maxLength: 3 },
  )

export function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Buffer {
  const mutated = [...bytes]
  for (const { kind, where, byte } of changes) {
    const at = where % (mutated.length + 1)
    if (kind === 'insert') mutated.splice(at, 0, byte)
    else if (kind === 'remove') mutated.splice(at, 1)
    else if (at < mutated.length) mutated[at] = byte
  }
  return Buffer.from(mutated)
}

/** What `read` returns, or undefined where it throws a CorruptError. Any other error goes on. */
export function ifSound<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptError)
    return undefined
  }
}
