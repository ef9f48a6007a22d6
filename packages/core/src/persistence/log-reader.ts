/**
 * Reads one file of the append-only log: commands as RESP arrays, MULTI and EXEC around what is atomic, and
 * lines of annotation between them. The parser of requests does the work, by its strict rules; this adds where
 * in the file everything is, because a log that was cut off is repaired by cutting it behind its last whole
 * command or transaction.
 *
 * An old log may begin with an RDB (`beginsWithRdb`). Its bytes go to the RDB reader, and what follows them
 * comes here with the offset where the RDB ended.
 */
import type { ByteCodec } from '../base/host.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { ProtocolError, RespParser } from '../protocol/resp-parser.js'
import type { WordCache } from '../protocol/word-cache.js'
import { corrupt } from '../rdb/corrupt.js'

/** The first bytes of every RDB. */
const RDB_MAGIC = 'REDIS'
export const RDB_MAGIC_BYTES = RDB_MAGIC.length

/** The longest annotation that Redis reads has 1023 bytes with its line's end. */
const MAX_ANNOTATION_BYTES = 1022
const HASH = 0x23

/** The commands between MULTI and EXEC, which are carried out together. */
export type LogTransaction = readonly (readonly string[])[]

/** What is whole by itself: a command, which has at least its name, or a transaction, which may be empty. */
export type LogUnit = readonly string[] | LogTransaction

export function isTransaction(unit: LogUnit): unit is LogTransaction {
  return typeof unit[0] !== 'string'
}

/** Whether a file begins with an RDB. @param bytes its beginning, at least `RDB_MAGIC_BYTES` if it has them */
export function beginsWithRdb(bytes: Uint8Array): boolean {
  for (let i = 0; i < RDB_MAGIC_BYTES; i++) if (bytes[i] !== RDB_MAGIC.charCodeAt(i)) return false
  return true
}

export interface LogReaderOptions {
  /** Where in the file the log begins, in bytes; 0 unless an RDB comes before it. */
  readonly offset?: number
  /** Receives the text of each annotation, with its `#` and without its line's end: `#TS:1700000000`. */
  readonly onAnnotation?: (text: string) => void
}

export class LogReader {
  readonly #parser: RespParser
  readonly #onAnnotation: ((text: string) => void) | undefined
  /** Behind the last byte that was handed over. */
  #pushedTo: number
  /** Where the command begins that is being read. */
  #commandStart: number
  #offset: number
  #faultOffset: number | undefined
  /** Commands since the MULTI whose EXEC has not come. */
  #open: (readonly string[])[] | undefined

  /** @param words where common strings are shared; the engine's own serves well */
  constructor(codec: ByteCodec, words: WordCache, options: LogReaderOptions = {}) {
    this.#parser = new RespParser(codec, words)
    this.#parser.strict = true
    this.#pushedTo = options.offset ?? 0
    this.#commandStart = this.#pushedTo
    this.#offset = this.#pushedTo
    this.#onAnnotation = options.onAnnotation
  }

  /** Where the last whole command or transaction ends, in bytes from the beginning of the file. */
  get offset(): number {
    return this.#offset
  }

  /** Where the byte is that cannot be right; undefined unless `next` has thrown. */
  get faultOffset(): number | undefined {
    return this.#faultOffset
  }

  /** Whether a MULTI has come and its EXEC has not. */
  get isInTransaction(): boolean {
    return this.#open !== undefined
  }

  /** Hands over the next bytes of the file. They must not change afterwards. Cost: no more than a copy. */
  push(bytes: Uint8Array): void {
    this.#parser.push(bytes)
    this.#pushedTo += bytes.length
  }

  /**
   * The next command or transaction, or undefined until more bytes come.
   * @throws CorruptError when these bytes are no log; the reader is not to be used any further
   */
  next(): LogUnit | undefined {
    for (;;) {
      const args = this.#command()
      if (args === undefined) return undefined
      const start = this.#commandStart
      this.#commandStart = this.#position
      const name = args[0] as string
      if (name.length === 5 && equalsIgnoreCase(name, 'multi')) {
        if (this.#open !== undefined) this.#fail('MULTI inside a transaction', start)
        this.#open = []
      } else if (name.length === 4 && equalsIgnoreCase(name, 'exec')) {
        const commands = this.#open
        if (commands === undefined) this.#fail('EXEC without MULTI', start)
        this.#open = undefined
        this.#offset = this.#commandStart
        return commands
      } else if (this.#open !== undefined) {
        this.#open.push(args)
      } else {
        this.#offset = this.#commandStart
        return args
      }
    }
  }

  /**
   * Says that the file ends here. Annotations at its end belong to it: `offset` is then behind them.
   * @returns what is wrong with the end, or undefined if it is whole; `offset` is where it is to be cut
   */
  finish(): string | undefined {
    if (this.#parser.isAmidCommand) return `the file ends inside a ${this.#unit}`
    if (this.#open !== undefined) return 'the file ends inside a transaction'
    this.#offset = this.#commandStart
    return undefined
  }

  get #unit(): string {
    if (this.#open !== undefined) return 'transaction'
    return this.#parser.nextByte === HASH ? 'line of annotation' : 'command'
  }

  /** Offset in the file of the next byte that is not used. */
  get #position(): number {
    return this.#pushedTo - this.#parser.bufferedBytes
  }

  #command(): readonly string[] | undefined {
    try {
      while (this.#parser.nextByte === HASH) {
        const line = this.#parser.takeLine(MAX_ANNOTATION_BYTES)
        if (line === undefined) return undefined
        this.#commandStart = this.#position
        this.#onAnnotation?.(line)
      }
      return this.#parser.next()
    } catch (error) {
      if (error instanceof ProtocolError) this.#fail(error.message, this.#position)
      throw error
    }
  }

  #fail(reason: string, offset: number): never {
    this.#faultOffset = offset
    corrupt(reason)
  }
}
