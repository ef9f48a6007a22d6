/**
 * Carries out the commands of a log: through the same handlers as those of clients, without checks, statistics
 * and replies. As in Redis an error reply does not end the loading, but what is no command does.
 */

import { CommandError } from '../base/errors.js'
import { lower } from '../base/lowercase.js'
import { CommandContext } from '../engine/context.js'
import type { Engine } from '../engine/engine.js'
import { ClientSession, type SessionSink } from '../engine/session.js'
import type { Database } from '../keyspace/database.js'
import { corrupt } from '../rdb/corrupt.js'
import { isTransaction, type LogUnit } from './log-reader.js'

const SILENT: SessionSink = {
  reply() {},
  push() {},
  close() {},
  resume() {},
  buffers: () => ({ queryBytes: 0, queryFreeBytes: 0, argumentBytes: 0, outputBytes: 0, outputPieces: 0 }),
}

export class Replay {
  /** Commands carried out. */
  commands = 0
  /** Commands that were answered with an error, and the first of those errors. */
  failed = 0
  firstError = ''
  readonly #engine: Engine
  readonly #session: ClientSession
  readonly #context: CommandContext

  constructor(engine: Engine) {
    this.#engine = engine
    const info = { kind: 'memory', address: 'journal:0', localAddress: 'journal:0', descriptor: -1 } as const
    const db = engine.keyspace.databases[0] as Database
    this.#session = new ClientSession(
      0,
      SILENT,
      info,
      db,
      engine.access.superuser,
      true,
      engine.host,
      engine.gate,
      () => {},
    )
    this.#context = new CommandContext(engine.keyspace, engine)
    this.#context.session = this.#session
    this.#context.replays = true
  }

  /** @throws CorruptError for what is no command */
  run(unit: LogUnit): void {
    this.#engine.keyspace.releaseClock()
    if (!isTransaction(unit)) this.#run(unit)
    else for (const command of unit) this.#run(command)
  }

  #run(args: readonly string[]): void {
    const named = this.#engine.commands.find(args[0] as string)
    if (named === undefined) corrupt(`unknown command '${(args[0] as string).slice(0, 128)}'`)
    let command = named
    if (named.subcommands !== undefined && args.length > 1)
      command = named.subcommands.get(lower(args[1] as string)) ?? named
    const { handler } = command
    if (handler === undefined || !command.accepts(args.length))
      corrupt(`'${command.fullName}' with wrong arguments`)
    const context = this.#context
    context.db = this.#session.db
    context.command = command
    context.effects = undefined
    this.commands++
    try {
      handler(context, args)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      if (this.failed++ === 0) this.firstError = `${command.fullName}: ${error.message}`
    }
  }
}
