/**
 * Streams in RDB files, in their three forms: without counters (Redis 5), with them (Redis 7.0), and with the
 * time when a consumer was last active (Redis 7.2). Nothing is believed: IDs have to ascend, counts to be those
 * of what is there, and every pending entry to belong to exactly one consumer. The layout is in stream-format.ts.
 */

import { normalizeInt, parseInt64, parseSafeInt } from '../base/int64.js'
import { type ConsumerGroup, UNKNOWN_READS } from '../keyspace/consumer-group.js'
import { StreamValue } from '../keyspace/stream-value.js'
import type { ValueHome } from '../keyspace/value.js'
import { compareIds, compareParts, type EntryId, type IdPart } from '../structures/entry-id.js'
import { IdMap } from '../structures/id-map.js'
import type { StreamNode } from '../structures/stream-node.js'
import { corrupt } from './corrupt.js'
import { readListpack } from './listpack.js'
import type { RdbInput } from './rdb-input.js'
import { RdbType } from './rdb-types.js'
import { ENTRY_FRAME, EntryFlag, ID_BYTES, UNKNOWN_READS_WRITTEN } from './stream-format.js'

/** @param type one of the three of streams, as `RdbType` numbers them */
export function readStream(input: RdbInput, type: number, home: ValueHome): StreamValue {
  const hasCounters = type !== RdbType.STREAM_LISTPACKS
  const stream = new StreamValue(home)
  for (let left = input.count(2 + ID_BYTES); left > 0; left--) readNode(input, stream)
  const { log } = stream
  if (input.uint64() !== log.length) corrupt('stream: its length is not the number of its entries')
  stream.lastId = readId(input)
  const lastEntry = log.lastId
  if (lastEntry !== undefined && compareIds(stream.lastId, lastEntry) < 0) {
    corrupt('stream: an entry behind its last ID')
  }
  stream.entriesAdded = log.length
  if (hasCounters) {
    // The ID of the first entry, which the entries tell as well.
    readId(input)
    stream.maxDeletedId = readId(input)
    stream.entriesAdded = input.uint64()
  }
  for (let left = input.count(5); left > 0; left--) readGroup(input, type, stream)
  return stream
}

function readId(input: RdbInput): EntryId {
  const ms = input.uint64()
  return { ms, seq: input.uint64() }
}

/** Unix time in ms, cut to what is exact; -1 stands for never. */
function readTime(input: RdbInput): number {
  return Math.min(Math.max(input.int64(), -1), Number.MAX_SAFE_INTEGER)
}

// ---- nodes ------------------------------------------------------------------------------------------------

/** Reads a listpack's entries one after another. */
class Elements {
  #at = 0

  constructor(private readonly items: readonly string[]) {}

  get isAtEnd(): boolean {
    return this.#at === this.items.length
  }

