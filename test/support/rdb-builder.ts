/**
 * Makes RDB files from the description of their format, of any version and with any encoding, so that the
 * reader can be tried on what the servers at hand do not write. Bytes are handled as byte strings here.
 */
import { littleEndian } from './old-packed-forms.js'

const byte = (value: number): string => String.fromCharCode(value)
const bigEndian = (value: number | bigint, size: number): string =>
  [...littleEndian(value, size)].reverse().join('')

/** A length in the fewest bytes. */
export function length(value: number | bigint): string {
  if (value < 64) return byte(Number(value))
  if (value < 16_384) return bigEndian(0x4000 | Number(value), 2)
  return value < 2 ** 32 ? `\x80${bigEndian(value, 4)}` : `\x81${bigEndian(value, 8)}`
}

/** A string as it is. */
export const plain = (text: string): string => length(text.length) + text

/** A string that is an integer, in `size` bytes: 1, 2 or 4. */
export const integer = (value: number, size: 1 | 2 | 4): string =>
  byte(0xc0 + [1, 2, 4].indexOf(size)) + littleEndian(value, size)

/** A string compressed by LZF, as literals only; with `repeats` its last 3 bytes come 264 bytes again. */
export function compressed(text: string, repeats = false): string {
  let packed = ''
  for (let at = 0; at < text.length; at += 32) {
    const run = text.slice(at, at + 32)
    packed += byte(run.length - 1) + run
  }
  if (repeats) packed += '\xe0\xff\x02'
  return `\xc3${length(packed.length)}${length(text.length + (repeats ? 264 : 0))}${packed}`
}

/** The text that `compressed` with `repeats` stands for. */
export const repeated = (text: string): string => text + text.slice(-3).repeat(88)

/** A double in 8 bytes. */
export function double(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes.toString('latin1')
}

/** A score of a sorted set of before Redis 4, as text. */
export function textScore(value: number): string {
  if (Number.isNaN(value)) return '\xfd'
  if (value === Number.POSITIVE_INFINITY) return '\xfe'
  if (value === Number.NEGATIVE_INFINITY) return '\xff'
  const text = String(value)
  return byte(text.length) + text
}

/** The number of some parts, and these. */
export const counted = (parts: readonly string[], count = parts.length): string =>
  length(count) + parts.join('')

/** Redis's intset of integers in rising order, `width` bytes each. */
export const intset = (values: readonly bigint[], width: 2 | 4 | 8): string =>
  littleEndian(width, 4) +
  littleEndian(values.length, 4) +
  values.map((value) => littleEndian(value, width)).join('')

/** An ID of an entry of a stream, as in nodes and among pending entries. */
export const entryId = (ms: number | bigint, seq: number | bigint): string =>
  bigEndian(ms, 8) + bigEndian(seq, 8)

/** The number of a module's type, made of its name of nine characters and a version. */
export function moduleId(name: string, version = 0): bigint {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return (
    ([...name].reduce((id, c) => (id << 6n) | BigInt(characters.indexOf(c)), 0n) << 10n) | BigInt(version)
  )
}

/** CRC-64 of Jones, bit by bit. */
function crc64(text: string): bigint {
  let crc = 0n
  for (let i = 0; i < text.length; i++) {
    crc ^= BigInt(text.charCodeAt(i))
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n
  }
  return crc
}

/** A file, record by record. */
export class RdbBuilder {
  #text: string

  constructor(readonly version: number) {
    this.#text = `REDIS${String(version).padStart(4, '0')}`
  }

  /** Bytes as they are. */
  add(bytes: string): this {
    this.#text += bytes
    return this
  }

  aux(name: string, value: string): this {
    return this.add(`\xfa${plain(name)}${plain(value)}`)
  }

  selectDb(db: number): this {
    return this.add(`\xfe${length(db)}`)
  }

  resizeDb(keys: number, expiring: number): this {
    return this.add(`\xfb${length(keys)}${length(expiring)}`)
  }

  expirySeconds(seconds: number): this {
    return this.add(`\xfd${littleEndian(seconds, 4)}`)
  }

  expiryMs(ms: number | bigint): this {
    return this.add(`\xfc${littleEndian(ms, 8)}`)
  }

  idle(seconds: number): this {
    return this.add(`\xf8${length(seconds)}`)
  }

  frequency(count: number): this {
    return this.add(`\xf9${byte(count)}`)
  }

  /** @param body the value, as the type has it */
  entry(type: number, key: string, body: string): this {
    return this.add(byte(type) + plain(key) + body)
  }

  /** The end mark and, where the version has one, the checksum: `right`, of zeros, or not there at all. */
  end(checksum: 'right' | 'zero' | 'none' = this.version < 5 ? 'none' : 'right'): Buffer {
    const text = `${this.#text}\xff`
    const tail = checksum === 'none' ? '' : littleEndian(checksum === 'zero' ? 0n : crc64(text), 8)
    return Buffer.from(text + tail, 'latin1')
  }

  /** What has been built so far, without an end. */
  get bytes(): Buffer {
    return Buffer.from(this.#text, 'latin1')
  }
}

/** What DUMP would give for a type and a value: with version and checksum. */
export function payload(type: number, body: string, version = 10): string {
  const text = byte(type) + body + littleEndian(version, 2)
  return text + littleEndian(crc64(text), 8)
}
