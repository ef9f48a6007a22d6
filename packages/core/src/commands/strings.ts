/**
 * Strings: GET, SET and their relatives, counters, substrings.
 *
 *   APPEND DECR DECRBY GET GETDEL GETEX GETRANGE GETSET INCR INCRBY INCRBYFLOAT LCS MGET MSET MSETNX PSETEX
 *   SET SETEX SETNX SETRANGE STRLEN SUBSTR
 *
 * LCS has a file of its own.
 */

import { fail, NOT_A_FLOAT, SYNTAX_ERROR } from '../base/errors.js'
import { addInt64, INT64_MIN } from '../base/int64.js'
import { addLongDouble, formatLongDouble, isFiniteLongDouble, parseLongDouble } from '../base/long-double.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import { stringLength, toStringValue, toText } from '../keyspace/string-value.js'
import { OK, type Reply } from '../protocol/reply.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import { int64Arg, integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { type ExpiryUnit, expiryArg } from './expiry-argument.js'
import { type FoundKey, keyAt, keyRange } from './key-spec.js'
import { lcsCommand } from './lcs.js'
import { checkStringLength, editable } from './string-edit.js'

const { STRING } = EventClass

// ---- SET and its shorthands -------------------------------------------------------------------------------

/** What an option of SET or GETEX makes of the expiry. */
type ExpiryOption = ExpiryUnit | 'keepttl' | 'persist'

interface SetOptions {
  onlyIfAbsent: boolean
  onlyIfPresent: boolean
  get: boolean
  expiry: ExpiryOption | undefined
  /** The number behind an `ExpiryUnit`. */
  expiryText: string
}

const SET_EXPIRY: readonly ExpiryOption[] = ['ex', 'px', 'exat', 'pxat', 'keepttl']
const GETEX_EXPIRY: readonly ExpiryOption[] = ['ex', 'px', 'exat', 'pxat', 'persist']

/** Options of SET and GETEX from `args[from]` on. GETEX knows only the expiry. An option may be repeated. */
function parseSetOptions(args: readonly string[], from: number, command: 'set' | 'getex'): SetOptions {
  const options: SetOptions = {
    onlyIfAbsent: false,
    onlyIfPresent: false,
    get: false,
    expiry: undefined,
    expiryText: '',
  }
  const isSet = command === 'set'
  for (let i = from; i < args.length; i++) {
    const word = args[i] as string
    if (isSet && equalsIgnoreCase(word, 'nx') && !options.onlyIfPresent) options.onlyIfAbsent = true
    else if (isSet && equalsIgnoreCase(word, 'xx') && !options.onlyIfAbsent) options.onlyIfPresent = true
    else if (isSet && equalsIgnoreCase(word, 'get')) options.get = true
    else {
      const expiry = (isSet ? SET_EXPIRY : GETEX_EXPIRY).find((name) => equalsIgnoreCase(word, name))
      if (expiry === undefined || (options.expiry ?? expiry) !== expiry) fail(SYNTAX_ERROR)
      options.expiry = expiry
      if (expiry === 'keepttl' || expiry === 'persist') continue
      if (i + 1 >= args.length) fail(SYNTAX_ERROR)
      options.expiryText = args[++i] as string
    }
  }
  return options
}

/** The time that the options name, as Unix time in ms; 0 if they name none. */
function expiryOf(ctx: Context, { expiry, expiryText }: SetOptions): number {
  if (expiry === undefined || expiry === 'keepttl' || expiry === 'persist') return 0
  return expiryArg(ctx, expiryText, expiry)
}

function set(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const value = args[2] as string
  if (args.length === 3) {
    ctx.db.set(key, toStringValue(value), STRING, 'set')
    return OK
  }
  const options = parseSetOptions(args, 3, 'set')
  const expiryMs = expiryOf(ctx, options)
  const { db } = ctx
  const old = options.get ? db.read(key, 'string') : undefined
  const reply = old === undefined ? null : toText(old)
  const keepTtl = options.expiry === 'keepttl'
  const present = keepTtl ? db.use(key) : db.has(key)
  if (present ? options.onlyIfAbsent : options.onlyIfPresent) return reply
  db.set(key, toStringValue(value), STRING, 'set', keepTtl)
  if (expiryMs !== 0) {
    db.setExpiry(key, expiryMs)
    ctx.propagate('SET', key, value, 'PXAT', String(expiryMs))
  }
  return options.get ? reply : OK
}

