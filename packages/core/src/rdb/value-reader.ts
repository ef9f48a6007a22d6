/**
 * Values as they are kept in RDB files and DUMP payloads: every type that a real server has ever written,
 * brought into the form that this keyspace would have given it. What does not hold together is refused as a
 * whole: elements that come twice, scores that are no numbers, packed elements that are not what they claim.
 */

import { parseDouble } from '../base/double.js'
import { parseSafeInt } from '../base/int64.js'
import { HashValue } from '../keyspace/hash-value.js'
import type { Keyspace } from '../keyspace/keyspace.js'
import { ListValue } from '../keyspace/list-value.js'
import { SetValue } from '../keyspace/set-value.js'
import { SortedSetValue } from '../keyspace/sorted-set-value.js'
import type { Value } from '../keyspace/value.js'
import { corrupt } from './corrupt.js'
import { readIntset } from './intset.js'
import { readListpack } from './listpack.js'
import { moduleTypeName } from './module-data.js'
import type { RdbInput } from './rdb-input.js'
import { QuicklistNode, RdbType, TextScore } from './rdb-types.js'
import { readStream } from './stream-reader.js'
import { readZiplist } from './ziplist.js'
import { readZipmap } from './zipmap.js'

/** Bytes of a score in binary. */
const DOUBLE_BYTES = 8

/**
 * Reads the value that follows, of a type as `RdbType` numbers them. O(its size)
 * @returns undefined for a collection without elements, which a keyspace does not hold
 * @throws CorruptError, or NEED_MORE as `RdbInput` does
 */
export function readValue(input: RdbInput, type: number, keyspace: Keyspace): Value | undefined {
  switch (type) {
    case RdbType.STRING:
      return input.stringValue()
    case RdbType.LIST:
      return readList(input, keyspace)
    case RdbType.LIST_ZIPLIST:
      return unlessEmpty(ListValue.from(keyspace, ziplist(input)))
    case RdbType.LIST_QUICKLIST:
    case RdbType.LIST_QUICKLIST_2:
      return readQuicklist(input, type, keyspace)
    case RdbType.SET:
      return readSet(input, keyspace)
    case RdbType.SET_INTSET:
      return readPackedIntegers(input, keyspace)
    case RdbType.SET_LISTPACK:
      return readPackedSet(input, keyspace)
    case RdbType.ZSET:
    case RdbType.ZSET_2:
      return readSortedSet(input, type, keyspace)
    case RdbType.ZSET_ZIPLIST:
      return sortedSetOf(ziplist(input), keyspace)
    case RdbType.ZSET_LISTPACK:
      return sortedSetOf(listpack(input), keyspace)
    case RdbType.HASH:
      return readHash(input, keyspace)
    case RdbType.HASH_ZIPMAP:
      return hashOf(zipmap(input), keyspace)
    case RdbType.HASH_ZIPLIST:
      return hashOf(ziplist(input), keyspace)
    case RdbType.HASH_LISTPACK:
      return hashOf(listpack(input), keyspace)
    case RdbType.HASH_METADATA:
    case RdbType.HASH_METADATA_PRE_GA:
      return readExpiringHash(input, type, keyspace)
    case RdbType.HASH_LISTPACK_EX:
      // The earliest time, which is in the listpack, too.
      input.skip(8)
      return readPackedExpiringHash(input, keyspace)
    case RdbType.HASH_LISTPACK_EX_PRE_GA:
      return readPackedExpiringHash(input, keyspace)
    case RdbType.STREAM_LISTPACKS:
    case RdbType.STREAM_LISTPACKS_2:
    case RdbType.STREAM_LISTPACKS_3:
      return readStream(input, type, keyspace)
    case RdbType.MODULE_2:
      return corrupt(`a value of the module type ${moduleTypeName(input.uint64())}, which is not known here`)
    case RdbType.MODULE_PRE_GA:
      return corrupt('a value of a module, in a format that was given up before Redis 4.0')
    default:
      return corrupt(`unknown type of value ${type}`)
  }
}

function listpack(input: RdbInput): string[] {
  const bytes = input.blob()
  return readListpack(input.elementCodec, bytes, 0, bytes.length)
}

function ziplist(input: RdbInput): string[] {
  const bytes = input.blob()
  return readZiplist(input.elementCodec, bytes, 0, bytes.length)
}

function zipmap(input: RdbInput): string[] {
  const bytes = input.blob()
  return readZipmap(input.elementCodec, bytes, 0, bytes.length)
}

function unlessEmpty<T extends Exclude<Value, string | number>>(value: T): T | undefined {
  return value.length === 0 ? undefined : value
}

// ---- lists ------------------------------------------------------------------------------------------------

function readList(input: RdbInput, keyspace: Keyspace): Value | undefined {
  const list = new ListValue(keyspace)
  for (let left = input.count(1); left > 0; left--) list.extend([input.element()])
  return unlessEmpty(list)
}

function readQuicklist(input: RdbInput, type: number, keyspace: Keyspace): Value | undefined {
  const list = new ListValue(keyspace)
  for (let left = input.count(1); left > 0; left--) {
    if (type === RdbType.LIST_QUICKLIST) list.extend(ziplist(input))
    else {
      const kind = input.length()
      if (kind === QuicklistNode.PACKED) list.extend(listpack(input))
      else if (kind === QuicklistNode.PLAIN) list.extend([input.element()])
      else corrupt(`quicklist: node of unknown kind ${kind}`)
    }
  }
  return unlessEmpty(list)
}

// ---- sets -------------------------------------------------------------------------------------------------

