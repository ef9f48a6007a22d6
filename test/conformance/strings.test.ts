/** Strings: SET in all its forms, reading, editing in place. */
import { describe, expect } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { bulkOf } from '../support/replies.js'

describe('SET', () => {
  conformance(
    'plain, and over any type',
    script`
      SET k v
      GET k
      SET k ""
      GET k
      SET k "a\r\nb\x00\xff"
      GET k
      SET "" empty
      GET ""
      SADD s a
      SET s v
      GET s
      SET k v EX 100
      SET k w
      TTL k
      SET
      SET k
    `,
  )

  conformance(
    'numbers keep their text',
    script`
      MSET a 0 b -0 c 007 d +1 e " 1" f 1.0 g 9007199254740993 h 9223372036854775807 i -9223372036854775808 j 9223372036854775808 k 1e3 l - m -1
      MGET a b c d e f g h i j k l m
      OBJECT ENCODING a
      OBJECT ENCODING b
      OBJECT ENCODING c
      OBJECT ENCODING g
      OBJECT ENCODING h
      OBJECT ENCODING i
      OBJECT ENCODING j
      OBJECT ENCODING m
      SET short ${'x'.repeat(44)}
      OBJECT ENCODING short
      SET long ${'x'.repeat(45)}
      OBJECT ENCODING long
    `,
  )

  conformance(
    'NX, XX and GET',
    script`
      SET k 1 NX
      SET k 2 NX
      SET k 3 XX
      SET none 3 XX
      GET k
      SET k 4 GET
      SET k 5 NX GET
      SET none 6 XX GET
      SET new 7 NX GET
      SET k 8 XX GET
      SET k 9 get nx
      MGET k new none
      SADD s a
      SET s v NX
      SET s v GET
      SET s v NX GET
      SET s v XX
      TYPE s
    `,
  )

  conformance(
    'expiry',
    script`
      SET k v EX 100
      TTL k
      SET k v PX 100000
      TTL k
      SET k v EXAT 33177117420
      EXPIRETIME k
      SET k v PXAT 33177117420123
      PEXPIRETIME k
      SET k w KEEPTTL
      PEXPIRETIME k
      SET k w XX KEEPTTL GET
      SET k w GET KEEPTTL
      PEXPIRETIME k
      SET k w
      TTL k
      SET k w KEEPTTL
      TTL k
      SET none w KEEPTTL
      TTL none
      SET k v EX 100 NX
      TTL k
      SET k v XX EX 100
      TTL k
      SET k v ex 50 xx get
      TTL k
      SETEX k 100 v
      TTL k
      PSETEX k 100000 v
      TTL k
      GET k
    `,
  )

  conformance(
    'a time in the past',
    script`
      SET k v
      SET k w EXAT 1
      GET k
      EXISTS k
      SET k w PXAT 1
      EXISTS k
      SET k v GET PXAT 1
      EXISTS k
      SET k v
      SET k w NX PXAT 1
      GET k
      SET k w XX GET EXAT 1
      EXISTS k
      DBSIZE
    `,
  )

  conformance(
    'errors',
    script`
      SET k old
      SET k v NX XX
      SET k v XX NX
      SET k v EX
      SET k v EX 0
      SET k v EX -1
      SET k v EX x
      SET k v EX 1.5
      SET k v EX ""
      SET k v PX 0
      SET k v EXAT 0
      SET k v PXAT -5
      SET k v EX 9223372036854775807
      SET k v EX 9223372036854775808
      SET k v EX 9223372036854776
      SET k v PX 9223372036854775807
      SET k v EXAT 9223372036854775807
      SET k v EX 10 PX 10
      SET k v EX 10 EX 10
      SET k v EX 10 KEEPTTL
      SET k v KEEPTTL EX 10
      SET k v KEEPTTL KEEPTTL
      SET k v NX NX
      SET k v XX XX GET GET
      SET k v foo
      SET k v PERSIST
      SET k v NX EX
      SET k v EX NX
      SETEX k 0 v
      SETEX k -1 v
      SETEX k x v
      SETEX k 9223372036854775807 v
      SETEX k 10
      SETEX k 10 v w
      PSETEX k 0 v
      PSETEX k x v
      PSETEX k 9223372036854775807 v
      SADD s a
      SET s v GET EX 0
      SET s v GET EX x
      SET s v NX EX 0
      GET k
      TTL k
    `,
  )

  conformance(
    'SETNX, MSET, MSETNX, GETSET',
    script`
      SETNX k 1
      SETNX k 2
      SADD s a
      SETNX s 1
      SETNX k
      MSET a 1 b 2 a 3
      MGET a b none s
      MSET a 1 b
      MSET a
      MSET
      MSET s 1
      GET s
      MSETNX x 1 y 2
      MSETNX y 3 z 4
      EXISTS z
      MSETNX x 1 y
      MSETNX p 1 p 2
      GET p
      GETSET k new
      GETSET none new
      GET none
      EXPIRE k 100
      GETSET k newer
      TTL k
      SADD t a
      GETSET t v
      GETSET k
      MGET
      MGET t k
    `,
  )
})

