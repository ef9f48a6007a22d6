/** Time, as the host gives it. */
export interface KvClock {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
  /** Calls back once after `delayMs`. @returns what `clearTimer` takes */
  readonly setTimer: (callback: () => void, delayMs: number) => unknown
  readonly clearTimer: (timer: unknown) => void
}

export const sleep = (clock: KvClock, delayMs: number): Promise<void> =>
  delayMs <= 0 ? Promise.resolve() : new Promise((done) => clock.setTimer(done, delayMs))
