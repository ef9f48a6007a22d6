/** What pushes, pops and moves have in common: the two ends of a list, and taking elements off one. */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import type { ListValue } from '../keyspace/list-value.js'
import type { Context } from './context.js'

export type End = 'left' | 'right'

/** @throws CommandError when `text` is neither LEFT nor RIGHT */
export function endArg(text: string): End {
  if (equalsIgnoreCase(text, 'left')) return 'left'
  if (equalsIgnoreCase(text, 'right')) return 'right'
  fail(SYNTAX_ERROR)
}

export function pushEnd(list: ListValue, end: End, element: string): void {
  if (end === 'left') list.pushHead(element)
  else list.pushTail(element)
}

/** Takes the element at one end off the list, which is not empty; `elementsPopped` is to follow. */
export function popEnd(list: ListValue, end: End): string {
  return end === 'left' ? list.popHead() : list.popTail()
}

/** Takes up to `count` elements off one end of the list under `key`, which goes with its last one; the outermost first. */
export function popElements(ctx: Context, key: string, list: ListValue, end: End, count: number): string[] {
  const popped = Math.min(count, list.length)
  const start = end === 'left' ? 0 : list.length - popped
  const elements = list.slice(start, popped)
  if (end === 'right') elements.reverse()
  list.removeRange(start, popped)
  elementsPopped(ctx, key, list, end, popped)
  return elements
}

/** `count` elements have been taken off one end of the list under `key`. */
export function elementsPopped(ctx: Context, key: string, list: ListValue, end: End, count: number): void {
  list.hasShrunk()
  ctx.db.modified(key, list, EventClass.LIST, end === 'left' ? 'lpop' : 'rpop', count)
}
