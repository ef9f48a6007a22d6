/** Sizes in bytes as Redis's configuration writes them. */

import { UINT64_MAX } from './int64.js'
import { lower } from './lowercase.js'

const UNIT_BYTES: { readonly [unit: string]: bigint } = {
  '': 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
}

/**
 * Bytes from `64`, `64kb`, `1G`. No digits are 0, as in Redis. What does not fit into 64 bits is the greatest
 * number that does: Redis wraps `17179869184gb` round to 0, which would mean no limit.
 */
export function parseBytes(word: string): bigint | undefined {
  const match = /^0*([0-9]*)([a-z]{0,2})$/i.exec(word)
  const unit = match === null ? undefined : UNIT_BYTES[lower(match[2] as string)]
  if (match === null || unit === undefined) return undefined
  const digits = match[1] as string
  if (digits.length > 20) return UINT64_MAX
  const bytes = BigInt(digits) * unit
  return bytes > UINT64_MAX ? UINT64_MAX : bytes
}
