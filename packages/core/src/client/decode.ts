/**
 * From a handler's reply to what a program gets, in the shapes that ioredis users know:
 *
 *   strings    text, decoded as UTF-8, or a `Uint8Array` from the `…Buffer` methods
 *   integers   numbers; beyond 2^53 the nearest one, whose exact digits GET and HGET give
 *   doubles    text, as Redis prints them: `'1.5'`, `'inf'`
 *   sets       arrays; maps and pairs are flat arrays, except for HGETALL, which gives an object, and XREAD,
 *              which gives an array of pairs
 *   nil        null
 *   SUBSCRIBE  and its relatives: how many subscriptions there are then
 *   errors     a rejection with a `ReplyError`; within the reply of EXEC, the `ReplyError` itself
 */

import { formatDouble } from '../base/double.js'
import { byteStringToUint8Array, bytesToUtf8 } from '../base/utf8.js'
import {
  Double,
  ErrorReply,
  MapReply,
  NilArray,
  NoReply,
  PairMap,
  Pushes,
  PushReply,
  type Reply,
  SetReply,
  Simple,
  Transcript,
  Tuples,
  Verbatim,
} from '../protocol/reply.js'

/** An error that a command was answered with. `message` is Redis's text, e.g. `ERR syntax error`. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
}

/** Turns a reply into what the caller gets. */
export type Decode = (reply: Reply) => unknown

/** Strings as text. */
export function decodeText(reply: Reply): unknown {
  return typeof reply === 'string' ? bytesToUtf8(reply) : decode(reply, bytesToUtf8)
}

/** Strings as bytes, each with memory of its own. */
export function decodeBytes(reply: Reply): unknown {
  return decode(reply, byteStringToUint8Array)
}

/** HGETALL's reply as an object whose values are text. */
export function decodeTextObject(reply: Reply): unknown {
  return reply instanceof MapReply ? toObject(reply, bytesToUtf8) : decodeText(reply)
}

/** HGETALL's reply as an object whose values are bytes; its names are text all the same. */
export function decodeBytesObject(reply: Reply): unknown {
  return reply instanceof MapReply ? toObject(reply, byteStringToUint8Array) : decodeBytes(reply)
}

export function toReplyError(reply: ErrorReply): ReplyError {
  return new ReplyError(bytesToUtf8(reply.message))
}

type FromBytes = (bytes: string) => string | Uint8Array

function decode(reply: Reply, from: FromBytes): unknown {
  switch (typeof reply) {
    case 'string':
      return from(reply)
    case 'number':
      return reply
    case 'bigint':
    case 'boolean':
      return Number(reply)
    default:
      return reply === null ? null : decodeObject(reply, from)
  }
}

function decodeObject(
  reply: Exclude<Reply, string | number | bigint | boolean | null>,
  from: FromBytes,
): unknown {
  if (reply instanceof Simple) return from(reply.text)
  if (Array.isArray(reply)) return decodeItems(reply, from)
  if (reply instanceof MapReply || reply instanceof Tuples) return decodeItems(reply.flat, from)
  if (reply instanceof PairMap) return decodePairs(reply.flat, from)
  if (reply instanceof SetReply || reply instanceof PushReply) return decodeItems(reply.items, from)
  if (reply instanceof Pushes) return subscriptionCount(reply)
  if (reply instanceof Double) return from(reply.digits ?? formatDouble(reply.value))
  if (reply instanceof Verbatim) return from(reply.text)
  if (reply instanceof ErrorReply) return toReplyError(reply)
  if (reply instanceof NilArray) return null
  if (reply instanceof Transcript) return reply.parts.map((part) => decode(part.reply, from))
  // After CLIENT REPLY OFF a command is run and not answered.
  if (reply instanceof NoReply) return undefined
  throw new Error('a reply of an unknown kind')
}

function decodeItems(items: readonly Reply[], from: FromBytes): unknown[] {
  const decoded: unknown[] = new Array(items.length)
  for (let i = 0; i < items.length; i++) decoded[i] = decode(items[i] as Reply, from)
  return decoded
}

/** How many subscriptions there are after SUBSCRIBE and its like. */
function subscriptionCount({ pushes }: Pushes): unknown {
  return pushes[pushes.length - 1]?.items[2]
}

function decodePairs(flat: readonly Reply[], from: FromBytes): unknown[] {
  const pairs: unknown[] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push(decodeItems(flat.slice(i, i + 2), from))
  return pairs
}

function toObject({ flat }: MapReply, from: FromBytes): object {
  const object: { [name: string]: unknown } = {}
  for (let i = 0; i < flat.length; i += 2) {
    const name = bytesToUtf8(flat[i] as string)
    const value = decode(flat[i + 1] as Reply, from)
    // Assigning to this one name would set the prototype.
    if (name === '__proto__') Object.defineProperty(object, name, { value, ...ORDINARY })
    else object[name] = value
  }
  return object
}

const ORDINARY = { configurable: true, enumerable: true, writable: true }
