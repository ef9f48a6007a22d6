/**
 * The numbers of the RDB format: what a byte at the start of a record means, and which version of the format
 * brought it. A record is either an opcode with its arguments, or a type, a key and a value of that type.
 */

/** The newest version that is read; Redis 7.4's. */
export const NEWEST_RDB_VERSION = 12
/** What is written as long as redis-server 7.0 can hold it. */
export const USUAL_RDB_VERSION = 10
/** The first version with hashes whose fields expire. */
export const FIELD_EXPIRY_RDB_VERSION = 12
/** The first version that ends in a checksum. */
export const FIRST_CHECKSUM_VERSION = 5

/** Types of values. Those that are said to be packed are one string, in which all elements lie. */
export const RdbType = {
  STRING: 0,
  LIST: 1,
  SET: 2,
  /** Scores as text. */
  ZSET: 3,
  HASH: 4,
  /** Scores as binary doubles. */
  ZSET_2: 5,
  /** Of release candidates of Redis 4. */
  MODULE_PRE_GA: 6,
  MODULE_2: 7,
  /** Packed; of Redis before 2.6. */
  HASH_ZIPMAP: 9,
  /** Packed; of Redis before 3.2. */
  LIST_ZIPLIST: 10,
  /** Packed. */
  SET_INTSET: 11,
  /** Packed; of Redis before 7. */
  ZSET_ZIPLIST: 12,
  /** Packed; of Redis before 7. */
  HASH_ZIPLIST: 13,
  /** A row of ziplists; of Redis before 7. */
  LIST_QUICKLIST: 14,
  STREAM_LISTPACKS: 15,
  /** Packed. */
  HASH_LISTPACK: 16,
  /** Packed. */
  ZSET_LISTPACK: 17,
  /** A row of listpacks and of single elements. */
  LIST_QUICKLIST_2: 18,
  /** With counters of entries: Redis 7. */
  STREAM_LISTPACKS_2: 19,
  /** Packed; Redis 7.2. */
  SET_LISTPACK: 20,
  /** With the time when a consumer was last active: Redis 7.2. */
  STREAM_LISTPACKS_3: 21,
  /** Expiring fields, as release candidates of Redis 7.4 wrote them: times are absolute. */
  HASH_METADATA_PRE_GA: 22,
  /** The same, packed, without the earliest time. */
  HASH_LISTPACK_EX_PRE_GA: 23,
  /** Expiring fields: the earliest time, then each time relative to it. Redis 7.4. */
  HASH_METADATA: 24,
  /** The same, packed, with absolute times. */
  HASH_LISTPACK_EX: 25,
} as const

export const RdbOpcode = {
  /** Of a slot of a cluster: its number, its keys, those that expire. */
  SLOT_INFO: 244,
  /** Source of a library of functions. */
  FUNCTION_2: 245,
  /** The same of release candidates of Redis 7. */
  FUNCTION_PRE_GA: 246,
  /** What a module keeps beside the keys. */
  MODULE_AUX: 247,
  /** Seconds since the next key was used. */
  IDLE: 248,
  /** How often the next key is used, 0 to 255. */
  FREQUENCY: 249,
  /** Name and value of a fact about the file. */
  AUX: 250,
  /** Keys of the database, and those that expire. */
  RESIZE_DB: 251,
  /** When the next key expires, Unix time in ms. */
  EXPIRY_MS: 252,
  /** When the next key expires, Unix time in seconds. */
  EXPIRY_SECONDS: 253,
  SELECT_DB: 254,
  END: 255,
} as const

/** What a string is that has no length: the lower 6 bits of its first byte. */
export const StringEncoding = {
  INT8: 0,
  INT16: 1,
  INT32: 2,
  LZF: 3,
} as const

/** First bytes of a length: up to 6 bits are in it, up to 14 with the next byte, the others follow it. */
export const LENGTH_14_BITS = 0x40
export const LENGTH_32_BITS = 0x80
export const LENGTH_64_BITS = 0x81
/** First bytes from here on are a `StringEncoding`. */
export const ENCODED_STRING = 0xc0

/** Kinds of nodes in a `LIST_QUICKLIST_2`. */
export const QuicklistNode = {
  /** One element, too large for a listpack. */
  PLAIN: 1,
  PACKED: 2,
} as const

/** What a module's data is made of, so that it can be skipped by who does not know the module. */
export const ModuleOpcode = {
  END: 0,
  SIGNED: 1,
  UNSIGNED: 2,
  FLOAT: 3,
  DOUBLE: 4,
  STRING: 5,
} as const

/** Length bytes that stand for scores without digits, in a `ZSET`. */
export const TextScore = {
  NAN: 253,
  INFINITY: 254,
  MINUS_INFINITY: 255,
} as const
