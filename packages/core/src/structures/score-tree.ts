/**
 * The big sorted set's order: (score, member) pairs sorted by score, then by the member's bytes.
 *
 * A B+-tree that counts: an inner node knows how many elements lie below each child, so an element's rank
 * and the element at a rank are found in O(log n). Leaves are linked, so a range is a walk. Scores live in
 * arrays of doubles and members in arrays of references: with 64 slots to a node that is some 28 bytes an
 * element after inserts in random order and 19 after inserts in rising or falling order, because a split
 * at either edge of the tree leaves a full node behind.
 *
 * Every node's slot 0 holds the smallest pair below it. No separator outlives its element, so a removed
 * member is not kept in memory.
 */

import { assert } from '../base/errors.js'

const CAPACITY = 64
// Only a node this empty looks for a neighbour to merge with, and takes it if both leave a quarter free.
const SPARSE = CAPACITY / 4
const MERGE_LIMIT = (CAPACITY * 3) / 4

/** A leaf: the object, two arrays of 8 bytes a slot, and its share of the inner nodes. */
const LEAF_BYTES = 220 + 16 * CAPACITY

// Copied for each node: 0.5 makes V8 keep unboxed doubles, whatever scores come later.
const EMPTY_SCORES: readonly number[] = Array.from({ length: CAPACITY }, () => 0.5)
const EMPTY_MEMBERS: readonly string[] = Array.from({ length: CAPACITY }, () => '')
const EMPTY_SIZES: readonly number[] = Array.from({ length: CAPACITY }, () => 0)

/** What is counted of a tree: shared by its leaves, which come and go below it. */
class Census {
  leaves = 0
}

class Leaf {
  readonly isLeaf = true
  readonly scores: number[]
  readonly members: string[]
  previous: Leaf | null = null
  next: Leaf | null = null

  constructor(
    readonly census: Census,
    public used = 0,
    scores = EMPTY_SCORES,
    members = EMPTY_MEMBERS,
  ) {
    this.scores = scores.slice()
    this.members = members.slice()
    census.leaves++
  }
}

class Inner {
  readonly isLeaf = false
  readonly scores: number[]
  readonly members: string[]
  /** Number of elements below each child. */
  readonly sizes: number[]

  constructor(
    public used = 0,
    scores = EMPTY_SCORES,
    members = EMPTY_MEMBERS,
    sizes = EMPTY_SIZES,
    readonly children: TreeNode[] = [],
  ) {
    this.scores = scores.slice()
    this.members = members.slice()
    this.sizes = sizes.slice()
  }
}

type TreeNode = Leaf | Inner

/** A place in the tree. It is meant for one walk: a change of the tree makes it invalid. */
export class ScoreCursor {
  private leaf: Leaf | null
  private slot: number

  constructor(leaf: Leaf | null, slot: number) {
    this.leaf = leaf
    this.slot = slot
  }

  /** Whether the cursor stands on an element; only then may it be read or moved. */
  get valid(): boolean {
    return this.leaf !== null
  }

  get score(): number {
    return (this.leaf as Leaf).scores[this.slot] as number
  }

  get member(): string {
    return (this.leaf as Leaf).members[this.slot] as string
  }

  /** Moves to the next greater element. False when there is none; the cursor is then no longer valid. */
  next(): boolean {
    const leaf = this.leaf as Leaf
    if (++this.slot < leaf.used) return true
    this.leaf = leaf.next
    this.slot = 0
    return this.leaf !== null
  }

  /** Moves to the next smaller element. False when there is none; the cursor is then no longer valid. */
  prev(): boolean {
    if (--this.slot >= 0) return true
    this.leaf = (this.leaf as Leaf).previous
    if (this.leaf === null) return false
    this.slot = this.leaf.used - 1
    return true
  }
}

export class ScoreTree {
  private census = new Census()
  private root: TreeNode = new Leaf(this.census)
  private elements = 0
  // Where the leaf that was split last lies: 1 the last of the tree, -1 the first, 0 between them.
  private splitEdge: -1 | 0 | 1 = 0

  /** Number of elements. */
  get length(): number {
    return this.elements
  }

  /** Estimated bytes in memory without the members. */
  get heapBytes(): number {
    return LEAF_BYTES * this.census.leaves
  }

