/**
 * Workers KV as its documentation describes it at its worst, on a clock that tests move: one store, and places
 * around it that keep what was read there, or that nothing was there, for a minute. Lists lag
 * behind in the same way. A key takes one write a second.
 */
import type { KvBinding, KvListing } from '../../packages/edge/src/kv/kv-binding.js'
import type { FakeHost } from './fake-host.js'

type Value = Uint8Array<ArrayBuffer>

interface Entry {
  /** null when the key was deleted. */
  readonly value: Value | null
  readonly writtenMs: number
  readonly place: string
}

export interface FakeKvRequest {
  readonly kind: 'get' | 'put' | 'delete' | 'list'
  readonly key: string
  readonly place: string
  readonly atMs: number
  /** Size of the value put. */
  readonly bytes: number
}

export class FakeKv {
  /** All requests that have reached the store or a place's cache. */
  readonly requests: FakeKvRequest[] = []
  /** How long a place goes on with what it has read. */
  cacheMs = 60_000
  /** Whether a place shows at once what was written there; usual, but not promised. */
  showsOwnWrites = true
  /** How long lists do not show what was written elsewhere. */
  listLagMs = 60_000
  /** Shortest time between two writes of a key. */
  writeIntervalMs = 1000
  /** What a request fails with, if it is to fail. It runs before the request has an effect. */
  fault: (request: FakeKvRequest) => string | undefined = () => undefined
  readonly #host: FakeHost
  readonly #entries = new Map<string, Entry>()
  readonly #caches = new Map<string, Map<string, { value: Value | null; readMs: number }>>()

  constructor(host: FakeHost) {
    this.#host = host
  }

  /** Keys that the store has now. */
  get keys(): string[] {
    return [...this.#entries].filter(([, { value }]) => value !== null).map(([key]) => key)
  }

  /** The namespace as a Worker at this place has it. */
  at(place: string): KvBinding {
    const cache = new Map<string, { value: Value | null; readMs: number }>()
    this.#caches.set(place, this.#caches.get(place) ?? cache)
    return {
      get: (async (key: string, type: 'text' | 'arrayBuffer') => {
        await this.#receive({ kind: 'get', key, place, bytes: 0 })
        const value = this.#read(key, place)
        if (value === null) return null
        return type === 'text' ? new TextDecoder().decode(value) : value.slice().buffer
      }) as KvBinding['get'],
      put: async (key, value) => {
        const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value.slice()
        if (new TextEncoder().encode(key).length > 512) throw new Error('KV PUT failed: 414 URI Too Long')
        if (bytes.length > 25 * 1024 * 1024) throw new Error('KV PUT failed: 413 Payload Too Large')
        await this.#receive({ kind: 'put', key, place, bytes: bytes.length })
        const latest = this.#entries.get(key)
        if (latest !== undefined && this.#host.now() - latest.writtenMs < this.writeIntervalMs) {
          throw new Error('KV PUT failed: 429 Too Many Requests')
        }
        this.#write(key, bytes, place)
      },
      delete: async (key) => {
        await this.#receive({ kind: 'delete', key, place, bytes: 0 })
        this.#write(key, null, place)
      },
      list: async ({ prefix, cursor }) => {
        await this.#receive({ kind: 'list', key: prefix, place, bytes: 0 })
        return this.#list(prefix, cursor, place)
      },
    }
  }

  async #receive(fields: Omit<FakeKvRequest, 'atMs'>): Promise<void> {
    await Promise.resolve()
    const request = { ...fields, atMs: this.#host.now() }
    this.requests.push(request)
    const fault = this.fault(request)
    if (fault !== undefined) throw new Error(fault)
  }

  #read(key: string, place: string): Value | null {
    const cached = this.#caches.get(place)?.get(key)
    if (cached !== undefined && this.#host.now() - cached.readMs < this.cacheMs) return cached.value
    const value = this.#entries.get(key)?.value ?? null
    this.#caches.get(place)?.set(key, { value, readMs: this.#host.now() })
    return value
  }

  #write(key: string, value: Value | null, place: string): void {
    this.#entries.set(key, { value, writtenMs: this.#host.now(), place })
    if (this.showsOwnWrites) this.#caches.get(place)?.set(key, { value, readMs: this.#host.now() })
  }

  #list(prefix: string, cursor: string | undefined, place: string): KvListing {
    const names: string[] = []
    for (const [name, { value, writtenMs, place: writer }] of this.#entries) {
      const isOwn = this.showsOwnWrites && writer === place
      const isVisible = isOwn || this.#host.now() - writtenMs >= this.listLagMs
      // Of what is not visible yet, this place sees the opposite: no new key, and a deleted one still there.
      if (name.startsWith(prefix) && (value !== null) === isVisible) names.push(name)
    }
    const start = Number(cursor ?? 0)
    const keys = names
      .sort()
      .slice(start, start + 1000)
      .map((name) => ({ name }))
    if (start + 1000 >= names.length) return { keys, list_complete: true }
    return { keys, list_complete: false, cursor: String(start + 1000) }
  }
}

/** Lets time pass until a promise settles. @throws what it is rejected with, or when it takes more than an hour */
export async function elapse<T>(host: FakeHost, work: Promise<T>, stepMs = 100): Promise<T> {
  let isSettled = false
  const settled = work.finally(() => {
    isSettled = true
  })
  settled.catch(() => {})
  for (let passedMs = 0; passedMs < 3_600_000; passedMs += stepMs) {
    await new Promise<void>((done) => setImmediate(done))
    if (isSettled) return settled
    host.advance(stepMs)
  }
  throw new Error('Nothing has come of it in an hour')
}
