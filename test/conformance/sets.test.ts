/**
 * Sets. Redis 7.0 keeps a small set with a member that is no integer in a hash table, so the order of its
 * members is compared for intsets only.
 */
import { describe, expect } from 'vitest'
import { conformance, range, script } from '../support/conformance.js'
import { bulkOf, bulksOf } from '../support/replies.js'

describe('members', () => {
  conformance(
    'SADD, SCARD, SISMEMBER, SMISMEMBER, SMEMBERS',
    script`
      SADD s 3 1 2
      SADD s 2 4 4
      SMEMBERS s
      SCARD s
      SADD s a b a ""
      SADD s "\x00\xff" "with space"
      SMEMBERS s ~unordered
      SISMEMBER s ""
      SISMEMBER s 3
      SISMEMBER s 03
      SISMEMBER s c
      SMISMEMBER s a c 1 1 ""
      SMISMEMBER none a b
      SISMEMBER none a
      SMEMBERS none
      SCARD none
    `,
  )

  conformance(
    'integers at the limits',
    script`
      SADD s 9223372036854775807 -9223372036854775808 9007199254740993 9007199254740992 -0 0
      SADD i 9223372036854775807 -9223372036854775808 9007199254740993 9007199254740992 -1 0 2147483648
      SMEMBERS i
      SISMEMBER i 9007199254740993
      SISMEMBER i 9007199254740994
      OBJECT ENCODING i
      SADD i 9223372036854775808
      SMEMBERS i ~unordered
      SREM i 9223372036854775807 9007199254740993
      SMEMBERS i ~unordered
      SMEMBERS s ~unordered
      SADD j +1 01 " 1" 1.0 1e3 ""
      SCARD j
    `,
  )

  conformance(
    'SREM',
    script`
      SADD s 1 2 3 4 5
      SREM s 3 9 x 3
      SMEMBERS s
      SREM s 1 2 4 5
      EXISTS s
      SADD t a b c d
      SREM t b x
      SMEMBERS t ~unordered
      SREM t a c d a
      EXISTS t
      SREM none a
      SADD big ${range(1, 1000)}
      SREM big ${range(1, 999)}
      SMEMBERS big
      SREM big 1000
      EXISTS big
    `,
  )

  conformance(
    'SMOVE',
    script`
      SADD a 1 2 x
      SADD b 2 3
      SMOVE a b 1
      SMOVE a b 2
      SMOVE a b nope
      SMOVE none b 1
      SMEMBERS a
      SMEMBERS b
      SMOVE a a x
      SMOVE a a nope
      SMOVE a c x
      EXISTS a
      SMEMBERS c
      SET str 1
      SMOVE none str 1
      SMOVE b str 1
      SMOVE str b 1
      SMOVE b str nope
      SMOVE b str
    `,
  )

  conformance(
    'wrong types and wrong numbers of arguments',
    script`
      SET str 1
      SADD str a
      SREM str a
      SCARD str
      SISMEMBER str a
      SMISMEMBER str a
      SMEMBERS str
      SPOP str
      SPOP str 2
      SPOP str 0
      SRANDMEMBER str
      SRANDMEMBER str 0
      SSCAN str 0
      SINTER str
      SINTER none str
      SINTER str none
      SUNION none str
      SDIFF none str
      SINTERSTORE d none str
      SUNIONSTORE d str
      SDIFFSTORE d none str
      SINTERCARD 2 none str
      SADD
      SADD s
      SREM s
      SCARD
      SCARD a b
      SISMEMBER s
      SMISMEMBER s
      SMEMBERS
      SMEMBERS a b
      SPOP
      SRANDMEMBER
      SINTER
      SUNION
      SDIFF
      SINTERSTORE d
      SUNIONSTORE d
      SDIFFSTORE d
      SINTERCARD
      SINTERCARD 1
      SSCAN s
      LPUSH s a
      SADD s a
    `,
  )
})

