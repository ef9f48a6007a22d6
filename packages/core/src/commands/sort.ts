/**
 * SORT and SORT_RO: the elements of a list, set or sorted set in order, by themselves or by what other keys
 * hold, and instead of the elements what other keys hold for them.
 *
 * A pattern such as `weight_*->field` names a key for each element, the element standing in for the first
 * `*`, and a field if the key is a hash. Text is compared byte by byte, whatever the locale.
 */

import { parseDouble, strtodText } from '../base/double.js'
import { fail, SYNTAX_ERROR, WRONG_TYPE } from '../base/errors.js'
import { equalsIgnoreCase, lower } from '../base/lowercase.js'
import type { Database } from '../keyspace/database.js'
import { EventClass } from '../keyspace/events.js'
import { ListValue } from '../keyspace/list-value.js'
import type { SetValue } from '../keyspace/set-value.js'
import type { SortedSetValue } from '../keyspace/sorted-set-value.js'
import { toText } from '../keyspace/string-value.js'
import { typeOf } from '../keyspace/value.js'
import type { Reply } from '../protocol/reply.js'
import { integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { type FoundKey, keyAt, unknownKeys } from './key-spec.js'

// ---- options ----------------------------------------------------------------------------------------------

interface SortOptions {
  descending: boolean
  alpha: boolean
  offset: number
  /** Negative for all. */
  count: number
  /** Undefined to sort by the elements themselves. */
  by: Pattern | undefined
  /** BY a pattern without `*`: the elements stay as they come. */
  unsorted: boolean
  get: Pattern[]
  store: string | undefined
}

function parseSortOptions(ctx: Context, args: readonly string[], mayStore: boolean): SortOptions {
  const options: SortOptions = {
    descending: false,
    alpha: false,
    offset: 0,
    count: -1,
    by: undefined,
    unsorted: false,
    get: [],
    store: undefined,
  }
  for (let i = 2; i < args.length; i++) {
    const word = args[i] as string
    const left = args.length - 1 - i
    if (equalsIgnoreCase(word, 'asc')) options.descending = false
    else if (equalsIgnoreCase(word, 'desc')) options.descending = true
    else if (equalsIgnoreCase(word, 'alpha')) options.alpha = true
    else if (equalsIgnoreCase(word, 'limit') && left >= 2) {
      options.offset = integerArg(args[++i] as string)
      options.count = integerArg(args[++i] as string)
    } else if (mayStore && equalsIgnoreCase(word, 'store') && left >= 1) options.store = args[++i] as string
    else if (equalsIgnoreCase(word, 'by') && left >= 1) {
      const text = args[++i] as string
      options.by = parsePattern(text)
      // Once unsorted it stays so, whatever BY follows.
      if (!text.includes('*')) options.unsorted = true
      else requireAllKeys(ctx, args, 'BY')
    } else if (equalsIgnoreCase(word, 'get') && left >= 1) {
      options.get.push(parsePattern(args[++i] as string))
      requireAllKeys(ctx, args, 'GET')
    } else fail(SYNTAX_ERROR)
  }
  return options
}

/** The elements decide which keys a pattern leads to, so only who may read all of them can use one. */
function requireAllKeys(ctx: Context, args: readonly string[], option: 'BY' | 'GET'): void {
  if (!ctx.session.user.mayReadAllKeys(ctx.command, args))
    fail(`ERR ${option} option of SORT denied due to insufficient ACL permissions.`)
}

// ---- patterns ---------------------------------------------------------------------------------------------

type Pattern =
  /** `#`: the element itself. */
  | { readonly kind: 'element' }
  /** No `*`: names no key. */
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'key'
      readonly before: string
      readonly after: string
      /** The field of a hash; undefined where a string is wanted. */
      readonly field: string | undefined
    }

function parsePattern(text: string): Pattern {
  if (text === '#') return { kind: 'element' }
  const star = text.indexOf('*')
  if (star < 0) return { kind: 'nothing' }
  const before = text.slice(0, star)
  const arrow = text.indexOf('->', star + 1)
  // An arrow at the very end belongs to the name.
  if (arrow < 0 || arrow + 2 === text.length) {
    return { kind: 'key', before, after: text.slice(star + 1), field: undefined }
  }
  return { kind: 'key', before, after: text.slice(star + 1, arrow), field: text.slice(arrow + 2) }
}

