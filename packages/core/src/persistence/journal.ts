/**
 * The journal: effects written to the end of a file as RESP commands, and the promise of `appendfsync`.
 *
 * Effects of one turn of the event loop are encoded into one buffer and leave together. With `always` the gate
 * is closed by the first of them, and opens when they are on the medium; what comes in meanwhile is the next
 * flush. Otherwise they are handed to the file before replies leave (`flush`), and synced once a second.
 *
 * What fails: a write leaves the file as it was, so the same bytes are kept and tried again. After a failed sync
 * nothing is known about the file any more; it is given up (`isBroken`), and a rewrite with files of its own heals
 * the journal. In both cases replies to writes become errors and writes are refused until it works again; memory
 * and journal never differ by more than what was refused or is still kept here.
 */

import type { Host } from '../base/host.js'
import type { CommitGate } from '../engine/commit-gate.js'
import type { Effect } from '../engine/effects.js'
import { writeCommand } from '../protocol/command-encoder.js'
import { OutputBuffer } from '../protocol/output-buffer.js'
import type { AppendFile } from '../storage/storage.js'

/** Effects waiting for a slow medium: with more of them, replies wait too, whatever `appendfsync` says. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024
const SLAB_BYTES = 64 * 1024
const SYNC_EVERY_MS = 1000
const RETRY_EVERY_MS = 1000

const NO_DB = -1

export interface JournalSettings {
  readonly appendfsync: 'always' | 'everysec' | 'no'
  readonly aofTimestampEnabled: boolean
}

/** A file, and what is still to be written to it. */
interface Segment {
  readonly file: AppendFile
  /** Bytes that the file had when it was opened. */
  readonly length: number
  /** Bytes that had been recorded, over all files, before its first. */
  readonly start: number
  pieces: Uint8Array[]
  bytes: number
  /** Called when everything is in the file, safe, and the file closed: another one has taken its place. */
  onComplete: (() => void) | undefined
}

interface Waiter {
  readonly position: number
  readonly callback: () => void
}

export class Journal {
  /** The error of the last write or sync, until one succeeds. */
  failure: string | undefined
  /** The file whose sync has failed: nothing more is written, until another one takes its place on a new base. */
  #damaged: AppendFile | undefined
  /** Syncs that were due while one was still running. */
  delayedSyncs = 0
  /** Told how long replies had to wait for a sync. */
  onSafe: (tookMs: number) => void = () => {}
  /** Leaves out the syncs of `everysec`, while a rewrite keeps the medium busy. */
  suspendsSync = false

  /** Effects that are encoded and belong to the last segment. */
  readonly #buffer: OutputBuffer
  /** Files in the order in which they are to be completed; new effects go to the last one. */
  #segments: Segment[] = []
  /** Whether the base is in place that the files build upon: until then there is nothing to wait for. */
  #isAnchored = false
  /** The `#pump` that is running; a new base makes those of the old files void. */
  #pumping: object | undefined
  #syncing: Promise<void> | undefined
  #scheduled = false
  /** Database of the last command encoded. */
  #db = NO_DB
  #timestampSeconds = 0
  #lastSyncMs = 0
  #lastTryMs = 0

  /** Bytes recorded, written and safe, over all files. */
  #recorded = 0
  #written = 0
  #safe = 0
  #waiters: Waiter[] = []

  constructor(
    private readonly host: Host,
    private readonly gate: CommitGate,
    private readonly settings: JournalSettings,
  ) {
    this.#buffer = new OutputBuffer(host.bytes, SLAB_BYTES)
  }

  /** Nothing more goes to the files there are; a new one is needed, on a new base. */
  get isBroken(): boolean {
    return this.#damaged !== undefined
  }

  /** Whether the files lead to everything that has been written: their base is in place, and they can be trusted. */
  get isWhole(): boolean {
    return this.isOpen && this.#isAnchored && !this.isBroken
  }

