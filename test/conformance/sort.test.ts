/** SORT and SORT_RO: order, patterns, limits, storing. */
import { describe } from 'vitest'
import { conformance, range, script } from '../support/conformance.js'

const SOURCES = script`
  RPUSH l 3 1 2 10 -1
  RPUSH words banana apple cherry Apple ""
  SADD s 3 1 2 10 -1
  SADD sw banana apple cherry
  ZADD z 5 3 4 1 3 2 2 10 1 -1
  MSET w_1 30 w_2 10 w_3 20 w_10 5 n_1 one n_2 two n_3 three n_-1 minus
  HSET h_1 w 3 n ONE
  HSET h_2 w 1 n TWO
  HSET h_3 w 2 n THREE
`

describe('order', () => {
  conformance(
    'by the elements',
    script`
      ${SOURCES}
      SORT l
      SORT l ASC
      SORT l DESC
      SORT l DESC ASC
      SORT l ALPHA
      SORT l ALPHA DESC
      SORT s
      SORT s DESC
      SORT z
      SORT z ALPHA
      SORT words ALPHA
      SORT words alpha desc
      SORT sw ALPHA
      SORT words
      SORT nosuch
      SORT nosuch ALPHA LIMIT 0 1
      SORT w_1
      SORT h_1
      SORT
      SORT l nosuch
    `,
  )

  conformance(
    'what counts as a number',
    script`
      RPUSH a 1.5 -0.5 1e3 0x10 inf -inf " 7" ""
      SORT a
      RPUSH b 1 nan
      SORT b
      RPUSH c 1 "1 "
      SORT c
      RPUSH g 1 "2\x003"
      SORT g
      RPUSH h 1 "  "
      SORT h
      RPUSH i 1.0 1 01 +1 1e0
      SORT i
      SORT i DESC
      RPUSH j 9007199254740993 9007199254740992 9223372036854775807
      SORT j
      # redis-server does not clear errno before it converts: after these it would refuse every number.
      RPUSH d 1 1e400
      SORT d => !ERR One or more scores can't be converted into double
      RPUSH e 1 1e-400
      SORT e => !ERR One or more scores can't be converted into double
      RPUSH f 1 5e-324
      SORT f => !ERR One or more scores can't be converted into double
    `,
  )

  conformance(
    'BY a pattern',
    script`
      ${SOURCES}
      SORT l BY w_*
      SORT l BY w_* DESC
      SORT s BY w_*
      SORT z BY w_*
      SORT l BY h_*->w
      SORT l BY h_*->nosuch
      SORT l BY n_* ALPHA
      SORT l BY h_*->n ALPHA DESC
      SORT l BY n_*
      SORT l BY h_*
      SORT l BY w_*->w
      SORT l BY *
      SORT l BY w_*->
      SORT l BY nosuch_*
      SORT l BY "#"
      SORT l BY w_* BY h_*->w
      SORT l BY
      SET w_1_end 7
      SET w_2_end 9
      SORT l BY w_*_end LIMIT 0 5
      HSET h_1_end f 7
      HSET h_2_end f 9
      HSET h_3_end f 1
      SORT l BY h_*_end->f
      SORT l BY w_**
    `,
  )

  conformance(
    'BY nothing: as they come',
    script`
      ${SOURCES}
      SORT l BY nosort
      SORT l BY nosort DESC
      SORT l BY nosort LIMIT 1 2
      SORT l BY nosort DESC LIMIT 1 2
      SORT l BY nosort ALPHA
      SORT l BY nosort BY w_*
      SORT l BY w_* BY nosort
      SORT words BY nosort
      SORT z BY nosort
      SORT z BY nosort DESC
      SORT z BY nosort LIMIT 1 2
      SORT z BY nosort DESC LIMIT 1 2
      SORT z BY nosort LIMIT 0 0
      SORT z BY nosort LIMIT 9 9
      SORT s BY nosort ~unordered
      SORT sw BY nosort ~unordered
      SORT s BY nosort STORE to
      LRANGE to 0 -1
      SORT sw BY nosort DESC STORE to
      LRANGE to 0 -1
      SORT sw BY nosort LIMIT 1 1 STORE to
      LRANGE to 0 -1
      SORT z BY nosort DESC STORE to
      LRANGE to 0 -1
    `,
  )
})

