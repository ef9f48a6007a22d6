/**
 * Whatever clients do to an engine, its effects applied to another one lead to the same data, although that
 * one has another clock and other random numbers, and does nothing of its own accord. That is what the
 * journal and replicas rest on.
 */
import { Engine, ErrorReply, type Reply } from '@russet/core'
import fc, { type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { datasetDigest } from '../../../packages/core/src/keyspace/digest.js'
import { HashValue } from '../../../packages/core/src/keyspace/hash-value.js'
import {
  command,
  counts,
  floats,
  group,
  indexes,
  integers,
  keys,
  maybe,
  members,
  oneOf,
  several,
  values,
} from '../../support/arbitraries.js'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'

const CLIENTS = 3
const HOUR_MS = 3_600_000

const k = keys(4)
const smallCount = fc.integer({ min: 1, max: 4 }).map(String)
const bits = fc.integer({ min: 0, max: 40 }).map(String)
const end = oneOf('LEFT', 'RIGHT')
/** Times from now that pass during a run, or are over at once. */
const seconds = oneOf('1', '2', '100', '0', '-1')
const milliseconds = oneOf('1', '20', '500', '100000', '-1')
const unixSeconds = oneOf('1700000001', '1700000002', '1', '4000000000')
const condition = maybe(oneOf('NX', 'XX', 'GT', 'LT'))
const expiry = fc.oneof(
  group(oneOf('EX'), oneOf('1', '2', '100')),
  group(oneOf('PX'), oneOf('1', '20', '500')),
  group(oneOf('EXAT'), unixSeconds),
)
const fields = members().map((field) => ['FIELDS', '1', field])

const writes: readonly Arbitrary<{ args: readonly string[] }>[] = [
  command('SET', k, values(), maybe(oneOf('NX', 'XX', 'GET'))),
  command('SET', k, values(), expiry),
  command('SET', k, values(), 'KEEPTTL'),
  command('SETEX', k, oneOf('1', '100'), values()),
  command('PSETEX', k, oneOf('1', '500'), values()),
  command('GETEX', k, fc.oneof(expiry, group('PERSIST'), fc.constant<string[]>([]))),
  command('GETDEL', k),
  command('GETSET', k, values()),
  command('APPEND', k, values()),
  command('SETRANGE', k, counts(), values()),
  command(oneOf('MSET', 'MSETNX'), several(1, 3, k, values())),
  command(oneOf('INCRBY', 'DECRBY'), k, integers()),
  command('INCRBYFLOAT', k, floats()),
  command('SETBIT', k, bits, oneOf('0', '1')),
  command('BITFIELD', k, 'INCRBY', oneOf('u8', 'i5'), bits, integers()),
  command('BITOP', oneOf('AND', 'OR', 'XOR'), k, several(1, 2, k)),
  command(oneOf('RPUSH', 'LPUSH', 'RPUSHX', 'LPUSHX'), k, several(1, 4, members())),
  command(oneOf('LPOP', 'RPOP'), k, maybe(smallCount)),
  command('LREM', k, indexes(), members()),
  command('LTRIM', k, indexes(), indexes()),
  command('LSET', k, indexes(), members()),
  command('LINSERT', k, oneOf('BEFORE', 'AFTER'), members(), members()),
  command('LMOVE', k, k, end, end),
  command('LMPOP', '2', k, k, end, maybe('COUNT', smallCount)),
  command(oneOf('BLPOP', 'BRPOP'), k, k, oneOf('0', '0.1')),
  command('BLMOVE', k, k, end, end, oneOf('0', '0.1')),
  command('BLMPOP', oneOf('0', '0.1'), '2', k, k, end),
  command('SADD', k, several(1, 4, members())),
  command('SREM', k, several(1, 2, members())),
  command('SPOP', k, maybe(counts())),
  command('SMOVE', k, k, members()),
  command(oneOf('SUNIONSTORE', 'SINTERSTORE', 'SDIFFSTORE'), k, several(1, 2, k)),
  command('HSET', k, several(1, 3, members(), values())),
  command('HSETNX', k, members(), values()),
  command('HDEL', k, several(1, 2, members())),
  command('HINCRBY', k, members(), integers()),
  command('HINCRBYFLOAT', k, members(), floats()),
  command('HEXPIRE', k, seconds, condition, fields),
  command('HPEXPIRE', k, milliseconds, condition, fields),
  command('HEXPIREAT', k, unixSeconds, fields),
  command('HPERSIST', k, fields),
  command('ZADD', k, maybe(oneOf('NX', 'XX', 'GT', 'LT')), several(1, 3, floats(), members())),
  command('ZADD', k, 'INCR', floats(), members()),
  command('ZINCRBY', k, floats(), members()),
  command('ZREM', k, several(1, 2, members())),
  command(oneOf('ZPOPMIN', 'ZPOPMAX'), k, maybe(smallCount)),
  command('ZMPOP', '2', k, k, oneOf('MIN', 'MAX')),
  command(oneOf('BZPOPMIN', 'BZPOPMAX'), k, k, oneOf('0', '0.1')),
  command('ZREMRANGEBYRANK', k, indexes(), indexes()),
  command('ZREMRANGEBYSCORE', k, oneOf('-inf', '0'), oneOf('1', '+inf')),
  command('ZRANGESTORE', k, k, indexes(), indexes()),
  command(oneOf('ZUNIONSTORE', 'ZINTERSTORE', 'ZDIFFSTORE'), k, '2', k, k),
  command(oneOf('DEL', 'UNLINK'), several(1, 2, k)),
  command(oneOf('RENAME', 'RENAMENX'), k, k),
  command('COPY', k, k, maybe('DB', oneOf('0', '1')), maybe('REPLACE')),
  command('MOVE', k, oneOf('0', '1')),
  command('SORT', k, maybe('BY', oneOf('k*', 'nosort', 'k*->a')), maybe(oneOf('ALPHA', 'DESC')), 'STORE', k),
  command('EXPIRE', k, seconds, condition),
  command('PEXPIRE', k, milliseconds, condition),
  command('EXPIREAT', k, unixSeconds, condition),
  command('PERSIST', k),
  command('SWAPDB', '0', '1'),
  command(oneOf('FLUSHDB', 'FLUSHALL')),
]

const others: readonly Arbitrary<{ args: readonly string[] }>[] = [
  command(oneOf('GET', 'TYPE', 'TTL', 'HGETALL', 'LLEN', 'SMEMBERS', 'HLEN', 'TOUCH'), k),
  command('SORT', k, 'BY', 'nosort', 'GET', 'k*->a'),
  command('SCAN', '0'),
  command('KEYS', '*'),
  command('RANDOMKEY'),
  command('SELECT', oneOf('0', '1')),
  command('MULTI'),
  command('EXEC'),
  command('EXEC'),
  command('DISCARD'),
  command('WATCH', k),
]

type Step = { client: number; args: readonly string[] } | { advanceMs: number }

const step: Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      client: fc.nat({ max: CLIENTS - 1 }),
      args: fc
        .oneof({ weight: 5, arbitrary: fc.oneof(...writes) }, { weight: 1, arbitrary: fc.oneof(...others) })
        .map(({ args }) => args),
    }),
  },
  { weight: 1, arbitrary: fc.record({ advanceMs: fc.constantFrom(1, 20, 150, 1500) }) },
)

