/**
 * MONITOR: every command that runs, as it runs. What goes to the client is the engine's business
 * (engine/monitors.ts).
 */

import { fail } from '../base/errors.js'
import { NO_REPLY, OK, type Reply } from '../protocol/reply.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'

function monitor(ctx: Context): Reply {
  if (ctx.session.inExec) fail("ERR MONITOR isn't allowed for DENY BLOCKING client")
  return ctx.server.monitor(ctx.session) ? OK : NO_REPLY
}

export const monitorCommand: CommandSpec = {
  name: 'monitor',
  arity: 1,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  since: '1.0.0',
  group: 'server',
  syntax: '',
  summary: 'Shows all commands that run from now on.',
  complexity: 'O(1) for each command that is shown, and each client that it is shown to',
  handler: monitor,
}
