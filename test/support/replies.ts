/** What is in a reply of a known kind; a reply of another kind fails the test that asks. */
import { printReply, type Reply } from './resp-reader.js'

export function bulkOf(reply: Reply | undefined): string {
  if (reply?.type !== 'bulk') throw new Error(`no bulk: ${reply && printReply(reply)}`)
  return reply.value
}

/** The elements of an array or a set. */
export function arrayOf(reply: Reply | undefined): readonly Reply[] {
  if (reply?.type !== 'array' && reply?.type !== 'set')
    throw new Error(`no array: ${reply && printReply(reply)}`)
  return reply.value
}

/** The elements of an array or a set of bulks. */
export const bulksOf = (reply: Reply | undefined): string[] => arrayOf(reply).map(bulkOf)

/** What is in a reply as text; the kind of one that has nothing in it. */
export function textOf(reply: Reply): string {
  return 'value' in reply ? String(reply.value) : reply.type
}

/** A reply of any kind as nested arrays of text. */
export function plainOf(reply: Reply): unknown {
  if (reply.type === 'map') return reply.value.map((pair) => pair.map(plainOf))
  return 'value' in reply && Array.isArray(reply.value)
    ? reply.value.map((item) => plainOf(item as Reply))
    : textOf(reply)
}
