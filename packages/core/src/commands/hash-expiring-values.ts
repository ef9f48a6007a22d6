/**
 * Values of hash fields together with their expiry, or with their end: from Redis 8.
 *
 *   HGETDEL HGETEX HSETEX
 *
 * What follows them into the journal are commands that Redis 7.4 knows, too.
 */

import { fail } from '../base/errors.js'
import { lower } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import { expireFields } from '../keyspace/field-expiry.js'
import { HashValue } from '../keyspace/hash-value.js'
import type { Reply } from '../protocol/reply.js'
import { boundedArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import type { ExpiryUnit } from './expiry-argument.js'
import { fieldExpiryArg, fieldsArg, NOT_POSITIVE } from './hash-expiry.js'
import { keyAt } from './key-spec.js'

const { HASH } = EventClass
const MAX_FIELDS = 2_147_483_647
const UNITS: readonly string[] = ['ex', 'px', 'exat', 'pxat'] satisfies ExpiryUnit[]

function isUnit(word: string): word is ExpiryUnit {
  return UNITS.includes(word)
}

/** The value of a field; one that has expired is deleted. */
function liveValue(ctx: Context, key: string, hash: HashValue, field: string): string | undefined {
  const value = hash.get(field)
  if (value === undefined && hash.hasExpired(field)) expireFields(ctx.db, key, hash, [field])
  return value
}

/** Deletes a field whose new expiry has passed. */
function expire(ctx: Context, hash: HashValue, field: string): void {
  if (hash.delete(field)) ctx.keyspace.expiredFields++
}

/** Whether a field with this expiry is gone at once; on a replica that is for the master to say. */
function isPast(ctx: Context, expiryMs: number): boolean {
  return expiryMs <= ctx.now && !ctx.keyspace.keepsExpired
}

// ---- HGETDEL, HGETEX --------------------------------------------------------------------------------------

function getDelete(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const hash = ctx.db.write(key, 'hash')
  const fields = fieldsArg(args, 2, NOT_POSITIVE)
  if (hash === undefined) return fields.map(() => null)
  const deleted: string[] = []
  const reply = fields.map((field) => {
    const value = liveValue(ctx, key, hash, field)
    if (value === undefined) return null
    hash.delete(field)
    deleted.push(field)
    return value
  })
  if (deleted.length > 0) {
    ctx.db.modified(key, hash, HASH, 'hdel', deleted.length)
    ctx.propagate('HDEL', key, ...deleted)
  }
  return reply
}

function getExpire(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const hash = ctx.db.write(key, 'hash')
  const option = lower(args[2] as string)
  const persists = option === 'persist'
  const expiryMs = isUnit(option) ? fieldExpiryArg(ctx, args[3] as string, option) : undefined
  const fields = fieldsArg(args, expiryMs !== undefined ? 4 : persists ? 3 : 2, NOT_POSITIVE)
  if (hash === undefined) return fields.map(() => null)

  const isEnd = expiryMs !== undefined && isPast(ctx, expiryMs)
  const newMs = persists ? 0 : expiryMs
  const changed: string[] = []
  const reply = fields.map((field) => {
    const value = liveValue(ctx, key, hash, field)
    if (value === undefined) return null
    if (newMs === undefined || (persists && hash.expiryOf(field) === 0)) return value
    changed.push(field)
    if (isEnd) expire(ctx, hash, field)
    else hash.setExpiry(field, newMs)
    return value
  })
  if (changed.length === 0) return reply
  const { length } = changed
  if (isEnd) {
    ctx.db.modified(key, hash, HASH, 'hdel', length)
    ctx.propagate('HDEL', key, ...changed)
  } else {
    ctx.db.modified(key, hash, HASH, persists ? 'hpersist' : 'hexpire', length)
    if (persists) ctx.propagate('HPERSIST', key, 'FIELDS', String(length), ...changed)
    else ctx.propagate('HPEXPIREAT', key, String(newMs), 'FIELDS', String(length), ...changed)
  }
  return reply
}

// ---- HSETEX -----------------------------------------------------------------------------------------------

interface SetOptions {
  condition: 'fnx' | 'fxx' | undefined
  /** Unix time in ms. */
  expiryMs: number | undefined
  keepsTtl: boolean
  /** Where the fields and values begin. */
  first: number
}

function parseSetOptions(ctx: Context, args: readonly string[]): SetOptions {
  const options: SetOptions = { condition: undefined, expiryMs: undefined, keepsTtl: false, first: 0 }
  for (let i = 2; i < args.length; i++) {
    const word = lower(args[i] as string)
    if (word === 'fields') return { ...options, first: firstPair(ctx, args, i) }
    if (word === 'fnx' || word === 'fxx') {
      if (options.condition !== undefined) fail('ERR Only one of FXX or FNX arguments can be specified')
      options.condition = word
    } else if (word === 'keepttl' || isUnit(word)) {
      if (options.keepsTtl || options.expiryMs !== undefined)
        fail('ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified')
      if (word === 'keepttl') options.keepsTtl = true
      else if (i + 1 === args.length) fail('ERR missing expire time')
      else options.expiryMs = fieldExpiryArg(ctx, args[++i] as string, word)
    } else fail(`ERR unknown argument: ${args[i]}`)
  }
  return wrongNumber(ctx)
}

/** @param at where FIELDS stands */
function firstPair(ctx: Context, args: readonly string[], at: number): number {
  if (at + 3 >= args.length) wrongNumber(ctx)
  const count = boundedArg(args[at + 1] as string, 1, MAX_FIELDS, 'ERR invalid number of fields')
  if (args.length - at - 2 !== 2 * count) wrongNumber(ctx)
  return at + 2
}

function wrongNumber(ctx: Context): never {
  fail(`ERR wrong number of arguments for '${ctx.command.name}' command`)
}

function setExpire(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const { condition, expiryMs, keepsTtl, first } = parseSetOptions(ctx, args)
  const key = args[1] as string
  const old = db.write(key, 'hash')
  const fields: string[] = []
  for (let i = first; i < args.length; i += 2) fields.push(args[i] as string)
  if (!holds(ctx, key, old, condition, fields)) return 0

  const isNew = old === undefined || old.length === 0
  const hash = isNew ? db.create(key, new HashValue(ctx.keyspace)) : old
  hash.expect(fields.length)
  for (let i = first; i < args.length; i += 2) hash.set(args[i] as string, args[i + 1] as string, keepsTtl)
  db.modified(key, hash, HASH, 'hset', fields.length)
  if (expiryMs !== undefined && isPast(ctx, expiryMs)) {
    for (const field of fields) expire(ctx, hash, field)
    db.modified(key, hash, HASH, 'hdel', 0)
    ctx.propagate('HDEL', key, ...fields)
    return 1
  }
  ctx.propagate('HSET', key, ...args.slice(first))
  if (expiryMs !== undefined) {
    for (const field of fields) hash.setExpiry(field, expiryMs)
    db.modified(key, hash, HASH, 'hexpire', 0)
    ctx.propagate('HPEXPIREAT', key, String(expiryMs), 'FIELDS', String(fields.length), ...fields)
  } else if (keepsTtl) {
    // HSET takes the expiry away that is kept here.
    for (const field of new Set(fields)) {
      const keptMs = hash.expiryOf(field)
      if (keptMs > 0) ctx.propagate('HPEXPIREAT', key, String(keptMs), 'FIELDS', '1', field)
    }
  }
  return 1
}

/** FXX: whether all fields are there; FNX: whether none is. What has expired is deleted. */
function holds(
  ctx: Context,
  key: string,
  hash: HashValue | undefined,
  condition: SetOptions['condition'],
  fields: readonly string[],
): boolean {
  if (condition === undefined) return true
  const wanted = condition === 'fxx'
  return fields.every(
    (field) => (hash !== undefined && liveValue(ctx, key, hash, field) !== undefined) === wanted,
  )
}

// ---- descriptors ------------------------------------------------------------------------------------------

const FIELDS = '<FIELDS numfields field [field ...]>'
const TIMES = 'EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds'
const COMMON = { since: '8.0.0', group: 'hash', complexity: 'O(N) where N is the number of fields' } as const

export const hashExpiringValueCommands: readonly CommandSpec[] = [
  {
    name: 'hgetdel',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access delete')],
    ...COMMON,
    syntax: `key ${FIELDS}`,
    summary: 'Gives the values of fields of a hash, and deletes the fields.',
    handler: getDelete,
  },
  {
    name: 'hgetex',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access update', 'It changes when the fields expire.')],
    ...COMMON,
    syntax: `key expiration=[${TIMES}|PERSIST] ${FIELDS}`,
    summary: 'Gives the values of fields of a hash, and may set when they expire or that they do not.',
    handler: getExpire,
  },
  {
    name: 'hsetex',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW update')],
    ...COMMON,
    syntax: `key condition=[FNX|FXX] expiration=[${TIMES}|KEEPTTL] <FIELDS numfields data=<field value> ...>`,
    summary: 'Stores fields of a hash, and may set when they expire.',
    handler: setExpire,
  },
]