/** What SET does to its key depends on GET. */
function keysOfSet(args: readonly string[]): FoundKey[] {
  const reads = args.some((word, i) => i > 2 && equalsIgnoreCase(word, 'get'))
  return [{ at: 1, flags: reads ? ['RW', 'access', 'update'] : ['OW', 'update'] }]
}

function setWithExpiry(ctx: Context, args: readonly string[], unit: 'ex' | 'px'): Reply {
  const key = args[1] as string
  const value = args[3] as string
  const expiryMs = expiryArg(ctx, args[2] as string, unit)
  ctx.db.set(key, toStringValue(value), STRING, 'set')
  ctx.db.setExpiry(key, expiryMs)
  ctx.propagate('SET', key, value, 'PXAT', String(expiryMs))
  return OK
}

function setNx(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  if (ctx.db.has(key)) return 0
  ctx.db.set(key, toStringValue(args[2] as string), STRING, 'set')
  return 1
}

function mset(ctx: Context, args: readonly string[]): Reply {
  if (args.length % 2 === 0) fail(`ERR wrong number of arguments for '${ctx.command.name}' command`)
  for (let i = 1; i < args.length; i += 2) {
    ctx.db.set(args[i] as string, toStringValue(args[i + 1] as string), STRING, 'set')
  }
  return OK
}

function msetNx(ctx: Context, args: readonly string[]): Reply {
  if (args.length % 2 === 0) fail(`ERR wrong number of arguments for '${ctx.command.name}' command`)
  for (let i = 1; i < args.length; i += 2) if (ctx.db.has(args[i] as string)) return 0
  mset(ctx, args)
  return 1
}

// ---- GET and its relatives --------------------------------------------------------------------------------

function getText(ctx: Context, key: string): string | null {
  const value = ctx.db.read(key, 'string')
  return value === undefined ? null : toText(value)
}

function getSet(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const old = getText(ctx, key)
  ctx.db.set(key, toStringValue(args[2] as string), STRING, 'set')
  return old
}

function getDel(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const old = getText(ctx, key)
  if (old !== null) {
    ctx.db.remove(key)
    ctx.propagate('DEL', key)
  }
  return old
}

function getEx(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const options = parseSetOptions(args, 2, 'getex')
  const value = getText(ctx, key)
  if (value === null) return null
  const expiryMs = expiryOf(ctx, options)
  if (options.expiry === 'persist') {
    if (ctx.db.persist(key)) ctx.propagate('PERSIST', key)
  } else if (expiryMs > ctx.now) {
    ctx.db.setExpiry(key, expiryMs)
    ctx.propagate('PEXPIREAT', key, String(expiryMs))
  } else if (expiryMs !== 0) {
    ctx.db.remove(key)
    ctx.propagate('DEL', key)
  }
  return value
}

function mget(ctx: Context, args: readonly string[]): Reply {
  const reply: Reply[] = []
  for (let i = 1; i < args.length; i++) {
    const value = ctx.db.readAny(args[i] as string)
    const isString = typeof value === 'string' || typeof value === 'number' || value instanceof GrowBytes
    reply.push(isString ? toText(value) : null)
  }
  return reply
}

function strlen(ctx: Context, args: readonly string[]): Reply {
  const value = ctx.db.read(args[1] as string, 'string')
  return value === undefined ? 0 : stringLength(value)
}

function getRange(ctx: Context, args: readonly string[]): Reply {
  const start = integerArg(args[2] as string)
  const end = integerArg(args[3] as string)
  const value = ctx.db.read(args[1] as string, 'string')
  if (value === undefined || (start < 0 && end < 0 && start > end)) return ''
  const length = stringLength(value)
  const from = Math.max(start < 0 ? start + length : start, 0)
  const to = Math.min(Math.max(end < 0 ? end + length : end, 0), length - 1)
  if (from > to || length === 0) return ''
  return typeof value === 'number' ? String(value).slice(from, to + 1) : value.slice(from, to + 1)
}

// ---- edits in place ---------------------------------------------------------------------------------------

function append(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const tail = args[2] as string
  const value = ctx.db.write(key, 'string')
  if (value === undefined) {
    ctx.db.set(key, toStringValue(tail), STRING, 'append')
    return tail.length
  }
  checkStringLength(ctx, stringLength(value) + tail.length)
  const bytes = editable(value)
  bytes.append(tail)
  ctx.db.set(key, bytes, STRING, 'append', true)
  return bytes.length
}

