/**
 * Reads stored files from end to end and says whether they are sound: an RDB, a log, or a manifest with all the
 * files it names. What they hold is decoded as a start would do it, but goes nowhere, so a file that passes
 * here will load, as far as its form is concerned: commands of a log are not carried out.
 *
 * A log can be mended by cutting off everything from its first fault on, and only the last log of a set,
 * because what comes after a gap would be other data than was ever there. An RDB is never changed.
 */
import type { Host } from '../base/host.js'
import { defaultEncodingLimits } from '../keyspace/encoding-limits.js'
import { Keyspace, type KeyspaceListener } from '../keyspace/keyspace.js'
import { WordCache } from '../protocol/word-cache.js'
import { CorruptError } from '../rdb/corrupt.js'
import { RdbReader, type RdbSink } from '../rdb/rdb-reader.js'
import { folderOf } from '../storage/adapter.js'
import type { Storage } from '../storage/storage.js'
import { beginsWithRdb, isTransaction, LogReader, type LogUnit, RDB_MAGIC_BYTES } from './log-reader.js'
import { MAX_MANIFEST_BYTES, Manifest, ManifestError } from './manifest.js'

/** Bytes read in one go: what is decoded of them is done within some milliseconds. */
const CHUNK_BYTES = 256 * 1024
/** Bytes in which a manifest shows what it is. */
const HEAD_BYTES = 2048
const RECORDS_A_STEP = 10_000

/** What there has to be of a storage. */
export type CheckedStorage = Pick<Storage, 'list' | 'read' | 'append'>

export interface CheckOptions {
  /** Whether a log that can be mended is to be cut; false if left out. */
  readonly fix?: boolean
  /** Called with each part that is read: bytes so far, of all files together. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

export interface CheckCounts {
  /** Keys of RDBs, those of them with an expiry, and those whose expiry has passed. */
  keys: number
  expires: number
  alreadyExpired: number
  /** Commands of logs, those of transactions included, and transactions. */
  commands: number
  transactions: number
}

export interface CheckFault {
  /** Name of the file in the storage. */
  readonly file: string
  /** Byte at which it shows; 0 for what is wrong with the file as a whole. */
  readonly offset: number
  readonly reason: string
  /** Bytes at the beginning of the file that are sound: whole commands and transactions. */
  readonly validUpTo: number
  /** Bytes the file has. */
  readonly fileBytes: number
}

export interface CheckReport {
  readonly kind: 'rdb' | 'log' | 'manifest'
  /** Files that have been read, in this order, and how many bytes they have. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
  readonly counts: CheckCounts
  /** Bytes behind the end of an RDB, which no server reads. */
  readonly ignoredBytes: number
  /** Whether nothing was wrong with any of them. */
  readonly ok: boolean
  /** What was: nothing behind it has been looked at. */
  readonly firstFault: CheckFault | undefined
  /** Whether cutting the file of the fault off at `validUpTo` makes it sound. */
  readonly canFix: boolean
  /** Whether that has been done. */
  readonly fixed: boolean
}

/**
 * Checks a file, and those it names if it is a manifest. Cost: one read of all of them; memory for the largest
 * value.
 * @param host for its clock and its byte strings
 * @param name of the file in the storage
 * @throws StorageError when a file cannot be read, or the mended one not be written; `missing` for `name` itself
 */
export async function checkFile(
  storage: CheckedStorage,
  host: Host,
  name: string,
  options: CheckOptions = {},
): Promise<CheckReport> {
  return new Check(storage, host, options).run(name)
}

class Check {
  readonly #counts: CheckCounts = { keys: 0, expires: 0, alreadyExpired: 0, commands: 0, transactions: 0 }
  readonly #files: { name: string; bytes: number }[] = []
  readonly #sizes = new Map<string, number>()
  readonly #words: WordCache
  /** What values are made for; none of them gets into it. */
  readonly #keyspace: Keyspace
  /** Bytes of all files together, and of those that are done with. */
  #totalBytes = 0
  #finishedBytes = 0
  #ignoredBytes = 0

  constructor(
    private readonly storage: CheckedStorage,
    private readonly host: Host,
    private readonly options: CheckOptions,
  ) {
    this.#words = new WordCache(host.bytes)
    this.#keyspace = new Keyspace(host, 0, NOBODY, defaultEncodingLimits())
  }

