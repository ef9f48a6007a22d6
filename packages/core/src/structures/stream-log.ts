/**
 * The entries of a stream: nodes in the order of their IDs, each of them a run of entries. An entry is added
 * to the last node until that is full by the configured limits, counted in Redis's bytes. Whole nodes leave at
 * the front in O(1); the array of nodes has a moving head for it. A place is found by two binary searches.
 */

import { assert } from '../base/errors.js'
import { compareParts, type EntryId, type IdPart, MAX_ID, MIN_ID } from './entry-id.js'
import { fieldNames, StreamNode } from './stream-node.js'

/** Bytes that a node has at most whatever is configured. */
const NODE_MAX_BYTES = 2 ** 30
/** Below this many nodes gone at the front the array is not cut. */
const LEAST_CUT = 32

export interface StreamNodeLimits {
  /** Bytes as a listpack; 0 for no limit. */
  readonly streamNodeMaxBytes: number
  /** Entries, removed ones included; 0 for no limit. */
  readonly streamNodeMaxEntries: number
}

/** What is called with each entry: its ID, its node, and its index there (for `fieldsAt`). */
export type EntryVisitor = (ms: IdPart, seq: IdPart, node: StreamNode, index: number) => void

export class StreamLog {
  /** Entries. */
  length = 0
  /** Estimated bytes in memory. */
  heapBytes = 0
  readonly #limits: StreamNodeLimits
  #nodes: StreamNode[] = []
  /** The first node that is still there. */
  #head = 0

  constructor(limits: StreamNodeLimits) {
    this.#limits = limits
  }

  // ---- nodes --------------------------------------------------------------------------------------------

  get nodeCount(): number {
    return this.#nodes.length - this.#head
  }

  /** The node at `index`, 0 ≤ index < nodeCount; for reading. */
  nodeAt(index: number): StreamNode {
    return this.#nodes[this.#head + index] as StreamNode
  }

  /**
   * Begins a new node behind all others, for what is read from a file with its nodes; its entries are added by
   * `appendTo`. The IDs are to be checked by the caller: behind `MIN_ID` and ascending over all nodes.
   */
  beginNode(masterMs: IdPart, masterSeq: IdPart, masterFields: readonly string[]): StreamNode {
    const node = new StreamNode(masterMs, masterSeq, masterFields)
    this.heapBytes += node.heapBytes
    this.#nodes.push(node)
    return node
  }

  /** Adds an entry to the node begun last; fields and values in turn. */
  appendTo(node: StreamNode, ms: IdPart, seq: IdPart, fields: readonly string[]): void {
    this.#append(node, ms, seq, fields, 0)
  }

  // ---- entries ------------------------------------------------------------------------------------------

  /**
   * Adds an entry behind all others. O(fields)
   * @param words from `from` on: fields and values in turn, at least one pair
   */
  append(ms: IdPart, seq: IdPart, words: readonly string[], from: number): void {
    const last = this.#nodes[this.#nodes.length - 1]
    const node =
      last === undefined || this.nodeCount === 0 || this.#isFull(last, words, from)
        ? this.beginNode(ms, seq, fieldNames(words, from))
        : this.#ownNode(this.#nodes.length - 1)
    this.#append(node, ms, seq, words, from)
  }

