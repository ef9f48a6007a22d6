/** What the cases of the storage suite look at. */
import { folderOf, type Storage, type StoredFile } from '@russet/core'
import { expect } from 'vitest'
import { expectBytes } from '../bytes.js'

/** What a promise is rejected with; undefined when it is not. */
export const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  )

export const faultOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error = await errorOf(work)
  if (error === undefined) return undefined
  expect(error).toMatchObject({ name: 'StorageError', message: expect.stringMatching(/./) })
  return (error as { fault: unknown }).fault
}

/** Where the cases put files, besides folders that have some of those expected. */
const FOLDERS = ['', 'a', 'b', 'd', 'folder']

/** The storage has these files and no others. */
export async function expectFiles(storage: Storage, expected: Record<string, Uint8Array>): Promise<void> {
  const byName = (a: StoredFile, b: StoredFile): number => (a.name < b.name ? -1 : 1)
  const files = Object.entries(expected).map(([name, { length }]) => ({ name, bytes: length }))
  const found = await filesOf(storage, [...FOLDERS, ...files.map(({ name }) => folderOf(name))])
  expect(found.sort(byName)).toEqual(files.sort(byName))
  for (const [name, content] of Object.entries(expected)) {
    expectBytes(await storage.read(name, 0, content.length + 1), content)
  }
}

/** All files of some folders. */
export async function filesOf(storage: Storage, folders: Iterable<string>): Promise<StoredFile[]> {
  const found: StoredFile[] = []
  for (const folder of new Set(folders)) found.push(...(await storage.list(folder)))
  return found
}
