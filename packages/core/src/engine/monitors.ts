/**
 * MONITOR: the clients that are told of every command that runs. A line is put together once, and only if there
 * is such a client; they get it out of turn, under the limits of any client's output.
 */

import type { Host } from '../base/host.js'
import { quoteWord } from '../base/split-words.js'
import type { Command } from '../commands/command.js'
import { LinePush } from '../protocol/reply.js'
import type { Config } from './config.js'
import { shownArguments } from './secrets.js'
import type { ClientSession } from './session.js'

export class Monitors {
  /** How many there are; looked at for every command. */
  count = 0
  readonly #sessions = new Set<ClientSession>()

  constructor(
    private readonly host: Host,
    private readonly config: Config,
  ) {}

  /** @returns whether it is new */
  add(session: ClientSession): boolean {
    if (session.isMonitor) return false
    session.isMonitor = true
    this.#sessions.add(session)
    this.count++
    return true
  }

  remove(session: ClientSession): void {
    if (!session.isMonitor) return
    session.isMonitor = false
    this.#sessions.delete(session)
    this.count--
  }

  /** Tells of a command that has run; what administers the server is nobody's business. */
  show(session: ClientSession, command: Command, args: readonly string[]): void {
    if (command.isHiddenFromMonitor) return
    const micros = Math.floor(this.host.now() * 1000)
    const time = `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`
    const { kind, address } = session.info
    const from = kind === 'unix' ? `unix:${address.slice(0, address.lastIndexOf(':'))}` : address
    const words = shownArguments(command, args, this.config).map(quoteWord).join(' ')
    const line = new LinePush(`${time} [${session.db.index} ${from}] ${words}`)
    for (const monitor of this.#sessions) monitor.send(line)
  }
}
