/**
 * Everything the engine may ask of the platform it runs on. A host is handed to the engine once; with the
 * same host behaviour, seed and input the engine does the same thing, so a failure can be replayed.
 */

/** A running timer; what it is depends on the host. */
export type TimerHandle = unknown

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning'

export interface Host {
  /** Wall clock: milliseconds since the Unix epoch, fractions allowed. */
  now(): number
  /** Monotonic clock in milliseconds, fractions allowed: durations only. */
  monotonic(): number
  /** Uniform in [0, 1). Seeds hashes and picks random elements; not for secrets. */
  random(): number
  /** Fills `bytes` with random ones that nobody can foretell: for secrets. */
  fillSecret(bytes: Uint8Array): void
  /** Calls back once after `delayMs`. A pending timer must not keep a process alive by itself. */
  setTimer(callback: () => void, delayMs: number): TimerHandle
  clearTimer(timer: TimerHandle): void
  /** Calls back after the input that is already waiting has been read (end of the event-loop turn). */
  defer(callback: () => void): void
  log(level: LogLevel, message: string): void
  /** Conversion between bytes and byte strings, as fast as the platform can. */
  readonly bytes: ByteCodec
  /** What `INFO` tells of the process. Absent where the platform does not say. */
  readonly process?: HostProcess
}

export interface ByteCodec {
  /** The byte string of `bytes[start, end)`. */
  decode(bytes: Uint8Array, start: number, end: number): string
  /** Writes the byte string `text` at `offset`; there is room for it. */
  encode(text: string, bytes: Uint8Array, offset: number): void
}

export interface HostProcess {
  readonly pid: number
  /** Operating system, as INFO prints it: `Linux 6.1.0 x86_64`. */
  readonly os: string
  readonly executable: string
  /** Bytes of memory that the machine has. */
  readonly systemMemory: number
  /** Bytes: resident set size, and JS heap in use together with the buffers that belong to it. */
  memory(): { rss: number; heap: number }
  /** What the platform tells of its heap, for people to read. */
  heapStatistics?(): string
  /** Has everything collected that nobody needs, at once. */
  collectGarbage?(): void
  /** CPU seconds spent so far. */
  cpu(): { user: number; system: number }
}
