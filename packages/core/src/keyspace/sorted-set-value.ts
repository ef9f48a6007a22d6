/**
 * A sorted set: members with scores, in the order of (score, member's bytes).
 *
 * Small ones (`listpack`) are two parallel arrays in that order: a member is found by looking through them, a
 * rank by bisection. Big ones (`skiplist`, as OBJECT ENCODING has to call it) are a counting tree for the
 * order and a dictionary for member → score. Every place in the order is a rank, so a range, whatever it is
 * given by, is a start and a count.
 */

import { assert } from '../base/errors.js'
import { arrayBytes, numberBytes, stringBytes } from '../base/heap-size.js'
import { DICT_BYTES, Dict } from '../structures/dict.js'
import { hasRepeats } from '../structures/has-repeats.js'
import { ScoreTree } from '../structures/score-tree.js'
import type { Collection, ValueHome } from './value.js'

/** The object itself. */
const OWN_BYTES = 80

/** Called with each element of a walk. */
export type ElementVisitor = (member: string, score: number) => void

export class SortedSetValue implements Collection {
  readonly type = 'zset'

  readonly #home: ValueHome
  // The small form; both empty in the big one.
  #members: string[] = []
  #scores: number[] = []
  // The big form; both undefined in the small one.
  #tree: ScoreTree | undefined
  #dict: Dict<number> | undefined
  /** What the members take in memory, and in the big form the scores that the dictionary refers to. */
  #textBytes = 0
  countedBytes = 0

  constructor(home: ValueHome) {
    this.#home = home
  }

  /**
   * A sorted set of the given elements, in the smallest encoding that the limits allow. O(n log n), or O(n) if
   * they are in order already.
   * @param members distinct; the array may be kept and changed
   * @param scores as many, none of them NaN; the array may be kept and changed
   */
  static from(home: ValueHome, members: string[], scores: number[]): SortedSetValue {
    const value = new SortedSetValue(home)
    const sorted = inOrder(members, scores)
    if (isSmall(home, members)) value.#adoptSmall(sorted.members, sorted.scores)
    else value.#adopt(sorted.members, sorted.scores)
    return value
  }

