/**
 * A sorted map from entry IDs to anything, for what a consumer group has handed out: mostly added at the end,
 * mostly removed near the front, but either may happen anywhere. Chunks of columns in the order of their IDs;
 * a place is found by two binary searches. Add, find and remove cost O(log n + chunk), and where a chunk comes
 * or goes in the middle O(chunks).
 */

import { assert } from '../base/errors.js'
import { compareParts, type EntryId, type IdPart, lowerBound, MAX_ID, MIN_ID } from './entry-id.js'

const CHUNK_CAPACITY = 128

class Chunk<T> {
  constructor(
    readonly ms: IdPart[],
    readonly seq: IdPart[],
    readonly items: T[],
  ) {}

  get length(): number {
    return this.ms.length
  }

  /** Moves the later half into a new chunk. */
  split(): Chunk<T> {
    const half = this.length >> 1
    return new Chunk(this.ms.splice(half), this.seq.splice(half), this.items.splice(half))
  }
}

export class IdMap<T> {
  /** Items. */
  size = 0
  /** None of them is empty. */
  readonly #chunks: Chunk<T>[] = []

  get(ms: IdPart, seq: IdPart): T | undefined {
    const chunk = this.#chunks[this.#chunkFor(ms, seq)]
    if (chunk === undefined) return undefined
    const at = lowerBound(chunk.ms, chunk.seq, 0, ms, seq)
    return chunk.ms[at] === ms && chunk.seq[at] === seq ? chunk.items[at] : undefined
  }

  /** Puts `item` in the place of this ID, over what is there. */
  set(ms: IdPart, seq: IdPart, item: T): void {
    const chunks = this.#chunks
    let index = this.#chunkFor(ms, seq)
    let chunk = chunks[index]
    if (chunk === undefined) {
      chunks.push(new Chunk([ms], [seq], [item]))
      this.size = 1
      return
    }
    let at = lowerBound(chunk.ms, chunk.seq, 0, ms, seq)
    if (chunk.ms[at] === ms && chunk.seq[at] === seq) {
      chunk.items[at] = item
      return
    }
    this.size++
    if (chunk.length >= CHUNK_CAPACITY) {
      // What comes in order leaves full chunks behind.
      const isLast = index === chunks.length - 1 && at === chunk.length
      const later = isLast ? new Chunk<T>([], [], []) : chunk.split()
      chunks.splice(++index, 0, later)
      if (isLast || at > chunk.length) {
        at -= chunk.length
        chunk = later
      }
    }
    if (at === chunk.length) {
      chunk.ms.push(ms)
      chunk.seq.push(seq)
      chunk.items.push(item)
    } else {
      chunk.ms.splice(at, 0, ms)
      chunk.seq.splice(at, 0, seq)
      chunk.items.splice(at, 0, item)
    }
  }

  /** Takes an item out; says whether it was there. */
  delete(ms: IdPart, seq: IdPart): boolean {
    const index = this.#chunkFor(ms, seq)
    const chunk = this.#chunks[index]
    if (chunk === undefined) return false
    const at = lowerBound(chunk.ms, chunk.seq, 0, ms, seq)
    if (chunk.ms[at] !== ms || chunk.seq[at] !== seq) return false
    this.size--
    if (chunk.length === 1) {
      this.#chunks.splice(index, 1)
      return true
    }
    if (at === 0) {
      chunk.ms.shift()
      chunk.seq.shift()
      chunk.items.shift()
    } else {
      chunk.ms.splice(at, 1)
      chunk.seq.splice(at, 1)
      chunk.items.splice(at, 1)
    }
    return true
  }

  /** The first ID, undefined of an empty map. */
  get firstId(): EntryId | undefined {
    const chunk = this.#chunks[0]
    return chunk === undefined ? undefined : { ms: chunk.ms[0] as IdPart, seq: chunk.seq[0] as IdPart }
  }

  /** The last ID, undefined of an empty map. */
  get lastId(): EntryId | undefined {
    const chunk = this.#chunks[this.#chunks.length - 1]
    if (chunk === undefined) return undefined
    const at = chunk.length - 1
    return { ms: chunk.ms[at] as IdPart, seq: chunk.seq[at] as IdPart }
  }

  /** Goes through the items between two IDs, both included, until `visit` returns false. None may come or go meanwhile. */
  walk(visit: (ms: IdPart, seq: IdPart, item: T) => unknown, from = MIN_ID, to = MAX_ID): void {
    const firstChunk = this.#chunkFor(from.ms, from.seq)
    const { ms: endMs, seq: endSeq } = to
    for (let index = firstChunk; index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index] as Chunk<T>
      const start = index === firstChunk ? lowerBound(chunk.ms, chunk.seq, 0, from.ms, from.seq) : 0
      for (let at = start; at < chunk.length; at++) {
        const ms = chunk.ms[at] as IdPart
        const seq = chunk.seq[at] as IdPart
        if (compareParts(ms, seq, endMs, endSeq) > 0) return
        if (visit(ms, seq, chunk.items[at] as T) === false) return
      }
    }
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    let size = 0
    let last: EntryId | undefined
    for (const chunk of this.#chunks) {
      assert(chunk.length > 0 && chunk.length <= CHUNK_CAPACITY, 'no chunk is empty or too full')
      assert(chunk.seq.length === chunk.length && chunk.items.length === chunk.length, 'columns agree')
      for (let at = 0; at < chunk.length; at++) {
        const id: EntryId = { ms: chunk.ms[at] as IdPart, seq: chunk.seq[at] as IdPart }
        assert(last === undefined || compareParts(last.ms, last.seq, id.ms, id.seq) < 0, 'IDs ascend')
        last = id
      }
      size += chunk.length
    }
    assert(size === this.size, 'the size is the sum of those of the chunks')
  }

  /** The index of the only chunk that may have this ID, the first one if it is before all. */
  #chunkFor(ms: IdPart, seq: IdPart): number {
    const chunks = this.#chunks
    let low = 0
    let high = chunks.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      const chunk = chunks[middle] as Chunk<T>
      if (compareParts(chunk.ms[0] as IdPart, chunk.seq[0] as IdPart, ms, seq) <= 0) low = middle
      else high = middle
    }
    return low
  }
}
