/** A snapshot of a million keys is the data of its beginning, while commands of every kind change them. */
import { Engine } from '@russet/core'
import { expect, test } from 'vitest'
import { toText } from '../../../packages/core/src/keyspace/string-value.js'
import type { Value } from '../../../packages/core/src/keyspace/value.js'
import { rdbForm } from '../../../packages/core/src/persistence/rdb-form.js'
import { Snapshot } from '../../../packages/core/src/persistence/snapshot.js'
import { RdbReader } from '../../../packages/core/src/rdb/rdb-reader.js'
import { idText } from '../../../packages/core/src/structures/entry-id.js'
import { GrowBytes } from '../../../packages/core/src/structures/grow-bytes.js'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'

const KEYS = 1_000_000
/** Of the keys, so many are in a second database. */
const KEYS_ASIDE = 100_000
/** Elements of each big collection. */
const ELEMENTS = 20_000
/** Commands between two steps of the snapshot, each of which writes some dozen keys. */
const CHANGES = 8
const TIMEOUT_MS = 60_000

/** A host on which clients are served after every step of a snapshot, however fast that was. */
class SteppedHost extends FakeHost {
  override monotonic(): number {
    this.#ticks += 10
    return this.#ticks
  }
  #ticks = 0

  below(limit: number): number {
    return Math.floor(this.random() * limit)
  }
}

// ---- the data ---------------------------------------------------------------------------------------------

/** Kinds of keys, by their number modulo this. */
const KINDS = 10
const keyOf = (i: number): string => `k${i}`

/** The command that makes a key. */
function commandAt(i: number): string[] {
  const key = keyOf(i)
  switch (i % KINDS) {
    case 0:
      return ['RPUSH', key, `a${i}`, 'b']
    case 1:
      return ['HSET', key, 'f', `${i}`, 'g', 'v']
    case 2:
      return ['SADD', key, `m${i}`, 'n']
    case 3:
      return ['ZADD', key, `${i % 100}`, 'm', '2.5', 'n']
    case 4:
      return i % 100 === 4 ? ['XADD', key, '1-1', 'f', `${i}`] : ['SET', key, `${i}`]
    case 5:
      return ['SET', key, `v${i}`, 'PX', `${10 + i}`]
    default:
      return ['SET', key, `v${i}`]
  }
}

function fill(client: EngineClient): void {
  for (let i = 0; i < KEYS; i++) {
    if (i === KEYS - KEYS_ASIDE) client.run('SELECT', '1')
    client.run(...commandAt(i))
  }
  client.run('SELECT', '0')
  for (let start = 0; start < ELEMENTS; start += 1000) {
    const elements = Array.from({ length: 1000 }, (_, i) => `e${start + i}`)
    client.run('RPUSH', 'list', ...elements)
    client.run('SADD', 'set', ...elements)
    client.run('HSET', 'hash', ...elements.flatMap((element) => [element, 'v']))
    client.run('ZADD', 'zset', ...elements.flatMap((element, i) => [`${i}`, element]))
  }
  client.run('HPEXPIRE', 'hash', '500', 'FIELDS', '2', 'e1', 'e2')
}

/** A change of any kind, of any key; some of them are errors, for the key has another type. */
function changeOf(host: SteppedHost): string[] {
  const i = host.below(KEYS)
  const key = keyOf(i)
  const ofKind = (kind: number): string => keyOf(i - (i % KINDS) + kind)
  const element = `e${host.below(ELEMENTS)}`
  const changes: readonly string[][] = [
    ['SET', key, 'new'],
    ['SET', keyOf(i + KEYS), 'new', 'PX', '30'],
    ['DEL', key, ofKind(7)],
    ['APPEND', ofKind(6), 'more'],
    ['SETRANGE', ofKind(6), '1', 'range'],
    ['INCR', ofKind(4)],
    ['LPUSH', ofKind(0), 'c'],
    ['RPOP', ofKind(0)],
    ['HSET', ofKind(1), 'f', 'new', 'h', '1'],
    ['HPEXPIRE', ofKind(1), '20', 'FIELDS', '1', 'g'],
    ['SADD', ofKind(2), 'new'],
    ['SPOP', ofKind(2)],
    ['ZADD', ofKind(3), '7', 'm', '8', 'new'],
    ['ZREM', ofKind(3), 'n'],
    ['XADD', keyOf(i - (i % 100) + 4), '*', 'f', 'new'],
    ['XDEL', keyOf(i - (i % 100) + 4), '1-1'],
    ['PEXPIRE', key, '10'],
    ['PERSIST', ofKind(5)],
    ['RENAME', key, keyOf(host.below(KEYS))],
    ['COPY', key, keyOf(host.below(KEYS)), 'REPLACE'],
    ['MOVE', key, '1'],
    ['LSET', 'list', `${host.below(ELEMENTS)}`, 'new'],
    ['LREM', 'list', '1', element],
    ['SREM', 'set', element],
    ['SADD', 'set', `${element}+`],
    ['HSET', 'hash', element, 'new', `${element}+`, 'v'],
    ['HDEL', 'hash', element],
    ['ZADD', 'zset', `${i}`, element],
    ['ZPOPMIN', 'zset'],
  ]
  return changes[host.below(changes.length)] as string[]
}

