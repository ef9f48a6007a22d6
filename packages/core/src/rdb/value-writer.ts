/**
 * Values as RDB files and DUMP payloads keep them: small collections packed into one string, big ones element
 * by element. Only types that redis-server 7.0 reads are written, but for hashes with fields that expire,
 * which came later.
 *
 * A big collection is written in steps, so that whoever takes a snapshot can do other things in between.
 */

import { formatDouble } from '../base/double.js'
import type { HashValue } from '../keyspace/hash-value.js'
import type { ListValue } from '../keyspace/list-value.js'
import type { SetValue } from '../keyspace/set-value.js'
import type { SortedSetValue } from '../keyspace/sorted-set-value.js'
import { toText } from '../keyspace/string-value.js'
import type { StringValue, Value } from '../keyspace/value.js'
import type { Dict } from '../structures/dict.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import { LISTPACK_EMPTY_BYTES, listpackEntryBytes } from '../structures/listpack-size.js'
import { writeIntset } from './intset.js'
import { Pace } from './pace.js'
import type { RdbOutput } from './rdb-output.js'
import { FIELD_EXPIRY_RDB_VERSION, QuicklistNode, RdbType, USUAL_RDB_VERSION } from './rdb-types.js'
import { writeStream } from './stream-writer.js'

/** Elements that are got from a collection at a time. */
const BATCH = 128

/** Strings up to this may be numbers. */
const MAX_INT32_LENGTH = 11
/** Bytes a node of a list has at most, if it has more than one element. */
const NODE_BYTES = 8192
/** What Redis adds to an element's length before it asks whether the element fits into a node. */
const NODE_ENTRY_OVERHEAD = 8

/** The type, as `RdbType` numbers them, that `writeValue` writes this value as. */
export function typeOfWritten(value: Value): number {
  if (isString(value)) return RdbType.STRING
  switch (value.type) {
    case 'list':
      return RdbType.LIST_QUICKLIST_2
    case 'set':
      return value.ints === undefined ? RdbType.SET : RdbType.SET_INTSET
    case 'zset':
      return value.encoding === 'listpack' ? RdbType.ZSET_LISTPACK : RdbType.ZSET_2
    case 'hash':
      if (value.dict !== undefined) return value.hasExpiringFields ? RdbType.HASH_METADATA : RdbType.HASH
      return value.hasExpiringFields ? RdbType.HASH_LISTPACK_EX : RdbType.HASH_LISTPACK
    case 'stream':
      return RdbType.STREAM_LISTPACKS_2
  }
}

/** The version of the format that a reader of this value has to know. */
export function versionOfWritten(value: Value): number {
  const expires = !isString(value) && value.type === 'hash' && value.hasExpiringFields
  return expires ? FIELD_EXPIRY_RDB_VERSION : USUAL_RDB_VERSION
}

/**
 * Writes a value, without its type. O(its size)
 * @returns undefined if all of it is written; else what writes the rest, a part of bounded size each time it is
 *   asked for the next. The value must not change before it is at its end.
 */
export function writeValue(out: RdbOutput, value: Value): IterableIterator<void> | undefined {
  if (isString(value)) {
    writeString(out, value)
    return undefined
  }
  const steps = writeCollection(out, value)
  return steps === undefined || steps.next().done === true ? undefined : steps
}

function isString(value: Value): value is StringValue {
  return typeof value !== 'object' || value instanceof GrowBytes
}

function writeString(out: RdbOutput, value: StringValue): void {
  if (typeof value === 'string') out.string(value)
  else if (typeof value === 'number') out.integer(value)
  else if (value.length <= MAX_INT32_LENGTH) out.string(toText(value))
  else out.blob(value.bytes)
}

function writeCollection(out: RdbOutput, value: Exclude<Value, StringValue>): Generator<void> | undefined {
  switch (value.type) {
    case 'list':
      return writeList(out, value)
    case 'set':
      if (value.ints === undefined) return writeSet(out, value)
      out.blob(writeIntset(value.ints))
      return undefined
    case 'zset':
      if (value.encoding !== 'listpack') return writeSortedSet(out, value)
      packSortedSet(out, value)
      return undefined
    case 'hash':
      if (value.dict !== undefined) return writeHash(out, value, value.dict)
      packHash(out, value)
      return undefined
    case 'stream':
      return writeStream(out, value)
  }
}

