/**
 * The core's `Storage` on Node's file system: a directory, its files, and those in its folders.
 *
 * A file is replaced by a new one under a name of its own that is filled, synced and then renamed, and a name
 * is durable when its folder is synced. What a crash has left half done is therefore only ever a file of such
 * a name, and those are removed when the directory is opened next.
 */
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import {
  type AppendFile,
  checkFileName,
  type FileContent,
  type Storage,
  StorageError,
  type StoredFile,
  utf8ToBytes,
} from '@russet/core'
import { AppendedFile } from './appended-file.js'
import { pathOf } from './config-files.js'
import { type DirectoryLock, isLockFile, lockDirectory } from './directory-lock.js'
import { storageError, stored } from './storage-errors.js'

/** There a backslash separates too, and a colon leads to another drive or stream. */
const IS_WINDOWS = process.platform === 'win32'

const TEMP_FILE = /^russet\.temp\.\d+-\d+$/
/** A new file is synced whenever this much was added, so that no long sync at its end holds up the log's. */
const SYNC_EVERY_BYTES = 16 * 1024 * 1024
/** Node takes no more than 2 GB - 1 in one call. */
const MAX_TRANSFER_BYTES = 2 ** 30

export interface FileStorageOptions {
  /**
   * When the directory is locked against every other storage, in this process too: `now` (if left out), with the
   * first change, or never. Without the lock leftovers of crashes stay, as they may be somebody's who is at work.
   */
  readonly lock?: 'now' | 'on-write' | 'never'
}

/**
 * Opens a directory as a storage. It has to exist. A relative path is taken from the working directory now.
 * @param dir path, as a byte string
 * @throws StorageError `missing`, `denied`; `busy` with the owner's pid when it is in use
 */
export async function openFileStorage(dir: string, options: FileStorageOptions = {}): Promise<Storage> {
  const root = isAbsolute(dir) ? dir : `${utf8ToBytes(process.cwd())}/${dir}`
  const { lock = 'now' } = options
  const storage = new FileStorage(root, lock !== 'never')
  if (lock === 'now') await storage.lock()
  return storage
}

/** Where a file is. */
interface Place {
  readonly name: string
  /** Its path, as Node takes it. */
  readonly path: Buffer
  /** Path of the directory it is in, as a byte string. */
  readonly folder: string
}

class FileStorage implements Storage {
  readonly #root: string
  readonly #isLocking: boolean
  #lock: DirectoryLock | undefined
  #locked: Promise<void> | undefined
  readonly #appended = new Set<string>()
  /** Folders that will be found after a crash. */
  readonly #durableFolders = new Set<string>()
  #tempFiles = 0
  #isClosed = false

  /**
   * @param root absolute path, as a byte string
   * @param isLocking whether nothing is changed without the lock
   */
  constructor(root: string, isLocking: boolean) {
    this.#root = root
    this.#isLocking = isLocking
    this.#durableFolders.add(root)
  }

