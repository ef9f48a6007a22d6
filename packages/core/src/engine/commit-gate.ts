/**
 * Holds replies back until what they acknowledge is on the medium. While the gate is closed every reply waits,
 * that of a read too: it may tell of a write that is not safe yet. Replies are in one queue, so each client gets
 * its own in order. The journal closes the gate with the first write that must be made safe, and opens it when
 * that is done; writes that come in meanwhile share the next flush.
 */

import type { RespVersion } from '../protocol/encoder.js'
import { ErrorReply, type Reply } from '../protocol/reply.js'
import { Queue } from '../structures/queue.js'

/** What the gate needs of a client. */
export interface GatedSession {
  /** Replies of this client that the gate holds. */
  heldReplies: number
  /** The protocol that the client speaks now. */
  readonly resp: RespVersion
  /** Lets a reply out, in the protocol it was made for. */
  sendHeld(reply: Reply, resp: RespVersion): void
  /** The client had to stop because of too many held replies, and may go on. */
  goOn(): void
}

interface Held {
  readonly session: GatedSession
  readonly reply: Reply
  readonly resp: RespVersion
  /** Whether the reply acknowledges a change. */
  readonly wrote: boolean
}

/** A client with more replies than this waiting is not served until they are out. */
export const MAX_HELD_REPLIES = 1024

export class CommitGate {
  /** Whether replies have to wait. */
  closed = false
  readonly #held = new Queue<Held>()
  /** How many of the held replies the flush under way is for. */
  #flushing = 0
  #releasing = false

  get heldReplies(): number {
    return this.#held.length
  }

  hold(session: GatedSession, reply: Reply, wrote: boolean): void {
    session.heldReplies++
    this.#held.push({ session, reply, resp: session.resp, wrote })
  }

  /** A flush begins: it is for all that is held now. */
  flushing(): void {
    this.#flushing = this.#held.length
  }

  /**
   * That flush is over.
   * @param more whether there is more to be flushed: the gate stays closed
   * @param failure if it failed: the error in place of every reply that acknowledges a change
   */
  flushed(more: boolean, failure?: string): void {
    const count = more ? this.#flushing : this.#held.length
    this.#flushing = 0
    this.#release(count, failure)
    // What a client that went on has written since belongs to the next flush.
    if (!more && this.#held.length === 0) this.closed = false
  }

  /** Lets everything out and stays open: nothing is to be waited for any more. */
  open(failure?: string): void {
    this.#flushing = 0
    this.#release(this.#held.length, failure)
    this.closed = false
  }

  #release(count: number, failure: string | undefined): void {
    if (this.#releasing) return
    this.#releasing = true
    const halted = new Set<GatedSession>()
    try {
      for (let left = count; left > 0; left--) {
        const held = this.#held.shift()
        if (held === undefined) break
        const { session, reply, resp, wrote } = held
        if (session.heldReplies-- === MAX_HELD_REPLIES) halted.add(session)
        session.sendHeld(failure !== undefined && wrote ? new ErrorReply(failure) : reply, resp)
      }
    } finally {
      this.#releasing = false
    }
    for (const session of halted) session.goOn()
  }
}
