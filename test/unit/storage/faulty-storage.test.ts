/** The simulated medium: the conformance suite, and which states a crash leaves. */
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../../packages/core/src/storage/adapter.js'
import { drawFrom, pattern } from '../../support/bytes.js'
import { FaultyMedium, FaultyStorage, type MediumState } from '../../support/faulty-storage.js'
import { type StorageHarness, storageSuite } from '../../support/storage-suite.js'

/** @param choose picks one of the states that a crash may leave */
function faultyHarness(choose: (states: MediumState[]) => MediumState | undefined): StorageHarness {
  let medium = new FaultyMedium()
  return {
    open: async () => new FaultyStorage(medium),
    crash: async () => {
      medium.evict()
      medium = new FaultyMedium(choose([...medium.crashStates(undefined, { states: 50, tears: 9 })]))
    },
    takeOver: async () => {
      medium.evict()
      new FaultyStorage(medium)
    },
    refuse: async (fault) => medium.fail({ fault, onlyChanges: true }),
    mend: async () => medium.mend(),
  }
}

const abilities = { crash: true, takeOver: true, refusals: ['full', 'denied', 'failed'] } as const
const draw = drawFrom(1)
storageSuite(
  'simulated, with nothing left that may be lost',
  () => faultyHarness((states) => states[0]),
  abilities,
)
storageSuite(
  'simulated, with any state left',
  () => faultyHarness((states) => states[draw(states.length)]),
  abilities,
)

/** A storage on a new medium, and the contents that crashes at each step of `run` leave of one file, as text. */
async function crashes(
  run: (storage: FaultyStorage, medium: FaultyMedium) => Promise<void>,
  files: MediumState = new Map(),
): Promise<string[][]> {
  const medium = new FaultyMedium(files)
  await run(new FaultyStorage(medium), medium)
  return Array.from({ length: medium.steps.length + 1 }, (_, step) =>
    [...medium.crashStates(step)].map(textOf),
  )
}

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
const textOf = (state: MediumState): string =>
  [...state].map(([name, content]) => `${name}=${String.fromCharCode(...content)}`).join(' ')

