/**
 * The table of all commands, by name. Groups are listed here once; everything that needs "all commands" asks
 * the table.
 */

import { lower } from '../base/lowercase.js'
import { aclCommand } from './acl.js'
import { bitfieldCommands } from './bitfields.js'
import { bitmapCommands } from './bitmaps.js'
import { clientCommand } from './client.js'
import { Command, type CommandSpec } from './command.js'
import { commandCommand } from './command-info.js'
import { configCommand } from './config.js'
import { connectionCommands } from './connection.js'
import { debugCommand } from './debug.js'
import { dumpCommands } from './dump.js'
import { expiryCommands } from './expiry.js'
import { geoCommands } from './geo.js'
import { hashExpiringValueCommands } from './hash-expiring-values.js'
import { hashExpiryCommands } from './hash-expiry.js'
import { hashCommands } from './hashes.js'
import { hyperLogLogCommands } from './hyperloglog.js'
import { keyCommands } from './keys.js'
import { latencyCommand } from './latency.js'
import { listCommands } from './lists.js'
import { lolwutCommand } from './lolwut.js'
import { memoryCommand } from './memory.js'
import { migrateCommand } from './migrate.js'
import { monitorCommand } from './monitor.js'
import { objectCommand } from './object.js'
import { persistenceCommands } from './persistence.js'
import { pubsubCommands } from './pubsub.js'
import { serverCommands } from './server.js'
import { setCommands } from './sets.js'
import { slowlogCommand } from './slowlog.js'
import { sortCommands } from './sort.js'
import { sortedSetCommands } from './sorted-sets.js'
import { streamCommands } from './streams.js'
import { stringCommands } from './strings.js'
import { transactionCommands } from './transactions.js'
import { waitCommands } from './wait.js'

/** Spellings remembered by `find`, so that folding the case is rare. */
const MAX_SPELLINGS = 2048

const groups: readonly (readonly CommandSpec[])[] = [
  connectionCommands,
  [aclCommand, clientCommand, commandCommand, configCommand, lolwutCommand, memoryCommand],
  [latencyCommand, monitorCommand, slowlogCommand],
  serverCommands,
  persistenceCommands,
  [debugCommand],
  keyCommands,
  dumpCommands,
  [migrateCommand],
  expiryCommands,
  sortCommands,
  [objectCommand],
  waitCommands,
  transactionCommands,
  pubsubCommands,
  hashCommands,
  hashExpiryCommands,
  hashExpiringValueCommands,
  stringCommands,
  bitmapCommands,
  bitfieldCommands,
  listCommands,
  setCommands,
  sortedSetCommands,
  streamCommands,
  hyperLogLogCommands,
  geoCommands,
]

export class CommandTable {
  readonly #commands = new Map<string, Command>()
  readonly #spellings = new Map<string, Command>()

  /** How many commands and subcommands there are: their `id`s are below. */
  readonly idCount: number

  constructor() {
    let ids = 0
    const nextId = () => ids++
    for (const group of groups) {
      for (const spec of group) {
        if (this.#commands.has(spec.name)) throw new Error(`command ${spec.name} is defined twice`)
        this.#commands.set(spec.name, new Command(spec, nextId))
      }
    }
    this.idCount = ids
  }

  /** All commands, containers but not their subcommands. */
  [Symbol.iterator](): IterableIterator<Command> {
    return this.#commands.values()
  }

  /** All commands, and behind each container its subcommands. */
  *withSubcommands(): IterableIterator<Command> {
    for (const command of this.#commands.values()) {
      yield command
      if (command.subcommands !== undefined) yield* command.subcommands.values()
    }
  }

  get size(): number {
    return this.#commands.size
  }

  /** The command of that name, in any case. */
  find(name: string): Command | undefined {
    const known = this.#spellings.get(name)
    if (known !== undefined) return known
    const command = this.#commands.get(lower(name))
    if (command !== undefined && this.#spellings.size < MAX_SPELLINGS) this.#spellings.set(name, command)
    return command
  }

  /** The command, or the subcommand written `container|subcommand`, of that name in any case. */
  findByFullName(name: string): Command | undefined {
    const bar = name.indexOf('|')
    if (bar < 0) return this.find(name)
    return this.find(name.slice(0, bar))?.subcommands?.get(lower(name.slice(bar + 1)))
  }

  /** The command that `args` call: the subcommand where the first is a container; undefined if there is none. */
  resolve(args: readonly string[]): Command | undefined {
    const command = this.find(args[0] as string)
    if (command?.subcommands === undefined || args.length < 2) return command
    return command.subcommands.get(lower(args[1] as string))
  }
}
