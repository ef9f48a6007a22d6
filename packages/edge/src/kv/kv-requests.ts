/**
 * Requests to a KV binding under one prefix of keys. What KV refuses for the moment is tried again, more and
 * more slowly: a second write to a key within a second (429), and its own failures (5xx). What is left is
 * thrown as a `StorageError` in KV's words.
 */
import { StorageError, type StorageFault } from '@russet/core'
import type { KvBinding } from './kv-binding.js'
import { type KvClock, sleep } from './kv-clock.js'

/** Waits before each further try, in milliseconds. KV takes one write a second for each key. */
const RETRY_DELAYS_MS = [1000, 2000, 4000, 8000, 16_000]

const PASSING = /\b(429|5\d\d)\b|network|timed? ?out/i
/** The limits of an account: writes a day, and bytes stored. */
const FULL = /limit exceeded for the day|storage.*(limit|quota)|quota.*exceeded/i
const DENIED = /\b(401|403)\b/

export class KvRequests {
  readonly clock: KvClock
  readonly #binding: KvBinding
  readonly #prefix: string

  constructor(binding: KvBinding, prefix: string, clock: KvClock) {
    this.#binding = binding
    this.#prefix = prefix
    this.clock = clock
  }

  getText(key: string): Promise<string | null> {
    return this.#retry(() => this.#binding.get(this.#prefix + key, 'text'))
  }

  async getBytes(key: string): Promise<Uint8Array | null> {
    const buffer = await this.#retry(() => this.#binding.get(this.#prefix + key, 'arrayBuffer'))
    return buffer === null ? null : new Uint8Array(buffer)
  }

  /** @param before runs before each try; what it throws ends them */
  put(key: string, value: string | Uint8Array<ArrayBuffer>, before?: () => Promise<void>): Promise<void> {
    return this.#retry(async () => {
      await before?.()
      await this.#binding.put(this.#prefix + key, value)
    })
  }

  delete(key: string): Promise<void> {
    return this.#retry(() => this.#binding.delete(this.#prefix + key))
  }

  /** All keys that begin with `start`, without the prefix. One request for each 1,000. */
  async list(start: string): Promise<string[]> {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const from = cursor
      const page = await this.#retry(() =>
        this.#binding.list({ prefix: this.#prefix + start, ...(from !== undefined && { cursor: from }) }),
      )
      for (const { name } of page.keys) found.push(name.slice(this.#prefix.length))
      cursor = page.list_complete ? undefined : page.cursor
    } while (cursor !== undefined)
    return found
  }

  async #retry<T>(work: () => Promise<T>): Promise<T> {
    for (const delayMs of RETRY_DELAYS_MS) {
      try {
        return await work()
      } catch (error) {
        if (error instanceof StorageError || faultOf(error) !== 'failed' || !PASSING.test(wordsOf(error))) {
          throw storageError(error)
        }
      }
      await sleep(this.clock, delayMs)
    }
    return await work().catch((error) => {
      throw storageError(error)
    })
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function faultOf(error: unknown): StorageFault {
  const words = wordsOf(error)
  if (FULL.test(words)) return 'full'
  return DENIED.test(words) ? 'denied' : 'failed'
}

function storageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  return new StorageError(faultOf(error), wordsOf(error), { cause: error })
}
