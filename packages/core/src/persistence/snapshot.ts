/**
 * A snapshot without fork: the keyspace as it is when the snapshot is made, written bit by bit while commands
 * go on, with no second copy of memory.
 *
 * A walk goes through the slots of every database, from the highest down as scans do (compaction moves entries
 * only downwards, so none is passed over), and marks what it has written. What commands change meanwhile is kept
 * as it was, marked too, and written next: one about to be removed or replaced as it is, for nobody changes its
 * value any more (`beforeLoss`); one about to be edited as a frozen copy, which shares what it can (`beforeEdit`).
 * New entries are born marked. A database that is flushed or swapped gets another dictionary; the walk stays with
 * the old one. A big collection is frozen too when its turn comes, and then written in steps.
 *
 * Costs: one look at a flag for each change; at most one freezing of each entry.
 */

import { assert, fail } from '../base/errors.js'
import type { Host } from '../base/host.js'
import type { Keyspace, KeyspaceObserver } from '../keyspace/keyspace.js'
import type { Value } from '../keyspace/value.js'
import { OutputBuffer } from '../protocol/output-buffer.js'
import type { Dict } from '../structures/dict.js'
import { GrowBytes } from '../structures/grow-bytes.js'

/** The longest the walk works in one go. */
const SLICE_MS = 2
/** Entries written between two looks at the clock. */
const ENTRIES_A_STEP = 32
/** Free slots and entries that are written already are passed over in one go up to this number. */
const SLOTS_A_STEP = 4096
/** A slice ends when it has written this much, however fast it was. */
const SLICE_BYTES = 1 << 20
const SLAB_BYTES = 256 * 1024
/** Elements, or bytes of strings, that may wait as copies for a reader who lags behind; then it is given up. */
const MAX_COPIED = 2 ** 28

/** Those that configured limits keep small. */
const COMPACT_ENCODINGS: ReadonlySet<string> = new Set(['intset', 'listpack', 'listpackex'])

/** How entries are written: as an RDB file, or as commands. */
export interface SnapshotForm {
  begin(out: OutputBuffer): void
  /** What follows belongs to this database. @param keys in it, of which so many expire; only at its first time */
  selectDb(out: OutputBuffer, db: number, keys: number | undefined, expiring: number): void
  /** Writes one entry. @returns what has to be stepped through to write the rest of a big one */
  entry(
    out: OutputBuffer,
    key: string,
    value: Value,
    expiryMs: number,
    access: number,
  ): Iterator<void> | undefined
  end(out: OutputBuffer): void
  /** Takes what has been written, with all that depends on it (a checksum). */
  take(out: OutputBuffer, pieces: Uint8Array[]): void
}

/** Nobody wants the snapshot any more: no failure. */
export class SnapshotCancelled extends Error {
  override readonly name = 'SnapshotCancelled'
  constructor() {
    super('the snapshot was cancelled')
  }
}

/** A dictionary to be walked, with the database it belonged to. */
interface Walk {
  readonly db: number
  readonly dict: Dict<Value>
  readonly keys: number
  readonly expiring: number
  announced: boolean
}

/** An entry that is to be written although it is not in its dictionary any more, or not as it was. */
interface Kept {
  readonly walk: Walk
  readonly key: string
  readonly value: Value
  readonly expiryMs: number
  readonly access: number
}

export class Snapshot implements KeyspaceObserver {
  readonly keysTotal: number
  keysDone = 0
  bytes = 0

  readonly #out: OutputBuffer
  /** Dictionaries still to be walked; the last one is being walked. */
  readonly #walks: Walk[] = []
  /** Slot down to which that one has been walked. */
  #slot = Number.POSITIVE_INFINITY
  readonly #byDict = new Map<Dict<Value>, Walk>()
  /** Entries that were changed before their turn, as they were. */
  #kept: Kept[] = []
  /** Elements and bytes copied for those. */
  #copied = 0
  /** Writes the rest of a big entry. */
  #rest: Iterator<void> | undefined
  /** The database that what was written last belongs to. */
  #selected: Walk | undefined
  #overrun = false
  #ended = false

