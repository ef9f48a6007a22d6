/** System errors as the core takes them from a storage: what a caller can do about it, and C's words for it. */
import { StorageError, type StorageFault } from '@russet/core'
import { systemReason } from './config-files.js'

const FAULTS: { readonly [code: string]: StorageFault } = {
  ENOENT: 'missing',
  // A limit on the size of a file (ulimit -f) is a quota like others.
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  EBUSY: 'busy',
}

/** A `StorageError` for whatever was thrown, with that as its cause; one that is one already stays as it is. */
export function storageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  const { code = '' } = error as NodeJS.ErrnoException
  return new StorageError(FAULTS[code] ?? 'failed', systemReason(error), { cause: error })
}

/** The result of work on the file system. @throws StorageError */
export async function stored<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw storageError(error)
  }
}