  #append(node: StreamNode, ms: IdPart, seq: IdPart, words: readonly string[], from: number): void {
    const before = node.heapBytes
    node.append(ms, seq, words, from)
    this.heapBytes += node.heapBytes - before
    this.length++
  }

  /** O(log n) */
  has(ms: IdPart, seq: IdPart): boolean {
    return this.#find(ms, seq) !== undefined
  }

  /** Fields and values of an entry in turn, in a new array; undefined if it is not there. O(log n) */
  fieldsOf(ms: IdPart, seq: IdPart): string[] | undefined {
    const place = this.#find(ms, seq)
    return place === undefined ? undefined : place.node.fieldsAt(place.index)
  }

  /** Removes an entry; says whether it was there. O(log n) */
  delete(ms: IdPart, seq: IdPart): boolean {
    const place = this.#find(ms, seq)
    if (place === undefined) return false
    const at = this.#nodeFor(ms, seq)
    const node = this.#ownNode(at)
    const before = node.heapBytes
    node.removeAt(place.index)
    this.heapBytes += node.heapBytes - before
    this.length--
    if (node.length === 0) this.#dropNode(at)
    return true
  }

  /** The ID of the first entry, undefined without entries. */
  get firstId(): EntryId | undefined {
    for (let at = this.#head; at < this.#nodes.length; at++) {
      const node = this.#nodes[at] as StreamNode
      if (node.length > 0) return { ms: node.msAt(0), seq: node.seqAt(0) }
    }
    return undefined
  }

  /** The ID of the last entry, undefined without entries. */
  get lastId(): EntryId | undefined {
    for (let at = this.#nodes.length - 1; at >= this.#head; at--) {
      const node = this.#nodes[at] as StreamNode
      const { length } = node
      if (length > 0) return { ms: node.msAt(length - 1), seq: node.seqAt(length - 1) }
    }
    return undefined
  }

  /** Goes through the entries between two IDs, both included, `limit` of them at most. O(log n + entries) */
  forEach(visit: EntryVisitor, from = MIN_ID, to = MAX_ID, limit = Number.POSITIVE_INFINITY): void {
    let left = limit
    const { ms: endMs, seq: endSeq } = to
    const firstNode = this.#nodeFor(from.ms, from.seq)
    for (let at = firstNode; at < this.#nodes.length; at++) {
      const node = this.#nodes[at] as StreamNode
      const { length } = node
      for (let i = at === firstNode ? node.lowerBound(from.ms, from.seq) : 0; i < length; i++) {
        const ms = node.msAt(i)
        const seq = node.seqAt(i)
        if (left <= 0 || compareParts(ms, seq, endMs, endSeq) > 0) return
        visit(ms, seq, node, i)
        left--
      }
    }
  }

  /** As `forEach`, from the last entry to the first. */
  forEachBackwards(visit: EntryVisitor, from = MIN_ID, to = MAX_ID, limit = Number.POSITIVE_INFINITY): void {
    let left = limit
    const { ms: endMs, seq: endSeq } = from
    const lastNode = this.#nodeFor(to.ms, to.seq)
    for (let at = Math.min(lastNode, this.#nodes.length - 1); at >= this.#head; at--) {
      const node = this.#nodes[at] as StreamNode
      for (let i = at === lastNode ? lastIndex(node, to) : node.length - 1; i >= 0; i--) {
        const ms = node.msAt(i)
        const seq = node.seqAt(i)
        if (left <= 0 || compareParts(ms, seq, endMs, endSeq) < 0) return
        visit(ms, seq, node, i)
        left--
      }
    }
  }

  // ---- trimming -----------------------------------------------------------------------------------------

  /**
   * Removes the oldest entries until `maxLength` are left.
   * @param wholeNodes only nodes of which no entry has to stay
   * @param limit entries removed at most, counted by whole nodes; 0 for no limit
   * @returns how many were removed. O(nodes) and, in the last of them, O(entries)
   */
  trimToLength(maxLength: number, wholeNodes: boolean, limit: number): number {
    let removed = 0
    while (this.length > maxLength && this.nodeCount > 0) {
      const node = this.#nodes[this.#head] as StreamNode
      if (limit > 0 && removed + node.length > limit) break
      if (this.length - node.length >= maxLength) {
        removed += node.length
        this.#dropHead(node)
        continue
      }
      if (wholeNodes) break
      const count = this.length - maxLength
      this.#removeFirst(count)
      removed += count
      break
    }
    return removed
  }

  /**
   * Removes the entries before an ID.
   * @param wholeNodes only nodes that never had an entry from that ID on
   * @param limit entries removed at most, counted by whole nodes; 0 for no limit
   * @returns how many were removed. O(nodes) and, in the last of them, O(entries)
   */
  trimBefore({ ms, seq }: EntryId, wholeNodes: boolean, limit: number): number {
    let removed = 0
    while (this.nodeCount > 0) {
      const node = this.#nodes[this.#head] as StreamNode
      if (limit > 0 && removed + node.length > limit) break
      if (compareParts(node.lastMs, node.lastSeq, ms, seq) < 0) {
        removed += node.length
        this.#dropHead(node)
        continue
      }
      if (wholeNodes) break
      // All of its entries may go: it stays all the same, as in Redis, since one that was removed had a later ID.
      const count = node.lowerBound(ms, seq)
      this.#removeFirst(count)
      removed += count
      break
    }
    return removed
  }

  // ---- the rest -----------------------------------------------------------------------------------------

  /** O(n) */
  copy(): StreamLog {
    const copy = new StreamLog(this.#limits)
    copy.length = this.length
    copy.heapBytes = this.heapBytes
    copy.#nodes = this.#nodes.slice(this.#head).map((node) => node.copy())
    return copy
  }

  /** What it holds now, for reading: it shares the nodes, each of which is copied when it is first changed. O(nodes) */
  frozen(): StreamLog {
    const frozen = new StreamLog(this.#limits)
    frozen.length = this.length
    frozen.#nodes = this.#nodes.slice(this.#head)
    for (const node of frozen.#nodes) node.isShared = true
    return frozen
  }

  /** Throws when the bookkeeping disagrees with the content: for tests. */
  assertInvariants(): void {
    let length = 0
    let bytes = 0
    let lastMs: IdPart = -1
    let lastSeq: IdPart = -1
    for (let at = this.#head; at < this.#nodes.length; at++) {
      const node = this.#nodes[at] as StreamNode
      assert(at === this.#head || node.length > 0, 'only the first node may have become empty')
      assert(compareParts(lastMs, lastSeq, node.masterMs, node.masterSeq) < 0, 'nodes do not overlap')
      for (let i = 0; i < node.length; i++) {
        const order = compareParts(lastMs, lastSeq, node.msAt(i), node.seqAt(i))
        assert(order < 0, 'entries ascend')
        lastMs = node.msAt(i)
        lastSeq = node.seqAt(i)
      }
      const order = compareParts(lastMs, lastSeq, node.lastMs, node.lastSeq)
      assert(order <= 0, 'no entry is behind the last of its node')
      lastMs = node.lastMs
      lastSeq = node.lastSeq
      length += node.length
      bytes += node.heapBytes
    }
    assert(length === this.length, 'the length is the sum of those of the nodes')
    assert(bytes === this.heapBytes, 'the bytes are the sum of those of the nodes')
  }

  /** The node at a place in `#nodes`, which is about to be changed. */
  #ownNode(at: number): StreamNode {
    const node = this.#nodes[at] as StreamNode
    if (!node.isShared) return node
    const copy = node.copy()
    this.#nodes[at] = copy
    return copy
  }

  #isFull(node: StreamNode, words: readonly string[], from: number): boolean {
    const { streamNodeMaxBytes, streamNodeMaxEntries } = this.#limits
    if (streamNodeMaxEntries > 0 && node.length + node.deleted >= streamNodeMaxEntries) return true
    let bytes = node.listpackBytes
    for (let i = from; i < words.length; i++) bytes += (words[i] as string).length
    return bytes >= (streamNodeMaxBytes === 0 ? NODE_MAX_BYTES : Math.min(streamNodeMaxBytes, NODE_MAX_BYTES))
  }

  /** The place in `#nodes` of the only node that may have this ID: the first one if it is before all. */
  #nodeFor(ms: IdPart, seq: IdPart): number {
    let low = this.#head
    let high = this.#nodes.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      const node = this.#nodes[middle] as StreamNode
      if (compareParts(node.masterMs, node.masterSeq, ms, seq) <= 0) low = middle
      else high = middle
    }
    return low
  }

  #find(ms: IdPart, seq: IdPart): { node: StreamNode; index: number } | undefined {
    const node = this.#nodes[this.#nodeFor(ms, seq)]
    if (node === undefined) return undefined
    const index = node.lowerBound(ms, seq)
    const found = index < node.length && node.msAt(index) === ms && node.seqAt(index) === seq
    return found ? { node, index } : undefined
  }

  /** Removes the first `count` entries, all of them of the first node. */
  #removeFirst(count: number): void {
    const node = this.#ownNode(this.#head)
    const before = node.heapBytes
    node.removeFirst(count)
    this.heapBytes += node.heapBytes - before
    this.length -= count
  }

  #dropHead(node: StreamNode): void {
    this.length -= node.length
    this.#dropNode(this.#head)
  }

  /** O(1) at the front, elsewhere O(nodes behind it). */
  #dropNode(at: number): void {
    this.heapBytes -= (this.#nodes[at] as StreamNode).heapBytes
    if (at > this.#head) {
      this.#nodes.splice(at, 1)
      return
    }
    // The strings go now, not when the array is cut.
    this.#nodes[at] = EMPTY_NODE
    this.#head++
    if (this.#head >= LEAST_CUT && this.#head * 2 >= this.#nodes.length) {
      this.#nodes = this.#nodes.slice(this.#head)
      this.#head = 0
    }
  }
}

/** Takes the place of a node that has gone. */
const EMPTY_NODE = new StreamNode(0, 0, [])

/** The index of the last entry that is not behind this ID, or -1. */
function lastIndex(node: StreamNode, { ms, seq }: EntryId): number {
  const index = node.lowerBound(ms, seq)
  const hit = index < node.length && node.msAt(index) === ms && node.seqAt(index) === seq
  return hit ? index : index - 1
}