describe('LIMIT', () => {
  conformance(
    'of every kind of range',
    script`
      ${SOURCES}
      SORT l LIMIT 0 2
      SORT l LIMIT 1 2
      SORT l LIMIT 4 2
      SORT l LIMIT 5 2
      SORT l LIMIT 99 2
      SORT l LIMIT -3 2
      SORT l LIMIT 1 -1
      SORT l LIMIT 1 -5
      SORT l LIMIT 0 0
      SORT l LIMIT 0 99
      SORT l LIMIT 0 9223372036854775807
      SORT l DESC LIMIT 1 2
      SORT l LIMIT 0 1 LIMIT 1 1
      SORT l ALPHA LIMIT 1 2
      SORT l LIMIT 1
      SORT l LIMIT
      SORT l LIMIT a 1
      SORT l LIMIT 1 a
      SORT l LIMIT 0 9223372036854775808
      RPUSH big ${range(1, 1000)}
      SORT big DESC LIMIT 10 5
      SORT big ALPHA LIMIT 500 3
    `,
  )
})

describe('GET', () => {
  conformance(
    'what other keys hold',
    script`
      ${SOURCES}
      SORT l GET n_*
      SORT l GET "#" GET n_*
      SORT l GET h_*->n
      SORT l GET h_*->nosuch
      SORT l GET h_*
      SORT l GET n_*->n
      SORT l GET nosuch
      SORT l GET ""
      SORT l GET *
      SORT l GET "#x"
      SORT l GET n_* LIMIT 0 2 DESC
      SORT l BY w_* GET n_* GET w_*
      SORT l BY nosort GET n_*
      SORT s GET n_*
      SORT z BY nosort GET "#" GET n_*
      SORT l GET
      SORT nosuch GET n_*
      SET n_1-> arrow
      SORT l GET n_*->
    `,
  )
})

describe('STORE', () => {
  conformance(
    'a list in the place of whatever was there',
    script`
      ${SOURCES}
      SORT l STORE to
      LRANGE to 0 -1
      SORT l DESC STORE l
      LRANGE l 0 -1
      SET other x EX 1000
      SORT l LIMIT 0 2 STORE other
      TTL other
      LRANGE other 0 -1
      SORT l GET n_* STORE to
      LRANGE to 0 -1
      SORT l BY w_* GET "#" GET h_*->n STORE to
      LRANGE to 0 -1
      SORT nosuch STORE to
      EXISTS to
      SORT nosuch STORE nosuch2
      SORT l LIMIT 9 9 STORE other
      EXISTS other
      SORT words STORE to
      EXISTS to
      SORT l STORE a STORE b
      EXISTS a b
      SORT l STORE
      SORT w_1 STORE to
      RPUSH big ${range(1, 3000)}
      SORT big DESC STORE sorted
      OBJECT ENCODING sorted
      SORT big LIMIT 0 3 STORE sorted
      OBJECT ENCODING sorted ~differs => "listpack"
    `,
  )

  conformance(
    'serves who waits for the list',
    script`
      RPUSH l 2 1
      A> BLPOP to 0
      SORT l STORE to
      A<
      LRANGE to 0 -1
    `,
  )
})

conformance(
  'SORT_RO',
  script`
    ${SOURCES}
    SORT_RO l
    SORT_RO l BY w_* DESC GET n_* LIMIT 0 2
    SORT_RO words ALPHA
    SORT_RO l STORE to
    SORT_RO l GET STORE
    SORT_RO w_1
    SORT_RO nosuch
    SORT_RO
  `,
)

conformance(
  'keys of a call',
  script`
    COMMAND GETKEYS SORT l
    COMMAND GETKEYS SORT l STORE to
    COMMAND GETKEYS SORT l BY store GET store LIMIT 0 1 STORE a STORE b
    COMMAND GETKEYS SORT l BY w_* GET "#" alpha
    COMMAND GETKEYSANDFLAGS SORT l STORE to
    COMMAND GETKEYS SORT_RO l BY w_*
  `,
)
