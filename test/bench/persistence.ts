/**
 * What keeping the data costs, beside redis-server with the same settings on the same disk: throughput with a
 * journal, loading at the start, and a snapshot.
 *
 * Loading is the time from the start of the process to its first reply, less what that takes with nothing to
 * load; both load the same file. A snapshot is the time from BGSAVE to the moment when its file is there.
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type RunningServer, startRedis, startRusset } from '../support/redis-server.js'
import { ALL_TYPES, type Data, STRINGS, writeLog } from './persistence-data.js'
import { compareServers, inTurn, type Load, rateRow } from './side-by-side.js'
import { atMost, type Benchmark, median, type Options, type Row, whole } from './table.js'

const RATE_BAR = 0.8
const LOAD_BAR = 2
const KEYS = 1_000_000
const TESTS = 'set,incr,lpush,hset'
const LOADS: readonly Load[] = [
  { depth: 1, tests: TESTS, requests: 100_000 },
  { depth: 16, tests: TESTS, requests: 1_000_000 },
]
const SNAPSHOT_TIMEOUT_MS = 60_000

const SERVERS = [
  { name: 'redis', start: startRedis },
  { name: 'russet', start: startRusset },
] as const

/** Times in ms, one for each round. */
interface Times {
  readonly redis: number[]
  readonly russet: number[]
}

async function run(options: Options): Promise<Row[]> {
  const rows = [...(await throughput('everysec', options)), ...(await throughput('always', options))]
  for (const data of [STRINGS, ALL_TYPES]) rows.push(...(await loadingAndSaving(data, options)))
  return rows
}

async function throughput(appendfsync: 'everysec' | 'always', options: Options): Promise<Row[]> {
  // Each has a directory of its own. Rewrites, whose moment is a matter of luck, would blur the figures.
  const args = ['--appendonly', 'yes', '--appendfsync', appendfsync, '--auto-aof-rewrite-percentage', '0']
  const servers = await Promise.all(SERVERS.map(({ start }) => start({ args })))
  try {
    const lines = await compareServers(servers, LOADS, options)
    return lines.map((rates) => rateRow(rates, RATE_BAR, `${appendfsync} `))
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

async function loadingAndSaving(data: Data, { rounds, scale }: Options): Promise<Row[]> {
  const keys = Math.max(1000, Math.round(KEYS * scale))
  const noTimes = (): Times => ({ redis: [], russet: [] })
  const times = { rdb: noTimes(), log: noTimes(), snapshot: noTimes() }
  await inFolder(async (source) => {
    writeLog(source, keys, data.commandAt)
    // Both load the RDB that redis-server makes of the log.
    await timeStart(startRedis, source, 'yes', (server) => timeSnapshot(server, source))
    for (let round = 0; round < rounds; round++) {
      for (const { name, start } of inTurn(SERVERS, round)) {
        await inFolder(async (folder) => {
          const emptyMs = await timeStart(start, folder, 'no', (server) => expectKeys(server, 0))
          cpSync(join(source, 'dump.rdb'), join(folder, 'dump.rdb'))
          const rdbMs = await timeStart(start, folder, 'no', async (server) => {
            await expectKeys(server, keys)
            times.snapshot[name].push(await timeSnapshot(server, folder))
          })
          cpSync(join(source, 'appendonlydir'), join(folder, 'appendonlydir'), { recursive: true })
          const logMs = await timeStart(start, folder, 'yes', (server) => expectKeys(server, keys))
          times.rdb[name].push(rdbMs - emptyMs)
          times.log[name].push(logMs - emptyMs)
        })
      }
    }
  })
  const row = (what: string, { redis, russet }: Times, bar?: number): Row => ({
    what: `${what} ${whole(keys)} ${data.what}`,
    reference: `${whole(median(redis))} ms`,
    russet: `${whole(median(russet))} ms`,
    ...atMost(median(russet) / median(redis), bar),
  })
  return [
    row('loading an RDB of', times.rdb, LOAD_BAR),
    row('loading a log of', times.log, LOAD_BAR),
    row('snapshot of', times.snapshot),
  ]
}

/** Runs what works in a directory, which is gone afterwards. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'russet-bench-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Starts a server in a directory, and ends it when it has been used. @returns ms until its first reply */
async function timeStart(
  start: typeof startRedis,
  dir: string,
  appendonly: 'yes' | 'no',
  use: (server: RunningServer) => Promise<unknown>,
): Promise<number> {
  const startMs = performance.now()
  const server = await start({ args: ['--dir', dir, '--appendonly', appendonly] })
  const ms = performance.now() - startMs
  try {
    await use(server)
  } finally {
    await server.stop()
  }
  return ms
}

async function expectKeys(server: RunningServer, keys: number): Promise<void> {
  const connection = await server.connect()
  const size = await connection.send('DBSIZE')
  await connection.close()
  if (!('value' in size) || Number(size.value) !== keys)
    throw new Error(`${server.name} has loaded ${size.raw} and not ${keys} keys`)
}

/** @returns ms from BGSAVE until its file is there */
async function timeSnapshot(server: RunningServer, dir: string): Promise<number> {
  const file = join(dir, 'dump.rdb')
  rmSync(file, { force: true })
  const connection = await server.connect()
  const startMs = performance.now()
  await connection.send('BGSAVE')
  while (!existsSync(file)) {
    if (performance.now() - startMs > SNAPSHOT_TIMEOUT_MS) throw new Error(`no ${file}: ${server.logs()}`)
    await setTimeout(1)
  }
  const ms = performance.now() - startMs
  await connection.close()
  return ms
}

export const persistence: Benchmark = {
  name: 'persistence',
  title: 'Persistence against redis-server',
  run,
}
