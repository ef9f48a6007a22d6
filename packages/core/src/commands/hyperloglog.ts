/**
 * HyperLogLogs: strings that tell about how many different elements were added to them.
 *
 *   PFADD PFCOUNT PFDEBUG PFMERGE PFSELFTEST
 *
 * The string itself, its two forms and the count are in structures/hyperloglog.ts. Any other string may have
 * been stored under the key: one without the header is refused, and one whose registers are no good as soon as
 * that shows; in both cases nothing has changed.
 */

import { fail } from '../base/errors.js'
import { lower } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import type { StringValue } from '../keyspace/value.js'
import { OK, type Reply, Simple } from '../protocol/reply.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import { countRegisters, HyperLogLog, isHyperLogLog, noRegisters } from '../structures/hyperloglog.js'
import { hyperLogLogFault } from '../structures/hyperloglog-selftest.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt, keyRange } from './key-spec.js'

const { STRING, NONE } = EventClass

const NOT_VALID = 'WRONGTYPE Key is not a valid HyperLogLog string value.'
const CORRUPT = 'INVALIDOBJ Corrupted HLL object detected'

// ---- values -----------------------------------------------------------------------------------------------

/** A string value as a HyperLogLog, in a copy if it is not bytes yet. */
function hyperLogLogOf(value: StringValue): HyperLogLog {
  if (typeof value === 'number' || !isHyperLogLog(value)) fail(NOT_VALID)
  return new HyperLogLog(value instanceof GrowBytes ? value : GrowBytes.from(value))
}

/** The same for a value that may be edited: what is under the key are these bytes from now on. */
function openHyperLogLog(ctx: Context, slot: number, value: StringValue): HyperLogLog {
  const hll = hyperLogLogOf(value)
  if (hll.bytes !== value) ctx.db.reform(slot, hll.bytes)
  return hll
}

/** A count in a reply. One of 2^63 is too much for the protocol's integers and comes out as the least of them. */
function countReply(count: number | bigint): Reply {
  return typeof count === 'bigint' || Number.isSafeInteger(count) ? count : BigInt.asIntN(64, BigInt(count))
}

// ---- PFADD ------------------------------------------------------------------------------------------------

function add(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const { hllSparseMaxBytes } = ctx.keyspace.limits
  const key = args[1] as string
  const slot = db.slotOf(key)
  const value = db.writeAt(slot, 'string')
  const hll = value === undefined ? HyperLogLog.empty() : openHyperLogLog(ctx, slot, value)
  let changes = value === undefined ? 1 : 0
  // That runs do not add up may show when earlier elements have been added already.
  const before = args.length > 3 && hll.isSparse ? hll.bytes.copy() : undefined
  for (let i = 2; i < args.length; i++) {
    const raised = hll.add(args[i] as string, hllSparseMaxBytes)
    if (raised === undefined) {
      if (before !== undefined) hll.bytes.assign(before.bytes)
      fail(CORRUPT)
    }
    if (raised) changes++
  }
  if (changes === 0) return 0
  hll.outdateCount()
  db.replace(key, slot, hll.bytes, STRING, 'pfadd', true, changes)
  return 1
}

// ---- PFCOUNT ----------------------------------------------------------------------------------------------

function count(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 2) return countReply(countRegisters(unite(ctx, args).registers))
  const { db } = ctx
  const key = args[1] as string
  const value = db.read(key, 'string')
  if (value === undefined) return 0
  const slot = db.slotOf(key)
  const hll = openHyperLogLog(ctx, slot, value)
  const stored = hll.storedCount
  if (stored !== undefined) return countReply(stored)
  const counted = hll.count()
  if (counted === undefined) fail(CORRUPT)
  // The count belongs to the string, so storing it is a change, even in a command that reads.
  db.edit(key)
  hll.storeCount(counted)
  db.replace(key, slot, hll.bytes, NONE, '', true)
  return countReply(counted)
}

interface Union {
  /** The greatest value of each register, a byte each. */
  readonly registers: Uint8Array
  readonly anyDense: boolean
}

/** The union of the HyperLogLogs under all keys from `args[1]` on; a missing one is empty. */
function unite(ctx: Context, args: readonly string[]): Union {
  const registers = noRegisters()
  let anyDense = false
  for (let i = 1; i < args.length; i++) {
    const value = ctx.db.read(args[i] as string, 'string')
    if (value === undefined) continue
    const hll = hyperLogLogOf(value)
    if (!hll.isSparse) anyDense = true
    if (!hll.raiseOthers(registers)) fail(CORRUPT)
  }
  return { registers, anyDense }
}

