/**
 * What was refused to whom, for ACL LOG: the latest refusals, each with how often it has happened, so that a client
 * that tries again and again fills one entry and not the log.
 */

import type { AccessLog as AccessLogFacts, LogEntry } from '../../commands/access-control.js'

/** A refusal that has happened within this time before counts as the same. */
const SAME_WITHIN_MS = 60_000
/** How many entries, the latest, are looked at for that. */
const LOOKED_AT = 10

export type Refusal = Pick<LogEntry, 'reason' | 'context' | 'object' | 'username' | 'clientInfo'>

export class AccessLog implements AccessLogFacts {
  /** The latest last. */
  readonly #entries: LogEntry[] = []
  #nextId = 0

  /** @param maxLength how many entries are kept */
  add(refusal: Refusal, nowMs: number, maxLength: number): void {
    const entries = this.#entries
    const at = this.#findSame(refusal, nowMs)
    if (at >= 0) {
      const [known] = entries.splice(at, 1) as [LogEntry]
      const { clientInfo } = refusal
      entries.push({ ...known, count: known.count + 1, clientInfo, updatedMs: nowMs })
    } else if (maxLength > 0) {
      entries.push({ ...refusal, count: 1, id: this.#nextId++, createdMs: nowMs, updatedMs: nowMs })
    }
    while (entries.length > maxLength) entries.shift()
  }

  #findSame({ reason, context, object, username }: Refusal, nowMs: number): number {
    const entries = this.#entries
    for (let at = entries.length - 1; at >= 0 && at >= entries.length - LOOKED_AT; at--) {
      const entry = entries[at] as LogEntry
      const isSame =
        entry.reason === reason &&
        entry.context === context &&
        entry.object === object &&
        entry.username === username &&
        Math.abs(nowMs - entry.updatedMs) <= SAME_WITHIN_MS
      if (isSame) return at
    }
    return -1
  }

  latest(count: number): LogEntry[] {
    const entries = this.#entries
    return entries.slice(Math.max(0, entries.length - count)).reverse()
  }

  clear(): void {
    this.#entries.length = 0
  }
}
