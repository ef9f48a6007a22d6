/**
 * A HyperLogLog: about how many different elements have been added, in at most 12 KB, with a standard error of
 * 0.81 %. It is a string, byte for byte the one that Redis makes of the same history: a header with the last
 * count (hyperloglog-layout.ts), and 16384 registers as runs while they are few (hyperloglog-sparse.ts) or
 * packed (hyperloglog-dense.ts).
 *
 * The hash of an element names a register and, by the run of zeros in its other bits, a value; the register
 * keeps the greatest it was given. How a count comes of that is in hyperloglog-estimate.ts.
 *
 * The string may come from outside. `isHyperLogLog` looks at its header only; that the runs of the sparse form
 * are no good is found where they are read, and told by `undefined`.
 */

import { readSigned, writeSigned } from '../base/little-endian.js'
import { GrowBytes } from './grow-bytes.js'
import {
  countDense,
  DENSE_BYTES,
  packDense,
  raiseByDense,
  raiseDense,
  setDenseRegister,
} from './hyperloglog-dense.js'
import { RegisterHistogram } from './hyperloglog-estimate.js'
import {
  CARDINALITY_AT,
  DENSE_FORM,
  FORM_AT,
  HEADER_BYTES,
  INDEX_BITS,
  MAGIC,
  REGISTERS,
  SPARSE_FORM,
  STALE_AT,
  STALE_BIT,
} from './hyperloglog-layout.js'
import {
  describeRuns,
  EMPTY_RUNS,
  MAX_SPARSE_BYTES,
  raiseSparse,
  SparseCursor,
  walkRuns,
} from './hyperloglog-sparse.js'
import { Hash64, murmurHash64A } from './murmur-hash.js'

const HASH_SEED = 0xadc83b19
/** Stands behind the last bit of the hash that counts, so that the run of zeros has an end. */
const SENTINEL = 1 << (64 - INDEX_BITS - 32)

const hash = new Hash64()

/** Whether a string has the header of a HyperLogLog, and the length if it is a dense one. O(1) */
export function isHyperLogLog(value: string | GrowBytes): boolean {
  const { length } = value
  if (length < HEADER_BYTES) return false
  for (let i = 0; i < MAGIC.length; i++) if (byteOf(value, i) !== MAGIC.charCodeAt(i)) return false
  const form = byteOf(value, FORM_AT)
  return form === SPARSE_FORM || (form === DENSE_FORM && length === DENSE_BYTES)
}

function byteOf(value: string | GrowBytes, at: number): number {
  return typeof value === 'string' ? value.charCodeAt(at) : value.byteAt(at)
}

export class HyperLogLog {
  /** @param bytes a HyperLogLog, as `isHyperLogLog` tells; edited in place */
  constructor(readonly bytes: GrowBytes) {}

  static empty(): HyperLogLog {
    const content = new Uint8Array(HEADER_BYTES + EMPTY_RUNS.length)
    for (let i = 0; i < MAGIC.length; i++) content[i] = MAGIC.charCodeAt(i)
    content[FORM_AT] = SPARSE_FORM
    content.set(EMPTY_RUNS, HEADER_BYTES)
    return new HyperLogLog(GrowBytes.adopt(content))
  }

  get isSparse(): boolean {
    return this.bytes.byteAt(FORM_AT) === SPARSE_FORM
  }

  // ---- registers ------------------------------------------------------------------------------------------

  /**
   * Adds an element. O(its length), and O(bytes) in the sparse form.
   * @param sparseMaxBytes size at which the sparse form becomes a dense one
   * @returns whether a register was raised; undefined if the runs end before the register or do not add up
   */
  add(element: string, sparseMaxBytes: number): boolean | undefined {
    murmurHash64A(element, HASH_SEED, hash)
    const { low, high } = hash
    const index = low & (REGISTERS - 1)
    const zeros = (low >>> INDEX_BITS) | (high << (32 - INDEX_BITS))
    const rank = zeros !== 0 ? trailingZeros(zeros) : 32 + trailingZeros((high >>> INDEX_BITS) | SENTINEL)
    if (!this.isSparse) return raiseDense(this.bytes, index, rank + 1)
    return this.#raiseRun(index, rank + 1, sparseMaxBytes, new SparseCursor())
  }

