/** Sorted sets: members, encodings, scans, random members, events. */
import { expect } from 'vitest'
import { conformance, script } from '../support/conformance.js'

const LETTERS = 'ZADD z 1 a 2 b 3 c 4 d 5 e'

// ---- members ------------------------------------------------------------------------------------------------

conformance(
  'ZADD adds, updates and counts',
  script`
    ZADD z 1 a
    ZADD z 1 a 2 b 3 c
    ZADD z 5 a 2 b
    ZADD z CH 6 a 2 b 9 d
    ZADD z 1 x 2 x 3 x
    ZADD z CH 1 y 2 y
    ZRANGE z 0 -1 WITHSCORES
    ZADD z 1 ""
    ZADD z 1 "\x00\xff" 1 "a\r\nb"
    ZRANGE z 0 -1 WITHSCORES
    ZCARD z
    TYPE z
    OBJECT ENCODING z
  `,
)

conformance(
  'ZADD conditions',
  script`
    ZADD z XX 1 a
    EXISTS z
    ZADD z XX CH INCR 1 a
    ZADD z NX 1 a 2 b
    ZADD z NX 9 a 3 c
    ZADD z XX CH 8 a 3 d
    ZADD z GT CH 7 a 9 b 1 n
    ZADD z LT CH 9 a 1 b 1 m
    ZADD z XX GT CH 10 a 10 nobody
    ZADD z XX LT CH 10 a 10 nobody
    ZADD z gt ch 10 a 10 b
    ZADD z nx ch 10 a 10 p
    ZRANGE z 0 -1 WITHSCORES
  `,
)

conformance(
  'ZADD INCR and ZINCRBY',
  script`
    ZADD z INCR 1.5 a
    ZADD z INCR 1.5 a
    ZADD z NX INCR 1 a
    ZADD z NX INCR 1 b
    ZADD z XX INCR 1 b
    ZADD z XX INCR 1 c
    ZADD z GT INCR -1 a
    ZADD z GT INCR 1 a
    ZADD z LT INCR 1 a
    ZADD z LT INCR -1 a
    ZADD z CH INCR 1 a
    ZADD z INCR 0 a
    ZINCRBY z 2.25 a
    ZINCRBY z -2.25 new
    ZINCRBY z 0 new
    ZINCRBY z inf a
    ZINCRBY z -inf a
    ZADD z INCR -inf a
    ZADD z INCR inf b
    ZINCRBY z 1 b
    ZRANGE z 0 -1 WITHSCORES
  `,
)

conformance(
  'scores of every kind',
  script`
    ZADD z 3.0 a 1e3 b -1.5 c 0x10 d inf e -inf f +inf g infinity h .5 i 5. j
    ZRANGE z 0 -1 WITHSCORES
    ZADD y 0.1 a 1e21 b 1e-7 c 9007199254740993 d 1.7976931348623157e308 e 5e-324 f 4611686018427387904 g ~double
    ZRANGE y 0 -1 WITHSCORES ~double
    ZSCORE y a ~differs => 0.1
    ZSCORE y b ~differs => 1e+21
    ZADD n -0 a
    ZSCORE n a
    ZADD n INCR -0 b
    ZSCORE n b
    CONFIG SET zset-max-listpack-entries 0
    ZADD m -0 a
    ZSCORE m a
    ZADD m 0 a
    ZSCORE m a
    ZADD m INCR -0 a
  `,
)

conformance(
  'ZADD and ZINCRBY errors leave everything as it was',
  script`
    SET s x
    ZADD z
    ZADD z 1
    ZADD z 1 a 2
    ZADD z NX
    ZADD z NX 1
    ZADD z NX CH
    ZADD z NX XX 1 a
    ZADD z GT LT 1 a
    ZADD z GT NX 1 a
    ZADD z LT NX 1 a
    ZADD z XX NX GT 1 a
    ZADD z INCR 1 a 2 b
    ZADD z INCR 1 a 2
    ZADD z x a
    ZADD z 1 a x b
    ZADD z "" a
    ZADD z " 1" a
    ZADD z nan a
    ZADD z 1e400 a
    ZADD z foo 1 a
    ZADD s 1 a
    ZADD s x a
    ZADD s XX 1 a
    ZINCRBY z x a
    ZINCRBY z nx a
    ZINCRBY z 1
    ZINCRBY s 1 a
    EXISTS z
  `,
)

