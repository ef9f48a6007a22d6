/** Counters of INFO that belong to the engine as a whole; CONFIG RESETSTAT sets them back. */

/** Kinds of errors counted by name; more of them share one counter, so clients cannot fill the memory. */
const MAX_ERROR_KINDS = 128

/** What is counted and told per second, too. */
interface Counts {
  readonly commands: number
  readonly bytesRead: number
  readonly bytesWritten: number
  /** Turns of the event loop, and how long they took. */
  readonly turns: number
  readonly turnsMs: number
}

/** Per second, but for `turnMs`: how long a turn took on average. */
interface Rates extends Omit<Counts, 'turnsMs'> {
  readonly turnMs: number
}

const NO_COUNTS: Counts = { commands: 0, bytesRead: 0, bytesWritten: 0, turns: 0, turnsMs: 0 }
const NO_RATES: Rates = { commands: 0, bytesRead: 0, bytesWritten: 0, turns: 0, turnMs: 0 }

export class Stats {
  commands = 0
  connections = 0
  rejectedConnections = 0
  errorReplies = 0
  bytesRead = 0
  bytesWritten = 0
  /** Pieces of input and of output. */
  reads = 0
  writes = 0
  /** Clients disconnected as their input, or their unread output, grew too large. */
  queryLimitDisconnections = 0
  outputLimitDisconnections = 0
  /** Clients disconnected by maxmemory-clients. */
  evictedClients = 0
  /** Slices of the background expiry that ran out of time, and the time spent in all slices. */
  expirySlicesCutShort = 0
  expiryMs = 0
  readonly errors = new Map<string, number>()
  #rate: Rates = NO_RATES
  #last: Counts = NO_COUNTS
  #lastMs = 0

  /** Counts an error reply under its first word. */
  countError(message: string): void {
    this.errorReplies++
    const space = message.indexOf(' ')
    const kind = space < 0 ? message : message.slice(0, space)
    const known = this.errors.get(kind)
    if (known !== undefined || this.errors.size < MAX_ERROR_KINDS) this.errors.set(kind, (known ?? 0) + 1)
  }

  /** Called now and then with the monotonic time: what happened since the last call, per second. */
  sample(atMs: number, { turns, turnsMs }: Pick<Counts, 'turns' | 'turnsMs'>): void {
    const seconds = (atMs - this.#lastMs) / 1000
    if (seconds <= 0) return
    const { commands, bytesRead, bytesWritten } = this
    const last = this.#last
    const newTurns = turns - last.turns
    this.#rate = {
      commands: (commands - last.commands) / seconds,
      bytesRead: (bytesRead - last.bytesRead) / seconds,
      bytesWritten: (bytesWritten - last.bytesWritten) / seconds,
      turns: newTurns / seconds,
      turnMs: newTurns === 0 ? 0 : (turnsMs - last.turnsMs) / newTurns,
    }
    this.#last = { commands, bytesRead, bytesWritten, turns, turnsMs }
    this.#lastMs = atMs
  }

  get rates(): Rates {
    return this.#rate
  }

  reset(): void {
    this.commands = 0
    this.connections = 0
    this.rejectedConnections = 0
    this.errorReplies = 0
    this.bytesRead = 0
    this.bytesWritten = 0
    this.reads = 0
    this.writes = 0
    this.queryLimitDisconnections = 0
    this.outputLimitDisconnections = 0
    this.evictedClients = 0
    this.expirySlicesCutShort = 0
    this.expiryMs = 0
    this.errors.clear()
    this.#rate = NO_RATES
    this.#last = NO_COUNTS
  }
}
