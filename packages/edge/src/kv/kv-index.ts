/**
 * The index: which files there are and which chunks each is made of. It is one record, written after the
 * chunks it names, and writing it is what makes a change happen: all of it or none.
 *
 * Changes that are asked for while a write is under way, or within a second of the last, go with the next one.
 *
 * Chunks that no file needs any more are deleted after the write that drops them, which also lists them. So a
 * chunk that a reader of the index finds in the namespace, but neither in a file nor in that list, is the
 * sign of a newer index that does not show yet, or of a writer that ended before it wrote one.
 */
import { StorageError, storageClosed } from '@russet/core'
import { sleep } from './kv-clock.js'
import type { KvFence } from './kv-fence.js'
import type { KvRequests } from './kv-requests.js'

const KEY = 'index'
const FORMAT = 1

/** Where every chunk's key begins. */
export const CHUNKS = 'chunk/'

/** A part of a file. Its value may have more bytes, which then belong to no file any more. */
export interface Chunk {
  readonly key: string
  readonly bytes: number
}

export type ChunksByFile = ReadonlyMap<string, readonly Chunk[]>

interface IndexRecord {
  readonly format: typeof FORMAT
  /** Name of each file and its chunks: key, bytes. */
  readonly files: readonly (readonly [
    name: string,
    chunks: readonly (readonly [key: string, bytes: number])[],
  ])[]
  /** Keys of chunks that are to be deleted. */
  readonly garbage: readonly string[]
}

interface Change {
  readonly apply: (files: Map<string, readonly Chunk[]>) => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export interface KvIndexOptions {
  /** How long a write may stay invisible. */
  readonly visibilityMs: number
  /** Shortest time between two writes of the record. */
  readonly intervalMs: number
}

export class KvIndex {
  readonly #requests: KvRequests
  readonly #fence: KvFence
  readonly #intervalMs: number
  #files: ChunksByFile
  /** Chunks that nothing needs. They are deleted once a record has been written that does not name them. */
  readonly #garbage: Set<string>
  #changes: Change[] = []
  #writing: Promise<void> | undefined
  #writtenMs = Number.NEGATIVE_INFINITY
  #deleting: Promise<void> = Promise.resolve()
  #readers = 0
  #isClosed = false

  private constructor(
    requests: KvRequests,
    fence: KvFence,
    intervalMs: number,
    files: ChunksByFile,
    garbage: Set<string>,
  ) {
    this.#requests = requests
    this.#fence = fence
    this.#intervalMs = intervalMs
    this.#files = files
    this.#garbage = garbage
  }

  /**
   * Reads the index. Where the namespace has chunks that it does not explain, or lacks some, it is read again
   * until it fits or until everything must have become visible.
   */
  static async open(requests: KvRequests, fence: KvFence, options: KvIndexOptions): Promise<KvIndex> {
    const { clock } = requests
    const startMs = clock.now()
    for (let delayMs = 1000; ; delayMs *= 2) {
      const { files, garbage } = parse(await requests.getText(KEY))
      const stored = new Set(await requests.list(CHUNKS))
      const leftMs = startMs + options.visibilityMs - clock.now()
      if (leftMs > 0 && !isExplained(stored, files, garbage)) {
        await sleep(clock, Math.min(delayMs, leftMs))
        continue
      }
      const needed = keysOf(files)
      const unneeded = new Set([...stored].filter((key) => !needed.has(key)))
      const index = new KvIndex(requests, fence, options.intervalMs, files, unneeded)
      index.#deleting = index.#deleteAll([...unneeded])
      return index
    }
  }

  get files(): ChunksByFile {
    return this.#files
  }

