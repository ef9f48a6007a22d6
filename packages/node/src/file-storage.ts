/**
 * The core's `Storage` on Node's file system: a directory, its files, and those in its folders.
 *
 * A file is replaced by a new one under a name of its own that is filled, synced and then renamed, and a name
 * is durable when its folder is synced. What a crash has left half done is therefore only ever a file of such
 * a name; those are removed by who has the lock next, before it writes anything into the same folder.
 *
 * The directory may be a home or /tmp, with any number of other things in it: nothing but `list` looks at them.
 */
import { constants } from 'node:fs'
import { access, type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import {
  type AppendFile,
  checkFileName,
  checkFolderName,
  type FileContent,
  fileInUse,
  folderOf,
  type Storage,
  StorageError,
  type StoredFile,
  shortFile,
  storageClosed,
  utf8ToBytes,
} from '@russet/core'
import { AppendedFile, MAX_TRANSFER_BYTES } from './appended-file.js'
import { cannotBeSynced, pathOf } from './config-files.js'
import { type DirectoryLock, isLockFile, lockDirectory } from './directory-lock.js'
import { storageError, stored } from './storage-errors.js'

/** There a backslash separates too, and a colon leads to another drive or stream. */
const IS_WINDOWS = process.platform === 'win32'

const TEMP_FILE = /^russet\.temp\.\d+-\d+$/
/** A new file is synced whenever this much was added, so that no long sync at its end holds up the log's. */
const SYNC_EVERY_BYTES = 16 * 1024 * 1024
/** Files that `list` looks at together: four threads do that, and none of them is to wait for another. */
const LOOKS_AT_ONCE = 64

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
  else await stored(access(pathOf(`${root}/.`)))
  return storage
}

/**
 * Makes a directory, and those it is in, if it does not exist. When the promise resolves it will be found after a
 * crash, too.
 * @param dir absolute path, as text
 * @throws StorageError `denied`, `full`, `failed`
 */
export async function makeDirectory(dir: string): Promise<void> {
  const first = await stored(mkdir(dir, { recursive: true }))
  if (first === undefined) return
  for (let made = dir; made.length >= first.length; made = dirname(made)) {
    await stored(syncDirectory(utf8ToBytes(dirname(made)))).catch((error: StorageError) => {
      // One that may be written to and not be read cannot be synced.
      if (error.fault !== 'denied') throw error
    })
  }
}

/** Where a file is. */
interface Place {
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
  /** Folders from which leftovers have been removed, or are being so. */
  readonly #clearedFolders = new Map<string, Promise<void>>()
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

