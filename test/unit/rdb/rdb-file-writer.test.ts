/** RDB files that are written here: read again they give the same, and big values are written in bounded steps. */
import { describe, expect, it } from 'vitest'
import { portableCodec } from '../../../packages/core/src/base/portable-codec.js'
import type { Value } from '../../../packages/core/src/keyspace/value.js'
import { OutputBuffer } from '../../../packages/core/src/protocol/output-buffer.js'
import { RdbFileWriter } from '../../../packages/core/src/rdb/rdb-file-writer.js'
import { RdbOutput } from '../../../packages/core/src/rdb/rdb-output.js'
import { writeValue } from '../../../packages/core/src/rdb/value-writer.js'
import { EngineClient } from '../../support/engine-client.js'
import { engineWithData, entriesOf, rdbOf } from '../../support/engine-data.js'
import { newKeyspace, plainValue, readRdb } from '../../support/rdb-reading.js'

/** What only version 12 has a place for, and consumers' times of activity, of which version 10 has none. */
function asWritten(value: Value): unknown {
  const shown = plainValue(value)
  if (typeof value !== 'object' || !('type' in value) || value.type !== 'stream') return shown
  const { groups } = shown as { groups: { consumers: unknown[][] }[] }
  for (const { consumers } of groups) for (const consumer of consumers) consumer[2] = consumer[1]
  return shown
}

const OPTIONS = { aux: [], functions: [], compresses: true, checksum: true, idleTimes: false }

describe.each([20, 3000])('data of every type, up to %i elements', (size) => {
  const engine = engineWithData(size)
  const expected = entriesOf(engine).map(({ key, value, expiryMs }) => [
    'entry',
    key,
    asWritten(value),
    ...(expiryMs === 0 ? [] : [{ expiryMs }]),
  ])

  it.each([true, false])('comes back, compressed: %s', (compresses) => {
    const { events, reader } = readRdb(rdbOf(engine, { compresses }))
    expect(events.filter(([kind]) => kind === 'entry')).toEqual(expected)
    expect(events.filter(([kind]) => kind === 'selectDb')).toEqual([
      ['selectDb', 0],
      ['selectDb', 7],
    ])
    expect(reader.version).toBe(12)
  })

  it('is smaller when it is compressed', () => {
    const sizes = [true, false].map((compresses) => rdbOf(engine, { compresses }).length)
    expect(sizes[0]).toBeLessThan(sizes[1] as number)
  })
})

describe('what stands around the keys', () => {
  it('a version that redis-server 7.0 reads, unless fields expire', () => {
    const engine = engineWithData(5)
    const client = new EngineClient(engine)
    expect(rdbOf(engine).toString('latin1', 0, 9)).toBe('REDIS0012')
    client.run('SELECT', '0')
    client.run('DEL', 'fields', 'bigfields')
    expect(rdbOf(engine).toString('latin1', 0, 9)).toBe('REDIS0010')
    expect(readRdb(rdbOf(engine)).reader.ended).toBe(true)
  })

  it('facts and functions', () => {
    const engine = engineWithData(1)
    const bytes = rdbOf(engine, {
      aux: ['redis-ver', '7.4.0', 'redis-bits', '64'],
      functions: ['#!lua name=l'],
    })
    expect(readRdb(bytes).events.slice(0, 5)).toEqual([
      ['aux', 'redis-ver', '7.4.0'],
      ['aux', 'redis-bits', '64'],
      ['function', '#!lua name=l'],
      ['selectDb', 0],
      ['resizeDb', expect.any(Number), 1],
    ])
  })

  it('a checksum, or none', () => {
    const engine = engineWithData(1)
    expect(rdbOf(engine).subarray(-8)).not.toEqual(Buffer.alloc(8))
    expect(rdbOf(engine, { checksum: false }).subarray(-8)).toEqual(Buffer.alloc(8))
  })

  it('when keys were used, if the policy of eviction goes by it', () => {
    const engine = engineWithData(1)
    engine.keyspace.accessClock += 100
    const idle = readRdb(rdbOf(engine, { idleTimes: true })).events.filter(([kind]) => kind === 'entry')
    for (const event of idle) expect(event).toContainEqual({ idleSeconds: 100 })
    const client = new EngineClient(engine)
    client.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')
    client.run('RESTORE', 'popular', '0', client.run('DUMP', 'string') as string, 'FREQ', '77')
    const used = readRdb(rdbOf(engine)).events.find(([, key]) => key === 'popular')
    expect(used).toContainEqual({ frequency: 77 })
  })
})

