/**
 * The commands that a selector allows. The bitmap decides; beside it the rules are kept in the order in which they
 * were given, less those that a later one made void, so that they can be shown and saved as they were meant.
 */

import { lower } from '../../base/lowercase.js'
import type { Command } from '../../commands/command.js'
import { CommandSet } from './command-set.js'

export class CommandPermissions {
  /** Every command there is. */
  all = false
  /** Whether the rules start from `+@all`. */
  #startsFull = false
  readonly #allowed: CommandSet
  /** First arguments, in lower case, that are allowed although their command is not; by the command's number. */
  #firstArguments = new Map<number, Set<string>>()
  /** What follows `+@all` or `-@all`: the name in each rule, and whether it allows. */
  #rules = new Map<string, boolean>()

  constructor(private readonly commandCount: number) {
    this.#allowed = new CommandSet(commandCount)
  }

  copy(): CommandPermissions {
    const copy = new CommandPermissions(this.commandCount)
    copy.all = this.all
    copy.#startsFull = this.#startsFull
    copy.#allowed.copyFrom(this.#allowed)
    for (const [id, words] of this.#firstArguments) copy.#firstArguments.set(id, new Set(words))
    copy.#rules = new Map(this.#rules)
    return copy
  }

  allows(command: Command, args: readonly string[]): boolean {
    // Whoever may connect may sign in, and leave.
    if (this.all || command.needsNoAuth || this.#allowed.has(command.id)) return true
    return args.length > 1 && this.#firstArguments.get(command.id)?.has(lower(args[1] as string)) === true
  }

  /** `+@all`, `-@all`. */
  setAll(allowed: boolean): void {
    if (allowed) this.#allowed.fill()
    else this.#allowed.clear()
    this.all = allowed
    this.#startsFull = allowed
    this.#firstArguments.clear()
    this.#rules.clear()
  }

  /** `+command`, `-command`; that of a container is one for all its subcommands. */
  set(command: Command, allowed: boolean): void {
    const { id, fullName, subcommands } = command
    this.#change(id, allowed)
    for (const subcommand of subcommands?.values() ?? []) this.#change(subcommand.id, allowed)
    this.#firstArguments.delete(id)
    const belonging = `${fullName}|`
    for (const name of this.#rules.keys()) if (name.startsWith(belonging)) this.#rules.delete(name)
    this.#addRule(fullName, allowed)
  }

  #change(id: number, allowed: boolean): void {
    if (allowed) this.#allowed.add(id)
    else {
      this.#allowed.delete(id)
      this.all = false
    }
  }

  /** `+@category`, `-@category`. */
  setCategory(category: string, commands: CommandSet, allowed: boolean): void {
    if (allowed) this.#allowed.addAll(commands)
    else {
      this.#allowed.deleteAll(commands)
      this.all = false
    }
    for (const id of this.#firstArguments.keys()) if (commands.has(id)) this.#firstArguments.delete(id)
    this.#addRule(`@${lower(category)}`, allowed)
  }

  /** `+command|argument`, of a command without subcommands. */
  allowFirstArgument(command: Command, argument: string): void {
    const word = lower(argument)
    const words = this.#firstArguments.get(command.id)
    if (words === undefined) this.#firstArguments.set(command.id, new Set([word]))
    else words.add(word)
    this.#addRule(`${command.fullName}|${word}`, true)
  }

  #addRule(name: string, allowed: boolean): void {
    this.#rules.delete(name)
    this.#rules.set(name, allowed)
  }

  describe(): string {
    return this.rules().join(' ')
  }

  /** Such as `-@all +get +@hash -hdel`. */
  rules(): string[] {
    const rules = Array.from(this.#rules, ([name, allowed]) => `${allowed ? '+' : '-'}${name}`)
    return [this.#startsFull ? '+@all' : '-@all', ...rules]
  }
}
