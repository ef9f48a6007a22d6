/** Whether a list of strings names one of them twice: what came from outside is not believed to be a set. */

/** Up to so many strings, comparing each with each is faster than hashing them. */
const COMPARE_MAX = 12

/** @param step only every so many-th string counts, from the first on. O(length / step) */
export function hasRepeats(items: readonly string[], step = 1): boolean {
  const { length } = items
  if (length > COMPARE_MAX * step) {
    const seen = new Set<string>()
    for (let i = 0; i < length; i += step) seen.add(items[i] as string)
    return seen.size * step < length
  }
  for (let i = step; i < length; i += step) {
    for (let j = 0; j < i; j += step) if (items[i] === items[j]) return true
  }
  return false
}
