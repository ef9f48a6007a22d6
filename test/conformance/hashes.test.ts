/**
 * The hash commands against redis-server: every command, option and error, small and large hashes, and random
 * sequences. Field expiry, which that server does not know, has its expected replies here in short and its own
 * tests of time in unit/keyspace/field-expiry.test.ts.
 */
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import {
  command,
  floats,
  integers,
  keys,
  maybe,
  members,
  oneOf,
  relaxed,
  several,
  values,
} from '../support/arbitraries.js'
import { conformance, range, script } from '../support/conformance.js'
import { arrayOf, bulkOf, bulksOf } from '../support/replies.js'
import { checkSequences } from '../support/sequences.js'

describe('storing and reading', () => {
  conformance(
    'HSET, HGET, HMSET, HMGET, HSETNX',
    script`
      HSET h a 1 b 2 a 3
      HSET h a 4
      HGET h a
      HGET h none
      HGET none a
      HMSET h c 5 d 6
      HMGET h a none d a
      HMGET none a b
      HSETNX h a no
      HSETNX h e yes
      HSETNX new f 1
      HGETALL h
      HGETALL none
      HKEYS h
      HVALS h
      HKEYS none
      HVALS none
      HLEN h
      HLEN none
      HSET h "" ""
      HGET h ""
      HSET h "bin\x00\xff" "\r\n"
      HGETALL h
      OBJECT ENCODING h
    `,
  )

  conformance(
    'HEXISTS, HSTRLEN, HDEL',
    script`
      HSET h a 1 b "" c 12345 d "x\x00y"
      HEXISTS h a
      HEXISTS h none
      HEXISTS none a
      HSTRLEN h b
      HSTRLEN h c
      HSTRLEN h d
      HSTRLEN h none
      HSTRLEN none a
      HDEL h none
      HDEL none a b
      HDEL h b none b d
      HGETALL h
      HDEL h a c none
      EXISTS h
      TYPE h
    `,
  )

  conformance(
    'wrong types and numbers of arguments',
    script`
      SET s x
      HSET s a 1
      HSETNX s a 1
      HMSET s a 1
      HGET s a
      HMGET s a b
      HGETALL s
      HKEYS s
      HVALS s
      HLEN s
      HSTRLEN s a
      HEXISTS s a
      HDEL s a
      HINCRBY s a 1
      HINCRBYFLOAT s a 1
      HRANDFIELD s
      HRANDFIELD s 1
      HSCAN s 0
      HSET
      HSET h
      HSET h a
      HSET h a 1 b
      HSET s a 1 b
      HMSET h a
      HMSET h a 1 b
      HSETNX h a
      HSETNX h a 1 b
      HGET h
      HGET h a b
      HMGET h
      HGETALL
      HGETALL h x
      HDEL h
      HLEN h x
      HSTRLEN h
      HEXISTS h
      HKEYS
      HVALS
      HINCRBY h a
      HINCRBYFLOAT h a
      HRANDFIELD
      HSCAN h
      EXISTS h
    `,
  )
})

