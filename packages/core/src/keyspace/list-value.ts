/**
 * A list. Small ones are a flat array and are called `listpack`, big ones a deque of chunks and `quicklist`;
 * where one becomes the other is Redis's rule, in Redis's bytes: a list that is about to exceed the limit
 * turns into a quicklist (`willGrow`), and one that has come down to half the limit turns back (`hasShrunk`).
 * Redis does the second only when the rest happens to lie in one node of its quicklist; here the rest counts
 * as if it always did.
 *
 * The size as a listpack is kept up with every change of a small list. For a big one it is a lower bound: it
 * is counted anew only when the bound says that the list may have become small enough.
 */

import { assert } from '../base/errors.js'
import { arrayBytes, stringBytes } from '../base/heap-size.js'
import { ChunkedDeque } from '../structures/chunked-deque.js'
import {
  LISTPACK_EMPTY_BYTES,
  LISTPACK_MIN_ENTRY_BYTES,
  listpackEntryBytes,
} from '../structures/listpack-size.js'
import type { Collection, ValueHome } from './value.js'

/** Bytes that list-max-listpack-size -1 to -5 stands for. */
const SIZE_LIMITS: readonly number[] = [4096, 8192, 16384, 32768, 65536]
/** Bytes that a listpack has at most when its limit is a number of elements. */
const SAFETY_BYTES = 8192
/** Up to here removed elements are subtracted one by one; more of them are worth a new count. */
const SUBTRACT_MAX = 128

/** The object, and the deque's in the big form. */
const OWN_BYTES = 64
const DEQUE_BYTES = 120

export class ListValue implements Collection {
  readonly type = 'list'
  readonly #home: ValueHome
  #items: string[] | ChunkedDeque = []
  /** Bytes as a listpack: exact while the list is one, at least while it is not. */
  #packedBytes = LISTPACK_EMPTY_BYTES
  /** What the elements take in memory while the list is small; a deque counts that by itself. */
  #textBytes = 0
  countedBytes = 0

  constructor(home: ValueHome) {
    this.#home = home
  }

  /** A list of these elements in the form that fits: what comes all at once, from a file or a computation. */
  static from(home: ValueHome, values: Iterable<string>): ListValue {
    const list = new ListValue(home)
    list.extend(values)
    return list
  }

  get length(): number {
    return this.#items.length
  }

  get encoding(): 'listpack' | 'quicklist' {
    return this.#items instanceof ChunkedDeque ? 'quicklist' : 'listpack'
  }