  /** `from` for members that may not be distinct, as they come from outside: undefined if they are not. */
  static fromUnchecked(home: ValueHome, members: string[], scores: number[]): SortedSetValue | undefined {
    const value = new SortedSetValue(home)
    const sorted = inOrder(members, scores)
    if (isSmall(home, members)) {
      if (hasRepeats(members)) return undefined
      value.#adoptSmall(sorted.members, sorted.scores)
    } else if (!value.#adopt(sorted.members, sorted.scores, true)) return undefined
    return value
  }

  get length(): number {
    return this.#tree === undefined ? this.#members.length : this.#tree.length
  }

  get encoding(): 'listpack' | 'skiplist' {
    return this.#tree === undefined ? 'listpack' : 'skiplist'
  }

  /** Member → score in the big form, for scans; to be changed by the methods here only. */
  get dict(): Dict<number> | undefined {
    return this.#dict
  }

  // ---- elements -----------------------------------------------------------------------------------------

  /** The score of `member`, undefined if it is not there. O(1), or O(n) in the small form. */
  score(member: string): number | undefined {
    if (this.#dict !== undefined) return this.#dict.get(member)
    const at = this.#members.indexOf(member)
    return at < 0 ? undefined : this.#scores[at]
  }

  has(member: string): boolean {
    return this.#dict !== undefined ? this.#dict.has(member) : this.#members.includes(member)
  }

  /** Adds a member that is known to be absent. O(log n), or O(n) in the small form. */
  insert(member: string, score: number): void {
    if (this.#tree === undefined) {
      const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.#home.limits
      if (this.#members.length < zsetMaxListpackEntries && member.length <= zsetMaxListpackValue) {
        this.#insertSmall(member, smallScore(score))
        return
      }
      this.#convert()
    }
    ;(this.#tree as ScoreTree).insert(score, member)
    ;(this.#dict as Dict<number>).insert(member, score)
    this.#textBytes += stringBytes(member) + numberBytes(score)
  }

  /** Gives `member`, whose score is `from`, the score `to`. O(log n), or O(n) in the small form. */
  move(member: string, from: number, to: number): void {
    if (this.#tree === undefined) {
      this.#removeSmall(this.#members.indexOf(member), 1)
      this.#insertSmall(member, smallScore(to))
      return
    }
    this.#textBytes += numberBytes(to) - numberBytes(from)
    this.#tree.delete(from, member)
    this.#tree.insert(to, member)
    ;(this.#dict as Dict<number>).set(member, to)
  }

  /** Adds `member` or gives it a new score; says whether it is new. */
  set(member: string, score: number): boolean {
    const old = this.score(member)
    if (old === undefined) this.insert(member, score)
    else if (old !== score) this.move(member, old, score)
    return old === undefined
  }

  /** Removes `member`; says whether it was there. O(log n), or O(n) in the small form. */
  delete(member: string): boolean {
    if (this.#tree === undefined) {
      const at = this.#members.indexOf(member)
      if (at >= 0) this.#removeSmall(at, 1)
      return at >= 0
    }
    const dict = this.#dict as Dict<number>
    const slot = dict.find(member)
    if (slot < 0) return false
    const score = dict.valueAt(slot)
    this.#tree.delete(score, member)
    dict.removeAt(slot)
    this.#textBytes -= stringBytes(member) + numberBytes(score)
    return true
  }

  /**
   * Takes the big form at once if `count` elements, new ones or not, are about to come and are too many; says
   * whether it does.
   */
  prepareFor(count: number): boolean {
    if (this.#tree !== undefined || count <= this.#home.limits.zsetMaxListpackEntries) return false
    this.#convert()
    return true
  }

  // ---- order --------------------------------------------------------------------------------------------

  /** How many elements come before `member`, -1 if it is not there. O(log n), or O(n) in the small form. */
  rank(member: string): number {
    if (this.#tree === undefined) return this.#members.indexOf(member)
    const score = (this.#dict as Dict<number>).get(member)
    return score === undefined ? -1 : this.#tree.rank(score, member)
  }

  /** The number of elements with a score below `score`, or, if `exclusive`, not above it. O(log n). */
  rankOfScore(score: number, exclusive: boolean): number {
    if (this.#tree !== undefined) return this.#tree.rankOfScore(score, exclusive)
    const scores = this.#scores
    let low = 0
    let high = scores.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = scores[middle] as number
      if (other < score || (exclusive && other === score)) low = middle + 1
      else high = middle
    }
    return low
  }

  /**
   * The number of members before `member`, or, if `exclusive`, not after it. O(log n). Means something only
   * where all scores are equal.
   */
  rankOfMember(member: string, exclusive: boolean): number {
    if (this.#tree !== undefined) return this.#tree.rankOfMember(member, exclusive)
    const members = this.#members
    let low = 0
    let high = members.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = members[middle] as string
      if (other < member || (exclusive && other === member)) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The element at a rank, 0 ≤ rank < length. O(log n). */
  at(rank: number): { member: string; score: number } {
    if (this.#tree !== undefined) return this.#tree.at(rank)
    return { member: this.#members[rank] as string, score: this.#scores[rank] as number }
  }

  /**
   * Visits `count` elements from rank `start` on; with `reverse` the same elements from the last to the first.
   * The range lies within the set, and the visitor must not change it. O(log n + count).
   */
  walk(start: number, count: number, reverse: boolean, visit: ElementVisitor): void {
    if (count <= 0) return
    if (this.#tree !== undefined) {
      const cursor = this.#tree.cursorAt(reverse ? start + count - 1 : start)
      for (let left = count; left > 0; left--) {
        visit(cursor.member, cursor.score)
        if (reverse) cursor.prev()
        else cursor.next()
      }
      return
    }
    const members = this.#members
    const scores = this.#scores
    if (reverse)
      for (let i = start + count - 1; i >= start; i--) visit(members[i] as string, scores[i] as number)
    else for (let i = start; i < start + count; i++) visit(members[i] as string, scores[i] as number)
  }

  /** Visits all elements in order. The visitor must not change the set. */
  forEach(visit: ElementVisitor): void {
    this.walk(0, this.length, false, visit)
  }

  /** Removes `count` elements from rank `start` on. The range lies within the set. O(log n + count). */
  deleteRange(start: number, count: number): void {
    if (this.#tree === undefined) {
      this.#removeSmall(start, count)
      return
    }
    const dict = this.#dict as Dict<number>
    this.#tree.deleteRange(start, count, (member, score) => {
      dict.delete(member)
      this.#textBytes -= stringBytes(member) + numberBytes(score)
    })
  }

  // ---- as a whole ---------------------------------------------------------------------------------------

  /** O(n), but only references and scores are copied, many at a time; there is no dictionary. */
  frozen(): SortedSetValue {
    if (this.#tree === undefined) return this.copy()
    const frozen = new SortedSetValue(this.#home)
    frozen.#tree = this.#tree.copy()
    return frozen
  }

  copy(): SortedSetValue {
    const copy = new SortedSetValue(this.#home)
    if (this.#tree === undefined) {
      copy.#members = this.#members.slice()
      copy.#scores = this.#scores.slice()
      copy.#textBytes = this.#textBytes
      return copy
    }
    const members: string[] = []
    const scores: number[] = []
    this.forEach((member, score) => {
      members.push(member)
      scores.push(score)
    })
    copy.#adopt(members, scores)
    return copy
  }

  get heapBytes(): number {
    const order =
      this.#tree === undefined
        ? 2 * arrayBytes(this.#members.length)
        : this.#tree.heapBytes + DICT_BYTES + (this.#dict as Dict<number>).columnBytes
    return OWN_BYTES + order + this.#textBytes
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    this.#tree?.assertInvariants()
    this.#dict?.assertInvariants()
    let bytes = 0
    this.forEach((member, score) => {
      bytes += stringBytes(member) + (this.#tree === undefined ? 0 : numberBytes(score))
      assert(Object.is(this.score(member), score), 'order and scores agree')
    })
    assert(bytes === this.#textBytes, 'bytes of members and scores')
  }

  #insertSmall(member: string, score: number): void {
    const members = this.#members
    const scores = this.#scores
    let low = 0
    let high = members.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = scores[middle] as number
      if (other < score || (other === score && (members[middle] as string) < member)) low = middle + 1
      else high = middle
    }
    members.push(member)
    scores.push(score)
    for (let i = members.length - 1; i > low; i--) {
      members[i] = members[i - 1] as string
      scores[i] = scores[i - 1] as number
    }
    members[low] = member
    scores[low] = score
    this.#textBytes += stringBytes(member)
  }

  #removeSmall(at: number, count: number): void {
    if (count <= 0) return
    const members = this.#members
    const scores = this.#scores
    const length = members.length - count
    for (let i = at; i < at + count; i++) this.#textBytes -= stringBytes(members[i] as string)
    for (let i = at; i < length; i++) {
      members[i] = members[i + count] as string
      scores[i] = scores[i + count] as number
    }
    members.length = length
    scores.length = length
  }

  #convert(): void {
    this.#adopt(this.#members, this.#scores)
    this.#members = []
    this.#scores = []
  }

  /** Takes elements in order into the small form. */
  #adoptSmall(members: string[], scores: number[]): void {
    this.#members = members
    this.#scores = scores.map(smallScore)
    for (const member of members) this.#textBytes += stringBytes(member)
  }

  /**
   * Takes elements in order into the big form. O(n)
   * @param mayRepeat whether to look out for members that come twice, which takes half as long again
   * @returns false if there is one; nothing has been taken then
   */
  #adopt(members: readonly string[], scores: readonly number[], mayRepeat = false): boolean {
    const dict = new Dict<number>({ seed: this.#home.newSeed(), values: true })
    this.#textBytes = 0
    for (let i = 0; i < members.length; i++) {
      const member = members[i] as string
      const score = scores[i] as number
      if (!mayRepeat) dict.insert(member, score)
      else if (!dict.set(member, score)) return false
      this.#textBytes += stringBytes(member) + numberBytes(score)
    }
    this.#tree = ScoreTree.fromSorted(scores, members)
    this.#dict = dict
    return true
  }
}

function isSmall(home: ValueHome, members: readonly string[]): boolean {
  const { zsetMaxListpackEntries, zsetMaxListpackValue } = home.limits
  return (
    members.length <= zsetMaxListpackEntries &&
    members.every((member) => member.length <= zsetMaxListpackValue)
  )
}

/** The small form of Redis keeps whole scores as integers, which have no negative zero. */
function smallScore(score: number): number {
  return score === 0 ? 0 : score
}

/** The elements by score, then by member; the same arrays if they are in order already. */
export function inOrder(members: string[], scores: number[]): { members: string[]; scores: number[] } {
  let sorted = true
  for (let i = 1; i < members.length && sorted; i++) {
    const before = scores[i - 1] as number
    const score = scores[i] as number
    sorted = before < score || (before === score && (members[i - 1] as string) < (members[i] as string))
  }
  if (sorted) return { members, scores }
  const order = Uint32Array.from(members, (_, i) => i).sort((a, b) => {
    const first = scores[a] as number
    const second = scores[b] as number
    if (first !== second) return first < second ? -1 : 1
    return (members[a] as string) < (members[b] as string) ? -1 : 1
  })
  return {
    members: Array.from(order, (i) => members[i] as string),
    scores: Array.from(order, (i) => scores[i] as number),
  }
}
