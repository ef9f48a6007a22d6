/** The server as a whole: DBSIZE, FLUSHALL, FLUSHDB, SWAPDB, TIME, CONFIG, INFO, MEMORY, LOLWUT, SHUTDOWN. */
import { describe, expect, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { startRusset } from '../support/redis-server.js'
import { bulkOf } from '../support/replies.js'
import type { RespConnection } from '../support/resp-connection.js'

async function textOf(connection: RespConnection, ...args: string[]): Promise<string> {
  const reply = await connection.send(...args)
  return reply.type === 'verbatim' ? reply.value : bulkOf(reply)
}

async function infoOf(connection: RespConnection, ...sections: string[]): Promise<Map<string, string>> {
  const lines = (await textOf(connection, 'INFO', ...sections))
    .split('\r\n')
    .filter((line) => line.includes(':'))
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}

conformance(
  'DBSIZE, FLUSHDB, FLUSHALL',
  script`
    DBSIZE
    MSET a 1 b 2 c 3
    SELECT 3
    MSET d 4 e 5
    DBSIZE
    FLUSHDB
    DBSIZE
    FLUSHDB SYNC
    FLUSHDB async
    FLUSHDB x
    FLUSHDB SYNC x
    FLUSHDB SYNC ASYNC
    SET d 4
    SELECT 0
    DBSIZE
    GET a
    FLUSHALL x
    FLUSHALL ASYNC SYNC
    FLUSHALL ASYNC
    DBSIZE
    SELECT 3
    DBSIZE
    FLUSHALL
    SET k v EX 100
    HSET h f v
    FLUSHALL SYNC
    SET k v
    TTL k
    EXISTS h
    DBSIZE x
  `,
)

describe('SWAPDB', () => {
  conformance(
    'contents and errors',
    script`
      SET k 0
      SET only0 x EX 1000
      SELECT 1
      SET k 1
      HSET h f v
      SWAPDB 0 1
      GET k
      TTL only0 ~near 1
      SELECT 0
      GET k
      HGETALL h
      SWAPDB 1 0
      GET k
      SWAPDB 0 0
      GET k
      SWAPDB a 1
      SWAPDB 1 b
      SWAPDB a b
      SWAPDB 0 16
      SWAPDB 16 0
      SWAPDB -1 0
      SWAPDB 3000000000 0
      SWAPDB 0 3000000000
      SWAPDB 0
      SWAPDB 0 1 2
      DBSIZE
    `,
  )

  conformance(
    'inside a transaction',
    script`
      SET k 0
      MULTI
      SWAPDB 0 1
      GET k
      SELECT 1
      GET k
      EXEC
      GET k
    `,
  )

  conformance(
    'wakes clients that wait for what comes in',
    script`
      A> BLPOP l 0
      B> BLPOP other 0
      SELECT 1
      RPUSH l x y
      SWAPDB 0 1
      A<
      B?
      SELECT 0
      LRANGE l 0 -1
      RPUSH other z
      B<
    `,
  )

  conformance(
    'breaks watches on keys that are there before or after',
    script`
      SET before 1
      SELECT 1
      SET after 1
      A> WATCH before
      A> MULTI
      A> PING
      B> WATCH after
      B> MULTI
      B> PING
      C> WATCH nowhere
      C> MULTI
      C> PING
      D> SELECT 1
      D> WATCH after
      D> MULTI
      D> PING
      E> SELECT 2
      E> SET before 1
      E> WATCH before
      E> MULTI
      E> PING
      SWAPDB 0 1
      A> EXEC
      B> EXEC
      C> EXEC
      D> EXEC
      E> EXEC
    `,
  )
})

describe('flushing and clients', () => {
  conformance(
    'breaks watches on keys that were there',
    script`
      SET k 1
      A> WATCH k
      A> MULTI
      A> PING
      B> WATCH none
      B> MULTI
      B> PING
      C> SELECT 1
      C> SET k 1
      C> WATCH k
      C> MULTI
      C> PING
      FLUSHDB
      A> EXEC
      B> EXEC
      D> WATCH k
      D> MULTI
      D> PING
      FLUSHALL
      C> EXEC
      D> EXEC
    `,
  )

  conformance(
    'leaves blocked clients waiting',
    script`
      A> BLPOP l 0
      SET x 1
      FLUSHALL
      A?
      FLUSHDB
      A?
      RPUSH l v
      A<
    `,
  )

  conformance(
    'in a transaction, before what wakes',
    script`
      A> BLPOP l 0
      MULTI
      RPUSH l 1
      FLUSHALL
      EXEC
      A?
      MULTI
      FLUSHALL
      RPUSH l 2
      EXEC
      A<
    `,
  )
})

conformance('TIME', async ({ russet, both }) => {
  await both('TIME ~type')
  await both('TIME x')
  const reply = await russet.send('TIME')
  if (reply.type !== 'array') throw new Error('no array')
  const [seconds, micros] = reply.value.map(bulkOf)
  expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(5)
  expect(Number(micros)).toBeLessThan(1e6)
})

conformance(
  'ROLE',
  script`
    ROLE
    ROLE x
  `,
)

describe('CONFIG', () => {
  conformance(
    'GET and SET',
    script`
      CONFIG GET maxmemory-policy
      CONFIG GET maxmemory-policy MAXMEMORY-POLICY
      CONFIG GET nope
      CONFIG GET hash-max-listpack-entries hash-max-ziplist-entries ~pairs
      CONFIG GET maxmemory-s* ~pairs
      CONFIG SET maxmemory-policy allkeys-lru
      CONFIG GET maxmemory-policy
      CONFIG SET maxmemory-policy nope
      CONFIG SET nope x
      CONFIG SET maxmemory-samples 7 maxmemory-policy nope
      CONFIG GET maxmemory-samples
      CONFIG SET maxmemory-samples 7 maxmemory-samples 8
      CONFIG SET maxmemory-samples
      CONFIG SET maxmemory-samples 7 x
      CONFIG SET databases 3
      CONFIG GET
      CONFIG RESETSTAT
      CONFIG RESETSTAT x
      CONFIG HELP ~kind
      CONFIG NOPE
      CONFIG
    `,
  )

  conformance('RESETSTAT', async ({ russet, play }) => {
    await play(script`
      GET none
      GET
    `)
    const before = await infoOf(russet, 'all')
    expect(Number(before.get('keyspace_misses'))).toBeGreaterThan(0)
    expect(before.has('cmdstat_get')).toBe(true)
    await play('CONFIG RESETSTAT')
    const after = await infoOf(russet, 'all')
    expect(after.get('keyspace_misses')).toBe('0')
    expect(after.get('total_error_replies')).toBe('0')
    expect(after.has('cmdstat_get')).toBe(false)
    expect(after.has('errorstat_ERR')).toBe(false)
  })
})

describe('INFO', () => {
  conformance('sections, their order and their fields', async ({ redis, russet }) => {
    const outline = async (connection: RespConnection, ...sections: string[]) =>
      (await textOf(connection, 'INFO', ...sections))
        .split('\r\n')
        .map((line) => (line.includes(':') ? line.slice(0, line.indexOf(':')) : line))
        .filter((line) => !/^(listener|cmdstat_|errorstat_|latency_percentiles|db\d)/.test(line))
    // Fields of 7.2 and 7.4, and our own; and what only a C program knows of its threads.
    const newer = new Set([
      ...[
        'russet_version',
        'pubsub_clients',
        'watching_clients',
        'total_watched_keys',
        'total_blocking_keys',
      ],
      ...[
        'total_blocking_keys_on_nokey',
        'allocator_muzzy',
        'mem_overhead_db_hashtable_rehashing',
        'evicted_scripts',
      ],
      ...[
        'expired_subkeys',
        'client_query_buffer_limit_disconnections',
        'client_output_buffer_limit_disconnections',
      ],
      ...['eventloop_cycles', 'eventloop_duration_sum', 'eventloop_duration_cmd_sum'],
      ...['instantaneous_eventloop_cycles_per_sec', 'instantaneous_eventloop_duration_usec'],
      ...[
        'acl_access_denied_auth',
        'acl_access_denied_cmd',
        'acl_access_denied_key',
        'acl_access_denied_channel',
      ],
    ])
    const absent = new Set(['used_cpu_sys_main_thread', 'used_cpu_user_main_thread'])
    for (const section of [
      ...[
        'server',
        'clients',
        'memory',
        'persistence',
        'stats',
        'replication',
        'cpu',
        'modules',
        'commandstats',
      ],
      ...['errorstats', 'latencystats', 'cluster', 'keyspace'],
    ]) {
      const theirs = (await outline(redis, section)).filter((line) => !absent.has(line))
      const ours = (await outline(russet, section)).filter((line) => !newer.has(line))
      expect(ours).toEqual(theirs)
    }
    const titles = async (...sections: string[]) => {
      const pick = async (connection: RespConnection) =>
        (await outline(connection, ...sections)).filter((line) => line.startsWith('#'))
      expect(await pick(russet)).toEqual(await pick(redis))
    }
    await titles()
    await titles('default')
    await titles('all')
    await titles('everything')
    await titles('DEFAULT', 'commandstats')
    await titles('keyspace', 'SERVER', 'nope', 'server')
  })

  conformance('latencystats', async ({ both, play, redis, russet }) => {
    await play('SET k v\nGET k')
    const ofBoth = async (...names: string[]) => {
      const infos = await Promise.all([redis, russet].map((one) => infoOf(one, 'latencystats')))
      return infos.map((info) => names.map((name) => info.get(`latency_percentiles_usec_${name}`)))
    }
    for (const [get, set, never] of await ofBoth('get', 'set', 'setrange')) {
      for (const line of [get, set]) expect(line).toMatch(/^p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d+\.\d{3}$/)
      expect(never).toBeUndefined()
    }
    await both('CONFIG SET latency-tracking-info-percentiles "0 33.333 100"')
    for (const [get] of await ofBoth('get')) expect(get).toMatch(/^p0=[\d.]+,p33\.333=[\d.]+,p100=[\d.]+$/)
    await both('CONFIG SET latency-tracking-info-percentiles ""')
    for (const [get] of await ofBoth('get')) expect(get).toBe('')
    await play('CONFIG SET latency-tracking no\nINFO latencystats\nCONFIG SET latency-tracking yes')
    await both('CONFIG RESETSTAT')
    for (const [get] of await ofBoth('get')) expect(get).toBeUndefined()
  })

  conformance(
    'what is not there',
    script`
      INFO nope
      INFO ""
      INFO nope nope
      INFO ~kind
      INFO cluster
      INFO modules
      INFO CLUSTER modules
    `,
  )

  conformance('values follow what happens', async ({ redis, russet, play }) => {
    await play(script`
      CONFIG RESETSTAT
      SET a 1
      SET b 1 EX 100
      SELECT 2
      SET c 1
      GET c
      GET none
      GET
      LPUSH c x
      NOPE
      A> BLPOP l 0
      B> BLPOP l 1000
      C> WATCH a b
    `)
    const same = [
      ...[
        'keyspace_hits',
        'keyspace_misses',
        'blocked_clients',
        'clients_in_timeout_table',
        'total_error_replies',
      ],
      ...[
        'cmdstat_set',
        'cmdstat_get',
        'cmdstat_lpush',
        'errorstat_ERR',
        'errorstat_WRONGTYPE',
        'role',
        'maxclients',
      ],
      ...[
        'hz',
        'redis_mode',
        'connected_slaves',
        'maxmemory',
        'maxmemory_human',
        'rejected_connections',
        'db0',
        'db2',
      ],
    ]
    const [theirs, ours] = [await infoOf(redis, 'everything'), await infoOf(russet, 'everything')]
    const comparable = (text: string | undefined) =>
      text?.replace(/usec=\d+,usec_per_call=[\d.]+,/, '').replace(/avg_ttl=\d+(,subexpiry=\d+)?/, '')
    for (const name of same)
      expect(`${name}:${comparable(ours.get(name))}`).toBe(`${name}:${comparable(theirs.get(name))}`)
    expect(ours.get('db0')).toMatch(/^keys=2,expires=1,avg_ttl=(0|9\d{4}|100000),subexpiry=0$/)
    expect(ours.get('watching_clients')).toBe('1')
    expect(ours.get('total_watched_keys')).toBe('2')
    expect(ours.get('total_blocking_keys')).toBe('1')
    expect(ours.get('redis_version')).toBe('7.4.0')
    expect(ours.get('russet_version')).toMatch(/^\d+\.\d+\.\d+$/)
    expect(ours.get('run_id')).toMatch(/^[0-9a-f]{40}$/)
    expect(Number(ours.get('used_memory'))).toBeGreaterThan(5e5)
    expect(Number(ours.get('used_memory_rss'))).toBeGreaterThan(Number(ours.get('used_memory')))
    expect(ours.get('used_memory_human')).toMatch(/^\d+\.\d\d[KM]$/)
    await play(script`
      SELECT 0
      RPUSH l 1 2
      A<
      B<
    `)
  })
})

describe('MEMORY', () => {
  conformance(
    'arguments',
    script`
      MEMORY USAGE none
      MEMORY USAGE none SAMPLES 0
      SET k v
      MEMORY USAGE k ~type
      MEMORY USAGE k SAMPLES 5 ~type
      MEMORY USAGE k samples 1 SAMPLES 2 ~type
      MEMORY USAGE k SAMPLES
      MEMORY USAGE k SAMPLES -1
      MEMORY USAGE k SAMPLES x
      MEMORY USAGE k nope 1
      MEMORY USAGE k nope
      MEMORY USAGE
      MEMORY STATS ~kind
      MEMORY STATS x
      MEMORY DOCTOR ~kind
      MEMORY DOCTOR x
      MEMORY MALLOC-STATS ~kind
      MEMORY MALLOC-STATS x
      MEMORY PURGE
      MEMORY PURGE x
      MEMORY HELP ~kind
      MEMORY NOPE
      MEMORY
    `,
  )

  conformance('USAGE grows with the value, and looking changes nothing', async ({ russet, play }) => {
    const usage = async (key: string, ...rest: string[]) => {
      const reply = await russet.send('MEMORY', 'USAGE', key, ...rest)
      if (reply.type !== 'integer') throw new Error(`no integer: ${reply.raw}`)
      return Number(reply.value)
    }
    const long = 'x'.repeat(10_000)
    const fields = Array.from({ length: 1000 }, (_, i) => `f${i} v${i}`).join(' ')
    const members = Array.from({ length: 1000 }, (_, i) => `member${i}`).join(' ')
    await play(script`
      SET short v
      SET long ${long}
      HSET hash ${fields}
      SADD set ${members}
      RPUSH list ${members}
      ZADD zset ${members.replace(/member(\d+)/g, '$1 member$1')}
    `)
    const short = await usage('short')
    expect(short).toBeGreaterThan(16)
    expect(short).toBeLessThan(10_000)
    expect(await usage('long')).toBeGreaterThan(10_000)
    for (const key of ['hash', 'set', 'list', 'zset']) {
      const all = await usage(key, 'SAMPLES', '0')
      expect(all).toBeGreaterThan(8_000)
      expect(all).toBeLessThan(500_000)
      const sampled = await usage(key)
      expect(sampled).toBeGreaterThan(all / 2)
      expect(sampled).toBeLessThan(all * 2)
    }
  })
})

describe('LOLWUT', () => {
  conformance('ends with the version', async ({ russet, both }) => {
    for (const args of [
      [],
      ['VERSION', '5'],
      ['version', '6', '10', '3'],
      ['x'],
      ['VERSION', '1', '-5', '99999999'],
    ]) {
      const text = await textOf(russet, 'LOLWUT', ...args)
      expect(text).toMatch(/\nRedis ver\. 7\.4\.0, Russet ver\. \d+\.\d+\.\d+\n$/)
      expect(text.length).toBeLessThan(20_000)
    }
    expect((await textOf(russet, 'LOLWUT', 'VERSION', '6', '10', '3')).split('\n')[2]).toHaveLength(10)
    await both('LOLWUT VERSION x')
  })
})

describe('SHUTDOWN', () => {
  conformance(
    'errors',
    script`
      SHUTDOWN x
      SHUTDOWN SAVE NOSAVE
      SHUTDOWN NOSAVE x
      SHUTDOWN ABORT
      SHUTDOWN ABORT NOW
      SHUTDOWN ABORT ABORT
      MULTI
      SHUTDOWN
      EXEC
      PING
    `,
  )

  test.each([[], ['NOSAVE'], ['NOW'], ['FORCE', 'NOW', 'nosave'], ['SAVE', 'FORCE']])(
    '%s %s %s ends the server',
    async (...options) => {
      const server = await startRusset()
      try {
        const connection = await server.connect()
        const other = await server.connect()
        const reply = await connection.send('SHUTDOWN', ...options)
        expect(reply.type).toBe('closed')
        await other.whenClosed
        await server.whenExited
        expect(server.logs()).toContain('bye bye')
      } finally {
        await server.stop()
      }
    },
  )
})
