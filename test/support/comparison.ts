/**
 * When two replies count as the same. Bytes are compared first; a relaxation says which differences between
 * redis-server's reply and Russet's do not matter, and an expected reply stands in for redis-server where the
 * installed one is too old to be asked. How both are written: see notation.ts.
 */
import { printReply, quoteBytes, type Reply } from './resp-reader.js'

export interface Relaxation {
  /** Arrays and sets are multisets, maps are sets of pairs; so are those one level deeper. */
  readonly unordered?: boolean
  /** Flat arrays of even length are unordered lists of pairs. */
  readonly pairs?: boolean
  /** Types and lengths must be the same all through, values need not. */
  readonly type?: boolean
  /** Only the type of the reply as a whole must be the same. */
  readonly kind?: boolean
  /** Numbers (doubles, and bulks that read as numbers) are compared as numbers. */
  readonly double?: boolean
  /** Numbers may differ by this much. */
  readonly near?: number
}

/** A literal expected reply. */
export type Expected =
  | { readonly type: 'bulk' | 'simple' | 'error' | 'double'; readonly value: string }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'nil' | 'any' }
  | { readonly type: 'array' | 'set'; readonly value: readonly Expected[] }
  | { readonly type: 'map'; readonly value: readonly (readonly [Expected, Expected])[] }

/** Whether `reply` is what was written, in the protocol it came by. */
export function meets(reply: Reply, expected: Expected): boolean {
  switch (expected.type) {
    case 'any':
      return reply.type !== 'closed'
    case 'nil':
      return reply.type === 'null' || reply.type === 'null bulk' || reply.type === 'null array'
    case 'boolean':
      return reply.type === 'integer' ? reply.value === BigInt(expected.value) : holds(reply, expected)
    case 'double':
      return (reply.type === 'bulk' || reply.type === 'double') && reply.value === expected.value
    case 'bulk':
      return (reply.type === 'bulk' || reply.type === 'verbatim') && reply.value === expected.value
    case 'array':
    case 'set': {
      const same = reply.type === expected.type || (expected.type === 'set' && reply.type === 'array')
      return same && allMeet((reply as Reply & { type: 'array' }).value, expected.value)
    }
    case 'map': {
      const flat = expected.value.flat()
      if (reply.type === 'array') return allMeet(reply.value, flat)
      return reply.type === 'map' && allMeet(reply.value.flat(), flat)
    }
    default:
      return holds(reply, expected)
  }
}

const holds = (reply: Reply, expected: Expected & { value: unknown }): boolean =>
  reply.type === expected.type && reply.value === expected.value

const allMeet = (replies: readonly Reply[], expected: readonly Expected[]): boolean =>
  replies.length === expected.length && replies.every((reply, i) => meets(reply, expected[i] as Expected))

/** Whether Russet's reply is as good as redis-server's. */
export function agree(redis: Reply, russet: Reply, relaxation: Relaxation): boolean {
  if (redis.raw === russet.raw && redis.type === russet.type) return true
  if (relaxation.kind) return redis.type === russet.type
  if (relaxation.type) return shapeOf(redis) === shapeOf(russet)
  if (relaxation.near !== undefined) return areNear(redis, russet, relaxation.near)
  return canonical(redis, relaxation, 0) === canonical(russet, relaxation, 0)
}

/** Types and lengths, without the values. */
function shapeOf(reply: Reply): string {
  switch (reply.type) {
    case 'array':
    case 'set':
    case 'push':
      return `${reply.type}(${reply.value.map(shapeOf).join()})`
    case 'map':
      return `map(${reply.value.map((pair) => pair.map(shapeOf).join(':')).join()})`
    default:
      return reply.type
  }
}

function areNear(redis: Reply, russet: Reply, tolerance: number): boolean {
  if (redis.raw === russet.raw) return true
  if (redis.type !== russet.type) return false
  if (redis.type === 'array' || redis.type === 'set' || redis.type === 'push' || redis.type === 'map') {
    const items = redis.value.flat() as Reply[]
    const others = (russet as typeof redis).value.flat() as Reply[]
    return (
      items.length === others.length && items.every((item, i) => areNear(item, others[i] as Reply, tolerance))
    )
  }
  const number = numberOf(redis)
  const other = numberOf(russet)
  return number !== undefined && other !== undefined && Math.abs(number - other) <= tolerance
}

/** The number a leaf stands for, undefined when it is none. */
function numberOf(reply: Reply): number | undefined {
  if (reply.type === 'integer') return Number(reply.value)
  if (reply.type !== 'bulk' && reply.type !== 'double') return undefined
  const text = reply.value.toLowerCase()
  if (/^[+-]?inf(inity)?$/.test(text)) return text[0] === '-' ? -Infinity : Infinity
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

/** A text that is equal exactly for replies that count as equal. */
function canonical(reply: Reply, relaxation: Relaxation, depth: number): string {
  const loose = depth < 2 && (relaxation.unordered || relaxation.pairs)
  switch (reply.type) {
    case 'array':
    case 'set':
    case 'push': {
      const items = reply.value.map((item) => canonical(item, relaxation, depth + 1))
      if (!loose) return `${reply.type}(${items.join()})`
      if (
        !relaxation.pairs ||
        items.length % 2 > 0 ||
        reply.value.some((item) => 'value' in item && typeof item.value === 'object')
      ) {
        return `${reply.type}(${items.sort().join()})`
      }
      const pairs: string[] = []
      for (let i = 0; i < items.length; i += 2) pairs.push(`${items[i]}:${items[i + 1]}`)
      return `${reply.type}(${pairs.sort().join()})`
    }
    case 'map': {
      const pairs = reply.value.map((pair) =>
        pair.map((item) => canonical(item, relaxation, depth + 1)).join(':'),
      )
      return `map(${(loose ? pairs.sort() : pairs).join()})`
    }
    default: {
      const number = relaxation.double ? numberOf(reply) : undefined
      return number === undefined ? JSON.stringify(reply.raw) : `${reply.type} ${number}`
    }
  }
}

export function printExpected(expected: Expected): string {
  switch (expected.type) {
    case 'bulk':
      return quoteBytes(expected.value)
    case 'simple':
      return `+${expected.value}`
    case 'error':
      return `(error) ${expected.value}`
    case 'array':
      return `[${expected.value.map(printExpected).join(', ')}]`
    case 'set':
      return `<${expected.value.map(printExpected).join(', ')}>`
    case 'map':
      return `{${expected.value.map((pair) => pair.map(printExpected).join(': ')).join(', ')}}`
    case 'nil':
    case 'any':
      return expected.type
    default:
      return `(${expected.type}) ${expected.value}`
  }
}

/** Two replies that should have agreed, one below the other. */
export function printDifference(redis: Reply, russet: Reply): string {
  const texts = [printReply(redis), printReply(russet)]
  const raw =
    texts[0] === texts[1] ? `\n  raw: ${quoteBytes(redis.raw)}\n  raw: ${quoteBytes(russet.raw)}` : ''
  return `redis:  ${texts[0]}\nrusset: ${texts[1]}${raw}`
}
