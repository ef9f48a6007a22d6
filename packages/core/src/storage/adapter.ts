/**
 * What adapters of the storage interface have in common: which names there are, what is refused and in which
 * words, and pieces of bytes put together.
 */
import { type FileContent, StorageError, type StoredFile } from './storage.js'

/** Longest part of a name, in bytes: what file systems take. */
const MAX_PART_BYTES = 255

/**
 * Refuses what is no name of a file: one or two parts with a slash between them, each of 1 to 255 bytes
 * without NUL, and neither `.` nor `..`, which would be folders to a file system.
 * @throws StorageError `denied`
 */
export function checkFileName(name: string): void {
  const slash = name.indexOf('/')
  const isName = slash < 0 ? isPart(name) : isPart(name.slice(0, slash)) && isPart(name.slice(slash + 1))
  if (!isName) throw new StorageError('denied', 'Not a name for a file')
}

/**
 * Refuses what is no name of a folder: one such part, or nothing, which is the root.
 * @throws StorageError `denied`
 */
export function checkFolderName(folder: string): void {
  if (folder !== '' && !isPart(folder)) throw new StorageError('denied', 'Not a name for a folder')
}

function isPart(part: string): boolean {
  if (part === '' || part === '.' || part === '..' || part.length > MAX_PART_BYTES) return false
  for (let i = 0; i < part.length; i++) {
    const byte = part.charCodeAt(i)
    if (byte === 0 || byte === 0x2f || byte > 0xff) return false
  }
  return true
}

/** The folder that a file is in; empty for the root. */
export function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf('/')))
}

/**
 * What `Storage.list` is to give of the files of a medium that has no folders.
 * @throws StorageError `denied` for what is no name of a folder
 */
export function filesIn(folder: string, files: Iterable<StoredFile>): StoredFile[] {
  checkFolderName(folder)
  const found: StoredFile[] = []
  for (const file of files) if (folderOf(file.name) === folder) found.push(file)
  return found
}

/** What a file that is being appended to asks of the storage it belongs to. */
export interface AppendFileOwner {
  /** @throws StorageError when the storage may not be used any more */
  check(): void
  closed(): void
}

export const missingFile = (name: string): StorageError =>
  new StorageError('missing', `There is no file ${name}`)
export const shortFile = (name: string, bytes: number): StorageError =>
  new StorageError('failed', `${name} has only ${bytes} bytes`)
export const fileInUse = (name: string): StorageError =>
  new StorageError('busy', `${name} is being appended to`)
export const fileClosed = (): StorageError => new StorageError('failed', 'The file is closed')
export const storageClosed = (): StorageError => new StorageError('failed', 'The storage is closed')

/** A content in blocks of `blockBytes`, the last one shorter; none for no bytes. Each is memory of its own. */
export async function* blocksOf(
  content: FileContent,
  blockBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of content) {
    let start = 0
    while (bytes + piece.length - start >= blockBytes) {
      const end = start + blockBytes - bytes
      pieces.push(piece.subarray(start, end))
      yield concatBytes(pieces, blockBytes)
      pieces = []
      bytes = 0
      start = end
    }
    if (start < piece.length) {
      pieces.push(start === 0 ? piece : piece.subarray(start))
      bytes += piece.length - start
    }
  }
  if (bytes > 0) yield concatBytes(pieces, bytes)
}

/** All pieces in one new array. @param bytes how many they have together */
export function concatBytes(pieces: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

export function totalBytes(pieces: readonly Uint8Array[]): number {
  let bytes = 0
  for (const piece of pieces) bytes += piece.length
  return bytes
}
