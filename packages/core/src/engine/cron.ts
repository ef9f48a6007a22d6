/**
 * What happens without being asked for: `hz` times a second expired keys and fields are deleted in short
 * slices, the access clock moves on, and idle clients are disconnected.
 */

import type { TimerHandle } from '../base/host.js'
import type { Database } from '../keyspace/database.js'
import { sweepExpiredFields } from '../keyspace/field-expiry.js'
import type { Engine } from './engine.js'

/** The longest the expiry works in one go, so that no client waits for it noticeably. */
const SLICE_MS = 3
/** Slots looked at between two looks at the clock. */
const SLOTS_A_STEP = 2000
/** Fields deleted between two looks at the clock. */
const FIELDS_A_STEP = 200

export class Cron {
  #timer: TimerHandle | undefined
  #nextDb = 0
  readonly #sweepSlots = new Map<Database, number>()
  #lastSampleMs = 0

  constructor(private readonly engine: Engine) {}

  start(): void {
    this.#updateClock()
    this.#schedule(1000 / this.engine.settings.hz)
  }

  stop(): void {
    if (this.#timer !== undefined) this.engine.host.clearTimer(this.#timer)
    this.#timer = undefined
  }

  #schedule(delayMs: number): void {
    this.#timer = this.engine.host.setTimer(() => this.#tick(), delayMs)
  }

  #tick(): void {
    const { engine } = this
    const periodMs = 1000 / engine.settings.hz
    this.#updateClock()
    const startMs = engine.host.monotonic()
    const behind = engine.activeExpire && !engine.keyspace.keepsExpired && this.#expireSlice()
    const nowMs = engine.host.monotonic()
    engine.stats.expiryMs += nowMs - startMs
    this.#closeIdle()
    if (nowMs - this.#lastSampleMs >= 1000) {
      this.#lastSampleMs = nowMs
      engine.stats.sample(nowMs)
      engine.usedMemory.sample()
    }
    // With much to expire the slices follow closer, up to a quarter of the time.
    this.#schedule(behind ? Math.min(periodMs, 3 * SLICE_MS) : periodMs)
  }

  #updateClock(): void {
    const { keyspace } = this.engine
    keyspace.releaseClock()
    keyspace.accessClock = Math.floor(keyspace.now / 1000) & 0xff_ffff
    keyspace.newAccessClock = keyspace.accessClock
    this.engine.tickMs = this.engine.host.monotonic()
  }

  /** One slice of the rolling sweep over all databases. @returns whether time ran out with much found. */
  #expireSlice(): boolean {
    const { keyspace, host } = this.engine
    const startMs = host.monotonic()
    let found = 0
    let looked = 0
    for (let visited = 0; visited < keyspace.databases.length; visited++) {
      const db = keyspace.databases[this.#nextDb % keyspace.databases.length] as Database
      let keysLeft = db.dict.expiring > 0
      let fieldsLeft = db.hashesWithExpiringFields.size > 0
      while (keysLeft || fieldsLeft) {
        const step = keysLeft ? this.#sweep(db) : sweepExpiredFields(db, FIELDS_A_STEP)
        looked += keysLeft ? SLOTS_A_STEP : FIELDS_A_STEP
        found += step.found
        if (step.end && keysLeft) keysLeft = false
        else if (step.end) fieldsLeft = false
        if (host.monotonic() - startMs > SLICE_MS) {
          this.engine.endUnit()
          this.engine.stats.expirySlicesCutShort++
          return found * 20 > looked
        }
      }
      this.#nextDb++
    }
    this.engine.endUnit()
    return false
  }

  /** Looks at the next slots of `db` and says whether its end was reached. */
  #sweep(db: Database): { found: number; end: boolean } {
    const { keyspace } = this.engine
    const { dict } = db
    let slot = this.#sweepSlots.get(db) ?? 0
    const stop = slot + SLOTS_A_STEP
    let found = 0
    while (slot < stop) {
      const expired = dict.nextExpired(slot, keyspace.now, stop - slot)
      if (expired < 0) {
        slot = dict.sweepEnd
        break
      }
      // Compaction may put another entry into this slot: look at it again.
      db.expire(dict.keyAt(expired) as string)
      slot = expired
      found++
      if (found >= SLOTS_A_STEP) break
    }
    const end = slot >= dict.slotCount
    this.#sweepSlots.set(db, end ? 0 : slot)
    return { found, end }
  }

  #closeIdle(): void {
    const limitMs = this.engine.settings.timeout * 1000
    if (limitMs === 0) return
    const nowMs = this.engine.host.monotonic()
    for (const session of this.engine.sessions) {
      if (nowMs - session.lastActiveMs > limitMs && !session.waiting) {
        this.engine.host.log('verbose', 'Closing idle client')
        this.engine.sessions.kill(session)
      }
    }
  }
}
