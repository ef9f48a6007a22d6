/** Runs benchmarks by name and prints their tables; see README.md beside this file. */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { ensureRedis } from '../support/redis-server.js'
import { eviction } from './eviction.js'
import { inProcess } from './in-process.js'
import { memory } from './memory.js'
import { persistence } from './persistence.js'
import { pubsub } from './pubsub.js'
import { sizes } from './sizes.js'
import { snapshotStall } from './snapshot-stall.js'
import { stall } from './stall.js'
import { printMarkdown, printText } from './table.js'
import { tcp } from './tcp.js'

const BENCHMARKS = [tcp, inProcess, memory, stall, persistence, snapshotStall, pubsub, eviction, sizes]
const names = BENCHMARKS.map((benchmark) => benchmark.name)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    markdown: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const scale = Number(values.scale)
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1 || !(scale > 0)) {
  console.error(`usage: npm run bench -- [${names.join(' | ')}]... [--rounds N] [--scale X] [--markdown]`)
  process.exit(2)
}

ensureRedis()
const chosen = BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const print = values.markdown ? printMarkdown : printText
console.log(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, ${rounds} rounds, scale ${scale}\n`,
)
let missed = 0
for (const benchmark of chosen) {
  const rows = await benchmark.run({ rounds, scale })
  missed += rows.filter((row) => row.met === false).length
  console.log(print(benchmark.title, rows))
}
console.log(missed === 0 ? 'All bars are met.' : `${missed} figures miss their bar.`)
