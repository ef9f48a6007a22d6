/**
 * XINFO: what a stream is made of.
 *
 *   XINFO CONSUMERS GROUPS HELP STREAM
 */

import { fail, NO_SUCH_KEY } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { type Consumer, type ConsumerGroup, NEVER_ACTIVE, UNKNOWN_READS } from '../keyspace/consumer-group.js'
import type { StreamValue } from '../keyspace/stream-value.js'
import { MapReply, type Reply } from '../protocol/reply.js'
import { formatId, idText, MAX_ID, MIN_ID } from '../structures/entry-id.js'
import { radixNodeCount } from '../structures/radix-shape.js'
import { integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { type HelpEntry, helpCommand, misusedSubcommand } from './help.js'
import { keyAt } from './key-spec.js'
import { noSuchGroupOfKey } from './stream-consumers.js'
import { edgeReply, entriesReply } from './stream-entries.js'

/** Entries, pending ones and so on that FULL shows of each kind. */
const DEFAULT_COUNT = 10

/** The stream under the key `args[2]`. @throws CommandError if it is not there */
function streamOf(ctx: Context, args: readonly string[]): StreamValue {
  return ctx.db.read(args[2] as string, 'stream') ?? fail(NO_SUCH_KEY)
}

// ---- STREAM -----------------------------------------------------------------------------------------------

function describeStream(ctx: Context, args: readonly string[]): Reply {
  const stream = streamOf(ctx, args)
  const count = parseFull(args)
  const { log } = stream
  const facts: Reply[] = [
    ...['length', stream.length],
    ...['radix-tree-keys', log.nodeCount],
    ...['radix-tree-nodes', radixNodeCount(log)],
    ...['last-generated-id', idText(stream.lastId)],
    ...['max-deleted-entry-id', idText(stream.maxDeletedId)],
    ...['entries-added', stream.entriesAdded],
    ...['recorded-first-entry-id', idText(stream.firstId)],
  ]
  if (count === undefined) {
    facts.push('groups', stream.groups.size)
    facts.push('first-entry', edgeReply(log, false), 'last-entry', edgeReply(log, true))
  } else {
    const groups = stream.sortedGroups().map(([name, group]) => fullGroup(stream, name, group, count))
    facts.push('entries', entriesReply(log, MIN_ID, MAX_ID, count), 'groups', groups)
  }
  return new MapReply(facts)
}

/** FULL's count, 0 for no limit; undefined without FULL. */
function parseFull(args: readonly string[]): number | undefined {
  if (args.length === 3) return undefined
  const [, , , full, word, value] = args as readonly string[]
  if (!equalsIgnoreCase(full as string, 'full')) misusedSubcommand('XINFO', args)
  if (args.length === 4) return DEFAULT_COUNT
  if (args.length !== 6 || !equalsIgnoreCase(word as string, 'count')) misusedSubcommand('XINFO', args)
  const count = integerArg(value as string)
  return count < 0 ? DEFAULT_COUNT : count
}

function fullGroup(stream: StreamValue, name: string, group: ConsumerGroup, count: number): Reply {
  const consumers = group.sortedConsumers().map((consumer) => fullConsumer(consumer, count))
  return new MapReply([
    ...['name', name],
    ...progress(stream, group),
    ...['pel-count', group.pending.size],
    ...['pending', pendingReply(group.pending, count, true)],
    ...['consumers', consumers],
  ])
}

function fullConsumer({ name, seenMs, activeMs, pending }: Consumer, count: number): Reply {
  return new MapReply([
    ...['name', name, 'seen-time', seenMs, 'active-time', activeMs],
    ...['pel-count', pending.size, 'pending', pendingReply(pending, count, false)],
  ])
}

/** @param withConsumer whether each entry has the name of its consumer */
function pendingReply(pending: Consumer['pending'], count: number, withConsumer: boolean): Reply {
  const listed: Reply[] = []
  pending.walk((ms, seq, { consumer, deliveredMs, deliveries }) => {
    const owner = withConsumer ? [consumer.name] : []
    listed.push([formatId(ms, seq), ...owner, deliveredMs, deliveries])
    return listed.length !== count
  })
  return listed
}

/** How far a group has come, as names and values in turn. */
function progress(stream: StreamValue, group: ConsumerGroup): Reply[] {
  const { lastId, entriesRead } = group
  return [
    ...['last-delivered-id', idText(lastId)],
    ...['entries-read', entriesRead === UNKNOWN_READS ? null : entriesRead],
    ...['lag', stream.lagOf(group) ?? null],
  ]
}

// ---- GROUPS and CONSUMERS ---------------------------------------------------------------------------------

function listGroups(ctx: Context, args: readonly string[]): Reply {
  const stream = streamOf(ctx, args)
  return stream
    .sortedGroups()
    .map(
      ([name, group]) =>
        new MapReply([
          ...['name', name, 'consumers', group.consumers.size, 'pending', group.pending.size],
          ...progress(stream, group),
        ]),
    )
}

function listConsumers(ctx: Context, args: readonly string[]): Reply {
  const [, , key, name] = args as readonly [string, string, string, string]
  const group = streamOf(ctx, args).groups.get(name) ?? noSuchGroupOfKey(key, name)
  const { now } = ctx
  return group.sortedConsumers().map((consumer) => {
    const { activeMs, seenMs } = consumer
    const inactiveMs = activeMs === NEVER_ACTIVE ? NEVER_ACTIVE : now - activeMs
    return new MapReply([
      ...['name', consumer.name, 'pending', consumer.pending.size],
      ...['idle', Math.max(now - seenMs, 0), 'inactive', inactiveMs],
    ])
  })
}

const HELP: readonly HelpEntry[] = [
  ['CONSUMERS <key> <group>', 'Lists the consumers of a group.'],
  ['GROUPS <key>', 'Lists the groups of a stream.'],
  ['STREAM <key> [FULL [COUNT <count>]]', 'Describes a stream, with FULL down to its entries.'],
]

// ---- descriptors ------------------------------------------------------------------------------------------

export const streamInfoCommand: CommandSpec = {
  name: 'xinfo',
  arity: -2,
  flags: [],
  since: '5.0.0',
  group: 'stream',
  syntax: '',
  summary: 'Tells what a stream is made of; see its subcommands.',
  complexity: 'That of the subcommand',
  subcommands: [
    {
      name: 'consumers',
      arity: 4,
      flags: ['readonly'],
      keys: [keyAt(2, 'RO access')],
      tips: ['nondeterministic_output'],
      since: '5.0.0',
      syntax: 'key group',
      summary: 'Lists the consumers of a group.',
      complexity: 'O(N) where N is the number of consumers',
      handler: listConsumers,
    },
    {
      name: 'groups',
      arity: 3,
      flags: ['readonly'],
      keys: [keyAt(2, 'RO access')],
      since: '5.0.0',
      syntax: 'key',
      summary: 'Lists the groups of a stream.',
      complexity: 'O(N) where N is the number of groups',
      handler: listGroups,
    },
    helpCommand('XINFO', HELP, { since: '5.0.0' }),
    {
      name: 'stream',
      arity: -3,
      flags: ['readonly'],
      keys: [keyAt(2, 'RO access')],
      since: '5.0.0',
      syntax: 'key [FULL [COUNT count]]',
      summary: 'Describes a stream, in short or in full.',
      complexity: 'O(N) where N is the number of nodes, some hundred times fewer than entries',
      handler: describeStream,
    },
  ],
}
