/**
 * What both forms of a HyperLogLog have in common in their bytes, which are those of Redis:
 *
 *     HYLL  form  0 0 0  cardinality (8 bytes, least significant first)  registers
 *
 * The cardinality is that of the last count. Its highest bit says that registers have changed since.
 */

/** Bits of a hash that choose the register. */
export const INDEX_BITS = 14
export const REGISTERS = 1 << INDEX_BITS
/** The greatest value that an element gives a register: one more than the zeros in the other bits of its hash. */
export const MAX_RANK = 64 - INDEX_BITS + 1
/** One more than the greatest value that 6 bits hold. */
export const REGISTER_VALUES = 64

export const MAGIC = 'HYLL'
export const FORM_AT = 4
export const DENSE_FORM = 0
export const SPARSE_FORM = 1
export const CARDINALITY_AT = 8
/** Byte with the bit that says whether the cardinality is out of date. */
export const STALE_AT = 15
export const STALE_BIT = 0x80
/** Bytes ahead of the registers. */
export const HEADER_BYTES = 16