  /**
   * Builds a tree with full leaves in O(n).
   * @param scores in rising order, as long as `members`
   * @param members in rising order where scores are equal; no pair occurs twice
   */
  static fromSorted(scores: ArrayLike<number>, members: ArrayLike<string>): ScoreTree {
    const tree = new ScoreTree()
    if (members.length === 0) return tree
    let level: TreeNode[] = []
    const { census } = tree
    census.leaves = 0
    let leaf = new Leaf(census)
    for (let i = 0; i < members.length; i++) {
      assert(!Number.isNaN(scores[i]), 'a score is a number')
      if (leaf.used === CAPACITY) {
        level.push(leaf)
        const next = new Leaf(census)
        next.previous = leaf
        leaf.next = next
        leaf = next
      }
      leaf.scores[leaf.used] = scores[i] as number
      leaf.members[leaf.used++] = members[i] as string
    }
    level.push(leaf)
    while (level.length > 1) {
      const parents: TreeNode[] = []
      for (let i = 0; i < level.length; i += CAPACITY) {
        const parent = new Inner()
        for (const child of level.slice(i, i + CAPACITY)) insertChild(parent, parent.used, child)
        parents.push(parent)
      }
      level = parents
    }
    tree.root = level[0] as TreeNode
    tree.elements = members.length
    return tree
  }

  /** O(n), a leaf at a time. */
  copy(): ScoreTree {
    const copy = new ScoreTree()
    copy.census.leaves = 0
    copy.root = copyOf(this.root, { last: null, census: copy.census })
    copy.elements = this.elements
    copy.splitEdge = this.splitEdge
    return copy
  }

  /** Adds a pair that is not in the tree. O(log n). */
  insert(score: number, member: string): void {
    assert(!Number.isNaN(score), 'a score is a number')
    const right = this.insertBelow(this.root, score, member)
    this.elements++
    if (right === null) return
    const root = new Inner()
    insertChild(root, 0, this.root)
    insertChild(root, 1, right)
    this.root = root
  }

  /** Removes a pair; false when it is not in the tree. O(log n). */
  delete(score: number, member: string): boolean {
    if (!removeBelow(this.root, score, member)) return false
    this.elements--
    this.lowerRoot()
    return true
  }

  /**
   * Removes `count` elements from rank `startRank` on, in O(log n + count). The range lies within the tree.
   * @param onDelete is told of each in rising order; must not use the tree
   */
  deleteRange(startRank: number, count: number, onDelete?: (member: string, score: number) => void): void {
    assert(startRank >= 0 && count >= 0 && startRank + count <= this.elements, 'range within the tree')
    if (count === 0) return
    removeRangeBelow(this.root, startRank, count, onDelete)
    this.elements -= count
    this.lowerRoot()
  }

  clear(): void {
    this.census = new Census()
    this.root = new Leaf(this.census)
    this.elements = 0
  }

  /** How many elements are smaller than the given pair, which must be in the tree: -1 if not. O(log n). */
  rank(score: number, member: string): number {
    let node = this.root
    let rank = 0
    while (!node.isLeaf) {
      const slot = slotOfChild(node, score, member)
      rank += sizeBefore(node, slot)
      node = node.children[slot] as TreeNode
    }
    const slot = firstNotLess(node, score, member)
    return holds(node, slot, score, member) ? rank + slot : -1
  }

  /**
   * Where a range that begins at `score` begins: the number of elements with a smaller score, or, if
   * `exclusive`, with a smaller or equal one. O(log n).
   */
  rankOfScore(score: number, exclusive: boolean): number {
    let node = this.root
    let rank = 0
    while (!node.isLeaf) {
      // The boundary lies in the last child that begins before it.
      const slot = Math.max(0, firstScoreNotBelow(node, score, exclusive) - 1)
      rank += sizeBefore(node, slot)
      node = node.children[slot] as TreeNode
    }
    return rank + firstScoreNotBelow(node, score, exclusive)
  }

  /**
   * Where a range that begins at `member` begins, all scores being equal: the number of elements with a
   * smaller member, or, if `exclusive`, with a smaller or equal one. O(log n).
   */
  rankOfMember(member: string, exclusive: boolean): number {
    // All scores being equal, any of them will do. The smallest byte string greater than `member` is
    // `member` and a zero byte.
    const score = this.root.scores[0] as number
    const bound = exclusive ? `${member}\0` : member
    let node = this.root
    let rank = 0
    while (!node.isLeaf) {
      const slot = slotOfChild(node, score, bound)
      rank += sizeBefore(node, slot)
      node = node.children[slot] as TreeNode
    }
    return rank + firstNotLess(node, score, bound)
  }