describe('counting', () => {
  conformance(
    'HINCRBY',
    script`
      HINCRBY h n 1
      HINCRBY h n -11
      HINCRBY h n 0
      HINCRBY h big 9223372036854775807
      HINCRBY h big 1
      HINCRBY h big -9223372036854775807
      HINCRBY h small -9223372036854775808
      HINCRBY h small -1
      HINCRBY h small 9223372036854775807
      HINCRBY h n 9007199254740993
      HGETALL h
      HINCRBY h n x
      HINCRBY h n 1.5
      HINCRBY h n 9223372036854775808
      HINCRBY h n " 1"
      HSET h t text f 1.5 space " 1" plus +1 zeros 007 e "" minus -0
      HINCRBY h t 1
      HINCRBY h f 1
      HINCRBY h space 1
      HINCRBY h plus 1
      HINCRBY h zeros 1
      HINCRBY h e 1
      HINCRBY h minus 1
      SET s 1
      HINCRBY s a x
      HINCRBY none t x
      EXISTS none
    `,
  )

  conformance(
    'HINCRBYFLOAT',
    script`
      HINCRBYFLOAT h n 1.5
      HINCRBYFLOAT h n -0.25
      HINCRBYFLOAT h n 1e3
      HINCRBYFLOAT h n 0.1
      HINCRBYFLOAT h n 0.2
      HINCRBYFLOAT h z 0
      HINCRBYFLOAT h z -0.0
      HINCRBYFLOAT h big 1e300
      HINCRBYFLOAT h big 1e4931
      HINCRBYFLOAT h n inf
      HINCRBYFLOAT h n -inf
      HINCRBYFLOAT h n nan
      HINCRBYFLOAT h n x
      HINCRBYFLOAT h n ""
      HINCRBYFLOAT h n " 1"
      HSET h t text i 10 e "" space " 1" inf inf
      HINCRBYFLOAT h t 1
      HINCRBYFLOAT h i 1
      HINCRBYFLOAT h i 1.0
      HINCRBYFLOAT h e 1
      HINCRBYFLOAT h space 1
      HINCRBYFLOAT h inf 1
      HINCRBY h i 1
      SET s 1
      HINCRBYFLOAT s a x
      HINCRBYFLOAT s a inf
      HINCRBYFLOAT none t inf
      EXISTS none
      HGETALL h ~pairs
    `,
  )
})

describe('encodings', () => {
  conformance(
    'a hash converts when it has too many fields',
    script`
      HSET h ${range(1, 1022)}
      HLEN h
      OBJECT ENCODING h
      HSET h 3 again
      HSET h one more
      OBJECT ENCODING h
      HSET h another more
      OBJECT ENCODING h
      HGETALL h ~pairs
      HKEYS h ~unordered
      HVALS h ~unordered
      HDEL h ${range(1, 1022)}
      HGETALL h ~pairs
      OBJECT ENCODING h
      HDEL h one
      HDEL h another
      EXISTS h
    `,
  )

  conformance(
    'a hash converts when a field or value is too long',
    script`
      HSET v a ${'x'.repeat(64)} ${'f'.repeat(64)} b
      OBJECT ENCODING v
      HSET v a ${'x'.repeat(65)}
      OBJECT ENCODING v
      HSET f a 1 ${'f'.repeat(65)} b
      OBJECT ENCODING f
      HDEL f ${'f'.repeat(65)}
      OBJECT ENCODING f
      HSETNX n a ${'x'.repeat(65)}
      OBJECT ENCODING n
      HINCRBY i ${'f'.repeat(65)} 1
      OBJECT ENCODING i
      HINCRBYFLOAT d ${'f'.repeat(65)} 1
      OBJECT ENCODING d
      HMGET v a b ${'f'.repeat(64)}
    `,
  )

  conformance(
    'limits that are changed hold from the next write on',
    script`
      HSET h a 1 b 2 c 3
      CONFIG SET hash-max-listpack-entries 2
      OBJECT ENCODING h
      HSET h a 4
      OBJECT ENCODING h
      HSET few a 1 b 2
      OBJECT ENCODING few
      CONFIG SET hash-max-listpack-entries 512 hash-max-listpack-value 3
      HSET short a 123
      HSET long a 1234
      OBJECT ENCODING short
      OBJECT ENCODING long
      OBJECT ENCODING h
      CONFIG SET hash-max-listpack-value 64
    `,
  )
})

