/**
 * A whole RDB file: what stands around the keys, the keys in any order and from any number of output buffers,
 * and the checksum at the end. The checksum goes over the pieces as they are taken from the buffers, so they
 * have to be taken in the order of the file.
 */

import { Crc64 } from '../base/crc64.js'
import type { ByteCodec } from '../base/host.js'
import type { Keyspace } from '../keyspace/keyspace.js'
import type { Value } from '../keyspace/value.js'
import type { OutputBuffer } from '../protocol/output-buffer.js'
import { RdbOutput } from './rdb-output.js'
import { FIELD_EXPIRY_RDB_VERSION, RdbOpcode, USUAL_RDB_VERSION } from './rdb-types.js'
import { typeOfWritten, writeValue } from './value-writer.js'

export interface RdbFileOptions {
  /** Names and values in turn: what the file says of itself. */
  readonly aux: readonly string[]
  /** Source of libraries of functions. */
  readonly functions: readonly string[]
  /** Whether strings are compressed. */
  readonly compresses: boolean
  /** Without it the checksum is 0, and nobody checks it. */
  readonly checksum: boolean
  /** Whether it is noted with each key how long ago it was used, as policies of eviction by last use need it. */
  readonly idleTimes: boolean
}

/** The version of the format that a file with all of `keyspace` has to be of. */
function versionFor(keyspace: Keyspace): number {
  const expires = keyspace.databases.some((db) => db.hashesWithExpiringFields.size > 0)
  return expires ? FIELD_EXPIRY_RDB_VERSION : USUAL_RDB_VERSION
}

export class RdbFileWriter {
  readonly #outputs = new Map<OutputBuffer, RdbOutput>()
  readonly #checksum = new Crc64()
  readonly #version: number
  #checksumIsDue = false

  /** Of what `keyspace` holds now: that decides on the version. */
  constructor(
    private readonly keyspace: Keyspace,
    private readonly codec: ByteCodec,
    private readonly options: RdbFileOptions,
  ) {
    this.#version = versionFor(keyspace)
  }

  begin(buffer: OutputBuffer): void {
    const out = this.#output(buffer)
    const { aux, functions } = this.options
    buffer.write(`REDIS${String(this.#version).padStart(4, '0')}`)
    for (let i = 0; i < aux.length; i += 2) {
      out.byte(RdbOpcode.AUX)
      out.string(aux[i] as string)
      out.string(aux[i + 1] as string)
    }
    for (const code of functions) {
      out.byte(RdbOpcode.FUNCTION_2)
      out.string(code)
    }
  }

  /** The keys that follow are in database `db`. @param keys that it has, if that is to be told, as a hint */
  selectDb(buffer: OutputBuffer, db: number, keys: number | undefined, expiring: number): void {
    const out = this.#output(buffer)
    out.byte(RdbOpcode.SELECT_DB)
    out.length(db)
    if (keys === undefined) return
    out.byte(RdbOpcode.RESIZE_DB)
    out.length(keys)
    out.length(expiring)
  }

  /**
   * Writes a key and what it holds.
   * @param expiryMs Unix time in ms, 0 for never
   * @param access as the dictionary keeps it
   * @returns as `writeValue`
   */
  entry(
    buffer: OutputBuffer,
    key: string,
    value: Value,
    expiryMs: number,
    access: number,
  ): IterableIterator<void> | undefined {
    const out = this.#output(buffer)
    if (expiryMs !== 0) {
      out.byte(RdbOpcode.EXPIRY_MS)
      out.int64(expiryMs)
    }
    const { frequency } = this.keyspace
    if (frequency !== undefined) {
      out.byte(RdbOpcode.FREQUENCY)
      out.byte(frequency.countOf(access))
    } else if (this.options.idleTimes) {
      out.byte(RdbOpcode.IDLE)
      out.length(this.keyspace.idleSecondsOf(access))
    }
    out.byte(typeOfWritten(value))
    out.string(key)
    return writeValue(out, value)
  }

  /** The last thing to be written; the checksum comes with the `take` that follows. */
  end(buffer: OutputBuffer): void {
    buffer.writeByte(RdbOpcode.END)
    this.#checksumIsDue = true
  }

  /** Appends what has been written to `pieces`. */
  take(buffer: OutputBuffer, pieces: Uint8Array[]): void {
    let next = pieces.length
    buffer.take(pieces)
    if (this.options.checksum) {
      for (; next < pieces.length; next++) this.#checksum.update(pieces[next] as Uint8Array)
    }
    if (!this.#checksumIsDue) return
    this.#checksumIsDue = false
    const checksum = new Uint8Array(8)
    if (this.options.checksum) this.#checksum.writeTo(checksum, 0)
    pieces.push(checksum)
  }

  #output(buffer: OutputBuffer): RdbOutput {
    let out = this.#outputs.get(buffer)
    if (out === undefined) {
      out = new RdbOutput(buffer, this.codec, this.options.compresses)
      this.#outputs.set(buffer, out)
    }
    return out
  }
}
