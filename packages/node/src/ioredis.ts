/**
 * Lets an unmodified ioredis run on an engine in the same process. ioredis asks its `Connector` for a socket;
 * it gets a stream that hands its bytes to the engine and the engine's bytes back, with no system call.
 */
import { Duplex } from 'node:stream'
import {
  type ByteTransport,
  CommandError,
  type ConnectionInfo,
  type Engine,
  type RespConnection,
  RespConnections,
} from '@russet/core'
import type { RedisOptions } from 'ioredis'

type Connector = NonNullable<RedisOptions['Connector']>

const IN_PROCESS: ConnectionInfo = {
  kind: 'memory',
  address: 'ioredis:0',
  localAddress: 'ioredis:0',
  descriptor: -1,
}

/**
 * The `Connector` option of ioredis: `new Redis({ Connector: connectorFor(engine) })`. Host, port and TLS
 * options have no meaning then; all others keep theirs, and reconnecting works.
 * @param engine from `createEngine()`; any number of ioredis instances and other clients can share it
 */
export function connectorFor(engine: Engine): Connector {
  const connections = new RespConnections(engine)
  class EngineConnector {
    #stream: EngineStream | undefined

    /** What ioredis asks after the ready check. */
    check(): boolean {
      return true
    }

    async connect(): Promise<Duplex> {
      this.#stream = new EngineStream(connections)
      return this.#stream
    }

    disconnect(): void {
      this.#stream?.end()
    }
  }
  // ioredis declares a class with private members, which nothing but that class can be.
  return EngineConnector as unknown as Connector
}

/** ioredis's end of a connection, with the part of a socket's interface that ioredis uses. */
class EngineStream extends Duplex {
  readonly #connection: RespConnection | undefined
  #flushing = false
  /** No more output will come. */
  #ending = false

  constructor(connections: RespConnections) {
    super({ allowHalfOpen: false })
    const transport: ByteTransport = {
      outputReady: () => this.#flushSoon(),
      end: () => {
        this.#ending = true
        this.#flushSoon()
      },
      abort: () => this.destroy(),
      unsentBytes: () => this.readableLength,
    }
    try {
      this.#connection = connections.open(transport, IN_PROCESS)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      // As the server has it on a socket: the reason, then the end.
      this.push(`-${error.message}\r\n`)
      this.push(null)
    }
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#connection?.receive(bytes)
    done()
  }

  override _final(done: () => void): void {
    this.#connection?.lost()
    this.#ending = true
    this.#flushSoon()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#connection?.lost()
    done(error)
  }

  /** What is written in one go is answered in one go, and never within the write. */
  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    process.nextTick(() => {
      this.#flushing = false
      if (this.destroyed || this.#connection === undefined) return
      for (const piece of this.#connection.take()) this.push(piece)
      if (this.#ending) this.push(null)
    })
  }
}
