/**
 * The big list: a sequence of byte strings with cheap ends, cheap indexing and cheap edits in the middle.
 *
 * An array of chunks of up to 128 elements. Each chunk knows the position of its first element, counted
 * from an origin that moves when the head is pushed or popped, so the ends never renumber anything and an
 * index is found by binary search. An edit in the middle renumbers the chunks on the shorter side only.
 * Two neighbours that would fit together in three quarters of a chunk are merged after a removal: any
 * mixture of edits leaves chunks more than a third full on average.
 *
 * Costs, for n elements: push and pop O(1) amortized; get, set O(log n); insert and remove in the middle O(n / 256) steps of
 * renumbering; removeRange O(log n) plus one step for each dropped chunk; slice O(log n + count).
 */

import { assert } from '../base/errors.js'
import { stringBytes } from '../base/heap-size.js'
import { CHUNK_BYTES, CHUNK_CAPACITY, Chunk } from './list-chunk.js'

// Below the capacity, so that the next insert after a merge does not split again.
const MERGE_LIMIT = (CHUNK_CAPACITY * 3) / 4

/** V8 makes an array that is created longer than 2^25 a hash table. */
const MAX_PRESIZED = 2 ** 24

/** Stands in the array where a chunk has gone or will come, so that the array has no holes. */
const VACANT = new Chunk(0)

export class ChunkedDeque {
  // The chunks from `first` on, none of them empty; before it lies room for pushes at the head.
  private chunks: Chunk[] = []
  private first = 0
  private elements = 0
  private bytes = 0

  /** Number of elements. */
  get length(): number {
    return this.elements
  }

  /** What the elements take in memory. */
  get textBytes(): number {
    return this.bytes
  }

  /** Estimated bytes in memory, elements included. */
  get heapBytes(): number {
    return this.bytes + (this.chunks.length - this.first) * CHUNK_BYTES
  }

  static from(values: Iterable<string>): ChunkedDeque {
    const deque = new ChunkedDeque()
    for (const value of values) deque.pushTail(value)
    return deque
  }

  /** O(n), a block of references at a time. */
  copy(): ChunkedDeque {
    const copy = new ChunkedDeque()
    for (let at = this.first; at < this.chunks.length; at++) copy.chunks.push(this.chunkAt(at).copy())
    copy.elements = this.elements
    copy.bytes = this.bytes
    return copy
  }

  pushHead(value: string): void {
    let chunk = this.chunks[this.first]
    if (chunk === undefined || !chunk.pushHead(value)) {
      const position = chunk === undefined ? 0 : chunk.position
      chunk = new Chunk(CHUNK_CAPACITY)
      chunk.pushHead(value)
      chunk.position = position
      if (this.first === 0) this.makeRoomAtHead()
      this.chunks[--this.first] = chunk
    }
    chunk.position--
    this.elements++
    this.bytes += stringBytes(value)
  }

  pushTail(value: string): void {
    const last = this.chunks[this.chunks.length - 1]
    if (last === undefined || !last.pushTail(value)) {
      const chunk = new Chunk(0)
      chunk.pushTail(value)
      if (last !== undefined) chunk.position = last.position + last.count
      this.chunks.push(chunk)
    }
    this.elements++
    this.bytes += stringBytes(value)
  }

  /** Removes and returns the first element; undefined when there is none. */
  popHead(): string | undefined {
    const chunk = this.chunks[this.first]
    if (chunk === undefined) return undefined
    const value = chunk.popHead()
    chunk.position++
    this.elements--
    this.bytes -= stringBytes(value)
    if (this.elements === 0) {
      this.clear()
    } else if (chunk.count === 0) {
      this.chunks[this.first++] = VACANT
      this.trimRoomAtHead()
    }
    return value
  }

  /** Removes and returns the last element; undefined when there is none. */
  popTail(): string | undefined {
    const chunk = this.chunks[this.chunks.length - 1]
    if (chunk === undefined) return undefined
    const value = chunk.popTail()
    this.elements--
    this.bytes -= stringBytes(value)
    if (this.elements === 0) {
      this.clear()
    } else if (chunk.count === 0) {
      this.chunks.pop()
      this.trimRoomAtHead()
    }
    return value
  }

  /** The element at `index`, 0 ≤ index < length. */
  get(index: number): string {
    const chunk = this.chunkAt(this.chunkIndexOf(index))
    return chunk.get(this.offsetIn(chunk, index))
  }

