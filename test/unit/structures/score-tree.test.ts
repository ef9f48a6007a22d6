import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScoreTree } from '../../../packages/core/src/structures/score-tree.js'

type Pair = { score: number; member: string }

const compare = (a: Pair, b: Pair): number =>
  a.score < b.score ? -1 : a.score > b.score ? 1 : a.member < b.member ? -1 : a.member > b.member ? 1 : 0

function walk(tree: ScoreTree): Pair[] {
  const pairs: Pair[] = []
  for (const cursor = tree.cursorAt(0); cursor.valid; cursor.next()) {
    pairs.push({ score: cursor.score, member: cursor.member })
  }
  return pairs
}

function walkBack(tree: ScoreTree): Pair[] {
  const pairs: Pair[] = []
  for (const cursor = tree.cursorAt(tree.length - 1); cursor.valid; cursor.prev()) {
    pairs.push({ score: cursor.score, member: cursor.member })
  }
  return pairs
}

/** The tree beside a sorted array and the members' scores. */
class Model {
  tree = new ScoreTree()
  pairs: Pair[] = []

  insert(score: number, member: string): void {
    const pair = { score, member }
    if (this.pairs.some((other) => compare(other, pair) === 0)) {
      expect(() => this.tree.insert(score, member)).toThrow('inserted once')
      return
    }
    this.tree.insert(score, member)
    this.pairs.push(pair)
    this.pairs.sort(compare)
  }

  remove(score: number, member: string): void {
    const index = this.pairs.findIndex((other) => compare(other, { score, member }) === 0)
    expect(this.tree.rank(score, member)).toBe(index)
    expect(this.tree.delete(score, member)).toBe(index >= 0)
    if (index >= 0) this.pairs.splice(index, 1)
  }

  removeRange(start: number, count: number): void {
    const seen: Pair[] = []
    this.tree.deleteRange(start, count, (member, score) => seen.push({ score, member }))
    expect(seen).toEqual(this.pairs.splice(start, count))
  }

  search(score: number): void {
    const below = this.pairs.filter((pair) => pair.score < score).length
    const notAbove = this.pairs.filter((pair) => pair.score <= score).length
    expect(this.tree.rankOfScore(score, false)).toBe(below)
    expect(this.tree.rankOfScore(score, true)).toBe(notAbove)
  }

  check(): void {
    this.tree.assertInvariants()
    expect(this.tree.length).toBe(this.pairs.length)
    expect(walk(this.tree)).toEqual(this.pairs)
    expect(walkBack(this.tree)).toEqual([...this.pairs].reverse())
  }
}

const scoreArb = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, Infinity, -Infinity, Number.MAX_VALUE, 5e-324),
  fc.integer({ min: -20, max: 20 }),
  fc.double({ noNaN: true }),
)
const memberArb = fc.oneof(
  fc.constantFrom('', '\0', '\xff', '\xff\xff', 'a', 'a\0'),
  fc.integer({ min: 0, max: 300 }).map(String),
)
const fraction = fc.double({ min: 0, max: 0.999999, noNaN: true })
const step = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), score: scoreArb, member: memberArb }),
  fc.record({
    // Hundreds in one direction: fills and splits nodes at the edges or in the middle.
    kind: fc.constant('run' as const),
    score: scoreArb,
    by: fc.constantFrom(1, -1, 0, 0.001),
    count: fc.integer({ min: 1, max: 300 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), score: scoreArb, member: memberArb }),
  fc.record({
    kind: fc.constant('removeAt' as const),
    at: fraction,
    count: fc.integer({ min: 1, max: 200 }),
  }),
  fc.record({ kind: fc.constant('removeRange' as const), at: fraction, size: fraction }),
  fc.record({ kind: fc.constant('search' as const), score: scoreArb }),
)