function setRange(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const offset = integerArg(args[2] as string)
  const patch = args[3] as string
  if (offset < 0) fail('ERR offset is out of range')
  const value = ctx.db.write(key, 'string')
  if (patch === '') return value === undefined ? 0 : stringLength(value)
  checkStringLength(ctx, offset + patch.length)
  const bytes = editable(value)
  bytes.write(offset, patch)
  ctx.db.set(key, bytes, STRING, 'setrange', true)
  return bytes.length
}

// ---- counters ---------------------------------------------------------------------------------------------

function increment(ctx: Context, key: string, by: number | bigint): Reply {
  const { db } = ctx
  const slot = db.slotOf(key)
  const value = db.writeAt(slot, 'string') ?? 0
  const old = typeof value === 'number' ? value : int64Arg(toText(value))
  const sum = addInt64(old, by)
  if (sum === undefined) fail('ERR increment or decrement would overflow')
  db.replace(key, slot, typeof sum === 'number' ? sum : String(sum), STRING, 'incrby', true)
  return sum
}

function decrementBy(ctx: Context, args: readonly string[]): Reply {
  const by = int64Arg(args[2] as string)
  if (by === INT64_MIN) fail('ERR decrement would overflow')
  return increment(ctx, args[1] as string, -by)
}

function incrementByFloat(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const value = ctx.db.write(key, 'string')
  const old = value === undefined ? 0 : parseLongDouble(toText(value))
  const by = parseLongDouble(args[2] as string)
  if (old === undefined || by === undefined) fail(NOT_A_FLOAT)
  const result = addLongDouble(old, by)
  if (!isFiniteLongDouble(result)) fail('ERR increment would produce NaN or Infinity')
  const sum = formatLongDouble(result)
  ctx.db.set(key, sum, STRING, 'incrbyfloat', true)
  ctx.propagate('SET', key, sum, 'KEEPTTL')
  return sum
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const stringCommands: readonly CommandSpec[] = [
  {
    name: 'append',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW insert')],
    since: '2.0.0',
    group: 'string',
    syntax: 'key value',
    summary: 'Adds text to the end of a string; a missing key counts as empty.',
    complexity: 'O(1) amortized',
    handler: append,
  },
  {
    name: 'decr',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '1.0.0',
    group: 'string',
    syntax: 'key',
    summary: 'Takes one from the integer under a key; a missing key counts as 0.',
    complexity: 'O(1)',
    handler: (ctx, args) => increment(ctx, args[1] as string, -1),
  },
  {
    name: 'decrby',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '1.0.0',
    group: 'string',
    syntax: 'key decrement',
    summary: 'Takes a number from the integer under a key; a missing key counts as 0.',
    complexity: 'O(1)',
    handler: decrementBy,
  },
  {
    name: 'get',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '1.0.0',
    group: 'string',
    syntax: 'key',
    summary: 'Gives the string under a key.',
    complexity: 'O(1)',
    handler: (ctx, args) => getText(ctx, args[1] as string),
  },
  {
    name: 'getdel',
    arity: 2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access delete')],
    since: '6.2.0',
    group: 'string',
    syntax: 'key',
    summary: 'Gives the string under a key and deletes the key.',
    complexity: 'O(1)',
    handler: getDel,
  },
  {
    name: 'getex',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access update', 'An expiry option is a change')],
    since: '6.2.0',
    group: 'string',
    syntax:
      'key expiration=[EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|PERSIST]',
    summary: 'Gives the string under a key and sets or takes away its expiry.',
    complexity: 'O(1)',
    handler: getEx,
  },
  {
    name: 'getrange',
    arity: 4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.4.0',
    group: 'string',
    syntax: 'key start end',
    summary: 'Gives the part of a string between two offsets.',
    complexity: 'O(N) where N is the length of the part',
    handler: getRange,
  },
  {
    name: 'getset',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '1.0.0',
    group: 'string',
    syntax: 'key value',
    summary: 'Stores a string and gives the one that was there.',
    complexity: 'O(1)',
    deprecated: { since: '6.2.0', replacedBy: '`SET` with `GET`' },
    handler: getSet,
  },
  {
    name: 'incr',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '1.0.0',
    group: 'string',
    syntax: 'key',
    summary: 'Adds one to the integer under a key; a missing key counts as 0.',
    complexity: 'O(1)',
    handler: (ctx, args) => increment(ctx, args[1] as string, 1),
  },
  {
    name: 'incrby',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '1.0.0',
    group: 'string',
    syntax: 'key increment',
    summary: 'Adds a number to the integer under a key; a missing key counts as 0.',
    complexity: 'O(1)',
    handler: (ctx, args) => increment(ctx, args[1] as string, int64Arg(args[2] as string)),
  },
  {
    name: 'incrbyfloat',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '2.6.0',
    group: 'string',
    syntax: 'key increment:double',
    summary: 'Adds a floating point number to the number under a key; a missing key counts as 0.',
    complexity: 'O(1)',
    handler: incrementByFloat,
  },
  {
    name: 'mget',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keyRange(1, -1, 1, 'RO access')],
    since: '1.0.0',
    group: 'string',
    syntax: 'key [key ...]',
    summary: 'Gives the strings under several keys.',
    complexity: 'O(N) where N is the number of keys',
    tips: ['request_policy:multi_shard'],
    handler: mget,
  },
  {
    name: 'mset',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyRange(1, -1, 2, 'OW update')],
    since: '1.0.1',
    group: 'string',
    syntax: 'key value [key value ...]',
    summary: 'Stores strings under several keys at once.',
    complexity: 'O(N) where N is the number of keys',
    tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
    handler: mset,
  },
  {
    name: 'msetnx',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyRange(1, -1, 2, 'OW insert')],
    since: '1.0.1',
    group: 'string',
    syntax: 'key value [key value ...]',
    summary: 'Stores strings under several keys, but only if none of the keys is there.',
    complexity: 'O(N) where N is the number of keys',
    tips: ['request_policy:multi_shard', 'response_policy:agg_min'],
    handler: msetNx,
  },
  {
    name: 'psetex',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update')],
    since: '2.6.0',
    group: 'string',
    syntax: 'key milliseconds value',
    summary: 'Stores a string with an expiry in milliseconds.',
    complexity: 'O(1)',
    deprecated: { since: '2.6.12', replacedBy: '`SET` with `PX`' },
    handler: (ctx, args) => setWithExpiry(ctx, args, 'px'),
  },
  {
    name: 'set',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW access update variable_flags', 'With GET the old value is read')],
    findKeys: keysOfSet,
    since: '1.0.0',
    group: 'string',
    syntax:
      'key value condition=[NX|XX] [GET] expiration=[EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|KEEPTTL]',
    summary:
      'Stores a string under a key, whatever the key held, on a condition and with an expiry if wanted.',
    complexity: 'O(1)',
    handler: set,
  },
  {
    name: 'setex',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update')],
    since: '2.0.0',
    group: 'string',
    syntax: 'key seconds value',
    summary: 'Stores a string with an expiry in seconds.',
    complexity: 'O(1)',
    deprecated: { since: '2.6.12', replacedBy: '`SET` with `EX`' },
    handler: (ctx, args) => setWithExpiry(ctx, args, 'ex'),
  },
  {
    name: 'setnx',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'OW insert')],
    since: '1.0.0',
    group: 'string',
    syntax: 'key value',
    summary: 'Stores a string, but only if the key is not there.',
    complexity: 'O(1)',
    deprecated: { since: '2.6.12', replacedBy: '`SET` with `NX`' },
    handler: setNx,
  },
  {
    name: 'setrange',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW update')],
    since: '2.2.0',
    group: 'string',
    syntax: 'key offset value',
    summary: 'Overwrites a part of a string from an offset on; a gap before it is filled with zero bytes.',
    complexity: 'O(M) where M is the length of the value',
    handler: setRange,
  },
  {
    name: 'strlen',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '2.2.0',
    group: 'string',
    syntax: 'key',
    summary: 'Gives the length of a string in bytes.',
    complexity: 'O(1)',
    handler: strlen,
  },
  {
    name: 'substr',
    arity: 4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '1.0.0',
    group: 'string',
    syntax: 'key start end',
    summary: 'Gives the part of a string between two offsets.',
    complexity: 'O(N) where N is the length of the part',
    deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
    handler: getRange,
  },
  lcsCommand,
]
