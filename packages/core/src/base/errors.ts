/**
 * The two kinds of error in the engine. A `CommandError` is an answer: its message is the exact text a
 * client receives. Anything else that is thrown is a fault of ours and is answered as `ERR internal error`.
 */

/** An error reply. `message` is the whole line without the leading `-`, e.g. `ERR syntax error`. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** V8's limit on the frames of a stack trace; other engines ignore it. */
const traces = Error as { stackTraceLimit?: number | undefined }

// An error reply is control flow: filling in a stack trace would cost more than the command itself.
export function fail(message: string): never {
  const limit = traces.stackTraceLimit
  traces.stackTraceLimit = 0
  const error = new CommandError(message)
  traces.stackTraceLimit = limit
  throw error
}

export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value'
export const SYNTAX_ERROR = 'ERR syntax error'
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range'
export const NOT_A_FLOAT = 'ERR value is not a valid float'
export const OUT_OF_RANGE = 'ERR index out of range'
export const NO_SUCH_KEY = 'ERR no such key'
export const LOADING = 'LOADING Redis is loading the dataset in memory'

/** Stops at once when something that cannot be false is false: a broken invariant must be loud. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`)
}
