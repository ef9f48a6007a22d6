/**
 * The longest string there can be. V8's strings hold 2^29 - 24 characters, a little less than the 512 MB that
 * Redis allows by default; other engines hold more, but data has to go wherever Russet runs.
 */
export const MAX_STRING_BYTES = 0x1fff_ffe8