  /** The element at a rank, 0 ≤ rank < length. O(log n). */
  at(rank: number): { score: number; member: string } {
    const { score, member } = this.cursorAt(rank)
    return { score, member }
  }

  /** A cursor on the element at a rank; not valid if the rank is outside the tree. O(log n). */
  cursorAt(rank: number): ScoreCursor {
    if (!(rank >= 0 && rank < this.elements)) return new ScoreCursor(null, 0)
    let node = this.root
    let left = rank
    while (!node.isLeaf) {
      const { sizes } = node
      let slot = 0
      while (left >= (sizes[slot] as number)) left -= sizes[slot++] as number
      node = node.children[slot] as TreeNode
    }
    return new ScoreCursor(node, left)
  }

  /** Inserts below `node`; returns the new right neighbour if the node had to be split, else null. */
  private insertBelow(node: TreeNode, score: number, member: string): TreeNode | null {
    if (node.isLeaf) {
      const slot = firstNotLess(node, score, member)
      assert(!holds(node, slot, score, member), 'a pair is inserted once')
      if (node.used < CAPACITY) {
        insertPair(node, slot, score, member)
        return null
      }
      this.splitEdge =
        slot === CAPACITY && node.next === null ? 1 : slot === 0 && node.previous === null ? -1 : 0
      const keep = this.slotsKeptInSplit()
      const right = splitLeaf(node, keep)
      if (slot < keep) insertPair(node, slot, score, member)
      else insertPair(right, slot - keep, score, member)
      return right
    }
    const slot = slotOfChild(node, score, member)
    const added = this.insertBelow(node.children[slot] as TreeNode, score, member)
    if (added === null) {
      node.sizes[slot] = (node.sizes[slot] as number) + 1
      if (slot === 0) refreshKey(node, 0)
      return null
    }
    node.sizes[slot] = (node.sizes[slot] as number) + 1 - sizeOf(added)
    if (slot === 0) refreshKey(node, 0)
    if (node.used < CAPACITY) {
      insertChild(node, slot + 1, added)
      return null
    }
    const keep = this.slotsKeptInSplit()
    const right = splitInner(node, keep)
    if (slot + 1 < keep) insertChild(node, slot + 1, added)
    else insertChild(right, slot + 1 - keep, added)
    return right
  }

  // Inserts in rising or falling order never come back to the node they leave behind: leave it full.
  private slotsKeptInSplit(): number {
    if (this.splitEdge === 1) return CAPACITY
    return this.splitEdge === -1 ? 1 : CAPACITY / 2
  }

  /** Takes away root levels that no longer branch. */
  private lowerRoot(): void {
    while (!this.root.isLeaf && this.root.used === 1) this.root = this.root.children[0] as TreeNode
    if (this.root.used === 0) this.clear()
  }

  /** Number of leaves: tells how dense the tree is. */
  get leafCount(): number {
    return this.census.leaves
  }

  /** Throws when the tree is not in order: for tests. */
  assertInvariants(): void {
    const leaves: Leaf[] = []
    assert(checkNode(this.root, true, leaves) === this.elements, 'tree size')
    assert(leaves.length === this.census.leaves, 'leaves counted')
    let previous: Leaf | null = null
    for (const leaf of leaves) {
      assert(leaf.previous === previous, 'leaf links backwards')
      assert(previous === null || previous.next === leaf, 'leaf links forwards')
      const last = previous === null ? -1 : previous.used - 1
      assert(
        previous === null ||
          isLess(previous.scores[last] as number, previous.members[last] as string, leaf, 0),
        'leaves in order',
      )
      previous = leaf
    }
    assert(previous === null || previous.next === null, 'the last leaf ends the list')
  }
}

/** First slot whose pair is not less than the given one; `used` if all are. */
function firstNotLess(node: TreeNode, score: number, member: string): number {
  const { scores, members } = node
  let low = 0
  let high = node.used
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = scores[middle] as number
    if (other < score || (other === score && (members[middle] as string) < member)) low = middle + 1
    else high = middle
  }
  return low
}

/** First slot whose score is not smaller than `score`, or, if `orEqual`, not smaller and not equal. */
function firstScoreNotBelow(node: TreeNode, score: number, orEqual: boolean): number {
  const { scores } = node
  let low = 0
  let high = node.used
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = scores[middle] as number
    if (other < score || (orEqual && other === score)) low = middle + 1
    else high = middle
  }
  return low
}

