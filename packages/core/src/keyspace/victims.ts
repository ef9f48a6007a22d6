/**
 * Which key is evicted next, by the policy of `maxmemory-policy`. Going through all keys for the best one would
 * cost too much, so some are looked at by chance in each database, and the best seen so far are remembered:
 * with every look the pool gets better, and what is evicted comes close to what would be exactly right.
 *
 * One eviction costs `samples` looks for each database that has keys, whatever their number is.
 */

import type { Database } from './database.js'
import type { Keyspace } from './keyspace.js'

/** Candidates that are remembered. */
const POOL_SIZE = 16
const MAX_COUNT = 255

/** Scores an entry: the higher, the sooner it goes. */
type Rating = (db: Database, slot: number) => number

const RATINGS: { readonly [order: string]: Rating } = {
  lru: ({ dict, keyspace }, slot) => keyspace.idleSecondsOf(dict.accessAt(slot)),
  lfu: ({ dict, keyspace: { frequency } }, slot) =>
    frequency === undefined ? 0 : MAX_COUNT - frequency.countOf(dict.accessAt(slot)),
  ttl: ({ dict }, slot) => -dict.expiryAt(slot),
}

export class Victims {
  /** Whether only keys that expire are evicted. */
  readonly #isVolatile: boolean
  /** Undefined: any key will do. */
  readonly #rate: Rating | undefined

  /**
   * The candidates, the best last: where each is, and its score when it was looked at. Whatever is in that place
   * when its turn comes goes, if it scores as high.
   */
  readonly #scores = new Float64Array(POOL_SIZE)
  readonly #slots = new Int32Array(POOL_SIZE)
  readonly #databases = new Array<Database | undefined>(POOL_SIZE).fill(undefined)
  #count = 0
  /** Where the turn of the databases goes on. */
  #nextDb = 0

  /**
   * @param policy `allkeys` or `volatile`, and `lru`, `lfu`, `random` or `ttl`, as in `allkeys-lru`
   * @param samples keys looked at in each database for one eviction
   */
  constructor(
    private readonly keyspace: Keyspace,
    policy: string,
    private readonly samples: number,
  ) {
    const [which, order] = policy.split('-') as [string, string]
    this.#isVolatile = which === 'volatile'
    this.#rate = RATINGS[order]
  }

  /** Evicts one key; says whether there was one that may be. */
  evictOne(): boolean {
    return this.#rate === undefined ? this.#evictAny() : this.#evictBest(this.#rate)
  }

  /** A key of each database in turn. */
  #evictAny(): boolean {
    const { databases } = this.keyspace
    for (let tries = 0; tries < databases.length; tries++) {
      const db = databases[this.#nextDb] as Database
      this.#nextDb = (this.#nextDb + 1) % databases.length
      const slot = this.#randomSlot(db)
      if (slot < 0) continue
      db.evictAt(slot)
      return true
    }
    return false
  }

  #evictBest(rate: Rating): boolean {
    const { databases } = this.keyspace
    for (;;) {
      let found = false
      for (const db of databases) if (db.size > 0 && this.#look(db, rate)) found = true
      if (!found) return false
      while (this.#count > 0) {
        const best = --this.#count
        const db = this.#databases[best] as Database
        const slot = this.#slots[best] as number
        // It may have gone meanwhile, or have been used.
        if (!db.dict.isTaken(slot) || (this.#isVolatile && db.dict.expiryAt(slot) === 0)) continue
        if (rate(db, slot) < (this.#scores[best] as number)) continue
        db.evictAt(slot)
        return true
      }
    }
  }

  /** Looks at some keys of `db`; says whether there are any. */
  #look(db: Database, rate: Rating): boolean {
    for (let left = this.samples; left > 0; left--) {
      const slot = this.#randomSlot(db)
      if (slot < 0) return false
      const score = rate(db, slot)
      if (this.#count === POOL_SIZE && score <= (this.#scores[0] as number)) continue
      this.#remember(db, slot, score)
    }
    return true
  }

  #remember(db: Database, slot: number, score: number): void {
    // In a full pool the worst one makes room, and those up to the place move down; else those behind it move up.
    const isFull = this.#count === POOL_SIZE
    let at: number
    if (isFull) {
      for (at = 0; at + 1 < POOL_SIZE && (this.#scores[at + 1] as number) <= score; at++)
        this.#move(at + 1, at)
    } else {
      for (at = this.#count++; at > 0 && (this.#scores[at - 1] as number) > score; at--)
        this.#move(at - 1, at)
    }
    this.#scores[at] = score
    this.#slots[at] = slot
    this.#databases[at] = db
  }

  #move(from: number, to: number): void {
    this.#scores[to] = this.#scores[from] as number
    this.#slots[to] = this.#slots[from] as number
    this.#databases[to] = this.#databases[from]
  }

  /** A random slot with a key that may be evicted, or -1. */
  #randomSlot({ dict }: Database): number {
    const { random } = this.keyspace
    return this.#isVolatile ? dict.randomExpiringSlot(random) : dict.randomSlot(random)
  }
}