// ---- the model --------------------------------------------------------------------------------------------

/** What a key holds, as a text: equal for equal contents. */
function describe(value: Value, expiryMs: number): string {
  const content = contentOf(value)
  return expiryMs === 0 ? content : `${content} until ${expiryMs}`
}

function contentOf(value: Value): string {
  if (typeof value !== 'object' || value instanceof GrowBytes) return toText(value)
  const parts: string[] = []
  switch (value.type) {
    case 'list':
      return `list ${value.slice(0, value.length).join()}`
    case 'set':
      value.forEach((member) => {
        parts.push(member)
      })
      return `set ${parts.sort().join()}`
    case 'zset':
      value.forEach((member, score) => {
        parts.push(`${score} ${member}`)
      })
      return `zset ${parts.join()}`
    case 'hash': {
      const entries = value.entries()
      for (let i = 0; i < entries.length; i += 2) {
        const field = entries[i] as string
        parts.push(`${field} ${entries[i + 1]} ${value.hasExpiringFields ? value.expiryOf(field) : 0}`)
      }
      return `hash ${parts.sort().join()}`
    }
    case 'stream':
      value.log.forEach((ms, seq, node, index) => {
        parts.push(`${ms}-${seq} ${node.fieldsAt(index).join(' ')}`)
      })
      return `stream ${idText(value.lastId)} ${parts.join()}`
  }
}

/** The keys of each database, with what they hold. */
type Model = readonly Map<string, string>[]

function modelOf({ keyspace }: Engine): Model {
  return keyspace.databases.map(({ dict }) => {
    const contents = new Map<string, string>()
    dict.forEach((key, value, slot) => {
      contents.set(key, describe(value, dict.expiryAt(slot)))
    })
    return contents
  })
}

/** Reads an RDB and takes what is in it out of the model. @param differing receives the keys that differ */
function readerAgainst(model: Model, engine: Engine, differing: string[]): RdbReader {
  let contents = new Map<string, string>()
  return new RdbReader(engine.host.bytes, engine.keyspace, {
    aux() {},
    selectDb: (index) => {
      contents = model[index] as Map<string, string>
    },
    resizeDb() {},
    entry: (key, value, expiryMs) => {
      if (contents.get(key) !== describe(value, expiryMs)) differing.push(key)
      contents.delete(key)
    },
    emptyKey: (key) => differing.push(key),
    functionLibrary() {},
  })
}

// ---- the test ---------------------------------------------------------------------------------------------

test('a snapshot of a million keys under load', { timeout: TIMEOUT_MS }, async () => {
  const seed = Number(process.env.RUSSET_TEST_SEED)
  const host = new SteppedHost(seed)
  const engine = new Engine(host)
  const client = new EngineClient(engine)
  fill(client)
  const model = modelOf(engine)
  const keys = model.reduce((sum, { size }) => sum + size, 0)
  expect(keys).toBeGreaterThan(KEYS)

  const differing: string[] = []
  const reader = readerAgainst(model, engine, differing)
  const snapshot = new Snapshot(engine.keyspace, host, rdbForm(engine, false, []))
  let isOver = false
  const reading = (async () => {
    for await (const piece of snapshot.content()) {
      reader.push(piece)
      while (reader.parse(1000));
    }
    reader.finish()
    reader.parse(1)
  })().finally(() => {
    isOver = true
  })

  /** What happens to whole databases, at certain shares of the way. */
  const events: [number, string[]][] = [
    [0.2, ['SWAPDB', '0', '1']],
    [0.4, ['SWAPDB', '0', '1']],
    [0.8, ['FLUSHDB']],
  ]
  let changes = 0
  const { dirty } = engine.keyspace
  for (let turns = 0; !isOver; turns++) {
    if (turns > KEYS) throw new Error('the snapshot comes to no end')
    const [next] = events
    if (next !== undefined && snapshot.keysDone > next[0] * keys) client.run(...(events.shift()?.[1] ?? []))
    for (let i = 0; i < CHANGES; i++) client.run(...changeOf(host))
    changes += CHANGES
    host.advance(1)
    for (let i = 0; i < 8; i++) await Promise.resolve()
  }
  await reading

  expect(events).toEqual([])
  expect(engine.keyspace.dirty - dirty).toBeGreaterThan(changes / 4)
  expect(reader.ended).toBe(true)
  expect(differing.slice(0, 10), `keys that differ, seed ${seed}`).toEqual([])
  const missing = model.flatMap((contents) => [...contents.keys()].slice(0, 10))
  expect(missing, `keys that are missing, seed ${seed}`).toEqual([])
  expect(snapshot.keysDone).toBe(keys)
  await engine.close()
})
