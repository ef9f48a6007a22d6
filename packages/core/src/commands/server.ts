/**
 * The server and its data as a whole.
 *
 *   DBSIZE FLUSHALL FLUSHDB INFO ROLE SHUTDOWN SWAPDB TIME
 *
 * COMMAND, CONFIG, LOLWUT and MEMORY have files of their own.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase, lower } from '../base/lowercase.js'
import type { Database } from '../keyspace/database.js'
import { NO_REPLY, OK, type Reply, Verbatim } from '../protocol/reply.js'
import { int64Arg } from './arguments.js'
import { Block } from './block.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'

// ---- data -------------------------------------------------------------------------------------------------

/**
 * Empties databases. Memory is given back by the collector, so ASYNC and SYNC come to the same. It is
 * passed on even if there was nothing to remove: a replica may have keys that have expired here.
 */
function flush(ctx: Context, args: readonly string[], databases: readonly Database[]): Reply {
  const mode = args[1]
  if (mode !== undefined) {
    const known = equalsIgnoreCase(mode, 'sync') || equalsIgnoreCase(mode, 'async')
    if (!known || args.length > 2) fail(SYNTAX_ERROR)
  }
  for (const db of databases) db.clear()
  ctx.propagateAll(args)
  return OK
}

function databaseArg(ctx: Context, text: string, error: string): Database | undefined {
  const index = int64Arg(text, error)
  if (index < -2_147_483_648 || index > 2_147_483_647) fail(error)
  return ctx.keyspace.databases[Number(index)]
}

function swapDb(ctx: Context, args: readonly string[]): Reply {
  const first = databaseArg(ctx, args[1] as string, 'ERR invalid first DB index')
  const second = databaseArg(ctx, args[2] as string, 'ERR invalid second DB index')
  if (first === undefined || second === undefined) fail('ERR DB index is out of range')
  first.swapWith(second)
  ctx.keyspace.dirty++
  return OK
}

// ---- the server -------------------------------------------------------------------------------------------

function info(ctx: Context, args: readonly string[]): Reply {
  return new Verbatim(ctx.server.info(args.length === 1 ? ['default'] : args.slice(1).map(lower)))
}

function time(ctx: Context): Reply {
  const micros = Math.floor(ctx.server.host.now() * 1000)
  return [String(Math.floor(micros / 1e6)), String(micros % 1e6)]
}

const SHUTDOWN_OPTIONS = ['nosave', 'save', 'now', 'force', 'abort'] as const

function shutdown(ctx: Context, args: readonly string[]): Block {
  const given = new Set<(typeof SHUTDOWN_OPTIONS)[number]>()
  for (let i = 1; i < args.length; i++) {
    const option = SHUTDOWN_OPTIONS.find((name) => equalsIgnoreCase(args[i] as string, name))
    if (option === undefined) fail(SYNTAX_ERROR)
    given.add(option)
  }
  if (given.has('abort') && given.size > 1) fail(SYNTAX_ERROR)
  if (given.has('save') && given.has('nosave')) fail(SYNTAX_ERROR)
  // A shutdown would only wait for replicas, and there are none: it is over before anybody could stop it.
  if (given.has('abort')) fail('ERR No shutdown in progress.')
  const options = { save: given.has('save'), nosave: given.has('nosave'), force: given.has('force') }
  return Block.forWork(async () => {
    await ctx.server.shutdown(options)
    return NO_REPLY
  })
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const serverCommands: readonly CommandSpec[] = [
  {
    name: 'dbsize',
    arity: 1,
    flags: ['readonly', 'fast'],
    acl: ['keyspace'],
    since: '1.0.0',
    group: 'server',
    syntax: '',
    summary: 'Gives the number of keys in the database.',
    complexity: 'O(1)',
    tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
    handler: (ctx) => ctx.db.size,
  },
  {
    name: 'flushall',
    arity: -1,
    flags: ['write'],
    acl: ['keyspace', 'dangerous'],
    since: '1.0.0',
    group: 'server',
    syntax: 'flush-type=[ASYNC|SYNC]',
    summary: 'Removes all keys of all databases.',
    complexity: 'O(N) where N is the number of databases',
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    handler: (ctx, args) => {
      const reply = flush(ctx, args, ctx.keyspace.databases)
      ctx.server.flushedAll()
      return reply
    },
  },
  {
    name: 'flushdb',
    arity: -1,
    flags: ['write'],
    acl: ['keyspace', 'dangerous'],
    since: '1.0.0',
    group: 'server',
    syntax: 'flush-type=[ASYNC|SYNC]',
    summary: 'Removes all keys of the database.',
    complexity: 'O(1)',
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    handler: (ctx, args) => flush(ctx, args, [ctx.db]),
  },
  {
    name: 'info',
    arity: -1,
    flags: ['loading', 'stale'],
    acl: ['dangerous'],
    since: '1.0.0',
    group: 'server',
    syntax: '[section [section ...]]',
    summary: 'Gives figures about the server, by sections.',
    complexity: 'O(1)',
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    handler: info,
  },
  {
    name: 'role',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast'],
    acl: ['admin', 'dangerous'],
    since: '2.8.12',
    group: 'server',
    syntax: '',
    summary: 'Gives the part that the server has in replication.',
    complexity: 'O(1)',
    handler: () => ['master', 0, []],
  },
  {
    name: 'shutdown',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    since: '1.0.0',
    group: 'server',
    syntax: 'save-selector=[NOSAVE|SAVE] [NOW] [FORCE] [ABORT]',
    summary: 'Ends the server.',
    complexity: 'O(1)',
    handler: shutdown,
  },
  {
    name: 'swapdb',
    arity: 3,
    flags: ['write', 'fast'],
    acl: ['keyspace', 'dangerous'],
    since: '4.0.0',
    group: 'server',
    syntax: 'index1 index2',
    summary: 'Exchanges the contents of two databases.',
    complexity: 'O(N) where N is the number of keys that clients watch or wait for in both databases',
    handler: swapDb,
  },
  {
    name: 'time',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    since: '2.6.0',
    group: 'server',
    syntax: '',
    summary: 'Gives the time of the server: Unix seconds, and microseconds of the second.',
    complexity: 'O(1)',
    tips: ['nondeterministic_output'],
    handler: time,
  },
]
