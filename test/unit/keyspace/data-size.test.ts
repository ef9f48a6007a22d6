/** What the keyspace counts of its own size is what a count from nothing gives, whatever clients do. */
import { Config, Engine, exportRdb, importRdb } from '@russet/core'
import { createEngine } from '@russet/node'
import fc, { type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { expectTrueSizes } from '../../support/data-size.js'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'
import { others, writes } from '../../support/random-writes.js'

/** All data soon leaves its compact forms. */
const SMALL_LIMITS = [
  'hash-max-listpack-entries 2',
  'set-max-intset-entries 2',
  'set-max-listpack-entries 3',
  'zset-max-listpack-entries 2',
  'list-max-listpack-size 3',
  'stream-node-max-entries 3',
]
/** Room for about two values: something is evicted all the time. */
const LITTLE_MEMORY = ['maxmemory 519kb', 'maxmemory-samples 2']

const step: Arbitrary<readonly string[] | number> = fc.oneof(
  { weight: 20, arbitrary: fc.oneof(...writes).map(({ args }) => args) },
  { weight: 3, arbitrary: fc.oneof(...others).map(({ args }) => args) },
  { weight: 1, arbitrary: fc.constantFrom(1, 20, 150, 1500) },
)

test.each([
  ['all forms', []],
  ['big forms', SMALL_LIMITS],
  ['with eviction', [...LITTLE_MEMORY, 'maxmemory-policy allkeys-random']],
  ['big forms with eviction', [...SMALL_LIMITS, ...LITTLE_MEMORY, 'maxmemory-policy allkeys-lfu']],
])(
  'after any commands: %s',
  (name, lines) => {
    let evicted = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), fc.nat(), (steps, seed) => {
        const config = new Config()
        for (const line of lines) expect(config.applyLine(line.split(' '))).toBeUndefined()
        const host = new FakeHost(seed)
        const engine = new Engine(host, { config })
        const client = new EngineClient(engine)
        expectTrueSizes(engine)
        for (const each of steps) {
          if (typeof each === 'number') host.advance(each)
          else if (client.waits) host.advance(200)
          else client.run(...each)
          expectTrueSizes(engine)
        }
        evicted += engine.keyspace.evictedKeys
        void engine.close()
      }),
      { numRuns: 60 },
    )
    expect(evicted > 50).toBe(name.includes('eviction'))
  },
  60_000,
)

test('what is put together aside does not count until it changes places', async () => {
  const source = createEngine()
  new EngineClient(source).run('SET', 'large', 'x'.repeat(100_000))
  const file = await exportRdb(source)
  const engine = createEngine()
  new EngineClient(engine).run('SET', 'k', 'v'.repeat(50_000))
  await importRdb(engine, file)
  expectTrueSizes(engine)
  expect(engine.keyspace.dataBytes).toBe(source.keyspace.dataBytes)
  void source.close()
  void engine.close()
})

test('data that is read from a file or renamed into place counts as well', () => {
  const engine = new Engine(new FakeHost())
  const client = new EngineClient(engine)
  client.run('HSET', 'h', 'f', 'v', 'g', 'w'.repeat(1000))
  const dumped = client.run('DUMP', 'h') as string
  client.run('SET', 'i', 'x'.repeat(5000))
  client.run('RESTORE', 'i', '0', dumped, 'REPLACE')
  client.run('RESTORE', 'j', '0', dumped)
  expectTrueSizes(engine)
  client.run('RENAME', 'j', 'i')
  client.run('MOVE', 'i', '3')
  expectTrueSizes(engine)
  client.run('FLUSHALL')
  expectTrueSizes(engine)
  expect(engine.keyspace.dataBytes).toBe(new Engine(new FakeHost()).keyspace.dataBytes)
})
