/**
 * Who listens to what: for each channel, pattern and shard channel its subscribers in the order in which they
 * came, and for each session what it has subscribed to. A message is handed to its receivers at once; what it
 * costs is a look-up, a push for each of them and a match for each pattern there is.
 */

import { globMatch } from '../base/glob.js'
import type { PubSub as PubSubService, TopicKind } from '../commands/context.js'
import { PushReply } from '../protocol/reply.js'
import { SharedPush } from '../protocol/shared-push.js'
import type { ClientSession } from './session.js'

/** Commands that a client with subscriptions may send in RESP2. */
const FOR_SUBSCRIBERS = new Set([
  ...['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'],
  ...['ping', 'quit', 'reset'],
])

export function isForSubscribers(commandName: string): boolean {
  return FOR_SUBSCRIBERS.has(commandName)
}

/** Bytes that a subscription takes beside its name: an entry in the tables of both sides. */
const SUBSCRIPTION_BYTES = 100

/** What one session is subscribed to. Sessions without subscriptions have none of these. */
export class Subscriptions {
  readonly channel = new Set<string>()
  readonly pattern = new Set<string>()
  readonly shardChannel = new Set<string>()
  /** Memory that they take, estimated. */
  bytes = 0

  /** As the replies count: channels and patterns together, shard channels by themselves. */
  count(kind: TopicKind): number {
    return kind === 'shardChannel' ? this.shardChannel.size : this.channel.size + this.pattern.size
  }

  get isEmpty(): boolean {
    return this.channel.size + this.pattern.size + this.shardChannel.size === 0
  }
}

/** From so many receivers on it is cheaper to make the bytes of a message once and to copy them. */
const LEAST_SHARING = 4

type Subscribers = Map<string, Set<ClientSession>>

export class PubSub implements PubSubService {
  /** Sessions that are subscribed to anything. */
  subscribers = 0
  readonly #topics: { readonly [kind in TopicKind]: Subscribers } = {
    channel: new Map(),
    pattern: new Map(),
    shardChannel: new Map(),
  }

  /** @param audienceChanged there has come a first subscriber to channels or patterns, or the last one has gone */
  constructor(private readonly audienceChanged: () => void) {}

  /** Whether `publish` can reach anybody. */
  get hasAudience(): boolean {
    return this.#topics.channel.size + this.#topics.pattern.size > 0
  }

  // ---- subscriptions ------------------------------------------------------------------------------------

  subscribe(session: ClientSession, kind: TopicKind, name: string): number {
    if (session.subscriptions === undefined) {
      session.subscriptions = new Subscriptions()
      this.subscribers++
    }
    const { subscriptions } = session
    if (!subscriptions[kind].has(name)) {
      subscriptions[kind].add(name)
      subscriptions.bytes += name.length + SUBSCRIPTION_BYTES
      const hadAudience = this.hasAudience
      const topics = this.#topics[kind]
      const subscribers = topics.get(name)
      if (subscribers === undefined) topics.set(name, new Set([session]))
      else subscribers.add(session)
      if (!hadAudience) this.audienceChanged()
    }
    return subscriptions.count(kind)
  }

  unsubscribe(session: ClientSession, kind: TopicKind, name: string): number {
    const { subscriptions } = session
    if (subscriptions === undefined) return 0
    if (subscriptions[kind].delete(name)) {
      subscriptions.bytes -= name.length + SUBSCRIPTION_BYTES
      this.#remove(session, kind, name)
      if (subscriptions.isEmpty) {
        session.subscriptions = undefined
        this.subscribers--
      }
      if (!this.hasAudience) this.audienceChanged()
    }
    return subscriptions.count(kind)
  }

  subscriptionsOf(session: ClientSession, kind: TopicKind): string[] {
    return [...(session.subscriptions?.[kind] ?? [])]
  }

  subscriptionCount(session: ClientSession, kind: TopicKind): number {
    return session.subscriptions?.count(kind) ?? 0
  }

  /** Ends all subscriptions of a session, which is not told. */
  forget(session: ClientSession): void {
    const { subscriptions } = session
    if (subscriptions === undefined) return
    session.subscriptions = undefined
    this.subscribers--
    for (const kind of ['channel', 'pattern', 'shardChannel'] as const) {
      for (const name of subscriptions[kind]) this.#remove(session, kind, name)
    }
    if (!this.hasAudience) this.audienceChanged()
  }

  #remove(session: ClientSession, kind: TopicKind, name: string): void {
    const subscribers = this.#topics[kind].get(name)
    subscribers?.delete(session)
    if (subscribers?.size === 0) this.#topics[kind].delete(name)
  }

  // ---- facts --------------------------------------------------------------------------------------------

  topicNames(kind: TopicKind): Iterable<string> {
    return this.#topics[kind].keys()
  }

  topicCount(kind: TopicKind): number {
    return this.#topics[kind].size
  }

  subscriberCount(kind: TopicKind, name: string): number {
    return this.#topics[kind].get(name)?.size ?? 0
  }

  // ---- messages -----------------------------------------------------------------------------------------

  publish(channel: string, message: string): number {
    let receivers = send(this.#topics.channel.get(channel), ['message', channel, message])
    // A receiver that is disconnected for what it has not read leaves these tables while they are gone through.
    for (const [pattern, subscribers] of this.#topics.pattern) {
      if (globMatch(pattern, channel)) receivers += send(subscribers, ['pmessage', pattern, channel, message])
    }
    return receivers
  }

  publishToShard(channel: string, message: string): number {
    return send(this.#topics.shardChannel.get(channel), ['smessage', channel, message])
  }
}

/** @returns the number of receivers */
function send(subscribers: ReadonlySet<ClientSession> | undefined, items: readonly string[]): number {
  if (subscribers === undefined) return 0
  const push = subscribers.size < LEAST_SHARING ? new PushReply(items) : new SharedPush(items)
  let receivers = 0
  for (const session of subscribers) {
    session.send(push)
    receivers++
  }
  return receivers
}
