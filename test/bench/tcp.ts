/** redis-benchmark's default tests against redis-server and Russet, with nothing kept on disk. */
import { startRedis, startRusset } from '../support/redis-server.js'
import { compareServers, type Load, rateRow, ratioOf } from './side-by-side.js'
import { atLeast, type Benchmark, type Options, type Row } from './table.js'

const DEPTHS = [1, 16]
const LINE_BAR = 0.8
const MEAN_BAR = 1.0

/** Requests at depth 1 and at depth 16; expensive tests get a share of them so that a round stays bounded. */
const REQUESTS: Record<number, number> = { 1: 100_000, 16: 1_000_000 }
const GROUPS = [
  { tests: 'ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin', share: 1 },
  { tests: 'mset', share: 0.25 },
  { tests: 'lrange', share: 0.1 },
]

async function run(options: Options): Promise<Row[]> {
  const servers = [await startRedis(), await startRusset()]
  try {
    const rows: Row[] = []
    for (const depth of DEPTHS) {
      const loads = GROUPS.map(
        ({ tests, share }): Load => ({ depth, tests, requests: (REQUESTS[depth] ?? 0) * share }),
      )
      const lines = await compareServers(servers, loads, options)
      for (const rates of lines) rows.push(rateRow(rates, LINE_BAR))
      const logarithms = lines.map((rates) => Math.log(ratioOf(rates)))
      const mean = Math.exp(logarithms.reduce((sum, each) => sum + each, 0) / lines.length)
      rows.push({
        what: `-P ${depth} geometric mean`,
        reference: '',
        russet: '',
        ...atLeast(mean, MEAN_BAR),
      })
    }
    return rows
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

export const tcp: Benchmark = {
  name: 'tcp',
  title: 'TCP throughput against redis-server (redis-benchmark)',
  run,
}
