/** For tests of RDB: reads files in this process, and shows what values hold in a form that can be compared. */

import { defaultEncodingLimits } from '../../packages/core/src/keyspace/encoding-limits.js'
import { Keyspace } from '../../packages/core/src/keyspace/keyspace.js'
import type { Value } from '../../packages/core/src/keyspace/value.js'
import { RdbReader, type RdbReaderOptions, type RdbSink } from '../../packages/core/src/rdb/rdb-reader.js'
import { GrowBytes } from '../../packages/core/src/structures/grow-bytes.js'
import { FakeHost } from './fake-host.js'

/** A keyspace that nobody listens to. */
export function newKeyspace(host = new FakeHost()): Keyspace {
  const listener = {
    keyChanged() {},
    keyReady() {},
    event() {},
    effect() {},
    contentsWillChange() {},
    contentsChanged() {},
  }
  return new Keyspace(host, 16, listener, defaultEncodingLimits())
}

/** What a value holds: sets and hashes sorted, as their order says nothing. */
export function plainValue(value: Value): unknown {
  if (typeof value !== 'object' || value instanceof GrowBytes) return String(value)
  switch (value.type) {
    case 'list':
      return { list: value.slice(0, value.length), encoding: value.encoding }
    case 'set':
      return { set: value.members().sort(), encoding: value.encoding }
    case 'zset': {
      const elements: [string, number][] = []
      value.forEach((member, score) => {
        elements.push([member, score])
      })
      return { zset: elements, encoding: value.encoding }
    }
    case 'hash': {
      const fields = value.positions().map((position) => {
        const expiryMs = value.expiryAt(position)
        const field = [value.fieldAt(position), value.valueAt(position)]
        return expiryMs === 0 ? field : [...field, expiryMs]
      })
      return {
        hash: fields.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
        encoding: value.encoding,
      }
    }
    case 'stream': {
      const entries: unknown[] = []
      value.log.forEach((ms, seq, node, index) => {
        entries.push([`${ms}-${seq}`, ...node.fieldsAt(index)])
      })
      const groups = value.sortedGroups().map(([name, group]) => {
        const pending: unknown[] = []
        group.pending.walk((ms, seq, entry) => {
          pending.push([`${ms}-${seq}`, entry.consumer.name, entry.deliveredMs, entry.deliveries])
        })
        const consumers = group
          .sortedConsumers()
          .map((consumer) => [consumer.name, consumer.seenMs, consumer.activeMs, consumer.pending.size])
        return { name, lastId: group.lastId, entriesRead: group.entriesRead, pending, consumers }
      })
      const { lastId, maxDeletedId, entriesAdded } = value
      return { stream: entries, lastId, maxDeletedId, entriesAdded, groups }
    }
  }
}

/** Throws if a value does not hold together inside. */
export function checkValue(value: Value): void {
  if (typeof value !== 'object' || value instanceof GrowBytes) return
  if (value.type === 'list') value.assertInvariants()
  if (value.type === 'stream') {
    value.log.assertInvariants()
    for (const { pending } of value.groups.values()) pending.assertInvariants()
  }
  if (value.type !== 'stream' && value.length === 0) throw new Error(`an empty ${value.type}`)
  if (value.type === 'zset') {
    let members = 0
    value.forEach((member, score) => {
      members++
      if (value.score(member) !== score) throw new Error(`the score of ${member}`)
    })
    if (members !== value.length) throw new Error('the length of a sorted set')
  }
}

/** What a file said, in its order. */
export type RdbEvent = readonly [kind: string, ...unknown[]]

export class Collector implements RdbSink {
  readonly events: RdbEvent[] = []

  constructor(private readonly show: (value: Value) => unknown = plainValue) {}

  aux(name: string, value: string): void {
    this.events.push(['aux', name, value])
  }
  selectDb(index: number): void {
    this.events.push(['selectDb', index])
  }
  resizeDb(keys: number, expiring: number): void {
    this.events.push(['resizeDb', keys, expiring])
  }
  entry(key: string, value: Value, expiryMs: number, idleSeconds: number, frequency: number): void {
    const event: unknown[] = [key, this.show(value)]
    if (expiryMs !== 0) event.push({ expiryMs })
    if (idleSeconds >= 0) event.push({ idleSeconds })
    if (frequency >= 0) event.push({ frequency })
    this.events.push(['entry', ...event])
  }
  emptyKey(key: string): void {
    this.events.push(['emptyKey', key])
  }
  functionLibrary(code: string): void {
    this.events.push(['function', code])
  }
}

export interface ReadFile {
  readonly events: readonly RdbEvent[]
  readonly reader: RdbReader
}

/**
 * Reads a file that comes in chunks.
 * @throws CorruptError
 */
export function readRdb(
  chunks: Uint8Array | readonly Uint8Array[],
  options: RdbReaderOptions & { keyspace?: Keyspace; budget?: number } = {},
): ReadFile {
  const sink = new Collector()
  const keyspace = options.keyspace ?? newKeyspace()
  const reader = new RdbReader(new FakeHost().bytes, keyspace, sink, options)
  for (const chunk of chunks instanceof Uint8Array ? [chunks] : chunks) {
    reader.push(chunk)
    while (reader.parse(options.budget ?? 100));
  }
  reader.finish()
  while (reader.parse(options.budget ?? 100));
  return { events: sink.events, reader }
}

/** The only value in a file with one key. */
export function onlyValue(bytes: Uint8Array, keyspace?: Keyspace): unknown {
  const { events } = readRdb(bytes, keyspace === undefined ? {} : { keyspace })
  const entries = events.filter(([kind]) => kind === 'entry')
  if (entries.length !== 1) throw new Error(`${entries.length} keys`)
  return entries[0]?.[2]
}
