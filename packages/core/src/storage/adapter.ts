/** What adapters of the storage interface have in common: which names there are, and pieces of bytes put together. */
import { type FileContent, StorageError } from './storage.js'

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

function isPart(part: string): boolean {
  if (part === '' || part === '.' || part === '..' || part.length > MAX_PART_BYTES) return false
  for (let i = 0; i < part.length; i++) {
    const byte = part.charCodeAt(i)
    if (byte === 0 || byte === 0x2f || byte > 0xff) return false
  }
  return true
}

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
