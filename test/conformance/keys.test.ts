/** Keys whatever they hold, their expiry, OBJECT, WAIT and WAITAOF. */
import { describe, expect } from 'vitest'
import { conformance, range, script } from '../support/conformance.js'
import type { Reply } from '../support/resp-reader.js'

/** A key of every type, one of each with an expiry. */
const ONE_OF_EACH = script`
  SET string text
  SET number 12
  APPEND edited abc
  APPEND edited def
  RPUSH list a b a
  SADD ints 1 2 3
  SADD set a b c
  HSET hash f v g w
  ZADD zset 1.5 a -2 b inf c
  SET string2 x PX 5000000
  RPUSH list2 a
  EXPIRE list2 5000
`
const EACH = ['string', 'number', 'edited', 'list', 'ints', 'set', 'hash', 'zset', 'string2', 'list2']

const bulks = (reply: Reply | undefined): string[] =>
  reply?.type === 'array' ? reply.value.map((item) => (item as { value: string }).value) : []

describe('deleting and asking', () => {
  conformance(
    'DEL and UNLINK',
    script`
      ${ONE_OF_EACH}
      DEL string
      DEL string
      DEL number edited list nosuch number
      UNLINK ints set hash ints
      UNLINK nosuch
      DEL
      UNLINK
      EXISTS ${EACH.join(' ')}
    `,
  )

  conformance(
    'EXISTS and TOUCH',
    script`
      ${ONE_OF_EACH}
      EXISTS string
      EXISTS nosuch
      EXISTS string string nosuch hash
      EXISTS
      TOUCH string string nosuch hash
      TOUCH nosuch
      TOUCH
      SET "" empty
      EXISTS ""
    `,
  )

  conformance(
    'TYPE',
    script`
      ${ONE_OF_EACH}
      ${EACH.map((key) => `TYPE ${key}\n`).join('')}
      TYPE nosuch
      TYPE
      TYPE a b
    `,
  )

  conformance(
    'what expired is gone for every command',
    script`
      DEBUG SET-ACTIVE-EXPIRE 0
      MSET a 1 d 1 e 1 f 1 stays 1
      RPUSH b 1
      SADD c 1
      ${[...'abcdef'].map((key) => `PEXPIRE ${key} 20\n`).join('')}
      DEBUG SLEEP 0.05
      DBSIZE
      EXISTS a
      TYPE b
      KEYS *
      RENAME b x
      COPY c x
      MOVE d 1
      TTL e
      OBJECT ENCODING e
      DEL e
      PEXPIRE f 100
      SCAN 0
      RANDOMKEY
      DBSIZE
      DEBUG SET-ACTIVE-EXPIRE 1
    `,
  )
})

