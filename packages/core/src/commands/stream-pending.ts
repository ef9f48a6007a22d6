/**
 * Entries that were handed out and are not acknowledged: listed, and taken over by another consumer.
 *
 *   XAUTOCLAIM XCLAIM XPENDING
 *
 * Whatever takes them over, what follows elsewhere is one exact XCLAIM for each of them. An entry that has gone
 * from the stream is not taken over but pending no more.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { type Consumer, PendingEntry } from '../keyspace/consumer-group.js'
import { EventClass } from '../keyspace/events.js'
import { NIL_ARRAY, type Reply } from '../protocol/reply.js'
import {
  compareIds,
  type EntryId,
  formatId,
  type IdPart,
  idText,
  MIN_ID,
  nextPart,
} from '../structures/entry-id.js'
import { int64Arg, integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt } from './key-spec.js'
import {
  askingConsumer,
  type FoundGroup,
  findGroup,
  groupIn,
  noSuchGroup,
  propagateClaim,
  propagateProgress,
} from './stream-consumers.js'
import { entryReply } from './stream-entries.js'
import { idArg, parseId, rangeEndArg, rangeStartArg } from './stream-ids.js'

const { STREAM } = EventClass

// ---- XPENDING ---------------------------------------------------------------------------------------------

function pending(ctx: Context, args: readonly string[]): Reply {
  if (args.length !== 3 && (args.length < 6 || args.length > 9)) fail(SYNTAX_ERROR)
  const [, key, name] = args as readonly [string, string, string]
  if (args.length === 3) return summary(findGroup(ctx, key, name) ?? noSuchGroup(key, name))

  const hasIdle = equalsIgnoreCase(args[3] as string, 'idle')
  const minIdleMs = hasIdle ? integerArg(args[4] as string) : 0
  if (hasIdle && args.length < 8) fail(SYNTAX_ERROR)
  const at = hasIdle ? 5 : 3
  const count = integerArg(args[at + 2] as string)
  const from = rangeStartArg(args[at] as string)
  const to = rangeEndArg(args[at + 1] as string)
  const { group } = findGroup(ctx, key, name) ?? noSuchGroup(key, name)
  let entries = group.pending
  const consumerName = args[at + 3]
  if (consumerName !== undefined) {
    const consumer = group.consumers.get(consumerName)
    if (consumer === undefined) return []
    entries = consumer.pending
  }
  const listed: Reply[] = []
  if (count <= 0) return listed
  entries.walk(
    (ms, seq, { consumer, deliveredMs, deliveries }) => {
      const idleMs = ctx.now - deliveredMs
      if (minIdleMs === 0 || idleMs >= minIdleMs) {
        listed.push([formatId(ms, seq), consumer.name, Math.max(idleMs, 0), deliveries])
      }
      return listed.length < count
    },
    from,
    to,
  )
  return listed
}

/** How many entries are pending, the first and last of them, and how many each consumer has. */
function summary({ group }: FoundGroup): Reply {
  const { firstId, lastId, size } = group.pending
  if (firstId === undefined || lastId === undefined) return [0, null, null, NIL_ARRAY]
  const consumers: Reply[] = []
  for (const { name, pending: own } of group.sortedConsumers()) {
    if (own.size > 0) consumers.push([name, String(own.size)])
  }
  return [size, idText(firstId), idText(lastId), consumers]
}

// ---- taking over ------------------------------------------------------------------------------------------

/** What a claim makes of a pending entry. */
interface Claim {
  readonly deliveredMs: number
  /** Undefined: one more than before, or as before where `justId`. */
  readonly deliveries: IdPart | undefined
  /** Whether the reply has IDs only. */
  readonly justId: boolean
}

/** @returns what the reply has for the entry */
function takeOver(
  ctx: Context,
  found: FoundGroup,
  { ms, seq }: EntryId,
  known: PendingEntry,
  consumer: Consumer,
  claim: Claim,
): Reply {
  const { deliveredMs, justId } = claim
  const deliveries = claim.deliveries ?? (justId ? known.deliveries : nextPart(known.deliveries))
  const taken = found.group.deliver(ms, seq, consumer, deliveredMs, deliveries)
  consumer.activeMs = ctx.now
  propagateClaim(ctx, found, ms, seq, taken)
  ctx.db.annotated(found.key, found.stream, 1, STREAM)
  return justId ? formatId(ms, seq) : (entryReply(found.stream.log, { ms, seq }) as Reply)
}

