/**
 * Glob patterns with exactly Redis's meaning: `*`, `?`, `[a-c]`, `[^a]`, `\x`. Where the rest of a pattern
 * does not match, only the last `*` is tried at the next place: an earlier one could not help, since all it
 * could give away the last one can take. So the time is O(pattern × text) at worst, without recursion.
 */

const STAR = 0x2a
const DASH = 0x2d
const QUESTION = 0x3f
const OPEN = 0x5b
const BACKSLASH = 0x5c
const CLOSE = 0x5d
const CARET = 0x5e

/** Redis gives up at a pattern with more groups of `*` than this. */
const MAX_STARS = 1000

function fold(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
}

/** A byte as C's `signed char`, which is what Redis compares the ends of a range as. */
function signed(code: number): number {
  return (code << 24) >> 24
}

/**
 * Whether all of `text` matches `pattern`.
 * @param ignoreCase whether A-Z and a-z are the same (not after a backslash in a class, as in Redis).
 */
export function globMatch(pattern: string, text: string, ignoreCase = false): boolean {
  const patternEnd = pattern.length
  const textEnd = text.length
  let p = 0
  let t = 0
  let stars = 0
  let afterStar = -1
  let starText = 0

  while (t < textEnd) {
    if (p < patternEnd && pattern.charCodeAt(p) === STAR) {
      p = skipStars(pattern, p)
      if (p === patternEnd) return true
      if (++stars > MAX_STARS) return false
      afterStar = p
      starText = t
      continue
    }
    const next = p < patternEnd ? matchOne(pattern, p, text.charCodeAt(t), ignoreCase) : -1
    if (next >= 0) {
      p = next
      t++
    } else if (afterStar < 0) {
      return false
    } else {
      p = afterStar
      t = ++starText
    }
  }
  // An empty text matches only the empty pattern, not even `*`: so it is in Redis.
  return (textEnd === 0 ? p : skipStars(pattern, p)) === patternEnd
}

function skipStars(pattern: string, p: number): number {
  while (pattern.charCodeAt(p) === STAR) p++
  return p
}

/** Matches one character with the pattern's item at `p`; returns where the next item starts, or -1. */
function matchOne(pattern: string, p: number, code: number, ignoreCase: boolean): number {
  let wanted = pattern.charCodeAt(p)
  if (wanted === QUESTION) return p + 1
  if (wanted === OPEN) return matchClass(pattern, p + 1, code, ignoreCase)
  if (wanted === BACKSLASH && p + 1 < pattern.length) wanted = pattern.charCodeAt(++p)
  return wanted === code || (ignoreCase && fold(wanted) === fold(code)) ? p + 1 : -1
}

/** As `matchOne`, for a class that opened just before `p`. One that is never closed ends with the pattern. */
function matchClass(pattern: string, p: number, code: number, ignoreCase: boolean): number {
  const end = pattern.length
  const negated = pattern.charCodeAt(p) === CARET
  if (negated) p++
  let found = false
  for (; p < end; p++) {
    const item = pattern.charCodeAt(p)
    if (item === BACKSLASH && p + 1 < end) {
      if (pattern.charCodeAt(++p) === code) found = true
    } else if (item === CLOSE) {
      return found !== negated ? p + 1 : -1
    } else if (p + 2 < end && pattern.charCodeAt(p + 1) === DASH) {
      if (inRange(item, pattern.charCodeAt(p + 2), code, ignoreCase)) found = true
      p += 2
    } else if (item === code || (ignoreCase && fold(item) === fold(code))) {
      found = true
    }
  }
  return found !== negated ? end : -1
}

/** Whether `code` lies between the two ends, given in either order; they are ordered before case folds. */
function inRange(from: number, to: number, code: number, ignoreCase: boolean): boolean {
  const low = signed(from) <= signed(to) ? from : to
  const high = low === from ? to : from
  if (!ignoreCase) return signed(code) >= signed(low) && signed(code) <= signed(high)
  return signed(fold(code)) >= signed(fold(low)) && signed(fold(code)) <= signed(fold(high))
}
