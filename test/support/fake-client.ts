/**
 * A RESP client of an engine in the same process, on a FakeHost: bytes go in and come out without a socket,
 * and nothing happens that the test does not bring about.
 */
import { type ByteTransport, type ConnectionInfo, type RespConnection, RespConnections } from '@russet/core'
import { Config } from '../../packages/core/src/engine/config.js'
import { Engine, type EngineOptions } from '../../packages/core/src/engine/engine.js'
import { FakeHost } from './fake-host.js'
import { encodeCommand } from './resp-connection.js'
import { printReply, type Reply, RespReader } from './resp-reader.js'

/** An engine that follows from its settings and what it is sent. */
export class FakeServer {
  readonly host: FakeHost
  readonly engine: Engine
  readonly #connections: RespConnections

  /** @param settings lines as in redis.conf: `{ maxclients: '2' }` */
  constructor(
    settings: Readonly<Record<string, string>> = {},
    host = new FakeHost(),
    options: EngineOptions = {},
  ) {
    const config = new Config()
    for (const [name, value] of Object.entries(settings)) {
      const refusal = config.applyLine([name, ...value.split(' ')])
      if (refusal !== undefined) throw new Error(`${name} ${value}: ${refusal}`)
    }
    this.host = host
    this.engine = new Engine(host, { ...options, config })
    this.#connections = new RespConnections(this.engine)
  }

  /** @throws CommandError when the engine takes no more clients */
  connect(info: Partial<ConnectionInfo> = {}): FakeClient {
    return new FakeClient(this.#connections, info)
  }
}

export class FakeClient implements ByteTransport {
  readonly connection: RespConnection
  /** Replies read and not asked for yet. */
  readonly replies: Reply[] = []
  closed = false
  /** Closed without what was still to be sent. */
  aborted = false
  /** While false, what the engine sends stays unread, as with a client that does not read. */
  reads = true
  readonly #reader = new RespReader()
  #unread = 0

  constructor(connections: RespConnections, info: Partial<ConnectionInfo>) {
    this.connection = connections.open(this, {
      kind: 'tcp',
      address: '127.0.0.1:1',
      localAddress: '127.0.0.1:2',
      descriptor: 1,
      ...info,
    })
  }

  // ---- the engine's side --------------------------------------------------------------------------------

  outputReady(): void {}

  end(): void {
    this.#read()
    this.closed = true
  }

  abort(): void {
    this.closed = true
    this.aborted = true
  }

  unsentBytes(): number {
    return this.#unread
  }

  // ---- the test's side ----------------------------------------------------------------------------------

  /** Sends commands in one piece; a command is its words with blanks between them, or an array of them. */
  send(...commands: (string | readonly (string | number)[])[]): this {
    const encoded = commands.map((command) => encodeCommand(wordsOf(command)))
    return this.sendRaw(Buffer.concat(encoded))
  }

  sendRaw(bytes: string | Uint8Array): this {
    const copy = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Uint8Array.from(bytes)
    this.connection.receive(copy)
    // The engine has been told that it may not keep them.
    copy.fill(0xaa)
    return this
  }

  /** All replies that have come since the last call, as redis-cli prints them. */
  take(): string[] {
    this.#read()
    return this.replies.splice(0).map((reply) => printReply(reply))
  }

  /** Sends one command and gives the reply it has at once. */
  ask(command: string | readonly (string | number)[]): string {
    this.send(command)
    const replies = this.take()
    if (replies.length !== 1) throw new Error(`${replies.length} replies to ${command}: ${replies}`)
    return replies[0] as string
  }

  /** The client goes away. */
  leave(): void {
    this.connection.lost()
    this.closed = true
  }

  #read(): void {
    const pieces = this.connection.take()
    for (const piece of pieces) {
      if (this.reads) this.#reader.push(Buffer.from(piece).toString('latin1'))
      else this.#unread += piece.length
    }
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) {
      this.replies.push(reply)
    }
  }
}

function wordsOf(command: string | readonly (string | number)[]): readonly (string | number)[] {
  return typeof command === 'string' ? command.split(' ') : command
}
