/**
 * A Worker that runs the conformance suite on a KV binding, a case for each request: `/` lists their names,
 * `/<number>` runs one and tells how it ended.
 */
import { type KvBinding, kvStorage } from '@russet/edge'
import { type StorageHarness, storageSuite } from '../support/storage-suite.js'
import { cases } from './vitest-in-worker.js'

const LEASE_MS = 3_600_000

let binding: KvBinding
let harnesses = 0

/** A database of its own in the namespace, and a clock that can be put forward. */
function kvHarness(chunkBytes: number): StorageHarness {
  const prefix = `suite-${harnesses++}/`
  let aheadMs = 0
  let plug = new Plug(binding)
  const open = () =>
    kvStorage(plug.binding, {
      prefix,
      visibilityMs: 0,
      indexIntervalMs: 0,
      leaseMs: LEASE_MS,
      chunkBytes,
      now: () => Date.now() + aheadMs,
    })
  const pull = (): void => {
    plug.isPulled = true
    plug = new Plug(binding)
    aheadMs += LEASE_MS + 1000
  }
  return {
    open,
    crash: async () => pull(),
    takeOver: async () => {
      // The clock stands still for the former one, as it would in a Worker that is not run.
      aheadMs += LEASE_MS + 1000
      await open()
      aheadMs = 0
    },
    refuse: async (fault) => {
      plug.refusal = REFUSALS[fault]
    },
    mend: async () => {
      plug.refusal = undefined
    },
    dispose: async () => pull(),
  }
}

/** What KV says. */
const REFUSALS: { readonly [fault: string]: string } = {
  full: 'KV put() limit exceeded for the day.',
  denied: 'KV PUT failed: 403 Forbidden',
  failed: 'KV PUT failed: 400 Bad Request',
}

/** The connection of one process to the namespace. Once it is pulled nothing goes through and nothing comes back. */
class Plug {
  isPulled = false
  refusal: string | undefined
  readonly binding: KvBinding

  constructor(binding: KvBinding) {
    const through = async <T>(work: () => Promise<T>): Promise<T> => {
      if (this.isPulled) return new Promise(() => {})
      const result = await work()
      return this.isPulled ? new Promise(() => {}) : result
    }
    this.binding = {
      get: ((key: string, type: 'text') => through(() => binding.get(key, type))) as KvBinding['get'],
      put: (key, value) =>
        through(async () => {
          if (this.refusal !== undefined) throw new Error(this.refusal)
          await binding.put(key, value)
        }),
      delete: (key) => through(() => binding.delete(key)),
      list: (options) => through(() => binding.list(options)),
    }
  }
}

const abilities = { crash: true, takeOver: true, refusals: ['full', 'denied', 'failed'] } as const
storageSuite('Workers KV', () => kvHarness(512 * 1024), abilities)
storageSuite('Workers KV with the biggest values', () => kvHarness(25 * 1024 * 1024), abilities)

export default {
  async fetch(request: Request, env: { KV: KvBinding }): Promise<Response> {
    binding = env.KV
    const number = new URL(request.url).pathname.slice(1)
    if (number === '') return Response.json(cases.map(({ name }) => name))
    const found = cases[Number(number)]
    if (found === undefined) return new Response('no such case', { status: 404 })
    try {
      await found.run()
      return Response.json({ error: null })
    } catch (error) {
      return Response.json({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  },
}
