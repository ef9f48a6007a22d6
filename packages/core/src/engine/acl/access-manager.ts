/**
 * Users, and what becomes of the sessions of those that change or go. The engine asks `refusal` before it runs a
 * command; everything else here is seldom.
 */

import { cutAtNul } from '../../base/cut-at-nul.js'
import { fail } from '../../base/errors.js'
import type { Host } from '../../base/host.js'
import { lower } from '../../base/lowercase.js'
import { type AccessControl, type Denial, denialText } from '../../commands/access-control.js'
import { CATEGORIES, type Command } from '../../commands/command.js'
import type { CommandTable } from '../../commands/table.js'
import type { Settings } from '../config.js'
import type { ConfigFiles } from '../config-file.js'
import type { ClientSession } from '../session.js'
import { AccessLog } from './access-log.js'
import { parseAclFile, writeAclFile } from './acl-file.js'
import { ChannelPatterns } from './channel-patterns.js'
import { RuleNames } from './rule-names.js'
import { applyRule, hasBlanks, joinSelectors, type RuleSettings } from './rules.js'
import { User } from './user.js'
import type { UserLine } from './user-lines.js'

const DEFAULT = 'default'
const DEFAULT_RULES = ['on', 'nopass', '~*', '&*', '+@all']

const NOT_SIGNED_IN = 'NOAUTH Authentication required.'
const NOT_CONFIGURED =
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER ' +
  'command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store ' +
  'users in the Redis configuration.'
const NOT_SAVED =
  'ERR There was an error trying to save the ACLs. Please check the server logs for more information'
const BOTH_SOURCES =
  'users are given in the configuration and in an ACL file: one of the two has to go, or it would not be plain ' +
  'which of them counts'

/** Of the names of keys, channels and users in the log. */
const MAX_LOGGED_BYTES = 1024

/** What EXEC tells of a command that has been forbidden since it was queued. */
const SINCE_QUEUED: { readonly [reason in Denial['reason']]: string } = {
  command: 'no permission to execute the command or subcommand',
  key: 'no permission to touch the specified keys',
  channel: 'no permission to access one of the channels used as arguments',
}

interface AccessOptions {
  readonly host: Host
  readonly settings: Settings
  readonly commands: CommandTable
  readonly sessions: Iterable<ClientSession> & { kill(session: ClientSession): void }
  /** Where the ACL file is; undefined where there are no files. */
  readonly files: ConfigFiles | undefined
}

/** How often what was refused, for INFO. */
type Refusals = { [reason in Denial['reason'] | 'auth']: number }

export class AccessManager implements AccessControl {
  readonly log = new AccessLog()
  readonly defaultUser: User
  /** Whose commands may all be run: those of a journal. */
  readonly superuser: User
  /** Since the start: CONFIG RESETSTAT leaves them, as in Redis. */
  readonly refusals: Refusals = { command: 0, key: 0, channel: 0, auth: 0 }
  readonly #names: RuleNames
  readonly #users = new Map<string, User>()
  readonly #options: AccessOptions

  constructor(options: AccessOptions) {
    this.#options = options
    this.#names = new RuleNames(options.commands)
    this.defaultUser = this.#create(DEFAULT)
    this.#users.set(DEFAULT, this.defaultUser)
    this.#put(this.#newDefault())
    this.superuser = this.#create('(superuser)')
    this.superuser.become(this.#newDefault())
  }

  /** The default user as it is when nobody has said otherwise. */
  #newDefault(): User {
    const user = this.#create(DEFAULT)
    const fault = this.#applyAll(user, DEFAULT_RULES)
    if (fault !== undefined) throw new Error(fault)
    return user
  }

  #create(name: string): User {
    return new User(name, this.#names.commandCount, this.#ruleSettings.allChannels)
  }

  get #ruleSettings(): RuleSettings {
    return { names: this.#names, allChannels: this.#options.settings.aclPubsubDefault === 'allchannels' }
  }

  // ---- at the start -------------------------------------------------------------------------------------

