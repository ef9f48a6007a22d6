/**
 * A file in KV that is being appended to. Writes collect in memory, as the medium has no other place that
 * is not durable; a sync puts them into a chunk and that into the index. As the index is written once a
 * second at most, all that has come until then goes with it.
 *
 * A log that is synced every second must not become a list of tiny chunks: a new chunk takes in those before
 * it that are not bigger than what it has itself, as carrying goes in a binary counter. A file so has
 * O(bytes / chunkBytes + log(chunkBytes)) chunks, and each byte is written O(log(chunkBytes)) times.
 */
import {
  type AppendFile,
  type AppendFileOwner,
  blocksOf,
  concatBytes,
  fileClosed,
  totalBytes,
} from '@russet/core'
import type { KvChunks } from './kv-chunks.js'
import { bytesOf, type Chunk, type KvIndex } from './kv-index.js'

const DONE = Promise.resolve()

export class KvAppendFile implements AppendFile {
  readonly #name: string
  readonly #index: KvIndex
  readonly #chunkStore: KvChunks
  readonly #chunkBytes: number
  readonly #owner: AppendFileOwner
  /** What the index has, or will have with the next sync when the file is new or was cut. */
  #chunks: readonly Chunk[]
  /** Content of the last of these, as far as it may be taken into bigger ones: less than a chunk of it. */
  #tail: readonly Uint8Array[] = []
  /** Chunks behind them that are stored but not in the index. */
  #stored: readonly Chunk[] = []
  /** What has been written since and is in memory only. */
  #pieces: Uint8Array[] = []
  #pieceBytes = 0
  #length: number
  /** How much of the file the index has; -1 when it has something else. */
  #durableLength: number
  #syncing: Promise<void> | undefined
  /** Work that must not overlap, in order. It settles, and never rejects, with the last. */
  #work: Promise<unknown> = DONE
  #waitingWrites = 0
  #isClosed = false

  constructor(
    name: string,
    length: number,
    index: KvIndex,
    chunkStore: KvChunks,
    chunkBytes: number,
    owner: AppendFileOwner,
  ) {
    const present = index.files.get(name)
    this.#name = name
    this.#index = index
    this.#chunkStore = chunkStore
    this.#chunkBytes = chunkBytes
    this.#owner = owner
    this.#length = length
    this.#chunks = cut(present ?? [], length)
    const isChanged = present === undefined || length < bytesOf(present)
    this.#durableLength = isChanged ? -1 : length
  }

  get length(): number {
    return this.#length
  }

  /** All chunks, stored ones that are not in the index too. */
  get chunks(): readonly Chunk[] {
    return [...this.#chunks, ...this.#stored]
  }

  /** What comes behind the chunks. */
  get pieces(): readonly Uint8Array[] {
    return [...this.#pieces]
  }

  /** Reads in the last chunks, to be called once before all else: chunks that a restart finds are to grow too. */
  async takeTail(): Promise<void> {
    const tail: Uint8Array[] = []
    let bytes = 0
    for (const chunk of this.#chunks.slice().reverse()) {
      bytes += chunk.bytes
      if (bytes >= this.#chunkBytes) break
      tail.unshift(await this.#chunkStore.read(chunk))
    }
    this.#tail = tail
  }

  write(pieces: readonly Uint8Array[]): Promise<void> {
    try {
      this.#check()
    } catch (error) {
      return Promise.reject(error)
    }
    const bytes = totalBytes(pieces)
    const piece = concatBytes(pieces, bytes)
    if (this.#waitingWrites === 0 && this.#pieceBytes + bytes <= this.#chunkBytes) {
      this.#take(piece)
      return DONE
    }
    this.#waitingWrites++
    return this.#inTurn(() => this.#store(piece)).finally(() => {
      this.#waitingWrites--
    })
  }

  async sync(): Promise<void> {
    this.#check()
    if (this.#waitingWrites > 0) await this.#work
    const length = this.#length
    while (this.#durableLength < length) {
      this.#syncing ??= this.#syncOnce().finally(() => {
        this.#syncing = undefined
      })
      await this.#syncing
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    try {
      // Nothing outlives the process here unless it is in the index, so what a disk would keep is synced.
      if (this.#durableLength < this.#length) await this.sync()
    } finally {
      this.#isClosed = true
      this.#index.discard(this.#stored)
      this.#owner.closed()
    }
  }

  #check(): void {
    if (this.#isClosed) throw fileClosed()
    this.#owner.check()
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#work.then(work)
    this.#work = turn.catch(() => {})
    return turn
  }

  #take(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.#pieceBytes += piece.length
    this.#length += piece.length
  }

  /** Takes a piece for which there is no room in memory: with what is there it becomes chunks. */
  async #store(piece: Uint8Array): Promise<void> {
    this.#check()
    if (this.#pieceBytes + piece.length <= this.#chunkBytes) {
      this.#take(piece)
      return
    }
    this.#stored = [...this.#stored, ...(await this.#putAll([...this.#pieces, piece]))]
    this.#pieces = []
    this.#pieceBytes = 0
    this.#length += piece.length
  }

  async #syncOnce(): Promise<void> {
    await this.#index.untilDue()
    await this.#inTurn(() => this.#commit())
  }

