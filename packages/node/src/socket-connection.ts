/**
 * One client on a socket: moves bytes between the socket and its RESP connection. What is to be sent waits for
 * the end of the event-loop turn (see turn-writer.ts).
 */
import type { Socket } from 'node:net'
import type { ByteTransport, ConnectionInfo, RespConnection, RespConnections } from '@russet/core'
import type { TurnWriter } from './turn-writer.js'

/**
 * With more than this not yet gone, further output stays in the connection, where it is kept packed: what a
 * socket holds costs it some hundred bytes a piece.
 */
const MOST_HANDED_OVER_BYTES = 256 * 1024

export class SocketConnection implements ByteTransport {
  readonly #connection: RespConnection
  readonly #socket: Socket
  readonly #writer: TurnWriter
  #ending = false

  /**
   * @param socket one that stays open for writing when the client has closed its side (`allowHalfOpen`)
   * @throws CommandError when the engine takes no more clients
   */
  constructor(connections: RespConnections, socket: Socket, info: ConnectionInfo, writer: TurnWriter) {
    this.#socket = socket
    this.#writer = writer
    this.#connection = connections.open(this, info)
    // A client that shuts its sending side gets the replies to what it has sent, and no more.
    socket.on('end', () => {
      this.#connection.lost()
      this.end()
    })
    socket.on('error', () => socket.destroy())
    socket.on('drain', () => writer.add(this))
    socket.on('close', () => {
      this.#connection.lost()
      writer.forget(this)
    })
  }

  /** Input from the socket. The bytes may change afterwards. */
  receive(bytes: Uint8Array): void {
    this.#writer.begin()
    this.#connection.receive(bytes)
  }

  outputReady(): void {
    this.#writer.add(this)
  }

  end(): void {
    this.#ending = true
    this.#writer.add(this)
  }

  abort(): void {
    this.#socket.destroy()
  }

  unsentBytes(): number {
    return this.#socket.writableLength
  }

  /** Sends what there is. Called by the turn writer. */
  flush(): void {
    const socket = this.#socket
    if (socket.writableLength > MOST_HANDED_OVER_BYTES && !this.#ending) return
    const pieces = this.#connection.take()
    if (socket.destroyed) return
    if (pieces.length === 1) socket.write(pieces[0] as Uint8Array)
    else if (pieces.length > 1) {
      socket.cork()
      for (const piece of pieces) socket.write(piece)
      socket.uncork()
    }
    if (this.#ending) socket.destroySoon()
  }
}
