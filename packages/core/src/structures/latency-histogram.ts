/**
 * How long things took, as counts in buckets whose width grows with the time: every value is known to within
 * 1 %, from a nanosecond to a second, in 12 KB. It is the layout of HdrHistogram with two significant digits,
 * so percentiles are the same as those of Redis for the same times.
 *
 * Values share an octave, from one power of two to the next, with those of the same bit length; an octave has
 * 128 buckets, and the lowest 256 values have one each.
 */

const MAX_NS = 1_000_000_000
const OCTAVE_BITS = 7
const OCTAVE_BUCKETS = 1 << OCTAVE_BITS
/** Bits of the values that have a bucket each. */
const EXACT_BITS = OCTAVE_BITS + 1
const EXACT_MASK = (1 << EXACT_BITS) - 1
/** Octaves up to the one that holds `MAX_NS`. */
const OCTAVES = 32 - Math.clz32(MAX_NS) - EXACT_BITS + 1
/** The lowest limit that `cumulative` tells of; each further one is twice as high. */
const LEAST_LIMIT_NS = 1024

/** So many of the times recorded took no longer than this. */
export interface CumulativeCount {
  readonly limitNs: number
  readonly count: number
}

export class LatencyHistogram {
  readonly #counts = new Uint32Array((OCTAVES + 1) * OCTAVE_BUCKETS)
  #total = 0

  /** Counts one time in nanoseconds; O(1). What is out of range counts as the nearest that is not. */
  record(ns: number): void {
    const at = bucketOf(Math.min(Math.max(Math.round(ns), 1), MAX_NS))
    this.#counts[at] = (this.#counts[at] as number) + 1
    this.#total++
  }

  /** Times recorded. */
  get total(): number {
    return this.#total
  }

  /**
   * How many times there are up to each power of two (to the highest value of the bucket it is in), from 1024 ns
   * until all are counted; a limit up to which there are no more than up to the one before is left out. O(buckets)
   */
  cumulative(): CumulativeCount[] {
    const found: CumulativeCount[] = []
    let at = 0
    let count = 0
    for (let limitNs = LEAST_LIMIT_NS; count < this.#total; limitNs *= 2) {
      const before = count
      const last = Math.min(bucketOf(limitNs), this.#counts.length - 1)
      while (at <= last) count += this.#counts[at++] as number
      if (count > before) found.push({ limitNs: highestIn(last), count })
    }
    return found
  }

  /**
   * The time in nanoseconds that `percentile` percent of all took at most, as the highest value of its bucket;
   * for 0 the lowest of the first. Something has been recorded. O(buckets)
   */
  atPercentile(percentile: number): number {
    const wanted = Math.max(1, Math.floor((percentile / 100) * this.#total + 0.5))
    let seen = 0
    let at = -1
    while (seen < wanted && at + 1 < this.#counts.length) seen += this.#counts[++at] as number
    return percentile === 0 ? lowestIn(at) : highestIn(at)
  }
}

/** The bucket of a value below 2^32. */
function bucketOf(value: number): number {
  const octave = 32 - Math.clz32(value | EXACT_MASK) - EXACT_BITS
  return octave * OCTAVE_BUCKETS + (value >>> octave)
}

function octaveOf(bucket: number): number {
  return Math.max(0, (bucket >>> OCTAVE_BITS) - 1)
}

function lowestIn(bucket: number): number {
  const octave = octaveOf(bucket)
  return (bucket - octave * OCTAVE_BUCKETS) * 2 ** octave
}

function highestIn(bucket: number): number {
  return lowestIn(bucket) + 2 ** octaveOf(bucket) - 1
}
