/**
 * A snapshot written as commands: replayed it gives the same data, here and in a real redis-server, and it has
 * the same bytes as redis-server's own where the order of things is not left to chance.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, portableCodec } from '@russet/core'
import fc, { type Arbitrary } from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { datasetDigest } from '../../../packages/core/src/keyspace/digest.js'
import { StreamValue } from '../../../packages/core/src/keyspace/stream-value.js'
import { CommandForm } from '../../../packages/core/src/persistence/command-form.js'
import { LogReader } from '../../../packages/core/src/persistence/log-reader.js'
import { Replay } from '../../../packages/core/src/persistence/replay.js'
import { OutputBuffer } from '../../../packages/core/src/protocol/output-buffer.js'
import { WordCache } from '../../../packages/core/src/protocol/word-cache.js'
import { idText } from '../../../packages/core/src/structures/entry-id.js'
import { command, maybe, oneOf, several } from '../../support/arbitraries.js'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'
import { stateOf, writes } from '../../support/random-writes.js'
import { ensureRedis, type RunningServer, startRedis } from '../../support/redis-server.js'

type Commands = readonly (readonly string[])[]

/** Far from now, by the clock of the machine as well as by that of a `FakeHost`. */
const LATER_MS = '4000000000123'
/** In the past by both clocks. */
const DELIVERED_MS = '1600000000000'

/** An engine that has carried out these commands, none of which may fail. */
function engineWith(commands: Commands): Engine {
  const engine = new Engine(new FakeHost())
  const client = new EngineClient(engine)
  for (const args of commands) {
    expect(client.run(...args), args.join(' ').slice(0, 100)).not.toHaveProperty('message')
  }
  engine.endUnit()
  return engine
}

interface Written {
  readonly log: Buffer
  /** Bytes of each step. */
  readonly steps: readonly number[]
}

/** Writes what the engine holds. */
function write(engine: Engine, form = new CommandForm()): Written {
  const out = new OutputBuffer(engine.host.bytes)
  const pieces: Uint8Array[] = []
  const steps: number[] = []
  const stepIsOver = () => {
    steps.push(out.pendingBytes)
    form.take(out, pieces)
  }
  form.begin(out)
  for (const { index, dict } of engine.keyspace.databases) {
    if (dict.size === 0) continue
    form.selectDb(out, index)
    stepIsOver()
    dict.forEach((key, value, slot) => {
      const rest = form.entry(out, key, value, dict.expiryAt(slot))
      stepIsOver()
      while (rest !== undefined && rest.next().done !== true) stepIsOver()
      stepIsOver()
    })
  }
  form.end()
  form.take(out, pieces)
  return { log: Buffer.concat(pieces), steps }
}

/** An engine that has loaded this log, with its clock at `startMs`. */
function engineFrom(log: Uint8Array, startMs: number): Engine {
  const engine = new Engine(new FakeHost(2, startMs))
  const { keyspace } = engine
  const reader = new LogReader(engine.host.bytes, new WordCache(engine.host.bytes))
  const replay = new Replay(engine)
  keyspace.keepsExpired = true
  reader.push(log)
  for (let unit = reader.next(); unit !== undefined; unit = reader.next()) replay.run(unit)
  expect(reader.finish()).toBeUndefined()
  expect(replay.firstError).toBe('')
  keyspace.keepsExpired = false
  keyspace.releaseClock()
  return engine
}

/** The bytes of a log by the key that they are about, and the annotations in it. */
function chunksOf(log: Uint8Array): { chunks: Record<string, string>; annotations: string[] } {
  const annotations: string[] = []
  const reader = new LogReader(portableCodec, new WordCache(portableCodec), {
    onAnnotation: (text) => annotations.push(text),
  })
  reader.push(log)
  const chunks: Record<string, string> = {}
  let db = ''
  let start = 0
  for (let unit = reader.next(); unit !== undefined; unit = reader.next()) {
    const [name, first, second] = unit as readonly string[]
    const bytes = Buffer.from(log.subarray(start, reader.offset)).toString('latin1')
    start = reader.offset
    if (name === 'SELECT') {
      db = first as string
      continue
    }
    const key = `${db} ${name === 'XGROUP' ? second : first}`
    chunks[key] = (chunks[key] ?? '') + bytes
  }
  return { chunks, annotations }
}

