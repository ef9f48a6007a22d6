/**
 * Keeps the data of an engine in a storage: what is read in at the start, when a snapshot or a rewrite begins,
 * what the clients are told when one fails. The files themselves are written by `Snapshot`, `AppendOnlyFile` and
 * `Journal`, and read by `DataLoader`.
 *
 * One snapshot is under way at a time, for whatever purpose, as Redis has one child process at a time.
 */

import { CommandError, fail, LOADING } from '../base/errors.js'
import type { Host } from '../base/host.js'
import type { ReloadOptions, ShutdownOptions } from '../commands/context.js'
import type { Settings } from '../engine/config.js'
import type { Durability } from '../engine/durability.js'
import type { Engine } from '../engine/engine.js'
import type { PersistenceFacts } from '../engine/info-persistence.js'
import { Turns } from '../engine/turns.js'
import type { FileContent, Storage } from '../storage/storage.js'
import { AppendOnlyFile } from './append-only-file.js'
import { CommandForm } from './command-form.js'
import { DataLoader, type LoadProgress } from './data-loader.js'
import { writeErrorText } from './journal.js'
import { rdbForm } from './rdb-form.js'
import { Snapshot, SnapshotCancelled, type SnapshotForm } from './snapshot.js'
import { StagedData } from './staged-data.js'

/** How long after a failed snapshot the next one begins by itself. */
const SAVE_RETRY_MS = 5000
/** How long after a failed rewrite the next one begins by itself: this long, and each time twice that. */
const REWRITE_RETRY_MS = 1000
const MAX_REWRITE_RETRY_MS = 3_600_000

const SAVING = 'ERR Background save already in progress'
const REWRITING = 'ERR Background append only file rewriting already in progress'
const BUSY =
  "ERR Another child process is active (AOF?): can't BGSAVE right now. " +
  'Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.'
const SNAPSHOT_FAILED =
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
  'Commands that may modify the data set are disabled, because this instance is configured to report errors ' +
  'during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). ' +
  'Please check the Redis logs for details about the RDB error.'

const NO_RDB = 'ERR Error trying to load the RDB dump, check server logs.'
const NO_AOF = 'ERR Error trying to load the AOF files, check server logs.'

/** What a snapshot is for. */
type Purpose = 'rdb' | 'aof'

/** A snapshot under way. */
export interface Job {
  readonly purpose: Purpose
  readonly startMs: number
  snapshot: Snapshot | undefined
  /** Whether nobody waits for it, so that it can be given up. */
  readonly isBackground: boolean
  /** Resolves when it is over, whether it was a success or not. */
  readonly over: Promise<void>
}

/** Keeps the data in `storage`; for `EngineOptions.durability`. `engine.load()` is to be awaited then. */
export function persistIn(storage: Storage): (engine: Engine) => Durability {
  return (engine) => new Persistence(engine, storage)
}

export class Persistence implements Durability {
  readonly file: AppendOnlyFile
  job: Job | undefined
  lastSaveSeconds: number

