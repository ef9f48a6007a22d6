/**
 * Values as bytes, to be carried to another server.
 *
 *   DUMP RESTORE
 *
 * RESTORE believes nothing: a payload is read as a whole, every part of it checked, before anything changes.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import type { Value } from '../keyspace/value.js'
import { OK, type Reply } from '../protocol/reply.js'
import { CorruptError } from '../rdb/corrupt.js'
import { dumpValue, loadValue, verifiedPayload } from '../rdb/dump-payload.js'
import { integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt } from './key-spec.js'

function dump(ctx: Context, args: readonly string[]): Reply {
  const value = ctx.db.readAny(args[1] as string)
  if (value === undefined) return null
  const { host, settings } = ctx.server
  const payload = dumpValue(host.bytes, value, settings.rdbcompression)
  if (payload === undefined) fail('ERR the value is too large for one string')
  return payload
}

// ---- RESTORE ----------------------------------------------------------------------------------------------

interface RestoreOptions {
  replace: boolean
  absoluteTtl: boolean
  /** -1 if not given. */
  idleSeconds: number
  /** -1 if not given. */
  frequency: number
}

function parseOptions(args: readonly string[], from: number): RestoreOptions {
  const options = { replace: false, absoluteTtl: false, idleSeconds: -1, frequency: -1 }
  for (let i = from; i < args.length; i++) {
    const word = args[i] as string
    const hasMore = i + 1 < args.length
    if (equalsIgnoreCase(word, 'replace')) options.replace = true
    else if (equalsIgnoreCase(word, 'absttl')) options.absoluteTtl = true
    else if (equalsIgnoreCase(word, 'idletime') && hasMore && options.frequency < 0) {
      options.idleSeconds = integerArg(args[++i] as string)
      if (options.idleSeconds < 0) fail('ERR Invalid IDLETIME value, must be >= 0')
    } else if (equalsIgnoreCase(word, 'freq') && hasMore && options.idleSeconds < 0) {
      options.frequency = integerArg(args[++i] as string)
      if (options.frequency < 0 || options.frequency > 255) {
        fail('ERR Invalid FREQ value, must be >= 0 and <= 255')
      }
    } else fail(SYNTAX_ERROR)
  }
  return options
}

function load(ctx: Context, payload: string): Value {
  const codec = ctx.server.host.bytes
  const bytes = verifiedPayload(codec, payload)
  if (bytes === undefined) fail('ERR DUMP payload version or checksum are wrong')
  try {
    return loadValue(codec, bytes, ctx.keyspace)
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error
    ctx.server.host.log('verbose', `RESTORE refused a payload: ${error.message}`)
    return fail('ERR Bad data format')
  }
}

function restore(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const { db, now } = ctx
  const { replace, absoluteTtl, idleSeconds, frequency } = parseOptions(args, 4)
  if (!replace && db.use(key)) fail('BUSYKEY Target key name already exists.')
  const ttlMs = integerArg(args[2] as string)
  if (ttlMs < 0) fail('ERR Invalid TTL value, must be >= 0')
  const value = load(ctx, args[3] as string)

  const expires = ttlMs > 0
  const expiryMs = Math.min(expires && !absoluteTtl ? now + ttlMs : ttlMs, Number.MAX_SAFE_INTEGER)
  // Where expired keys are kept, the time to delete comes from outside.
  if (expires && expiryMs <= now && !ctx.keyspace.keepsExpired) {
    if (db.remove(key)) ctx.propagate('DEL', key)
    return OK
  }
  db.restore(key, value, expiryMs, idleSeconds, frequency)
  if (expires && !absoluteTtl) {
    ctx.propagate('RESTORE', key, String(expiryMs), ...args.slice(3), 'ABSTTL')
  }
  return OK
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const dumpCommands: readonly CommandSpec[] = [
  {
    name: 'dump',
    arity: 2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '2.6.0',
    group: 'generic',
    syntax: 'key',
    summary: 'Gives what a key holds as bytes, from which RESTORE makes it again.',
    complexity: 'O(N) where N is the size of the value',
    tips: ['nondeterministic_output'],
    handler: dump,
  },
  {
    name: 'restore',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update')],
    acl: ['dangerous'],
    since: '2.6.0',
    group: 'generic',
    syntax: 'key ttl:integer serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency:integer]',
    summary: 'Makes a key of the bytes that DUMP gave.',
    complexity: 'O(N) where N is the size of the value; O(N*log(N)) for a sorted set',
    handler: restore,
  },
]