describe('ScoreTree', () => {
  it('does what a sorted array does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        const model = new Model()
        let serial = 0
        for (const each of steps) {
          switch (each.kind) {
            case 'insert':
              model.insert(each.score, each.member)
              break
            case 'run':
              for (let i = 0; i < each.count; i++) model.insert(each.score + each.by * i, `run${serial++}`)
              break
            case 'remove':
              model.remove(each.score, each.member)
              break
            case 'removeAt':
              for (let i = 0; i < each.count && model.pairs.length > 0; i++) {
                const pair = model.pairs[Math.floor(each.at * model.pairs.length)] as Pair
                // -0 and 0 name the same element.
                model.remove(pair.score === 0 ? -pair.score : pair.score, pair.member)
              }
              break
            case 'removeRange': {
              const start = Math.floor(each.at * model.pairs.length)
              model.removeRange(start, Math.floor(each.size * (model.pairs.length - start + 1)))
              break
            }
            case 'search':
              model.search(each.score)
              break
          }
          model.check()
        }
      }),
      { numRuns: 120 },
    )
  })

  it('finds lexicographic ranges where all scores are equal', () => {
    fc.assert(
      fc.property(fc.uniqueArray(memberArb, { maxLength: 300, size: 'max' }), memberArb, (members, bound) => {
        const tree = new ScoreTree()
        for (const member of members) tree.insert(-0, member)
        expect(tree.rankOfMember(bound, false)).toBe(members.filter((member) => member < bound).length)
        expect(tree.rankOfMember(bound, true)).toBe(members.filter((member) => member <= bound).length)
      }),
    )
    expect(new ScoreTree().rankOfMember('x', true)).toBe(0)
  })

  it('builds from a sorted sequence what inserts would build, and goes on from there', () => {
    for (const size of [0, 1, 63, 64, 65, 4096, 4097, 20_000]) {
      const scores = Array.from({ length: size }, (_, i) => Math.floor(i / 3))
      const members = Array.from({ length: size }, (_, i) => String(i % 3))
      const tree = ScoreTree.fromSorted(scores, members)
      tree.assertInvariants()
      expect(tree.length).toBe(size)
      expect(walk(tree)).toEqual(scores.map((score, i) => ({ score, member: members[i] })))
      for (let i = 0; i < size; i += 7) expect(tree.rank(scores[i] as number, members[i] as string)).toBe(i)
      for (let i = 0; i < 500; i++) tree.insert(i / 2, `new${i}`)
      tree.assertInvariants()
      expect(tree.length).toBe(size + 500)
    }
  })

  it('keeps its order, ranks and density over 200,000 random inserts and removals', () => {
    const tree = new ScoreTree()
    const members = Array.from({ length: 200_000 }, (_, i) => `m${i}`)
    // A fixed permutation: multiplication by a number prime to the size.
    const scoreOf = (i: number): number => ((i * 77_773) % 200_000) / 10
    members.forEach((member, i) => {
      tree.insert(scoreOf(i), member)
    })
    tree.assertInvariants()
    members.forEach((member, i) => {
      const rank = tree.rank(scoreOf(i), member)
      if (rank !== Math.round(scoreOf(i) * 10)) throw new Error(`rank of ${member} is ${rank}`)
    })
    for (let rank = 0; rank < 200_000; rank += 331) expect(tree.at(rank).score).toBe(rank / 10)
    members.forEach((member, i) => {
      if (i % 3 !== 0 && !tree.delete(scoreOf(i), member)) throw new Error(`${member} is missing`)
    })
    tree.assertInvariants()
    expect(tree.length).toBe(Math.ceil(200_000 / 3))
    const left = walk(tree)
    expect(left).toEqual([...left].sort(compare))
    tree.deleteRange(1000, tree.length - 2000)
    tree.assertInvariants()
    expect(walk(tree)).toEqual([...left.slice(0, 1000), ...left.slice(-1000)])
    tree.clear()
    tree.assertInvariants()
    expect(tree.cursorAt(0).valid).toBe(false)
  })

  it('leaves full nodes behind rising and falling inserts', () => {
    for (const sign of [1, -1]) {
      const tree = new ScoreTree()
      for (let i = 0; i < 100_000; i++) tree.insert(sign * i, 'm')
      tree.assertInvariants()
      expect(tree.leafCount).toBeLessThanOrEqual(Math.ceil(100_000 / 63) + 1)
    }
  })

  it('stays dense under removals in a hostile order', () => {
    const tree = new ScoreTree()
    for (let i = 0; i < 100_000; i++) tree.insert(i, 'm')
    for (let i = 0; i < 100_000; i++) if (i % 64 !== 7) tree.delete(i, 'm')
    tree.assertInvariants()
    // Neighbours that do not fit together hold more than 48; so two leaves for 48 elements at the worst.
    expect(tree.leafCount).toBeLessThanOrEqual(Math.ceil((tree.length / 48) * 2) + 1)
  })

  it('stays dense when ranges are cut out so that each cut leaves its left neighbour sparse', () => {
    const tree = new ScoreTree()
    for (let i = 0; i < 64 * 60; i++) tree.insert(i, 'm')
    // Leaves hold 64 each. Thin every third leaf to 20, then cut the tail of the leaf before it to 10.
    for (let leaf = 57; leaf >= 3; leaf -= 3) {
      tree.deleteRange(leaf * 64 + 20, 44)
      tree.deleteRange(leaf * 64 - 54, 54)
    }
    tree.assertInvariants()
    // Each cut pair, 10 and 20, fits in one leaf: 60 leaves less one for each of the 19 pairs.
    expect(tree.leafCount).toBe(60 - 19)
  })

  it('refuses what cannot be ordered and ranges outside', () => {
    const tree = new ScoreTree()
    expect(() => tree.insert(Number.NaN, 'm')).toThrow('a score is a number')
    expect(() => ScoreTree.fromSorted([Number.NaN], ['m'])).toThrow('a score is a number')
    tree.insert(1, 'm')
    expect(() => tree.deleteRange(0, 2)).toThrow('range within the tree')
    expect(tree.cursorAt(1).valid).toBe(false)
    expect(tree.cursorAt(-1).valid).toBe(false)
    expect(tree.length).toBe(1)
  })
})