  /**
   * Begins a snapshot of what `keyspace` holds now. One at a time; `content` is to be used up, or `cancel` called.
   * To be called between commands.
   */
  constructor(
    private readonly keyspace: Keyspace,
    private readonly host: Host,
    private readonly form: SnapshotForm,
    /** Told how long commands had to wait each time. */
    private readonly paused: (tookMs: number) => void = () => {},
  ) {
    assert(keyspace.snapshot === undefined, 'one snapshot at a time')
    this.#out = new OutputBuffer(host.bytes, SLAB_BYTES)
    let keys = 0
    for (const { index, dict } of keyspace.databases) {
      if (dict.size === 0) continue
      dict.startMarking()
      const walk = { db: index, dict, keys: dict.size, expiring: dict.expiring, announced: false }
      this.#walks.push(walk)
      this.#byDict.set(dict, walk)
      keys += dict.size
    }
    this.keysTotal = keys
    form.begin(this.#out)
    keyspace.snapshot = this
  }

  /** Gives it up; `content` throws if it is still being read. */
  cancel(): void {
    this.#end()
  }

  /**
   * The bytes of the snapshot, made as they are asked for, with pauses in which the engine goes on.
   * @throws SnapshotCancelled
   * @throws CommandError when changes ran too far ahead of the reader
   */
  async *content(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let more = true; more; ) {
        if (this.#overrun) fail('ERR snapshot given up: data changes faster than the medium takes it')
        if (this.#ended) throw new SnapshotCancelled()
        more = this.#slice()
        if (!more) {
          this.form.end(this.#out)
          // Nothing more is needed of the keyspace.
          this.#end()
        }
        const pieces: Uint8Array[] = []
        this.form.take(this.#out, pieces)
        for (const piece of pieces) {
          this.bytes += piece.length
          yield piece
        }
        if (more) await new Promise<void>((resume) => this.host.defer(resume))
      }
    } finally {
      this.#end()
    }
  }

  // ---- what the keyspace tells --------------------------------------------------------------------------

  beforeEdit(dict: Dict<Value>, slot: number): void {
    const value = dict.valueAt(slot)
    this.#copied += copiedBy(value)
    this.#keep(dict, slot, frozen(value))
    if (this.#copied <= MAX_COPIED) return
    this.#overrun = true
    this.#end()
  }

  beforeLoss(dict: Dict<Value>, slot: number): void {
    this.#keep(dict, slot, dict.valueAt(slot))
  }

  #keep(dict: Dict<Value>, slot: number, value: Value): void {
    const walk = this.#byDict.get(dict) as Walk
    const key = dict.keyAt(slot) as string
    this.#kept.push({ walk, key, value, expiryMs: dict.expiryAt(slot), access: dict.accessAt(slot) })
    dict.markAt(slot)
  }

  // ---- the walk -----------------------------------------------------------------------------------------

  /** Works for a while. @returns whether more is to be done */
  #slice(): boolean {
    const startMs = this.host.monotonic()
    for (;;) {
      const more = this.#step()
      const nowMs = this.host.monotonic()
      const isFull = this.#out.pendingBytes >= SLICE_BYTES || nowMs >= startMs + SLICE_MS
      if (more && !isFull) continue
      this.paused(nowMs - startMs)
      return more
    }
  }

  #step(): boolean {
    if (this.#rest !== undefined) {
      if (this.#rest.next().done === true) this.#rest = undefined
      return true
    }
    for (let written = 0; written < ENTRIES_A_STEP && this.#rest === undefined; ) {
      const kept = this.#kept.pop()
      if (kept !== undefined) {
        this.#write(kept.walk, kept.key, kept.value, kept.expiryMs, kept.access)
        written++
        continue
      }
      this.#copied = 0
      const walk = this.#walks.at(-1)
      if (walk === undefined) return false
      written += this.#walkOn(walk)
    }
    return true
  }

  /** Writes the next entry of a dictionary. @returns what that counts as */
  #walkOn(walk: Walk): number {
    const { dict } = walk
    for (let passed = 0; passed < SLOTS_A_STEP; passed++) {
      const slot = dict.slotBelow(this.#slot)
      this.#slot = slot
      if (slot < 0) {
        this.#walks.pop()
        this.#slot = Number.POSITIVE_INFINITY
        return 1
      }
      if (dict.isMarkedAt(slot)) continue
      const value = dict.valueAt(slot)
      const stable = isWrittenAtOnce(value) ? value : frozen(value)
      this.#write(walk, dict.keyAt(slot) as string, stable, dict.expiryAt(slot), dict.accessAt(slot))
      dict.markAt(slot)
      return 1
    }
    return ENTRIES_A_STEP
  }

  /** Writes an entry whose value does not change any more, or the first part of a big one. */
  #write(walk: Walk, key: string, value: Value, expiryMs: number, access: number): void {
    if (walk !== this.#selected) {
      this.form.selectDb(this.#out, walk.db, walk.announced ? undefined : walk.keys, walk.expiring)
      walk.announced = true
      this.#selected = walk
    }
    this.#rest = this.form.entry(this.#out, key, value, expiryMs, access)
    this.keysDone++
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const dict of this.#byDict.keys()) dict.stopMarking()
    this.#walks.length = 0
    this.#kept = []
    this.#rest = undefined
    this.keyspace.snapshot = undefined
  }
}

/** Whether a value is small enough to be written in one go, whatever its type. */
function isWrittenAtOnce(value: Value): boolean {
  if (typeof value !== 'object' || value instanceof GrowBytes) return true
  return COMPACT_ENCODINGS.has(value.encoding)
}

/** A value that stays as it is. */
function frozen(value: Value): Value {
  if (typeof value !== 'object') return value
  return value instanceof GrowBytes ? value.copy() : value.frozen()
}

/** What `frozen` copies of a value: elements or bytes. */
function copiedBy(value: Value): number {
  return typeof value === 'object' ? value.length : 0
}
