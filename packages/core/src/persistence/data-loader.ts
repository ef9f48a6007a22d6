/**
 * Reads files into the keyspace: snapshots, logs, and the set of files that a manifest names. Chunks come from the
 * storage one ahead of their use; between slices of work the event loop turns, so that clients can be told that
 * data is being loaded.
 *
 * A file is never changed here. What is wrong ends the loading with the file, the place and the reason; only the
 * end of a log may be missing, if `aof-load-truncated` allows it.
 */

import type { Host } from '../base/host.js'
import type { Engine } from '../engine/engine.js'
import type { Database } from '../keyspace/database.js'
import { CorruptError, corrupt } from '../rdb/corrupt.js'
import { RdbReader, type RdbSink } from '../rdb/rdb-reader.js'
import { folderOf } from '../storage/adapter.js'
import { type Storage, StorageError } from '../storage/storage.js'
import type { AppendOnlyFile } from './append-only-file.js'
import { beginsWithRdb, LogReader, RDB_MAGIC_BYTES } from './log-reader.js'
import { type AofFile, MAX_MANIFEST_BYTES, Manifest } from './manifest.js'
import { Replay } from './replay.js'

const CHUNK_BYTES = 1 << 20
/** How long the loading works before others have their turn. */
const SLICE_MS = 20
/** Records of an RDB, or commands, between two looks at the clock. */
const UNITS_A_STEP = 512

export interface LoadProgress {
  /** Unix time in ms. */
  readonly startMs: number
  /** Of all files that are to be read. */
  readonly bytesTotal: number
  readonly bytesDone: number
}

/** The data cannot be read in. */
export class LoadError extends Error {
  override readonly name = 'LoadError'
  constructor(
    readonly file: string,
    /** Byte at which the fault begins, or the record that has it. */
    readonly offset: number,
    readonly reason: string,
  ) {
    super(`Cannot load ${file}: at byte ${offset}: ${reason}`)
  }
}

/** An append-only file that has been read. */
export interface LoadedJournal {
  readonly manifest: Manifest
  /** Valid bytes of each file, by its name in the manifest. */
  readonly bytes: ReadonlyMap<string, number>
}

export class DataLoader implements LoadProgress {
  readonly startMs: number
  bytesTotal = 0
  bytesDone = 0
  keysLoaded = 0
  keysExpired = 0
  /** Source of the libraries of functions that were found. */
  readonly functions: string[] = []

  readonly #host: Host
  /** Lengths of the files of each folder that has been asked for. */
  readonly #lengths = new Map<string, ReadonlyMap<string, number>>()
  #sliceEndMs = 0

  constructor(
    private readonly engine: Engine,
    private readonly storage: Storage,
  ) {
    this.#host = engine.host
    this.startMs = engine.host.now()
  }

  /** Whether there is a file. @throws LoadError when that cannot be told: it is no reason to begin anew */
  async has(name: string): Promise<boolean> {
    try {
      await this.storage.read(name, 0, 0)
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw located(error, name, 0)
    }
  }

  // ---- snapshots ----------------------------------------------------------------------------------------

