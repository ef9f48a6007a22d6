/**
 * Keys, whatever they hold: deleting, asking, listing, moving.
 *
 *   COPY DEL EXISTS KEYS MOVE RANDOMKEY RENAME RENAMENX SCAN TOUCH TYPE UNLINK
 *
 * Expiry, OBJECT and SORT have files of their own. Memory is given back by the collector, so DEL and UNLINK
 * come to the same.
 */

import { fail, NO_SUCH_KEY, SYNTAX_ERROR } from '../base/errors.js'
import { globMatch } from '../base/glob.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import type { Database } from '../keyspace/database.js'
import { typeOf, type Value } from '../keyspace/value.js'
import { OK, type Reply, Simple } from '../protocol/reply.js'
import { int32Arg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyAt, keyRange } from './key-spec.js'
import { parseScanOptions, scanSlots } from './scan-cursor.js'

// ---- deleting and asking ----------------------------------------------------------------------------------

function deleteKeys(ctx: Context, args: readonly string[]): Reply {
  let deleted = 0
  for (let i = 1; i < args.length; i++) if (ctx.db.remove(args[i] as string)) deleted++
  return deleted
}

/** Counts a key as often as it is named. */
function exists(ctx: Context, args: readonly string[]): Reply {
  let found = 0
  for (let i = 1; i < args.length; i++) if (ctx.db.lookUp(args[i] as string) >= 0) found++
  return found
}

function touch(ctx: Context, args: readonly string[]): Reply {
  let found = 0
  for (let i = 1; i < args.length; i++) if (ctx.db.readAny(args[i] as string) !== undefined) found++
  return found
}

const TYPE_REPLIES = {
  none: new Simple('none'),
  string: new Simple('string'),
  list: new Simple('list'),
  set: new Simple('set'),
  zset: new Simple('zset'),
  hash: new Simple('hash'),
  stream: new Simple('stream'),
} as const

function type(ctx: Context, args: readonly string[]): Reply {
  const slot = ctx.db.lookUp(args[1] as string)
  return TYPE_REPLIES[slot < 0 ? 'none' : typeOf(ctx.db.dict.valueAt(slot))]
}

// ---- listing ----------------------------------------------------------------------------------------------

