/**
 * What is special about storage on Workers KV: stale reads, limits, one writer among several places. That it is
 * a storage at all is shown in workerd (test/workerd/kv-storage.test.ts).
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { KVNamespace } from '@cloudflare/workers-types'
import type { Storage } from '@russet/core'
import { type KvBinding, type KvStorageOptions, kvStorage } from '@russet/edge'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { expectBytes, join, pattern } from '../../support/bytes.js'
import { FakeHost } from '../../support/fake-host.js'
import { elapse, FakeKv, type FakeKvRequest } from '../../support/fake-kv.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let host: FakeHost
let kv: FakeKv
let names: number

beforeEach(() => {
  host = new FakeHost()
  kv = new FakeKv(host)
  names = 0
})

function open(place: string, options: KvStorageOptions = {}): Promise<Storage> {
  return kvStorage(kv.at(place), {
    now: () => host.now(),
    setTimer: (callback, delayMs) => host.setTimer(callback, delayMs),
    clearTimer: (timer) => host.clearTimer(timer),
    uniqueName: () => `${place}-${names++}`,
    ...options,
  })
}

const opened = (place: string, options?: KvStorageOptions): Promise<Storage> =>
  elapse(host, open(place, options))
const pass = (ms: number): Promise<unknown> =>
  elapse(host, new Promise<void>((done) => host.setTimer(done, ms)), Math.min(ms, 1000))
const puts = (key: RegExp): FakeKvRequest[] =>
  kv.requests.filter((request) => request.kind === 'put' && key.test(request.key))

/** How a promise ends: its value, or the fault of its error. */
const outcome = <T>(work: Promise<T>): Promise<T | string> =>
  work.catch((error) => error.fault ?? String(error))

