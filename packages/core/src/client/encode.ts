/**
 * From what a program passes to a command's arguments as byte strings. Text becomes UTF-8, which for ASCII is
 * the text itself; bytes stay as they are. Arrays, maps and plain objects spread out into several arguments,
 * as ioredis has it: `del(['a', 'b'])`, `hset('key', { field: 'value' })`.
 */

import { uint8ArrayToByteString, utf8ToBytes } from '../base/utf8.js'

/** One argument of a command. */
export type Scalar = string | number | bigint | Uint8Array

/** Names and values in turn, for HSET, MSET and the like. */
export type Pairs = ReadonlyMap<Scalar, Scalar> | { readonly [name: string]: Scalar }

/** What may stand in a command's argument list. */
export type Argument = Scalar | readonly Scalar[] | Pairs

/**
 * The command as byte strings.
 * @throws TypeError when an argument is of another kind: nothing is turned into text by guessing
 */
export function encodeCommand(name: string, args: readonly Argument[]): string[] {
  const command: string[] = new Array(args.length + 1)
  command[0] = utf8ToBytes(name)
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (typeof arg !== 'string') return encodeMixed(name, args)
    command[i + 1] = utf8ToBytes(arg)
  }
  return command
}

function encodeMixed(name: string, args: readonly Argument[]): string[] {
  const command = [utf8ToBytes(name)]
  for (const arg of args) {
    const isScalar = typeof arg !== 'object' || arg === null || arg instanceof Uint8Array
    if (isScalar) command.push(encodeScalar(command, arg))
    else spread(command, arg)
  }
  return command
}

function spread(command: string[], arg: readonly Scalar[] | Pairs): void {
  if (Array.isArray(arg)) {
    for (const item of arg) command.push(encodeScalar(command, item))
  } else if (arg instanceof Map) {
    for (const [name, value] of arg) command.push(encodeScalar(command, name), encodeScalar(command, value))
  } else if (isPlainObject(arg)) {
    for (const [name, value] of Object.entries(arg)) {
      command.push(utf8ToBytes(name), encodeScalar(command, value))
    }
  } else refuse(command, arg)
}

function encodeScalar(command: readonly string[], value: unknown): string {
  if (typeof value === 'string') return utf8ToBytes(value)
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return uint8ArrayToByteString(value)
  return refuse(command, value)
}

/** Redis reads `inf`, not `Infinity`. */
function encodeNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  return value === Number.NEGATIVE_INFINITY ? '-inf' : String(value)
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function refuse(command: readonly string[], value: unknown): never {
  const kind = typeof value === 'object' && value !== null ? value.constructor.name : String(value)
  throw new TypeError(
    `Argument ${command.length} of ${(command[0] as string).toUpperCase()} is ${kind}: ` +
      'only strings, numbers, bigints and Uint8Arrays can be sent, or arrays, Maps and plain objects of them',
  )
}
