/**
 * The append-only file as a whole, in the several parts that Redis 7 gives it: a base (the data at one moment),
 * the logs of what came after, and a manifest that says which files these are. The journal writes the last log;
 * here are the steps from one set of files to the next.
 *
 * A rewrite opens a log of its own, begins a snapshot at the moment when the journal turns to it, writes the
 * snapshot as a new base, and then makes both valid by replacing the manifest. Until then the old files are
 * complete. Where there are none (the journal is being switched on) or they cannot be trusted (a sync has failed),
 * the same steps are taken, only that the new log is not announced before the new base is there.
 */

import type { Host } from '../base/host.js'
import type { CommitGate } from '../engine/commit-gate.js'
import type { Settings } from '../engine/config.js'
import type { EffectStream } from '../engine/effects.js'
import type { AppendFile, FileContent, Storage } from '../storage/storage.js'
import { Journal } from './journal.js'
import { type AofFile, type BaseFormat, Manifest, manifestName } from './manifest.js'

/** Begins a snapshot of the data as it is now, in the form of a base. */
export type BeginBase = () => FileContent

export class AppendOnlyFile {
  readonly journal: Journal
  manifest = Manifest.EMPTY
  /** Bytes of the base and all logs after the last rewrite or the start, for `auto-aof-rewrite-percentage`. */
  rewrittenBytes = 0
  /** Bytes of the base and of the logs that are complete. */
  #closedBytes = 0
  #stopListening: (() => void) | undefined
  /** Whether the stored manifest is `manifest`, and not perhaps another one, which could not be stored for certain. */
  #isManifestCertain = true

  constructor(
    private readonly host: Host,
    private readonly storage: Storage,
    private readonly settings: Settings,
    private readonly effects: EffectStream,
    gate: CommitGate,
  ) {
    this.journal = new Journal(host, gate, settings)
  }

  /** Bytes of all files that belong to it. */
  get bytes(): number {
    return this.#closedBytes + this.journal.fileBytes
  }

  get manifestName(): string {
    return this.pathOf(manifestName(this.settings.appendfilename))
  }

  /** The name in the storage of a file that the manifest names. */
  pathOf(name: string): string {
    return `${this.settings.appenddirname}/${name}`
  }

