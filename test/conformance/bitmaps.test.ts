/** Bits and integers inside strings. Expected replies are given where 7.2 checks arguments before the key. */
import { describe } from 'vitest'
import { conformance, script } from '../support/conformance.js'

describe('single bits', () => {
  conformance(
    'SETBIT and GETBIT',
    script`
      SETBIT k 7 1
      GET k
      SETBIT k 7 1
      SETBIT k 7 0
      SETBIT k 100 1
      STRLEN k
      GET k
      GETBIT k 100
      GETBIT k 99
      GETBIT k 4294967295
      GETBIT none 0
      SETBIT new 0 0
      GET new
      SETBIT new 20 0
      GET new
      SET text foobar
      GETBIT text 1
      SETBIT text 0 1
      GET text
      OBJECT ENCODING text
      SETBIT text 6 0
      APPEND text baz
      GET text
      SET number 12345
      GETBIT number 2
      GETBIT number 3
      SETBIT number 6 1
      GET number
      INCR number
      SETBIT number 7 1
      GET number
      INCR number
    `,
  )

  conformance(
    'a bit that stays as it is',
    script`
      SET k foobar EX 1000
      SETBIT k 0 0
      SETBIT k 1 1
      GET k
      SETBIT k 2 0
      TTL k
      GET k
      SETBIT k 47 0
      SETBIT k 48 0
      STRLEN k
    `,
  )

  conformance(
    'errors',
    script`
      SET k foobar
      SADD s a
      SETBIT k -1 1
      SETBIT k x 1
      SETBIT k "" 1
      SETBIT k #0 1
      SETBIT k 4294967296 1
      SETBIT k 9223372036854775807 1
      SETBIT k 9223372036854775808 1
      SETBIT k 0 2
      SETBIT k 0 -1
      SETBIT k 0 x
      SETBIT k 0 ""
      SETBIT k 0 01
      SETBIT s 0 1
      SETBIT s 0 2
      SETBIT s x 1
      GETBIT k -1
      GETBIT k x
      GETBIT k 4294967296
      GETBIT s 0
      GETBIT s x
      GETBIT none x
      GETBIT k
      GETBIT k 0 0
      SETBIT k 0
      SETBIT k 0 1 1
      GET k
    `,
  )

  conformance(
    'a smaller limit of length',
    script`
      CONFIG SET proto-max-bulk-len 1048576
      SETBIT k 8388607 1
      SETBIT k 8388608 1
      GETBIT k 8388608
      BITFIELD k SET u8 8388600 255
      BITFIELD k SET u8 8388608 255
      BITFIELD k GET u8 8388607
      BITFIELD k SET u8 8388607 255
      STRLEN k
      SETRANGE k 1048576 x
      APPEND k x
      SETRANGE j 1048575 x
      APPEND j x
      STRLEN j
    `,
  )
})

describe('BITCOUNT', () => {
  conformance(
    'ranges of bytes and of bits',
    script`
      SET k foobar
      BITCOUNT k
      BITCOUNT k 0 -1
      BITCOUNT k 0 0
      BITCOUNT k 1 1
      BITCOUNT k 1 1 BYTE
      BITCOUNT k 5 30 BIT
      BITCOUNT k 5 5 bit
      BITCOUNT k -9 -1 bit
      BITCOUNT k -6 -2 byte
      BITCOUNT k 0 1000
      BITCOUNT k 5 3
      BITCOUNT k 5 3 BIT
      BITCOUNT k 100 200
      BITCOUNT k -100 -90
      BITCOUNT k -2 -3
      BITCOUNT k -100 -101
      BITCOUNT k -100 2
      BITCOUNT k -1 0
      BITCOUNT k 0 9223372036854775807 BIT
      BITCOUNT k -9223372036854775808 9223372036854775807 BIT
      BITCOUNT k 9223372036854775807 9223372036854775807
      BITCOUNT k 0 -9223372036854775808
      BITCOUNT none
      BITCOUNT none 0 -1
      SET empty ""
      BITCOUNT empty
      BITCOUNT empty 0 -1
      BITCOUNT empty 0 0 BIT
      SET number 123
      BITCOUNT number
      BITCOUNT number 0 0
      SETBIT long 70000 1
      SETBIT long 33 1
      SETBIT long 31 1
      BITCOUNT long
      BITCOUNT long 31 33 BIT
      BITCOUNT long 34 70000 BIT
      BITCOUNT long 34 69999 BIT
    `,
  )

  conformance(
    'errors',
    script`
      SET k foobar
      SADD s a
      BITCOUNT k 0
      BITCOUNT k 0 x
      BITCOUNT k x 0
      BITCOUNT k 0 1 foo
      BITCOUNT k 0 1 bit x
      BITCOUNT k 0 9223372036854775808
      BITCOUNT s
      BITCOUNT s 0 1
      BITCOUNT
      BITCOUNT none 0 => !ERR syntax error
      BITCOUNT none 0 x => !ERR value is not an integer or out of range
      BITCOUNT none 0 1 foo => !ERR syntax error
      BITCOUNT none 0 1 bit x => !ERR syntax error
      BITCOUNT s 0 x ~differs => !ERR value is not an integer or out of range
      BITCOUNT s 0 ~differs => !ERR syntax error
    `,
  )
})

