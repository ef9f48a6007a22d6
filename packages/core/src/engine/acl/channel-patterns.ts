/** The channels that a selector allows. */

import { globMatch } from '../../base/glob.js'

export class ChannelPatterns {
  #patterns = new Set<string>()

  /** @param all every channel */
  constructor(public all: boolean) {}

  copy(): ChannelPatterns {
    const copy = new ChannelPatterns(this.all)
    copy.#patterns = new Set(this.#patterns)
    return copy
  }

  setAll(allowed: boolean): void {
    this.all = allowed
    this.#patterns.clear()
  }

  add(pattern: string): void {
    this.#patterns.add(pattern)
  }

  /** @param isPattern whether it is a pattern of channels: that has to be one of the patterns here, as it is written */
  allows(channel: string, isPattern: boolean): boolean {
    if (this.all) return true
    if (isPattern) return this.#patterns.has(channel)
    for (const pattern of this.#patterns) if (globMatch(pattern, channel)) return true
    return false
  }

  /** Whether all that the others allow is allowed by these as well, as far as their patterns are the same. */
  static cover(these: readonly ChannelPatterns[], others: readonly ChannelPatterns[]): boolean {
    if (these.some(({ all }) => all)) return true
    return others.every(
      (other) =>
        !other.all &&
        [...other.#patterns].every((pattern) => these.some((own) => own.#patterns.has(pattern))),
    )
  }

  describe(): string {
    return this.rules().join(' ')
  }

  rules(): string[] {
    return this.all ? ['&*'] : Array.from(this.#patterns, (pattern) => `&${pattern}`)
  }
}
