/**
 * Storage on a Workers KV namespace, the medium least like a disk: values of 25 MiB at most that are only
 * ever written whole, about one write a second for each key, and reads that may show what was there a minute
 * ago.
 *
 * So files are made of chunks, each under a key that is used once and never again; the index says which file
 * has which chunks and is written last (kv-index.ts); a record says whose all that is (kv-fence.ts). What an
 * operation has resolved for is in the index.
 */
import {
  type AppendFile,
  blocksOf,
  checkFileName,
  type FileContent,
  fileInUse,
  filesIn,
  missingFile,
  type Storage,
  type StoredFile,
  shortFile,
  storageClosed,
} from '@russet/core'
import { KvAppendFile } from './kv-append-file.js'
import { type KvBinding, MAX_KEY_BYTES, MAX_VALUE_BYTES } from './kv-binding.js'
import { KvChunks } from './kv-chunks.js'
import type { KvClock } from './kv-clock.js'
import { KvFence } from './kv-fence.js'
import { bytesOf, type Chunk, KvIndex } from './kv-index.js'
import { KvRequests } from './kv-requests.js'

/** Room that the longest key needs behind the prefix. */
const KEY_ROOM_BYTES = 112

export interface KvStorageOptions {
  /** Where all keys begin, so that a namespace can hold several databases and other things; `russet/` if left out. */
  readonly prefix?: string
  /**
   * Who writes. Whoever comes with the same name takes over at once, so it must be the name of something that
   * exists once at a time, such as the id of a Durable Object. If left out it is random, and openers wait.
   */
  readonly owner?: string
  /**
   * How long what was written may stay invisible elsewhere, in milliseconds; 60,000 if left out, which is what
   * Cloudflare says. Only where all readers and writers are known to be at one place may it be less.
   */
  readonly visibilityMs?: number
  /**
   * How long after its last sign of life a writer is left alone, in milliseconds; twice `visibilityMs` if left
   * out, and not less.
   */
  readonly leaseMs?: number
  /** Shortest time between two writes of the index, in milliseconds; 1,000 if left out, which is KV's limit. */
  readonly indexIntervalMs?: number
  /** Size of the chunks that files are cut into, in bytes: 2 MiB if left out, 25 MiB at most. */
  readonly chunkBytes?: number
  /** Wall clock in milliseconds; `Date.now` if left out. */
  readonly now?: () => number
  /** Calls back once after a delay in milliseconds; `setTimeout` if left out. */
  readonly setTimer?: (callback: () => void, delayMs: number) => unknown
  /** Takes what `setTimer` returns; `clearTimeout` if left out. */
  readonly clearTimer?: (timer: unknown) => void
  /** A name that nothing else has, of at most 40 ASCII letters, digits and dashes; `crypto.randomUUID` if left out. */
  readonly uniqueName?: () => string
}

/**
 * Opens a KV namespace as a storage.
 *
 * Unless the last writer was of the same `owner`, it takes twice `visibilityMs` to be sure of being the only one.
 * @param binding the namespace, e.g. `env.KV`
 * @throws StorageError `busy` while somebody else uses it; `failed`, `full`, `denied` as KV says
 * @throws RangeError for options out of range
 */
export async function kvStorage(binding: KvBinding, options: KvStorageOptions = {}): Promise<Storage> {
  const {
    prefix = 'russet/',
    visibilityMs = 60_000,
    leaseMs = Math.max(2 * visibilityMs, 1000),
    indexIntervalMs = 1000,
    chunkBytes = 2 * 1024 * 1024,
    uniqueName = () => crypto.randomUUID(),
  } = options
  checkRange('prefix', new TextEncoder().encode(prefix).length, 0, MAX_KEY_BYTES - KEY_ROOM_BYTES)
  checkRange('visibilityMs', visibilityMs, 0, Number.MAX_SAFE_INTEGER)
  checkRange('leaseMs', leaseMs, Math.max(2 * visibilityMs, 1), Number.MAX_SAFE_INTEGER)
  checkRange('indexIntervalMs', indexIntervalMs, 0, Number.MAX_SAFE_INTEGER)
  checkRange('chunkBytes', chunkBytes, 1, MAX_VALUE_BYTES)

  const requests = new KvRequests(binding, prefix, clockOf(options))
  const instance = uniqueName()
  const owner = options.owner ?? instance
  const fence = await KvFence.claim(requests, { owner, instance, visibilityMs, leaseMs })
  try {
    const index = await KvIndex.open(requests, fence, { visibilityMs, intervalMs: indexIntervalMs })
    const chunks = new KvChunks(requests, fence, instance, visibilityMs)
    return new KvStorage(fence, index, chunks, chunkBytes)
  } catch (error) {
    await fence.release().catch(() => {})
    throw error
  }
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most))
    throw new RangeError(`${name}: ${value} is not in [${least}, ${most}]`)
}

