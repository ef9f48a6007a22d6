/**
 * A host whose clock stands still until a test moves it. Timers run when their time comes, in order, and
 * random numbers follow from a seed: with it an engine in the same process does exactly the same every time.
 */
import { type Host, portableCodec, type TimerHandle } from '@russet/core'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

export class FakeHost implements Host {
  /** Messages logged so far. */
  readonly messages: string[] = []
  readonly bytes = portableCodec
  #nowMs: number
  #randomState: number
  readonly #timers = new Set<Timer>()
  #deferred: (() => void)[] = []

  /** @param startMs Unix time in ms at which the clock starts */
  constructor(seed = 1, startMs = 1_700_000_000_000) {
    this.#randomState = seed >>> 0
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  /** Mulberry32. */
  random(): number {
    this.#randomState = (this.#randomState + 0x6d2b79f5) >>> 0
    let mixed = this.#randomState
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }

  /** From the seed like all else here. */
  fillSecret(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(this.random() * 256)
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimer(timer: TimerHandle): void {
    this.#timers.delete(timer as Timer)
  }

  /** Timers that are set and have not run. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback)
  }

  log(_level: string, message: string): void {
    this.messages.push(message)
  }

  /** Runs what was deferred, and what that defers. */
  settle(): void {
    while (this.#deferred.length > 0) {
      const due = this.#deferred
      this.#deferred = []
      for (const callback of due) callback()
    }
  }

  /** Lets time pass, running every timer at its time; with `timers` false none of them notices. */
  advance(ms: number, timers = true): void {
    const endMs = this.#nowMs + ms
    while (timers) {
      this.settle()
      let next: Timer | undefined
      for (const timer of this.#timers) {
        if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer
      }
      if (next === undefined) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.callback()
    }
    this.#nowMs = endMs
    this.settle()
  }
}
