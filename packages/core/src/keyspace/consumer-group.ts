/**
 * A group of consumers of a stream: up to where entries have been handed out, and those handed out that nobody
 * has acknowledged yet. Each such entry is in two maps, the group's and its consumer's, as one and the same
 * object.
 */

import { stringBytes } from '../base/heap-size.js'
import type { EntryId, IdPart } from '../structures/entry-id.js'
import { IdMap } from '../structures/id-map.js'

const GROUP_BYTES = 300
const CONSUMER_BYTES = 250
/** An entry that is pending: the object, and its places in two maps. */
const PENDING_BYTES = 130

/** `entriesRead` when it is not known. */
export const UNKNOWN_READS = -1
/** `activeMs` of a consumer that has got nothing yet. */
export const NEVER_ACTIVE = -1

/** An entry that was handed out and is not acknowledged. */
export class PendingEntry {
  constructor(
    /** Whose it is. Changed by `ConsumerGroup.deliver` only. */
    public consumer: Consumer,
    /** When it was handed out last, Unix time in ms. */
    public deliveredMs: number,
    /** How often it was handed out. */
    public deliveries: IdPart,
  ) {}
}

export class Consumer {
  /** For changes go through the group. */
  readonly pending = new IdMap<PendingEntry>()

  constructor(
    readonly name: string,
    /** When it asked for something last, Unix time in ms. */
    public seenMs: number,
    /** When it got something last, Unix time in ms, or NEVER_ACTIVE. */
    public activeMs: number = NEVER_ACTIVE,
  ) {}
}

/** A sum of bytes that several share. */
export class Tally {
  bytes = 0
}

export class ConsumerGroup {
  /** All entries handed out and not acknowledged. For changes go through the methods below. */
  readonly pending = new IdMap<PendingEntry>()
  readonly consumers = new Map<string, Consumer>()

  constructor(
    /** The last entry that was handed out as new. */
    public lastId: EntryId,
    /** Entries of the stream up to `lastId`, those included that have gone; UNKNOWN_READS if not known. */
    public entriesRead: IdPart,
    /** What the groups of the stream take in memory, this one included. */
    private readonly tally: Tally,
  ) {
    tally.bytes += GROUP_BYTES
  }

  /** Takes itself out of the sum of the groups; it is not to be used any more. */
  leave(): void {
    this.tally.bytes -= GROUP_BYTES + this.pending.size * PENDING_BYTES
    for (const { name } of this.consumers.values()) this.tally.bytes -= CONSUMER_BYTES + stringBytes(name)
  }

  /** Adds a consumer of a name that is not there yet. */
  addConsumer(name: string, seenMs: number, activeMs?: number): Consumer {
    const consumer = new Consumer(name, seenMs, activeMs)
    this.consumers.set(name, consumer)
    this.tally.bytes += CONSUMER_BYTES + stringBytes(name)
    return consumer
  }

  /** Removes a consumer and forgets what is pending for it. @returns how many entries that were */
  removeConsumer(consumer: Consumer): number {
    consumer.pending.walk((ms, seq) => {
      this.pending.delete(ms, seq)
    })
    this.consumers.delete(consumer.name)
    this.tally.bytes -= CONSUMER_BYTES + stringBytes(consumer.name) + consumer.pending.size * PENDING_BYTES
    return consumer.pending.size
  }

  /** Consumers in the order of their names' bytes. */
  sortedConsumers(): Consumer[] {
    return [...this.consumers.values()].sort(byName)
  }

  /** Makes an entry pending for `consumer`, whoever had it before. */
  deliver(
    ms: IdPart,
    seq: IdPart,
    consumer: Consumer,
    deliveredMs: number,
    deliveries: IdPart,
  ): PendingEntry {
    const known = this.pending.get(ms, seq)
    if (known === undefined) {
      const entry = new PendingEntry(consumer, deliveredMs, deliveries)
      this.pending.set(ms, seq, entry)
      consumer.pending.set(ms, seq, entry)
      this.tally.bytes += PENDING_BYTES
      return entry
    }
    if (known.consumer !== consumer) {
      known.consumer.pending.delete(ms, seq)
      known.consumer = consumer
      consumer.pending.set(ms, seq, known)
    }
    known.deliveredMs = deliveredMs
    known.deliveries = deliveries
    return known
  }

  /** An entry is pending no more; says whether it was. */
  acknowledge(ms: IdPart, seq: IdPart): boolean {
    const entry = this.pending.get(ms, seq)
    if (entry === undefined) return false
    this.pending.delete(ms, seq)
    entry.consumer.pending.delete(ms, seq)
    this.tally.bytes -= PENDING_BYTES
    return true
  }

  /** @param tally of the stream that the copy is for */
  copy(tally: Tally): ConsumerGroup {
    const copy = new ConsumerGroup(this.lastId, this.entriesRead, tally)
    for (const { name, seenMs, activeMs } of this.consumers.values()) copy.addConsumer(name, seenMs, activeMs)
    this.pending.walk((ms, seq, { consumer, deliveredMs, deliveries }) => {
      copy.deliver(ms, seq, copy.consumers.get(consumer.name) as Consumer, deliveredMs, deliveries)
    })
    return copy
  }
}

function byName(a: Consumer, b: Consumer): number {
  return a.name < b.name ? -1 : 1
}
