/**
 * One numbered database, and the one doorway to it.
 *
 * A handler asks for a value for reading (`read`) or for writing (`write`); what has expired is gone by then.
 * It says that it changed something by `set`, `modified`, `remove` or the expiry calls, and each of those does
 * all that a change entails: WATCH, blocked clients, tracking, keyspace events, statistics, and the removal of
 * a collection that has become empty; and the sum of the sizes. Handlers do none of that by themselves. A snapshot under way is served
 * before anything it still needs is changed (`#beforeEdit`, `#beforeLoss`).
 */

import { fail, WRONG_TYPE } from '../base/errors.js'
import { stringBytes } from '../base/heap-size.js'
import { Dict } from '../structures/dict.js'
import { EventClass } from './events.js'
import { HashValue } from './hash-value.js'
import type { Keyspace } from './keyspace.js'
import {
  type Collection,
  type Sized,
  type TypeMap,
  type TypeName,
  typeOf,
  type Value,
  valueBytes,
} from './value.js'

export class Database {
  /** Keys that hold a hash with expiring fields. Each expires here no later than the first of its fields. */
  hashesWithExpiringFields: Dict<undefined>
  /** Where the sweep through them goes on. */
  fieldSweepSlot = 0
  /** For changing entries go through the methods below; scans and samples read it directly. */
  dict: Dict<Value>
  /** Estimated bytes in memory of all that is in here: keys, values, and the columns of the dictionaries. */
  bytes = 0
  /** What of these the columns are. */
  #columnBytes = 0

  constructor(
    readonly keyspace: Keyspace,
    /** 0 to databases - 1. */
    readonly index: number,
    /** It is none of the keyspace's, and not counted there: what it holds may change places with one of those. */
    private readonly isAside = false,
  ) {
    this.dict = new Dict<Value>({ seed: keyspace.newSeed(), values: true, access: true })
    this.hashesWithExpiringFields = new Dict<undefined>({ seed: keyspace.newSeed(), values: false })
    this.#weighColumns()
  }

  get size(): number {
    return this.dict.size
  }

  /** Of `bytes`, what is neither key nor value. */
  get columnBytes(): number {
    return this.#columnBytes
  }

  // ---- reading ----------------------------------------------------------------------------------------

  /**
   * The value of `key` if it is there and of this type. Counts as a use of the key.
   * @throws CommandError WRONGTYPE
   */
  read<T extends TypeName>(key: string, type: T): TypeMap[T] | undefined {
    const value = this.readAny(key)
    if (value !== undefined && !hasType(value, type)) fail(WRONG_TYPE)
    return value as TypeMap[T] | undefined
  }

  /** The value of `key`, whatever its type. Counts as a use of the key. */
  readAny(key: string): Value | undefined {
    const slot = this.lookUp(key)
    if (slot < 0) return undefined
    this.#use(slot)
    return this.dict.valueAt(slot)
  }

  /** The slot of `key` for a command that asks about it without using it: only a hit or miss is counted. */
  lookUp(key: string): number {
    const slot = this.slotOf(key)
    const keyspace = this.keyspace
    if (slot >= 0) keyspace.hits++
    else {
      keyspace.misses++
      if ((keyspace.eventMask & EventClass.KEY_MISS) !== 0)
        keyspace.event(EventClass.KEY_MISS, 'keymiss', key, this)
    }
    return slot
  }

  /** The value of `key` without any trace: no use counted, no hit or miss. */
  peek(key: string): Value | undefined {
    const slot = this.slotOf(key)
    return slot < 0 ? undefined : this.dict.valueAt(slot)
  }

  has(key: string): boolean {
    return this.slotOf(key) >= 0
  }

  /** `has` for a command that works on the key as a whole, whatever it holds: counts as a use of the key. */
  use(key: string): boolean {
    const slot = this.slotOf(key)
    if (slot >= 0) this.#use(slot)
    return slot >= 0
  }

  /** The slot of a key that has not expired, or -1. An expired one is deleted on the way. */
  slotOf(key: string): number {
    const slot = this.dict.find(key)
    if (slot >= 0 && this.dict.expiring > 0) {
      const expiryMs = this.dict.expiryAt(slot)
      if (expiryMs !== 0 && expiryMs < this.keyspace.now) {
        if (this.keyspace.keepsExpired) return this.keyspace.showsExpired ? slot : -1
        this.expire(key)
        return -1
      }
    }
    return slot
  }

