/**
 * Elements taken off either end of a sorted set, waiting for them if wanted.
 *
 *   BZMPOP BZPOPMAX BZPOPMIN ZMPOP ZPOPMAX ZPOPMIN
 *
 * Whatever the command, what follows it elsewhere is the ZPOPMIN or ZPOPMAX that takes the same elements.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import type { SortedSetValue } from '../keyspace/sorted-set-value.js'
import { Double, NIL_ARRAY, type Reply, Tuples } from '../protocol/reply.js'
import { countArg, deadlineArg } from './arguments.js'
import { Block } from './block.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { countedKeys, keyAt, keyRange } from './key-spec.js'
import { type MultiPop, parseMultiPop } from './multi-pop.js'

type End = 'min' | 'max'

/**
 * Takes up to `count` elements off one end of the value of `key`; the key goes with its last element.
 * @returns members and scores in turn, the outermost first
 */
function pop(ctx: Context, key: string, value: SortedSetValue, end: End, count: number): Reply[] {
  const popped = Math.min(count, value.length)
  const start = end === 'min' ? 0 : value.length - popped
  const flat: Reply[] = []
  value.walk(start, popped, end === 'max', (member, score) => {
    flat.push(member, new Double(score))
  })
  value.deleteRange(start, popped)
  ctx.db.modified(key, value, EventClass.ZSET, `zpop${end}`, popped)
  return flat
}

/** The first of the keys that is there. @throws CommandError when that one holds another type */
function firstPresent(
  ctx: Context,
  keys: readonly string[],
): { key: string; value: SortedSetValue } | undefined {
  for (const key of keys) {
    const value = ctx.db.write(key, 'zset')
    if (value !== undefined) return { key, value }
  }
  return undefined
}

// ---- ZPOPMIN and ZPOPMAX, blocking or not -------------------------------------------------------------------

function popEnd(ctx: Context, args: readonly string[], end: End): Reply {
  if (args.length > 3) fail(SYNTAX_ERROR)
  const counted = args.length === 3
  const count = counted ? countArg(args[2] as string) : 1
  const key = args[1] as string
  const value = ctx.db.write(key, 'zset')
  if (value === undefined || count === 0) return []
  const flat = pop(ctx, key, value, end, count)
  return counted ? new Tuples(flat) : flat
}

function blockingPopEnd(ctx: Context, args: readonly string[], end: End): Reply | Block {
  const deadlineMs = deadlineArg(args[args.length - 1] as string, ctx.now)
  const keys = args.slice(1, -1)
  const found = firstPresent(ctx, keys)
  if (found === undefined) return new Block(keys, deadlineMs, NIL_ARRAY, 'zset')
  const flat = pop(ctx, found.key, found.value, end, 1)
  ctx.propagate(`ZPOP${end.toUpperCase()}`, found.key)
  return [found.key, ...flat]
}

// ---- ZMPOP, blocking or not ---------------------------------------------------------------------------------

function endArg(text: string): End {
  if (equalsIgnoreCase(text, 'min')) return 'min'
  if (equalsIgnoreCase(text, 'max')) return 'max'
  fail(SYNTAX_ERROR)
}

/** The reply of a pop from the first key that is there, undefined when none is. */
function popFirst(ctx: Context, { keys, end, count }: MultiPop<End>): Reply | undefined {
  const found = firstPresent(ctx, keys)
  if (found === undefined) return undefined
  const flat = pop(ctx, found.key, found.value, end, count)
  ctx.propagate(`ZPOP${end.toUpperCase()}`, found.key, String(count))
  const pairs: Reply[] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as Reply, flat[i + 1] as Reply])
  return [found.key, pairs]
}

function multiPop(ctx: Context, args: readonly string[]): Reply {
  return popFirst(ctx, parseMultiPop(args, 1, endArg)) ?? NIL_ARRAY
}

function blockingMultiPop(ctx: Context, args: readonly string[]): Reply | Block {
  const parsed = parseMultiPop(args, 2, endArg)
  const deadlineMs = deadlineArg(args[1] as string, ctx.now)
  return popFirst(ctx, parsed) ?? new Block(parsed.keys, deadlineMs, NIL_ARRAY, 'zset')
}

// ---- descriptors --------------------------------------------------------------------------------------------

const POP_COST = 'O(log(N)+M) where N is the size of the sorted set and M the number of elements popped'
const MULTI_POP_COST = `O(K)+${POP_COST}, K being the number of keys`

export const sortedSetPopCommands: readonly CommandSpec[] = [
  {
    name: 'bzmpop',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [countedKeys(2, 'RW access delete')],
    since: '7.0.0',
    group: 'sorted-set',
    syntax: 'timeout numkeys key [key ...] where=MIN|MAX [COUNT count]',
    summary:
      'Pops elements with the lowest or highest scores from the first sorted set that is there, or waits for one.',
    complexity: MULTI_POP_COST,
    handler: blockingMultiPop,
  },
  {
    name: 'bzpopmax',
    arity: -3,
    flags: ['write', 'blocking', 'fast'],
    keys: [keyRange(1, -2, 1, 'RW access delete')],
    since: '5.0.0',
    group: 'sorted-set',
    syntax: 'key [key ...] timeout',
    summary:
      'Pops the element with the highest score from the first sorted set that is there, or waits for one.',
    complexity: 'O(log(N)) where N is the size of the sorted set',
    handler: (ctx, args) => blockingPopEnd(ctx, args, 'max'),
  },
  {
    name: 'bzpopmin',
    arity: -3,
    flags: ['write', 'blocking', 'fast'],
    keys: [keyRange(1, -2, 1, 'RW access delete')],
    since: '5.0.0',
    group: 'sorted-set',
    syntax: 'key [key ...] timeout',
    summary:
      'Pops the element with the lowest score from the first sorted set that is there, or waits for one.',
    complexity: 'O(log(N)) where N is the size of the sorted set',
    handler: (ctx, args) => blockingPopEnd(ctx, args, 'min'),
  },
  {
    name: 'zmpop',
    arity: -4,
    flags: ['write'],
    keys: [countedKeys(1, 'RW access delete')],
    since: '7.0.0',
    group: 'sorted-set',
    syntax: 'numkeys key [key ...] where=MIN|MAX [COUNT count]',
    summary: 'Pops elements with the lowest or highest scores from the first sorted set that is there.',
    complexity: MULTI_POP_COST,
    handler: multiPop,
  },
  {
    name: 'zpopmax',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access delete')],
    since: '5.0.0',
    group: 'sorted-set',
    syntax: 'key [count]',
    summary: 'Pops the elements with the highest scores.',
    complexity: POP_COST,
    handler: (ctx, args) => popEnd(ctx, args, 'max'),
  },
  {
    name: 'zpopmin',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access delete')],
    since: '5.0.0',
    group: 'sorted-set',
    syntax: 'key [count]',
    summary: 'Pops the elements with the lowest scores.',
    complexity: POP_COST,
    handler: (ctx, args) => popEnd(ctx, args, 'min'),
  },
]
