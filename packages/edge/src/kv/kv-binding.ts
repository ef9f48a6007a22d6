/**
 * What is used of a Workers KV binding. A `KVNamespace` of Cloudflare's types is one; having our own keeps
 * those types out of programs that run elsewhere.
 *
 * Source: https://developers.cloudflare.com/kv/api/
 */
export interface KvBinding {
  get(key: string, type: 'text'): Promise<string | null>
  get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>
  put(key: string, value: string | Uint8Array<ArrayBuffer>): Promise<void>
  delete(key: string): Promise<void>
  list(options: { prefix: string; cursor?: string }): Promise<KvListing>
}

/** A page of at most 1,000 keys. */
export interface KvListing {
  readonly keys: readonly { readonly name: string }[]
  readonly list_complete: boolean
  /** Where the next page begins; absent from the last one. */
  readonly cursor?: string
}

/** Longest key, in bytes of UTF-8. Source: https://developers.cloudflare.com/kv/platform/limits/ */
export const MAX_KEY_BYTES = 512
/** Biggest value, in bytes. Source: the same. */
export const MAX_VALUE_BYTES = 25 * 1024 * 1024
