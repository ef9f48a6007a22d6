/**
 * Storage in memory: for tests, and for engines whose data may go with the process but that are to save and
 * rewrite like any other. The medium is an object apart from the storage, so it outlives a restart: open it
 * again with another `MemoryStorage`.
 */
import {
  type AppendFileOwner,
  checkFileName,
  fileClosed,
  fileInUse,
  filesIn,
  missingFile,
  shortFile,
  storageClosed,
  totalBytes,
} from './adapter.js'
import { MemoryFile } from './memory-file.js'
import { type AppendFile, type FileContent, type Storage, StorageError, type StoredFile } from './storage.js'

/** What keeps the files. One storage uses it at a time. */
export class MemoryMedium {
  readonly files = new Map<string, MemoryFile>()
  /** Bytes that all files may have together; may be changed at any time. */
  maxBytes: number
  #user: MemoryStorage | undefined

  constructor(maxBytes: number = Number.POSITIVE_INFINITY) {
    this.maxBytes = maxBytes
  }

  /** @throws StorageError `busy` while another storage uses it */
  enter(storage: MemoryStorage): void {
    if (this.#user !== undefined) throw new StorageError('busy', 'The medium is in use')
    this.#user = storage
  }

  /** Ends the use by whoever has it, as if that process were no more; should it go on, it gets `lost`. */
  evict(): void {
    this.#user = undefined
  }

  isUsedBy(storage: MemoryStorage): boolean {
    return this.#user === storage
  }

  /** @throws StorageError `full` when so many bytes do not fit beside what is there */
  checkRoom(bytes: number): void {
    if (this.maxBytes === Number.POSITIVE_INFINITY) return
    let used = bytes
    for (const file of this.files.values()) used += file.bytes
    if (used > this.maxBytes) throw new StorageError('full', 'No space left on the medium')
  }
}

export class MemoryStorage implements Storage {
  readonly #medium: MemoryMedium
  readonly #openFiles = new Set<string>()
  #isClosed = false

  /**
   * @param medium what the files are kept in; a new one by default
   * @throws StorageError `busy` while another storage uses it
   */
  constructor(medium: MemoryMedium = new MemoryMedium()) {
    medium.enter(this)
    this.#medium = medium
  }

  async list(folder: string): Promise<StoredFile[]> {
    this.#check()
    return filesIn(
      folder,
      Array.from(this.#medium.files, ([name, { bytes }]) => ({ name, bytes })),
    )
  }

  async read(name: string, offset: number, count: number): Promise<Uint8Array> {
    this.#check()
    checkFileName(name)
    const file = this.#medium.files.get(name)
    if (file === undefined) throw missingFile(name)
    return file.read(offset, count)
  }

  async replace(name: string, content: FileContent): Promise<void> {
    this.#checkUnused(name)
    const file = new MemoryFile()
    for await (const piece of content) {
      this.#check()
      this.#medium.checkRoom(file.bytes + piece.length)
      file.append(piece)
    }
    this.#checkUnused(name)
    this.#medium.files.set(name, file)
  }

  async append(name: string, length: number): Promise<AppendFile> {
    this.#checkUnused(name)
    let file = this.#medium.files.get(name)
    if (file === undefined) {
      if (length > 0) throw missingFile(name)
      file = new MemoryFile()
      this.#medium.files.set(name, file)
    }
    if (length > file.bytes) throw shortFile(name, file.bytes)
    file.cut(length)
    this.#openFiles.add(name)
    return new MemoryAppendFile(file, this.#medium, {
      check: () => this.#check(),
      closed: () => this.#openFiles.delete(name),
    })
  }

  async remove(name: string): Promise<void> {
    this.#checkUnused(name)
    this.#medium.files.delete(name)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#medium.isUsedBy(this)) this.#medium.evict()
  }

  #check(): void {
    if (this.#isClosed) throw storageClosed()
    if (!this.#medium.isUsedBy(this)) throw new StorageError('lost', 'The medium has been taken over')
  }

  /** Whether a file of this name may be replaced, removed or opened. */
  #checkUnused(name: string): void {
    this.#check()
    checkFileName(name)
    if (this.#openFiles.has(name)) throw fileInUse(name)
  }
}

class MemoryAppendFile implements AppendFile {
  readonly #file: MemoryFile
  readonly #medium: MemoryMedium
  readonly #owner: AppendFileOwner
  #isClosed = false

  constructor(file: MemoryFile, medium: MemoryMedium, owner: AppendFileOwner) {
    this.#file = file
    this.#medium = medium
    this.#owner = owner
  }

  get length(): number {
    return this.#file.bytes
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    this.#check()
    this.#medium.checkRoom(totalBytes(pieces))
    for (const piece of pieces) this.#file.append(piece)
  }

  async sync(): Promise<void> {
    this.#check()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#owner.closed()
  }

  #check(): void {
    if (this.#isClosed) throw fileClosed()
    this.#owner.check()
  }
}
