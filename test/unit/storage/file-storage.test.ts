/**
 * The file system's storage: the conformance suite. A crash is the end of the process, which leaves the lock
 * and half-written files behind; what a crash of the machine leaves is the subject of the order of syncing.
 */
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StorageFault } from '@russet/core'
import { isLockFile, lockDirectory } from '../../../packages/node/src/directory-lock.js'
import { openFileStorage } from '../../../packages/node/src/file-storage.js'
import { failing, limitWrites, replaceMethod } from '../../support/file-faults.js'
import { type StorageHarness, storageSuite } from '../../support/storage-suite.js'

const CODES: { readonly [fault: string]: string } = { full: 'ENOSPC', denied: 'EACCES' }

function fileHarness(): StorageHarness {
  const dir = fs.mkdtempSync(join(tmpdir(), 'russet-storage-'))
  const mends: (() => void)[] = []
  // A process that ends closes its files; here they would wait for the garbage collector, which complains.
  const handles: fs.promises.FileHandle[] = []
  replaceMethod(fs.promises, 'open', (real) => async (...args) => {
    const handle = await real(...args)
    handles.push(handle)
    return handle
  })
  const removeLocks = () => {
    for (const name of fs.readdirSync(dir)) if (isLockFile(name)) fs.unlinkSync(join(dir, name))
  }
  return {
    open: () => openFileStorage(dir),
    crash: async () => removeLocks(),
    takeOver: async () => {
      removeLocks()
      await lockDirectory(dir)
      // Who was away for longer than the lease looks whether it still has the lock.
      replaceMethod(Date, 'now', (now) => () => now() + 60_000)
    },
    refuse: async (fault: StorageFault) => {
      const code = CODES[fault] ?? ''
      mends.push(limitWrites(1000, 1000, code), await failing('write', code))
    },
    mend: async () => {
      for (const mend of mends.splice(0).reverse()) mend()
    },
    dispose: async () => {
      await Promise.all(handles.map((handle) => handle.close()))
      fs.rmSync(dir, { recursive: true, force: true })
    },
  }
}

storageSuite('files', fileHarness, { crash: true, takeOver: true, refusals: ['full', 'denied'] })