  /**
   * Makes the users of the configuration, or those of the ACL file. Either may change the default user, which has the
   * password of `requirepass` until then.
   * @throws Error that says what is wrong with them
   */
  loadConfigured(lines: readonly UserLine[]): void {
    const { aclfile, requirepass } = this.#options.settings
    if (requirepass !== '') this.setDefaultPassword(requirepass)
    if (lines.length > 0 && aclfile !== '') throw new Error(BOTH_SOURCES)
    for (const { name, rules } of lines) {
      const draft = this.#create(name)
      const fault = this.#applyAll(draft, rules)
      if (fault !== undefined) throw new Error(`the user '${name}': ${fault}`)
      this.#put(draft)
      if (!draft.enabled)
        this.#options.host.log('notice', `The user '${name}' is disabled: there is no 'on' rule`)
    }
    const faults = aclfile === '' ? undefined : this.#loadFile(aclfile)
    if (faults !== undefined) throw new Error(faults)
  }

  /** Sets `requirepass`: the default user's only password, or none if it is empty. */
  setDefaultPassword(password: string): void {
    const { defaultUser } = this
    defaultUser.clearPasswords(password === '')
    if (password !== '') this.#applyAll(defaultUser, [`>${password}`])
  }

  // ---- sessions -----------------------------------------------------------------------------------------

  /** Whether clients need not sign in. */
  get isOpen(): boolean {
    return this.defaultUser.enabled && this.defaultUser.needsNoPassword
  }

  authenticate(session: ClientSession, name: string, password: string, command: string): void {
    // A name that nobody has takes as long as a wrong password.
    const user = this.#users.get(name) ?? this.#create(name)
    if (!user.accepts(password)) {
      this.#record(session, 'auth', command, name)
      fail('WRONGPASS invalid username-password pair or user is disabled.')
    }
    session.user = user
    session.authenticated = true
  }

  /** Makes it a session that has not signed in. */
  reset(session: ClientSession): void {
    session.user = this.defaultUser
    session.authenticated = this.isOpen
  }

  /**
   * Why a command may not be run. To be asked if the session is not authenticated or its user is not unrestricted.
   * @returns the error, which has been put on record; undefined if it may be run
   */
  refusal(session: ClientSession, command: Command, args: readonly string[]): string | undefined {
    if (!session.authenticated && !this.isOpen && !command.needsNoAuth) return NOT_SIGNED_IN
    const denial = this.#denial(session, command, args)
    return denial === undefined ? undefined : `NOPERM ${denialText(session.user, command, denial)}`
  }

  /** As `refusal`, for a command of a transaction that was allowed when it was queued. */
  refusalInExec(session: ClientSession, command: Command, args: readonly string[]): string | undefined {
    if (!session.authenticated && !this.isOpen) return NOT_SIGNED_IN
    const denial = this.#denial(session, command, args)
    return denial === undefined
      ? undefined
      : 'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. ' +
          `This command is no longer allowed for the following reason: ${SINCE_QUEUED[denial.reason]}`
  }

