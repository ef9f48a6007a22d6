/**
 * One connection's conversation: commands go out on a road, and replies are handed to whoever waits for them,
 * in the order of the commands.
 */

import type { PushReply, Reply } from '../protocol/reply.js'
import { Queue } from '../structures/queue.js'
import type { ByteCommand, OpenRoad, Road, RoadReceiver } from './road.js'

/** Whoever waits for a reply that was not there at once. */
export interface Awaiting {
  answered(reply: Reply): void
  /** There will be no reply. */
  lost(error: Error): void
}

/** How ioredis words it, for programs that look at the text. */
const CLOSED = 'Connection is closed.'

export class Exchange implements RoadReceiver {
  readonly #road: Road
  readonly #maxPending: number
  readonly #onPush: (push: PushReply) => void
  readonly #pending = new Queue<Awaiting>()
  #open = true

  /**
   * @param maxPending how many commands may be without a reply; a further one is refused
   * @throws Error when the connection is refused
   */
  constructor(openRoad: OpenRoad, maxPending: number, onPush: (push: PushReply) => void) {
    this.#maxPending = maxPending
    this.#onPush = onPush
    this.#road = openRoad(this)
  }

  get isOpen(): boolean {
    return this.#open
  }

  /**
   * Sends a command.
   * @returns the reply; undefined if it is not there yet, and then the caller says at once who awaits it
   * @throws Error when the connection is closed, or too many replies are due
   */
  send(command: ByteCommand): Reply | undefined {
    if (!this.#open) throw new Error(CLOSED)
    if (this.#pending.length >= this.#maxPending) {
      throw new Error(`${this.#maxPending} commands wait for their replies: no more are taken`)
    }
    return this.#road.send(command)
  }

  /** Who gets the reply to the command that was just sent. */
  await(awaiting: Awaiting): void {
    if (this.#open) this.#pending.push(awaiting)
    else awaiting.lost(new Error(CLOSED))
  }

  close(): void {
    this.#road.close()
  }

  // ---- the road's side ----------------------------------------------------------------------------------

  reply(reply: Reply): void {
    this.#pending.shift()?.answered(reply)
  }

  push(push: PushReply): void {
    this.#onPush(push)
  }

  closed(reason?: Error): void {
    this.#open = false
    const error = reason ?? new Error(CLOSED)
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) next.lost(error)
  }
}
