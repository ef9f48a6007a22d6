/** A set of permissions: a call is allowed if one selector of its user allows its command, keys and channels. */

import type { Denial, Selector as SelectorFacts } from '../../commands/access-control.js'
import type { Command } from '../../commands/command.js'
import { keysOf } from '../../commands/command-keys.js'
import type { FoundKey } from '../../commands/key-spec.js'
import { ChannelPatterns } from './channel-patterns.js'
import { CommandPermissions } from './command-permissions.js'
import { accessOf, KeyPatterns } from './key-patterns.js'

/** A call that is to be judged. Its keys are found when a selector first asks for them. */
export class Call {
  #keys: readonly FoundKey[] | undefined

  constructor(
    readonly command: Command,
    readonly args: readonly string[],
  ) {}

  /** None where the arguments make no sense: the command will say so. */
  get keys(): readonly FoundKey[] {
    this.#keys ??= keysOf(this.command, this.args) ?? []
    return this.#keys
  }
}

export class Selector implements SelectorFacts {
  private constructor(
    readonly commands: CommandPermissions,
    readonly keys: KeyPatterns,
    readonly channels: ChannelPatterns,
  ) {}

  /** One that allows nothing, unless new ones are to allow all channels. */
  static create(commandCount: number, allChannels: boolean): Selector {
    return new Selector(
      new CommandPermissions(commandCount),
      new KeyPatterns(),
      new ChannelPatterns(allChannels),
    )
  }

  copy(): Selector {
    return new Selector(this.commands.copy(), this.keys.copy(), this.channels.copy())
  }

  get allowsAll(): boolean {
    return this.commands.all && this.keys.all && this.channels.all
  }

  denial(call: Call): Denial | undefined {
    const { command, args } = call
    if (!this.commands.allows(command, args)) return { reason: 'command', at: 0 }
    if (!this.keys.all) {
      for (const { at, flags } of call.keys) {
        if (!this.keys.allows(args[at] as string, accessOf(flags))) return { reason: 'key', at }
      }
    }
    const { channels } = command.spec
    if (channels !== undefined && !this.channels.all) {
      const end = channels.many ? args.length : channels.first + 1
      for (let at = channels.first; at < end; at++) {
        if (!this.channels.allows(args[at] as string, channels.arePatterns)) return { reason: 'channel', at }
      }
    }
    return undefined
  }

  /** Rules that lead to the same permissions. */
  rules(): string[] {
    const { commands, keys, channels } = this
    const reset = channels.all ? [] : ['resetchannels']
    return [...keys.rules(), ...reset, ...channels.rules(), ...commands.rules()]
  }
}
