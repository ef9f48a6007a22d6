/** What INFO commandstats and latencystats tell about one command. */

import { LatencyHistogram } from '../structures/latency-histogram.js'

/** A command that takes next to no time is timed once in so many calls, a power of two. */
const QUICK_SAMPLE = 16

const NS_PER_MS = 1_000_000

export class CommandStats {
  calls = 0
  rejected = 0
  failed = 0
  #timedCalls = 0
  #timedMs = 0
  #latency: LatencyHistogram | undefined
  readonly #sampleMask: number

  /** @param isQuick whether a sample of the calls is enough: reading the clock costs as much as such a command */
  constructor(isQuick: boolean) {
    this.#sampleMask = isQuick ? QUICK_SAMPLE - 1 : 0
  }

  /** Whether the call that is about to begin is to be timed. */
  get timesNext(): boolean {
    return (this.calls & this.#sampleMask) === 0
  }

  /** @param counted whether it goes into the distribution of times */
  addTime(ms: number, counted: boolean): void {
    this.#timedCalls++
    this.#timedMs += ms
    if (!counted) return
    this.#latency ??= new LatencyHistogram()
    this.#latency.record(ms * NS_PER_MS)
  }

  /** Time spent in all calls, worked out from those that were timed. */
  get microseconds(): number {
    return this.#timedCalls === 0 ? 0 : (this.#timedMs * 1000 * this.calls) / this.#timedCalls
  }

  /** The times of the calls that were timed; undefined before the first. */
  get latency(): LatencyHistogram | undefined {
    return this.#latency
  }

  reset(): void {
    this.calls = 0
    this.rejected = 0
    this.failed = 0
    this.#timedCalls = 0
    this.#timedMs = 0
    this.#latency = undefined
  }
}
