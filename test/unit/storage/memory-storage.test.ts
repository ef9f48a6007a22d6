/** Storage in memory: the conformance suite, and the medium that outlives it. */
import { expect, test } from 'vitest'
import { MemoryMedium, MemoryStorage } from '../../../packages/core/src/storage/memory-storage.js'
import { StorageError } from '../../../packages/core/src/storage/storage.js'
import { type StorageHarness, storageSuite } from '../../support/storage-suite.js'

function memoryHarness(): StorageHarness {
  const medium = new MemoryMedium()
  return {
    open: async () => new MemoryStorage(medium),
    takeOver: async () => {
      medium.evict()
      new MemoryStorage(medium)
    },
    refuse: async () => {
      medium.maxBytes = 300
    },
    mend: async () => {
      medium.maxBytes = Number.POSITIVE_INFINITY
    },
  }
}

storageSuite('memory', memoryHarness, { takeOver: true, refusals: ['full'] })

test('each storage has a medium of its own unless told otherwise', async () => {
  const first = new MemoryStorage()
  const second = new MemoryStorage()
  await first.replace('a', [new Uint8Array(1)])
  expect(await second.list('')).toEqual([])
})

test('a medium in use throws', () => {
  const medium = new MemoryMedium()
  new MemoryStorage(medium)
  expect(() => new MemoryStorage(medium)).toThrow(new StorageError('busy', 'The medium is in use'))
})

test('closing after the medium was taken over leaves it to the new user', async () => {
  const medium = new MemoryMedium()
  const former = new MemoryStorage(medium)
  medium.evict()
  const present = new MemoryStorage(medium)
  await former.close()
  await present.replace('a', [new Uint8Array(1)])
  expect(() => new MemoryStorage(medium)).toThrow(StorageError)
})

test('a file that is open can be neither replaced nor removed', async () => {
  const storage = new MemoryStorage()
  await storage.append('log', 0)
  await expect(storage.replace('log', [])).rejects.toMatchObject({ fault: 'busy' })
  await expect(storage.remove('log')).rejects.toMatchObject({ fault: 'busy' })
})
