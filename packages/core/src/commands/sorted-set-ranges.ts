/**
 * Ranges of a sorted set: count, read, store and remove what lies in an interval.
 *
 *   ZCOUNT ZLEXCOUNT ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZREMRANGEBYLEX ZREMRANGEBYRANK
 *   ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE
 *
 * How an interval is read and found is in sorted-set-interval.ts.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import { SortedSetValue } from '../keyspace/sorted-set-value.js'
import { Double, type Reply, Tuples } from '../protocol/reply.js'
import { integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt } from './key-spec.js'
import {
  type Interval,
  type IntervalKind,
  limitRanks,
  parseInterval,
  type Ranks,
} from './sorted-set-interval.js'

const { ZSET } = EventClass

// ---- what to select -----------------------------------------------------------------------------------------

/** What a command's name settles; what it leaves open, options may say. */
interface RangeForm {
  readonly kind?: IntervalKind
  readonly reverse?: boolean
  /** Scores belong to the elements anyway, and WITHSCORES is unknown. */
  readonly store?: boolean
}

interface Selection {
  readonly kind: IntervalKind
  readonly interval: Interval
  readonly reverse: boolean
  readonly withScores: boolean
  readonly offset: number
  /** Negative for no limit. */
  readonly limit: number
}

/** Reads the interval at `args[at]` and `args[at + 1]`, and the options behind it. */
function parseSelection(args: readonly string[], at: number, form: RangeForm): Selection {
  let { kind, reverse } = form
  let withScores = false
  let offset = 0
  let limit = -1
  for (let i = at + 2; i < args.length; i++) {
    const word = args[i] as string
    if (form.store !== true && equalsIgnoreCase(word, 'withscores')) withScores = true
    else if (equalsIgnoreCase(word, 'limit') && i + 2 < args.length) {
      offset = integerArg(args[++i] as string)
      limit = integerArg(args[++i] as string)
    } else if (reverse === undefined && equalsIgnoreCase(word, 'rev')) reverse = true
    else if (kind === undefined && equalsIgnoreCase(word, 'bylex')) kind = 'lex'
    else if (kind === undefined && equalsIgnoreCase(word, 'byscore')) kind = 'score'
    else fail(SYNTAX_ERROR)
  }
  kind ??= 'rank'
  reverse ??= false
  if (kind === 'rank' && limit !== -1) {
    fail('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX')
  }
  if (kind === 'lex' && withScores) {
    fail('ERR syntax error, WITHSCORES not supported in combination with BYLEX')
  }
  // An offset without a limit means nothing to ranks.
  if (kind === 'rank') offset = 0
  const first = args[at] as string
  const second = args[at + 1] as string
  const swapped = reverse && kind !== 'rank'
  const interval = parseInterval(kind, swapped ? second : first, swapped ? first : second)
  return { kind, interval, reverse, withScores, offset, limit }
}

function select(value: SortedSetValue, { interval, reverse, offset, limit }: Selection): Ranks {
  const ranks = interval.ranksIn(value, reverse)
  return offset === 0 && limit < 0 ? ranks : limitRanks(ranks, reverse, offset, limit)
}

// ---- handlers -----------------------------------------------------------------------------------------------

function range(ctx: Context, args: readonly string[], form: RangeForm): Reply {
  const selection = parseSelection(args, 2, form)
  const value = ctx.db.read(args[1] as string, 'zset')
  if (value === undefined) return []
  const { start, count } = select(value, selection)
  return elements(value, start, count, selection.reverse, selection.withScores)
}

/** Members, or members with their scores, as a reply. */
export function elements(
  value: SortedSetValue,
  start: number,
  count: number,
  reverse: boolean,
  withScores: boolean,
): Reply {
  const flat: Reply[] = []
  if (!withScores) {
    value.walk(start, count, reverse, (member) => {
      flat.push(member)
    })
    return flat
  }
  value.walk(start, count, reverse, (member, score) => {
    flat.push(member, new Double(score))
  })
  return new Tuples(flat)
}

function rangeStore(ctx: Context, args: readonly string[]): Reply {
  const selection = parseSelection(args, 3, { store: true })
  const source = ctx.db.read(args[2] as string, 'zset')
  const stored = new SortedSetValue(ctx.keyspace)
  if (source !== undefined) {
    const { start, count } = select(source, selection)
    // As in Redis, where only a range by rank has a length that is known before: it decides which elements pass
    // through the small form, and that form has no -0.
    if (selection.kind === 'rank') stored.prepareFor(count)
    source.walk(start, count, selection.reverse, (member, score) => stored.insert(member, score))
  }
  return store(ctx, args[1] as string, stored, 'zrangestore')
}

/**
 * Puts a sorted set in the place of whatever `key` holds; if it is empty the key is deleted.
 * @returns the number of elements
 */
export function store(ctx: Context, key: string, value: SortedSetValue, event: string): number {
  if (value.length === 0) ctx.db.remove(key)
  else ctx.db.set(key, value, ZSET, event)
  return value.length
}

function count(ctx: Context, args: readonly string[], kind: IntervalKind): Reply {
  const interval = parseInterval(kind, args[2] as string, args[3] as string)
  const value = ctx.db.read(args[1] as string, 'zset')
  return value === undefined ? 0 : interval.ranksIn(value, false).count
}