  /**
   * Reads an RDB file in.
   * @param dropsExpired whether keys whose time has passed are left out; not where a log follows, which counts on them
   * @param merges whether a key that is there already is replaced, and no fault
   * @throws LoadError
   */
  async snapshot(name: string, dropsExpired: boolean, merges = false): Promise<void> {
    const input = await this.#open(name)
    const reader = new RdbReader(this.#host.bytes, this.engine.keyspace, this.#sink(dropsExpired, merges), {
      totalBytes: input.bytes,
      checksum: this.engine.settings.rdbchecksum,
    })
    await this.#readRdb(name, input, reader)
    if (reader.rest().length > 0 || input.hasMore)
      this.#host.log(
        'warning',
        `${name}: what comes after the end of the snapshot at byte ${reader.offset} is ignored`,
      )
    this.#logDone(name)
  }

  #logDone(name: string): void {
    const seconds = ((this.#host.now() - this.startMs) / 1000).toFixed(3)
    const keys = `keys loaded: ${this.keysLoaded}, keys expired: ${this.keysExpired}`
    this.#host.log('notice', `Done loading ${name} in ${seconds} seconds, ${keys}`)
  }

  /** Reads up to the end of the RDB in a file. */
  async #readRdb(name: string, input: Input, reader: RdbReader): Promise<void> {
    try {
      while (!reader.ended) {
        const chunk = await input.next()
        if (chunk === undefined) reader.finish()
        else reader.push(chunk)
        while (reader.parse(UNITS_A_STEP)) if (this.#host.monotonic() >= this.#sliceEndMs) await this.#turn()
        this.bytesDone += chunk?.length ?? 0
      }
    } catch (error) {
      throw located(error, name, reader.offset)
    }
  }

  #sink(dropsExpired: boolean, merges: boolean): RdbSink {
    const { keyspace } = this.engine
    const { databases } = keyspace
    keyspace.releaseClock()
    const { now } = keyspace
    let db = databases[0] as Database
    return {
      aux: (key, value) => {
        if (key === 'redis-ver') this.#host.log('notice', `Loading RDB produced by version ${value}`)
      },
      selectDb: (index) => {
        const selected = databases[index]
        if (selected === undefined)
          corrupt(`it has a database ${index}, and there are ${databases.length}: see the setting databases`)
        db = selected
      },
      resizeDb() {},
      entry: (key, value, expiryMs, idleSeconds, frequency) => {
        if (dropsExpired && expiryMs !== 0 && expiryMs < now) this.keysExpired++
        else if (db.load(key, value, expiryMs, idleSeconds, frequency, merges)) this.keysLoaded++
        else corrupt('it has a key twice')
      },
      emptyKey() {},
      functionLibrary: (code) => {
        this.functions.push(code)
      },
    }
  }

  // ---- logs ---------------------------------------------------------------------------------------------

  /**
   * Carries out a log. One of an old version may begin with an RDB.
   * @param isLast whether nothing follows it, so that its end may be missing
   * @returns its valid bytes
   * @throws LoadError
   */
  async log(name: string, isLast: boolean): Promise<number> {
    const input = await this.#open(name)
    const { chunks, offset } = await this.#readPreamble(name, input)
    const reader = new LogReader(this.#host.bytes, this.engine.words, { offset })
    const replay = new Replay(this.engine)
    try {
      for (const chunk of chunks) await this.#carryOut(name, reader, replay, chunk)
      for (;;) {
        const chunk = await input.next()
        if (chunk === undefined) break
        await this.#carryOut(name, reader, replay, chunk)
      }
    } catch (error) {
      throw located(error, name, reader.faultOffset ?? reader.offset)
    }
    if (replay.failed > 0)
      this.#host.log('warning', `${name}: ${replay.failed} commands failed, first ${replay.firstError}`)
    const fault = reader.finish()
    if (fault !== undefined) this.#checkTruncated(name, reader.offset, input.bytes, fault, isLast)
    return reader.offset
  }

  /** Reads the RDB in, if a log begins with one. @returns what is behind it of the bytes read, and where that is */
  async #readPreamble(name: string, input: Input): Promise<{ chunks: Uint8Array[]; offset: number }> {
    const chunk = await input.next()
    if (chunk === undefined) return { chunks: [], offset: 0 }
    if (chunk.length < RDB_MAGIC_BYTES || !beginsWithRdb(chunk)) return { chunks: [chunk], offset: 0 }
    const options = { totalBytes: input.bytes, checksum: this.engine.settings.rdbchecksum }
    const reader = new RdbReader(this.#host.bytes, this.engine.keyspace, this.#sink(false, false), options)
    reader.push(chunk)
    this.bytesDone += chunk.length
    await this.#readRdb(name, input, reader)
    return { chunks: reader.rest(), offset: reader.offset }
  }

  async #carryOut(name: string, reader: LogReader, replay: Replay, bytes: Uint8Array): Promise<void> {
    reader.push(bytes)
    for (;;) {
      for (let i = 0; i < UNITS_A_STEP; i++) {
        const start = reader.offset
        const unit = reader.next()
        if (unit === undefined) {
          this.bytesDone += bytes.length
          return
        }
        try {
          replay.run(unit)
        } catch (error) {
          throw located(error, name, start)
        }
      }
      if (this.#host.monotonic() >= this.#sliceEndMs) await this.#turn()
    }
  }

  #checkTruncated(name: string, offset: number, bytes: number, fault: string, isLast: boolean): void {
    if (!isLast) throw new LoadError(name, offset, `${fault}, and more files follow`)
    if (!this.engine.settings.aofLoadTruncated)
      throw new LoadError(
        name,
        offset,
        `${fault}. Either repair it with russet-server --check ${name} --fix, or set aof-load-truncated yes`,
      )
    const lost = bytes - offset
    this.#host.log(
      'warning',
      `${name}: ${fault}; the last ${lost} bytes are cut off, it is valid up to byte ${offset}`,
    )
  }

  // ---- the append-only file -----------------------------------------------------------------------------

  /** Reads all files that the manifest names. @returns undefined if there is none. @throws LoadError */
  async journal(file: AppendOnlyFile): Promise<LoadedJournal | undefined> {
    const name = file.manifestName
    const manifest = await this.#manifest(name)
    if (manifest === undefined) return undefined
    const parts =
      manifest.base === undefined ? manifest.incremental : [manifest.base, ...manifest.incremental]
    const lengths: number[] = []
    for (const part of parts) {
      const length = await this.#length(file.pathOf(part.name))
      if (length === undefined)
        throw new LoadError(name, 0, `the file ${part.name} that it names does not exist`)
      lengths.push(length)
      this.bytesTotal += length
    }
    const bytes = new Map<string, number>()
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as AofFile
      const path = file.pathOf(part.name)
      // An empty log may follow the one that was written to last: a rewrite had just begun.
      const isLast = lengths.slice(i + 1).every((later) => later === 0)
      if (part === manifest.base && part.name.endsWith('.rdb')) {
        await this.snapshot(path, false)
        bytes.set(part.name, lengths[i] as number)
      } else bytes.set(part.name, await this.log(path, isLast && part !== manifest.base))
    }
    this.#logDone(name)
    return { manifest, bytes }
  }

  /** @returns undefined if there is none; one that may not be read is no reason to begin anew */
  async #manifest(name: string): Promise<Manifest | undefined> {
    try {
      const bytes = await this.storage.read(name, 0, MAX_MANIFEST_BYTES + 1)
      return Manifest.parse(this.#host.bytes.decode(bytes, 0, bytes.length))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw located(error, name, 0)
    }
  }

  // ---- input --------------------------------------------------------------------------------------------

  async #open(name: string): Promise<Input> {
    const bytes = await this.#length(name)
    if (bytes === undefined) throw new LoadError(name, 0, 'the file does not exist')
    if (this.bytesTotal === 0) this.bytesTotal = bytes
    this.#sliceEndMs = this.#host.monotonic() + SLICE_MS
    return new Input(this.storage, name, bytes)
  }

  async #length(name: string): Promise<number | undefined> {
    const folder = folderOf(name)
    let lengths = this.#lengths.get(folder)
    if (lengths === undefined) {
      lengths = new Map((await this.storage.list(folder)).map((file) => [file.name, file.bytes]))
      this.#lengths.set(folder, lengths)
    }
    return lengths.get(name)
  }

  async #turn(): Promise<void> {
    await new Promise<void>((resume) => this.#host.defer(resume))
    this.#sliceEndMs = this.#host.monotonic() + SLICE_MS
  }
}