  /** Unix time in ms at which `key` expires, 0 if it does not or is not there. */
  expiryOf(key: string): number {
    const slot = this.slotOf(key)
    return slot < 0 ? 0 : this.dict.expiryAt(slot)
  }

  /** A random key that has not expired, or undefined. */
  randomKey(): string | undefined {
    // With the clock of one command standing still, every try either succeeds or deletes an expired key; the
    // bound is for keys that must be kept although they have expired.
    for (let tries = 0; tries < 100; ) {
      const slot = this.dict.randomSlot(this.keyspace.random)
      if (slot < 0) return undefined
      const key = this.dict.keyAt(slot) as string
      if (this.slotOf(key) >= 0) return key
      if (this.keyspace.keepsExpired) tries++
    }
    return undefined
  }

  // ---- writing ----------------------------------------------------------------------------------------

  /**
   * The value of `key` for changing it in place; after a change call `modified`.
   * @throws CommandError WRONGTYPE
   */
  write<T extends TypeName>(key: string, type: T): TypeMap[T] | undefined {
    return this.writeAt(this.slotOf(key), type)
  }

  /** `write` for a caller that has just looked the slot up with `slotOf`. */
  writeAt<T extends TypeName>(slot: number, type: T): TypeMap[T] | undefined {
    if (slot < 0) return undefined
    const value = this.dict.valueAt(slot)
    if (!hasType(value, type)) fail(WRONG_TYPE)
    this.#beforeEdit(slot)
    this.#use(slot)
    return value as TypeMap[T]
  }

  /** `write` without any trace, for what changes by itself: the value of a key that is known to be there. */
  edit(key: string): Value {
    const slot = this.dict.find(key)
    this.#beforeEdit(slot)
    return this.dict.valueAt(slot)
  }

  /**
   * Stores `value` under `key`, whatever was there. Its expiry goes, and the key counts as used.
   * @param keepTtl for the result of an edit: the expiry stays, and `write` or `use` has counted the use
   */
  set(key: string, value: Value, eventClass: number, event: string, keepTtl = false): void {
    this.replace(key, this.slotOf(key), value, eventClass, event, keepTtl)
  }

  /**
   * `set` for a caller that has just looked the slot up with `slotOf` (-1: the key is new).
   * @param count changes made, for the statistics
   */
  replace(
    key: string,
    slot: number,
    value: Value,
    eventClass: number,
    event: string,
    keepTtl: boolean,
    count = 1,
  ): void {
    const dict = this.dict
    if (slot < 0) this.#insert(key, value)
    else {
      this.#beforeLoss(slot)
      this.#exchange(slot, value)
      if (!keepTtl) {
        dict.setExpiryAt(slot, 0)
        this.#use(slot)
      }
    }
    this.#changed(key, value, eventClass, event, count)
  }

  /** Puts another form of the very same value into a slot: nothing has changed, so nobody is told. */
  reform(slot: number, value: Value): void {
    this.#exchange(slot, value)
    if (typeof value === 'object') this.#weigh(value)
  }

  /**
   * `value`, which `write` gave for `key` or which is new, has been changed. A collection that is empty now is
   * removed, with its own event, unless it is a stream; a new one is stored.
   * @param count changes made, for the statistics
   */
  modified(key: string, value: Collection & Value, eventClass: number, event: string, count = 1): void {
    this.#changed(key, value, eventClass, event, count)
    if (value.length === 0 && value.type !== 'stream') this.#drop(key, EventClass.GENERIC, 'del', 0)
  }

  /**
   * A change of what belongs to the value of `key` without being its content, such as the groups of a stream: it
   * counts and has its event, but neither WATCH nor the clients that wait for the key are told.
   * @param event undefined for none
   */
  annotated(key: string, value: Collection & Value, count: number, eventClass: number, event?: string): void {
    const keyspace = this.keyspace
    keyspace.dirty += count
    this.#weigh(value)
    if (event !== undefined && (keyspace.eventMask & eventClass) !== 0)
      keyspace.event(eventClass, event, key, this)
  }

  /** `value`, which `write` gave, may have taken another form, and holds the same as before. */
  reshaped(value: Collection & Value): void {
    this.#weigh(value)
  }

