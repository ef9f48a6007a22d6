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

export class ClientSession implements Session {
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
  watched: WatchedKey[] = []
  /** A watched key has changed. */
  watchBroken = false

  /** What the client is blocked in. */
  blocked: BlockedCommand | undefined
  /** A command that waits for the end of CLIENT PAUSE. */
  postponed: readonly string[] | undefined
  closing = false

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
    return this.blocked !== undefined || this.postponed !== undefined || this.closing
  }

  /** Sends the reply of a command, unless CLIENT REPLY keeps it back. */
  deliver(reply: Reply): void {
    const mode = this.#replyMode
    if (mode !== 'on') {
      if (mode === 'skip') this.#replyMode = 'skipping'
      else if (mode === 'skipping') this.#replyMode = 'on'
      if (!this.closing) this.sink.reply(NO_REPLY)
    } else this.sink.reply(reply)
    if (this.closing) this.sink.close()
  }

  push(items: readonly Reply[]): void {
    this.sink.reply(new PushReply(items))
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
