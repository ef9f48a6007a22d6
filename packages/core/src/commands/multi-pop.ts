/** The arguments that LMPOP and ZMPOP share, with their blocking forms: keys, the end to pop from, COUNT. */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { atLeastArg } from './arguments.js'

export interface MultiPop<End> {
  readonly keys: readonly string[]
  readonly end: End
  readonly count: number
}

/**
 * Reads what follows from `args[at]` on: `numkeys key … end [COUNT count]`.
 * @param endArg reads the word for the end
 * @throws CommandError when the arguments make no sense
 */
export function parseMultiPop<End>(
  args: readonly string[],
  at: number,
  endArg: (text: string) => End,
): MultiPop<End> {
  const keyCount = atLeastArg(args[at] as string, 1, 'ERR numkeys should be greater than 0')
  const endAt = at + 1 + keyCount
  if (endAt >= args.length) fail(SYNTAX_ERROR)
  const end = endArg(args[endAt] as string)
  let count: number | undefined
  for (let i = endAt + 1; i < args.length; i++) {
    if (count !== undefined || i + 1 === args.length || !equalsIgnoreCase(args[i] as string, 'count')) {
      fail(SYNTAX_ERROR)
    }
    count = atLeastArg(args[++i] as string, 1, 'ERR count should be greater than 0')
  }
  return { keys: args.slice(at + 1, endAt), end, count: count ?? 1 }
}
