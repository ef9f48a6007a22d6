/** Counters of INFO that belong to the engine as a whole; CONFIG RESETSTAT sets them back. */

/** Kinds of errors counted by name; more of them share one counter, so clients cannot fill the memory. */
const MAX_ERROR_KINDS = 128

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
  #rate = { commands: 0, bytesRead: 0, bytesWritten: 0 }
  #last = { commands: 0, bytesRead: 0, bytesWritten: 0, atMs: 0 }

  /** Counts an error reply under its first word. */
  countError(message: string): void {
    this.errorReplies++
    const space = message.indexOf(' ')
    const kind = space < 0 ? message : message.slice(0, space)
    const known = this.errors.get(kind)
    if (known !== undefined || this.errors.size < MAX_ERROR_KINDS) this.errors.set(kind, (known ?? 0) + 1)
  }

  /** Called now and then with the monotonic time: commands and bytes a second since the last call. */
  sample(atMs: number): void {
    const seconds = (atMs - this.#last.atMs) / 1000
    if (seconds <= 0) return
    this.#rate = {
      commands: (this.commands - this.#last.commands) / seconds,
      bytesRead: (this.bytesRead - this.#last.bytesRead) / seconds,
      bytesWritten: (this.bytesWritten - this.#last.bytesWritten) / seconds,
    }
    this.#last = {
      commands: this.commands,
      bytesRead: this.bytesRead,
      bytesWritten: this.bytesWritten,
      atMs,
    }
  }

  /** Per second. */
  get rates(): { readonly commands: number; readonly bytesRead: number; readonly bytesWritten: number } {
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
    this.#rate = { commands: 0, bytesRead: 0, bytesWritten: 0 }
    this.#last = { commands: 0, bytesRead: 0, bytesWritten: 0, atMs: this.#last.atMs }
  }
}
