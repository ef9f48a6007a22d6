/**
 * A file of the file system that is being appended to.
 *
 * A write is done inside the call, by pwrite at the known end, so what was written is in the system's cache
 * before anybody can hear of it: the end of this process, by SIGKILL too, loses none of it. Only syncing goes
 * through the thread pool, and never twice at once: calls that come while one runs share the next.
 */
import { ftruncateSync, writeSync, writevSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type AppendFile, type AppendFileOwner, fileClosed, StorageError } from '@russet/core'
import { storageError, stored } from './storage-errors.js'

/** Most bytes in one call: Node takes no more than 2 GB - 1. */
export const MAX_TRANSFER_BYTES = 2 ** 30

const DONE = Promise.resolve()

export interface AppendedFileOwner extends AppendFileOwner {
  /** Makes it durable that there is a file of this name. */
  syncFolder(): Promise<void>
}

export class AppendedFile implements AppendFile {
  #length: number
  readonly #handle: FileHandle
  readonly #owner: AppendedFileOwner
  /** Whether a failed write may have left bytes behind the end. */
  #hasLeftover = false
  #isEntryDurable = false
  /** What the first sync that failed has failed with. */
  #syncFault: StorageError | undefined
  /** The sync that has not begun yet, for all who call before it does. */
  #waitingSync: Promise<void> | undefined
  /** Settles, and never rejects, with the last sync that was asked for. */
  #lastSync = DONE
  #isClosed = false

  /** @param handle the file, open for reading and writing, `length` bytes long */
  constructor(handle: FileHandle, length: number, owner: AppendedFileOwner) {
    this.#handle = handle
    this.#length = length
    this.#owner = owner
  }

  get length(): number {
    return this.#length
  }

  write(pieces: readonly Uint8Array[]): Promise<void> {
    try {
      this.#write(pieces)
      return DONE
    } catch (error) {
      return Promise.reject(storageError(error))
    }
  }

  sync(): Promise<void> {
    if (this.#isClosed) return Promise.reject(fileClosed())
    if (this.#waitingSync !== undefined) return this.#waitingSync
    const sync = this.#lastSync.then(() => {
      this.#waitingSync = undefined
      return this.#sync()
    })
    this.#waitingSync = sync
    this.#lastSync = sync.catch(() => {})
    return sync
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#lastSync
    try {
      await stored(this.#handle.close())
    } finally {
      this.#owner.closed()
    }
  }

  #write(pieces: readonly Uint8Array[]): void {
    if (this.#isClosed) throw fileClosed()
    this.#owner.check()
    if (this.#hasLeftover) this.#cutLeftover()
    try {
      this.#length = writePieces(this.#handle.fd, pieces, this.#length)
    } catch (error) {
      // A shorter write in its place would have the rest of it behind itself: that must not stay.
      this.#hasLeftover = true
      try {
        this.#cutLeftover()
      } catch {
        // Before the next write, then.
      }
      throw error
    }
  }

  #cutLeftover(): void {
    ftruncateSync(this.#handle.fd, this.#length)
    this.#hasLeftover = false
  }

  async #sync(): Promise<void> {
    // Linux tells once that it could not write a page and then forgets it: no later success would be true.
    if (this.#syncFault !== undefined) throw this.#syncFault
    this.#owner.check()
    try {
      await this.#handle.datasync()
      if (!this.#isEntryDurable) await this.#owner.syncFolder()
      this.#isEntryDurable = true
    } catch (error) {
      this.#syncFault = storageError(error)
      throw this.#syncFault
    }
  }
}

/** Writes all pieces from `position` on; a disk that is nearly full takes only part at a time. @returns their end */
function writePieces(fd: number, pieces: readonly Uint8Array[], position: number): number {
  const [first, second] = pieces
  if (first === undefined) return position
  if (second === undefined) return writePiece(fd, first, position)
  let written = writevSync(fd, pieces, position)
  let end = position
  for (const piece of pieces) {
    const done = Math.min(written, piece.length)
    end = writePiece(fd, done === 0 ? piece : piece.subarray(done), end + done)
    written -= done
  }
  return end
}

function writePiece(fd: number, piece: Uint8Array, position: number): number {
  let done = 0
  while (done < piece.length) {
    const written = writeSync(
      fd,
      piece,
      done,
      Math.min(piece.length - done, MAX_TRANSFER_BYTES),
      position + done,
    )
    if (written === 0) throw new StorageError('failed', 'Nothing could be written')
    done += written
  }
  return position + done
}
