/**
 * A codec that gives short strings which come again and again as one and the same string: names of fields are
 * the same in thousands of hashes, and a string for each of them would take most of the memory.
 */

import type { ByteCodec } from '../base/host.js'
import { WordCache } from '../protocol/word-cache.js'

/** Longer strings are seldom the same. */
const MAX_SHARED_BYTES = 20

export function sharingCodec(codec: ByteCodec): ByteCodec {
  const words = new WordCache(codec)
  return {
    decode: (bytes, start, end) =>
      end - start <= MAX_SHARED_BYTES
        ? words.getIfCommon(bytes, start, end)
        : codec.decode(bytes, start, end),
    encode: (text, bytes, offset) => codec.encode(text, bytes, offset),
  }
}
