/**
 * A run of entries of a stream, in the order of their IDs, added at its end and removed anywhere. Columns
 * instead of objects: IDs in two arrays, all values in one. The names of the fields are those of the first
 * entry, the master; only once an entry comes with other fields each entry has its own.
 *
 * A node counts the bytes and entries that Redis's listpack would have, removed entries included, because
 * Redis never closes the gaps and because a stream is trimmed by whole nodes.
 *
 * What is removed at the front only moves `#first` on; the columns are cut when most of them is dead.
 */

import { arrayBytes, stringBytes } from '../base/heap-size.js'
import { type IdPart, lowerBound, partDifference } from './entry-id.js'
import { LISTPACK_EMPTY_BYTES, listpackEntryBytes, listpackIntegerBytes } from './listpack-size.js'

/** Below this many dead entries at the front the columns are not cut. */
const LEAST_CUT = 64
/** Bytes of a small integer in a listpack: the flags of an entry, the end of the master's fields. */
const SMALL_INTEGER_BYTES = 2
/** Integers that every entry has in Redis: flags, two halves of an ID, the number of elements. */
const ENTRY_INTEGERS = 3

/** The object. */
const OWN_BYTES = 220
/** The names of the fields of one entry, without their strings. */
const NAMES_BYTES = 56
const REFERENCE_BYTES = 8

export class StreamNode {
  /** The ID that the others are relative to in Redis: of the first entry that was ever in this node. */
  readonly masterMs: IdPart
  readonly masterSeq: IdPart
  /** The fields of that entry. */
  readonly masterFields: readonly string[]
  /** The ID of the last entry that was ever in this node; while there was none, the master's. */
  lastMs: IdPart
  lastSeq: IdPart
  /** Entries removed one by one. */
  deleted = 0
  /** Whether a frozen copy of the log has it too: it is copied before it is changed. */
  isShared = false

  #ms: IdPart[] = []
  #seq: IdPart[] = []
  #values: string[] = []
  /** The names of each entry's fields, once they are not the master's for all. */
  #fields: (readonly string[])[] | undefined
  /** Where the values of each entry begin; as long as `#fields`. */
  #starts: number[] = []
  /** The first entry that is still there. */
  #first = 0
  /** Bytes of the listpack without the two counts at its beginning. */
  #bytes: number
  /** What values and names of fields take in memory. */
  #textBytes = 0

  constructor(masterMs: IdPart, masterSeq: IdPart, masterFields: readonly string[]) {
    this.masterMs = masterMs
    this.masterSeq = masterSeq
    this.masterFields = masterFields
    this.lastMs = masterMs
    this.lastSeq = masterSeq
    let bytes = LISTPACK_EMPTY_BYTES + listpackIntegerBytes(masterFields.length) + SMALL_INTEGER_BYTES
    for (const field of masterFields) {
      bytes += listpackEntryBytes(field)
      this.#textBytes += stringBytes(field)
    }
    this.#bytes = bytes
  }

  /** Entries that are there. */
  get length(): number {
    return this.#ms.length - this.#first
  }

  /** Bytes of the listpack that Redis would have. */
  get listpackBytes(): number {
    return this.#bytes + listpackIntegerBytes(this.length) + listpackIntegerBytes(this.deleted)
  }

  /** The halves of the ID of the entry at `index`, 0 ≤ index < length. */
  msAt(index: number): IdPart {
    return this.#ms[this.#first + index] as IdPart
  }

  seqAt(index: number): IdPart {
    return this.#seq[this.#first + index] as IdPart
  }

  /** The names of the fields of an entry; for reading only. The same array as `masterFields` if they are equal. */
  fieldNamesAt(index: number): readonly string[] {
    return this.#fields === undefined ? this.masterFields : (this.#fields[this.#first + index] as string[])
  }

  /** Fields and values of an entry in turn, in a new array. */
  fieldsAt(index: number): string[] {
    const names = this.fieldNamesAt(index)
    const values = this.#values
    let at = this.#valuesAt(this.#first + index)
    const fields = new Array<string>(names.length * 2)
    for (let i = 0; i < names.length; i++) {
      fields[2 * i] = names[i] as string
      fields[2 * i + 1] = values[at++] as string
    }
    return fields
  }

