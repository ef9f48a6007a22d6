/**
 * The road to an engine in the same process. Nothing is encoded: the engine runs a command within the call
 * that sends it, and its reply is the handler's plain value.
 */

import type { Engine } from '../engine/engine.js'
import type { BufferFacts, ClientSession, ConnectionInfo, SessionSink } from '../engine/session.js'
import type { PushReply, Reply } from '../protocol/reply.js'
import { Queue } from '../structures/queue.js'
import type { ByteCommand, OpenRoad, Road, RoadReceiver } from './road.js'

const IN_PROCESS: ConnectionInfo = {
  kind: 'memory',
  address: 'in-process:0',
  localAddress: 'in-process:0',
  descriptor: -1,
}

/** There is no buffer: commands and replies pass as they are. */
const NO_BUFFERS: BufferFacts = {
  queryBytes: 0,
  queryFreeBytes: 0,
  argumentBytes: 0,
  outputBytes: 0,
  outputPieces: 0,
}

/**
 * From this length on a JavaScript string may be a view into a longer one, or a tree of the parts it was put
 * together from; V8 is meant, and others do no worse.
 */
const LEAST_SHARED = 13

/** Length up to which one scratch buffer serves for all copies. */
const SCRATCH_BYTES = 4096

/**
 * Roads to `engine`.
 * @param closesEngine whether the engine ends with its last client: for an engine that nobody else knows
 */
export function engineRoads(engine: Engine, closesEngine = false): OpenRoad {
  const scratch = new Uint8Array(SCRATCH_BYTES)
  return (receiver) => new EngineRoad(engine, receiver, scratch, closesEngine)
}

class EngineRoad implements Road, SessionSink {
  readonly #engine: Engine
  readonly #session: ClientSession
  readonly #receiver: RoadReceiver
  readonly #scratch: Uint8Array
  readonly #closesEngine: boolean
  /** Commands that came while the session could not run any. */
  readonly #waiting = new Queue<ByteCommand>()
  /** Pushes that have come within a command: the receiver gets them when that is over. */
  #pushes: PushReply[] = []
  #sending = false
  #reply: Reply | undefined
  #closed = false

  constructor(engine: Engine, receiver: RoadReceiver, scratch: Uint8Array, closesEngine: boolean) {
    this.#engine = engine
    this.#receiver = receiver
    this.#scratch = scratch
    this.#closesEngine = closesEngine
    this.#session = engine.connect(this, IN_PROCESS)
  }

  // ---- the client's side --------------------------------------------------------------------------------

  send(command: ByteCommand): Reply | undefined {
    if (this.#session.waiting || this.#waiting.length > 0 || this.#sending) {
      this.#waiting.push(command)
      return undefined
    }
    this.#sending = true
    this.#reply = undefined
    try {
      this.#execute(command)
    } finally {
      this.#sending = false
    }
    const reply = this.#reply
    // A listener to the engine's effects may have sent more from within the command.
    if (this.#waiting.length > 0) this.resume()
    return reply
  }

  // ---- the session's side -------------------------------------------------------------------------------

  reply(reply: Reply): void {
    if (this.#closed) return
    if (this.#sending) this.#reply = reply
    else this.#receiver.reply(reply)
  }

  push(push: PushReply): void {
    if (this.#closed) return
    this.#pushes.push(push)
    // The command of another client may be running, and whoever hears of it may send commands.
    if (this.#pushes.length === 1) void Promise.resolve().then(() => this.#passPushes())
  }

  get separatesPushes(): boolean {
    return true
  }

  resume(): void {
    while (!this.#session.waiting) {
      const command = this.#waiting.shift()
      if (command === undefined) break
      this.#execute(command)
    }
  }

  buffers(): BufferFacts {
    return NO_BUFFERS
  }

  // ---- both sides' --------------------------------------------------------------------------------------

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiting.clear()
    this.#engine.disconnected(this.#session)
    this.#receiver.closed()
    if (this.#closesEngine && this.#engine.sessions.count === 0) void this.#engine.close()
  }

  // ---- the rest -----------------------------------------------------------------------------------------

  #passPushes(): void {
    const pushes = this.#pushes
    this.#pushes = []
    for (const push of pushes) if (!this.#closed) this.#receiver.push(push)
  }

  #execute(command: ByteCommand): void {
    this.#engine.execute(this.#session, this.#isToBeOwned(command) ? this.#owned(command) : command)
  }

  /** Whether a command may store a string that shares memory with another one. */
  #isToBeOwned(command: ByteCommand): boolean {
    for (let i = 1; i < command.length; i++) {
      if ((command[i] as string).length < LEAST_SHARED) continue
      const named = this.#engine.commands.find(command[0] as string)
      // A subscription keeps the names of its channels.
      return named?.isWrite === true || named?.spec.channels?.many === true
    }
    return false
  }

  /**
   * The command with strings that share memory with no others. What a write stores may stay for long: a key
   * that is a view would keep the whole text alive that the program once cut it from.
   */
  #owned(command: ByteCommand): ByteCommand {
    const owned: string[] = new Array(command.length)
    for (let i = 0; i < command.length; i++) {
      const text = command[i] as string
      owned[i] = text.length < LEAST_SHARED ? text : this.#copy(text)
    }
    return owned
  }

  #copy(text: string): string {
    const { bytes } = this.#engine.host
    const scratch = text.length <= SCRATCH_BYTES ? this.#scratch : new Uint8Array(text.length)
    bytes.encode(text, scratch, 0)
    return bytes.decode(scratch, 0, text.length)
  }
}
