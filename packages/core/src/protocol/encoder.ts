/**
 * Replies as RESP2 or RESP3 bytes. One function walks a reply once; where the protocols differ it asks for
 * the version on the spot, so that the two cannot drift apart.
 */

import { formatDouble } from '../base/double.js'
import type { OutputBuffer } from './output-buffer.js'
import {
  Attributed,
  BigNumber,
  Double,
  ErrorReply,
  LinePush,
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
} from './reply.js'

export type RespVersion = 2 | 3

const STAR = 0x2a
const COLON = 0x3a
const PLUS = 0x2b
const MINUS = 0x2d
const PERCENT = 0x25
const TILDE = 0x7e
const COMMA = 0x2c
const ANGLE = 0x3e
const BRACKET = 0x28
const BAR = 0x7c

export function encodeReply(out: OutputBuffer, reply: Reply, resp: RespVersion): void {
  switch (typeof reply) {
    case 'string':
      return out.writeBulk(reply)
    case 'number':
      out.writeByte(COLON)
      out.writeInteger(reply)
      return out.writeLineEnd()
    case 'bigint':
      return encodeLine(out, COLON, String(reply))
    case 'boolean':
      return out.write(resp === 3 ? (reply ? '#t\r\n' : '#f\r\n') : reply ? ':1\r\n' : ':0\r\n')
    default:
      return encodeObject(out, reply, resp)
  }
}

function encodeObject(
  out: OutputBuffer,
  reply: Exclude<Reply, string | number | bigint | boolean>,
  resp: RespVersion,
): void {
  if (reply === null) return out.write(resp === 3 ? '_\r\n' : '$-1\r\n')
  if (Array.isArray(reply)) return encodeItems(out, STAR, reply.length, reply, resp)
  if (reply instanceof Simple) return encodeLine(out, PLUS, reply.text)
  if (reply instanceof ErrorReply) return encodeError(out, reply.message)
  if (reply instanceof Double) {
    const text = reply.digits ?? formatDouble(reply.value)
    return resp === 3 ? encodeLine(out, COMMA, text) : out.writeBulk(text)
  }
  if (reply instanceof MapReply) {
    if (resp === 2) return encodeItems(out, STAR, reply.flat.length, reply.flat, resp)
    return encodeItems(out, PERCENT, reply.flat.length / 2, reply.flat, resp)
  }
  if (reply instanceof SetReply) {
    return encodeItems(out, resp === 3 ? TILDE : STAR, reply.items.length, reply.items, resp)
  }
  if (reply instanceof Tuples) {
    if (resp === 2) return encodeItems(out, STAR, reply.flat.length, reply.flat, resp)
    return encodePairs(out, reply.flat, resp)
  }
  if (reply instanceof PairMap) {
    if (resp === 2) return encodePairs(out, reply.flat, resp)
    return encodeItems(out, PERCENT, reply.flat.length / 2, reply.flat, resp)
  }
  if (reply instanceof Verbatim) return encodeVerbatim(out, reply, resp)
  if (reply instanceof PushReply) return encodePush(out, reply, resp)
  if (reply instanceof Pushes) {
    // Within the reply of EXEC too each of them counts as an element, although together they are one.
    for (const push of reply.pushes) encodeReply(out, push, resp)
    return
  }
  if (reply instanceof BigNumber) {
    return resp === 3 ? encodeLine(out, BRACKET, reply.digits) : out.writeBulk(reply.digits)
  }
  if (reply instanceof Attributed) {
    const { attributes } = reply
    if (resp === 3) encodeItems(out, BAR, attributes.length / 2, attributes, resp)
    return encodeReply(out, reply.reply, resp)
  }
  if (reply instanceof NilArray) return out.write(resp === 3 ? '_\r\n' : '*-1\r\n')
  if (reply instanceof Transcript) return encodeTranscript(out, reply)
  // Within a reply something has to stand in its place.
  if (reply instanceof NoReply) return encodeObject(out, null, resp)
  throw new Error(`no encoding for a reply of kind ${Object.prototype.toString.call(reply)}`)
}

function encodeTranscript(out: OutputBuffer, { announced, parts }: Transcript): void {
  if (announced !== undefined) {
    out.writeByte(STAR)
    out.writeInteger(announced)
    out.writeLineEnd()
  }
  for (const { reply, resp } of parts) encodeReply(out, reply, resp)
}

export function encodePush(out: OutputBuffer, push: PushReply, resp: RespVersion): void {
  if (push instanceof LinePush) return encodeLine(out, PLUS, push.line)
  const { items } = push
  encodeItems(out, resp === 3 ? ANGLE : STAR, items.length, items, resp)
}

function encodeLine(out: OutputBuffer, marker: number, text: string): void {
  out.writeByte(marker)
  out.write(text)
  out.writeLineEnd()
}

/** An error is one line: line breaks that came in with a client's arguments become spaces. */
export function encodeError(out: OutputBuffer, message: string): void {
  out.writeByte(MINUS)
  for (let i = 0; i < message.length; i++) {
    const code = message.charCodeAt(i)
    out.writeByte(code === 0x0d || code === 0x0a ? 0x20 : code)
  }
  out.writeLineEnd()
}

function encodeItems(
  out: OutputBuffer,
  marker: number,
  count: number,
  items: readonly Reply[],
  resp: RespVersion,
): void {
  out.writeByte(marker)
  out.writeInteger(count)
  out.writeLineEnd()
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as Reply
    if (typeof item === 'string') out.writeBulk(item)
    else encodeReply(out, item, resp)
  }
}

function encodePairs(out: OutputBuffer, flat: readonly Reply[], resp: RespVersion): void {
  out.writeByte(STAR)
  out.writeInteger(flat.length / 2)
  out.writeLineEnd()
  for (let i = 0; i < flat.length; i += 2) {
    out.write('*2\r\n')
    encodeReply(out, flat[i] as Reply, resp)
    encodeReply(out, flat[i + 1] as Reply, resp)
  }
}

function encodeVerbatim(out: OutputBuffer, reply: Verbatim, resp: RespVersion): void {
  if (resp === 2) return out.writeBulk(reply.text)
  out.write(`=${reply.text.length + 4}\r\n${reply.format}:`)
  out.write(reply.text)
  out.writeLineEnd()
}
