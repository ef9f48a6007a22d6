/**
 * client-output-buffer-limit: how much a client may leave unread. Over the hard limit it is disconnected at
 * once, over the soft one when that has lasted for some seconds.
 */

import type { Host, TimerHandle } from '../base/host.js'
import type { OutputLimit as Limit } from './config-special.js'

export class OutputLimit {
  /** Since when (monotonic ms) the soft limit is reached; undefined while it is not. */
  #softSinceMs: number | undefined
  #timer: TimerHandle | undefined

  constructor(
    private readonly host: Host,
    /** What holds for the client as it is now: whether it listens or only asks. */
    private readonly limit: () => Limit,
    /** Bytes that the client has not taken. */
    private readonly unsentBytes: () => number,
    /** The client is to be disconnected. */
    private readonly exceeded: () => void,
  ) {}

  /** To be called when there is more output. */
  check(): void {
    const { hardBytes, softBytes, softSeconds } = this.limit()
    if (hardBytes === 0 && softBytes === 0) return
    const bytes = this.unsentBytes()
    if (hardBytes > 0 && bytes >= hardBytes) this.exceeded()
    else if (softBytes > 0 && bytes >= softBytes) this.#checkTime(softSeconds * 1000)
    else this.#softSinceMs = undefined
  }

  #checkTime(limitMs: number): void {
    const nowMs = this.host.monotonic()
    this.#softSinceMs ??= nowMs
    const lastedMs = nowMs - this.#softSinceMs
    if (lastedMs > limitMs) this.exceeded()
    else if (this.#timer === undefined) {
      // The client may ask for nothing more, and still it has to go.
      this.#timer = this.host.setTimer(
        () => {
          this.#timer = undefined
          this.check()
        },
        limitMs - lastedMs + 1,
      )
    }
  }

  /** The client has gone. */
  stop(): void {
    if (this.#timer !== undefined) this.host.clearTimer(this.#timer)
    this.#timer = undefined
  }
}
