/** Lists: pushes, pops, reads, edits, moves from one to another, and the form they are kept in. */
import { expect } from 'vitest'
import { listpackEntryBytes } from '../../packages/core/src/structures/listpack-size.js'
import { conformance, range, script } from '../support/conformance.js'

conformance(
  'LPUSH, RPUSH, LPUSHX, RPUSHX, LLEN',
  script`
    RPUSH l a
    RPUSH l b c "" "a\x00\xff"
    LPUSH l 1 2 3
    LRANGE l 0 -1
    LLEN l
    LLEN none
    LPUSHX l x y
    RPUSHX l z
    LPUSHX none x
    RPUSHX none x y
    EXISTS none
    LRANGE l 0 -1
    SET s x
    LPUSH s a
    RPUSH s a
    LPUSHX s a
    RPUSHX s a
    LLEN s
    LPUSH l
    RPUSHX l
    LLEN
  `,
)

conformance(
  'LPOP, RPOP',
  script`
    RPUSH l ${range(1, 10)}
    SET s x
    LPOP l
    RPOP l
    LPOP l 2
    RPOP l 2
    LPOP l 0
    RPOP l 0
    LPOP none
    RPOP none
    LPOP none 0
    RPOP none 5
    LPOP none -1
    LPOP l -1
    RPOP l x
    LPOP l 9223372036854775808
    LPOP l 1 2
    RPOP l 1 2
    LPOP s
    RPOP s 1
    LPOP s 0
    LPOP s -1
    LRANGE l 0 -1
    RPOP l 9223372036854775807
    EXISTS l
    RPUSH l last
    LPOP l
    EXISTS l
    LPOP
  `,
)

conformance(
  'LRANGE, LINDEX',
  script`
    RPUSH l a b c d e
    SET s x
    LRANGE l 0 -1
    LRANGE l 1 3
    LRANGE l -3 -2
    LRANGE l -100 100
    LRANGE l 3 1
    LRANGE l 5 10
    LRANGE l 0 -6
    LRANGE l 4 4
    LRANGE l -9223372036854775808 9223372036854775807
    LRANGE l 9223372036854775807 -9223372036854775808
    LRANGE l 0 x
    LRANGE l 1.5 2
    LRANGE l 0 9223372036854775808
    LRANGE none 0 -1
    LRANGE none x 0
    LRANGE s 0 -1
    LRANGE s 0 x
    LINDEX l 0
    LINDEX l 4
    LINDEX l 5
    LINDEX l -1
    LINDEX l -5
    LINDEX l -6
    LINDEX l -9223372036854775808
    LINDEX l 9223372036854775807
    LINDEX l x
    LINDEX l 9223372036854775808
    LINDEX none 0
    LINDEX none x
    LINDEX s 0
    LINDEX s x
  `,
)

conformance(
  'LSET',
  script`
    RPUSH l a b c
    SET s x
    LSET l 0 A
    LSET l -1 C
    LSET l 3 x
    LSET l -4 x
    LSET l x x
    LSET l 9223372036854775807 x
    LSET none 0 x
    LSET none x x
    LSET s 0 x
    LSET s x x
    LRANGE l 0 -1
  `,
)

conformance(
  'LINSERT',
  script`
    RPUSH l a b a c
    SET s x
    LINSERT l BEFORE a x
    LINSERT l after a y
    LINSERT l AFTER c z
    LINSERT l before none n
    LINSERT l around a x
    LINSERT none BEFORE a x
    LINSERT none around a x
    LINSERT s BEFORE a x
    LINSERT s around a x
    LINSERT l BEFORE a
    LRANGE l 0 -1
    EXISTS none
  `,
)

conformance(
  'LREM',
  script`
    RPUSH l a b a c a d a 1 1 01
    SET s x
    LREM l 1 a
    LRANGE l 0 -1
    LREM l -2 a
    LRANGE l 0 -1
    LREM l 0 1
    LREM l 0 none
    LREM l 5 a
    LRANGE l 0 -1
    LREM l x a
    LREM l 9223372036854775808 a
    LREM none 0 a
    LREM none x a
    LREM s 0 a
    LREM s x a
    RPUSH same x x x
    LREM same 0 x
    EXISTS same
    RPUSH same x x x
    LREM same -9223372036854775807 x
    EXISTS same
  `,
)

