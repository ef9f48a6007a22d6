/** DEBUG: digests of every type, replies of every kind, and who may use it. */
import { createHash } from 'node:crypto'
import { describe, expect } from 'vitest'
import { conformance, range, script } from '../support/conformance.js'
import { textOf } from '../support/replies.js'

describe('DIGEST and DIGEST-VALUE', () => {
  conformance(
    'of every type and encoding',
    script`
      DEBUG DIGEST
      SET string text
      SET int 12
      SET big 123456789012345678
      SET empty ""
      SET binary "\x00\xff\r\n"
      SETRANGE edited 5 abc
      RPUSH list a b a 12 ""
      RPUSH biglist ${range(1, 2500)}
      SADD ints 3 1 2 -5
      SADD set c a b ""
      SADD bigset ${range(1, 600)} x
      HSET hash f v g w "" ""
      HSET bighash ${range(1, 600).replace(/\d+/g, '$& $&')}
      ZADD zset 1 a 2 b 1.5 c -0.1 d inf e -inf f 0 g -0 h 1e300 i 5e-324 j 0.1 k
      ZADD bigzset ${range(1, 300).replace(/\d+/g, '$&.5 m$&')}
      DEBUG DIGEST
      DEBUG DIGEST-VALUE string int big empty binary edited
      DEBUG DIGEST-VALUE list biglist ints set bigset hash bighash zset bigzset
      DEBUG DIGEST-VALUE nosuch
      DEBUG DIGEST-VALUE
      DEBUG DIGEST-VALUE list list
      EXPIRE string 100
      PEXPIREAT zset 4000000000000
      DEBUG DIGEST-VALUE string zset
      DEBUG DIGEST
      SELECT 3
      SET k v
      DEBUG DIGEST
      DEBUG DIGEST-VALUE k string
      FLUSHALL
      DEBUG DIGEST
      DEBUG DIGEST x
    `,
  )

  conformance(
    'the order counts in a list and nowhere else',
    script`
      RPUSH l1 a b
      RPUSH l2 b a
      SADD s1 a b
      SADD s2 b a
      HSET h1 a 1 b 2
      HSET h2 b 2 a 1
      DEBUG DIGEST-VALUE l1 l2 s1 s2 h1 h2
    `,
  )

  conformance('the expiry of a field counts', async ({ play, russet }) => {
    await play(script`
      HSET h f v
      HEXPIRE h 1000 FIELDS 1 f => [1]
      ~no-digest
    `)
    // What redis-server 7.4 does, written out: it is newer than the one that is asked.
    const sha1 = (data: Buffer | string): Buffer => createHash('sha1').update(data).digest()
    const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, i) => byte ^ (b[i] as number)))
    const mix = (digest: Buffer, data: Buffer | string): Buffer => sha1(xor(digest, sha1(data)))
    const zero = Buffer.alloc(20)
    const field = xor(mix(mix(zero, 'f'), 'v'), sha1('!!hexpire!!'))
    const value = xor(mix(zero, Buffer.from([0, 0, 0, 4])), sha1(field))
    const reply = await russet.send('DEBUG', 'DIGEST-VALUE', 'h')
    expect(reply.raw).toContain(value.toString('hex'))
  })
})

describe('PROTOCOL', () => {
  const kinds = [
    'string',
    'integer',
    'double',
    'bignum',
    'null',
    'array',
    'set',
    'map',
    'verbatim',
    'true',
    'false',
  ]
  conformance(
    'replies of every kind',
    script`
      ${kinds.map((kind) => `DEBUG PROTOCOL ${kind}\n`).join('')}
      DEBUG PROTOCOL STRING
      DEBUG PROTOCOL attrib
      DEBUG PROTOCOL nosuch
      DEBUG PROTOCOL ""
      DEBUG PROTOCOL
      DEBUG PROTOCOL string x
    `,
  )

  conformance(
    'a push needs RESP3',
    script`
      DEBUG PROTOCOL push
      PING
    `,
    { protocols: [2] },
  )

  conformance(
    'a push comes beside the reply',
    script`
      DEBUG PROTOCOL push
      <
      PING
    `,
    { protocols: [3] },
  )
})

