/**
 * Sets: members, random picks, scans. Union, difference and intersection are in set-algebra.ts.
 *
 *   SADD SCARD SISMEMBER SMEMBERS SMISMEMBER SMOVE SPOP SRANDMEMBER SREM SSCAN
 *   SDIFF SDIFFSTORE SINTER SINTERCARD SINTERSTORE SUNION SUNIONSTORE
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import { SetValue } from '../keyspace/set-value.js'
import type { ValueHome } from '../keyspace/value.js'
import { type Reply, SetReply } from '../protocol/reply.js'
import { atLeastArg, countArg, randomCountArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { countedKeys, keyAt, keyRange } from './key-spec.js'
import { cursorArg, parseScanOptions, scanSlots } from './scan-cursor.js'
import { difference, intersect, intersection, type Operands, union } from './set-algebra.js'

const { SET } = EventClass

/** Members that one SREM, as which SPOP is journalled, carries at most. */
const EFFECT_MEMBERS = 1024

// ---- members ----------------------------------------------------------------------------------------------

function sadd(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const key = args[1] as string
  let set = db.write(key, 'set')
  if (set === undefined) {
    set = db.create(key, SetValue.for(ctx.keyspace, args[2] as string, args.length - 2))
  } else if (set.prepareFor(args.length - 2)) db.reshaped(set)
  let added = 0
  for (let i = 2; i < args.length; i++) if (set.add(args[i] as string)) added++
  if (added > 0) db.modified(key, set, SET, 'sadd', added)
  return added
}

function srem(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const set = ctx.db.write(key, 'set')
  if (set === undefined) return 0
  let removed = 0
  for (let i = 2; i < args.length; i++) if (set.remove(args[i] as string)) removed++
  if (removed > 0) ctx.db.modified(key, set, SET, 'srem', removed)
  return removed
}

function smove(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const from = args[1] as string
  const to = args[2] as string
  const member = args[3] as string
  const source = db.write(from, 'set')
  if (source === undefined) return 0
  let target = db.write(to, 'set')
  if (source === target) return source.has(member) ? 1 : 0
  if (!source.remove(member)) return 0
  db.modified(from, source, SET, 'srem')
  target ??= db.create(to, SetValue.for(ctx.keyspace, member, 1))
  if (target.add(member)) db.modified(to, target, SET, 'sadd')
  return 1
}

function sismember(ctx: Context, args: readonly string[]): Reply {
  return ctx.db.read(args[1] as string, 'set')?.has(args[2] as string) ? 1 : 0
}

function smismember(ctx: Context, args: readonly string[]): Reply {
  const set = ctx.db.read(args[1] as string, 'set')
  return args.slice(2).map((member) => (set?.has(member) ? 1 : 0))
}

function smembers(ctx: Context, args: readonly string[]): Reply {
  return new SetReply(ctx.db.read(args[1] as string, 'set')?.members() ?? [])
}

function sscan(ctx: Context, args: readonly string[]): Reply {
  cursorArg(args[2] as string)
  const set = ctx.db.read(args[1] as string, 'set')
  if (set === undefined) return ['0', []]
  const { cursor, count, matches } = parseScanOptions(args, 2)
  // A set that is small enough for a compact encoding is given at once, wherever the cursor stands.
  if (set.dict === undefined) return ['0', set.members().filter(matches)]
  const found: string[] = []
  const next = scanSlots(set.dict, cursor, count, (_slot, member) => {
    if (matches(member)) found.push(member)
  })
  return [String(next), found]
}

// ---- random picks -----------------------------------------------------------------------------------------

function srandmember(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 3) fail(SYNTAX_ERROR)
  const count = args.length === 3 ? randomCountArg(args[2] as string) : undefined
  const set = ctx.db.read(args[1] as string, 'set')
  const { random } = ctx.keyspace
  if (count === undefined) return set === undefined ? null : set.randomMember(random)
  if (set === undefined) return []
  if (count >= set.length) return set.members()
  if (count >= 0) return set.sample(count, random)
  const picks: string[] = []
  for (let i = 0; i < -count; i++) picks.push(set.randomMember(random))
  return picks
}