describe('listing', () => {
  conformance(
    'KEYS',
    script`
      MSET one 1 two 2 three 3 "" empty a*b star a?b mark "a\\b" backslash [x] brackets "\xff\x00" binary
      KEYS * ~unordered
      KEYS t* ~unordered
      KEYS *o* ~unordered
      KEYS ??? ~unordered
      KEYS [ot]* ~unordered
      KEYS [^ot]* ~unordered
      KEYS one
      KEYS nosuch
      KEYS ""
      KEYS ** ~unordered
      KEYS a\*b
      KEYS a\\b
      KEYS "\xff*"
      KEYS [a-
      KEYS \
      KEYS
      KEYS a b
      SELECT 1
      KEYS *
    `,
  )

  conformance(
    'SCAN: options',
    script`
      ${ONE_OF_EACH}
      SCAN 0 COUNT 1000 ~unordered
      SCAN 0 COUNT 1000 MATCH s* ~unordered
      SCAN 0 MATCH "*2" COUNT 1000 ~unordered
      SCAN 0 COUNT 1000 TYPE string ~unordered
      SCAN 0 COUNT 1000 TYPE HASH
      SCAN 0 COUNT 1000 TYPE zset MATCH z*
      SCAN 0 COUNT 1000 TYPE nosuch
      SCAN 0 COUNT 1000 TYPE list match "*2" count 100
      SCAN 0 COUNT 0
      SCAN 0 COUNT -1
      SCAN 0 COUNT x
      SCAN 0 COUNT
      SCAN 0 MATCH
      SCAN 0 TYPE
      SCAN 0 NOVALUES
      SCAN 0 foo bar
      SCAN x
      # Before 7.2 a negative number wrapped round, and nothing was 0.
      SCAN -1 => !ERR invalid cursor
      SCAN "" => !ERR invalid cursor
      SCAN 18446744073709551616
      SCAN
      FLUSHDB
      SCAN 0
    `,
  )

  conformance('SCAN meets every key that stays', async ({ play, russet }) => {
    await play(`MSET ${range(1, 3000).replace(/\d+/g, 'key:$& $&')}\n~no-digest`)
    const seen = new Set<string>()
    let cursor = '0'
    let step = 0
    do {
      const reply = await russet.send('SCAN', cursor, 'COUNT', 7)
      if (reply.type !== 'array') throw new Error('SCAN gives no array')
      cursor = (reply.value[0] as { value: string }).value
      for (const key of bulks(reply.value[1])) seen.add(key)
      // Keys come and go meanwhile: every third of the old ones, and new ones.
      step++
      await russet.send('DEL', `key:${step * 3}`)
      await russet.send('SET', `new:${step}`, 'x')
    } while (cursor !== '0')
    for (let i = 1; i <= 3000; i++) if (i % 3 !== 0) expect(seen).toContain(`key:${i}`)
  })

  conformance('RANDOMKEY', async ({ play, both, russet }) => {
    await play(script`
      RANDOMKEY
      SET only 1
      RANDOMKEY
      MSET a 1 b 2 c 3
      RANDOMKEY x
    `)
    const seen = new Set<string>()
    for (let i = 0; i < 2000 && seen.size < 4; i++) {
      const reply = await russet.send('RANDOMKEY')
      if (reply.type === 'bulk') seen.add(reply.value)
    }
    expect([...seen].sort()).toEqual(['a', 'b', 'c', 'only'])
    await both('RANDOMKEY ~kind')
  })
})