describe('enable-debug-command', () => {
  conformance(
    'no: nobody may',
    script`
      DEBUG SLEEP 0
      DEBUG NOSUCH
      DEBUG
      MULTI
      DEBUG SLEEP 0
      EXEC
      CONFIG GET enable-debug-command
      CONFIG SET enable-debug-command yes
      ~no-digest
    `,
    { args: ['--enable-debug-command', 'no'] },
  )

  conformance(
    'local: who is on this machine may',
    script`
      DEBUG SLEEP 0
      CONFIG GET enable-debug-command
    `,
    { args: ['--enable-debug-command', 'local'] },
  )
})

describe('the rest', () => {
  conformance(
    'OBJECT and LISTPACK',
    script`
      SET k v
      RPUSH l a
      HSET h f v
      SET n 10
      DEBUG OBJECT k ~kind
      DEBUG OBJECT n ~kind
      DEBUG OBJECT h ~kind
      DEBUG OBJECT nosuch
      DEBUG OBJECT
      DEBUG LISTPACK h
      DEBUG LISTPACK k
      DEBUG LISTPACK n
      DEBUG LISTPACK nosuch
      DEBUG LISTPACK
    `,
  )

  conformance(
    'SDSLEN, QUICKLIST, HTSTATS, PAUSE-CRON',
    script`
      SET k abc
      SET n 10
      HSET h f v
      RPUSH l ${range(1, 4000)}
      SADD s ${Array.from({ length: 600 }, (_, i) => `m${i}`).join(' ')}
      DEBUG SDSLEN k ~kind
      DEBUG SDSLEN n
      DEBUG SDSLEN h
      DEBUG SDSLEN nosuch
      DEBUG SDSLEN
      DEBUG QUICKLIST l
      DEBUG QUICKLIST l 1
      DEBUG QUICKLIST k
      DEBUG QUICKLIST nosuch
      DEBUG HTSTATS 0 ~kind
      DEBUG HTSTATS 9 ~kind
      DEBUG HTSTATS 99
      DEBUG HTSTATS x
      DEBUG HTSTATS-KEY s ~kind
      DEBUG HTSTATS-KEY k
      DEBUG HTSTATS-KEY nosuch
      DEBUG PAUSE-CRON 1
      DEBUG PAUSE-CRON 0
      DEBUG PAUSE-CRON
      DEBUG CONFIG-REWRITE-FORCE-ALL x
      DEBUG DICT-RESIZING 0 => +OK
      DEBUG DICT-RESIZING 1 => +OK
    `,
  )

  conformance('what SDSLEN and HTSTATS tell', async ({ play, redis, russet }) => {
    await play('SET key abcdefg\nSET x y EX 100\nSELECT 3')
    const texts = async (...args: string[]) =>
      Promise.all([redis, russet].map(async (one) => textOf(await one.send('DEBUG', ...args))))
    await play('SELECT 0')
    const lengths = (await texts('SDSLEN', 'key')).map((text) => text.match(/(key|val)_sds_(len|avail):\d+/g))
    expect(lengths[1]).toEqual(lengths[0])
    const counts = (await texts('HTSTATS', '0')).map((text) =>
      text.match(/\[\w+ HT\]|number of elements: \d+/g),
    )
    expect(counts[1]).toEqual(counts[0])
    expect((await texts('HTSTATS', '3'))[1]).toBe((await texts('HTSTATS', '3'))[0])
  })

  conformance('what OBJECT tells', async ({ play, both }) => {
    await play('HSET h f v\nSET n 10')
    for (const key of ['h', 'n']) {
      const { redis, russet } = await both(`DEBUG OBJECT ${key} ~kind`)
      const facts = [redis, russet].map((reply) => {
        const text = (reply as { value: string }).value
        expect(text).toMatch(
          /^Value at:0x[0-9a-f]+ refcount:\d+ encoding:\w+ serializedlength:\d+ lru:\d+ lru_s/,
        )
        return /refcount:\d+ encoding:\w+/.exec(text)?.[0]
      })
      expect(facts[1]).toBe(facts[0])
    }
  })

  conformance(
    'settings, errors, the log',
    script`
      DEBUG SLEEP 0.01
      DEBUG SLEEP 0
      DEBUG SLEEP -1
      DEBUG SLEEP x
      DEBUG SLEEP
      DEBUG SET-ACTIVE-EXPIRE 0
      DEBUG SET-ACTIVE-EXPIRE 1
      DEBUG SET-ACTIVE-EXPIRE
      DEBUG CHANGE-REPL-ID
      DEBUG CHANGE-REPL-ID x
      DEBUG QUICKLIST-PACKED-THRESHOLD 100b
      DEBUG QUICKLIST-PACKED-THRESHOLD 4gb
      DEBUG QUICKLIST-PACKED-THRESHOLD 5gb
      DEBUG QUICKLIST-PACKED-THRESHOLD x
      DEBUG QUICKLIST-PACKED-THRESHOLD 0
      DEBUG REPLYBUFFER PEAK-RESET-TIME NEVER
      DEBUG REPLYBUFFER PEAK-RESET-TIME 100
      DEBUG REPLYBUFFER PEAK-RESET-TIME x
      DEBUG REPLYBUFFER PEAK-RESET-TIME RESET
      DEBUG REPLYBUFFER RESIZING 0
      DEBUG REPLYBUFFER RESIZING 1
      DEBUG REPLYBUFFER nosuch 1
      DEBUG REPLYBUFFER RESIZING
      DEBUG ERROR "MY own error"
      DEBUG ERROR "two\r\nlines"
      DEBUG ERROR ""
      DEBUG ERROR
      DEBUG LOG "into the log"
      DEBUG LOG
      DEBUG HELP ~kind
      DEBUG HELP x
      DEBUG NOSUCH
      DEBUG
      MULTI
      DEBUG SLEEP
      DEBUG DIGEST
      EXEC
    `,
  )

  conformance('keys do not expire in the background while that is off', async ({ both, play }) => {
    await play(script`
        DEBUG SET-ACTIVE-EXPIRE 0
        SET k 1 PX 1
        DEBUG SLEEP 0.2
        DBSIZE
        DEBUG SET-ACTIVE-EXPIRE 1
      `)
    while (true) {
      const { redis, russet } = await both('DBSIZE ~kind')
      if (redis.raw === ':0\r\n' && russet.raw === ':0\r\n') break
    }
  })

  conformance(
    'STRINGMATCH-LEN',
    script`
      DEBUG STRINGMATCH-LEN a*c? abbcd => 1
      DEBUG stringmatch-len a*c abbcd => 0
      DEBUG STRINGMATCH-LEN A* abc => 0
      DEBUG STRINGMATCH-LEN "" "" => 1
      DEBUG STRINGMATCH-LEN "[\xfe-\xff]\x00" "\xff\x00" => 1
      DEBUG STRINGMATCH-LEN a*
      DEBUG STRINGMATCH-LEN a* b c
    `,
  )

  conformance(
    'POPULATE',
    script`
      SET key:1 mine
      DEBUG POPULATE 5
      DEBUG POPULATE 3 p
      DEBUG POPULATE 2 sized 10
      DEBUG POPULATE 2 short 3
      DEBUG POPULATE 2 none 0
      DEBUG POPULATE 0
      GET key:1
      GET sized:1
      GET short:0
      GET none:0
      DEBUG POPULATE -1
      DEBUG POPULATE x
      DEBUG POPULATE 1 p -1
      DEBUG POPULATE 1 p x
      DEBUG POPULATE
      DBSIZE
    `,
  )
})