/** What there is to know of every stream, by database and key, but for what a log cannot say. */
function streamsOf({ keyspace }: Engine): Record<string, unknown> {
  const streams: Record<string, unknown> = {}
  for (const db of keyspace.databases) {
    db.dict.forEach((key, value) => {
      if (!(value instanceof StreamValue)) return
      const groups = value.sortedGroups().map(([name, group]) => {
        const consumers = group.sortedConsumers().map((consumer) => {
          const pending: unknown[] = []
          consumer.pending.walk((ms, seq, { deliveredMs, deliveries }) => {
            if (value.log.has(ms, seq)) pending.push([ms, seq, deliveredMs, deliveries])
          })
          return { name: consumer.name, pending }
        })
        return { name, lastId: idText(group.lastId), entriesRead: group.entriesRead, consumers }
      })
      const { lastId, maxDeletedId, entriesAdded, length } = value
      streams[`${db.index} ${key}`] = {
        ...{ length, entriesAdded, groups },
        ...{ lastId: idText(lastId), maxDeletedId: idText(maxDeletedId) },
      }
    })
  }
  return streams
}

function expectSameAfterReplay(engine: Engine): void {
  const { log } = write(engine)
  const copy = engineFrom(log, engine.host.now())
  expect(stateOf(copy)).toEqual(stateOf(engine))
  expect(streamsOf(copy)).toEqual(streamsOf(engine))
}

// ---- data -------------------------------------------------------------------------------------------------

