/**
 * Requests from bytes: RESP arrays of bulk strings and inline commands, in any split of the input. What is
 * known of an unfinished command is kept, so no byte is looked at twice; limits and error texts are Redis's.
 * The append-only file is made of the same arrays and is read by the same parser, by stricter rules.
 */

import type { ByteCodec } from '../base/host.js'
import { splitWords } from '../base/split-words.js'
import { MAX_STRING_BYTES } from '../base/string-limit.js'
import type { WordCache } from './word-cache.js'

/** The longest line (inline command, or a count) that is waited for. */
const MAX_LINE_BYTES = 64 * 1024
/** The longest number: a sign and the digits of 2^63. */
const MAX_NUMBER_LENGTH = 20
const LONGEST_NEGATIVE = 2 ** 63
const MAX_ARGUMENTS = 2_147_483_647
const MAX_ARGUMENTS_UNAUTHENTICATED = 10
const MAX_BULK_UNAUTHENTICATED = 16_384
/** Names of commands and arguments up to these lengths come from the word cache. */
const NAME_BYTES = 20
const TINY_BYTES = 4
/** Up to this length an argument is looked for in the word cache while that finds enough of them. */
const WORD_BYTES = 24
/** Up to this many arguments their array is made in its full length. */
const PREPARED_ARGUMENTS = 1024

/** What a string takes beside its characters, about. */
const STRING_BYTES = 16

const CR = 0x0d
const LF = 0x0a
const DASH = 0x2d
const STAR = 0x2a
const DOLLAR = 0x24
const ZERO = 0x30

/** What is said of lines that are too long, where it is not that a count is. */
const TOO_LONG: { readonly [what: string]: string } = {
  inline: 'too big inline request',
  line: 'too long line',
}

const NOTHING = new Uint8Array(0)