/** An entry that has gone from the stream is pending no more. */
function forget(ctx: Context, found: FoundGroup, { ms, seq }: EntryId, known: PendingEntry): void {
  propagateClaim(ctx, found, ms, seq, known)
  found.group.acknowledge(ms, seq)
  ctx.db.annotated(found.key, found.stream, 1, STREAM)
}

// ---- XCLAIM -----------------------------------------------------------------------------------------------

interface ClaimOptions {
  ids: EntryId[]
  /** Unix time in ms; undefined for now. */
  deliveredMs: number | undefined
  deliveries: IdPart | undefined
  force: boolean
  justId: boolean
  lastId: EntryId
}

/** IDs from argument 5 on and, from the first word that is none, options. */
function parseClaim(ctx: Context, args: readonly string[]): ClaimOptions {
  const options: ClaimOptions = {
    ids: [],
    deliveredMs: undefined,
    deliveries: undefined,
    force: false,
    justId: false,
    lastId: MIN_ID,
  }
  let i = 5
  for (; i < args.length; i++) {
    const id = parseId(args[i] as string)
    if (id === undefined) break
    options.ids.push(id)
  }
  for (; i < args.length; i++) {
    const word = args[i] as string
    const hasMore = i + 1 < args.length
    if (equalsIgnoreCase(word, 'force')) options.force = true
    else if (equalsIgnoreCase(word, 'justid')) options.justId = true
    else if (hasMore && equalsIgnoreCase(word, 'idle')) {
      options.deliveredMs = ctx.now - claimNumberArg(args[++i] as string, 'IDLE')
    } else if (hasMore && equalsIgnoreCase(word, 'time')) {
      options.deliveredMs = claimNumberArg(args[++i] as string, 'TIME')
    } else if (hasMore && equalsIgnoreCase(word, 'retrycount')) {
      const count = int64Arg(args[++i] as string, 'ERR Invalid RETRYCOUNT option argument for XCLAIM')
      options.deliveries = count >= 0 ? count : undefined
    } else if (hasMore && equalsIgnoreCase(word, 'lastid')) {
      options.lastId = idArg(args[++i] as string)
    } else fail(`ERR Unrecognized XCLAIM option '${word}'`)
  }
  return options
}

function claimNumberArg(text: string, option: string): number {
  return integerArg(text, `ERR Invalid ${option} option argument for XCLAIM`)
}

function claim(ctx: Context, args: readonly string[]): Reply {
  const [, key, name, consumerName, minIdle] = args as readonly [string, string, string, string, string]
  const found = findGroup(ctx, key, name) ?? noSuchGroup(key, name)
  const minIdleMs = integerArg(minIdle, 'ERR Invalid min-idle-time argument for XCLAIM')
  const { ids, deliveredMs, deliveries, force, justId, lastId } = parseClaim(ctx, args)
  const { stream, group } = found
  const { now } = ctx
  ctx.db.edit(key)
  // A time to come, or none at all, is now.
  const wanted: Claim = {
    deliveredMs: deliveredMs === undefined || deliveredMs < 0 ? now : Math.min(deliveredMs, now),
    deliveries,
    justId,
  }
  const advanced = compareIds(lastId, group.lastId) > 0
  if (advanced) group.lastId = lastId
  const consumer = askingConsumer(ctx, found, consumerName)
  const claimed: Reply[] = []
  let told = false
  for (const id of ids) {
    const known = group.pending.get(id.ms, id.seq)
    if (!stream.log.has(id.ms, id.seq)) {
      if (known === undefined) continue
      forget(ctx, found, id, known)
    } else if (known !== undefined) {
      if (minIdleMs > 0 && now - known.deliveredMs < minIdleMs) continue
      claimed.push(takeOver(ctx, found, id, known, consumer, wanted))
    } else if (force) {
      claimed.push(takeOver(ctx, found, id, new PendingEntry(consumer, now, 1), consumer, wanted))
    } else continue
    told = true
  }
  if (advanced && !told) {
    propagateProgress(ctx, found)
    ctx.db.annotated(key, stream, 1, STREAM)
  }
  return claimed
}

