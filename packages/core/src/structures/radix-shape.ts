/**
 * How many nodes Redis's radix tree would have over the nodes of a stream, which are its keys: 16 bytes each,
 * the two halves of an ID. XINFO tells that number.
 *
 * Such a tree has a leaf for each key, a branching node wherever neighbouring keys part, and one node for the
 * bytes in between, if there are any, on the way from one of these to the next. Where keys part follows from
 * the lengths of the prefixes that neighbours share, in one pass over them. O(nodes)
 */

import type { IdPart } from './entry-id.js'
import type { StreamLog } from './stream-log.js'

const KEY_BYTES = 16
const PART_BYTES = 8

export function radixNodeCount(log: StreamLog): number {
  const keys = log.nodeCount
  // An empty tree is its root, a single key the bytes of it and a leaf.
  if (keys < 2) return 1 + keys
  let nodes = keys
  /** Depths of the branching nodes on the way to the current key, ascending. */
  const path: number[] = []
  let parent = -1
  const closeBranch = (nextDepth: number) => {
    const depth = path.pop() as number
    const above = Math.max(path[path.length - 1] ?? -1, nextDepth)
    nodes += depth > above + 1 ? 2 : 1
  }
  for (let i = 1; i <= keys; i++) {
    const shared = i < keys ? sharedBytes(log, i) : -1
    // The leaf of key i - 1 hangs on the deeper of the two branches beside it.
    if (Math.max(parent, shared) < KEY_BYTES - 1) nodes++
    while (path.length > 0 && (path[path.length - 1] as number) > shared) closeBranch(shared)
    if (shared >= 0 && path[path.length - 1] !== shared) path.push(shared)
    parent = shared
  }
  return nodes
}

/** Bytes that the keys at `index` and before it have in common at their beginning. */
function sharedBytes(log: StreamLog, index: number): number {
  const before = log.nodeAt(index - 1)
  const node = log.nodeAt(index)
  return before.masterMs !== node.masterMs
    ? sharedPartBytes(before.masterMs, node.masterMs)
    : PART_BYTES + sharedPartBytes(before.masterSeq, node.masterSeq)
}

/** The same for two halves that differ. */
function sharedPartBytes(part: IdPart, other: IdPart): number {
  const high = highBits(part) ^ highBits(other)
  if (high !== 0) return Math.clz32(high) >>> 3
  return 4 + (Math.clz32(lowBits(part) ^ lowBits(other)) >>> 3)
}

function highBits(part: IdPart): number {
  return typeof part === 'number'
    ? Math.floor(part / 0x1_0000_0000) | 0
    : Number(BigInt.asIntN(32, part >> 32n))
}

function lowBits(part: IdPart): number {
  return typeof part === 'number' ? (part % 0x1_0000_0000) | 0 : Number(BigInt.asIntN(32, part))
}
