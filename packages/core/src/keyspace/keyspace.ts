/**
 * All databases, with what they share: the clock that stands still during a command, counters, and the
 * listeners that a change is told to. The engine above sets the listeners; while nobody needs them, a change
 * costs a few comparisons.
 */

import type { Host } from '../base/host.js'
import { Database } from './database.js'
import type { EncodingLimits } from './encoding-limits.js'
import type { UseFrequency } from './use-frequency.js'
import type { Value } from './value.js'

export interface KeyspaceListener {
  /** A key was set, changed or removed (`value` undefined). Called only while `watchesChanges`. */
  keyChanged(db: Database, key: string, value: Value | undefined): void
  /** Called for the classes in `eventMask`. */
  event(eventClass: number, event: string, key: string, db: Database): void
  /** A change that is not the running command itself, as a command: the DEL of an expired key. */
  effect(db: Database, command: readonly string[]): void
  /** Every key of `db` is about to be removed or, with `other`, to change places with those of `other`. */
  contentsWillChange(db: Database, other?: Database): void
  /** That has happened. */
  contentsChanged(db: Database): void
}

export class Keyspace {
  readonly databases: Database[]
  readonly random: () => number

  /** Changes so far; a command that leaves it as it was has changed nothing. */
  dirty = 0
  hits = 0
  misses = 0
  expiredKeys = 0
  expiredFields = 0
  evictedKeys = 0

  /** Whether the listener wants `keyChanged`: somebody watches, is blocked or tracks. */
  watchesChanges = false
  /** Classes of events that the listener wants. */
  eventMask = 0
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