function spop(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 3) fail(SYNTAX_ERROR)
  if (args.length === 3) return spopCount(ctx, args)
  const key = args[1] as string
  const set = ctx.db.write(key, 'set')
  if (set === undefined) return null
  const member = set.popRandom(ctx.keyspace.random)
  ctx.db.modified(key, set, SET, 'spop')
  ctx.propagate('SREM', key, member)
  return member
}

function spopCount(ctx: Context, args: readonly string[]): Reply {
  const count = countArg(args[2] as string)
  const key = args[1] as string
  const set = ctx.db.write(key, 'set')
  if (set === undefined || count === 0) return new SetReply([])
  const all = count >= set.length
  const popped = all ? set.popAll() : set.popSample(count, ctx.keyspace.random)
  ctx.db.modified(key, set, SET, 'spop', popped.length)
  if (all) ctx.propagate('DEL', key)
  else {
    for (let i = 0; i < popped.length; i += EFFECT_MEMBERS) {
      ctx.propagate('SREM', key, ...popped.slice(i, i + EFFECT_MEMBERS))
    }
  }
  return new SetReply(popped)
}

// ---- algebra ----------------------------------------------------------------------------------------------

/** The sets under `args[from]` to `args[end - 1]`; undefined for a key that is not there. */
function readSets(ctx: Context, args: readonly string[], from: number, end = args.length): Operands {
  const sets: (SetValue | undefined)[] = []
  for (let i = from; i < end; i++) sets.push(ctx.db.read(args[i] as string, 'set'))
  return sets
}

function sinter(ctx: Context, args: readonly string[]): Reply {
  const members: string[] = []
  intersect(readSets(ctx, args, 1), (member) => {
    members.push(member)
    return true
  })
  return new SetReply(members)
}

function sintercard(ctx: Context, args: readonly string[]): Reply {
  const keys = atLeastArg(args[1] as string, 1, 'ERR numkeys should be greater than 0')
  if (keys > args.length - 2) fail("ERR Number of keys can't be greater than number of args")
  let limit = 0
  for (let i = keys + 2; i < args.length; i += 2) {
    const value = args[i + 1]
    if (!equalsIgnoreCase(args[i] as string, 'limit') || value === undefined) fail(SYNTAX_ERROR)
    limit = atLeastArg(value, 0, "ERR LIMIT can't be negative")
  }
  let size = 0
  intersect(readSets(ctx, args, 2, keys + 2), () => ++size !== limit)
  return size
}

type Operation = (home: ValueHome, sets: Operands, isReply: boolean) => SetValue

function combine(ctx: Context, args: readonly string[], operation: Operation): Reply {
  return new SetReply(operation(ctx.keyspace, readSets(ctx, args, 1), true).members())
}

/** Stores the result of an operation under the first key; an empty one deletes the key. */
function combineAndStore(ctx: Context, args: readonly string[], operation: Operation): Reply {
  const key = args[1] as string
  const result = operation(ctx.keyspace, readSets(ctx, args, 2), false)
  if (result.length > 0) ctx.db.set(key, result, SET, ctx.command.name)
  else ctx.db.remove(key)
  return result.length
}

// ---- descriptors ------------------------------------------------------------------------------------------

const UNORDERED = ['nondeterministic_output_order']

