/**
 * Reads an RDB file as its bytes come. Chunks are pushed in; `parse` takes whole records from them and hands
 * what they say to a sink. A record of which the end has not come is left, and read again from its start when
 * there are at least twice as many bytes, so that the work stays linear in the size of the file however it is
 * cut into chunks; small records are never copied twice.
 *
 * The file is one header, then opcodes and keys, an end mark, and since version 5 a checksum over all of it.
 */

import { Crc64 } from '../base/crc64.js'
import type { ByteCodec } from '../base/host.js'
import type { Keyspace } from '../keyspace/keyspace.js'
import type { Value } from '../keyspace/value.js'
import { corrupt } from './corrupt.js'
import { skipModuleAux } from './module-data.js'
import { NEED_MORE, RdbInput } from './rdb-input.js'
import { FIRST_CHECKSUM_VERSION, NEWEST_RDB_VERSION, RdbOpcode } from './rdb-types.js'
import { sharingCodec } from './sharing-codec.js'
import { readValue } from './value-reader.js'

const HEADER_BYTES = 9
const CHECKSUM_BYTES = 8
const NO_BYTES = new Uint8Array(0)

/** Takes what the file has, in its order. What it throws ends the reading. */
export interface RdbSink {
  /** A fact about the file, such as `redis-ver`. */
  aux(name: string, value: string): void
  /** The keys that follow are in this database. */
  selectDb(index: number): void
  /** How many keys the database has, and how many of them expire: hints. */
  resizeDb(keys: number, expiring: number): void
  /**
   * @param expiryMs Unix time in ms, 0 for never; may have passed
   * @param idleSeconds since it was used, -1 if the file does not say
   * @param frequency how often it was used, 0 to 255, -1 if the file does not say
   */
  entry(key: string, value: Value, expiryMs: number, idleSeconds: number, frequency: number): void
  /** A key with a collection that has no elements, as old servers could leave behind: it is to be left out. */
  emptyKey(key: string): void
  /** Source of a library of functions. */
  functionLibrary(code: string): void
}

export interface RdbReaderOptions {
  /** Bytes of the whole file, if that is known: a count that it cannot hold is then refused at once. */
  readonly totalBytes?: number
  /** Whether the checksum is compared; true unless given. */
  readonly checksum?: boolean
}

export class RdbReader {
  /** Of the format, once the header has been read; 0 before. */
  version = 0
  /** Whether all of the file has been read. */
  ended = false

  readonly #input: RdbInput
  readonly #checksum: Crc64 | undefined
  #totalBytes: number
  /** The window: `#bytes[#record, #end)` is not read yet, and `#record` is where a record begins. */
  #bytes: Uint8Array = NO_BYTES
  #record = 0
  #end = 0
  /** Where the window begins in the file. */
  #windowOffset = 0
  /** Up to where the checksum has gone over the window. */
  #checksumAt = 0
  /** Chunks behind the window, and their bytes. */
  #chunks: Uint8Array[] = []
  #chunkBytes = 0
  #isWhole = false
  /** Bytes from `#record` on without which it is no use trying again. */
  #wantedBytes = HEADER_BYTES

  // What opcodes say of the next key.
  #expiryMs = 0
  #idleSeconds = -1
  #frequency = -1

  /** @param keyspace what values are made for: its limits of encodings, its clock */
  constructor(
    codec: ByteCodec,
    private readonly keyspace: Keyspace,
    private readonly sink: RdbSink,
    options: RdbReaderOptions = {},
  ) {
    this.#input = new RdbInput(codec, sharingCodec(codec))
    this.#totalBytes = options.totalBytes ?? Number.POSITIVE_INFINITY
    this.#checksum = options.checksum === false ? undefined : new Crc64()
  }

  /** Bytes of the file that have been read: where the next record begins, after an error the one with the fault. */
  get offset(): number {
    return this.#windowOffset + this.#record
  }

  /** Adds the next bytes of the file; they must not change any more. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#chunkBytes += bytes.length
  }

  /** Says that all bytes have been pushed: from now on what is not whole is corrupt. */
  finish(): void {
    this.#isWhole = true
    this.#totalBytes = this.#windowOffset + this.#end + this.#chunkBytes
  }

