/** Memory for each key: Russet's heap and external memory after a collection, redis-server's used_memory. */
import { startRedis } from '../support/redis-server.js'
import type { RespConnection } from '../support/resp-connection.js'
import { runChild } from './child.js'
import { keyOf, textOf } from './keys.js'
import { atMost, type Benchmark, type Options, type Row } from './table.js'

const BAR = 1.1
const KEYS = 1_000_000
const BATCH = 10_000

async function usedMemory(connection: RespConnection): Promise<number> {
  const reply = await connection.send('INFO', 'memory')
  const used = 'value' in reply ? /used_memory:(\d+)/.exec(String(reply.value))?.[1] : undefined
  if (used === undefined) throw new Error('INFO memory without used_memory')
  return Number(used)
}

async function redisBytesPerKey(keys: number): Promise<number> {
  const server = await startRedis()
  try {
    const connection = await server.connect()
    const before = await usedMemory(connection)
    for (let start = 0; start < keys; start += BATCH) {
      const count = Math.min(BATCH, keys - start)
      await connection.sendMany(
        Array.from({ length: count }, (_, i) => ['SET', keyOf(start + i), textOf(start + i)]),
      )
    }
    return ((await usedMemory(connection)) - before) / keys
  } finally {
    await server.stop()
  }
}

async function run({ scale }: Options): Promise<Row[]> {
  const keys = Math.max(1000, Math.round(KEYS * scale))
  const redis = await redisBytesPerKey(keys)
  const { bytesPerKey } = await runChild<{ bytesPerKey: number }>('memory', [keys], ['--expose-gc'])
  return [
    {
      what: `${keys.toLocaleString('en-US')} keys of 16 bytes, values of 3 bytes`,
      reference: `${redis.toFixed(1)} B/key`,
      russet: `${bytesPerKey.toFixed(1)} B/key`,
      ...atMost(bytesPerKey / redis, BAR),
    },
  ]
}

export const memory: Benchmark = { name: 'memory', title: 'Memory per key against redis-server', run }
