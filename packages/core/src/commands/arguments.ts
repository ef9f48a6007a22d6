/** Arguments as numbers, times and ranges, with the error texts that go with them. One place for all groups. */

import { parseDouble } from '../base/double.js'
import { fail, NOT_A_FLOAT, NOT_AN_INTEGER } from '../base/errors.js'
import { INT64_MAX, INT64_MIN, parseInt64, parseSafeInt } from '../base/int64.js'

/** Elements of a reply in which the same one may come again and again. */
const MAX_REPEATED_PICKS = 2 ** 24

/** An integer that need not be exact beyond 2^53: counts, indexes, offsets. Larger ones are clamped to it. */
export function integerArg(text: string, error: string = NOT_AN_INTEGER): number {
  const value = parseSafeInt(text)
  if (value !== undefined) return value
  const big = parseInt64(text)
  if (big === undefined) fail(error)
  return big < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER
}

/** An exact 64-bit integer: number in the safe range, else bigint. */
export function int64Arg(text: string, error: string = NOT_AN_INTEGER): number | bigint {
  const value = parseInt64(text)
  if (value === undefined) fail(error)
  return value
}

/** An integer of `min` to `max`, with Redis's text for one that is not; as `integerArg` beyond 2^53. */
export function rangeArg(text: string, min: number | bigint, max: number | bigint): number {
  const value = int64Arg(text)
  if (value < min || value > max) fail(`ERR value is out of range, value must between ${min} and ${max}`)
  return integerArg(text)
}

/** An integer of 32 bits, as Redis takes database numbers. */
export function int32Arg(text: string): number {
  return rangeArg(text, -2_147_483_648, 2_147_483_647)
}

/** An integer whose opposite is one of 64 bits, too. */
export function signedArg(text: string): number {
  return rangeArg(text, INT64_MIN + 1n, INT64_MAX)
}

/** An integer of at least `min`; as `integerArg` beyond 2^53. */
export function atLeastArg(text: string, min: number, error: string): number {
  const value = integerArg(text, error)
  if (value < min) fail(error)
  return value
}

/** How many elements are wanted: 0 or more. */
export function countArg(text: string): number {
  return atLeastArg(text, 0, 'ERR value is out of range, must be positive')
}

/** An integer between `min` and `max`. */
export function boundedArg(text: string, min: number, max: number, error: string): number {
  const value = parseSafeInt(text)
  if (value === undefined || value < min || value > max) fail(error)
  return value
}

/**
 * How many random elements are wanted; negative when an element may come more than once. As each of those is
 * in the reply, their number is limited.
 */
export function randomCountArg(text: string): number {
  const count = signedArg(text)
  if (count < -MAX_REPEATED_PICKS) fail('ERR value is out of range')
  return count
}

export function doubleArg(text: string, error: string = NOT_A_FLOAT): number {
  const value = parseDouble(text)
  if (value === undefined) fail(error)
  return value
}

/** The wait of a blocking command, in seconds with fractions, as the Unix time in ms when it ends; 0: never. */
export function deadlineArg(text: string, nowMs: number): number {
  const seconds = parseDouble(text)
  if (seconds === undefined) fail('ERR timeout is not a float or out of range')
  // What rounds up to 0 is 0, even from below.
  const waitMs = Math.ceil(seconds * 1000)
  if (waitMs < 0) fail('ERR timeout is negative')
  if (waitMs >= 2 ** 63 - nowMs) fail('ERR timeout is out of range')
  return waitMs === 0 ? 0 : Math.min(nowMs + waitMs, Number.MAX_SAFE_INTEGER)
}

/** As `deadlineArg`, in whole ms. */
export function deadlineMsArg(text: string, nowMs: number): number {
  const waitMs = int64Arg(text, 'ERR timeout is not an integer or out of range')
  if (waitMs < 0) fail('ERR timeout is negative')
  if (waitMs > INT64_MAX - BigInt(nowMs)) fail('ERR timeout is out of range')
  return waitMs === 0 ? 0 : Math.min(nowMs + Number(waitMs), Number.MAX_SAFE_INTEGER)
}

/** Clamps an index range that may count from the end; undefined when it holds nothing. */
export function clampRange(
  start: number,
  stop: number,
  length: number,
): { start: number; stop: number } | undefined {
  let from = start < 0 ? start + length : start
  let to = stop < 0 ? stop + length : stop
  if (from < 0) from = 0
  if (to >= length) to = length - 1
  return from > to || from >= length ? undefined : { start: from, stop: to }
}
