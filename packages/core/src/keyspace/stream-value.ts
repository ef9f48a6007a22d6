/**
 * A stream: a log of entries, each of them fields and values under an ID greater than all before, and the
 * groups of consumers that read it. The entries are in structures/stream-log.ts; here is what is known about
 * the stream as a whole, which outlives its entries: a stream without entries stays.
 */

import {
  compareIds,
  type EntryId,
  type IdPart,
  isZeroId,
  MIN_ID,
  nextPart,
  partDifference,
} from '../structures/entry-id.js'
import { StreamLog } from '../structures/stream-log.js'
import { type ConsumerGroup, UNKNOWN_READS } from './consumer-group.js'
import { stringSizeBytes } from './string-value.js'
import type { Collection, ValueHome } from './value.js'

/** Object, maps and arrays. */
const BASE_BYTES = 300
const GROUP_BYTES = 300
const CONSUMER_BYTES = 250
/** An entry that is pending: the object, and its places in two maps. */
const PENDING_BYTES = 100

export class StreamValue implements Collection {
  readonly type = 'stream'
  readonly encoding = 'stream'
  /** For reading, and for filling a new stream from a file; other changes go through the methods below. */
  readonly log: StreamLog
  /** The greatest ID so far, also if its entry has gone. */
  lastId: EntryId = MIN_ID
  /** The greatest ID that was removed by name, not by trimming; 0-0 if none was. */
  maxDeletedId: EntryId = MIN_ID
  /** Entries added so far, those included that have gone. */
  entriesAdded: IdPart = 0
  readonly groups = new Map<string, ConsumerGroup>()
  readonly #home: ValueHome

  constructor(home: ValueHome, log = new StreamLog(home.limits)) {
    this.#home = home
    this.log = log
  }

  /** Entries. */
  get length(): number {
    return this.log.length
  }

  /** The ID of the first entry, 0-0 without entries. */
  get firstId(): EntryId {
    return this.log.firstId ?? MIN_ID
  }

  // ---- entries ------------------------------------------------------------------------------------------

  /**
   * Adds an entry behind all others; the ID is greater than `lastId`.
   * @param words from `from` on: fields and values in turn, at least one pair
   */
  append(id: EntryId, words: readonly string[], from = 0): void {
    this.log.append(id.ms, id.seq, words, from)
    this.lastId = id
    this.entriesAdded = nextPart(this.entriesAdded)
  }

  /** Removes an entry; says whether it was there. O(log n) */
  delete(id: EntryId): boolean {
    if (!this.log.delete(id.ms, id.seq)) return false
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id
    return true
  }

  // ---- groups -------------------------------------------------------------------------------------------

  /** Groups with their names, in the order of the names' bytes. */
  sortedGroups(): [string, ConsumerGroup][] {
    return [...this.groups].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /**
   * Takes down that the entry with this ID, which is in the stream and behind the group's `lastId`, has been handed
   * out as new. The count of reads goes on where nothing is missing ahead, else it is found anew if possible.
   */
  advance(group: ConsumerGroup, id: EntryId): void {
    const { lastId, entriesRead } = group
    const counts =
      entriesRead !== UNKNOWN_READS && compareIds(lastId, this.firstId) >= 0 && !this.#hasGapsFrom(lastId)
    if (counts) group.entriesRead = nextPart(entriesRead)
    else if (this.entriesAdded !== 0) group.entriesRead = this.entriesUpTo(id) ?? UNKNOWN_READS
    group.lastId = id
  }

  /** Entries that the group has still to read; undefined where removed ones make that unknown. O(1) */
  lagOf({ lastId, entriesRead }: ConsumerGroup): number | bigint | undefined {
    if (this.entriesAdded === 0 || this.length === 0) return 0
    const { firstId } = this
    const nothingRead = compareIds(lastId, firstId) < 0
    if (nothingRead && compareIds(this.maxDeletedId, firstId) < 0) return this.length
    const counts = entriesRead !== UNKNOWN_READS && !this.#hasGapsFrom(lastId)
    const read = counts ? entriesRead : this.entriesUpTo(lastId)
    return read === undefined ? undefined : partDifference(this.entriesAdded, read)
  }

  /** Whether an entry from this ID on has been removed by name. */
  #hasGapsFrom(id: EntryId): boolean {
    return this.length > 0 && !isZeroId(this.maxDeletedId) && compareIds(id, this.maxDeletedId) <= 0
  }

  /** Entries ever added up to this ID, where that can be told; they are counted from neither end. */
  entriesUpTo(id: EntryId): number | bigint | undefined {
    const { entriesAdded, length, lastId, maxDeletedId, firstId } = this
    if (entriesAdded === 0) return 0
    if (length === 0 && compareIds(id, lastId) <= 0) return entriesAdded
    if (!isZeroId(id) && compareIds(id, maxDeletedId) < 0) return undefined
    const toLast = compareIds(id, lastId)
    if (toLast >= 0) return toLast === 0 ? entriesAdded : undefined
    if (!isZeroId(maxDeletedId) && compareIds(maxDeletedId, firstId) >= 0) return undefined
    const toFirst = compareIds(id, firstId)
    if (toFirst > 0) return undefined
    const before = partDifference(entriesAdded, length)
    return toFirst < 0 ? before : nextPart(before)
  }

  // ---- the rest -----------------------------------------------------------------------------------------

  copy(): StreamValue {
    const copy = new StreamValue(this.#home, this.log.copy())
    copy.lastId = this.lastId
    copy.maxDeletedId = this.maxDeletedId
    copy.entriesAdded = this.entriesAdded
    for (const [name, group] of this.groups) copy.groups.set(name, group.copy())
    return copy
  }

  sizeBytes(samples: number): number {
    let bytes = BASE_BYTES + this.log.sizeBytes(samples, stringSizeBytes)
    for (const [name, group] of this.groups) {
      bytes += GROUP_BYTES + stringSizeBytes(name) + group.pending.size * PENDING_BYTES
      for (const consumer of group.consumers.keys()) bytes += CONSUMER_BYTES + stringSizeBytes(consumer)
    }
    return bytes
  }
}
