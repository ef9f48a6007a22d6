/**
 * All connected clients, and CLIENT PAUSE, which holds their commands back. Postponed commands run in the
 * order in which they came, when the pause is over.
 */

import type { Host } from '../base/host.js'
import type { Command } from '../commands/command.js'
import type { Sessions } from '../commands/context.js'
import { clientBytes } from './client-list.js'
import { Deadline } from './deadline.js'
import type { ClientSession } from './session.js'

interface RegistryEvents {
  /** The client is to be disconnected now. */
  disconnect(session: ClientSession): void
  /** CLIENT UNBLOCK. */
  unblock(session: ClientSession, withError: boolean): boolean
  /** A pause begins or ends: `writesPaused` says whether expiry must rest. */
  pauseChanged(writesPaused: boolean): void
  /** Commands held back are to be run now. */
  runPostponed(sessions: readonly ClientSession[]): void
}

export class SessionRegistry implements Sessions {
  readonly #sessions = new Map<number, ClientSession>()
  /** Bytes that all clients take, as far as each has been weighed. */
  bytes = 0
  #nextId = 1
  /** The session whose command runs: it is disconnected only after its reply. */
  current: ClientSession | undefined

  #pausedUntilMs = 0
  #pausesOnlyWrites = false
  #pauseEnd: Deadline | undefined
  #postponed: ClientSession[] = []
  /** How many ask for all commands to be held back. */
  #suspensions = 0

  constructor(
    private readonly host: Host,
    private readonly events: RegistryEvents,
  ) {}

  get count(): number {
    return this.#sessions.size
  }

  [Symbol.iterator](): Iterator<ClientSession> {
    return this.#sessions.values()
  }

  get(id: number): ClientSession | undefined {
    return this.#sessions.get(id)
  }

  takeId(): number {
    return this.#nextId++
  }

  add(session: ClientSession): void {
    this.#sessions.set(session.id, session)
  }

  remove(session: ClientSession): void {
    if (this.#sessions.delete(session.id)) this.bytes -= session.countedBytes
    if (session.postponed === undefined) return
    session.postponed = undefined
    this.#postponed = this.#postponed.filter((other) => other !== session)
  }

  /** What a client takes has changed. */
  weigh(session: ClientSession): void {
    if (session.closing) return
    const bytes = clientBytes(session)
    this.bytes += bytes - session.countedBytes
    session.countedBytes = bytes
  }

  /** O(clients). */
  weighAll(): void {
    for (const session of this.#sessions.values()) this.weigh(session)
  }

  kill(session: ClientSession): void {
    if (session === this.current) session.closeAfterReply()
    else this.events.disconnect(session)
  }

  unblock(session: ClientSession, withError: boolean): boolean {
    return this.events.unblock(session, withError)
  }

  // ---- CLIENT PAUSE -------------------------------------------------------------------------------------

  /** What is paused now. */
  get paused(): 'nothing' | 'writes' | 'all' {
    if (this.#pausedUntilMs === 0) return 'nothing'
    return this.#pausesOnlyWrites ? 'writes' : 'all'
  }

  /** A later end holds, and pausing all holds over pausing only writes. */
  pause(untilMs: number, onlyWrites: boolean): void {
    const paused = this.#pausedUntilMs !== 0
    this.#pausesOnlyWrites = onlyWrites && (!paused || this.#pausesOnlyWrites)
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs)
    this.events.pauseChanged(true)
    this.stop()
    this.#pauseEnd = new Deadline(this.host, this.#pausedUntilMs, () => this.unpause())
  }

  unpause(): void {
    this.stop()
    this.#pausedUntilMs = 0
    this.#pausesOnlyWrites = false
    this.events.pauseChanged(false)
    this.#runPostponed()
  }

  #runPostponed(): void {
    if (this.#suspensions > 0) return
    const postponed = this.#postponed
    this.#postponed = []
    this.events.runPostponed(postponed)
  }

  /** Holds every command back until `resume`: the data is being exchanged. */
  suspend(): void {
    this.#suspensions++
  }

  resume(): void {
    this.#suspensions--
    this.#runPostponed()
  }

  /** The pause does not end by itself any more. */
  stop(): void {
    this.#pauseEnd?.cancel()
    this.#pauseEnd = undefined
  }

  /** Whether a command has to wait for the end of the pause. */
  holdsBack(command: Command, session: ClientSession): boolean {
    if (this.#suspensions > 0) return true
    if (this.#pausedUntilMs === 0) return false
    if (!this.#pausesOnlyWrites) return true
    if (command.isWrite || command.mayReplicate) return true
    if (command.name !== 'exec') return false
    return (session.queue ?? []).some(({ command: queued }) => queued.isWrite || queued.mayReplicate)
  }

  postpone(session: ClientSession, args: readonly string[]): void {
    session.postponed = args
    this.#postponed.push(session)
  }

  /** Clients waiting for the end of the pause. */
  get postponedCount(): number {
    return this.#postponed.length
  }
}