export const setCommands: readonly CommandSpec[] = [
  {
    name: 'sadd',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW insert')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key member [member ...]',
    summary: 'Adds members to a set, which is created if need be.',
    complexity: 'O(N) where N is the number of members given',
    handler: sadd,
  },
  {
    name: 'scard',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key',
    summary: 'Counts the members of a set.',
    complexity: 'O(1)',
    handler: (ctx, args) => ctx.db.read(args[1] as string, 'set')?.length ?? 0,
  },
  {
    name: 'sdiff',
    arity: -2,
    flags: ['readonly'],
    keys: [keyRange(1, -1, 1, 'RO access')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key [key ...]',
    summary: 'Gives the members of the first set that none of the others has.',
    complexity: 'O(N) where N is the number of members in all sets',
    tips: UNORDERED,
    handler: (ctx, args) => combine(ctx, args, difference),
  },
  {
    name: 'sdiffstore',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update'), keyRange(2, -1, 1, 'RO access')],
    since: '1.0.0',
    group: 'set',
    syntax: 'destination key [key ...]',
    summary: 'Stores the members of the first set that none of the others has.',
    complexity: 'O(N) where N is the number of members in all sets',
    handler: (ctx, args) => combineAndStore(ctx, args, difference),
  },
  {
    name: 'sinter',
    arity: -2,
    flags: ['readonly'],
    keys: [keyRange(1, -1, 1, 'RO access')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key [key ...]',
    summary: 'Gives the members that all of the sets have.',
    complexity: 'O(N*M) where N is the size of the smallest set and M the number of sets',
    tips: UNORDERED,
    handler: sinter,
  },
  {
    name: 'sintercard',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO access')],
    since: '7.0.0',
    group: 'set',
    syntax: 'numkeys key [key ...] [LIMIT limit]',
    summary: 'Counts the members that all of the sets have, up to a limit if wanted.',
    complexity: 'O(N*M) where N is the size of the smallest set and M the number of sets',
    handler: sintercard,
  },
  {
    name: 'sinterstore',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW update'), keyRange(2, -1, 1, 'RO access')],
    since: '1.0.0',
    group: 'set',
    syntax: 'destination key [key ...]',
    summary: 'Stores the members that all of the sets have.',
    complexity: 'O(N*M) where N is the size of the smallest set and M the number of sets',
    handler: (ctx, args) => combineAndStore(ctx, args, intersection),
  },
  {
    name: 'sismember',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key member',
    summary: 'Tells whether a set has a member.',
    complexity: 'O(1)',
    handler: sismember,
  },
  {
    name: 'smembers',
    arity: 2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key',
    summary: 'Gives all members of a set.',
    complexity: 'O(N) where N is the size of the set',
    tips: UNORDERED,
    handler: smembers,
  },
  {
    name: 'smismember',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '6.2.0',
    group: 'set',
    syntax: 'key member [member ...]',
    summary: 'Tells for each of several members whether a set has it.',
    complexity: 'O(N) where N is the number of members given',
    handler: smismember,
  },
  {
    name: 'smove',
    arity: 4,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access delete'), keyAt(2, 'RW insert')],
    since: '1.0.0',
    group: 'set',
    syntax: 'source destination member',
    summary: 'Takes a member out of one set and puts it into another.',
    complexity: 'O(1)',
    handler: smove,
  },
  {
    name: 'spop',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access delete')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key [count]',
    summary: 'Takes random members out of a set and gives them.',
    complexity: 'O(1) without a count, else at most O(N) where N is the size of the set',
    tips: ['nondeterministic_output'],
    handler: spop,
  },
  {
    name: 'srandmember',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key [count]',
    summary: 'Gives random members of a set; with a negative count one may come more than once.',
    complexity: 'O(1) without a count, else O(N) where N is the count',
    tips: ['nondeterministic_output'],
    handler: srandmember,
  },
  {
    name: 'srem',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW delete')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key member [member ...]',
    summary: 'Removes members from a set; a set without members is deleted.',
    complexity: 'O(N) where N is the number of members given',
    handler: srem,
  },
  {
    name: 'sscan',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.8.0',
    group: 'set',
    syntax: 'key cursor [MATCH pattern] [COUNT count]',
    summary: 'Walks through the members of a set, some at each call.',
    complexity: 'O(1) a call, O(N) for a whole walk where N is the size of the set',
    tips: ['nondeterministic_output'],
    handler: sscan,
  },
  {
    name: 'sunion',
    arity: -2,
    flags: ['readonly'],
    keys: [keyRange(1, -1, 1, 'RO access')],
    since: '1.0.0',
    group: 'set',
    syntax: 'key [key ...]',
    summary: 'Gives the members that any of the sets has.',
    complexity: 'O(N) where N is the number of members in all sets',
    tips: UNORDERED,
    handler: (ctx, args) => combine(ctx, args, union),
  },
  {
    name: 'sunionstore',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update'), keyRange(2, -1, 1, 'RO access')],
    since: '1.0.0',
    group: 'set',
    syntax: 'destination key [key ...]',
    summary: 'Stores the members that any of the sets has.',
    complexity: 'O(N) where N is the number of members in all sets',
    handler: (ctx, args) => combineAndStore(ctx, args, union),
  },
]
