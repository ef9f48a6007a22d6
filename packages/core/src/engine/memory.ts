/** Memory in use, for INFO and MEMORY: what the platform reports, and what the engine knows of it. */

import type { Host } from '../base/host.js'
import type { MemoryReport } from '../commands/context.js'
import type { Database } from '../keyspace/database.js'
import { clientBytes } from './client-list.js'
import type { ClientSession } from './session.js'

export class Memory {
  readonly #startupBytes: number
  #peakBytes: number

  constructor(private readonly host: Host) {
    this.#startupBytes = this.#used()
    this.#peakBytes = this.#startupBytes
  }

  #used(): number {
    return this.host.process?.memory().heap ?? 0
  }

  /** Notes a new peak; called now and then. */
  sample(): void {
    this.#peakBytes = Math.max(this.#peakBytes, this.#used())
  }

  resetPeak(): void {
    this.#peakBytes = this.#used()
  }

  /** O(databases + clients). */
  report(databases: readonly Database[], sessions: Iterable<ClientSession>): MemoryReport {
    const { rss = 0, heap = 0 } = this.host.process?.memory() ?? {}
    this.#peakBytes = Math.max(this.#peakBytes, heap)
    let clients = 0
    let clientsBytes = 0
    for (const session of sessions) {
      clients++
      clientsBytes += clientBytes(session)
    }
    const filled = databases.filter(({ size }) => size > 0)
    const sizes = filled.map(({ index, dict }) => ({ index, dictBytes: dict.overheadBytes }))
    const dictsBytes = sizes.reduce((sum, { dictBytes }) => sum + dictBytes, 0)
    const overheadBytes = this.#startupBytes + clientsBytes + dictsBytes
    return {
      usedBytes: heap,
      rssBytes: rss,
      peakBytes: this.#peakBytes,
      startupBytes: this.#startupBytes,
      overheadBytes,
      datasetBytes: Math.max(0, heap - overheadBytes),
      clientsBytes,
      dictsBytes,
      databases: sizes,
      keys: filled.reduce((sum, { size }) => sum + size, 0),
      clients,
    }
  }
}