  /**
   * Goes on with the files that have been read in.
   * @param bytes how long each of them is, by its name in the manifest: what is beyond is cut off
   */
  async resume(manifest: Manifest, bytes: ReadonlyMap<string, number>): Promise<void> {
    this.manifest = manifest
    let next = manifest
    if (manifest.current === undefined) next = manifest.withNewIncremental(this.settings.appendfilename)
    const log = next.current as AofFile
    // A crash may have torn the log before one that had just been begun. Once that one goes on, no torn log loads.
    for (const { name } of manifest.incremental) {
      if (name !== log.name) await (await this.#open(name, bytes.get(name) as number)).close()
    }
    const length = bytes.get(log.name)
    const file = length === undefined ? await this.#create(log.name) : await this.#open(log.name, length)
    await this.#adopt(next)
    this.#closedBytes = 0
    for (const [name, length] of bytes) if (name !== log.name) this.#closedBytes += length
    await this.journal.restart(file)
    this.#listen()
    this.journal.anchor()
    this.rewrittenBytes = this.bytes
    await this.#removeHistory()
  }

  /**
   * Writes a new base, and continues in a new log if the journal is to go on.
   * @param begin called at the moment that the new base holds
   * @param format of the base
   * @param journals whether there is to be a log
   * @param anew whether what the old files hold has nothing to do with the new base
   * @throws StorageError, and whatever the snapshot throws; then the files are as valid as they were
   */
  async rewrite(begin: BeginBase, format: BaseFormat, journals: boolean, anew = false): Promise<void> {
    const { journal } = this
    let hasRestarted = false
    try {
      await this.#writeBase(begin, format, journals, anew, () => {
        hasRestarted = true
      })
    } catch (error) {
      // A journal without a base is worth nothing: the next try begins with a new one.
      if (journals && (hasRestarted || !journal.isOpen)) await this.#abandon((error as Error).message)
      throw error
    }
    this.rewrittenBytes = this.bytes
    await this.#removeHistory()
  }

  /** @param restarted called when the journal writes to a log that needs the new base */
  async #writeBase(
    begin: BeginBase,
    format: BaseFormat,
    journals: boolean,
    anew: boolean,
    restarted: () => void,
  ): Promise<void> {
    const { journal, settings } = this
    // What a failed try may have made valid is about to be written over.
    await this.#adopt(this.manifest)
    // Most of the old log is made safe beforehand: the change from one to the other holds replies up.
    if (journal.isOpen && !anew) await journal.makeSafe().catch(() => {})
    const continues = journal.isOpen && journal.failure === undefined && !anew
    let next = this.manifest
    let content: FileContent
    if (journals) {
      next = next.withNewIncremental(settings.appendfilename)
      const file = await this.#create((next.current as AofFile).name)
      try {
        if (continues) await this.#adopt(next)
      } catch (error) {
        await file.close()
        throw error
      }
      content = begin()
      if (continues) {
        const closing = journal.fileBytes
        journal.continueIn(file, () => {})
        this.#closedBytes += closing
      } else {
        this.#listen()
        void journal.restart(file)
        restarted()
      }
    } else content = begin()

    const base = next.nextBase(settings.appendfilename, format)
    let baseBytes = 0
    const path = this.pathOf(base.name)
    await this.storage.replace(
      path,
      counted(content, (bytes) => (baseBytes += bytes)),
    )
    await this.#adopt(next.withBase(base, journals ? next.current : undefined))
    this.#closedBytes = baseBytes
    if (journals) journal.anchor()
  }

  /** Ends the journal; everything recorded is safe afterwards. @throws StorageError if that fails */
  async close(): Promise<void> {
    this.#stopListening?.()
    this.#stopListening = undefined
    await this.journal.close()
  }

  async #abandon(reason: string): Promise<void> {
    this.#stopListening?.()
    this.#stopListening = undefined
    await this.journal.abandon(reason)
  }

  #listen(): void {
    this.#stopListening ??= this.effects.listen((effects) => this.journal.record(effects))
  }

  /**
   * Opens a new log. An earlier try may have left a file of its name, of which nothing is known if its sync failed.
   */
  async #create(name: string): Promise<AppendFile> {
    await this.storage.remove(this.pathOf(name))
    return this.#open(name, 0)
  }

  /** Opens a log, which is there even after a crash when this is over. */
  async #open(name: string, length: number): Promise<AppendFile> {
    const file = await this.storage.append(this.pathOf(name), length)
    try {
      await file.sync()
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async #adopt(manifest: Manifest): Promise<void> {
    if (manifest === this.manifest && this.#isManifestCertain) return
    this.#isManifestCertain = false
    const text = manifest.print()
    if (text === '') await this.storage.remove(this.manifestName)
    else await this.storage.replace(this.manifestName, [bytesOf(text, this.host)])
    this.#isManifestCertain = true
    this.manifest = manifest
  }

  /** Removes files that a newer base has replaced. What fails is tried again after the next rewrite or start. */
  async #removeHistory(): Promise<void> {
    const { history } = this.manifest
    if (history.length === 0 || this.settings.aofDisableAutoGc) return
    try {
      for (const { name } of history) await this.storage.remove(this.pathOf(name))
      await this.#adopt(this.manifest.withoutHistory())
    } catch (error) {
      this.host.log('warning', `Cannot remove old parts of the append-only file: ${(error as Error).message}`)
    }
  }
}

async function* counted(content: FileContent, add: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    add(piece.length)
    yield piece
  }
}

function bytesOf(text: string, host: Host): Uint8Array {
  const bytes = new Uint8Array(text.length)
  host.bytes.encode(text, bytes, 0)
  return bytes
}
