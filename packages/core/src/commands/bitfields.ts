/**
 * Integers of any width, at any bit offset of a string.
 *
 *   BITFIELD BITFIELD_RO
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { INT64_MAX, normalizeInt, parseSafeInt } from '../base/int64.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { MAX_STRING_BYTES } from '../base/string-limit.js'
import { EventClass } from '../keyspace/events.js'
import { stringLength } from '../keyspace/string-value.js'
import type { Reply } from '../protocol/reply.js'
import { type ByteSource, getSigned, getUnsigned } from '../structures/bits.js'
import { int64Arg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { type FoundKey, keyAt } from './key-spec.js'
import { bitOffsetArg, byteSource, editable, STRING_TOO_LONG } from './string-edit.js'

/** What becomes of a value that its field does not hold: `fail` leaves the field alone and answers nil. */
type Overflow = 'wrap' | 'sat' | 'fail'

interface FieldType {
  readonly isSigned: boolean
  /** Bits: 1 to 64, unsigned to 63. */
  readonly width: number
  readonly low: number | bigint
  readonly high: number | bigint
}

interface FieldOperation {
  readonly kind: 'get' | 'set' | 'incrby'
  readonly type: FieldType
  /** In bits. */
  readonly offset: number
  readonly value: number | bigint
  readonly overflow: Overflow
}

const OVERFLOWS: readonly Overflow[] = ['wrap', 'sat', 'fail']
const WRONG_FIELD_TYPE =
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.'

// ---- arguments --------------------------------------------------------------------------------------------

function parseOperations(ctx: Context, args: readonly string[]): FieldOperation[] {
  const operations: FieldOperation[] = []
  let overflow: Overflow = 'wrap'
  for (let i = 2; i < args.length; ) {
    const word = args[i] as string
    const left = args.length - i - 1
    if (equalsIgnoreCase(word, 'overflow') && left >= 1) {
      overflow = overflowArg(args[i + 1] as string)
      i += 2
      continue
    }
    let kind: FieldOperation['kind']
    if (equalsIgnoreCase(word, 'get') && left >= 2) kind = 'get'
    else if (equalsIgnoreCase(word, 'set') && left >= 3) kind = 'set'
    else if (equalsIgnoreCase(word, 'incrby') && left >= 3) kind = 'incrby'
    else fail(SYNTAX_ERROR)
    const type = fieldTypeArg(args[i + 1] as string)
    const offset = fieldOffsetArg(ctx, args[i + 2] as string, type.width)
    const value = kind === 'get' ? 0 : int64Arg(args[i + 3] as string)
    operations.push({ kind, type, offset, value, overflow })
    i += kind === 'get' ? 3 : 4
  }
  return operations
}

function overflowArg(text: string): Overflow {
  const overflow = OVERFLOWS.find((name) => equalsIgnoreCase(text, name))
  if (overflow === undefined) fail('ERR Invalid OVERFLOW type specified')
  return overflow
}

/** `i16`, `u8`, … */
function fieldTypeArg(text: string): FieldType {
  const isSigned = text.startsWith('i')
  const width = isSigned || text.startsWith('u') ? parseSafeInt(text.slice(1)) : undefined
  if (width === undefined || width < 1 || width > (isSigned ? 64 : 63)) fail(WRONG_FIELD_TYPE)
  const range = 1n << BigInt(isSigned ? width - 1 : width)
  return { isSigned, width, low: isSigned ? normalizeInt(-range) : 0, high: normalizeInt(range - 1n) }
}

/** An offset in bits, or behind a `#` in fields of this width. */
function fieldOffsetArg(ctx: Context, text: string, width: number): number {
  return text.startsWith('#') ? bitOffsetArg(ctx, text.slice(1), width) : bitOffsetArg(ctx, text)
}

// ---- running ----------------------------------------------------------------------------------------------

function bitfield(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const operations = parseOperations(ctx, args)
  let neededBytes = 0
  for (const { kind, type, offset } of operations) {
    if (kind !== 'get') neededBytes = Math.max(neededBytes, Math.ceil((offset + type.width) / 8))
  }
  if (neededBytes === 0) return readFields(ctx, key, operations)
  const value = ctx.db.write(key, 'string')
  // Redis lets a field reach a little beyond proto-max-bulk-len, as long as it starts before.
  if (neededBytes > MAX_STRING_BYTES) fail(STRING_TOO_LONG)
  const grows = value === undefined || stringLength(value) < neededBytes
  let changed = false
  const bytes = editable(value)
  bytes.ensureLength(neededBytes)
  const reply = operations.map((operation) => {
    const { kind, type, offset } = operation
    const old = readField(bytes.bytes, type, offset)
    if (kind === 'get') return old
    const result = fit(operation, old)
    if (result === undefined) return null
    if (result !== old) bytes.setField(offset, type.width, result)
    if (grows || result !== old) changed = true
    return kind === 'set' ? old : result
  })
  // Where OVERFLOW FAIL lets nothing be written the string has grown all the same, without an event.
  const eventClass = changed ? EventClass.STRING : EventClass.NONE
  if (changed || grows) ctx.db.set(key, bytes, eventClass, 'setbit', true)
  return reply
}

