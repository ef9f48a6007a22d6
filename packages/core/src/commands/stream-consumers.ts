/**
 * Groups and their consumers as commands meet them: looked up, made on the way, and what of their changes
 * follows elsewhere. A group is not the content of its stream: WATCH does not see its changes.
 */

import { fail, WRONG_TYPE } from '../base/errors.js'
import type { Consumer, ConsumerGroup, PendingEntry } from '../keyspace/consumer-group.js'
import { EventClass } from '../keyspace/events.js'
import { StreamValue } from '../keyspace/stream-value.js'
import type { Value } from '../keyspace/value.js'
import { formatId, type IdPart, idText } from '../structures/entry-id.js'
import type { Context } from './context.js'

/** A group with its stream, and the names of both. */
export interface FoundGroup {
  readonly key: string
  readonly stream: StreamValue
  readonly name: string
  readonly group: ConsumerGroup
}

/** The group of that name, undefined if it or the key is not there. @throws CommandError WRONGTYPE */
export function findGroup(ctx: Context, key: string, name: string): FoundGroup | undefined {
  return groupIn(ctx.db.readAny(key), key, name)
}

/** `findGroup` for a caller that has just read the key's value. */
export function groupIn(value: Value | undefined, key: string, name: string): FoundGroup | undefined {
  if (value === undefined) return undefined
  if (!(value instanceof StreamValue)) fail(WRONG_TYPE)
  const group = value.groups.get(name)
  return group === undefined ? undefined : { key, stream: value, name, group }
}

/** As `findGroup`, for a change. */
export function findGroupToEdit(ctx: Context, key: string, name: string): FoundGroup | undefined {
  const found = findGroup(ctx, key, name)
  if (found !== undefined) ctx.db.edit(key)
  return found
}

export function noSuchGroup(key: string, name: string): never {
  fail(`NOGROUP No such key '${key}' or consumer group '${name}'`)
}

export function noSuchGroupOfKey(key: string, name: string): never {
  fail(`NOGROUP No such consumer group '${name}' for key name '${key}'`)
}

/** The consumer of that name, who is noted to ask now; made if it is not there. */
export function askingConsumer(ctx: Context, found: FoundGroup, name: string): Consumer {
  const known = found.group.consumers.get(name)
  if (known === undefined) {
    ctx.propagate('XGROUP', 'CREATECONSUMER', found.key, found.name, name)
    return createConsumer(ctx, found, name)
  }
  known.seenMs = ctx.now
  return known
}

/** Makes a consumer of a name that is not there yet. */
export function createConsumer(ctx: Context, { key, stream, group }: FoundGroup, name: string): Consumer {
  const consumer = group.addConsumer(name, ctx.now)
  ctx.db.annotated(key, stream, 1, EventClass.STREAM, 'xgroup-createconsumer')
  return consumer
}

/**
 * What follows when a pending entry was made or changed: a claim that comes to the same. When the entry itself
 * has gone from the stream the claim makes it pending no more.
 */
export function propagateClaim(
  ctx: Context,
  { key, name, group }: FoundGroup,
  ms: IdPart,
  seq: IdPart,
  { consumer, deliveredMs, deliveries }: PendingEntry,
): void {
  if (!ctx.server.effects.active) return
  ctx.propagate(
    ...['XCLAIM', key, name, consumer.name, '0', formatId(ms, seq)],
    ...['TIME', String(deliveredMs), 'RETRYCOUNT', String(deliveries)],
    ...['FORCE', 'JUSTID', 'LASTID', idText(group.lastId)],
  )
}

/** What follows when a group has moved on. */
export function propagateProgress(ctx: Context, { key, name, group }: FoundGroup): void {
  const { lastId, entriesRead } = group
  ctx.propagate('XGROUP', 'SETID', key, name, idText(lastId), 'ENTRIESREAD', String(entriesRead))
}
