/**
 * A snapshot without fork: the keyspace as it is when the snapshot is made, written bit by bit while commands
 * go on, with no second copy of memory.
 *
 * A walk goes through the slots of every database, from the highest down as scans do (compaction moves entries
 * only downwards, so none is passed over), and marks what it has written. What commands change meanwhile comes
 * first: an entry about to be edited is written just before (`beforeEdit`); one about to be removed or replaced
 * is kept as it is and written later, for nobody changes its value any more (`beforeLoss`). New entries are born
 * marked. A database that is flushed or swapped gets another dictionary; the walk stays with the old one.
 *
 * Costs: one look at a flag for each change; a big collection is written in steps, but one that is edited before
 * its turn, or while it is being written, is written to its end at once.
 */

import { assert, fail } from '../base/errors.js'
import type { Host } from '../base/host.js'
import type { Keyspace, KeyspaceObserver } from '../keyspace/keyspace.js'
import type { Value } from '../keyspace/value.js'
import { OutputBuffer } from '../protocol/output-buffer.js'
import type { Dict } from '../structures/dict.js'

/** The longest the walk works in one go. */
const SLICE_MS = 2
/** Entries written between two looks at the clock. */
const ENTRIES_A_STEP = 32
/** Free slots and entries that are written already are passed over in one go up to this number. */
const SLOTS_A_STEP = 4096
/** A slice ends when it has written this much, however fast it was. */
const SLICE_BYTES = 1 << 20
const SLAB_BYTES = 256 * 1024
/** Written ahead of the medium because of changes: more than this, and the snapshot is given up. */
const MAX_AHEAD_BYTES = 512 * 1024 * 1024

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

/** An entry that has left its dictionary. */
interface Lost {
  readonly walk: Walk
  readonly key: string
  readonly value: Value
  readonly expiryMs: number
  readonly access: number
}

/** A big entry of which a part is written. */
interface Unfinished {
  readonly walk: Walk
  readonly key: string
  readonly rest: Iterator<void>
  /** It has left its dictionary, and nobody changes it. */
  lost: boolean
}

export class Snapshot implements KeyspaceObserver {
  readonly keysTotal: number
  keysDone = 0
  bytes = 0