  /** Takes the lock, if this has not been done, and clears up. @throws StorageError `busy` */
  lock(): Promise<void> {
    this.#locked ??= this.#takeLock().catch((error) => {
      this.#locked = undefined
      throw error
    })
    return this.#locked
  }

  async #takeLock(): Promise<void> {
    const lock = await lockDirectory(this.#root)
    this.#lock = lock
    try {
      if (!this.#isClosed) await this.#removeLeftovers()
    } catch (error) {
      this.#lock = undefined
      lock.release()
      throw error
    }
    // Closed meanwhile: whatever waits for the lock is refused then.
    if (this.#isClosed) lock.release()
  }

  /** Removes the new files that a crash has left unfinished. It is no harm if some cannot be. */
  async #removeLeftovers(): Promise<void> {
    for (const { name } of await stored(this.#everything())) {
      if (TEMP_FILE.test(baseName(name))) await unlink(pathOf(`${this.#root}/${name}`)).catch(() => {})
    }
  }

  async list(): Promise<StoredFile[]> {
    return (await stored(this.#everything())).filter(({ name }) => !isOwn(name))
  }

  async read(name: string, offset: number, count: number): Promise<Uint8Array> {
    const handle = await stored(open(this.#locate(name).path, 'r'))
    try {
      return await stored(readFrom(handle, offset, count))
    } finally {
      await stored(handle.close())
    }
  }

  async replace(name: string, content: FileContent): Promise<void> {
    const file = this.#locate(name)
    if (this.#isLocking) await this.lock()
    this.#checkUnused(name)
    await this.#makeFolder(file.folder)
    const temp = await this.#createTemp(file.folder)
    try {
      try {
        await fill(temp.handle, content)
      } finally {
        await stored(temp.handle.close())
      }
      this.#checkUnused(name)
      await stored(rename(temp.path, file.path))
    } catch (error) {
      await rm(temp.path, { force: true }).catch(() => {})
      throw error
    }
    await this.#syncFolder(file.folder)
  }

  async append(name: string, length: number): Promise<AppendFile> {
    const file = this.#locate(name)
    if (this.#isLocking) await this.lock()
    this.#checkUnused(name)
    this.#appended.add(name)
    try {
      await this.#makeFolder(file.folder)
      return new AppendedFile(await openBehind(file, length), length, {
        mayWrite: () => this.#mayWrite(),
        syncFolder: () => this.#syncFolder(file.folder),
        closed: () => this.#appended.delete(name),
      })
    } catch (error) {
      this.#appended.delete(name)
      throw storageError(error)
    }
  }

  async remove(name: string): Promise<void> {
    const { path, folder } = this.#locate(name)
    if (this.#isLocking) await this.lock()
    this.#checkUnused(name)
    try {
      await unlink(path)
    } catch (error) {
      const fault = storageError(error)
      if (fault.fault !== 'missing') throw fault
    }
    // Also for a file that is not there: what removed it may not have come so far.
    await this.#syncFolder(folder).catch((error: StorageError) => {
      if (error.fault !== 'missing') throw error
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#lock?.release()
  }

  #mayWrite(): void {
    if (this.#isClosed) throw new StorageError('failed', 'The storage is closed')
    this.#lock?.assertHeld()
  }

  /** Whether a file of this name may be replaced, removed or opened. */
  #checkUnused(name: string): void {
    this.#mayWrite()
    if (this.#appended.has(name)) throw new StorageError('busy', 'The file is being appended to')
  }

  /** @throws StorageError `denied` for a name that would lead out of the directory */
  #locate(name: string): Place {
    checkFileName(name)
    if (isOwn(name) || (IS_WINDOWS && /[\\:]/.test(name)))
      throw new StorageError('denied', 'Not a name for a file')
    const slash = name.indexOf('/')
    const folder = slash < 0 ? this.#root : `${this.#root}/${name.slice(0, slash)}`
    return { name, path: pathOf(`${this.#root}/${name}`), folder }
  }

  async #makeFolder(folder: string): Promise<void> {
    if (folder === this.#root) return
    try {
      await mkdir(pathOf(folder))
      this.#durableFolders.delete(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storageError(error)
    }
  }

  /** Makes durable what a folder says, and that it is there: who made it may not have come so far. */
  async #syncFolder(folder: string): Promise<void> {
    await stored(syncDirectory(folder))
    if (this.#durableFolders.has(folder)) return
    await stored(syncDirectory(this.#root))
    this.#durableFolders.add(folder)
  }

  /** A new file beside the one that it will replace. */
  async #createTemp(folder: string): Promise<{ path: Buffer; handle: FileHandle }> {
    for (;;) {
      const path = pathOf(`${folder}/russet.temp.${process.pid}-${++this.#tempFiles}`)
      try {
        return { path, handle: await open(path, 'wx') }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storageError(error)
      }
    }
  }

  /** Every file of the directory and of its folders, the storage's own ones too. */
  async #everything(): Promise<StoredFile[]> {
    const found: StoredFile[] = []
    const folders: string[] = []
    for (const name of await readdir(pathOf(this.#root), 'latin1')) {
      await this.#look(name, found, folders)
    }
    for (const folder of folders) {
      for (const name of await readIfAllowed(readdir(pathOf(`${this.#root}/${folder}`), 'latin1'), [])) {
        await this.#look(`${folder}/${name}`, found)
      }
    }
    return found
  }

  async #look(name: string, files: StoredFile[], folders?: string[]): Promise<void> {
    const stats = await readIfAllowed(stat(pathOf(`${this.#root}/${name}`)), undefined)
    if (stats?.isFile()) files.push({ name, bytes: stats.size })
    else if (stats?.isDirectory()) folders?.push(name)
  }
}

const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/** Whether a file is the storage's business alone, not the core's. */
const isOwn = (name: string): boolean => TEMP_FILE.test(baseName(name)) || isLockFile(baseName(name))

/** A directory may hold what is not for us (lost+found, other users' folders) and what just goes. */
async function readIfAllowed<T, D>(reading: Promise<T>, otherwise: D): Promise<T | D> {
  try {
    return await reading
  } catch (error) {
    if (/^(EACCES|EPERM|ENOENT|ELOOP|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? ''))
      return otherwise
    throw error
  }
}

async function readFrom(handle: FileHandle, offset: number, count: number): Promise<Uint8Array> {
  const { size } = await handle.stat()
  const bytes = new Uint8Array(Math.max(0, Math.min(count, size - offset)))
  let filled = 0
  while (filled < bytes.length) {
    const wanted = Math.min(bytes.length - filled, MAX_TRANSFER_BYTES)
    const { bytesRead } = await handle.read(bytes, filled, wanted, offset + filled)
    if (bytesRead === 0) return bytes.slice(0, filled)
    filled += bytesRead
  }
  return bytes
}

/** Writes a new file and syncs it. What the content throws goes through as it is. */
async function fill(handle: FileHandle, content: FileContent): Promise<void> {
  let unsynced = 0
  for await (const piece of content) {
    for (let done = 0; done < piece.length; ) {
      const wanted = Math.min(piece.length - done, MAX_TRANSFER_BYTES)
      const { bytesWritten } = await stored(handle.write(piece, done, wanted))
      if (bytesWritten === 0) throw new StorageError('failed', 'Nothing could be written')
      done += bytesWritten
    }
    unsynced += piece.length
    if (unsynced < SYNC_EVERY_BYTES) continue
    unsynced = 0
    await stored(handle.datasync())
  }
  await stored(handle.sync())
}

/** Opens a file, or makes it, and cuts it off behind `length` bytes. */
async function openBehind({ path }: Place, length: number): Promise<FileHandle> {
  // Neither 'r+' nor 'a': the one makes no file, the other writes at the end whatever the position says.
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT)
  try {
    const { size } = await handle.stat()
    if (size < length) throw new StorageError('failed', `The file has ${size} bytes, not ${length}`)
    if (size > length) {
      await handle.truncate(length)
      await handle.sync()
    }
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Makes durable which names a directory has. */
async function syncDirectory(path: string): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(pathOf(path), 'r')
    await handle.sync()
  } catch (error) {
    // Windows opens (EISDIR, EPERM) or syncs (EPERM) no directory, nor do some network file systems (EINVAL,
    // EBADF): there a rename is as durable as it gets.
    if (!/^(EISDIR|EPERM|EINVAL|EBADF)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await handle?.close()
  }
}