describe('BITPOS', () => {
  conformance(
    'ranges of bytes and of bits',
    script`
      SET k "\xff\xf0\x00"
      BITPOS k 0
      BITPOS k 1
      BITPOS k 1 2
      BITPOS k 1 1
      BITPOS k 0 1
      BITPOS k 0 2
      BITPOS k 0 3
      BITPOS k 1 3
      BITPOS k 0 0 0
      BITPOS k 0 0 -1
      BITPOS k 0 0 -2
      BITPOS k 0 -1
      BITPOS k 1 -1
      BITPOS k 1 -100
      BITPOS k 0 5 3
      BITPOS k 1 5 3
      BITPOS k 1 7 15 BIT
      BITPOS k 0 7 15 bit
      BITPOS k 0 7 11 bit
      BITPOS k 0 -4 -1 bit
      BITPOS k 1 -4 -1 bit
      BITPOS k 1 -13 -1 bit
      BITPOS k 0 0 1000 byte
      BITPOS k 0 0 1000 bit
      SET ones "\xff\xff\xff\xff\xff"
      BITPOS ones 0
      BITPOS ones 0 0
      BITPOS ones 0 2
      BITPOS ones 0 4
      BITPOS ones 0 5
      BITPOS ones 0 0 -1
      BITPOS ones 0 0 100
      BITPOS ones 0 3 10 bit
      BITPOS ones 1 3 10 bit
      BITPOS ones 1 39 39 bit
      SET zeros "\x00\x00\x00\x00\x00\x00"
      BITPOS zeros 1
      BITPOS zeros 0
      BITPOS zeros 1 0 -1
      BITPOS zeros 1 3
      BITPOS zeros 0 3
      SETBIT zeros 47 1
      BITPOS zeros 1
      BITPOS zeros 1 0 46 BIT
      BITPOS zeros 1 0 47 BIT
      BITPOS none 0
      BITPOS none 1
      BITPOS none 0 5
      BITPOS none 1 0 -1 BIT
      BITPOS none 0 0 -1 BIT
      SET empty ""
      BITPOS empty 0
      BITPOS empty 1
      BITPOS empty 0 0 -1
      BITPOS k 1 -9223372036854775808 9223372036854775807
      BITPOS k 1 -9223372036854775808 9223372036854775807 BIT
      SET number 0
      BITPOS number 1
    `,
  )

  conformance(
    'errors',
    script`
      SET k foobar
      SADD s a
      BITPOS k 2
      BITPOS k -1
      BITPOS k x
      BITPOS k 1 x
      BITPOS k 1 0 x
      BITPOS k 1 0 1 foo
      BITPOS k 1 0 1 bit x
      BITPOS k 1 0 x bit
      BITPOS k 1 0 x foo
      BITPOS k
      BITPOS s 1
      BITPOS s 2
      BITPOS none 0 x => !ERR value is not an integer or out of range
      BITPOS none 0 1 2 foo => !ERR syntax error
      BITPOS none 1 0 1 bit x => !ERR syntax error
      BITPOS s 1 x ~differs => !ERR value is not an integer or out of range
    `,
  )
})

