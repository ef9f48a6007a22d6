/**
 * `maxmemory`: before a command runs, keys are evicted by `maxmemory-policy` until what is in use is within the
 * limit; where that is not possible, commands that need memory are refused. What is in use is the engine's own
 * count (`Memory.usedBytes`), so the same commands always evict the same keys.
 *
 * Much to evict is done in slices: one before the command, up to the time that `maxmemory-eviction-tenacity`
 * allows, and the rest between the commands that follow. Each key's DEL is an effect of its own.
 */

import type { Command } from '../commands/command.js'
import { Victims } from '../keyspace/victims.js'
import type { Engine } from './engine.js'
import type { ClientSession } from './session.js'

export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'."

/** Keys evicted between two looks at the clock. */
const KEYS_A_STEP = 16
/** Longest slice for each step of tenacity up to 10, and how much longer each further one makes it. */
const SLICE_MS_A_STEP = 0.05
const LINEAR_STEPS = 10
const SLICE_GROWTH = 1.15
const NO_LIMIT = 100

export class Eviction {
  /** Whether there is a limit. */
  isLimited = false
  /** Undefined: no key is evicted. */
  #victims: Victims | undefined
  #sliceMs = 0
  /** Evicts on between commands. */
  #isRunning = false
  #stopped = false
  /** Since when more than the limit is in use, monotonic ms; undefined while it is not. */
  #overSinceMs: number | undefined
  #overMs = 0

  constructor(private readonly engine: Engine) {
    const { config } = engine
    this.#update()
    config.onChange(
      ['maxmemory-policy', 'maxmemory-samples', 'maxmemory-eviction-tenacity', 'maxmemory'],
      () => {
        this.#update()
        return undefined
      },
    )
    config.onChange(['maxmemory'], ({ maxmemory }) => {
      const { usedBytes } = engine.usedMemory
      if (maxmemory === 0 || usedBytes <= maxmemory) return undefined
      const refused = 'what cannot be evicted stays, and commands that need memory are refused'
      engine.host.log('warning', `maxmemory is now ${maxmemory} with ${usedBytes} bytes in use: ${refused}`)
      this.#begin()
      return undefined
    })
  }

  /** ms for which more than the limit has been in use, for INFO: in all, and now without a break. */
  get overLimitMs(): { readonly total: number; readonly current: number } {
    const since = this.#overSinceMs
    const current = since === undefined ? 0 : this.engine.host.monotonic() - since
    return { total: this.#overMs + current, current }
  }

  resetStats(): void {
    this.#overMs = 0
    if (this.#overSinceMs !== undefined) this.#overSinceMs = this.engine.host.monotonic()
  }

  stop(): void {
    this.#stopped = true
  }

  /**
   * Evicts what has to go, or as much of it as there is time for.
   * @returns false if more than the limit is in use and there is nothing to evict
   */
  makeRoom(): boolean {
    const { engine } = this
    if (engine.usedMemory.usedBytes <= engine.settings.maxmemory) {
      this.#isOver(false)
      return true
    }
    // What is being loaded is not to be changed, nor what a pause holds still.
    if (engine.persistence.loading || engine.keyspace.keepsExpired) return true
    const freed = this.#evict()
    this.#isOver(!freed || this.#isRunning)
    return freed
  }

  /** Whether a command is refused when there is no room. EXEC is, if it would run one that is. */
  refuses(command: Command, { queue }: ClientSession): boolean {
    if (command.deniedWithoutMemory) return true
    if (queue === undefined) return false
    // Commands that are queued take memory, whatever they do.
    if (command.name !== 'exec') return !ENDS_TRANSACTION.has(command.name)
    return queue.some((queued) => queued.command.deniedWithoutMemory)
  }

  #update(): void {
    const { maxmemory, maxmemoryPolicy, maxmemorySamples, maxmemoryEvictionTenacity } = this.engine.settings
    // So far nobody needed to know what clients take.
    if (maxmemory > 0 && !this.isLimited) this.engine.sessions.weighAll()
    this.isLimited = maxmemory > 0
    if (!this.isLimited) this.#isOver(false)
    this.#victims =
      maxmemoryPolicy === 'noeviction'
        ? undefined
        : new Victims(this.engine.keyspace, maxmemoryPolicy, maxmemorySamples)
    this.#sliceMs = sliceMs(maxmemoryEvictionTenacity)
  }

  /** @returns false if not even the whole of what may be evicted is enough */
  #evict(): boolean {
    const { engine } = this
    const victims = this.#victims
    if (victims === undefined) return false
    const limit = engine.settings.maxmemory
    let startMs = -1
    for (let evicted = 0; engine.usedMemory.usedBytes > limit; evicted++) {
      // One key takes no time worth a look at the clock.
      if (evicted === 1) startMs = engine.host.monotonic()
      if (evicted % KEYS_A_STEP === KEYS_A_STEP - 1 && engine.host.monotonic() - startMs > this.#sliceMs) {
        this.#begin()
        break
      }
      if (!victims.evictOne()) return false
      engine.effects.flush()
    }
    if (startMs >= 0) engine.timing.paused('eviction-cycle', engine.host.monotonic() - startMs)
    return true
  }

  /** Has the rest evicted between commands. */
  #begin(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.engine.host.defer(() => this.#goOn())
  }

  #goOn(): void {
    this.#isRunning = false
    if (!this.isLimited || this.#stopped) return
    const { engine } = this
    engine.keyspace.releaseClock()
    this.makeRoom()
    engine.endUnit()
  }

  #isOver(over: boolean): void {
    if (over === (this.#overSinceMs !== undefined)) return
    const nowMs = this.engine.host.monotonic()
    if (this.#overSinceMs !== undefined) this.#overMs += nowMs - this.#overSinceMs
    this.#overSinceMs = over ? nowMs : undefined
  }
}

/** Commands that free what a transaction takes. */
const ENDS_TRANSACTION: ReadonlySet<string> = new Set(['discard', 'quit', 'reset'])

/** The longest that evicting may take in one go. */
function sliceMs(tenacity: number): number {
  if (tenacity >= NO_LIMIT) return Number.POSITIVE_INFINITY
  const linear = SLICE_MS_A_STEP * Math.min(tenacity, LINEAR_STEPS)
  return tenacity <= LINEAR_STEPS ? linear : linear * SLICE_GROWTH ** (tenacity - LINEAR_STEPS)
}
