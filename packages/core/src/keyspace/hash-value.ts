/**
 * The value of a hash: fields with values, and fields that expire on their own.
 *
 * A small hash is one flat array, `[field, value, field, value, …]`, searched from the front: 'listpack'. Once
 * one of its fields was given an expiry a second array holds a time for every field and both are kept in the
 * order of these times, those without at the end: 'listpackex'. Beyond the configured limits a hash is a
 * `Dict` with its column of expiries: 'hashtable'. It never turns back.
 *
 * A field whose time has come is invisible to every reader here except `length`, and stays until it is deleted
 * by field-expiry.ts, on access or in the background.
 */

import { assert } from '../base/errors.js'
import { arrayBytes, stringBytes } from '../base/heap-size.js'
import { randomBelow, sampleDistinct } from '../base/random.js'
import { DICT_BYTES, Dict } from '../structures/dict.js'
import { hasRepeats } from '../structures/has-repeats.js'
import type { Keyspace } from './keyspace.js'
import type { Collection } from './value.js'

/** The time of a field in the flat form that does not expire: sorts behind all others. */
const NEVER = Number.POSITIVE_INFINITY
/** A sample of more than one field in this many is drawn from a list of all of them. */
const SPARSE_SAMPLE = 3

/** The object itself. */
const OWN_BYTES = 96