const numbered = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`)

/** Numbers of elements around those at which something changes: a command's limit and those of small encodings. */
const SIZES = [1, 2, 63, 64, 65, 128, 129, 512, 513, 3000]

const EVERY_BYTE = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')

const strings: Commands = [
  ['SET', 's:empty', ''],
  ['SET', 's:binary', EVERY_BYTE],
  ['SET', 's:44', 'x'.repeat(44)],
  ['SET', 's:45', 'x'.repeat(45)],
  ['SET', 's:long', 'abc\r\n'.repeat(100_000)],
  ['SET', `s:${EVERY_BYTE}`, 'key of all bytes'],
  ['SET', '', 'empty key'],
  ...['0', '-1', '12345', '-0', '007', '9007199254740993', '9223372036854775807', '3.0'].map((text) => [
    ...['SET', `s:${text}`, text],
  ]),
  ['SETBIT', 's:bits', '5000', '1'],
  ['APPEND', 's:appended', 'one'],
  ['APPEND', 's:appended', 'two'],
]

const lists: Commands = [
  ...SIZES.map((size) => ['RPUSH', `l:${size}`, ...numbered(size)]),
  ['RPUSH', 'l:bytes', EVERY_BYTE, '', '-1', 'x'.repeat(9000), 'y'],
  ['RPUSH', 'l:heavy', ...numbered(200, 'x'.repeat(1000))],
]

const sets: Commands = [
  ...SIZES.map((size) => ['SADD', `i:${size}`, ...numbered(size)]),
  ...SIZES.map((size) => ['SADD', `m:${size}`, ...numbered(size, 'member:')]),
  ['SADD', 'i:far', '-9223372036854775808', '9223372036854775807', '0'],
  ['SADD', 'm:64 bytes', 'x'.repeat(64)],
  ['SADD', 'm:65 bytes', 'x'.repeat(65), EVERY_BYTE, ''],
]

const SCORES = ['inf', '-inf', '0', '5e-324', '-1.7976931348623157e308', '1.5', '0.1', '0.30000000000000004']
const LARGE_SCORES = [
  '1e21',
  '9007199254740993',
  '4611686018427387904',
  '9223372036854775807',
  '123456789.125',
]
const scored = (count: number): string[] => numbered(count).flatMap((score) => [score, `m${score}`])

const sortedSets: Commands = [
  ...SIZES.map((size) => ['ZADD', `z:${size}`, ...scored(size)]),
  ['ZADD', 'z:scores', ...[...SCORES, ...LARGE_SCORES].flatMap((score) => [score, `m${score}`])],
  ['ZADD', 'z:long', ...[...SCORES, ...LARGE_SCORES].flatMap((score) => [score, 'm'.repeat(65) + score])],
  ['ZADD', 'z:signs', ...scored(200), '-0', 'minus', '0', 'plus', '-1', 'below'],
]

const hashes: Commands = [
  ...SIZES.map((size) => ['HSET', `h:${size}`, ...numbered(size).flatMap((field) => [`f${field}`, field])]),
  ['HSET', 'h:64 bytes', 'f', 'x'.repeat(64)],
  ['HSET', 'h:65 bytes', 'f', 'x'.repeat(65), EVERY_BYTE, EVERY_BYTE, '', ''],
]

const fieldExpiries: Commands = [
  ...SIZES.map((size) => ['HSET', `e:${size}`, ...numbered(size).flatMap((field) => [`f${field}`, field])]),
  ...SIZES.map((size) => ['HPEXPIREAT', `e:${size}`, LATER_MS, 'FIELDS', '1', 'f1']),
  ...SIZES.map((size) => ['HPEXPIREAT', `e:${size}`, '5000000000123', 'FIELDS', '1', `f${size}`]),
  ['HSET', 'e:never', 'f', 'v'],
  ['HPEXPIREAT', 'e:never', LATER_MS, 'FIELDS', '1', 'f'],
  ['HPERSIST', 'e:never', 'FIELDS', '1', 'f'],
]

const streams: Commands = [
  ...SIZES.flatMap((size) => numbered(size).map((n) => ['XADD', `x:${size}`, `${n}-0`, 'field', n])),
  ['XADD', 'x', '1-1', 'a', 'b', 'c', 'd'],
  ['XADD', 'x', '1-2', 'a', 'b', 'c', 'd'],
  ['XADD', 'x', '5-0', EVERY_BYTE, ''],
  ['XADD', 'x', '18446744073709551615-18446744073709551614', 'far', 'away'],
  ['XGROUP', 'CREATE', 'x', 'g', '0'],
  ['XGROUP', 'CREATE', 'x', 'g"2', '1-1', 'ENTRIESREAD', '1'],
  ['XGROUP', 'CREATE', 'x', 'g2', '3-3'],
  ['XGROUP', 'CREATE', 'x', 'last', '$'],
  ['XGROUP', 'CREATECONSUMER', 'x', 'g', 'lonely'],
  ['XREADGROUP', 'GROUP', 'g', 'bob', 'COUNT', '3', 'STREAMS', 'x', '>'],
  ['XREADGROUP', 'GROUP', 'g', 'al', 'COUNT', '1', 'STREAMS', 'x', '>'],
  ['XCLAIM', 'x', 'g', 'bob', '0', '1-1', '1-2', '5-0', 'TIME', DELIVERED_MS, 'RETRYCOUNT', '7'],
  [
    ...['XCLAIM', 'x', 'g', 'al', '0', '18446744073709551615-18446744073709551614'],
    ...['TIME', DELIVERED_MS, 'RETRYCOUNT', '0'],
  ],
  // Pending, and gone from the stream.
  ['XDEL', 'x', '1-2'],
  ['XGROUP', 'CREATE', 'x:new', 'g', '0', 'MKSTREAM'],
  ['XADD', 'x:emptied', '7-7', 'a', 'b'],
  ['XDEL', 'x:emptied', '7-7'],
  ['XADD', 'x:trimmed', '7-7', 'a', 'b'],
  ['XTRIM', 'x:trimmed', 'MAXLEN', '0'],
  ['XGROUP', 'CREATE', 'x:trimmed', 'g', '7-7', 'ENTRIESREAD', '1'],
  ['XGROUP', 'CREATE', 'x:3000', 'g', '0'],
  ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '2500', 'STREAMS', 'x:3000', '>'],
  ['XREADGROUP', 'GROUP', 'g', 'd', 'COUNT', '100', 'STREAMS', 'x:3000', '>'],
]

/** A key of every type that expires, and keys in other databases. */
const elsewhere: Commands = [
  ['SELECT', '9'],
  ['SET', 's', 'v'],
  ['RPUSH', 'l', 'v'],
  ['SADD', 'm', 'v'],
  ['ZADD', 'z', '1', 'v'],
  ['HSET', 'h', 'f', 'v'],
  ['HSET', 'big', ...numbered(5000)],
  ['XADD', 'x', '1-1', 'f', 'v'],
  ...['s', 'l', 'm', 'z', 'h', 'big', 'x'].map((key) => ['PEXPIREAT', key, LATER_MS]),
  ['SELECT', '15'],
  ['SET', 's', 'v'],
]

const everything: Commands = [
  ...strings,
  ...lists,
  ...sets,
  ...sortedSets,
  ...hashes,
  ...streams,
  ...elsewhere,
]

// ---- tests ------------------------------------------------------------------------------------------------

describe('replayed', () => {
  test.each([
    ['strings', strings],
    ['lists', lists],
    ['sets', sets],
    ['sorted sets', sortedSets],
    ['hashes', hashes],
    ['hashes with fields that expire', fieldExpiries],
    ['streams', streams],
    ['keys that expire, in several databases', elsewhere],
  ])('%s are the same', (_, commands) => {
    expectSameAfterReplay(engineWith(commands))
  })

  test('what any commands have made is the same', () => {
    const key = oneOf('k1', 'k2', 'k3', 'k4')
    const id = oneOf('*', '1-1', '5-0', '5-*', '1700000000001-0')
    const group = oneOf('g', 'h')
    const consumer = oneOf('al', 'bob')
    const streamWrites: Arbitrary<{ args: readonly string[] }>[] = [
      command(
        'XADD',
        key,
        maybe('MAXLEN', oneOf('0', '2')),
        id,
        several(1, 2, oneOf('a', 'b'), oneOf('1', '')),
      ),
      command('XADD', key, id, 'f', 'v'),
      command('XDEL', key, oneOf('1-1', '5-0', '5-1')),
      command('XGROUP', 'CREATE', key, group, oneOf('0', '$', '5-0'), 'MKSTREAM'),
      command('XGROUP', 'CREATECONSUMER', key, group, consumer),
      command('XREADGROUP', 'GROUP', group, consumer, 'COUNT', '2', 'STREAMS', key, '>'),
      command('XACK', key, group, oneOf('1-1', '5-0')),
      command('XCLAIM', key, group, consumer, '0', oneOf('1-1', '5-0'), maybe('FORCE')),
      command('XSETID', key, oneOf('1700000000009-0', '5-0')),
    ]
    // A set that was big keeps the sign of a zero as long as it is not written and read again.
    const unsigned = fc.oneof(...writes).filter(({ args }) => !args.includes('-0'))
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 2, arbitrary: unsigned }, ...streamWrites), {
          maxLength: 80,
          size: 'max',
        }),
        (commands) => {
          const engine = new Engine(new FakeHost())
          const client = new EngineClient(engine)
          for (const { args } of commands) {
            if (client.waits) break
            client.run(...args)
          }
          engine.endUnit()
          expectSameAfterReplay(engine)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('what has expired but is still there stays so', () => {
    const host = new FakeHost()
    const engine = new Engine(host)
    const client = new EngineClient(engine)
    client.run('SET', 's', 'v', 'PX', '10')
    client.run('HSET', 'h', 'f', '1', 'g', '2', 'h', '3')
    client.run('HPEXPIRE', 'h', '10', 'FIELDS', '2', 'f', 'g')
    engine.endUnit()
    host.advance(20, false)
    engine.keyspace.releaseClock()
    expectSameAfterReplay(engine)
  })
})

describe('writing', () => {
  test('goes in steps of bounded size', () => {
    const { steps } = write(
      engineWith([...everything, ...fieldExpiries].filter(([, key]) => key !== 's:long')),
    )
    // A step ends behind the command or the few pending entries with which it is full.
    expect(Math.max(...steps)).toBeLessThan(100_000)
    for (const one of [
      ['RPUSH', 'k', ...numbered(10_000)],
      ['SADD', 'k', ...numbered(10_000, 'm')],
      ['ZADD', 'k', ...scored(10_000)],
      ['HSET', 'k', ...numbered(20_000)],
    ]) {
      expect(write(engineWith([one])).steps.length).toBeGreaterThan(9)
    }
  })

  test('notes the time if there is one', () => {
    const engine = engineWith([['SET', 'k', 'v']])
    const commands = '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n'
    expect(write(engine).log.toString()).toBe(commands)
    expect(write(engine, new CommandForm(1_700_000_000)).log.toString()).toBe(`#TS:1700000000\r\n${commands}`)
  })

  test('of nothing is nothing', () => {
    expect(write(engineWith([])).log.length).toBe(0)
  })
})

