/** The one context object that handlers are given; the engine fills it in before each command. */

import type { Command } from '../commands/command.js'
import type { Context, Server } from '../commands/context.js'
import type { Database } from '../keyspace/database.js'
import type { Keyspace } from '../keyspace/keyspace.js'
import type { ClientSession } from './session.js'

export class CommandContext implements Context {
  db!: Database
  session!: ClientSession
  command!: Command
  replays = false
  /** What `propagate` was told; undefined: the command as it was sent. */
  effects: (readonly string[])[] | undefined

  constructor(
    readonly keyspace: Keyspace,
    readonly server: Server,
  ) {}

  get now(): number {
    return this.keyspace.now
  }

  propagate(...command: string[]): void {
    this.propagateAll(command)
  }

  propagateAll(command: readonly string[]): void {
    this.effects ??= []
    this.effects.push(command)
  }

  propagateNothing(): void {
    this.effects = []
  }
}
