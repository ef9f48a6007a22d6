/**
 * Replies of one event-loop turn leave together: sockets are read first, all of them, and then each is written
 * to once. One write a connection and turn instead of one a command is worth half of the throughput.
 */
import type { SocketConnection } from './socket-connection.js'

export class TurnWriter {
  /** @param beforeReplies has what they acknowledge handed to the medium */
  constructor(private readonly beforeReplies: () => void) {}

  #waiting = new Set<SocketConnection>()
  #scheduled = false
  readonly #flush = () => {
    this.#scheduled = false
    this.flush()
  }

  /** Writes what waits at once. */
  flush(): void {
    this.beforeReplies()
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const connection of waiting) connection.flush()
  }

  add(connection: SocketConnection): void {
    this.#waiting.add(connection)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#flush)
  }

  forget(connection: SocketConnection): void {
    this.#waiting.delete(connection)
  }
}
