/**
 * A stream: a log of entries, each of them fields and values under an ID greater than all before, and the
 * groups of consumers that read it. The entries are in structures/stream-log.ts; here is what is known about
 * the stream as a whole, which outlives its entries: a stream without entries stays.
 */

import { assert } from '../base/errors.js'
import { stringBytes } from '../base/heap-size.js'
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
import { ConsumerGroup, Tally, UNKNOWN_READS } from './consumer-group.js'
import type { Collection, ValueHome } from './value.js'

/** The object, its log and its map of groups. */
const OWN_BYTES = 620

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
  countedBytes = 0
  readonly #groups = new Map<string, ConsumerGroup>()
  /** What the groups take in memory. */
  readonly #tally = new Tally()
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

  get groups(): ReadonlyMap<string, ConsumerGroup> {
    return this.#groups
  }

  /** Adds a group of a name that is not there yet. */
  addGroup(name: string, lastId: EntryId, entriesRead: IdPart): ConsumerGroup {
    const group = new ConsumerGroup(lastId, entriesRead, this.#tally)
    this.#keepGroup(name, group)
    return group
  }

  /** Removes a group; says whether it was there. */
  removeGroup(name: string): boolean {
    const group = this.#groups.get(name)
    if (group === undefined) return false
    group.leave()
    this.#tally.bytes -= stringBytes(name)
    return this.#groups.delete(name)
  }

  #keepGroup(name: string, group: ConsumerGroup): void {
    this.#groups.set(name, group)
    this.#tally.bytes += stringBytes(name)
  }

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
    return this.#copy(this.log.copy())
  }

  /** O(nodes), and O(pending entries). */
  frozen(): StreamValue {
    return this.#copy(this.log.frozen())
  }

  #copy(log: StreamLog): StreamValue {
    const copy = new StreamValue(this.#home, log)
    copy.lastId = this.lastId
    copy.maxDeletedId = this.maxDeletedId
    copy.entriesAdded = this.entriesAdded
    for (const [name, group] of this.#groups) copy.#keepGroup(name, group.copy(copy.#tally))
    return copy
  }

  get heapBytes(): number {
    return OWN_BYTES + this.log.heapBytes + this.#tally.bytes
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    this.log.assertInvariants()
    // A copy counts its groups from nothing.
    assert(this.copy().#tally.bytes === this.#tally.bytes, 'bytes of the groups')
  }
}
