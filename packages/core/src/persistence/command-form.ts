/**
 * A snapshot as a log: for every key the commands that make it anew, as redis-server writes them when it
 * rewrites its append-only file without an RDB in front.
 *
 * Big collections come in batches of elements, which are in no command longer than Redis has them. What a log
 * cannot say is lost here as it is there: pending entries of a stream that are no longer in the stream, and
 * when a consumer was seen last.
 */

import { formatDouble } from '../base/double.js'
import type { ConsumerGroup } from '../keyspace/consumer-group.js'
import type { HashValue } from '../keyspace/hash-value.js'
import type { ListValue } from '../keyspace/list-value.js'
import type { SetValue } from '../keyspace/set-value.js'
import type { SortedSetValue } from '../keyspace/sorted-set-value.js'
import type { StreamValue } from '../keyspace/stream-value.js'
import { toText } from '../keyspace/string-value.js'
import type { StringValue, Value } from '../keyspace/value.js'
import { beginCommand, writeCommand } from '../protocol/command-encoder.js'
import type { OutputBuffer } from '../protocol/output-buffer.js'
import { Pace } from '../rdb/pace.js'
import { eachPending } from '../rdb/stream-writer.js'
import { formatId, idText } from '../structures/entry-id.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import type { SnapshotForm } from './snapshot.js'

/** Elements of a collection that one command has at most. */
const ELEMENTS_PER_COMMAND = 64

export class CommandForm implements SnapshotForm {
  /** @param timestampSeconds Unix time, noted at the beginning of the log; undefined to note none */
  constructor(private readonly timestampSeconds?: number) {}

  begin(out: OutputBuffer): void {
    if (this.timestampSeconds !== undefined) out.write(`#TS:${this.timestampSeconds}\r\n`)
  }

  selectDb(out: OutputBuffer, db: number): void {
    writeCommand(out, ['SELECT', `${db}`])
  }

  /** O(size of the value), in steps of bounded size. */
  entry(out: OutputBuffer, key: string, value: Value, expiryMs: number): Iterator<void> | undefined {
    if (typeof value !== 'object' || value instanceof GrowBytes) {
      writeString(out, key, value)
      writeExpiry(out, key, expiryMs)
      return undefined
    }
    const steps = writeCollection(out, key, value, expiryMs)
    return steps.next().done === true ? undefined : steps
  }

  end(): void {}

  take(out: OutputBuffer, pieces: Uint8Array[]): void {
    out.take(pieces)
  }
}

function* writeCollection(
  out: OutputBuffer,
  key: string,
  value: Exclude<Value, StringValue>,
  expiryMs: number,
): Generator<void> {
  switch (value.type) {
    case 'list':
      yield* writeList(out, key, value)
      break
    case 'set':
      yield* writeSet(out, key, value)
      break
    case 'zset':
      yield* writeSortedSet(out, key, value)
      break
    case 'hash':
      yield* writeHash(out, key, value)
      break
    case 'stream':
      yield* writeStream(out, key, value)
  }
  writeExpiry(out, key, expiryMs)
}

function writeString(out: OutputBuffer, key: string, value: StringValue): void {
  begin(out, 'SET', key, 1)
  if (!(value instanceof GrowBytes)) return out.writeBulk(toText(value))
  // Its bytes are at hand; as text it would be in memory twice.
  out.write(`$${value.length}\r\n`)
  out.writeBytes(value.bytes)
  out.writeLineEnd()
}

function writeExpiry(out: OutputBuffer, key: string, expiryMs: number): void {
  if (expiryMs !== 0) writeCommand(out, ['PEXPIREAT', key, `${expiryMs}`])
}

/** Begins a command on a key, of which so many words are still to come. */
function begin(out: OutputBuffer, name: string, key: string, words: number): void {
  beginCommand(out, 2 + words)
  out.writeBulk(name)
  out.writeBulk(key)
}

/** Divides the elements of a collection among commands. */
class Batches {
  /** Elements that the command begun last still takes. */
  #room = 0

  /**
   * @param left elements to come
   * @param wordsEach what an element is in words
   */
  constructor(
    private readonly out: OutputBuffer,
    private readonly name: string,
    private readonly key: string,
    private left: number,
    private readonly wordsEach: number,
  ) {}

