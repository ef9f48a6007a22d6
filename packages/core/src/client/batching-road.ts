/**
 * A road whose far end is reached by messages: the commands issued in one tick travel in one of them. What
 * posts the messages (a worker's port, a channel between tabs, a socket) is a `Carrier`.
 */

import type { PushReply, Reply } from '../protocol/reply.js'
import type { ByteCommand, Road, RoadReceiver } from './road.js'

export interface Carrier {
  /** Sends commands, at least one, in their order. */
  post(commands: readonly ByteCommand[]): void
  close(): void
}

export class BatchingRoad implements Road {
  readonly #receiver: RoadReceiver
  readonly #carrier: Carrier
  #batch: ByteCommand[] = []
  #closed = false

  constructor(receiver: RoadReceiver, carrier: Carrier) {
    this.#receiver = receiver
    this.#carrier = carrier
  }

  send(command: ByteCommand): undefined {
    this.#batch.push(command)
    // The first command of a tick has all of them posted when the code that issues them has run.
    if (this.#batch.length === 1) void Promise.resolve().then(() => this.#post())
  }

  /** For the carrier: replies, in the order of the commands. */
  receive(replies: readonly Reply[]): void {
    for (const reply of replies) {
      if (this.#closed) return
      this.#receiver.reply(reply)
    }
  }

  /** For the carrier: something came that no command asked for. */
  receivePush(push: PushReply): void {
    if (!this.#closed) this.#receiver.push(push)
  }

  /** For the carrier: the far end has gone. */
  lost(reason: Error): void {
    if (this.#closed) return
    this.#closed = true
    this.#batch = []
    this.#receiver.closed(reason)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#post()
    this.#carrier.close()
    this.#receiver.closed()
  }

  #post(): void {
    const batch = this.#batch
    if (batch.length === 0) return
    this.#batch = []
    this.#carrier.post(batch)
  }
}
