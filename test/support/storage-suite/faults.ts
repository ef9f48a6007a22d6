/** Cases of the storage suite: a medium that is taken away, refuses, or crashes. */
import type { StorageFault } from '@russet/core'
import { describe, expect } from 'vitest'
import { expectBytes, join, pattern, pausing, piecesOf, slowly } from '../bytes.js'
import type { StorageTest } from '../storage-suite.js'
import { errorOf, expectFiles, faultOf } from './expectations.js'

export function describeTakeOver(storageTest: StorageTest): void {
  storageTest('once it is taken over, the former user can do nothing more', async (harness) => {
    const storage = await harness.open()
    await storage.replace('file', [pattern(10)])
    const file = await storage.append('log', 0)
    await file.write([pattern(10)])
    await file.sync()
    const [paused, goOn] = pausing([pattern(10, 1)])
    const replacing = faultOf(storage.replace('late', paused))
    await harness.takeOver?.()
    goOn()
    expect(await replacing).toBe('lost')
    expect(await faultOf(storage.replace('file', [pattern(1)]))).toBe('lost')
    expect(await faultOf(storage.append('other', 0))).toBe('lost')
    expect(await faultOf(storage.remove('file'))).toBe('lost')
    expect(await faultOf(file.write([pattern(5)]).then(() => file.sync()))).toBe('lost')
    await errorOf(file.close())
    await errorOf(storage.close())
    expect(await faultOf(harness.open())).toBe('busy')
  })
}

export function describeRefusals(refusals: readonly StorageFault[], storageTest: StorageTest): void {
  for (const fault of refusals) {
    storageTest(
      `when the medium refuses with '${fault}', nothing changes, and it goes on later`,
      async (harness) => {
        let storage = await harness.open()
        await storage.replace('file', [pattern(100)])
        const file = await storage.append('log', 0)
        await file.write([pattern(50)])
        await file.sync()
        await harness.refuse?.(fault)
        expect(await faultOf(storage.replace('file', [pattern(2000, 1)]))).toBe(fault)
        expect(await faultOf(storage.replace('new', slowly(piecesOf(pattern(2000, 1), 100))))).toBe(fault)
        expectBytes(await storage.read('file', 0, 1000), pattern(100))
        expect(await faultOf(storage.read('new', 0, 1))).toBe('missing')
        const writing = file.write([pattern(2000, 2)])
        const kept = await writing.then(
          () => 2050,
          () => 50,
        )
        expect(file.length).toBe(kept)
        if (kept === 50) expect(await faultOf(writing)).toBe(fault)
        else expect(await faultOf(file.sync())).toBe(fault)
        await harness.mend?.()
        if (kept === 50) {
          await file.write([pattern(3, 3)])
          await file.sync()
          await expectFiles(storage, { file: pattern(100), log: join([pattern(50), pattern(3, 3)]) })
        }
        await errorOf(file.close())
        await storage.replace('file', [pattern(200)])
        await storage.close()
        storage = await harness.open()
        expectBytes(await storage.read('file', 0, 1000), pattern(200))
        expectBytes(await storage.read('log', 0, 50), pattern(50))
      },
    )
  }
}

export function describeCrash(storageTest: StorageTest): void {
  describe('after a crash', () => {
    storageTest('what was done is there', async (harness) => {
      let storage = await harness.open()
      await storage.replace('a', [pattern(100)])
      await storage.replace('a', [pattern(200, 1)])
      await storage.replace('b/c', piecesOf(pattern(70_000), 1000))
      await storage.replace('gone', [pattern(1)])
      await storage.remove('gone')
      await storage.replace('empty', [])
      const file = await storage.append('b/log', 0)
      const empty = await storage.append('emptylog', 0)
      await empty.sync()
      for (let i = 0; i < 10; i++) {
        await file.write([pattern(100, i)])
        if (i % 3 === 0) await file.sync()
      }
      await harness.crash?.()
      storage = await harness.open()
      await expectFiles(storage, {
        a: pattern(200, 1),
        'b/c': pattern(70_000),
        empty: new Uint8Array(0),
        emptylog: new Uint8Array(0),
        'b/log': join(Array.from({ length: 10 }, (_, i) => pattern(100, i))),
      })
    })

    storageTest('of what was not synced there is a beginning', async (harness) => {
      let storage = await harness.open()
      const file = await storage.append('log', 0)
      const fresh = await storage.append('fresh', 0)
      await file.write([pattern(1000)])
      await file.sync()
      const written = [pattern(1000)]
      for (let i = 1; i < 30; i++) {
        await Promise.all([file.write([pattern(100, i)]), fresh.write([pattern(100, i)])])
        written.push(pattern(100, i))
      }
      await harness.crash?.()
      storage = await harness.open()
      const log = await storage.read('log', 0, 10_000)
      expect(log.length).toBeGreaterThanOrEqual(1000)
      expectBytes(log, join(written).subarray(0, log.length))
      const file2 = (await storage.list('')).find(({ name }) => name === 'fresh')
      if (file2 !== undefined) {
        expectBytes(await storage.read('fresh', 0, 10_000), join(written).subarray(1000, 1000 + file2.bytes))
      }
      const again = await storage.append('log', 1000)
      await again.write([pattern(50, 77)])
      await again.sync()
      await harness.crash?.()
      storage = await harness.open()
      expectBytes(await storage.read('log', 0, 10_000), join([pattern(1000), pattern(50, 77)]))
    })

    storageTest('a replacement that was not finished has not been', async (harness) => {
      let storage = await harness.open()
      await storage.replace('old', [pattern(100)])
      for (const size of [0, 3_000_000]) {
        const [paused] = pausing([pattern(10, 1)], pattern(size, 2))
        const [pausedToo] = pausing([pattern(10, 1)], pattern(size, 2))
        void storage.replace('old', paused).catch(() => {})
        void storage.replace('new', pausedToo).catch(() => {})
        await storage.list('')
        await harness.crash?.()
        storage = await harness.open()
        await expectFiles(storage, { old: pattern(100) })
      }
      await storage.replace('old', [pattern(5)])
      await expectFiles(storage, { old: pattern(5) })
    })

    storageTest('a cut that was not synced is done or not', async (harness) => {
      let storage = await harness.open()
      await storage.replace('log', [pattern(1000)])
      await storage.append('log', 400)
      await harness.crash?.()
      storage = await harness.open()
      const [file] = await storage.list('')
      expect([400, 1000]).toContain(file?.bytes)
      expectBytes(await storage.read('log', 0, 2000), pattern(file?.bytes ?? 0))
    })

    storageTest('several times over', async (harness) => {
      let log = new Uint8Array(0)
      for (let round = 0; round < 10; round++) {
        const storage = await harness.open()
        if (round > 0) expectBytes(await storage.read('log', 0, log.length), log)
        const file = await storage.append('log', log.length)
        await file.write([pattern(200, round)])
        await file.sync()
        log = join([log, pattern(200, round)])
        await file.write([pattern(300, 99)])
        await storage.replace('base', [pattern(round)])
        await harness.crash?.()
      }
    })
  })
}