  /** Resolves when the next record may be written: what is ready by then need not wait for another. */
  untilDue(): Promise<void> {
    return sleep(this.#requests.clock, this.#writtenMs + this.#intervalMs - this.#requests.clock.now())
  }

  /**
   * Changes which files there are. Resolves when the record is written; rejected, nothing is changed.
   * @param apply changes the files given to it; runs when its turn has come, and does not throw
   */
  commit(apply: Change['apply']): Promise<void> {
    if (this.#isClosed) return Promise.reject(storageClosed())
    return new Promise((resolve, reject) => {
      this.#changes.push({ apply, resolve, reject })
      this.#writing ??= this.#writeAll()
    })
  }

  /** Gives up chunks that no committed file has. Should a failed write have come through, they may be named. */
  discard(chunks: readonly Chunk[]): void {
    for (const { key } of chunks) this.#garbage.add(key)
  }

  /** Runs a read of chunks that are in files now; none of them is deleted meanwhile. */
  async whileReading<T>(read: () => Promise<T>): Promise<T> {
    this.#readers++
    try {
      return await read()
    } finally {
      this.#readers--
    }
  }

  /** Takes no more changes, and resolves when nothing is under way. What is not deleted yet, the next who opens will. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#writing
    await this.#deleting
  }

  async #writeAll(): Promise<void> {
    while (this.#changes.length > 0) {
      await this.untilDue()
      const changes = this.#changes
      this.#changes = []
      try {
        await this.#write(changes)
        for (const { resolve } of changes) resolve()
      } catch (error) {
        for (const { reject } of changes) reject(error)
      }
    }
    this.#writing = undefined
  }

  async #write(changes: readonly Change[]): Promise<void> {
    const files = new Map(this.#files)
    for (const { apply } of changes) apply(files)
    const needed = keysOf(files)
    const dropped = [...keysOf(this.#files)].filter((key) => !needed.has(key))
    const garbage = [...this.#garbage, ...dropped]
    try {
      await this.#requests.put(KEY, serialize(files, garbage), () => this.#fence.check())
    } finally {
      this.#writtenMs = this.#requests.clock.now()
    }
    this.#files = files
    for (const key of dropped) this.#garbage.add(key)
    this.#deleting = this.#deleting.then(() => this.#deleteAll(garbage))
  }

  async #deleteAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      if (this.#isClosed || this.#readers > 0 || this.#fence.lost !== undefined) return
      try {
        await this.#requests.delete(key)
        this.#garbage.delete(key)
      } catch {
        // It stays listed, and its turn comes again after the next write.
        return
      }
    }
  }
}

export const bytesOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { bytes }) => sum + bytes, 0)

const keysOf = (files: ChunksByFile): Set<string> =>
  new Set([...files.values()].flatMap((chunks) => chunks.map(({ key }) => key)))

function isExplained(stored: ReadonlySet<string>, files: ChunksByFile, garbage: readonly string[]): boolean {
  const needed = keysOf(files)
  const explained = new Set([...needed, ...garbage])
  return [...needed].every((key) => stored.has(key)) && [...stored].every((key) => explained.has(key))
}

function serialize(files: ChunksByFile, garbage: readonly string[]): string {
  const record: IndexRecord = {
    format: FORMAT,
    files: Array.from(
      files,
      ([name, chunks]) => [name, chunks.map(({ key, bytes }) => [key, bytes])] as const,
    ),
    garbage,
  }
  return JSON.stringify(record)
}

function parse(text: string | null): { files: ChunksByFile; garbage: readonly string[] } {
  if (text === null) return { files: new Map(), garbage: [] }
  let record: IndexRecord
  try {
    record = JSON.parse(text)
  } catch (error) {
    throw damaged(error)
  }
  if (Number(record?.format) > FORMAT) {
    throw new StorageError(
      'failed',
      `The index has format ${record.format}, which is newer than this program`,
    )
  }
  try {
    const files = record.files.map(([name, chunks]) => [name, chunks.map(toChunk)] as const)
    if (!files.every(([name]) => typeof name === 'string')) throw new Error('a name is no text')
    if (!record.garbage.every((key) => typeof key === 'string')) throw new Error('a key is no text')
    return { files: new Map(files), garbage: record.garbage }
  } catch (error) {
    throw damaged(error)
  }
}

function toChunk([key, bytes]: readonly [string, number]): Chunk {
  if (typeof key !== 'string' || !Number.isSafeInteger(bytes) || bytes < 0) throw new Error('a chunk is none')
  return { key, bytes }
}

const damaged = (cause: unknown): StorageError =>
  new StorageError('failed', 'The index is damaged', { cause })
