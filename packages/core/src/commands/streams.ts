/**
 * Streams: entries added, read by range and removed.
 *
 *   XADD XDEL XLEN XRANGE XREVRANGE XSETID XTRIM
 *
 * What waits for entries is in stream-reads.ts, groups of consumers are in stream-groups.ts, the entries they
 * have not acknowledged in stream-pending.ts, and XINFO is in stream-info.ts.
 */

import { fail, NO_SUCH_KEY, SYNTAX_ERROR } from '../base/errors.js'
import { UINT64_MAX } from '../base/int64.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import { StreamValue } from '../keyspace/stream-value.js'
import { NIL_ARRAY, OK, type Reply } from '../protocol/reply.js'
import {
  compareIds,
  type EntryId,
  type IdPart,
  idText,
  isZeroId,
  MIN_ID,
  nextId,
  nextPart,
} from '../structures/entry-id.js'
import { int64Arg, integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt } from './key-spec.js'
import { entriesReply } from './stream-entries.js'
import { streamGroupCommands } from './stream-groups.js'
import { idArg, idArgs, rangeEndArg, rangeStartArg } from './stream-ids.js'
import { streamInfoCommand } from './stream-info.js'
import { streamPendingCommands } from './stream-pending.js'
import { streamReadCommands } from './stream-reads.js'
import { checkTrimOptions, exactTrim, parseTrimOptions, type Trim, trimStream } from './stream-trim.js'

const { STREAM } = EventClass

// ---- XADD -------------------------------------------------------------------------------------------------

/** The fields and values of one entry, in bytes. */
const MAX_ENTRY_BYTES = 2 ** 30

const NOT_GREATER = 'ERR The ID specified in XADD is equal or smaller than the target stream top item'

/** The ID that a new entry asks for. */
type Asked =
  | { readonly kind: 'now' }
  /** A time with any sequence number. */
  | { readonly kind: 'time'; readonly ms: IdPart }
  | { readonly kind: 'given'; readonly id: EntryId }

const NOW: Asked = { kind: 'now' }

function newIdArg(text: string): Asked {
  if (text === '*') return NOW
  const dash = text.indexOf('-')
  if (dash >= 0 && dash === text.length - 2 && text.charCodeAt(dash + 1) === 0x2a) {
    return { kind: 'time', ms: idArg(text.slice(0, dash)).ms }
  }
  return { kind: 'given', id: idArg(text) }
}

/** The ID that the entry gets: greater than `lastId`. @throws CommandError where there is none */
function newId(asked: Asked, lastId: EntryId, now: number): EntryId {
  if (asked.kind === 'now') return now > lastId.ms ? { ms: now, seq: 0 } : (nextId(lastId) as EntryId)
  let id: EntryId
  if (asked.kind === 'given') id = asked.id
  else if (asked.ms !== lastId.ms) id = { ms: asked.ms, seq: 0 }
  else if (lastId.seq === UINT64_MAX) fail(NOT_GREATER)
  else id = { ms: asked.ms, seq: nextPart(lastId.seq) }
  if (compareIds(id, lastId) <= 0) fail(NOT_GREATER)
  return id
}

function add(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const key = args[1] as string
  const options = parseTrimOptions(args, true)
  const { end, trim } = options
  const asked = end < args.length ? newIdArg(args[end] as string) : NOW
  checkTrimOptions(ctx, options, true)
  const words = args.length - end - 1
  if (words < 2 || words % 2 !== 0) fail(`ERR wrong number of arguments for '${ctx.command.name}' command`)
  if (asked.kind === 'given' && isZeroId(asked.id))
    fail('ERR The ID specified in XADD must be greater than 0-0')

  let stream = db.write(key, 'stream')
  if (stream === undefined && options.keepsMissing) return null
  const lastId = stream?.lastId ?? MIN_ID
  if (lastId.ms === UINT64_MAX && lastId.seq === UINT64_MAX) {
    fail('ERR The stream has exhausted the last possible ID, unable to add more items')
  }
  const id = newId(asked, lastId, ctx.now)
  let bytes = 0
  for (let i = end + 1; i < args.length; i++) bytes += (args[i] as string).length
  if (bytes > MAX_ENTRY_BYTES) fail('ERR Elements are too large to be stored')

  if (stream === undefined) stream = db.create(key, new StreamValue(ctx.keyspace))
  stream.append(id, args, end + 1)
  const text = idText(id)
  db.modified(key, stream, STREAM, 'xadd')
  if (trim !== undefined && trimStream(stream, trim, options.limit) > 0) {
    db.modified(key, stream, STREAM, 'xtrim', 0)
  }
  if (ctx.server.effects.active) {
    const effect = trim?.wholeNodes === true ? exactTrim(args, stream, options) : args.slice()
    effect[effect.length - words - 1] = text
    ctx.propagateAll(effect)
  }
  return text
}

// ---- reads ------------------------------------------------------------------------------------------------

function length(ctx: Context, args: readonly string[]): Reply {
  return ctx.db.read(args[1] as string, 'stream')?.length ?? 0
}

function range(ctx: Context, args: readonly string[], backwards: boolean): Reply {
  const from = rangeStartArg(args[backwards ? 3 : 2] as string)
  const to = rangeEndArg(args[backwards ? 2 : 3] as string)
  let count: number | undefined
  for (let i = 4; i < args.length; i += 2) {
    const value = args[i + 1]
    if (value === undefined || !equalsIgnoreCase(args[i] as string, 'count')) fail(SYNTAX_ERROR)
    count = Math.max(integerArg(value), 0)
  }
  const stream = ctx.db.read(args[1] as string, 'stream')
  if (stream === undefined) return []
  return count === 0 ? NIL_ARRAY : entriesReply(stream.log, from, to, count ?? 0, backwards)
}