  readonly #out: OutputBuffer
  /** For entries that have to be written while a big one is not complete: they do not lie within one another. */
  readonly #aside: OutputBuffer
  /** Finished output, in order. */
  #pieces: Uint8Array[] = []
  /** Dictionaries still to be walked; the last one is being walked. */
  readonly #walks: Walk[] = []
  /** Slot down to which that one has been walked. */
  #slot = Number.POSITIVE_INFINITY
  readonly #byDict = new Map<Dict<Value>, Walk>()
  /** Entries that were removed or replaced before their turn. */
  #lost: Lost[] = []
  #unfinished: Unfinished | undefined
  /** The databases that what is written last belongs to. */
  #selected: Walk | undefined
  #selectedAside: Walk | undefined
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
  ) {
    assert(keyspace.snapshot === undefined, 'one snapshot at a time')
    this.#out = new OutputBuffer(host.bytes, SLAB_BYTES)
    this.#aside = new OutputBuffer(host.bytes)
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
    // Now, not with the first piece: what changes before somebody asks for that is written behind the header.
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
        this.form.take(this.#out, this.#pieces)
        const pieces = this.#pieces
        this.#pieces = []
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
    const walk = this.#byDict.get(dict) as Walk
    const key = dict.keyAt(slot) as string
    const unfinished = this.#unfinished
    if (unfinished !== undefined && unfinished.walk === walk && unfinished.key === key && !unfinished.lost) {
      complete(unfinished.rest)
      this.#finished(unfinished)
      return
    }
    const out = unfinished === undefined ? this.#out : this.#aside
    complete(this.#write(out, walk, key, dict.valueAt(slot), dict.expiryAt(slot), dict.accessAt(slot)))
    dict.markAt(slot)
    this.keysDone++
    if (this.#out.pendingBytes + this.#aside.pendingBytes <= MAX_AHEAD_BYTES) return
    this.#overrun = true
    this.#end()
  }

  beforeLoss(dict: Dict<Value>, slot: number): void {
    const walk = this.#byDict.get(dict) as Walk
    const key = dict.keyAt(slot) as string
    dict.markAt(slot)
    const unfinished = this.#unfinished
    if (unfinished !== undefined && unfinished.walk === walk && unfinished.key === key) {
      unfinished.lost = true
      return
    }
    const value = dict.valueAt(slot)
    this.#lost.push({ walk, key, value, expiryMs: dict.expiryAt(slot), access: dict.accessAt(slot) })
  }

  // ---- the walk -----------------------------------------------------------------------------------------

  /** Works for a while. @returns whether more is to be done */
  #slice(): boolean {
    const endMs = this.host.monotonic() + SLICE_MS
    for (let more = true; more; ) {
      more = this.#step()
      if (!more) return false
      if (this.#out.pendingBytes >= SLICE_BYTES || this.host.monotonic() >= endMs) return true
    }
    return false
  }

  #step(): boolean {
    const unfinished = this.#unfinished
    if (unfinished !== undefined) {
      if (unfinished.rest.next().done === true) this.#finished(unfinished)
      return true
    }
    for (let written = 0; written < ENTRIES_A_STEP && this.#unfinished === undefined; ) {
      const lost = this.#lost.pop()
      if (lost !== undefined) {
        const { walk, key, value, expiryMs, access } = lost
        this.#begin(walk, key, value, expiryMs, access, -1)
        written++
        continue
      }
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
      const key = dict.keyAt(slot) as string
      this.#begin(walk, key, dict.valueAt(slot), dict.expiryAt(slot), dict.accessAt(slot), slot)
      return 1
    }
    return ENTRIES_A_STEP
  }

  /**
   * Writes an entry, or the first part of a big one.
   * @param slot where it is, to be marked once it is written; -1 if it has left its dictionary
   */
  #begin(walk: Walk, key: string, value: Value, expiryMs: number, access: number, slot: number): void {
    const rest = this.#write(this.#out, walk, key, value, expiryMs, access)
    if (rest !== undefined) {
      this.#unfinished = { walk, key, rest, lost: slot < 0 }
      return
    }
    this.keysDone++
    if (slot >= 0) walk.dict.markAt(slot)
  }

  #write(
    out: OutputBuffer,
    walk: Walk,
    key: string,
    value: Value,
    expiryMs: number,
    access: number,
  ): Iterator<void> | undefined {
    const isAside = out === this.#aside
    if (walk !== (isAside ? this.#selectedAside : this.#selected)) {
      this.form.selectDb(out, walk.db, walk.announced ? undefined : walk.keys, walk.expiring)
      walk.announced = true
      if (isAside) this.#selectedAside = walk
      else this.#selected = walk
    }
    return this.form.entry(out, key, value, expiryMs, access)
  }

  /** A big entry is complete: what had to wait for it follows. */
  #finished({ walk, key, lost }: Unfinished): void {
    this.#unfinished = undefined
    this.keysDone++
    // It may have moved to another slot in the meantime.
    if (!lost) walk.dict.markAt(walk.dict.find(key))
    if (this.#selectedAside === undefined) return
    this.form.take(this.#out, this.#pieces)
    this.form.take(this.#aside, this.#pieces)
    this.#selected = this.#selectedAside
    this.#selectedAside = undefined
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const dict of this.#byDict.keys()) dict.stopMarking()
    this.#walks.length = 0
    this.#lost = []
    this.#unfinished = undefined
    this.keyspace.snapshot = undefined
  }
}

function complete(rest: Iterator<void> | undefined): void {
  while (rest !== undefined && rest.next().done !== true);
}