// ---- lists ------------------------------------------------------------------------------------------------

/** The number of nodes comes first, so the elements are gone through twice. */
function* writeList(out: RdbOutput, list: ListValue): Generator<void> {
  const pace = new Pace(out.buffer)
  const nodes: number[] = []
  let count = 0
  let bytes = LISTPACK_EMPTY_BYTES
  for (let start = 0; start < list.length; start += BATCH) {
    const elements = list.slice(start, Math.min(BATCH, list.length - start))
    for (const element of elements) {
      if (count > 0 && bytes + element.length + NODE_ENTRY_OVERHEAD > NODE_BYTES) {
        nodes.push(count)
        count = 0
        bytes = LISTPACK_EMPTY_BYTES
      }
      count++
      bytes += listpackEntryBytes(element)
    }
    if (pace.isOver(elements.length)) {
      yield
      pace.restart()
    }
  }
  nodes.push(count)
  out.length(nodes.length)
  let start = 0
  for (const node of nodes) {
    out.length(QuicklistNode.PACKED)
    for (const element of list.slice(start, node)) out.listpack.append(element)
    out.blob(out.listpack.finish())
    start += node
    if (pace.isOver(node)) {
      yield
      pace.restart()
    }
  }
}

// ---- sets -------------------------------------------------------------------------------------------------

function* writeSet(out: RdbOutput, set: SetValue): Generator<void> {
  const pace = new Pace(out.buffer)
  out.length(set.length)
  const end = set.positions
  for (let position = 0; position < end; position++) {
    const member = set.memberAt(position)
    if (member !== undefined) out.string(member)
    if (pace.isOver()) {
      yield
      pace.restart()
    }
  }
}

// ---- sorted sets ------------------------------------------------------------------------------------------

/** From the greatest to the smallest, as Redis reads them fastest. */
function* writeSortedSet(out: RdbOutput, set: SortedSetValue): Generator<void> {
  const pace = new Pace(out.buffer)
  const writeElement = (member: string, score: number): void => {
    out.string(member)
    out.double(score)
  }
  out.length(set.length)
  for (let end = set.length; end > 0; ) {
    const count = Math.min(BATCH, end)
    end -= count
    set.walk(end, count, true, writeElement)
    if (pace.isOver(count)) {
      yield
      pace.restart()
    }
  }
}

function packSortedSet(out: RdbOutput, set: SortedSetValue): void {
  const { listpack } = out
  set.forEach((member, score) => {
    listpack.append(member)
    if (Number.isSafeInteger(score)) listpack.appendInteger(score)
    else listpack.append(formatDouble(score))
  })
  out.blob(listpack.finish())
}

// ---- hashes -----------------------------------------------------------------------------------------------

/** Times are told as 1 for the earliest and so on; 0 is none. */
function* writeHash(out: RdbOutput, hash: HashValue, dict: Dict<string>): Generator<void> {
  const pace = new Pace(out.buffer)
  const expires = hash.hasExpiringFields
  const earliestMs = expires ? dict.earliestExpiry(0) : 0
  if (expires) out.int64(earliestMs)
  out.length(dict.size)
  const end = dict.slotCount
  for (let slot = 0; slot < end; slot++) {
    const field = dict.keyAt(slot)
    if (field !== undefined) {
      if (expires) {
        const expiryMs = dict.expiryAt(slot)
        out.length(expiryMs === 0 ? 0 : expiryMs - earliestMs + 1)
      }
      out.string(field)
      out.string(dict.valueAt(slot))
    }
    if (pace.isOver()) {
      yield
      pace.restart()
    }
  }
}

function packHash(out: RdbOutput, hash: HashValue): void {
  const { listpack } = out
  const expires = hash.hasExpiringFields
  if (expires) out.int64(hash.earliestExpiryMs)
  for (let position = 0; position < hash.length; position++) {
    listpack.append(hash.fieldAt(position))
    listpack.append(hash.valueAt(position))
    if (expires) listpack.appendInteger(hash.expiryAt(position))
  }
  out.blob(listpack.finish())
}
