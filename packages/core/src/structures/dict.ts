/**
 * The one dictionary: string keys in numbered slots, with columns for value, expiry and access clock.
 *
 * Entries live in chunks of 8,192 slots (struct of arrays), so growth never copies more than one chunk and a
 * column that nobody uses costs nothing. An open-addressing index of slot numbers, split into segments that
 * grow one by one, finds a key; the key's hash is kept beside it, so growing an index never touches a string.
 * A hand-written seeded hash is used instead of `Map<string, slot>` because it was measured smaller (90
 * against 105 bytes a key at 1 M keys) and faster (0.8 against 1.0 µs a lookup), and it has no size limit.
 *
 * Slot numbers are what a scan walks, from the highest down: a new entry takes a free slot, compaction moves
 * entries only to lower slots, so an entry that is there all through a scan is always met, with nothing kept
 * between the calls.
 *
 * Costs: find, insert, remove and random choice O(1); an index segment grows at 1/2 to 3/4 full.
 */

import { assert } from '../base/errors.js'
import { DictChunk, NO_FREE } from './dict-chunk.js'

const CHUNK_BITS = 13
const CHUNK_SLOTS = 1 << CHUNK_BITS
const SLOT_MASK = CHUNK_SLOTS - 1
const FIRST_CAPACITY = 8
const FIRST_SEGMENT_PLACES = 16

/** Up to this many entries one index segment serves; beyond it there are `MANY_SEGMENTS`. */
const SINGLE_SEGMENT_ENTRIES = 32_768
const MANY_SEGMENTS = 1024
const SEGMENT_SHIFT = 10
const EMPTY = -1

/** What a dictionary takes in memory beside its columns: the objects around them. */
export const DICT_BYTES = 1000
/** Bytes of one place in the index. */
const INDEX_BYTES = 4
/** Places in the index for each entry, on average. */
const PLACES_AN_ENTRY = 1.6

/** Tries at random to hit a slot that has an expiry, before looking for one. */
const EXPIRING_TRIES = 16

export interface DictOptions {
  /** Seeds the hash, so that nobody outside can choose keys that collide. Any 32-bit integer. */
  seed: number
  /** Keep a value beside each key (false for a set). */
  values: boolean
  /** Keep an access clock beside each key. */
  access?: boolean
}

export class Dict<V> {
  /** Entries in the dictionary. */
  size = 0
  /** Entries that have an expiry. */
  expiring = 0
  /** Whether entries are marked: see `startMarking`. */
  marking = false
  /** Bytes of the columns and of the index, without keys and values and without marks; kept up with every change. */
  columnBytes = FIRST_SEGMENT_PLACES * INDEX_BYTES

  readonly #seed: number
  readonly #withValues: boolean
  readonly #withAccess: boolean
  #chunks: DictChunk<V>[] = []
  /** No chunk below this one has a free slot. */
  #roomiest = 0
  /** No slot from here on is occupied. */
  #ceiling = 0
  #segments: Int32Array[] = [newSegment(FIRST_SEGMENT_PLACES)]
  #segmentCounts = new Int32Array(1)
  #segmentMask = 0

  constructor(options: DictOptions) {
    this.#seed = options.seed | 0
    this.#withValues = options.values
    this.#withAccess = options.access ?? false
  }

  /** One above the highest slot that may be occupied: where a scan starts. */
  get slotCount(): number {
    return this.#ceiling
  }

  /** The slot of `key`, or -1. */
  find(key: string): number {
    return this.#find(key, this.#hash(key))
  }

  has(key: string): boolean {
    return this.find(key) >= 0
  }

  get(key: string): V | undefined {
    const slot = this.find(key)
    return slot < 0 ? undefined : this.valueAt(slot)
  }

  /** Stores `value` under `key`, replacing; says whether the key is new. An expiry stays as it was. */
  set(key: string, value: V): boolean {
    const hash = this.#hash(key)
    const slot = this.#find(key, hash)
    if (slot >= 0) {
      this.setValueAt(slot, value)
      return false
    }
    this.#insert(key, hash, value)
    return true
  }

