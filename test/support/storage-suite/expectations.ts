/** What the cases of the storage suite look at. */
import type { Storage, StoredFile } from '@russet/core'
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

/** The storage has these files and no others. */
export async function expectFiles(storage: Storage, expected: Record<string, Uint8Array>): Promise<void> {
  const byName = (a: StoredFile, b: StoredFile): number => (a.name < b.name ? -1 : 1)
  const files = Object.entries(expected).map(([name, { length }]) => ({ name, bytes: length }))
  expect((await storage.list()).sort(byName)).toEqual(files.sort(byName))
  for (const [name, content] of Object.entries(expected)) {
    expectBytes(await storage.read(name, 0, content.length + 1), content)
  }
}
