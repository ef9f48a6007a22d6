/** The reply of a container's HELP: how to call it, then its subcommands with what each does. */

import { fail } from '../base/errors.js'
import { type Reply, Simple } from '../protocol/reply.js'
import type { CommandSpec, Handler } from './command.js'

/** Says how a subcommand is called, and what it does in lines of their own. */
export type HelpEntry = readonly [usage: string, ...description: string[]]

/** @param container the command's name in capitals */
export function helpText(container: string, entries: readonly HelpEntry[]): Reply {
  const lines = [`${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`]
  for (const [usage, ...description] of [...entries, ['HELP', 'Shows this text.'] as HelpEntry]) {
    lines.push(usage, ...description.map((line) => `    ${line}`))
  }
  return lines.map((line) => new Simple(line))
}

/** Refuses a subcommand whose arguments nothing can be made of. */
export function misusedSubcommand(container: string, args: readonly string[]): never {
  fail(`ERR unknown subcommand or wrong number of arguments for '${args[1]}'. Try ${container} HELP.`)
}

/** The descriptor of a HELP subcommand, with what differs between containers. */
export function helpCommand(
  container: string,
  entries: readonly HelpEntry[],
  rest: Pick<CommandSpec, 'since' | 'acl'>,
): CommandSpec {
  const handler: Handler = () => helpText(container, entries)
  return {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    syntax: '',
    summary: 'Lists the subcommands and what each does.',
    complexity: 'O(1)',
    ...rest,
    handler,
  }
}
