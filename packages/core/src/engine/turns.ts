/** Work of which only one can be under way at a time: the others wait in the order in which they came. */

import { Queue } from '../structures/queue.js'

/** Ends a turn; the next one begins. To be called once. */
export type EndTurn = () => void

export class Turns {
  #isTaken = false
  readonly #waiting = new Queue<(end: EndTurn) => void>()

  /** Begins a turn at once, if nothing is under way. */
  tryTake(): EndTurn | undefined {
    if (this.#isTaken) return undefined
    this.#isTaken = true
    return this.#end
  }

  /** Begins a turn when all that came before is over. */
  take(): Promise<EndTurn> {
    const end = this.tryTake()
    if (end !== undefined) return Promise.resolve(end)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  readonly #end = () => {
    const next = this.#waiting.shift()
    if (next === undefined) this.#isTaken = false
    else next(this.#end)
  }
}
