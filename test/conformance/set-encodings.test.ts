/** How sets are kept, and scans, which see it. Encodings that 7.2 brought are given here. */
import { describe, expect } from 'vitest'
import { conformance, range, script } from '../support/conformance.js'
import { arrayOf, bulkOf, bulksOf } from '../support/replies.js'

describe('encodings', () => {
  conformance(
    'an intset grows out of itself',
    script`
      SADD s ${range(1, 512)}
      OBJECT ENCODING s
      SADD s 513
      OBJECT ENCODING s
      SREM s 513 512 511
      OBJECT ENCODING s
      SADD direct ${range(1, 513)}
      OBJECT ENCODING direct
      SADD t 1 2 3
      OBJECT ENCODING t
      SADD t a
      OBJECT ENCODING t ~differs => "listpack"
      SREM t a
      OBJECT ENCODING t ~differs => "listpack"
      SADD u ${range(1, 127)}
      SADD u a
      OBJECT ENCODING u ~differs => "listpack"
      SADD v ${range(1, 128)}
      OBJECT ENCODING v
      SADD v a
      OBJECT ENCODING v
      SADD w 1
      SADD w ${range(1, 600)}
      OBJECT ENCODING w
      SADD x ${range(1, 200)} a
      OBJECT ENCODING x
    `,
  )

  conformance(
    'a listpack grows out of itself',
    script`
      SADD s a b c
      OBJECT ENCODING s ~differs => "listpack"
      SADD s ${range(1, 125)}
      OBJECT ENCODING s ~differs => "listpack"
      SADD s a b c 1 2 3
      OBJECT ENCODING s ~differs => "listpack"
      SADD s 126
      OBJECT ENCODING s
      SADD t ${'x'.repeat(64)}
      OBJECT ENCODING t ~differs => "listpack"
      SADD t ${'y'.repeat(65)}
      OBJECT ENCODING t
      SADD u ${'y'.repeat(65)}
      OBJECT ENCODING u
      SADD v 1 2 3
      SADD v ${'y'.repeat(65)}
      OBJECT ENCODING v
      SADD w a
      SADD w ${range(1, 129)}
      OBJECT ENCODING w
      SADD x a a a
      SADD x ${'a '.repeat(129)}
      OBJECT ENCODING x
    `,
  )

  conformance(
    'a listpack keeps the order of its members',
    script`
      SADD s b a c 3 1 => 5
      SMEMBERS s => <"b", "a", "c", "3", "1">
      SREM s a => 1
      SADD s a => 1
      SMEMBERS s => <"b", "c", "3", "1", "a">
      SADD i 3 1 2 => 3
      SADD i x 0 => 2
      SMEMBERS i => <"1", "2", "3", "x", "0">
      SSCAN i 0 => ["0", ["1", "2", "3", "x", "0"]]
      DEL s i => 2
    `,
  )

  conformance(
    'results of SINTERSTORE, SUNIONSTORE, SDIFFSTORE',
    script`
      SADD ints ${range(1, 100)}
      SADD more ${range(50, 600)}
      SADD mixed 1 2 3 a b
      SADD big ${range(1, 300)} a b
      SINTERSTORE d ints more
      OBJECT ENCODING d
      SINTERSTORE d mixed big
      OBJECT ENCODING d ~differs => "listpack"
      SINTERSTORE d mixed ints
      OBJECT ENCODING d
      SADD other ${range(200, 300)} ${range(1, 40)} zzz
      SINTERSTORE d big other
      OBJECT ENCODING d
      SINTERSTORE d big big
      OBJECT ENCODING d
      SUNIONSTORE d ints
      OBJECT ENCODING d
      SUNIONSTORE d ints mixed
      OBJECT ENCODING d ~differs => "listpack"
      SUNIONSTORE d mixed ints
      OBJECT ENCODING d ~differs => "listpack"
      SUNIONSTORE d ints more
      OBJECT ENCODING d
      SDIFFSTORE d big mixed
      OBJECT ENCODING d
      SDIFFSTORE d mixed ints
      OBJECT ENCODING d ~differs => "listpack"
      SDIFFSTORE d ints mixed
      OBJECT ENCODING d
      SMOVE mixed d a
      OBJECT ENCODING d ~differs => "listpack"
      SMOVE mixed fresh b
      OBJECT ENCODING fresh ~differs => "listpack"
      SMOVE mixed fresh2 1
      OBJECT ENCODING fresh2
    `,
  )

  conformance(
    'a large pop starts a hash table over',
    script`
      SADD s ${range(1, 400)} a => 401
      OBJECT ENCODING s => "hashtable"
      SPOP s 100 => any
      OBJECT ENCODING s => "hashtable"
      SPOP s 300 => any
      OBJECT ENCODING s => "listpack"
      SCARD s => 1
      SADD i ${range(1, 400)} => 400
      SPOP i 399 => any
      OBJECT ENCODING i => "intset"
      DEL s i => 2
    `,
  )

  conformance(
    'limits that are configured',
    script`
      CONFIG SET set-max-intset-entries 3
      SADD s 1 2 3
      OBJECT ENCODING s
      SADD s 4
      OBJECT ENCODING s
      SADD direct 1 2 3 4
      OBJECT ENCODING direct ~differs => "listpack"
      CONFIG SET set-max-intset-entries 512
      SADD t 1 2 3
      SUNIONSTORE u s t
      OBJECT ENCODING u
      SMEMBERS u
    `,
  )

  conformance(
    'limits that 7.2 brought',
    script`
      CONFIG SET set-max-listpack-entries 3 set-max-listpack-value 5 => +OK
      SADD s a b c => 3
      OBJECT ENCODING s => "listpack"
      SADD s d => 1
      OBJECT ENCODING s => "hashtable"
      SADD t 12345 => 1
      SADD t a => 1
      OBJECT ENCODING t => "listpack"
      SADD u -12345 => 1
      SADD u a => 1
      OBJECT ENCODING u => "hashtable"
      SADD v 1 2 3 => 3
      SADD v a => 1
      OBJECT ENCODING v => "hashtable"
      SADD w abcdef => 1
      OBJECT ENCODING w => "hashtable"
      CONFIG SET set-max-listpack-entries 128 set-max-listpack-value 64 => +OK
      DEL s t u v w => 5
    `,
  )
})