describe('HRANDFIELD', () => {
  conformance(
    'one, distinct and repeated fields',
    script`
      HSET one a 1
      HRANDFIELD one
      HRANDFIELD one 1
      HRANDFIELD one 5
      HRANDFIELD one -3
      HRANDFIELD one 1 WITHVALUES
      HRANDFIELD one 3 withvalues
      HRANDFIELD one -2 WITHVALUES
      HRANDFIELD one 0
      HRANDFIELD one 0 WITHVALUES
      HRANDFIELD none
      HRANDFIELD none 2
      HRANDFIELD none -2 WITHVALUES
      HSET h a 1 b 2 c 3 d 4
      HRANDFIELD h 4 ~unordered
      HRANDFIELD h 10 ~unordered
      HRANDFIELD h 2 ~type
      HRANDFIELD h -20 ~type
      HRANDFIELD h 2 WITHVALUES ~type
      HRANDFIELD h -5 WITHVALUES ~type
      HRANDFIELD h ~type
    `,
  )

  conformance(
    'errors',
    script`
      HSET h a 1
      SET s 1
      HRANDFIELD h x
      HRANDFIELD h 1 x
      HRANDFIELD h x x
      HRANDFIELD h 1 WITHVALUES x
      HRANDFIELD none 1 x
      HRANDFIELD s x
      HRANDFIELD s 0
      HRANDFIELD h 99999999999999999999
      HRANDFIELD h -9223372036854775808
      HRANDFIELD h 9223372036854775807
      HRANDFIELD h 9223372036854775807 WITHVALUES
      HRANDFIELD h 4611686018427387904 WITHVALUES
      HRANDFIELD h 4611686018427387903 WITHVALUES
      HRANDFIELD h -4611686018427387904 WITHVALUES
      HRANDFIELD h -9223372036854775807 => !ERR value is out of range
    `,
  )

  conformance(
    'distinct fields of a large hash are distinct, and every field comes up',
    async ({ play, russet }) => {
      await play(`HSET h ${range(1, 4000)}`)
      for (const count of [1, 5, 700, 1500, 1999]) {
        const fields = bulksOf(await russet.send('HRANDFIELD', 'h', String(count)))
        expect(new Set(fields).size).toBe(count)
        for (const field of fields) expect(Number(field) % 2).toBe(1)
      }
      const seen = new Set(bulksOf(await russet.send('HRANDFIELD', 'h', '-60000')))
      expect(seen.size).toBe(2000)
    },
    { protocols: [2] },
  )
})

describe('HSCAN', () => {
  conformance(
    'a small hash is shown whole',
    script`
      HSET h a 1 b 2 ab 3
      HSCAN h 0
      HSCAN h 0 COUNT 1
      HSCAN h 17
      HSCAN h 0 MATCH a*
      HSCAN h 0 MATCH none
      HSCAN h 0 match a* count 100
      HSCAN h 0 MATCH a* MATCH b*
      HSCAN none 0
      HSCAN h 0 NOVALUES => ["0", ["a", "b", "ab"]]
      HSCAN h 0 MATCH a* NOVALUES COUNT 5 => ["0", ["a", "ab"]]
    `,
  )

  conformance(
    'errors',
    script`
      HSET h a 1
      SET s 1
      HSCAN h x
      HSCAN h -1 ~differs => !ERR invalid cursor
      HSCAN h 99999999999999999999
      HSCAN none x
      HSCAN none 0 NONSENSE
      HSCAN s 0 NONSENSE
      HSCAN s x
      HSCAN h 0 NONSENSE
      HSCAN h 0 COUNT
      HSCAN h 0 COUNT x
      HSCAN h 0 COUNT 0
      HSCAN h 0 COUNT -1
      HSCAN h 0 MATCH
      HSCAN h 0 TYPE string
    `,
  )

  conformance('a large hash is walked through, also while it changes', async ({ play, russet }) => {
    await play(`HSET h ${range(1, 6000)}`)
    const seen = new Map<string, string>()
    let cursor = '0'
    let calls = 0
    do {
      const [next, items] = arrayOf(await russet.send('HSCAN', 'h', cursor, 'COUNT', '50'))
      cursor = bulkOf(next)
      const found = bulksOf(items)
      for (let i = 0; i < found.length; i += 2) seen.set(found[i] as string, found[i + 1] as string)
      // Fields 1, 5, 9 … stay; the others go, and new ones come.
      await russet.send('HDEL', 'h', String(calls * 4 + 3))
      await russet.send('HSET', 'h', `new${calls}`, 'x')
      calls++
    } while (cursor !== '0' && calls < 1000)
    expect(calls).toBeGreaterThan(50)
    expect(calls).toBeLessThan(200)
    for (let field = 1; field < 6000; field += 4) expect(seen.get(String(field))).toBe(String(field + 1))
    await play('FLUSHALL')
  })
})