  #denial(session: ClientSession, command: Command, args: readonly string[]): Denial | undefined {
    const denial = session.user.denial(command, args)
    if (denial === undefined) return undefined
    const object = denial.reason === 'command' ? command.fullName : (args[denial.at] as string)
    this.#record(session, denial.reason, object, session.user.name)
    return denial
  }

  #record(session: ClientSession, reason: keyof Refusals, object: string, username: string): void {
    this.refusals[reason]++
    const context = session.inTransaction || session.inExec ? 'multi' : 'toplevel'
    const { host, settings } = this.#options
    const nowMs = Math.floor(host.now())
    const refusal = {
      reason,
      context,
      object: this.#kept(object),
      username: this.#kept(username),
      clientInfo: session.describe(),
    } as const
    this.log.add(refusal, nowMs, settings.acllogMaxLen)
  }

  /** What the log keeps of a text that a client has chosen: not more than its share, nor the whole through a slice. */
  #kept(text: string): string {
    if (text.length <= MAX_LOGGED_BYTES) return text
    const { bytes } = this.#options.host
    const part = new Uint8Array(MAX_LOGGED_BYTES)
    bytes.encode(text.slice(0, MAX_LOGGED_BYTES), part, 0)
    return bytes.decode(part, 0, MAX_LOGGED_BYTES)
  }

  // ---- users --------------------------------------------------------------------------------------------

  find(name: string): User | undefined {
    return this.#users.get(name)
  }

  users(): User[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  setUser(name: string, rules: readonly string[]): void {
    if (hasBlanks(name)) fail("ERR Usernames can't contain spaces or null characters")
    const joined = joinSelectors(rules)
    if ('unclosed' in joined)
      fail(`ERR Unmatched parenthesis in acl selector starting at '${cutAtNul(joined.unclosed)}'.`)
    const draft = this.#users.get(name)?.draft() ?? this.#create(name)
    const fault = this.#applyAll(draft, joined.rules)
    if (fault !== undefined) fail(`ERR Error in ACL SETUSER modifier ${fault}`)
    this.#put(draft)
  }

  /** @returns the first rule that is none, and why */
  #applyAll(user: User, rules: readonly string[]): string | undefined {
    const settings = this.#ruleSettings
    for (const rule of rules) {
      const fault = applyRule(user, rule, settings)
      if (fault !== undefined) return `'${cutAtNul(rule)}': ${fault}`
    }
    return undefined
  }

  /** The user of that name, which is a new one if there is none, becomes what the draft is. */
  #put(draft: User): void {
    const { name } = draft
    let user = this.#users.get(name)
    if (user === undefined) {
      user = this.#create(name)
      this.#users.set(name, user)
    }
    const before = user.selectors
    user.become(draft)
    this.#disconnectRevoked(user, before)
  }

  deleteUsers(names: readonly string[]): number {
    if (names.includes(DEFAULT)) fail("ERR The 'default' user cannot be removed")
    let deleted = 0
    for (const name of names) if (this.#remove(name)) deleted++
    return deleted
  }

  #remove(name: string): boolean {
    const user = this.#users.get(name)
    if (user === undefined) return false
    this.#users.delete(name)
    this.#disconnect((session) => session.user === user)
    return true
  }

  /** Disconnects subscribers of what the user may not listen to any more. */
  #disconnectRevoked(user: User, before: User['selectors']): void {
    const channelsOf = (selectors: User['selectors']) => selectors.map(({ channels }) => channels)
    const allowed = channelsOf(user.selectors)
    if (ChannelPatterns.cover(allowed, channelsOf(before))) return
    const mayHear = (names: ReadonlySet<string>, arePatterns: boolean) =>
      [...names].every((name) => allowed.some((patterns) => patterns.allows(name, arePatterns)))
    this.#disconnect(({ user: owner, subscriptions }) => {
      if (owner !== user || subscriptions === undefined) return false
      const { channel, pattern, shardChannel } = subscriptions
      return !(mayHear(pattern, true) && mayHear(channel, false) && mayHear(shardChannel, false))
    })
  }

  #disconnect(isMeant: (session: ClientSession) => boolean): void {
    const { sessions } = this.#options
    for (const session of [...sessions]) {
      if (!isMeant(session)) continue
      // Its running command is the last one: whatever it may still do, it does without rights.
      session.user = this.defaultUser
      session.authenticated = false
      sessions.kill(session)
    }
  }

  commandsIn(category: string): Command[] | undefined {
    const name = lower(category)
    return CATEGORIES.includes(name) ? this.#names.commandsIn(name) : undefined
  }

  // ---- the ACL file -------------------------------------------------------------------------------------

  load(): void {
    const { aclfile } = this.#options.settings
    if (aclfile === '') fail(NOT_CONFIGURED)
    const faults = this.#loadFile(aclfile)
    if (faults !== undefined) fail(`ERR ${faults}`)
  }

  /** @returns what is wrong with it; then nothing has changed */
  #loadFile(path: string): string | undefined {
    const { files } = this.#options
    let text: string
    try {
      if (files === undefined) throw new Error('this engine has no files')
      text = files.read(path)
    } catch (error) {
      return `Error loading ACLs, opening file '${path}': ${(error as Error).message}`
    }
    const content = parseAclFile(text, path, this.#ruleSettings)
    if ('faults' in content) return content.faults
    const { users } = content
    for (const name of [...this.#users.keys()]) if (name !== DEFAULT && !users.has(name)) this.#remove(name)
    if (!users.has(DEFAULT)) this.#put(this.#newDefault())
    for (const user of users.values()) this.#put(user)
    return undefined
  }

  save(): void {
    const { settings, files, host } = this.#options
    if (settings.aclfile === '') fail(NOT_CONFIGURED)
    try {
      if (files === undefined) throw new Error('this engine has no files')
      files.write(settings.aclfile, writeAclFile(this.users()))
    } catch (error) {
      host.log('warning', `Writing the ACL file '${settings.aclfile}': ${(error as Error).message}`)
      fail(NOT_SAVED)
    }
  }
}
