/** Cases of the storage suite: files that are listed, read, replaced and removed, and their names. */
import { folderOf } from '@russet/core'
import { describe, expect } from 'vitest'
import { expectBytes, failing, join, pattern, pausing, piecesOf, slowly } from '../bytes.js'
import type { StorageTest } from '../storage-suite.js'
import { errorOf, expectFiles, faultOf, filesOf } from './expectations.js'

const ODD_NAMES = [
  'dump.rdb',
  'appendonlydir/appendonly.aof.manifest',
  'appendonlydir/dump.rdb',
  'other/dump.rdb',
  'sp ace/%2F&?#=+',
  '"quoted\'/\\back*',
  '\x01\x1f\x7f/\x80\xc3\xa9\xff',
  '...',
  '-rf/~',
  '__proto__',
  'constructor/toString',
  `${'l'.repeat(200)}/${'n'.repeat(200)}`,
]

const NO_NAMES = ['', '.', '..', '/', 'a/', '/a', '../a', 'a/..', './a', 'a/b/c', 'a//b', 'nul\0']

export function describeReading(storageTest: StorageTest): void {
  describe('list, read and remove', () => {
    storageTest(
      'a new medium has no files, in the root and in folders that are not there',
      async (harness) => {
        const storage = await harness.open()
        for (const folder of ['', 'folder', 'dump.rdb', '\x80\xff']) {
          expect(await storage.list(folder)).toEqual([])
        }
      },
    )

    storageTest('a folder’s files are listed, and no others', async (harness) => {
      const storage = await harness.open()
      for (const name of ['a', 'b/a', 'b/c', 'bb/a', 'd/b'])
        await storage.replace(name, [pattern(name.length)])
      const listed = async (folder: string): Promise<string[]> =>
        (await storage.list(folder)).map(({ name, bytes }) => `${name} ${bytes}`).sort()
      expect(await listed('')).toEqual(['a 1'])
      expect(await listed('b')).toEqual(['b/a 3', 'b/c 3'])
      expect(await listed('bb')).toEqual(['bb/a 4'])
      for (const none of ['a', 'c']) expect(await listed(none)).toEqual([])
      await storage.remove('bb/a')
      expect(await listed('bb')).toEqual([])
    })

    storageTest('a missing file cannot be read, and need not be removed', async (harness) => {
      const storage = await harness.open()
      expect(await faultOf(storage.read('a', 0, 10))).toBe('missing')
      expect(await faultOf(storage.read('a/b', 0, 10))).toBe('missing')
      await storage.remove('a')
      await storage.remove('a/b')
      await expectFiles(storage, {})
    })

    storageTest('any part of a file can be read', async (harness) => {
      const storage = await harness.open()
      const content = pattern(1000)
      await storage.replace('file', [content])
      for (const [offset, count] of [
        [0, 1000],
        [0, 1],
        [999, 1],
        [0, 0],
        [500, 0],
        [123, 456],
        [0, 2000],
        [990, 100],
        [1000, 10],
        [5000, 10],
        [0, Number.MAX_SAFE_INTEGER],
      ] as const) {
        expectBytes(await storage.read('file', offset, count), content.subarray(offset, offset + count))
      }
    })

    storageTest('what was read belongs to the reader', async (harness) => {
      const storage = await harness.open()
      const content = pattern(300)
      await storage.replace('file', [content])
      const first = await storage.read('file', 0, 300)
      first.fill(0)
      expectBytes(await storage.read('file', 0, 300), content)
      await storage.replace('file', [pattern(300, 7)])
      expectBytes(first, new Uint8Array(300))
    })

    storageTest('a removed file is gone, and can be made anew', async (harness) => {
      const storage = await harness.open()
      await storage.replace('a', [pattern(10)])
      await storage.replace('b', [pattern(20)])
      await storage.remove('a')
      await expectFiles(storage, { b: pattern(20) })
      expect(await faultOf(storage.read('a', 0, 1))).toBe('missing')
      await storage.replace('a', [pattern(5, 1)])
      await expectFiles(storage, { a: pattern(5, 1), b: pattern(20) })
    })
  })
}

