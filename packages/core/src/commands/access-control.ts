/**
 * What the commands know of users and their permissions, which the engine keeps (engine/acl), and the words in which
 * a refusal is put.
 */

import type { Command } from './command.js'
import type { Session } from './context.js'

/** Why a user may not run a command: the command itself, or one of its keys or channels. */
export interface Denial {
  readonly reason: 'command' | 'key' | 'channel'
  /** The position of the key or channel among the arguments. */
  readonly at: number
}

/** A set of permissions, each of them to be shown as rules; a call needs a selector that allows all of it. */
export interface Selector {
  readonly commands: { describe(): string }
  readonly keys: { describe(): string }
  readonly channels: { describe(): string }
}

export interface User {
  readonly name: string
  /** `on` or `off`, `nopass` and the like. */
  readonly flags: readonly string[]
  /** SHA-256 digests in hex. */
  readonly passwords: ReadonlySet<string>
  /** The first one is the user's own, the others were given in parentheses. */
  readonly selectors: readonly Selector[]
  /** All rules, for ACL SETUSER to make the same user with. */
  describe(): string
  /** Why the user may not run a command; undefined if it may. */
  denial(command: Command, args: readonly string[]): Denial | undefined
  /** Whether a call is allowed that may read any key besides those in its arguments. */
  mayReadAllKeys(command: Command, args: readonly string[]): boolean
}

export interface LogEntry {
  /** How often it has happened. */
  readonly count: number
  readonly reason: Denial['reason'] | 'auth'
  /** Where the command came from; `multi` for a transaction. */
  readonly context: 'toplevel' | 'multi'
  /** What was refused: the name of the command, of the key or of the channel, the first 1024 bytes of it. */
  readonly object: string
  readonly username: string
  /** The client of the last time, as CLIENT INFO describes it. */
  readonly clientInfo: string
  readonly id: number
  /** Unix times in ms of the first and the last time. */
  readonly createdMs: number
  readonly updatedMs: number
}

export interface AccessLog {
  /** The latest first. */
  latest(count: number): readonly LogEntry[]
  clear(): void
}

export interface AccessControl {
  readonly log: AccessLog
  /** Whether clients need not sign in. */
  readonly isOpen: boolean
  /** The user of clients that have not signed in as another one. */
  readonly defaultUser: User & { readonly needsNoPassword: boolean }
  /**
   * Signs a client in.
   * @param command the name by which the client calls the command that it does this with
   * @throws CommandError WRONGPASS
   */
  authenticate(session: Session, name: string, password: string, command: string): void
  find(name: string): User | undefined
  /** All users, by the bytes of their names. */
  users(): readonly User[]
  /** Makes a user, or changes one; all rules or none. @throws CommandError */
  setUser(name: string, rules: readonly string[]): void
  /** Removes users and disconnects their clients. @returns how many there were. @throws CommandError */
  deleteUsers(names: readonly string[]): number
  /** The commands of a category, named in any case; undefined if there is no such category. */
  commandsIn(category: string): readonly Command[] | undefined
  /** Reads the ACL file in again: all of it or nothing. @throws CommandError */
  load(): void
  /** Writes the ACL file. @throws CommandError */
  save(): void
}

/**
 * What was denied.
 * @param args those of the call, where the key or channel is to be named; otherwise only its owner learns of it
 */
export function denialText(
  user: User,
  command: Command,
  { reason, at }: Denial,
  args?: readonly string[],
): string {
  if (reason === 'command')
    return `User ${user.name} has no permissions to run the '${command.fullName}' command`
  if (args === undefined) return `No permissions to access a ${reason}`
  return `User ${user.name} has no permissions to access the '${args[at]}' ${reason}`
}
