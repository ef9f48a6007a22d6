/** Where secrets stand in a call, for `CommandSpec.secrets`. What may be one is taken for one. */

import { equalsIgnoreCase } from '../base/lowercase.js'

/** All arguments from position `first` on. */
export function argumentsFrom(args: readonly string[], first: number): number[] {
  const found: number[] = []
  for (let at = first; at < args.length; at++) found.push(at)
  return found
}

/** The `count` arguments after each `keyword`, in any case. */
export function argumentsAfter(args: readonly string[], keyword: string, count: number): number[] {
  const found: number[] = []
  args.forEach((word, at) => {
    if (!equalsIgnoreCase(word, keyword)) return
    for (let i = 1; i <= count; i++) found.push(at + i)
  })
  return found
}
