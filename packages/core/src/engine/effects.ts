/**
 * What every write leaves the engine as: commands that give the same result whenever and wherever they run.
 * The effects of one unit (a command, a transaction, a client that was served) leave together, and are to be
 * applied together or not at all. The journal and replicas will read this one stream.
 */

import type { Database } from '../keyspace/database.js'

export interface Effect {
  /** Number of the database that the command runs in. */
  readonly db: number
  readonly command: readonly string[]
}

/** Receives the effects of one unit, never empty. */
export type EffectListener = (effects: readonly Effect[]) => void

export class EffectStream {
  readonly #listeners = new Set<EffectListener>()
  #unit: Effect[] = []

  /** Whether anybody listens: without listeners nothing need be collected. */
  get active(): boolean {
    return this.#listeners.size > 0
  }

  /** @returns a function that ends the listening. */
  listen(listener: EffectListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  add(db: Database, command: readonly string[]): void {
    if (this.#listeners.size > 0) this.#unit.push({ db: db.index, command })
  }

  /** Ends the unit. @returns whether there were effects in it */
  flush(): boolean {
    if (this.#unit.length === 0) return false
    const unit = this.#unit
    this.#unit = []
    for (const listener of this.#listeners) listener(unit)
    return true
  }
}
