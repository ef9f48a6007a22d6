/** A snapshot is the data of the moment at which it began, whatever happens until it is written. */
import { Engine, ErrorReply } from '@russet/core'
import fc, { type Arbitrary } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rdbForm } from '../../../packages/core/src/persistence/rdb-form.js'
import { Snapshot } from '../../../packages/core/src/persistence/snapshot.js'
import { RdbReader } from '../../../packages/core/src/rdb/rdb-reader.js'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'
import { stateOf, writes } from '../../support/random-writes.js'

/** A host on which the event loop turns whenever a test lets it. */
class SteppedHost extends FakeHost {
  /** Lets work for clients alternate with a snapshot after every step, however fast that was. */
  override monotonic(): number {
    this.#ticks += 10
    return this.#ticks
  }
  #ticks = 0
}

/** Reads an RDB into a new engine. */
function engineOf(pieces: readonly Uint8Array[], startMs: number): Engine {
  const engine = new Engine(new FakeHost(7, startMs))
  const { keyspace } = engine
  let db = keyspace.databases[0]
  const reader = new RdbReader(engine.host.bytes, keyspace, {
    aux() {},
    selectDb: (index) => {
      db = keyspace.databases[index]
    },
    resizeDb() {},
    entry: (key, value, expiryMs, idleSeconds, frequency) => {
      expect(db?.load(key, value, expiryMs, idleSeconds, frequency, false), `${key} is there once`).toBe(true)
    },
    emptyKey: (key) => expect.fail(`${key} is empty`),
    functionLibrary() {},
  })
  for (const piece of pieces) reader.push(piece)
  reader.finish()
  while (reader.parse(100));
  expect(reader.ended).toBe(true)
  return engine
}

/** Big collections of every kind, so that writing one takes several steps. */
function fillWithBigOnes(client: EngineClient): void {
  const numbers = Array.from({ length: 3000 }, (_, i) => `member:${i}`)
  client.run('RPUSH', 'biglist', ...numbers)
  client.run('SADD', 'bigset', ...numbers)
  client.run('HSET', 'bighash', ...numbers.flatMap((name, i) => [name, `${i}`]))
  client.run('ZADD', 'bigzset', ...numbers.flatMap((name, i) => [`${i % 100}`, name]))
  client.run('HSET', 'bigexpiring', ...numbers.flatMap((name, i) => [name, `${i}`]))
  client.run('HPEXPIRE', 'bigexpiring', '700', 'FIELDS', '2', 'member:1', 'member:2')
  client.run('SETBIT', 'bits', '80000', '1')
  for (let i = 1; i <= 2000; i++) client.run('XADD', 'bigstream', `${i}-1`, 'field', `${i}`)
  client.run('XGROUP', 'CREATE', 'bigstream', 'group', '0')
  client.run('XREADGROUP', 'GROUP', 'group', 'one', 'COUNT', '1500', 'STREAMS', 'bigstream', '>')
}

const bigNames = fc.constantFrom(
  'biglist',
  'bigset',
  'bighash',
  'bigzset',
  'bigexpiring',
  'bits',
  'bigstream',
)
/** Changes of a part of a big collection, by its name. */
const EDITS: { readonly [name: string]: readonly (readonly string[])[] } = {
  biglist: [
    ['LPUSH', 'biglist', 'new'],
    ['RPOP', 'biglist', '10'],
    ['LSET', 'biglist', '1500', 'changed'],
    ['LINSERT', 'biglist', 'BEFORE', 'member:2000', 'new'],
    ['LTRIM', 'biglist', '5', '-5'],
  ],
  bigset: [
    ['SADD', 'bigset', 'new'],
    ['SREM', 'bigset', 'member:77', 'member:2999'],
    ['SPOP', 'bigset', '2900'],
  ],
  bighash: [
    ['HSET', 'bighash', 'member:1', 'changed', 'member:2998', 'changed', 'new', '1'],
    ['HDEL', 'bighash', 'member:5', 'member:2997'],
  ],
  bigzset: [
    ['ZADD', 'bigzset', '7', 'member:3', '1000', 'new'],
    ['ZREMRANGEBYRANK', 'bigzset', '0', '2000'],
  ],
  bigexpiring: [
    ['HPEXPIRE', 'bigexpiring', '1', 'FIELDS', '2', 'member:9', 'member:2996'],
    ['HSET', 'bigexpiring', 'member:2', 'changed'],
  ],
  bigstream: [
    ['XADD', 'bigstream', '9999-1', 'field', 'v', 'other', 'w'],
    ['XDEL', 'bigstream', '1700-1', '701-1'],
    ['XACK', 'bigstream', 'group', '3-1', '1200-1'],
    ['XREADGROUP', 'GROUP', 'group', 'two', 'COUNT', '100', 'STREAMS', 'bigstream', '>'],
    ['XCLAIM', 'bigstream', 'group', 'two', '0', '5-1', '6-1'],
    ['XTRIM', 'bigstream', 'MAXLEN', '1210'],
  ],
  bits: [['SETBIT', 'bits', '5', '1']],
}

