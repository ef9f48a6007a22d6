/**
 * DEBUG DIGEST: a fingerprint of data that is equal to redis-server's for equal data, so that the two can be
 * compared without listing anything. Two ways to add to a digest of 20 bytes carry it: `mix`, where the order
 * counts, and `xor`, where it does not. Elements of sets, hashes and sorted sets, keys and databases' keys are
 * combined by `xor`, the parts of one element and what a list or a stream has in its order by `mix`.
 *
 * Cost: some SHA-1 calls for each element.
 */

import { formatDouble17 } from '../base/double.js'
import { hexOf } from '../base/hex.js'
import { sha1 } from '../base/sha1.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import type { Database } from './database.js'
import { toText } from './string-value.js'
import { typeOf, type Value } from './value.js'

const DIGEST_BYTES = 20

/** Redis's numbers of the types. */
const TYPE_NUMBERS = { string: 0, list: 1, set: 2, zset: 3, hash: 4, stream: 6 } as const

/** Elements of a list that are looked at together. */
const LIST_STEP = 1000

class Digest {
  bytes: Uint8Array = new Uint8Array(DIGEST_BYTES)

  /** Adds data; in which order it comes does not count, and the same data twice cancels out. */
  xor(data: string | Uint8Array): this {
    const { bytes } = this
    const hash = sha1(data)
    for (let i = 0; i < DIGEST_BYTES; i++) bytes[i] = (bytes[i] as number) ^ (hash[i] as number)
    return this
  }

  /** Adds data in its turn. */
  mix(data: string | Uint8Array): this {
    this.bytes = sha1(this.xor(data).bytes)
    return this
  }

  /** 40 hex digits. */
  toString(): string {
    return hexOf(this.bytes)
  }
}

/** The digest of all databases, 40 hex digits. Looks at the clock of no key: what has expired still counts. */
export function datasetDigest(databases: readonly Database[]): string {
  const all = new Digest()
  for (const { index, dict } of databases) {
    if (dict.size === 0) continue
    all.mix(bigEndian(index))
    dict.forEach((key, value, slot) => {
      const digest = new Digest().mix(key)
      addValue(digest, value, dict.expiryAt(slot) !== 0)
      all.xor(digest.bytes)
    })
  }
  return all.toString()
}

/** The digest of what a key holds, without its name, 40 hex digits; zeros if it is not there. */
export function valueDigest(db: Database, key: string): string {
  const digest = new Digest()
  const slot = db.dict.find(key)
  if (slot >= 0) addValue(digest, db.dict.valueAt(slot), db.dict.expiryAt(slot) !== 0)
  return digest.toString()
}

function bigEndian(number: number): Uint8Array {
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)
}

function addValue(digest: Digest, value: Value, expires: boolean): void {
  digest.mix(bigEndian(TYPE_NUMBERS[typeOf(value)]))
  addContent(digest, value)
  if (expires) digest.xor('!!expire!!')
}

function addContent(digest: Digest, value: Value): void {
  if (typeof value !== 'object' || value instanceof GrowBytes) {
    digest.mix(toText(value))
    return
  }
  switch (value.type) {
    case 'list':
      for (let start = 0; start < value.length; start += LIST_STEP) {
        const count = Math.min(LIST_STEP, value.length - start)
        for (const element of value.slice(start, count)) digest.mix(element)
      }
      return
    case 'set':
      value.forEach((member) => {
        digest.xor(member)
      })
      return
    case 'zset':
      value.forEach((member, score) => {
        digest.xor(new Digest().mix(member).mix(formatDouble17(score)).bytes)
      })
      return
    case 'hash': {
      const entries = value.entries()
      for (let i = 0; i < entries.length; i += 2) {
        const field = entries[i] as string
        const entry = new Digest().mix(field).mix(entries[i + 1] as string)
        if (value.expiryOf(field) > 0) entry.xor('!!hexpire!!')
        digest.xor(entry.bytes)
      }
      return
    }
    case 'stream':
      value.log.forEach((ms, seq, node, index) => {
        digest.mix(`${ms}.${seq}`)
        for (const word of node.fieldsAt(index)) digest.mix(word)
      })
  }
}
