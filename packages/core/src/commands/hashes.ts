/**
 * Hashes: fields with values under one key.
 *
 *   HDEL HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HRANDFIELD HSCAN HSET HSETNX
 *   HSTRLEN HVALS
 *
 * A field may expire on its own (hash-expiry.ts). Commands that name fields delete an expired one when they
 * meet it; commands that walk over all fields pass over the expired.
 */

import { fail, NOT_A_FLOAT, SYNTAX_ERROR } from '../base/errors.js'
import { addInt64, parseInt64 } from '../base/int64.js'
import { addLongDouble, formatLongDouble, isFiniteLongDouble, parseLongDouble } from '../base/long-double.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { randomBelow } from '../base/random.js'
import type { Database } from '../keyspace/database.js'
import { EventClass } from '../keyspace/events.js'
import { expireAllFields, expireFields } from '../keyspace/field-expiry.js'
import { HashValue } from '../keyspace/hash-value.js'
import { MapReply, OK, type Reply, Tuples } from '../protocol/reply.js'
import { int64Arg, randomCountArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt } from './key-spec.js'
import { cursorArg, parseScanOptions, scanSlots } from './scan-cursor.js'

const { HASH } = EventClass

/** Twice that many elements of a reply are still counted in 64 bits. */
const MAX_PAIRS = 2n ** 62n - 1n

/** The value of a field. One that has expired is deleted, with the hash if it was the last. */
function valueIn(db: Database, key: string, hash: HashValue, field: string): string | undefined {
  const value = hash.get(field)
  if (value === undefined && hash.hasExpired(field)) expireFields(db, key, hash, [field])
  return value
}

/** The value of a field for commands that only read; undefined also when there is no hash. */
function read(ctx: Context, args: readonly string[]): string | undefined {
  const key = args[1] as string
  const hash = ctx.db.read(key, 'hash')
  return hash === undefined ? undefined : valueIn(ctx.db, key, hash, args[2] as string)
}

/** `hash`, or a new one under `key` if there was none or its last field has expired. */
function orNew(ctx: Context, key: string, hash: HashValue | undefined): HashValue {
  if (hash !== undefined && hash.length > 0) return hash
  return ctx.db.create(key, new HashValue(ctx.keyspace))
}

// ---- storing ----------------------------------------------------------------------------------------------

/** Stores all pairs and gives the number of fields that are new. */
function storePairs(ctx: Context, args: readonly string[]): number {
  if (args.length % 2 === 1) fail(`ERR wrong number of arguments for '${ctx.command.name}' command`)
  const { db } = ctx
  const key = args[1] as string
  const hash = db.write(key, 'hash') ?? db.create(key, new HashValue(ctx.keyspace))
  const pairs = (args.length - 2) >> 1
  hash.expect(pairs)
  let added = 0
  for (let i = 2; i < args.length; i += 2) if (hash.set(args[i] as string, args[i + 1] as string)) added++
  db.modified(key, hash, HASH, 'hset', pairs)
  return added
}

function hmset(ctx: Context, args: readonly string[]): Reply {
  storePairs(ctx, args)
  return OK
}

function hsetNx(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const key = args[1] as string
  const field = args[2] as string
  const old = db.write(key, 'hash')
  if (old !== undefined && valueIn(db, key, old, field) !== undefined) return 0
  const hash = orNew(ctx, key, old)
  hash.set(field, args[3] as string)
  db.modified(key, hash, HASH, 'hset')
  return 1
}

function hdel(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const hash = ctx.db.write(key, 'hash')
  if (hash === undefined) return 0
  let deleted = 0
  for (let i = 2; i < args.length; i++) if (hash.delete(args[i] as string)) deleted++
  if (deleted > 0) ctx.db.modified(key, hash, HASH, 'hdel', deleted)
  return deleted
}

function hincrby(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const key = args[1] as string
  const field = args[2] as string
  const by = int64Arg(args[3] as string)
  const hash = db.write(key, 'hash')
  const text = hash === undefined ? undefined : valueIn(db, key, hash, field)
  const old = text === undefined ? 0 : parseInt64(text)
  if (old === undefined) fail('ERR hash value is not an integer')
  const sum = addInt64(old, by)
  if (sum === undefined) fail('ERR increment or decrement would overflow')
  const target = orNew(ctx, key, hash)
  target.set(field, String(sum), true)
  db.modified(key, target, HASH, 'hincrby')
  return sum
}