/** What a pattern leads to for one element; undefined if there is nothing of the type wanted. */
function lookUp(db: Database, pattern: Pattern, element: string): string | undefined {
  if (pattern.kind === 'element') return element
  if (pattern.kind === 'nothing') return undefined
  const key = pattern.before + element + pattern.after
  const value = db.readAny(key)
  if (value === undefined) return undefined
  if (pattern.field !== undefined) {
    return typeOf(value) === 'hash' ? db.read(key, 'hash')?.get(pattern.field) : undefined
  }
  return typeOf(value) === 'string' ? toText(value as never) : undefined
}

// ---- the elements -----------------------------------------------------------------------------------------

type Sortable = ListValue | SetValue | SortedSetValue

function readSortable(db: Database, key: string): Sortable | undefined {
  const value = db.readAny(key)
  if (value === undefined) return undefined
  const type = typeOf(value)
  if (type !== 'list' && type !== 'set' && type !== 'zset') fail(WRONG_TYPE)
  return value as Sortable
}

/** `count` elements from `start` on, as they come: a list or sorted set from its end when descending. */
function takeElements(value: Sortable, start: number, count: number, descending: boolean): string[] {
  const first = descending ? value.length - start - count : start
  switch (value.type) {
    case 'list': {
      const elements = value.slice(first, count)
      return descending ? elements.reverse() : elements
    }
    case 'set':
      return value.members().slice(start, start + count)
    case 'zset': {
      const members: string[] = []
      value.walk(first, count, descending, (member) => {
        members.push(member)
      })
      return members
    }
  }
}

// ---- order ------------------------------------------------------------------------------------------------

interface Weighed {
  readonly element: string
  /** A number, or text with ALPHA; undefined where BY leads nowhere. */
  readonly weight: number | string | undefined
}

const NOT_A_WEIGHT = "ERR One or more scores can't be converted into double"
/** Below this a double has lost precision, which C reports as out of range. */
const SMALLEST_NORMAL = 2.2250738585072014e-308

/** Text as `strtod` reads it, all of it: nothing at all is 0. */
function weightArg(text: string): number {
  const number = strtodText(text)
  const weight = number === '' ? 0 : parseDouble(number)
  if (weight === undefined || (weight !== 0 && Math.abs(weight) < SMALLEST_NORMAL)) fail(NOT_A_WEIGHT)
  return weight
}

function compareWeights(a: Weighed['weight'], b: Weighed['weight']): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  return a < b ? -1 : 1
}

/** The elements in order. O(n log n), with a look-up for each element where there is a BY. */
function inOrder(db: Database, elements: string[], options: SortOptions, isSet: boolean): string[] {
  const { by, alpha } = options
  const sign = options.descending ? -1 : 1
  if (alpha && by === undefined) {
    // Without a comparison function strings are compared by their char codes: bytes.
    elements.sort()
    return options.descending ? elements.reverse() : elements
  }
  const weighed = elements.map((element): Weighed => {
    const text = by === undefined ? element : lookUp(db, by, element)
    if (alpha) return { element, weight: text }
    return { element, weight: text === undefined ? 0 : weightArg(text) }
  })
  // Elements of the same weight stay as they are in the list when that is text, and are compared themselves
  // when it is a number. Those of a set have no order of their own that could stay.
  const untie = !alpha || isSet
  weighed.sort((a, b) => {
    const order = compareWeights(a.weight, b.weight)
    return sign * (order === 0 && untie ? compareWeights(a.element, b.element) : order)
  })
  return weighed.map(({ element }) => element)
}

/** Elements of the result: all sorted, or as they come, then cut by LIMIT. */
function select(ctx: Context, value: Sortable, options: SortOptions): string[] {
  const { length } = value
  const start = Math.min(Math.max(options.offset, 0), length)
  const count = options.count < 0 ? length - start : Math.min(options.count, length - start)
  if (options.unsorted) return takeElements(value, start, count, options.descending)
  const elements = takeElements(value, 0, length, false)
  return inOrder(ctx.db, elements, options, value.type === 'set').slice(start, start + count)
}

