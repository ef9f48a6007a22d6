/**
 * The keys of a call: from a command's key specifications or, where these cannot tell, from its own
 * `findKeys`. COMMAND GETKEYS asks here.
 */

import type { Command } from './command.js'
import { type FoundKey, findKeys, type KeySpec, lacksKeyword } from './key-spec.js'

/** Where the argument is no key but only a key's place, as a channel. */
const isKey = (spec: KeySpec) => !spec.flags.includes('not_key')

export function hasKeys(command: Command): boolean {
  return command.spec.findKeys !== undefined || command.keys.some(isKey)
}

/**
 * Keys of `args` (the command's name at 0, a subcommand's at 1), with what is done to each.
 * @returns undefined when the arguments make no sense or name no key
 */
export function keysOf(command: Command, args: readonly string[]): readonly FoundKey[] | undefined {
  const { keys, spec } = command
  const certain = keys.length > 0 && !keys.some(({ flags }) => flags.includes('variable_flags'))
  return (certain ? keysBySpecs(keys, args) : undefined) ?? spec.findKeys?.(args)
}

function keysBySpecs(specs: readonly KeySpec[], args: readonly string[]): FoundKey[] | undefined {
  const found: FoundKey[] = []
  for (const spec of specs) {
    if (!isKey(spec) || lacksKeyword(spec, args)) continue
    const positions = findKeys(spec, args)
    if (positions === undefined || spec.flags.includes('incomplete')) return undefined
    for (const at of positions) found.push({ at, flags: spec.flags })
  }
  return found.length > 0 ? found : undefined
}
