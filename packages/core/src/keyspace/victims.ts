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

  /** The candidates, the best last; the three columns belong together. */
  readonly #scores: number[] = []
  readonly #keys: string[] = []
  readonly #databases: Database[] = []
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
      db.evict(db.dict.keyAt(slot) as string)
      return true
    }
    return false
  }

  #evictBest(rate: Rating): boolean {
    const { databases } = this.keyspace
    for (;;) {
      let found = false
      for (const db of databases) if (this.#look(db, rate)) found = true
      if (!found) return false
      for (let score = this.#scores.pop(); score !== undefined; score = this.#scores.pop()) {
        const key = this.#keys.pop() as string
        const db = this.#databases.pop() as Database
        const slot = db.dict.find(key)
        // It may have gone meanwhile, have come anew, or have been used.
        if (slot < 0 || (this.#isVolatile && db.dict.expiryAt(slot) === 0) || rate(db, slot) < score) continue
        db.evict(key)
        return true
      }
    }
  }

  /** Looks at some keys of `db`; says whether there are any. */
  #look(db: Database, rate: Rating): boolean {
    const scores = this.#scores
    for (let left = this.samples; left > 0; left--) {
      const slot = this.#randomSlot(db)
      if (slot < 0) return false
      const score = rate(db, slot)
      const isFull = scores.length === POOL_SIZE
      if (isFull && score <= (scores[0] as number)) continue
      this.#remember(db, db.dict.keyAt(slot) as string, score, isFull)
    }
    return true
  }

  #remember(db: Database, key: string, score: number, isFull: boolean): void {
    const scores = this.#scores
    const keys = this.#keys
    const databases = this.#databases
    let at = scores.length
    while (at > 0 && (scores[at - 1] as number) > score) at--
    if (!isFull) {
      scores.splice(at, 0, score)
      keys.splice(at, 0, key)
      databases.splice(at, 0, db)
      return
    }
    // The worst one makes room.
    at--
    for (let i = 0; i < at; i++) {
      scores[i] = scores[i + 1] as number
      keys[i] = keys[i + 1] as string
      databases[i] = databases[i + 1] as Database
    }
    scores[at] = score
    keys[at] = key
    databases[at] = db
  }

  /** A random slot with a key that may be evicted, or -1. */
  #randomSlot({ dict }: Database): number {
    const { random } = this.keyspace
    return this.#isVolatile ? dict.randomExpiringSlot(random) : dict.randomSlot(random)
  }
}