  /** The clients that wait for `key`, which is there, are to look at it again. */
  wake(key: string): void {
    const { keyspace } = this
    if (keyspace.watchesChanges) keyspace.keyReady(this, key, this.peek(key))
  }

  /** Adds a new collection under a key that is known to be absent; `modified` is to follow its filling. */
  create<T extends Collection & Value>(key: string, value: T): T {
    this.#insert(key, value)
    return value
  }

  /**
   * Stores what was dumped elsewhere, over what is there; for keyspace events the key is a new one.
   * @param expiryMs Unix time in ms, 0 for never
   * @param idleSeconds since it was used, -1 if that is not known
   * @param frequency how often it was used, 0 to 255, -1 if that is not known
   */
  restore(key: string, value: Value, expiryMs: number, idleSeconds: number, frequency: number): void {
    const { dict } = this
    let slot = this.slotOf(key)
    if (slot < 0) slot = this.#insert(key, value)
    else {
      this.#beforeLoss(slot)
      this.#exchange(slot, value)
      this.#tellNew(key)
    }
    this.#setExpiryAt(slot, expiryMs)
    dict.setAccessAt(slot, this.keyspace.accessOf(idleSeconds, frequency))
    this.#changed(key, value, EventClass.GENERIC, 'restore')
  }

  /**
   * Puts an entry in its place as a file has it, and tells nobody.
   * @param expiryMs Unix time in ms, 0 for never; it may have passed
   * @param idleSeconds since it was used, -1 if that is not known
   * @param frequency how often it was used, 0 to 255, -1 if that is not known
   * @param replaces whether it may take the place of another one
   * @returns false if there is another one that may not be replaced
   */
  load(
    key: string,
    value: Value,
    expiryMs: number,
    idleSeconds: number,
    frequency: number,
    replaces: boolean,
  ): boolean {
    const { dict } = this
    let slot = dict.find(key)
    if (slot < 0) slot = this.#add(key, value)
    else if (!replaces) return false
    else {
      this.#beforeLoss(slot)
      this.#exchange(slot, value)
    }
    this.#setExpiryAt(slot, expiryMs)
    dict.setAccessAt(slot, this.keyspace.accessOf(idleSeconds, frequency))
    this.#trackChanged(key, value)
    if (typeof value === 'object') this.#weigh(value)
    return true
  }

  /** Removes `key`; says whether it was there. */
  remove(key: string, eventClass: number = EventClass.GENERIC, event = 'del'): boolean {
    if (this.slotOf(key) < 0) return false
    this.#drop(key, eventClass, event)
    return true
  }

  /** Sets when `key`, which is there, expires: Unix time in ms, in the future. */
  setExpiry(key: string, expiryMs: number): void {
    const slot = this.dict.find(key)
    this.#beforeEdit(slot)
    this.#setExpiryAt(slot, expiryMs)
    this.#changed(key, this.dict.valueAt(slot), EventClass.GENERIC, 'expire')
  }

  /** Takes the expiry of `key` away; says whether it had one. */
  persist(key: string): boolean {
    const slot = this.slotOf(key)
    if (slot < 0 || this.dict.expiryAt(slot) === 0) return false
    this.#beforeEdit(slot)
    this.dict.setExpiryAt(slot, 0)
    this.#changed(key, this.dict.valueAt(slot), EventClass.GENERIC, 'persist')
    return true
  }

  /** Moves what `key`, which is there, holds to another key, over what is there; the expiry comes along. */
  rename(key: string, newKey: string): void {
    const value = this.#place(this.dict.find(key), this, newKey)
    this.#drop(key, EventClass.GENERIC, 'rename_from', 0)
    this.#changed(newKey, value, EventClass.GENERIC, 'rename_to')
  }

  /** Moves `key`, which is there, to a database that does not have it; the expiry comes along. */
  moveTo(other: Database, key: string): void {
    const value = this.#place(this.dict.find(key), other, key)
    this.#drop(key, EventClass.GENERIC, 'move_from', 0)
    other.#changed(key, value, EventClass.GENERIC, 'move_to')
  }

  /** Stores a copy of what `key`, which is there, holds, over what is there; it has the same expiry. */
  copyTo(other: Database, key: string, newKey: string): void {
    const value = this.#place(this.dict.find(key), other, newKey, true)
    other.#changed(newKey, value, EventClass.GENERIC, 'copy_to')
  }