// ---- the commands -----------------------------------------------------------------------------------------

function sort(ctx: Context, args: readonly string[], mayStore: boolean): Reply {
  const options = parseSortOptions(ctx, args, mayStore)
  const { db } = ctx
  const value = readSortable(db, args[1] as string)
  const { store } = options
  if (options.unsorted && store !== undefined && value?.type === 'set') {
    // A set comes in no order at all, but what is stored must be the same everywhere.
    options.unsorted = false
    options.alpha = true
    options.by = undefined
  }
  const elements = value === undefined ? [] : select(ctx, value, options)
  const result = options.get.length === 0 ? elements : fetch(db, elements, options.get)
  if (store === undefined) return result

  if (result.length === 0) {
    db.remove(store)
    return 0
  }
  const list = ListValue.from(
    ctx.keyspace,
    result.map((text) => text ?? ''),
  )
  db.set(store, list, EventClass.LIST, 'sortstore')
  return result.length
}

/** What every GET gives for every element, element by element. */
function fetch(db: Database, elements: readonly string[], patterns: readonly Pattern[]): (string | null)[] {
  const found: (string | null)[] = []
  for (const element of elements) {
    for (const pattern of patterns) found.push(lookUp(db, pattern, element) ?? null)
  }
  return found
}

// ---- descriptors ------------------------------------------------------------------------------------------

/** Arguments that belong to an option, and so are no options themselves. */
const OPTION_ARGUMENTS: { readonly [option: string]: number } = { limit: 2, get: 1, by: 1 }

/** The sorted key, and that of the last STORE. */
function findSortKeys(args: readonly string[]): FoundKey[] {
  const found: FoundKey[] = [{ at: 1, flags: ['RO', 'access'] }]
  for (let i = 2; i < args.length; i++) {
    const word = lower(args[i] as string)
    if (word === 'store' && i + 1 < args.length) found[1] = { at: ++i, flags: ['OW', 'update'] }
    else if (Object.hasOwn(OPTION_ARGUMENTS, word)) i += OPTION_ARGUMENTS[word] as number
  }
  return found
}

const KEY = keyAt(1, 'RO access')
const PATTERN_KEYS = unknownKeys('RO access', 'Patterns of BY and GET name keys by the elements sorted')
const STORE_KEY = unknownKeys('OW update', 'STORE may stand anywhere among the options')
const ACL = ['set', 'sortedset', 'list', 'dangerous']
const COMPLEXITY =
  'O(N+M*log(M)) where N is the number of elements and M the number of those returned; O(N) unsorted'

export const sortCommands: readonly CommandSpec[] = [
  {
    name: 'sort',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: [KEY, PATTERN_KEYS, STORE_KEY],
    findKeys: findSortKeys,
    acl: ACL,
    outsideGroupCategory: true,
    since: '1.0.0',
    group: 'generic',
    syntax:
      'key [BY by-pattern=pattern#1] [LIMIT offset count] [GET get-pattern=pattern#1 [GET get-pattern=pattern#1 ...]] order=[ASC|DESC] [sorting=ALPHA] ' +
      '[STORE destination#2]',
    summary: 'Gives the elements of a list, set or sorted set in order, or stores them as a list.',
    complexity: COMPLEXITY,
    handler: (ctx, args) => sort(ctx, args, true),
  },
  {
    name: 'sort_ro',
    arity: -2,
    flags: ['readonly'],
    keys: [KEY, PATTERN_KEYS],
    findKeys: (args) => findSortKeys(args).slice(0, 1),
    acl: ACL,
    outsideGroupCategory: true,
    since: '7.0.0',
    group: 'generic',
    syntax:
      'key [BY by-pattern=pattern#1] [LIMIT offset count] [GET get-pattern=pattern#1 [GET get-pattern=pattern#1 ...]] order=[ASC|DESC] [sorting=ALPHA]',
    summary: 'Gives the elements of a list, set or sorted set in order; fit for replicas.',
    complexity: COMPLEXITY,
    handler: (ctx, args) => sort(ctx, args, false),
  },
]
