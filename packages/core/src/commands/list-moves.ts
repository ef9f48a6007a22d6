/**
 * An element taken off one list and put on another, or on the other end of the same one, waiting for it if
 * wanted.
 *
 *   BLMOVE BRPOPLPUSH LMOVE RPOPLPUSH
 */

import { isCanonicalInt } from '../base/int64.js'
import { EventClass } from '../keyspace/events.js'
import { ListValue } from '../keyspace/list-value.js'
import { NIL_ARRAY, type Reply } from '../protocol/reply.js'
import { deadlineArg } from './arguments.js'
import { Block } from './block.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt } from './key-spec.js'
import { type End, elementsPopped, endArg, popEnd, pushEnd } from './list-ends.js'

/**
 * Moves one element.
 * @returns the element, null when there is no source
 * @throws CommandError WRONGTYPE; a destination is not looked at without a source
 */
function move(ctx: Context, args: readonly string[], from: End, to: End): string | null {
  const { db } = ctx
  const source = args[1] as string
  const destination = args[2] as string
  const taken = db.write(source, 'list')
  if (taken === undefined) return null
  const given = db.write(destination, 'list') ?? db.create(destination, new ListValue(ctx.keyspace))
  const element = popEnd(taken, from)
  // Redis has made a number of an element that is one by now, and counts no bytes for it.
  given.willGrow(isCanonicalInt(element) ? 0 : element.length, 1)
  pushEnd(given, to, element)
  db.modified(destination, given, EventClass.LIST, to === 'left' ? 'lpush' : 'rpush', 0)
  elementsPopped(ctx, source, taken, from, 1)
  return element
}

function lmove(ctx: Context, args: readonly string[]): Reply {
  const from = endArg(args[3] as string)
  const to = endArg(args[4] as string)
  return move(ctx, args, from, to)
}

/** The forms that wait have the arguments of those that do not, and the time-out as the last one. */
function blockingMove(
  ctx: Context,
  args: readonly string[],
  from: End,
  to: End,
  follower: 'LMOVE' | 'RPOPLPUSH',
): Reply | Block {
  const deadlineMs = deadlineArg(args[args.length - 1] as string, ctx.now)
  const element = move(ctx, args, from, to)
  // Redis answers a time-out with a missing array, but where nobody waits with a missing element.
  if (element === null) return new Block([args[1] as string], deadlineMs, NIL_ARRAY, 'list', false, null)
  ctx.propagate(follower, ...args.slice(1, -1))
  return element
}

function blmove(ctx: Context, args: readonly string[]): Reply | Block {
  const from = endArg(args[3] as string)
  const to = endArg(args[4] as string)
  return blockingMove(ctx, args, from, to, 'LMOVE')
}

// ---- descriptors ------------------------------------------------------------------------------------------

const KEYS = [keyAt(1, 'RW access delete'), keyAt(2, 'RW insert')]

export const listMoveCommands: readonly CommandSpec[] = [
  {
    name: 'blmove',
    arity: 6,
    flags: ['write', 'denyoom', 'blocking'],
    keys: KEYS,
    since: '6.2.0',
    group: 'list',
    syntax: 'source destination wherefrom=LEFT|RIGHT whereto=LEFT|RIGHT timeout',
    summary: 'Moves an element from an end of one list to an end of another, or waits for one to move.',
    complexity: 'O(1)',
    handler: blmove,
  },
  {
    name: 'brpoplpush',
    arity: 4,
    flags: ['write', 'denyoom', 'blocking'],
    keys: KEYS,
    since: '2.2.0',
    group: 'list',
    syntax: 'source destination timeout',
    summary: 'Moves the last element of one list to the front of another, or waits for one to move.',
    complexity: 'O(1)',
    deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with `RIGHT LEFT`' },
    handler: (ctx, args) => blockingMove(ctx, args, 'right', 'left', 'RPOPLPUSH'),
  },
  {
    name: 'lmove',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: KEYS,
    since: '6.2.0',
    group: 'list',
    syntax: 'source destination wherefrom=LEFT|RIGHT whereto=LEFT|RIGHT',
    summary: 'Moves an element from an end of one list to an end of another.',
    complexity: 'O(1)',
    handler: lmove,
  },
  {
    name: 'rpoplpush',
    arity: 3,
    flags: ['write', 'denyoom'],
    keys: KEYS,
    since: '1.2.0',
    group: 'list',
    syntax: 'source destination',
    summary: 'Moves the last element of one list to the front of another.',
    complexity: 'O(1)',
    deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with `RIGHT LEFT`' },
    handler: (ctx, args) => move(ctx, args, 'right', 'left'),
  },
]