describe('GET and its relatives', () => {
  conformance(
    'GET, GETDEL, STRLEN',
    script`
      GET none
      SADD s a
      GET s
      GETDEL s
      STRLEN s
      SET k v
      GETDEL k
      GETDEL k
      EXISTS k
      SET k hello
      STRLEN k
      STRLEN none
      SET n -12345
      STRLEN n
      SET n 9223372036854775807
      STRLEN n
      APPEND b xyz
      STRLEN b
      GETDEL b
      GETDEL n
      GET
      GET a b
      STRLEN
      GETDEL
    `,
  )

  conformance(
    'GETEX',
    script`
      SET k v
      GETEX k
      TTL k
      GETEX k EX 100
      TTL k
      GETEX k
      TTL k
      GETEX k PX 200000
      TTL k
      GETEX k EXAT 33177117420
      EXPIRETIME k
      GETEX k pxat 33177117420123
      PEXPIRETIME k
      GETEX k PERSIST
      TTL k
      GETEX k persist
      GETEX k EXAT 1
      EXISTS k
      SET k v
      GETEX k PXAT 1
      EXISTS k
      GETEX none
      GETEX none EX 10
      GETEX none EX 0
      GETEX none EX x
      GETEX none foo
      SADD s a
      GETEX s
      GETEX s EX 10
      GETEX s EX 0
      GETEX s foo
      SET k v
      GETEX k EX 0
      GETEX k EX -1
      GETEX k EX x
      GETEX k EX
      GETEX k PX 9223372036854775807
      GETEX k EX 10 PX 10
      GETEX k EX 10 PERSIST
      GETEX k PERSIST EX 10
      GETEX k PERSIST PERSIST
      GETEX k KEEPTTL
      GETEX k NX
      GETEX k GET
      GETEX
      TTL k
    `,
  )

  conformance(
    'GETRANGE and SUBSTR',
    script`
      SET k "This is a string"
      GETRANGE k 0 3
      GETRANGE k -3 -1
      GETRANGE k 0 -1
      GETRANGE k 10 100
      GETRANGE k 5 3
      GETRANGE k -1 -5
      GETRANGE k -100 -90
      GETRANGE k -100 3
      GETRANGE k -100 -101
      GETRANGE k 15 15
      GETRANGE k 16 16
      GETRANGE k 16 -1
      GETRANGE k 0 0
      GETRANGE k 0 -100
      GETRANGE k 0 -16
      GETRANGE k 0 -17
      GETRANGE k 9223372036854775807 9223372036854775807
      GETRANGE k -9223372036854775808 9223372036854775807
      GETRANGE k 0 9223372036854775808
      GETRANGE k x 1
      GETRANGE k 1 x
      GETRANGE none 0 -1
      GETRANGE none x 1
      SUBSTR k 0 3
      SUBSTR k -3 -1
      SET n 12345
      GETRANGE n 1 3
      GETRANGE n -2 -1
      SET big 9223372036854775807
      GETRANGE big 0 3
      APPEND b foobar
      GETRANGE b 2 4
      SET empty ""
      GETRANGE empty 0 -1
      GETRANGE empty 0 0
      SADD s a
      GETRANGE s 0 1
      GETRANGE s x 1
      GETRANGE k 0
      SUBSTR k
    `,
  )
})

describe('edits in place', () => {
  conformance(
    'APPEND',
    script`
      APPEND k foo
      APPEND k bar
      GET k
      APPEND k ""
      STRLEN k
      APPEND new ""
      EXISTS new
      GET new
      SET n 12
      APPEND n 34
      GET n
      INCR n
      APPEND n ""
      APPEND m 5
      INCR m
      OBJECT ENCODING k
      SET t v EX 100
      APPEND t w
      TTL t
      SADD s a
      APPEND s b
      APPEND s ""
      APPEND k
      APPEND k "\x00\xff"
      GET k
    `,
  )

  conformance(
    'SETRANGE',
    script`
      SETRANGE k 0 foo
      GET k
      SETRANGE k 3 bar
      SETRANGE k 1 XX
      GET k
      SETRANGE k 10 end
      GET k
      SETRANGE new 5 x
      GET new
      SETRANGE none 0 ""
      SETRANGE none 10 ""
      EXISTS none
      SETRANGE k 0 ""
      SETRANGE k 100 ""
      STRLEN k
      SET n 12345
      SETRANGE n 1 99
      GET n
      INCR n
      SET t v EX 100
      SETRANGE t 1 w
      TTL t
      SETRANGE k -1 x
      SETRANGE k -1 ""
      SETRANGE none -1 ""
      SETRANGE k x y
      SETRANGE k 9223372036854775808 x
      SETRANGE k 536870911 xx
      SETRANGE k 536870912 x
      SETRANGE k 9223372036854775807 x
      SETRANGE none 9223372036854775807 x
      SETRANGE none 9223372036854775807 ""
      SADD s a
      SETRANGE s 0 x
      SETRANGE s 0 ""
      SETRANGE s -1 x
      SETRANGE k 0
      STRLEN k
    `,
  )

  conformance('APPEND in small pieces', async ({ both, redis, russet }) => {
    for (let i = 0; i < 300; i++)
      await Promise.all([redis, russet].map((side) => side.send('APPEND', 'k', `piece ${i}\n`)))
    await both('GET k')
    expect(bulkOf(await russet.send('GETRANGE', 'k', 0, 6))).toBe('piece 0')
  })
})
