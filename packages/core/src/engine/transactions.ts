/**
 * MULTI, EXEC and WATCH. Commands are collected in the session and run as one unit: one time, one group of
 * effects, blocked clients served only after it. WATCH registers the session under each key; a change of a
 * key breaks every watch on it.
 */

import { fail } from '../base/errors.js'
import type { Command } from '../commands/command.js'
import type { Transactions } from '../commands/context.js'
import type { Database } from '../keyspace/database.js'
import type { RespVersion } from '../protocol/encoder.js'
import { NIL_ARRAY, NO_REPLY, type Reply, Transcript, type TranscriptPart } from '../protocol/reply.js'
import { argumentBytes } from '../protocol/resp-parser.js'
import { type ClientSession, pushesIn, type QueuedCommand } from './session.js'

/** Commands that act at once although a transaction is being collected. */
const IMMEDIATE = new Set(['multi', 'exec', 'discard', 'watch', 'quit', 'reset'])

export function isQueued(commandName: string): boolean {
  return !IMMEDIATE.has(commandName)
}

export class TransactionManager implements Transactions {
  readonly #watchers = new Map<Database, Map<string, Set<ClientSession>>>()
  /** Sessions that watch keys. */
  watchingCount = 0
  /** Keys watched, each counted once a database. */
  get watchedKeys(): number {
    let keys = 0
    for (const watchers of this.#watchers.values()) keys += watchers.size
    return keys
  }

  constructor(
    private readonly runQueued: (session: ClientSession, queued: QueuedCommand) => Reply,
    private readonly watchingChanged: () => void,
  ) {}

  begin(session: ClientSession): void {
    if (session.queue !== undefined) fail('ERR MULTI calls can not be nested')
    session.queue = []
    session.queueFailed = false
  }

  execute(session: ClientSession): Reply {
    const { queue } = session
    if (queue === undefined) fail('ERR EXEC without MULTI')
    // A watched key whose time has come is deleted by the look, and that breaks the watch.
    for (const { db, key } of session.watched) db.has(key)
    const broken = session.watchBroken
    const failed = session.queueFailed
    this.discard(session)
    if (failed) fail('EXECABORT Transaction discarded because of previous errors.')
    if (broken) return NIL_ARRAY
    session.inExec = true
    const replies = this.#runAll(session, queue)
    session.inExec = false
    return replies
  }

  #runAll(session: ClientSession, queue: readonly QueuedCommand[]): Reply {
    const { resp, isSilent } = session
    const replies: Reply[] = []
    let parts: TranscriptPart[] | undefined
    for (const queued of queue) {
      const reply = this.runQueued(session, queued)
      if (
        parts === undefined &&
        (reply === NO_REPLY || session.resp !== resp || session.isSilent !== isSilent)
      )
        parts = replies.flatMap((earlier) => sentParts(earlier, resp, isSilent))
      replies.push(reply)
      parts?.push(...sentParts(reply, session.resp, session.isSilent))
    }
    return parts === undefined ? replies : new Transcript(isSilent ? undefined : queue.length, parts)
  }

  /** Collects a command; not if it is clear already that nothing will be run. */
  enqueue(session: ClientSession, command: Command, args: readonly string[]): void {
    if (session.watchBroken || session.queueFailed) return
    session.queue?.push({ command, args })
    session.queuedBytes += argumentBytes(args)
  }

  discard(session: ClientSession): void {
    if (session.queue === undefined) fail('ERR DISCARD without MULTI')
    this.abandon(session)
  }

  /** Ends the transaction, if there is one, and all watches. */
  abandon(session: ClientSession): void {
    session.queue = undefined
    session.queuedBytes = 0
    session.queueFailed = false
    this.unwatch(session)
  }

  watch(session: ClientSession, keys: readonly string[]): void {
    const { db } = session
    let watchers = this.#watchers.get(db)
    if (watchers === undefined) {
      watchers = new Map()
      this.#watchers.set(db, watchers)
    }
    if (session.watched.length === 0 && keys.length > 0) this.watchingCount++
    for (const key of keys) {
      db.has(key) // an expired key counts as absent from here on
      const sessions = watchers.get(key)
      if (sessions?.has(session)) continue
      if (sessions === undefined) watchers.set(key, new Set([session]))
      else sessions.add(session)
      session.watched.push({ db, key })
    }
    this.watchingChanged()
  }

  unwatch(session: ClientSession): void {
    session.watchBroken = false
    if (session.watched.length === 0) return
    for (const { db, key } of session.watched) {
      const watchers = this.#watchers.get(db)
      const sessions = watchers?.get(key)
      sessions?.delete(session)
      if (sessions?.size === 0) watchers?.delete(key)
      if (watchers?.size === 0) this.#watchers.delete(db)
    }
    session.watched = []
    this.watchingCount--
    this.watchingChanged()
  }

  keyChanged(db: Database, key: string): void {
    const sessions = this.#watchers.get(db)?.get(key)
    if (sessions !== undefined) for (const session of sessions) session.watchBroken = true
  }

  /** All keys of `db` go, or come from elsewhere: breaks the watches on keys that are there before or after. */
  databaseChanges(db: Database, other?: Database): void {
    const watchers = this.#watchers.get(db)
    if (watchers === undefined) return
    for (const [key, sessions] of watchers) {
      if (!db.has(key) && other?.has(key) !== true) continue
      for (const session of sessions) session.watchBroken = true
    }
  }
}

/** What is sent of a reply: nothing, or only pushes, while CLIENT REPLY keeps replies back. */
function sentParts(reply: Reply, resp: RespVersion, isSilent: boolean): TranscriptPart[] {
  const sent = isSilent ? pushesIn(reply) : reply
  return sent === undefined || sent === NO_REPLY ? [] : [{ reply: sent, resp }]
}