describe('algebra', () => {
  conformance(
    'SINTER, SUNION, SDIFF of integers come in order',
    script`
      SADD a 5 1 9 7 3
      SADD b 7 8 9 1
      SADD c 1 9 100
      SINTER a
      SINTER a b
      SINTER a b c
      SINTER a none
      SINTER none
      SINTER a a a
      SUNION a
      SUNION a b c
      SUNION none
      SUNION none a none
      SDIFF a
      SDIFF a b
      SDIFF a b c
      SDIFF a none
      SDIFF none a
      SDIFF a b a
      SDIFF a a
    `,
  )

  conformance(
    'of strings and of mixed encodings',
    script`
      SADD a x y z 1 2
      SADD b y z 2 3
      SADD c ${range(1, 600)} z
      SADD d ${range(1, 20)}
      SINTER a b ~unordered
      SINTER a b c ~unordered
      SINTER a d ~unordered
      SINTER d c
      SUNION a b ~unordered
      SUNION d c ~unordered
      SDIFF a b ~unordered
      SDIFF c d a ~unordered
      SDIFF d a ~unordered
      SDIFF a c ~unordered
      SDIFF a b c d ~unordered
    `,
  )

  conformance(
    'both algorithms of SDIFF',
    script`
      SADD large ${range(1, 300)} x y
      SADD small 1 2 3 x
      SADD other 4 5 6
      SADD gone ${range(1, 150)}
      SDIFF large small other ~unordered
      SDIFF small large other ~unordered
      SDIFF large gone small other ~unordered
      SDIFF small small large
      SDIFF large small large
      SDIFFSTORE d large gone small
      SMEMBERS d ~unordered
      SDIFFSTORE d small large
      EXISTS d
    `,
  )

  conformance(
    'the STORE forms',
    script`
      SADD a 1 2 3 x
      SADD b 2 3 4
      SINTERSTORE d a b
      SMEMBERS d
      OBJECT ENCODING d
      SUNIONSTORE d a b
      SMEMBERS d ~unordered
      SDIFFSTORE d a b
      SMEMBERS d ~unordered
      SUNIONSTORE a a b
      SMEMBERS a ~unordered
      SINTERSTORE a a b
      SMEMBERS a ~unordered
      SDIFFSTORE a a a
      EXISTS a
      SET str 1
      SINTERSTORE str b none
      EXISTS str
      SET str 1 EX 1000
      SUNIONSTORE str b
      TTL str
      TYPE str
      SET str 1
      SDIFFSTORE str none b
      EXISTS str
      SUNIONSTORE none2 none none
      EXISTS none2
      SET str 1
      SINTERSTORE b b str
      SMEMBERS b
      SINTERSTORE str b b
      SMEMBERS str
    `,
  )

  conformance(
    'SINTERCARD',
    script`
      SADD a 1 2 3 4 5
      SADD b 2 3 4 5 6
      SADD c 3 4 5 x
      SINTERCARD 1 a
      SINTERCARD 2 a b
      SINTERCARD 3 a b c
      SINTERCARD 2 a none
      SINTERCARD 2 a b LIMIT 2
      SINTERCARD 2 a b limit 0
      SINTERCARD 2 a b LIMIT 100
      SINTERCARD 2 a b LIMIT 1 LIMIT 3
      SINTERCARD 1 c LIMIT 2
      SINTERCARD 0 a
      SINTERCARD -1 a
      SINTERCARD x a
      SINTERCARD "" a
      SINTERCARD 9223372036854775807 a
      SINTERCARD 9223372036854775808 a
      SINTERCARD 2 a
      SINTERCARD 1 a b
      SINTERCARD 1 a LIMIT
      SINTERCARD 1 a LIMIT -1
      SINTERCARD 1 a LIMIT x
      SINTERCARD 1 a LIMIT 9223372036854775808
      SINTERCARD 1 a LIMIT 1 foo
      SINTERCARD 1 a foo 1
      SINTERCARD 2 a LIMIT 1
    `,
  )
})

