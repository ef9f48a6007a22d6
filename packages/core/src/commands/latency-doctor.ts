/** LATENCY DOCTOR: what the samples of all events say, in words, and what may help against each kind of event. */

import type { LatencyEvent } from './context.js'

const ADVICE: { readonly [event: string]: string } = {
  command:
    'SLOWLOG GET names the commands that took long. What is O(N) may need smaller keys, or a SCAN instead.',
  'fast-command':
    'Commands that take next to no time by themselves were slow: the machine may be busy with something else, ' +
    'or the heap is nearly full and is being collected; INFO memory shows its size.',
  'command-unblocking': 'Clients that were blocked got much at once: smaller counts make shorter pauses.',
  'expire-cycle':
    'Many keys expire at the same time. Times that are spread out, by adding a little chance to them, spread the work.',
  'eviction-cycle':
    'Many keys are evicted at once. A larger maxmemory, or smaller keys, leave less to be done at a time.',
  'aof-fsync-always':
    'The medium is slow to make writes safe, and replies wait for it: a faster one helps, or appendfsync everysec.',
  snapshot:
    'A snapshot wrote for long without a pause. A rewrite or save at a quieter time disturbs fewer clients.',
}

/** @param thresholdMs latency-monitor-threshold */
export function diagnosis(events: readonly LatencyEvent[], thresholdMs: number): string {
  if (thresholdMs === 0)
    return 'Nothing is measured: set latency-monitor-threshold to the milliseconds from which on you want to know.\n'
  if (events.length === 0) return `Nothing has taken ${thresholdMs} ms or more.\n`
  const findings = events.map((event, i) => `${i + 1}. ${describe(event)}\n`)
  const advice = events.flatMap(({ name }) => (ADVICE[name] === undefined ? [] : [`- ${ADVICE[name]}\n`]))
  return ['What took long:\n\n', ...findings, '\nWhat may help:\n\n', ...advice].join('')
}

/** `command: in 3 seconds out of 20, 24 ms on average, give or take 3, 31 ms at worst.` */
function describe({ name, samples, worstMs }: LatencyEvent): string {
  const count = samples.length
  const mean = samples.reduce((sum, { ms }) => sum + ms, 0) / count
  const deviation = samples.reduce((sum, { ms }) => sum + Math.abs(ms - mean), 0) / count
  const first = samples[0]?.unixSeconds ?? 0
  const last = samples.at(-1)?.unixSeconds ?? 0
  const period = count === 1 ? 'once' : `in ${count} seconds out of ${last - first + 1}`
  return `${name}: ${period}, ${mean.toFixed(0)} ms on average, give or take ${deviation.toFixed(0)}, ${worstMs} ms at worst.`
}
