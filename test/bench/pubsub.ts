/**
 * PUBLISH of a short message to nobody, to one subscriber and to 100, beside redis-server. The subscribers are in
 * a process of their own, which takes its part of the machine from both servers alike.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type RunningServer, startRedis, startRusset } from '../support/redis-server.js'
import { compareServers, type Load, rateRow } from './side-by-side.js'
import type { Benchmark, Options, Row } from './table.js'

const BAR = 0.8
const COMMAND = ['PUBLISH', 'news', 'x'.repeat(20)]
/** Requests at depth 1; at depth 16 there are four times as many. */
const AUDIENCES = [
  { subscribers: 0, requests: 100_000 },
  { subscribers: 1, requests: 100_000 },
  { subscribers: 100, requests: 20_000 },
]

async function run(options: Options): Promise<Row[]> {
  const rows: Row[] = []
  for (const { subscribers, requests } of AUDIENCES) {
    const servers = [await startRedis(), await startRusset()]
    const audience = await subscribe(subscribers, servers)
    try {
      const loads: Load[] = [
        { depth: 1, command: COMMAND, requests },
        { depth: 16, command: COMMAND, requests: 4 * requests },
      ]
      for (const rates of await compareServers(servers, loads, options)) {
        const what = rates.what.replace(COMMAND.join(' '), `PUBLISH, subscribers: ${subscribers}`)
        rows.push(rateRow({ ...rates, what }, BAR))
      }
    } finally {
      audience.kill()
      await Promise.all(servers.map((server) => server.stop()))
    }
  }
  return rows
}

/** Has so many connections to each of the servers listen. */
async function subscribe(count: number, servers: readonly RunningServer[]): Promise<ChildProcess> {
  const path = join(import.meta.dirname, 'children/subscribers.js')
  const args = [count, ...servers.map(({ port }) => port)].map(String)
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

export const pubsub: Benchmark = { name: 'pubsub', title: 'PUBLISH against redis-server', run }
