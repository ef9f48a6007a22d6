/**
 * A simulated medium for testing recovery to the last byte. It keeps a history of everything that happened to
 * its files, and from that knows every state a crash at any moment could have left behind:
 *
 * - what `sync` or `replace` or `remove` has resolved for is there;
 * - of what came after a file's last sync, any beginning may be there, and its last write torn at any byte;
 * - each file for itself: a later write to one may be there and an earlier one to another not;
 * - a replacement or removal under way is done or not, and nothing between.
 *
 * Any call can be made to fail, as badly as the interface allows: a failed write leaves a part of itself in the
 * file, after a failed sync nothing that is written to that file lasts any more, though later syncs succeed, and a
 * replacement or removal that fails at its end shows after a crash or not, until a later one succeeds.
 *
 * Everything is deterministic. The way to use it: run a history once and note `medium.steps.length` whenever
 * something was promised; then, for each step, open each of `crashStates(step)` on a new medium and see whether
 * all promises of that time are kept. Likewise run it once for each call that may fail.
 */
import {
  type AppendFileOwner,
  checkFileName,
  concatBytes,
  fileClosed,
  fileInUse,
  filesIn,
  missingFile,
  shortFile,
  storageClosed,
  totalBytes,
} from '../../packages/core/src/storage/adapter.js'
import {
  type AppendFile,
  type FileContent,
  type Storage,
  StorageError,
  type StorageFault,
  type StoredFile,
} from '../../packages/core/src/storage/storage.js'

/** Content of each file by its name. */
export type MediumState = ReadonlyMap<string, Uint8Array>

/** What happened to a file. `bytes` are as they were then. */
export type Step =
  | { readonly kind: 'create'; readonly name: string }
  | { readonly kind: 'cut'; readonly name: string; readonly length: number }
  | { readonly kind: 'write'; readonly name: string; readonly bytes: Uint8Array }
  /** Everything of the file that is in the first `upTo` steps lasts. */
  | { readonly kind: 'sync'; readonly name: string; readonly upTo: number }
  | { readonly kind: 'sync failed'; readonly name: string }
  /** From here on the file may have this content, or be gone. */
  | { readonly kind: 'swap'; readonly name: string; readonly content: Uint8Array | undefined }
  /** As `swap`, but it will never be known whether it lasts. */
  | { readonly kind: 'swap failed'; readonly name: string; readonly content: Uint8Array | undefined }
  /** The swap of step `swap` lasts. */
  | { readonly kind: 'swapped'; readonly name: string; readonly swap: number }

/** Which calls fail. Every operation of `Storage` and `AppendFile` but `close` is a call. */
export interface Failure {
  readonly fault: StorageFault
  /** Number of the first call that fails, counted from the medium's beginning; 0 if left out. */
  readonly from?: number
  /** How many calls from there on; all if left out. */
  readonly times?: number
  /** Whether calls that only read go on as ever; false if left out. */
  readonly onlyChanges?: boolean
  /** Whether `replace` and `remove` fail at their end, and not at their beginning; false if left out. */
  readonly atEnd?: boolean
}

export interface CrashLimits {
  /** States that are enumerated at most; beyond, files vary one at a time. 2,000 if left out. */
  readonly states?: number
  /** Places at which one write is torn at most; beyond, both its ends and places between. 256 if left out. */
  readonly tears?: number
}

type VolatileStep = Extract<Step, { kind: 'create' | 'cut' | 'write' }>

/** What is known of one file while the history is read. */
interface FileHistory {
  /** What a crash cannot take; undefined when there may be no such file. */
  durable: Uint8Array | undefined
  /** What came since, with the number of its step. */
  volatile: { readonly at: number; readonly step: VolatileStep }[]
  /** Swaps under way, by the numbers of their steps. */
  readonly swaps: Map<number, Uint8Array | undefined>
  /** What swaps that failed may have left. */
  failedSwaps: (Uint8Array | undefined)[]
  /** The step at which a sync failed: no sync that began later has an effect. */
  damagedAt: number
}