describe('SSCAN', () => {
  conformance(
    'arguments',
    script`
      SADD s 1 2 3
      SSCAN s 0
      SSCAN s 0 COUNT 1
      SSCAN s 5
      SSCAN s 0 MATCH 1
      SSCAN s 0 MATCH [12] COUNT 10
      SSCAN s 0 match * count 1
      SSCAN s 0 MATCH x
      SSCAN none 0
      SSCAN none 12
      SSCAN none x
      SSCAN s x
      SSCAN s "" => !ERR invalid cursor
      SSCAN s -1 => !ERR invalid cursor
      SSCAN s 18446744073709551616
      SSCAN none 0 COUNT x
      SSCAN s 0 COUNT x
      SSCAN s 0 COUNT 0
      SSCAN s 0 COUNT -1
      SSCAN s 0 COUNT
      SSCAN s 0 MATCH
      SSCAN s 0 foo
      SSCAN s 0 foo 1
      SSCAN s 0 TYPE string
      SSCAN s 0 NOVALUES
      SET str 1
      SSCAN str x
      SSCAN str 0 COUNT x
    `,
  )

  conformance('meets every member of a hash table that is there all the time', async ({ russet, both }) => {
    await both(`SADD s ${range(1, 1500)} x`)
    const seen = new Set<string>()
    let cursor = '0'
    let calls = 0
    do {
      const [next, members] = arrayOf(await russet.send('SSCAN', 's', cursor, 'COUNT', 20))
      for (const member of bulksOf(members)) seen.add(member)
      cursor = bulkOf(next)
      // What comes and goes meanwhile may be met or not.
      await russet.send('SADD', 's', `new${calls}`)
      await russet.send('SREM', 's', `new${calls}`, String(1000 + calls * 5))
      calls++
    } while (cursor !== '0' && calls < 200)
    expect(cursor).toBe('0')
    for (let i = 1; i < 1000; i++) expect(seen.has(String(i))).toBe(true)
    expect(seen.has('x')).toBe(true)
    await both('DEL s')
  })

  conformance('meets every member while the set shrinks', async ({ russet, both }) => {
    await both(`SADD s ${range(1, 3000)} x`)
    const seen = new Set<string>()
    let cursor = '0'
    for (let calls = 0; calls === 0 || cursor !== '0'; calls++) {
      const [next, members] = arrayOf(await russet.send('SSCAN', 's', cursor, 'COUNT', 10))
      for (const member of bulksOf(members)) seen.add(member)
      cursor = bulkOf(next)
      await russet.send('SREM', 's', ...range(1 + calls * 29, 29 + calls * 29).split(' '))
    }
    for (const member of bulksOf(await russet.send('SMEMBERS', 's'))) expect(seen.has(member)).toBe(true)
    await both('DEL s')
  })
})
