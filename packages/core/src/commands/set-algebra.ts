/**
 * Union, difference and intersection of sets. An operand is undefined where the key is not there, which
 * counts as an empty set.
 *
 * A result to be stored gets the encoding that Redis arrives at; one that is only sent is built in whatever
 * encoding looks members up fastest.
 */

import { isCanonicalInt } from '../base/int64.js'
import { SetValue } from '../keyspace/set-value.js'
import type { ValueHome } from '../keyspace/value.js'

export type Operands = readonly (SetValue | undefined)[]

/**
 * Visits the members that all sets have, until `visit` returns false. O(N*M): every member of the smallest
 * set is looked up in the others.
 */
export function intersect(operands: Operands, visit: (member: string) => boolean): void {
  const sets = bySize(operands)
  if (sets === undefined) return
  const first = sets[0] as SetValue
  const others = sets.filter((set) => set !== first)
  const end = first.positions
  for (let i = 0; i < end; i++) {
    const member = first.memberAt(i)
    if (member !== undefined && inAll(others, member) && !visit(member)) return
  }
}

/** What all sets have, as a new set. */
export function intersection(home: ValueHome, operands: Operands): SetValue {
  const smallest = bySize(operands)?.[0]
  const result = new SetValue(home, smallest?.encoding === 'intset' ? 'intset' : 'listpack')
  let onlyIntegers = true
  intersect(operands, (member) => {
    result.add(member)
    onlyIntegers &&= isCanonicalInt(member)
    return true
  })
  if (onlyIntegers) result.packIntegers()
  return result
}

/** What any set has. O(N) for N members in all. */
export function union(home: ValueHome, operands: Operands, isReply: boolean): SetValue {
  const result = emptyResult(home, operands, isReply)
  for (const set of operands) if (set !== undefined) addAll(result, set)
  return result
}

/**
 * What the first set has and no other. Either each member of the first set is looked up in the others, or the
 * others are taken away from a copy of the first, whichever promises less work.
 */
export function difference(home: ValueHome, operands: Operands, isReply: boolean): SetValue {
  const result = emptyResult(home, operands, isReply)
  const [first, ...rest] = operands
  const others = rest.filter((set) => set !== undefined)
  if (first === undefined || others.includes(first)) return result
  let othersLength = 0
  for (const set of others) othersLength += set.length
  // A lookup that finds something ends early, so looking up counts half, as in Redis.
  const lookups = (first.length * (others.length + 1)) / 2
  if (Math.floor(lookups) <= first.length + othersLength) {
    // The largest set is the likeliest to have a member.
    others.sort((a, b) => b.length - a.length)
    first.forEach((member) => {
      if (!inAny(others, member)) result.add(member)
    })
    return result
  }
  addAll(result, first)
  for (const set of others) {
    removeAll(result, set)
    if (result.length === 0) break
  }
  return result
}

/** The sets, the smallest first; undefined if one of them is not there. */
function bySize(operands: Operands): readonly SetValue[] | undefined {
  if (operands.includes(undefined)) return undefined
  return [...(operands as readonly SetValue[])].sort((a, b) => a.length - b.length)
}

function emptyResult(home: ValueHome, operands: Operands, isReply: boolean): SetValue {
  const staysInteger = operands.every((set) => set === undefined || set.encoding === 'intset')
  return new SetValue(home, isReply && !staysInteger ? 'hashtable' : 'intset')
}

function inAll(sets: readonly SetValue[], member: string): boolean {
  for (let i = 0; i < sets.length; i++) if (!(sets[i] as SetValue).has(member)) return false
  return true
}

function inAny(sets: readonly SetValue[], member: string): boolean {
  for (let i = 0; i < sets.length; i++) if ((sets[i] as SetValue).has(member)) return true
  return false
}

function addAll(result: SetValue, set: SetValue): void {
  set.forEach((member) => {
    result.add(member)
  })
}

function removeAll(result: SetValue, set: SetValue): void {
  set.forEach((member) => {
    result.remove(member)
  })
}