export function describeNames(storageTest: StorageTest): void {
  describe('names', () => {
    storageTest('one or two parts of nearly any bytes', async (harness) => {
      let storage = await harness.open()
      for (const [i, file] of ODD_NAMES.entries()) await storage.replace(file, [pattern(i + 1, i)])
      await storage.close()
      storage = await harness.open()
      await expectFiles(storage, Object.fromEntries(ODD_NAMES.map((file, i) => [file, pattern(i + 1, i)])))
      for (const [i, file] of ODD_NAMES.entries()) {
        const opened = await storage.append(file, i + 1)
        await opened.write([pattern(1)])
        await opened.sync()
        await opened.close()
        await storage.remove(file)
      }
      expect(await filesOf(storage, ODD_NAMES.map(folderOf))).toEqual([])
    })

    storageTest('what is no name is refused', async (harness) => {
      const storage = await harness.open()
      for (const file of NO_NAMES) {
        expect(await faultOf(storage.replace(file, [pattern(1)]))).toBe('denied')
        expect(await faultOf(storage.append(file, 0))).toBe('denied')
        expect(await faultOf(storage.remove(file))).toBe('denied')
        expect(await faultOf(storage.read(file, 0, 1))).toBe('denied')
      }
      for (const folder of ['.', '..', '/', 'a/', '/a', 'a/b', '../a', 'nul\0']) {
        expect(await faultOf(storage.list(folder))).toBe('denied')
      }
      await expectFiles(storage, {})
    })
  })
}

export function describeReplacing(storageTest: StorageTest): void {
  describe('replace', () => {
    storageTest('a file is made, grown, shrunk and emptied', async (harness) => {
      const storage = await harness.open()
      for (const bytes of [100, 5000, 3, 0, 70_000]) {
        await storage.replace('file', [pattern(bytes, bytes)])
        await expectFiles(storage, { file: pattern(bytes, bytes) })
      }
    })

    storageTest('content may be nothing at all', async (harness) => {
      const storage = await harness.open()
      await storage.replace('none', [])
      await storage.replace('empty', [new Uint8Array(0), new Uint8Array(0)])
      await expectFiles(storage, { none: new Uint8Array(0), empty: new Uint8Array(0) })
      expectBytes(await storage.read('none', 0, 10), new Uint8Array(0))
    })

    storageTest('content may come in many pieces, at once or by and by', async (harness) => {
      const storage = await harness.open()
      const content = pattern(50_000)
      await storage.replace('sync', piecesOf(content, 7))
      await storage.replace('async', slowly(piecesOf(content, 999)))
      const inside = new Uint8Array(60_000)
      inside.set(content, 5000)
      await storage.replace('view', [inside.subarray(5000, 20_000), inside.subarray(20_000, 55_000)])
      await expectFiles(storage, { sync: content, async: content, view: content })
    })

    storageTest('content that throws leaves everything as it was', async (harness) => {
      let storage = await harness.open()
      await storage.replace('old', [pattern(5000)])
      for (const pieces of [0, 1, 40]) {
        const failure = new Error('no more')
        expect(await errorOf(storage.replace('old', failing(pieces, failure)))).toBe(failure)
        expect(await errorOf(storage.replace('new', slowly(failing(pieces, failure))))).toBe(failure)
        await expectFiles(storage, { old: pattern(5000) })
      }
      await storage.close()
      storage = await harness.open()
      await expectFiles(storage, { old: pattern(5000) })
      await storage.replace('new', [pattern(10)])
      await expectFiles(storage, { old: pattern(5000), new: pattern(10) })
    })

    storageTest('until all content is there, the file is what it was', async (harness) => {
      const storage = await harness.open()
      await storage.replace('old', [pattern(50)])
      const [paused, goOn] = pausing([pattern(30_000, 1), pattern(30_000, 2)])
      const [pausedToo, goOnToo] = pausing([pattern(1000, 3)])
      const replacing = Promise.all([storage.replace('old', paused), storage.replace('new', pausedToo)])
      await expectFiles(storage, { old: pattern(50) })
      goOn()
      goOnToo()
      await replacing
      const content = join([pattern(30_000, 1), pattern(30_000, 2)])
      await expectFiles(storage, { old: content, new: pattern(1000, 3) })
    })

    storageTest('several at once do not mix', async (harness) => {
      const storage = await harness.open()
      const contents = Array.from({ length: 8 }, (_, i) => pattern(3000 + i, i))
      await Promise.all(
        contents.map((content, i) => storage.replace(`f${i}`, slowly(piecesOf(content, 500)))),
      )
      await expectFiles(storage, Object.fromEntries(contents.map((content, i) => [`f${i}`, content])))
      await Promise.all(contents.map((content) => storage.replace('same', slowly(piecesOf(content, 500)))))
      const [same] = (await storage.list('')).filter((file) => file.name === 'same')
      expectBytes(await storage.read('same', 0, 4000), contents[(same?.bytes ?? 0) - 3000] ?? pattern(0))
    })
  })
}
