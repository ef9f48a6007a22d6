/**
 * The notation of conformance scripts: one step a line, a command written as in redis-cli.
 *
 *     # a comment has its own line
 *     SET k "a\x00b"                       words, or quoted: "\n \r \t \" \\ \xNN", 'as it is'
 *     SMEMBERS s ~unordered                a modifier at the end relaxes the comparison
 *     HTTL h FIELDS 1 f => [-1]            Russet only, with the reply it must give
 *     OBJECT ENCODING s ~differs => "listpack"   sent to both, but only Russet's reply is checked
 *     A> BLPOP l 0                         on another connection, named A; it may block
 *     A?                                   A must still be blocked
 *     A<                                   A's reply (or next push), compared as any other
 *     >> "PING\r\n"                        bytes as they are; `A>> "..."` on another connection
 *     ~no-digest                           do not compare the data sets at the end of the script
 *
 * Modifiers: `~unordered` arrays and sets are multisets, one level of nesting included; `~pairs` a flat array
 * is an unordered list of pairs (HGETALL in RESP2); `~type` same types and lengths all through; `~kind` same
 * type of the reply as a whole; `~near N` numbers may differ by N; `~double` numbers are equal as numbers,
 * however they are written.
 *
 * Expected replies: `"bulk"`, `12`, `+OK`, `!ERR text to the end of the line` (inside brackets `!"ERR text"`),
 * `nil`, `true`, `1.5` (a double: in RESP2 a bulk), `[...]`, `{key: value}` (in RESP2 a flat array),
 * `<...>` (a set; in RESP2 an array), `any`. Where the two protocols differ in more: `=> RESP2 | RESP3`.
 */
import type { Expected, Relaxation } from './comparison.js'
import { quoteBytes } from './resp-reader.js'

/** What Russet must answer, by protocol version. */
export interface ExpectedReplies {
  readonly 2: Expected
  readonly 3: Expected
}

export type Step =
  | {
      readonly kind: 'command' | 'raw'
      readonly line: number
      readonly text: string
      /** Name of the connection; empty for the main one. */
      readonly client: string
      /** The words of the command; for `raw` one word, the bytes. */
      readonly args: readonly string[]
      readonly relaxation: Relaxation
      /** Present when the reply is given here instead of by redis-server. */
      readonly expected?: ExpectedReplies
      /** Whether redis-server gets the command, too. */
      readonly both: boolean
    }
  | {
      readonly kind: 'receive'
      readonly line: number
      readonly text: string
      readonly client: string
      readonly relaxation: Relaxation
      readonly expected?: ExpectedReplies
    }
  | { readonly kind: 'blocked'; readonly line: number; readonly text: string; readonly client: string }

export interface Script {
  readonly steps: readonly Step[]
  /** Whether the data sets must be equal at the end. */
  readonly digest: boolean
}

/** Template tag for scripts: backslashes stay as written. Values are inserted as text. */
export const script = String.raw

/** Parses a script. Throws with the line's number and text when a line makes no sense. */
export function parseScript(text: string): Script {
  const steps: Step[] = []
  let digest = true
  text.split('\n').forEach((source, index) => {
    const line = source.trim()
    if (line === '' || line.startsWith('#')) return
    if (line === '~no-digest') {
      digest = false
      return
    }
    try {
      steps.push(parseStep(line, index + 1))
    } catch (error) {
      throw new Error(`script line ${index + 1}: ${(error as Error).message}: ${line}`)
    }
  })
  return { steps, digest }
}

