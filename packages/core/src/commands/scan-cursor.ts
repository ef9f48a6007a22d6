/**
 * What SCAN, SSCAN, HSCAN and ZSCAN share: their options, and the step through the slots of a dictionary.
 * A cursor is a slot number; slots from there down are still to come, and 0 is both the start and the end.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { globMatch } from '../base/glob.js'
import { parseCursor } from '../base/int64.js'
import { equalsIgnoreCase, lower } from '../base/lowercase.js'
import type { Dict } from '../structures/dict.js'
import { integerArg } from './arguments.js'

const DEFAULT_COUNT = 10

export interface ScanOptions {
  cursor: number
  /** Elements to look at in one call, about. */
  count: number
  /** Whether an element's name is wanted. */
  matches: (name: string) => boolean
  /** Lower case; SCAN only. */
  type: string | undefined
  /** HSCAN only. */
  noValues: boolean
}

/** A cursor alone, which SSCAN, HSCAN and ZSCAN look at before the key, and at the other options after it. */
export function cursorArg(text: string): number {
  const cursor = parseCursor(text)
  if (cursor === undefined) fail('ERR invalid cursor')
  return cursor
}

/**
 * Reads a cursor and the options behind it.
 * @param at position of the cursor in `args`
 * @param extra options of one command beyond MATCH and COUNT
 */
export function parseScanOptions(
  args: readonly string[],
  at: number,
  extra?: 'type' | 'novalues',
): ScanOptions {
  const options: ScanOptions = {
    cursor: cursorArg(args[at] as string),
    count: DEFAULT_COUNT,
    matches: () => true,
    type: undefined,
    noValues: false,
  }
  for (let i = at + 1; i < args.length; i++) {
    const word = args[i] as string
    if (extra === 'novalues' && equalsIgnoreCase(word, 'novalues')) {
      options.noValues = true
      continue
    }
    const value = args[++i]
    if (value === undefined) fail(SYNTAX_ERROR)
    if (equalsIgnoreCase(word, 'count')) {
      options.count = integerArg(value)
      if (options.count < 1) fail(SYNTAX_ERROR)
    } else if (equalsIgnoreCase(word, 'match')) {
      options.matches = value === '*' ? () => true : (name) => globMatch(value, name)
    } else if (extra === 'type' && equalsIgnoreCase(word, 'type')) options.type = lower(value)
    else fail(SYNTAX_ERROR)
  }
  return options
}

/**
 * Visits up to `count` entries from the cursor down. The visitor may remove the entry it is shown.
 * @returns the cursor to go on with, 0 at the end
 */
export function scanSlots<V>(
  dict: Dict<V>,
  cursor: number,
  count: number,
  visit: (slot: number, key: string) => void,
): number {
  let slot = dict.slotBelow(cursor === 0 ? dict.slotCount : cursor)
  for (let seen = 0; slot >= 0; seen++) {
    if (seen === count) return slot + 1
    visit(slot, dict.keyAt(slot) as string)
    slot = dict.slotBelow(slot)
  }
  return 0
}
