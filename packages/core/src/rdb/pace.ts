/** How much of a big value is written in one step. */

import type { OutputBuffer } from '../protocol/output-buffer.js'

/** A step ends when it has written so many elements, or bytes. */
const STEP_ELEMENTS = 1024
const STEP_BYTES = 65_536

export class Pace {
  #elements = 0
  #startBytes: number

  constructor(private readonly out: OutputBuffer) {
    this.#startBytes = out.pendingBytes
  }

  /** To be asked after every element, or after `elements` of them; the step ends when it says so. */
  isOver(elements = 1): boolean {
    this.#elements += elements
    return this.#elements >= STEP_ELEMENTS || this.out.pendingBytes - this.#startBytes >= STEP_BYTES
  }

  /** To be called when the next step begins: what was written before may have been taken. */
  restart(): void {
    this.#elements = 0
    this.#startBytes = this.out.pendingBytes
  }
}
