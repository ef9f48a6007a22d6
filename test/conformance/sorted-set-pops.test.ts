/** Elements popped off sorted sets, and clients that wait for them. */
import { conformance, script } from '../support/conformance.js'

const LETTERS = 'ZADD z 1 a 2 b 3 c 4 d 5 e'

conformance(
  'ZPOPMIN, ZPOPMAX',
  script`
    SET s x
    ${LETTERS}
    ZADD z 1 aa 5 ee
    ZPOPMIN z
    ZPOPMAX z
    ZPOPMIN z 2
    ZPOPMAX z 1
    ZPOPMIN z 0
    ZPOPMAX none
    ZPOPMIN none 3
    ZPOPMIN z -1
    ZPOPMIN z x
    ZPOPMIN z 1.5
    ZPOPMIN z 9223372036854775808
    ZPOPMIN z 1 2
    ZPOPMAX s
    ZPOPMAX s 0
    ZRANGE z 0 -1
    ZPOPMAX z 9223372036854775807
    EXISTS z
  `,
)

conformance(
  'ZMPOP',
  script`
    SET s x
    ${LETTERS}
    ZADD y 1 one
    ZMPOP 1 z MIN
    ZMPOP 1 z max
    ZMPOP 3 none y z MIN COUNT 5
    EXISTS y
    ZMPOP 2 y z MAX COUNT 2
    ZMPOP 1 none MIN
    ZMPOP 1 s MIN
    ZMPOP 2 z s MIN
    ZMPOP 2 none s MIN
    ZMPOP 0 z MIN
    ZMPOP -1 z MIN
    ZMPOP x z MIN
    ZMPOP 2 z MIN
    ZMPOP 1 z
    ZMPOP 1 z FOO
    ZMPOP 1 z MIN COUNT
    ZMPOP 1 z MIN COUNT 0
    ZMPOP 1 z MIN COUNT -1
    ZMPOP 1 z MIN COUNT x
    ZMPOP 1 z MIN COUNT 1 COUNT 1
    ZMPOP 1 z MIN FOO 1
    ZMPOP 9223372036854775807 z MIN
    EXISTS z
  `,
)

conformance(
  'blocking pops that need not wait',
  script`
    SET s x
    ${LETTERS}
    BZPOPMIN none z 0
    BZPOPMAX z none 0
    BZMPOP 0 2 none z MIN
    BZMPOP 0 1 z MAX COUNT 9
    EXISTS z
    BZPOPMIN none 0.01
    BZPOPMAX none also 0.01
    BZMPOP 0.01 1 none MIN
    BZPOPMIN none s 0
    BZMPOP 0 2 none s MIN
    BZPOPMIN z x
    BZPOPMIN z -1
    BZPOPMIN z 1e300 => !ERR timeout is out of range
    BZPOPMIN z
    BZMPOP x 1 z MIN
    BZMPOP x 0 z MIN
    BZMPOP -1 1 z MIN
    BZMPOP 0 1 z MIN COUNT 0
    BZMPOP 0 1 z FOO
    BZMPOP 0 2 z MIN
    MULTI
    BZPOPMIN none 0
    BZPOPMAX none 0
    BZMPOP 0 1 none MIN
    EXEC
  `,
)

conformance(
  'clients that wait are served in the order of their coming',
  script`
    A> BZPOPMIN z 0
    A?
    B> BZPOPMAX z y 0
    B?
    C> BZMPOP 0 2 y z MIN COUNT 2
    C?
    ZADD z 1 a 2 b
    A<
    B<
    C?
    ZADD z 1 a 2 b 3 c
    C<
    ZRANGE z 0 -1 WITHSCORES
  `,
)

conformance(
  'a waiting client is woken by every way a sorted set can come',
  script`
    ZADD source 1 a 2 b
    A> BZPOPMIN z 0
    A?
    ZINCRBY z 5 x
    A<
    A> BZPOPMAX z 0
    A?
    ZUNIONSTORE z 1 source
    A<
    DEL z
    A> BZMPOP 0 1 z MAX COUNT 10
    A?
    ZRANGESTORE z source 0 -1
    A<
    A> BZPOPMIN z 0
    A?
    RENAME source z
    A<
    DEL z
    A> BZPOPMIN z 0
    A?
    SET z string
    SADD other x
    A?
    DEL z
    LPUSH z element
    A?
    DEL z
    MULTI
    ZADD z 1 gone
    DEL z
    EXEC
    A?
    MULTI
    ZADD z 1 first
    ZADD z 0 second
    EXEC
    A<
    ZRANGE z 0 -1 WITHSCORES
  `,
)

conformance(
  'of several ready keys the first named serves, in whatever order they came',
  script`
    A> BZPOPMIN one two 0
    A?
    ZADD two 2 b
    A<
    A> BZPOPMIN one two 0
    A?
    MULTI
    ZADD two 2 b
    ZADD one 1 a
    EXEC
    # Up to 7.0 the key that was ready first served.
    A< => ["one", "a", 1.0]
    EXISTS one two
    ~no-digest
  `,
)