describe('moving', () => {
  conformance(
    'RENAME',
    script`
      ${ONE_OF_EACH}
      ${EACH.map((key) => `RENAME ${key} new:${key}\n`).join('')}
      KEYS * ~unordered
      TTL new:string2
      TTL new:list2
      TTL new:string
      RENAME new:string new:list2
      GET new:list2
      TTL new:list2
      RENAME new:string2 new:number
      TTL new:number
      RENAME nosuch x
      RENAME nosuch nosuch
      RENAME new:hash new:hash
      HGETALL new:hash
      RENAME a
      RENAME a b c
    `,
  )

  conformance(
    'RENAMENX',
    script`
      ${ONE_OF_EACH}
      RENAMENX string list
      RENAMENX string2 free
      TTL free
      GET free
      RENAMENX nosuch free
      RENAMENX nosuch nosuch
      RENAMENX hash hash
      RENAMENX a
    `,
  )

  conformance(
    'a renamed list serves who waits for it',
    script`
      A> BLPOP waited 0
      B> BLPOP waited 0
      RPUSH other 1
      RENAME other waited
      A<
      B?
      RPUSH other 2 3
      RENAMENX other waited
      B<
      C> BZPOPMIN zwaited 0
      RPUSH other x
      RENAME other zwaited
      C?
      ZADD z 1 a
      RENAME z zwaited
      C<
      LRANGE waited 0 -1
    `,
  )

  conformance(
    'COPY',
    script`
      ${ONE_OF_EACH}
      ${EACH.map((key) => `COPY ${key} copy:${key}\n`).join('')}
      ${EACH.map((key) => `COPY ${key} ${key} DB 3\n`).join('')}
      TTL copy:string2
      TTL copy:list2
      COPY string list
      COPY string list REPLACE
      GET list
      COPY string2 hash REPLACE
      TTL hash
      COPY string hash REPLACE
      TTL hash
      COPY nosuch x
      COPY nosuch string REPLACE
      COPY nosuch nosuch
      COPY string string
      COPY string string REPLACE
      COPY string string DB 0
      COPY string y DB 3 REPLACE
      COPY string y DB 3
      COPY set y REPLACE DB 3
      COPY string z DB 16
      COPY string z DB -1
      COPY string z DB x
      COPY string z DB 99999999999
      COPY string z DB
      COPY string z REPLACE REPLACE
      COPY string z nosuch
      COPY a
      SELECT 3
      SMEMBERS y ~unordered
    `,
  )

  conformance(
    'a copy is independent of its original',
    script`
      ${ONE_OF_EACH}
      ${EACH.map((key) => `COPY ${key} copy:${key}\n`).join('')}
      APPEND edited more
      APPEND copy:edited other
      SETRANGE copy:edited 0 X
      INCR number
      RPUSH list z
      LSET copy:list 0 changed
      SADD ints 99
      SREM copy:ints 1
      SADD set z
      SREM copy:set a
      HSET hash f changed
      HDEL copy:hash f
      ZADD zset 9 a
      ZREM copy:zset a
      MGET edited copy:edited number copy:number
      HSET big ${range(1, 600).replace(/\d+/g, '$& $&')}
      SADD bigset ${range(1, 600)} x
      ZADD bigzset ${range(1, 300).replace(/\d+/g, '$& m$&')}
      RPUSH biglist ${range(1, 3000)}
      COPY big copy:big
      COPY bigset copy:bigset
      COPY bigzset copy:bigzset
      COPY biglist copy:biglist
      HDEL big 1 2 3
      SREM copy:bigset 1 2 3
      ZREM bigzset m1
      LTRIM copy:biglist 5 20
    `,
  )

  conformance(
    'a copied list serves who waits for it',
    script`
      A> BLPOP waited 0
      RPUSH list 1 2
      COPY list waited
      A<
      LRANGE waited 0 -1
      B> BLPOP "" 0
      COPY list "" DB 1
      B?
      COPY list ""
      B<
    `,
  )

  conformance(
    'MOVE',
    script`
      ${ONE_OF_EACH}
      MOVE string 1
      MOVE string2 1
      MOVE zset 1
      MOVE list 0
      MOVE nosuch 0
      MOVE nosuch 1
      MOVE list 16
      MOVE list -1
      MOVE list x
      MOVE list 99999999999
      MOVE list
      SET string again
      MOVE string 1
      GET string
      SELECT 1
      GET string
      TTL string2
      ZRANGE zset 0 -1 WITHSCORES
      MOVE zset 0
      KEYS * ~unordered
      A> SELECT 2
      A> BLPOP list 0
      SELECT 0
      MOVE list 2
      A<
    `,
  )
})

