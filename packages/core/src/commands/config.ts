/**
 * CONFIG: the settings of the running server. What they are and how they change is the engine's business
 * (engine/config.ts).
 *
 *   CONFIG GET HELP RESETSTAT REWRITE SET
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { MapReply, OK, type Reply } from '../protocol/reply.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { type HelpEntry, helpCommand } from './help.js'

function get(ctx: Context, args: readonly string[]): Reply {
  return new MapReply(ctx.server.config.get(args.slice(2)))
}

function set(ctx: Context, args: readonly string[]): Reply {
  if (args.length % 2 === 1) fail(SYNTAX_ERROR)
  const allowed = ctx.server.settings.enableProtectedConfigs
  const allowProtected = allowed === 'yes' || (allowed === 'local' && ctx.session.isLocal)
  ctx.server.config.set(args.slice(2), allowProtected)
  return OK
}

function resetStat(ctx: Context): Reply {
  ctx.server.resetStats()
  return OK
}

function rewrite(ctx: Context): Reply {
  ctx.server.rewriteConfig()
  return OK
}

/** Values of settings that are secrets. */
function secretsOfSet(args: readonly string[], isSensitive: (setting: string) => boolean): number[] {
  const found: number[] = []
  for (let i = 2; i + 1 < args.length; i += 2) if (isSensitive(args[i] as string)) found.push(i + 1)
  return found
}

// ---- descriptors ------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  ['GET <pattern> [<pattern> ...]', 'Gives the settings whose names fit a pattern, with their values.'],
  ['RESETSTAT', 'Sets the counters of INFO back to 0.'],
  ['REWRITE', 'Brings the configuration file up to date with the settings.'],
  [
    'SET <directive> <value> [<directive> <value> ...]',
    'Changes settings: all of them, or on an error none.',
  ],
]

const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'] } as const

export const configCommand: CommandSpec = {
  name: 'config',
  arity: -2,
  flags: [],
  since: '2.0.0',
  group: 'server',
  syntax: '',
  summary: 'Holds the commands about the settings of the server.',
  complexity: 'Depends on the subcommand.',
  subcommands: [
    {
      name: 'get',
      arity: -3,
      ...ADMIN,
      since: '2.0.0',
      syntax: 'parameter [parameter ...]',
      summary: 'Gives settings and their values.',
      complexity: 'O(N) where N is the number of patterns',
      handler: get,
    },
    helpCommand('CONFIG', HELP, { since: '5.0.0' }),
    {
      name: 'resetstat',
      arity: 2,
      ...ADMIN,
      since: '2.0.0',
      syntax: '',
      summary: 'Sets the counters of INFO back to 0.',
      complexity: 'O(1)',
      handler: resetStat,
    },
    {
      name: 'rewrite',
      arity: 2,
      ...ADMIN,
      since: '2.8.0',
      syntax: '',
      summary: 'Brings the configuration file up to date: comments and the order of lines stay.',
      complexity: 'O(N) where N is the number of settings and of lines in the file',
      handler: rewrite,
    },
    {
      name: 'set',
      arity: -4,
      ...ADMIN,
      since: '2.0.0',
      syntax: 'parameter value [parameter value ...]',
      summary: 'Changes settings while the server runs: all of them, or on an error none.',
      complexity: 'O(N) where N is the number of settings given',
      tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      secrets: secretsOfSet,
      handler: set,
    },
  ],
}
