/**
 * Trimming a stream, by XTRIM or on the way by XADD: `MAXLEN|MINID [=|~] threshold [LIMIT count]`. With `~`
 * only whole nodes go, so that the result depends on how the entries lie in nodes; what follows elsewhere is
 * therefore the same command with the exact threshold that it came to.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import type { StreamValue } from '../keyspace/stream-value.js'
import { type EntryId, idText, MAX_ID } from '../structures/entry-id.js'
import { integerArg } from './arguments.js'
import type { Context } from './context.js'
import { idArg } from './stream-ids.js'

/** Nodes that `~` trims at most without a LIMIT. */
const MAX_NODES = 100
/** Entries that `~` trims at most without a LIMIT, where nodes have no limit. */
const UNLIMITED_NODES_LIMIT = 10_000
const MAX_LIMIT = 1_000_000

export interface Trim {
  /** How many entries are to be left, or the ID before which they go. */
  readonly threshold: number | EntryId
  /** Its place among the arguments. */
  readonly at: number
  readonly wholeNodes: boolean
}

/** The options of XTRIM and XADD as they are written. */
export interface TrimOptions {
  trim: Trim | undefined
  /** Entries removed at most, 0 for no limit. */
  limit: number
  /** Its place among the arguments, 0 if it is not given. */
  limitAt: number
  /** XADD's NOMKSTREAM. */
  keepsMissing: boolean
  /** The first argument behind the options: XADD's ID. */
  end: number
}

/**
 * Reads options from argument 2 on.
 * @param adds whether they are XADD's, which end at the first word that is none
 */
export function parseTrimOptions(args: readonly string[], adds: boolean): TrimOptions {
  const options: TrimOptions = { trim: undefined, limit: 0, limitAt: 0, keepsMissing: false, end: 2 }
  let i = 2
  for (; i < args.length; i++) {
    const word = args[i] as string
    if (adds && word === '*') break
    const hasMore = i + 1 < args.length
    if (hasMore && (equalsIgnoreCase(word, 'maxlen') || equalsIgnoreCase(word, 'minid'))) {
      if (options.trim !== undefined) {
        fail('ERR syntax error, MAXLEN and MINID options at the same time are not compatible')
      }
      options.trim = parseThreshold(args, i)
      i = options.trim.at
    } else if (hasMore && equalsIgnoreCase(word, 'limit')) {
      options.limitAt = ++i
      options.limit = notNegativeArg(args[i] as string, 'LIMIT')
    } else if (!adds) {
      fail(SYNTAX_ERROR)
    } else if (equalsIgnoreCase(word, 'nomkstream')) {
      options.keepsMissing = true
    } else break
  }
  options.end = i
  return options
}

/** `=` or `~` and the threshold behind the word at `at`. */
function parseThreshold(args: readonly string[], at: number): Trim {
  const byLength = equalsIgnoreCase(args[at] as string, 'maxlen')
  let i = at + 1
  const operator = i + 1 < args.length ? args[i] : undefined
  if (operator === '~' || operator === '=') i++
  const text = args[i] as string
  const threshold = byLength ? notNegativeArg(text, 'MAXLEN') : idArg(text)
  return { threshold, at: i, wholeNodes: operator === '~' }
}

function notNegativeArg(text: string, name: string): number {
  const value = integerArg(text)
  if (value < 0) fail(`ERR The ${name} argument must be >= 0.`)
  return value
}

/**
 * Checks what only makes sense together, and sets the limit where none is given.
 * @param adds whether they are XADD's, which need not trim
 */
export function checkTrimOptions(ctx: Context, options: TrimOptions, adds: boolean): void {
  const { trim, limit, limitAt } = options
  if (limit > 0 && trim === undefined) {
    fail('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy')
  }
  if (trim === undefined && !adds) {
    fail('ERR syntax error, XTRIM must be called with a trimming strategy')
  }
  // What another server has trimmed was exact, though its words may still be those of a client.
  if (ctx.replays) {
    options.limit = 0
    return
  }
  if (limitAt > 0 && trim?.wholeNodes !== true) {
    fail('ERR syntax error, LIMIT cannot be used without the special ~ option')
  }
  if (limitAt > 0 || trim?.wholeNodes !== true) return
  const ofNodes = MAX_NODES * ctx.keyspace.limits.streamNodeMaxEntries
  options.limit = ofNodes <= 0 ? UNLIMITED_NODES_LIMIT : Math.min(ofNodes, MAX_LIMIT)
}

/** @returns how many entries were removed */
export function trimStream({ log }: StreamValue, { threshold, wholeNodes }: Trim, limit: number): number {
  return typeof threshold === 'number'
    ? log.trimToLength(threshold, wholeNodes, limit)
    : log.trimBefore(threshold, wholeNodes, limit)
}

/** The arguments of a command that has trimmed by whole nodes, with the exact threshold that it came to. */
export function exactTrim(args: readonly string[], stream: StreamValue, options: TrimOptions): string[] {
  const exact = args.slice()
  const { threshold, at } = options.trim as Trim
  exact[at - 1] = '='
  exact[at] = typeof threshold === 'number' ? String(stream.length) : idText(stream.log.firstId ?? MAX_ID)
  if (options.limitAt > 0) exact.splice(options.limitAt - 1, 2)
  return exact
}
