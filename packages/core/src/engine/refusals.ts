/** Texts with which a command is refused before it runs. */

import type { Command } from '../commands/command.js'

const MAX_QUOTED_ARGUMENTS_BYTES = 128

export function unknownCommand(args: readonly string[]): string {
  let quoted = ''
  for (let i = 1; i < args.length && quoted.length < MAX_QUOTED_ARGUMENTS_BYTES; i++) {
    quoted += `'${(args[i] as string).slice(0, MAX_QUOTED_ARGUMENTS_BYTES - quoted.length)}' `
  }
  const name = (args[0] as string).slice(0, MAX_QUOTED_ARGUMENTS_BYTES)
  return `ERR unknown command '${name}', with args beginning with: ${quoted}`
}

export function unknownSubcommand(container: Command, args: readonly string[]): string {
  const name = (args[1] as string).slice(0, MAX_QUOTED_ARGUMENTS_BYTES)
  return `ERR unknown subcommand '${name}'. Try ${container.name.toUpperCase()} HELP.`
}

export function protectedCommand(command: Command): string {
  const { name } = command
  return (
    `ERR ${name.toUpperCase()} command not allowed. If the enable-${name}-command option is set to "local", ` +
    'you can run it from a local connection, otherwise you need to set this option ' +
    'in the configuration file, and then restart the server.'
  )
}

/** In RESP2 the client could not tell the reply from a message. */
export function notWhileSubscribed(command: Command): string {
  return (
    `ERR Can't execute '${command.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET ` +
    'are allowed in this context'
  )
}

/** The reply of an EXEC that is refused itself: a special code of the refusal is told, too. */
export function abortedBy(refusal: string): string {
  const reason = refusal.startsWith('ERR ') ? refusal.slice('ERR '.length) : refusal
  return `EXECABORT Transaction discarded because of: ${reason}`
}

export function wrongArguments(command: Command): string {
  return `ERR wrong number of arguments for '${command.fullName}' command`
}
