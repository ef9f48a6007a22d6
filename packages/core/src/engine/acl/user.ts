/**
 * A user: whether it may sign in, with which passwords, and what it may do then. Sessions hold on to the object: rules
 * are tried on a draft, the user becomes what the draft is, and that is in force for the next command.
 */

import { hexOf } from '../../base/hex.js'
import { sha256 } from '../../base/sha256.js'
import { quoteWord } from '../../base/split-words.js'
import type { Denial, User as UserFacts } from '../../commands/access-control.js'
import type { Command } from '../../commands/command.js'
import { Call, Selector } from './selector.js'

/** What tells more of several selectors' refusals. */
const WEIGHT = { command: 1, key: 2, channel: 3 } as const

export class User implements UserFacts {
  /** Whether it may do everything, which spares its commands every other check. A draft does not tell. */
  unrestricted = false
  enabled = false
  needsNoPassword = false
  /** Whether RESTORE may trust what this user sends. */
  skipsSanitizing = false
  /** SHA-256 digests in hex. */
  passwords = new Set<string>()
  /** The user's own, then those in parentheses. */
  selectors: [Selector, ...Selector[]]

  /**
   * One that may do nothing and not even sign in.
   * @param allChannels whether its selector nevertheless allows all channels, as acl-pubsub-default says
   */
  constructor(
    readonly name: string,
    commandCount: number,
    allChannels: boolean,
  ) {
    this.selectors = [Selector.create(commandCount, allChannels)]
  }

  /** A copy to try rules on, which nobody uses before another user becomes it. */
  draft(): User {
    const [own, ...others] = this.selectors
    const draft = new User(this.name, 0, false)
    draft.enabled = this.enabled
    draft.needsNoPassword = this.needsNoPassword
    draft.skipsSanitizing = this.skipsSanitizing
    draft.passwords = new Set(this.passwords)
    draft.selectors = [own.copy(), ...others.map((selector) => selector.copy())]
    return draft
  }

  /** Takes over what is in a draft, which is not to be used any more. */
  become(draft: User): void {
    this.enabled = draft.enabled
    this.needsNoPassword = draft.needsNoPassword
    this.skipsSanitizing = draft.skipsSanitizing
    this.passwords = draft.passwords
    this.selectors = draft.selectors
    this.unrestricted = this.selectors.some((selector) => selector.allowsAll)
  }

  // ---- signing in ---------------------------------------------------------------------------------------

  /** With this password the user may sign in; it needs one from now on. */
  addPassword(digest: string): void {
    this.passwords.add(digest)
    this.needsNoPassword = false
  }

  /** Takes all passwords away. @param needsNone whether any password is right from now on, or none */
  clearPasswords(needsNone: boolean): void {
    this.passwords.clear()
    this.needsNoPassword = needsNone
  }

  /** Takes the same time for a right password and a wrong one, however much of it is right. */
  accepts(password: string): boolean {
    const given = passwordDigest(password)
    let matches = 0
    for (const digest of this.passwords) matches |= equalDigests(given, digest)
    return this.enabled && (this.needsNoPassword || matches === 1)
  }

  // ---- permissions --------------------------------------------------------------------------------------

  /**
   * Why it may not run a command: that which no selector allows and the one that comes closest refuses, the key or
   * channel furthest to the right where several refuse one. O(selectors × keys × patterns).
   */
  denial(command: Command, args: readonly string[]): Denial | undefined {
    if (this.unrestricted) return undefined
    const call = new Call(command, args)
    let telling: Denial = { reason: 'command', at: 0 }
    for (const selector of this.selectors) {
      const denial = selector.denial(call)
      if (denial === undefined) return undefined
      const gain = WEIGHT[denial.reason] - WEIGHT[telling.reason]
      if (gain > 0 || (gain === 0 && denial.at > telling.at)) telling = denial
    }
    return telling
  }

  mayReadAllKeys(command: Command, args: readonly string[]): boolean {
    if (this.unrestricted) return true
    const call = new Call(command, args)
    return this.selectors.some(
      (selector) => selector.keys.allowReadingAll && selector.denial(call) === undefined,
    )
  }

  // ---- as rules -----------------------------------------------------------------------------------------

  get flags(): string[] {
    const flags = [this.enabled ? 'on' : 'off']
    if (this.needsNoPassword) flags.push('nopass')
    flags.push(this.skipsSanitizing ? 'skip-sanitize-payload' : 'sanitize-payload')
    return flags
  }

  describe(): string {
    const [own, ...others] = this.selectors
    const digests = Array.from(this.passwords, (digest) => `#${digest}`)
    const inner = others.map((selector) => `(${selector.rules().map(withinParentheses).join(' ')})`)
    return [...this.flags, ...digests, ...own.rules(), ...inner].join(' ')
  }
}

/** A rule as it can stand in parentheses, where quotes have a meaning and a parenthesis at the end closes. */
function withinParentheses(rule: string): string {
  return /["']|\)$/.test(rule) ? quoteWord(rule) : rule
}

/** What is kept of a password. */
export function passwordDigest(password: string): string {
  return hexOf(sha256(password))
}

/** 1 if two digests of the same length are equal, else 0; looks at every character of them in any case. */
function equalDigests(one: string, other: string): number {
  let difference = one.length ^ other.length
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i)
  return difference === 0 ? 1 : 0
}
