/**
 * All databases, with what they share: the clock that stands still during a command, counters, and the
 * listeners that a change is told to. The engine above sets the listeners; while nobody needs them, a change
 * costs a few comparisons.
 */

import type { Host } from '../base/host.js'
import type { Dict } from '../structures/dict.js'
import { Database } from './database.js'
import type { EncodingLimits } from './encoding-limits.js'
import type { UseFrequency } from './use-frequency.js'
import type { Value } from './value.js'

export interface KeyspaceListener {
  /** A key was set, changed or removed (`value` undefined). Called only while `watchesChanges`. */
  keyChanged(db: Database, key: string, value: Value | undefined): void
  /** Only those who wait for the key are to look at it again. Called only while `watchesChanges`. */
  keyReady(db: Database, key: string, value: Value | undefined): void
  /** Called for the classes in `eventMask`. */
  event(eventClass: number, event: string, key: string, db: Database): void
  /** A change that is not the running command itself, as a command: the DEL of an expired key. */
  effect(db: Database, command: readonly string[]): void
  /** Every key of `db` is about to be removed or, with `other`, to change places with those of `other`. */
  contentsWillChange(db: Database, other?: Database): void
  /** That has happened. */
  contentsChanged(db: Database): void
}

/**
 * A snapshot being taken. Entries without a mark in a dictionary that is `marking` are still to be written; it
 * is told before one of them changes, and marks it.
 */
export interface KeyspaceObserver {
  /** What is in this slot is about to be changed: its value in place, its expiry, or its key. */
  beforeEdit(dict: Dict<Value>, slot: number): void
  /** What is in this slot is about to be removed or replaced: nobody changes its value any more. */
  beforeLoss(dict: Dict<Value>, slot: number): void
}

/** The greatest access field: 24 bits. */
const MAX_ACCESS = 0xff_ffff

export class Keyspace {
  readonly databases: Database[]
  readonly random: () => number

  /** Changes so far; a command that leaves it as it was has changed nothing. */
  dirty = 0
  /** Estimated bytes in memory of all databases; each keeps its share up to date. */
  dataBytes = 0
  hits = 0
  misses = 0
  expiredKeys = 0
  expiredFields = 0
  evictedKeys = 0

  /** Whether the listener wants `keyChanged`: somebody watches, is blocked or tracks. */
  watchesChanges = false
  /** Classes of events that the listener wants. */
  eventMask = 0
  /** The snapshot that is being taken, if there is one. */
  snapshot: KeyspaceObserver | undefined
  /** Whether using a key leaves a trace: off under CLIENT NO-TOUCH. */
  touches = true
  /** What the access clock of a used key is set to. */
  accessClock = 0
  /** Under an LFU policy: what the uses of keys are counted with instead of the clock. */
  frequency: UseFrequency | undefined
  /** Expired keys are not deleted: a replica, a pause of writes. Reads treat them as absent all the same. */
  keepsExpired = false
  /** Even reads still see expired keys: while a snapshot or an effect is being loaded. */
  showsExpired = false

  readonly #host: Host
  readonly #listener: KeyspaceListener
  #now = 0

  constructor(
    host: Host,
    databases: number,
    listener: KeyspaceListener,
    /** Up to which sizes values keep their compact encoding. */
    readonly limits: EncodingLimits,
  ) {
    this.#host = host
    this.#listener = listener
    this.random = () => host.random()
    this.databases = Array.from({ length: databases }, (_, index) => new Database(this, index))
  }

  /** Unix time in whole ms. It is read once a command and stands still until `releaseClock`. */
  get now(): number {
    if (this.#now === 0) this.#now = Math.floor(this.#host.now())
    return this.#now
  }

  /** Lets the clock move on: called before every command or transaction. */
  releaseClock(): void {
    this.#now = 0
  }

  /** Seconds since a key was used, by its access field. The access clock is seconds modulo 2^24. */
  idleSecondsOf(access: number): number {
    return (this.accessClock - access) & MAX_ACCESS
  }

  /**
   * The access field of a key that comes from elsewhere, as the policy of eviction in force needs it.
   * @param idleSeconds since it was used, -1 if that is not known
   * @param frequency how often it was used, 0 to 255, -1 if that is not known
   */
  accessOf(idleSeconds: number, frequency: number): number {
    if (this.frequency !== undefined) return this.frequency.withCount(frequency)
    return idleSeconds < 0 ? this.accessClock : (this.accessClock - idleSeconds) & MAX_ACCESS
  }

  resetStats(): void {
    this.hits = 0
    this.misses = 0
    this.expiredKeys = 0
    this.expiredFields = 0
    this.evictedKeys = 0
  }

  newSeed(): number {
    return Math.floor(this.#host.random() * 0x1_0000_0000)
  }

  keyChanged(db: Database, key: string, value: Value | undefined): void {
    this.#listener.keyChanged(db, key, value)
  }

  keyReady(db: Database, key: string, value: Value | undefined): void {
    this.#listener.keyReady(db, key, value)
  }

  event(eventClass: number, event: string, key: string, db: Database): void {
    this.#listener.event(eventClass, event, key, db)
  }

  emitEffect(db: Database, command: readonly string[]): void {
    this.#listener.effect(db, command)
  }

  contentsWillChange(db: Database, other?: Database): void {
    this.#listener.contentsWillChange(db, other)
  }

  contentsChanged(db: Database): void {
    this.#listener.contentsChanged(db)
  }
}