  /** Takes the lock, if this has not been done. @throws StorageError `busy` */
  lock(): Promise<void> {
    this.#locked ??= this.#takeLock().catch((error) => {
      this.#locked = undefined
      throw error
    })
    return this.#locked
  }

  async #takeLock(): Promise<void> {
    this.#lock = await lockDirectory(this.#root)
    // Closed meanwhile: whatever waits for the lock is refused then.
    if (this.#isClosed) this.#lock.release()
    else await this.#clear(this.#root)
  }

  async list(folder: string): Promise<StoredFile[]> {
    checkFolderName(folder)
    const prefix = folder === '' ? '' : `${folder}/`
    let names: string[]
    try {
      // With the dot it takes the permission to look at the files, too.
      names = await readdir(pathOf(`${this.#root}/${prefix}.`), 'latin1')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // A root that is gone is not one without data.
      if (folder !== '' && (code === 'ENOENT' || code === 'ENOTDIR')) return []
      throw storageError(error)
    }
    const found: StoredFile[] = []
    for (let start = 0; start < names.length; start += LOOKS_AT_ONCE) {
      const looks = names.slice(start, start + LOOKS_AT_ONCE).map((name) => this.#look(prefix + name))
      for (const file of await stored(Promise.all(looks))) if (file !== undefined) found.push(file)
    }
    return found
  }

  /** What a name of a directory stands for, if it is a file, and one for the core. */
  async #look(name: string): Promise<StoredFile | undefined> {
    if (isOwn(name)) return undefined
    try {
      const stats = await stat(pathOf(`${this.#root}/${name}`))
      return stats.isFile() ? { name, bytes: stats.size } : undefined
    } catch (error) {
      // It has just gone, or is a link that leads nowhere, in a circle, or to what is not for us.
      const { code = '' } = error as NodeJS.ErrnoException
      if (/^(ENOENT|ENOTDIR|ELOOP|EACCES|EPERM)$/.test(code)) return undefined
      throw error
    }
  }

  async read(name: string, offset: number, count: number): Promise<Uint8Array> {
    // Without O_NONBLOCK the open of a pipe waits for its writer.
    const flags = constants.O_RDONLY | (IS_WINDOWS ? 0 : constants.O_NONBLOCK)
    const handle = await stored(open(this.#locate(name).path, flags))
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
    await this.#prepareFolder(file.folder)
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
      await unlink(temp.path).catch(() => {})
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
      await this.#prepareFolder(file.folder)
      return new AppendedFile(await openBehind(name, file.path, length), length, {
        check: () => this.#check(),
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

  /** @throws StorageError when nothing may be written: `lost`, or it is closed */
  #check(): void {
    if (this.#isClosed) throw storageClosed()
    this.#lock?.assertHeld()
  }

  /** Whether a file of this name may be replaced, removed or opened. */
  #checkUnused(name: string): void {
    this.#check()
    if (this.#appended.has(name)) throw fileInUse(name)
  }

  /** @throws StorageError `denied` for a name that would lead out of the directory */
  #locate(name: string): Place {
    checkFileName(name)
    if (isOwn(name) || (IS_WINDOWS && /[\\:]/.test(name)))
      throw new StorageError('denied', 'Not a name for a file')
    const folder = folderOf(name)
    return {
      path: pathOf(`${this.#root}/${name}`),
      folder: folder === '' ? this.#root : `${this.#root}/${folder}`,
    }
  }

  /** Makes a folder if it is missing, and clears up in it before the first change there. */
  async #prepareFolder(folder: string): Promise<void> {
    if (folder === this.#root) return
    try {
      await mkdir(pathOf(folder))
      this.#durableFolders.delete(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storageError(error)
    }
    // Without the lock leftovers may be somebody's who is at work.
    if (this.#lock !== undefined) await this.#clear(folder)
  }

  /** Removes, once for each folder, the new files that a crash has left unfinished. */
  #clear(folder: string): Promise<void> {
    let clearing = this.#clearedFolders.get(folder)
    if (clearing === undefined) {
      // A folder that cannot be read says so when it is used.
      clearing = this.#removeLeftovers(folder).catch(() => {})
      this.#clearedFolders.set(folder, clearing)
    }
    return clearing
  }

  async #removeLeftovers(folder: string): Promise<void> {
    for (const name of await readdir(pathOf(folder), 'latin1')) {
      if (!TEMP_FILE.test(name)) continue
      this.#check()
      // It is no harm if some stay.
      await unlink(pathOf(`${folder}/${name}`)).catch(() => {})
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
}

/** Whether a file is the storage's business alone, not the core's. */
function isOwn(name: string): boolean {
  const baseName = name.slice(name.lastIndexOf('/') + 1)
  return TEMP_FILE.test(baseName) || isLockFile(baseName)
}

async function readFrom(handle: FileHandle, offset: number, count: number): Promise<Uint8Array> {
  const stats = await handle.stat()
  if (!stats.isFile()) throw new StorageError('failed', 'Not a regular file')
  const bytes = new Uint8Array(Math.max(0, Math.min(count, stats.size - offset)))
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

/** Opens a file and cuts it off behind `length` bytes; if these are none a missing one is made. */
async function openBehind(name: string, path: Buffer, length: number): Promise<FileHandle> {
  // Not 'a', which writes at the end whatever the position says.
  const handle = await open(path, constants.O_RDWR | (length === 0 ? constants.O_CREAT : 0))
  try {
    const { size } = await handle.stat()
    if (size < length) throw shortFile(name, size)
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
    if (!cannotBeSynced(error)) throw error
  } finally {
    await handle?.close()
  }
}
