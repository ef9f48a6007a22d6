/**
 * The methods of a client that have to do with messages: `subscribe` and its relatives, which take a listener
 * beside the channels, and `on`, which takes listeners for whatever comes.
 */

import { byteStringToUint8Array } from '../base/utf8.js'
import type { PushReply } from '../protocol/reply.js'
import { Commander } from './commander.js'
import { decodeText } from './decode.js'
import { encodeCommand, type Scalar } from './encode.js'
import { type AnyListener, type MessageKind, MessageListeners } from './message-listeners.js'

/** Gets a message and the channel that it came by. */
export type MessageListener<Text = string> = (message: Text, channel: Text) => void
/** Gets a message, the channel that it came by, and the pattern which that fits. */
export type PatternListener<Text = string> = (message: Text, channel: Text, pattern: Text) => void

/** Listeners that `on` takes, by what they listen to; their arguments are those of ioredis. */
export interface MessageEvents {
  message(channel: string, message: string): void
  pmessage(pattern: string, channel: string, message: string): void
  smessage(channel: string, message: string): void
  messageBuffer(channel: Uint8Array, message: Uint8Array): void
  pmessageBuffer(pattern: Uint8Array, channel: Uint8Array, message: Uint8Array): void
  smessageBuffer(channel: Uint8Array, message: Uint8Array): void
}

type Channels = Scalar | readonly Scalar[]

interface Subscribe<Listener> {
  /**
   * Subscribes to one or several channels.
   * @param listener called with each message to them, until `unsubscribe` takes it away
   * @returns how many subscriptions the client has then
   */
  (channels: Channels, listener: Listener): Promise<number>
  /** Subscribes for the listeners that `on` takes. @returns how many subscriptions the client has then */
  (...channels: readonly [Channels, ...Channels[]]): Promise<number>
}

interface Unsubscribe<Listener> {
  /** Takes a listener away from channels. A subscription that has no listener left ends. */
  (channels: Channels, listener: Listener): Promise<void>
  /** Ends subscriptions, all of them if none is named. @returns how many the client has then */
  (...channels: readonly Channels[]): Promise<number>
}

/** `subscribe` is for channels, `psubscribe` for patterns of channels, `ssubscribe` for shard channels. */
export interface SubscribingCommands {
  subscribe: Subscribe<MessageListener>
  psubscribe: Subscribe<PatternListener>
  ssubscribe: Subscribe<MessageListener>
  subscribeBuffer: Subscribe<MessageListener<Uint8Array>>
  psubscribeBuffer: Subscribe<PatternListener<Uint8Array>>
  ssubscribeBuffer: Subscribe<MessageListener<Uint8Array>>
  unsubscribe: Unsubscribe<MessageListener>
  punsubscribe: Unsubscribe<PatternListener>
  sunsubscribe: Unsubscribe<MessageListener>
  unsubscribeBuffer: Unsubscribe<MessageListener<Uint8Array>>
  punsubscribeBuffer: Unsubscribe<PatternListener<Uint8Array>>
  sunsubscribeBuffer: Unsubscribe<MessageListener<Uint8Array>>
}

export abstract class Subscriber extends Commander {
  readonly #listeners = new MessageListeners()

  /** Calls `listener` with every message of a kind that comes, from whichever subscription. */
  on<Event extends keyof MessageEvents>(event: Event, listener: MessageEvents[Event]): this {
    this.#listeners.on(event, listener)
    return this
  }

  /** Takes away what `on` has been given. */
  off<Event extends keyof MessageEvents>(event: Event, listener: MessageEvents[Event]): this {
    this.#listeners.off(event, listener)
    return this
  }

  /** @returns false if the push is no message */
  protected receive(push: PushReply): boolean {
    return this.#listeners.receive(push)
  }

  /** @param isBytes whether a listener is given bytes */
  protected async subscribeTo(name: string, kind: MessageKind, isBytes: boolean, args: Arguments) {
    const { channels, listener } = split(args)
    if (listener === undefined) return this.issue(name, channels, decodeText)
    const takeAway = this.#listeners.add(kind, namesOf(channels), listener, isBytes)
    try {
      return await this.issue(name, channels, decodeText)
    } catch (error) {
      takeAway()
      throw error
    }
  }

  protected async unsubscribeFrom(name: string, kind: MessageKind, args: Arguments) {
    const { channels, listener } = split(args)
    if (listener === undefined) {
      this.#listeners.clear(kind, namesOf(channels))
      return this.issue(name, channels, decodeText)
    }
    const unheard = this.#listeners.remove(kind, namesOf(channels), listener)
    if (unheard.length > 0) await this.issue(name, unheard.map(byteStringToUint8Array), decodeText)
    return undefined
  }
}

type Arguments = readonly (Channels | AnyListener)[]

function split(args: Arguments): { channels: readonly Channels[]; listener: AnyListener | undefined } {
  const last = args[args.length - 1]
  if (typeof last !== 'function') return { channels: args as readonly Channels[], listener: undefined }
  return { channels: args.slice(0, -1) as readonly Channels[], listener: last }
}

/** Names of channels as byte strings. */
function namesOf(channels: readonly Channels[]): string[] {
  return encodeCommand('', channels).slice(1)
}

const KINDS = [
  ['', 'message'],
  ['p', 'pmessage'],
  ['s', 'smessage'],
] as const

for (const [prefix, kind] of KINDS) {
  for (const suffix of ['', 'Buffer']) {
    const isBytes = suffix === 'Buffer'
    define(`${prefix}subscribe${suffix}`, function (this: Methods, ...args) {
      return this.subscribeTo(`${prefix}subscribe`, kind, isBytes, args)
    })
    define(`${prefix}unsubscribe${suffix}`, function (this: Methods, ...args) {
      return this.unsubscribeFrom(`${prefix}unsubscribe`, kind, args)
    })
  }
}

interface Methods {
  subscribeTo: Subscriber['subscribeTo']
  unsubscribeFrom: Subscriber['unsubscribeFrom']
}

function define(method: string, value: (this: Methods, ...args: Arguments) => unknown): void {
  Object.defineProperty(Subscriber.prototype, method, { value, configurable: true, writable: true })
}
