/**
 * The manifest of the append-only file: a text of one line for each file that belongs to it,
 * `file appendonly.aof.1.base.rdb seq 1 type b`. The state after a start is the base (`b`, the data at one
 * moment) and on top of it the incremental logs (`i`) in their order. History (`h`) is what a newer base has
 * replaced: it waits to be removed.
 *
 * A manifest is a value and does not change. Every step of a rewrite is a new one, which takes effect when it
 * has replaced the stored one, so there is no moment at which the state is between two.
 */
import { equalsIgnoreCase } from '../base/lowercase.js'
import { quoteWord, splitWords } from '../base/split-words.js'
import { CorruptError } from '../rdb/corrupt.js'

export interface AofFile {
  /** Name in the folder of the manifest, as a byte string. */
  readonly name: string
  /** Position among the files of its type, from 1 on and rising; gaps are allowed. */
  readonly sequence: number
}

/** What a base holds: an RDB, or commands as a log does. */
export type BaseFormat = 'rdb' | 'aof'

/** Far more than any rewrite leaves behind. */
export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024
/** The longest line that Redis reads, with its end. */
const MAX_LINE_BYTES = 1024

/** A stored manifest that cannot be used. */
export class ManifestError extends CorruptError {
  constructor(
    /** What is wrong, in words. */
    readonly reason: string,
    /** Line of the text, from 1 on; 0 if it is the whole text. */
    readonly line: number,
    /** The line itself, without blanks around it. */
    readonly text: string,
    /** Where the line begins, in bytes. */
    readonly offset: number,
  ) {
    super(line === 0 ? reason : `${reason}, at line ${line}: '${text}'`)
  }
}

/** Name of the manifest of an append-only file. @param appendFileName the directive `appendfilename` */
export const manifestName = (appendFileName: string): string => `${appendFileName}.manifest`

/** Whether a name says which folder it is in, on whatever system, so that it is no mere file name. */
export function isPath(name: string): boolean {
  return name.includes('/') || name.includes('\\')
}

export class Manifest {
  constructor(
    readonly base: AofFile | undefined,
    /** In the order in which they are read; sequences rise. */
    readonly incremental: readonly AofFile[],
    /** The most recent ones first. */
    readonly history: readonly AofFile[],
  ) {}

  /** What there is before the first start. */
  static readonly EMPTY = new Manifest(undefined, [], [])

  /**
   * Reads a stored manifest. Entries of unknown keys, as newer versions may write, are passed over.
   * @param text as a byte string
   * @throws ManifestError
   */
  static parse(text: string): Manifest {
    if (text === '') throw new ManifestError('the manifest is empty', 0, '', 0)
    if (text.length > MAX_MANIFEST_BYTES) throw new ManifestError('the manifest is too long', 0, '', 0)
    let base: AofFile | undefined
    const incremental: AofFile[] = []
    const history: AofFile[] = []
    let number = 0
    let end = 0
    for (const line of linesOf(text)) {
      const start = end
      end += line.length
      number++
      if (line.startsWith('#')) continue
      const refuse = (reason: string): never => {
        throw new ManifestError(reason, number, trimBlanks(line), start)
      }
      if (!line.endsWith('\n')) refuse('the line does not end, or is longer than 1024 bytes')
      if (line.includes('\0')) refuse('the line has a zero byte')
      const { name, sequence, type } = readLine(trimBlanks(line)) ?? refuse('not a line of a manifest')
      if (name === '' || name === '.' || name === '..' || isPath(name)) refuse('a path is not a file name')
      const file = { name, sequence }
      if (type === 'b') {
        if (base !== undefined) refuse('a second base')
        base = file
      } else if (type === 'i') {
        if (sequence <= lastSequence(incremental)) refuse('the sequence number does not rise')
        incremental.push(file)
      } else if (type === 'h') {
        history.push(file)
      } else {
        refuse('unknown type of file')
      }
    }
    return new Manifest(base, incremental, history)
  }

  /** As it is stored: base, history, incremental. */
  print(): string {
    let text = ''
    if (this.base !== undefined) text += printLine(this.base, 'b')
    for (const file of this.history) text += printLine(file, 'h')
    for (const file of this.incremental) text += printLine(file, 'i')
    return text
  }

