/**
 * redis-benchmark's default tests against redis-server and Russet, both over TCP on this machine. The rounds
 * alternate between the two, because absolute figures drift within minutes.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type RunningServer, startRedis, startRusset } from '../support/redis-server.js'
import { type Benchmark, median, type Options, type Row, times, whole } from './table.js'

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
/** redis-benchmark cannot time fewer requests than this well. */
const FEWEST_REQUESTS = 20_000

/** Requests per second by the name of the test. */
type Rates = Map<string, number>

async function redisBenchmark(
  server: RunningServer,
  depth: number,
  tests: string,
  requests: number,
): Promise<Rates> {
  const connection = await server.connect()
  await connection.send('FLUSHALL')
  await connection.close()
  const args = [
    '-h',
    '127.0.0.1',
    '-p',
    server.port,
    '-P',
    depth,
    '-n',
    requests,
    '-t',
    tests,
    '-q',
    '--csv',
  ].map(String)
  const { stdout } = await promisify(execFile)('redis-benchmark', args, { timeout: 600_000 })
  const rates: Rates = new Map()
  for (const line of stdout.trim().split('\n').slice(1)) {
    const [, name, rate] = /^"([^"]*)","([^"]*)"/.exec(line) ?? []
    if (name === undefined || !(Number(rate) > 0)) throw new Error(`redis-benchmark printed ${line}`)
    rates.set(name, Number(rate))
  }
  return rates
}

async function run({ rounds, scale }: Options): Promise<Row[]> {
  const servers = [await startRedis(), await startRusset()] as const
  // Rates by depth and test, then by server.
  const measured = new Map<string, { redis: number[]; russet: number[] }>()
  try {
    for (let round = 0; round < rounds; round++) {
      for (const depth of DEPTHS) {
        for (const { tests, share } of GROUPS) {
          const requests = Math.max(FEWEST_REQUESTS, Math.round((REQUESTS[depth] ?? 0) * share * scale))
          // Who comes first changes from round to round.
          for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
            for (const [test, rate] of await redisBenchmark(server, depth, tests, requests)) {
              const key = `-P ${depth} ${test}`
              if (!measured.has(key)) measured.set(key, { redis: [], russet: [] })
              measured.get(key)?.[server.name].push(rate)
            }
          }
        }
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
  const rows: Row[] = []
  for (const depth of DEPTHS) {
    const ratios: number[] = []
    for (const [key, { redis, russet }] of measured) {
      if (!key.startsWith(`-P ${depth} `)) continue
      const ratio = median(russet) / median(redis)
      ratios.push(ratio)
      rows.push({
        what: key,
        reference: `${whole(median(redis))}/s`,
        russet: `${whole(median(russet))}/s`,
        figure: times(ratio),
        bar: `>= ${times(LINE_BAR)}`,
        met: ratio >= LINE_BAR,
      })
    }
    const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
    rows.push({
      what: `-P ${depth} geometric mean`,
      reference: '',
      russet: '',
      figure: times(mean),
      bar: `>= ${times(MEAN_BAR)}`,
      met: mean >= MEAN_BAR,
    })
  }
  return rows
}

export const tcp: Benchmark = {
  name: 'tcp',
  title: 'TCP throughput against redis-server (redis-benchmark)',
  run,
}
