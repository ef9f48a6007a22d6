/** Data that is to take the place of an engine's own as a whole: it is put together aside, where nobody sees it. */

import type { Engine } from '../engine/engine.js'
import { Database } from '../keyspace/database.js'

export class StagedData {
  readonly databases: readonly Database[]
  functions: readonly string[] = []

  /** Empty at first. */
  constructor(private readonly engine: Engine) {
    const { keyspace } = engine
    this.databases = keyspace.databases.map(({ index }) => new Database(keyspace, index, true))
  }

  /** Exchanges it with the engine's; a second time undoes that. Cost: O(databases), and the keys that are watched. */
  exchange(): void {
    const { engine } = this
    const { functions } = engine
    engine.functions = this.functions
    this.functions = functions
    for (const [index, db] of engine.keyspace.databases.entries())
      db.swapWith(this.databases[index] as Database)
  }
}
