/**
 * A part of a sorted set, as the ZRANGE family names it: by rank, by score or by member, from one bound to
 * another. Whatever it is given by, it comes down to a run of ranks, found in O(log n); REV and LIMIT then
 * only move the ends of that run. Counting, reading, storing and removing all start from here.
 */

import { parseScoreBound } from '../base/double.js'
import { fail } from '../base/errors.js'
import type { SortedSetValue } from '../keyspace/sorted-set-value.js'
import { clampRange, integerArg } from './arguments.js'

/** `count` elements from rank `start` on, counted from the smallest element. */
export interface Ranks {
  readonly start: number
  readonly count: number
}

export interface Interval {
  /**
   * The ranks it covers in `value`. O(log n).
   * @param reverse ranks in the interval itself count from the greatest element
   */
  ranksIn(value: SortedSetValue, reverse: boolean): Ranks
}

export type IntervalKind = 'rank' | 'score' | 'lex'

/**
 * Reads the two bounds of an interval, the lower one first (the first and last rank, for ranks).
 * @throws CommandError when one of them is no integer, no score bound or no member bound
 */
export function parseInterval(kind: IntervalKind, min: string, max: string): Interval {
  switch (kind) {
    case 'rank':
      return new RankInterval(integerArg(min), integerArg(max))
    case 'score':
      return new ScoreInterval(parseScore(min), parseScore(max))
    case 'lex':
      return new LexInterval(parseMember(min), parseMember(max))
  }
}

/** `limit` elements (all if negative) after `offset` of `ranks`, counted from its end if `reverse`. */
export function limitRanks(ranks: Ranks, reverse: boolean, offset: number, limit: number): Ranks {
  const left = offset < 0 ? 0 : Math.max(0, ranks.count - offset)
  const count = limit < 0 ? left : Math.min(limit, left)
  if (count === 0) return NOTHING
  return { start: reverse ? ranks.start + ranks.count - offset - count : ranks.start + offset, count }
}

const NOTHING: Ranks = { start: 0, count: 0 }

function ranksBetween(start: number, end: number): Ranks {
  return end > start ? { start, count: end - start } : NOTHING
}

class RankInterval implements Interval {
  constructor(
    private readonly first: number,
    private readonly last: number,
  ) {}

  ranksIn(value: SortedSetValue, reverse: boolean): Ranks {
    const range = clampRange(this.first, this.last, value.length)
    if (range === undefined) return NOTHING
    const count = range.stop - range.start + 1
    return { start: reverse ? value.length - 1 - range.stop : range.start, count }
  }
}

interface ScoreBound {
  readonly score: number
  readonly exclusive: boolean
}

function parseScore(text: string): ScoreBound {
  const exclusive = text.charCodeAt(0) === 0x28
  const score = parseScoreBound(exclusive ? text.slice(1) : text)
  if (score === undefined) fail('ERR min or max is not a float')
  return { score, exclusive }
}

class ScoreInterval implements Interval {
  constructor(
    private readonly min: ScoreBound,
    private readonly max: ScoreBound,
  ) {}

  ranksIn(value: SortedSetValue): Ranks {
    const { min, max } = this
    return ranksBetween(
      value.rankOfScore(min.score, min.exclusive),
      value.rankOfScore(max.score, !max.exclusive),
    )
  }
}

/** A member, or a place before or after all members. */
type MemberBound = 'before all' | 'after all' | { readonly member: string; readonly exclusive: boolean }

function parseMember(text: string): MemberBound {
  // As Redis reads it, a NUL byte ends a bound that is a single sign.
  const alone = text.length === 1 || text.charCodeAt(1) === 0
  switch (text.charAt(0)) {
    case '-':
      if (alone) return 'before all'
      break
    case '+':
      if (alone) return 'after all'
      break
    case '[':
      return { member: text.slice(1), exclusive: false }
    case '(':
      return { member: text.slice(1), exclusive: true }
  }
  fail('ERR min or max not valid string range item')
}

class LexInterval implements Interval {
  constructor(
    private readonly min: MemberBound,
    private readonly max: MemberBound,
  ) {}

  ranksIn(value: SortedSetValue): Ranks {
    return ranksBetween(rankOfBound(value, this.min, true), rankOfBound(value, this.max, false))
  }
}

/** Where the interval begins, if the bound is its lower one, or the rank behind its end. */
function rankOfBound(value: SortedSetValue, bound: MemberBound, isLower: boolean): number {
  if (bound === 'before all') return 0
  if (bound === 'after all') return value.length
  return value.rankOfMember(bound.member, bound.exclusive === isLower)
}
