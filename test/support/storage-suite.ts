/**
 * What makes a storage adapter one: the promises of packages/core/src/storage/storage.ts as test cases. Each
 * adapter calls `storageSuite` from a test file of its own. Nothing here needs Node, and of Vitest only
 * `describe`, `test` and `expect`, so the cases can be bundled and run inside another runtime.
 *
 * Each case gets a harness of its own, with an empty medium. What only some media can do (crash, be taken over,
 * be full) is tested where the adapter says that its harness can bring it about.
 */
import type { Storage, StorageFault } from '@russet/core'
import { describe, test } from 'vitest'
import { describeAppending } from './storage-suite/append.js'
import { describeCrash, describeRefusals, describeTakeOver } from './storage-suite/faults.js'
import { describeNames, describeReading, describeReplacing } from './storage-suite/files.js'
import { describeExclusiveUse, describeRandomHistories, describeSizes } from './storage-suite/whole.js'

export interface StorageHarness {
  /** Opens the medium of this harness, as a process does that starts. */
  open(): Promise<Storage>
  /**
   * The process is gone without having closed anything, and of what is not durable the medium has kept what
   * it likes. The storage that was open is not used any more, and `open` succeeds.
   */
  crash?(): Promise<void>
  /** Somebody else takes the medium over while it is in use, and has it from now on. */
  takeOver?(): Promise<void>
  /** From now on the medium refuses what would change it, with one of `abilities.refusals`; `mend` ends that. */
  refuse?(fault: StorageFault): Promise<void>
  mend?(): Promise<void>
  /** Runs after each case; whatever is open may be closed now. */
  dispose?(): Promise<void>
}

/** Which of the optional parts the harnesses have. */
export interface StorageAbilities {
  readonly crash?: boolean
  readonly takeOver?: boolean
  readonly refusals?: readonly StorageFault[]
}

/** Defines a case. It gets a harness of its own. */
export type StorageTest = (title: string, run: (harness: StorageHarness) => Promise<void>) => void

/**
 * Describes the cases of one adapter.
 * @param makeHarness called once for each case
 */
export function storageSuite(
  name: string,
  makeHarness: () => StorageHarness | Promise<StorageHarness>,
  abilities: StorageAbilities = {},
): void {
  const storageTest: StorageTest = (title, run) => {
    test(title, async () => {
      const harness = await makeHarness()
      try {
        await run(harness)
      } finally {
        await harness.dispose?.()
      }
    })
  }

  describe(name, () => {
    describeReading(storageTest)
    describeNames(storageTest)
    describeReplacing(storageTest)
    describeAppending(storageTest)
    describeSizes(storageTest)
    describeExclusiveUse(storageTest)
    describeRandomHistories(storageTest)
    if (abilities.takeOver === true) describeTakeOver(storageTest)
    if (abilities.refusals !== undefined) describeRefusals(abilities.refusals, storageTest)
    if (abilities.crash === true) describeCrash(storageTest)
  })
}