describe('expiry', () => {
  conformance(
    'EXPIRE and its relatives',
    script`
      SET k v
      EXPIRE k 100
      TTL k
      PTTL k ~near 200
      PEXPIRE k 200000
      TTL k
      EXPIREAT k 4000000000
      EXPIRETIME k
      PEXPIRETIME k
      PEXPIREAT k 4000000000123
      EXPIRETIME k
      PEXPIRETIME k
      PEXPIREAT k 4000000000567
      EXPIRETIME k
      PERSIST k
      PERSIST k
      TTL k
      PTTL k
      EXPIRETIME k
      PEXPIRETIME k
      EXPIRE nosuch 100
      TTL nosuch
      PTTL nosuch
      EXPIRETIME nosuch
      PEXPIRETIME nosuch
      PERSIST nosuch
      EXPIRE k
      EXPIRE k x
      EXPIRE k 1.5
      EXPIRE k ""
      TTL
      PERSIST
      EXPIREAT k x
      PEXPIREAT k x
    `,
  )

  for (const command of ['EXPIRE', 'PEXPIRE', 'EXPIREAT', 'PEXPIREAT']) {
    const [soon, later] = {
      EXPIRE: [1e5, 2e5],
      PEXPIRE: [1e8, 2e8],
      EXPIREAT: [4e9, 5e9],
      PEXPIREAT: [4e12, 5e12],
    }[command] as [number, number]
    conformance(
      `${command}: a time in the past deletes`,
      script`
        MSET a 1 b 2 c 3 d 4
        ${command} a 0
        ${command} b -1
        ${command} c -1000
        ${command} nosuch -1
        EXISTS a b c d
        ${command} d -9223372036854775
        EXISTS d
        SET d 1
        ${command} d -9223372036854776
        ${command} d -9223372036854775808
        ${command} d 9223372036854775807 NX XX
        EXISTS d
      `,
    )
    conformance(
      `${command} on conditions`,
      script`
        SET k v
        ${command} k ${soon} XX
        ${command} k ${soon} GT
        ${command} k ${soon} NX
        ${command} k ${later} NX
        ${command} k ${later} LT
        ${command} k ${later} GT
        ${command} k ${soon} gt
        ${command} k ${soon} XX LT
        ${command} k ${later} XX GT
        ${command} k ${soon} LT LT
        ${command} k ${later} xx
        PERSIST k
        ${command} k ${soon} LT
        PERSIST k
        ${command} k ${soon} XX LT
        ${command} k -1 GT
        ${command} nosuch ${soon} NX
        ${command} k ${soon} NX XX
        ${command} k ${soon} NX GT
        ${command} k ${soon} NX LT
        ${command} k ${soon} GT LT
        ${command} k ${soon} foo
        ${command} k x foo
        ${command} k x NX GT
        ${command} k ${soon} NX NX
        ${command} k -1 LT
        EXISTS k
      `,
    )
  }

  conformance(
    'limits of time',
    script`
      SET k v
      EXPIRE k 9223372036854775807
      EXPIRE k 9223372036854775
      EXPIRE k 9223370399119966
      EXPIRE k -9223372036854776
      EXPIRE k 9223372036854775808
      PEXPIRE k 9223372036854775807
      PEXPIRE k 9223372036854770000
      EXPIREAT k 9223372036854775807
      EXPIREAT k -9223372036854775808
      EXPIRE nosuch 9223372036854775807
      TTL k
      PEXPIREAT k -9223372036854775808
      EXISTS k
    `,
  )

  conformance(
    'what keeps the expiry and what ends it',
    script`
      SET k 1 EX 1000
      INCR k
      TTL k
      APPEND k 1
      TTL k
      SET k 1 KEEPTTL
      TTL k
      SET k 1
      TTL k
      HSET h a 1 b 2
      EXPIRE h 1000
      HSET h c 3
      HDEL h a
      TTL h
      DEL h
      HSET h a 1
      TTL h
      RPUSH l 1 2
      EXPIRE l 1000
      LPOP l
      TTL l
      LPOP l
      TTL l
    `,
  )

  conformance('keys go when their time has come', async ({ both, play }) => {
    await play(script`
      SET k v
      RPUSH l a
      PEXPIRE k 20
      PEXPIRE l 20
    `)
    while (true) {
      const { redis, russet } = await both('DBSIZE ~kind')
      if (redis.raw === ':0\r\n' && russet.raw === ':0\r\n') break
    }
    await play(script`
      GET k
      TTL k
      LLEN l
    `)
  })
})

