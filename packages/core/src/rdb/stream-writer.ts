/**
 * Streams as redis-server 7.0 reads them: their nodes, each a listpack, then counters and groups. Entries that
 * were removed are left out. The layout is in stream-format.ts.
 */

import type { Consumer, ConsumerGroup } from '../keyspace/consumer-group.js'
import { UNKNOWN_READS } from '../keyspace/consumer-group.js'
import type { StreamValue } from '../keyspace/stream-value.js'
import { type EntryId, type IdPart, MIN_ID, nextId, partDifference } from '../structures/entry-id.js'
import type { IdMap } from '../structures/id-map.js'
import type { StreamNode } from '../structures/stream-node.js'
import { Pace } from './pace.js'
import type { RdbOutput } from './rdb-output.js'
import { ENTRY_FRAME, EntryFlag, ID_BYTES, UNKNOWN_READS_WRITTEN } from './stream-format.js'

/** Pending entries written between two looks at the pace. */
const BATCH = 128

/** Writes it step by step, as `writeValue` says. */
export function* writeStream(out: RdbOutput, stream: StreamValue): Generator<void> {
  const pace = new Pace(out.buffer)
  const { log } = stream
  let nodes = 0
  for (let i = 0; i < log.nodeCount; i++) if (log.nodeAt(i).length > 0) nodes++
  out.length(nodes)
  for (let i = 0; i < log.nodeCount; i++) {
    const node = log.nodeAt(i)
    if (node.length === 0) continue
    out.length(ID_BYTES)
    out.entryId(node.masterMs, node.masterSeq)
    packNode(out, node)
    if (pace.isOver(node.length)) {
      yield
      pace.restart()
    }
  }
  out.length(log.length)
  writeId(out, stream.lastId)
  writeId(out, stream.firstId)
  writeId(out, stream.maxDeletedId)
  out.length(stream.entriesAdded)
  out.length(stream.groups.size)
  for (const [name, group] of stream.sortedGroups()) yield* writeGroup(out, pace, name, group)
}

function writeId(out: RdbOutput, { ms, seq }: EntryId): void {
  out.length(ms)
  out.length(seq)
}

function packNode(out: RdbOutput, node: StreamNode): void {
  const { listpack } = out
  const { masterFields } = node
  listpack.appendInteger(node.length)
  listpack.appendInteger(0)
  listpack.appendInteger(masterFields.length)
  for (const field of masterFields) listpack.append(field)
  listpack.appendInteger(0)
  for (let i = 0; i < node.length; i++) {
    const isSame = node.fieldNamesAt(i) === masterFields
    listpack.appendInteger(isSame ? EntryFlag.SAME_FIELDS : 0)
    listpack.appendInteger(partDifference(node.msAt(i), node.masterMs))
    listpack.appendInteger(partDifference(node.seqAt(i), node.masterSeq))
    const words = node.fieldsAt(i)
    if (isSame) {
      for (let word = 1; word < words.length; word += 2) listpack.append(words[word] as string)
      listpack.appendInteger(words.length / 2 + ENTRY_FRAME)
    } else {
      listpack.appendInteger(words.length / 2)
      for (const word of words) listpack.append(word)
      listpack.appendInteger(words.length + 1 + ENTRY_FRAME)
    }
  }
  out.blob(listpack.finish())
}

function* writeGroup(out: RdbOutput, pace: Pace, name: string, group: ConsumerGroup): Generator<void> {
  out.string(name)
  writeId(out, group.lastId)
  out.length(group.entriesRead === UNKNOWN_READS ? UNKNOWN_READS_WRITTEN : group.entriesRead)
  out.length(group.pending.size)
  yield* eachPending(group.pending, pace, (ms, seq, entry) => {
    out.entryId(ms, seq)
    out.int64(entry.deliveredMs)
    out.length(entry.deliveries)
  })
  out.length(group.consumers.size)
  for (const consumer of group.sortedConsumers()) yield* writeConsumer(out, pace, consumer)
}

function* writeConsumer(out: RdbOutput, pace: Pace, { name, seenMs, pending }: Consumer): Generator<void> {
  out.string(name)
  out.int64(seenMs)
  out.length(pending.size)
  yield* eachPending(pending, pace, (ms, seq) => {
    out.entryId(ms, seq)
  })
}

/** Writes pending entries in batches, so that the pace can be kept. */
export function* eachPending<T>(
  pending: IdMap<T>,
  pace: Pace,
  write: (ms: IdPart, seq: IdPart, item: T) => void,
): Generator<void> {
  let from: EntryId | undefined = MIN_ID
  while (from !== undefined) {
    let written = 0
    let last: EntryId | undefined
    pending.walk((ms, seq, item) => {
      write(ms, seq, item)
      written++
      if (written === BATCH) last = { ms, seq }
      return written < BATCH
    }, from)
    from = last === undefined ? undefined : nextId(last)
    if (pace.isOver(written)) {
      yield
      pace.restart()
    }
  }
}
