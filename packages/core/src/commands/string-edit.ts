/** What the commands share that edit a string in place, or read its bytes without making a string of them. */

import { fail } from '../base/errors.js'
import { MAX_STRING_BYTES } from '../base/string-limit.js'
import { toText } from '../keyspace/string-value.js'
import type { StringValue } from '../keyspace/value.js'
import type { ByteSource } from '../structures/bits.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import { integerArg } from './arguments.js'
import type { Context } from './context.js'

export const STRING_TOO_LONG = 'ERR string exceeds maximum allowed size (proto-max-bulk-len)'

/** Refuses a string that would be longer than proto-max-bulk-len allows, or than there can be one. */
export function checkStringLength(ctx: Context, length: number): void {
  if (length > Math.min(ctx.server.settings.protoMaxBulkLen, MAX_STRING_BYTES)) fail(STRING_TOO_LONG)
}

/** A string value as growable bytes, which are to be stored under its key after the edit. */
export function editable(value: StringValue | undefined): GrowBytes {
  return value instanceof GrowBytes ? value : GrowBytes.from(value === undefined ? '' : toText(value))
}

/** The bytes of a string value for reading: nothing is copied. A missing value is empty. */
export function byteSource(value: StringValue | undefined): ByteSource {
  if (value instanceof GrowBytes) return value.bytes
  return value === undefined ? '' : toText(value)
}

/**
 * The offset of a bit in a string that may be as long as proto-max-bulk-len.
 * @param factor bits in a unit of the argument
 */
export function bitOffsetArg(ctx: Context, text: string, factor = 1): number {
  const error = 'ERR bit offset is not an integer or out of range'
  const offset = integerArg(text, error) * factor
  if (offset < 0 || offset >= ctx.server.settings.protoMaxBulkLen * 8) fail(error)
  return offset
}
