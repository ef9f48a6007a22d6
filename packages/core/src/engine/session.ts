/**
 * A client as the engine sees it, however it is connected: the selected database, protocol version, open
 * transaction, and where its replies go. One session runs one command at a time, in order.
 */

import type { Host } from '../base/host.js'
import type { Command } from '../commands/command.js'
import type { Session } from '../commands/context.js'
import type { Database } from '../keyspace/database.js'
import type { RespVersion } from '../protocol/encoder.js'
import { NO_REPLY, PushReply, type Reply } from '../protocol/reply.js'
import type { BlockedCommand } from './blocking.js'
import { describeClient } from './client-list.js'
import { type CommitGate, type GatedSession, MAX_HELD_REPLIES } from './commit-gate.js'

/** The connection's side of a session. */
export interface SessionSink {
  /** The reply to the oldest command that has none yet; a `PushReply` comes out of turn. */
  reply(reply: Reply): void
  /** Sends what is pending, then disconnects. No reply follows. */
  close(): void
  /** The session no longer waits: commands that came in the meantime can be run. */
  resume(): void
  /** Buffer sizes for CLIENT LIST. */
  buffers(): BufferFacts
}

export interface BufferFacts {
  /** Bytes received and not yet run. */
  queryBytes: number
  queryFreeBytes: number
  /** Bytes of the arguments of an unfinished command. */
  argumentBytes: number
  /** Bytes of replies waiting to be sent, and in how many pieces. */
  outputBytes: number
  outputPieces: number
}

export interface ConnectionInfo {
  readonly kind: 'tcp' | 'tls' | 'unix' | 'memory'
  /** `host:port`, or the path of a unix socket. */
  readonly address: string
  readonly localAddress: string
  /** File descriptor, or any number that tells connections apart; -1 if there is none. */
  readonly descriptor: number
}

export interface QueuedCommand {
  readonly command: Command
  readonly args: readonly string[]
}

export interface WatchedKey {
  readonly db: Database
  readonly key: string
}

export class ClientSession implements Session, GatedSession {
  readonly createdMs: number
  name = ''
  libName = ''
  libVersion = ''
  user = 'default'
  resp: RespVersion = 2
  noEvict = false
  noTouch = false

  /** Commands collected since MULTI. */
  queue: QueuedCommand[] | undefined
  /** Bytes that the queue takes. */
  queuedBytes = 0
  /** A command was refused while collecting: EXEC will refuse too. */
  queueFailed = false
  inExec = false
  watched: WatchedKey[] = []
  /** A watched key has changed. */
  watchBroken = false

  /** What the client is blocked in. */
  blocked: BlockedCommand | undefined
  /** A command that waits for the end of CLIENT PAUSE. */
  postponed: readonly string[] | undefined
  closing = false
  heldReplies = 0

  lastCommand: Command | undefined
  /** Monotonic time in ms of the last command. */
  lastActiveMs: number

  #replyMode: 'on' | 'off' | 'skip' | 'skipping' = 'on'

  constructor(
    readonly id: number,
    readonly sink: SessionSink,
    readonly info: ConnectionInfo,
    public db: Database,
    public authenticated: boolean,
    readonly host: Host,
    private readonly gate: CommitGate,
    private readonly onReset: (session: ClientSession) => void,
  ) {
    this.createdMs = Math.floor(host.now())
    this.lastActiveMs = host.monotonic()
  }

  get inTransaction(): boolean {
    return this.queue !== undefined
  }

  get address(): string {
    return this.info.address
  }

  get localAddress(): string {
    return this.info.localAddress
  }

  get isLocal(): boolean {
    const { kind, address } = this.info
    return (
      kind === 'unix' || kind === 'memory' || address.startsWith('127.0.0.1:') || address.startsWith('[::1]:')
    )
  }

  /** Whether input has to wait: nothing may overtake the command that is blocked or postponed. */
  get waiting(): boolean {
    return (
      this.blocked !== undefined ||
      this.postponed !== undefined ||
      this.closing ||
      this.heldReplies >= MAX_HELD_REPLIES
    )
  }

  /**
   * The reply of a command, unless CLIENT REPLY keeps it back. It leaves when the journal has what it
   * acknowledges.
   * @param wrote whether the command has changed anything
   */
  deliver(reply: Reply, wrote = false): void {
    const mode = this.#replyMode
    if (mode === 'on') this.#pass(reply, wrote)
    else {
      if (mode === 'skip') this.#replyMode = 'skipping'
      else if (mode === 'skipping') this.#replyMode = 'on'
      if (!this.closing) this.#pass(NO_REPLY, false)
    }
    if (this.closing && this.heldReplies === 0) this.sink.close()
  }

  #pass(reply: Reply, wrote: boolean): void {
    if (this.gate.closed) this.gate.hold(this, reply, wrote)
    else this.sink.reply(reply)
  }

  sendHeld(reply: Reply, resp: RespVersion): void {
    const current = this.resp
    this.resp = resp
    this.sink.reply(reply)
    this.resp = current
    if (this.closing && this.heldReplies === 0) this.sink.close()
  }

  goOn(): void {
    if (!this.waiting) this.sink.resume()
  }

  push(items: readonly Reply[]): void {
    this.#pass(new PushReply(items), false)
  }

  closeAfterReply(): void {
    this.closing = true
  }

  setReplyMode(mode: 'on' | 'off' | 'skip'): void {
    if (mode === 'skip' && this.#replyMode === 'off') return
    this.#replyMode = mode
  }

  reset(): void {
    this.name = ''
    this.resp = 2
    this.noEvict = false
    this.noTouch = false
    this.#replyMode = 'on'
    this.onReset(this)
  }

  describe(): string {
    return describeClient(this)
  }
}