describe('beside redis-server', () => {
  const dirs: string[] = []
  const servers: RunningServer[] = []

  beforeAll(ensureRedis)
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true })
  })

  /** A redis-server with an append-only log without RDB, which may be there already. */
  async function serverOn(log?: Buffer): Promise<{ server: RunningServer; dir: string }> {
    const dir = mkdtempSync(join(tmpdir(), 'command-form-'))
    dirs.push(dir)
    if (log !== undefined) writeFileSync(join(dir, 'appendonly.aof'), log)
    const settings = ['--appendonly', 'yes', '--aof-use-rdb-preamble', 'no', '--aof-timestamp-enabled', 'yes']
    const server = await startRedis({ args: ['--dir', dir, ...settings] })
    servers.push(server)
    return { server, dir }
  }

  test('loads there as the same data', async () => {
    const engine = engineWith(everything)
    const { server } = await serverOn(write(engine, new CommandForm(1_700_000_000)).log)
    const connection = await server.connect()
    const digest = await connection.send('DEBUG', 'DIGEST')
    expect(digest).toMatchObject({ value: datasetDigest(engine.keyspace.databases) })
    const details = await connection.send('XINFO', 'STREAM', 'x:3000')
    expect(details.raw).toContain('entries-added\r\n:3000')
    expect((await connection.send('XPENDING', 'x:3000', 'g')).raw).toContain(':2600\r\n')
    await connection.close()
  })

  test('has the bytes that are written there', async () => {
    // Left out is what comes in the order of hash tables, and scores that have a shorter form than 17 digits.
    const commands: Commands = [
      ...strings.filter(([, key]) => key !== 's:long'),
      ...lists.filter(([, key]) => key !== 'l:heavy'),
      ...SIZES.filter((size) => size <= 512).map((size) => ['SADD', `i:${size}`, ...numbered(size)]),
      ['SADD', 'm', EVERY_BYTE],
      ...SIZES.filter((size) => size <= 128).map((size) => ['ZADD', `z:${size}`, ...scored(size)]),
      ['ZADD', 'z', ...['inf', '-inf', '0', '-0', '1.5', '-3'].flatMap((score) => [score, `m${score}`])],
      ...SIZES.filter((size) => size <= 128).map((size) => [
        ...['HSET', `h:${size}`, ...numbered(size).flatMap((field) => [`f${field}`, field])],
      ]),
      // Redis has the time of its own clock there.
      ...streams.filter((args) => !(args[0] === 'XREADGROUP' && args.includes('x:3000'))),
      ...elsewhere.filter(([, key]) => key !== 'big'),
    ]
    const { server, dir } = await serverOn()
    const connection = await server.connect()
    for (const reply of await connection.sendMany(commands)) expect(reply.type).not.toBe('error')
    await connection.send('BGREWRITEAOF')
    await expect
      .poll(async () => (await connection.send('INFO', 'persistence')).raw, { timeout: 15_000 })
      .toMatch(/aof_rewrite_in_progress:0.*aof_last_bgrewrite_status:ok.*aof_rewrites:[1-9]/s)
    await connection.close()
    const files = join(dir, 'appendonlydir')
    // The one base there is now: the manifest's first line names it, which is in place with it.
    const manifest = readFileSync(join(files, 'appendonly.aof.manifest'), 'latin1')
    const base = /file (\S+) seq \d+ type b/.exec(manifest)?.[1] as string
    expect(readdirSync(files)).toContain(base)
    const theirs = chunksOf(readFileSync(join(files, base)))
    const ours = chunksOf(write(engineWith(commands)).log)
    expect(theirs.annotations).toEqual([expect.stringMatching(/^#TS:\d{10}$/)])
    expect(Object.keys(ours.chunks).length).toBeGreaterThan(60)
    expect(ours.chunks).toEqual(theirs.chunks)
  })
})