const REPEATED_MEMBER = 'a member comes twice'

function readSet(input: RdbInput, keyspace: Keyspace): Value | undefined {
  const { setMaxIntsetEntries, setMaxListpackEntries } = keyspace.limits
  const count = input.count(1)
  const isLarge = count > Math.max(setMaxIntsetEntries, setMaxListpackEntries)
  const set = new SetValue(keyspace, isLarge ? 'hashtable' : 'intset')
  for (let left = count; left > 0; left--) if (!set.add(input.element())) corrupt(REPEATED_MEMBER)
  return unlessEmpty(set)
}

function readPackedIntegers(input: RdbInput, keyspace: Keyspace): Value {
  const bytes = input.blob()
  return SetValue.fromIntegers(keyspace, readIntset(bytes, 0, bytes.length))
}

function readPackedSet(input: RdbInput, keyspace: Keyspace): Value | undefined {
  const set = new SetValue(keyspace, 'listpack')
  const members = listpack(input)
  set.prepareFor(members.length)
  for (const member of members) if (!set.add(member)) corrupt(REPEATED_MEMBER)
  return unlessEmpty(set)
}

// ---- sorted sets ------------------------------------------------------------------------------------------

function readSortedSet(input: RdbInput, type: number, keyspace: Keyspace): Value | undefined {
  const isBinary = type === RdbType.ZSET_2
  const members: string[] = []
  const scores: number[] = []
  for (let left = input.count(isBinary ? 1 + DOUBLE_BYTES : 2); left > 0; left--) {
    members.push(input.element())
    const score = isBinary ? input.double() : textScore(input)
    if (Number.isNaN(score)) corrupt('a score that is not a number')
    scores.push(score)
  }
  // Servers write them from the greatest to the smallest, and what is in order need not be sorted.
  return sortedSet(members.reverse(), scores.reverse(), keyspace)
}

function textScore(input: RdbInput): number {
  const length = input.byte()
  if (length === TextScore.NAN) return Number.NaN
  if (length === TextScore.INFINITY) return Number.POSITIVE_INFINITY
  if (length === TextScore.MINUS_INFINITY) return Number.NEGATIVE_INFINITY
  return parseDouble(input.text(length)) ?? Number.NaN
}

function sortedSetOf(entries: readonly string[], keyspace: Keyspace): Value | undefined {
  if (entries.length % 2 !== 0) corrupt('a member without a score')
  const members: string[] = []
  const scores: number[] = []
  for (let i = 0; i < entries.length; i += 2) {
    members.push(entries[i] as string)
    const score = entries[i + 1] as string
    scores.push(parseSafeInt(score) ?? parseDouble(score) ?? corrupt('a score that is not a number'))
  }
  return sortedSet(members, scores, keyspace)
}

function sortedSet(members: string[], scores: number[], keyspace: Keyspace): Value | undefined {
  if (members.length === 0) return undefined
  return SortedSetValue.fromUnchecked(keyspace, members, scores) ?? corrupt(REPEATED_MEMBER)
}

// ---- hashes -----------------------------------------------------------------------------------------------

const REPEATED_FIELD = 'a field comes twice'

/** A large hash is filled as it is read; a small one is made of all its fields at once, which is faster. */
function readHash(input: RdbInput, keyspace: Keyspace): Value | undefined {
  const count = input.count(2)
  if (count > keyspace.limits.hashMaxListpackEntries) {
    const hash = new HashValue(keyspace)
    hash.expect(count)
    for (let left = count; left > 0; left--) {
      if (!hash.set(input.element(), input.element())) corrupt(REPEATED_FIELD)
    }
    return hash
  }
  const pairs: string[] = []
  for (let left = count * 2; left > 0; left--) pairs.push(input.element())
  return hashOf(pairs, keyspace)
}

function hashOf(pairs: string[], keyspace: Keyspace, times?: readonly number[]): Value | undefined {
  if (pairs.length === 0) return undefined
  if (pairs.length % 2 !== 0) corrupt('a field without a value')
  return HashValue.from(keyspace, pairs, times) ?? corrupt(REPEATED_FIELD)
}

function readExpiringHash(input: RdbInput, type: number, keyspace: Keyspace): Value | undefined {
  // A time of 0 is none; so that the earliest is not 0, others count from the millisecond before it.
  const base = type === RdbType.HASH_METADATA ? input.int64() - 1 : 0
  const pairs: string[] = []
  const times: number[] = []
  for (let left = input.count(3); left > 0; left--) {
    const time = input.length()
    times.push(time === 0 ? 0 : fieldTime(base + time))
    pairs.push(input.element(), input.element())
  }
  return hashOf(pairs, keyspace, times)
}

function readPackedExpiringHash(input: RdbInput, keyspace: Keyspace): Value | undefined {
  const entries = listpack(input)
  if (entries.length % 3 !== 0) corrupt('a field without a value or a time')
  const pairs: string[] = []
  const times: number[] = []
  for (let i = 0; i < entries.length; i += 3) {
    pairs.push(entries[i] as string, entries[i + 1] as string)
    times.push(fieldTime(parseSafeInt(entries[i + 2] as string) ?? -1))
  }
  return hashOf(pairs, keyspace, times)
}

/** The latest time that Redis has room for in a field: 48 bits of milliseconds. */
const MAX_FIELD_TIME_MS = 2 ** 48 - 1

function fieldTime(timeMs: number): number {
  if (timeMs < 0 || timeMs > MAX_FIELD_TIME_MS) corrupt('a field that expires at no possible time')
  return timeMs
}
