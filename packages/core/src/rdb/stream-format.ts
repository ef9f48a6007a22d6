/**
 * How streams lie in RDB files. Each node is a master ID of 16 bytes, big-endian, and a listpack:
 *
 *   entries | removed entries | fields of the master | field … | 0
 *   flags | ms - master's ms | seq - master's seq | fields | field value … | elements of this entry
 *   flags | ms - master's ms | seq - master's seq | value …                | elements of this entry
 *
 * the last form for entries with the fields of the master. Behind the nodes come counters and the groups.
 */

/** Flags of an entry in a node. */
export const EntryFlag = {
  /** It has been removed, and only its place is left. */
  DELETED: 1,
  /** It has the fields of the master, which are not told again. */
  SAME_FIELDS: 2,
} as const

/** Elements of an entry beside its fields, their number and its values: flags and two differences. */
export const ENTRY_FRAME = 3

/** Bytes of an ID. */
export const ID_BYTES = 16

/** What is in the place of a number of entries read that is not known: -1 as an unsigned integer. */
export const UNKNOWN_READS_WRITTEN = 2n ** 64n - 1n