describe('one writer', () => {
  test('the first one waits until nobody can have overlooked it', async () => {
    const startMs = host.now()
    await opened('here')
    expect(host.now() - startMs).toBeGreaterThanOrEqual(120_000)
    expect(host.now() - startMs).toBeLessThan(125_000)
  })

  test('the same owner does not wait', async () => {
    await (await opened('here', { owner: 'object' })).replace('a', [pattern(10)])
    const startMs = host.now()
    const storage = await opened('here', { owner: 'object' })
    expect(host.now() - startMs).toBeLessThan(2000)
    expectBytes(await storage.read('a', 0, 10), pattern(10))
  })

  test.each(
    [true, false].flatMap((showsOwnWrites) =>
      [0, 1, 29, 30, 31, 58, 59, 60, 61, 89, 90, 119, 120, 121, 150, 180, 400].map((delayS) => ({
        delayS,
        showsOwnWrites,
      })),
    ),
  )(
    'of two that come $delayS s apart to places that know of nobody, one is let in (own writes shown: $showsOwnWrites)',
    async ({ delayS, showsOwnWrites }) => {
      kv.showsOwnWrites = showsOwnWrites
      // Others read too, which renews what the places have cached at the most unfortunate moments.
      const look = (place: string): Promise<unknown> => kv.at(place).get('russet/writer', 'text')
      const keepLooking = (): void => {
        void look('here')
        void look('there')
        host.setTimer(keepLooking, 1000)
      }
      await look('here')
      await pass(30_000)
      await look('there')
      keepLooking()
      const first = outcome(open('here'))
      await pass(delayS * 1000 + 1)
      const second = outcome(open('there'))
      const results = await elapse(host, Promise.all([first, second]))
      expect(results.filter((result) => result === 'busy')).toHaveLength(1)
    },
  )

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'of many at random moments, one at most is in, seed %i',
    async (seed) => {
      const random = new FakeHost(seed)
      let inside = 0
      const worker = async (place: string): Promise<void> => {
        for (let i = 0; i < 6; i++) {
          await new Promise<void>((done) => host.setTimer(done, random.random() * 150_000))
          const storage = await open(place).catch(() => undefined)
          if (storage === undefined) continue
          expect(inside++).toBe(0)
          const log = (await storage.list('')).find(({ name }) => name === 'log')?.bytes ?? 0
          const file = await storage.append('log', log)
          await file.write([pattern(1)])
          await file.sync()
          await file.close()
          turns.push(log)
          inside--
          await storage.close()
        }
      }
      const turns: number[] = []
      await elapse(host, Promise.all(['a', 'b', 'c', 'd'].map(worker)), 1000)
      expect(turns.length).toBeGreaterThan(0)
      expect(turns).toEqual(turns.map((_, i) => i))
    },
  )

  test('who is in stays in, as long as its timers run', async () => {
    const storage = await opened('here')
    for (let minute = 0; minute < 15; minute++) {
      await pass(60_000)
      expect(await elapse(host, outcome(open(`place ${minute}`)))).toBe('busy')
    }
    await elapse(host, storage.replace('a', [pattern(10)]))
    expectBytes(await storage.read('a', 0, 10), pattern(10))
  })

  test('a renewal under way when it closes does not keep the next one out', async () => {
    const first = await opened('here')
    await pass(19_000)
    // The renewal is refused at first, so that it is still being tried when the storage is closed.
    let refusals = 3
    kv.fault = ({ kind }) =>
      kind === 'put' && refusals-- > 0 ? 'KV PUT failed: 429 Too Many Requests' : undefined
    await pass(2000)
    expect(refusals).toBeLessThan(3)
    await elapse(host, first.close())
    await pass(30_000)
    expect(JSON.parse((await kv.at('here').get('russet/writer', 'text')) ?? '')).toMatchObject({ untilMs: 0 })
    expect(await elapse(host, outcome(open('here')))).toBeTypeOf('object')
  })

  test('another place sees everything after a handover', async () => {
    const stale = kv.at('there')
    const first = await opened('here')
    await elapse(host, first.replace('a', [pattern(10)]))
    // The other place has cached an older state of everything just now.
    await Promise.all([stale.get('russet/index', 'text'), stale.list({ prefix: 'russet/' })])
    await elapse(host, first.replace('a', [pattern(20, 1)]))
    await elapse(host, first.replace('b', [pattern(30)]))
    await elapse(host, first.close())
    const second = await opened('there')
    expect(await second.list('')).toEqual([
      { name: 'a', bytes: 20 },
      { name: 'b', bytes: 30 },
    ])
    expectBytes(await second.read('a', 0, 20), pattern(20, 1))
  })

  test('who is gone without a word is waited for, then replaced', async () => {
    const gone = await opened('here', { setTimer: () => undefined, visibilityMs: 0, leaseMs: 120_000 })
    await gone.replace('a', [pattern(10)])
    expect(await elapse(host, outcome(open('there')))).toBe('busy')
    await pass(120_000)
    const next = await opened('there')
    expectBytes(await next.read('a', 0, 10), pattern(10))
  })

  test('who was not run for longer than its lease writes nothing any more', async () => {
    const former = await opened('here')
    const file = await elapse(host, former.append('log', 0))
    await elapse(
      host,
      file.write([pattern(10)]).then(() => file.sync()),
    )
    host.advance(130_000, false)
    const before = kv.requests.length
    const results = [
      former.replace('a', [pattern(1)]),
      former.remove('a'),
      file.write([pattern(5)]).then(() => file.sync()),
    ].map(outcome)
    expect(await elapse(host, Promise.all(results))).toEqual(['lost', 'lost', 'lost'])
    expect(await outcome(former.append('b', 0))).toBe('lost')
    await former.close()
    expect(kv.requests.slice(before)).toEqual([])
  })

  test('who is replaced by its own kind notices, and writes nothing any more', async () => {
    const former = await opened('here', { owner: 'object' })
    await former.replace('a', [pattern(10)])
    const present = await opened('here', { owner: 'object' })
    await elapse(host, present.replace('a', [pattern(20)]))
    expect(await elapse(host, outcome(former.replace('a', [pattern(30)])))).toBe('lost')
    const from = kv.requests.length
    expect(await outcome(former.replace('a', [pattern(30)]))).toBe('lost')
    expect(await outcome(former.list(''))).toBe('lost')
    await former.close()
    await pass(300_000)
    expect(kv.requests.slice(from).filter(({ kind, key }) => kind === 'put' && /here-0/.test(key))).toEqual(
      [],
    )
    expectBytes(await present.read('a', 0, 30), pattern(20))
  })
})

