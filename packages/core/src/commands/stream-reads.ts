/**
 * Entries behind an ID, of several streams at once, waiting for them if wanted.
 *
 *   XREAD XREADGROUP
 *
 * Both read one grammar. A group hands each of its entries to one consumer and remembers it until it is
 * acknowledged; what follows such a read elsewhere are claims and the progress of the group.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import type { Consumer } from '../keyspace/consumer-group.js'
import { EventClass } from '../keyspace/events.js'
import { NIL_ARRAY, PairMap, type Reply } from '../protocol/reply.js'
import {
  compareIds,
  type EntryId,
  formatId,
  idText,
  MAX_ID,
  MIN_ID,
  nextId,
  nextPart,
  previousId,
} from '../structures/entry-id.js'
import type { StreamLog } from '../structures/stream-log.js'
import { deadlineMsArg, integerArg } from './arguments.js'
import { Block } from './block.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keysAfter } from './key-spec.js'
import {
  askingConsumer,
  type FoundGroup,
  findGroup,
  propagateClaim,
  propagateProgress,
} from './stream-consumers.js'
import { entriesReply } from './stream-entries.js'
import { idArg } from './stream-ids.js'

// ---- arguments --------------------------------------------------------------------------------------------

interface ReadOptions {
  /** Unix time in ms, 0 for never; undefined when nobody waits. */
  deadlineMs: number | undefined
  /** Entries of each stream at most, 0 for all. */
  count: number
  groupName: string | undefined
  consumerName: string
  noAck: boolean
  /** Places of the first key and the first ID; as many keys as IDs. */
  keysAt: number
  idsAt: number
}

function parseRead(ctx: Context, args: readonly string[], groups: boolean): ReadOptions {
  const options: ReadOptions = {
    deadlineMs: undefined,
    count: 0,
    groupName: undefined,
    consumerName: '',
    noAck: false,
    keysAt: 0,
    idsAt: 0,
  }
  for (let i = 1; i < args.length && options.keysAt === 0; i++) {
    const word = args[i] as string
    const more = args.length - i - 1
    if (equalsIgnoreCase(word, 'block') && more > 0) {
      options.deadlineMs = deadlineMsArg(args[++i] as string, ctx.now)
    } else if (equalsIgnoreCase(word, 'count') && more > 0) {
      options.count = Math.max(integerArg(args[++i] as string), 0)
    } else if (equalsIgnoreCase(word, 'streams') && more > 0) {
      if (more % 2 !== 0) fail(unbalanced(ctx, groups))
      options.keysAt = i + 1
      options.idsAt = i + 1 + more / 2
    } else if (equalsIgnoreCase(word, 'group') && more > 1) {
      if (!groups) fail('ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.')
      options.groupName = args[++i]
      options.consumerName = args[++i] as string
    } else if (equalsIgnoreCase(word, 'noack')) {
      if (!groups) fail('ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.')
      options.noAck = true
    } else fail(SYNTAX_ERROR)
  }
  if (options.keysAt === 0) fail(SYNTAX_ERROR)
  return options
}

function unbalanced(ctx: Context, groups: boolean): string {
  return `ERR Unbalanced '${ctx.command.name}' list of streams: for each stream key an ID or '${groups ? '>' : '$'}' must be specified.`
}

/** The reply and, where there is nothing to reply, the wait that the options ask for. */
function replyOrBlock(
  args: readonly string[],
  { deadlineMs, keysAt, idsAt }: ReadOptions,
  flat: readonly Reply[],
  retryAs: readonly string[] | undefined,
  wakeOnLoss: boolean,
): Reply | Block {
  if (flat.length > 0) return new PairMap(flat)
  if (deadlineMs === undefined) return NIL_ARRAY
  const keys = args.slice(keysAt, idsAt)
  return new Block(keys, deadlineMs, NIL_ARRAY, 'stream', wakeOnLoss, NIL_ARRAY, retryAs)
}

/** In Redis a stream is looked up once for its ID and once for its entries: each is a hit or a miss. */
function countAgain(ctx: Context, keys: readonly string[]): void {
  for (const key of keys) ctx.db.lookUp(key)
}

// ---- XREAD ------------------------------------------------------------------------------------------------

interface WantedStream {
  readonly key: string
  readonly log: StreamLog
  /** Entries behind this ID are wanted. */
  readonly after: EntryId
}

function read(ctx: Context, args: readonly string[]): Reply | Block {
  const options = parseRead(ctx, args, false)
  const { keysAt, idsAt } = options
  const wanted: WantedStream[] = []
  /** What is run again: `$` is the end that a stream has now. */
  let retryAs: string[] | undefined
  for (let i = idsAt; i < args.length; i++) {
    const key = args[i - idsAt + keysAt] as string
    const stream = ctx.db.read(key, 'stream')
    const word = args[i] as string
    let after = MIN_ID
    if (word === '>') {
      fail(
        'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
      )
    } else if (word === '$') {
      if (stream !== undefined) after = stream.lastId
      retryAs ??= args.slice()
      retryAs[i] = idText(after)
    } else if (word === '+') {
      const lastId = stream?.log.lastId
      if (lastId !== undefined) after = previousId(lastId) as EntryId
    } else after = idArg(word)
    if (stream !== undefined) wanted.push({ key, log: stream.log, after })
  }
  countAgain(ctx, args.slice(keysAt, idsAt))
  const flat: Reply[] = []
  for (const { key, log, after } of wanted) {
    const { lastId } = log
    if (lastId === undefined || compareIds(lastId, after) <= 0) continue
    flat.push(key, entriesReply(log, nextId(after) as EntryId, MAX_ID, options.count))
  }
  return replyOrBlock(args, options, flat, retryAs, false)
}