describe('random picks', () => {
  conformance(
    'arguments of SPOP and SRANDMEMBER',
    script`
      SADD s 1
      SPOP s -1
      SPOP s x
      SPOP s ""
      SPOP s 9223372036854775808
      SPOP s -9223372036854775808
      SPOP s 1 2
      SPOP none -1
      SPOP none
      SPOP none 0
      SPOP none 3
      SPOP s 0
      SRANDMEMBER s x
      SRANDMEMBER s ""
      SRANDMEMBER s 9223372036854775808
      SRANDMEMBER s -9223372036854775808
      SRANDMEMBER s 1 2
      SRANDMEMBER none x
      SRANDMEMBER none
      SRANDMEMBER none 0
      SRANDMEMBER none 3
      SRANDMEMBER none -3
      SRANDMEMBER s 0
      SRANDMEMBER s
      SRANDMEMBER s 9223372036854775807
      SRANDMEMBER s -3
      SPOP s
      EXISTS s
      SADD s 1 2 3
      SPOP s 3
      EXISTS s
      SADD s 1 2 3
      SPOP s 9223372036854775807
      SADD t a b c
      SRANDMEMBER t 3 ~unordered
      SRANDMEMBER t 10 ~unordered
      SPOP t 4 ~unordered
      EXISTS t
    `,
  )

  for (const [encoding, members] of [
    ['intset', range(1, 100)],
    ['listpack', `${range(1, 90)} a b c d e f g h i j`],
    ['hashtable', `${range(1, 200)} a`],
  ] as const) {
    conformance(`picks from a set that is ${encoding}`, async ({ russet, both }) => {
      await both(`SADD s ${members} `)
      const all = new Set(bulksOf(await russet.send('SMEMBERS', 's')))
      expect(await russet.send('OBJECT', 'ENCODING', 's')).toMatchObject({ value: encoding })
      for (const count of [1, 5, 40, 90, 99]) {
        await both(`SRANDMEMBER s ${count} ~type`)
        await both(`SRANDMEMBER s -${count} ~type`)
        const picked = bulksOf(await russet.send('SRANDMEMBER', 's', count))
        expect(new Set(picked).size).toBe(count)
        const repeated = bulksOf(await russet.send('SRANDMEMBER', 's', -5 * count))
        expect(repeated.length).toBe(5 * count)
        for (const member of [...picked, ...repeated]) expect(all.has(member)).toBe(true)
      }
      // Small pops, then one that leaves little behind.
      for (const count of [1, 1, 2, 3, 10, all.size - 20]) {
        const popped = bulksOf(await russet.send('SPOP', 's', count))
        expect(popped.length).toBe(count)
        for (const member of popped) expect(all.delete(member)).toBe(true)
        expect(new Set(bulksOf(await russet.send('SMEMBERS', 's')))).toEqual(all)
      }
      await both('SPOP s 2 ~type')
      await both('DEL s')
    })
  }

  conformance('every member is picked, about as often as any other', async ({ russet, both }) => {
    for (const members of [range(1, 10), `${range(1, 9)} a`, `${range(1, 9)} ${'x'.repeat(70)}`]) {
      await both('DEL s')
      await both(`SADD s ${members}`)
      const times = new Map<string, number>()
      for (const member of bulksOf(await russet.send('SRANDMEMBER', 's', -10_000))) {
        times.set(member, (times.get(member) ?? 0) + 1)
      }
      // A binomial distribution around 1000 with a deviation of 30: beyond 200 is out of the question.
      expect(times.size).toBe(10)
      for (const count of times.values()) expect(Math.abs(count - 1000)).toBeLessThan(200)
    }
  })

  conformance('a set is popped empty', async ({ russet, both }) => {
    await both(`SADD s ${range(1, 2000)} x`)
    const seen = new Set<string>()
    for (let i = 0; i < 2001; i++) seen.add(bulkOf(await russet.send('SPOP', 's')))
    expect(seen.size).toBe(2001)
    await both('SPOP s 10000 ~kind')
    await both('EXISTS s')
  })
})
