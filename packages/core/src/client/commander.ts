/**
 * A method for each command, made from the table of commands: `get(key)`, and `getBuffer(key)` with bytes
 * instead of text. What a call does with its command, sending or collecting it, is the subclass's business.
 */

import { equalsIgnoreCase } from '../base/lowercase.js'
import { CommandTable } from '../commands/table.js'
import type { CommandTypes } from './command-types.js'
import { type Decode, decodeBytes, decodeBytesObject, decodeText, decodeTextObject } from './decode.js'
import type { Argument } from './encode.js'

export abstract class Commander {
  /**
   * Deals with a command.
   * @param name of the command, in any case
   * @param decode what its reply is to become
   */
  protected abstract issue(name: string, args: readonly Argument[], decode: Decode): unknown
}

/** Whether replies have text or bytes. */
export type Encoding = 'text' | 'bytes'

export function decodeFor(name: string, encoding: Encoding): Decode {
  if (equalsIgnoreCase(name, 'hgetall')) return encoding === 'text' ? decodeTextObject : decodeBytesObject
  return encoding === 'text' ? decodeText : decodeBytes
}

/** Their methods do more than to send the command; see client.ts. */
const HAND_WRITTEN = new Set(['multi', 'exec'])

for (const { name } of new CommandTable()) {
  if (HAND_WRITTEN.has(name)) continue
  define(name, name, decodeFor(name, 'text'))
  define(`${name}Buffer`, name, decodeFor(name, 'bytes'))
}

function define(method: string, name: string, decode: Decode): void {
  const value = function (this: { issue: Commander['issue'] }, ...args: Argument[]): unknown {
    return this.issue(name, args, decode)
  }
  Object.defineProperty(Commander.prototype, method, { value, configurable: true, writable: true })
}

// ---- types ------------------------------------------------------------------------------------------------

/** The reply with bytes in the place of text. */
export type InBytes<Reply> = Reply extends string
  ? Uint8Array
  : Reply extends object
    ? { [Part in keyof Reply]: InBytes<Reply[Part]> }
    : Reply

type Signature = CommandTypes[keyof CommandTypes]

type Promising<Types extends Signature> = Types extends readonly [
  infer Args extends readonly Argument[],
  infer Reply,
  infer OtherArgs extends readonly Argument[],
  infer OtherReply,
]
  ? { (...args: Args): Promise<Reply>; (...args: OtherArgs): Promise<OtherReply> }
  : Types extends readonly [infer Args extends readonly Argument[], infer Reply]
    ? (...args: Args) => Promise<Reply>
    : never

type PromisingBytes<Types extends Signature> = Types extends readonly [
  infer Args extends readonly Argument[],
  infer Reply,
  infer OtherArgs extends readonly Argument[],
  infer OtherReply,
]
  ? { (...args: Args): Promise<InBytes<Reply>>; (...args: OtherArgs): Promise<InBytes<OtherReply>> }
  : Types extends readonly [infer Args extends readonly Argument[], infer Reply]
    ? (...args: Args) => Promise<InBytes<Reply>>
    : never

type Chaining<Types extends Signature, Self> = Types extends readonly [
  infer Args extends readonly Argument[],
  unknown,
  infer OtherArgs extends readonly Argument[],
  unknown,
]
  ? (...args: Args | OtherArgs) => Self
  : Types extends readonly [infer Args extends readonly Argument[], unknown]
    ? (...args: Args) => Self
    : never

/** The methods of a client: each promises its reply. */
export type PromisingCommands = {
  [Name in keyof CommandTypes]: Promising<CommandTypes[Name]>
} & { [Name in keyof CommandTypes as `${Name}Buffer`]: PromisingBytes<CommandTypes[Name]> }

/** The methods of a pipeline or transaction: each gives the object back, for the next call. */
export type ChainingCommands<Self> = {
  [Name in keyof CommandTypes as Name | `${Name}Buffer`]: Chaining<CommandTypes[Name], Self>
}
