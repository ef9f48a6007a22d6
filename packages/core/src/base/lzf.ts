/**
 * LZF, the compression of strings in RDB files. The output is a row of pieces, each begun by a control byte:
 *
 *   000nnnnn                                n + 1 literal bytes follow, 1 to 32
 *   nnnddddd dddddddd                       copy n + 2 bytes, n 1 to 6, from d + 1 bytes back in the output
 *   111ddddd nnnnnnnn dddddddd              the same with n + 9 bytes
 *
 * The compressor remembers where it last saw each hash of three bytes, and takes the longest copy from there.
 * Its memory is kept from call to call; positions grow on from one call to the next, so that what earlier
 * calls left is recognised by being too small, and short strings pay for no clearing. Most strings are so
 * short that a new typed array would cost more than all the rest, so results are views of memory that the
 * next call writes over.
 */

import { MAX_STRING_BYTES } from './string-limit.js'

const MAX_LITERALS = 32
const MAX_DISTANCE = 8192
const MIN_COPY = 3
/** Longest copy in two bytes, and in three. */
const MAX_SHORT_COPY = 8
const MAX_COPY = 264
/** What three bytes of input can at most become. */
const MAX_EXPANSION = MAX_COPY / 3

/** Compressed bytes must be fewer by this, else they are not worth their decompression. */
const LEAST_GAIN = 4

const HASH_BITS = 14
const HASH_FACTOR = 0x9e3779b1
const MAX_POSITION = 0x7fffffff

/** Results up to this are built in memory that is used again. */
const SCRATCH_BYTES = 65_536

class Compressor {
  /** For each hash of three bytes where they were seen last, plus `#base` of the call. */
  readonly #seen = new Int32Array(1 << HASH_BITS)
  /** Above everything that earlier calls left in `#seen`. */
  #base = 1
  readonly #scratch = new Uint8Array(SCRATCH_BYTES)
  #out = this.#scratch
  #size = 0
  #limit = 0

  compress(bytes: Uint8Array): Uint8Array | undefined {
    const { length } = bytes
    if (length <= LEAST_GAIN) return undefined
    this.#limit = length - LEAST_GAIN
    this.#out = this.#limit <= SCRATCH_BYTES ? this.#scratch : new Uint8Array(this.#limit)
    this.#size = 0
    if (this.#base + length > MAX_POSITION) {
      this.#seen.fill(0)
      this.#base = 1
    }
    const isSmaller = this.#run(bytes)
    this.#base += length
    const packed = isSmaller ? this.#out.subarray(0, this.#size) : undefined
    this.#out = this.#scratch
    return packed
  }

  /** False as soon as the limit would be passed. */
  #run(bytes: Uint8Array): boolean {
    const seen = this.#seen
    const base = this.#base
    const { length } = bytes
    const lastStart = length - MIN_COPY
    let literalStart = 0
    let at = 0
    while (at <= lastStart) {
      const hash = hashAt(bytes, at)
      const from = (seen[hash] as number) - base
      seen[hash] = at + base
      if (
        from < 0 ||
        at - from > MAX_DISTANCE ||
        bytes[from] !== bytes[at] ||
        bytes[from + 1] !== bytes[at + 1] ||
        bytes[from + 2] !== bytes[at + 2]
      ) {
        at++
        continue
      }
      const longest = Math.min(length - at, MAX_COPY)
      let count = MIN_COPY
      while (count < longest && bytes[from + count] === bytes[at + count]) count++
      if (!this.#putLiterals(bytes, literalStart, at) || !this.#putCopy(at - from - 1, count)) return false
      const next = at + count
      // Of what was copied only the end is remembered: what comes next most often begins there.
      for (at = next - 2; at < next; at++) if (at <= lastStart) seen[hashAt(bytes, at)] = at + base
      literalStart = next
    }
    return this.#putLiterals(bytes, literalStart, length)
  }

  #putLiterals(bytes: Uint8Array, start: number, end: number): boolean {
    const out = this.#out
    let size = this.#size
    const count = end - start
    if (size + count + Math.ceil(count / MAX_LITERALS) > this.#limit) return false
    for (let at = start; at < end; ) {
      const runEnd = Math.min(at + MAX_LITERALS, end)
      out[size++] = runEnd - at - 1
      while (at < runEnd) out[size++] = bytes[at++] as number
    }
    this.#size = size
    return true
  }

  #putCopy(distance: number, count: number): boolean {
    const isShort = count <= MAX_SHORT_COPY
    if (this.#size + (isShort ? 2 : 3) > this.#limit) return false
    const out = this.#out
    if (isShort) {
      out[this.#size++] = ((count - 2) << 5) | (distance >> 8)
    } else {
      out[this.#size++] = 0xe0 | (distance >> 8)
      out[this.#size++] = count - MAX_SHORT_COPY - 1
    }
    out[this.#size++] = distance
    return true
  }
}

function hashAt(bytes: Uint8Array, at: number): number {
  const word = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)
  return Math.imul(word, HASH_FACTOR) >>> (32 - HASH_BITS)
}

let compressor: Compressor | undefined

/**
 * The compressed form of `bytes`. O(length).
 * @returns good until the next call; undefined where it is not at least 4 bytes shorter, as Redis wants it
 */
export function lzfCompress(bytes: Uint8Array): Uint8Array | undefined {
  compressor ??= new Compressor()
  return compressor.compress(bytes)
}

let decompressed: Uint8Array | undefined

/**
 * The `length` bytes that `bytes[start, end)` is the compressed form of. O(length) in time and memory, where
 * a length is refused at once that the input could not come to, or that is beyond the longest string.
 * @returns good until the next call; undefined when the input is malformed or comes to another length
 */
export function lzfDecompress(
  bytes: Uint8Array,
  start: number,
  end: number,
  length: number,
): Uint8Array | undefined {
  if (length > (end - start) * MAX_EXPANSION || length > MAX_STRING_BYTES) return undefined
  decompressed ??= new Uint8Array(SCRATCH_BYTES)
  const out = length <= SCRATCH_BYTES ? decompressed : new Uint8Array(length)
  let size = 0
  let at = start
  while (at < end) {
    const control = bytes[at++] as number
    if (control < MAX_LITERALS) {
      const runEnd = at + control + 1
      if (runEnd > end || size + control >= length) return undefined
      while (at < runEnd) out[size++] = bytes[at++] as number
    } else {
      let count = (control >> 5) + 2
      if (at + (count === MAX_SHORT_COPY + 1 ? 2 : 1) > end) return undefined
      if (count === MAX_SHORT_COPY + 1) count += bytes[at++] as number
      let from = size - (((control & 0x1f) << 8) | (bytes[at++] as number)) - 1
      if (from < 0 || size + count > length) return undefined
      // One by one: a copy may read what it has itself just written.
      for (const copyEnd = size + count; size < copyEnd; ) out[size++] = out[from++] as number
    }
  }
  return size === length ? out.subarray(0, length) : undefined
}
