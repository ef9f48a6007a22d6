/**
 * A client that speaks RESP over a byte stream, whatever carries it. Bytes in, bytes out: the host moves them
 * and nothing else. Replies of the commands in one piece of input are written into one buffer that all
 * connections share in turn, and leave it as one piece; what reaches a connection while another one is being
 * served goes through a buffer of its own.
 */

import { encodeError, encodePush, encodeReply } from '../protocol/encoder.js'
import { OutputBuffer } from '../protocol/output-buffer.js'
import { NoReply, type PushReply, type Reply } from '../protocol/reply.js'
import { ProtocolError, RespParser } from '../protocol/resp-parser.js'
import { SharedPush } from '../protocol/shared-push.js'
import type { Engine } from './engine.js'
import { OutputLimit } from './output-limit.js'
import type { BufferFacts, ClientSession, ConnectionInfo, SessionSink } from './session.js'

/** Replies of a batch are counted against the limits whenever this much has come together. */
const COUNTED_BYTES = 64 * 1024

/** What a connection's own buffer begins with. */
const OWN_BUFFER_BYTES = 4096

/** The host's side of a connection. */
export interface ByteTransport {
  /** There is output to `take`; called once until it has been taken. */
  outputReady(): void
  /** No more output will come: what is there is to be sent, then the connection closed. */
  end(): void
  /** The connection is to be closed at once, and what is unsent is dropped. */
  abort(): void
  /** Bytes handed over earlier that have not left yet. */
  unsentBytes(): number
}

/** What the connections of one engine have in common. */
export class RespConnections {
  readonly shared: OutputBuffer
  /** For what many of them are to be sent. */
  readonly scratch: OutputBuffer
  /** The connection whose commands write into `shared` now. */
  active: RespConnection | undefined

  constructor(readonly engine: Engine) {
    this.shared = new OutputBuffer(engine.host.bytes)
    this.scratch = new OutputBuffer(engine.host.bytes, 4096)
  }

  /** @throws CommandError when the engine takes no more clients */
  open(transport: ByteTransport, info: ConnectionInfo): RespConnection {
    return new RespConnection(this, transport, info)
  }
}

export class RespConnection implements SessionSink {
  readonly session: ClientSession
  readonly #all: RespConnections
  readonly #transport: ByteTransport
  readonly #parser: RespParser
  readonly #outputLimit: OutputLimit
  #output: Uint8Array[] = []
  #outputBytes = 0
  /** Takes what comes while other connections are served, behind what is in `#output`; made when it is needed. */
  #own: OutputBuffer | undefined
  #announced = false
  #ended = false
  /** The input broke the protocol: nothing more is read. */
  #broken = false