  /** Deletes a key whose time has come; what follows it (replicas, the journal) is told by a DEL. */
  expire(key: string): void {
    this.keyspace.expiredKeys++
    this.keyspace.emitEffect(this, ['DEL', key])
    this.#drop(key, EventClass.EXPIRED, 'expired', 0)
  }

  /** Deletes the key in an occupied slot to make room. */
  evictAt(slot: number): void {
    const key = this.dict.keyAt(slot) as string
    this.keyspace.evictedKeys++
    this.keyspace.emitEffect(this, ['DEL', key])
    this.#dropAt(slot, key, EventClass.EVICTED, 'evicted', 0)
  }

  /** Removes every key. */
  clear(): void {
    if (this.dict.size === 0) return
    const keyspace = this.keyspace
    keyspace.contentsWillChange(this)
    keyspace.dirty += this.dict.size
    this.dict = new Dict<Value>({ seed: keyspace.newSeed(), values: true, access: true })
    this.hashesWithExpiringFields.clear()
    this.#account(-this.bytes)
    this.#columnBytes = 0
    this.#weighColumns()
    keyspace.contentsChanged(this)
  }

  /** Exchanges the contents with those of another database; with all that this entails. */
  swapWith(other: Database): void {
    if (other === this) return
    const keyspace = this.keyspace
    keyspace.contentsWillChange(this, other)
    keyspace.contentsWillChange(other, this)
    const dict = this.dict
    this.dict = other.dict
    other.dict = dict
    const hashes = this.hashesWithExpiringFields
    this.hashesWithExpiringFields = other.hashesWithExpiringFields
    other.hashesWithExpiringFields = hashes
    const columnBytes = this.#columnBytes
    this.#columnBytes = other.#columnBytes
    other.#columnBytes = columnBytes
    const grown = other.bytes - this.bytes
    this.#account(grown)
    other.#account(-grown)
    keyspace.contentsChanged(this)
    keyspace.contentsChanged(other)
  }

