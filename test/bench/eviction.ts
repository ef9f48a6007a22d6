/**
 * A full cache: every SET brings a new key and has to evict another one, beside redis-server with the same limit
 * and policy.
 */
import { startRedis, startRusset } from '../support/redis-server.js'
import { compareServers, type Load, rateRow } from './side-by-side.js'
import type { Benchmark, Options, Row } from './table.js'

const BAR = 0.8
const POLICIES = ['allkeys-lru', 'allkeys-lfu', 'allkeys-random']
const LIMIT = '100mb'
/** Keys of so many that hardly one comes twice, with values of 100 bytes. */
const NEW_KEYS = ['-r', '1000000000', '-d', '100']
const REQUESTS: Record<number, number> = { 1: 100_000, 16: 1_000_000 }
/** More than there is room for. */
const FILLING: Load = { depth: 16, tests: 'set', requests: 1_000_000, options: NEW_KEYS }

async function run(options: Options): Promise<Row[]> {
  const rows: Row[] = []
  for (const policy of POLICIES) {
    const args = ['--maxmemory', LIMIT, '--maxmemory-policy', policy]
    const servers = [await startRedis({ args }), await startRusset({ args })]
    try {
      await compareServers(servers, [FILLING], { rounds: 1, scale: 1 })
      const loads = Object.entries(REQUESTS).map(
        ([depth, requests]): Load => ({ ...FILLING, depth: Number(depth), requests, keepsData: true }),
      )
      for (const rates of await compareServers(servers, loads, options)) {
        rows.push(rateRow(rates, BAR, `${policy} `))
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()))
    }
  }
  return rows
}

export const eviction: Benchmark = {
  name: 'eviction',
  title: 'SET into a full cache against redis-server (redis-benchmark)',
  run,
}
