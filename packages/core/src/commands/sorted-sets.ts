/**
 * Sorted sets: adding, scoring, ranking and removing single members, scans and random members.
 *
 *   ZADD ZCARD ZINCRBY ZMSCORE ZRANDMEMBER ZRANK ZREM ZREVRANK ZSCAN ZSCORE
 *
 * Ranges, combinations and pops have files of their own: sorted-set-ranges.ts, sorted-set-algebra.ts,
 * sorted-set-pops.ts.
 */

import { formatDouble, formatDouble17 } from '../base/double.js'
import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { randomBelow, sampleDistinct } from '../base/random.js'
import { EventClass } from '../keyspace/events.js'
import { SortedSetValue } from '../keyspace/sorted-set-value.js'
import { Double, NIL_ARRAY, type Reply, Tuples } from '../protocol/reply.js'
import { doubleArg, int64Arg, randomCountArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt } from './key-spec.js'
import { cursorArg, parseScanOptions, scanSlots } from './scan-cursor.js'
import { sortedSetAlgebraCommands } from './sorted-set-algebra.js'
import { sortedSetPopCommands } from './sorted-set-pops.js'
import { elements, sortedSetRangeCommands } from './sorted-set-ranges.js'

const { ZSET } = EventClass

// ---- ZADD and ZINCRBY ---------------------------------------------------------------------------------------

// Options of ZADD, as bits.
const NX = 1
const XX = 2
const GT = 4
const LT = 8
const CH = 16
const INCR = 32

const ADD_OPTIONS: readonly (readonly [word: string, bit: number])[] = [
  ['nx', NX],
  ['xx', XX],
  ['gt', GT],
  ['lt', LT],
  ['ch', CH],
  ['incr', INCR],
]

/** The bit of an option, 0 for any other word. */
function addOption(word: string): number {
  // Most words are scores: digits and signs come before the letters.
  if (word.charCodeAt(0) < 0x41) return 0
  for (const [name, bit] of ADD_OPTIONS) if (equalsIgnoreCase(word, name)) return bit
  return 0
}

/** ZADD, and ZINCRBY as ZADD with INCR; GEOADD comes down to it, too. */
export function add(ctx: Context, args: readonly string[], given: number): Reply {
  let options = given
  let first = 2
  for (; first < args.length; first++) {
    const option = addOption(args[first] as string)
    if (option === 0) break
    options |= option
  }
  const words = args.length - first
  if (words === 0 || words % 2 !== 0) fail(SYNTAX_ERROR)
  checkAddOptions(options, words / 2)
  const scores: number[] = []
  for (let i = first; i < args.length; i += 2) scores.push(doubleArg(args[i] as string))

  const { db } = ctx
  const key = args[1] as string
  const increments = (options & INCR) !== 0
  let value = db.write(key, 'zset')
  if (value === undefined) {
    if ((options & XX) !== 0) return increments ? null : 0
    value = db.create(key, new SortedSetValue(ctx.keyspace))
  }
  if (value.prepareFor(scores.length)) db.reshaped(value)

  let added = 0
  let updated = 0
  let result: number | undefined
  for (let i = 0; i < scores.length; i++) {
    let score = scores[i] as number
    const member = args[first + 2 * i + 1] as string
    const old = value.score(member)
    if (old === undefined) {
      if ((options & XX) !== 0) continue
      value.insert(member, score)
      added++
    } else {
      if ((options & NX) !== 0) continue
      if (increments) {
        score += old
        if (Number.isNaN(score)) fail('ERR resulting score is not a number (NaN)')
      }
      if ((options & LT) !== 0 && score >= old) continue
      if ((options & GT) !== 0 && score <= old) continue
      if (score !== old) {
        value.move(member, old, score)
        updated++
      }
    }
    result = score
  }
  if (added + updated > 0) db.modified(key, value, ZSET, increments ? 'zincr' : 'zadd', added + updated)
  if (increments) return result === undefined ? null : new Double(result)
  return (options & CH) !== 0 ? added + updated : added
}

