/**
 * A timer for a moment of the wall clock, however far away that is: common platforms cannot set a timer further
 * ahead than some 24 days, and the clock may be put back while it runs.
 */

import type { Host, TimerHandle } from '../base/host.js'

const MAX_TIMER_MS = 2_147_483_647

export class Deadline {
  #timer: TimerHandle

  constructor(
    private readonly host: Host,
    /** Unix time in ms. */
    private readonly atMs: number,
    /** Called once, when the time has come. */
    private readonly reached: () => void,
  ) {
    this.#timer = this.#wait()
  }

  cancel(): void {
    this.host.clearTimer(this.#timer)
  }

  #wait(): TimerHandle {
    // Whole milliseconds: platforms cut the rest off, and would come too early.
    const waitMs = Math.ceil(Math.max(0, this.atMs - this.host.now()))
    return this.host.setTimer(
      () => {
        if (this.host.now() < this.atMs) this.#timer = this.#wait()
        else this.reached()
      },
      Math.min(waitMs, MAX_TIMER_MS),
    )
  }
}