/** The input is not RESP: the text is what the client is told before it is disconnected. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

export class RespParser {
  /** Before authentication much tighter limits hold. */
  authenticated = true
  /**
   * The rules of a log instead of a client's: arrays of one or more bulk strings, each closed by CR LF, and no
   * number written in two ways. What cannot become that is refused with the first byte that shows it, so
   * whatever is still waited for at the end of a file was cut off there.
   */
  strict = false
  #maxBulkBytes = MAX_STRING_BYTES

  readonly #codec: ByteCodec
  readonly #words: WordCache
  #buffer: Uint8Array = NOTHING
  #position = 0
  #end = 0
  /** True while `#buffer` is ours and may be written to; a chunk just handed in is not. */
  #owned = false
  #arguments: string[] | undefined
  #argumentsWanted = 0
  #argumentsRead = 0
  #argumentBytes = 0
  /** Arguments that are in `#argumentBytes`. */
  #argumentsCounted = 0
  #bulkBytes = -1

  constructor(codec: ByteCodec, words: WordCache) {
    this.#codec = codec
    this.#words = words
  }

  /** proto-max-bulk-len, in bytes; never more than a string can hold. */
  set maxBulkBytes(bytes: number) {
    this.#maxBulkBytes = Math.min(bytes, MAX_STRING_BYTES)
  }

  /** Bytes received and not yet part of a returned command. */
  get bufferedBytes(): number {
    return this.#end - this.#position
  }

  /** Bytes of memory that the parser keeps for what it has received. */
  get heldBytes(): number {
    return this.#owned ? this.#buffer.length : 0
  }

  /** Bytes that the arguments of the unfinished command take so far. */
  get argumentBytes(): number {
    return this.#argumentBytes
  }

  /** The byte that comes next; -1 amid a command, and when there is none. */
  get nextByte(): number {
    if (this.#arguments !== undefined || this.#position >= this.#end) return -1
    return this.#buffer[this.#position] as number
  }

  /** Whether a part of a command has come and the rest of it has not. */
  get isAmidCommand(): boolean {
    return this.#arguments !== undefined || this.#position < this.#end
  }

  /** Hands over received bytes. They must not change until `retain` is called. */
  push(chunk: Uint8Array): void {
    const left = this.#end - this.#position
    if (left === 0) {
      this.#buffer = chunk
      this.#position = 0
      this.#end = chunk.length
      this.#owned = false
      return
    }
    const needed = left + chunk.length
    if (!this.#owned || this.#end + chunk.length > this.#buffer.length) {
      // A long bulk string comes in many chunks: doubling keeps the copying linear.
      const target =
        this.#owned && needed <= this.#buffer.length
          ? this.#buffer
          : new Uint8Array(Math.max(needed * 2, 1024))
      if (target === this.#buffer) target.copyWithin(0, this.#position, this.#end)
      else target.set(this.#buffer.subarray(this.#position, this.#end))
      this.#buffer = target
      this.#owned = true
      this.#position = 0
      this.#end = left
    }
    this.#buffer.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** Copies what is not parsed yet, so that the bytes handed over may be used for something else. */
  retain(): void {
    const left = this.#end - this.#position
    if (left === 0) {
      // What a long bulk string took is given back.
      this.#buffer = NOTHING
      this.#position = 0
      this.#end = 0
      this.#owned = false
      return
    }
    if (this.#owned) return
    const copy = new Uint8Array(Math.max(left * 2, 1024))
    copy.set(this.#buffer.subarray(this.#position, this.#end))
    this.#buffer = copy
    this.#owned = true
    this.#position = 0
    this.#end = left
  }

  /** The next whole command, or undefined until more bytes come. @throws ProtocolError */
  next(): string[] | undefined {
    for (;;) {
      if (this.#arguments === undefined) {
        if (this.#position >= this.#end) return undefined
        if (this.#buffer[this.#position] !== STAR) {
          if (this.strict) throw new ProtocolError(`expected '*', got ${shown(this.nextByte)}`)
          const words = this.#inline()
          if (words === undefined) return undefined
          if (words.length === 0) continue
          return words
        }
        const count = this.strict
          ? this.#strictCount(1, MAX_ARGUMENTS, 'invalid multibulk length')
          : this.#count('mbulk', MAX_ARGUMENTS, 'invalid multibulk length')
        if (count === undefined) return undefined
        if (count > MAX_ARGUMENTS_UNAUTHENTICATED && !this.authenticated) {
          throw new ProtocolError('unauthenticated multibulk length')
        }
        if (count <= 0) continue
        // A longer array grows with what really comes.
        this.#arguments = count <= PREPARED_ARGUMENTS ? new Array<string>(count) : []
        this.#argumentsWanted = count
        this.#argumentsRead = 0
      }
      const pending = this.#arguments
      const args = this.#finishArguments(pending)
      if (args === undefined) this.#countBytes(pending)
      else if (this.#argumentsCounted > 0) {
        this.#argumentsCounted = 0
        this.#argumentBytes = 0
      }
      return args
    }
  }

  /**
   * Takes a line that is no command; to be called between commands.
   * @param maxBytes it may have, without its end
   * @returns it without its end, or undefined until that comes
   * @throws ProtocolError when it is longer
   */
  takeLine(maxBytes: number): string | undefined {
    const end = this.#lineEnd(LF, 'line', maxBytes)
    if (end < 0) return undefined
    return this.#takeLineTo(end)
  }

  /** Adds up what has come of an unfinished command; each argument once. */
  #countBytes(args: readonly string[]): void {
    for (let i = this.#argumentsCounted; i < this.#argumentsRead; i++) {
      this.#argumentBytes += STRING_BYTES + (args[i] as string).length
    }
    this.#argumentsCounted = this.#argumentsRead
  }

  #finishArguments(args: string[]): string[] | undefined {
    if (this.#bulkBytes < 0) this.#takeShort(args)
    while (this.#argumentsRead < this.#argumentsWanted) {
      if (this.#bulkBytes < 0) {
        if (this.#position >= this.#end) return undefined
        const marker = this.#buffer[this.#position] as number
        if (marker !== DOLLAR && (this.strict || this.#lineEnd(CR, 'bulk') >= 0)) {
          throw new ProtocolError(`expected '$', got '${String.fromCharCode(marker)}'`)
        }
        const length = this.strict
          ? this.#strictCount(0, this.#maxBulkBytes, 'invalid bulk length')
          : this.#count('bulk', this.#maxBulkBytes, 'invalid bulk length')
        if (length === undefined) return undefined
        if (length < 0) throw new ProtocolError('invalid bulk length')
        if (length > MAX_BULK_UNAUTHENTICATED && !this.authenticated) {
          throw new ProtocolError('unauthenticated bulk length')
        }
        this.#bulkBytes = length
      }
      const start = this.#position
      const end = start + this.#bulkBytes
      if (this.strict) this.#checkBulkEnd(end)
      if (end + 2 > this.#end) return undefined
      args[this.#argumentsRead] = this.#text(start, end, this.#argumentsRead)
      this.#argumentsRead++
      this.#position = end + 2
      this.#bulkBytes = -1
    }
    this.#arguments = undefined
    return args
  }

  /**
   * Takes arguments of less than 100 bytes as long as they are wholly there, as nearly all are. It stops at
   * whatever is different and leaves that to the long way, which costs a whole command 6 % more.
   */
  #takeShort(args: string[]): void {
    const buffer = this.#buffer
    const available = this.#end
    const wanted = this.#argumentsWanted
    const strict = this.strict
    let read = this.#argumentsRead
    let at = this.#position
    while (read < wanted && at + 3 < available && buffer[at] === DOLLAR) {
      let length = (buffer[at + 1] as number) - ZERO
      let start = at + 4
      if (length < 0 || length > 9) break
      if (buffer[at + 2] !== CR) {
        const digit = (buffer[at + 2] as number) - ZERO
        if (digit < 0 || digit > 9 || length === 0 || buffer[at + 3] !== CR) break
        length = length * 10 + digit
        start++
      }
      const end = start + length
      if (end + 2 > available) break
      if (strict && (buffer[start - 1] !== LF || buffer[end] !== CR || buffer[end + 1] !== LF)) break
      args[read] = this.#text(start, end, read)
      read++
      at = end + 2
    }
    this.#argumentsRead = read
    this.#position = at
  }

  /** @param index of the argument; the first is the name of the command */
  #text(start: number, end: number, index: number): string {
    const length = end - start
    if (length > WORD_BYTES) return this.#codec.decode(this.#buffer, start, end)
    if (length <= (index === 0 ? NAME_BYTES : TINY_BYTES)) return this.#words.get(this.#buffer, start, end)
    return this.#words.getIfCommon(this.#buffer, start, end)
  }

  /** Reads a line like `*3` or `$12`; undefined until its end is there. */
  #count(what: string, max: number, complaint: string): number | undefined {
    const buffer = this.#buffer
    const end = this.#end
    const start = this.#position + 1
    const negative = start < end && buffer[start] === DASH
    const digits = negative ? start + 1 : start
    const last = Math.min(end, start + MAX_NUMBER_LENGTH)
    let at = digits
    let value = 0
    // The common case in one pass: digits, CR, LF, all here.
    while (at < last) {
      const digit = (buffer[at] as number) - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      at++
    }
    if (at + 1 >= end || buffer[at] !== CR) {
      const line = this.#lineEnd(CR, what)
      if (line < 0 || line + 1 >= end) return undefined
      throw new ProtocolError(complaint)
    }
    const leadingZero = buffer[digits] === ZERO && (at - digits > 1 || negative)
    const tooLarge = value > (negative ? LONGEST_NEGATIVE : max)
    if (at === digits || leadingZero || tooLarge) throw new ProtocolError(complaint)
    this.#position = at + 2
    return negative ? -value : value
  }

  /** As `#count`, by the rules of `strict`: no sign, no leading zero, every byte right as far as it has come. */
  #strictCount(least: number, most: number, complaint: string): number | undefined {
    const buffer = this.#buffer
    const end = this.#end
    const start = this.#position + 1
    let at = start
    let value = 0
    for (; at < end; at++) {
      const digit = (buffer[at] as number) - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      if (value > most || (at > start && buffer[start] === ZERO)) throw new ProtocolError(complaint)
    }
    if (at === end) return undefined
    if (at === start || value < least || buffer[at] !== CR) throw new ProtocolError(complaint)
    if (at + 1 === end) return undefined
    if (buffer[at + 1] !== LF) throw new ProtocolError(complaint)
    this.#position = at + 2
    return value
  }

  /** Refuses a bulk string that is followed by anything but CR LF, as far as that has come. */
  #checkBulkEnd(end: number): void {
    const isWrong =
      (end < this.#end && this.#buffer[end] !== CR) || (end + 1 < this.#end && this.#buffer[end + 1] !== LF)
    if (!isWrong) return
    this.#position = end
    throw new ProtocolError('a bulk string is longer or shorter than its length says')
  }

  #inline(): string[] | undefined {
    const end = this.#lineEnd(LF, 'inline')
    if (end < 0) return undefined
    const words = splitWords(this.#takeLineTo(end))
    if (words === undefined) throw new ProtocolError('unbalanced quotes in request')
    return words
  }

  /** The line that ends with the LF at `end`, or with a CR before it. */
  #takeLineTo(end: number): string {
    const start = this.#position
    this.#position = end + 1
    return this.#codec.decode(
      this.#buffer,
      start,
      end > start && this.#buffer[end - 1] === CR ? end - 1 : end,
    )
  }

  /** Where the line ends, or -1 if its end has not come; a line that is too long is refused. */
  #lineEnd(terminator: number, what: string, maxBytes = MAX_LINE_BYTES): number {
    const buffer = this.#buffer
    // No further: behind the end there may be hundreds of megabytes of an earlier bulk string.
    const last = Math.min(this.#end, this.#position + maxBytes + 1)
    for (let at = this.#position; at < last; at++) if (buffer[at] === terminator) return at
    if (this.#end - this.#position > maxBytes) {
      throw new ProtocolError(TOO_LONG[what] ?? `too big ${what} count string`)
    }
    return -1
  }
}

/** A byte for an error text. */
function shown(byte: number): string {
  const hex = byte.toString(16).padStart(2, '0')
  return byte >= 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `byte 0x${hex}`
}

/** Bytes that arguments take in memory, about. */
export function argumentBytes(args: readonly string[]): number {
  let bytes = 0
  for (let i = 0; i < args.length; i++) bytes += STRING_BYTES + (args[i] as string).length
  return bytes
}