  /** Adds `key` if it is not there and says whether it was added (for a dictionary without values). */
  add(key: string): boolean {
    const hash = this.#hash(key)
    if (this.#find(key, hash) >= 0) return false
    this.#insert(key, hash, undefined)
    return true
  }

  /** Adds a key that is known to be absent and gives its slot. */
  insert(key: string, value: V): number {
    return this.#insert(key, this.#hash(key), value)
  }

  delete(key: string): boolean {
    const slot = this.find(key)
    if (slot < 0) return false
    this.removeAt(slot)
    return true
  }

  /** Removes the entry in an occupied slot. Other entries may move to lower slots. */
  removeAt(slot: number): void {
    const chunk = this.#ownChunk(slot)
    const at = slot & SLOT_MASK
    assert(chunk.keys[at] !== undefined, 'a free slot is not removed')
    this.#unindex(slot, chunk.hashes[at] as number)
    if (chunk.expiries !== undefined && chunk.expiries[at] !== 0) {
      chunk.expiries[at] = 0
      chunk.expiring--
      this.expiring--
    }
    this.#release(slot, chunk, at)
    this.size--
    if (this.#isSparse) this.#compact()
  }

  keyAt(slot: number): string | undefined {
    const chunk = this.#chunks[slot >> CHUNK_BITS]
    return chunk === undefined ? undefined : chunk.keys[slot & SLOT_MASK]
  }

  /** Whether there is an entry in a slot, which may be any number from 0 on. */
  isTaken(slot: number): boolean {
    return slot < this.#ceiling && !this.#chunk(slot).isFree(slot & SLOT_MASK)
  }

  valueAt(slot: number): V {
    return (this.#chunk(slot).values as V[])[slot & SLOT_MASK] as V
  }

  setValueAt(slot: number, value: V): void {
    const values = this.#ownChunk(slot).values
    if (values !== undefined) values[slot & SLOT_MASK] = value
  }

  /** `setValueAt` that gives the value that was there, of a dictionary with values. */
  exchangeAt(slot: number, value: V): V {
    const values = this.#ownChunk(slot).values as V[]
    const at = slot & SLOT_MASK
    const old = values[at] as V
    values[at] = value
    return old
  }

  /** Unix time in ms at which the entry expires, 0 if it does not. */
  expiryAt(slot: number): number {
    const expiries = this.#chunk(slot).expiries
    return expiries === undefined ? 0 : (expiries[slot & SLOT_MASK] as number)
  }

  /** Sets the expiry of an entry; 0 takes it away. */
  setExpiryAt(slot: number, expiryMs: number): void {
    const chunk = this.#ownChunk(slot)
    if (chunk.expiries === undefined) {
      if (expiryMs === 0) return
      this.#addExpiries(chunk)
    }
    const expiries = chunk.expiries as Float64Array
    const at = slot & SLOT_MASK
    const had = expiries[at] !== 0
    expiries[at] = expiryMs
    if (had === (expiryMs !== 0)) return
    chunk.expiring += had ? -1 : 1
    this.expiring += had ? -1 : 1
  }

  accessAt(slot: number): number {
    const access = this.#chunk(slot).access
    return access === undefined ? 0 : (access[slot & SLOT_MASK] as number)
  }

  setAccessAt(slot: number, clock: number): void {
    const access = this.#chunk(slot).access
    if (access !== undefined) access[slot & SLOT_MASK] = clock
  }

  /**
   * From here on to `stopMarking` an entry can carry a mark, which stays with it where compaction moves it. A
   * new entry is marked from its beginning: what has no mark was there all the time.
   */
  startMarking(): void {
    assert(!this.marking, 'marks have one user at a time')
    this.marking = true
  }

  stopMarking(): void {
    this.marking = false
    for (const chunk of this.#chunks) chunk.marks = undefined
  }

  isMarkedAt(slot: number): boolean {
    const marks = this.#chunk(slot).marks
    return marks !== undefined && marks[slot & SLOT_MASK] === 1
  }

  markAt(slot: number): void {
    const chunk = this.#chunk(slot)
    chunk.marks ??= new Uint8Array(chunk.capacity)
    chunk.marks[slot & SLOT_MASK] = 1
  }

  /** The highest occupied slot below `slot`, or -1: scans and iterations step with it. */
  slotBelow(slot: number): number {
    for (let next = Math.min(slot, this.#ceiling) - 1; next >= 0; ) {
      const chunk = this.#chunk(next)
      if (chunk.used === 0) {
        next = ((next >> CHUNK_BITS) << CHUNK_BITS) - 1
        continue
      }
      if (chunk.keys[next & SLOT_MASK] !== undefined) return next
      next--
    }
    return -1
  }

  /**
   * The next slot at or after `slot` whose expiry has passed, or -1; looks at no more than `limit` slots and
   * leaves in `sweepEnd` where to go on. A chunk without entries that expire counts as one slot.
   */
  nextExpired(slot: number, nowMs: number, limit: number): number {
    const end = this.#ceiling
    let budget = limit
    while (slot < end && budget > 0) {
      const { expiries, expiring } = this.#chunk(slot)
      budget--
      if (expiries === undefined || expiring === 0) {
        slot = ((slot >> CHUNK_BITS) + 1) << CHUNK_BITS
        continue
      }
      const expiry = expiries[slot & SLOT_MASK] as number
      if (expiry !== 0 && expiry < nowMs) {
        this.sweepEnd = slot + 1
        return slot
      }
      slot++
    }
    this.sweepEnd = slot
    return -1
  }
  sweepEnd = 0

  /** The earliest expiry that is later than `afterMs`, Infinity if there is none. O(slots) of chunks with expiries. */
  earliestExpiry(afterMs: number): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const { expiries, expiring } of this.#chunks) {
      if (expiries === undefined || expiring === 0) continue
      for (let at = 0; at < expiries.length; at++) {
        const expiry = expiries[at] as number
        if (expiry > afterMs && expiry < earliest) earliest = expiry
      }
    }
    return earliest
  }

  /** A random occupied slot, each as likely as any other; -1 when empty. Expected tries: at most about 2. */
  randomSlot(random: () => number): number {
    if (this.size === 0) return -1
    const end = this.#ceiling
    for (let tries = 0; tries < 64; tries++) {
      const slot = Math.floor(random() * end)
      if (this.isTaken(slot)) return slot
    }
    // Only a single chunk, which compaction leaves alone, can be that sparse: walk it.
    let left = Math.floor(random() * this.size)
    let slot = this.slotBelow(end)
    while (left-- > 0) slot = this.slotBelow(slot)
    return slot
  }

  /**
   * A random slot among those that have an expiry, each about as likely as any other; -1 if there is none. A few
   * tries where many have one, else O(chunks + slots of a chunk).
   */
  randomExpiringSlot(random: () => number): number {
    if (this.expiring === 0) return -1
    for (let tries = 0; tries < EXPIRING_TRIES; tries++) {
      const slot = Math.floor(random() * this.#ceiling)
      if (this.#chunk(slot).expiries?.[slot & SLOT_MASK]) return slot
    }
    // The chunk of a random one of them all, and there the next one from a random place on.
    let left = Math.floor(random() * this.expiring)
    let c = 0
    while (left >= (this.#chunks[c] as DictChunk<V>).expiring)
      left -= (this.#chunks[c++] as DictChunk<V>).expiring
    const expiries = (this.#chunks[c] as DictChunk<V>).expiries as Float64Array
    let at = Math.floor(random() * expiries.length)
    while (expiries[at] === 0) at = at + 1 === expiries.length ? 0 : at + 1
    return (c << CHUNK_BITS) + at
  }

  /** Visits every entry in slot order. The visitor must not add or remove entries. */
  forEach(visit: (key: string, value: V, slot: number) => void): void {
    for (let c = 0; c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c] as DictChunk<V>
      for (let at = 0; at < chunk.fresh; at++) {
        const key = chunk.keys[at]
        if (key !== undefined) visit(key, chunk.values?.[at] as V, (c << CHUNK_BITS) + at)
      }
    }
  }

  clear(): void {
    this.size = 0
    this.expiring = 0
    this.#chunks = []
    this.#roomiest = 0
    this.#ceiling = 0
    this.#segments = [newSegment(FIRST_SEGMENT_PLACES)]
    this.columnBytes = FIRST_SEGMENT_PLACES * INDEX_BYTES
    this.#segmentCounts = new Int32Array(1)
    this.#segmentMask = 0
  }

  /** Bytes of the columns and the index for the entry in an occupied slot. */
  entryBytesAt(slot: number): number {
    return this.#chunk(slot).rowBytes + INDEX_BYTES * PLACES_AN_ENTRY
  }

  /**
   * The entries as they are now, whatever happens to this dictionary: to be walked by slots, and nothing else. It
   * shares the chunks, each of which is copied when it is first changed. O(chunks)
   */
  frozen(): Dict<V> {
    const frozen = new Dict<V>({ seed: this.#seed, values: this.#withValues, access: this.#withAccess })
    for (const chunk of this.#chunks) chunk.isShared = true
    frozen.#chunks = this.#chunks.slice()
    frozen.#ceiling = this.#ceiling
    frozen.size = this.size
    frozen.expiring = this.expiring
    return frozen
  }

  /** Throws when the sums disagree with what is there: for tests. O(slots) */
  assertInvariants(): void {
    let bytes = 0
    let expiring = 0
    for (const segment of this.#segments) bytes += segment.byteLength
    for (const chunk of this.#chunks) {
      bytes += chunk.bytes
      const found = chunk.expiries?.reduce((count, expiry) => (expiry === 0 ? count : count + 1), 0) ?? 0
      assert(found === chunk.expiring, 'expiring slots of a chunk')
      expiring += found
    }
    assert(bytes === this.columnBytes, 'bytes of the columns')
    assert(expiring === this.expiring, 'expiring entries')
  }

  #chunk(slot: number): DictChunk<V> {
    return this.#chunks[slot >> CHUNK_BITS] as DictChunk<V>
  }

  /** The chunk of a slot that is about to be changed. */
  #ownChunk(slot: number): DictChunk<V> {
    const chunk = this.#chunks[slot >> CHUNK_BITS] as DictChunk<V>
    return chunk.isShared ? this.#unshare(slot >> CHUNK_BITS) : chunk
  }

  #unshare(c: number): DictChunk<V> {
    const chunk = (this.#chunks[c] as DictChunk<V>).copy()
    this.#chunks[c] = chunk
    return chunk
  }

  #hash(key: string): number {
    let hash = this.#seed ^ key.length
    for (let i = 0; i < key.length; i++) {
      hash = Math.imul(hash ^ key.charCodeAt(i), 0x5bd1e995)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash, 0x85ebca6b)
    return hash ^ (hash >>> 13)
  }

  #find(key: string, hash: number): number {
    const segment = this.#segments[hash & this.#segmentMask] as Int32Array
    const mask = segment.length - 1
    for (let position = (hash >>> SEGMENT_SHIFT) & mask; ; position = (position + 1) & mask) {
      const slot = segment[position] as number
      if (slot === EMPTY) return -1
      const chunk = this.#chunks[slot >> CHUNK_BITS] as DictChunk<V>
      if (chunk.hashes[slot & SLOT_MASK] === hash && chunk.keys[slot & SLOT_MASK] === key) return slot
    }
  }

  #insert(key: string, hash: number, value: V | undefined): number {
    const slot = this.#takeSlot()
    if (slot >= this.#ceiling) this.#ceiling = slot + 1
    const chunk = this.#chunk(slot)
    const at = slot & SLOT_MASK
    chunk.keys[at] = key
    if (chunk.values !== undefined) chunk.values[at] = value
    chunk.hashes[at] = hash
    if (chunk.access !== undefined) chunk.access[at] = 0
    this.#index(slot, hash)
    this.size++
    if (this.marking) this.markAt(slot)
    return slot
  }

  #takeSlot(): number {
    const chunks = this.#chunks
    let c = this.#roomiest
    while (c < chunks.length && (chunks[c] as DictChunk<V>).used === CHUNK_SLOTS) c++
    this.#roomiest = c
    if (c === chunks.length) {
      const capacity = c === 0 ? FIRST_CAPACITY : CHUNK_SLOTS
      const added = new DictChunk<V>(capacity, this.#withValues, this.#withAccess)
      chunks.push(added)
      this.columnBytes += added.bytes
    }
    const chunk = this.#ownChunk(c << CHUNK_BITS)
    let at = chunk.freeHead
    if (at !== NO_FREE) {
      chunk.freeHead = chunk.hashes[at] as number
    } else {
      if (chunk.fresh === chunk.capacity) {
        this.columnBytes -= chunk.bytes
        chunk.grow()
        this.columnBytes += chunk.bytes
      }
      at = chunk.fresh++
    }
    chunk.used++
    return (c << CHUNK_BITS) + at
  }

  #release(slot: number, chunk: DictChunk<V>, at: number): void {
    chunk.free(at)
    const c = slot >> CHUNK_BITS
    if (c < this.#roomiest) this.#roomiest = c
    for (let last = this.#chunks.at(-1); last !== undefined && last.used === 0; last = this.#chunks.at(-1)) {
      this.#chunks.pop()
      this.columnBytes -= last.bytes
      this.#ceiling = Math.min(this.#ceiling, this.#chunks.length << CHUNK_BITS)
    }
  }

  /** Free slots may be as many as entries and a chunk more; beyond that the highest entries move down. */
  get #isSparse(): boolean {
    return this.#ceiling > 2 * this.size + CHUNK_SLOTS
  }

  /**
   * Moves a few entries of the last chunk down; as it is called at every removal, it keeps up. While the
   * slots are sparse, fewer than half of those below the last chunk are taken: there is a lower place.
   */
  #compact(): void {
    for (let moves = 0; moves < 4 && this.#isSparse; moves++) {
      const from = this.slotBelow(this.#ceiling)
      // The next look for the highest entry begins below this one: no free slot is passed over twice.
      this.#ceiling = from
      const source = this.#ownChunk(from)
      const at = from & SLOT_MASK
      const to = this.#takeSlot()
      assert(to >> CHUNK_BITS < from >> CHUNK_BITS, 'compaction moves entries down')
      const target = this.#ownChunk(to)
      const to_ = to & SLOT_MASK
      target.keys[to_] = source.keys[at]
      if (target.values !== undefined) target.values[to_] = source.values?.[at]
      target.hashes[to_] = source.hashes[at] as number
      if (target.access !== undefined) target.access[to_] = source.access?.[at] ?? 0
      const expiry = source.expiries?.[at] ?? 0
      if (expiry !== 0) {
        ;(source.expiries as Float64Array)[at] = 0
        source.expiring--
        if (target.expiries === undefined) this.#addExpiries(target)
        ;(target.expiries as Float64Array)[to_] = expiry
        target.expiring++
      }
      if (this.marking) {
        if (source.marks?.[at] === 1) this.markAt(to)
        else if (target.marks !== undefined) target.marks[to_] = 0
      }
      this.#repoint(from, to, target.hashes[to_] as number)
      this.#release(from, source, at)
    }
  }

  #addExpiries(chunk: DictChunk<V>): void {
    this.columnBytes -= chunk.bytes
    chunk.expiries = new Float64Array(chunk.capacity)
    this.columnBytes += chunk.bytes
  }

  #index(slot: number, hash: number): void {
    if (this.size >= SINGLE_SEGMENT_ENTRIES && this.#segmentMask === 0) this.#split()
    const s = hash & this.#segmentMask
    const count = (this.#segmentCounts[s] as number) + 1
    this.#segmentCounts[s] = count
    let segment = this.#segments[s] as Int32Array
    if (count * 256 > segment.length * fullness(s)) segment = this.#resize(s, segment.length * 2)
    place(segment, slot, hash)
  }

  #unindex(slot: number, hash: number): void {
    const s = hash & this.#segmentMask
    const segment = this.#segments[s] as Int32Array
    const mask = segment.length - 1
    let hole = this.#positionOf(segment, slot, hash)
    // Close the hole by moving back what could have been placed in it, so that no tombstones pile up.
    for (let next = (hole + 1) & mask; ; next = (next + 1) & mask) {
      const moved = segment[next] as number
      if (moved === EMPTY) break
      const home = ((this.#chunk(moved).hashes[moved & SLOT_MASK] as number) >>> SEGMENT_SHIFT) & mask
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        segment[hole] = moved
        hole = next
      }
    }
    segment[hole] = EMPTY
    const count = (this.#segmentCounts[s] as number) - 1
    this.#segmentCounts[s] = count
    if (segment.length > FIRST_SEGMENT_PLACES && count * 8 < segment.length)
      this.#resize(s, segment.length / 2)
  }

  #repoint(from: number, to: number, hash: number): void {
    const segment = this.#segments[hash & this.#segmentMask] as Int32Array
    segment[this.#positionOf(segment, from, hash)] = to
  }

  #positionOf(segment: Int32Array, slot: number, hash: number): number {
    const mask = segment.length - 1
    let position = (hash >>> SEGMENT_SHIFT) & mask
    while (segment[position] !== slot) {
      assert(segment[position] !== EMPTY, 'every entry is indexed')
      position = (position + 1) & mask
    }
    return position
  }

  #resize(s: number, length: number): Int32Array {
    const old = this.#segments[s] as Int32Array
    const segment = newSegment(length)
    this.columnBytes += (length - old.length) * INDEX_BYTES
    this.#segments[s] = segment
    for (let i = 0; i < old.length; i++) {
      const slot = old[i] as number
      if (slot !== EMPTY) place(segment, slot, this.#chunk(slot).hashes[slot & SLOT_MASK] as number)
    }
    return segment
  }

  #split(): void {
    const old = this.#segments[0] as Int32Array
    const length = (SINGLE_SEGMENT_ENTRIES * 2) / MANY_SEGMENTS
    this.#segments = Array.from({ length: MANY_SEGMENTS }, () => newSegment(length))
    this.columnBytes += (MANY_SEGMENTS * length - old.length) * INDEX_BYTES
    this.#segmentCounts = new Int32Array(MANY_SEGMENTS)
    this.#segmentMask = MANY_SEGMENTS - 1
    for (let i = 0; i < old.length; i++) {
      const slot = old[i] as number
      if (slot !== EMPTY) this.#index(slot, this.#chunk(slot).hashes[slot & SLOT_MASK] as number)
    }
  }
}

/**
 * How full segment `s` may be, of 256: between a half and three quarters. Keys spread evenly, so with one limit
 * for all of them all segments would grow at the same moment.
 */
function fullness(s: number): number {
  return 192 - (s & 63)
}

function newSegment(length: number): Int32Array {
  return new Int32Array(length).fill(EMPTY)
}

function place(segment: Int32Array, slot: number, hash: number): void {
  const mask = segment.length - 1
  let position = (hash >>> SEGMENT_SHIFT) & mask
  while (segment[position] !== EMPTY) position = (position + 1) & mask
  segment[position] = slot
}
