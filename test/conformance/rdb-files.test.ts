/**
 * Whole RDB files, exchanged with redis-server in both directions: what one writes the other reads, and
 * DEBUG DIGEST says that it is the same.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Engine } from '@russet/core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../packages/core/src/keyspace/database.js'
import { datasetDigest } from '../../packages/core/src/keyspace/digest.js'
import { RdbReader } from '../../packages/core/src/rdb/rdb-reader.js'
import { EngineClient } from '../support/engine-client.js'
import { dataCommands, rdbOf } from '../support/engine-data.js'
import { FakeHost } from '../support/fake-host.js'
import { payload, plain } from '../support/rdb-builder.js'
import { readRdb } from '../support/rdb-reading.js'
import { type RunningServer, startRedis } from '../support/redis-server.js'
import { plainOf, textOf } from '../support/replies.js'
import type { RespConnection } from '../support/resp-connection.js'

let server: RunningServer
let redis: RespConnection
let file: string

beforeAll(async () => {
  server = await startRedis()
  redis = await server.connect()
  const [, folder] = plainOf(await redis.send('CONFIG', 'GET', 'dir')) as string[]
  file = join(folder as string, 'dump.rdb')
})

afterAll(() => server.stop())

beforeEach(async () => {
  await redis.send('FLUSHALL')
})

/** The installed server knows no fields that expire. */
const commands = (size: number): string[][] => dataCommands(size).filter(([name]) => name !== 'HPEXPIREAT')

function engineFrom(bytes: Uint8Array): Engine {
  const engine = new Engine(new FakeHost())
  const { databases } = engine.keyspace
  let db = databases[0] as Database
  const reader = new RdbReader(engine.host.bytes, engine.keyspace, {
    aux() {},
    selectDb(index) {
      db = databases[index] as Database
    },
    resizeDb() {},
    entry(key, value, expiryMs, idleSeconds, frequency) {
      db.restore(key, value, expiryMs, idleSeconds, frequency)
    },
    emptyKey(key) {
      throw new Error(`${key} is empty`)
    },
    functionLibrary() {},
  })
  reader.push(bytes)
  reader.finish()
  while (reader.parse(1000));
  return engine
}

const digestOf = ({ keyspace }: Engine): string => datasetDigest(keyspace.databases)

test.each([
  [5, 'yes'],
  [200, 'no'],
  [3000, 'yes'],
] as const)('up to %i elements, compressed: %s', async (size, compression) => {
  const engine = new Engine(new FakeHost())
  const client = new EngineClient(engine)
  for (const command of commands(size)) client.run(...command)

  writeFileSync(file, rdbOf(engine, { compresses: compression === 'yes' }))
  expect((await redis.send('DEBUG', 'RELOAD', 'NOSAVE')).raw).toBe('+OK\r\n')
  expect(textOf(await redis.send('DEBUG', 'DIGEST'))).toBe(digestOf(engine))

  await redis.send('FLUSHALL')
  await redis.send('SELECT', 0)
  await redis.send('CONFIG', 'SET', 'rdbcompression', compression)
  for (const command of commands(size)) await redis.send(...command)
  await redis.send('SELECT', 0)
  expect((await redis.send('SAVE')).raw).toBe('+OK\r\n')
  const ours = engineFrom(readFileSync(file))
  expect(digestOf(ours)).toBe(textOf(await redis.send('DEBUG', 'DIGEST')))
})

test.each([
  ['allkeys-lru', 'IDLETIME', 500],
  ['allkeys-lfu', 'FREQ', 90],
] as const)('with the use of keys: %s', async (policy, option, value) => {
  await redis.send('CONFIG', 'SET', 'maxmemory-policy', policy)
  await redis.send('RESTORE', 'key', 0, Buffer.from(payload(0, plain('x')), 'latin1'), option, value)
  await redis.send('SAVE')
  const entry = readRdb(readFileSync(file)).events.find(([, name]) => name === 'key')
  const found = entry?.[3] as { idleSeconds?: number; frequency?: number }
  if (option === 'FREQ') expect(found).toEqual({ frequency: value })
  else expect(Math.abs((found.idleSeconds ?? 0) - value)).toBeLessThan(3)
  await redis.send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
})
