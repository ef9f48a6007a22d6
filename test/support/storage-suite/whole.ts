/** Cases of the storage suite: big files, one user at a time, and long random histories. */
import type { AppendFile } from '@russet/core'
import { describe, expect } from 'vitest'
import { drawFrom, expectBytes, join, pattern, piecesOf } from '../bytes.js'
import type { StorageHarness, StorageTest } from '../storage-suite.js'
import { errorOf, expectFiles, faultOf } from './expectations.js'

/** The biggest value that Workers KV takes; browsers and others have their own limits at such sizes. */
const BIG_VALUE_BYTES = 25 * 1024 * 1024

export function describeSizes(storageTest: StorageTest): void {
  describe('size', () => {
    storageTest('one piece of more than 25 MiB', async (harness) => {
      const bytes = BIG_VALUE_BYTES + 3
      let storage = await harness.open()
      const content = pattern(bytes)
      await storage.replace('big', [content])
      expect(await storage.list('')).toEqual([{ name: 'big', bytes }])
      await storage.close()
      storage = await harness.open()
      for (let offset = 0; offset < bytes; offset += 4_000_000) {
        expectBytes(
          await storage.read('big', offset, 4_000_000),
          content.subarray(offset, offset + 4_000_000),
        )
      }
      expectBytes(await storage.read('big', bytes - 5, 50), content.subarray(bytes - 5))
    })

    storageTest('a content of more than 25 MiB in many odd pieces', async (harness) => {
      const content = pattern(BIG_VALUE_BYTES + 1_234_567, 3)
      const storage = await harness.open()
      await storage.replace('big', piecesOf(content, 65_537))
      expectBytes(await storage.read('big', 0, content.length), content)
      await storage.replace('big', [pattern(3)])
      await expectFiles(storage, { big: pattern(3) })
    })

    storageTest('a log of more than 25 MiB', async (harness) => {
      const content = pattern(BIG_VALUE_BYTES + 77_777, 4)
      let storage = await harness.open()
      const file = await storage.append('log', 0)
      const half = BIG_VALUE_BYTES / 2
      for (let at = 0; at < half; at += 1_000_000) {
        await file.write([content.subarray(at, Math.min(at + 1_000_000, half))])
      }
      await file.sync()
      await file.write([content.subarray(half, half + 1), content.subarray(half + 1)])
      await file.sync()
      await file.close()
      await storage.close()
      storage = await harness.open()
      const again = await storage.append('log', content.length - 10)
      await again.write([pattern(5)])
      await again.sync()
      expectBytes(
        await storage.read('log', 0, content.length),
        join([content.subarray(0, content.length - 10), pattern(5)]),
      )
      await again.close()
    })
  })
}

export function describeExclusiveUse(storageTest: StorageTest): void {
  describe('one at a time', () => {
    storageTest('a second one is refused until the first has closed', async (harness) => {
      const first = await harness.open()
      await first.replace('file', [pattern(10)])
      expect(await faultOf(harness.open())).toBe('busy')
      expect(await faultOf(harness.open())).toBe('busy')
      await first.replace('file', [pattern(20)])
      await first.close()
      const second = await harness.open()
      await expectFiles(second, { file: pattern(20) })
      expect(await faultOf(harness.open())).toBe('busy')
    })

    storageTest('a closed one changes nothing any more', async (harness) => {
      const storage = await harness.open()
      await storage.replace('file', [pattern(10)])
      await storage.close()
      await storage.close()
      const again = await harness.open()
      for (const work of [
        storage.replace('file', [pattern(1)]),
        storage.append('file', 0),
        storage.remove('file'),
      ]) {
        expect(await errorOf(work)).toMatchObject({ name: 'StorageError' })
      }
      await expectFiles(again, { file: pattern(10) })
    })

    storageTest('everything is there again after each of many openings', async (harness) => {
      const model = new Map<string, Uint8Array>()
      for (let round = 0; round < 15; round++) {
        const storage = await harness.open()
        await expectFiles(storage, Object.fromEntries(model))
        const log = model.get('log') ?? new Uint8Array(0)
        const file = await storage.append('log', log.length)
        await file.write([pattern(round * 11, round)])
        await file.close()
        model.set('log', join([log, pattern(round * 11, round)]))
        await storage.replace(`base.${round}`, [pattern(round, 9)])
        model.set(`base.${round}`, pattern(round, 9))
        await storage.remove(`base.${round - 3}`)
        model.delete(`base.${round - 3}`)
        await storage.close()
      }
    })
  })
}

export function describeRandomHistories(storageTest: StorageTest): void {
  for (const seed of [1, 2, 3, 4]) {
    storageTest(`random operations do what a model says, seed ${seed}`, (harness) =>
      runRandomly(harness, seed),
    )
  }
}

/** A few hundred operations drawn from a seed, compared with a model after each reopening. */
async function runRandomly(harness: StorageHarness, seed: number): Promise<void> {
  const draw = drawFrom(seed)
  const names = ['a', 'b', 'd/a', 'd/b']
  const model = new Map<string, Uint8Array>()
  const open = new Map<string, AppendFile>()
  let storage = await harness.open()
  for (let step = 0; step < 300; step++) {
    const name = names[draw(names.length)] ?? ''
    const content = model.get(name)
    const file = open.get(name)
    const bytes = pattern(draw(5) === 0 ? draw(20_000) : draw(200), step)
    const action = draw(12)
    if (action < 5 && file !== undefined) {
      const pieces = Array.from(piecesOf(bytes, 1 + draw(300)))
      await Promise.all([file.write(pieces), ...(action === 0 ? [file.sync()] : [])])
      model.set(name, join([content ?? pattern(0), bytes]))
    } else if (action < 6 && file !== undefined) {
      await file.sync()
      await file.close()
      open.delete(name)
    } else if (action < 9 && file === undefined) {
      const length = draw(3) === 0 ? draw((content?.length ?? 0) + 1) : (content?.length ?? 0)
      open.set(name, await storage.append(name, length))
      model.set(name, (content ?? pattern(0)).slice(0, length))
    } else if (action === 9 && file === undefined) {
      await storage.remove(name)
      model.delete(name)
    } else if (action === 10 && file === undefined) {
      await storage.replace(name, piecesOf(bytes, 1 + draw(1000)))
      model.set(name, bytes)
    } else if (content !== undefined) {
      const offset = draw(content.length + 10)
      const count = draw(500)
      expectBytes(await storage.read(name, offset, count), content.subarray(offset, offset + count))
    }
    if (draw(40) !== 0) continue
    for (const opened of open.values()) await opened.close()
    open.clear()
    await storage.close()
    storage = await harness.open()
    await expectFiles(storage, Object.fromEntries(model))
  }
  await expectFiles(storage, Object.fromEntries(model))
}
