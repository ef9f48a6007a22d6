/**
 * Where the keys stand among a command's arguments: Redis's key specifications, and the small functions that
 * descriptors write them with. COMMAND GETKEYS, ACL rules and cluster routing read keys through them.
 */

import { parseSafeInt } from '../base/int64.js'
import { lower } from '../base/lowercase.js'

/** What a command does to a key: RO, RW, OW (overwrite), RM, and access, update, insert, delete, … */
export type KeyFlags = readonly string[]

/** A key among the arguments of a call. */
export interface FoundKey {
  /** Its position; the command's name is at 0. */
  readonly at: number
  /** As in `KeySpec`, without `variable_flags`. */
  readonly flags: KeyFlags
}

export interface KeySpec {
  readonly flags: KeyFlags
  readonly notes?: string
  readonly begin:
    | { readonly type: 'index'; readonly index: number }
    | { readonly type: 'keyword'; readonly keyword: string; readonly startFrom: number }
    | { readonly type: 'unknown' }
  readonly find:
    | { readonly type: 'range'; readonly lastKey: number; readonly step: number; readonly limit: number }
    | {
        readonly type: 'keynum'
        readonly keynumIndex: number
        readonly firstKey: number
        readonly step: number
      }
    | { readonly type: 'unknown' }
}

/** One key at argument `index`. @param flags words, e.g. `RW access update`. @param notes why, where that is not plain. */
export function keyAt(index: number, flags: string, notes?: string): KeySpec {
  const spec = keyRange(index, 0, 1, flags)
  return notes === undefined ? spec : { ...spec, notes }
}

/** Keys from argument `first` to `last`: counted from `first`, or from the end of the arguments if negative. */
export function keyRange(first: number, last: number, step: number, flags: string): KeySpec {
  return {
    flags: flags.split(' '),
    begin: { type: 'index', index: first },
    find: { type: 'range', lastKey: last, step, limit: 0 },
  }
}

/** A count at argument `index`, followed by that many keys. */
export function countedKeys(index: number, flags: string): KeySpec {
  return {
    flags: flags.split(' '),
    begin: { type: 'index', index },
    find: { type: 'keynum', keynumIndex: 0, firstKey: 1, step: 1 },
  }
}

/**
 * Keys after a keyword that is looked for from argument `startFrom` on (from the end if negative).
 * @param limit with a negative `lastKey`: only the first of this many equal parts are keys; 0 for all
 */
export function keysAfter(
  keyword: string,
  startFrom: number,
  lastKey: number,
  flags: string,
  limit = 0,
): KeySpec {
  return {
    flags: flags.split(' '),
    begin: { type: 'keyword', keyword, startFrom },
    find: { type: 'range', lastKey, step: 1, limit },
  }
}

/** Keys that no rule can find; the command brings a `findKeys` of its own. */
export function unknownKeys(flags: string, notes?: string): KeySpec {
  const spec: KeySpec = { flags: flags.split(' '), begin: { type: 'unknown' }, find: { type: 'unknown' } }
  return notes === undefined ? spec : { ...spec, notes }
}

/**
 * Positions in `args` (command name at 0) of the keys that `spec` finds.
 * @returns undefined if it cannot tell, or if the arguments are too few; never an empty list
 */
export function findKeys(spec: KeySpec, args: readonly string[]): number[] | undefined {
  const begin = beginning(spec, args)
  if (begin === undefined) return undefined
  const { find } = spec
  if (find.type === 'unknown') return undefined
  let first = begin
  let last: number
  if (find.type === 'range') {
    if (find.lastKey >= 0) last = first + find.lastKey
    else if (find.limit === 0) last = args.length + find.lastKey
    else last = first + Math.floor((args.length - first) / find.limit) + find.lastKey
  } else {
    const count = parseSafeInt(args[begin + find.keynumIndex] ?? '')
    if (count === undefined || count < 0) return undefined
    first = begin + find.firstKey
    last = first + (count - 1) * find.step
  }
  if (last >= args.length || last < first) return undefined
  const positions: number[] = []
  for (let at = first; at <= last; at += find.step) positions.push(at)
  return positions
}

/** Whether the keyword of a specification is missing, so that the call has none of its keys. */
export function lacksKeyword(spec: KeySpec, args: readonly string[]): boolean {
  return spec.begin.type === 'keyword' && beginning(spec, args) === undefined
}

function beginning(spec: KeySpec, args: readonly string[]): number | undefined {
  const { begin } = spec
  if (begin.type === 'index') return begin.index < args.length ? begin.index : undefined
  if (begin.type === 'unknown') return undefined
  const backwards = begin.startFrom < 0
  const from = backwards ? args.length + begin.startFrom : begin.startFrom
  // With nothing behind it the last argument is no keyword.
  const end = backwards ? args.length : args.length - 1
  for (let at = from; at > 0 && at < end; at += backwards ? -1 : 1) {
    if (lower(args[at] as string) === lower(begin.keyword)) return at + 1
  }
  return undefined
}

/** First key, last key and step, as commands had them before there were key specifications. */
export interface LegacyKeyRange {
  /** 0: no keys. */
  readonly first: number
  /** Negative: counted from the end. */
  readonly last: number
  readonly step: number
  /** Whether there may be more keys than the range says. */
  readonly movable: boolean
}

/** Joins neighbouring ranges with step 1 as far as that goes; whatever does not fit in makes it `movable`. */
export function legacyKeyRange(specs: readonly KeySpec[]): LegacyKeyRange {
  const [only] = specs
  if (specs.length === 1 && only?.begin.type === 'index' && only.find.type === 'range') {
    const { index } = only.begin
    const { lastKey, step } = only.find
    const last = lastKey < 0 ? lastKey : index + lastKey
    return { first: index, last, step, movable: only.flags.includes('incomplete') }
  }
  let first = 0
  let last = 0
  let movable = false
  for (const { begin, find, flags } of specs) {
    const isRange = begin.type === 'index' && find.type === 'range' && find.step === 1
    if (!isRange || (last !== 0 && last !== begin.index - 1)) {
      movable = true
      continue
    }
    if (flags.includes('incomplete')) movable = true
    if (first === 0) first = begin.index
    last = find.lastKey < 0 ? find.lastKey : begin.index + find.lastKey
  }
  return { first, last, step: first === 0 ? 0 : 1, movable }
}