  constructor(all: RespConnections, transport: ByteTransport, info: ConnectionInfo) {
    this.#all = all
    this.#transport = transport
    this.#parser = new RespParser(all.engine.host.bytes, all.engine.words)
    this.#outputLimit = new OutputLimit(
      all.engine.host,
      () => {
        const { normal, pubsub } = all.engine.settings.clientOutputBufferLimit
        return this.session.isSubscriber ? pubsub : normal
      },
      () => this.#outputBytes + transport.unsentBytes() + this.session.waitingPushBytes,
      () => this.#closeOverLimit(),
    )
    this.session = all.engine.connect(this, info)
  }

  /** Takes received bytes and runs the commands that are whole. The bytes may change afterwards. */
  receive(bytes: Uint8Array): void {
    if (this.#broken || this.#ended) return
    const { engine } = this.#all
    engine.stats.reads++
    engine.stats.bytesRead += bytes.length
    // A long command that comes in little by little is no idling.
    this.session.lastActiveMs = engine.tickMs
    this.#parser.push(bytes)
    this.#run()
    const heldBytes = this.#parser.bufferedBytes + this.#parser.argumentBytes + this.session.queuedBytes
    if (heldBytes > engine.settings.clientQueryBufferLimit && !this.#ended) {
      engine.stats.queryLimitDisconnections++
      engine.host.log(
        'warning',
        `Closing client that reached max query buffer length: ${this.session.describe()}`,
      )
      engine.sessions.kill(this.session)
    }
    this.#weigh()
  }

  /** The connection is gone. */
  lost(): void {
    if (this.#ended) return
    this.#leave()
  }

  /** Everything to be sent, in order. */
  take(): Uint8Array[] {
    this.#own?.take(this.#output)
    const output = this.#output
    this.#output = []
    this.#outputBytes = 0
    this.#announced = false
    if (output.length > 0) this.#all.engine.stats.writes++
    this.#weigh()
    return output
  }

  // ---- the session's side -------------------------------------------------------------------------------

  reply(reply: Reply): void {
    if (reply instanceof NoReply || this.#ended) return
    const out = this.#buffer()
    const before = out.pendingBytes
    try {
      encodeReply(out, reply, this.session.resp)
    } catch (error) {
      // Half a reply cannot be taken back, and nothing can follow it.
      this.#fail(error)
      return
    }
    this.#written(out, before)
  }

  push(push: PushReply): void {
    if (this.#ended) return
    const { resp } = this.session
    const out = this.#buffer()
    const before = out.pendingBytes
    if (push instanceof SharedPush) {
      for (const piece of push.encoded(resp, this.#all.scratch)) out.writeBytes(piece)
    } else encodePush(out, push, resp)
    this.#written(out, before)
  }

  pushWaits(): void {
    if (!this.#ended) this.#outputLimit.check()
  }

  close(): void {
    if (this.#ended) return
    if (this.#all.active === this) this.#collect()
    // That may have been too much output.
    if (this.#ended) return
    this.#leave()
    this.#transport.end()
  }

  resume(): void {
    this.#run()
  }

  buffers(): BufferFacts {
    const { bufferedBytes, heldBytes } = this.#parser
    return {
      queryBytes: bufferedBytes,
      queryFreeBytes: Math.max(0, heldBytes - bufferedBytes),
      argumentBytes: this.#parser.argumentBytes,
      outputBytes: this.#outputBytes + this.#transport.unsentBytes(),
      outputPieces: this.#output.length + (this.#own === undefined || this.#own.pendingBytes === 0 ? 0 : 1),
    }
  }

  #run(): void {
    const all = this.#all
    const { engine } = all
    const { session } = this
    const parser = this.#parser
    const outer = all.active
    // Commands of another connection are running: what they wrote so far is theirs and leaves first.
    if (outer !== undefined && outer !== this) outer.#collect()
    all.active = this
    try {
      parser.maxBulkBytes = engine.settings.protoMaxBulkLen
      while (!session.waiting && !this.#ended) {
        parser.authenticated = session.authenticated || engine.access.isOpen
        const args = parser.next()
        if (args === undefined) break
        engine.execute(session, args)
      }
    } catch (error) {
      if (error instanceof ProtocolError) this.#refuse(error)
      else this.#fail(error)
    } finally {
      this.#collect()
      all.active = outer
      parser.retain()
    }
  }

  #refuse(error: ProtocolError): void {
    this.#broken = true
    const { engine, shared } = this.#all
    engine.host.log('verbose', `Protocol error (${error.message}) from client: ${this.session.describe()}`)
    const reply = `ERR Protocol error: ${error.message}`
    engine.stats.countError(reply)
    encodeError(shared, reply)
    this.close()
  }

  /** A fault of ours, which only this client is to suffer from. */
  #fail(error: unknown): void {
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#abort(`Unexpected error while serving a client: ${details}`)
  }

  #closeOverLimit(): void {
    this.#all.engine.stats.outputLimitDisconnections++
    const client = this.session.describe()
    this.#abort(`Client ${client} scheduled to be closed ASAP for overcoming of output buffer limits.`)
  }

  #abort(reason: string): void {
    this.#all.engine.host.log('warning', reason)
    this.abort()
  }

  abort(): void {
    if (this.#ended) return
    const { shared, active } = this.#all
    if (active === this) shared.take([])
    this.#own = undefined
    this.#output = []
    this.#outputBytes = 0
    this.#leave()
    this.#transport.abort()
  }

  #leave(): void {
    this.#ended = true
    this.#outputLimit.stop()
    this.#all.engine.disconnected(this.session)
  }

  /** Where output goes now. */
  #buffer(): OutputBuffer {
    const { engine, shared, active } = this.#all
    if (active === this) return shared
    this.#own ??= new OutputBuffer(engine.host.bytes, OWN_BUFFER_BYTES)
    return this.#own
  }

  /** Something has been written to a buffer that had `before` bytes in it. */
  #written(out: OutputBuffer, before: number): void {
    if (out === this.#own) this.#grown(out.pendingBytes - before)
    else if (out.pendingBytes >= COUNTED_BYTES) this.#collect()
  }

  /** Moves what this connection has in the shared buffer to its output, behind what has come before. */
  #collect(): void {
    const { shared } = this.#all
    if (shared.pendingBytes === 0) return
    this.#own?.take(this.#output)
    this.#grown(shared.take(this.#output))
  }

  /** There is so much more output. */
  #grown(bytes: number): void {
    this.#outputBytes += bytes
    this.#all.engine.stats.bytesWritten += bytes
    if (!this.#announced) {
      this.#announced = true
      this.#transport.outputReady()
    }
    this.#weigh()
    this.#outputLimit.check()
  }

  /** What the client takes has changed. */
  #weigh(): void {
    const { engine } = this.#all
    if (engine.limitsMemory) engine.sessions.weigh(this.session)
  }
}