conformance(
  'ZREM, ZCARD, ZSCORE, ZMSCORE',
  script`
    SET s x
    ${LETTERS}
    ZREM z a nobody c a
    ZREM z nobody
    ZREM none a
    ZREM s a
    ZREM z
    ZCARD z
    ZCARD none
    ZCARD s
    ZSCORE z b
    ZSCORE z nobody
    ZSCORE none b
    ZSCORE s b
    ZMSCORE z b nobody d b
    ZMSCORE none b d
    ZMSCORE s b
    ZMSCORE z
    ZREM z b d e
    EXISTS z
  `,
)

conformance(
  'ZRANK and ZREVRANK',
  script`
    SET s x
    ${LETTERS}
    ZADD z 3 bb 3 cc
    ZRANK z a
    ZRANK z c
    ZRANK z cc
    ZRANK z e
    ZRANK z nobody
    ZRANK none a
    ZRANK s a
    ZREVRANK z a
    ZREVRANK z c
    ZREVRANK z nobody
    ZREVRANK none a
    ZREVRANK s a
    ZRANK z
    ZRANK z a WITHSCORE => [0, 1.0]
    ZRANK z cc withscore => [4, 3.0]
    ZREVRANK z a WITHSCORE => [6, 1.0]
    ZRANK z nobody WITHSCORE => nil
    ZREVRANK none a WITHSCORE => nil
    ZRANK s a WITHSCORE => !WRONGTYPE Operation against a key holding the wrong kind of value
    ZRANK z a WITHSCORES => !ERR syntax error
    ZRANK s a x => !ERR syntax error
    ZREVRANK z a WITHSCORE x => !ERR wrong number of arguments for 'zrevrank' command
  `,
)

conformance('a missing element of ZRANK WITHSCORE is a missing array', async ({ protocol, russet }) => {
  const reply = await russet.send('ZRANK', 'none', 'a', 'WITHSCORE')
  if (reply.raw !== (protocol === 2 ? '*-1\r\n' : '_\r\n')) throw new Error(`got ${reply.raw}`)
})

// ---- encodings ----------------------------------------------------------------------------------------------

conformance(
  'a sorted set becomes a skiplist where Redis makes it one, and stays it',
  script`
    CONFIG SET zset-max-listpack-entries 3 zset-max-listpack-value 5
    ZADD z 1 a 2 b 3 c
    OBJECT ENCODING z
    ZADD z 4 a 5 b
    OBJECT ENCODING z
    ZADD z 4 d
    OBJECT ENCODING z
    ZREM z a b c
    OBJECT ENCODING z
    ZADD long 1 a
    ZADD long 1 fffff
    OBJECT ENCODING long
    ZADD long 1 gggggg
    OBJECT ENCODING long
    ZADD first 1 gggggg
    OBJECT ENCODING first
    ZADD second 1 a 1 gggggg
    OBJECT ENCODING second
    ZADD four 1 a 2 b 3 c 4 d
    OBJECT ENCODING four
    CONFIG SET zset-max-listpack-entries 0
    ZADD one 1 a
    OBJECT ENCODING one
    CONFIG SET zset-max-listpack-entries 10 zset-max-listpack-value 64
    ZADD z 1 x
    OBJECT ENCODING z
    ZUNIONSTORE z 1 z
    OBJECT ENCODING z
    ZUNIONSTORE packed 1 four
    OBJECT ENCODING packed
    CONFIG SET zset-max-listpack-entries 3
    ZUNIONSTORE u 1 packed
    OBJECT ENCODING u
    ZINTERSTORE i 2 packed packed
    OBJECT ENCODING i
    ZRANGESTORE r packed 0 -1
    OBJECT ENCODING r
    ZRANGESTORE r packed 0 2
    OBJECT ENCODING r
    ZRANGESTORE r packed -inf +inf BYSCORE
    OBJECT ENCODING r
    ZDIFFSTORE d 2 packed none
    OBJECT ENCODING d
  `,
)

