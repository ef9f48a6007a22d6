/**
 * IDs of stream entries as arguments: `ms-seq`, or `ms` alone, both unsigned 64-bit integers; in ranges also
 * `-`, `+` and, with `(` ahead, without the ID itself.
 */

import { fail } from '../base/errors.js'
import { parseUint64, UINT64_MAX } from '../base/int64.js'
import { type EntryId, type IdPart, MAX_ID, MIN_ID, nextId, previousId } from '../structures/entry-id.js'

const INVALID_ID = 'ERR Invalid stream ID specified as stream command argument'
/** Redis reads IDs into a buffer of this size. */
const MAX_LENGTH = 127

/**
 * @param missingSeq what an ID without a sequence number gets
 * @returns undefined if `text` is no ID
 */
export function parseId(text: string, missingSeq: IdPart = 0): EntryId | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const dash = text.indexOf('-')
  const ms = parseUint64(dash < 0 ? text : text.slice(0, dash))
  const seq = dash < 0 ? missingSeq : parseUint64(text.slice(dash + 1))
  if (ms !== undefined && seq !== undefined) return { ms, seq }
  // Redis does not look beyond a zero byte.
  const end = text.indexOf('\0')
  return end < 0 ? undefined : parseId(text.slice(0, end), missingSeq)
}

/** An ID that stands for itself, 0 where it has no sequence number. */
export function idArg(text: string): EntryId {
  return parseId(text) ?? fail(INVALID_ID)
}

/** IDs from argument `from` on. */
export function idArgs(args: readonly string[], from: number): EntryId[] {
  const ids: EntryId[] = []
  for (let i = from; i < args.length; i++) ids.push(idArg(args[i] as string))
  return ids
}

/** As `idArg`, or `-` and `+` for the first and the last ID that there can be. */
export function idOrEndArg(text: string, missingSeq: IdPart = 0): EntryId {
  if (text === '-') return MIN_ID
  if (text === '+') return MAX_ID
  return parseId(text, missingSeq) ?? fail(INVALID_ID)
}

/** Where a range begins. */
export function rangeStartArg(text: string): EntryId {
  if (!isExclusive(text)) return idOrEndArg(text)
  return nextId(idArg(text.slice(1))) ?? fail('ERR invalid start ID for the interval')
}

/** Where a range ends: an ID without a sequence number stands for its last one. */
export function rangeEndArg(text: string): EntryId {
  if (!isExclusive(text)) return idOrEndArg(text, UINT64_MAX)
  const id = parseId(text.slice(1), UINT64_MAX) ?? fail(INVALID_ID)
  return previousId(id) ?? fail('ERR invalid end ID for the interval')
}

function isExclusive(text: string): boolean {
  return text.length > 1 && text.charCodeAt(0) === 0x28
}