  /**
   * Raises each register to the value in `registers`, none above 63, which may come out raised, too. What it has
   * must add up.
   */
  raiseTo(registers: Uint8Array, sparseMaxBytes: number): void {
    const cursor = new SparseCursor()
    for (let i = 0; i < REGISTERS && this.isSparse; i++) {
      const value = registers[i] as number
      if (value > 0) this.#raiseRun(i, value, sparseMaxBytes, cursor)
    }
    if (this.isSparse) return
    raiseByDense(registers, this.bytes.bytes)
    packDense(registers, this.bytes.edit())
  }

  /** Raises each of `registers` to the value it has here. @returns false if the runs do not add up */
  raiseOthers(registers: Uint8Array): boolean {
    const content = this.bytes.bytes
    if (!this.isSparse) {
      raiseByDense(registers, content)
      return true
    }
    let index = 0
    return walkRuns(content, (value, length) => {
      const end = index + length
      if (value === 0) index = end
      for (; index < end; index++) if (value > (registers[index] as number)) registers[index] = value
    })
  }

  /** Takes the dense form. @returns false if the runs do not add up; nothing has changed then */
  becomeDense(): boolean {
    if (!this.isSparse) return true
    const content = this.bytes.bytes
    const dense = new Uint8Array(DENSE_BYTES)
    dense.set(content.subarray(0, HEADER_BYTES))
    dense[FORM_AT] = DENSE_FORM
    let index = 0
    const addUp = walkRuns(content, (value, length) => {
      const end = index + length
      if (value === 0) index = end
      for (; index < end; index++) setDenseRegister(dense, index, value)
    })
    if (addUp) this.bytes.assign(dense)
    return addUp
  }

  /** The runs of the sparse form as text, undefined if they cannot add up. */
  describe(): string | undefined {
    return this.bytes.length > MAX_SPARSE_BYTES ? undefined : describeRuns(this.bytes.bytes)
  }

  /** Raises a register in the sparse form, or takes the dense one for it. */
  #raiseRun(index: number, value: number, maxBytes: number, cursor: SparseCursor): boolean | undefined {
    // Runs that are too many make every step slow, and cannot add up anyway.
    if (this.bytes.length > MAX_SPARSE_BYTES) return undefined
    switch (raiseSparse(this.bytes, index, value, maxBytes, cursor)) {
      case 'raised':
        return true
      case 'unchanged':
        return false
      case 'full':
        return this.becomeDense() ? raiseDense(this.bytes, index, value) : undefined
      case 'corrupt':
        return undefined
    }
  }

  // ---- counting -------------------------------------------------------------------------------------------

  /** The count that was last stored, up to 2^63 - 1; undefined if there is none, or registers have changed. */
  get storedCount(): number | bigint | undefined {
    if ((this.bytes.byteAt(STALE_AT) & STALE_BIT) !== 0) return undefined
    return readSigned(this.bytes.bytes, CARDINALITY_AT, 8)
  }

  /** Stores a count. One of 2^63 or more is the same as none. */
  storeCount(count: number | bigint): void {
    writeSigned(this.bytes.edit(), CARDINALITY_AT, 8, count)
  }

  /** Notes that registers have changed since the stored count. */
  outdateCount(): void {
    if ((this.bytes.byteAt(STALE_AT) & STALE_BIT) === 0) (this.bytes.edit()[STALE_AT] as number) |= STALE_BIT
  }

  /** Counts: a whole number up to 2^63; undefined if the runs do not add up. O(registers) */
  count(): number | undefined {
    const content = this.bytes.bytes
    const histogram = new RegisterHistogram()
    if (!this.isSparse) {
      countDense(content, histogram.counts)
      return histogram.estimate()
    }
    const addUp = walkRuns(content, (value, length) => {
      ;(histogram.counts[value] as number) += length
    })
    return addUp ? histogram.estimate() : undefined
  }
}

/** Registers that are all 0, a byte each, for a union. */
export function noRegisters(): Uint8Array {
  return new Uint8Array(REGISTERS)
}

/** How many elements registers of a byte each stand for, none of them above 63: see `count`. */
export function countRegisters(registers: Uint8Array): number {
  return RegisterHistogram.of(registers).estimate()
}

/** Zeros below the lowest 1 of a word that has one. */
function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}
