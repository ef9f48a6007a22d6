/** Connections to other servers, for MIGRATE: over TCP, or TLS where tls-replication says so. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { bytesToUtf8, type Outgoing, type OutgoingConnection, type Settings } from '@russet/core'
import { tlsClientOptions } from './tls-options.js'

export class NodeOutgoing implements Outgoing {
  constructor(private readonly settings: Settings) {}

  async connect(host: string, port: number, timeoutMs: number): Promise<OutgoingConnection> {
    const address = { host: bytesToUtf8(host), port }
    const { tlsReplication } = this.settings
    const socket = tlsReplication
      ? connectTls({ ...tlsClientOptions(this.settings), ...address })
      : connect(address)
    socket.setNoDelay(true)
    try {
      await inTime(timeoutMs, (done, failed) => {
        socket.once(tlsReplication ? 'secureConnect' : 'connect', done)
        socket.once('error', failed)
        return () => socket.off('error', failed)
      })
    } catch (error) {
      socket.destroy()
      // Redis finds out that nobody listens there when it writes, and says so.
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error
    }
    return new SocketStream(socket)
  }
}

class SocketStream implements OutgoingConnection {
  #received: Uint8Array[] = []
  /** Called when something has come, or when nothing will come any more. */
  #notify = () => {}

  constructor(private readonly socket: Socket) {
    socket.on('data', (bytes) => {
      this.#received.push(bytes)
      // Whoever sends more than is read must wait.
      socket.pause()
      this.#notify()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#notify())
  }

  send(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    const { socket } = this
    return inTime(timeoutMs, (done, failed) => {
      socket.write(bytes, (error) => (error ? failed(error) : done()))
      return () => {}
    })
  }

  async receive(timeoutMs: number): Promise<Uint8Array> {
    const { socket } = this
    if (this.#received.length === 0) {
      await inTime(timeoutMs, (done, failed) => {
        const look = () => {
          if (this.#received.length > 0) done()
          else if (socket.destroyed || socket.readableEnded) failed(new Error('the connection is closed'))
        }
        this.#notify = look
        socket.once('end', look)
        socket.resume()
        look()
        return () => {
          this.#notify = () => {}
          socket.off('end', look)
        }
      })
    }
    return this.#received.shift() as Uint8Array
  }

  close(): void {
    this.socket.destroy()
  }
}

/**
 * Waits for something that calls back, `timeoutMs` at the longest.
 * @param begin begins it, and gives what is to be done once it is over
 */
async function inTime(
  timeoutMs: number,
  begin: (done: () => void, failed: (error: Error) => void) => () => void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let end = () => {}
  try {
    await new Promise<void>((done, failed) => {
      timer = setTimeout(() => failed(new Error('not in time')), Math.min(timeoutMs, MAX_TIMER_MS))
      end = begin(done, failed)
    })
  } finally {
    clearTimeout(timer)
    end()
  }
}

/** The longest that a timer of Node's can wait. */
const MAX_TIMER_MS = 2_147_483_647
