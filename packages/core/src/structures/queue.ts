/**
 * First in, first out. An array with a moving head: what has been taken is cut off once it is the larger half,
 * so that both ends cost O(1) amortized however long the queue is.
 */

/** Below this many taken elements cutting off is not worth it. */
const LEAST_CUT = 32

export class Queue<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** Takes the oldest; undefined when there is none. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head > LEAST_CUT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  /** The element at `index`, counted from the oldest; undefined when there are not so many. O(1) */
  at(index: number): T | undefined {
    return this.#items[this.#head + index]
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }
}