  /** Whether it names no file that holds data. */
  get isEmpty(): boolean {
    return this.base === undefined && this.incremental.length === 0
  }

  /** The log that is written to: the last one. */
  get current(): AofFile | undefined {
    return this.incremental[this.incremental.length - 1]
  }

  /** The file that the next base is to be written to. It is not in this manifest yet: see `withBase`. */
  nextBase(appendFileName: string, format: BaseFormat): AofFile {
    return this.#next(this.base?.sequence ?? 0, (sequence) => `${appendFileName}.${sequence}.base.${format}`)
  }

  /** With a new, last log, `current` from then on. */
  withNewIncremental(appendFileName: string): Manifest {
    const nameOf = (sequence: number): string => `${appendFileName}.${sequence}.incr.aof`
    const file = this.#next(lastSequence(this.incremental), nameOf)
    return new Manifest(this.base, [...this.incremental, file], this.history)
  }

  /**
   * With another base, which holds what the one before and the first logs held: those become history.
   * @param base usually from `nextBase`
   * @param firstKept the log that goes on where the base ends; undefined if the base holds everything
   */
  withBase(base: AofFile, firstKept: AofFile | undefined): Manifest {
    const logs = this.incremental
    const kept = firstKept === undefined ? [] : logs.filter((file) => file.sequence >= firstKept.sequence)
    const replaced = logs.slice(0, logs.length - kept.length)
    const before = this.base === undefined ? [] : [this.base]
    return new Manifest(base, kept, [...replaced, ...before, ...this.history])
  }

  withoutHistory(): Manifest {
    return new Manifest(this.base, this.incremental, [])
  }

  /** The next sequence and name that no file has: history is not to be overwritten before it is removed. */
  #next(last: number, nameOf: (sequence: number) => string): AofFile {
    const taken = new Set([...this.incremental, ...this.history].map(({ name }) => name))
    let sequence = last + 1
    while (taken.has(nameOf(sequence))) sequence++
    return { name: nameOf(sequence), sequence }
  }
}

function lastSequence(files: readonly AofFile[]): number {
  return files[files.length - 1]?.sequence ?? 0
}

/** The lines with their ends, as fgets gives them: a longer line than Redis reads comes in parts. */
function* linesOf(text: string): Generator<string> {
  let start = 0
  while (start < text.length) {
    const newline = text.indexOf('\n', start)
    const end = Math.min(newline < 0 ? text.length : newline + 1, start + MAX_LINE_BYTES)
    yield text.slice(start, end)
    start = end
  }
}

/** Without the blanks around it, which for Redis are these four. */
function trimBlanks(line: string): string {
  return line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
}

interface Line {
  readonly name: string
  readonly sequence: number
  readonly type: string
}

/** Pairs of a key and a value, in any order; undefined if they are no pairs or a needed one is missing. */
function readLine(line: string): Line | undefined {
  const words = splitWords(line)
  if (words === undefined || words.length % 2 === 1) return undefined
  let name: string | undefined
  let sequence = 0
  let type = ''
  for (let i = 0; i < words.length; i += 2) {
    const key = words[i] as string
    const value = cString(words[i + 1] as string)
    if (equalsIgnoreCase(key, 'file')) name = value
    else if (equalsIgnoreCase(key, 'seq')) sequence = leadingInteger(value)
    else if (equalsIgnoreCase(key, 'type')) type = value.slice(0, 1)
  }
  if (name === undefined || sequence < 1 || !Number.isSafeInteger(sequence) || type === '') return undefined
  return { name, sequence, type }
}

/** An escape can put a zero byte into a word; for Redis, and for file systems, the word ends there. */
function cString(word: string): string {
  const end = word.indexOf('\0')
  return end < 0 ? word : word.slice(0, end)
}

/** The number that a word begins with, as C's atoll reads it; 0 if there is none. */
function leadingInteger(word: string): number {
  return Number(/^[ \t-\r]*([+-]?[0-9]+)/.exec(word)?.[1] ?? 0)
}

function printLine({ name, sequence }: AofFile, type: 'b' | 'i' | 'h'): string {
  // Redis leaves ' as it is, and then cannot read the line back.
  const word = /^[!-~]+$/.test(name) && !/["'\\]/.test(name) ? name : quoteWord(name)
  return `file ${word} seq ${sequence} type ${type}\n`
}