// ---- XREADGROUP -------------------------------------------------------------------------------------------

/** Stands for `>`: nothing can be behind it. */
const NEW_ENTRIES = MAX_ID

function readGroup(ctx: Context, args: readonly string[]): Reply | Block {
  const options = parseRead(ctx, args, true)
  const { groupName, keysAt, idsAt } = options
  if (groupName === undefined) fail('ERR Missing GROUP option for XREADGROUP')
  const wanted: { readonly found: FoundGroup; readonly after: EntryId }[] = []
  for (let i = idsAt; i < args.length; i++) {
    const key = args[i - idsAt + keysAt] as string
    const found = findGroup(ctx, key, groupName)
    if (found === undefined) {
      fail(`NOGROUP No such key '${key}' or consumer group '${groupName}' in XREADGROUP with GROUP option`)
    }
    const word = args[i] as string
    if (word === '$' || word === '+') fail(meaningless(word))
    wanted.push({ found, after: word === '>' ? NEW_ENTRIES : idArg(word) })
  }
  countAgain(ctx, args.slice(keysAt, idsAt))
  const flat: Reply[] = []
  for (const { found, after } of wanted) {
    ctx.db.edit(found.key)
    const consumer = askingConsumer(ctx, found, options.consumerName)
    if (compareIds(after, NEW_ENTRIES) !== 0) {
      flat.push(found.key, readHistory(ctx, found, consumer, after, options.count))
      continue
    }
    const { lastId } = found.stream.log
    if (lastId === undefined || compareIds(lastId, found.group.lastId) <= 0) continue
    flat.push(found.key, readNew(ctx, found, consumer, options))
  }
  return replyOrBlock(args, options, flat, undefined, true)
}

function meaningless(id: string): string {
  return (
    `ERR The ${id} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer ` +
    `by specifying a proper ID, or use the > ID to get new messages. The ${id} ID would just return an empty result set.`
  )
}

/** Hands out entries that the group has not handed out yet. */
function readNew(ctx: Context, found: FoundGroup, consumer: Consumer, { count, noAck }: ReadOptions): Reply {
  const { stream, group } = found
  const entries: Reply[] = []
  const from = nextId(group.lastId) as EntryId
  const most = count === 0 ? Number.POSITIVE_INFINITY : count
  stream.log.forEach(
    (ms, seq, node, index) => {
      stream.advance(group, { ms, seq })
      entries.push([formatId(ms, seq), node.fieldsAt(index)])
      if (noAck) return
      const pending = group.deliver(ms, seq, consumer, ctx.now, 1)
      consumer.activeMs = ctx.now
      propagateClaim(ctx, found, ms, seq, pending)
    },
    from,
    MAX_ID,
    most,
  )
  propagateProgress(ctx, found)
  ctx.db.annotated(found.key, stream, 1, EventClass.STREAM)
  return entries
}

/** Gives a consumer once more what it has not acknowledged; an entry that has gone since without its fields. */
function readHistory(
  ctx: Context,
  { stream, group }: FoundGroup,
  consumer: Consumer,
  after: EntryId,
  count: number,
): Reply {
  const entries: Reply[] = []
  const from = nextId(after) as EntryId
  const most = count === 0 ? Number.POSITIVE_INFINITY : count
  consumer.pending.walk((ms, seq, pending) => {
    const fields = stream.log.fieldsOf(ms, seq)
    entries.push([formatId(ms, seq), fields ?? NIL_ARRAY])
    if (fields !== undefined) group.deliver(ms, seq, consumer, ctx.now, nextPart(pending.deliveries))
    return entries.length < most
  }, from)
  return entries
}

// ---- descriptors ------------------------------------------------------------------------------------------

const STREAMS_SYNTAX = '<STREAMS key [key ...] ID:string [ID:string ...]>'

export const streamReadCommands: readonly CommandSpec[] = [
  {
    name: 'xread',
    arity: -4,
    flags: ['readonly', 'blocking'],
    keys: [keysAfter('STREAMS', 1, -1, 'RO access', 2)],
    since: '5.0.0',
    group: 'stream',
    syntax: `[COUNT count] [BLOCK milliseconds] ${STREAMS_SYNTAX}`,
    summary: 'Gives the entries of streams that are behind given IDs, or waits for one.',
    complexity:
      'O(log(N)+M) for each stream where N is the number of entries and M the number of entries given',
    handler: read,
  },
  {
    name: 'xreadgroup',
    arity: -7,
    flags: ['write', 'blocking'],
    keys: [keysAfter('STREAMS', 4, -1, 'RO access', 2)],
    since: '5.0.0',
    group: 'stream',
    syntax: `group-block=<GROUP group consumer> [COUNT count] [BLOCK milliseconds] [NOACK] ${STREAMS_SYNTAX}`,
    summary:
      'Gives a consumer new entries of its group, or waits for one, or its own that are not acknowledged.',
    complexity:
      'O(log(N)+M) for each stream where N is the number of entries and M the number of entries given',
    handler: readGroup,
  },
]
