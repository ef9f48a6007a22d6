/** Configuration files on Node's file system: bytes as byte strings, wildcards as glob(3) has them. */
import { readdirSync, readFileSync } from 'node:fs'
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

export const nodeConfigFiles: ConfigFiles = {
  read(path) {
    try {
      return readFileSync(pathOf(path), 'latin1')
    } catch (error) {
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
