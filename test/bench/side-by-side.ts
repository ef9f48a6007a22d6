/**
 * redis-benchmark against redis-server and Russet, both over TCP on this machine. The rounds alternate between
 * the two, because absolute figures drift within minutes.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { RunningServer } from '../support/redis-server.js'
import { atLeast, median, type Options, type Row, whole } from './table.js'

/** redis-benchmark cannot time fewer requests than this well. */
const FEWEST_REQUESTS = 20_000

/** One run of redis-benchmark. */
export interface Load {
  /** Commands sent in one go. */
  readonly depth: number
  /** As for its option -t; or else a command of our own. */
  readonly tests?: string
  readonly command?: readonly string[]
  readonly requests: number
  /** More options: `['-r', '1000000']` for random keys. */
  readonly options?: readonly string[]
  /** Whether what the run before left behind stays. */
  readonly keepsData?: boolean
}

/** Requests per second of each test, one for each round. */
export interface Rates {
  readonly what: string
  readonly redis: number[]
  readonly russet: number[]
}

/** @returns requests per second by the name of the test */
async function redisBenchmark(
  server: RunningServer,
  { depth, tests, command = [], requests, options = [], keepsData = false }: Load,
): Promise<Map<string, number>> {
  if (!keepsData) {
    const connection = await server.connect()
    await connection.send('FLUSHALL')
    await connection.close()
  }
  const where = ['-h', '127.0.0.1', '-p', `${server.port}`]
  const what = ['-P', `${depth}`, '-n', `${requests}`, ...(tests === undefined ? [] : ['-t', tests])]
  const args = [...where, ...what, '-q', '--csv', ...options, ...command]
  const run = promisify(execFile)('redis-benchmark', args, { timeout: 600_000 })
  const { stdout } = await run
  const rates = new Map<string, number>()
  for (const line of stdout.trim().split('\n').slice(1)) {
    const [, name, rate] = /^"([^"]*)","([^"]*)"/.exec(line) ?? []
    if (name === undefined || !(Number(rate) > 0)) throw new Error(`redis-benchmark printed ${line}`)
    rates.set(name, Number(rate))
  }
  return rates
}

/** Puts every load on both servers, round by round. @returns a line for each test, in the order of the loads */
export async function compareServers(
  servers: readonly RunningServer[],
  loads: readonly Load[],
  { rounds, scale }: Options,
): Promise<Rates[]> {
  const measured = new Map<string, Rates>()
  for (let round = 0; round < rounds; round++) {
    for (const load of loads) {
      const requests = Math.max(FEWEST_REQUESTS, Math.round(load.requests * scale))
      for (const server of inTurn(servers, round)) {
        for (const [test, rate] of await redisBenchmark(server, { ...load, requests })) {
          const what = `-P ${load.depth} ${test}`
          if (!measured.has(what)) measured.set(what, { what, redis: [], russet: [] })
          measured.get(what)?.[server.name].push(rate)
        }
      }
    }
  }
  return [...measured.values()]
}

/** Who comes first changes from round to round. */
export function inTurn<T>(pair: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? pair : [...pair].reverse()
}

export const ratioOf = ({ redis, russet }: Rates): number => median(russet) / median(redis)

/** @param where put before the name of the test */
export function rateRow(rates: Rates, bar: number, where = ''): Row {
  const { what, redis, russet } = rates
  return {
    what: `${where}${what}`,
    reference: `${whole(median(redis))}/s`,
    russet: `${whole(median(russet))}/s`,
    ...atLeast(ratioOf(rates), bar),
  }
}
