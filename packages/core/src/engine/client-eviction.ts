/**
 * `maxmemory-clients`: when the buffers of all clients together take more than this, those that take most are
 * disconnected, and what they have not been sent is dropped. CLIENT NO-EVICT spares a client, but what it takes
 * counts.
 */

import type { Engine } from './engine.js'

/** With less than this nobody could be served. */
const LEAST_BYTES = 128 * 1024

export class ClientEviction {
  /** Bytes that the clients may take; Infinity for no limit. */
  #limitBytes = Number.POSITIVE_INFINITY

  constructor(private readonly engine: Engine) {
    const update = () => {
      this.#limitBytes = limitBytes(engine.settings.maxmemory, engine.settings.maxmemoryClients)
      return undefined
    }
    update()
    engine.config.onChange(['maxmemory', 'maxmemory-clients'], update)
  }

  get isLimited(): boolean {
    return this.#limitBytes !== Number.POSITIVE_INFINITY
  }

  /** Disconnects clients until the rest is within the limit. */
  makeRoom(): void {
    const { engine } = this
    const { sessions } = engine
    if (sessions.bytes < this.#limitBytes) return
    // What was sent meanwhile is no longer there.
    sessions.weighAll()
    if (sessions.bytes < this.#limitBytes) return
    const evictable = [...sessions].filter((session) => !session.noEvict)
    evictable.sort((a, b) => b.countedBytes - a.countedBytes)
    for (const session of evictable) {
      if (sessions.bytes < this.#limitBytes) return
      engine.host.log('notice', `Evicting client: ${session.describe()}`)
      engine.stats.evictedClients++
      engine.abort(session)
    }
    if (sessions.bytes >= this.#limitBytes)
      engine.host.log(
        'warning',
        'The clients that may not be evicted take more than maxmemory-clients allows',
      )
  }
}

/** @param maxmemoryClients bytes, or below 0 a percentage of `maxmemory`, which is nothing if that is 0 */
function limitBytes(maxmemory: number, maxmemoryClients: number): number {
  const bytes = maxmemoryClients < 0 ? (maxmemory * -maxmemoryClients) / 100 : maxmemoryClients
  return bytes > 0 ? Math.max(LEAST_BYTES, bytes) : Number.POSITIVE_INFINITY
}
