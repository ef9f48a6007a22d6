/**
 * Hash fields that expire on their own.
 *
 *   HEXPIRE HEXPIREAT HEXPIRETIME HPERSIST HPEXPIRE HPEXPIREAT HPEXPIRETIME HPTTL HTTL
 *
 * All take `FIELDS numfields field …` and answer with one number for each field. What has expired but is not
 * deleted yet is treated as absent.
 */

import { fail } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import type { HashValue } from '../keyspace/hash-value.js'
import type { Reply } from '../protocol/reply.js'
import { boundedArg, int64Arg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { absoluteExpiryMs, type ExpiryUnit } from './expiry-argument.js'
import { keyAt } from './key-spec.js'

/** Answers for one field, where it is not a time. */
const NO_FIELD = -2
const NO_EXPIRY = -1
const CONDITION_NOT_MET = 0
const DONE = 1
const DELETED = 2

/** The latest time a field can expire, Unix time in ms: 46 bits. */
const MAX_TIME_MS = 2 ** 46 - 1

type Condition = 'nx' | 'xx' | 'gt' | 'lt'
const CONDITIONS: readonly Condition[] = ['nx', 'xx', 'gt', 'lt']

/** The fields after `FIELDS numfields`, which stand at `at`; they are the last arguments. */
export function fieldsArg(args: readonly string[], at: number, countError: string): readonly string[] {
  if (!equalsIgnoreCase(args[at] ?? '', 'fields')) {
    fail('ERR Mandatory argument FIELDS is missing or not at the right position')
  }
  const count = boundedArg(args[at + 1] ?? '', 1, Number.MAX_SAFE_INTEGER, countError)
  if (count !== args.length - at - 2) fail('ERR The `numfields` parameter must match the number of arguments')
  return args.slice(at + 2)
}

export const NOT_POSITIVE = 'ERR Number of fields must be a positive integer'

// ---- setting ----------------------------------------------------------------------------------------------

/** A time from now or since the epoch as Unix time in ms. */
export function fieldExpiryArg(ctx: Context, text: string, unit: ExpiryUnit): number {
  const value = Number(int64Arg(text))
  if (value < 0) fail('ERR invalid expire time, must be >= 0')
  const expiryMs = absoluteExpiryMs(value, unit, ctx.now)
  if (expiryMs === undefined || expiryMs > MAX_TIME_MS) {
    fail(`ERR invalid expire time in '${ctx.command.name}' command`)
  }
  return expiryMs
}

/** @param oldMs expiry of the field so far, 0 for none, which counts as later than any other */
function meets(condition: Condition | undefined, oldMs: number, newMs: number): boolean {
  if (condition === undefined) return true
  if (condition === 'nx') return oldMs === 0
  if (condition === 'xx') return oldMs !== 0
  if (condition === 'gt') return oldMs !== 0 && newMs > oldMs
  return oldMs === 0 || newMs < oldMs
}

function setExpiry(ctx: Context, args: readonly string[], unit: ExpiryUnit): Reply {
  const { db, keyspace } = ctx
  const key = args[1] as string
  const hash = db.write(key, 'hash')
  const expiryMs = fieldExpiryArg(ctx, args[2] as string, unit)
  const condition = CONDITIONS.find((word) => equalsIgnoreCase(args[3] as string, word))
  const countError = 'ERR Parameter `numFields` should be greater than 0'
  const fields = fieldsArg(args, condition === undefined ? 3 : 4, countError)
  if (hash === undefined) return fields.map(() => NO_FIELD)

  // On a replica the time to delete is when the master says so.
  const past = expiryMs <= ctx.now && !keyspace.keepsExpired
  const changed: string[] = []
  hash.trackExpiry()
  db.reshaped(hash)
  const reply = fields.map((field) => {
    const oldMs = hash.expiryOf(field)
    if (oldMs < 0) return NO_FIELD
    if (!meets(condition, oldMs, expiryMs)) return CONDITION_NOT_MET
    changed.push(field)
    if (!past) {
      hash.setExpiry(field, expiryMs)
      return DONE
    }
    hash.delete(field)
    keyspace.expiredFields++
    return DELETED
  })
  if (changed.length > 0) {
    db.modified(key, hash, EventClass.HASH, past ? 'hdel' : 'hexpire', changed.length)
    const effect = past
      ? ['HDEL', key]
      : ['HPEXPIREAT', key, String(expiryMs), 'FIELDS', String(changed.length)]
    keyspace.emitEffect(db, effect.concat(changed))
    ctx.propagateNothing()
  }
  return reply
}

function persistFields(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const hash = ctx.db.write(key, 'hash')
  const fields = fieldsArg(args, 2, NOT_POSITIVE)
  if (hash === undefined) return fields.map(() => NO_FIELD)
  let changed = false
  const reply = fields.map((field) => {
    const expiryMs = hash.expiryOf(field)
    if (expiryMs <= 0) return expiryMs < 0 ? NO_FIELD : NO_EXPIRY
    hash.setExpiry(field, 0)
    changed = true
    return DONE
  })
  if (changed) ctx.db.modified(key, hash, EventClass.HASH, 'hpersist')
  return reply
}

// ---- asking -----------------------------------------------------------------------------------------------

/** @param format makes the answer of the expiry of a field, Unix time in ms */
function fieldTimes(ctx: Context, args: readonly string[], format: (expiryMs: number) => number): Reply {
  const hash = ctx.db.read(args[1] as string, 'hash')
  const fields = fieldsArg(args, 2, NOT_POSITIVE)
  return fields.map((field) => timeOf(hash, field, format))
}

function timeOf(hash: HashValue | undefined, field: string, format: (expiryMs: number) => number): number {
  const expiryMs = hash === undefined ? -1 : hash.expiryOf(field)
  if (expiryMs <= 0) return expiryMs < 0 ? NO_FIELD : NO_EXPIRY
  return format(expiryMs)
}

function roundedUp(ms: number): number {
  return Math.ceil(ms / 1000)
}

// ---- descriptors ------------------------------------------------------------------------------------------

const FIELDS = '<FIELDS numfields field [field ...]>'
const PER_FIELD = 'O(N) where N is the number of fields'

/** HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT. */
function setter(name: string, time: string, unit: ExpiryUnit, summary: string): CommandSpec {
  return {
    name,
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW update')],
    since: '7.4.0',
    group: 'hash',
    syntax: `key ${time} condition=[NX|XX|GT|LT] ${FIELDS}`,
    summary,
    complexity: PER_FIELD,
    handler: (ctx, args) => setExpiry(ctx, args, unit),
  }
}

/** HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME. */
function getter(
  name: string,
  tips: readonly string[],
  summary: string,
  format: (ctx: Context, expiryMs: number) => number,
): CommandSpec {
  return {
    name,
    arity: -5,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '7.4.0',
    group: 'hash',
    syntax: `key ${FIELDS}`,
    summary,
    complexity: PER_FIELD,
    tips,
    handler: (ctx, args) => fieldTimes(ctx, args, (expiryMs) => format(ctx, expiryMs)),
  }
}

const CHANGES = ['nondeterministic_output']

export const hashExpiryCommands: readonly CommandSpec[] = [
  setter('hexpire', 'seconds', 'ex', 'Makes fields of a hash expire after some seconds.'),
  setter('hpexpire', 'milliseconds', 'px', 'Makes fields of a hash expire after some milliseconds.'),
  setter(
    'hexpireat',
    'unix-time-seconds',
    'exat',
    'Makes fields of a hash expire at a Unix time in seconds.',
  ),
  setter(
    'hpexpireat',
    'unix-time-milliseconds',
    'pxat',
    'Makes fields of a hash expire at a Unix time in milliseconds.',
  ),
  getter('httl', CHANGES, 'Gives the seconds that fields of a hash have left.', (ctx, ms) =>
    roundedUp(ms - ctx.now),
  ),
  getter(
    'hpttl',
    CHANGES,
    'Gives the milliseconds that fields of a hash have left.',
    (ctx, ms) => ms - ctx.now,
  ),
  getter('hexpiretime', [], 'Gives the Unix times in seconds at which fields expire.', (_ctx, ms) =>
    roundedUp(ms),
  ),
  getter(
    'hpexpiretime',
    [],
    'Gives the Unix times in milliseconds at which fields expire.',
    (_ctx, ms) => ms,
  ),
  {
    name: 'hpersist',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW update')],
    since: '7.4.0',
    group: 'hash',
    syntax: `key ${FIELDS}`,
    summary: 'Makes fields of a hash stay for good.',
    complexity: PER_FIELD,
    handler: persistFields,
  },
]
