/**
 * Several sorted sets combined into one, to be given or stored. Plain sets may take part; their members have
 * the score 1.
 *
 *   ZDIFF ZDIFFSTORE ZINTER ZINTERCARD ZINTERSTORE ZUNION ZUNIONSTORE
 */

import { fail, SYNTAX_ERROR, WRONG_TYPE } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import type { SetValue } from '../keyspace/set-value.js'
import { type ElementVisitor, inOrder, SortedSetValue } from '../keyspace/sorted-set-value.js'
import { typeOf } from '../keyspace/value.js'
import { Double, type Reply, Tuples } from '../protocol/reply.js'
import { Dict } from '../structures/dict.js'
import { atLeastArg, doubleArg, integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { countedKeys, keyAt } from './key-spec.js'
import { store } from './sorted-set-ranges.js'

// ---- inputs -------------------------------------------------------------------------------------------------

interface Input {
  /** Undefined for a missing key. */
  readonly value: SortedSetValue | SetValue | undefined
  weight: number
}

function sizeOf({ value }: Input): number {
  return value === undefined ? 0 : value.length
}

function scoreIn({ value }: Input, member: string): number | undefined {
  if (value === undefined) return undefined
  if (value.type === 'zset') return value.score(member)
  return value.has(member) ? 1 : undefined
}

function forEachIn({ value }: Input, visit: ElementVisitor): void {
  if (value === undefined) return
  if (value.type === 'zset') value.forEach(visit)
  else {
    value.forEach((member) => {
      visit(member, 1)
    })
  }
}

/** Infinity times zero counts as zero. */
function weighted({ weight }: Input, score: number): number {
  const product = weight * score
  return Number.isNaN(product) ? 0 : product
}

// ---- arguments ----------------------------------------------------------------------------------------------

type Operation = 'union' | 'inter' | 'diff'
type Aggregate = (one: number, other: number) => number

/** Two opposite infinities add up to zero. */
const sum: Aggregate = (one, other) => {
  const result = one + other
  return Number.isNaN(result) ? 0 : result
}
// What is not a number, infinity times zero in an intersection, never wins.
const min: Aggregate = (one, other) => {
  if (other < one) return other
  return one
}
const max: Aggregate = (one, other) => {
  if (other > one) return other
  return one
}

interface Combination {
  readonly inputs: Input[]
  aggregate: Aggregate
  withScores: boolean
  /** 0 for none. */
  limit: number
}

/**
 * Reads the count of keys at `args[at]`, the keys and what follows them.
 * @param result what becomes of the combination; decides which options there are
 */
function parseCombination(
  ctx: Context,
  args: readonly string[],
  at: number,
  operation: Operation,
  result: 'reply' | 'store' | 'count',
): Combination {
  const keyCount = integerArg(args[at] as string)
  if (keyCount < 1) fail(`ERR at least 1 input key is needed for '${ctx.command.fullName}' command`)
  const end = at + 1 + keyCount
  if (end > args.length) fail(SYNTAX_ERROR)
  const inputs: Input[] = []
  for (let i = at + 1; i < end; i++) inputs.push({ value: readInput(ctx, args[i] as string), weight: 1 })

  const combination: Combination = { inputs, aggregate: sum, withScores: false, limit: 0 }
  const hasWeights = operation !== 'diff' && result !== 'count'
  for (let i = end; i < args.length; i++) {
    const word = args[i] as string
    const left = args.length - i - 1
    if (hasWeights && left >= keyCount && equalsIgnoreCase(word, 'weights')) {
      for (const input of inputs)
        input.weight = doubleArg(args[++i] as string, 'ERR weight value is not a float')
    } else if (hasWeights && left >= 1 && equalsIgnoreCase(word, 'aggregate')) {
      combination.aggregate = aggregateArg(args[++i] as string)
    } else if (result === 'reply' && equalsIgnoreCase(word, 'withscores')) {
      combination.withScores = true
    } else if (result === 'count' && left >= 1 && equalsIgnoreCase(word, 'limit')) {
      combination.limit = atLeastArg(args[++i] as string, 0, "ERR LIMIT can't be negative")
    } else fail(SYNTAX_ERROR)
  }
  return combination
}

function readInput(ctx: Context, key: string): Input['value'] {
  const value = ctx.db.readAny(key)
  if (value === undefined) return undefined
  const type = typeOf(value)
  if (type !== 'zset' && type !== 'set') fail(WRONG_TYPE)
  return value as SortedSetValue | SetValue
}

function aggregateArg(text: string): Aggregate {
  if (equalsIgnoreCase(text, 'sum')) return sum
  if (equalsIgnoreCase(text, 'min')) return min
  if (equalsIgnoreCase(text, 'max')) return max
  fail(SYNTAX_ERROR)
}

// ---- union, intersection, difference ------------------------------------------------------------------------

interface Elements {
  readonly members: string[]
  readonly scores: number[]
}

function combine(ctx: Context, operation: Operation, { inputs, aggregate }: Combination): Elements {
  if (operation === 'diff') return difference(inputs)
  // The smallest first: the order in which Redis adds, which shows in the last digits of a sum.
  inputs.sort((one, other) => sizeOf(one) - sizeOf(other))
  return operation === 'union' ? union(ctx, inputs, aggregate) : intersection(inputs, aggregate)
}

function union(ctx: Context, inputs: readonly Input[], aggregate: Aggregate): Elements {
  const totals = new Dict<number>({ seed: ctx.keyspace.newSeed(), values: true })
  for (const input of inputs) {
    forEachIn(input, (member, score) => {
      const value = weighted(input, score)
      const slot = totals.find(member)
      if (slot < 0) totals.insert(member, value)
      else totals.setValueAt(slot, aggregate(totals.valueAt(slot), value))
    })
  }
  const members: string[] = []
  const scores: number[] = []
  totals.forEach((member, score) => {
    members.push(member)
    scores.push(score)
  })
  return { members, scores }
}

/** @param inputs the smallest first */
function intersection(inputs: readonly Input[], aggregate: Aggregate): Elements {
  const members: string[] = []
  const scores: number[] = []
  const [smallest, ...others] = inputs as [Input, ...Input[]]
  forEachIn(smallest, (member, score) => {
    let total = weighted(smallest, score)
    for (const other of others) {
      const found = scoreIn(other, member)
      if (found === undefined) return
      total = aggregate(total, found * other.weight)
    }
    members.push(member)
    scores.push(total)
  })
  return { members, scores }
}

function difference(inputs: readonly Input[]): Elements {
  const members: string[] = []
  const scores: number[] = []
  const [first, ...others] = inputs as [Input, ...Input[]]
  forEachIn(first, (member, score) => {
    for (const other of others) if (scoreIn(other, member) !== undefined) return
    members.push(member)
    scores.push(score)
  })
  return { members, scores }
}

/** Size of the intersection; after `limit` hits (0: never) no further member is looked up. */
function intersectionSize(inputs: Input[], limit: number): number {
  inputs.sort((one, other) => sizeOf(one) - sizeOf(other))
  const [smallest, ...others] = inputs as [Input, ...Input[]]
  let size = 0
  forEachIn(smallest, (member) => {
    if (limit > 0 && size === limit) return
    for (const other of others) if (scoreIn(other, member) === undefined) return
    size++
  })
  return size
}

// ---- handlers -----------------------------------------------------------------------------------------------

function combineToReply(ctx: Context, args: readonly string[], operation: Operation): Reply {
  const combination = parseCombination(ctx, args, 1, operation, 'reply')
  const { members, scores } = combine(ctx, operation, combination)
  const sorted = inOrder(members, scores)
  if (!combination.withScores) return sorted.members
  const flat: Reply[] = []
  for (let i = 0; i < members.length; i++) {
    flat.push(sorted.members[i] as string, new Double(sorted.scores[i] as number))
  }
  return new Tuples(flat)
}

function combineToKey(ctx: Context, args: readonly string[], operation: Operation): Reply {
  const combination = parseCombination(ctx, args, 2, operation, 'store')
  const { members, scores } = combine(ctx, operation, combination)
  const value = SortedSetValue.from(ctx.keyspace, members, scores)
  return store(ctx, args[1] as string, value, `z${operation}store`)
}

function intersectionCardinality(ctx: Context, args: readonly string[]): Reply {
  const { inputs, limit } = parseCombination(ctx, args, 1, 'inter', 'count')
  return intersectionSize(inputs, limit)
}

// ---- descriptors --------------------------------------------------------------------------------------------

const WEIGHTS = '[WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX]'
const UNION_COST =
  'O(N)+O(M*log(M)) where N is the sum of the sizes of the inputs and M the size of the result'
const INTER_COST =
  'O(N*K)+O(M*log(M)) where N is the size of the smallest of K inputs and M the size of the result'
const DIFF_COST =
  'O(N*K)+O(M*log(M)) where N is the size of the first of K inputs and M the size of the result'

export const sortedSetAlgebraCommands: readonly CommandSpec[] = [
  {
    name: 'zdiff',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO access')],
    since: '6.2.0',
    group: 'sorted-set',
    syntax: 'numkeys key [key ...] [WITHSCORES]',
    summary: 'Gives the elements of the first sorted set that no other one has.',
    complexity: DIFF_COST,
    handler: (ctx, args) => combineToReply(ctx, args, 'diff'),
  },
  {
    name: 'zdiffstore',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update'), countedKeys(2, 'RO access')],
    since: '6.2.0',
    group: 'sorted-set',
    syntax: 'destination numkeys key [key ...]',
    summary: 'Stores the elements of the first sorted set that no other one has.',
    complexity: DIFF_COST,
    handler: (ctx, args) => combineToKey(ctx, args, 'diff'),
  },
  {
    name: 'zinter',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO access')],
    since: '6.2.0',
    group: 'sorted-set',
    syntax: `numkeys key [key ...] ${WEIGHTS} [WITHSCORES]`,
    summary: 'Gives the members that all the sorted sets have, with their scores combined.',
    complexity: INTER_COST,
    handler: (ctx, args) => combineToReply(ctx, args, 'inter'),
  },
  {
    name: 'zintercard',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO access')],
    since: '7.0.0',
    group: 'sorted-set',
    syntax: 'numkeys key [key ...] [LIMIT limit]',
    summary: 'Counts the members that all the sorted sets have, up to a limit if wanted.',
    complexity: 'O(N*K) where N is the size of the smallest of K inputs',
    handler: intersectionCardinality,
  },
  {
    name: 'zinterstore',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update'), countedKeys(2, 'RO access')],
    since: '2.0.0',
    group: 'sorted-set',
    syntax: `destination numkeys key [key ...] ${WEIGHTS}`,
    summary: 'Stores the members that all the sorted sets have, with their scores combined.',
    complexity: INTER_COST,
    handler: (ctx, args) => combineToKey(ctx, args, 'inter'),
  },
  {
    name: 'zunion',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, 'RO access')],
    since: '6.2.0',
    group: 'sorted-set',
    syntax: `numkeys key [key ...] ${WEIGHTS} [WITHSCORES]`,
    summary: 'Gives the members that any of the sorted sets has, with their scores combined.',
    complexity: UNION_COST,
    handler: (ctx, args) => combineToReply(ctx, args, 'union'),
  },
  {
    name: 'zunionstore',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update'), countedKeys(2, 'RO access')],
    since: '2.0.0',
    group: 'sorted-set',
    syntax: `destination numkeys key [key ...] ${WEIGHTS}`,
    summary: 'Stores the members that any of the sorted sets has, with their scores combined.',
    complexity: UNION_COST,
    handler: (ctx, args) => combineToKey(ctx, args, 'union'),
  },
]
