/**
 * The checksum of RDB files and DUMP payloads: CRC-64 of Jones' polynomial, reflected, from 0, not inverted.
 *
 * A 64-bit word is two 32-bit halves, as JavaScript has no fast 64-bit integer. Eight bytes are taken at a
 * time, each through a table of its own that says what it has come to by the end of the eight ("slicing by
 * 8"). All tables together are 16 KB, and built when first used.
 */

/** The polynomial 0xad93d23594c935a9 with its bits reversed, in halves. */
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0
const POLYNOMIAL_HIGH = 0x95ac9329 | 0

/** Bytes taken in one step, and tables. */
const STEP = 8
/** Elements of one table: a low and a high half for every value of a byte. */
const TABLE_LENGTH = 512

let sharedTables: Int32Array | undefined

/** Table k, at `k * TABLE_LENGTH`, has what a byte becomes when k zero bytes come after it. */
function buildTables(): Int32Array {
  const tables = new Int32Array(STEP * TABLE_LENGTH)
  for (let byte = 0; byte < 256; byte++) {
    let low = byte
    let high = 0
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = low & 1
      low = (low >>> 1) | (high << 31)
      high >>>= 1
      if (isOdd) {
        low ^= POLYNOMIAL_LOW
        high ^= POLYNOMIAL_HIGH
      }
    }
    tables[byte * 2] = low
    tables[byte * 2 + 1] = high
  }
  for (let at = TABLE_LENGTH; at < tables.length; at += 2) {
    const low = tables[at - TABLE_LENGTH] as number
    const high = tables[at - TABLE_LENGTH + 1] as number
    const byte = (low & 0xff) * 2
    tables[at] = ((low >>> 8) | (high << 24)) ^ (tables[byte] as number)
    tables[at + 1] = (high >>> 8) ^ (tables[byte + 1] as number)
  }
  return tables
}

export class Crc64 {
  readonly #tables: Int32Array
  #low = 0
  #high = 0

  constructor() {
    sharedTables ??= buildTables()
    this.#tables = sharedTables
  }

  /** Whether the checksum is 0, which stands for "not computed" at the end of an RDB file. */
  get isZero(): boolean {
    return this.#low === 0 && this.#high === 0
  }

  /** Back to the checksum of no bytes. */
  reset(): void {
    this.#low = 0
    this.#high = 0
  }

  /** Goes on over `bytes[start, end)`. O(end - start). */
  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const t = this.#tables
    let low = this.#low
    let high = this.#high
    let at = start
    for (const last = end - STEP; at <= last; at += STEP) {
      const a = ((((bytes[at] as number) ^ low) & 0xff) << 1) | 0xe00
      const b = ((((bytes[at + 1] as number) ^ (low >>> 8)) & 0xff) << 1) | 0xc00
      const c = ((((bytes[at + 2] as number) ^ (low >>> 16)) & 0xff) << 1) | 0xa00
      const d = (((bytes[at + 3] as number) ^ (low >>> 24)) << 1) | 0x800
      const e = ((((bytes[at + 4] as number) ^ high) & 0xff) << 1) | 0x600
      const f = ((((bytes[at + 5] as number) ^ (high >>> 8)) & 0xff) << 1) | 0x400
      const g = ((((bytes[at + 6] as number) ^ (high >>> 16)) & 0xff) << 1) | 0x200
      const h = ((bytes[at + 7] as number) ^ (high >>> 24)) << 1
      low =
        (t[a] as number) ^
        (t[b] as number) ^
        (t[c] as number) ^
        (t[d] as number) ^
        (t[e] as number) ^
        (t[f] as number) ^
        (t[g] as number) ^
        (t[h] as number)
      high =
        (t[a + 1] as number) ^
        (t[b + 1] as number) ^
        (t[c + 1] as number) ^
        (t[d + 1] as number) ^
        (t[e + 1] as number) ^
        (t[f + 1] as number) ^
        (t[g + 1] as number) ^
        (t[h + 1] as number)
    }
    for (; at < end; at++) {
      const index = (((bytes[at] as number) ^ low) & 0xff) << 1
      low = ((low >>> 8) | (high << 24)) ^ (t[index] as number)
      high = (high >>> 8) ^ (t[index + 1] as number)
    }
    this.#low = low
    this.#high = high
  }

  /** Writes the checksum at `offset`: 8 bytes, little-endian. */
  writeTo(bytes: Uint8Array, offset: number): void {
    for (let i = 0; i < 4; i++) {
      bytes[offset + i] = this.#low >>> (i * 8)
      bytes[offset + 4 + i] = this.#high >>> (i * 8)
    }
  }

  /** Whether the 8 bytes at `offset` are the checksum as `writeTo` writes it. */
  equals(bytes: Uint8Array, offset: number): boolean {
    for (let i = 0; i < 4; i++) {
      if (bytes[offset + i] !== ((this.#low >>> (i * 8)) & 0xff)) return false
      if (bytes[offset + 4 + i] !== ((this.#high >>> (i * 8)) & 0xff)) return false
    }
    return true
  }
}