function hincrbyfloat(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const key = args[1] as string
  const field = args[2] as string
  const by = parseLongDouble(args[3] as string)
  if (by === undefined) fail(NOT_A_FLOAT)
  if (!isFiniteLongDouble(by)) fail('ERR value is NaN or Infinity')
  const hash = db.write(key, 'hash')
  const text = hash === undefined ? undefined : valueIn(db, key, hash, field)
  const old = text === undefined ? 0 : parseLongDouble(text)
  if (old === undefined) fail('ERR hash value is not a float')
  const result = addLongDouble(old, by)
  if (!isFiniteLongDouble(result)) fail('ERR increment would produce NaN or Infinity')
  const sum = formatLongDouble(result)
  const target = orNew(ctx, key, hash)
  target.set(field, sum, true)
  db.modified(key, target, HASH, 'hincrbyfloat')
  ctx.propagate('HSET', key, field, sum)
  // HSET takes the field's expiry away, which this command keeps.
  const expiryMs = target.expiryOf(field)
  if (expiryMs > 0) ctx.propagate('HPEXPIREAT', key, String(expiryMs), 'FIELDS', '1', field)
  return sum
}

// ---- reading ----------------------------------------------------------------------------------------------

function hmget(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const hash = ctx.db.read(key, 'hash')
  const reply: Reply[] = []
  const expired: string[] = []
  for (let i = 2; i < args.length; i++) {
    const field = args[i] as string
    const value = hash?.get(field)
    reply.push(value ?? null)
    if (value === undefined && hash?.hasExpired(field) && !expired.includes(field)) expired.push(field)
  }
  if (hash !== undefined) expireFields(ctx.db, key, hash, expired)
  return reply
}

function hgetall(ctx: Context, args: readonly string[]): Reply {
  return new MapReply(ctx.db.read(args[1] as string, 'hash')?.entries() ?? [])
}

function hscan(ctx: Context, args: readonly string[]): Reply {
  cursorArg(args[2] as string)
  const hash = ctx.db.read(args[1] as string, 'hash')
  if (hash === undefined) return ['0', []]
  const { cursor, count, matches, noValues } = parseScanOptions(args, 2, 'novalues')
  const found: string[] = []
  const take = (field: string, value: string) => {
    if (!matches(field)) return
    found.push(field)
    if (!noValues) found.push(value)
  }
  const { dict } = hash
  if (dict === undefined) {
    // A small hash is shown whole, whatever the cursor and the count are.
    const entries = hash.entries()
    for (let i = 0; i < entries.length; i += 2) take(entries[i] as string, entries[i + 1] as string)
    return ['0', found]
  }
  const next = scanSlots(dict, cursor, count, (slot, field) => {
    if (!hash.isExpiredAt(slot)) take(field, dict.valueAt(slot))
  })
  return [String(next), found]
}

// ---- random fields ----------------------------------------------------------------------------------------

function hrandfield(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  if (args.length === 2) {
    const hash = readUnexpired(ctx, key)
    return hash === undefined ? null : hash.fieldAt(hash.randomPosition())
  }
  const countText = args[2] as string
  const count = randomCountArg(countText)
  const withValues = args.length === 4 && equalsIgnoreCase(args[3] as string, 'withvalues')
  if (args.length > 3 && !withValues) fail(SYNTAX_ERROR)
  if (withValues && int64Arg(countText) > MAX_PAIRS) fail('ERR value is out of range')
  const hash = readUnexpired(ctx, key)
  if (hash === undefined || count === 0) return []
  const picked =
    count < 0 ? pickRepeatedly(ctx, hash, -count, withValues) : pickDistinct(hash, count, withValues)
  return withValues ? new Tuples(picked) : picked
}

function pickDistinct(hash: HashValue, count: number, withValues: boolean): string[] {
  if (count >= hash.length) return withValues ? hash.entries() : hash.fields()
  const picked: string[] = []
  for (const position of hash.samplePositions(count)) {
    picked.push(hash.fieldAt(position))
    if (withValues) picked.push(hash.valueAt(position))
  }
  return picked
}

function pickRepeatedly(ctx: Context, hash: HashValue, count: number, withValues: boolean): string[] {
  const { random } = ctx.keyspace
  // Many picks are worth a list of the positions, which makes each O(1) however sparse the dictionary is.
  const all = count > hash.length ? hash.positions() : undefined
  const picked: string[] = []
  for (let i = 0; i < count; i++) {
    const position =
      all === undefined ? hash.randomPosition() : (all[randomBelow(random, all.length)] as number)
    picked.push(hash.fieldAt(position))
    if (withValues) picked.push(hash.valueAt(position))
  }
  return picked
}

