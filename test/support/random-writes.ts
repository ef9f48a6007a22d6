/**
 * Random commands of every group that change data, over a few keys of two databases, and what engines are compared
 * by afterwards: for tests in which the same history has to lead to the same data by different ways.
 */
import type { Engine } from '@russet/core'
import fc, { type Arbitrary } from 'fast-check'
import { datasetDigest } from '../../packages/core/src/keyspace/digest.js'
import { HashValue } from '../../packages/core/src/keyspace/hash-value.js'
import { StreamValue } from '../../packages/core/src/keyspace/stream-value.js'
import { formatId, idText } from '../../packages/core/src/structures/entry-id.js'
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
} from './arbitraries.js'

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
const id = fc.nat(40).map((ms) => `${ms}-0`)
const newId = fc.oneof(
  id,
  fc.nat(40).map((ms) => `${ms}-*`),
  fc.constant('*'),
)
const streamTrim = fc.oneof(group('MAXLEN', oneOf('=', '~'), counts()), group('MINID', oneOf('=', '~'), id))
const consumer = oneOf('alice', 'bob', 'carol')
const longitude = oneOf('13.4', '-0.1278', '180', '-77.03')
const latitude = oneOf('52.5', '51.5074', '-85', '38.9')
const fields = members().map((field) => ['FIELDS', '1', field])

/** Commands that change data, or may. */
export const writes: readonly Arbitrary<{ args: readonly string[] }>[] = [
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
  command('XADD', k, newId, 'f', values()),
  command('XADD', k, streamTrim, newId, several(1, 2, members(), values())),
  command('XTRIM', k, streamTrim),
  command('XDEL', k, several(1, 3, id)),
  command('XSETID', k, id),
  command('XGROUP', 'CREATE', k, 'g', fc.oneof(id, oneOf('0', '$')), maybe('MKSTREAM')),
  command('XGROUP', 'SETID', k, 'g', fc.oneof(id, oneOf('0', '$'))),
  command('XGROUP', 'DESTROY', k, 'g'),
  command('XGROUP', oneOf('CREATECONSUMER', 'DELCONSUMER'), k, 'g', consumer),
  command('XREADGROUP', 'GROUP', 'g', consumer, 'COUNT', smallCount, maybe('NOACK'), 'STREAMS', k, '>'),
  command('XREADGROUP', 'GROUP', 'g', consumer, 'BLOCK', '100', 'STREAMS', k, '>'),
  command('XACK', k, 'g', several(1, 3, id)),
  command('XCLAIM', k, 'g', consumer, '0', several(1, 3, id), maybe(oneOf('FORCE', 'JUSTID'))),
  command('XAUTOCLAIM', k, 'g', consumer, oneOf('0', '20'), '0', 'COUNT', smallCount),
  command('GEOADD', k, maybe(oneOf('NX', 'XX')), several(1, 2, longitude, latitude, members())),
  command(
    'GEOSEARCHSTORE',
    k,
    k,
    'FROMLONLAT',
    longitude,
    latitude,
    'BYRADIUS',
    '9000',
    'km',
    maybe('STOREDIST'),
  ),
  command('GEORADIUS', k, longitude, latitude, '9000', 'km', 'STORE', k),
  command('PFADD', k, several(0, 3, values())),
  command('PFMERGE', k, several(0, 2, k)),
  command('PFCOUNT', k),
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

/** Commands that look at data, and transactions. */
export const others: readonly Arbitrary<{ args: readonly string[] }>[] = [
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

/**
 * The data, and when each key and field expires, which the digest leaves out. What has expired counts until it
 * is deleted, since only then there is an effect.
 */
export function stateOf({ keyspace }: Engine): { digest: string; expiries: string[] } {
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

/** What streams have beside their entries: their past and their groups. When consumers were seen is left out. */
export function streamStatesOf({ keyspace }: Engine): string[] {
  const lines: string[] = []
  for (const db of keyspace.databases) {
    db.dict.forEach((key, value) => {
      if (!(value instanceof StreamValue)) return
      const { lastId, maxDeletedId, entriesAdded, groups } = value
      lines.push(`${db.index} ${key} ${idText(lastId)} ${idText(maxDeletedId)} ${entriesAdded}`)
      for (const [name, { lastId: delivered, entriesRead, pending, consumers }] of groups) {
        const at = `${db.index} ${key} ${name}`
        lines.push(`${at} ${idText(delivered)} ${entriesRead} ${[...consumers.keys()].sort()}`)
        pending.walk((ms, seq, { consumer, deliveredMs, deliveries }) => {
          lines.push(`${at} ${formatId(ms, seq)} ${consumer.name} ${deliveredMs} ${deliveries}`)
        })
      }
    })
  }
  return lines.sort()
}
