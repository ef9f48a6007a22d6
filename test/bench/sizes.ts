/** How close the engine's count of what data takes, which maxmemory goes by, comes to what the heap grows by. */
import { runChild } from './child.js'
import { KINDS, type Size } from './kinds-of-data.js'
import { type Benchmark, type Options, type Row, whole } from './table.js'

/** Off by no more than this part, above or below. */
const BAR = 0.25
/** Bytes of commands for each kind: enough that the rest of the heap does not matter. */
const BYTES = 24_000_000
const FEWEST_KEYS = 20
const MOST_KEYS = 200_000
/** What a word of a command takes beside its characters, about. */
const WORD_BYTES = 30

function keysFor(kind: string, scale: number): number {
  const words = KINDS[kind]?.(1).flat() ?? []
  const bytes = words.reduce<number>((sum, word) => sum + String(word).length + WORD_BYTES, 0)
  return Math.max(FEWEST_KEYS, Math.min(MOST_KEYS, Math.round((BYTES * scale) / bytes)))
}

async function run({ scale }: Options): Promise<Row[]> {
  const rows: Row[] = []
  for (const kind of Object.keys(KINDS)) {
    const keys = keysFor(kind, scale)
    const { counted, heap } = await runChild<Size>('sizes', [kind, keys], ['--expose-gc'])
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

export const sizes: Benchmark = { name: 'sizes', title: 'Sizes as counted against the growth of the heap', run }
