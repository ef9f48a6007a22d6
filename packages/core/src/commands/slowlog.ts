/**
 * SLOWLOG: the commands that took long. What counts as long, and how many are remembered, is set by
 * slowlog-log-slower-than and slowlog-max-len.
 *
 *   SLOWLOG GET HELP LEN RESET
 */

import { OK, type Reply } from '../protocol/reply.js'
import { atLeastArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { type HelpEntry, helpCommand, misusedSubcommand } from './help.js'

const USUAL_COUNT = 10
const ALL = -1

function get(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 3) misusedSubcommand('SLOWLOG', args)
  const { slowLog } = ctx.server
  const asked = args[2]
  const count =
    asked === undefined
      ? USUAL_COUNT
      : atLeastArg(asked, ALL, 'ERR count should be greater than or equal to -1')
  return slowLog
    .newest(count === ALL ? slowLog.length : count)
    .map((entry) => [entry.id, entry.unixSeconds, entry.micros, entry.args, entry.address, entry.clientName])
}

function reset(ctx: Context): Reply {
  ctx.server.slowLog.clear()
  return OK
}

// ---- descriptors ------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  [
    'GET [<count>]',
    'Gives the newest entries, 10 unless told otherwise; -1 is all. An entry has:',
    'id, Unix time in seconds, duration in microseconds, arguments, address and name of the client.',
  ],
  ['LEN', 'Gives the number of entries.'],
  ['RESET', 'Removes all entries.'],
]

const ADMIN = { flags: ['admin', 'loading', 'stale'] } as const
const ON_EACH_NODE = ['request_policy:all_nodes', 'nondeterministic_output'] as const

export const slowlogCommand: CommandSpec = {
  name: 'slowlog',
  arity: -2,
  flags: [],
  since: '2.2.12',
  group: 'server',
  syntax: '',
  summary: 'Holds the commands about commands that took long.',
  complexity: 'Depends on the subcommand.',
  subcommands: [
    {
      name: 'get',
      arity: -2,
      ...ADMIN,
      since: '2.2.12',
      syntax: '[count]',
      summary: 'Gives the newest of the commands that took long.',
      complexity: 'O(N) where N is the number of entries given',
      tips: ON_EACH_NODE,
      handler: get,
    },
    helpCommand('SLOWLOG', HELP, { since: '6.2.0' }),
    {
      name: 'len',
      arity: 2,
      ...ADMIN,
      since: '2.2.12',
      syntax: '',
      summary: 'Gives the number of commands that took long and are remembered.',
      complexity: 'O(1)',
      tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
      handler: (ctx) => ctx.server.slowLog.length,
    },
    {
      name: 'reset',
      arity: 2,
      ...ADMIN,
      since: '2.2.12',
      syntax: '',
      summary: 'Forgets the commands that took long.',
      complexity: 'O(1)',
      tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      handler: reset,
    },
  ],
}
