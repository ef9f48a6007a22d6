/** The core's `Host` on Node: clocks, timers, logging, and byte strings by Buffer's native latin1 calls. */
import { randomFillSync } from 'node:crypto'
import os from 'node:os'
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ByteCodec, Host, HostProcess, LogLevel, TimerHandle } from '@russet/core'
import type { Log } from './log.js'

/** Native calls of Buffer that work on any Uint8Array, so that none needs a Buffer around it. */
interface Latin1Calls {
  latin1Slice(this: Uint8Array, start: number, end: number): string
  latin1Write(this: Uint8Array, text: string, offset: number, length: number): number
}
const { latin1Slice, latin1Write } = Buffer.prototype as unknown as Latin1Calls

const codec: ByteCodec = {
  decode: (bytes, start, end) => latin1Slice.call(bytes, start, end),
  encode: (text, bytes, offset) => {
    latin1Write.call(bytes, text, offset, text.length)
  },
}

export class NodeHost implements Host {
  readonly bytes = codec
  readonly process: HostProcess
  readonly #log: Log | undefined

  /**
   * @param log where messages go; without it they are dropped
   * @param executable path of the program, as INFO shows it
   */
  constructor(log?: Log, executable = process.argv[1] ?? process.execPath) {
    this.#log = log
    this.process = processFacts(executable)
  }

  now(): number {
    return Date.now()
  }

  monotonic(): number {
    return performance.now()
  }

  random(): number {
    return Math.random()
  }

  fillSecret(bytes: Uint8Array): void {
    randomFillSync(bytes)
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    return setTimeout(callback, delayMs).unref()
  }

  clearTimer(timer: TimerHandle): void {
    clearTimeout(timer as NodeJS.Timeout)
  }

  defer(callback: () => void): void {
    setImmediate(callback)
  }

  log(level: LogLevel, message: string): void {
    this.#log?.write(level, message)
  }
}

function processFacts(executable: string): HostProcess {
  return {
    pid: process.pid,
    os: `${os.type()} ${os.release()} ${os.machine()}`,
    executable,
    systemMemory: os.totalmem(),
    memory: () => {
      const { rss, heapUsed, external } = process.memoryUsage()
      return { rss, heap: heapUsed + external }
    },
    heapStatistics,
    collectGarbage,
    cpu: () => {
      const { user, system } = process.cpuUsage()
      return { user: user / 1e6, system: system / 1e6 }
    },
  }
}

function heapStatistics(): string {
  const lines = [`V8 ${process.versions.v8}, Node.js ${process.version}`]
  for (const [name, value] of Object.entries(getHeapStatistics())) lines.push(`${name}: ${value}`)
  for (const { space_name, ...space } of getHeapSpaceStatistics()) {
    lines.push(`${space_name}:`)
    for (const [name, value] of Object.entries(space)) lines.push(`  ${name}: ${value}`)
  }
  return `${lines.join('\n')}\n`
}

let collect: (() => void) | undefined

function collectGarbage(): void {
  if (collect === undefined) {
    // The function is only there in contexts made while the flag is set.
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
    setFlagsFromString('--no-expose-gc')
  }
  collect()
}
