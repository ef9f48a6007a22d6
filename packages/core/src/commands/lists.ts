/**
 * Lists: pushes, reads by index or by value, edits in the middle.
 *
 *   LINDEX LINSERT LLEN LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM RPUSH RPUSHX
 *
 * Elements that leave a list at its ends are in list-pops.ts, those that go to another list in list-moves.ts.
 */

import { fail, NO_SUCH_KEY, OUT_OF_RANGE, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import { ListValue } from '../keyspace/list-value.js'
import { OK, type Reply } from '../protocol/reply.js'
import { atLeastArg, clampRange, integerArg, signedArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt } from './key-spec.js'
import { type End, pushEnd } from './list-ends.js'
import { listMoveCommands } from './list-moves.js'
import { listPopCommands } from './list-pops.js'

const { LIST } = EventClass

// ---- pushes -----------------------------------------------------------------------------------------------

function push(ctx: Context, args: readonly string[], end: End, onlyIfPresent: boolean): Reply {
  const { db } = ctx
  const key = args[1] as string
  let list = db.write(key, 'list')
  if (list === undefined) {
    if (onlyIfPresent) return 0
    list = db.create(key, new ListValue(ctx.keyspace))
  }
  const count = args.length - 2
  let bytes = 0
  for (let i = 2; i < args.length; i++) bytes += (args[i] as string).length
  list.willGrow(bytes, count)
  for (let i = 2; i < args.length; i++) pushEnd(list, end, args[i] as string)
  db.modified(key, list, LIST, end === 'left' ? 'lpush' : 'rpush', count)
  return list.length
}

// ---- reads ------------------------------------------------------------------------------------------------

/** The place that `index` means, counted from the end if negative; -1 when there is none. */
function placeOf(index: number, length: number): number {
  const place = index < 0 ? index + length : index
  return place < length ? Math.max(place, -1) : -1
}

function length(ctx: Context, args: readonly string[]): Reply {
  const list = ctx.db.read(args[1] as string, 'list')
  return list === undefined ? 0 : list.length
}

function elementAt(ctx: Context, args: readonly string[]): Reply {
  const list = ctx.db.read(args[1] as string, 'list')
  if (list === undefined) return null
  const place = placeOf(integerArg(args[2] as string), list.length)
  return place < 0 ? null : list.get(place)
}

function range(ctx: Context, args: readonly string[]): Reply {
  const start = integerArg(args[2] as string)
  const stop = integerArg(args[3] as string)
  const list = ctx.db.read(args[1] as string, 'list')
  if (list === undefined) return []
  const clamped = clampRange(start, stop, list.length)
  return clamped === undefined ? [] : list.slice(clamped.start, clamped.stop - clamped.start + 1)
}

interface PositionOptions {
  /** Which match counts as the first, from 1 on. */
  rank: number
  direction: 1 | -1
  /** Places wanted, 0 for all; undefined when one is wanted without an array around it. */
  count: number | undefined
  /** Elements to look at, 0 for all. */
  maxLength: number
}

function parsePositionOptions(args: readonly string[]): PositionOptions {
  const options: PositionOptions = { rank: 1, direction: 1, count: undefined, maxLength: 0 }
  for (let i = 3; i < args.length; i += 2) {
    const word = args[i] as string
    const value = args[i + 1]
    if (value === undefined) fail(SYNTAX_ERROR)
    if (equalsIgnoreCase(word, 'rank')) {
      const rank = signedArg(value)
      if (rank === 0) {
        fail(
          "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
        )
      }
      options.rank = Math.abs(rank)
      options.direction = rank < 0 ? -1 : 1
    } else if (equalsIgnoreCase(word, 'count')) {
      options.count = atLeastArg(value, 0, "ERR COUNT can't be negative")
    } else if (equalsIgnoreCase(word, 'maxlen')) {
      options.maxLength = atLeastArg(value, 0, "ERR MAXLEN can't be negative")
    } else fail(SYNTAX_ERROR)
  }
  return options
}

function positions(ctx: Context, args: readonly string[]): Reply {
  const element = args[2] as string
  const { rank, direction, count, maxLength } = parsePositionOptions(args)
  const list = ctx.db.read(args[1] as string, 'list')
  const found: number[] = []
  if (list !== undefined) {
    const wanted = count === undefined ? 1 : count === 0 ? list.length : count
    let left = maxLength === 0 ? list.length : Math.min(maxLength, list.length)
    let from = direction === 1 ? 0 : list.length - 1
    for (let matches = 0; left > 0 && found.length < wanted; ) {
      const at = list.indexOf(element, from, direction, left)
      if (at < 0) break
      left -= Math.abs(at - from) + 1
      from = at + direction
      if (++matches >= rank) found.push(at)
    }
  }
  return count === undefined ? (found[0] ?? null) : found
}

// ---- edits ------------------------------------------------------------------------------------------------

function setElement(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const element = args[3] as string
  const list = ctx.db.write(key, 'list')
  if (list === undefined) fail(NO_SUCH_KEY)
  const place = placeOf(integerArg(args[2] as string), list.length)
  // Redis makes room as for one element more, even when there is nothing to replace.
  list.willGrow(element.length, 1)
  if (place < 0) fail(OUT_OF_RANGE)
  list.set(place, element)
  list.hasShrunk()
  ctx.db.modified(key, list, LIST, 'lset')
  return OK
}

function insert(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const where = args[2] as string
  const element = args[4] as string
  const after = equalsIgnoreCase(where, 'after')
  if (!after && !equalsIgnoreCase(where, 'before')) fail(SYNTAX_ERROR)
  const list = ctx.db.write(key, 'list')
  if (list === undefined) return 0
  // As in Redis, before it is known whether the pivot is there.
  list.willGrow(element.length, 1)
  const pivot = list.indexOf(args[3] as string, 0, 1, list.length)
  if (pivot < 0) {
    ctx.db.reshaped(list)
    return -1
  }
  list.insert(after ? pivot + 1 : pivot, element)
  ctx.db.modified(key, list, LIST, 'linsert')
  return list.length
}

function removeElements(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const count = integerArg(args[2] as string)
  const list = ctx.db.write(key, 'list')
  if (list === undefined) return 0
  const removed = list.removeMatching(args[3] as string, Math.abs(count), count < 0)
  if (removed > 0) {
    list.hasShrunk()
    ctx.db.modified(key, list, LIST, 'lrem', removed)
  }
  return removed
}

function trim(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const start = integerArg(args[2] as string)
  const stop = integerArg(args[3] as string)
  const list = ctx.db.write(key, 'list')
  if (list === undefined) return OK
  const before = list.length
  const kept = clampRange(start, stop, before) ?? { start: before, stop: before - 1 }
  list.removeRange(kept.stop + 1, before - kept.stop - 1)
  list.removeRange(0, kept.start)
  list.hasShrunk()
  ctx.db.modified(key, list, LIST, 'ltrim', before - list.length)
  return OK
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const listCommands: readonly CommandSpec[] = [
  {
    name: 'lindex',
    arity: 3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key index',
    summary: 'Gives the element at an index of a list.',
    complexity: 'O(log(N)) where N is the length of the list',
    handler: elementAt,
  },
  {
    name: 'linsert',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW insert')],
    since: '2.2.0',
    group: 'list',
    syntax: 'key where=BEFORE|AFTER pivot element',
    summary: 'Puts an element before or after the first one that equals a pivot.',
    complexity: 'O(N) where N is the number of elements up to the pivot',
    handler: insert,
  },
  {
    name: 'llen',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key',
    summary: 'Gives the number of elements of a list.',
    complexity: 'O(1)',
    handler: length,
  },
  {
    name: 'lpos',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '6.0.6',
    group: 'list',
    syntax: 'key element [RANK rank] [COUNT num-matches] [MAXLEN len]',
    summary: 'Gives the index of elements that equal a value.',
    complexity: 'O(N) where N is the number of elements looked at',
    handler: positions,
  },
  {
    name: 'lpush',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW insert')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key element [element ...]',
    summary: 'Puts elements in front of a list, one after the other; a missing list is made.',
    complexity: 'O(N) where N is the number of elements pushed',
    handler: (ctx, args) => push(ctx, args, 'left', false),
  },
  {
    name: 'lpushx',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW insert')],
    since: '2.2.0',
    group: 'list',
    syntax: 'key element [element ...]',
    summary: 'Puts elements in front of a list that is there.',
    complexity: 'O(N) where N is the number of elements pushed',
    handler: (ctx, args) => push(ctx, args, 'left', true),
  },
  {
    name: 'lrange',
    arity: 4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key start stop',
    summary: 'Gives the elements of a list between two indexes.',
    complexity: 'O(log(N)+M) where N is the length of the list and M the number of elements given',
    handler: range,
  },
  {
    name: 'lrem',
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW delete')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key count element',
    summary: 'Removes elements that equal a value: the first ones, the last ones, or all.',
    complexity: 'O(N) where N is the length of the list',
    handler: removeElements,
  },
  {
    name: 'lset',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW update')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key index element',
    summary: 'Replaces the element at an index of a list.',
    complexity: 'O(log(N)) where N is the length of the list',
    handler: setElement,
  },
  {
    name: 'ltrim',
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW delete')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key start stop',
    summary: 'Keeps the elements of a list between two indexes and removes the others.',
    complexity: 'O(N) where N is the number of elements removed',
    handler: trim,
  },
  {
    name: 'rpush',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW insert')],
    since: '1.0.0',
    group: 'list',
    syntax: 'key element [element ...]',
    summary: 'Puts elements at the end of a list, one after the other; a missing list is made.',
    complexity: 'O(N) where N is the number of elements pushed',
    handler: (ctx, args) => push(ctx, args, 'right', false),
  },
  {
    name: 'rpushx',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW insert')],
    since: '2.2.0',
    group: 'list',
    syntax: 'key element [element ...]',
    summary: 'Puts elements at the end of a list that is there.',
    complexity: 'O(N) where N is the number of elements pushed',
    handler: (ctx, args) => push(ctx, args, 'right', true),
  },
  ...listPopCommands,
  ...listMoveCommands,
]
