/**
 * What the keys of one client hold after its writes: the model that a kill loop compares a server with. It knows
 * only the commands that are drawn here, and every key has one type, which is the first letter of its name.
 */
import type { Reply } from './resp-reader.js'

/** A command, the name first. */
export type Write = readonly string[]

/** When a command was carried out, in ms of the clock: not before the one, not after the other. */
export interface When {
  readonly from: number
  readonly to: number
}

type Value = string | string[] | Map<string, string>

/** Servers take the time of a command from a clock that they look at only now and then. */
const CLOCK_TOLERANCE_MS = 200
/** Lifetimes that no run of a loop outlives. */
const LONG_LIFE_S = 1_000_000

const NAMES_PER_TYPE = 3
const MEMBERS = 12
const ACCOUNTS = 8

type Draw = (below: number) => number

/** Keys that all clients of a database share; the sum of them never changes, nor do half transactions hide. */
export const accountNames = Array.from({ length: ACCOUNTS }, (_, i) => `account:${i}`)

export class ClientData {
  readonly #values = new Map<string, Value>()
  readonly #deadlines = new Map<string, When>()

  /** How many units were marked as done; see `drawUnit`. */
  get marks(): number {
    return Number(this.#values.get('marks') ?? 0)
  }

  /** What this client has moved to an account, from all others. */
  movedTo(account: string): number {
    return Number(this.#mapAt('moved').get(account) ?? 0)
  }

  clone(): ClientData {
    const copy = new ClientData()
    for (const [key, value] of this.#values) copy.#values.set(key, copyOf(value))
    for (const [key, when] of this.#deadlines) copy.#deadlines.set(key, when)
    return copy
  }

  /** Does what a server does with a command. */
  apply([name = '', key = '', ...args]: Write, when: When): void {
    if (accountNames.includes(key)) return
    const [first = '', second = ''] = args
    switch (name) {
      case 'SET':
        this.#values.set(key, first)
        if (second === 'PXAT') this.#expireAt(key, Number(args[2]))
        else this.#deadlines.delete(key)
        break
      case 'APPEND':
        this.#values.set(key, this.#textAt(key) + first)
        break
      case 'INCRBY':
        this.#values.set(key, String(Number(this.#textAt(key)) + Number(first)))
        break
      case 'DEL':
        this.#remove(key)
        break
      case 'LPUSH':
        this.#values.set(key, [...[...args].reverse(), ...this.#listAt(key)])
        break
      case 'RPOP':
        this.#keep(key, this.#listAt(key).slice(0, -1))
        break
      case 'LTRIM':
        this.#keep(key, this.#listAt(key).slice(Number(first), Number(second) + 1))
        break
      case 'HSET':
        this.#keep(key, this.#mapAt(key).set(first, second))
        break
      case 'SADD':
        this.#keep(key, this.#mapAt(key).set(first, ''))
        break
      case 'ZADD':
        this.#keep(key, this.#mapAt(key).set(second, first))
        break
      case 'HINCRBY':
        this.#keep(key, this.#mapAt(key).set(first, plus(this.#mapAt(key).get(first), second)))
        break
      case 'ZINCRBY':
        this.#keep(key, this.#mapAt(key).set(second, plus(this.#mapAt(key).get(second), first)))
        break
      case 'HDEL':
      case 'SREM':
      case 'ZREM':
        this.#mapAt(key).delete(first)
        this.#keep(key, this.#mapAt(key))
        break
      case 'EXPIRE':
        if (this.#values.has(key)) this.#deadlines.set(key, later(when, Number(first) * 1000))
        break
      case 'PEXPIREAT':
        if (this.#values.has(key)) this.#expireAt(key, Number(first))
        break
      case 'PERSIST':
        this.#deadlines.delete(key)
        break
      default:
        throw new Error(`the model does not know ${name}`)
    }
  }

  /** Compares with what a server has. @returns a line for each key that differs */
  differences(found: FoundData): string[] {
    const lines: string[] = []
    for (const [key, { value, deadline }] of found.keys) {
      const expected = this.#values.get(key)
      const due = this.#deadlines.get(key)
      if (
        value === undefined &&
        (expected === undefined || (due !== undefined && mayBeOver(due, found.when)))
      )
        continue
      if (value === undefined || expected === undefined || print(value) !== print(expected)) {
        lines.push(`${key}: expected ${print(expected)}, found ${print(value)}`)
      } else if (!isDeadline(deadline, due) || (due !== undefined && mustBeOver(due, found.when))) {
        lines.push(`${key}: expected to expire ${JSON.stringify(due) ?? 'never'}, found ${deadline}`)
      }
    }
    return lines
  }

  /** Takes over what only the server knows: when exactly keys expire, and which have. */
  settle(found: FoundData): void {
    for (const [key, { value, deadline }] of found.keys) {
      if (value === undefined) this.#remove(key)
      else if (deadline >= 0) this.#deadlines.set(key, { from: deadline, to: deadline })
    }
  }

  #textAt(key: string): string {
    return (this.#values.get(key) as string | undefined) ?? ''
  }

  #listAt(key: string): string[] {
    return (this.#values.get(key) as string[] | undefined) ?? []
  }

  #mapAt(key: string): Map<string, string> {
    return (this.#values.get(key) as Map<string, string> | undefined) ?? new Map()
  }

  /** A collection that has become empty is removed. */
  #keep(key: string, value: string[] | Map<string, string>): void {
    if ((Array.isArray(value) ? value.length : value.size) === 0) this.#remove(key)
    else this.#values.set(key, value)
  }

  #expireAt(key: string, at: number): void {
    this.#deadlines.set(key, { from: at, to: at })
  }

  #remove(key: string): void {
    this.#values.delete(key)
    this.#deadlines.delete(key)
  }
}

const copyOf = (value: Value): Value => (value instanceof Map ? new Map(value) : value.slice()) as Value
const plus = (before: string | undefined, by: string): string => String(Number(before ?? 0) + Number(by))
const later = ({ from, to }: When, ms: number): When => ({ from: from + ms, to: to + ms })

const mustBeOver = (due: When, now: When): boolean => due.to + CLOCK_TOLERANCE_MS < now.from
const mayBeOver = (due: When, now: When): boolean => due.from - CLOCK_TOLERANCE_MS <= now.to

/** @param found as PEXPIRETIME has it */
function isDeadline(found: number, expected: When | undefined): boolean {
  if (expected === undefined) return found === -1
  const tolerance = expected.from === expected.to ? 0 : CLOCK_TOLERANCE_MS
  return found >= expected.from - tolerance && found <= expected.to + tolerance
}

function print(value: Value | undefined): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value instanceof Map ? [...value].sort() : value)
  return text.length > 200
    ? `${text.slice(0, 160)}... ${text.length} characters, sum ${checksum(text)}`
    : text
}

function checksum(text: string): number {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0
  return sum
}

// ---- reading back -----------------------------------------------------------------------------------------

export interface FoundData {
  readonly keys: ReadonlyMap<string, { readonly value: Value | undefined; readonly deadline: number }>
  readonly when: When
}

const TYPES = ['string', 'number', 'list', 'hash', 'zset', 'unordered', 'expiring'] as const
type Type = (typeof TYPES)[number]

/** Every key that a client may have. */
export const keyNames = [
  'marks',
  'moved',
  ...TYPES.flatMap((type) => Array.from({ length: NAMES_PER_TYPE }, (_, i) => `${type}:${i}`)),
]

const typeOf = (key: string): Type =>
  key === 'marks' ? 'number' : key === 'moved' ? 'hash' : (key.slice(0, key.indexOf(':')) as Type)

/** The command that reads all of a key. @param prefix of the client's keys */
export function readCommand(prefix: string, key: string): string[] {
  const name = prefix + key
  switch (typeOf(key)) {
    case 'list':
      return ['LRANGE', name, '0', '-1']
    case 'hash':
      return ['HGETALL', name]
    case 'zset':
      return ['ZRANGE', name, '0', '-1', 'WITHSCORES']
    case 'unordered':
      return ['SMEMBERS', name]
    default:
      return ['GET', name]
  }
}

/** What `readCommand` was answered (in RESP2), as the model has it. */
export function readValue(key: string, reply: Reply): Value | undefined {
  if (reply.type === 'bulk') return reply.value
  if (reply.type !== 'array') return undefined
  const items = reply.value.map((item) => (item as { value: string }).value)
  if (items.length === 0) return undefined
  if (typeOf(key) === 'list') return items
  if (typeOf(key) === 'unordered') return new Map(items.map((item) => [item, '']))
  return new Map(
    Array.from({ length: items.length / 2 }, (_, i) => [items[2 * i] ?? '', items[2 * i + 1] ?? '']),
  )
}

// ---- drawing ----------------------------------------------------------------------------------------------

const MARK: Write = ['INCRBY', 'marks', '1']

/** Writes for one client that belong together: several are one transaction, which also counts itself. */
export type Unit = readonly Write[]

/** A few units, of which the last is marked: by the number of marks it is known how far a server has come. */
export function drawUnits(draw: Draw, now: number): Unit[] {
  const units: Unit[] = []
  for (let count = draw(4); count > 0; count--) units.push(...drawWrites(draw, now).map((write) => [write]))
  units.push(draw(2) === 0 ? [MARK] : drawTransfer(draw))
  return units
}

/** Moves an amount between two accounts and notes it. */
function drawTransfer(draw: Draw): Unit {
  const from = draw(ACCOUNTS)
  const to = (from + 1 + draw(ACCOUNTS - 1)) % ACCOUNTS
  const amount = 1 + draw(1000)
  const [source = '', target = ''] = [accountNames[from], accountNames[to]]
  return [
    ['INCRBY', source, String(-amount)],
    ['HINCRBY', 'moved', source, String(-amount)],
    ['INCRBY', target, String(amount)],
    ['HINCRBY', 'moved', target, String(amount)],
    MARK,
  ]
}

/** One write, or a few that only make sense one after another. */
function drawWrites(draw: Draw, now: number): Write[] {
  const type = TYPES[draw(TYPES.length)] ?? 'string'
  const key = `${type}:${draw(NAMES_PER_TYPE)}`
  const member = `member ${draw(MEMBERS)}`
  const number = String(draw(2001) - 1000)
  const text = drawText(draw)
  if (type === 'expiring') {
    // Each begins with a SET, so that it does not matter whether the last one is over.
    const at = String(now + (draw(2) === 0 ? draw(3000) : LONG_LIFE_S * 1000 + draw(1000)))
    if (draw(2) === 0) return [['SET', key, text, 'PXAT', at]]
    return [
      ['SET', key, text],
      ['PEXPIREAT', key, at],
    ]
  }
  switch (draw(12)) {
    case 0:
      return [['DEL', key]]
    case 1:
      return [['EXPIRE', key, String(LONG_LIFE_S + draw(1000))]]
    case 2:
      return [['PERSIST', key]]
  }
  const isAdded = draw(3) > 0
  switch (type) {
    case 'string':
      return [draw(3) === 0 ? ['APPEND', key, text.slice(0, 20)] : ['SET', key, text]]
    case 'number':
      return [['INCRBY', key, number]]
    case 'list':
      if (!isAdded) return [draw(2) === 0 ? ['RPOP', key] : ['LTRIM', key, '1', '20']]
      return [['LPUSH', key, ...Array.from({ length: 1 + draw(4) }, (_, i) => `${text.slice(0, 30)} ${i}`)]]
    case 'hash':
      if (!isAdded) return [['HDEL', key, member]]
      return [draw(2) === 0 ? ['HSET', key, member, number] : ['HINCRBY', key, member, number]]
    case 'zset':
      if (!isAdded) return [['ZREM', key, member]]
      return [draw(2) === 0 ? ['ZADD', key, number, member] : ['ZINCRBY', key, number, member]]
    case 'unordered':
      return [[isAdded ? 'SADD' : 'SREM', key, member]]
  }
}

/** Mostly short; now and then so long that a log is torn in the middle of it. */
function drawText(draw: Draw): string {
  const length = draw(50) === 0 ? 20_000 + draw(100_000) : 1 + draw(60)
  return `${draw(1_000_000)}\r\n\0\xff`.padEnd(length, 'text ')
}