conformance(
  'LTRIM',
  script`
    RPUSH l ${range(1, 20)}
    SET s x
    LTRIM l 2 -3
    LRANGE l 0 -1
    LTRIM l -100 100
    LTRIM l 0 9
    LTRIM l -4 9223372036854775807
    LRANGE l 0 -1
    LTRIM l 0 x
    LTRIM l x 0
    LTRIM none 0 0
    LTRIM none 0 x
    LTRIM s 0 0
    LTRIM s 0 x
    LTRIM l 3 1
    EXISTS l
    RPUSH l a b
    LTRIM l 2 5
    EXISTS l
    RPUSH l a b
    LTRIM l 0 -3
    EXISTS l
  `,
)

conformance(
  'LPOS',
  script`
    RPUSH l a b c 1 2 3 c c
    SET s x
    LPOS l c
    LPOS l none
    LPOS none c
    LPOS none c COUNT 0
    LPOS l c RANK 2
    LPOS l c RANK -1
    LPOS l c RANK -3
    LPOS l c RANK 4
    LPOS l c RANK -4
    LPOS l c COUNT 0
    LPOS l c COUNT 2
    LPOS l c COUNT 100
    LPOS l c RANK 2 COUNT 0
    LPOS l c RANK -2 COUNT 0
    LPOS l c RANK -1 COUNT 2
    LPOS l none COUNT 0
    LPOS l c COUNT 0 MAXLEN 3
    LPOS l c COUNT 0 MAXLEN 2
    LPOS l c MAXLEN 0
    LPOS l c MAXLEN 2
    LPOS l c RANK -1 MAXLEN 1
    LPOS l a RANK -1 MAXLEN 7
    LPOS l a RANK -1 MAXLEN 8
    LPOS l c rank 1 count 1 maxlen 1000
    LPOS l c COUNT 1 COUNT 2
    LPOS l c RANK 9223372036854775807
    LPOS l c RANK -9223372036854775807
    LPOS l c MAXLEN 9223372036854775807 COUNT 9223372036854775807
    LPOS l c RANK 0
    LPOS l c RANK x
    LPOS l c RANK 9223372036854775808
    LPOS l c COUNT -1
    LPOS l c COUNT x
    LPOS l c MAXLEN -1
    LPOS l c MAXLEN x
    LPOS l c RANK
    LPOS l c COUNT 1 MAXLEN
    LPOS l c FOO 1
    LPOS l c RANK x FOO
    LPOS l c FOO
    LPOS s c
    LPOS s c RANK 0
    LPOS l
    LPOS l c RANK -9223372036854775808 ~differs => !ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
  `,
)

conformance(
  'LMOVE, RPOPLPUSH',
  script`
    RPUSH l 1 2 3 4 5
    SET s x
    LMOVE l m LEFT LEFT
    LMOVE l m left right
    LMOVE l m RIGHT LEFT
    LMOVE l m RIGHT RIGHT
    LRANGE m 0 -1
    LMOVE l m LEFT LEFT
    EXISTS l
    RPOPLPUSH m l
    RPOPLPUSH m l
    LRANGE l 0 -1
    LMOVE m m LEFT RIGHT
    LMOVE m m LEFT LEFT
    LMOVE m m RIGHT LEFT
    RPOPLPUSH m m
    LRANGE m 0 -1
    RPUSH one x
    RPOPLPUSH one one
    LMOVE one one LEFT RIGHT
    LRANGE one 0 -1
    LMOVE none m LEFT LEFT
    RPOPLPUSH none m
    LMOVE none s LEFT LEFT
    RPOPLPUSH none s
    EXISTS none
    LMOVE l s LEFT LEFT
    RPOPLPUSH l s
    LMOVE s l LEFT LEFT
    RPOPLPUSH s l
    LMOVE none none x LEFT
    LMOVE none none LEFT x
    LMOVE s s x y
    LRANGE l 0 -1
    LMOVE l m LEFT
    RPOPLPUSH l
  `,
)

