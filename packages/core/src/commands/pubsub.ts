/**
 * Messages to whoever listens.
 *
 *   PSUBSCRIBE PUBLISH PUBSUB PUNSUBSCRIBE SPUBLISH SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE UNSUBSCRIBE
 *
 * Who listens to what is kept in engine/pubsub.ts. The subscribing commands answer with a push for each channel.
 */

import { fail } from '../base/errors.js'
import { globMatch } from '../base/glob.js'
import { Pushes, PushReply, type Reply } from '../protocol/reply.js'
import type { CommandSpec, Flag, Handler } from './command.js'
import type { Context, TopicKind } from './context.js'
import { type HelpEntry, helpCommand, misusedSubcommand } from './help.js'
import { keyAt, keyRange } from './key-spec.js'

// ---- subscribing ------------------------------------------------------------------------------------------

/** What stands before the name of a command for this kind of channel. */
const PREFIX: { readonly [kind in TopicKind]: string } = { channel: '', pattern: 'p', shardChannel: 's' }

function subscribe(kind: TopicKind): Handler {
  const word = `${PREFIX[kind]}subscribe`
  return ({ session, server: { pubsub } }, args) => {
    // Its several replies would have no room there; the others are let in all the same.
    if (kind === 'shardChannel' && session.inExec) {
      fail("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")
    }
    const pushes: PushReply[] = []
    for (let i = 1; i < args.length; i++) {
      const name = args[i] as string
      pushes.push(new PushReply([word, name, pubsub.subscribe(session, kind, name)]))
    }
    return new Pushes(pushes)
  }
}

/** Without names all subscriptions of the kind end. */
function unsubscribe(kind: TopicKind): Handler {
  const word = `${PREFIX[kind]}unsubscribe`
  return ({ session, server: { pubsub } }, args) => {
    const names = args.length > 1 ? args.slice(1) : pubsub.subscriptionsOf(session, kind)
    if (names.length === 0) {
      return new Pushes([new PushReply([word, null, pubsub.subscriptionCount(session, kind)])])
    }
    return new Pushes(
      names.map((name) => new PushReply([word, name, pubsub.unsubscribe(session, kind, name)])),
    )
  }
}

// ---- publishing -------------------------------------------------------------------------------------------

function publish(ctx: Context, args: readonly string[]): Reply {
  return ctx.server.pubsub.publish(args[1] as string, args[2] as string)
}

function publishToShard(ctx: Context, args: readonly string[]): Reply {
  return ctx.server.pubsub.publishToShard(args[1] as string, args[2] as string)
}

// ---- PUBSUB -----------------------------------------------------------------------------------------------

function activeChannels(kind: TopicKind): Handler {
  return ({ server: { pubsub } }, args) => {
    if (args.length > 3) misusedSubcommand('PUBSUB', args)
    const names = [...pubsub.topicNames(kind)]
    const pattern = args[2]
    return pattern === undefined ? names : names.filter((name) => globMatch(pattern, name))
  }
}

function subscriberCounts(kind: TopicKind): Handler {
  return ({ server: { pubsub } }, args) => {
    const counts: Reply[] = []
    for (let i = 2; i < args.length; i++) {
      const name = args[i] as string
      counts.push(name, pubsub.subscriberCount(kind, name))
    }
    return counts
  }
}

// ---- descriptors ------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  [
    'CHANNELS [<pattern>]',
    'Lists the channels that have subscribers, or those of them that fit the pattern.',
  ],
  ['NUMPAT', 'Counts the different patterns that there are subscriptions to.'],
  [
    'NUMSUB [<channel> ...]',
    'Counts the subscribers of each of the channels; those of patterns are left out.',
  ],
  ['SHARDCHANNELS [<pattern>]', 'Lists the shard channels that have subscribers, all or those that fit.'],
  ['SHARDNUMSUB [<shardchannel> ...]', 'Counts the subscribers of each of the shard channels.'],
]

const SUBSCRIBING: readonly Flag[] = ['pubsub', 'noscript', 'loading', 'stale']
const PUBLISHING: readonly Flag[] = ['pubsub', 'loading', 'stale', 'fast', 'may_replicate']
const ASKING: readonly Flag[] = ['pubsub', 'loading', 'stale']

