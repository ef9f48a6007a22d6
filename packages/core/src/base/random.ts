/** Random choices over the host's `random`, which is uniform in [0, 1). None of this is fit for secrets. */

export type Random = () => number

const RUN_ID_LENGTH = 40

/** A uniform integer in [0, n). */
export function randomBelow(random: Random, n: number): number {
  return Math.floor(random() * n)
}

/**
 * `k` distinct integers in [0, n), every subset equally likely, in no particular order (Floyd's algorithm).
 * `k` is at most `n`. O(k), whatever `n` is.
 */
export function sampleDistinct(random: Random, k: number, n: number): number[] {
  const chosen = new Set<number>()
  for (let last = n - k; last < n; last++) {
    const pick = randomBelow(random, last + 1)
    chosen.add(chosen.has(pick) ? last : pick)
  }
  return Array.from(chosen)
}

/** A run or replication ID: 40 hex digits. */
export function randomRunId(random: Random): string {
  let id = ''
  for (let i = 0; i < RUN_ID_LENGTH; i++) id += '0123456789abcdef'.charAt(randomBelow(random, 16))
  return id
}