/** With nothing but GET it only reads its key; what makes no sense is taken for a write. */
function keysOfBitfield(args: readonly string[]): FoundKey[] {
  let at = 2
  while (at < args.length) {
    const word = args[at] as string
    const following = args.length - 1 - at
    if (equalsIgnoreCase(word, 'get') && following >= 2) at += 3
    else if (equalsIgnoreCase(word, 'overflow') && following >= 1) at += 2
    else return [{ at: 1, flags: ['RW', 'access', 'update'] }]
  }
  return [{ at: 1, flags: ['RO', 'access'] }]
}

function bitfieldReadOnly(ctx: Context, args: readonly string[]): Reply {
  const operations = parseOperations(ctx, args)
  if (operations.some(({ kind }) => kind !== 'get')) fail('ERR BITFIELD_RO only supports the GET subcommand')
  return readFields(ctx, args[1] as string, operations)
}

function readFields(ctx: Context, key: string, operations: readonly FieldOperation[]): Reply {
  const source = byteSource(ctx.db.read(key, 'string'))
  return operations.map(({ type, offset }) => readField(source, type, offset))
}

function readField(source: ByteSource, type: FieldType, offset: number): number | bigint {
  return type.isSigned ? getSigned(source, offset, type.width) : getUnsigned(source, offset, type.width)
}

/** What an operation leaves in a field that holds `old`; undefined where nothing is to be written. */
function fit(operation: FieldOperation, old: number | bigint): number | bigint | undefined {
  const { type, overflow } = operation
  const wanted = wantedValue(operation, old)
  if (wanted >= type.low && wanted <= type.high) return wanted
  if (overflow === 'fail') return undefined
  if (overflow === 'wrap') {
    const bits = BigInt(wanted)
    return normalizeInt(type.isSigned ? BigInt.asIntN(type.width, bits) : BigInt.asUintN(type.width, bits))
  }
  return wanted > type.high || isTakenForHigh(operation) ? type.high : type.low
}

/** Exact, whether the field holds it or not. */
function wantedValue({ kind, type, value }: FieldOperation, old: number | bigint): number | bigint {
  // A negative value for an unsigned field is taken for the large one with the same bits.
  if (kind === 'set') return type.isSigned || value >= 0 ? value : BigInt.asUintN(64, BigInt(value))
  if (typeof old === 'number' && typeof value === 'number') {
    const sum = old + value
    if (Number.isSafeInteger(sum)) return sum
  }
  return normalizeInt(BigInt(old) + BigInt(value))
}

/** Redis's distance to the upper limit is an int64 that overflows here, so that SET saturates the wrong way. */
function isTakenForHigh({ kind, type, value }: FieldOperation): boolean {
  return kind === 'set' && type.isSigned && BigInt(type.high) - BigInt(value) > INT64_MAX
}

// ---- descriptors ------------------------------------------------------------------------------------------

const SET = 'set-block=<SET encoding offset value:integer>'
const INCRBY = 'incrby-block=<INCRBY encoding offset increment>'
const WRITE = `[OVERFLOW overflow-block=WRAP|SAT|FAIL] write-operation=<${SET}|${INCRBY}>`

export const bitfieldCommands: readonly CommandSpec[] = [
  {
    name: 'bitfield',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW access update variable_flags', 'GET alone only reads')],
    findKeys: keysOfBitfield,
    since: '3.2.0',
    group: 'bitmap',
    syntax: `key operation=[get-block=<GET encoding offset>|write=<${WRITE}>] ...`,
    summary: 'Reads, sets and increments integers of any width inside a string.',
    complexity: 'O(1) for each operation',
    handler: bitfield,
  },
  {
    name: 'bitfield_ro',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO access')],
    since: '6.0.0',
    group: 'bitmap',
    syntax: 'key get-block=[GET encoding offset [GET encoding offset ...]]',
    summary: 'Reads integers of any width inside a string.',
    complexity: 'O(1) for each operation',
    handler: bitfieldReadOnly,
  },
]