conformance(
  'LMPOP',
  script`
    RPUSH l a b c d e
    RPUSH m 1
    SET s x
    LMPOP 1 l LEFT
    LMPOP 1 l right COUNT 2
    LMPOP 3 none m l LEFT COUNT 5
    EXISTS m
    LMPOP 1 none LEFT
    LMPOP 1 s LEFT
    LMPOP 2 l s LEFT
    LMPOP 2 none s LEFT
    LMPOP 0 l LEFT
    LMPOP -1 l LEFT
    LMPOP x l LEFT
    LMPOP 9223372036854775807 l LEFT
    LMPOP 9223372036854775808 l LEFT
    LMPOP 2 l LEFT
    LMPOP 1 l
    LMPOP 1 l FOO
    LMPOP 1 l LEFT COUNT
    LMPOP 1 l LEFT COUNT 0
    LMPOP 1 l LEFT COUNT -1
    LMPOP 1 l LEFT COUNT x
    LMPOP 1 l LEFT COUNT 1 COUNT 1
    LMPOP 1 l LEFT COUNT 1 x
    LMPOP 1 l LEFT FOO 1
    LMPOP 1 l
    LMPOP 1 l LEFT COUNT 9223372036854775807
    EXISTS l
  `,
)

conformance(
  'big lists',
  script`
    RPUSH l ${range(1, 3000)}
    LPUSH l ${range(1, 2000)}
    LLEN l
    LINDEX l 1999
    LINDEX l -1500
    LRANGE l 1950 2050
    LRANGE l 100 900
    LSET l 2500 "in the middle"
    LINSERT l BEFORE 1000 x
    LINSERT l AFTER "in the middle" y
    LPOS l 700 COUNT 0
    LPOS l 700 RANK -1
    LPOS l 700 RANK -2 MAXLEN 4000
    LREM l -1 700
    LREM l 0 800
    LPOP l 300
    RPOP l 300
    LTRIM l 400 -401
    LRANGE l 0 -1
    LMOVE l m LEFT RIGHT
    LTRIM l 1 3
    LRANGE l 0 -1
    RPUSH l ${'x'.repeat(20_000)}
    LINDEX l -1
  `,
)

conformance(
  'keys that expire, and a transaction',
  script`
    RPUSH l a b c
    PEXPIREAT l 1
    LLEN l
    LPUSH l x
    TTL l
    MULTI
    RPUSH l y
    LRANGE l 0 -1
    LPOP l 0
    LPOP none
    LPOP none 1
    LSET l 9 x
    EXEC
    LRANGE l 0 -1
  `,
)

conformance(
  'WATCH sees what changes a list, and only that',
  script`
    RPUSH l a b c
    A> WATCH l
    LRANGE l 0 -1
    LREM l 0 none
    LINSERT l BEFORE none x
    A> MULTI
    A> LLEN l
    A> EXEC
    A> WATCH l
    LTRIM l 0 -1
    A> MULTI
    A> LLEN l
    A> EXEC
    A> WATCH l m
    LMOVE l m LEFT LEFT
    A> MULTI
    A> LLEN l
    A> EXEC
    A> WATCH l
    LSET l 0 b
    A> MULTI
    A> EXEC
  `,
)

// ---- form -----------------------------------------------------------------------------------------------------

