/**
 * What lies between a client and an engine: a function call in the same process, messages to a worker or
 * another tab, a network connection. A road carries commands there and replies back in the same order; what
 * it is made of is its own business, and `Client` is the same over all of them.
 */

import type { PushReply, Reply } from '../protocol/reply.js'

/** A command with its arguments, name first, as byte strings. */
export type ByteCommand = readonly string[]

export interface Road {
  /**
   * Sends one command.
   * @returns its reply if that is there at once, and then `receiver.reply` is not called for it; undefined when
   * it will come through `receiver.reply`. Only a road on which nothing is under way may reply at once.
   */
  send(command: ByteCommand): Reply | undefined
  /** Gives the connection up. Commands without a reply get none; `receiver.closed` is called. */
  close(): void
}

/** The client's end of a road. */
export interface RoadReceiver {
  /** The reply to the oldest command that has none yet. */
  reply(reply: Reply): void
  /** Something that no command asked for. */
  push(push: PushReply): void
  /** Nothing comes any more. @param reason why, if the road broke by itself. */
  closed(reason?: Error): void
}

/**
 * Opens a new connection, with a session of its own.
 * @throws Error when that is refused at once, as with too many clients
 */
export type OpenRoad = (receiver: RoadReceiver) => Road
