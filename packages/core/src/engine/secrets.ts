/** What SLOWLOG and MONITOR show of a call: its arguments without passwords and other secrets. */

import type { Command } from '../commands/command.js'
import type { Config } from './config.js'

const HIDDEN = '(redacted)'

/** @returns `args` itself when there is nothing to hide */
export function shownArguments(command: Command, args: readonly string[], config: Config): readonly string[] {
  const { secrets } = command.spec
  if (secrets === undefined) return args
  const hidden = new Set(secrets(args, (setting) => config.isSensitive(setting)))
  return hidden.size === 0 ? args : args.map((arg, i) => (hidden.has(i) ? HIDDEN : arg))
}