describe('field expiry', () => {
  conformance(
    'replies',
    script`
      HSET h a 1 b 2 c 3
      HEXPIRE h 100 FIELDS 2 a none => [1, -2]
      HTTL h FIELDS 3 a b none => [100, -1, -2]
      HEXPIRE h 200 NX FIELDS 2 a b => [0, 1]
      HEXPIRE h 50 GT FIELDS 1 a => [0]
      HEXPIRE h 50 LT FIELDS 1 a => [1]
      HEXPIRE h 50 XX FIELDS 1 c => [0]
      HPERSIST h FIELDS 2 a c => [1, -1]
      HPEXPIREAT h 9999999999123 FIELDS 1 a => [1]
      HPEXPIRETIME h FIELDS 1 a => [9999999999123]
      HEXPIRETIME h FIELDS 1 a => [10000000000]
      OBJECT ENCODING h ~differs => "listpackex"
      HEXPIRE h 0 FIELDS 1 a => [2]
      HEXPIREAT h 1 FIELDS 2 b c => [2, 2]
      HGETALL h ~differs => {}
      HEXPIRE none 10 FIELDS 1 a => [-2]
      HTTL none FIELDS 1 a => [-2]
      ~no-digest
    `,
  )

  conformance('a field goes when its time has come', async ({ play, russet }) => {
    await play('HSET h a 1 b 2')
    await russet.send('HPEXPIRE', 'h', '60', 'FIELDS', '1', 'b')
    await expect.poll(async () => bulksOf(await russet.send('HKEYS', 'h')), { timeout: 5000 }).toEqual(['a'])
    await expect
      .poll(async () => (await russet.send('HLEN', 'h')) as unknown, { timeout: 5000 })
      .toMatchObject({ value: 1n })
    await play('HDEL h b ~kind')
  })
})

const key = () => keys(3, 'h')
const field = () => members()

checkSequences({
  name: 'hashes',
  runs: 30,
  commandsPerRun: 400,
  commands: fc.oneof(
    { weight: 6, arbitrary: command('HSET', key(), several(1, 4, field(), values())) },
    { weight: 1, arbitrary: command('HMSET', key(), several(1, 3, field(), values())) },
    { weight: 2, arbitrary: command('HSETNX', key(), field(), values()) },
    { weight: 2, arbitrary: command('HGET', key(), field()) },
    { weight: 1, arbitrary: command('HMGET', key(), several(1, 4, field())) },
    { weight: 2, arbitrary: command('HDEL', key(), several(1, 4, field())) },
    { weight: 3, arbitrary: command('HINCRBY', key(), field(), integers()) },
    { weight: 3, arbitrary: command('HINCRBYFLOAT', key(), field(), floats()) },
    { weight: 1, arbitrary: command('HEXISTS', key(), field()) },
    { weight: 1, arbitrary: command('HSTRLEN', key(), field()) },
    { weight: 1, arbitrary: command('HLEN', key()) },
    { weight: 1, arbitrary: relaxed({ pairs: true }, command('HGETALL', key())) },
    { weight: 1, arbitrary: relaxed({ unordered: true }, command('HKEYS', key())) },
    { weight: 1, arbitrary: relaxed({ unordered: true }, command('HVALS', key())) },
    { weight: 1, arbitrary: relaxed({ unordered: true }, command('HRANDFIELD', key(), '100')) },
    { weight: 1, arbitrary: relaxed({ type: true }, command('HRANDFIELD', key(), '-4')) },
    { weight: 1, arbitrary: relaxed({ unordered: true }, command('HSCAN', key(), '0', 'COUNT', '1000')) },
    { weight: 1, arbitrary: command('OBJECT', 'ENCODING', key()) },
    { weight: 1, arbitrary: command('DEL', key()) },
    { weight: 1, arbitrary: command('SET', key(), oneOf('1', 'x')) },
    { weight: 1, arbitrary: command('HSET', key(), maybe(field()), maybe(values())) },
  ),
})
