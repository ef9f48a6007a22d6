/**
 * LCS: the longest common subsequence of two strings.
 *
 * The lengths of all pairs of prefixes are computed row by row, of which only two are kept. What the way back
 * needs of each pair is one bit, "shorter first string is better", so the table takes a 32nd of the memory
 * that Redis allocates and limits; the limit is the same.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { toText } from '../keyspace/string-value.js'
import { type StringValue, typeOf } from '../keyspace/value.js'
import { MapReply, type Reply } from '../protocol/reply.js'
import { integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { keyRange } from './key-spec.js'

/** Bytes that Redis takes for each pair of prefixes. */
const BYTES_PER_PAIR = 4
const MAX_LENGTH = 2 ** 32 - 2
/** More than any memory limit in use allows: the bits of all pairs take 1 GiB. */
const MAX_PAIRS = 2 ** 33

interface LcsOptions {
  length: boolean
  indexes: boolean
  withMatchLength: boolean
  /** Bytes of the shortest match to report. */
  minMatchLength: number
}

function lcs(ctx: Context, args: readonly string[]): Reply {
  const first = stringAt(ctx, args[1] as string)
  const second = stringAt(ctx, args[2] as string)
  if (first === undefined || second === undefined) fail('ERR The specified keys must contain string values')
  const options = parseOptions(args)
  if (options.indexes && options.length) {
    fail('ERR If you want both the length and indexes, please just use IDX.')
  }
  if (first.length >= MAX_LENGTH || second.length >= MAX_LENGTH) fail('ERR String too long for LCS')
  const pairs = (first.length + 1) * (second.length + 1)
  if (pairs * BYTES_PER_PAIR > ctx.server.settings.protoMaxBulkLen) {
    fail('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len')
  }
  if (pairs > MAX_PAIRS) fail('ERR Insufficient memory, failed allocating transient memory for LCS')
  if (options.length) return commonLength(first, second, undefined)
  const table = new DirectionTable(first.length, second.length)
  const length = commonLength(first, second, table)
  if (!options.indexes) return subsequence(first, second, table, length)
  return new MapReply(['matches', matches(first, second, table, options), 'len', length])
}

/** The string under `key`, empty if there is none; undefined for another type. */
function stringAt(ctx: Context, key: string): string | undefined {
  const value = ctx.db.readAny(key)
  if (value === undefined) return ''
  return typeOf(value) === 'string' ? toText(value as StringValue) : undefined
}

function parseOptions(args: readonly string[]): LcsOptions {
  const options: LcsOptions = { length: false, indexes: false, withMatchLength: false, minMatchLength: 0 }
  for (let i = 3; i < args.length; i++) {
    const word = args[i] as string
    if (equalsIgnoreCase(word, 'idx')) options.indexes = true
    else if (equalsIgnoreCase(word, 'len')) options.length = true
    else if (equalsIgnoreCase(word, 'withmatchlen')) options.withMatchLength = true
    else if (equalsIgnoreCase(word, 'minmatchlen') && i + 1 < args.length) {
      options.minMatchLength = Math.max(0, integerArg(args[++i] as string))
    } else fail(SYNTAX_ERROR)
  }
  return options
}

/** For each pair of prefixes that end in different bytes: whether dropping the first string's byte is better. */
class DirectionTable {
  readonly #bits: Uint32Array
  readonly #width: number

  constructor(firstLength: number, secondLength: number) {
    this.#width = secondLength
    this.#bits = new Uint32Array(Math.ceil((firstLength * secondLength) / 32))
  }

  mark(row: number, column: number): void {
    const at = row * this.#width + column
    const word = Math.floor(at / 32)
    this.#bits[word] = (this.#bits[word] as number) | (1 << (at & 31))
  }

  dropsFirst(row: number, column: number): boolean {
    const at = row * this.#width + column
    return (((this.#bits[Math.floor(at / 32)] as number) >>> (at & 31)) & 1) === 1
  }
}

/** Length of the longest common subsequence; fills `table` for the way back. O(n * m). */
function commonLength(first: string, second: string, table: DirectionTable | undefined): number {
  const width = second.length
  const columns = new Uint8Array(width)
  for (let j = 0; j < width; j++) columns[j] = second.charCodeAt(j)
  let above = new Uint32Array(width + 1)
  let row = new Uint32Array(width + 1)
  for (let i = 0; i < first.length; i++) {
    const byte = first.charCodeAt(i)
    let left = 0
    for (let j = 0; j < width; j++) {
      const up = above[j + 1] as number
      if (columns[j] === byte) left = (above[j] as number) + 1
      else if (up > left) {
        left = up
        if (table !== undefined) table.mark(i, j)
      }
      row[j + 1] = left
    }
    const spare = above
    above = row
    row = spare
  }
  return above[width] as number
}

function subsequence(first: string, second: string, table: DirectionTable, length: number): string {
  const bytes = new Array<string>(length)
  for (let i = first.length - 1, j = second.length - 1, at = length; at > 0; ) {
    if (first.charCodeAt(i) === second.charCodeAt(j)) {
      bytes[--at] = first.charAt(i)
      i--
      j--
    } else if (table.dropsFirst(i, j)) i--
    else j--
  }
  return bytes.join('')
}

/** The runs of common bytes as ranges in both strings, from the end to the beginning. */
function matches(first: string, second: string, table: DirectionTable, options: LcsOptions): Reply[] {
  const found: Reply[] = []
  let i = first.length - 1
  let j = second.length - 1
  while (i >= 0 && j >= 0) {
    if (first.charCodeAt(i) !== second.charCodeAt(j)) {
      if (table.dropsFirst(i, j)) i--
      else j--
      continue
    }
    const firstEnd = i
    const secondEnd = j
    while (i >= 0 && j >= 0 && first.charCodeAt(i) === second.charCodeAt(j)) {
      i--
      j--
    }
    const length = firstEnd - i
    if (length < options.minMatchLength) continue
    const match: Reply[] = [
      [i + 1, firstEnd],
      [j + 1, secondEnd],
    ]
    if (options.withMatchLength) match.push(length)
    found.push(match)
  }
  return found
}

export const lcsCommand: CommandSpec = {
  name: 'lcs',
  arity: -3,
  flags: ['readonly'],
  keys: [keyRange(1, 1, 1, 'RO access')],
  since: '7.0.0',
  group: 'string',
  syntax: 'key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]',
  summary: 'Gives the longest sequence of bytes that two strings have in common, gaps allowed.',
  complexity: 'O(N*M) where N and M are the lengths of the strings',
  handler: lcs,
}
