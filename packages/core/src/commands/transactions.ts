/**
 * MULTI and what belongs to it.
 *
 *   DISCARD EXEC MULTI UNWATCH WATCH
 *
 * The engine collects and runs the commands; see engine/transactions.ts.
 */

import { fail } from '../base/errors.js'
import { OK, type Reply } from '../protocol/reply.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyRange } from './key-spec.js'

function multi(ctx: Context): Reply {
  ctx.server.transactions.begin(ctx.session)
  return OK
}

function exec(ctx: Context): Reply {
  const replies = ctx.server.transactions.execute(ctx.session)
  // Each command of the transaction has said what follows it.
  ctx.propagateNothing()
  return replies
}

function discard(ctx: Context): Reply {
  ctx.server.transactions.discard(ctx.session)
  return OK
}

function watch(ctx: Context, args: readonly string[]): Reply {
  if (ctx.session.inTransaction) fail('ERR WATCH inside MULTI is not allowed')
  ctx.server.transactions.watch(ctx.session, args.slice(1))
  return OK
}

function unwatch(ctx: Context): Reply {
  ctx.server.transactions.unwatch(ctx.session)
  return OK
}

// ---- descriptors ------------------------------------------------------------------------------------------

/** What all of them but EXEC have in common. */
const FLAGS = ['noscript', 'loading', 'stale', 'fast', 'allow_busy'] as const

export const transactionCommands: readonly CommandSpec[] = [
  {
    name: 'discard',
    arity: 1,
    flags: FLAGS,
    since: '2.0.0',
    group: 'transactions',
    syntax: '',
    summary: 'Drops the commands collected since MULTI, and all watches.',
    complexity: 'O(N) where N is the number of collected commands',
    handler: discard,
  },
  {
    name: 'exec',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    since: '1.2.0',
    group: 'transactions',
    syntax: '',
    summary: 'Runs the commands collected since MULTI as one, unless a watched key has changed.',
    complexity: 'That of the collected commands',
    handler: exec,
  },
  {
    name: 'multi',
    arity: 1,
    flags: FLAGS,
    since: '1.2.0',
    group: 'transactions',
    syntax: '',
    summary: 'Begins a transaction: the commands that follow are collected until EXEC.',
    complexity: 'O(1)',
    handler: multi,
  },
  {
    name: 'unwatch',
    arity: 1,
    flags: FLAGS,
    since: '2.2.0',
    group: 'transactions',
    syntax: '',
    summary: 'Ends all watches of this client.',
    complexity: 'O(N) where N is the number of watched keys',
    handler: unwatch,
  },
  {
    name: 'watch',
    arity: -2,
    flags: FLAGS,
    keys: [keyRange(1, -1, 1, 'RO')],
    since: '2.2.0',
    group: 'transactions',
    syntax: 'key [key ...]',
    summary: 'Watches keys: if one of them changes before EXEC, the transaction does not take place.',
    complexity: 'O(N) where N is the number of keys',
    handler: watch,
  },
]
