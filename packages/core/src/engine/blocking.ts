/**
 * Clients that wait for keys. A client is registered under each of its keys in the order of blocking; when a
 * key becomes ready its waiters' commands are run again in that order, after the whole command or transaction
 * that made it ready. A command that still cannot be served keeps its place.
 */

import type { Host } from '../base/host.js'
import type { Block } from '../commands/block.js'
import type { Command } from '../commands/command.js'
import type { Database } from '../keyspace/database.js'
import { typeOf, type Value } from '../keyspace/value.js'
import type { Reply } from '../protocol/reply.js'
import { Deadline } from './deadline.js'
import type { ClientSession } from './session.js'

export interface BlockedCommand {
  readonly session: ClientSession
  readonly command: Command
  readonly args: readonly string[]
  readonly block: Block
  readonly db: Database
  /** Ends the wait; undefined if it has no end. */
  deadline: Deadline | undefined
}

export interface Served {
  readonly reply: Reply
  /** Whether the command has changed anything. */
  readonly wrote: boolean
}

/** Runs the command of a blocked client again; undefined if it has to go on waiting. */
export type Retry = (blocked: BlockedCommand) => Served | undefined

type Waiters = Map<string, Set<BlockedCommand>>

export class Blocking {
  /** Clients that are blocked now. */
  count = 0
  readonly #waiting = new Map<Database, Waiters>()
  #ready = new Map<Database, Set<string>>()
  #readyCount = 0
  #serving = false

  constructor(
    private readonly host: Host,
    private readonly retry: Retry,
    /** Called with a client that waits no more, after its reply. */
    private readonly released: (session: ClientSession) => void,
  ) {}

  get hasReady(): boolean {
    return this.#readyCount > 0
  }

  /** Keys that somebody waits for, for INFO. */
  get blockingKeys(): number {
    let keys = 0
    for (const waiters of this.#waiting.values()) keys += waiters.size
    return keys
  }

  /** Those of them where somebody waits for the key to go. */
  get keysBlockedOnLoss(): number {
    let keys = 0
    for (const waiters of this.#waiting.values()) {
      for (const queue of waiters.values()) if ([...queue].some(({ block }) => block.wakeOnLoss)) keys++
    }
    return keys
  }

  add(session: ClientSession, command: Command, args: readonly string[], block: Block): void {
    const blocked: BlockedCommand = {
      session,
      command,
      args: block.retryAs ?? args,
      block,
      db: session.db,
      deadline: undefined,
    }
    session.blocked = blocked
    this.count++
    let waiters = this.#waiting.get(blocked.db)
    if (waiters === undefined) {
      waiters = new Map()
      this.#waiting.set(blocked.db, waiters)
    }
    for (const key of block.keys) {
      const queue = waiters.get(key)
      if (queue === undefined) waiters.set(key, new Set([blocked]))
      else queue.add(blocked)
    }
    const { deadlineMs, onTimeout } = block
    if (deadlineMs !== 0)
      blocked.deadline = new Deadline(this.host, deadlineMs, () => this.release(blocked, onTimeout))
  }

  /** A key was changed: notes it if somebody waits for what it holds now. */
  keyChanged(db: Database, key: string, value: Value | undefined): void {
    const queue = this.#waiting.get(db)?.get(key)
    if (queue === undefined) return
    for (const { block } of queue) {
      const matches = value !== undefined && typeOf(value) === block.type
      if (matches || block.wakeOnLoss) return this.#markReady(db, key)
    }
  }

  /**
   * All contents of `db` are new or gone (SWAPDB, FLUSHDB): every key in it may be ready. What has expired is
   * left for later: its DEL must not come before the effect of the command that runs.
   */
  databaseChanged(db: Database): void {
    for (const key of this.#waiting.get(db)?.keys() ?? []) this.keyChanged(db, key, db.dict.get(key))
  }

  /** Serves whom the ready keys allow, until nothing more becomes ready. */
  serve(): void {
    if (this.#serving) return
    this.#serving = true
    try {
      while (this.#readyCount > 0) {
        const batch = this.#ready
        this.#ready = new Map()
        this.#readyCount = 0
        for (const [db, keys] of batch) for (const key of keys) this.#serveKey(db, key)
      }
    } finally {
      this.#serving = false
    }
  }

  #serveKey(db: Database, key: string): void {
    const queue = this.#waiting.get(db)?.get(key)
    if (queue === undefined) return
    let value = db.peek(key)
    // Nobody joins the queue while it is gone through; who is served leaves it.
    for (const blocked of queue) {
      const { type, wakeOnLoss } = blocked.block
      if (!wakeOnLoss && (value === undefined || typeOf(value) !== type)) continue
      const served = this.retry(blocked)
      if (served !== undefined) this.release(blocked, served.reply, served.wrote)
      value = db.peek(key)
    }
  }

  /** Ends the wait with a reply. */
  release(blocked: BlockedCommand, reply: Reply, wrote = false): void {
    this.#remove(blocked)
    blocked.session.deliver(reply, wrote)
    this.released(blocked.session)
  }

  /** The client has gone: it is forgotten without a reply. */
  forget(session: ClientSession): void {
    if (session.blocked !== undefined) this.#remove(session.blocked)
  }

  #markReady(db: Database, key: string): void {
    let keys = this.#ready.get(db)
    if (keys === undefined) {
      keys = new Set()
      this.#ready.set(db, keys)
    }
    if (keys.has(key)) return
    keys.add(key)
    this.#readyCount++
  }

  #remove(blocked: BlockedCommand): void {
    blocked.deadline?.cancel()
    blocked.session.blocked = undefined
    this.count--
    const waiters = this.#waiting.get(blocked.db)
    if (waiters === undefined) return
    for (const key of blocked.block.keys) {
      const queue = waiters.get(key)
      queue?.delete(blocked)
      if (queue?.size === 0) waiters.delete(key)
    }
    if (waiters.size === 0) this.#waiting.delete(blocked.db)
  }
}