// ---- PFMERGE ----------------------------------------------------------------------------------------------

function merge(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const key = args[1] as string
  const { registers, anyDense } = unite(ctx, args)
  const slot = db.slotOf(key)
  const value = db.writeAt(slot, 'string')
  const hll = value === undefined ? HyperLogLog.empty() : openHyperLogLog(ctx, slot, value)
  if (anyDense) hll.becomeDense()
  hll.raiseTo(registers, ctx.keyspace.limits.hllSparseMaxBytes)
  hll.outdateCount()
  db.replace(key, slot, hll.bytes, STRING, 'pfadd', true)
  return OK
}

// ---- PFDEBUG and PFSELFTEST -------------------------------------------------------------------------------

function debug(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const key = args[2] as string
  const slot = db.slotOf(key)
  const value = db.writeAt(slot, 'string')
  if (value === undefined) fail('ERR The specified key does not exist')
  const hll = openHyperLogLog(ctx, slot, value)
  const { isSparse } = hll
  switch (lower(args[1] as string)) {
    case 'getreg': {
      if (isSparse) makeDense(ctx, key, slot, hll)
      const registers = noRegisters()
      hll.raiseOthers(registers)
      return Array.from(registers)
    }
    case 'decode':
      if (!isSparse) fail('ERR HLL encoding is not sparse')
      return hll.describe() ?? fail(CORRUPT)
    case 'encoding':
      return new Simple(isSparse ? 'sparse' : 'dense')
    case 'todense':
      if (isSparse) makeDense(ctx, key, slot, hll)
      return isSparse ? 1 : 0
    default:
      fail(`ERR Unknown PFDEBUG subcommand '${args[1]}'`)
  }
}

function makeDense(ctx: Context, key: string, slot: number, hll: HyperLogLog): void {
  if (!hll.becomeDense()) fail(CORRUPT)
  ctx.db.replace(key, slot, hll.bytes, NONE, '', true)
}

function selfTest(ctx: Context): Reply {
  const fault = hyperLogLogFault(ctx.keyspace.random, ctx.keyspace.limits.hllSparseMaxBytes)
  if (fault !== undefined) fail(`ERR TESTFAILED ${fault}`)
  return OK
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const hyperLogLogCommands: readonly CommandSpec[] = [
  {
    name: 'pfadd',
    arity: -2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW insert')],
    since: '2.8.9',
    group: 'hyperloglog',
    syntax: 'key [element [element ...]]',
    summary: 'Adds elements to a HyperLogLog and tells whether its count may have changed.',
    complexity: 'O(1) for each element',
    handler: add,
  },
  {
    name: 'pfcount',
    arity: -2,
    flags: ['readonly'],
    keys: [{ ...keyRange(1, -1, 1, 'RW access'), notes: 'The count is stored with the registers' }],
    since: '2.8.9',
    group: 'hyperloglog',
    syntax: 'key [key ...]',
    summary: 'Tells about how many different elements were added to a HyperLogLog, or to several together.',
    complexity: 'O(1), and O(N) with a large constant for N keys',
    handler: count,
  },
  {
    name: 'pfdebug',
    arity: 3,
    flags: ['write', 'denyoom', 'admin'],
    keys: [keyAt(2, 'RW access')],
    since: '2.8.9',
    group: 'hyperloglog',
    syntax: 'subcommand key',
    summary: 'Looks into a HyperLogLog: GETREG, DECODE, ENCODING, TODENSE.',
    complexity: 'O(1) with a large constant',
    handler: debug,
  },
  {
    name: 'pfmerge',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW access insert'), keyRange(2, -1, 1, 'RO access')],
    since: '2.8.9',
    group: 'hyperloglog',
    syntax: 'destkey [sourcekey:key [sourcekey:key ...]]',
    summary: 'Adds all that HyperLogLogs stand for to another one.',
    complexity: 'O(N) with a large constant for N keys',
    handler: merge,
  },
  {
    name: 'pfselftest',
    arity: 1,
    flags: ['admin'],
    since: '2.8.9',
    group: 'hyperloglog',
    syntax: '',
    summary: 'Tests the registers and the counts of HyperLogLogs.',
    complexity: 'O(1), but it takes a moment',
    handler: selfTest,
  },
]