/** The chunks of a file, of which the next is being fetched while one is worked on. */
class Input {
  #offset = 0
  #next: Promise<Uint8Array> | undefined

  constructor(
    private readonly storage: Storage,
    private readonly name: string,
    readonly bytes: number,
  ) {
    this.#fetch()
  }

  /** Whether there are bytes that `next` has not given. */
  get hasMore(): boolean {
    return this.#next !== undefined
  }

  /** The next chunk; undefined at the end. @throws StorageError */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#next === undefined) return undefined
    const chunk = await this.#next
    if (chunk.length === 0) throw new StorageError('failed', `${this.name} has become shorter`)
    this.#offset += chunk.length
    this.#fetch()
    return chunk
  }

  #fetch(): void {
    const count = Math.min(CHUNK_BYTES, this.bytes - this.#offset)
    this.#next = count === 0 ? undefined : this.storage.read(this.name, this.#offset, count)
    // It is asked for later.
    this.#next?.catch(() => {})
  }
}

const isMissing = (error: unknown): boolean => error instanceof StorageError && error.fault === 'missing'

/** @param offset byte of the file at which it was being read */
function located(error: unknown, name: string, offset: number): unknown {
  return error instanceof CorruptError || error instanceof StorageError
    ? new LoadError(name, offset, error.message)
    : error
}