/** A hash for picking fields at random: its expired fields are gone; undefined when there is none left. */
function readUnexpired(ctx: Context, key: string): HashValue | undefined {
  const hash = ctx.db.read(key, 'hash')
  if (hash === undefined || !expireAllFields(ctx.db, key, hash)) return undefined
  if (!hash.mayHaveExpired()) return hash
  const rest = hash.withoutExpired()
  return rest.length === 0 ? undefined : rest
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const hashCommands: readonly CommandSpec[] = [
  {
    name: 'hdel',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW delete')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key field [field ...]',
    summary: 'Deletes fields of a hash, and the hash with its last field.',
    complexity: 'O(N) where N is the number of fields',
    handler: hdel,
  },
  {
    name: 'hexists',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key field',
    summary: 'Tells whether a hash has a field.',
    complexity: 'O(1)',
    handler: (ctx, args) => (read(ctx, args) === undefined ? 0 : 1),
  },
  {
    name: 'hget',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key field',
    summary: 'Gives the value of a field.',
    complexity: 'O(1)',
    handler: (ctx, args) => read(ctx, args) ?? null,
  },
  {
    name: 'hgetall',
    arity: 2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key',
    summary: 'Gives all fields of a hash with their values.',
    complexity: 'O(N) where N is the size of the hash',
    tips: ['nondeterministic_output_order'],
    handler: hgetall,
  },
  {
    name: 'hincrby',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key field increment',
    summary: 'Adds a number to the integer in a field; a missing field counts as 0.',
    complexity: 'O(1)',
    handler: hincrby,
  },
  {
    name: 'hincrbyfloat',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '2.6.0',
    group: 'hash',
    syntax: 'key field increment:double',
    summary: 'Adds a floating point number to the number in a field; a missing field counts as 0.',
    complexity: 'O(1)',
    handler: hincrbyfloat,
  },
  {
    name: 'hkeys',
    arity: 2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key',
    summary: 'Gives all fields of a hash.',
    complexity: 'O(N) where N is the size of the hash',
    tips: ['nondeterministic_output_order'],
    handler: (ctx, args) => ctx.db.read(args[1] as string, 'hash')?.fields() ?? [],
  },
  {
    name: 'hlen',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key',
    summary: 'Counts the fields of a hash; one that has expired counts until it is deleted.',
    complexity: 'O(1)',
    handler: (ctx, args) => ctx.db.read(args[1] as string, 'hash')?.length ?? 0,
  },
  {
    name: 'hmget',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key field [field ...]',
    summary: 'Gives the values of several fields.',
    complexity: 'O(N) where N is the number of fields',
    handler: hmget,
  },
  {
    name: 'hmset',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW update')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key field value [field value ...]',
    summary: 'Stores several fields of a hash.',
    complexity: 'O(N) where N is the number of fields',
    deprecated: { since: '4.0.0', replacedBy: '`HSET`' },
    handler: hmset,
  },
  {
    name: 'hrandfield',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '6.2.0',
    group: 'hash',
    syntax: 'key options=[count [WITHVALUES]]',
    summary: 'Picks fields at random: distinct ones, or with a negative count possibly the same ones again.',
    complexity: 'O(N) where N is the number of fields in the reply',
    tips: ['nondeterministic_output'],
    handler: hrandfield,
  },
  {
    name: 'hscan',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.8.0',
    group: 'hash',
    syntax: 'key cursor [MATCH pattern] [COUNT count] [NOVALUES]',
    summary: 'Walks over the fields of a hash step by step.',
    complexity: 'O(1) a call, O(N) for all calls of a complete walk, where N is the size of the hash',
    tips: ['nondeterministic_output'],
    handler: hscan,
  },
  {
    name: 'hset',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW update')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key field value [field value ...]',
    summary: 'Stores fields of a hash and counts those that are new.',
    complexity: 'O(N) where N is the number of fields',
    handler: storePairs,
  },
  {
    name: 'hsetnx',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW insert')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key field value',
    summary: 'Stores a field of a hash, but only if it is not there.',
    complexity: 'O(1)',
    handler: hsetNx,
  },
  {
    name: 'hstrlen',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '3.2.0',
    group: 'hash',
    syntax: 'key field',
    summary: 'Gives the length of the value of a field in bytes.',
    complexity: 'O(1)',
    handler: (ctx, args) => read(ctx, args)?.length ?? 0,
  },
  {
    name: 'hvals',
    arity: 2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.0.0',
    group: 'hash',
    syntax: 'key',
    summary: 'Gives all values of a hash.',
    complexity: 'O(N) where N is the size of the hash',
    tips: ['nondeterministic_output_order'],
    handler: (ctx, args) => ctx.db.read(args[1] as string, 'hash')?.values() ?? [],
  },
]
