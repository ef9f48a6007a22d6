/**
 * A client as the engine sees it, however it is connected: the selected database, protocol version, open
 * transaction, and where its replies go. One session runs one command at a time, in order.
 */

import type { Host } from '../base/host.js'
import type { Command } from '../commands/command.js'
import type { Session } from '../commands/context.js'
import type { Database } from '../keyspace/database.js'
import type { RespVersion } from '../protocol/encoder.js'
import { NO_REPLY, Pushes, PushReply, type Reply, Transcript } from '../protocol/reply.js'
import type { User } from './acl/user.js'
import type { BlockedCommand } from './blocking.js'
import { describeClient } from './client-list.js'
import { type CommitGate, type GatedSession, MAX_HELD_REPLIES } from './commit-gate.js'
import type { Subscriptions } from './pubsub.js'

/** Bytes of a push beside its strings: its frame in RESP, and the objects. */
const PUSH_BYTES = 100

/** The connection's side of a session. */
export interface SessionSink {
  /** The reply to the oldest command that has none yet. */
  reply(reply: Reply): void
  /** Something that no command asked for. */
  push(push: PushReply): void
  /** The bytes of pushes that the session keeps back (`waitingPushBytes`) have become more. */
  pushWaits?(): void
  /** Whether the client can tell pushes from replies in RESP2 too. */
  readonly separatesPushes?: boolean
  /** Sends what is pending, then disconnects. No reply follows. */
  close(): void
  /** Disconnects at once; what is pending is dropped. Left out where nothing can be pending. */
  abort?(): void
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
  /** Whether it gets the lines of MONITOR; it must not touch the data then. */
  isMonitor = false

  /** A command that waits for the end of CLIENT PAUSE. */
  postponed: readonly string[] | undefined
  closing = false
  heldReplies = 0
  /** What the client is subscribed to; undefined while that is nothing. */
  subscriptions: Subscriptions | undefined
  /** Bytes of pushes that wait for the reply of the running command, or for the journal; estimated. */
  waitingPushBytes = 0

  /** What of its memory is in the sum of all clients: for the registry only. */
  countedBytes = 0

  lastCommand: Command | undefined
  /** Monotonic time in ms of the last command. */
  lastActiveMs: number

  #replyMode: 'on' | 'off' | 'skip' | 'skipping' = 'on'
  #isRunning = false
  /** Pushes that the running command has brought about. */
  #latePushes: PushReply[] | undefined

  constructor(
    readonly id: number,
    readonly sink: SessionSink,
    readonly info: ConnectionInfo,
    public db: Database,
    /** Whose rights it has: the default user's if it has not signed in. */
    public user: User,
    /** Whether it has signed in, or need not have when it came. */
    public authenticated: boolean,
    readonly host: Host,
    private readonly gate: CommitGate,
    private readonly onReset: (session: ClientSession) => void,
  ) {
    this.createdMs = Math.floor(host.now())
    this.lastActiveMs = host.monotonic()
  }

  /** Whether none of its commands need be held against rules. */
  get mayDoAll(): boolean {
    return this.authenticated && this.user.unrestricted
  }

  get inTransaction(): boolean {
    return this.queue !== undefined
  }

  get isSubscriber(): boolean {
    return this.subscriptions !== undefined
  }

  get inSubscriberMode(): boolean {
    return this.subscriptions !== undefined && this.resp === 2 && this.sink.separatesPushes !== true
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
    else if (reply instanceof Transcript) {
      if (mode === 'skip') this.#replyMode = 'skipping'
      this.#pass(reply, wrote)
    } else {
      if (mode === 'skip') this.#replyMode = 'skipping'
      else if (mode === 'skipping') this.#replyMode = 'on'
      if (!this.closing) this.#pass(pushesIn(reply) ?? NO_REPLY, false)
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
    if (reply instanceof PushReply) {
      this.waitingPushBytes -= estimatedBytes(reply)
      this.sink.push(reply)
    } else this.sink.reply(reply)
    this.resp = current
    if (this.closing && this.heldReplies === 0) this.sink.close()
  }

  goOn(): void {
    if (!this.waiting) this.sink.resume()
  }

  /** A command of this client begins to run, for the first time or again. */
  commandBegins(): void {
    this.#isRunning = true
  }

  /** It is over, and its reply delivered if there is one already. What it pushed to its own client comes now. */
  commandEnds(): void {
    this.#isRunning = false
    const pushes = this.#latePushes
    if (pushes === undefined) return
    this.#latePushes = undefined
    for (const push of pushes) {
      this.waitingPushBytes -= estimatedBytes(push)
      this.send(push)
    }
  }

  push(items: readonly Reply[]): void {
    this.send(new PushReply(items))
  }

  /** `push` for a push that is there already, such as one that goes to many. */
  send(push: PushReply): void {
    if (this.closing) return
    if (this.#isRunning) {
      this.#latePushes ??= []
      this.#latePushes.push(push)
    } else if (this.gate.closed) this.gate.hold(this, push, false)
    else {
      this.sink.push(push)
      return
    }
    this.waitingPushBytes += estimatedBytes(push)
    this.sink.pushWaits?.()
  }

  /** Whether CLIENT REPLY keeps the reply of the running command back. */
  get isSilent(): boolean {
    return this.#replyMode === 'off' || this.#replyMode === 'skipping'
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

/** What goes out although CLIENT REPLY keeps replies back: the reply itself, or parts of the reply of EXEC. */
export function pushesIn(reply: Reply): Pushes | undefined {
  if (reply instanceof Pushes) return reply
  if (!Array.isArray(reply)) return undefined
  const pushes = reply.flatMap((part: Reply) => (part instanceof Pushes ? part.pushes : []))
  return pushes.length === 0 ? undefined : new Pushes(pushes)
}

/** Bytes that a push takes, about. */
function estimatedBytes({ items }: PushReply): number {
  let bytes = PUSH_BYTES
  for (const item of items) if (typeof item === 'string') bytes += item.length
  return bytes
}
