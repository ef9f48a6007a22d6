/** Configuration files on Node's file system: bytes as byte strings, wildcards as glob(3) has them. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { type ConfigFiles, globMatch } from '@russet/core'

/** A path as Node takes it, whatever its bytes are. */
export function pathOf(bytes: string): Buffer {
  return Buffer.from(bytes, 'latin1')
}

const REASONS: { readonly [code: string]: string } = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EEXIST: 'File exists',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  ENAMETOOLONG: 'File name too long',
  ELOOP: 'Too many levels of symbolic links',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
  EFBIG: 'File too large',
  EIO: 'Input/output error',
  EBUSY: 'Device or resource busy',
  ENODEV: 'No such device',
  EMFILE: 'Too many open files',
  ENFILE: 'Too many open files in system',
  ENOMEM: 'Cannot allocate memory',
  EINVAL: 'Invalid argument',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
}

/** What a system error means, in C's words. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return (code !== undefined ? REASONS[code] : undefined) ?? message
}

/**
 * Whether this is no fault but how a directory answers to being synced: Windows opens (EISDIR, EPERM) or syncs (EPERM)
 * none, nor do some network file systems (EINVAL, EBADF). There a rename is as durable as it gets.
 */
export function cannotBeSynced(error: unknown): boolean {
  return /^(EISDIR|EPERM|EINVAL|EBADF)$/.test((error as NodeJS.ErrnoException).code ?? '')
}

export const nodeConfigFiles: ConfigFiles = {
  read(path) {
    try {
      return readFileSync(pathOf(path), 'latin1')
    } catch (error) {
      throw new Error(systemReason(error))
    }
  },

  write(path, content) {
    const temporary = `${path}.tmp-${process.pid}-${Date.now()}`
    try {
      writeSynced(temporary, content, modeOf(path))
      renameSync(pathOf(temporary), pathOf(path))
      syncFolderOf(path)
    } catch (error) {
      rmSync(pathOf(temporary), { force: true })
      throw new Error(systemReason(error))
    }
  },

  match(pattern) {
    const absolute = pattern.startsWith('/')
    let found = [absolute ? '/' : '']
    for (const part of pattern.split('/').filter((name) => name !== '')) {
      const parents = found
      found = []
      for (const parent of parents) {
        const prefix = parent === '' || parent === '/' ? parent : `${parent}/`
        if (!/[*?[]/.test(part)) found.push(prefix + part)
        else for (const name of namesIn(parent)) if (matches(part, name)) found.push(prefix + name)
      }
    }
    return found.sort()
  },
}

/** Who may read a file that is replaced may read the new one, and nobody else. */
function modeOf(path: string): number {
  return (statSync(pathOf(path), { throwIfNoEntry: false })?.mode ?? 0o644) & 0o777
}

function writeSynced(path: string, content: string, mode: number): void {
  const file = openSync(pathOf(path), 'wx', mode)
  try {
    const bytes = pathOf(content)
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Makes a rename in the file's folder last. */
function syncFolderOf(path: string): void {
  let folder: number | undefined
  try {
    folder = openSync(pathOf(path.slice(0, path.lastIndexOf('/') + 1) || '.'), 'r')
    fsyncSync(folder)
  } catch (error) {
    if (!cannotBeSynced(error)) throw error
  } finally {
    if (folder !== undefined) closeSync(folder)
  }
}

function matches(pattern: string, name: string): boolean {
  return name.startsWith('.') === pattern.startsWith('.') && globMatch(pattern, name)
}

/** The names in a folder; none if it cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(pathOf(folder === '' ? '.' : folder), 'latin1')
  } catch {
    return []
  }
}
