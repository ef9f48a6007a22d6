/** Entries of streams as replies: `[id, [field, value, ...]]`. */

import type { Reply } from '../protocol/reply.js'
import { type EntryId, formatId, type IdPart, idText, MAX_ID, MIN_ID } from '../structures/entry-id.js'
import type { StreamLog } from '../structures/stream-log.js'
import type { StreamNode } from '../structures/stream-node.js'

/** The entries between two IDs, both included. @param limit how many at most, 0 for all */
export function entriesReply(
  log: StreamLog,
  from: EntryId,
  to: EntryId,
  limit: number,
  backwards = false,
): Reply[] {
  const entries: Reply[] = []
  const add = (ms: IdPart, seq: IdPart, node: StreamNode, index: number) => {
    entries.push([formatId(ms, seq), node.fieldsAt(index)])
  }
  const most = limit === 0 ? Number.POSITIVE_INFINITY : limit
  if (backwards) log.forEachBackwards(add, from, to, most)
  else log.forEach(add, from, to, most)
  return entries
}

/** The entry with this ID, undefined if it is not there. */
export function entryReply(log: StreamLog, id: EntryId): Reply | undefined {
  const fields = log.fieldsOf(id.ms, id.seq)
  return fields === undefined ? undefined : [idText(id), fields]
}

/** The first entry, or the last one; nil without entries. */
export function edgeReply(log: StreamLog, backwards: boolean): Reply {
  return entriesReply(log, MIN_ID, MAX_ID, 1, backwards)[0] ?? null
}
