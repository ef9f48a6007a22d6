/**
 * Sorting the first few of many: the quicksort of Bentley and McIlroy ("Engineering a Sort Function", 1993), which
 * leaves alone the parts of which nothing is wanted. O(n + k log k) on average for the first k of n.
 *
 * It is this one, with its choice of pivots and its exchanges, because Redis uses it: the order that it gives to
 * elements that are equal can be seen by clients.
 */

const SMALL = 7
const LARGE = 40

/** Negative, 0 or positive as `a` comes before `b`, is equal, or comes after it. */
export type Comparison<T> = (a: T, b: T) => number

/** Brings the first `wanted` of `items` into their order and their place; the rest comes behind in any order. */
export function partialSort<T>(items: T[], compare: Comparison<T>, wanted: number): void {
  new PartialSort(items, compare, wanted).sort(0, items.length, 2 * Math.ceil(Math.log2(items.length + 1)))
}

class PartialSort<T> {
  constructor(
    private readonly items: T[],
    private readonly compare: Comparison<T>,
    private readonly wanted: number,
  ) {}

  /**
   * Sorts `count` items from `start` on.
   * @param rounds of partitioning left: when they are used up the pivots were chosen by an enemy, and another
   * sort takes over
   */
  sort(start: number, count: number, rounds: number): void {
    while (count > 1 && start < this.wanted) {
      if (count < SMALL) return this.#insertionSort(start, count)
      if (rounds-- === 0) return this.#sortAnotherWay(start, count)
      const { smaller, greater } = this.#partition(start, count)
      const end = start + count
      // The shorter part by recursion, which so stays shallow; which one is first makes no difference.
      if (smaller < greater) {
        this.sort(start, smaller, rounds)
        start = end - greater
        count = greater
      } else {
        this.sort(end - greater, greater, rounds)
        count = smaller
      }
    }
  }

  /** Moves the items below the pivot to the front and those above it to the end, and gives the number of each. */
  #partition(start: number, count: number): { smaller: number; greater: number } {
    const { items, compare } = this
    const end = start + count
    this.#swap(start, this.#pivot(start, count))
    const pivot = items[start] as T
    // While it goes on, items equal to the pivot gather at both ends: [equal, smaller, ?, greater, equal].
    let smallerFrom = start + 1
    let low = start + 1
    let high = end - 1
    let greaterTo = end - 1
    for (;;) {
      for (; low <= high; low++) {
        const order = compare(items[low] as T, pivot)
        if (order > 0) break
        if (order === 0) this.#swap(smallerFrom++, low)
      }
      for (; low <= high; high--) {
        const order = compare(items[high] as T, pivot)
        if (order < 0) break
        if (order === 0) this.#swap(high, greaterTo--)
      }
      if (low > high) break
      this.#swap(low++, high--)
    }
    const smaller = low - smallerFrom
    const greater = greaterTo - high
    this.#swapRuns(start, low, Math.min(smallerFrom - start, smaller))
    this.#swapRuns(low, end, Math.min(greater, end - greaterTo - 1))
    return { smaller, greater }
  }

  #pivot(start: number, count: number): number {
    const middle = start + (count >> 1)
    if (count === SMALL) return middle
    const last = start + count - 1
    if (count <= LARGE) return this.#median(start, middle, last)
    const eighth = count >> 3
    return this.#median(
      this.#median(start, start + eighth, start + 2 * eighth),
      this.#median(middle - eighth, middle, middle + eighth),
      this.#median(last - 2 * eighth, last - eighth, last),
    )
  }

  /** Of three positions the one with the middle item. */
  #median(a: number, b: number, c: number): number {
    const { items, compare } = this
    const [x, y, z] = [items[a] as T, items[b] as T, items[c] as T]
    if (compare(x, y) < 0) {
      if (compare(y, z) < 0) return b
      return compare(x, z) < 0 ? c : a
    }
    if (compare(y, z) > 0) return b
    return compare(x, z) < 0 ? a : c
  }

  #insertionSort(start: number, count: number): void {
    const { items, compare } = this
    for (let i = start + 1; i < start + count; i++) {
      for (let at = i; at > start && compare(items[at - 1] as T, items[at] as T) > 0; at--)
        this.#swap(at, at - 1)
    }
  }

  #sortAnotherWay(start: number, count: number): void {
    const { items } = this
    const sorted = items.slice(start, start + count).sort(this.compare)
    for (let i = 0; i < count; i++) items[start + i] = sorted[i] as T
  }

  #swap(a: number, b: number): void {
    const { items } = this
    const item = items[a] as T
    items[a] = items[b] as T
    items[b] = item
  }

  /** Exchanges `count` items from `first` on with as many before `end`. */
  #swapRuns(first: number, end: number, count: number): void {
    for (let i = 0; i < count; i++) this.#swap(first + i, end - count + i)
  }
}