  async run(name: string): Promise<CheckReport> {
    const head = await this.storage.read(name, 0, HEAD_BYTES)
    for (const file of await this.storage.list(folderOf(name))) this.#sizes.set(file.name, file.bytes)
    if (beginsWithRdb(head)) return this.#runRdb(name)
    if (isManifest(name, this.#text(head))) return this.#runManifest(name)
    this.#add(name)
    return this.#report('log', await this.#readLog(name, 0), true)
  }

  /** An RDB by itself, or an old log that begins with one. */
  async #runRdb(name: string): Promise<CheckReport> {
    const bytes = this.#add(name)
    const { fault, end } = await this.#readRdb(name)
    if (fault !== undefined || end === bytes) return this.#report('rdb', fault, false)
    if (!/\.rdb$/i.test(name)) return this.#report('log', await this.#readLog(name, end), true)
    this.#ignoredBytes = bytes - end
    return this.#report('rdb', undefined, false)
  }

  async #runManifest(name: string): Promise<CheckReport> {
    this.#finishedBytes = this.#add(name)
    let manifest: Manifest
    try {
      manifest = Manifest.parse(this.#text(await this.storage.read(name, 0, MAX_MANIFEST_BYTES + 1)))
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error
      return this.#report('manifest', this.#fault(name, error.offset, error.message, error.offset), false)
    }
    const folder = name.slice(0, name.lastIndexOf('/') + 1)
    const parts = [...(manifest.base === undefined ? [] : [manifest.base]), ...manifest.incremental]
    const names = parts.map((part) => folder + part.name)
    for (const part of names) this.#add(part)
    for (const part of names) {
      if (!this.#sizes.has(part)) {
        return this.#report('manifest', this.#fault(part, 0, 'there is no such file', 0), false)
      }
      let start = 0
      if (beginsWithRdb(await this.storage.read(part, 0, RDB_MAGIC_BYTES))) {
        const { fault, end } = await this.#readRdb(part)
        if (fault !== undefined) return this.#report('manifest', fault, false)
        start = end
      }
      const fault = await this.#readLog(part, start)
      if (fault !== undefined) return this.#report('manifest', fault, part === names[names.length - 1])
      this.#finishedBytes += this.#sizes.get(part) ?? 0
    }
    return this.#report('manifest', undefined, false)
  }

  /** Notes that a file is to be read. @returns its bytes */
  #add(name: string): number {
    const bytes = this.#sizes.get(name) ?? 0
    this.#files.push({ name, bytes })
    this.#totalBytes += bytes
    return bytes
  }

  #fault(file: string, offset: number, reason: string, validUpTo: number): CheckFault {
    return { file, offset, reason, validUpTo, fileBytes: this.#sizes.get(file) ?? 0 }
  }

  /** @param isLastLog whether the fault, if there is one, is in a log with nothing behind it */
  async #report(
    kind: CheckReport['kind'],
    fault: CheckFault | undefined,
    isLastLog: boolean,
  ): Promise<CheckReport> {
    const canFix = fault !== undefined && isLastLog
    const fixed = canFix && this.options.fix === true
    if (fixed) {
      const file = await this.storage.append(fault.file, fault.validUpTo)
      try {
        await file.sync()
      } finally {
        await file.close()
      }
    }
    return {
      kind,
      files: this.#files,
      counts: this.#counts,
      ignoredBytes: this.#ignoredBytes,
      ok: fault === undefined,
      firstFault: fault,
      canFix,
      fixed,
    }
  }

  // ---- reading ------------------------------------------------------------------------------------------

  /** Reads the RDB that a file begins with. @returns where it ends, or what is wrong with it */
  async #readRdb(name: string): Promise<{ fault: CheckFault | undefined; end: number }> {
    const reader = new RdbReader(this.host.bytes, this.#keyspace, this.#countingSink(), {
      totalBytes: this.#sizes.get(name) ?? 0,
    })
    const parse = (): void => {
      while (reader.parse(RECORDS_A_STEP));
    }
    try {
      for await (const chunk of this.#chunks(name, 0)) {
        reader.push(chunk)
        parse()
        if (reader.ended) break
      }
      reader.finish()
      parse()
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error
      return { fault: this.#fault(name, reader.offset, error.message, 0), end: 0 }
    }
    return { fault: undefined, end: reader.offset }
  }

  /** Reads the log that begins at `start`. @returns what is wrong with it */
  async #readLog(name: string, start: number): Promise<CheckFault | undefined> {
    const reader = new LogReader(this.host.bytes, this.#words, { offset: start })
    try {
      for await (const chunk of this.#chunks(name, start)) {
        reader.push(chunk)
        for (let unit = reader.next(); unit !== undefined; unit = reader.next()) this.#countUnit(unit)
      }
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error
      return this.#fault(name, reader.faultOffset ?? start, error.message, reader.offset)
    }
    const torn = reader.finish()
    if (torn === undefined) return undefined
    return this.#fault(name, this.#sizes.get(name) ?? 0, torn, reader.offset)
  }

  #countingSink(): RdbSink {
    const counts = this.#counts
    const now = this.host.now()
    const ignore = (): void => {}
    return {
      aux: ignore,
      selectDb: ignore,
      resizeDb: ignore,
      functionLibrary: ignore,
      emptyKey: () => counts.keys++,
      entry(_key, _value, expiryMs) {
        counts.keys++
        if (expiryMs === 0) return
        counts.expires++
        if (expiryMs < now) counts.alreadyExpired++
      },
    }
  }

  #countUnit(unit: LogUnit): void {
    if (isTransaction(unit)) {
      this.#counts.transactions++
      this.#counts.commands += unit.length
    } else {
      this.#counts.commands++
    }
  }

  /** A file from `start` on. */
  async *#chunks(name: string, start: number): AsyncGenerator<Uint8Array> {
    for (let at = start; ; ) {
      const chunk = await this.storage.read(name, at, CHUNK_BYTES)
      if (chunk.length === 0) return
      at += chunk.length
      this.options.onProgress?.(this.#finishedBytes + at, this.#totalBytes)
      yield chunk
    }
  }

  #text(bytes: Uint8Array): string {
    return this.host.bytes.decode(bytes, 0, bytes.length)
  }
}

/** By its name, or, as for Redis, because it begins with a line about a file. */
function isManifest(name: string, head: string): boolean {
  return name.endsWith('.manifest') || /^(#[^\n]*\n)*file/.test(head)
}

/** The listener of a keyspace in which nothing happens. */
const NOBODY: KeyspaceListener = {
  keyChanged() {},
  keyReady() {},
  event() {},
  effect() {},
  contentsWillChange() {},
  contentsChanged() {},
}
