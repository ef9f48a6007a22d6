/**
 * Byte strings seen before, found by their bytes: a direct-mapped cache. Creating a string is a call into the
 * runtime, so command names, option words and tiny values are taken from here; equal tiny values then also
 * share one string in memory. A word that is not there displaces whatever had its place: always bounded.
 */

import type { ByteCodec } from '../base/host.js'

const PLACES = 4096
/** Words not found, beyond those found, after which `getIfCommon` gives up for `PAUSE` words. */
const MOST_LUCK = 64
const TRIAL = 16
const PAUSE = 512

export class WordCache {
  readonly #words: string[] = new Array<string>(PLACES).fill('')
  readonly #codec: ByteCodec
  #luck = TRIAL

  constructor(codec: ByteCodec) {
    this.#codec = codec
  }

  /** The byte string of `bytes[start, end)`; meant for up to some 20 bytes. */
  get(bytes: Uint8Array, start: number, end: number): string {
    const place = placeOf(bytes, start, end)
    const word = this.#words[place] as string
    return isWord(word, bytes, start, end) ? word : this.#add(place, bytes, start, end)
  }

  /**
   * As `get`, for words that may be common, such as keys in use again and again, or all different: as long as
   * the search finds too little it is left out, and tried anew now and then.
   */
  getIfCommon(bytes: Uint8Array, start: number, end: number): string {
    if (this.#luck <= 0) {
      if (++this.#luck > 0) this.#luck = TRIAL
      return this.#codec.decode(bytes, start, end)
    }
    const place = placeOf(bytes, start, end)
    const word = this.#words[place] as string
    if (isWord(word, bytes, start, end)) {
      if (this.#luck < MOST_LUCK) this.#luck++
      return word
    }
    if (--this.#luck === 0) this.#luck = -PAUSE
    return this.#add(place, bytes, start, end)
  }

  #add(place: number, bytes: Uint8Array, start: number, end: number): string {
    const word = this.#codec.decode(bytes, start, end)
    this.#words[place] = word
    return word
  }
}

function placeOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  for (let i = start; i < end; i++) hash = Math.imul(hash, 31) + (bytes[i] as number)
  return (hash ^ (hash >>> 12)) & (PLACES - 1)
}

function isWord(word: string, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (word.length !== length) return false
  for (let i = 0; i < length; i++) if (word.charCodeAt(i) !== bytes[start + i]) return false
  return true
}