function removeRange(ctx: Context, args: readonly string[], kind: IntervalKind): Reply {
  const key = args[1] as string
  const interval = parseInterval(kind, args[2] as string, args[3] as string)
  const value = ctx.db.write(key, 'zset')
  if (value === undefined) return 0
  const { start, count: removed } = interval.ranksIn(value, false)
  if (removed > 0) {
    value.deleteRange(start, removed)
    ctx.db.modified(key, value, ZSET, `zremrangeby${kind}`, removed)
  }
  return removed
}

// ---- descriptors --------------------------------------------------------------------------------------------

const READ_COST = 'O(log(N)+M) where N is the size of the sorted set and M the number of elements given'
const REMOVE_COST = 'O(log(N)+M) where N is the size of the sorted set and M the number of elements removed'
const COUNT_COST = 'O(log(N)) where N is the size of the sorted set'

export const sortedSetRangeCommands: readonly CommandSpec[] = [
  {
    name: 'zcount',
    arity: 4,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '2.0.0',
    group: 'sorted-set',
    syntax: 'key min:double max:double',
    summary: 'Counts the members with a score between two bounds.',
    complexity: COUNT_COST,
    handler: (ctx, args) => count(ctx, args, 'score'),
  },
  {
    name: 'zlexcount',
    arity: 4,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '2.8.9',
    group: 'sorted-set',
    syntax: 'key min max',
    summary: 'Counts the members between two members, in a sorted set whose scores are all equal.',
    complexity: COUNT_COST,
    handler: (ctx, args) => count(ctx, args, 'lex'),
  },
  {
    name: 'zrange',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '1.2.0',
    group: 'sorted-set',
    syntax: 'key start:string stop:string sortby=[BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES]',
    summary: 'Gives the members in a range of ranks, scores or members, in order or in reverse order.',
    complexity: READ_COST,
    handler: (ctx, args) => range(ctx, args, {}),
  },
  {
    name: 'zrangebylex',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.8.9',
    group: 'sorted-set',
    syntax: 'key min max [LIMIT offset count]',
    summary: 'Gives the members between two members, in a sorted set whose scores are all equal.',
    complexity: READ_COST,
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with `BYLEX`' },
    handler: (ctx, args) => range(ctx, args, { kind: 'lex', reverse: false }),
  },
  {
    name: 'zrangebyscore',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '1.0.5',
    group: 'sorted-set',
    syntax: 'key min:double max:double [WITHSCORES] [LIMIT offset count]',
    summary: 'Gives the members with a score between two bounds.',
    complexity: READ_COST,
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with `BYSCORE`' },
    handler: (ctx, args) => range(ctx, args, { kind: 'score', reverse: false }),
  },
  {
    name: 'zrangestore',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update'), keyAt(2, 'RO access')],
    since: '6.2.0',
    group: 'sorted-set',
    syntax: 'dst src min max sortby=[BYSCORE|BYLEX] [REV] [LIMIT offset count]',
    summary: 'Stores the elements in a range of a sorted set under another key.',
    complexity: 'O(log(N)+M) where N is the size of the sorted set and M the number of elements stored',
    handler: rangeStore,
  },
  {
    name: 'zremrangebylex',
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW delete')],
    since: '2.8.9',
    group: 'sorted-set',
    syntax: 'key min max',
    summary: 'Removes the members between two members, in a sorted set whose scores are all equal.',
    complexity: REMOVE_COST,
    handler: (ctx, args) => removeRange(ctx, args, 'lex'),
  },
  {
    name: 'zremrangebyrank',
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW delete')],
    since: '2.0.0',
    group: 'sorted-set',
    syntax: 'key start stop',
    summary: 'Removes the members in a range of ranks.',
    complexity: REMOVE_COST,
    handler: (ctx, args) => removeRange(ctx, args, 'rank'),
  },
  {
    name: 'zremrangebyscore',
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW delete')],
    since: '1.2.0',
    group: 'sorted-set',
    syntax: 'key min:double max:double',
    summary: 'Removes the members with a score between two bounds.',
    complexity: REMOVE_COST,
    handler: (ctx, args) => removeRange(ctx, args, 'score'),
  },
  {
    name: 'zrevrange',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '1.2.0',
    group: 'sorted-set',
    syntax: 'key start stop [WITHSCORES]',
    summary: 'Gives the members in a range of ranks that count from the greatest score down.',
    complexity: READ_COST,
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with `REV`' },
    handler: (ctx, args) => range(ctx, args, { kind: 'rank', reverse: true }),
  },
  {
    name: 'zrevrangebylex',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.8.9',
    group: 'sorted-set',
    syntax: 'key max min [LIMIT offset count]',
    summary:
      'Gives the members between two members, the last first, in a sorted set whose scores are all equal.',
    complexity: READ_COST,
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with `REV` and `BYLEX`' },
    handler: (ctx, args) => range(ctx, args, { kind: 'lex', reverse: true }),
  },
  {
    name: 'zrevrangebyscore',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.2.0',
    group: 'sorted-set',
    syntax: 'key max:double min:double [WITHSCORES] [LIMIT offset count]',
    summary: 'Gives the members with a score between two bounds, the greatest score first.',
    complexity: READ_COST,
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with `REV` and `BYSCORE`' },
    handler: (ctx, args) => range(ctx, args, { kind: 'score', reverse: true }),
  },
]
