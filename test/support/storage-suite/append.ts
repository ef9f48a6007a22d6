/** Cases of the storage suite: files that are appended to. */
import type { AppendFile } from '@russet/core'
import { describe, expect } from 'vitest'
import { expectBytes, join, pattern, piecesOf } from '../bytes.js'
import type { StorageTest } from '../storage-suite.js'
import { errorOf, expectFiles, faultOf } from './expectations.js'

export function describeAppending(storageTest: StorageTest): void {
  describe('append', () => {
    storageTest('a missing file is made', async (harness) => {
      let storage = await harness.open()
      const file = await storage.append('folder/log', 0)
      expect(file.length).toBe(0)
      expect(await storage.list('folder')).toEqual([{ name: 'folder/log', bytes: 0 }])
      await file.sync()
      await file.close()
      await storage.close()
      storage = await harness.open()
      await expectFiles(storage, { 'folder/log': new Uint8Array(0) })
    })

    storageTest('what was written is in the file', async (harness) => {
      const storage = await harness.open()
      const file = await storage.append('log', 0)
      await file.write([pattern(10), pattern(0), pattern(20, 1)])
      expect(file.length).toBe(30)
      await file.write([])
      await file.write([new Uint8Array(0)])
      await file.write([pattern(5, 2)])
      expect(file.length).toBe(35)
      const content = join([pattern(10), pattern(20, 1), pattern(5, 2)])
      await expectFiles(storage, { log: content })
      await file.sync()
      await expectFiles(storage, { log: content })
      expectBytes(await storage.read('log', 8, 4), content.subarray(8, 12))
      await file.close()
      await expectFiles(storage, { log: content })
    })

    storageTest('the writer may use its memory again', async (harness) => {
      const storage = await harness.open()
      const file = await storage.append('log', 0)
      const memory = new Uint8Array(100)
      const written: Uint8Array[] = []
      for (let i = 0; i < 20; i++) {
        memory.set(pattern(100, i))
        await file.write([memory.subarray(0, 50), memory.subarray(50)])
        written.push(pattern(100, i))
      }
      memory.fill(0)
      await file.sync()
      await expectFiles(storage, { log: join(written) })
    })

    storageTest('calls that overlap are in order', async (harness) => {
      const storage = await harness.open()
      const file = await storage.append('log', 0)
      const written: Uint8Array[] = []
      const calls: Promise<void>[] = []
      for (let i = 0; i < 200; i++) {
        const piece = pattern((i * 37) % 211, i)
        written.push(piece)
        calls.push(file.write([piece]))
        if (i % 3 === 0) calls.push(file.sync())
        if (i % 50 === 0) calls.push(file.sync())
        if (i % 70 === 0) await calls.at(-1)
      }
      await Promise.all(calls)
      const content = join(written)
      expect(file.length).toBe(content.length)
      await file.close()
      await expectFiles(storage, { log: content })
    })

    storageTest('a write has what was written before it in front', async (harness) => {
      const storage = await harness.open()
      const file = await storage.append('log', 0)
      const big = file.write(Array.from(piecesOf(pattern(3_000_000), 100_000)))
      const small = file.write([pattern(3, 1)])
      await small
      expect(file.length).toBe(3_000_003)
      await Promise.all([big, file.sync()])
      await expectFiles(storage, { log: join([pattern(3_000_000), pattern(3, 1)]) })
    })

    storageTest('a file goes on behind what it has', async (harness) => {
      const storage = await harness.open()
      await storage.replace('log', [pattern(5000)])
      let content = pattern(5000)
      for (let i = 1; i <= 20; i++) {
        const file = await storage.append('log', content.length)
        expect(file.length).toBe(content.length)
        await file.write([pattern(i * 10, i)])
        await file.sync()
        await file.close()
        content = join([content, pattern(i * 10, i)])
      }
      await expectFiles(storage, { log: content })
    })

    storageTest('what is beyond the given length is cut off', async (harness) => {
      let storage = await harness.open()
      await storage.replace('cut', [pattern(5000)])
      await storage.replace('emptied', [pattern(5000)])
      const cut = await storage.append('cut', 1234)
      const emptied = await storage.append('emptied', 0)
      expect([cut.length, emptied.length]).toEqual([1234, 0])
      await expectFiles(storage, { cut: pattern(1234), emptied: new Uint8Array(0) })
      await cut.write([pattern(10, 1)])
      await cut.sync()
      await emptied.sync()
      await cut.close()
      await emptied.close()
      const again = await storage.append('cut', 1240)
      await again.write([pattern(20, 2)])
      await again.sync()
      await again.close()
      await storage.close()
      storage = await harness.open()
      const content = join([pattern(1234), pattern(6, 1), pattern(20, 2)])
      await expectFiles(storage, { cut: content, emptied: new Uint8Array(0) })
    })

    storageTest('a file cannot be continued behind more than it has', async (harness) => {
      const storage = await harness.open()
      await storage.replace('log', [pattern(100)])
      expect(await faultOf(storage.append('log', 101))).toBe('failed')
      expect(await faultOf(storage.append('none', 1))).toBe('missing')
      await expectFiles(storage, { log: pattern(100) })
      const file = await storage.append('log', 100)
      await file.close()
    })

    storageTest('a file is open once at a time', async (harness) => {
      const storage = await harness.open()
      const [first, second] = [storage.append('log', 0), storage.append('log', 0)]
      expect(await faultOf(second)).toBe('busy')
      const file = await first
      expect(await faultOf(storage.append('log', 0))).toBe('busy')
      await file.write([pattern(10)])
      await file.sync()
      await file.close()
      await file.close()
      const again = await storage.append('log', 10)
      expect(await errorOf(file.write([pattern(1)]))).toMatchObject({ name: 'StorageError' })
      expect(await errorOf(file.sync())).toMatchObject({ name: 'StorageError' })
      await again.close()
      await expectFiles(storage, { log: pattern(10) })
    })

    storageTest('several files grow side by side', async (harness) => {
      const storage = await harness.open()
      const names = ['a', 'b/c', 'b/d']
      const files = await Promise.all(names.map((file) => storage.append(file, 0)))
      for (let round = 0; round < 20; round++) {
        await Promise.all(
          files.flatMap((file, i) => [file.write([pattern(100 + i, round + i)]), file.sync()]),
        )
        if (round % 5 === 0) await storage.replace('base', [pattern(round)])
      }
      const expected = (i: number): Uint8Array =>
        join(Array.from({ length: 20 }, (_, round) => pattern(100 + i, round + i)))
      await expectFiles(storage, {
        a: expected(0),
        'b/c': expected(1),
        'b/d': expected(2),
        base: pattern(15),
      })
      await Promise.all(files.map((file) => file.close()))
    })

    storageTest('a closed file can be replaced and removed', async (harness) => {
      const storage = await harness.open()
      const open = async (): Promise<AppendFile> => {
        const file = await storage.append('log', 0)
        await file.write([pattern(100)])
        return file
      }
      await (await open()).close()
      await storage.replace('log', [pattern(7, 7)])
      await expectFiles(storage, { log: pattern(7, 7) })
      const file = await open()
      await file.sync()
      await file.close()
      await storage.remove('log')
      await expectFiles(storage, {})
    })
  })
}
