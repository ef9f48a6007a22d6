/**
 * Bits of a string: single ones, counts, searches and operations on whole strings. Integers of any width in
 * them are in bitfields.ts.
 *
 *   BITCOUNT BITOP BITPOS GETBIT SETBIT
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { parseSafeInt } from '../base/int64.js'
import { equalsIgnoreCase, lower } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import { stringLength } from '../keyspace/string-value.js'
import type { Reply } from '../protocol/reply.js'
import { type BitOperation, combineBits, invertBits } from '../structures/bit-operations.js'
import { bitpos as findBit, getBit, popcount } from '../structures/bits.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import { integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt, keyRange } from './key-spec.js'
import { bitOffsetArg, byteSource, checkStringLength, editable } from './string-edit.js'

const { STRING } = EventClass

// ---- single bits ------------------------------------------------------------------------------------------

function getbit(ctx: Context, args: readonly string[]): Reply {
  const offset = bitOffsetArg(ctx, args[2] as string)
  const value = ctx.db.read(args[1] as string, 'string')
  return value instanceof GrowBytes ? value.getBit(offset) : getBit(byteSource(value), offset)
}

function setbit(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const offset = bitOffsetArg(ctx, args[2] as string)
  const bit = parseSafeInt(args[3] as string)
  if (bit !== 0 && bit !== 1) fail('ERR bit is not an integer or out of range')
  const value = ctx.db.write(key, 'string')
  // A bit that is there and as it should be is no change: nobody is told, and a plain string stays one.
  if (value !== undefined && offset < stringLength(value) * 8 && getBit(byteSource(value), offset) === bit)
    return bit
  checkStringLength(ctx, Math.floor(offset / 8) + 1)
  const bytes = editable(value)
  const old = bytes.setBit(offset, bit)
  ctx.db.set(key, bytes, STRING, 'setbit', true)
  return old
}

// ---- counting and searching -------------------------------------------------------------------------------

/** Bits per unit of a range: `BYTE`, which is the default, or `BIT`. */
function unitArg(text: string | undefined): 1 | 8 {
  if (text === undefined || equalsIgnoreCase(text, 'byte')) return 8
  if (equalsIgnoreCase(text, 'bit')) return 1
  fail(SYNTAX_ERROR)
}

/** Cuts a range, both ends included and from the end if negative, to a length; it may end before it starts. */
function cutRange(start: number, end: number, length: number): { first: number; last: number } {
  return {
    first: Math.max(start < 0 ? start + length : start, 0),
    last: Math.min(Math.max(end < 0 ? end + length : end, 0), length - 1),
  }
}

function bitcount(ctx: Context, args: readonly string[]): Reply {
  const isWhole = args.length === 2
  if (args.length === 3 || args.length > 5) fail(SYNTAX_ERROR)
  const start = isWhole ? 0 : integerArg(args[2] as string)
  const end = isWhole ? -1 : integerArg(args[3] as string)
  const unit = unitArg(args[4])
  const value = ctx.db.read(args[1] as string, 'string')
  if (start < 0 && end < 0 && start > end) return 0
  const source = byteSource(value)
  const { first, last } = cutRange(start, end, (source.length * 8) / unit)
  return popcount(source, first * unit, (last + 1) * unit)
}

function bitpos(ctx: Context, args: readonly string[]): Reply {
  const bit = integerArg(args[2] as string)
  if (bit !== 0 && bit !== 1) fail('ERR The bit argument must be 1 or 0.')
  if (args.length > 6) fail(SYNTAX_ERROR)
  const start = args.length > 3 ? integerArg(args[3] as string) : 0
  const unit = unitArg(args[5])
  const hasEnd = args.length > 4
  const end = hasEnd ? integerArg(args[4] as string) : -1
  const value = ctx.db.read(args[1] as string, 'string')
  if (value === undefined) return -bit
  const source = byteSource(value)
  const { first, last } = cutRange(start, end, (source.length * 8) / unit)
  if (first > last) return -1
  const found = findBit(source, bit, first * unit, (last + 1) * unit)
  // Without an end the string counts as followed by zeros.
  return found < 0 && bit === 0 && !hasEnd ? source.length * 8 : found
}

// ---- operations on whole strings --------------------------------------------------------------------------

const OPERATIONS: readonly string[] = ['and', 'or', 'xor', 'not']

function bitop(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const operation = lower(args[1] as string)
  if (!OPERATIONS.includes(operation)) fail(SYNTAX_ERROR)
  if (operation === 'not' && args.length !== 4) fail('ERR BITOP NOT must be called with a single source key.')
  const destination = args[2] as string
  const sources = args.slice(3).map((key) => byteSource(db.read(key, 'string')))
  let length = 0
  for (const source of sources) if (source.length > length) length = source.length
  if (length === 0) {
    db.remove(destination)
    return 0
  }
  const result = new Uint8Array(length)
  sources.forEach((source, i) => {
    combineBits(result, source, i === 0 ? 'or' : (operation as BitOperation))
  })
  if (operation === 'not') invertBits(result)
  db.set(destination, GrowBytes.adopt(result), STRING, 'set')
  return length
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const bitmapCommands: readonly CommandSpec[] = [
  {
    name: 'bitcount',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.6.0',
    group: 'bitmap',
    syntax: 'key range=[start end unit=[BYTE|BIT]]',
    summary: 'Counts the bits that are set in a string or a part of it.',
    complexity: 'O(N) where N is the length of the part',
    handler: bitcount,
  },
  {
    name: 'bitop',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(2, 'OW update'), keyRange(3, -1, 1, 'RO access')],
    since: '2.6.0',
    group: 'bitmap',
    syntax: 'operation=AND|OR|XOR|NOT destkey key [key ...]',
    summary: 'Combines the bits of several strings and stores the result.',
    complexity: 'O(N) where N is the total length of the strings',
    handler: bitop,
  },
  {
    name: 'bitpos',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.8.7',
    group: 'bitmap',
    syntax: 'key bit range=[start end-unit-block=[end unit=[BYTE|BIT]]]',
    summary: 'Finds the first bit of a string or a part of it that is set, or that is clear.',
    complexity: 'O(N) where N is the length of the part',
    handler: bitpos,
  },
  {
    name: 'getbit',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '2.2.0',
    group: 'bitmap',
    syntax: 'key offset',
    summary: 'Gives one bit of a string; bits behind its end are 0.',
    complexity: 'O(1)',
    handler: getbit,
  },
  {
    name: 'setbit',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW access update')],
    since: '2.2.0',
    group: 'bitmap',
    syntax: 'key offset value:integer',
    summary: 'Sets or clears one bit of a string, which grows if need be, and gives the old bit.',
    complexity: 'O(1)',
    handler: setbit,
  },
]