export class FaultyMedium {
  /** The history, from the medium's beginning. */
  readonly steps: Step[] = []
  /** Calls of storages so far, which is also the number of the next one. */
  calls = 0
  readonly #initial: MediumState
  readonly #files: Map<string, Uint8Array>
  #user: FaultyStorage | undefined
  #failure: Failure | undefined

  /** @param files what it has at the beginning, all durable */
  constructor(files: MediumState = new Map()) {
    this.#initial = new Map(files)
    this.#files = new Map(files)
  }

  /** The files as a running process sees them. */
  get files(): MediumState {
    return this.#files
  }

  /** Lets calls fail until `mend`, or as often as the failure says. */
  fail(failure: Failure): void {
    this.#failure = failure
  }

  /** No call fails any more. */
  mend(): void {
    this.#failure = undefined
  }

  /** @throws StorageError `busy` while another storage uses it */
  enter(storage: FaultyStorage): void {
    if (this.#user !== undefined) throw new StorageError('busy', 'The medium is in use')
    this.#user = storage
  }

  isUsedBy(storage: FaultyStorage): boolean {
    return this.#user === storage
  }

  /** Ends the use by whoever has it; should it go on, it gets `lost`. */
  evict(): void {
    this.#user = undefined
  }

  /** Whether a call that is to fail does so at its end. */
  get failsAtEnd(): boolean {
    return this.#failure?.atEnd === true
  }

  /** Counts a call. @returns the error with which it is to fail */
  called(changes: boolean): StorageError | undefined {
    const call = this.calls++
    if (this.#failure === undefined) return undefined
    const { fault, from = 0, times = Number.POSITIVE_INFINITY, onlyChanges = false } = this.#failure
    if (call < from || call >= from + times || (onlyChanges && !changes)) return undefined
    return new StorageError(fault, `Call ${call} was made to fail`)
  }

  /** Does a step and remembers it. @returns its number */
  take(step: Step): number {
    const at = this.steps.push(step) - 1
    const content = this.#files.get(step.name) ?? new Uint8Array(0)
    if (step.kind === 'create' || step.kind === 'cut' || step.kind === 'write') {
      this.#files.set(step.name, applied(content, step))
    }
    if (step.kind === 'swapped') {
      const swap = this.steps[step.swap]
      if (swap?.kind === 'swap' && swap.content !== undefined) this.#files.set(step.name, swap.content)
      else this.#files.delete(step.name)
    }
    return at
  }

  /**
   * The states in which a crash after so many steps could leave the medium, each once.
   * @param step 0 is before the first step; the present if left out
   */
  *crashStates(step = this.steps.length, limits: CrashLimits = {}): Generator<MediumState> {
    const names: string[] = []
    const choices: (Uint8Array | undefined)[][] = []
    let total = 1
    for (const [name, history] of this.#historiesAt(step)) {
      const contents = possibleContents(history, limits.tears ?? 256)
      names.push(name)
      choices.push(contents)
      total *= contents.length
    }
    const combinations =
      total <= (limits.states ?? 2000) ? allCombinations(choices) : someCombinations(choices)
    for (const combination of combinations) {
      const state = new Map<string, Uint8Array>()
      for (const [i, content] of combination.entries()) {
        if (content !== undefined) state.set(names[i] ?? '', content)
      }
      yield state
    }
  }

  #historiesAt(step: number): Map<string, FileHistory> {
    const histories = new Map<string, FileHistory>()
    const start = (durable: Uint8Array | undefined): FileHistory => ({
      durable,
      volatile: [],
      swaps: new Map(),
      failedSwaps: [],
      damagedAt: Number.POSITIVE_INFINITY,
    })
    for (const [name, content] of this.#initial) histories.set(name, start(content))
    for (const [at, taken] of this.steps.slice(0, step).entries()) {
      const history = histories.get(taken.name) ?? start(undefined)
      histories.set(taken.name, history)
      retell(history, at, taken)
    }
    return histories
  }
}

function retell(history: FileHistory, at: number, step: Step): void {
  switch (step.kind) {
    case 'sync': {
      if (step.upTo > history.damagedAt) return
      const settled = history.volatile.filter((change) => change.at < step.upTo)
      history.volatile = history.volatile.filter((change) => change.at >= step.upTo)
      for (const { step: change } of settled) {
        history.durable = applied(history.durable ?? new Uint8Array(0), change)
      }
      return
    }
    case 'sync failed':
      history.damagedAt = Math.min(history.damagedAt, at)
      return
    case 'swap':
      history.swaps.set(at, step.content)
      return
    case 'swap failed':
      history.failedSwaps.push(step.content)
      return
    case 'swapped':
      history.failedSwaps = []
      history.durable = history.swaps.get(step.swap)
      history.volatile = []
      history.swaps.delete(step.swap)
      history.damagedAt = Number.POSITIVE_INFINITY
      return
    default:
      history.volatile.push({ at, step })
  }
}

function applied(content: Uint8Array, step: VolatileStep): Uint8Array {
  if (step.kind === 'write') return concatBytes([content, step.bytes], content.length + step.bytes.length)
  return step.kind === 'cut' ? content.subarray(0, step.length) : content
}

/** What a file may hold after a crash, from nothing of what was volatile to all of it. */
function possibleContents(history: FileHistory, maxTears: number): (Uint8Array | undefined)[] {
  let content = history.durable
  const contents = [content]
  for (const { step } of history.volatile) {
    const before: Uint8Array = content ?? new Uint8Array(0)
    content = applied(before, step)
    if (step.kind === 'write') {
      for (const length of tearsOf(step.bytes.length, maxTears)) {
        contents.push(content.subarray(0, before.length + length))
      }
    } else {
      contents.push(content)
    }
  }
  contents.push(...history.swaps.values(), ...history.failedSwaps)
  return withoutRepeats(contents)
}

/** Lengths at which a write of so many bytes is torn, ascending, the whole of it last. */
function tearsOf(bytes: number, maxTears: number): number[] {
  if (bytes <= maxTears) return Array.from({ length: bytes }, (_, i) => i + 1)
  const third = Math.ceil(maxTears / 3)
  const lengths = new Set<number>()
  for (let i = 1; i <= third; i++) {
    lengths.add(i)
    lengths.add(Math.round((bytes * i) / (third + 1)))
    lengths.add(bytes - third + i)
  }
  return [...lengths].sort((a, b) => a - b)
}

function withoutRepeats(contents: (Uint8Array | undefined)[]): (Uint8Array | undefined)[] {
  return contents.filter((content, i) => !contents.slice(0, i).some((earlier) => isSame(earlier, content)))
}

const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.length === b.length && a.every((byte, i) => byte === b[i])

function* allCombinations<T>(choices: readonly T[][], from = 0): Generator<T[]> {
  const own = choices[from]
  if (own === undefined) {
    yield []
    return
  }
  for (const choice of own) for (const rest of allCombinations(choices, from + 1)) yield [choice, ...rest]
}

/** One file at a time goes through all of its choices, the others being at their first or at their last ones. */
function* someCombinations<T>(choices: readonly T[][]): Generator<T[]> {
  const first = choices.map((own) => own[0] as T)
  const last = choices.map((own) => own.at(-1) as T)
  yield first
  yield last
  for (const [i, own] of choices.entries()) {
    for (const [j, choice] of own.entries()) {
      if (j > 0) yield withChoice(first, i, choice)
      if (j < own.length - 1) yield withChoice(last, i, choice)
    }
  }
}

const withChoice = <T>(combination: readonly T[], at: number, choice: T): T[] =>
  combination.map((other, i) => (i === at ? choice : other))

export class FaultyStorage implements Storage {
  readonly #medium: FaultyMedium
  readonly #openFiles = new Set<string>()
  #isClosed = false

  /** @throws StorageError `busy` while another storage uses the medium */
  constructor(medium: FaultyMedium) {
    medium.enter(this)
    this.#medium = medium
  }

  async list(folder: string): Promise<StoredFile[]> {
    await this.#begin()
    return filesIn(
      folder,
      Array.from(this.#medium.files, ([name, { length }]) => ({ name, bytes: length })),
    )
  }

  async read(name: string, offset: number, count: number): Promise<Uint8Array> {
    await this.#begin()
    checkFileName(name)
    const content = this.#medium.files.get(name)
    if (content === undefined) throw missingFile(name)
    return content.slice(offset, offset + count)
  }

  async replace(name: string, content: FileContent): Promise<void> {
    const failure = this.#medium.called(true)
    const { failsAtEnd } = this.#medium
    this.#checkUnused(name)
    const pieces: Uint8Array[] = []
    for await (const piece of content) {
      pieces.push(piece.slice())
      if (failure !== undefined && !failsAtEnd) throw failure
    }
    await this.#swap(name, concatBytes(pieces, totalBytes(pieces)), failure)
  }

  async append(name: string, length: number): Promise<AppendFile> {
    const failure = this.#medium.called(true)
    this.#checkUnused(name)
    if (failure !== undefined) throw failure
    const content = this.#medium.files.get(name)
    if (content === undefined && length > 0) throw missingFile(name)
    if (content !== undefined && length > content.length) throw shortFile(name, content.length)
    this.#openFiles.add(name)
    if (content === undefined) this.#medium.take({ kind: 'create', name })
    else if (length < content.length) this.#medium.take({ kind: 'cut', name, length })
    await turn()
    return new FaultyAppendFile(name, length, this.#medium, {
      check: () => this.#check(),
      closed: () => this.#openFiles.delete(name),
    })
  }

  async remove(name: string): Promise<void> {
    const failure = this.#medium.called(true)
    await this.#swap(name, undefined, failure)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#medium.isUsedBy(this)) this.#medium.evict()
  }

  async #swap(
    name: string,
    content: Uint8Array | undefined,
    failure: StorageError | undefined,
  ): Promise<void> {
    this.#checkUnused(name)
    if (failure !== undefined) {
      if (this.#medium.failsAtEnd) this.#medium.take({ kind: 'swap failed', name, content })
      throw failure
    }
    const swap = this.#medium.take({ kind: 'swap', name, content })
    await turn()
    this.#check()
    this.#medium.take({ kind: 'swapped', name, swap })
  }

  async #begin(): Promise<void> {
    const failure = this.#medium.called(false)
    this.#check()
    if (failure !== undefined) throw failure
    await turn()
  }

  #check(): void {
    if (this.#isClosed) throw storageClosed()
    if (!this.#medium.isUsedBy(this)) throw new StorageError('lost', 'The medium has been taken over')
  }

  #checkUnused(name: string): void {
    this.#check()
    checkFileName(name)
    if (this.#openFiles.has(name)) throw fileInUse(name)
  }
}

class FaultyAppendFile implements AppendFile {
  readonly #name: string
  readonly #medium: FaultyMedium
  readonly #owner: AppendFileOwner
  #length: number
  /** Whether a failed write has left something behind `#length`. */
  #hasLeftover = false
  #isClosed = false

  constructor(name: string, length: number, medium: FaultyMedium, owner: AppendFileOwner) {
    this.#name = name
    this.#length = length
    this.#medium = medium
    this.#owner = owner
  }

  get length(): number {
    return this.#length
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    const failure = this.#medium.called(true)
    this.#check()
    const name = this.#name
    const bytes = concatBytes(pieces, totalBytes(pieces))
    if (this.#hasLeftover) this.#medium.take({ kind: 'cut', name, length: this.#length })
    this.#hasLeftover = failure !== undefined
    if (failure !== undefined) {
      this.#medium.take({ kind: 'write', name, bytes: bytes.subarray(0, bytes.length >> 1) })
      throw failure
    }
    this.#medium.take({ kind: 'write', name, bytes })
    this.#length += bytes.length
    await turn()
  }

  async sync(): Promise<void> {
    const failure = this.#medium.called(true)
    this.#check()
    const upTo = this.#medium.steps.length
    if (failure !== undefined) {
      this.#medium.take({ kind: 'sync failed', name: this.#name })
      throw failure
    }
    await turn()
    this.#check()
    this.#medium.take({ kind: 'sync', name: this.#name, upTo })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await turn()
    this.#owner.closed()
  }

  #check(): void {
    if (this.#isClosed) throw fileClosed()
    this.#owner.check()
  }
}

/** Lets others go on in between, as a medium would. */
const turn = (): Promise<void> => Promise.resolve().then(() => {})
