/** The longest time the event loop stands still while a database grows: resizing and collection included. */
import { runChild } from './child.js'
import { type Benchmark, type Options, type Row, whole } from './table.js'

const BAR_MS = 60
const KEYS = 10_000_000

export interface Stall {
  readonly longestMs: number
  /** Number of keys when it happened. */
  readonly atKeys: number
  readonly totalMs: number
}

async function run({ scale, rounds }: Options): Promise<Row[]> {
  const keys = Math.max(1000, Math.round(KEYS * scale))
  const stalls: Stall[] = []
  for (let round = 0; round < rounds; round++) {
    stalls.push(await runChild<Stall>('stall', [keys], ['--max-old-space-size=8192']))
  }
  stalls.sort((a, b) => a.longestMs - b.longestMs)
  const stall = stalls[stalls.length >> 1] as Stall
  const all = stalls.map(({ longestMs }) => longestMs.toFixed(0)).join(', ')
  return [
    {
      what: `inserting ${whole(keys)} keys`,
      reference: '',
      russet: `${whole((keys / stall.totalMs) * 1000)} keys/s`,
      figure: `${stall.longestMs.toFixed(1)} ms at ${whole(stall.atKeys)} keys (of ${all})`,
      bar: `<= ${BAR_MS} ms`,
      met: stall.longestMs <= BAR_MS,
    },
  ]
}

export const stall: Benchmark = { name: 'stall', title: 'Longest stall of the event loop', run }
