/** What the names in ACL rules stand for: commands, and the commands of a category. */

import { lower } from '../../base/lowercase.js'
import { CATEGORIES, type Command } from '../../commands/command.js'
import type { CommandTable } from '../../commands/table.js'
import { CommandSet } from './command-set.js'

export class RuleNames {
  readonly #table: CommandTable
  readonly #categories = new Map<string, CommandSet>()

  constructor(table: CommandTable) {
    this.#table = table
  }

  /** For a set of commands. */
  get commandCount(): number {
    return this.#table.idCount
  }

  /** @param name a command's, or a subcommand's as `container|subcommand`; in any case */
  command(name: string): Command | undefined {
    return this.#table.findByFullName(name)
  }

  /** What a rule for the category changes: its commands, and with a container all its subcommands. */
  category(name: string): CommandSet | undefined {
    const category = lower(name)
    if (!CATEGORIES.includes(category)) return undefined
    let set = this.#categories.get(category)
    if (set !== undefined) return set
    set = new CommandSet(this.commandCount)
    for (const { id, subcommands } of this.commandsIn(category)) {
      set.add(id)
      for (const subcommand of subcommands?.values() ?? []) set.add(subcommand.id)
    }
    this.#categories.set(category, set)
    return set
  }

  /** The commands and subcommands of a category that there is, given in lower case. */
  commandsIn(category: string): Command[] {
    const wanted = `@${category}`
    return [...this.#table.withSubcommands()].filter(({ categories }) => categories.includes(wanted))
  }
}
