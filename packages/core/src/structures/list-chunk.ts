/**
 * A run of up to 128 list elements: the building block of the chunked deque.
 *
 * The elements sit in a window of a fixed array. A window that leaves room in front takes pushes there
 * without moving anything, and a removal moves whichever side of the window is shorter.
 */

import { assert } from '../base/errors.js'
import { stringBytes } from '../base/heap-size.js'

/** Elements in a full chunk: 1 KiB of references, small enough to edit in the middle, large enough to skip. */
export const CHUNK_CAPACITY = 128
/** What a chunk takes in memory without the elements: the object, and an array of references. */
export const CHUNK_BYTES = 112 + 8 * CHUNK_CAPACITY

// Copied for each chunk: one block copy, and the array never has holes. Free slots hold '' so that a
// removed element can be collected.
const EMPTY_ITEMS: readonly string[] = Array.from({ length: CHUNK_CAPACITY }, () => '')

export class Chunk {
  private readonly items: string[]
  /** Slot of the first element. */
  private head: number
  count = 0
  /** Sum of what the elements take in memory. */
  textBytes = 0
  /** Place of the first element in the list, counted from an origin that the deque chooses. */
  position = 0

  /** @param head slot where the window opens: 0 to grow at the tail, `CHUNK_CAPACITY` to grow at the head */
  constructor(head: number, items = EMPTY_ITEMS) {
    this.items = items.slice()
    this.head = head
  }

  copy(): Chunk {
    const copy = new Chunk(this.head, this.items)
    copy.count = this.count
    copy.textBytes = this.textBytes
    copy.position = this.position
    return copy
  }

  get(offset: number): string {
    return this.items[this.head + offset] as string
  }

  /** Replaces an element and returns the old one. */
  set(offset: number, value: string): string {
    const slot = this.head + offset
    const old = this.items[slot] as string
    this.items[slot] = value
    this.textBytes += stringBytes(value) - stringBytes(old)
    return old
  }

  /** False, and nothing done, when the window already begins at the first slot. */
  pushHead(value: string): boolean {
    if (this.head === 0) return false
    this.items[--this.head] = value
    this.count++
    this.textBytes += stringBytes(value)
    return true
  }

  /** False, and nothing done, when the window already ends at the last slot. */
  pushTail(value: string): boolean {
    const slot = this.head + this.count
    if (slot === CHUNK_CAPACITY) return false
    this.items[slot] = value
    this.count++
    this.textBytes += stringBytes(value)
    return true
  }

  popHead(): string {
    const value = this.items[this.head] as string
    this.items[this.head++] = ''
    this.count--
    this.textBytes -= stringBytes(value)
    return value
  }

  popTail(): string {
    const slot = this.head + --this.count
    const value = this.items[slot] as string
    this.items[slot] = ''
    this.textBytes -= stringBytes(value)
    return value
  }

  /** Puts `value` before the element at `offset`. The chunk is not full. */
  insert(offset: number, value: string): void {
    assert(this.count < CHUNK_CAPACITY, 'insert into a full chunk')
    const { items, head, count } = this
    const moveFront = head > 0 && (head + count === CHUNK_CAPACITY || offset < count / 2)
    if (moveFront) {
      for (let slot = head; slot < head + offset; slot++) items[slot - 1] = items[slot] as string
      this.head--
    } else {
      for (let slot = head + count; slot > head + offset; slot--) items[slot] = items[slot - 1] as string
    }
    items[this.head + offset] = value
    this.count++
    this.textBytes += stringBytes(value)
  }

  /** Removes `size` elements from `offset` on. */
  cut(offset: number, size: number): void {
    const { items, head, count } = this
    const start = head + offset
    const end = head + count
    for (let slot = start; slot < start + size; slot++) this.textBytes -= stringBytes(items[slot] as string)
    if (offset < count - offset - size) {
      for (let slot = start - 1; slot >= head; slot--) items[slot + size] = items[slot] as string
      for (let slot = head; slot < head + size; slot++) items[slot] = ''
      this.head += size
    } else {
      for (let slot = start + size; slot < end; slot++) items[slot - size] = items[slot] as string
      for (let slot = end - size; slot < end; slot++) items[slot] = ''
    }
    this.count -= size
  }

  /** Removes up to `limit` elements equal to `value`, the first ones or the last ones. Returns how many. */
  removeMatching(value: string, limit: number, fromTail: boolean): number {
    const { items, head, count } = this
    const end = head + count
    let removed = 0
    // What stays is moved towards the end where the search began, so each element moves at most once.
    if (fromTail) {
      let target = end - 1
      for (let slot = end - 1; slot >= head; slot--) {
        const item = items[slot] as string
        if (removed < limit && item === value) removed++
        else items[target--] = item
      }
      items.fill('', head, head + removed)
      this.head += removed
    } else {
      let target = head
      for (let slot = head; slot < end; slot++) {
        const item = items[slot] as string
        if (removed < limit && item === value) removed++
        else items[target++] = item
      }
      items.fill('', end - removed, end)
    }
    this.count -= removed
    this.textBytes -= removed * stringBytes(value)
    return removed
  }

  /** Moves every element of `next` behind the own ones; there is room for them. `next` is left to be dropped. */
  absorb(next: Chunk): void {
    const { items, head, count } = this
    assert(count + next.count <= CHUNK_CAPACITY, 'chunks too large to merge')
    if (head + count + next.count > CHUNK_CAPACITY) {
      for (let i = 0; i < count; i++) items[i] = items[head + i] as string
      this.head = 0
    }
    let slot = this.head + count
    for (let i = 0; i < next.count; i++) items[slot++] = next.get(i)
    // Slots of the old window that now lie behind the new one.
    while (slot < head + count) items[slot++] = ''
    this.count += next.count
    this.textBytes += next.textBytes
  }

  /** Moves the elements from `offset` on into a new chunk and returns it. */
  split(offset: number): Chunk {
    const right = new Chunk(0)
    for (let i = offset; i < this.count; i++) right.pushTail(this.get(i))
    this.cut(offset, this.count - offset)
    right.position = this.position + offset
    return right
  }

  /** Writes the `size` elements from `offset` on to `target`, from index `at` on. */
  copyTo(target: string[], at: number, offset: number, size: number): void {
    const { items } = this
    const shift = this.head + offset - at
    for (let i = at; i < at + size; i++) target[i] = items[i + shift] as string
  }

  slice(offset: number, size: number): string[] {
    return this.items.slice(this.head + offset, this.head + offset + size)
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    let bytes = 0
    for (let slot = 0; slot < CHUNK_CAPACITY; slot++) {
      const item = this.items[slot] as string
      const inside = slot >= this.head && slot < this.head + this.count
      assert(inside || item === '', 'a free slot holds an element')
      bytes += stringBytes(item)
    }
    assert(this.items.length === CHUNK_CAPACITY, 'chunk array has its fixed size')
    assert(bytes === this.textBytes, 'bytes of a chunk')
  }
}
