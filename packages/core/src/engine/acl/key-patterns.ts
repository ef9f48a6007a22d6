/** The keys that a selector allows: patterns, each for reading, for writing or for both. */

import { globMatch } from '../../base/glob.js'
import type { KeyFlags } from '../../commands/key-spec.js'

/** Bits of what may be done to a key. */
export const READ = 1
export const WRITE = 2
export const READ_AND_WRITE = READ | WRITE

const PREFIXES = ['', '%R~', '%W~', '~']

/** What a command does to a key. Where it only looks whether there is one, any pattern that fits will do. */
export function accessOf(flags: KeyFlags): number {
  let access = 0
  for (const flag of flags) {
    if (flag === 'access') access |= READ
    else if (flag === 'insert' || flag === 'delete' || flag === 'update') access |= WRITE
  }
  return access
}

export class KeyPatterns {
  /** Every key, for everything. */
  all = false
  #patterns = new Map<string, number>()

  copy(): KeyPatterns {
    const copy = new KeyPatterns()
    copy.all = this.all
    copy.#patterns = new Map(this.#patterns)
    return copy
  }

  setAll(allowed: boolean): void {
    this.all = allowed
    this.#patterns.clear()
  }

  /** A pattern that is there already allows this, too. */
  add(pattern: string, access: number): void {
    this.#patterns.set(pattern, (this.#patterns.get(pattern) ?? 0) | access)
  }

  /** O(patterns), each as long as its match takes. */
  allows(key: string, access: number): boolean {
    if (this.all) return true
    for (const [pattern, allowed] of this.#patterns) {
      if ((allowed & access) === access && globMatch(pattern, key)) return true
    }
    return false
  }

  /** Whether every key that there may ever be can be read. */
  get allowReadingAll(): boolean {
    return this.all || ((this.#patterns.get('*') ?? 0) & READ) !== 0
  }

  describe(): string {
    return this.rules().join(' ')
  }

  rules(): string[] {
    if (this.all) return ['~*']
    return Array.from(this.#patterns, ([pattern, access]) => {
      // `~*` would be read as all keys, and no pattern could stand beside it.
      if (pattern === '*' && access === READ_AND_WRITE) return '%RW~*'
      return `${PREFIXES[access]}${pattern}`
    })
  }
}