  /** Whether there is a file to write to. */
  get isOpen(): boolean {
    return this.#segments.length > 0
  }

  /** Bytes of the current file, with those that are still to be written. */
  get fileBytes(): number {
    const current = this.#segments.at(-1)
    return current === undefined ? 0 : current.length + this.#recorded - current.start
  }

  /** Bytes that are not in a file yet. */
  get backlogBytes(): number {
    let bytes = this.#buffer.pendingBytes
    for (const segment of this.#segments) bytes += segment.bytes
    return bytes
  }

  get isSyncing(): boolean {
    return this.#syncing !== undefined
  }

  // ---- what comes in ------------------------------------------------------------------------------------

  /** Takes the effects of one unit. */
  record(effects: readonly Effect[]): void {
    const buffer = this.#buffer
    const before = buffer.pendingBytes
    if (this.settings.aofTimestampEnabled) this.#stamp()
    const isGroup = effects.length > 1
    this.#select((effects[0] as Effect).db)
    if (isGroup) writeCommand(buffer, ['MULTI'])
    for (const { db, command } of effects) {
      this.#select(db)
      writeCommand(buffer, command)
    }
    if (isGroup) writeCommand(buffer, ['EXEC'])
    this.#recorded += buffer.pendingBytes - before
    if (this.#isAnchored && this.failure === undefined) {
      const isFull = buffer.pendingBytes > MAX_BACKLOG_BYTES
      if (isFull || this.settings.appendfsync === 'always') this.gate.closed = true
    }
    if (this.#scheduled) return
    this.#scheduled = true
    this.host.defer(this.#flushScheduled)
  }

  readonly #flushScheduled = () => {
    this.#scheduled = false
    this.flush()
  }

  #stamp(): void {
    const seconds = Math.floor(this.host.now() / 1000)
    if (seconds <= this.#timestampSeconds) return
    this.#timestampSeconds = seconds
    this.#buffer.write(`#TS:${seconds}\r\n`)
  }

  #select(db: number): void {
    if (db === this.#db) return
    this.#db = db
    writeCommand(this.#buffer, ['SELECT', `${db}`])
  }

  // ---- what goes out ------------------------------------------------------------------------------------

  /** Writes what has come in, unless a write is under way, after which it follows by itself. */
  flush(): void {
    if (this.#pumping !== undefined || this.failure !== undefined) return
    if (this.gate.closed || this.backlogBytes > 0) void this.#pump()
  }

  /** Called some times a second: the syncs that go by time, and another try after a failure. */
  tick(nowMs: number): void {
    if (this.#pumping === undefined && this.failure !== undefined && !this.isBroken) {
      if (nowMs - this.#lastTryMs < RETRY_EVERY_MS) return
      this.#lastTryMs = nowMs
      void this.#pump()
      return
    }
    this.flush()
    const current = this.#segments.at(-1)
    if (current === undefined || !this.#syncsByTime || this.suspendsSync) return
    if (nowMs - this.#lastSyncMs < SYNC_EVERY_MS || this.#written === this.#safe) return
    this.#lastSyncMs = nowMs
    if (this.#syncing !== undefined) this.delayedSyncs++
    // A file that is being completed is made safe by that.
    else if (this.#segments.length === 1) void this.#sync(current.file)
  }

  /** Somebody who waits is served with `no` too. */
  get #syncsByTime(): boolean {
    const { appendfsync } = this.settings
    return appendfsync === 'everysec' || (appendfsync === 'no' && this.#waiters.length > 0)
  }

  /** Writes until nothing is left. The first write is done within the call, where the medium can. */
  async #pump(): Promise<void> {
    const pump = {}
    this.#pumping = pump
    try {
      for (;;) {
        const segment = this.#segments[0]
        if (segment === undefined || this.isBroken) break
        this.#takeBuffer()
        const isSafe = this.settings.appendfsync === 'always' && this.#isAnchored
        this.gate.flushing()
        if (segment.bytes > 0) {
          await this.#writeTo(segment)
          if (this.#pumping !== pump) return
          // It may have got its last effects meanwhile, and be due for completion.
          if (segment.onComplete !== undefined && segment.bytes > 0) continue
        }
        const { onComplete } = segment
        if (isSafe || onComplete !== undefined) {
          await this.#sync(segment.file)
          if (this.#pumping !== pump || this.isBroken) return
        }
        if (onComplete !== undefined) {
          this.#segments.shift()
          await segment.file.close()
          onComplete()
          continue
        }
        this.#succeeded()
        const more = this.backlogBytes > 0
        if (this.gate.closed) this.gate.flushed(more)
        if (!more) break
      }
    } catch (error) {
      if (this.#pumping === pump) this.#fail('write', error)
    } finally {
      if (this.#pumping === pump) this.#pumping = undefined
    }
    // Replies that have just left may have let clients go on.
    this.flush()
  }

  /** Writes what a file has to get; on a failure it is kept for the next try. */
  async #writeTo(segment: Segment): Promise<void> {
    const { pieces, bytes } = segment
    segment.pieces = []
    try {
      await segment.file.write(pieces)
    } catch (error) {
      segment.pieces = [...pieces, ...segment.pieces]
      throw error
    }
    segment.bytes -= bytes
    this.#written += bytes
  }

  /** Makes everything safe that is in this file, which is the first that has anything unsafe. */
  async #sync(file: AppendFile): Promise<void> {
    while (this.#syncing !== undefined) await this.#syncing
    if (this.isBroken) return
    const written = this.#written
    const startMs = this.host.monotonic()
    const syncing = file.sync()
    this.#syncing = syncing.then(
      () => undefined,
      () => undefined,
    )
    try {
      await syncing
      this.#syncing = undefined
      if (this.gate.closed) this.onSafe(this.host.monotonic() - startMs)
      if (written > this.#safe) this.#safe = written
      this.#tellWaiters()
    } catch (error) {
      this.#syncing = undefined
      // A file that a new base has replaced meanwhile is nobody's concern.
      if (!this.#segments.some((segment) => segment.file === file)) return
      this.#damaged = file
      this.#fail('sync', error)
    }
  }

  #takeBuffer(): void {
    const current = this.#segments.at(-1)
    if (current !== undefined) current.bytes += this.#buffer.take(current.pieces)
  }

  #fail(what: 'write' | 'sync', error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (this.failure === undefined)
      this.host.log(
        'warning',
        `Cannot ${what} the append-only file: ${reason}. Writes are refused until it works`,
      )
    this.failure = reason
    this.gate.open(writeErrorText(reason))
  }

  #succeeded(): void {
    if (this.failure === undefined) return
    this.failure = undefined
    this.host.log('warning', 'The append-only file can be written again')
  }

  /** @returns a function that takes the wish back */
  whenSafe(callback: () => void): () => void {
    const waiter = { position: this.#recorded, callback }
    if (this.#isAnchored && this.#safe >= waiter.position) {
      callback()
      return () => {}
    }
    this.#waiters.push(waiter)
    return () => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter)
    }
  }

  #tellWaiters(): void {
    if (!this.#isAnchored || this.#waiters.length === 0) return
    const due = this.#waiters.filter(({ position }) => position <= this.#safe)
    if (due.length === 0) return
    this.#waiters = this.#waiters.filter(({ position }) => position > this.#safe)
    for (const { callback } of due) callback()
  }

  // ---- files --------------------------------------------------------------------------------------------

  /**
   * Begins anew in `file`, which belongs to a base that is made of the data as it is now: what was recorded before
   * need not be written. Until that base is in place (`anchor`) nobody waits for the journal, and one that has
   * failed goes on refusing writes.
   */
  async restart(file: AppendFile): Promise<void> {
    const old = this.#segments
    this.#buffer.take([])
    this.#segments = [segmentFor(file, this.#recorded)]
    this.#written = this.#recorded
    this.#db = NO_DB
    this.#isAnchored = false
    this.#pumping = undefined
    this.gate.open()
    for (const segment of old) await segment.file.close().catch(() => {})
  }

  /**
   * A base is in place that holds all that was recorded before the current file: the ones before it are not
   * needed any more, even if they could not be completed.
   */
  anchor(): void {
    const current = this.#segments.pop()
    if (current === undefined) return
    const replaced = this.#segments
    this.#segments = [current]
    for (const segment of replaced) void segment.file.close().catch(() => {})
    if (replaced.length > 0) {
      // Whatever was under way was for one of those.
      this.#pumping = undefined
      this.#takeBuffer()
      this.#written = this.#recorded - current.bytes
    }
    this.#safe = Math.max(this.#safe, current.start)
    this.#isAnchored = true
    if (this.#damaged === current.file) return
    this.#damaged = undefined
    this.#succeeded()
    this.#tellWaiters()
    this.flush()
  }

  /**
   * Goes on in `file`: what was recorded up to this call is in the present one, all later effects in the new one.
   * Nothing is written to the new one before the present one is complete and safe, so that what is left after a
   * crash is always a beginning of the history.
   * @param onComplete called when the present file is complete and closed
   */
  continueIn(file: AppendFile, onComplete: () => void): void {
    this.#takeBuffer()
    const current = this.#segments.at(-1) as Segment
    current.onComplete = onComplete
    this.#segments.push(segmentFor(file, this.#recorded))
    this.#db = NO_DB
    // What comes now is not even handed to a file before the present one is safe.
    if (this.failure === undefined) this.gate.closed = true
    if (this.#pumping === undefined && this.failure === undefined) void this.#pump()
  }

  /** Writes what has come in and makes it safe. @throws Error if that cannot be done now */
  async makeSafe(): Promise<void> {
    this.flush()
    await this.#idle()
    const current = this.#segments.at(-1)
    if (this.failure === undefined && current !== undefined) await this.#sync(current.file)
    if (this.failure !== undefined) throw new Error(this.failure)
  }

  /** Resolves when no write is under way. */
  async #idle(): Promise<void> {
    while (this.#pumping !== undefined) await new Promise<void>((resume) => this.host.defer(resume))
  }

  /**
   * Ends without writing anything: what was recorded since `restart` has no base to build upon. Writes are refused
   * until there is one.
   */
  async abandon(reason: string): Promise<void> {
    this.failure = reason
    const files = this.#segments.map(({ file }) => file)
    this.#segments = []
    this.#pumping = undefined
    this.#buffer.take([])
    for (const file of files) await file.close().catch(() => {})
  }

  /** Writes everything, makes it safe and ends. @throws StorageError if that fails; it has ended all the same */
  async close(): Promise<void> {
    const files = this.#segments.map(({ file }) => file)
    const pump = {}
    try {
      await this.#idle()
      // Nobody else is to write now.
      this.#pumping = pump
      for (const segment of this.#segments) {
        this.#takeBuffer()
        if (segment.bytes > 0) await this.#writeTo(segment)
        await segment.file.sync()
      }
      this.#safe = this.#recorded
      this.#tellWaiters()
      this.gate.open()
    } catch (error) {
      this.gate.open(writeErrorText(error instanceof Error ? error.message : String(error)))
      throw error
    } finally {
      if (this.#pumping === pump) this.#pumping = undefined
      this.#segments = []
      this.#isAnchored = false
      this.failure = undefined
      this.#damaged = undefined
      for (const file of files) await file.close().catch(() => {})
    }
  }
}

function segmentFor(file: AppendFile, start: number): Segment {
  return { file, length: file.length, start, pieces: [], bytes: 0, onComplete: undefined }
}

/** The error for a write that cannot be recorded. */
export function writeErrorText(reason: string): string {
  return `MISCONF Errors writing to the AOF file: ${reason}`
}
