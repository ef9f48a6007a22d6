/** The types of directives that have a syntax of their own: save, bind, client-output-buffer-limit … */

import { formatDouble, parseDouble } from '../base/double.js'
import { parseInt64, parseSafeInt } from '../base/int64.js'
import { lower } from '../base/lowercase.js'
import { parseBytes } from '../base/memory-size.js'
import { EventClass } from '../keyspace/events.js'
import { INT_MAX, oneWord, quoted, sizeText, someOf, text, type ValueType } from './config-types.js'

/** A snapshot is due when there were `changes` and `seconds` have passed since the last one. */
export interface SavePoint {
  readonly seconds: number
  readonly changes: number
}

/** How a file says that a directive of many words has none. */
const NOTHING = '""'

function formatSavePoint({ seconds, changes }: SavePoint): string {
  return `${seconds} ${changes}`
}

/** Those that no line of a file has set yet. */
const defaultSavePoints = new WeakSet<SavePoint[]>()

/**
 * `save 900 1 300 10`. Lines of a file add up and together replace the default, CONFIG SET replaces, and `""`
 * takes all away.
 */
export const savePoints: ValueType<SavePoint[]> = {
  manyWords: true,
  parse(words, set, fromFile) {
    const isSet = set !== undefined
    const current = set ?? []
    const adds = fromFile && words.length > 0 && !defaultSavePoints.has(current)
    const points = adds ? [...current] : []
    if (words.length % 2 === 1) return 'Invalid save parameters'
    for (let i = 0; i < words.length; i += 2) {
      const seconds = parseSafeInt(words[i] as string)
      const changes = parseSafeInt(words[i + 1] as string)
      if (seconds === undefined || changes === undefined || seconds < 1 || changes < 0)
        return 'Invalid save parameters'
      points.push({ seconds, changes })
    }
    if (!isSet) defaultSavePoints.add(points)
    return { value: points, text: points.map(formatSavePoint).join(' ') }
  },
  written: ({ value }) => (value.length === 0 ? [NOTHING] : value.map(formatSavePoint)),
}

const MAX_BIND_ADDRESSES = 16
/** The default: a file that says nothing means it. */
export const EVERYWHERE = '* -::*'

/** Addresses to listen at; one with `-` before it may be missing. `*` and `::*` are all of IPv4 and IPv6. */
export const addresses: ValueType<string[]> = {
  manyWords: true,
  parse(words) {
    if (words.length > MAX_BIND_ADDRESSES) return 'Too many bind addresses specified.'
    return { value: [...words], text: words.join(' ') }
  },
  written: ({ text }) => (text === EVERYWHERE ? [] : [text === '' ? NOTHING : text]),
}

/** When a client that does not read its replies is disconnected; 0 is never. */
export interface OutputLimit {
  /** At once above so many bytes. */
  readonly hardBytes: number
  /** Above so many bytes for `softSeconds`. */
  readonly softBytes: number
  readonly softSeconds: number
}

export interface OutputLimits {
  readonly normal: OutputLimit
  readonly replica: OutputLimit
  readonly pubsub: OutputLimit
}

const NO_LIMIT: OutputLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 }
const CLIENT_CLASSES: { readonly [word: string]: keyof OutputLimits } = {
  normal: 'normal',
  replica: 'replica',
  slave: 'replica',
  pubsub: 'pubsub',
}

/** `normal 0 0 0 replica 256mb 64mb 60`: the classes named change, the others stay. */
export const outputLimits: ValueType<OutputLimits> = {
  manyWords: true,
  parse(words, current = { normal: NO_LIMIT, replica: NO_LIMIT, pubsub: NO_LIMIT }) {
    if (words.length % 4 !== 0) return 'Wrong number of arguments in buffer limit configuration.'
    const limits = { ...current }
    for (let i = 0; i < words.length; i += 4) {
      const name = CLIENT_CLASSES[lower(words[i] as string)]
      if (name === undefined) return 'Invalid client class specified in buffer limit configuration.'
      const hard = parseBytes(words[i + 1] as string)
      const soft = parseBytes(words[i + 2] as string)
      const softSeconds = parseSafeInt(words[i + 3] as string)
      if (hard === undefined || soft === undefined || softSeconds === undefined || !isSeconds(softSeconds))
        return 'Error in hard, soft or soft_seconds setting in buffer limit configuration.'
      limits[name] = { hardBytes: Number(hard), softBytes: Number(soft), softSeconds }
    }
    const { normal, replica, pubsub } = limits
    const text = `normal ${formatLimit(normal)} slave ${formatLimit(replica)} pubsub ${formatLimit(pubsub)}`
    return { value: limits, text }
  },
  written: ({ value }) => [
    `normal ${limitText(value.normal)}`,
    `replica ${limitText(value.replica)}`,
    `pubsub ${limitText(value.pubsub)}`,
  ],
}

function isSeconds(value: number): boolean {
  return value >= 0 && value <= INT_MAX
}

function limitText({ hardBytes, softBytes, softSeconds }: OutputLimit): string {
  return `${sizeText(hardBytes)} ${sizeText(softBytes)} ${softSeconds}`
}

function formatLimit(limit: OutputLimit): string {
  return `${limit.hardBytes} ${limit.softBytes} ${limit.softSeconds}`
}