describe('crash states', () => {
  test('an unsynced write is torn at any byte, a synced one is there', async () => {
    const states = await crashes(async (storage) => {
      const file = await storage.append('a', 0)
      await file.write([bytes('xy')])
      await file.sync()
      await file.write([bytes('z')])
    })
    expect(states).toEqual([[''], ['', 'a='], ['', 'a=', 'a=x', 'a=xy'], ['a=xy'], ['a=xy', 'a=xyz']])
  })

  test('a sync says nothing of writes that came after its call', async () => {
    const [states] = (
      await crashes(async (storage) => {
        const file = await storage.append('a', 0)
        await file.write([bytes('x')])
        await Promise.all([file.sync(), file.write([bytes('y')])])
      })
    ).slice(-1)
    expect(states).toEqual(['a=x', 'a=xy'])
  })

  test('files are independent of each other', async () => {
    const [states] = (
      await crashes(async (storage) => {
        const [a, b] = [await storage.append('a', 0), await storage.append('b', 0)]
        await Promise.all([a.sync(), b.sync()])
        await a.write([bytes('1')])
        await b.write([bytes('2')])
      })
    ).slice(-1)
    expect(states).toEqual(['a= b=', 'a= b=2', 'a=1 b=', 'a=1 b=2'])
  })

  test('a replacement and a removal are done or not', async () => {
    const states = await crashes(
      async (storage) => {
        await storage.replace('a', [bytes('n'), bytes('ew')])
        await storage.remove('a')
      },
      new Map([['a', bytes('old')]]),
    )
    expect(states).toEqual([['a=old'], ['a=old', 'a=new'], ['a=new'], ['a=new', ''], ['']])
  })

  test('a cut is undone or done, and what follows it needs it', async () => {
    const [states] = (
      await crashes(
        async (storage) => {
          const file = await storage.append('a', 1)
          await file.write([bytes('X')])
        },
        new Map([['a', bytes('abc')]]),
      )
    ).slice(-1)
    expect(states).toEqual(['a=abc', 'a=a', 'a=aX'])
  })

  test('after a failed sync nothing lasts, whatever later syncs say, until the file is replaced', async () => {
    const states = await crashes(async (storage, medium) => {
      const file = await storage.append('a', 0)
      await file.write([bytes('1')])
      await file.sync()
      await file.write([bytes('2')])
      medium.fail({ fault: 'failed', from: medium.calls, times: 1 })
      await expect(file.sync()).rejects.toMatchObject({ fault: 'failed' })
      await file.sync()
      await file.close()
      await storage.replace('a', [bytes('new')])
    })
    expect(states.slice(-4)).toEqual([['a=1', 'a=12'], ['a=1', 'a=12'], ['a=1', 'a=12', 'a=new'], ['a=new']])
  })

  test('a failed write leaves a part of itself until the next', async () => {
    const medium = new FaultyMedium()
    const file = await new FaultyStorage(medium).append('a', 0)
    await file.write([bytes('1')])
    medium.fail({ fault: 'full', from: medium.calls, times: 1 })
    await expect(file.write([bytes('2345')])).rejects.toMatchObject({ fault: 'full' })
    expect([textOf(medium.files), file.length]).toEqual(['a=123', 1])
    await file.write([bytes('6')])
    await file.sync()
    expect([...medium.crashStates()].map(textOf)).toEqual(['a=16'])
  })

  test('more states than asked for are cut down to each file by itself', async () => {
    const medium = new FaultyMedium()
    const storage = new FaultyStorage(medium)
    for (const name of ['a', 'b', 'c']) await (await storage.append(name, 0)).write([pattern(30)])
    expect([...medium.crashStates()]).toHaveLength(2 + 3 * 2 * 31)
    expect([...medium.crashStates(undefined, { states: 32 ** 3 })]).toHaveLength(32 ** 3)
    const long = await storage.append('long', 0)
    await long.write([pattern(100_000)])
    const lengths = new Set(
      Array.from(medium.crashStates(undefined, { tears: 30 }), (state) => state.get('long')?.length),
    )
    expect(lengths.size).toBeLessThan(40)
    expect([...lengths]).toEqual(expect.arrayContaining([undefined, 0, 1, 99_999, 100_000]))
  })
})

test('each call can be made to fail', async () => {
  const history = async (medium: FaultyMedium): Promise<void> => {
    const storage = new FaultyStorage(medium)
    await storage.replace('a', [bytes('a')])
    const file = await storage.append('b', 0)
    await file.write([bytes('b')])
    await file.sync()
    await file.close()
    await storage.read('a', 0, 1)
    await storage.list('')
    await storage.remove('a')
    await storage.close()
  }
  const whole = new FaultyMedium()
  await history(whole)
  expect(whole.calls).toBe(7)
  for (let from = 0; from < whole.calls; from++) {
    const medium = new FaultyMedium()
    medium.fail({ fault: 'full', from, times: 1 })
    await expect(history(medium)).rejects.toMatchObject({
      fault: 'full',
      message: `Call ${from} was made to fail`,
    })
  }
})

test('its own history of a log: every acknowledged record is in every state', async () => {
  const medium = new FaultyMedium()
  const file = await new FaultyStorage(medium).append('log', 0)
  const promises: { step: number; bytes: number }[] = []
  const content: Uint8Array[] = []
  for (let i = 0; i < 12; i++) {
    content.push(pattern(1 + i, i))
    await file.write([pattern(1 + i, i)])
    if (i % 3 !== 2) continue
    await file.sync()
    promises.push({ step: medium.steps.length, bytes: file.length })
  }
  const whole = concatBytes(content, file.length)
  for (let step = 0; step <= medium.steps.length; step++) {
    const promised = promises.filter((promise) => promise.step <= step).at(-1)?.bytes ?? 0
    for (const state of medium.crashStates(step)) {
      const log = state.get('log') ?? new Uint8Array(0)
      expect(log.length).toBeGreaterThanOrEqual(promised)
      expect(log).toEqual(whole.subarray(0, log.length))
    }
  }
})