describe('big values', () => {
  const COUNT = 20_000
  const engine = engineWithData(3)
  const client = new EngineClient(engine)
  client.run('SELECT', '1')
  const texts = Array.from({ length: COUNT }, (_, i) => `element:${i}`)
  client.run('RPUSH', 'list', ...texts)
  client.run('SADD', 'set', ...texts)
  client.run('ZADD', 'zset', ...texts.flatMap((text, i) => [String(i), text]))
  client.run('HSET', 'hash', ...texts.flatMap((text) => [text, text]))
  client.run('RPUSH', 'heavy', ...texts.slice(0, 300).map((text) => text.padEnd(20_000, '.')))
  client.run('SADD', 'heavyset', ...texts.slice(0, 300).map((text) => text.padEnd(20_000, '.')))
  for (let i = 0; i < COUNT; i++) client.run('XADD', 'stream', `${i + 1}-1`, 'f', 'v')
  client.run('XGROUP', 'CREATE', 'stream', 'g', '0')
  client.run('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'stream', '>')
  const values = entriesOf(engine).filter(({ db }) => db === 1)

  it.each(values.map(({ key, value }) => [key, value] as const))('%s in bounded steps', (_key, value) => {
    const buffer = new OutputBuffer(portableCodec)
    const out = new RdbOutput(buffer, portableCodec, false)
    let steps = 0
    let most = 0
    const rest = writeValue(out, value)
    for (let done = rest === undefined; !done; ) {
      most = Math.max(most, buffer.take([]))
      done = rest?.next().done === true
      steps++
    }
    expect(steps).toBeGreaterThan(10)
    // A batch of 128 elements may come on top.
    expect(most).toBeLessThan(65_536 + 128 * 20_100)
  })

  it('small values leave nothing to be done later', () => {
    const out = new RdbOutput(new OutputBuffer(portableCodec), portableCodec, true)
    for (const { value } of entriesOf(engineWithData(50))) expect(writeValue(out, value)).toBeUndefined()
  })

  it('two buffers may be written in turn, each a part of the file', () => {
    const { keyspace, host } = engine
    const writer = new RdbFileWriter(keyspace, host.bytes, OPTIONS)
    const [first, second] = [new OutputBuffer(host.bytes), new OutputBuffer(host.bytes)]
    const pieces: Uint8Array[] = []
    writer.begin(first)
    writer.selectDb(first, 0, undefined, 0)
    const list = values.find(({ key }) => key === 'list')?.value as Value
    const set = values.find(({ key }) => key === 'set')?.value as Value
    const rest = writer.entry(first, 'list', list, 0, 0)
    writer.selectDb(second, 3, undefined, 0)
    const other = writer.entry(second, 'set', set, 5, 0)
    while (other?.next().done === false);
    while (rest?.next().done === false) writer.take(first, pieces)
    writer.take(first, pieces)
    writer.take(second, pieces)
    writer.end(first)
    writer.take(first, pieces)
    expect(readRdb(Buffer.concat(pieces)).events).toEqual([
      ['selectDb', 0],
      ['entry', 'list', plainValue(list)],
      ['selectDb', 3],
      ['entry', 'set', plainValue(set), { expiryMs: 5 }],
    ])
  })

  it('an empty keyspace is a file, too', () => {
    const writer = new RdbFileWriter(newKeyspace(), portableCodec, OPTIONS)
    const out = new OutputBuffer(portableCodec)
    const pieces: Uint8Array[] = []
    writer.begin(out)
    writer.end(out)
    writer.take(out, pieces)
    const { events, reader } = readRdb(Buffer.concat(pieces))
    expect([events, reader.version]).toEqual([[], 10])
  })
})