  text(): string {
    return this.items[this.#at++] ?? corrupt('stream: a node ends inside an entry')
  }

  int64(): number | bigint {
    return parseInt64(this.text()) ?? corrupt('stream: text in the place of a number')
  }

  /** A number of elements, each of which is in the listpack. */
  count(): number {
    const count = parseSafeInt(this.text())
    if (count === undefined || count < 0 || count > this.items.length) corrupt('stream: impossible count')
    return count
  }
}

function readNode(input: RdbInput, stream: StreamValue): void {
  const key = input.blob()
  if (key.length !== ID_BYTES) corrupt('stream: the ID of a node is not of 16 bytes')
  const view = new DataView(key.buffer, key.byteOffset, ID_BYTES)
  const masterMs = normalizeInt(view.getBigUint64(0))
  const masterSeq = normalizeInt(view.getBigUint64(8))
  const bytes = input.blob()
  const elements = new Elements(readListpack(input.elementCodec, bytes, 0, bytes.length))

  const { log } = stream
  const entries = elements.count()
  const removed = elements.count()
  const masterFields = readTexts(elements, elements.count())
  if (elements.int64() !== 0) corrupt("stream: no end of the master's fields")
  const before = log.nodeCount === 0 ? undefined : log.nodeAt(log.nodeCount - 1)
  if (before !== undefined && compareParts(masterMs, masterSeq, before.lastMs, before.lastSeq) <= 0) {
    corrupt('stream: nodes are not in the order of their IDs')
  }
  const node = log.beginNode(masterMs, masterSeq, masterFields)
  let isFirst = true
  while (!elements.isAtEnd) {
    readEntry(elements, stream, node, isFirst)
    isFirst = false
  }
  if (node.length !== entries || node.deleted !== removed) {
    corrupt('stream: a node does not have as many entries as it says')
  }
  // A trimmed stream may begin with a node all of whose entries are gone; elsewhere such nodes do not stay.
  if (isFirst || (node.length === 0 && log.nodeCount > 1)) corrupt('stream: a node without entries')
}

function readTexts(elements: Elements, count: number): string[] {
  const texts: string[] = []
  for (let left = count; left > 0; left--) texts.push(elements.text())
  return texts
}

function readEntry(elements: Elements, stream: StreamValue, node: StreamNode, isFirst: boolean): void {
  const flags = Number(elements.int64())
  const ms = sum(node.masterMs, elements.int64())
  const seq = sum(node.masterSeq, elements.int64())
  const order = compareParts(ms, seq, node.lastMs, node.lastSeq)
  if (order < 0 || (order === 0 && !isFirst)) corrupt('stream: entries are not in the order of their IDs')
  let words: string[]
  let count: number
  if ((flags & EntryFlag.SAME_FIELDS) !== 0) {
    const values = readTexts(elements, node.masterFields.length)
    words = node.masterFields.flatMap((field, i) => [field, values[i] as string])
    count = values.length + ENTRY_FRAME
  } else {
    const fields = elements.count()
    words = readTexts(elements, fields * 2)
    count = fields * 2 + 1 + ENTRY_FRAME
  }
  if (elements.int64() !== count) corrupt('stream: an entry does not have as many elements as it says')
  if (words.length === 0) corrupt('stream: an entry without fields')
  if ((flags & EntryFlag.DELETED) !== 0) node.appendDeleted(ms, seq, words)
  else stream.log.appendTo(node, ms, seq, words)
}

/** Of a half of an ID and a signed difference to it, with 64 bits. */
function sum(part: IdPart, difference: number | bigint): IdPart {
  if (typeof part === 'number' && typeof difference === 'number') {
    const value = part + difference
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value
  }
  return normalizeInt(BigInt.asUintN(64, BigInt(part) + BigInt(difference)))
}

// ---- groups -----------------------------------------------------------------------------------------------

/** A pending entry of a group, whose consumer comes later. */
interface Delivery {
  readonly deliveredMs: number
  readonly deliveries: IdPart
}

function readGroup(input: RdbInput, type: number, stream: StreamValue): void {
  const name = input.string()
  if (stream.groups.has(name)) corrupt('stream: a group comes twice')
  const lastId = readId(input)
  let entriesRead: IdPart
  if (type === RdbType.STREAM_LISTPACKS) entriesRead = stream.entriesUpTo(lastId) ?? UNKNOWN_READS
  else {
    entriesRead = input.uint64()
    if (entriesRead === UNKNOWN_READS_WRITTEN) entriesRead = UNKNOWN_READS
  }
  const group = stream.addGroup(name, lastId, entriesRead)

  const deliveries = new IdMap<Delivery>()
  for (let left = input.count(ID_BYTES + 9); left > 0; left--) {
    const { ms, seq } = input.entryId()
    if (deliveries.get(ms, seq) !== undefined) corrupt('stream: an entry is pending twice')
    const deliveredMs = readTime(input)
    deliveries.set(ms, seq, { deliveredMs, deliveries: input.uint64() })
  }
  for (let left = input.count(10); left > 0; left--) readConsumer(input, type, group, deliveries)
  if (group.pending.size !== deliveries.size) corrupt('stream: an entry is pending for no consumer')
}

function readConsumer(
  input: RdbInput,
  type: number,
  group: ConsumerGroup,
  deliveries: IdMap<Delivery>,
): void {
  const name = input.string()
  if (group.consumers.has(name)) corrupt('stream: a consumer comes twice')
  const seenMs = readTime(input)
  const activeMs = type === RdbType.STREAM_LISTPACKS_3 ? readTime(input) : seenMs
  const consumer = group.addConsumer(name, seenMs, activeMs)
  for (let left = input.count(ID_BYTES); left > 0; left--) {
    const { ms, seq } = input.entryId()
    const delivery = deliveries.get(ms, seq)
    if (delivery === undefined) corrupt('stream: an entry is pending for a consumer but not for its group')
    if (group.pending.get(ms, seq) !== undefined) corrupt('stream: an entry is pending for two consumers')
    group.deliver(ms, seq, consumer, delivery.deliveredMs, delivery.deliveries)
  }
}