/** Parses one line, without number. */
export function parseStep(text: string, line = 0): Step {
  const [, client = '', sign, rest = ''] = /^([A-Za-z]\w*)?(>>|>|<|\?)(?:\s+(.*))?$/s.exec(text) ?? []
  const { words, expected } = splitLine(sign === undefined ? text : rest)
  const { args, relaxation, differs } = takeModifiers(words)
  const judged = expected === undefined ? {} : { expected: parseExpected(expected) }
  if (differs && expected === undefined) throw new Error('~differs needs an expected reply')
  if (expected !== undefined && Object.keys(relaxation).length > 0) {
    throw new Error('an expected reply is compared exactly: no modifiers')
  }
  if (sign === '<' || sign === '?') {
    if (args.length > 0 || differs) throw new Error(`nothing may follow ${client}${sign} but modifiers`)
    if (sign === '<') return { kind: 'receive', line, text, client, relaxation, ...judged }
    if (words.length > 0 || expected !== undefined) throw new Error(`nothing may follow ${client}?`)
    return { kind: 'blocked', line, text, client }
  }
  if (args.length === 0) throw new Error('a command is missing')
  if (sign === '>>' && args.length > 1) throw new Error('>> takes one quoted word')
  const kind = sign === '>>' ? 'raw' : 'command'
  const both = expected === undefined || differs
  return { kind, line, text, client, args, relaxation, both, ...judged }
}

interface Word {
  readonly value: string
  readonly quoted: boolean
}

/** Splits a line into words as redis-cli does, up to an unquoted `=>`; what follows that is left as it is. */
function splitLine(line: string): { words: Word[]; expected?: string } {
  const words: Word[] = []
  let at = 0
  while (at < line.length) {
    if (/\s/.test(line[at] as string)) {
      at++
      continue
    }
    if (/^=>(\s|$)/.test(line.slice(at))) return { words, expected: line.slice(at + 2).trim() }
    const quote = line[at]
    if (quote === '"' || quote === "'") {
      const end = quote === '"' ? endOfQuoted(line, at) : line.indexOf("'", at + 1)
      if (end < 0) throw new Error('a quote is not closed')
      const inside = line.slice(at + 1, end)
      words.push({ value: quote === '"' ? unescapeBytes(inside) : inside, quoted: true })
      at = end + 1
      if (at < line.length && !/\s/.test(line[at] as string))
        throw new Error('a space must follow a closing quote')
      continue
    }
    const [value] = /^\S+/.exec(line.slice(at)) as RegExpExecArray
    words.push({ value: utf8Bytes(value), quoted: false })
    at += value.length
  }
  return { words }
}

/** Index of the double quote that closes the one at `start`; -1 when there is none. */
function endOfQuoted(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i
  }
  return -1
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

/** Chars above 0xFF become their UTF-8 bytes; those up to it stay: they are bytes already. */
function utf8Bytes(text: string): string {
  return text.replace(/[^\0-\xff]+/g, (wide) => Buffer.from(wide).toString('latin1'))
}

