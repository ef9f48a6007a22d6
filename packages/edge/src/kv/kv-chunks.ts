/**
 * Chunks: values under names that are used once. A name that nobody has asked for before cannot be cached
 * anywhere, so what is read under it is what was written.
 */
import { StorageError } from '@russet/core'
import { sleep } from './kv-clock.js'
import type { KvFence } from './kv-fence.js'
import { CHUNKS, type Chunk } from './kv-index.js'
import type { KvRequests } from './kv-requests.js'

export class KvChunks {
  readonly #requests: KvRequests
  readonly #fence: KvFence
  readonly #visibilityMs: number
  /** Where this writer's keys begin. */
  readonly #start: string
  #written = 0
  /** The chunk read last: files are read from front to back, in pieces that are smaller. */
  #latest: { readonly key: string; readonly bytes: Promise<Uint8Array> } | undefined

  /** @param instance what tells this writer from every other */
  constructor(requests: KvRequests, fence: KvFence, instance: string, visibilityMs: number) {
    this.#requests = requests
    this.#fence = fence
    this.#visibilityMs = visibilityMs
    this.#start = `${CHUNKS}${fence.generation}-${instance}-`
  }

  /** @param value is not changed any more */
  async put(value: Uint8Array<ArrayBuffer>): Promise<Chunk> {
    this.#fence.assertHeld()
    const key = this.#start + this.#written++
    await this.#requests.put(key, value)
    return { key, bytes: value.length }
  }

  /** The bytes of a chunk; not to be changed. */
  read(chunk: Chunk): Promise<Uint8Array> {
    const { key } = chunk
    if (this.#latest?.key !== key) {
      const latest = { key, bytes: this.#fetch(key) }
      this.#latest = latest
      latest.bytes.catch(() => {
        if (this.#latest === latest) this.#latest = undefined
      })
    }
    return this.#latest.bytes.then((bytes) => {
      if (bytes.length < chunk.bytes)
        throw new StorageError('failed', `${key} is shorter than the index says`)
      return bytes.subarray(0, chunk.bytes)
    })
  }

  async #fetch(key: string): Promise<Uint8Array> {
    const { clock } = this.#requests
    const startMs = clock.now()
    for (let delayMs = 1000; ; delayMs *= 2) {
      const bytes = await this.#requests.getBytes(key)
      if (bytes !== null) return bytes
      const leftMs = startMs + this.#visibilityMs - clock.now()
      if (leftMs <= 0) throw new StorageError('failed', `${key} is missing`)
      await sleep(clock, Math.min(delayMs, leftMs))
    }
  }
}