  copy(): ListValue {
    const copy = new ListValue(this.#home)
    const items = this.#items
    copy.#items = items instanceof ChunkedDeque ? items.copy() : items.slice()
    copy.#packedBytes = this.#packedBytes
    copy.#textBytes = this.#textBytes
    return copy
  }

  /** O(n), but only references are copied, many at a time. */
  frozen(): ListValue {
    return this.copy()
  }

  get heapBytes(): number {
    const items = this.#items
    if (items instanceof ChunkedDeque) return OWN_BYTES + DEQUE_BYTES + items.heapBytes
    return OWN_BYTES + arrayBytes(items.length) + this.#textBytes
  }

  // ---- form ---------------------------------------------------------------------------------------------

  /**
   * To be called before elements are added: makes room for a list beyond the limit.
   * @param bytes sum of the lengths of the elements to come
   * @param count number of the elements to come
   */
  willGrow(bytes: number, count: number): void {
    const items = this.#items
    if (items instanceof ChunkedDeque) return
    const size = this.#home.limits.listMaxListpackSize
    const fits =
      size < 0
        ? this.#packedBytes + bytes <= bytesLimit(size)
        : this.#packedBytes + bytes <= SAFETY_BYTES && items.length + count <= Math.max(size, 1)
    if (!fits) this.#items = ChunkedDeque.from(items)
  }

  /** To be called after elements were removed or replaced: a list that has become small is a listpack again. */
  hasShrunk(): void {
    const items = this.#items
    if (!(items instanceof ChunkedDeque)) return
    const size = this.#home.limits.listMaxListpackSize
    const bytes = size < 0 ? bytesLimit(size) / 2 : SAFETY_BYTES
    if (this.#packedBytes > bytes) return
    if (size >= 0 && items.length > Math.max(size, 1) >> 1) return
    const values = items.slice(0, items.length)
    this.#packedBytes = packedBytes(values)
    if (this.#packedBytes > bytes) return
    this.#items = values
    this.#textBytes = textBytes(values)
  }

  /** Adds elements at the tail, and takes the form that fits all of them. O(1) each. */
  extend(values: Iterable<string>): void {
    for (const value of values) {
      this.pushTail(value)
      this.willGrow(0, 0)
    }
  }

  // ---- ends ---------------------------------------------------------------------------------------------

  /** O(1) for a big list; a small one moves up. */
  pushHead(value: string): void {
    this.#packedBytes += listpackEntryBytes(value)
    this.#textBytes += stringBytes(value)
    const items = this.#items
    if (items instanceof ChunkedDeque) items.pushHead(value)
    else items.unshift(value)
  }

  /** O(1). */
  pushTail(value: string): void {
    this.#packedBytes += listpackEntryBytes(value)
    this.#textBytes += stringBytes(value)
    const items = this.#items
    if (items instanceof ChunkedDeque) items.pushTail(value)
    else items.push(value)
  }

  /** Removes and returns the first element; the list is not empty. */
  popHead(): string {
    const items = this.#items
    const value = (items instanceof ChunkedDeque ? items.popHead() : items.shift()) as string
    this.#packedBytes -= listpackEntryBytes(value)
    this.#textBytes -= stringBytes(value)
    return value
  }

  /** Removes and returns the last element; the list is not empty. */
  popTail(): string {
    const items = this.#items
    const value = (items instanceof ChunkedDeque ? items.popTail() : items.pop()) as string
    this.#packedBytes -= listpackEntryBytes(value)
    this.#textBytes -= stringBytes(value)
    return value
  }

  // ---- anywhere -----------------------------------------------------------------------------------------

  /** The element at `index`, 0 ≤ index < length. O(1), O(log n) for a big list. */
  get(index: number): string {
    const items = this.#items
    return items instanceof ChunkedDeque ? items.get(index) : (items[index] as string)
  }

  /** Replaces the element at `index`, 0 ≤ index < length. */
  set(index: number, value: string): void {
    const items = this.#items
    const old = this.get(index)
    this.#packedBytes += listpackEntryBytes(value) - listpackEntryBytes(old)
    this.#textBytes += stringBytes(value) - stringBytes(old)
    if (items instanceof ChunkedDeque) items.set(index, value)
    else items[index] = value
  }

  /** Puts `value` before the element at `index`, 0 ≤ index ≤ length. */
  insert(index: number, value: string): void {
    const items = this.#items
    this.#packedBytes += listpackEntryBytes(value)
    this.#textBytes += stringBytes(value)
    if (items instanceof ChunkedDeque) items.insert(index, value)
    else items.splice(index, 0, value)
  }

  /** The `count` elements from `start` on, in a new array; the range lies within the list. */
  slice(start: number, count: number): string[] {
    const items = this.#items
    return items instanceof ChunkedDeque ? items.slice(start, count) : items.slice(start, start + count)
  }

  /** Removes `count` elements from `start` on; the range lies within the list. */
  removeRange(start: number, count: number): void {
    if (count === 0) return
    const items = this.#items
    if (items instanceof ChunkedDeque) {
      if (count <= SUBTRACT_MAX) this.#packedBytes -= entryBytes(items.slice(start, count))
      items.removeRange(start, count)
      if (count > SUBTRACT_MAX)
        this.#packedBytes = LISTPACK_EMPTY_BYTES + items.length * LISTPACK_MIN_ENTRY_BYTES
    } else {
      const removed = items.splice(start, count)
      this.#packedBytes -= entryBytes(removed)
      this.#textBytes -= textBytes(removed)
    }
  }

  /**
   * Removes elements equal to `value`. O(n)
   * @param count how many at most; 0 for all of them
   * @param fromTail whether to begin the search at the last element
   * @returns how many were removed
   */
  removeMatching(value: string, count: number, fromTail: boolean): number {
    const items = this.#items
    const removed =
      items instanceof ChunkedDeque
        ? items.removeMatching(value, count, fromTail)
        : removeFromArray(items, value, count === 0 ? items.length : count, fromTail)
    this.#packedBytes -= removed * listpackEntryBytes(value)
    this.#textBytes -= removed * stringBytes(value)
    return removed
  }

  /**
   * Index of the first element equal to `value` among the `limit` elements from `index` on, or -1. O(limit)
   * @param direction 1 towards the tail, -1 towards the head
   */
  indexOf(value: string, index: number, direction: 1 | -1, limit: number): number {
    const items = this.#items
    if (limit <= 0) return -1
    if (!(items instanceof ChunkedDeque)) {
      const end = direction === 1 ? Math.min(items.length, index + limit) : Math.max(-1, index - limit)
      for (let at = index; at !== end; at += direction) if (items[at] === value) return at
      return -1
    }
    let found = -1
    let left = limit
    items.forEachFrom(index, direction, (element, at) => {
      if (element === value) found = at
      return found < 0 && --left > 0
    })
    return found
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    const items = this.#items
    const exact = packedBytes(this.slice(0, this.length))
    if (items instanceof ChunkedDeque) {
      items.assertInvariants()
      assert(this.#packedBytes <= exact, 'the size of a quicklist is a lower bound')
    } else {
      assert(this.#packedBytes === exact, 'the size of a listpack is exact')
      assert(this.#textBytes === textBytes(items), 'the bytes of the elements are exact')
    }
  }
}

function bytesLimit(maxListpackSize: number): number {
  return SIZE_LIMITS[Math.min(-maxListpackSize, SIZE_LIMITS.length) - 1] as number
}

function entryBytes(values: readonly string[]): number {
  let bytes = 0
  for (let i = 0; i < values.length; i++) bytes += listpackEntryBytes(values[i] as string)
  return bytes
}

function textBytes(values: readonly string[]): number {
  let bytes = 0
  for (let i = 0; i < values.length; i++) bytes += stringBytes(values[i] as string)
  return bytes
}

function packedBytes(values: readonly string[]): number {
  return LISTPACK_EMPTY_BYTES + entryBytes(values)
}

/** Removes up to `limit` elements equal to `value`, the first ones or the last ones. Returns how many. */
function removeFromArray(items: string[], value: string, limit: number, fromTail: boolean): number {
  let skipped = 0
  if (fromTail) {
    let matches = 0
    for (const item of items) if (item === value) matches++
    skipped = Math.max(0, matches - limit)
  }
  let kept = 0
  let removed = 0
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as string
    if (item === value && removed < limit && skipped-- <= 0) removed++
    else items[kept++] = item
  }
  items.length = kept
  return removed
}