conformance(
  'BITOP',
  script`
    SET a foobar
    SET b abcdef
    SET c "\xff\x0f"
    SET n 123
    BITOP AND d a b
    GET d
    BITOP or d a b
    GET d
    BITOP XOR d a b
    GET d
    BITOP NOT d a
    GET d
    BITOP AND d a c
    GET d
    BITOP AND d c a
    GET d
    BITOP OR d c a n
    GET d
    BITOP XOR d a c b n a
    GET d
    BITOP AND d a none
    GET d
    BITOP OR d none a none
    GET d
    BITOP XOR d a a
    GET d
    BITOP AND d a
    GET d
    OBJECT ENCODING d
    BITOP NOT n n
    GET n
    SETBIT long 1000 1
    SETBIT longer 2001 1
    BITOP OR d long longer a
    BITOP XOR d d longer
    GET d
    BITOP AND d longer long
    BITCOUNT d
    BITOP NOT d longer
    BITCOUNT d
    STRLEN d
    SET d old EX 1000
    BITOP AND d a b
    TTL d
    BITOP AND d none
    EXISTS d
    BITOP NOT d none
    SET empty ""
    BITOP OR a none empty
    EXISTS a
    SADD s a
    BITOP OR s b c
    TYPE s
    SADD t a
    BITOP foo d b
    BITOP NOT d b c
    BITOP NOT d t
    BITOP AND d b t
    BITOP foo d t
    BITOP AND d
    BITOP AND
    BITOP NOT d
    EXISTS d
  `,
)

