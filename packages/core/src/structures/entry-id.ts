/**
 * IDs of entries: a time in ms and a sequence number, each an unsigned 64-bit integer, ordered as a pair. A
 * half is a plain number where that is exact, else a bigint (the narrowed form of base/int64.ts). Such halves
 * compare rightly with `<` and `===` whatever their forms are, so the usual case costs what numbers cost and
 * the rest is exact.
 */

import { normalizeInt, UINT64_MAX } from '../base/int64.js'

/** 0 to 2^64 - 1; a bigint only where a number would not be exact. */
export type IdPart = number | bigint

export interface EntryId {
  readonly ms: IdPart
  readonly seq: IdPart
}

export const MIN_ID: EntryId = { ms: 0, seq: 0 }
export const MAX_ID: EntryId = { ms: UINT64_MAX, seq: UINT64_MAX }

/** Below 0 if the first ID comes before the second, 0 if they are equal, else above 0. */
export function compareParts(ms: IdPart, seq: IdPart, otherMs: IdPart, otherSeq: IdPart): -1 | 0 | 1 {
  if (ms !== otherMs) return ms < otherMs ? -1 : 1
  if (seq === otherSeq) return 0
  return seq < otherSeq ? -1 : 1
}

export function compareIds(a: EntryId, b: EntryId): -1 | 0 | 1 {
  return compareParts(a.ms, a.seq, b.ms, b.seq)
}

export function isZeroId({ ms, seq }: EntryId): boolean {
  return ms === 0 && seq === 0
}

/** `ms-seq`, as replies have it. */
export function formatId(ms: IdPart, seq: IdPart): string {
  return `${ms}-${seq}`
}

export function idText({ ms, seq }: EntryId): string {
  return formatId(ms, seq)
}

/** The ID right behind `id`, undefined behind the last one. */
export function nextId({ ms, seq }: EntryId): EntryId | undefined {
  if (seq !== UINT64_MAX) return { ms, seq: nextPart(seq) }
  return ms === UINT64_MAX ? undefined : { ms: nextPart(ms), seq: 0 }
}

/** The ID right before `id`, undefined before the first one. */
export function previousId({ ms, seq }: EntryId): EntryId | undefined {
  if (seq !== 0) return { ms, seq: previousPart(seq) }
  return ms === 0 ? undefined : { ms: previousPart(ms), seq: UINT64_MAX }
}

/** `part` + 1; it is not the greatest. */
export function nextPart(part: IdPart): IdPart {
  return typeof part === 'number' && part < Number.MAX_SAFE_INTEGER
    ? part + 1
    : normalizeInt(BigInt(part) + 1n)
}

/** The difference as a signed 64-bit integer, which wraps round. */
export function partDifference(part: IdPart, other: IdPart): number | bigint {
  if (typeof part === 'number' && typeof other === 'number') return part - other
  return normalizeInt(BigInt.asIntN(64, BigInt(part) - BigInt(other)))
}

function previousPart(part: IdPart): IdPart {
  return typeof part === 'number' ? part - 1 : normalizeInt(part - 1n)
}

/** The index of the first of the ascending IDs from `start` on that is not before this one. O(log n) */
export function lowerBound(
  ms: readonly IdPart[],
  seq: readonly IdPart[],
  start: number,
  idMs: IdPart,
  idSeq: IdPart,
): number {
  let low = start
  let high = ms.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = compareParts(ms[middle] as IdPart, seq[middle] as IdPart, idMs, idSeq)
    if (order < 0) low = middle + 1
    else high = middle
  }
  return low
}