// ---- XAUTOCLAIM -------------------------------------------------------------------------------------------

const DEFAULT_COUNT = 100
/** Pending entries looked at for each that is wanted. */
const ATTEMPTS_PER_CLAIM = 10
/** Redis multiplies the count by the size of an ID. */
const MAX_COUNT = 2n ** 63n / 16n - 1n

function autoClaim(ctx: Context, args: readonly string[]): Reply {
  const [, key, name, consumerName, minIdle, start] = args as readonly [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  // A miss is told of even if the arguments are wrong.
  const value = ctx.db.readAny(key)
  const minIdleMs = integerArg(minIdle, 'ERR Invalid min-idle-time argument for XAUTOCLAIM')
  const from = rangeStartArg(start)
  let count = DEFAULT_COUNT
  let justId = false
  for (let i = 6; i < args.length; i++) {
    const word = args[i] as string
    if (equalsIgnoreCase(word, 'count') && i + 1 < args.length) count = autoClaimCountArg(args[++i] as string)
    else if (equalsIgnoreCase(word, 'justid')) justId = true
    else fail(SYNTAX_ERROR)
  }
  const found = groupIn(value, key, name) ?? noSuchGroup(key, name)
  ctx.db.edit(key)
  const { stream, group } = found
  const { now } = ctx
  const consumer = askingConsumer(ctx, found, consumerName)

  // First what there is to do is listed: taking over changes what is gone through.
  const ids: EntryId[] = []
  const entries: PendingEntry[] = []
  let cursor = MIN_ID
  let attempts = count * ATTEMPTS_PER_CLAIM
  group.pending.walk((ms, seq, entry) => {
    if (attempts-- === 0 || ids.length === count) {
      cursor = { ms, seq }
      return false
    }
    const gone = !stream.log.has(ms, seq)
    if (gone || minIdleMs <= 0 || now - entry.deliveredMs >= minIdleMs) {
      ids.push({ ms, seq })
      entries.push(entry)
    }
    return true
  }, from)

  const wanted: Claim = { deliveredMs: now, deliveries: undefined, justId }
  const claimed: Reply[] = []
  const gone: Reply[] = []
  ids.forEach((id, i) => {
    const entry = entries[i] as PendingEntry
    if (stream.log.has(id.ms, id.seq)) claimed.push(takeOver(ctx, found, id, entry, consumer, wanted))
    else {
      forget(ctx, found, id, entry)
      gone.push(idText(id))
    }
  })
  return [idText(cursor), claimed, gone]
}

function autoClaimCountArg(text: string): number {
  const count = int64Arg(text, 'ERR COUNT must be > 0')
  if (count < 1 || count > MAX_COUNT) fail('ERR COUNT must be > 0')
  return Number(count)
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const streamPendingCommands: readonly CommandSpec[] = [
  {
    name: 'xautoclaim',
    arity: -6,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW delete')],
    tips: ['nondeterministic_output'],
    since: '6.2.0',
    group: 'stream',
    syntax: 'key group consumer min-idle-time start:string [COUNT count] [JUSTID]',
    summary:
      'Takes over, for a consumer, entries that have been pending for some time, and tells where to go on.',
    complexity: 'O(log(N)+M) where N is the number of pending entries and M the number of those looked at',
    handler: autoClaim,
  },
  {
    name: 'xclaim',
    arity: -6,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW update')],
    tips: ['nondeterministic_output'],
    since: '5.0.0',
    group: 'stream',
    syntax:
      'key group consumer min-idle-time ID:string [ID:string ...] [IDLE ms:integer] [TIME unix-time-milliseconds] ' +
      '[RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]',
    summary: 'Takes over pending entries by their IDs for a consumer.',
    complexity: 'O(log(N)) for each entry where N is the number of pending ones',
    handler: claim,
  },
  {
    name: 'xpending',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    tips: ['nondeterministic_output'],
    since: '5.0.0',
    group: 'stream',
    syntax: 'key group filters=[[IDLE min-idle-time:integer] start:string end:string count [consumer]]',
    summary: 'Lists the entries that a group has handed out and that are not acknowledged, or sums them up.',
    complexity: 'O(log(N)+M) where N is the number of pending entries and M the number of those looked at',
    handler: pending,
  },
]
