/**
 * The ACL file: a line `user name rules…` for each user, as ACL LIST prints it, and nothing else. It is read as a
 * whole, so that all its faults are told at once, and a file with a fault changes nothing.
 */

import { applyRule, hasBlanks, joinSelectors, type RuleSettings, UNKNOWN_NAME } from './rules.js'
import { User } from './user.js'

export type AclFileContent = { readonly users: ReadonlyMap<string, User> } | { readonly faults: string }

const NO_CHANGE = 'WARNING: ACL errors detected, no change to the previously active ACL rules was performed'

/**
 * @param path the file's, for the texts of faults
 * @returns its users by name, or what is wrong with it, in one line
 */
export function parseAclFile(text: string, path: string, settings: RuleSettings): AclFileContent {
  const users = new Map<string, User>()
  let faults = ''
  text.split('\n').forEach((line, index) => {
    const words = line.replace(/^[ \t\r]+|[ \t\r]+$/g, '').split(' ')
    if (words.length === 1 && words[0] === '') return
    faults += readLine(words, `${path}:${index + 1}`, index + 1, users, settings)
  })
  return faults === '' ? { users } : { faults: faults + NO_CHANGE }
}

/** The text of the file with these users. */
export function writeAclFile(users: readonly User[]): string {
  return users.map((user) => `user ${user.name} ${user.describe()}\n`).join('')
}

/** Adds the user of a line to `users`. @returns what is wrong with it, each fault with a blank behind it */
function readLine(
  words: readonly string[],
  place: string,
  lineNumber: number,
  users: Map<string, User>,
  settings: RuleSettings,
): string {
  const [keyword, name, ...rest] = words
  if (keyword !== 'user' || name === undefined)
    return `${place} should start with user keyword followed by the username. `
  if (hasBlanks(name)) return `'${place}: username '${name}' contains invalid characters. `
  if (users.has(name)) return `WARNING: Duplicate user '${name}' found on line ${lineNumber}. `
  const user = new User(name, settings.names.commandCount, settings.allChannels)
  users.set(name, user)
  const joined = joinSelectors(rest)
  if ('unclosed' in joined) return `${place}: Unmatched parenthesis in selector definition.`
  return applyAll(user, joined.rules, place, settings)
}

/** Rules with unknown names are told one by one, as there is no secret in them; of all others the first. */
function applyAll(user: User, rules: readonly string[], place: string, settings: RuleSettings): string {
  let faults = ''
  let hasOther = false
  for (const untrimmed of rules) {
    const rule = untrimmed.replace(/^[\t\r]+|[\t\r]+$/g, '')
    const fault = applyRule(user, rule, settings)
    if (fault === UNKNOWN_NAME) faults += `${place}: Error in applying operation '${rule}': ${fault}. `
    else if (fault !== undefined && !hasOther) {
      faults += `${place}: ${fault}. `
      hasOther = true
    }
  }
  return faults
}
