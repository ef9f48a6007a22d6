/**
 * The client: a method for each command, named in lower case and called as with ioredis, over whatever road
 * leads to an engine. Over an engine in the same process the command has run when the method returns, and the
 * promise is settled.
 */

import { ErrorReply, type PushReply } from '../protocol/reply.js'
import { decodeFor, type PromisingCommands } from './commander.js'
import { type Decode, decodeText, toReplyError } from './decode.js'
import { type Argument, encodeCommand } from './encode.js'
import { Exchange } from './exchange.js'
import { decodeResults, Pipeline, type Result, Transaction } from './pipeline.js'
import type { OpenRoad } from './road.js'
import { Subscriber, type SubscribingCommands } from './subscribing.js'

/** Commands without a reply: what may pile up behind a blocking command or on a slow road. */
const DEFAULT_MAX_PENDING = 1_000_000

export interface ClientOptions {
  /** How many commands may wait for their replies, 1,000,000 unless given. A further one is rejected. */
  readonly maxPending?: number
}

class CommandingClient extends Subscriber {
  readonly #openRoad: OpenRoad
  readonly #options: ClientOptions
  readonly #exchange: Exchange

  /** Called with the items of what the server sends unasked and is no message, strings as text. */
  onPush: ((items: unknown[]) => void) | undefined

  /**
   * @param openRoad opens the connection, and those of duplicates
   * @throws Error when the connection is refused
   */
  constructor(openRoad: OpenRoad, options: ClientOptions = {}) {
    super()
    this.#openRoad = openRoad
    this.#options = options
    const onPush = (push: PushReply): void => {
      if (!this.receive(push)) this.onPush?.(decodeText(push) as unknown[])
    }
    this.#exchange = new Exchange(openRoad, options.maxPending ?? DEFAULT_MAX_PENDING, onPush)
  }

  /** False once the connection has been closed, from whichever side. */
  get isOpen(): boolean {
    return this.#exchange.isOpen
  }

  /**
   * Sends a command that may have no method of its own.
   * @param name in any case
   * @returns its reply, with text for strings; rejects with a `ReplyError` for an error reply
   */
  call(name: string, ...args: Argument[]): Promise<unknown> {
    return this.issue(name, args, decodeFor(name, 'text'))
  }

  /** As `call`, with bytes for strings. */
  callBuffer(name: string, ...args: Argument[]): Promise<unknown> {
    return this.issue(name, args, decodeFor(name, 'bytes'))
  }

  /** Collects commands by chained calls, and sends them together with `exec()`. */
  pipeline(): Pipeline {
    return new Pipeline(this.#exchange)
  }

  /**
   * Collects commands by chained calls, and runs them as one transaction with `exec()`. With
   * `{ pipeline: false }` MULTI is sent now: what this client sends until `exec()` or `discard()` is queued.
   */
  multi(): Transaction
  multi(options: { readonly pipeline: false }): Promise<'OK'>
  multi(options?: { readonly pipeline: false }): Transaction | Promise<unknown> {
    return options === undefined ? new Transaction(this.#exchange) : this.issue('multi', [], decodeText)
  }

  /** Runs what was queued since `multi({ pipeline: false })`; null when a watched key has changed. */
  exec(): Promise<Result[] | null> {
    return this.issue('exec', [], decodeResults) as Promise<Result[] | null>
  }

  /** Another client of the same engine with a connection of its own, e.g. for blocking commands. */
  duplicate(): Client {
    if (!this.isOpen) throw new Error('A closed client cannot be duplicated.')
    return new Client(this.#openRoad, this.#options)
  }

  /** Closes the connection at once. Commands that wait for a reply are rejected. */
  close(): void {
    this.#exchange.close()
  }

  protected override issue(name: string, args: readonly Argument[], decode: Decode): Promise<unknown> {
    try {
      const reply = this.#exchange.send(encodeCommand(name, args))
      if (reply === undefined) return this.#replyLater(decode)
      if (reply instanceof ErrorReply) return Promise.reject(toReplyError(reply))
      return Promise.resolve(decode(reply))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  // Apart from `issue`, so that a reply that is there at once pays for no closures.
  #replyLater(decode: Decode): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#exchange.await({
        answered: (late) => {
          if (late instanceof ErrorReply) reject(toReplyError(late))
          else resolve(decode(late))
        },
        lost: reject,
      })
    })
  }
}

export interface Client
  extends CommandingClient,
    SubscribingCommands,
    Omit<PromisingCommands, keyof SubscribingCommands> {}

// The commands' methods are made from the table of commands; see commander.ts.
export const Client = CommandingClient as unknown as new (
  openRoad: OpenRoad,
  options?: ClientOptions,
) => Client