/** A pattern with none of these matches exactly one name: itself. */
const SPECIAL_IN_PATTERN = /[*?[\\]/

function keys(ctx: Context, args: readonly string[]): Reply {
  const pattern = args[1] as string
  const { db, now } = ctx
  if (!SPECIAL_IN_PATTERN.test(pattern)) return db.has(pattern) ? [pattern] : []
  const found: string[] = []
  const all = pattern === '*'
  const expiring = db.dict.expiring > 0
  db.dict.forEach((key, _value, slot) => {
    if (!all && !globMatch(pattern, key)) return
    if (expiring && isPast(db, slot, now)) return
    found.push(key)
  })
  return found
}

function isPast(db: Database, slot: number, nowMs: number): boolean {
  const expiryMs = db.dict.expiryAt(slot)
  return expiryMs !== 0 && expiryMs < nowMs
}

function scan(ctx: Context, args: readonly string[]): Reply {
  const { cursor, count, matches, type: wanted } = parseScanOptions(args, 1, 'type')
  const { db } = ctx
  const found: string[] = []
  const next = scanSlots<Value>(db.dict, cursor, count, (slot, key) => {
    if (!matches(key)) return
    if (wanted !== undefined && typeOf(db.dict.valueAt(slot)) !== wanted) return
    // Deletes the key if it has expired.
    if (db.has(key)) found.push(key)
  })
  return [String(next), found]
}

// ---- moving -----------------------------------------------------------------------------------------------

/** @returns whether it was renamed; false only with `onlyIfAbsent` */
function renameKey(ctx: Context, args: readonly string[], onlyIfAbsent: boolean): boolean {
  const key = args[1] as string
  const newKey = args[2] as string
  const { db } = ctx
  if (!db.use(key)) fail(NO_SUCH_KEY)
  if (onlyIfAbsent && db.has(newKey)) return false
  if (key !== newKey) db.rename(key, newKey)
  return true
}

function rename(ctx: Context, args: readonly string[]): Reply {
  renameKey(ctx, args, false)
  return OK
}

const SAME_OBJECT = 'ERR source and destination objects are the same'

function databaseArg(ctx: Context, text: string): Database {
  const db = ctx.keyspace.databases[int32Arg(text)]
  if (db === undefined) fail('ERR DB index is out of range')
  return db
}

function move(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const { db } = ctx
  const target = databaseArg(ctx, args[2] as string)
  if (target === db) fail(SAME_OBJECT)
  if (!db.use(key) || target.has(key)) return 0
  db.moveTo(target, key)
  return 1
}

function copy(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const newKey = args[2] as string
  const { db } = ctx
  let target = db
  let replace = false
  for (let i = 3; i < args.length; i++) {
    const word = args[i] as string
    if (equalsIgnoreCase(word, 'replace')) replace = true
    else if (equalsIgnoreCase(word, 'db') && i + 1 < args.length)
      target = databaseArg(ctx, args[++i] as string)
    else fail(SYNTAX_ERROR)
  }
  if (target === db && key === newKey) fail(SAME_OBJECT)
  if (db.readAny(key) === undefined) return 0
  if (!replace && target.has(newKey)) return 0
  db.copyTo(target, key, newKey)
  return 1
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const keyCommands: readonly CommandSpec[] = [
  {
    name: 'copy',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RO access'), keyAt(2, 'OW update')],
    since: '6.2.0',
    group: 'generic',
    syntax: 'source destination [DB destination-db] [REPLACE]',
    summary: 'Copies what a key holds to another key, with its expiry, in this database or another.',
    complexity: 'O(N) for a collection of N elements, O(1) for a string',
    handler: copy,
  },
  {
    name: 'del',
    arity: -2,
    flags: ['write'],
    keys: [keyRange(1, -1, 1, 'RM delete')],
    since: '1.0.0',
    group: 'generic',
    syntax: 'key [key ...]',
    summary: 'Deletes keys and says how many of them were there.',
    complexity: 'O(N) where N is the number of keys',
    tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
    handler: deleteKeys,
  },
  {
    name: 'exists',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keyRange(1, -1, 1, 'RO')],
    since: '1.0.0',
    group: 'generic',
    syntax: 'key [key ...]',
    summary: 'Counts how many of the named keys are there; a key named twice counts twice.',
    complexity: 'O(N) where N is the number of keys',
    tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
    handler: exists,
  },
  {
    name: 'keys',
    arity: 2,
    flags: ['readonly'],
    acl: ['dangerous'],
    since: '1.0.0',
    group: 'generic',
    syntax: 'pattern',
    summary: 'Lists all keys that match a pattern, in no particular order.',
    complexity: 'O(N) where N is the number of keys in the database; O(1) for a pattern without wildcards',
    tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
    handler: keys,
  },
  {
    name: 'move',
    arity: 3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access update')],
    since: '1.0.0',
    group: 'generic',
    syntax: 'key db',
    summary: 'Moves a key to another database, unless that has a key of this name.',
    complexity: 'O(1)',
    handler: move,
  },
  {
    name: 'randomkey',
    arity: 1,
    flags: ['readonly'],
    since: '1.0.0',
    group: 'generic',
    syntax: '',
    summary: 'Gives the name of a key picked at random.',
    complexity: 'O(1)',
    tips: ['request_policy:all_shards', 'nondeterministic_output'],
    handler: (ctx) => ctx.db.randomKey() ?? null,
  },
  {
    name: 'rename',
    arity: 3,
    flags: ['write'],
    keys: [keyAt(1, 'RW access delete'), keyAt(2, 'OW update')],
    since: '1.0.0',
    group: 'generic',
    syntax: 'key newkey',
    summary: 'Gives a key another name; a key that has this name already is overwritten.',
    complexity: 'O(1)',
    handler: rename,
  },
  {
    name: 'renamenx',
    arity: 3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW access delete'), keyAt(2, 'OW insert')],
    since: '1.0.0',
    group: 'generic',
    syntax: 'key newkey',
    summary: 'Gives a key another name, but only if no key has this name yet.',
    complexity: 'O(1)',
    handler: (ctx, args) => (renameKey(ctx, args, true) ? 1 : 0),
  },
  {
    name: 'scan',
    arity: -2,
    flags: ['readonly'],
    since: '2.8.0',
    group: 'generic',
    syntax: 'cursor [MATCH pattern] [COUNT count] [TYPE type]',
    summary: 'Lists the keys of the database step by step.',
    complexity: 'O(COUNT) for each step, O(N) for a whole pass over N keys',
    tips: ['nondeterministic_output', 'request_policy:special'],
    handler: scan,
  },
  {
    name: 'touch',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keyRange(1, -1, 1, 'RO')],
    since: '3.2.1',
    group: 'generic',
    syntax: 'key [key ...]',
    summary: 'Marks keys as used just now and says how many of them are there.',
    complexity: 'O(N) where N is the number of keys',
    tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
    handler: touch,
  },
  {
    name: 'type',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    since: '1.0.0',
    group: 'generic',
    syntax: 'key',
    summary: 'Names the type of what a key holds, or `none`.',
    complexity: 'O(1)',
    handler: type,
  },
  {
    name: 'unlink',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyRange(1, -1, 1, 'RM delete')],
    since: '4.0.0',
    group: 'generic',
    syntax: 'key [key ...]',
    summary: 'Deletes keys and leaves giving back their memory to the background.',
    complexity: 'O(N) where N is the number of keys',
    tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
    handler: deleteKeys,
  },
]
