/**
 * What a key can hold. A string is kept in the cheapest of three forms; every other type is a class that
 * knows its encoding, its emptiness and its size.
 */

import { numberBytes, stringBytes } from '../base/heap-size.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import type { EncodingLimits } from './encoding-limits.js'
import type { HashValue } from './hash-value.js'
import type { ListValue } from './list-value.js'
import type { SetValue } from './set-value.js'
import type { SortedSetValue } from './sorted-set-value.js'
import type { StreamValue } from './stream-value.js'

/**
 * A string value: a canonical integer in the safe range is a number, what is edited in place is a
 * `GrowBytes`, all else a byte string.
 */
export type StringValue = string | number | GrowBytes

export interface TypeMap {
  string: StringValue
  list: ListValue
  set: SetValue
  zset: SortedSetValue
  hash: HashValue
  stream: StreamValue
}

export type TypeName = keyof TypeMap
export type Value = TypeMap[TypeName]

/** What a collection asks of the keyspace it lives in. */
export interface ValueHome {
  /** When to give up a compact form. */
  readonly limits: EncodingLimits
  /** A seed for the hash of a new dictionary. */
  newSeed(): number
}

/** What a value that changes in place tells of its size, so that the keyspace can keep a sum. */
export interface Sized {
  /** Estimated bytes in memory, without the key; kept up with every change. O(1) */
  readonly heapBytes: number
  /** What the keyspace has counted of them: for its doorway only. */
  countedBytes: number
}

/** What every value that is not a string offers to the keyspace. */
export interface Collection extends Sized {
  readonly type: Exclude<TypeName, 'string'>
  /** Elements, fields, members or entries; with none, all but a stream are removed from the keyspace. */
  readonly length: number
  /** As OBJECT ENCODING names it. */
  readonly encoding: string
  /** An independent copy, for COPY. */
  copy(): Value
  /**
   * What it holds now, whatever happens to it, for a snapshot to write: made in a small part of the time of `copy`, in
   * the big forms, because it shares what it can. It can be gone through from its beginning to its end, no more.
   */
  frozen(): Value
  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void
}

/** Estimated bytes of a value in memory. O(1) */
export function valueBytes(value: Value): number {
  if (typeof value === 'string') return stringBytes(value)
  return typeof value === 'number' ? numberBytes(value) : value.heapBytes
}

export function typeOf(value: Value): TypeName {
  if (typeof value === 'string' || typeof value === 'number' || value instanceof GrowBytes) return 'string'
  return value.type
}
