/**
 * When keys expire: setting, asking, taking away.
 *
 *   EXPIRE EXPIREAT EXPIRETIME PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PTTL TTL
 *
 * One core sets, one asks; a command is a unit of time and a starting point. What follows a change is told
 * in absolute time, so that it means the same whenever it is run again.
 */

import { fail } from '../base/errors.js'
import { INT64_MIN } from '../base/int64.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import type { Reply } from '../protocol/reply.js'
import { int64Arg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { absoluteExpiryMs, type ExpiryUnit } from './expiry-argument.js'
import { keyAt } from './key-spec.js'

// ---- setting ----------------------------------------------------------------------------------------------

interface Conditions {
  onlyIfNone: boolean
  onlyIfAny: boolean
  onlyIfLater: boolean
  onlyIfSooner: boolean
}

function parseConditions(args: readonly string[], from: number): Conditions {
  const conditions = { onlyIfNone: false, onlyIfAny: false, onlyIfLater: false, onlyIfSooner: false }
  for (let i = from; i < args.length; i++) {
    const word = args[i] as string
    if (equalsIgnoreCase(word, 'nx')) conditions.onlyIfNone = true
    else if (equalsIgnoreCase(word, 'xx')) conditions.onlyIfAny = true
    else if (equalsIgnoreCase(word, 'gt')) conditions.onlyIfLater = true
    else if (equalsIgnoreCase(word, 'lt')) conditions.onlyIfSooner = true
    else fail(`ERR Unsupported option ${word}`)
  }
  const { onlyIfNone, onlyIfAny, onlyIfLater, onlyIfSooner } = conditions
  if (onlyIfNone && (onlyIfAny || onlyIfLater || onlyIfSooner)) {
    fail('ERR NX and XX, GT or LT options at the same time are not compatible')
  }
  if (onlyIfLater && onlyIfSooner) fail('ERR GT and LT options at the same time are not compatible')
  return conditions
}

/** @param currentMs when the key expires now, 0 for never, which is later than any time */
function holds(conditions: Conditions, currentMs: number, expiryMs: number): boolean {
  if (conditions.onlyIfNone && currentMs !== 0) return false
  if (conditions.onlyIfAny && currentMs === 0) return false
  if (conditions.onlyIfLater && (currentMs === 0 || expiryMs <= currentMs)) return false
  return !(conditions.onlyIfSooner && currentMs !== 0 && expiryMs >= currentMs)
}

const MIN_SECONDS = INT64_MIN / 1000n

/** Stands for every time before 1970, and for the start of it: 0 would be no expiry at all. */
const LONG_AGO_MS = 1

/** The argument as Unix time in ms. A negative one is a time in the past, whatever it counts from. */
function expiryArg(ctx: Context, text: string, unit: ExpiryUnit): number {
  const value = int64Arg(text)
  const inSeconds = unit === 'ex' || unit === 'exat'
  const expiryMs = value < 0 ? LONG_AGO_MS : absoluteExpiryMs(Number(value), unit, ctx.now)
  if (expiryMs === undefined || (inSeconds && value < MIN_SECONDS)) {
    fail(`ERR invalid expire time in '${ctx.command.name}' command`)
  }
  return Math.max(expiryMs, LONG_AGO_MS)
}

function expire(ctx: Context, args: readonly string[], unit: ExpiryUnit): Reply {
  const key = args[1] as string
  const conditions = parseConditions(args, 3)
  const expiryMs = expiryArg(ctx, args[2] as string, unit)
  const { db } = ctx
  if (!db.use(key) || !holds(conditions, db.expiryOf(key), expiryMs)) return 0
  // Where expired keys are kept, the time to delete comes from outside.
  if (expiryMs <= ctx.now && !ctx.keyspace.keepsExpired) {
    db.remove(key)
    ctx.propagate('DEL', key)
  } else {
    db.setExpiry(key, expiryMs)
    ctx.propagate('PEXPIREAT', key, String(expiryMs))
  }
  return 1
}

function persist({ db }: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  return db.use(key) && db.persist(key) ? 1 : 0
}

// ---- asking -----------------------------------------------------------------------------------------------

const NO_KEY = -2
const NO_EXPIRY = -1

/** @param sinceMs what the time is counted from; the present, or 0 for the Unix epoch */
function timeLeft(ctx: Context, key: string, sinceMs: number, inSeconds: boolean): Reply {
  const slot = ctx.db.lookUp(key)
  if (slot < 0) return NO_KEY
  const expiryMs = ctx.db.dict.expiryAt(slot)
  if (expiryMs === 0) return NO_EXPIRY
  const ms = Math.max(0, expiryMs - sinceMs)
  return inSeconds ? Math.floor((ms + 500) / 1000) : ms
}

// ---- descriptors ------------------------------------------------------------------------------------------

const CONDITIONS_SYNTAX = 'condition=[NX|XX|GT|LT]'

/** What the four commands that set an expiry have in common. */
const setting = {
  arity: -3,
  flags: ['write', 'fast'],
  keys: [keyAt(1, 'RW update')],
  group: 'generic',
  complexity: 'O(1)',
} as const

/** What the four commands that ask for it have in common. */
const asking = {
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: [keyAt(1, 'RO access')],
  group: 'generic',
  syntax: 'key',
  complexity: 'O(1)',
} as const

export const expiryCommands: readonly CommandSpec[] = [
  {
    name: 'expire',
    ...setting,
    since: '1.0.0',
    syntax: `key seconds ${CONDITIONS_SYNTAX}`,
    summary: 'Lets a key expire after a number of seconds.',
    handler: (ctx, args) => expire(ctx, args, 'ex'),
  },
  {
    name: 'expireat',
    ...setting,
    since: '1.2.0',
    syntax: `key unix-time-seconds ${CONDITIONS_SYNTAX}`,
    summary: 'Lets a key expire at a Unix time in seconds.',
    handler: (ctx, args) => expire(ctx, args, 'exat'),
  },
  {
    name: 'expiretime',
    ...asking,
    since: '7.0.0',
    summary: 'Gives the Unix time in seconds at which a key expires.',
    handler: (ctx, args) => timeLeft(ctx, args[1] as string, 0, true),
  },
  {
    name: 'persist',
    arity: 2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW update')],
    since: '2.2.0',
    group: 'generic',
    syntax: 'key',
    summary: 'Takes the expiry of a key away.',
    complexity: 'O(1)',
    handler: persist,
  },
  {
    name: 'pexpire',
    ...setting,
    since: '2.6.0',
    syntax: `key milliseconds ${CONDITIONS_SYNTAX}`,
    summary: 'Lets a key expire after a number of milliseconds.',
    handler: (ctx, args) => expire(ctx, args, 'px'),
  },
  {
    name: 'pexpireat',
    ...setting,
    since: '2.6.0',
    syntax: `key unix-time-milliseconds ${CONDITIONS_SYNTAX}`,
    summary: 'Lets a key expire at a Unix time in milliseconds.',
    handler: (ctx, args) => expire(ctx, args, 'pxat'),
  },
  {
    name: 'pexpiretime',
    ...asking,
    since: '7.0.0',
    summary: 'Gives the Unix time in milliseconds at which a key expires.',
    handler: (ctx, args) => timeLeft(ctx, args[1] as string, 0, false),
  },
  {
    name: 'pttl',
    ...asking,
    since: '2.6.0',
    summary: 'Gives the milliseconds until a key expires.',
    tips: ['nondeterministic_output'],
    handler: (ctx, args) => timeLeft(ctx, args[1] as string, ctx.now, false),
  },
  {
    name: 'ttl',
    ...asking,
    since: '1.0.0',
    summary: 'Gives the seconds until a key expires.',
    tips: ['nondeterministic_output'],
    handler: (ctx, args) => timeLeft(ctx, args[1] as string, ctx.now, true),
  },
]