describe('OBJECT', () => {
  conformance(
    'ENCODING and REFCOUNT',
    script`
      ${ONE_OF_EACH}
      ${EACH.filter((key) => !/set|list/.test(key))
        .map((key) => `OBJECT ENCODING ${key}\nOBJECT REFCOUNT ${key}\n`)
        .join('')}
      OBJECT ENCODING ints
      OBJECT ENCODING list ~differs => "listpack"
      OBJECT ENCODING set ~differs => "listpack"
      OBJECT ENCODING zset
      MSET n 9999 m 10000 o -1 p 1.5
      OBJECT REFCOUNT n
      OBJECT REFCOUNT m
      OBJECT REFCOUNT o
      OBJECT REFCOUNT p
      CONFIG SET maxmemory 1gb maxmemory-policy allkeys-lru
      SET q 10
      OBJECT REFCOUNT q
      OBJECT ENCODING nosuch
      OBJECT REFCOUNT nosuch
      OBJECT ENCODING
      OBJECT ENCODING a b
      OBJECT nosuch a
      OBJECT
    `,
  )

  conformance(
    'IDLETIME and FREQ',
    script`
      SET k v
      OBJECT IDLETIME k
      OBJECT IDLETIME nosuch
      OBJECT FREQ k
      OBJECT FREQ nosuch
      CONFIG SET maxmemory-policy allkeys-lfu
      OBJECT IDLETIME k
      OBJECT IDLETIME nosuch
      OBJECT FREQ nosuch
      OBJECT FREQ
      OBJECT HELP ~kind
      OBJECT HELP x
    `,
  )

  conformance(
    'FREQ counts uses',
    script`
      CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor 0
      SET k v
      OBJECT FREQ k
      GET k
      GET k
      MGET k nosuch k
      TYPE k
      TTL k
      EXISTS k
      OBJECT FREQ k
      TOUCH k
      RPUSH l a
      LLEN l
      OBJECT FREQ l
      COPY k copy
      OBJECT FREQ copy
      OBJECT FREQ k
      RENAME k renamed
      OBJECT FREQ renamed
      EXPIRE renamed 100
      PERSIST renamed
      OBJECT FREQ renamed
      MOVE renamed 1
      SELECT 1
      OBJECT FREQ renamed
      SELECT 0
      SET s text
      APPEND s x
      SETRANGE s 0 y
      SETBIT s 1 1
      BITFIELD s SET u8 0 9
      OBJECT FREQ s
      SET s again
      SET s again KEEPTTL
      SET s again GET
      GETSET s again
      GETEX s
      OBJECT FREQ s
      SET i 20000
      INCR i
      OBJECT FREQ i
      CONFIG SET lfu-log-factor 10
      SET n text
      GET n
      OBJECT FREQ n
      CONFIG SET maxmemory-policy volatile-lru
      OBJECT FREQ n
    `,
  )

  conformance('IDLETIME does not count as a use', async ({ both, play }) => {
    await play('MSET k v touched v used v')
    while (true) {
      await both('TYPE k')
      await both('TTL k')
      await both('EXISTS k')
      const { redis, russet } = await both('OBJECT IDLETIME k ~kind')
      if (redis.raw !== ':0\r\n' && russet.raw !== ':0\r\n') break
    }
    const idle = async (key: string): Promise<bigint[]> => {
      const { redis, russet } = await both(`OBJECT IDLETIME ${key} ~kind`)
      return [redis, russet].map((reply) => (reply.type === 'integer' ? reply.value : -1n))
    }
    await both('TOUCH touched')
    await both('GET used')
    // Asked in this order, a second that passes meanwhile only widens the gap.
    const recent = [...(await idle('touched')), ...(await idle('used'))]
    const old = await idle('k')
    for (const [i, seconds] of recent.entries()) expect(seconds).toBeLessThan(old[i % 2] as bigint)
  })
})

describe('WAITAOF', () => {
  conformance(
    'without a journal and without replicas',
    script`
      WAITAOF 0 0 0 => [0, 0]
      WAITAOF 0 1 10 => [0, 0]
      WAITAOF 1 0 0 => !ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.
      WAITAOF 2 0 0 => !ERR value is out of range, value must between 0 and 1
      WAITAOF -1 0 0 => !ERR value is out of range, value must between 0 and 1
      WAITAOF x 0 0 => !ERR value is not an integer or out of range
      WAITAOF 0 -1 0 => !ERR value is out of range, must be positive
      WAITAOF 0 0 -1 => !ERR timeout is negative
      WAITAOF 0 0 x => !ERR timeout is not an integer or out of range
      WAITAOF 0 0 => !ERR wrong number of arguments for 'waitaof' command
      MULTI
      WAITAOF 0 1 0 => +QUEUED
      EXEC ~differs => [[0, 0]]
    `,
  )
})

describe('WAIT', () => {
  conformance(
    'without replicas',
    script`
      WAIT 0 0
      WAIT 0 1000
      WAIT -1 0
      WAIT 1 10
      WAIT 1 x
      WAIT x 1
      WAIT 1 -1
      WAIT 1 9223372036854775807 => !ERR timeout is out of range
      WAIT 1 9223372036854775808
      WAIT 1
      A> WAIT 1 0
      A?
      MULTI
      WAIT 1 0
      EXEC
    `,
  )
})