  /** Whether commands are refused: until everything is in place that makes writes last. */
  #isLoading = false
  /** What is being read in. */
  #progress: LoadProgress | undefined
  #loaded = { keysLoaded: 0, keysExpiredInLoading: 0 }
  #saved = { lastSaveFailed: false, lastSaveTookSeconds: -1, saves: 0 }
  #rewritten = { lastRewriteFailed: false, lastRewriteTookSeconds: -1, rewrites: 0, rewriteFailures: 0 }
  #rewriteIsScheduled = false
  readonly #host: Host
  readonly #settings: Settings
  /** `keyspace.dirty` at the last snapshot. */
  #dirtySaved = 0
  #saveIsScheduled = false
  #lastSaveTryMs = Number.NEGATIVE_INFINITY
  #lastRewriteTryMs = Number.NEGATIVE_INFINITY
  /** All data is being exchanged: one after the other. */
  readonly #exchanges = new Turns()
  #isExchanging = false
  /** Settles when the append-only file that was switched off is complete. */
  #closing: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(
    readonly engine: Engine,
    private readonly storage: Storage,
  ) {
    this.#host = engine.host
    this.#settings = engine.settings
    this.file = new AppendOnlyFile(engine.host, storage, engine.settings, engine.effects, engine.gate)
    this.file.journal.onSafe = (tookMs) => engine.latency.add('aof-fsync-always', tookMs)
    this.lastSaveSeconds = Math.floor(engine.host.now() / 1000)
    engine.config.onChange(['appendonly'], ({ appendonly }) => this.#switchJournal(appendonly))
    engine.config.onChange(['dir'], () => 'the data stays where it is: dir can be set at the start only')
  }

  get journals(): boolean {
    return this.#settings.appendonly
  }

  get loading(): boolean {
    return this.#isLoading
  }

  /** Changes since the last snapshot. */
  get #changes(): number {
    return this.engine.keyspace.dirty - this.#dirtySaved
  }

  get writeRefusal(): string | undefined {
    const { failure } = this.file.journal
    if (failure !== undefined) return writeErrorText(failure)
    const { save, stopWritesOnBgsaveError } = this.#settings
    return this.#saved.lastSaveFailed && stopWritesOnBgsaveError && save.length > 0
      ? SNAPSHOT_FAILED
      : undefined
  }

  facts(): PersistenceFacts {
    const { job, file } = this
    const { journal } = file
    return {
      loading: this.#progress,
      job: job && {
        purpose: job.purpose,
        startMs: job.startMs,
        keysDone: job.snapshot?.keysDone ?? 0,
        keysTotal: job.snapshot?.keysTotal ?? 0,
      },
      changesSinceSave: this.#changes,
      lastSaveSeconds: this.lastSaveSeconds,
      ...this.#saved,
      ...this.#loaded,
      rewriteIsScheduled: this.#rewriteIsScheduled,
      ...this.#rewritten,
      journal: this.journals
        ? {
            failed: journal.failure !== undefined,
            bytes: file.bytes,
            rewrittenBytes: file.rewrittenBytes,
            backlogBytes: journal.backlogBytes,
            isSyncing: journal.isSyncing,
            delayedSyncs: journal.delayedSyncs,
          }
        : undefined,
    }
  }

  // ---- reading in ---------------------------------------------------------------------------------------

  async load(): Promise<void> {
    this.#isLoading = true
    if (this.journals) await this.#loadJournal()
    else await this.#loadSnapshot()
    // It may have been switched off in the meantime.
    if (!this.journals) await this.file.close()
    this.lastSaveSeconds = Math.floor(this.#host.now() / 1000)
    this.#isLoading = false
  }

  async #loadSnapshot(): Promise<void> {
    const name = this.#settings.dbfilename
    await this.#reading(async (loader) => {
      if (name !== '' && (await loader.has(name))) await loader.snapshot(name, true)
    })
  }

  async #loadJournal(): Promise<void> {
    const { file } = this
    const found = await this.#reading((loader) => loader.journal(file))
    if (found !== undefined) {
      await file.resume(found.manifest, found.bytes)
      return
    }
    // There is no append-only file yet: data may be in the file of older versions, or in a snapshot.
    const old = this.#settings.appendfilename
    const hasOld = await this.#reading(async (loader) => {
      if (!(await loader.has(old))) return false
      await loader.log(old, true)
      return true
    })
    if (!hasOld) await this.#loadSnapshot()
    await this.#rewrite()
    if (hasOld) await this.storage.remove(old)
  }

  /** Runs what reads data in, with commands refused and the keyspace in the state for it. */
  async #reading<T>(read: (loader: DataLoader) => Promise<T>): Promise<T> {
    const { keyspace } = this.engine
    const loader = new DataLoader(this.engine, this.storage)
    this.#progress = loader
    // What has expired is in the files as long as they do not say that it is gone.
    keyspace.keepsExpired = true
    keyspace.showsExpired = true
    try {
      const result = await read(loader)
      this.engine.functions = loader.functions
      return result
    } finally {
      keyspace.keepsExpired = false
      keyspace.showsExpired = false
      keyspace.touches = true
      keyspace.resetStats()
      this.#dirtySaved = keyspace.dirty
      this.#loaded = { keysLoaded: loader.keysLoaded, keysExpiredInLoading: loader.keysExpired }
      this.#progress = undefined
    }
  }

  async reload({ save, flush, merge }: ReloadOptions): Promise<void> {
    const name = this.#settings.dbfilename
    await this.#replacing(NO_RDB, async () => {
      if (save) await this.#saveOrFail()
      await this.#readingAgain(flush, async (loader) => {
        if (!(await loader.has(name))) throw new Error('there is no such file')
        await loader.snapshot(name, true, merge)
        return save && flush
      })
    })
  }

  async reloadJournal(): Promise<void> {
    if (!this.journals) fail(NO_AOF)
    await this.#replacing(NO_AOF, async () => {
      await this.file.journal.makeSafe()
      await this.file.close()
      await this.#readingAgain(true, async (loader) => {
        const found = await loader.journal(this.file)
        if (found !== undefined) await this.file.resume(found.manifest, found.bytes)
        return found !== undefined
      })
    })
  }

  /** Runs what reads data in, on a client's wish. @param failed the error for the client */
  async #replacing(failed: string, work: () => Promise<void>): Promise<void> {
    // What is half read in must not be saved.
    if (this.loading) fail(LOADING)
    try {
      await this.#whileAllWait(work)
    } catch (error) {
      if (error instanceof CommandError) throw error
      this.#host.log('warning', `Cannot read the data in again: ${(error as Error).message}`)
      fail(failed)
    }
  }

  /**
   * Reads data in beside what there is.
   * @param flush whether it is to take the place of what there is, which comes back when that fails
   * @param read tells whether the journal leads to the data that is there afterwards: if not, it begins anew
   */
  async #readingAgain(flush: boolean, read: (loader: DataLoader) => Promise<boolean>): Promise<void> {
    const before = flush ? new StagedData(this.engine) : undefined
    let isJournalled = false
    before?.exchange()
    try {
      isJournalled = await this.#reading(read)
    } catch (error) {
      before?.exchange()
      throw error
    } finally {
      if (this.journals && !isJournalled) await this.#rewrite(() => {})
    }
  }

  async replaceData(exchange: () => () => void): Promise<void> {
    await this.#whileAllWait(async () => {
      if (!this.journals) exchange()
      else {
        await this.file.journal.makeSafe()
        await this.#noJob()
        let undo: (() => void) | undefined
        try {
          await this.#rewrite(() => {
            undo = exchange()
          })
        } catch (error) {
          undo?.()
          throw error
        }
      }
      this.engine.keyspace.dirty++
    })
  }

  /** Runs what exchanges the data, while all clients wait and nothing begins by itself. */
  async #whileAllWait(work: () => Promise<void>): Promise<void> {
    const goOn = await this.#holdAll()
    try {
      await this.#noJob()
      await work()
    } finally {
      goOn()
    }
  }

  /** Lets all clients wait, and begins nothing by itself. @returns what ends that */
  async #holdAll(): Promise<() => void> {
    const { sessions } = this.engine
    const endTurn = this.#exchanges.tryTake() ?? (await this.#exchanges.take())
    this.#isExchanging = true
    sessions.suspend()
    return () => {
      this.#isExchanging = false
      sessions.resume()
      endTurn()
    }
  }

  async #noJob(): Promise<void> {
    while (this.job !== undefined) await this.job.over
  }

  // ---- snapshots ----------------------------------------------------------------------------------------

  async save(): Promise<void> {
    if (this.job?.purpose === 'rdb') fail(SAVING)
    await this.#noJob()
    await this.#saveOrFail()
  }

  /** Saves for a client that waits for it. */
  async #saveOrFail(): Promise<void> {
    try {
      await this.#save(false)
    } catch {
      fail('ERR')
    }
  }

  saveInBackground(schedule: boolean, later: boolean): string {
    if (this.job?.purpose === 'rdb') fail(SAVING)
    if (this.job !== undefined || later) {
      if (!schedule && !later) fail(BUSY)
      this.#saveIsScheduled = true
      return 'Background saving scheduled'
    }
    this.#saveInBackground()
    return 'Background saving started'
  }

  #saveInBackground(): void {
    // A failure is in the log, in INFO, and stops writes.
    this.#save(true).catch(() => {})
  }

  async #save(isBackground: boolean): Promise<void> {
    const { keyspace } = this.engine
    const startMs = this.#host.now()
    this.#lastSaveTryMs = startMs
    this.#saveIsScheduled = false
    const { dirty } = keyspace
    try {
      await this.#asJob('rdb', isBackground, async (begin) => {
        const content = begin(rdbForm(this.engine, false, this.engine.functions))
        await this.storage.replace(this.#settings.dbfilename, content)
      })
      this.#dirtySaved = dirty
      this.lastSaveSeconds = Math.floor(this.#host.now() / 1000)
      this.#saved.lastSaveFailed = false
      this.#saved.saves++
      this.#host.log('notice', 'DB saved on disk')
    } catch (error) {
      if (error instanceof SnapshotCancelled) throw error
      this.#saved.lastSaveFailed = true
      this.#host.log('warning', `Background saving error: ${(error as Error).message}`)
      throw error
    } finally {
      this.#saved.lastSaveTookSeconds = Math.floor((this.#host.now() - startMs) / 1000)
    }
  }

  /**
   * Runs a job that makes a snapshot; there is none now. `begin` starts the snapshot of this moment: a job calls it
   * once.
   */
  async #asJob(
    purpose: Purpose,
    isBackground: boolean,
    work: (begin: (form: SnapshotForm) => FileContent) => Promise<void>,
  ): Promise<void> {
    let finish = () => {}
    const over = new Promise<void>((resolve) => {
      finish = resolve
    })
    const job: Job = { purpose, isBackground, startMs: this.#host.now(), snapshot: undefined, over }
    this.job = job
    // Somebody may be exporting the data.
    const { snapshotTurns } = this.engine
    const endTurn = snapshotTurns.tryTake() ?? (await snapshotTurns.take())
    try {
      await work((form) => {
        job.snapshot = new Snapshot(this.engine.keyspace, this.#host, form, (tookMs) =>
          this.engine.timing.paused('snapshot', tookMs),
        )
        return job.snapshot.content()
      })
    } finally {
      job.snapshot?.cancel()
      this.job = undefined
      endTurn()
      finish()
    }
  }

  // ---- the journal --------------------------------------------------------------------------------------

  endTurn(): void {
    this.file.journal.flush()
  }

  whenJournalled(callback: () => void): () => void {
    return this.file.journal.whenSafe(callback)
  }

  rewriteInBackground(later: boolean): string {
    if (this.job?.purpose === 'aof') fail(REWRITING)
    if (this.job !== undefined || later) {
      this.#rewriteIsScheduled = true
      return 'Background append only file rewriting scheduled'
    }
    this.#rewriteInBackground()
    return 'Background append only file rewriting started'
  }

  #rewriteInBackground(): void {
    this.#rewrite().catch(() => {})
  }

  /** @param exchange exchanges the data at the moment of the snapshot: then no old file goes on */
  async #rewrite(exchange?: () => void): Promise<void> {
    const { journal } = this.file
    const { aofTimestampEnabled, aofUseRdbPreamble, noAppendfsyncOnRewrite } = this.#settings
    // No command brings libraries of functions back yet.
    const asRdb = aofUseRdbPreamble || this.engine.functions.length > 0
    const startMs = this.#host.now()
    this.#lastRewriteTryMs = startMs
    this.#rewriteIsScheduled = false
    try {
      await this.#asJob('aof', exchange === undefined, async (begin) => {
        await this.#closing
        journal.suspendsSync = noAppendfsyncOnRewrite
        const format = asRdb ? 'rdb' : 'aof'
        const form = () =>
          asRdb
            ? rdbForm(this.engine, true, this.engine.functions)
            : new CommandForm(aofTimestampEnabled ? Math.floor(this.#host.now() / 1000) : undefined)
        const beginBase = () => {
          exchange?.()
          return begin(form())
        }
        await this.file.rewrite(beginBase, format, this.journals, exchange !== undefined)
      })
      this.#rewritten.lastRewriteFailed = false
      this.#rewritten.rewriteFailures = 0
      // The first base of a new file is no rewrite.
      if (this.loading) return
      this.#rewritten.rewrites++
      this.#host.log('notice', 'Background AOF rewrite finished successfully')
    } catch (error) {
      if (error instanceof SnapshotCancelled) throw error
      this.#rewritten.lastRewriteFailed = true
      this.#rewritten.rewriteFailures++
      this.#host.log('warning', `Background AOF rewrite failed: ${(error as Error).message}`)
      throw error
    } finally {
      journal.suspendsSync = false
      if (!this.loading)
        this.#rewritten.lastRewriteTookSeconds = Math.floor((this.#host.now() - startMs) / 1000)
      // It may have been switched off in the meantime.
      if (!this.journals) await this.file.close().catch(() => {})
    }
  }

  #switchJournal(on: boolean): undefined {
    if (this.loading) return
    if (on) {
      if (this.job === undefined) this.#rewriteInBackground()
      else this.#rewriteIsScheduled = true
      return
    }
    this.#rewriteIsScheduled = false
    if (this.job?.purpose === 'aof') this.#cancelJob()
    else
      this.#closing = this.file.close().catch((error: Error) => {
        this.#host.log('warning', `Cannot complete the append-only file: ${error.message}`)
      })
  }

  // ---- by itself ----------------------------------------------------------------------------------------

  tick(monotonicMs: number): void {
    if (this.loading || this.#closed !== undefined) return
    this.file.journal.tick(monotonicMs)
    if (this.job !== undefined || this.#isExchanging) return
    const nowMs = this.#host.now()
    if (this.#saveIsScheduled || this.#isSaveDue(nowMs)) this.#saveInBackground()
    else if (this.#rewriteIsScheduled || this.#isRewriteDue(nowMs)) this.#rewriteInBackground()
  }

  #isSaveDue(nowMs: number): boolean {
    // As long as writes are refused nothing changes: what the save points say is not waited for.
    if (this.#saved.lastSaveFailed && this.#settings.save.length > 0)
      return nowMs - this.#lastSaveTryMs >= SAVE_RETRY_MS
    const changes = this.#changes
    if (changes === 0) return false
    const seconds = nowMs / 1000 - this.lastSaveSeconds
    const due = this.#settings.save.find((point) => changes >= point.changes && seconds > point.seconds)
    if (due === undefined) return false
    this.#host.log('notice', `${due.changes} changes in ${due.seconds} seconds. Saving...`)
    return true
  }

  #isRewriteDue(nowMs: number): boolean {
    if (!this.journals) return false
    const { file } = this
    const { rewriteFailures } = this.#rewritten
    if (rewriteFailures > 0) {
      const pauseMs = Math.min(REWRITE_RETRY_MS * 2 ** (rewriteFailures - 1), MAX_REWRITE_RETRY_MS)
      if (nowMs - this.#lastRewriteTryMs < pauseMs) return false
    }
    // Without a base, or with files that cannot be trusted, there is no journal.
    if (!file.journal.isOpen || file.journal.isBroken) return true
    const { autoAofRewritePercentage: percentage, autoAofRewriteMinSize: leastBytes } = this.#settings
    const { bytes } = file
    if (percentage === 0 || bytes <= leastBytes) return false
    const base = Math.max(file.rewrittenBytes, 1)
    const growth = Math.floor((bytes * 100) / base) - 100
    if (growth < percentage) return false
    this.#host.log('notice', `Starting automatic rewriting of AOF on ${growth}% growth`)
    return true
  }

  flushedAll(): void {
    if (this.loading) return
    // A snapshot of what is gone would only keep it alive.
    if (this.job?.purpose === 'rdb') this.#cancelJob()
    if (this.#settings.save.length > 0) this.#saveIsScheduled = true
  }

  // ---- the end ------------------------------------------------------------------------------------------

  async prepareShutdown({ save, nosave, force }: ShutdownOptions): Promise<void> {
    // What is half read in must not replace the files it comes from; and nothing has been acknowledged yet.
    if (this.loading) return
    // What would be acknowledged from now on is not in the snapshot.
    const goOn = await this.#holdAll()
    try {
      // Without its first base the journal holds nothing, however much has been recorded.
      if (force || this.job?.purpose === 'rdb' || this.file.journal.isWhole) this.#cancelJob()
      await this.#noJob()
      if (save || (!nosave && this.#settings.save.length > 0)) {
        this.#host.log('notice', 'Saving the final RDB snapshot before exiting.')
        await this.#save(false)
      }
      if (!this.journals) return
      if (this.file.journal.isWhole) await this.file.journal.makeSafe()
      else await this.#rewrite()
    } catch (error) {
      this.#host.log('warning', `Error trying to make the data safe: ${(error as Error).message}`)
      if (force) return
      goOn()
      fail('ERR Errors trying to SHUTDOWN. Check logs.')
    }
  }

  /** Gives up the snapshot that is being taken, unless somebody waits for it. */
  #cancelJob(): void {
    if (this.job?.isBackground) this.job.snapshot?.cancel()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.job?.snapshot?.cancel()
    await this.#noJob()
    try {
      await this.file.close()
    } finally {
      await this.storage.close()
    }
  }
}
