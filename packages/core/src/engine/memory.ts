/**
 * Memory in use, seen from two sides. The engine counts what it holds: the data, by the sizes of
 * base/heap-size.ts, and the buffers of clients. `maxmemory` and INFO's `used_memory` go by that, so they
 * are the same wherever the same commands run. What the platform reports, the heap and the process, is told
 * beside it.
 */

import type { Host } from '../base/host.js'
import type { MemoryReport } from '../commands/context.js'
import type { Keyspace } from '../keyspace/keyspace.js'
import type { SessionRegistry } from './session-registry.js'

/** An engine that holds nothing, with its tables of commands and settings; measured, on Node 20. Code is not counted. */
const STARTUP_BYTES = 512 * 1024

export class Memory {
  #peakBytes = STARTUP_BYTES

  constructor(
    private readonly host: Host,
    private readonly keyspace: Keyspace,
    private readonly sessions: SessionRegistry,
  ) {}

  /** O(1) */
  get usedBytes(): number {
    return STARTUP_BYTES + this.keyspace.dataBytes + this.sessions.bytes
  }

  /** Notes a new peak; called now and then. */
  sample(): void {
    this.#peakBytes = Math.max(this.#peakBytes, this.usedBytes)
  }

  resetPeak(): void {
    this.#peakBytes = this.usedBytes
  }

  /** O(databases + clients). */
  report(): MemoryReport {
    this.sessions.weighAll()
    this.sample()
    const { rss = 0, heap = 0 } = this.host.process?.memory() ?? {}
    const { usedBytes } = this
    const clientsBytes = this.sessions.bytes
    const filled = this.keyspace.databases.filter(({ size }) => size > 0)
    const databases = filled.map(({ index, columnBytes }) => ({ index, dictBytes: columnBytes }))
    const dictsBytes = this.keyspace.databases.reduce((sum, { columnBytes }) => sum + columnBytes, 0)
    const overheadBytes = STARTUP_BYTES + clientsBytes + dictsBytes
    return {
      usedBytes,
      heapBytes: heap,
      rssBytes: rss,
      peakBytes: this.#peakBytes,
      startupBytes: STARTUP_BYTES,
      overheadBytes,
      datasetBytes: usedBytes - overheadBytes,
      clientsBytes,
      dictsBytes,
      databases,
      keys: filled.reduce((sum, { size }) => sum + size, 0),
      clients: this.sessions.count,
    }
  }
}
