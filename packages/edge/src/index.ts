/** Russet on Cloudflare Workers. */

export type { KvBinding } from './kv/kv-binding.js'
export { type KvStorageOptions, kvStorage } from './kv/kv-storage.js'
