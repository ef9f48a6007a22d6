/**
 * The longest time the event loop stands still while a snapshot is written and clients go on writing, beside the
 * longest without a snapshot. Big collections are a case of their own: one that is changed while the snapshot is
 * not through with it is written to its end at once.
 */
import { runChild } from './child.js'
import { type Benchmark, median, type Options, type Row, whole } from './table.js'

const BAR_MS = 10
const KEYS = 1_000_000
const ELEMENTS = 1_000_000

export type StallCase =
  /** Commands of every kind by clients of the same process, 1000 a turn. */
  | 'in-process'
  /** redis-benchmark on another process, SET and INCR, 16 at a time. */
  | 'tcp'
  /** As in-process, and the keys are four collections. */
  | 'big'

export interface SnapshotStall {
  readonly withoutMs: number
  readonly longestMs: number
  readonly snapshotMs: number
  /** Commands in each of those milliseconds. */
  readonly commands: number
}

async function measure(stallCase: StallCase, size: number, rounds: number): Promise<SnapshotStall[]> {
  const stalls: SnapshotStall[] = []
  for (let round = 0; round < rounds; round++) {
    stalls.push(
      await runChild<SnapshotStall>('snapshot-stall', [stallCase, size], ['--max-old-space-size=8192']),
    )
  }
  return stalls
}

function rowOf(what: string, stalls: readonly SnapshotStall[], barMs?: number): Row {
  const longestMs = median(stalls.map((stall) => stall.longestMs))
  const all = stalls.map((stall) => stall.longestMs.toFixed(1)).sort((a, b) => Number(a) - Number(b))
  const snapshotMs = median(stalls.map((stall) => stall.snapshotMs))
  const commands = median(stalls.map((stall) => stall.commands))
  return {
    what,
    reference: `${median(stalls.map((stall) => stall.withoutMs)).toFixed(1)} ms without`,
    russet: `${whole(commands)} commands in ${whole(snapshotMs)} ms`,
    figure: `${longestMs.toFixed(1)} ms (of ${all.join(', ')})`,
    bar: barMs === undefined ? '' : `<= ${barMs} ms`,
    met: barMs === undefined ? undefined : longestMs <= barMs,
  }
}

async function run({ rounds, scale }: Options): Promise<Row[]> {
  const keys = Math.max(1000, Math.round(KEYS * scale))
  const elements = Math.max(1000, Math.round(ELEMENTS * scale))
  return [
    rowOf(`${whole(keys)} keys, writes in process`, await measure('in-process', keys, rounds), BAR_MS),
    rowOf(`${whole(keys)} keys, writes through TCP`, await measure('tcp', keys, rounds), BAR_MS),
    rowOf(`4 collections of ${whole(elements)} elements`, await measure('big', elements, rounds)),
  ]
}

export const snapshotStall: Benchmark = {
  name: 'snapshot-stall',
  title: 'Longest stall of the event loop while a snapshot is written',
  run,
}