conformance(
  'one command with too many elements makes a skiplist, repeated ones or not',
  script`
    CONFIG SET zset-max-listpack-entries 3
    ZADD z 1 a 2 a 3 a 4 a
    OBJECT ENCODING z ~differs => "skiplist"
    ZADD y 1 a
    ZADD y XX 2 a 3 a 4 a 5 a
    OBJECT ENCODING y ~differs => "skiplist"
  `,
)

// ---- scans and random members -------------------------------------------------------------------------------

conformance(
  'ZSCAN of a listpack, and errors',
  script`
    SET s x
    ZADD z 1 a 2.5 b 3 bb inf c
    ZSCAN z 0
    ZSCAN z 0 COUNT 1
    ZSCAN z 0 MATCH b* COUNT 100
    ZSCAN z 0 MATCH nothing
    ZSCAN none 0
    ZSCAN none 0 FOO
    ZSCAN none 5
    ZSCAN z x
    ZSCAN none x
    ZSCAN s x
    ZSCAN s 0 FOO
    ZSCAN z 0 FOO
    ZSCAN z 0 COUNT
    ZSCAN z 0 COUNT 0
    ZSCAN z 0 COUNT x
    ZSCAN z 0 MATCH
    ZSCAN z
    CONFIG SET zset-max-listpack-entries 0
    ZADD big 1 a 0.1 b
    ZSCAN big 0 ~unordered
    ZSCAN big 0 COUNT 100 MATCH b
  `,
)

conformance(
  'a whole ZSCAN of a skiplist gives every member, also while others come and go',
  async ({ play, russet, redis }) => {
    const names = Array.from({ length: 500 }, (_, i) => `m${i}`)
    await play(`ZADD z ${names.map((name) => `1 ${name}`).join(' ')}`)
    for (const connection of [redis, russet]) {
      const seen = new Set<string>()
      let cursor = '0'
      let calls = 0
      do {
        const reply = await connection.send('ZSCAN', 'z', cursor, 'COUNT', '7')
        if (reply.type !== 'array') throw new Error('no array')
        const [next, items] = reply.value
        if (next?.type !== 'bulk' || items?.type !== 'array') throw new Error('not a cursor and an array')
        for (let i = 0; i < items.value.length; i += 2) {
          const name = items.value[i]
          if (name?.type === 'bulk') seen.add(name.value)
        }
        cursor = next.value
        calls++
        await connection.send('ZADD', 'z', '2', `new${calls}`)
        await connection.send('ZREM', 'z', `new${calls - 3}`)
      } while (cursor !== '0' && calls < 10_000)
      expect(names.filter((name) => !seen.has(name))).toEqual([])
      expect(calls).toBeGreaterThan(10)
      await connection.send('DEL', 'z')
    }
  },
)

conformance(
  'ZRANDMEMBER',
  script`
    SET s x
    ZADD one 1.5 a
    ZRANDMEMBER one
    ZRANDMEMBER one 1
    ZRANDMEMBER one 5 WITHSCORES
    ZRANDMEMBER one -3
    ZRANDMEMBER one -3 WITHSCORES
    ZRANDMEMBER one 0
    ZRANDMEMBER one 0 WITHSCORES
    ZRANDMEMBER none
    ZRANDMEMBER none 3
    ZRANDMEMBER none -3 WITHSCORES
    ZRANDMEMBER s
    ZRANDMEMBER s 1
    ${LETTERS}
    ZRANDMEMBER z ~type
    ZRANDMEMBER z 3 ~type
    ZRANDMEMBER z 3 WITHSCORES ~type
    ZRANDMEMBER z -20 ~type
    ZRANDMEMBER z -20 WITHSCORES ~type
    ZRANDMEMBER z 5
    ZRANDMEMBER z 9 WITHSCORES
    ZRANDMEMBER z x
    ZRANDMEMBER z 1 FOO
    ZRANDMEMBER z 1 WITHSCORES FOO
    ZRANDMEMBER z -9223372036854775808
    ZRANDMEMBER z 9223372036854775807
    ZRANDMEMBER z 9223372036854775808
    ZRANDMEMBER z 4611686018427387904 WITHSCORES
    ZRANDMEMBER z 4611686018427387903 WITHSCORES
  `,
)