function unescapeBytes(text: string): string {
  return utf8Bytes(text).replace(/\\(?:x([0-9a-fA-F]{2})|(.))/gs, (_, hex?: string, char = '') =>
    hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

const MODIFIERS = ['unordered', 'pairs', 'type', 'kind', 'double'] as const

function takeModifiers(words: readonly Word[]): { args: string[]; relaxation: Relaxation; differs: boolean } {
  // A lone `~` is an argument (XADD MAXLEN ~ 10); so is anything quoted.
  const first = words.findIndex((word) => !word.quoted && /^~[a-z]/.test(word.value))
  const args = (first < 0 ? words : words.slice(0, first)).map((word) => word.value)
  const relaxation: { -readonly [name in keyof Relaxation]: Relaxation[name] } = {}
  let differs = false
  const given = first < 0 ? [] : words.slice(first).map((word) => word.value)
  for (let i = 0; i < given.length; i++) {
    const name = given[i]?.slice(1)
    const known = MODIFIERS.find((modifier) => modifier === name)
    if (given[i]?.[0] === '~' && known !== undefined) relaxation[known] = true
    else if (given[i] === '~differs') differs = true
    else if (given[i] === '~near' && /^\d+(\.\d+)?$/.test(given[i + 1] ?? ''))
      relaxation.near = Number(given[++i])
    else throw new Error(`unknown modifier ${given[i]}`)
  }
  if (relaxation.near !== undefined && (relaxation.unordered || relaxation.pairs)) {
    throw new Error('~near needs an order')
  }
  return { args, relaxation, differs }
}

/** Parses what follows `=>`. */
export function parseExpected(text: string): ExpectedReplies {
  // An error at the top takes the rest of its side of the line, unquoted.
  const parser = new ExpectedParser(text)
  const resp2 = parser.top()
  if (parser.end()) return { 2: resp2, 3: resp2 }
  parser.take(/\|/y, '|')
  const resp3 = parser.top()
  if (!parser.end()) throw new Error('text after the expected reply')
  return { 2: resp2, 3: resp3 }
}

class ExpectedParser {
  private at = 0
  constructor(private readonly text: string) {}

  end(): boolean {
    this.match(/\s*/y)
    return this.at === this.text.length
  }

  take(pattern: RegExp, what: string): string {
    this.match(/\s*/y)
    const found = this.match(pattern)
    if (found === undefined)
      throw new Error(`${what} expected at ${JSON.stringify(this.text.slice(this.at))}`)
    return found
  }

  top(): Expected {
    this.match(/\s*/y)
    const error = this.match(/!(?!")[^|]*[^|\s]/y)
    return error === undefined ? this.value() : { type: 'error', value: error.slice(1) }
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    this.at += found?.length ?? 0
    return found
  }

  private quoted(): string {
    return unescapeBytes(this.take(/"(?:[^"\\]|\\.)*"/y, 'a quoted text').slice(1, -1))
  }

  private value(): Expected {
    this.match(/\s*/y)
    switch (this.text[this.at]) {
      case '"':
        return { type: 'bulk', value: this.quoted() }
      case '!':
        this.at++
        return { type: 'error', value: this.quoted() }
      case '+':
        return { type: 'simple', value: this.take(/\+[^\s,\]}>|]+/y, 'a simple string').slice(1) }
      case '[':
        return { type: 'array', value: this.list('[', ']', () => this.value()) }
      case '<':
        return { type: 'set', value: this.list('<', '>', () => this.value()) }
      case '{':
        return {
          type: 'map',
          value: this.list('{', '}', () => {
            const key = this.value()
            this.take(/:/y, ':')
            return [key, this.value()] as const
          }),
        }
    }
    const word = this.take(/-?\w[\w.+-]*/y, 'a reply')
    if (word === 'nil' || word === 'any') return { type: word }
    if (word === 'true' || word === 'false') return { type: 'boolean', value: word === 'true' }
    if (/^-?\d+$/.test(word)) return { type: 'integer', value: BigInt(word) }
    if (/^(-?inf|nan|-?\d+(\.\d+)?(e[+-]?\d+)?)$/.test(word))
      return { type: 'double', value: word.replace(/\.0$/, '') }
    throw new Error(`not a reply: ${word}`)
  }

  private list<T>(open: string, close: string, item: () => T): T[] {
    const items: T[] = []
    this.at += open.length
    while (!this.peek(close)) {
      if (items.length > 0) this.take(/,/y, ', ')
      items.push(item())
    }
    this.at++
    return items
  }

  private peek(char: string): boolean {
    this.match(/\s*/y)
    if (this.at >= this.text.length) throw new Error(`${char} is missing`)
    return this.text[this.at] === char
  }
}

/** A command as a line of a script. */
export function writeCommand(args: readonly string[], modifiers = ''): string {
  const words = args.map((arg, i) => (isPlain(arg, i) ? arg : quoteBytes(arg)))
  return [...words, ...(modifiers === '' ? [] : [modifiers])].join(' ')
}

// What would be read as something else than a word is quoted.
const isPlain = (arg: string, index: number): boolean =>
  /^[\x21-\x7e]+$/.test(arg) &&
  !/["'\\]|^~[a-z]|^=>$/.test(arg) &&
  !(index === 0 && /^#|^\w*(>>?|<|\?)$/.test(arg))

/** The modifiers of a relaxation, as they are written. */
export function writeRelaxation(relaxation: Relaxation): string {
  return Object.entries(relaxation)
    .map(([name, value]) => (name === 'near' ? `~near ${value}` : `~${name}`))
    .join(' ')
}