function clockOf(options: KvStorageOptions): KvClock {
  return {
    now: options.now ?? (() => Date.now()),
    setTimer: options.setTimer ?? ((callback, delayMs) => setTimeout(callback, delayMs)),
    clearTimer: options.clearTimer ?? ((timer) => clearTimeout(timer as ReturnType<typeof setTimeout>)),
  }
}

class KvStorage implements Storage {
  readonly #fence: KvFence
  readonly #index: KvIndex
  readonly #chunks: KvChunks
  readonly #chunkBytes: number
  /** Files that are being appended to; undefined while one is being opened. */
  readonly #openFiles = new Map<string, KvAppendFile | undefined>()
  #isClosed = false

  constructor(fence: KvFence, index: KvIndex, chunks: KvChunks, chunkBytes: number) {
    this.#fence = fence
    this.#index = index
    this.#chunks = chunks
    this.#chunkBytes = chunkBytes
  }

  async list(folder: string): Promise<StoredFile[]> {
    this.#check()
    const sizes = new Map<string, number>()
    for (const [name, chunks] of this.#index.files) sizes.set(name, bytesOf(chunks))
    for (const [name, file] of this.#openFiles) if (file !== undefined) sizes.set(name, file.length)
    return filesIn(
      folder,
      Array.from(sizes, ([name, bytes]) => ({ name, bytes })),
    )
  }

  /** Costs a request for each chunk that the bytes are in, but for the one that was read last. */
  async read(name: string, offset: number, count: number): Promise<Uint8Array> {
    this.#check()
    checkFileName(name)
    const file = this.#openFiles.get(name)
    const chunks = file?.chunks ?? this.#index.files.get(name)
    if (chunks === undefined) throw missingFile(name)
    const pieces = file?.pieces ?? []
    const length = file?.length ?? bytesOf(chunks)
    const result = new Uint8Array(Math.max(0, Math.min(count, length - offset)))
    return this.#index.whileReading(async () => {
      const end = offset + result.length
      let at = 0
      for (const part of [...chunks, ...pieces]) {
        const isInMemory = part instanceof Uint8Array
        const bytes = isInMemory ? part.length : part.bytes
        if (at < end && at + bytes > offset) {
          const content = isInMemory ? part : await this.#chunks.read(part)
          const wanted = content.subarray(Math.max(0, offset - at), Math.min(bytes, end - at))
          result.set(wanted, Math.max(0, at - offset))
        }
        at += bytes
      }
      return result
    })
  }

  async replace(name: string, content: FileContent): Promise<void> {
    this.#checkUnused(name)
    const chunks: Chunk[] = []
    try {
      for await (const block of blocksOf(content, this.#chunkBytes)) {
        this.#check()
        chunks.push(await this.#chunks.put(block))
      }
      this.#checkUnused(name)
      await this.#index.commit((files) => files.set(name, chunks))
    } catch (error) {
      this.#index.discard(chunks)
      throw error
    }
  }

  async append(name: string, length: number): Promise<AppendFile> {
    this.#checkUnused(name)
    const chunks = this.#index.files.get(name)
    if (chunks === undefined && length > 0) throw missingFile(name)
    const bytes = bytesOf(chunks ?? [])
    if (length > bytes) throw shortFile(name, bytes)
    this.#openFiles.set(name, undefined)
    const owner = {
      check: () => this.#check(),
      closed: () => this.#openFiles.delete(name),
    }
    try {
      const file = new KvAppendFile(name, length, this.#index, this.#chunks, this.#chunkBytes, owner)
      await file.takeTail()
      this.#openFiles.set(name, file)
      return file
    } catch (error) {
      this.#openFiles.delete(name)
      throw error
    }
  }

  async remove(name: string): Promise<void> {
    this.#checkUnused(name)
    await this.#index.commit((files) => files.delete(name))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#index.close()
    await this.#fence.release()
  }

  #check(): void {
    if (this.#isClosed) throw storageClosed()
    this.#fence.assertHeld()
  }

  /** Whether a file of this name may be replaced, removed or opened. */
  #checkUnused(name: string): void {
    this.#check()
    checkFileName(name)
    if (this.#openFiles.has(name)) throw fileInUse(name)
  }
}
