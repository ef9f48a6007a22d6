/**
 * `user name rules…` in redis.conf. A line is tried out when it is read, so that a fault is reported with its place;
 * the users themselves are made with the engine.
 */

import { CommandTable } from '../../commands/table.js'
import { RuleNames } from './rule-names.js'
import { applyRule, hasBlanks, joinSelectors } from './rules.js'
import { User } from './user.js'

export interface UserLine {
  readonly name: string
  readonly rules: readonly string[]
}

export class UserLines {
  readonly lines: UserLine[] = []
  /** Made with the first line: few configurations have any. */
  #names: RuleNames | undefined

  /**
   * @param words what follows `user`
   * @returns why it cannot be; then it is left out
   */
  add(words: readonly string[]): string | undefined {
    const [name, ...rest] = words
    if (name === undefined) return 'wrong number of arguments'
    const fault = (word: string, reason: string) => `Error in user declaration '${word}': ${reason}`
    if (hasBlanks(name)) return fault(name, 'Spaces not allowed in ACL usernames')
    if (this.lines.some((line) => line.name === name))
      return fault(name, 'Duplicate user found. A user can only be defined once in config files')
    const joined = joinSelectors(rest)
    if ('unclosed' in joined) return fault(joined.unclosed, 'Unmatched parenthesis in acl selector')
    this.#names ??= new RuleNames(new CommandTable())
    const settings = { names: this.#names, allChannels: false }
    const trial = new User(name, settings.names.commandCount, false)
    for (const rule of joined.rules) {
      const reason = applyRule(trial, rule, settings)
      if (reason !== undefined) return fault(rule, reason)
    }
    this.lines.push({ name, rules: joined.rules })
    return undefined
  }
}
