/**
 * Measures the longest turn of the event loop of a server while a snapshot is written and data changes:
 * `node snapshot-stall.js <in-process | tcp | big> <keys or elements>`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Config } from '@russet/core'
import { createClient, NodeHost, openFileStorage, RussetServer } from '@russet/node'
import { freePort } from '../../support/redis-server.js'
import { keyOf, textOf } from '../keys.js'
import { ALL_TYPES } from '../persistence-data.js'
import type { SnapshotStall, StallCase } from '../snapshot-stall.js'

/** Commands in one turn, as a busy server would find them. */
const SLICE = 100
/** How long the load goes on before it is measured, and then without a snapshot. */
const WARM_UP_MS = 2000
const WITHOUT_MS = 3000

const stallCase = process.argv[2] as StallCase
const size = Number(process.argv[3])

const dir = mkdtempSync(join(tmpdir(), 'russet-bench-'))
const port = await freePort()
const config = new Config()
for (const line of [
  ['save', ''],
  ['dir', dir],
  ['bind', '127.0.0.1'],
  ['port', `${port}`],
]) {
  const fault = config.applyLine(line)
  if (fault !== undefined) throw new Error(fault)
}
const server = new RussetServer(config, new NodeHost(), { storage: await openFileStorage(dir) })
await server.load()
const client = createClient({ engine: server.engine })

// ---- what is written --------------------------------------------------------------------------------------

/** The four collections take turns. */
const COLLECTIONS = 4

/** Adds one element to one of the collections. */
function elementAt(i: number): string[] {
  const n = Math.floor(i / COLLECTIONS)
  switch (i % COLLECTIONS) {
    case 0:
      return ['RPUSH', 'list', textOf(n)]
    case 1:
      return ['HSET', 'hash', keyOf(n), textOf(n)]
    case 2:
      return ['SADD', 'set', keyOf(n)]
    default:
      return ['ZADD', 'zset', `${n}`, keyOf(n)]
  }
}

/** Changes one of the collections. */
function elementChange(): string[] {
  const n = below(size)
  switch (below(5)) {
    case 0:
      return ['LSET', 'list', `${n}`, textOf(n + 1)]
    case 1:
      return ['HSET', 'hash', keyOf(n), textOf(n + 1)]
    case 2:
      return ['SADD', 'set', keyOf(n)]
    case 3:
      return ['SREM', 'set', keyOf(n)]
    default:
      return ['ZADD', 'zset', `${below(size)}`, keyOf(n)]
  }
}

/** Changes what a key holds, by the command that had made it; or removes it. Every tenth key is a new one. */
function keyChange(): readonly string[] {
  const n = below(size * 1.1)
  return below(10) === 0 ? ['DEL', keyOf(n)] : ALL_TYPES.commandAt(n)
}

let randomState = 1
/** A whole number below `limit`: the same numbers in every run. */
function below(limit: number): number {
  randomState = (Math.imul(randomState, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((randomState / 0x1_0000_0000) * limit)
}

async function send(count: number, commandAt: (i: number) => readonly string[]): Promise<void> {
  const pending: Promise<unknown>[] = []
  for (let i = 0; i < count; i++) {
    const [name, ...args] = commandAt(i) as [string, ...string[]]
    pending.push(client.call(name, ...args))
  }
  await Promise.all(pending)
}

// ---- measuring --------------------------------------------------------------------------------------------

/** Lets the load go on, and watches the turns of the event loop. @returns the longest, in ms */
async function watch(isOver: (ms: number) => boolean): Promise<number> {
  let longestMs = 0
  const started = performance.now()
  for (let turn = started; !isOver(turn - started); ) {
    if (stallCase !== 'tcp') await send(SLICE, stallCase === 'big' ? elementChange : keyChange)
    await setImmediate()
    const now = performance.now()
    longestMs = Math.max(longestMs, now - turn)
    turn = now
  }
  return longestMs
}

const [count, commandAt] = stallCase === 'big' ? [size * COLLECTIONS, elementAt] : [size, ALL_TYPES.commandAt]
for (let start = 0; start < count; start += SLICE) {
  await send(Math.min(SLICE, count - start), (i) => commandAt(start + i))
  await setImmediate()
}

let load: ChildProcess | undefined
if (stallCase === 'tcp') {
  await server.listen()
  const where = ['-h', '127.0.0.1', '-p', `${port}`]
  const what = ['-P', '16', '-r', `${size}`, '-n', '1000000', '-l', '-t', 'set,incr']
  load = spawn('redis-benchmark', [...where, ...what], { stdio: 'ignore' })
}
try {
  await watch((ms) => ms > WARM_UP_MS)
  const withoutMs = await watch((ms) => ms > WITHOUT_MS)
  const { commands } = server.engine.stats
  const started = performance.now()
  const saved = client.call('BGSAVE')
  const longestMs = await watch(() => existsSync(join(dir, 'dump.rdb')))
  const result: SnapshotStall = {
    withoutMs,
    longestMs,
    snapshotMs: performance.now() - started,
    commands: server.engine.stats.commands - commands,
  }
  await saved
  process.stdout.write(JSON.stringify(result))
} finally {
  load?.kill()
  await server.close()
  rmSync(dir, { recursive: true })
}
