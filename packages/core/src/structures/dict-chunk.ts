/**
 * A chunk of a dictionary: up to 8,192 slots, each of them a row in several columns. A column that nobody uses
 * is not there.
 */

/** Bytes of one row of each column. */
const REFERENCE_BYTES = 8
const HASH_BYTES = 4
const EXPIRY_BYTES = 8
const ACCESS_BYTES = 4

/** Marks the end of a chunk's list of free slots. */
export const NO_FREE = -1
/** The access clock of a free slot, whose key need not be looked at then; clocks have fewer bits. */
const FREE_ACCESS = 0xffff_ffff

export class DictChunk<V> {
  keys: (string | undefined)[]
  values: (V | undefined)[] | undefined
  /** The hash of the key in an occupied slot; the next free slot of this chunk in a free one. */
  hashes: Int32Array
  /** Unix time in ms, 0 for none. Made when a slot of this chunk first gets an expiry. */
  expiries: Float64Array | undefined
  /** Slots that have one. */
  expiring = 0
  access: Uint32Array | undefined
  /** 1 for a marked slot; made with the first mark in this chunk. */
  marks: Uint8Array | undefined
  /** Whether a frozen copy of the dictionary has it too: it is copied before it is changed. */
  isShared = false
  used = 0
  freeHead = NO_FREE
  /** Slots from here on were never used. */
  fresh = 0

  constructor(
    public capacity: number,
    withValues: boolean,
    withAccess: boolean,
  ) {
    this.keys = emptyColumn(capacity)
    this.values = withValues ? emptyColumn(capacity) : undefined
    this.hashes = new Int32Array(capacity)
    this.access = withAccess ? new Uint32Array(capacity) : undefined
  }

  /** Whether there is no entry in a slot that was used once. */
  isFree(at: number): boolean {
    return this.access === undefined ? this.keys[at] === undefined : this.access[at] === FREE_ACCESS
  }

  /** Empties a slot. */
  free(at: number): void {
    this.keys[at] = undefined
    if (this.values !== undefined) this.values[at] = undefined
    if (this.access !== undefined) this.access[at] = FREE_ACCESS
    this.hashes[at] = this.freeHead
    this.freeHead = at
    this.used--
  }

  grow(): void {
    const capacity = this.capacity * 2
    this.keys = widened(this.keys, capacity)
    if (this.values) this.values = widened(this.values, capacity)
    const hashes = new Int32Array(capacity)
    hashes.set(this.hashes)
    this.hashes = hashes
    if (this.expiries) {
      const expiries = new Float64Array(capacity)
      expiries.set(this.expiries)
      this.expiries = expiries
    }
    if (this.access) {
      const access = new Uint32Array(capacity)
      access.set(this.access)
      this.access = access
    }
    if (this.marks) {
      const marks = new Uint8Array(capacity)
      marks.set(this.marks)
      this.marks = marks
    }
    this.capacity = capacity
  }

  /** Bytes of the columns, but for the marks, which only a snapshot has. */
  get bytes(): number {
    return this.capacity * this.rowBytes
  }

  /** Bytes that one slot takes in all the columns. */
  get rowBytes(): number {
    let bytes = REFERENCE_BYTES + HASH_BYTES
    if (this.values !== undefined) bytes += REFERENCE_BYTES
    if (this.expiries !== undefined) bytes += EXPIRY_BYTES
    if (this.access !== undefined) bytes += ACCESS_BYTES
    return bytes
  }

  copy(): DictChunk<V> {
    const copy = new DictChunk<V>(0, false, false)
    copy.capacity = this.capacity
    copy.keys = this.keys.slice()
    copy.values = this.values?.slice()
    copy.hashes = this.hashes.slice()
    copy.expiries = this.expiries?.slice()
    copy.expiring = this.expiring
    copy.access = this.access?.slice()
    copy.marks = this.marks?.slice()
    copy.used = this.used
    copy.freeHead = this.freeHead
    copy.fresh = this.fresh
    return copy
  }
}

// Filled with undefined at once so that V8 keeps the array generic: an array that starts out as numbers would
// be converted, boxing every element, when the first string comes.
function emptyColumn<T>(length: number): (T | undefined)[] {
  return new Array<T | undefined>(length).fill(undefined)
}

function widened<T>(column: (T | undefined)[], length: number): (T | undefined)[] {
  const wider = emptyColumn<T>(length)
  for (let i = 0; i < column.length; i++) wider[i] = column[i]
  return wider
}