// ---- removal ----------------------------------------------------------------------------------------------

function remove(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const stream = ctx.db.write(key, 'stream')
  if (stream === undefined) return 0
  let removed = 0
  for (const id of idArgs(args, 2)) if (stream.delete(id)) removed++
  if (removed > 0) ctx.db.modified(key, stream, STREAM, 'xdel', removed)
  return removed
}

function trim(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const options = parseTrimOptions(args, false)
  checkTrimOptions(ctx, options, false)
  const wanted = options.trim as Trim
  const stream = ctx.db.write(key, 'stream')
  if (stream === undefined) return 0
  const removed = trimStream(stream, wanted, options.limit)
  if (removed === 0) return 0
  ctx.db.modified(key, stream, STREAM, 'xtrim', removed)
  if (wanted.wholeNodes) ctx.propagateAll(exactTrim(args, stream, options))
  return removed
}

// ---- XSETID -----------------------------------------------------------------------------------------------

function setId(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const id = idArg(args[2] as string)
  let entriesAdded: number | bigint | undefined
  let maxDeletedId = MIN_ID
  for (let i = 3; i < args.length; i += 2) {
    const word = args[i] as string
    const value = args[i + 1]
    if (value === undefined) fail(SYNTAX_ERROR)
    if (equalsIgnoreCase(word, 'entriesadded')) {
      entriesAdded = int64Arg(value)
      if (entriesAdded < 0) fail('ERR entries_added must be positive')
    } else if (equalsIgnoreCase(word, 'maxdeletedid')) {
      maxDeletedId = idArg(value)
      if (compareIds(id, maxDeletedId) < 0) {
        fail('ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id')
      }
    } else fail(SYNTAX_ERROR)
  }
  const stream = ctx.db.write(key, 'stream')
  if (stream === undefined) fail(NO_SUCH_KEY)
  if (compareIds(id, stream.maxDeletedId) < 0) {
    fail('ERR The ID specified in XSETID is smaller than current max_deleted_entry_id')
  }
  const top = stream.log.lastId
  if (top !== undefined) {
    if (compareIds(id, top) < 0) {
      fail('ERR The ID specified in XSETID is smaller than the target stream top item')
    }
    if (entriesAdded !== undefined && stream.length > entriesAdded) {
      fail('ERR The entries_added specified in XSETID is smaller than the target stream length')
    }
  }
  stream.lastId = id
  if (entriesAdded !== undefined) stream.entriesAdded = entriesAdded
  if (!isZeroId(maxDeletedId)) stream.maxDeletedId = maxDeletedId
  ctx.db.annotated(key, stream, 1, STREAM, 'xsetid')
  return OK
}

// ---- descriptors ------------------------------------------------------------------------------------------

const TRIM_SYNTAX = 'strategy=MAXLEN|MINID operator=[equal==|approximately=~] threshold:string [LIMIT count]'
const RANGE_COST = 'O(log(N)+M) where N is the number of entries and M the number of entries given'

export const streamCommands: readonly CommandSpec[] = [
  {
    name: 'xadd',
    arity: -5,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW update', 'It may remove entries, too')],
    tips: ['nondeterministic_output'],
    since: '5.0.0',
    group: 'stream',
    syntax: `key [NOMKSTREAM] trim=[${TRIM_SYNTAX}] id-selector=<auto-id=*|id> field value [field value ...]`,
    summary: 'Adds an entry to the end of a stream; a missing stream is made.',
    complexity: 'O(1), and O(N) for trimming where N is the number of entries removed',
    handler: add,
  },
  {
    name: 'xdel',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW delete')],
    since: '5.0.0',
    group: 'stream',
    syntax: 'key ID:string [ID:string ...]',
    summary: 'Removes entries of a stream by their IDs and tells how many there were.',
    complexity: 'O(log(N)) for each entry where N is the number of entries',
    handler: remove,
  },
  {
    name: 'xlen',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '5.0.0',
    group: 'stream',
    syntax: 'key',
    summary: 'Gives the number of entries of a stream.',
    complexity: 'O(1)',
    handler: length,
  },
  {
    name: 'xrange',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '5.0.0',
    group: 'stream',
    syntax: 'key start:string end:string [COUNT count]',
    summary: 'Gives the entries of a stream between two IDs.',
    complexity: RANGE_COST,
    handler: (ctx, args) => range(ctx, args, false),
  },
  {
    name: 'xrevrange',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '5.0.0',
    group: 'stream',
    syntax: 'key end:string start:string [COUNT count]',
    summary: 'Gives the entries of a stream between two IDs, the last one first.',
    complexity: RANGE_COST,
    handler: (ctx, args) => range(ctx, args, true),
  },
  {
    name: 'xsetid',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW update')],
    since: '5.0.0',
    group: 'stream',
    syntax: 'key last-id [ENTRIESADDED entries-added:integer] [MAXDELETEDID max-deleted-id]',
    summary: 'Sets what a stream remembers of its past, as a copy of it needs.',
    complexity: 'O(1)',
    handler: setId,
  },
  {
    name: 'xtrim',
    arity: -4,
    flags: ['write'],
    keys: [keyAt(1, 'RW delete')],
    tips: ['nondeterministic_output'],
    since: '5.0.0',
    group: 'stream',
    syntax: `key trim=<${TRIM_SYNTAX}>`,
    summary: 'Removes the oldest entries of a stream, down to a length or up to an ID.',
    complexity: 'O(N) where N is the number of entries removed; whole nodes go at once',
    handler: trim,
  },
  ...streamReadCommands,
  ...streamGroupCommands,
  ...streamPendingCommands,
  streamInfoCommand,
]