/** Slot of the child that holds the given pair if it is in the tree, or into which it would go. */
function slotOfChild(node: Inner, score: number, member: string): number {
  const { scores, members } = node
  let low = 0
  let high = node.used - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    const other = scores[middle] as number
    if (other < score || (other === score && (members[middle] as string) <= member)) low = middle
    else high = middle - 1
  }
  return low
}

function holds(leaf: Leaf, slot: number, score: number, member: string): boolean {
  return slot < leaf.used && leaf.scores[slot] === score && leaf.members[slot] === member
}

function isLess(score: number, member: string, node: TreeNode, slot: number): boolean {
  const other = node.scores[slot] as number
  return score < other || (score === other && member < (node.members[slot] as string))
}

function sizeOf(node: TreeNode): number {
  return node.isLeaf ? node.used : sizeBefore(node, node.used)
}

function sizeBefore(node: Inner, slot: number): number {
  const { sizes } = node
  let size = 0
  for (let i = 0; i < slot; i++) size += sizes[i] as number
  return size
}

/** Makes a child's key in its parent the child's smallest pair. */
function refreshKey(node: Inner, slot: number): void {
  const child = node.children[slot] as TreeNode
  node.scores[slot] = child.scores[0] as number
  node.members[slot] = child.members[0] as string
}

function insertPair(node: TreeNode, slot: number, score: number, member: string): void {
  const { scores, members } = node
  for (let i = node.used; i > slot; i--) {
    scores[i] = scores[i - 1] as number
    members[i] = members[i - 1] as string
  }
  scores[slot] = score
  members[slot] = member
  node.used++
}

function insertChild(node: Inner, slot: number, child: TreeNode): void {
  const { sizes } = node
  for (let i = node.used; i > slot; i--) sizes[i] = sizes[i - 1] as number
  sizes[slot] = sizeOf(child)
  node.children.splice(slot, 0, child)
  insertPair(node, slot, child.scores[0] as number, child.members[0] as string)
}

/** Removes the pairs in [slot, slot + count). */
function removePairs(node: TreeNode, slot: number, count: number): void {
  const { scores, members, used } = node
  for (let i = slot + count; i < used; i++) {
    scores[i - count] = scores[i] as number
    members[i - count] = members[i] as string
  }
  for (let i = used - count; i < used; i++) members[i] = ''
  node.used = used - count
}

function removeChildren(node: Inner, slot: number, count: number): void {
  const { sizes, used } = node
  for (let i = slot + count; i < used; i++) sizes[i - count] = sizes[i] as number
  node.children.splice(slot, count)
  removePairs(node, slot, count)
}

/** Moves the pairs from slot `from` on behind those of `target`. */
function movePairs(node: TreeNode, from: number, target: TreeNode): void {
  for (let i = from; i < node.used; i++) {
    target.scores[target.used] = node.scores[i] as number
    target.members[target.used++] = node.members[i] as string
    node.members[i] = ''
  }
  node.used = from
}

/** Moves the children from slot `from` on behind those of `target`. */
function moveChildren(node: Inner, from: number, target: Inner): void {
  for (let i = from; i < node.used; i++) {
    target.sizes[target.children.length] = node.sizes[i] as number
    target.children.push(node.children[i] as TreeNode)
  }
  node.children.length = from
  movePairs(node, from, target)
}

function splitLeaf(leaf: Leaf, keep: number): Leaf {
  const right = new Leaf(leaf.census)
  movePairs(leaf, keep, right)
  right.previous = leaf
  right.next = leaf.next
  if (leaf.next !== null) leaf.next.previous = right
  leaf.next = right
  return right
}

function splitInner(node: Inner, keep: number): Inner {
  const right = new Inner()
  moveChildren(node, keep, right)
  return right
}

function unlink(leaf: Leaf): void {
  leaf.census.leaves--
  if (leaf.previous !== null) leaf.previous.next = leaf.next
  if (leaf.next !== null) leaf.next.previous = leaf.previous
}

function removeFromLeaf(leaf: Leaf, slot: number, count: number): void {
  removePairs(leaf, slot, count)
  if (leaf.used === 0) unlink(leaf)
}

