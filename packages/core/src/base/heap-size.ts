/**
 * What strings and arrays take in a JavaScript heap: V8's, with pointers of 8 bytes. Browsers have shorter ones
 * and take less. The sums of these are what `maxmemory` is compared with; test/bench/sizes.ts compares them with
 * what the heap really grows by.
 */

const WORD_BYTES = 8
/** Header of a string. */
const STRING_HEADER_BYTES = 16
/** An array: the object, and the header of its elements. */
const ARRAY_BYTES = 48
/** An array that grows by pushing has room for so many at first, and then half as many again and this. */
const ARRAY_STEP = 16
const FIRST_CAPACITY = 1 + ARRAY_STEP
/** A number that is not a small integer, outside of an array of numbers. */
const BOXED_NUMBER_BYTES = 16
const INT32_MAX = 2 ** 31 - 1
const INT32_MIN = -(2 ** 31)

/** Bytes of a byte string. There is one for each single character, and one that is empty, which all share. */
export function stringBytes(text: string): number {
  const { length } = text
  return length <= 1 ? 0 : STRING_HEADER_BYTES + ((length + WORD_BYTES - 1) & -WORD_BYTES)
}

/** Bytes of an array of `length` elements that came one by one, without what they refer to. O(log length) */
export function arrayBytes(length: number): number {
  let capacity = FIRST_CAPACITY
  while (capacity < length) capacity += ((capacity + 1) >> 1) + FIRST_CAPACITY
  return ARRAY_BYTES + capacity * WORD_BYTES
}

/** Bytes of a number where anything may stand: a small integer is in the reference itself. */
export function numberBytes(value: number): number {
  const isSmall = value >= INT32_MIN && value <= INT32_MAX && (value | 0) === value && !Object.is(value, -0)
  return isSmall ? 0 : BOXED_NUMBER_BYTES
}
