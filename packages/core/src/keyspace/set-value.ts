/**
 * A set, in the encodings of Redis 7.2 and later: sorted integers while all members are integers and few
 * ('intset'), members in the order they came while few and short ('listpack'), else a dictionary without
 * values ('hashtable').
 *
 * Members are visited by position, 0 to `positions` - 1, without an iterator: a loop can stop where it likes
 * and allocates nothing. Costs: intset has O(log n), listpack has O(n), both below a configured size;
 * hashtable all O(1); random choice O(1) everywhere.
 */

import { assert } from '../base/errors.js'
import { arrayBytes, stringBytes } from '../base/heap-size.js'
import { parseInt64 } from '../base/int64.js'
import { randomBelow, sampleDistinct } from '../base/random.js'
import { DICT_BYTES, Dict } from '../structures/dict.js'
import { IntSet } from '../structures/int-set.js'
import type { EncodingLimits } from './encoding-limits.js'
import type { Collection, ValueHome } from './value.js'

export type SetEncoding = 'intset' | 'listpack' | 'hashtable'

/** The object itself. */
const OWN_BYTES = 72

/** Beyond this Redis takes an intset to be too large, whatever the configuration says. */
const MAX_INTSET_ENTRIES = 1 << 30

/** A dictionary with that many free slots per member is packed anew, so that random picks stay cheap. */
const SPARSE_FACTOR = 8
const MIN_SPARSE_SLOTS = 128

/** Random picks that repeat themselves are worth it while no more than one member in so many is wanted. */
const SHUFFLE_FACTOR = 3
/** A pop that leaves less than one member in so many of those it takes puts the rest into a new set. */
const REBUILD_FACTOR = 5

export class SetValue implements Collection {
  readonly type = 'set'
  readonly #home: ValueHome
  // Exactly one of the three is there.
  #ints: IntSet | undefined
  #list: string[] | undefined
  #dict: Dict<undefined> | undefined
  /** What the members take in memory; nothing while they are integers. */
  #textBytes = 0
  countedBytes = 0

  /** An empty set, which grows out of `encoding` as members ask for it. */
  constructor(home: ValueHome, encoding: SetEncoding = 'intset') {
    this.#home = home
    this.#ints = encoding === 'intset' ? new IntSet() : undefined
    this.#list = encoding === 'listpack' ? [] : undefined
    this.#dict = encoding === 'hashtable' ? newDict(home) : undefined
  }

  /** An empty set that is about to get `first` and some `count` members in all, in the encoding for that. */
  static for(home: ValueHome, first: string, count: number): SetValue {
    const { limits } = home
    if (count <= limits.setMaxIntsetEntries && parseInt64(first) !== undefined)
      return new SetValue(home, 'intset')
    return new SetValue(home, count <= limits.setMaxListpackEntries ? 'listpack' : 'hashtable')
  }

  /** A set of int64 values; they are in rising order and distinct. O(n log n) */
  static fromIntegers(home: ValueHome, values: readonly (number | bigint)[]): SetValue {
    if (values.length <= maxIntsetEntries(home.limits)) {
      const set = new SetValue(home)
      set.#ints = IntSet.from(values)
      return set
    }
    const set = new SetValue(home, 'hashtable')
    for (const value of values) set.add(String(value))
    return set
  }

