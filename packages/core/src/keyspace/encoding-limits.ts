/**
 * The sizes up to which a value keeps its compact encoding. One object is shared by the keyspace, which asks
 * it at every growth, and the configuration, which writes it: a change holds from the next write on, and
 * values already converted stay as they are, as in Redis.
 */

export interface EncodingLimits {
  /** Fields of a hash that is a listpack. */
  hashMaxListpackEntries: number
  /** Bytes of the longest field or value of such a hash. */
  hashMaxListpackValue: number
  /** Members of a set that is an intset. */
  setMaxIntsetEntries: number
  /** Members of a set that is a listpack. */
  setMaxListpackEntries: number
  /** Bytes of the longest member of such a set. */
  setMaxListpackValue: number
  /** Members of a sorted set that is a listpack. */
  zsetMaxListpackEntries: number
  /** Bytes of the longest member of such a sorted set. */
  zsetMaxListpackValue: number
  /** Elements of a list that is a listpack; below 0 a size in bytes: -1 is 4 KB, -2 is 8 KB … -5 is 64 KB. */
  listMaxListpackSize: number
  /** Bytes of a sparse HyperLogLog. */
  hllSparseMaxBytes: number
  /** Bytes of a node of a stream; 0 is no limit. */
  streamNodeMaxBytes: number
  /** Entries of a node of a stream; 0 is no limit. */
  streamNodeMaxEntries: number
}

/** Redis 7.4's defaults, in an object of its own for each caller. */
export function defaultEncodingLimits(): EncodingLimits {
  return {
    hashMaxListpackEntries: 512,
    hashMaxListpackValue: 64,
    setMaxIntsetEntries: 512,
    setMaxListpackEntries: 128,
    setMaxListpackValue: 64,
    zsetMaxListpackEntries: 128,
    zsetMaxListpackValue: 64,
    listMaxListpackSize: -2,
    hllSparseMaxBytes: 3000,
    streamNodeMaxBytes: 4096,
    streamNodeMaxEntries: 100,
  }
}