const MODULE_EVENTS = 1 << 13

/** The classes that `A` stands for, in the order in which they are reported. */
const ALL_LETTERS: readonly (readonly [string, number])[] = [
  ['g', EventClass.GENERIC],
  ['$', EventClass.STRING],
  ['l', EventClass.LIST],
  ['s', EventClass.SET],
  ['h', EventClass.HASH],
  ['z', EventClass.ZSET],
  ['x', EventClass.EXPIRED],
  ['e', EventClass.EVICTED],
  ['t', EventClass.STREAM],
  ['d', MODULE_EVENTS],
]
const NEW_LETTER = ['n', EventClass.NEW] as const
const OTHER_LETTERS: readonly (readonly [string, number])[] = [
  ['K', EventClass.KEYSPACE],
  ['E', EventClass.KEYEVENT],
  ['m', EventClass.KEY_MISS],
]
const ALL_EVENTS = ALL_LETTERS.reduce((mask, [, bit]) => mask | bit, 0)
const EVENT_BITS = new Map<string, number>([...ALL_LETTERS, NEW_LETTER, ...OTHER_LETTERS, ['A', ALL_EVENTS]])

/** `notify-keyspace-events`: a mask of `EventClass`. With `A` reported, Redis leaves `n` out; so does this. */
export const eventClasses: ValueType<number> = oneWord((word) => {
  let mask = 0
  for (const letter of word) {
    const bits = EVENT_BITS.get(letter)
    if (bits === undefined) return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."
    mask |= bits
  }
  const letters = (from: typeof ALL_LETTERS) =>
    from.map(([letter, bit]) => (mask & bit ? letter : '')).join('')
  const kinds = (mask & ALL_EVENTS) === ALL_EVENTS ? 'A' : letters([...ALL_LETTERS, NEW_LETTER])
  return { value: mask, text: kinds + letters(OTHER_LETTERS) }
}, quoted)

const OOM_SCORE_LIMIT = 2000

/** Scores for a master, a replica and background work. */
export const oomScores: ValueType<number[]> = {
  manyWords: true,
  parse(words) {
    if (words.length !== 3) return 'wrong number of arguments'
    const value: number[] = []
    for (const word of words) {
      const score = parseSafeInt(word)
      if (score === undefined || Math.abs(score) > OOM_SCORE_LIMIT)
        return `Invalid oom-score-adj-values, elements must be between -${OOM_SCORE_LIMIT} and ${OOM_SCORE_LIMIT}.`
      value.push(score)
    }
    return { value, text: value.join(' ') }
  },
}

export const percentiles: ValueType<number[]> = {
  manyWords: true,
  parse(words) {
    const value: number[] = []
    for (const word of words) {
      const percentile = parseDouble(word)
      if (percentile === undefined) return 'Invalid latency-tracking-info-percentiles parameters'
      if (!(percentile >= 0 && percentile <= 100))
        return 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]'
      value.push(percentile)
    }
    return { value, text: value.map(formatDouble).join(' ') }
  },
  written: ({ text }) => [text === '' ? NOTHING : text],
}

export interface Master {
  readonly host: string
  readonly port: number
}

/** `replicaof host port`, or `replicaof no one` for none. */
export const master: ValueType<Master | null> = {
  manyWords: true,
  parse(words, current) {
    // Only the default has no words: it cannot be set again.
    if (words.length === 0 && current === undefined) return { value: null, text: '' }
    const [host, port] = words
    if (host === undefined || port === undefined || words.length !== 2) return 'wrong number of arguments'
    if (lower(host) === 'no' && lower(port) === 'one') return { value: null, text: '' }
    const number = parseInt64(port)
    if (typeof number !== 'number' || number < 0 || number > 65535) return 'Invalid master port'
    return { value: { host, port: number }, text: `${host} ${number}` }
  },
  written: ({ text }) => (text === '' ? [] : [text]),
}

const shutdownFlags = someOf('default', 'save', 'nosave', 'now', 'force')

/** What a signal does to a server: flags of the SHUTDOWN command. */
export const shutdownOptions: typeof shutdownFlags = {
  manyWords: true,
  parse(words, current, fromFile) {
    const parsed = shutdownFlags.parse(words, current, fromFile)
    if (typeof parsed !== 'string' && parsed.value.includes('save') && parsed.value.includes('nosave'))
      return "shutdown options SAVE and NOSAVE can't be used simultaneously"
    return parsed
  },
}

export const hostName: ValueType<string> = text((word) => {
  if (word.length >= 256) return 'Hostnames must be less than 256 characters'
  if (/^[a-z0-9.-]*$/i.test(word)) return undefined
  return 'Hostnames may only contain alphanumeric characters, hyphens or dots'
})

const TITLE_VARIABLE = 'title|listen-addr|server-mode|port|tls-port|unixsocket|config-file'
const TITLE_TEMPLATE = new RegExp(`^(?:[^{]|\\{\\{|\\{(?:${TITLE_VARIABLE})\\})+$`)

export const titleTemplate: ValueType<string> = text((word) =>
  TITLE_TEMPLATE.test(word) ? undefined : 'template format is invalid or contains unknown variables',
)
