/** How close the engine's count of what data takes, which maxmemory goes by, comes to what the heap grows by. */
import { KINDS } from '../support/kinds-of-data.js'
import type { Size } from '../support/size-on-heap.js'
import { runChild } from './child.js'
import { type Benchmark, type Options, type Row, whole } from './table.js'

/** Off by no more than this part, above or below. */
const BAR = 0.25
/** Bytes of each kind: enough that the rest of the heap does not matter. */
const BYTES = 32_000_000

async function run({ scale }: Options): Promise<Row[]> {
  const rows: Row[] = []
  for (const kind of Object.keys(KINDS)) {
    const { keys, counted, heap } = await runChild<Size>('sizes', [kind, BYTES * scale])
    const ratio = counted / heap
    rows.push({
      what: `${whole(keys)} ${kind}`,
      reference: `${whole(heap / keys)} B of heap`,
      russet: `${whole(counted / keys)} B`,
      figure: `${ratio.toFixed(2)}x`,
      bar: `${(1 - BAR).toFixed(2)}x to ${(1 + BAR).toFixed(2)}x`,
      met: Math.abs(ratio - 1) <= BAR,
    })
  }
  return rows
}

export const sizes: Benchmark = {
  name: 'sizes',
  title: 'Sizes as counted against the growth of the heap',
  run,
}
