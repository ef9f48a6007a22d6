/**
 * Keeping the data: snapshots and the append-only file.
 *
 *   BGREWRITEAOF BGSAVE LASTSAVE SAVE
 *
 * A snapshot is always taken bit by bit beside the work for clients. SAVE only lets its own client wait for it.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { OK, type Reply, Simple } from '../protocol/reply.js'
import { Block } from './block.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'

function bgSave(ctx: Context, args: readonly string[]): Reply {
  const schedule = args.length === 2 && equalsIgnoreCase(args[1] as string, 'schedule')
  if (args.length > 1 && !schedule) fail(SYNTAX_ERROR)
  return new Simple(ctx.server.persistence.saveInBackground(schedule, ctx.session.inExec))
}

function save(ctx: Context): Block {
  const saved = ctx.server.persistence.save()
  return Block.forWork(async () => {
    await saved
    return OK
  })
}

const admin = { flags: ['admin', 'noscript', 'no_async_loading'], group: 'server' } as const

export const persistenceCommands: readonly CommandSpec[] = [
  {
    name: 'bgrewriteaof',
    arity: 1,
    ...admin,
    since: '1.0.0',
    syntax: '',
    summary: 'Begins to write the append-only file anew, as short as the data allows.',
    complexity: 'O(1)',
    handler: (ctx) => new Simple(ctx.server.persistence.rewriteInBackground(ctx.session.inExec)),
  },
  {
    name: 'bgsave',
    arity: -1,
    ...admin,
    since: '1.0.0',
    syntax: '[SCHEDULE]',
    summary: 'Begins to write a snapshot of all databases.',
    complexity: 'O(1)',
    handler: bgSave,
  },
  {
    name: 'lastsave',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    acl: ['admin', 'dangerous'],
    since: '1.0.0',
    group: 'server',
    syntax: '',
    summary: 'Gives the time of the last snapshot that was written, Unix time in seconds.',
    complexity: 'O(1)',
    tips: ['nondeterministic_output'],
    handler: (ctx) => ctx.server.persistence.lastSaveSeconds,
  },
  {
    name: 'save',
    arity: 1,
    ...admin,
    flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'],
    since: '1.0.0',
    syntax: '',
    summary: 'Writes a snapshot of all databases and waits for its end.',
    complexity: 'O(N) where N is the number of keys',
    handler: save,
  },
]