conformance(
  'the size of an entry is that in Redis',
  async ({ redis }) => {
    const lengths = [0, 1, 20, 21, 63, 64, 125, 126, 4095, 4096, 8000, 16377, 16378]
    const texts = ['0', '127', '128', '-1', '4095', '-4096', '4096', '32767', '-32768', '32768', '8388607']
      .concat('8388608', '-8388609', '2147483647', '2147483648', '-2147483649', '9223372036854775807')
      .concat('-9223372036854775808', '9223372036854775808', '-0', '01', '+1', '1.0')
      .concat(lengths.map((length) => 'x'.repeat(length)))
    for (const text of texts) {
      await redis.send('RPUSH', 'sizes', text)
      const { raw } = await redis.send('DEBUG', 'OBJECT', 'sizes')
      const [, bytes] = /ql_uncompressed_size:(\d+)/.exec(raw) ?? []
      expect(listpackEntryBytes(text) + 7, text.slice(0, 30)).toBe(Number(bytes))
      await redis.send('DEL', 'sizes')
    }
  },
  { protocols: [2] },
)

// Redis 7.0 calls every list a quicklist.
const LISTPACK = '~differs => "listpack"'
const QUICKLIST = '~differs => "quicklist"'

conformance(
  'form of a list with a limit of elements',
  script`
    CONFIG SET list-max-listpack-size 4
    RPUSH l a b c d
    OBJECT ENCODING l ${LISTPACK}
    LPUSH l e
    OBJECT ENCODING l ${QUICKLIST}
    LPOP l 2
    OBJECT ENCODING l ${QUICKLIST}
    RPOP l
    OBJECT ENCODING l ${LISTPACK}
    RPUSH l 1 2
    LINSERT l BEFORE none x
    OBJECT ENCODING l ${QUICKLIST}
    LREM l 0 1
    LREM l 0 2
    OBJECT ENCODING l ${LISTPACK}
    RPUSH l 1 2
    LSET l 9 x
    OBJECT ENCODING l ${QUICKLIST}
    LTRIM l 1 -2
    OBJECT ENCODING l ${LISTPACK}
    RPUSH l 1 2
    LSET l 0 x
    OBJECT ENCODING l ${QUICKLIST}
    COPY l m
    OBJECT ENCODING m ${QUICKLIST}
    LMOVE l n LEFT LEFT
    LMOVE l n LEFT LEFT
    OBJECT ENCODING l ${LISTPACK}
    OBJECT ENCODING n ${LISTPACK}
    LMPOP 1 m LEFT COUNT 2
    OBJECT ENCODING m ${LISTPACK}
    RPUSH n 1 2 3 4
    BLMOVE n n LEFT RIGHT 0
    OBJECT ENCODING n ${QUICKLIST}
    BLPOP n 0
    BLMPOP 0 1 n RIGHT COUNT 3
    OBJECT ENCODING n ${LISTPACK}
  `,
)

conformance(
  'form of a list with a limit of bytes',
  script`
    CONFIG SET list-max-listpack-size -1
    RPUSH l ${'x'.repeat(4080)}
    OBJECT ENCODING l ${LISTPACK}
    # 4091 bytes until now; what is to come counts with the length of its text.
    RPUSH l 12345
    OBJECT ENCODING l ${LISTPACK}
    RPUSH l a
    OBJECT ENCODING l ${LISTPACK}
    RPUSH l ""
    OBJECT ENCODING l ${QUICKLIST}
    LPOP l
    OBJECT ENCODING l ${LISTPACK}
    RPUSH m ${'x'.repeat(4089)}
    OBJECT ENCODING m ${LISTPACK}
    RPUSH n ${'x'.repeat(4090)}
    OBJECT ENCODING n ${QUICKLIST}
    LSET n 0 ${'x'.repeat(2036)}
    OBJECT ENCODING n ${LISTPACK}
    RPUSH n ${'x'.repeat(2050)}
    OBJECT ENCODING n ${QUICKLIST}
    RPOP n
    LSET n 0 ${'x'.repeat(2040)}
    OBJECT ENCODING n ${LISTPACK}
    CONFIG SET list-max-listpack-size -2
    DEL l
    RPUSH l ${range(1, 1000)}
    OBJECT ENCODING l ${LISTPACK}
    RPUSH l ${range(1001, 2500)}
    OBJECT ENCODING l ${QUICKLIST}
    LTRIM l 1200 -1
    OBJECT ENCODING l ${LISTPACK}
  `,
)
