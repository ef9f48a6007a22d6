/**
 * Elements taken off either end of a list, waiting for them if wanted.
 *
 *   BLMPOP BLPOP BRPOP LMPOP LPOP RPOP
 *
 * Whatever the command, what follows it elsewhere is the LPOP or RPOP that takes the same elements.
 */

import { fail } from '../base/errors.js'
import type { ListValue } from '../keyspace/list-value.js'
import { NIL_ARRAY, type Reply } from '../protocol/reply.js'
import { countArg, deadlineArg } from './arguments.js'
import { Block } from './block.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { countedKeys, keyAt, keyRange } from './key-spec.js'
import { type End, elementsPopped, endArg, popElements, popEnd } from './list-ends.js'
import { type MultiPop, parseMultiPop } from './multi-pop.js'

/** The first of the keys that is there. @throws CommandError when that one holds another type */
function firstPresent(ctx: Context, keys: readonly string[]): { key: string; list: ListValue } | undefined {
  for (const key of keys) {
    const list = ctx.db.write(key, 'list')
    if (list !== undefined) return { key, list }
  }
  return undefined
}

const POP = { left: 'LPOP', right: 'RPOP' } as const

// ---- LPOP and RPOP, blocking or not -----------------------------------------------------------------------

function pop(ctx: Context, args: readonly string[], end: End): Reply {
  if (args.length > 3) fail(`ERR wrong number of arguments for '${ctx.command.name}' command`)
  const key = args[1] as string
  if (args.length === 3) {
    const count = countArg(args[2] as string)
    const list = ctx.db.write(key, 'list')
    if (list === undefined) return NIL_ARRAY
    return count === 0 ? [] : popElements(ctx, key, list, end, count)
  }
  const list = ctx.db.write(key, 'list')
  if (list === undefined) return null
  const element = popEnd(list, end)
  elementsPopped(ctx, key, list, end, 1)
  return element
}

function blockingPop(ctx: Context, args: readonly string[], end: End): Reply | Block {
  const deadlineMs = deadlineArg(args[args.length - 1] as string, ctx.now)
  const keys = args.slice(1, -1)
  const found = firstPresent(ctx, keys)
  if (found === undefined) return new Block(keys, deadlineMs, NIL_ARRAY, 'list')
  const element = popEnd(found.list, end)
  elementsPopped(ctx, found.key, found.list, end, 1)
  ctx.propagate(POP[end], found.key)
  return [found.key, element]
}

// ---- LMPOP, blocking or not -------------------------------------------------------------------------------

/** The reply of a pop from the first key that is there, undefined when none is. */
function popFirst(ctx: Context, { keys, end, count }: MultiPop<End>): Reply | undefined {
  const found = firstPresent(ctx, keys)
  if (found === undefined) return undefined
  const elements = popElements(ctx, found.key, found.list, end, count)
  ctx.propagate(POP[end], found.key, String(elements.length))
  return [found.key, elements]
}

function multiPop(ctx: Context, args: readonly string[]): Reply {
  return popFirst(ctx, parseMultiPop(args, 1, endArg)) ?? NIL_ARRAY
}

function blockingMultiPop(ctx: Context, args: readonly string[]): Reply | Block {
  const parsed = parseMultiPop(args, 2, endArg)
  const deadlineMs = deadlineArg(args[1] as string, ctx.now)
  return popFirst(ctx, parsed) ?? new Block(parsed.keys, deadlineMs, NIL_ARRAY, 'list')
}

// ---- descriptors ------------------------------------------------------------------------------------------

const MULTI_POP_COST = 'O(N+M) where N is the number of keys and M the number of elements popped'

export const listPopCommands: readonly CommandSpec[] = [
  {
    name: 'blmpop',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [countedKeys(2, 'RW access delete')],
    since: '7.0.0',
    group: 'list',
    syntax: 'timeout numkeys key [key ...] where=LEFT|RIGHT [COUNT count]',
    summary: 'Pops elements from an end of the first list that is there, or waits for one.',
    complexity: MULTI_POP_COST,
    handler: blockingMultiPop,
  },
  {
    name: 'blpop',
    arity: -3,
    flags: ['write', 'blocking'],
    keys: [keyRange(1, -2, 1, 'RW access delete')],
    since: '2.0.0',
    group: 'list',
    syntax: 'key [key ...] timeout',
    summary: 'Pops the first element of the first list that is there, or waits for one.',
    complexity: 'O(N) where N is the number of keys',
    handler: (ctx, args) => blockingPop(ctx, args, 'left'),
  },
  {
    name: 'brpop',
    arity: -3,
    flags: ['write', 'blocking'],
    keys: [keyRange(1, -2, 1, 'RW access delete')],
    since: '2.0.0',
    group: 'list',
    syntax: 'key [key ...] timeout',
    summary: 'Pops the last element of the first list that is there, or waits for one.',
    complexity: 'O(N) where N is the number of keys',
    handler: (ctx, args) => blockingPop(ctx, args, 'right'),
  },
  {
    name: 'lmpop',
    arity: -4,
    flags: ['write'],
    keys: [countedKeys(1, 'RW access delete')],
    since: '7.0.0',
    group: 'list',
    syntax: 'numkeys key [key ...] where=LEFT|RIGHT [COUNT count]',
    summary: 'Pops elements from an end of the first list that is there.',
    complexity: MULTI_POP_COST,
    handler: multiPop,
  },
  {
    name: 'lpop',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access delete')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key [count]',
    summary: 'Pops one or more elements from the front of a list.',
    complexity: 'O(N) where N is the number of elements popped',
    handler: (ctx, args) => pop(ctx, args, 'left'),
  },
  {
    name: 'rpop',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access delete')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key [count]',
    summary: 'Pops one or more elements from the back of a list.',
    complexity: 'O(N) where N is the number of elements popped',
    handler: (ctx, args) => pop(ctx, args, 'right'),
  },
]
