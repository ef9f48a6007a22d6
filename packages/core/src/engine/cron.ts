/**
 * What happens without being asked for: `hz` times a second expired keys and fields are deleted in short
 * slices, the access clock moves on, idle clients are disconnected, and the data is seen to.
 */

import type { TimerHandle } from '../base/host.js'
import type { Database } from '../keyspace/database.js'
import { sweepExpiredFields } from '../keyspace/field-expiry.js'
import { UseFrequency } from '../keyspace/use-frequency.js'
import type { Engine } from './engine.js'

/** The longest the expiry works in one go, so that no client waits for it noticeably. */
const SLICE_MS = 3
/** Slots looked at between two looks at the clock. */
const SLOTS_A_STEP = 2000
/** Keys, or fields, deleted between two looks at the clock. */
const DELETIONS_A_STEP = 200

export class Cron {
  #timer: TimerHandle | undefined
  #nextDb = 0
  readonly #sweepSlots = new Map<Database, number>()
  #lastSampleMs = 0

  constructor(private readonly engine: Engine) {}

  start(): void {
    this.#updateClock()
    this.#chooseFrequency()
    this.engine.config.onChange(['maxmemory-policy', 'lfu-log-factor', 'lfu-decay-time'], () => {
      this.#chooseFrequency()
      return undefined
    })
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
    if (engine.cronPaused) {
      this.#schedule(periodMs)
      return
    }
    this.#updateClock()
    const startMs = engine.host.monotonic()
    const behind = engine.activeExpire && !engine.keyspace.keepsExpired && this.#expireSlice()
    const nowMs = engine.host.monotonic()
    engine.stats.expiryMs += nowMs - startMs
    engine.timing.paused('expire-cycle', nowMs - startMs)
    this.#closeIdle()
    if (engine.limitsMemory) engine.sessions.weighAll()
    engine.persistence.tick(nowMs)
    if (nowMs - this.#lastSampleMs >= 1000) {
      this.#lastSampleMs = nowMs
      engine.stats.sample(nowMs, engine.timing)
      engine.usedMemory.sample()
    }
    // With much to expire the slices follow closer, up to a quarter of the time.
    this.#schedule(behind ? Math.min(periodMs, 3 * SLICE_MS) : periodMs)
  }

  #updateClock(): void {
    const { keyspace } = this.engine
    keyspace.releaseClock()
    keyspace.accessClock = Math.floor(keyspace.now / 1000) & 0xff_ffff
    if (keyspace.frequency !== undefined) keyspace.frequency.minutes = this.#minutes()
    this.engine.tickMs = this.engine.host.monotonic()
  }

  /** Has the uses of keys counted if the policy of eviction goes by them. */
  #chooseFrequency(): void {
    const { keyspace, settings } = this.engine
    if (!settings.maxmemoryPolicy.endsWith('-lfu')) {
      keyspace.frequency = undefined
      return
    }
    const { lfuLogFactor, lfuDecayTime } = settings
    keyspace.frequency = new UseFrequency(keyspace.random, lfuLogFactor, lfuDecayTime)
    keyspace.frequency.minutes = this.#minutes()
  }

  #minutes(): number {
    return Math.floor(this.engine.keyspace.now / 60_000) & 0xffff
  }

  /**
   * One slice of the rolling sweep. The databases take turns, and so do keys and fields in each of them: however
   * much there is to expire in one place, the others have their share.
   * @returns whether time ran out with much found
   */
  #expireSlice(): boolean {
    const { keyspace, host, stats } = this.engine
    const { databases } = keyspace
    const endMs = host.monotonic() + SLICE_MS
    let found = 0
    let looked = 0
    let inTime = true
    for (let visited = 0; visited < databases.length && inTime; visited++) {
      const db = databases[this.#nextDb] as Database
      this.#nextDb = (this.#nextDb + 1) % databases.length
      let keysLeft = db.dict.expiring > 0
      let fieldsLeft = db.hashesWithExpiringFields.size > 0
      while ((keysLeft || fieldsLeft) && inTime) {
        if (keysLeft) {
          const step = this.#sweep(db)
          found += step.found
          looked += SLOTS_A_STEP
          keysLeft = !step.end
        }
        if (fieldsLeft) {
          const step = sweepExpiredFields(db, DELETIONS_A_STEP)
          found += step.found
          looked += DELETIONS_A_STEP
          fieldsLeft = !step.end
        }
        inTime = host.monotonic() <= endMs
      }
    }
    this.engine.endUnit()
    if (inTime) return false
    stats.expirySlicesCutShort++
    return found * 20 > looked
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
      if (found >= DELETIONS_A_STEP) break
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
      // Who listens need not speak.
      if (session.waiting || session.isSubscriber || session.isMonitor) continue
      if (nowMs - session.lastActiveMs > limitMs) {
        this.engine.host.log('verbose', 'Closing idle client')
        this.engine.sessions.kill(session)
      }
    }
  }
}