  /**
   * Reads on: `records` of them at the most, a key counting as one, however large it is.
   * @returns whether more can be read now; false means that bytes have to come first, or that it has `ended`
   * @throws CorruptError with what is wrong in the record at `offset`; nothing may be read after that
   */
  parse(records: number): boolean {
    if (this.ended || !this.#refill()) return false
    const input = this.#input
    let left = records
    try {
      while (left > 0 && !this.ended) {
        this.#readRecord()
        this.#record = input.at
        left--
      }
    } catch (error) {
      if (error !== NEED_MORE) throw error
      const wanted = Math.max(input.wantedEnd - this.#record, (this.#end - this.#record) * 2)
      this.#wantedBytes = Math.min(wanted, this.#totalBytes - this.offset)
    }
    this.#updateChecksum(this.#record)
    return !this.ended && (left === 0 || this.#canRefill)
  }

  /** After the end: the bytes that came behind the file. */
  rest(): Uint8Array[] {
    return [this.#bytes.subarray(this.#record, this.#end), ...this.#chunks].filter(({ length }) => length > 0)
  }

  // ---- the window ---------------------------------------------------------------------------------------

  get #canRefill(): boolean {
    return this.#isWhole || this.#end - this.#record + this.#chunkBytes >= this.#wantedBytes
  }

  /** Makes the window large enough for another try; says whether it is. */
  #refill(): boolean {
    if (!this.#canRefill) return false
    const kept = this.#end - this.#record
    if (kept < this.#wantedBytes && this.#chunks.length > 0) {
      let bytes = kept
      let count = 0
      while (bytes < this.#wantedBytes && count < this.#chunks.length) {
        bytes += (this.#chunks[count++] as Uint8Array).length
      }
      const chunks = this.#chunks.splice(0, count)
      this.#chunkBytes -= bytes - kept
      this.#setWindow(kept === 0 && count === 1 ? (chunks[0] as Uint8Array) : this.#joined(bytes, chunks))
    }
    const behind = Math.max(this.#totalBytes - this.#windowOffset - this.#end, this.#chunkBytes)
    this.#input.setWindow(this.#bytes, this.#record, this.#end, behind)
    this.#wantedBytes = 1
    return true
  }

  #joined(count: number, chunks: readonly Uint8Array[]): Uint8Array {
    const bytes = new Uint8Array(count)
    bytes.set(this.#bytes.subarray(this.#record, this.#end))
    let at = this.#end - this.#record
    for (const chunk of chunks) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    return bytes
  }

  #setWindow(bytes: Uint8Array): void {
    this.#windowOffset += this.#record
    this.#bytes = bytes
    this.#record = 0
    this.#end = bytes.length
    this.#checksumAt = 0
  }

  #updateChecksum(end: number): void {
    this.#checksum?.update(this.#bytes, this.#checksumAt, end)
    this.#checksumAt = end
  }

  // ---- records ------------------------------------------------------------------------------------------

  #readRecord(): void {
    const { sink } = this
    const input = this.#input
    if (this.version === 0) {
      this.#readHeader()
      return
    }
    const kind = input.byte()
    if (kind < RdbOpcode.SLOT_INFO) {
      this.#readEntry(kind)
      return
    }
    switch (kind) {
      case RdbOpcode.EXPIRY_MS:
        this.#expiryMs = expiryOf(input.int64())
        return
      case RdbOpcode.EXPIRY_SECONDS:
        this.#expiryMs = expiryOf(input.int32() * 1000)
        return
      case RdbOpcode.IDLE:
        this.#idleSeconds = input.length()
        return
      case RdbOpcode.FREQUENCY:
        this.#frequency = input.byte()
        return
      case RdbOpcode.SELECT_DB:
        sink.selectDb(input.length())
        return
      case RdbOpcode.RESIZE_DB: {
        const keys = input.length()
        sink.resizeDb(keys, input.length())
        return
      }
      case RdbOpcode.SLOT_INFO:
        for (let i = 0; i < 3; i++) input.length()
        return
      case RdbOpcode.AUX: {
        const name = input.string()
        sink.aux(name, input.string())
        return
      }
      case RdbOpcode.FUNCTION_2:
        sink.functionLibrary(input.string())
        return
      case RdbOpcode.FUNCTION_PRE_GA:
        return corrupt('functions in a format that was given up before Redis 7.0')
      case RdbOpcode.MODULE_AUX:
        skipModuleAux(input)
        return
      default:
        this.#readEnd()
    }
  }

  #readHeader(): void {
    const header = this.#input.text(HEADER_BYTES)
    if (!header.startsWith('REDIS')) corrupt('this is no RDB file: it does not begin with REDIS')
    const digits = header.slice(5)
    if (!/^\d{4}$/.test(digits) || digits === '0000') corrupt(`${digits} is no version of the RDB format`)
    const version = Number(digits)
    if (version > NEWEST_RDB_VERSION) {
      corrupt(`it is in version ${version} of the RDB format; ${NEWEST_RDB_VERSION} is the newest known here`)
    }
    this.version = version
  }

  #readEntry(type: number): void {
    const key = this.#input.string()
    const value = readValue(this.#input, type, this.keyspace)
    if (value === undefined) this.sink.emptyKey(key)
    else this.sink.entry(key, value, this.#expiryMs, this.#idleSeconds, this.#frequency)
    this.#expiryMs = 0
    this.#idleSeconds = -1
    this.#frequency = -1
  }

  #readEnd(): void {
    const input = this.#input
    if (this.version >= FIRST_CHECKSUM_VERSION) {
      const start = input.at
      input.skip(CHECKSUM_BYTES)
      if (this.#checksum !== undefined) {
        this.#updateChecksum(start)
        if (!isZero(this.#bytes, start) && !this.#checksum.equals(this.#bytes, start)) {
          corrupt('the checksum at its end is not that of what was read')
        }
      }
    }
    this.ended = true
  }
}

/** The expiry of a key as a dictionary has it; whatever is not after 1970 is in the past, but -1 is none. */
function expiryOf(timeMs: number): number {
  if (timeMs === -1) return 0
  return Math.min(Math.max(timeMs, 1), Number.MAX_SAFE_INTEGER)
}

/** Whether the checksum at `at` says that there is none. */
function isZero(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < CHECKSUM_BYTES; i++) if (bytes[at + i] !== 0) return false
  return true
}
