/**
 * What held the engine up, by kind of event, as LATENCY tells it: for each event the worst time of each of the
 * last seconds that had one, and the worst of all. Only what took `latency-monitor-threshold` or longer is kept.
 */

import type { Host } from '../base/host.js'
import type { LatencyEvent, LatencyReader, LatencySample } from '../commands/context.js'
import { Queue } from '../structures/queue.js'
import type { Settings } from './config.js'

/** What is measured. Names are Redis's, but for `snapshot`, which there is a fork. */
export type LatencyEventName =
  | 'command'
  | 'fast-command'
  | 'command-unblocking'
  | 'expire-cycle'
  | 'eviction-cycle'
  | 'aof-fsync-always'
  | 'snapshot'

/** Seconds remembered of each event. */
const MAX_SAMPLES = 160

interface History {
  readonly samples: Queue<LatencySample>
  worstMs: number
}

export class LatencyMonitor implements LatencyReader {
  readonly #histories = new Map<string, History>()

  constructor(
    private readonly host: Host,
    private readonly settings: Settings,
  ) {}

  /** Notes that something took so long, if that is long enough. */
  add(event: LatencyEventName, tookMs: number): void {
    const { latencyMonitorThreshold: leastMs } = this.settings
    const ms = Math.floor(tookMs)
    if (leastMs === 0 || ms < leastMs) return
    let history = this.#histories.get(event)
    if (history === undefined) {
      history = { samples: new Queue(), worstMs: 0 }
      this.#histories.set(event, history)
    }
    const { samples } = history
    history.worstMs = Math.max(history.worstMs, ms)
    const unixSeconds = Math.floor(this.host.now() / 1000)
    const last = samples.at(samples.length - 1)
    if (last?.unixSeconds === unixSeconds) last.ms = Math.max(last.ms, ms)
    else samples.push({ unixSeconds, ms })
    if (samples.length > MAX_SAMPLES) samples.shift()
  }

  events(): LatencyEvent[] {
    return [...this.#histories.keys()].map((name) => this.event(name) as LatencyEvent)
  }

  event(name: string): LatencyEvent | undefined {
    const history = this.#histories.get(name)
    if (history === undefined) return undefined
    const { samples, worstMs } = history
    const inOrder = Array.from({ length: samples.length }, (_, i) => samples.at(i) as LatencySample)
    return { name, samples: inOrder, worstMs }
  }

  forget(names?: readonly string[]): number {
    let forgotten = 0
    for (const name of names ?? [...this.#histories.keys()]) if (this.#histories.delete(name)) forgotten++
    return forgotten
  }
}