const bigChanges: Arbitrary<readonly string[]> = fc.oneof(
  fc.tuple(fc.constantFrom('DEL', 'UNLINK', 'PERSIST', 'GET'), bigNames),
  fc.tuple(fc.constant('EXPIRE'), bigNames, fc.constant('1')),
  fc.tuple(fc.constant('RENAME'), bigNames, fc.constantFrom('k1', 'bigset', 'biglist')),
  fc.tuple(fc.constant('COPY'), bigNames, fc.constantFrom('k1', 'k2')),
  fc.tuple(fc.constant('MOVE'), bigNames, fc.constant('1')),
  fc.constantFrom(...Object.values(EDITS).flat()),
)

type Step = readonly string[] | 'slice' | { readonly advanceMs: number }

const step: Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(...writes).map(({ args }) => args) },
  { weight: 3, arbitrary: bigChanges },
  { weight: 4, arbitrary: fc.constant('slice' as const) },
  { weight: 1, arbitrary: fc.record({ advanceMs: fc.constantFrom(1, 150, 1500) }) },
)

async function settled(host: FakeHost): Promise<void> {
  // The generator goes on in promises, and waits for a turn of the event loop between slices.
  for (let i = 0; i < 8; i++) await Promise.resolve()
  host.settle()
}

describe('a snapshot under way', () => {
  test('holds the data of its beginning, through any changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(...writes), { maxLength: 60, size: 'max' }),
        fc.array(step, { maxLength: 80, size: 'max' }),
        fc.boolean(),
        async (before, during, withBigOnes) => {
          const host = new SteppedHost(3)
          const engine = new Engine(host)
          const client = new EngineClient(engine)
          if (withBigOnes) fillWithBigOnes(client)
          for (const { args } of before) if (!client.waits) client.run(...args)
          engine.endUnit()

          const expected = stateOf(engine)
          const snapshot = new Snapshot(engine.keyspace, host, rdbForm(engine, false, []))
          const pieces: Uint8Array[] = []
          const content = snapshot.content()
          let reading = content.next()
          let isDone = false
          const read = () => {
            reading.then((result) => {
              if (result.done === true) isDone = true
              else {
                pieces.push(result.value)
                reading = content.next()
                read()
              }
            })
          }
          read()
          for (const each of during) {
            if (each === 'slice') await settled(host)
            else if ('advanceMs' in each) host.advance(each.advanceMs)
            else if (!client.waits) client.run(...each)
          }
          while (!isDone) await settled(host)
          await reading
          expect(engine.keyspace.snapshot).toBeUndefined()
          for (const { dict } of engine.keyspace.databases) expect(dict.marking).toBe(false)
          const copy = engineOf(pieces, host.now())
          expect(stateOf(copy)).toEqual(expected)
          expect(snapshot.keysDone).toBe(snapshot.keysTotal)
          await Promise.all([engine.close(), copy.close()])
        },
      ),
      { numRuns: 60 },
    )
  }, 120_000)

  test.each(Object.keys(EDITS))('holds %s as it was, edited when a part of it is written', async (name) => {
    const host = new SteppedHost(3)
    const engine = new Engine(host)
    const client = new EngineClient(engine)
    fillWithBigOnes(client)
    for (const other of Object.keys(EDITS)) if (other !== name) client.run('DEL', other)
    const expected = stateOf(engine)
    const snapshot = new Snapshot(engine.keyspace, host, rdbForm(engine, false, []))
    const pieces: Uint8Array[] = []
    let edits = EDITS[name] ?? []
    const reading = (async () => {
      for await (const piece of snapshot.content()) {
        pieces.push(piece)
        for (const edit of edits) expect(client.run(...edit)).not.toBeInstanceOf(ErrorReply)
        edits = []
      }
    })()
    let isOver = false
    const over = () => {
      isOver = true
    }
    reading.then(over, over)
    while (!isOver) await settled(host)
    await reading
    expect(stateOf(engine)).not.toEqual(expected)
    expect(stateOf(engineOf(pieces, host.now()))).toEqual(expected)
  })

  test('is given up when it is cancelled, and the next one can begin', async () => {
    const host = new FakeHost()
    const engine = new Engine(host)
    const client = new EngineClient(engine)
    client.run('SET', 'k', 'v')
    const first = new Snapshot(engine.keyspace, host, rdbForm(engine, false, []))
    expect(() => new Snapshot(engine.keyspace, host, rdbForm(engine, false, []))).toThrow(
      'one snapshot at a time',
    )
    first.cancel()
    await expect(first.content().next()).rejects.toThrow('cancelled')
    const second = new Snapshot(engine.keyspace, host, rdbForm(engine, false, []))
    client.run('SET', 'k', 'w')
    const pieces: Uint8Array[] = []
    for await (const piece of second.content()) pieces.push(piece)
    const copy = engineOf(pieces, host.now())
    expect(new EngineClient(copy).run('GET', 'k')).toBe('v')
  })
})