describe('BITFIELD', () => {
  conformance(
    'GET, SET and INCRBY',
    script`
      BITFIELD k SET u8 0 255 GET u8 0 GET i8 0 GET u4 2 GET i4 6 GET u1 7 GET i1 7
      GET k
      BITFIELD k SET i8 #1 -1 GET i8 #1 GET u8 #1 GET u16 0
      BITFIELD k INCRBY u8 0 1 INCRBY u8 0 -1 INCRBY i8 8 200
      BITFIELD k GET u63 0 GET i64 0 GET u32 3 GET i33 1
      BITFIELD k SET i64 0 -9223372036854775808 GET u63 1 GET i64 0 GET u63 0
      BITFIELD k SET i64 3 9223372036854775807 GET i64 3 GET u63 4 GET i64 2
      BITFIELD k SET u63 5 9223372036854775807 GET u63 5
      BITFIELD k INCRBY i64 0 1 INCRBY u63 1 -1 INCRBY i53 2 9007199254740993
      BITFIELD k SET u54 1 18014398509481983 GET u54 1 INCRBY u54 1 -3 INCRBY u54 1 9007199254740993
      BITFIELD k
      BITFIELD k OVERFLOW SAT
      BITFIELD none
      BITFIELD none GET u8 0 GET i64 100
      EXISTS none
      BITFIELD grown SET u1 100 0
      STRLEN grown
      BITFIELD grown GET u8 4294967288 GET u8 #536870911
      SET text foobar EX 1000
      BITFIELD text SET u8 0 70 INCRBY u8 #5 1
      GET text
      TTL text
      SET n 100
      BITFIELD n INCRBY u8 #2 1 GET u8 0
      GET n
    `,
  )

  conformance(
    'overflow',
    script`
      BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
      BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
      BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
      BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
      BITFIELD k OVERFLOW FAIL INCRBY u2 102 1
      BITFIELD k OVERFLOW FAIL SET u2 102 4 GET u2 102
      BITFIELD w SET i8 0 300 SET i8 8 -300 SET u8 16 300 SET u8 24 -1
      GET w
      BITFIELD w OVERFLOW SAT SET i8 0 300 SET i8 8 -300 SET u8 16 300 SET u8 24 -1
      GET w
      BITFIELD w OVERFLOW FAIL SET i8 0 300 SET i8 8 -300 SET u8 16 300 SET u8 24 -1 GET u32 0
      BITFIELD w OVERFLOW SAT INCRBY i8 0 9223372036854775807 INCRBY i8 8 -9223372036854775808
      BITFIELD w OVERFLOW WRAP INCRBY i8 0 9223372036854775807 INCRBY i8 8 -9223372036854775808
      BITFIELD w OVERFLOW SAT INCRBY u8 0 9223372036854775807 INCRBY u8 8 -9223372036854775808
      BITFIELD w OVERFLOW WRAP INCRBY u8 0 9223372036854775807 INCRBY u8 8 -9223372036854775808
      BITFIELD x SET i64 0 9223372036854775807 INCRBY i64 0 1 OVERFLOW SAT INCRBY i64 0 -1 INCRBY i64 0 9223372036854775807 INCRBY i64 0 1
      BITFIELD x OVERFLOW FAIL INCRBY i64 0 1 INCRBY i64 0 -1
      BITFIELD x OVERFLOW SAT SET u63 0 -1 SET u63 0 9223372036854775807 INCRBY u63 0 1 INCRBY u63 0 -9223372036854775808
      BITFIELD x OVERFLOW WRAP SET u63 0 -1 GET u63 0 INCRBY u63 0 1
      BITFIELD y OVERFLOW SAT SET i8 0 -9223372036854775808 GET i8 0 SET i8 0 -9223372036854775681 GET i8 0
      BITFIELD y OVERFLOW SAT SET i8 0 -9223372036854775680 GET i8 0 SET i63 0 -9223372036854775808 GET i63 0
      BITFIELD y OVERFLOW sat OVERFLOW fail OVERFLOW wrap INCRBY u8 0 300
      BITFIELD made OVERFLOW FAIL SET u8 0 256
      GET made
    `,
  )

  conformance(
    'errors come before changes',
    script`
      SET k foobar
      SADD s a
      BITFIELD k SET u8 0 1 GET
      BITFIELD k SET u8 0 1 GET u8
      BITFIELD k SET u8 0
      BITFIELD k SET u8 0 x
      BITFIELD k SET u8 0 9223372036854775808
      BITFIELD k INCRBY u8 0 1.5
      BITFIELD k SET u8 0 1 foo
      BITFIELD k foo u8 0
      BITFIELD k OVERFLOW
      BITFIELD k SET u8 0 1 OVERFLOW foo
      BITFIELD k GET u64 0
      BITFIELD k GET i65 0
      BITFIELD k GET u0 0
      BITFIELD k GET i0 0
      BITFIELD k GET x8 0
      BITFIELD k GET U8 0
      BITFIELD k GET u08 0
      BITFIELD k GET u 0
      BITFIELD k GET "" 0
      BITFIELD k GET u-1 0
      BITFIELD k GET u+1 0
      BITFIELD k GET u8.0 0
      BITFIELD k GET u8 -1
      BITFIELD k GET u8 x
      BITFIELD k GET u8 #
      BITFIELD k GET u8 #-1
      BITFIELD k GET u8 #x
      BITFIELD k GET u8 4294967296
      BITFIELD k GET u8 #536870912
      BITFIELD k GET u8 #9223372036854775807
      BITFIELD k GET u8 9223372036854775808
      GET k
      BITFIELD s
      BITFIELD s GET u8 0
      BITFIELD s SET u8 0 1
      BITFIELD s foo
      BITFIELD
    `,
  )

  conformance(
    'BITFIELD_RO',
    script`
      SET k foobar
      SADD s a
      BITFIELD_RO k GET u8 0 GET i16 #1 get u4 1
      BITFIELD_RO k
      BITFIELD_RO k OVERFLOW WRAP
      BITFIELD_RO k OVERFLOW SAT GET u8 0
      BITFIELD_RO k SET u8 0 1
      BITFIELD_RO k GET u8 0 INCRBY u8 0 1
      BITFIELD_RO k GET u8 0 SET u8 0 x
      BITFIELD_RO k foo
      BITFIELD_RO k GET u64 0
      BITFIELD_RO none GET i8 0 GET u4 #3
      BITFIELD_RO s GET u8 0
      BITFIELD_RO s SET u8 0 1
      BITFIELD_RO
      GET k
    `,
  )
})