describe('who closes after its time', () => {
  test('leaves the record to the one that has come in its place', async () => {
    const former = await opened('here', { owner: 'object' })
    const present = await opened('here', { owner: 'object' })
    const before = puts(/./)
    await elapse(host, former.close())
    expect(puts(/./)).toEqual(before)
    await elapse(host, present.replace('a', [pattern(10)]))
    expect(await elapse(host, outcome(open('there')))).toBe('busy')
  })

  test('writes nothing when its lease may be over', async () => {
    const former = await opened('here')
    host.advance(70_000, false)
    const before = kv.requests.length
    await elapse(host, former.close())
    expect(kv.requests.slice(before)).toEqual([])
  })
})

describe('stale reads', () => {
  test('an index that does not explain the chunks there are is read again', async () => {
    kv.listLagMs = 0
    const options = { owner: 'object' }
    const first = await opened('here', options)
    await elapse(host, first.replace('a', [pattern(10)]))
    await opened('there', options)
    const back = await opened('here', options)
    await elapse(host, back.replace('a', [pattern(20, 1)]))
    const startMs = host.now()
    const moved = await opened('there', options)
    expect(host.now() - startMs).toBeGreaterThan(10_000)
    expectBytes(await moved.read('a', 0, 30), pattern(20, 1))
  })

  test('a chunk that does not show yet is waited for', async () => {
    kv.listLagMs = 0
    const options = { owner: 'object' }
    const first = await opened('here', options)
    // The other place has asked for it before it was there.
    expect(await kv.at('there').get('russet/chunk/1-here-0-0', 'text')).toBe(null)
    await elapse(host, first.replace('a', [pattern(10)]))
    const moved = await opened('there', options)
    const startMs = host.now()
    expectBytes(await elapse(host, moved.read('a', 0, 30)), pattern(10))
    expect(host.now() - startMs).toBeGreaterThan(20_000)
  })

  test('a chunk that never shows is an error, and not for ever', async () => {
    const storage = await opened('here', { owner: 'object' })
    await elapse(host, storage.replace('a', [pattern(10)]))
    await elapse(host, storage.close())
    for (const key of kv.keys.filter((name) => /chunk/.test(name))) await kv.at('here').delete(key)
    const again = await opened('here', { owner: 'object' })
    expect(await again.list('')).toEqual([{ name: 'a', bytes: 10 }])
    expect(await elapse(host, outcome(again.read('a', 0, 10)))).toBe('failed')
    await elapse(host, again.replace('a', [pattern(5)]))
    expectBytes(await again.read('a', 0, 10), pattern(5))
  })
})