  /** The index of the first entry that is not before this ID; `length` if all are. O(log n) */
  lowerBound(ms: IdPart, seq: IdPart): number {
    return lowerBound(this.#ms, this.#seq, this.#first, ms, seq) - this.#first
  }

  /**
   * Adds an entry behind the last one.
   * @param words from `from` on: fields and values in turn
   */
  append(ms: IdPart, seq: IdPart, words: readonly string[], from = 0): void {
    const same = this.#account(ms, seq, words, from)
    if (!same || this.#fields !== undefined) {
      const names = same ? this.masterFields : fieldNames(words, from)
      this.#textBytes += this.#namesBytes(names)
      this.#ownFields().push(names)
      this.#starts.push(this.#values.length)
    }
    this.#ms.push(ms)
    this.#seq.push(seq)
    for (let i = from + 1; i < words.length; i += 2) {
      const value = words[i] as string
      this.#values.push(value)
      this.#textBytes += stringBytes(value)
    }
  }

  /** As `append` and then removing that entry: for a node read from a file that still has it. */
  appendDeleted(ms: IdPart, seq: IdPart, words: readonly string[]): void {
    this.#account(ms, seq, words, 0)
    this.deleted++
  }

  /** Removes the entry at `index`. O(entries of this node) */
  removeAt(index: number): void {
    if (index === 0) {
      this.removeFirst(1)
      return
    }
    const at = this.#first + index
    const start = this.#valuesAt(at)
    const names = this.fieldNamesAt(index)
    const count = names.length
    this.#textBytes -= this.#namesBytes(names)
    for (let i = start; i < start + count; i++) this.#textBytes -= stringBytes(this.#values[i] as string)
    this.#ms.splice(at, 1)
    this.#seq.splice(at, 1)
    this.#values.splice(start, count)
    if (this.#fields !== undefined) {
      this.#fields.splice(at, 1)
      this.#starts.splice(at, 1)
      for (let i = at; i < this.#starts.length; i++) this.#starts[i] = (this.#starts[i] as number) - count
    }
    this.deleted++
  }

  /** Removes the first `count` entries. O(count) amortized */
  removeFirst(count: number): void {
    const first = this.#first + count
    const end = this.#valuesAt(first)
    for (let at = this.#valuesAt(this.#first); at < end; at++) {
      this.#textBytes -= stringBytes(this.#values[at] as string)
      this.#values[at] = ''
    }
    this.#first = first
    this.deleted += count
    if (first >= LEAST_CUT && first * 2 >= this.#ms.length) this.#cut()
  }

  copy(): StreamNode {
    const copy = new StreamNode(this.masterMs, this.masterSeq, this.masterFields)
    copy.lastMs = this.lastMs
    copy.lastSeq = this.lastSeq
    copy.deleted = this.deleted
    copy.#ms = this.#ms.slice()
    copy.#seq = this.#seq.slice()
    copy.#values = this.#values.slice()
    copy.#fields = this.#fields?.slice()
    copy.#starts = this.#starts.slice()
    copy.#first = this.#first
    copy.#bytes = this.#bytes
    copy.#textBytes = this.#textBytes
    return copy
  }

  /** Estimated bytes in memory. O(1) */
  get heapBytes(): number {
    const columns = this.#fields === undefined ? 2 : 4
    const places = columns * arrayBytes(this.#ms.length) + arrayBytes(this.#values.length)
    return OWN_BYTES + places + this.#textBytes
  }

  /** Counts an entry in; says whether its fields are the master's. */
  #account(ms: IdPart, seq: IdPart, words: readonly string[], from: number): boolean {
    const names = this.masterFields
    const count = (words.length - from) >> 1
    let same = count === names.length
    for (let i = 0; same && i < count; i++) same = words[from + 2 * i] === names[i]
    let bytes = SMALL_INTEGER_BYTES
    bytes += listpackIntegerBytes(partDifference(ms, this.masterMs))
    bytes += listpackIntegerBytes(partDifference(seq, this.masterSeq))
    for (let i = from + 1; i < words.length; i += 2) bytes += listpackEntryBytes(words[i] as string)
    if (same) bytes += listpackIntegerBytes(count + ENTRY_INTEGERS)
    else {
      for (let i = from; i < words.length; i += 2) bytes += listpackEntryBytes(words[i] as string)
      bytes += listpackIntegerBytes(count) + listpackIntegerBytes(2 * count + ENTRY_INTEGERS + 1)
    }
    this.#bytes += bytes
    this.lastMs = ms
    this.lastSeq = seq
    return same
  }

  /** What the names of one entry's fields take, if they are its own. */
  #namesBytes(names: readonly string[] | undefined): number {
    if (names === undefined || names === this.masterFields) return 0
    let bytes = NAMES_BYTES
    for (const name of names) bytes += REFERENCE_BYTES + stringBytes(name)
    return bytes
  }

  #valuesAt(at: number): number {
    if (this.#fields === undefined) return at * this.masterFields.length
    return at < this.#starts.length ? (this.#starts[at] as number) : this.#values.length
  }

  /** The column of names, made if it is not there yet. */
  #ownFields(): (readonly string[])[] {
    if (this.#fields !== undefined) return this.#fields
    const width = this.masterFields.length
    this.#starts = this.#ms.map((_, at) => at * width)
    this.#fields = this.#ms.map(() => this.masterFields)
    return this.#fields
  }

  #cut(): void {
    const first = this.#first
    const start = this.#valuesAt(first)
    this.#ms = this.#ms.slice(first)
    this.#seq = this.#seq.slice(first)
    this.#values = this.#values.slice(start)
    for (let at = 0; at < first; at++) this.#textBytes -= this.#namesBytes(this.#fields?.[at])
    this.#fields = this.#fields?.slice(first)
    this.#starts = this.#starts.slice(first).map((at) => at - start)
    this.#first = 0
  }
}

/** Every other word from `from` on. */
export function fieldNames(words: readonly string[], from: number): string[] {
  // Pushing would leave room for many more.
  const names = new Array<string>((words.length - from) >> 1)
  for (let i = 0; i < names.length; i++) names[i] = words[from + 2 * i] as string
  return names
}