export class HashValue implements Collection {
  readonly type = 'hash'
  readonly #keyspace: Keyspace
  /** The flat form; empty once there is a dictionary. */
  #pairs: string[] = []
  /** Unix times in ms for the flat form, ascending; made with the first expiry and kept from then on. */
  #times: number[] | undefined
  #dict: Dict<string> | undefined
  /** With a dictionary: no field expires before this, Unix time in ms. */
  #earliestMs = NEVER
  /** Where the next sweep through a dictionary goes on. */
  #sweepSlot = 0
  /** What fields and values take in memory. */
  #textBytes = 0
  countedBytes = 0

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
  }

  /**
   * A hash of what comes from outside, in the form that fits. O(n)
   * @param pairs fields and values in turn; the array may be kept and changed
   * @param times when each field expires, Unix time in ms, 0 for never; such a hash is a 'listpackex' if it is small
   * @returns undefined if a field comes twice
   */
  static from(keyspace: Keyspace, pairs: string[], times?: readonly number[]): HashValue | undefined {
    const hash = new HashValue(keyspace)
    const { hashMaxListpackEntries, hashMaxListpackValue } = keyspace.limits
    let isSmall = pairs.length >> 1 <= hashMaxListpackEntries
    for (let i = 0; isSmall && i < pairs.length; i++) {
      isSmall = (pairs[i] as string).length <= hashMaxListpackValue
    }
    if (isSmall) {
      if (hasRepeats(pairs, 2)) return undefined
      hash.#pairs = pairs
      for (const text of pairs) hash.#textBytes += stringBytes(text)
      if (times !== undefined) hash.#adoptTimes(times)
      return hash
    }
    hash.#toDict()
    for (let i = 0; i < pairs.length; i += 2) {
      if (!hash.set(pairs[i] as string, pairs[i + 1] as string)) return undefined
      const expiryMs = times?.[i >> 1] ?? 0
      if (expiryMs !== 0) hash.setExpiry(pairs[i] as string, expiryMs)
    }
    return hash
  }

  /** All fields, those included whose time has come but which are still here; O(1), as HLEN has it. */
  get length(): number {
    return this.#dict === undefined ? this.#pairs.length >> 1 : this.#dict.size
  }

  get encoding(): string {
    if (this.#dict !== undefined) return 'hashtable'
    return this.#times === undefined ? 'listpack' : 'listpackex'
  }

  get hasExpiringFields(): boolean {
    if (this.#dict !== undefined) return this.#dict.expiring > 0
    return this.#times !== undefined && (this.#times[0] ?? NEVER) !== NEVER
  }

  /** No field expires before this, Unix time in ms; Infinity if none does. */
  get earliestExpiryMs(): number {
    if (this.#dict !== undefined) return this.#dict.expiring > 0 ? this.#earliestMs : NEVER
    return this.#times?.[0] ?? NEVER
  }

  /** The dictionary of a hash that has outgrown the flat form, for HSCAN; its expired fields are not filtered. */
  get dict(): Dict<string> | undefined {
    return this.#dict
  }

  // ---- one field ----------------------------------------------------------------------------------------

  /** The value of `field`, undefined if it is not there or has expired. O(1), O(n) in the flat form. */
  get(field: string): string | undefined {
    const dict = this.#dict
    if (dict !== undefined) {
      const slot = dict.find(field)
      return slot < 0 || this.isExpiredAt(slot) ? undefined : dict.valueAt(slot)
    }
    const at = this.#indexOf(field)
    return at < 0 || (this.#times !== undefined && this.#isPast(this.#times[at >> 1] as number))
      ? undefined
      : this.#pairs[at + 1]
  }

  /** Whether `field` is still here although its time has come. */
  hasExpired(field: string): boolean {
    if (!this.hasExpiringFields) return false
    return this.#isPast(this.#timeOf(field))
  }

  /** Unix time in ms at which `field` expires, 0 if never, -1 if it is not there or has expired. */
  expiryOf(field: string): number {
    const time = this.#timeOf(field)
    return time < 0 || this.#isPast(time) ? -1 : time === NEVER ? 0 : time
  }

  /** Stores a field and says whether it is new; the expiry it had goes unless `keepExpiry`. */
  set(field: string, value: string, keepExpiry = false): boolean {
    const dict = this.#dict
    if (dict === undefined) return this.#setFlat(field, value, keepExpiry)
    const slot = dict.find(field)
    if (slot < 0) {
      dict.insert(field, value)
      this.#textBytes += stringBytes(field) + stringBytes(value)
      return true
    }
    this.#textBytes += stringBytes(value) - stringBytes(dict.valueAt(slot))
    dict.setValueAt(slot, value)
    if (!keepExpiry && dict.expiring > 0) dict.setExpiryAt(slot, 0)
    return false
  }

  /** Deletes a field, expired or not, and says whether it was there. */
  delete(field: string): boolean {
    const dict = this.#dict
    const at = dict === undefined ? this.#indexOf(field) : dict.find(field)
    if (at < 0) return false
    const value = dict === undefined ? (this.#pairs[at + 1] as string) : dict.valueAt(at)
    this.#textBytes -= stringBytes(field) + stringBytes(value)
    if (dict === undefined) this.#removeFlat(at)
    else dict.removeAt(at)
    return true
  }

  /** Sets when a field that is there expires, Unix time in ms; 0 for never. */
  setExpiry(field: string, expiryMs: number): void {
    const dict = this.#dict
    if (dict !== undefined) {
      if (expiryMs !== 0) this.#earliestMs = Math.min(this.earliestExpiryMs, expiryMs)
      dict.setExpiryAt(dict.find(field), expiryMs)
      return
    }
    this.trackExpiry()
    const at = this.#indexOf(field)
    const value = this.#pairs[at + 1] as string
    this.#removeFlat(at)
    this.#insertByTime(field, value, expiryMs === 0 ? NEVER : expiryMs)
  }

  // ---- the form -----------------------------------------------------------------------------------------

  /** Makes the hash ready for `count` fields that are about to be stored: many are a reason to convert at once. */
  expect(count: number): void {
    if (this.#dict === undefined && count > this.#keyspace.limits.hashMaxListpackEntries) this.#toDict()
  }

  /** Makes a flat hash keep times from now on. */
  trackExpiry(): void {
    if (this.#dict === undefined) this.#times ??= new Array<number>(this.#pairs.length >> 1).fill(NEVER)
  }

  /** O(fields / 8192) in the big form. */
  frozen(): HashValue {
    const dict = this.#dict
    if (dict === undefined) return this.copy()
    const frozen = new HashValue(this.#keyspace)
    frozen.#dict = dict.frozen()
    frozen.#earliestMs = this.#earliestMs
    frozen.#pairs = []
    return frozen
  }

  copy(): HashValue {
    const copy = new HashValue(this.#keyspace)
    const dict = this.#dict
    copy.#textBytes = this.#textBytes
    if (dict === undefined) {
      copy.#pairs = this.#pairs.slice()
      copy.#times = this.#times?.slice()
      return copy
    }
    const target = copy.#newDict()
    dict.forEach((field, value, slot) => {
      const expiryMs = dict.expiryAt(slot)
      const newSlot = target.insert(field, value)
      if (expiryMs !== 0) target.setExpiryAt(newSlot, expiryMs)
    })
    copy.#earliestMs = this.#earliestMs
    return copy
  }

  /** A copy that has no expired fields, for where they must stay in the original. */
  withoutExpired(): HashValue {
    const copy = this.copy()
    for (const field of copy.expiredFields(NEVER, NEVER)) copy.delete(field)
    return copy
  }

  get heapBytes(): number {
    const dict = this.#dict
    if (dict !== undefined) return OWN_BYTES + DICT_BYTES + dict.columnBytes + this.#textBytes
    const times = this.#times === undefined ? 0 : arrayBytes(this.#times.length)
    return OWN_BYTES + arrayBytes(this.#pairs.length) + times + this.#textBytes
  }

  // ---- many fields --------------------------------------------------------------------------------------

  /** Fields and values in turn, without the expired. O(n) */
  entries(): string[] {
    if (this.#dict === undefined && !this.mayHaveExpired()) return this.#pairs.slice()
    const flat: string[] = []
    this.#eachPosition((position) => flat.push(this.fieldAt(position), this.valueAt(position)))
    return flat
  }

  /** All fields without the expired. O(n) */
  fields(): string[] {
    const fields: string[] = []
    this.#eachPosition((position) => fields.push(this.fieldAt(position)))
    return fields
  }

  /** All values without the expired. O(n) */
  values(): string[] {
    const values: string[] = []
    this.#eachPosition((position) => values.push(this.valueAt(position)))
    return values
  }

  /** The field at a position that `randomPosition` or `samplePositions` gave. */
  fieldAt(position: number): string {
    return (this.#dict === undefined ? this.#pairs[position << 1] : this.#dict.keyAt(position)) as string
  }

  valueAt(position: number): string {
    return this.#dict === undefined
      ? (this.#pairs[(position << 1) + 1] as string)
      : this.#dict.valueAt(position)
  }

  /** When the field at a position expires, Unix time in ms, 0 for never; also when that time has come. */
  expiryAt(position: number): number {
    if (this.#dict !== undefined) return this.#dict.expiryAt(position)
    const time = this.#times?.[position] ?? NEVER
    return time === NEVER ? 0 : time
  }

  /** The position of a random field of a hash that is not empty; expired fields are picked, too. O(1) */
  randomPosition(): number {
    const { random } = this.#keyspace
    return this.#dict === undefined ? randomBelow(random, this.length) : this.#dict.randomSlot(random)
  }

  /** The positions of all fields, expired ones included. O(n) */
  positions(): number[] {
    const dict = this.#dict
    if (dict === undefined) return Array.from({ length: this.length }, (_, index) => index)
    const slots: number[] = []
    dict.forEach((_field, _value, slot) => {
      slots.push(slot)
    })
    return slots
  }

  /** Positions of `count` distinct random fields, at most `length`; expired fields are picked, too. O(count) */
  samplePositions(count: number): number[] {
    const { random } = this.#keyspace
    const dict = this.#dict
    if (dict === undefined) return sampleDistinct(random, count, this.length)
    if (count * SPARSE_SAMPLE > dict.size) {
      const slots = this.positions()
      return sampleDistinct(random, count, slots.length).map((index) => slots[index] as number)
    }
    const chosen = new Set<number>()
    while (chosen.size < count) chosen.add(dict.randomSlot(random))
    return Array.from(chosen)
  }

  // ---- expired fields -----------------------------------------------------------------------------------

  /** False if no field's time has come. True may be wrong for a dictionary, where only a bound is known. O(1) */
  mayHaveExpired(): boolean {
    return this.hasExpiringFields && this.#isPast(this.earliestExpiryMs)
  }

  /** Whether the field in this slot of the dictionary has expired. */
  isExpiredAt(slot: number): boolean {
    const dict = this.#dict as Dict<string>
    if (dict.expiring === 0) return false
    const expiryMs = dict.expiryAt(slot)
    return expiryMs !== 0 && this.#isPast(expiryMs)
  }

  /**
   * Fields whose time has come, for deleting them.
   * @param limit of these no more than so many
   * @param slots how many slots of a dictionary are looked at; the next call goes on from there
   */
  expiredFields(limit: number, slots: number): string[] {
    const found: string[] = []
    const nowMs = this.#keyspace.now
    const dict = this.#dict
    if (dict === undefined) {
      const times = this.#times ?? []
      for (let i = 0; i < times.length && found.length < limit && (times[i] as number) < nowMs; i++) {
        found.push(this.fieldAt(i))
      }
      return found
    }
    const whole = slots >= dict.slotCount
    let slot = whole ? 0 : this.#sweepSlot
    const stop = slot + slots
    while (slot < stop && found.length < limit) {
      const expired = dict.nextExpired(slot, nowMs, stop - slot)
      slot = dict.sweepEnd
      if (expired < 0) break
      found.push(dict.keyAt(expired) as string)
    }
    this.#sweepSlot = slot >= dict.slotCount ? 0 : slot
    // Until it was seen whole in one go a dictionary counts as due, so that the sweep comes back.
    if (whole && found.length < limit) this.#earliestMs = dict.earliestExpiry(nowMs - 1)
    return found
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    this.#dict?.assertInvariants()
    let bytes = 0
    for (const at of this.positions()) bytes += stringBytes(this.fieldAt(at)) + stringBytes(this.valueAt(at))
    assert(bytes === this.#textBytes, 'bytes of fields and values')
    assert(this.#times === undefined || this.#times.length === this.length, 'a time for each field')
  }

  // ---- inside -------------------------------------------------------------------------------------------

  #isPast(expiryMs: number): boolean {
    const keyspace = this.#keyspace
    return expiryMs >= 0 && expiryMs < keyspace.now && !(keyspace.keepsExpired && keyspace.showsExpired)
  }

  /** When `field` expires, NEVER or, if it is not there, -1. */
  #timeOf(field: string): number {
    const dict = this.#dict
    if (dict !== undefined) {
      const slot = dict.find(field)
      return slot < 0 ? -1 : dict.expiryAt(slot) || NEVER
    }
    const at = this.#indexOf(field)
    return at < 0 ? -1 : (this.#times?.[at >> 1] ?? NEVER)
  }

  #indexOf(field: string): number {
    const pairs = this.#pairs
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === field) return i
    return -1
  }

  #setFlat(field: string, value: string, keepExpiry: boolean): boolean {
    const { limits } = this.#keyspace
    const longest = limits.hashMaxListpackValue
    if (field.length > longest || value.length > longest) {
      this.#toDict()
      return this.set(field, value, keepExpiry)
    }
    const at = this.#indexOf(field)
    if (at >= 0) {
      this.#textBytes += stringBytes(value) - stringBytes(this.#pairs[at + 1] as string)
      this.#pairs[at + 1] = value
      if (!keepExpiry && this.#times !== undefined && this.#times[at >> 1] !== NEVER) this.setExpiry(field, 0)
    } else {
      this.#textBytes += stringBytes(field) + stringBytes(value)
      this.#pairs.push(field, value)
      this.#times?.push(NEVER)
    }
    if (this.#pairs.length >> 1 > limits.hashMaxListpackEntries) this.#toDict()
    return at < 0
  }

  #removeFlat(at: number): void {
    const pairs = this.#pairs
    for (let i = at; i < pairs.length - 2; i++) pairs[i] = pairs[i + 2] as string
    pairs.length -= 2
    this.#times?.splice(at >> 1, 1)
  }

  /** Inserts a field that is not there in front of those that expire at the same time or later. */
  #insertByTime(field: string, value: string, time: number): void {
    const times = this.#times as number[]
    let index = time === NEVER ? times.length : 0
    while (index < times.length && (times[index] as number) < time) index++
    times.splice(index, 0, time)
    this.#pairs.splice(index << 1, 0, field, value)
  }

  /** Gives the fields of the flat form their times, and puts them in the order of these. */
  #adoptTimes(expiries: readonly number[]): void {
    const times = expiries.map((expiryMs) => (expiryMs === 0 ? NEVER : expiryMs))
    this.#times = times
    if (times.every((time, i) => i === 0 || (times[i - 1] as number) <= time)) return
    const pairs = this.#pairs
    const order = times.map((_, i) => i).sort((a, b) => compareTimes(times[a] as number, times[b] as number))
    this.#times = order.map((i) => times[i] as number)
    this.#pairs = order.flatMap((i) => [pairs[i << 1] as string, pairs[(i << 1) + 1] as string])
  }

  #newDict(): Dict<string> {
    this.#dict = new Dict<string>({ seed: this.#keyspace.newSeed(), values: true })
    return this.#dict
  }

  #toDict(): void {
    const pairs = this.#pairs
    const times = this.#times
    const dict = this.#newDict()
    for (let i = 0; i < pairs.length; i += 2) {
      const slot = dict.insert(pairs[i] as string, pairs[i + 1] as string)
      const time = times?.[i >> 1] ?? NEVER
      if (time !== NEVER) dict.setExpiryAt(slot, time)
    }
    this.#earliestMs = times?.[0] ?? NEVER
    this.#pairs = []
    this.#times = undefined
  }

  /** Visits the positions of all fields that have not expired. */
  #eachPosition(visit: (position: number) => void): void {
    const dict = this.#dict
    const mayHaveExpired = this.mayHaveExpired()
    if (dict !== undefined) {
      dict.forEach((_field, _value, slot) => {
        if (!mayHaveExpired || !this.isExpiredAt(slot)) visit(slot)
      })
      return
    }
    const times = this.#times
    const { length } = this
    let first = 0
    if (mayHaveExpired && times !== undefined) {
      while (first < length && this.#isPast(times[first] as number)) first++
    }
    for (let i = first; i < length; i++) visit(i)
  }
}

/** For sorting; the difference of two that are infinite would be no number. */
function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
