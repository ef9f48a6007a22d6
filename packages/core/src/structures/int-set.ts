/**
 * A small set of integers: a sorted array of int64 values, found by binary search.
 *
 * A value is a number in the safe range and a bigint beyond it; the two compare with each other exactly.
 * Meant for hundreds of elements: add and remove move O(n) references.
 */

import { assert } from '../base/errors.js'
import { arrayBytes } from '../base/heap-size.js'

/** The object itself. */
const OWN_BYTES = 48
/** A bigint; and beside bigints a number that an array of numbers would hold as it is. */
const BIGINT_BYTES = 24
const NUMBER_BYTES = 16

export class IntSet {
  private readonly values: (number | bigint)[] = []
  private width: 2 | 4 | 8 = 2
  /** Values beyond the safe range. */
  private bigs = 0

  /** @param values int64 in any order, repeats allowed */
  static from(values: Iterable<number | bigint>): IntSet {
    const set = new IntSet()
    for (const value of values) set.add(value)
    return set
  }

  /** Number of elements. */
  get length(): number {
    return this.values.length
  }

  /** Estimated bytes in memory. */
  get heapBytes(): number {
    const { length } = this.values
    const boxes = this.bigs === 0 ? 0 : this.bigs * BIGINT_BYTES + (length - this.bigs) * NUMBER_BYTES
    return OWN_BYTES + arrayBytes(length) + boxes
  }

  /** Bytes an element takes in Redis's intset: what the widest value ever added needs. */
  get byteWidth(): 2 | 4 | 8 {
    return this.width
  }

  /** The element at `index` in rising order, 0 ≤ index < length. */
  at(index: number): number | bigint {
    assert(index >= 0 && index < this.values.length, 'index within the set')
    return this.values[index] as number | bigint
  }

  has(value: number | bigint): boolean {
    return this.values[this.firstNotLess(value)] === value
  }

  /** False when the value is there already. */
  add(value: number | bigint): boolean {
    const index = this.firstNotLess(value)
    if (this.values[index] === value) return false
    this.values.splice(index, 0, value)
    if (typeof value === 'bigint') this.bigs++
    const width = widthOf(value)
    if (width > this.width) this.width = width
    return true
  }

  /** False when the value is not there. */
  remove(value: number | bigint): boolean {
    const index = this.firstNotLess(value)
    if (this.values[index] !== value) return false
    this.values.splice(index, 1)
    if (typeof value === 'bigint') this.bigs--
    return true
  }

  /** In rising order. The set must not be changed meanwhile. */
  [Symbol.iterator](): IterableIterator<number | bigint> {
    return this.values.values()
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    const bigs = this.values.filter((value) => typeof value === 'bigint').length
    assert(bigs === this.bigs, 'values beyond the safe range')
    for (let i = 1; i < this.values.length; i++) assert(this.at(i - 1) < this.at(i), 'values ascend')
  }

  private firstNotLess(value: number | bigint): number {
    const { values } = this
    let low = 0
    let high = values.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((values[middle] as number | bigint) < value) low = middle + 1
      else high = middle
    }
    return low
  }
}

function widthOf(value: number | bigint): 2 | 4 | 8 {
  if (value >= -(2 ** 15) && value < 2 ** 15) return 2
  return value >= -(2 ** 31) && value < 2 ** 31 ? 4 : 8
}