  async #commit(): Promise<void> {
    this.#check()
    const pieces = this.#pieces.slice()
    const bytes = this.#pieceBytes
    const stored = this.#stored
    const length = this.#length
    const kept = stored.length === 0 ? this.#keptOfTail(bytes) : this.#tail.length
    const taken = this.#tail.slice(kept)
    const content = concatBytes([...taken, ...pieces], totalBytes(taken) + bytes)
    const added = await this.#putAll(content.length === 0 ? [] : [content])
    const chunks = [...this.#chunks.slice(0, this.#chunks.length - taken.length), ...stored, ...added]
    try {
      await this.#index.commit((files) => files.set(this.#name, chunks))
    } catch (error) {
      this.#index.discard(added)
      throw error
    }
    this.#chunks = chunks
    const before = stored.length === 0 ? this.#tail.slice(0, kept) : []
    this.#tail = growing(content.length === 0 ? before : [...before, content], this.#chunkBytes)
    this.#stored = []
    this.#pieces.splice(0, pieces.length)
    this.#pieceBytes -= bytes
    this.#durableLength = length
  }

  /** How many chunks of the tail stay when so many bytes come behind them. */
  #keptOfTail(bytes: number): number {
    let kept = this.#tail.length
    let together = bytes
    while (kept > 0) {
      const last = this.#tail[kept - 1]?.length ?? 0
      if (last > together || together + last > this.#chunkBytes) break
      together += last
      kept--
    }
    return kept
  }

  async #putAll(pieces: readonly Uint8Array[]): Promise<Chunk[]> {
    const chunks: Chunk[] = []
    try {
      for await (const block of blocksOf(pieces, this.#chunkBytes))
        chunks.push(await this.#chunkStore.put(block))
      return chunks
    } catch (error) {
      this.#index.discard(chunks)
      throw error
    }
  }
}

/** The last contents that are less than a chunk together. The others have so much behind them that they stay. */
function growing(contents: readonly Uint8Array[], chunkBytes: number): readonly Uint8Array[] {
  let first = contents.length
  let together = 0
  for (const content of contents.slice().reverse()) {
    together += content.length
    if (together >= chunkBytes) break
    first--
  }
  return contents.slice(first)
}

/** Chunks of which only the first `length` bytes count. */
function cut(chunks: readonly Chunk[], length: number): Chunk[] {
  const kept: Chunk[] = []
  let left = length
  for (const chunk of chunks) {
    if (left === 0) break
    const bytes = Math.min(chunk.bytes, left)
    kept.push({ key: chunk.key, bytes })
    left -= bytes
  }
  return kept
}