  get length(): number {
    if (this.#dict !== undefined) return this.#dict.size
    return this.#list !== undefined ? this.#list.length : (this.#ints as IntSet).length
  }

  get encoding(): SetEncoding {
    if (this.#dict !== undefined) return 'hashtable'
    return this.#list !== undefined ? 'listpack' : 'intset'
  }

  /** The dictionary of a 'hashtable', for scans; to be changed by the methods here only. */
  get dict(): Dict<undefined> | undefined {
    return this.#dict
  }

  /** The integers of an 'intset'; to be changed by the methods here only. */
  get ints(): IntSet | undefined {
    return this.#ints
  }

  // ---- members ----------------------------------------------------------------------------------------

  has(member: string): boolean {
    if (this.#dict !== undefined) return this.#dict.has(member)
    if (this.#list !== undefined) return this.#list.includes(member)
    const value = parseInt64(member)
    return value !== undefined && (this.#ints as IntSet).has(value)
  }

  /** False when the member is there already. */
  add(member: string): boolean {
    if (this.#dict !== undefined) return this.#addToDict(this.#dict, member)
    return this.#list !== undefined
      ? this.#addToList(this.#list, member)
      : this.#addToInts(this.#ints as IntSet, member)
  }

  /** False when the member is not there. */
  remove(member: string): boolean {
    const dict = this.#dict
    if (dict !== undefined) {
      const slot = dict.find(member)
      if (slot < 0) return false
      this.#removeSlot(dict, slot)
      return true
    }
    const list = this.#list
    if (list !== undefined) {
      const index = list.indexOf(member)
      if (index < 0) return false
      list.splice(index, 1)
      this.#textBytes -= stringBytes(member)
      return true
    }
    const value = parseInt64(member)
    return value !== undefined && (this.#ints as IntSet).remove(value)
  }

  /** One above the highest position of a member. */
  get positions(): number {
    if (this.#dict !== undefined) return this.#dict.slotCount
    return this.#list !== undefined ? this.#list.length : (this.#ints as IntSet).length
  }

  /** The member at a position below `positions`; undefined where a dictionary has a gap. */
  memberAt(position: number): string | undefined {
    if (this.#dict !== undefined) return this.#dict.keyAt(position)
    return this.#list !== undefined ? this.#list[position] : String((this.#ints as IntSet).at(position))
  }

  /** Visits every member in order of position. The visitor must not change the set. */
  forEach(visit: (member: string) => void): void {
    const end = this.positions
    for (let i = 0; i < end; i++) {
      const member = this.memberAt(i)
      if (member !== undefined) visit(member)
    }
  }

  /** All members in order of position, in an array of its own. */
  members(): string[] {
    if (this.#list !== undefined) return this.#list.slice()
    const members: string[] = []
    const end = this.positions
    for (let i = 0; i < end; i++) {
      const member = this.memberAt(i)
      if (member !== undefined) members.push(member)
    }
    return members
  }

  /** A random member of a set that is not empty, each as likely as any other. */
  randomMember(random: () => number): string {
    return this.memberAt(this.#randomPosition(random)) as string
  }

  /** Removes a random member of a set that is not empty, and gives it. */
  popRandom(random: () => number): string {
    const position = this.#randomPosition(random)
    const member = this.memberAt(position) as string
    if (this.#dict !== undefined) this.#removeSlot(this.#dict, position)
    else if (this.#list !== undefined) {
      this.#list.splice(position, 1)
      this.#textBytes -= stringBytes(member)
    } else (this.#ints as IntSet).remove((this.#ints as IntSet).at(position))
    return member
  }

  /**
   * Distinct random members: `count` of them, fewer than there are. A listpack gives them in its order. O(count)
   * for a small part of a hashtable, else O(length).
   */
  sample(count: number, random: () => number): string[] {
    if (this.#list !== undefined) {
      const list = this.#list
      return sampleDistinct(random, count, list.length)
        .sort((a, b) => a - b)
        .map((index) => list[index] as string)
    }
    if (count * SHUFFLE_FACTOR > this.length) return shuffled(this.members(), count, random)
    const chosen = new Set<number>()
    while (chosen.size < count) chosen.add(this.#randomPosition(random))
    return Array.from(chosen, (position) => this.memberAt(position) as string)
  }

  /** Removes `count` random members, fewer than there are, and gives them. O(length) at most. */
  popSample(count: number, random: () => number): string[] {
    const left = this.length - count
    if (this.#list === undefined && left * REBUILD_FACTOR > count) {
      return Array.from({ length: count }, () => this.popRandom(random))
    }
    const popped = this.sample(count, random)
    const gone = new Set(popped)
    const kept = this.members().filter((member) => !gone.has(member))
    if (this.#list !== undefined) {
      this.#setList(kept)
      return popped
    }
    // As in Redis, a set of which little is left starts over: a hashtable may become a listpack again.
    if (this.#ints !== undefined) this.#ints = new IntSet()
    else this.#list = []
    this.#dict = undefined
    this.#textBytes = 0
    for (const member of kept) this.add(member)
    return popped
  }

  /** Removes all members and gives them. */
  popAll(): string[] {
    const members = this.members()
    this.#setList([])
    this.#ints = undefined
    this.#dict = undefined
    return members
  }

  #randomPosition(random: () => number): number {
    return this.#dict !== undefined ? this.#dict.randomSlot(random) : randomBelow(random, this.positions)
  }

  // ---- encodings --------------------------------------------------------------------------------------

  /**
   * Turns into a hashtable at once if `count` members, about to be added, are too many for the encoding; says
   * whether it does.
   */
  prepareFor(count: number): boolean {
    const { setMaxListpackEntries, setMaxIntsetEntries } = this.#home.limits
    if (this.#dict !== undefined) return false
    if (count <= (this.#list === undefined ? setMaxIntsetEntries : setMaxListpackEntries)) return false
    this.#toDict()
    return true
  }

  /** Turns into an intset, if so many members may be in one; all of them are known to be integers. */
  packIntegers(): void {
    if (this.#ints !== undefined || this.length > maxIntsetEntries(this.#home.limits)) return
    this.#ints = IntSet.from(this.members().map((member) => parseInt64(member) as number | bigint))
    this.#list = undefined
    this.#dict = undefined
    this.#textBytes = 0
  }

  #addToInts(ints: IntSet, member: string): boolean {
    const { limits } = this.#home
    const value = parseInt64(member)
    if (value !== undefined) {
      if (!ints.add(value)) return false
      if (ints.length > maxIntsetEntries(limits)) this.#toDict()
      return true
    }
    const fits =
      ints.length < limits.setMaxListpackEntries &&
      member.length <= limits.setMaxListpackValue &&
      longestText(ints) <= limits.setMaxListpackValue
    if (fits) {
      const list = this.members()
      list.push(member)
      this.#ints = undefined
      this.#setList(list)
    } else this.#addToDict(this.#toDict(), member)
    return true
  }

  #addToList(list: string[], member: string): boolean {
    if (list.includes(member)) return false
    const { limits } = this.#home
    if (list.length < limits.setMaxListpackEntries && member.length <= limits.setMaxListpackValue) {
      list.push(member)
      this.#textBytes += stringBytes(member)
    } else this.#addToDict(this.#toDict(), member)
    return true
  }

  #addToDict(dict: Dict<undefined>, member: string): boolean {
    const added = dict.add(member)
    if (added) this.#textBytes += stringBytes(member)
    return added
  }

  #setList(list: string[]): void {
    this.#list = list
    this.#textBytes = textBytes(list)
  }

  #toDict(): Dict<undefined> {
    const dict = dictOf(this.#home, this)
    if (this.#ints !== undefined) this.#textBytes = textBytes(this.members())
    this.#ints = undefined
    this.#list = undefined
    this.#dict = dict
    return dict
  }

  #removeSlot(dict: Dict<undefined>, slot: number): void {
    this.#textBytes -= stringBytes(dict.keyAt(slot) as string)
    dict.removeAt(slot)
    if (dict.slotCount >= MIN_SPARSE_SLOTS && dict.size * SPARSE_FACTOR < dict.slotCount) this.#pack()
  }

  /**
   * Copies the members into a dictionary without gaps. In rising order, so that none gets a higher slot than
   * it had: a scan under way still meets every one. The dictionary compacts itself beyond one chunk, so what
   * is copied is never more than some thousand members.
   */
  #pack(): void {
    this.#dict = dictOf(this.#home, this)
  }

  // ---- what the keyspace asks -------------------------------------------------------------------------

  /** O(members / 8192) as a hashtable. */
  frozen(): SetValue {
    if (this.#dict === undefined) return this.copy()
    const frozen = new SetValue(this.#home, 'hashtable')
    frozen.#dict = this.#dict.frozen()
    return frozen
  }

  copy(): SetValue {
    const copy = new SetValue(this.#home, this.encoding)
    if (this.#list !== undefined) copy.#list = this.#list.slice()
    else if (this.#ints !== undefined) copy.#ints = IntSet.from(this.#ints)
    else copy.#dict = dictOf(this.#home, this)
    copy.#textBytes = this.#textBytes
    return copy
  }

  get heapBytes(): number {
    if (this.#ints !== undefined) return OWN_BYTES + this.#ints.heapBytes
    const dict = this.#dict
    const places = dict === undefined ? arrayBytes(this.length) : DICT_BYTES + dict.columnBytes
    return OWN_BYTES + places + this.#textBytes
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    this.#dict?.assertInvariants()
    this.#ints?.assertInvariants()
    const bytes = this.#ints === undefined ? textBytes(this.members()) : 0
    assert(bytes === this.#textBytes, 'bytes of the members')
  }
}

function textBytes(members: readonly string[]): number {
  let bytes = 0
  for (const member of members) bytes += stringBytes(member)
  return bytes
}

function newDict(home: ValueHome): Dict<undefined> {
  return new Dict<undefined>({ seed: home.newSeed(), values: false })
}

function dictOf(home: ValueHome, set: SetValue): Dict<undefined> {
  const dict = newDict(home)
  set.forEach((member) => {
    dict.insert(member, undefined)
  })
  return dict
}

function maxIntsetEntries(limits: EncodingLimits): number {
  return Math.min(limits.setMaxIntsetEntries, MAX_INTSET_ENTRIES)
}

/** Characters of the longest member, which is the smallest or the largest. */
function longestText(ints: IntSet): number {
  if (ints.length === 0) return 0
  return Math.max(String(ints.at(0)).length, String(ints.at(ints.length - 1)).length)
}

/** The first `count` of `items` in a random order, which is made in place. */
function shuffled(items: string[], count: number, random: () => number): string[] {
  for (let i = 0; i < count; i++) {
    const other = i + randomBelow(random, items.length - i)
    const item = items[i] as string
    items[i] = items[other] as string
    items[other] = item
  }
  items.length = count
  return items
}