  /** Replaces the element at `index`, 0 ≤ index < length. */
  set(index: number, value: string): void {
    const chunk = this.chunkAt(this.chunkIndexOf(index))
    const old = chunk.set(this.offsetIn(chunk, index), value)
    this.bytes += stringBytes(value) - stringBytes(old)
  }

  /** Puts `value` before the element at `index`, 0 ≤ index ≤ length; at `length` it becomes the last. */
  insert(index: number, value: string): void {
    if (index === 0) this.pushHead(value)
    else if (index === this.elements) this.pushTail(value)
    else this.insertInside(index, value)
  }

  /** Removes and returns the element at `index`, 0 ≤ index < length. */
  remove(index: number): string {
    const value = this.get(index)
    this.removeRange(index, 1)
    return value
  }

  /** Removes `count` elements from `start` on; the range lies within the list. */
  removeRange(start: number, count: number): void {
    assert(start >= 0 && count >= 0 && start + count <= this.elements, 'range within the list')
    if (count === 0) return
    const first = this.chunkIndexOf(start)
    let last = first
    let offset = this.offsetIn(this.chunkAt(first), start)
    let left = count
    for (; ; last++) {
      const chunk = this.chunkAt(last)
      const size = Math.min(left, chunk.count - offset)
      this.bytes -= chunk.textBytes
      if (size === chunk.count) {
        // Dropped whole by settle(): its elements need not be touched.
        chunk.count = 0
      } else {
        chunk.cut(offset, size)
        this.bytes += chunk.textBytes
      }
      left -= size
      if (left === 0) break
      offset = 0
    }
    this.elements -= count
    this.settle(first, last)
  }

  /**
   * Removes elements equal to `value` in one pass.
   * @param count how many at most; 0 for all of them
   * @param fromTail whether to begin the search at the last element
   * @returns how many were removed
   */
  removeMatching(value: string, count: number, fromTail: boolean): number {
    const end = this.chunks.length
    const limit = count === 0 ? this.elements : count
    const step = fromTail ? -1 : 1
    let removed = 0
    let first = end
    let last = -1
    for (
      let at = fromTail ? end - 1 : this.first;
      at >= this.first && at < end && removed < limit;
      at += step
    ) {
      const size = this.chunkAt(at).removeMatching(value, limit - removed, fromTail)
      if (size === 0) continue
      removed += size
      first = Math.min(first, at)
      last = Math.max(last, at)
    }
    if (removed === 0) return 0
    this.elements -= removed
    this.bytes -= removed * stringBytes(value)
    this.settle(first, last)
    return removed
  }

  /** The `count` elements from `start` on; the range lies within the list. */
  slice(start: number, count: number): string[] {
    assert(start >= 0 && count >= 0 && start + count <= this.elements, 'range within the list')
    if (count === 0) return []
    let at = this.chunkIndexOf(start)
    let chunk = this.chunkAt(at)
    let offset = this.offsetIn(chunk, start)
    if (offset + count <= chunk.count) return chunk.slice(offset, count)
    const values = count <= MAX_PRESIZED ? new Array<string>(count) : []
    for (let done = 0; done < count; offset = 0) {
      const size = Math.min(count - done, chunk.count - offset)
      chunk.copyTo(values, done, offset, size)
      done += size
      if (done < count) chunk = this.chunkAt(++at)
    }
    return values
  }

  /**
   * Visits elements one by one, beginning at `index`, until an end is reached or `visit` returns false.
   * The list must not be changed meanwhile.
   * @param direction 1 towards the tail, -1 towards the head
   */
  forEachFrom(index: number, direction: 1 | -1, visit: (value: string, index: number) => unknown): void {
    if (index < 0 || index >= this.elements) return
    let at = this.chunkIndexOf(index)
    let chunk = this.chunkAt(at)
    let offset = this.offsetIn(chunk, index)
    for (let current = index; ; current += direction) {
      if (visit(chunk.get(offset), current) === false) return
      offset += direction
      if (offset >= 0 && offset < chunk.count) continue
      at += direction
      if (at < this.first || at === this.chunks.length) return
      chunk = this.chunkAt(at)
      offset = direction === 1 ? 0 : chunk.count - 1
    }
  }

  clear(): void {
    this.chunks = []
    this.first = 0
    this.elements = 0
    this.bytes = 0
  }

