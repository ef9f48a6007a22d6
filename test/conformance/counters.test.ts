/** INCR and its relatives. */
import { describe } from 'vitest'
import { conformance, script } from '../support/conformance.js'

describe('counters', () => {
  conformance(
    'INCR, DECR, INCRBY, DECRBY',
    script`
      INCR n
      INCR n
      DECR n
      DECR m
      INCRBY n 10
      DECRBY n 20
      INCRBY n -5
      DECRBY n -5
      GET n
      INCRBY n 0
      INCRBY new 0
      EXISTS new
      SET t 5 EX 100
      INCR t
      TTL t
      SETRANGE e 0 17
      INCR e
      OBJECT ENCODING e
      APPEND f 9
      INCRBY f 1
      GET f
    `,
  )

  conformance(
    'limits of 53 and 64 bits',
    script`
      SET n 9007199254740991
      INCR n
      INCR n
      INCR n
      DECRBY n 9007199254740994
      SET n -9007199254740991
      DECR n
      DECR n
      GET n
      INCRBY n 9007199254740993
      SET n 9223372036854775806
      INCR n
      OBJECT ENCODING n
      INCR n
      INCRBY n 0
      INCRBY n 9223372036854775807
      DECRBY n -1
      GET n
      SET n -9223372036854775807
      DECR n
      DECR n
      INCRBY n -1
      DECRBY n 9223372036854775807
      INCRBY n 9223372036854775807
      GET n
      SET n 0
      INCRBY n 9223372036854775807
      INCRBY n -9223372036854775808
      DECRBY n 9223372036854775807
      DECRBY n -9223372036854775808
      DECRBY n -9223372036854775807
      SET n 1
      INCRBY n 9223372036854775807
      INCRBY n 9223372036854775808
      INCRBY n -9223372036854775809
      INCRBY n 4503599627370496
      INCRBY n 4503599627370496
      GET n
    `,
  )

  conformance(
    'errors',
    script`
      INCRBY n x
      INCRBY n ""
      INCRBY n 1.5
      INCRBY n 01
      INCRBY n +1
      INCRBY n " 1"
      DECRBY n x
      EXISTS n
      SET k foo
      INCR k
      INCRBY k x
      MSET a "" b " 1" c "1 " d 1.5 e 01 f 9223372036854775808 g +1 h -0 i 1e3 j 0x1 k -9223372036854775809
      INCR a
      INCR b
      INCR c
      INCR d
      INCR e
      INCR f
      INCR g
      INCR h
      INCR i
      DECR j
      DECR k
      SADD s a
      INCR s
      INCRBY s x
      DECRBY s 1
      DECRBY s -9223372036854775808
      INCRBYFLOAT s 1
      INCRBYFLOAT s x
      INCR
      INCRBY n
      INCR n 1
    `,
  )

  conformance(
    'INCRBYFLOAT',
    script`
      INCRBYFLOAT n 0.1
      INCRBYFLOAT n 0.2
      INCRBYFLOAT n -0.3
      INCRBYFLOAT n 1.5
      INCRBYFLOAT n -1.5
      GET n
      SET n 10.50
      INCRBYFLOAT n 0.1
      INCRBYFLOAT n -5
      SET n 5.0e3
      INCRBYFLOAT n 2.0e2
      SET n 3
      INCRBYFLOAT n 1
      GET n
      INCR n
      INCRBYFLOAT n 1.0
      OBJECT ENCODING n ~kind
      INCR n
      SET n 3.0
      INCRBYFLOAT n 1.10000000000000000000
      SET n 1
      INCRBYFLOAT n 1e15
      INCRBYFLOAT n 1e17
      INCRBYFLOAT n 1e19
      SET n 17179869184
      INCRBYFLOAT n 1.5
      SET n 9007199254740993
      INCRBYFLOAT n 1
      SET n 9223372036854775807
      INCRBYFLOAT n 1
      INCRBYFLOAT none 0
      GET none
      SET n 1
      INCRBYFLOAT n 1e-10
      INCRBYFLOAT n 1e-17
      INCRBYFLOAT n 1e-20
      SET n 0
      INCRBYFLOAT n -0
      INCRBYFLOAT n 1e-5
      INCRBYFLOAT n -1e-5
      INCRBYFLOAT n 0x10
      INCRBYFLOAT n .5
      INCRBYFLOAT n 5.
      INCRBYFLOAT n +1
      SET t 1 EX 100
      INCRBYFLOAT t 0.5
      TTL t
      SET n 1.7976931348623157e308
      INCRBYFLOAT n 1
      SET n 1e400
      INCRBYFLOAT n 1e400
      SET n "  1"
      INCRBYFLOAT n 1
    `,
  )

  conformance(
    'INCRBYFLOAT and what is no number',
    script`
      SET n 1
      INCRBYFLOAT n x
      INCRBYFLOAT n ""
      INCRBYFLOAT n " 1"
      INCRBYFLOAT n "1 "
      INCRBYFLOAT n 1x
      INCRBYFLOAT n 1,5
      INCRBYFLOAT n nan
      INCRBYFLOAT n -nan
      INCRBYFLOAT n inf
      INCRBYFLOAT n -inf
      INCRBYFLOAT n +infinity
      INCRBYFLOAT n 1e
      INCRBYFLOAT n 1e5000
      INCRBYFLOAT n -1e5000
      INCRBYFLOAT n "1\x00"
      INCRBYFLOAT none x
      EXISTS none
      SET s foo
      INCRBYFLOAT s 1
      SET s " 1"
      INCRBYFLOAT s 1
      SET s "1 "
      INCRBYFLOAT s 1
      SET s ""
      INCRBYFLOAT s 1
      SET s nan
      INCRBYFLOAT s 1
      SET s inf
      INCRBYFLOAT s 1
      INCRBYFLOAT n
      GET n
    `,
  )
})
