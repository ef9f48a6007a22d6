/** What a start looks at in the storage, and what keeps it from beginning anew over data that it cannot see. */
import { MemoryStorage, type Storage } from '@russet/core'
import { expect, test } from 'vitest'
import { FaultyMedium, FaultyStorage } from '../../support/faulty-storage.js'
import { StoredEngine } from '../../support/stored-engine.js'

/** A storage, and the folders whose files have been listed. */
function watched(): { storage: Storage; listed: string[] } {
  const storage = new MemoryStorage()
  const listed: string[] = []
  const list = storage.list.bind(storage)
  storage.list = (folder) => {
    listed.push(folder)
    return list(folder)
  }
  return { storage, listed }
}

test.each([
  ['a snapshot', { appendonly: 'no' }, 'SAVE', ''],
  ['a journal', { appendonly: 'yes' }, 'PING', 'appendonlydir'],
] as const)(
  'only the folder that has %s is listed, and only if there is one',
  async (_, config, last, folder) => {
    const { storage, listed } = watched()
    await storage.replace('other/file', [new Uint8Array(1)])
    // The medium outlives the engine: closing the storage would end it.
    storage.close = async () => {}
    const first = await StoredEngine.open(storage, config)
    expect(listed).toEqual([])
    await first.run('SET', 'key', 'value')
    await first.run(last)
    await first.close()
    const second = await StoredEngine.open(storage, config)
    expect(listed).toEqual([folder])
    expect(await second.run('GET', 'key')).toBe('value')
    await second.close()
  },
)

test.each([
  ['no', 'dump.rdb'],
  ['yes', 'appendonlydir/appendonly.aof.manifest'],
])(
  'when it cannot be told whether there is data, it does not begin without (appendonly %s)',
  async (appendonly, file) => {
    for (const fault of ['denied', 'failed', 'lost'] as const) {
      const medium = new FaultyMedium()
      medium.fail({ fault })
      const opening = StoredEngine.open(new FaultyStorage(medium), { appendonly })
      await expect(opening).rejects.toMatchObject({
        name: 'LoadError',
        file,
        reason: 'Call 0 was made to fail',
      })
    }
  },
)