export const pubsubCommands: readonly CommandSpec[] = [
  {
    name: 'psubscribe',
    arity: -2,
    flags: SUBSCRIBING,
    since: '2.0.0',
    group: 'pubsub',
    channels: { first: 1, many: true, arePatterns: true },
    syntax: 'pattern [pattern ...]',
    summary: 'Lets the connection receive the messages to all channels whose names fit one of the patterns.',
    complexity: 'O(N) where N is the number of patterns given',
    handler: subscribe('pattern'),
  },
  {
    name: 'publish',
    arity: 3,
    flags: PUBLISHING,
    since: '2.0.0',
    group: 'pubsub',
    channels: { first: 1, many: false, arePatterns: false },
    syntax: 'channel message',
    summary: 'Sends a message to whoever has subscribed to the channel or to a pattern that it fits.',
    complexity: 'O(N+M) where N is the number of receivers and M that of all patterns subscribed to',
    handler: publish,
  },
  {
    name: 'pubsub',
    arity: -2,
    flags: [],
    since: '2.8.0',
    group: 'pubsub',
    syntax: '',
    summary: 'Holds the commands that tell of subscriptions.',
    complexity: 'Depends on the subcommand.',
    subcommands: [
      {
        name: 'channels',
        arity: -2,
        flags: ASKING,
        since: '2.8.0',
        syntax: '[pattern]',
        summary: 'Lists the channels that have subscribers.',
        complexity: 'O(N) where N is the number of channels that have subscribers',
        handler: activeChannels('channel'),
      },
      helpCommand('PUBSUB', HELP, { since: '6.2.0' }),
      {
        name: 'numpat',
        arity: 2,
        flags: ASKING,
        since: '2.8.0',
        syntax: '',
        summary: 'Counts the different patterns that there are subscriptions to.',
        complexity: 'O(1)',
        handler: (ctx) => ctx.server.pubsub.topicCount('pattern'),
      },
      {
        name: 'numsub',
        arity: -2,
        flags: ASKING,
        since: '2.8.0',
        syntax: '[channel [channel ...]]',
        summary: 'Counts the subscribers of channels.',
        complexity: 'O(N) where N is the number of channels given',
        handler: subscriberCounts('channel'),
      },
      {
        name: 'shardchannels',
        arity: -2,
        flags: ASKING,
        since: '7.0.0',
        syntax: '[pattern]',
        summary: 'Lists the shard channels that have subscribers.',
        complexity: 'O(N) where N is the number of shard channels that have subscribers',
        handler: activeChannels('shardChannel'),
      },
      {
        name: 'shardnumsub',
        arity: -2,
        flags: ASKING,
        since: '7.0.0',
        syntax: '[shardchannel [shardchannel ...]]',
        summary: 'Counts the subscribers of shard channels.',
        complexity: 'O(N) where N is the number of shard channels given',
        handler: subscriberCounts('shardChannel'),
      },
    ],
  },
  {
    name: 'punsubscribe',
    arity: -1,
    flags: SUBSCRIBING,
    since: '2.0.0',
    group: 'pubsub',
    syntax: '[pattern [pattern ...]]',
    summary: 'Ends subscriptions to patterns, all of them if none is named.',
    complexity: 'O(N) where N is the number of subscriptions that end',
    handler: unsubscribe('pattern'),
  },
  {
    name: 'spublish',
    arity: 3,
    flags: PUBLISHING,
    keys: [keyAt(1, 'not_key')],
    since: '7.0.0',
    group: 'pubsub',
    channels: { first: 1, many: false, arePatterns: false },
    syntax: 'shardchannel message',
    summary: 'Sends a message to whoever has subscribed to the shard channel.',
    complexity: 'O(N) where N is the number of receivers',
    handler: publishToShard,
  },
  {
    name: 'ssubscribe',
    arity: -2,
    flags: SUBSCRIBING,
    keys: [keyRange(1, -1, 1, 'not_key')],
    since: '7.0.0',
    group: 'pubsub',
    channels: { first: 1, many: true, arePatterns: false },
    syntax: 'shardchannel [shardchannel ...]',
    summary: 'Lets the connection receive the messages to shard channels.',
    complexity: 'O(N) where N is the number of shard channels given',
    handler: subscribe('shardChannel'),
  },
  {
    name: 'subscribe',
    arity: -2,
    flags: SUBSCRIBING,
    since: '2.0.0',
    group: 'pubsub',
    channels: { first: 1, many: true, arePatterns: false },
    syntax: 'channel [channel ...]',
    summary: 'Lets the connection receive the messages to channels.',
    complexity: 'O(N) where N is the number of channels given',
    handler: subscribe('channel'),
  },
  {
    name: 'sunsubscribe',
    arity: -1,
    flags: SUBSCRIBING,
    keys: [keyRange(1, -1, 1, 'not_key')],
    since: '7.0.0',
    group: 'pubsub',
    syntax: '[shardchannel [shardchannel ...]]',
    summary: 'Ends subscriptions to shard channels, all of them if none is named.',
    complexity: 'O(N) where N is the number of subscriptions that end',
    handler: unsubscribe('shardChannel'),
  },
  {
    name: 'unsubscribe',
    arity: -1,
    flags: SUBSCRIBING,
    since: '2.0.0',
    group: 'pubsub',
    syntax: '[channel [channel ...]]',
    summary: 'Ends subscriptions to channels, all of them if none is named.',
    complexity: 'O(N) where N is the number of subscriptions that end',
    handler: unsubscribe('channel'),
  },
]