  /** Puts the value in `slot`, or a copy of it, and its expiry under a key of `target`, as a new key. */
  #place(slot: number, target: Database, newKey: string, copied = false): Value {
    const original = this.dict.valueAt(slot)
    const value = copied && typeof original === 'object' ? original.copy() : original
    const expiryMs = this.dict.expiryAt(slot)
    // What moves can be changed under its new key.
    if (!copied) this.#beforeEdit(slot)
    const access = copied ? this.#newAccess() : this.dict.accessAt(slot)
    let place = target.slotOf(newKey)
    if (place < 0) place = target.#insert(newKey, value)
    else {
      target.#beforeLoss(place)
      target.#exchange(place, value)
      target.#tellNew(newKey)
    }
    target.#setExpiryAt(place, expiryMs)
    target.dict.setAccessAt(place, access)
    return value
  }

  /**
   * Adds a key that `slotOf` has not found. It may be there all the same, expired and kept: that one is deleted
   * first, since a dictionary must never have a key twice.
   */
  #insert(key: string, value: Value): number {
    if (this.keyspace.keepsExpired && this.dict.find(key) >= 0) this.expire(key)
    const slot = this.#add(key, value)
    this.dict.setAccessAt(slot, this.#newAccess())
    this.#tellNew(key)
    return slot
  }

  /** Takes down that the key in `slot` is used. */
  #use(slot: number): void {
    const { dict, keyspace } = this
    if (!keyspace.touches) return
    const { frequency } = keyspace
    dict.setAccessAt(
      slot,
      frequency === undefined ? keyspace.accessClock : frequency.used(dict.accessAt(slot)),
    )
  }

  /** The access field of a key that is new. */
  #newAccess(): number {
    const { frequency, accessClock } = this.keyspace
    return frequency === undefined ? accessClock : frequency.fresh
  }

  /** A snapshot writes the entry in `slot` first, if it has not yet. */
  #beforeEdit(slot: number): void {
    const { dict } = this
    if (dict.marking && !dict.isMarkedAt(slot)) this.keyspace.snapshot?.beforeEdit(dict, slot)
  }

  /** A snapshot takes over the entry in `slot`, if it has not written it yet. */
  #beforeLoss(slot: number): void {
    const { dict } = this
    if (dict.marking && !dict.isMarkedAt(slot)) this.keyspace.snapshot?.beforeLoss(dict, slot)
  }

  #tellNew(key: string): void {
    if ((this.keyspace.eventMask & EventClass.NEW) !== 0)
      this.keyspace.event(EventClass.NEW, 'new', key, this)
  }

  #drop(key: string, eventClass: number, event: string, count = 1): void {
    this.#dropAt(this.dict.find(key), key, eventClass, event, count)
  }

  #dropAt(slot: number, key: string, eventClass: number, event: string, count: number): void {
    this.#beforeLoss(slot)
    this.#account(-stringBytes(key) - this.#leaves(this.dict.valueAt(slot)))
    this.dict.removeAt(slot)
    this.#weighColumns()
    this.#changed(key, undefined, eventClass, event, count)
  }

  #changed(key: string, value: Value | undefined, eventClass: number, event: string, count = 1): void {
    const keyspace = this.keyspace
    keyspace.dirty += count
    this.#trackChanged(key, value)
    if (typeof value === 'object') this.#weigh(value)
    if (keyspace.watchesChanges) keyspace.keyChanged(this, key, value)
    if ((keyspace.eventMask & eventClass) !== 0) keyspace.event(eventClass, event, key, this)
  }

  // ---- sizes --------------------------------------------------------------------------------------------
  // A value that cannot change in place, a plain string or number, is counted when it comes and when it goes.
  // One that can remembers what was counted of it, and each change ends by comparing.

  #account(bytes: number): void {
    this.bytes += bytes
    if (!this.isAside) this.keyspace.dataBytes += bytes
  }

  /** Puts a key that is not there into the dictionary. */
  #add(key: string, value: Value): number {
    this.#account(stringBytes(key) + (typeof value === 'object' ? 0 : valueBytes(value)))
    const slot = this.dict.insert(key, value)
    this.#weighColumns()
    return slot
  }

  /** Puts another value into an occupied slot. */
  #exchange(slot: number, value: Value): void {
    const old = this.dict.exchangeAt(slot, value)
    // Plain strings first: by far the most common, and this is on the way of every SET.
    const came =
      typeof value === 'string' ? stringBytes(value) : typeof value === 'object' ? 0 : valueBytes(value)
    const left = typeof old === 'string' ? stringBytes(old) : this.#leaves(old)
    if (came !== left) this.#account(came - left)
  }

  /** What was counted of a value that goes. */
  #leaves(value: Value): number {
    if (typeof value !== 'object') return valueBytes(value)
    const { countedBytes } = value
    value.countedBytes = 0
    return countedBytes
  }

  /** A value that can change in place has come, or has changed. */
  #weigh(value: Sized): void {
    const { heapBytes } = value
    const grown = heapBytes - value.countedBytes
    if (grown === 0) return
    value.countedBytes = heapBytes
    this.#account(grown)
  }

  #setExpiryAt(slot: number, expiryMs: number): void {
    this.dict.setExpiryAt(slot, expiryMs)
    this.#weighColumns()
  }

  /** The columns of a dictionary may have grown, or have become fewer. */
  #weighColumns(): void {
    const columnBytes = this.dict.columnBytes + this.hashesWithExpiringFields.columnBytes
    const grown = columnBytes - this.#columnBytes
    if (grown === 0) return
    this.#columnBytes = columnBytes
    this.#account(grown)
  }

  // ---- fields that expire -------------------------------------------------------------------------------

  #trackChanged(key: string, value: Value | undefined): void {
    if (value instanceof HashValue && value.hasExpiringFields) this.#trackFields(key, value)
    else if (this.hashesWithExpiringFields.size > 0) {
      this.hashesWithExpiringFields.delete(key)
      this.#weighColumns()
    }
  }

  /** Notes when the expiry of fields has to look at the hash under `key`. */
  #trackFields(key: string, hash: HashValue): void {
    const hashes = this.hashesWithExpiringFields
    let slot = hashes.find(key)
    if (slot < 0) slot = hashes.insert(key, undefined)
    hashes.setExpiryAt(slot, hash.earliestExpiryMs)
    this.#weighColumns()
  }
}

function hasType(value: Value, type: TypeName): boolean {
  return typeOf(value) === type
}
