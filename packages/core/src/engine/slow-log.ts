/**
 * SLOWLOG's memory: the commands that took long, newest last, each with what it was called with. Long arguments
 * are cut and long lists of them shortened, as Redis does, so that an entry takes a few KB at most.
 */

import type { Host } from '../base/host.js'
import type { SlowLogEntry, SlowLogReader } from '../commands/context.js'
import { Queue } from '../structures/queue.js'
import type { Settings } from './config.js'

const MAX_ARGUMENTS = 32
const MAX_ARGUMENT_BYTES = 128

export class SlowLog implements SlowLogReader {
  #entries = new Queue<SlowLogEntry>()
  #nextId = 0
  readonly #scratch = new Uint8Array(MAX_ARGUMENT_BYTES)

  constructor(
    private readonly host: Host,
    private readonly settings: Settings,
  ) {}

  get length(): number {
    return this.#entries.length
  }

  /** @param args what is to be shown: secrets are hidden already */
  add(args: readonly string[], micros: number, address: string, clientName: string): void {
    const { slowlogMaxLen } = this.settings
    if (slowlogMaxLen === 0) return
    this.#entries.push({
      id: this.#nextId++,
      unixSeconds: Math.floor(this.host.now() / 1000),
      micros,
      args: this.#shortened(args),
      address,
      clientName,
    })
    while (this.#entries.length > slowlogMaxLen) this.#entries.shift()
  }

  newest(count: number): SlowLogEntry[] {
    const { length } = this.#entries
    const found: SlowLogEntry[] = []
    for (let i = length - 1; i >= 0 && found.length < count; i--)
      found.push(this.#entries.at(i) as SlowLogEntry)
    return found
  }

  clear(): void {
    this.#entries = new Queue()
  }

  #shortened(args: readonly string[]): string[] {
    const fits = args.length <= MAX_ARGUMENTS
    const shown = (fits ? args : args.slice(0, MAX_ARGUMENTS - 1)).map((arg) => this.#cut(arg))
    if (!fits) shown.push(`... (${args.length - MAX_ARGUMENTS + 1} more arguments)`)
    return shown
  }

  #cut(arg: string): string {
    if (arg.length <= MAX_ARGUMENT_BYTES) return arg
    // A part of a string keeps all of it in memory: it is written anew.
    const { bytes } = this.host
    bytes.encode(arg.slice(0, MAX_ARGUMENT_BYTES), this.#scratch, 0)
    const start = bytes.decode(this.#scratch, 0, MAX_ARGUMENT_BYTES)
    return `${start}... (${arg.length - MAX_ARGUMENT_BYTES} more bytes)`
  }
}
