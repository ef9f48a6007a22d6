/**
 * Replies of one event-loop turn leave together: sockets are read first, all of them, and then each is written
 * to once. One write a connection and turn instead of one a command is worth half of the throughput.
 */
import type { SocketConnection } from './socket-connection.js'

/** Told of each turn in which clients are served. */
export interface TurnListener {
  beginTurn(): void
  /** Replies are about to leave: what they acknowledge is to be handed to the medium. */
  endTurn(): void
}

export class TurnWriter {
  constructor(private readonly listener: TurnListener) {}

  #waiting = new Set<SocketConnection>()
  #scheduled = false
  readonly #flush = () => {
    this.#scheduled = false
    this.flush()
  }

  /** Writes what waits at once. */
  flush(): void {
    this.listener.endTurn()
    const waiting = this.#waiting
    this.#waiting = new Set()
    // The last first, as in Redis: that is whoever has published, and while its subscribers are written to it can
    // go on.
    for (const connection of [...waiting].reverse()) connection.flush()
  }

  /** Input has come: the turn has begun, and its end is to be waited for. */
  begin(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.listener.beginTurn()
    setImmediate(this.#flush)
  }

  add(connection: SocketConnection): void {
    this.#waiting.add(connection)
    this.begin()
  }

  forget(connection: SocketConnection): void {
    this.#waiting.delete(connection)
  }
}