  private chunkAt(at: number): Chunk {
    return this.chunks[at] as Chunk
  }

  private offsetIn(chunk: Chunk, index: number): number {
    return this.chunkAt(this.first).position + index - chunk.position
  }

  /** Which chunk holds the element at `index`. */
  private chunkIndexOf(index: number): number {
    assert(index >= 0 && index < this.elements, 'index within the list')
    const { chunks } = this
    const position = this.chunkAt(this.first).position + index
    let low = this.first
    let high = chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.chunkAt(middle).position <= position) low = middle
      else high = middle - 1
    }
    return low
  }

  private makeRoomAtHead(): void {
    this.first = Math.max(1, this.chunks.length)
    this.chunks = Array.from({ length: this.first }, () => VACANT).concat(this.chunks)
  }

  // Room at the head goes when it is three quarters of the array: making and giving back such room costs
  // a constant for each chunk that is added or dropped.
  private trimRoomAtHead(): void {
    if (this.first * 4 <= this.chunks.length * 3) return
    this.chunks = this.chunks.slice(this.first)
    this.first = 0
  }

  private insertInside(index: number, value: string): void {
    const at = this.chunkIndexOf(index)
    const chunk = this.chunkAt(at)
    const offset = this.offsetIn(chunk, index)
    this.elements++
    this.bytes += stringBytes(value)
    if (chunk.count < CHUNK_CAPACITY) {
      chunk.insert(offset, value)
      this.renumber(at, at)
      return
    }
    const right = chunk.split(CHUNK_CAPACITY / 2)
    this.chunks.splice(at + 1, 0, right)
    if (offset <= chunk.count) chunk.insert(offset, value)
    else right.insert(offset - chunk.count, value)
    this.settle(at, at + 1)
  }

  /** After elements of the chunks [first, last] came or went: drops, merges and renumbers. */
  private settle(first: number, last: number): void {
    if (this.elements === 0) {
      this.clear()
      return
    }
    const { chunks } = this
    const from = Math.max(this.first, first - 1)
    const to = Math.min(chunks.length - 1, last + 1)
    let kept = from
    for (let at = from; at <= to; at++) {
      const chunk = this.chunkAt(at)
      if (chunk.count === 0) continue
      const previous = chunks[kept - 1]
      if (kept > from && previous !== undefined && previous.count + chunk.count <= MERGE_LIMIT) {
        previous.absorb(chunk)
      } else {
        chunks[kept++] = chunk
      }
    }
    if (kept <= to) chunks.splice(kept, to + 1 - kept)
    this.renumber(from, kept - 1)
    this.trimRoomAtHead()
  }

  /** Gives chunks [first, last] and all those on the shorter side of them their positions. */
  private renumber(first: number, last: number): void {
    const { chunks } = this
    if (first - this.first < chunks.length - 1 - last) {
      let position = this.chunkAt(last + 1).position
      for (let at = last; at >= this.first; at--) {
        const chunk = this.chunkAt(at)
        position -= chunk.count
        chunk.position = position
      }
    } else {
      const start = Math.max(this.first, first - 1)
      let position = this.chunkAt(start).position
      for (let at = start; at < chunks.length; at++) {
        const chunk = this.chunkAt(at)
        chunk.position = position
        position += chunk.count
      }
    }
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    const { chunks, first } = this
    let elements = 0
    let bytes = 0
    for (let at = 0; at < chunks.length; at++) {
      const chunk = this.chunkAt(at)
      chunk.assertInvariants()
      assert((chunk === VACANT) === at < first, 'chunks fill the array from the first on')
      if (chunk === VACANT) continue
      assert(chunk.count > 0, 'no chunk is empty')
      assert(chunk.position === this.chunkAt(first).position + elements, 'chunk position')
      const inner = at > first + 1 && at < chunks.length - 1
      assert(!inner || this.chunkAt(at - 1).count + chunk.count > MERGE_LIMIT, 'small neighbours are merged')
      elements += chunk.count
      bytes += chunk.textBytes
    }
    assert(elements === this.elements, 'length')
    assert(first * 4 <= chunks.length * 3, 'room at the head is bounded')
    assert(elements > 0 || chunks.length === 0, 'an empty list has no chunks')
    assert(bytes === this.bytes, 'bytes of the elements')
  }
}