describe('limits', () => {
  test('the index is written once a second, whatever comes, and takes along all that has come', async () => {
    const storage = await opened('here')
    const file = await elapse(host, storage.append('log', 0))
    const from = kv.requests.length
    const startMs = host.now()
    let written = 0
    const work: Promise<void>[] = []
    for (let i = 0; i < 100; i++) {
      await file.write([pattern(10)])
      written += 10
      work.push(file.sync())
      if (i % 10 === 0) work.push(storage.replace(`f${i}`, [pattern(i)]))
      await pass(100)
    }
    await elapse(host, Promise.all(work))
    const elapsedS = (host.now() - startMs) / 1000
    const indexPuts = kv.requests.slice(from).filter(({ kind, key }) => kind === 'put' && /index/.test(key))
    expect(indexPuts.length).toBeLessThanOrEqual(elapsedS + 1)
    expect(indexPuts.length).toBeGreaterThanOrEqual(elapsedS / 2)
    for (const [i, { atMs }] of indexPuts.entries()) {
      if (i > 0) expect(atMs - (indexPuts[i - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(1000)
    }
    expect(file.length).toBe(written)
  })

  test('what KV refuses for now is tried again, more and more slowly', async () => {
    const storage = await opened('here')
    for (const words of [
      'KV PUT failed: 429 Too Many Requests',
      'KV PUT failed: 500 Internal Server Error',
    ]) {
      let refusals = 4
      const triesMs: number[] = []
      kv.fault = ({ kind, key, atMs }) => {
        if (kind !== 'put' || !/index/.test(key)) return undefined
        triesMs.push(atMs)
        return refusals-- > 0 ? words : undefined
      }
      await elapse(host, storage.replace('a', [pattern(10)]))
      expect(triesMs.slice(1).map((ms, i) => Math.round((ms - (triesMs[i] ?? 0)) / 1000))).toEqual([
        1, 2, 4, 8,
      ])
    }
  })

  test('what KV refuses for good is an error that leaves everything as it was', async () => {
    const storage = await opened('here')
    await elapse(host, storage.replace('a', [pattern(10)]))
    for (const [words, fault] of [
      ['KV PUT failed: 429 Too Many Requests', 'failed'],
      ['KV put() limit exceeded for the day.', 'full'],
      ['KV PUT failed: 403 Forbidden', 'denied'],
      ['KV PUT failed: 413 Payload Too Large', 'failed'],
    ] as const) {
      for (const key of [/index/, /chunk/]) {
        kv.fault = (request) => (request.kind === 'put' && key.test(request.key) ? words : undefined)
        const work = storage.replace('a', [pattern(30)])
        await expect(elapse(host, work)).rejects.toMatchObject({ fault, message: words })
        kv.fault = () => undefined
        expect(await storage.list('')).toEqual([{ name: 'a', bytes: 10 }])
        expectBytes(await storage.read('a', 0, 30), pattern(10))
      }
    }
    await elapse(host, storage.replace('a', [pattern(20)]))
    await pass(5000)
    expect(kv.keys.filter((key) => /chunk/.test(key))).toHaveLength(1)
  })

  test('a log that is synced every second stays a few chunks, and is not written over and over', async () => {
    const storage = await opened('here', { chunkBytes: 16_384 })
    const file = await elapse(host, storage.append('log', 0))
    const from = kv.requests.length
    const content: Uint8Array[] = []
    for (let i = 0; i < 600; i++) {
      content.push(pattern(90 + (i % 20), i))
      await file.write([pattern(90 + (i % 20), i)])
      await elapse(host, file.sync(), 500)
    }
    const chunks = kv.keys.filter((key) => /chunk/.test(key))
    expect(chunks.length).toBeLessThan(2 * (file.length / 16_384) + 12)
    const writtenBytes = kv.requests
      .slice(from)
      .reduce((sum, { key, bytes }) => sum + (/chunk/.test(key) ? bytes : 0), 0)
    expect(writtenBytes).toBeLessThan(9 * file.length)
    expectBytes(await elapse(host, storage.read('log', 0, file.length)), join(content))
  })

  test('so it does when each second is another process', async () => {
    const content: Uint8Array[] = []
    for (let i = 0; i < 120; i++) {
      const storage = await opened('here', { owner: 'object' })
      const file = await elapse(host, storage.append('log', i * 100))
      await file.write([pattern(100, i)])
      await elapse(host, file.sync())
      content.push(pattern(100, i))
      await pass(1000)
    }
    expect(kv.keys.filter((key) => /chunk/.test(key)).length).toBeLessThan(9)
    const storage = await opened('here', { owner: 'object' })
    expectBytes(await storage.read('log', 0, 20_000), join(content))
  })

  test('what is kept in memory of a log is no more than two chunks', async () => {
    const records = new Map<string, string>()
    const binding: KvBinding = {
      get: (async (key: string) => records.get(key) ?? null) as KvBinding['get'],
      put: async (key, value) => {
        if (typeof value === 'string') records.set(key, value)
      },
      delete: async () => {},
      list: async () => ({ keys: [], list_complete: true }),
    }
    const chunkBytes = 1024 * 1024
    const storage = await kvStorage(binding, { visibilityMs: 0, indexIntervalMs: 0, chunkBytes })
    onTestFinished(() => storage.close())
    const file = await storage.append('log', 0)
    collectGarbage()
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 50; i++) {
      await file.write([new Uint8Array(chunkBytes - 1000 * i - 1)])
      await file.sync()
    }
    // Buffers are given back beside the running code, some time after they were found to be garbage.
    const held = () => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers - before
    }
    await expect.poll(held, { timeout: 15_000 }).toBeLessThan(2 * chunkBytes)
    await file.close()
  })

  test('more than a page of keys', async () => {
    const options = { owner: 'object', chunkBytes: 1 }
    const storage = await opened('here', options)
    await elapse(host, storage.replace('a', [pattern(2500)]))
    const again = await opened('here', options)
    expectBytes(await again.read('a', 0, 3000), pattern(2500))
    await elapse(host, again.replace('a', []))
    await pass(1000)
    expect(kv.keys.sort()).toEqual(['russet/index', 'russet/writer'])
  })

  test('keys fit, and none but the two records is written twice', async () => {
    const prefix = `${'é'.repeat(200)}`
    const storage = await opened('here', { prefix, chunkBytes: 100, uniqueName: () => crypto.randomUUID() })
    for (let i = 0; i < 10; i++) await elapse(host, storage.replace('l'.repeat(255), [pattern(1000)]))
    const chunkPuts = puts(/chunk/).map(({ key }) => key)
    expect(new Set(chunkPuts).size).toBe(chunkPuts.length)
    await expect(open('here', { prefix: 'p'.repeat(401) })).rejects.toThrow(RangeError)
    await expect(open('here', { chunkBytes: 25 * 1024 * 1024 + 1 })).rejects.toThrow(RangeError)
    await expect(open('here', { leaseMs: 1000 })).rejects.toThrow(RangeError)
  })
})

describe('what a crash leaves', () => {
  const FAST = { owner: 'object', visibilityMs: 0, leaseMs: 60_000, indexIntervalMs: 0, chunkBytes: 64 }

  const appending =
    (length: number, bytes: number, seed: number) =>
    async (storage: Storage): Promise<void> => {
      const file = await storage.append('log', length)
      await file.write([pattern(bytes, seed)])
      await file.sync()
      await file.close()
    }

  /** A history with a change of every kind, and what files there are after each. */
  const steps: readonly [change: (storage: Storage) => Promise<void>, after: Record<string, Uint8Array>][] = [
    [async () => {}, {}],
    [(storage) => storage.replace('a', [pattern(100)]), { a: pattern(100) }],
    [appending(0, 30, 0), { a: pattern(100), log: pattern(30) }],
    [appending(30, 200, 1), { a: pattern(100), log: join([pattern(30), pattern(200, 1)]) }],
    [
      (storage) => storage.replace('a', [pattern(70, 2)]),
      { a: pattern(70, 2), log: join([pattern(30), pattern(200, 1)]) },
    ],
    [appending(110, 5, 3), { a: pattern(70, 2), log: join([pattern(30), pattern(80, 1), pattern(5, 3)]) }],
    [
      appending(115, 5, 4),
      { a: pattern(70, 2), log: join([pattern(30), pattern(80, 1), pattern(5, 3), pattern(5, 4)]) },
    ],
    [(storage) => storage.remove('log'), { a: pattern(70, 2) }],
    [(storage) => storage.close(), { a: pattern(70, 2) }],
  ]

  /** The binding, until it has taken so many requests: the next one is done or not, and nothing comes back. */
  function stopping(after: number, isLastDone: boolean): { binding: KvBinding; stopped: Promise<void> } {
    let stop = (): void => {}
    const stopped = new Promise<void>((done) => {
      stop = done
    })
    const binding = kv.at('here')
    let requests = 0
    const counted =
      (method: (...args: never[]) => Promise<unknown>) =>
      async (...args: never[]): Promise<unknown> => {
        const number = requests++
        if (number < after) return method(...args)
        if (number === after && isLastDone) await method(...args)
        stop()
        return new Promise(() => {})
      }
    return { binding: mapValues(binding, counted), stopped }
  }

  test('at each request: all that was acknowledged, and of what was under way all or nothing', async () => {
    kv.writeIntervalMs = 0
    for (let stopAfter = 0, isStopped = true; isStopped; stopAfter++) {
      for (const isLastDone of [false, true]) {
        const prefix = `${stopAfter}-${isLastDone}/`
        const { binding, stopped } = stopping(stopAfter, isLastDone)
        let acknowledged = -1
        const run = async (): Promise<boolean> => {
          const storage = await kvStorage(binding, { ...FAST, prefix, now: () => host.now() })
          for (const [change] of steps) {
            await change(storage)
            acknowledged++
          }
          return false
        }
        isStopped = await Promise.race([run(), stopped.then(() => true)])

        const storage = await kvStorage(kv.at('here'), { ...FAST, prefix, now: () => host.now() })
        const found: Record<string, Uint8Array> = {}
        for (const { name, bytes } of await storage.list('')) found[name] = await storage.read(name, 0, bytes)
        const possible = [steps[Math.max(0, acknowledged)]?.[1], steps[acknowledged + 1]?.[1]]
        expect(possible, `after request ${stopAfter}`).toContainEqual(found)

        await storage.replace('end', [])
        await storage.remove('end')
        const needed = [...kv.keys].filter((key) => key.startsWith(`${prefix}chunk/`))
        const index = JSON.parse((await kv.at('here').get(`${prefix}index`, 'text')) ?? '') as {
          files: [string, [string, number][]][]
        }
        const named = index.files.flatMap(([, chunks]) => chunks.map(([key]) => prefix + key))
        await storage.close()
        expect(needed.sort()).toEqual(named.sort())
      }
    }
  })
})

describe('damaged records', () => {
  test.each([
    ['index', 'no JSON', 'The index is damaged'],
    ['index', 'null', 'The index is damaged'],
    ['index', '{"format":1}', 'The index is damaged'],
    ['index', '{"format":1,"files":[["a",[["chunk/1",-1]]]],"garbage":[]}', 'The index is damaged'],
    ['index', '{"format":1,"files":[["a",[[1,1]]]],"garbage":[]}', 'The index is damaged'],
    ['index', '{"format":1,"files":[],"garbage":[1]}', 'The index is damaged'],
    ['index', '{"format":2}', 'The index has format 2, which is newer than this program'],
    ['writer', '{', 'The record of the writer is damaged'],
    ['writer', '{"generation":"1"}', 'The record of the writer is damaged'],
  ])('%s: %s', async (key, text, message) => {
    const storage = await opened('here', { owner: 'object' })
    await elapse(host, storage.replace('a', [pattern(10)]))
    await elapse(host, storage.close())
    await pass(2000)
    await kv.at('here').put(`russet/${key}`, text)
    const keys = kv.keys
    await expect(opened('here', { owner: 'object' })).rejects.toMatchObject({ fault: 'failed', message })
    expect(kv.keys).toEqual(keys)
  })
})

test('a namespace of Cloudflare is a binding', () => {
  const accepts = (namespace: KVNamespace): KvBinding => namespace
  expect(accepts).toBeTypeOf('function')
})

/** An object with what `change` makes of each method. */
function mapValues(binding: KvBinding, change: (method: never) => unknown): KvBinding {
  return Object.fromEntries(
    Object.entries(binding).map(([name, method]) => [name, change(method as never)]),
  ) as unknown as KvBinding
}
