/** Engines in this process that hold data of every type, for tests of files and payloads. */
import { Engine } from '@russet/core'
import type { Value } from '../../packages/core/src/keyspace/value.js'
import { OutputBuffer } from '../../packages/core/src/protocol/output-buffer.js'
import { type RdbFileOptions, RdbFileWriter } from '../../packages/core/src/rdb/rdb-file-writer.js'
import { EngineClient } from './engine-client.js'
import { FakeHost } from './fake-host.js'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Commands that make a few keys of each type: in each encoding if `size` is beyond the limits. */
export function dataCommands(size: number): string[][] {
  const texts = numbers(size).map((i) => `text:${i}`)
  return [
    ['SET', 'string', 'some text'],
    ['SET', 'long', 'long text, again and again '.repeat(20)],
    ['SET', 'integer', '-12345'],
    ['SET', 'huge', '9223372036854775807'],
    ['SET', 'expiring', 'x', 'PXAT', '4000000000000'],
    ['SETRANGE', 'edited', '10', 'x\xff'],
    ['RPUSH', 'list', 'a', '12', '', 'x'.repeat(100)],
    ['RPUSH', 'biglist', ...texts.map((text) => text.repeat(5))],
    ['SADD', 'integers', '1', '-2', '70000', '3'],
    ['SADD', 'set', 'a', 'b', '3'],
    ['SADD', 'bigset', ...texts],
    ['HSET', 'hash', 'a', '1', 'b', 'text'],
    ['HSET', 'bighash', ...texts.flatMap((text, i) => [text, String(i)])],
    ['HSET', 'fields', 'a', '1', 'b', '2', 'c', '3'],
    ['HPEXPIREAT', 'fields', '4000000000000', 'FIELDS', '1', 'b'],
    ['HSET', 'bigfields', ...texts.flatMap((text, i) => [text, String(i)])],
    ['HPEXPIREAT', 'bigfields', '4000000000000', 'FIELDS', '2', 'text:1', 'text:2'],
    ['HPEXPIREAT', 'bigfields', '4000000000007', 'FIELDS', '1', 'text:0'],
    ['ZADD', 'zset', '1', 'a', '2.5', 'b', 'inf', 'c', '-3', 'd'],
    ['ZADD', 'bigzset', ...texts.flatMap((text, i) => [String(i / 4), text])],
    ...numbers(Math.min(size, 300)).map((i) => [
      'XADD',
      'stream',
      `${i + 1}-1`,
      'f',
      String(i),
      'g',
      `v${i % 3}`,
    ]),
    ['XADD', 'stream', '1000-5', 'other', 'fields'],
    ['XDEL', 'stream', '2-1'],
    ['XGROUP', 'CREATE', 'stream', 'readers', '0'],
    ['XREADGROUP', 'GROUP', 'readers', 'alice', 'COUNT', '5', 'STREAMS', 'stream', '>'],
    ['XREADGROUP', 'GROUP', 'readers', 'bob', 'COUNT', '1', 'STREAMS', 'stream', '>'],
    ['XACK', 'stream', 'readers', '3-1'],
    ['SELECT', '7'],
    ['SET', 'string', 'in another database'],
  ]
}

/** @param size elements of the big collections */
export function engineWithData(size: number): Engine {
  const engine = new Engine(new FakeHost())
  const client = new EngineClient(engine)
  for (const command of dataCommands(size)) {
    const reply = client.run(...command)
    if (reply instanceof Error || (reply as { message?: string } | null)?.message !== undefined) {
      throw new Error(`${command.slice(0, 3).join(' ')}: ${JSON.stringify(reply)}`)
    }
  }
  return engine
}

export interface Entry {
  readonly db: number
  readonly key: string
  readonly value: Value
  readonly expiryMs: number
  readonly access: number
}

/** All entries of an engine, as they lie in its dictionaries. */
export function entriesOf({ keyspace }: Engine): Entry[] {
  const entries: Entry[] = []
  for (const { index, dict } of keyspace.databases) {
    dict.forEach((key, value, slot) => {
      entries.push({ db: index, key, value, expiryMs: dict.expiryAt(slot), access: dict.accessAt(slot) })
    })
  }
  return entries
}

/** An RDB file of all that an engine holds. */
export function rdbOf(engine: Engine, options: Partial<RdbFileOptions> = {}): Buffer {
  const { keyspace, host } = engine
  const defaults = { aux: [], functions: [], compresses: true, checksum: true, idleTimes: false }
  const writer = new RdbFileWriter(keyspace, host.bytes, { ...defaults, ...options })
  const out = new OutputBuffer(host.bytes)
  const pieces: Uint8Array[] = []
  writer.begin(out)
  let last = -1
  for (const { db, key, value, expiryMs, access } of entriesOf(engine)) {
    if (db !== last) {
      const { dict } = keyspace.databases[db] as (typeof keyspace.databases)[number]
      writer.selectDb(out, db, dict.size, dict.expiring)
    }
    last = db
    const rest = writer.entry(out, key, value, expiryMs, access)
    while (rest !== undefined && rest.next().done !== true) writer.take(out, pieces)
  }
  writer.end(out)
  writer.take(out, pieces)
  return Buffer.concat(pieces)
}
