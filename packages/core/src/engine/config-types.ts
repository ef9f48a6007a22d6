/**
 * The kinds of values that configuration directives have. A type turns the words after a directive's name
 * into a value for the engine and the canonical text that CONFIG GET reports, or says why it cannot, in
 * Redis's words. The text is kept beside the value, so that reading the configuration formats nothing and
 * int64 settings are reported exactly although the engine holds them as doubles.
 */
import { parseInt64, UINT64_MAX } from '../base/int64.js'
import { equalsIgnoreCase, lower } from '../base/lowercase.js'
import { parseBytes } from '../base/memory-size.js'
import { quoteWord } from '../base/split-words.js'

export interface Parsed<T> {
  readonly value: T
  /** As CONFIG GET reports it. */
  readonly text: string
}

export interface ValueType<T> {
  /** Whether a value may have several words, as in `bind 127.0.0.1 ::1`. */
  readonly manyWords: boolean
  /**
   * @param words exactly one, unless `manyWords`.
   * @param current the value so far; undefined while defaults are set.
   * @param fromFile whether this is a line of a configuration file, where some directives add up.
   * @returns the value, or the reason why there is none.
   */
  parse(words: readonly string[], current: T | undefined, fromFile: boolean): Parsed<T> | string
  /** What a file has behind the directive's name, in one line or more; the text itself if left out. */
  written?(parsed: Parsed<T>): readonly string[]
}

export const INT_MAX = 2 ** 31 - 1
export const INT_MIN = -(2 ** 31)
export const UINT_MAX = 2 ** 32 - 1
export const LONG_MAX = 2n ** 63n - 1n
export const ULONG_MAX = UINT64_MAX

type Integer = number | bigint

/** A type whose value is a single word. */
export function oneWord<T>(
  parseWord: (word: string) => Parsed<T> | string,
  written?: (parsed: Parsed<T>) => readonly string[],
): ValueType<T> {
  const parse = (words: readonly string[]) => parseWord(words[0] as string)
  return { manyWords: false, parse, ...(written === undefined ? {} : { written }) }
}

/** In quotes, as a file has words of any kind. */
export function quoted({ text }: Parsed<unknown>): readonly string[] {
  return [quoteWord(text)]
}

const UNITS = [
  [1024n ** 3n, 'gb'],
  [1024n ** 2n, 'mb'],
  [1024n, 'kb'],
] as const

/** A number of bytes in the largest unit that divides it. */
export function sizeText(bytes: string | number): string {
  const size = BigInt(bytes)
  const unit = UNITS.find(([factor]) => size >= factor && size % factor === 0n)
  return unit === undefined ? `${size}` : `${size / unit[0]}${unit[1]}`
}

function sizeWritten({ text }: Parsed<number>): readonly string[] {
  return [text.endsWith('%') ? text : sizeText(text)]
}

function outside(min: Integer | string, max: Integer | string): string {
  return `argument must be between ${min} and ${max} inclusive`
}

function integer(value: Integer): Parsed<number> {
  return { value: Number(value), text: value.toString() }
}

export const bool: ValueType<boolean> = oneWord((word) => {
  if (equalsIgnoreCase(word, 'yes')) return { value: true, text: 'yes' }
  if (equalsIgnoreCase(word, 'no')) return { value: false, text: 'no' }
  return "argument must be 'yes' or 'no'"
})

export function int(min: Integer, max: Integer): ValueType<number> {
  return oneWord((word) => {
    const value = parseInt64(word)
    if (value === undefined) return "argument couldn't be parsed into an integer"
    return value < min || value > max ? outside(min, max) : integer(value)
  })
}

/** File permissions, as chmod writes them. */
export function octal(min: number, max: number): ValueType<number> {
  return oneWord((word) => {
    if (!/^[+-]?[0-7]{1,12}$/.test(word)) return "argument couldn't be parsed as an octal number"
    const value = Number.parseInt(word, 8)
    const text = value.toString(8)
    return value < min || value > max ? outside(min.toString(8), max.toString(8)) : { value, text }
  })
}

/** A size in bytes. */
export function memory(min: Integer = 0, max: Integer = LONG_MAX): ValueType<number> {
  return oneWord((word) => {
    const bytes = parseBytes(word)
    if (bytes === undefined) return 'argument must be a memory value'
    return bytes < min || bytes > max ? outside(min, max) : integer(bytes)
  }, sizeWritten)
}

/** A size in bytes, or below 0 a percentage of maxmemory: `5%` is -5. */
export const memoryOrPercent: ValueType<number> = oneWord((word) => {
  const percent = word.endsWith('%') ? parseInt64(word.slice(0, -1)) : undefined
  if (percent !== undefined && percent >= 0) {
    if (percent > 100) return 'percentage argument must be less or equal to 100'
    return percent === 0 ? integer(0) : { value: -Number(percent), text: word }
  }
  const bytes = parseBytes(word)
  if (bytes === undefined || bytes > LONG_MAX) return 'argument must be a memory or percent value'
  return integer(bytes)
}, sizeWritten)

/** As `type`, with what is accepted but makes no sense moved to the nearest value that does. */
export function clamped(type: ValueType<number>, min: number, max: number): ValueType<number> {
  return oneWord((word) => {
    const parsed = type.parse([word], undefined, false)
    if (typeof parsed === 'string' || (parsed.value >= min && parsed.value <= max)) return parsed
    return integer(parsed.value < min ? min : max)
  }, type.written)
}

function notOneOf(choices: readonly string[]): string {
  return `argument(s) must be one of the following: ${choices.join(', ')}`
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): ValueType<Choice> {
  return oneWord((word) => {
    const choice = choices.find((name) => equalsIgnoreCase(word, name))
    return choice === undefined ? notOneOf(choices) : { value: choice, text: choice }
  })
}

/** Any of several flags, reported in the order of `choices`; the first of them means none. */
export function someOf<const Choice extends string>(...choices: readonly Choice[]): ValueType<Choice[]> {
  return {
    manyWords: true,
    parse(words) {
      if (words.length === 0) return notOneOf(choices)
      if (!words.every((word) => choices.includes(lower(word) as Choice))) return notOneOf(choices)
      const value = choices.slice(1).filter((name) => words.some((word) => equalsIgnoreCase(word, name)))
      return { value, text: value.length === 0 ? (choices[0] as string) : value.join(' ') }
    },
  }
}

/** Any text; `check` gives the reason why one is not right. */
export function text(check: (word: string) => string | undefined = () => undefined): ValueType<string> {
  return oneWord((word) => check(word) ?? { value: word, text: word }, quoted)
}

/** As `type`, for a file that has no line of it while it is empty. */
export function optional(type: ValueType<string>): ValueType<string> {
  return { ...type, written: (parsed) => (parsed.text === '' ? [] : quoted(parsed)) }
}

/** The name of a file in the working directory. */
export function fileName(directive: string, mayBeEmpty: boolean): ValueType<string> {
  return text((word) => {
    if (word === '' && !mayBeEmpty) return `${directive} can't be empty`
    return word.includes('/') || word.includes('\\')
      ? `${directive} can't be a path, just a filename`
      : undefined
  })
}
