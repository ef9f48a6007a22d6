/**
 * ACL rules: the words that ACL SETUSER, the ACL file and `user` lines of redis.conf describe a user with. Each is
 * applied in its turn to a user that nobody uses yet, so that a wrong one leaves nothing behind.
 */

import { lower } from '../../base/lowercase.js'
import { splitWords } from '../../base/split-words.js'
import { READ, READ_AND_WRITE, WRITE } from './key-patterns.js'
import type { RuleNames } from './rule-names.js'
import { Selector } from './selector.js'
import { passwordDigest, type User } from './user.js'

/** The reasons why a rule is none. */
export const UNKNOWN_NAME = 'Unknown command or category name in ACL'
const SYNTAX = 'Syntax error'
const AFTER_ALL_KEYS =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. " +
  "Try 'resetkeys' to start with an empty list of patterns"
const AFTER_ALL_CHANNELS =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. " +
  "Try 'resetchannels' to start with an empty list of channels"
const NO_SUCH_PASSWORD = 'The password you are trying to remove from the user does not exist'
const NO_DIGEST =
  'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters'
const ARGUMENT_OF_SUBCOMMAND = 'Allowing first-arg of a subcommand is not supported'

/** Blanks and NUL, which would make a saved rule read back as something else. */
const BLANK = /[\0\t-\r ]/

/** Whether a name or pattern has characters that none may have. */
export function hasBlanks(text: string): boolean {
  return BLANK.test(text)
}

/** What rules are read with. */
export interface RuleSettings {
  readonly names: RuleNames
  /** Whether users and selectors begin with all channels. */
  readonly allChannels: boolean
}

/**
 * Puts selectors together whose parentheses stand in several words.
 * @returns the rules, or the word whose parenthesis is not closed
 */
export function joinSelectors(words: readonly string[]): { rules: string[] } | { unclosed: string } {
  const rules: string[] = []
  let open: string[] | undefined
  for (const word of words) {
    if (open === undefined && word.startsWith('(') && !word.endsWith(')')) open = [word]
    else if (open === undefined) rules.push(word)
    else {
      open.push(word)
      if (word.endsWith(')')) {
        rules.push(open.join(' '))
        open = undefined
      }
    }
  }
  return open === undefined ? { rules } : { unclosed: open[0] as string }
}

/** @returns why it is no rule; the user is of no use then */
export function applyRule(user: User, rule: string, settings: RuleSettings): string | undefined {
  switch (rule[0]) {
    case undefined:
      return undefined
    case '>':
    case '#':
    case '<':
    case '!':
      return applyPassword(user, rule)
    case '(':
      if (rule.endsWith(')')) return addSelector(user, rule.slice(1, -1), settings)
  }
  switch (lower(rule)) {
    case 'on':
      user.enabled = true
      return undefined
    case 'off':
      user.enabled = false
      return undefined
    case 'nopass':
      user.clearPasswords(true)
      return undefined
    case 'resetpass':
      user.clearPasswords(false)
      return undefined
    case 'skip-sanitize-payload':
      user.skipsSanitizing = true
      return undefined
    case 'sanitize-payload':
      user.skipsSanitizing = false
      return undefined
    case 'clearselectors':
      user.selectors = [user.selectors[0]]
      return undefined
    case 'reset':
      user.enabled = false
      user.clearPasswords(false)
      user.skipsSanitizing = false
      user.selectors = [Selector.create(settings.names.commandCount, settings.allChannels)]
      return undefined
    default:
      return applyPermission(user.selectors[0], rule, settings.names)
  }
}

/** `>password`, `#digest` to add one; `<password`, `!digest` to remove one. */
function applyPassword(user: User, rule: string): string | undefined {
  const adds = rule.startsWith('>') || rule.startsWith('#')
  const isPlain = rule.startsWith('>') || rule.startsWith('<')
  const text = rule.slice(1)
  if (!isPlain && !/^[0-9a-f]{64}$/.test(text)) return NO_DIGEST
  const digest = isPlain ? passwordDigest(text) : text
  if (adds) user.addPassword(digest)
  else if (!user.passwords.delete(digest)) return NO_SUCH_PASSWORD
  return undefined
}

