/**
 * Which members lie within a circle or a box.
 *
 *   GEORADIUS GEORADIUS_RO GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEOSEARCH GEOSEARCHSTORE
 *
 * All are one search: the cells of the geohash that cover the area (base/earth.ts) are ranges of scores, and what
 * is in them is measured. Members come in the order of those cells, then of their scores, unless they are sorted.
 */

import { cellsOf, Origin } from '../base/earth.js'
import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { formatDistance } from '../base/fixed-point.js'
import { type Place, placeOf, scoresOf } from '../base/geohash.js'
import { normalizeInt } from '../base/int64.js'
import { lower } from '../base/lowercase.js'
import { EventClass } from '../keyspace/events.js'
import { SortedSetValue } from '../keyspace/sorted-set-value.js'
import type { Reply } from '../protocol/reply.js'
import { partialSort } from '../structures/partial-sort.js'
import { integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { boxArg, circleArg, type Extent, placeArg, placeReply } from './geo-arguments.js'
import { keyAt, keysAfter } from './key-spec.js'

const { ZSET } = EventClass

// ---- arguments ----------------------------------------------------------------------------------------------

/** What a command's name settles. */
interface SearchForm {
  /** Where the center is: two coordinates or a member behind the key, or as options say. */
  readonly from: 'coordinates' | 'member' | 'options'
  /** Whether STORE and STOREDIST are options, or the result is always stored, at the key ahead. */
  readonly stores: 'never' | 'option' | 'always'
}

interface Search {
  origin: Origin | undefined
  extent: Extent | undefined
  /** What the options name as the center. */
  center: 'none' | 'member' | 'coordinates'
  withDistance: boolean
  withHash: boolean
  withCoordinates: boolean
  order: 'none' | 'ascending' | 'descending'
  /** 0 for all. */
  count: number
  /** Whether any `count` members will do, not just the nearest. */
  any: boolean
  storeKey: string | undefined
  storesDistance: boolean
}

/** Reads the arguments of a search in `value`, which may be missing; even then they have to make sense. */
function parseSearch(args: readonly string[], form: SearchForm, value: SortedSetValue | undefined): Search {
  const search: Search = {
    origin: undefined,
    extent: undefined,
    center: 'none',
    withDistance: false,
    withHash: false,
    withCoordinates: false,
    order: 'none',
    count: 0,
    any: false,
    storeKey: form.stores === 'always' ? args[1] : undefined,
    storesDistance: false,
  }
  let at = form.stores === 'always' ? 3 : 2
  if (form.from === 'coordinates') {
    search.origin = new Origin(placeArg(args, 2))
    search.extent = circleArg(args, 4)
    at = 6
  } else if (form.from === 'member') {
    if (value !== undefined) {
      search.origin = originOf(value, args[2] as string)
      search.extent = circleArg(args, 3)
    }
    at = 5
  }
  while (at < args.length) at += 1 + parseOption(search, args, at, form, value)
  checkSearch(search, args, form)
  return search
}

/** Reads the option at `args[at]`, and gives the number of words that belong to it. */
function parseOption(
  search: Search,
  args: readonly string[],
  at: number,
  form: SearchForm,
  value: SortedSetValue | undefined,
): number {
  const behind = args.length - at - 1
  const isFree = form.from === 'options'
  switch (lower(args[at] as string)) {
    case 'withdist':
      search.withDistance = true
      return 0
    case 'withhash':
      search.withHash = true
      return 0
    case 'withcoord':
      search.withCoordinates = true
      return 0
    case 'any':
      search.any = true
      return 0
    case 'asc':
      search.order = 'ascending'
      return 0
    case 'desc':
      search.order = 'descending'
      return 0
    case 'count':
      if (behind < 1) break
      search.count = integerArg(args[at + 1] as string)
      if (search.count <= 0) fail('ERR COUNT must be > 0')
      return 1
    case 'store':
      if (behind < 1 || form.stores !== 'option') break
      search.storeKey = args[at + 1]
      search.storesDistance = false
      return 1
    case 'storedist':
      if (form.stores === 'never' || (form.stores === 'option' && behind < 1)) break
      search.storesDistance = true
      if (form.stores === 'always') return 0
      search.storeKey = args[at + 1]
      return 1
    case 'frommember':
      if (behind < 1 || !isFree || search.center === 'coordinates') break
      search.center = 'member'
      if (value !== undefined) search.origin = originOf(value, args[at + 1] as string)
      return 1
    case 'fromlonlat':
      if (behind < 2 || !isFree || search.center === 'member') break
      search.center = 'coordinates'
      search.origin = new Origin(placeArg(args, at + 1))
      return 2
    case 'byradius':
      if (behind < 2 || !isFree || search.extent?.shape === 'box') break
      search.extent = circleArg(args, at + 1)
      return 2
    case 'bybox':
      if (behind < 3 || !isFree || search.extent?.shape === 'circle') break
      search.extent = boxArg(args, at + 1)
      return 3
  }
  fail(SYNTAX_ERROR)
}

function originOf(value: SortedSetValue, member: string): Origin {
  const score = value.score(member)
  if (score === undefined) fail('ERR could not decode requested zset member')
  return new Origin(placeOf(score))
}

function checkSearch(search: Search, args: readonly string[], form: SearchForm): void {
  const { center, extent, withDistance, withHash, withCoordinates } = search
  if (search.storeKey !== undefined && (withDistance || withHash || withCoordinates)) {
    const what = form.stores === 'always' ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS'
    fail(`ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`)
  }
  if (form.from === 'options') {
    const only = 'can be specified for'
    if (center === 'none') {
      fail(`ERR exactly one of FROMMEMBER or FROMLONLAT ${only} ${args[0]}`)
    }
    if (extent === undefined) fail(`ERR exactly one of BYRADIUS and BYBOX ${only} ${args[0]}`)
  }
  if (search.any && search.count === 0) fail('ERR the ANY argument requires COUNT argument')
}

// ---- the search ---------------------------------------------------------------------------------------------

/** Members that are looked at before it is asked whether there are enough. */
const STRIDE = 128

interface Found {
  readonly member: string
  readonly score: number
  readonly place: Place
  /** Meters from the center. */
  readonly distance: number
}

function nearestFirst(a: Found, b: Found): number {
  return a.distance - b.distance
}

function farthestFirst(a: Found, b: Found): number {
  return b.distance - a.distance
}

/** What is found, sorted and cut as the search wants it. */
function find(value: SortedSetValue, search: Search): Found[] {
  const { order, count, any } = search
  const area = (search.extent as Extent).around(search.origin as Origin)
  const limit = any ? count : Number.POSITIVE_INFINITY
  const found: Found[] = []
  for (const cell of cellsOf(area)) {
    const { first, end } = scoresOf(cell)
    const endRank = value.rankOfScore(end, false)
    for (let rank = value.rankOfScore(first, false); rank < endRank && found.length < limit; rank += STRIDE) {
      value.walk(rank, Math.min(STRIDE, endRank - rank), false, (member, score) => {
        if (found.length === limit) return
        const place = placeOf(score)
        const distance = area.distanceWithin(place)
        if (distance !== undefined) found.push({ member, score, place, distance })
      })
    }
  }
  // The nearest are meant where some are wanted, and no order is named.
  const sorts = order !== 'none' || (count > 0 && !any)
  if (sorts) {
    const compare = order === 'descending' ? farthestFirst : nearestFirst
    if (count > 0 && count < found.length) partialSort(found, compare, count)
    else found.sort(compare)
  }
  if (count > 0 && count < found.length) found.length = count
  return found
}

function search(ctx: Context, args: readonly string[], form: SearchForm): Reply {
  const source = args[form.stores === 'always' ? 2 : 1] as string
  const value = ctx.db.read(source, 'zset')
  const wanted = parseSearch(args, form, value)
  const found = value === undefined ? [] : find(value, wanted)
  const { storeKey } = wanted
  if (storeKey === undefined) return found.map((one) => foundReply(one, wanted))
  store(ctx, storeKey, found, wanted, form.from === 'options' ? 'geosearchstore' : 'georadiusstore')
  return found.length
}

function foundReply({ member, score, place, distance }: Found, wanted: Search): Reply {
  const { withDistance, withHash, withCoordinates, extent } = wanted
  if (!withDistance && !withHash && !withCoordinates) return member
  const reply: Reply[] = [member]
  if (withDistance) reply.push(formatDistance(distance / (extent as Extent).unit))
  if (withHash) reply.push(hashReply(score))
  if (withCoordinates) reply.push(placeReply(place))
  return reply
}

/** A score as an integer of 64 bits; the least one where it is too large, as a conversion by the processor gives. */
function hashReply(score: number): Reply {
  const whole = Math.trunc(score)
  if (Number.isSafeInteger(whole)) return whole
  const isTooLarge = whole >= 2 ** 63 || whole < -(2 ** 63)
  return normalizeInt(isTooLarge ? -(2n ** 63n) : BigInt(whole))
}

function store(ctx: Context, key: string, found: readonly Found[], wanted: Search, event: string): void {
  const { db } = ctx
  if (found.length === 0) {
    db.remove(key)
    return
  }
  const unit = wanted.storesDistance ? (wanted.extent as Extent).unit : 0
  const value = SortedSetValue.from(
    ctx.keyspace,
    found.map(({ member }) => member),
    found.map(({ score, distance }) => (unit === 0 ? score : distance / unit)),
  )
  db.replace(key, db.slotOf(key), value, ZSET, event, false, found.length)
}

// ---- descriptors --------------------------------------------------------------------------------------------

const COST =
  'O(N+log(M)) where N is the number of members in the cells that cover the area, and M the size of the set'
const UNIT = 'unit=<M|KM|FT|MI>'
const WITH = '[WITHCOORD] [WITHDIST] [WITHHASH]'
const COUNT = 'count-block=[<COUNT count> [ANY]]'
const ORDER = 'order=[ASC|DESC]'
const STORE = 'store=[STORE storekey=key|STOREDIST storedistkey=key]'
const FROM = 'from=<FROMMEMBER member|fromlonlat=<FROMLONLAT longitude latitude>>'
const BY = `by=<circle=<<BYRADIUS radius> ${UNIT}>|box=<<BYBOX width> height:double ${UNIT}>>`

export const geoSearchCommands: readonly CommandSpec[] = [
  {
    name: 'georadius',
    arity: -6,
    flags: ['write', 'denyoom'],
    keys: [
      keyAt(1, 'RO access'),
      keysAfter('STORE', 6, 0, 'OW update'),
      keysAfter('STOREDIST', 6, 0, 'OW update'),
    ],
    since: '3.2.0',
    group: 'geo',
    syntax: `key longitude latitude radius ${UNIT} ${WITH} ${COUNT} ${ORDER} ${STORE}`,
    summary: 'Gives or stores the members within a distance of a place.',
    complexity: COST,
    deprecated: {
      since: '6.2.0',
      replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument',
    },
    handler: (ctx, args) => search(ctx, args, { from: 'coordinates', stores: 'option' }),
  },
  {
    name: 'georadius_ro',
    arity: -6,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '3.2.10',
    group: 'geo',
    syntax: `key longitude latitude radius ${UNIT} ${WITH} ${COUNT} ${ORDER}`,
    summary: 'Gives the members within a distance of a place.',
    complexity: COST,
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` argument' },
    handler: (ctx, args) => search(ctx, args, { from: 'coordinates', stores: 'never' }),
  },
  {
    name: 'georadiusbymember',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [
      keyAt(1, 'RO access'),
      keysAfter('STORE', 5, 0, 'OW update'),
      keysAfter('STOREDIST', 5, 0, 'OW update'),
    ],
    since: '3.2.0',
    group: 'geo',
    syntax: `key member radius ${UNIT} ${WITH} ${COUNT} ${ORDER} ${STORE}`,
    summary: 'Gives or stores the members within a distance of a member.',
    complexity: COST,
    deprecated: {
      since: '6.2.0',
      replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
    },
    handler: (ctx, args) => search(ctx, args, { from: 'member', stores: 'option' }),
  },
  {
    name: 'georadiusbymember_ro',
    arity: -5,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '3.2.10',
    group: 'geo',
    syntax: `key member radius ${UNIT} ${WITH} ${COUNT} ${ORDER}`,
    summary: 'Gives the members within a distance of a member.',
    complexity: COST,
    deprecated: {
      since: '6.2.0',
      replacedBy: '`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments',
    },
    handler: (ctx, args) => search(ctx, args, { from: 'member', stores: 'never' }),
  },
  {
    name: 'geosearch',
    arity: -7,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '6.2.0',
    group: 'geo',
    syntax: `key ${FROM} ${BY} ${ORDER} ${COUNT} ${WITH}`,
    summary: 'Gives the members within a circle or a box.',
    complexity: COST,
    handler: (ctx, args) => search(ctx, args, { from: 'options', stores: 'never' }),
  },
  {
    name: 'geosearchstore',
    arity: -8,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW update'), keyAt(2, 'RO access')],
    since: '6.2.0',
    group: 'geo',
    syntax: `destination source ${FROM} ${BY} ${ORDER} ${COUNT} [STOREDIST]`,
    summary: 'Stores the members within a circle or a box under another key.',
    complexity: COST,
    handler: (ctx, args) => search(ctx, args, { from: 'options', stores: 'always' }),
  },
]