/** An engine that applies effects: it deletes nothing by itself, and sees what has expired elsewhere. */
class Follower {
  readonly #host = new FakeHost(99)
  readonly engine = new Engine(this.#host)
  readonly #client = new EngineClient(this.engine)

  constructor() {
    this.#host.advance(HOUR_MS)
    this.engine.activeExpire = false
    this.engine.keyspace.keepsExpired = true
    this.engine.keyspace.showsExpired = true
  }

  apply(db: number, command: readonly string[]): void {
    this.#client.run('SELECT', String(db))
    const reply: Reply | undefined = this.#client.run(...command)
    if (reply === undefined || reply instanceof ErrorReply) {
      throw new Error(`effect ${JSON.stringify(command)}: ${reply === undefined ? 'waits' : reply.message}`)
    }
  }
}

/**
 * The data, and when each key and field expires, which the digest leaves out. What has expired counts until it
 * is deleted, since only then there is an effect.
 */
function stateOf({ keyspace }: Engine): { digest: string; expiries: string[] } {
  const { keepsExpired, showsExpired } = keyspace
  keyspace.keepsExpired = true
  keyspace.showsExpired = true
  const expiries: string[] = []
  for (const db of keyspace.databases) {
    db.dict.forEach((key, value, slot) => {
      expiries.push(`${db.index} ${key} ${db.dict.expiryAt(slot)}`)
      if (!(value instanceof HashValue) || !value.hasExpiringFields) return
      for (const field of value.fields())
        expiries.push(`${db.index} ${key} ${field} ${value.expiryOf(field)}`)
    })
  }
  const digest = datasetDigest(keyspace.databases)
  keyspace.keepsExpired = keepsExpired
  keyspace.showsExpired = showsExpired
  return { digest, expiries: expiries.sort() }
}

test('applied elsewhere, the effects lead to the same data', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), fc.nat(), (steps, seed) => {
      const host = new FakeHost(seed)
      const leader = new Engine(host)
      const follower = new Follower()
      leader.effects.listen((unit) => {
        for (const { db, command: told } of unit) follower.apply(db, told)
      })
      const clients = Array.from({ length: CLIENTS }, () => new EngineClient(leader))
      for (const each of steps) {
        if ('advanceMs' in each) host.advance(each.advanceMs)
        else {
          const client = clients[each.client] as EngineClient
          if (!client.waits) client.run(...each.args)
        }
        expect(stateOf(follower.engine), JSON.stringify(each)).toEqual(stateOf(leader))
      }
      leader.close()
      follower.engine.close()
    }),
    { numRuns: 150 },
  )
}, 60_000)