function addSelector(user: User, rules: string, { names, allChannels }: RuleSettings): string | undefined {
  const selector = Selector.create(names.commandCount, allChannels)
  for (const rule of splitWords(rules) ?? []) {
    const fault = applyPermission(selector, rule, names)
    if (fault !== undefined) return fault
  }
  user.selectors.push(selector)
  return undefined
}

/** The rules that may stand in parentheses, too. */
function applyPermission(
  { commands, keys, channels }: Selector,
  rule: string,
  names: RuleNames,
): string | undefined {
  switch (lower(rule)) {
    case 'allkeys':
    case '~*':
      keys.setAll(true)
      return undefined
    case 'resetkeys':
      keys.setAll(false)
      return undefined
    case 'allchannels':
    case '&*':
      channels.setAll(true)
      return undefined
    case 'resetchannels':
      channels.setAll(false)
      return undefined
    case 'allcommands':
    case '+@all':
      commands.setAll(true)
      return undefined
    case 'nocommands':
    case '-@all':
      commands.setAll(false)
      return undefined
  }
  const rest = rule.slice(1)
  switch (rule[0]) {
    case '~':
      return addKeys(keys, rest, READ_AND_WRITE)
    case '%':
      return addKeysFor(keys, rest)
    case '&':
      if (channels.all) return AFTER_ALL_CHANNELS
      if (hasBlanks(rest)) return SYNTAX
      channels.add(rest)
      return undefined
    case '+':
    case '-': {
      const allowed = rule[0] === '+'
      if (rest.startsWith('@')) return setCategory(commands, rest.slice(1), allowed, names)
      return setCommand(commands, rest, allowed, names)
    }
    default:
      return SYNTAX
  }
}

function addKeys(keys: Selector['keys'], pattern: string, access: number): string | undefined {
  if (keys.all) return AFTER_ALL_KEYS
  if (hasBlanks(pattern)) return SYNTAX
  keys.add(pattern, access)
  return undefined
}

/** `%R~pattern`, `%W~pattern` and `%RW~pattern`, here without their `%`. */
function addKeysFor(keys: Selector['keys'], rule: string): string | undefined {
  if (keys.all) return AFTER_ALL_KEYS
  let access = 0
  let at = 0
  for (; at < rule.length && rule[at] !== '~'; at++) {
    const letter = lower(rule[at] as string)
    const bit = letter === 'r' ? READ : letter === 'w' ? WRITE : 0
    if (bit === 0 || (access & bit) !== 0) return SYNTAX
    access |= bit
  }
  return access === 0 ? SYNTAX : addKeys(keys, rule.slice(at + 1), access)
}

function setCategory(
  commands: Selector['commands'],
  category: string,
  allowed: boolean,
  names: RuleNames,
): string | undefined {
  const members = names.category(category)
  if (members === undefined) return UNKNOWN_NAME
  commands.setCategory(category, members, allowed)
  return undefined
}

/** `+command`, `+container|subcommand`, `+command|first-argument`; the first two with `-` as well. */
function setCommand(
  commands: Selector['commands'],
  name: string,
  allowed: boolean,
  names: RuleNames,
): string | undefined {
  const command = names.command(name)
  const bar = name.lastIndexOf('|')
  if (command !== undefined) commands.set(command, allowed)
  else if (bar < 0 || !allowed) return UNKNOWN_NAME
  else return allowFirstArgument(commands, name.slice(0, bar), name.slice(bar + 1), names)
  return undefined
}

function allowFirstArgument(
  commands: Selector['commands'],
  name: string,
  argument: string,
  names: RuleNames,
): string | undefined {
  const command = names.command(name)
  if (command === undefined) return UNKNOWN_NAME
  if (command.container !== undefined) return ARGUMENT_OF_SUBCOMMAND
  // Redis takes blanks here, and writes a file then that it cannot read.
  if (argument === '' || hasBlanks(argument)) return SYNTAX
  if (command.subcommands !== undefined) return UNKNOWN_NAME
  commands.allowFirstArgument(command, argument)
  return undefined
}