function removeBelow(node: TreeNode, score: number, member: string): boolean {
  if (node.isLeaf) {
    const slot = firstNotLess(node, score, member)
    if (!holds(node, slot, score, member)) return false
    removeFromLeaf(node, slot, 1)
    return true
  }
  const slot = slotOfChild(node, score, member)
  if (!removeBelow(node.children[slot] as TreeNode, score, member)) return false
  const size = (node.sizes[slot] as number) - 1
  node.sizes[slot] = size
  if (size === 0) removeChildren(node, slot, 1)
  else settleChild(node, slot)
  return true
}

function removeRangeBelow(
  node: TreeNode,
  start: number,
  count: number,
  onDelete: ((member: string, score: number) => void) | undefined,
): void {
  if (node.isLeaf) {
    if (onDelete !== undefined) {
      for (let i = start; i < start + count; i++)
        onDelete(node.members[i] as string, node.scores[i] as number)
    }
    removeFromLeaf(node, start, count)
    return
  }
  const { sizes, children } = node
  let first = 0
  let offset = start
  while (offset >= (sizes[first] as number)) offset -= sizes[first++] as number
  let end = first
  for (let left = count; left > 0; end++) {
    const size = sizes[end] as number
    const removed = Math.min(left, size - offset)
    removeRangeBelow(children[end] as TreeNode, offset, removed, onDelete)
    sizes[end] = size - removed
    left -= removed
    offset = 0
  }
  // Of the children touched only the first and the last can have something left.
  if ((sizes[first] as number) > 0) first++
  if (first < end && (sizes[end - 1] as number) > 0) end--
  if (first < end) removeChildren(node, first, end - first)
  if (first < node.used) settleChild(node, first)
  if (first > 0) settleChild(node, first - 1)
}

/** After elements below a child went: corrects its key, and merges it with a neighbour if it is sparse. */
function settleChild(node: Inner, slot: number): void {
  refreshKey(node, slot)
  const { used } = node.children[slot] as TreeNode
  if (used >= SPARSE) return
  const right = node.children[slot + 1]
  const left = node.children[slot - 1]
  if (right !== undefined && used + right.used <= MERGE_LIMIT) mergeWithNext(node, slot)
  else if (left !== undefined && used + left.used <= MERGE_LIMIT) mergeWithNext(node, slot - 1)
}

function mergeWithNext(node: Inner, slot: number): void {
  const left = node.children[slot] as TreeNode
  const right = node.children[slot + 1] as TreeNode
  if (left.isLeaf && right.isLeaf) {
    movePairs(right, 0, left)
    unlink(right)
  } else if (!left.isLeaf && !right.isLeaf) {
    moveChildren(right, 0, left)
  }
  node.sizes[slot] = (node.sizes[slot] as number) + (node.sizes[slot + 1] as number)
  removeChildren(node, slot + 1, 1)
}

/** Checks one subtree, collects its leaves in order and returns its size. */
function checkNode(node: TreeNode, isRoot: boolean, leaves: Leaf[]): number {
  const { used, scores, members } = node
  assert(isRoot || used > 0, 'no node is empty')
  assert(scores.length === CAPACITY && members.length === CAPACITY, 'node arrays have their fixed size')
  for (let i = 1; i < used; i++) {
    assert(isLess(scores[i - 1] as number, members[i - 1] as string, node, i), 'pairs in order')
  }
  for (let i = used; i < CAPACITY; i++) assert(members[i] === '', 'a free slot holds no member')
  if (node.isLeaf) {
    leaves.push(node)
    return used
  }
  assert(!isRoot || used > 1, 'the root branches')
  assert(node.children.length === used && node.sizes.length === CAPACITY, 'children counted')
  let size = 0
  for (let i = 0; i < used; i++) {
    const child = node.children[i] as TreeNode
    assert(child.isLeaf === (node.children[0] as TreeNode).isLeaf, 'children on one level')
    assert(node.scores[i] === child.scores[0] && node.members[i] === child.members[0], 'key of a child')
    assert(checkNode(child, false, leaves) === node.sizes[i], 'size of a child')
    size += node.sizes[i] as number
  }
  return size
}

/** Copies a node with all below it. @param row the leaf that was copied last, which the next one follows */
function copyOf(node: TreeNode, row: { last: Leaf | null; census: Census }): TreeNode {
  if (!node.isLeaf) {
    const children = node.children.map((child) => copyOf(child, row))
    return new Inner(node.used, node.scores, node.members, node.sizes, children)
  }
  const copy = new Leaf(row.census, node.used, node.scores, node.members)
  copy.previous = row.last
  if (row.last !== null) row.last.next = copy
  row.last = copy
  return copy
}
