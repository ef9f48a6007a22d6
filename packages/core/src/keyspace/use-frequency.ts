/**
 * How often keys are used, for the eviction policies that go by it (LFU). A key has 24 bits for that, which
 * otherwise hold the second of its last use: the minute at which its counter was last changed, modulo 2^16,
 * and the counter, 0 to 255. The counter grows with the logarithm of the uses, because the more there were the
 * less likely one more counts; and it falls by one for every so many minutes, so that old fame fades.
 */

/** A new key starts here, so that it is not evicted before it had a chance of being used. */
const NEW_KEY = 5
const MAX_COUNT = 255
const MAX_MINUTES = 0xffff

export class UseFrequency {
  /** The present, in minutes modulo 2^16. */
  minutes = 0

  /**
   * @param logFactor the larger, the more uses it takes to get the counter up
   * @param decayMinutes minutes that take one from the counter; 0 for never
   */
  constructor(
    private readonly random: () => number,
    readonly logFactor: number,
    readonly decayMinutes: number,
  ) {}

  /** The 24 bits of a key that is new. */
  get fresh(): number {
    return (this.minutes << 8) | NEW_KEY
  }

  /** The 24 bits of a key whose counter is `count` now; of a new one if that is below 0. */
  withCount(count: number): number {
    return count < 0 ? this.fresh : (this.minutes << 8) | count
  }

  /** The counter as it is by now. @param bits the 24 bits of a key */
  countOf(bits: number): number {
    const count = bits & MAX_COUNT
    if (this.decayMinutes === 0) return count
    const passedMinutes = (this.minutes - (bits >>> 8)) & MAX_MINUTES
    return Math.max(0, count - Math.floor(passedMinutes / this.decayMinutes))
  }

  /** The 24 bits of a key after one more use. O(1) */
  used(bits: number): number {
    let count = this.countOf(bits)
    const beyondNew = Math.max(0, count - NEW_KEY)
    if (count < MAX_COUNT && this.random() < 1 / (beyondNew * this.logFactor + 1)) count++
    return (this.minutes << 8) | count
  }
}