  /** To be called before each element. */
  next(): void {
    if (this.#room === 0) {
      this.#room = Math.min(ELEMENTS_PER_COMMAND, this.left)
      begin(this.out, this.name, this.key, this.#room * this.wordsEach)
    }
    this.#room--
    this.left--
  }
}

// ---- lists ------------------------------------------------------------------------------------------------

function* writeList(out: OutputBuffer, key: string, list: ListValue): Generator<void> {
  const pace = new Pace(out)
  for (let start = 0; start < list.length; start += ELEMENTS_PER_COMMAND) {
    const elements = list.slice(start, Math.min(ELEMENTS_PER_COMMAND, list.length - start))
    begin(out, 'RPUSH', key, elements.length)
    for (const element of elements) {
      out.writeBulk(element)
      if (pace.isOver()) {
        yield
        pace.restart()
      }
    }
  }
}

// ---- sets -------------------------------------------------------------------------------------------------

function* writeSet(out: OutputBuffer, key: string, set: SetValue): Generator<void> {
  const pace = new Pace(out)
  const batches = new Batches(out, 'SADD', key, set.length, 1)
  const end = set.positions
  for (let position = 0; position < end; position++) {
    const member = set.memberAt(position)
    if (member !== undefined) {
      batches.next()
      out.writeBulk(member)
    }
    if (pace.isOver()) {
      yield
      pace.restart()
    }
  }
}

// ---- sorted sets ------------------------------------------------------------------------------------------

function* writeSortedSet(out: OutputBuffer, key: string, set: SortedSetValue): Generator<void> {
  const pace = new Pace(out)
  const batches = new Batches(out, 'ZADD', key, set.length, 2)
  const writeElement = (member: string, score: number): void => {
    batches.next()
    out.writeBulk(formatDouble(score))
    out.writeBulk(member)
  }
  for (const [start, end] of partsOf(set)) {
    for (let rank = start; rank < end; rank += ELEMENTS_PER_COMMAND) {
      const count = Math.min(ELEMENTS_PER_COMMAND, end - rank)
      set.walk(rank, count, false, writeElement)
      if (pace.isOver(count)) {
        yield
        pace.restart()
      }
    }
  }
}

/**
 * The ranks of a sorted set in the order in which they are written. A small set does not tell 0 and -0 apart, and
 * every set is small while it begins to be filled: so of a big one they come last.
 */
function partsOf(set: SortedSetValue): readonly (readonly [start: number, end: number])[] {
  if (set.encoding === 'listpack') return [[0, set.length]]
  const start = set.rankOfScore(0, false)
  const end = set.rankOfScore(0, true)
  return [
    [0, start],
    [end, set.length],
    [start, end],
  ]
}

// ---- hashes -----------------------------------------------------------------------------------------------

/** Fields that expire follow one by one, each with its time. */
function* writeHash(out: OutputBuffer, key: string, hash: HashValue): Generator<void> {
  const pace = new Pace(out)
  const { dict, hasExpiringFields } = hash
  const batches = new Batches(out, 'HMSET', key, hash.length, 2)
  const end = dict === undefined ? hash.length : dict.slotCount
  for (let position = 0; position < end; position++) {
    const isGap = dict !== undefined && dict.keyAt(position) === undefined
    if (!isGap) {
      const field = hash.fieldAt(position)
      if (hasExpiringFields) begin(out, 'HMSET', key, 2)
      else batches.next()
      out.writeBulk(field)
      out.writeBulk(hash.valueAt(position))
      const expiryMs = hasExpiringFields ? hash.expiryAt(position) : 0
      if (expiryMs !== 0) writeCommand(out, ['HPEXPIREAT', key, `${expiryMs}`, 'FIELDS', '1', field])
    }
    if (pace.isOver()) {
      yield
      pace.restart()
    }
  }
}

// ---- streams ----------------------------------------------------------------------------------------------

function* writeStream(out: OutputBuffer, key: string, stream: StreamValue): Generator<void> {
  const pace = new Pace(out)
  const { log } = stream
  for (let i = 0; i < log.nodeCount; i++) {
    const node = log.nodeAt(i)
    for (let index = 0; index < node.length; index++) {
      const words = node.fieldsAt(index)
      begin(out, 'XADD', key, 1 + words.length)
      out.writeBulk(formatId(node.msAt(index), node.seqAt(index)))
      for (const word of words) out.writeBulk(word)
      if (pace.isOver()) {
        yield
        pace.restart()
      }
    }
  }
  // An entry that does not stay makes the key of a stream without any.
  if (stream.length === 0) writeCommand(out, ['XADD', key, 'MAXLEN', '0', '0-1', 'x', 'y'])
  writeCommand(out, [
    ...['XSETID', key, idText(stream.lastId), 'ENTRIESADDED', `${stream.entriesAdded}`],
    ...['MAXDELETEDID', idText(stream.maxDeletedId)],
  ])
  for (const [name, group] of stream.sortedGroups()) {
    yield* writeGroup(out, pace, key, name, group)
    if (pace.isOver()) {
      yield
      pace.restart()
    }
  }
}

function* writeGroup(
  out: OutputBuffer,
  pace: Pace,
  key: string,
  name: string,
  group: ConsumerGroup,
): Generator<void> {
  writeCommand(out, [
    ...['XGROUP', 'CREATE', key, name, idText(group.lastId)],
    ...['ENTRIESREAD', `${group.entriesRead}`],
  ])
  for (const { name: consumer, pending } of group.sortedConsumers()) {
    if (pending.size === 0) writeCommand(out, ['XGROUP', 'CREATECONSUMER', key, name, consumer])
    yield* eachPending(pending, pace, (ms, seq, { deliveredMs, deliveries }) => {
      writeCommand(out, [
        ...['XCLAIM', key, name, consumer, '0', formatId(ms, seq)],
        ...['TIME', `${deliveredMs}`, 'RETRYCOUNT', `${deliveries}`, 'JUSTID', 'FORCE'],
      ])
    })
  }
}