function checkAddOptions(options: number, pairs: number): void {
  if ((options & NX) !== 0 && (options & XX) !== 0) {
    fail('ERR XX and NX options at the same time are not compatible')
  }
  const bounds = options & (GT | LT)
  if (bounds === (GT | LT) || (bounds !== 0 && (options & NX) !== 0)) {
    fail('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  if ((options & INCR) !== 0 && pairs > 1) {
    fail('ERR INCR option supports a single increment-element pair')
  }
}

// ---- single members -----------------------------------------------------------------------------------------

function remove(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const value = ctx.db.write(key, 'zset')
  if (value === undefined) return 0
  let removed = 0
  for (let i = 2; i < args.length; i++) if (value.delete(args[i] as string)) removed++
  if (removed > 0) ctx.db.modified(key, value, ZSET, 'zrem', removed)
  return removed
}

function cardinality(ctx: Context, args: readonly string[]): Reply {
  const value = ctx.db.read(args[1] as string, 'zset')
  return value === undefined ? 0 : value.length
}

function score(ctx: Context, args: readonly string[]): Reply {
  const found = ctx.db.read(args[1] as string, 'zset')?.score(args[2] as string)
  return found === undefined ? null : new Double(found)
}

function scores(ctx: Context, args: readonly string[]): Reply {
  const value = ctx.db.read(args[1] as string, 'zset')
  const reply: Reply[] = []
  for (let i = 2; i < args.length; i++) {
    const found = value?.score(args[i] as string)
    reply.push(found === undefined ? null : new Double(found))
  }
  return reply
}

function rank(ctx: Context, args: readonly string[], reverse: boolean): Reply {
  if (args.length > 4) fail(`ERR wrong number of arguments for '${ctx.command.fullName}' command`)
  const withScore = args.length === 4
  if (withScore && !equalsIgnoreCase(args[3] as string, 'withscore')) fail(SYNTAX_ERROR)
  const value = ctx.db.read(args[1] as string, 'zset')
  const member = args[2] as string
  const fromStart = value === undefined ? -1 : value.rank(member)
  if (value === undefined || fromStart < 0) return withScore ? NIL_ARRAY : null
  const found = reverse ? value.length - 1 - fromStart : fromStart
  return withScore ? [found, new Double(value.score(member) as number)] : found
}

// ---- scans and random members -------------------------------------------------------------------------------

function scan(ctx: Context, args: readonly string[]): Reply {
  cursorArg(args[2] as string)
  const value = ctx.db.read(args[1] as string, 'zset')
  if (value === undefined) return ['0', []]
  const { cursor, count, matches } = parseScanOptions(args, 2)
  const flat: string[] = []
  const { dict } = value
  if (dict === undefined) {
    value.forEach((member, found) => {
      if (matches(member)) flat.push(member, formatDouble(found))
    })
    return ['0', flat]
  }
  // Redis prints the score in full here, and only here.
  const next = scanSlots(dict, cursor, count, (slot, member) => {
    if (matches(member)) flat.push(member, formatDouble17(dict.valueAt(slot)))
  })
  return [String(next), flat]
}

/** 2^62 - 1: twice as many elements is still an integer. */
const MAX_PAIRS = 4611686018427387903n

function randomMember(ctx: Context, args: readonly string[]): Reply {
  const { random } = ctx.keyspace
  if (args.length === 2) {
    const value = ctx.db.read(args[1] as string, 'zset')
    return value === undefined ? null : value.at(randomBelow(random, value.length)).member
  }
  const count = randomCountArg(args[2] as string)
  const withScores = args.length === 4 && equalsIgnoreCase(args[3] as string, 'withscores')
  if (args.length > (withScores ? 4 : 3)) fail(SYNTAX_ERROR)
  if (withScores && int64Arg(args[2] as string) > MAX_PAIRS) fail('ERR value is out of range')

  const value = ctx.db.read(args[1] as string, 'zset')
  if (value === undefined || count === 0) return []
  const { length } = value
  if (count >= length) return elements(value, 0, length, true, withScores)
  const reply: Reply[] = []
  const pick = (at: number) => {
    const { member, score } = value.at(at)
    if (withScores) reply.push(member, new Double(score))
    else reply.push(member)
  }
  if (count > 0) for (const at of sampleDistinct(random, count, length)) pick(at)
  else for (let i = count; i < 0; i++) pick(randomBelow(random, length))
  return withScores ? new Tuples(reply) : reply
}

// ---- descriptors --------------------------------------------------------------------------------------------

const SEARCH_COST = 'O(log(N)) where N is the size of the sorted set'

const memberCommands: readonly CommandSpec[] = [
  {
    name: 'zadd',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW update')],
    since: '1.2.0',
    group: 'sorted-set',
    syntax:
      'key condition=[NX|XX] comparison=[GT|LT] [change=CH] [increment=INCR] score member [score member ...]',
    summary: 'Adds members with scores, or gives members that are there new scores.',
    complexity: 'O(log(N)) for each member, where N is the size of the sorted set',
    handler: (ctx, args) => add(ctx, args, 0),
  },
  {
    name: 'zcard',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '1.2.0',
    group: 'sorted-set',
    syntax: 'key',
    summary: 'Counts the members of a sorted set.',
    complexity: 'O(1)',
    handler: cardinality,
  },
  {
    name: 'zincrby',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '1.2.0',
    group: 'sorted-set',
    syntax: 'key increment member',
    summary: "Adds a number to a member's score; a missing member counts as having 0.",
    complexity: SEARCH_COST,
    handler: (ctx, args) => add(ctx, args, INCR),
  },
  {
    name: 'zmscore',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '6.2.0',
    group: 'sorted-set',
    syntax: 'key member [member ...]',
    summary: 'Gives the scores of several members.',
    complexity: 'O(N) where N is the number of members asked for',
    handler: scores,
  },
  {
    name: 'zrandmember',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '6.2.0',
    group: 'sorted-set',
    syntax: 'key options=[count [WITHSCORES]]',
    summary: 'Gives random members.',
    complexity: 'O(M*log(N)) where N is the size of the sorted set and M the number of members given',
    tips: ['nondeterministic_output'],
    handler: randomMember,
  },
  {
    name: 'zrank',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '2.0.0',
    group: 'sorted-set',
    syntax: 'key member [WITHSCORE]',
    summary: 'Gives the rank of a member, the lowest score being rank 0.',
    complexity: SEARCH_COST,
    handler: (ctx, args) => rank(ctx, args, false),
  },
  {
    name: 'zrem',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW delete')],
    since: '1.2.0',
    group: 'sorted-set',
    syntax: 'key member [member ...]',
    summary: 'Removes members.',
    complexity: 'O(M*log(N)) where N is the size of the sorted set and M the number of members to remove',
    handler: remove,
  },
  {
    name: 'zrevrank',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '2.0.0',
    group: 'sorted-set',
    syntax: 'key member [WITHSCORE]',
    summary: 'Gives the rank of a member, the highest score being rank 0.',
    complexity: SEARCH_COST,
    handler: (ctx, args) => rank(ctx, args, true),
  },
  {
    name: 'zscan',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.8.0',
    group: 'sorted-set',
    syntax: 'key cursor [MATCH pattern] [COUNT count]',
    summary: 'Gives members and scores a few at a time.',
    complexity: 'O(1) for each call, O(N) for all, where N is the size of the sorted set',
    tips: ['nondeterministic_output'],
    handler: scan,
  },
  {
    name: 'zscore',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '1.2.0',
    group: 'sorted-set',
    syntax: 'key member',
    summary: 'Gives the score of a member.',
    complexity: 'O(1)',
    handler: score,
  },
]

export const sortedSetCommands: readonly CommandSpec[] = [
  ...memberCommands,
  ...sortedSetRangeCommands,
  ...sortedSetAlgebraCommands,
  ...sortedSetPopCommands,
]
