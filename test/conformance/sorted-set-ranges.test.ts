/** Ranges of sorted sets: counted, read, stored and removed. */
import { conformance, script } from '../support/conformance.js'

const LETTERS = 'ZADD z 1 a 2 b 3 c 4 d 5 e'

conformance(
  'ZRANGE and ZREVRANGE by rank',
  script`
    ${LETTERS}
    ZRANGE z 0 -1
    ZRANGE z 0 -1 WITHSCORES
    ZRANGE z 1 2 withscores
    ZRANGE z -2 -1
    ZRANGE z 3 1
    ZRANGE z 5 9
    ZRANGE z -99 99
    ZRANGE z 9223372036854775807 -9223372036854775808
    ZRANGE z -9223372036854775808 9223372036854775807
    ZRANGE z 0 1 REV
    ZRANGE z 1 -2 REV WITHSCORES
    ZRANGE z 1 2 LIMIT 1 -1
    ZREVRANGE z 0 1
    ZREVRANGE z 1 -2 WITHSCORES
    ZREVRANGE z -1 -1
    ZREVRANGE z 4 3
    ZRANGE none 0 -1
    ZRANGE none 0 -1 WITHSCORES
  `,
)

conformance(
  'ranges by score',
  script`
    ${LETTERS}
    ZADD z 3 cc 3 ccc
    ZRANGEBYSCORE z 2 3
    ZRANGEBYSCORE z (2 3 WITHSCORES
    ZRANGEBYSCORE z 2 (3
    ZRANGEBYSCORE z (3 (3
    ZRANGEBYSCORE z 3 3
    ZRANGEBYSCORE z -inf +inf
    ZRANGEBYSCORE z (-inf (inf
    ZRANGEBYSCORE z inf -inf
    ZRANGEBYSCORE z 4 2
    ZRANGEBYSCORE z 0x2 4e0
    ZRANGEBYSCORE z " 2" 3
    ZRANGEBYSCORE z "" 2
    ZRANGEBYSCORE z -inf inf LIMIT 1 2
    ZRANGEBYSCORE z -inf inf LIMIT 1 2 WITHSCORES
    ZRANGEBYSCORE z -inf inf WITHSCORES LIMIT 5 100
    ZRANGEBYSCORE z -inf inf LIMIT 0 0
    ZRANGEBYSCORE z -inf inf LIMIT 2 -1
    ZRANGEBYSCORE z -inf inf LIMIT 2 -5
    ZRANGEBYSCORE z -inf inf LIMIT -1 2
    ZRANGEBYSCORE z -inf inf LIMIT -1 -1
    ZRANGEBYSCORE z -inf inf LIMIT 100 2
    ZREVRANGEBYSCORE z 3 2
    ZREVRANGEBYSCORE z (3 (1 WITHSCORES
    ZREVRANGEBYSCORE z +inf -inf LIMIT 1 3
    ZREVRANGEBYSCORE z +inf -inf LIMIT 5 -1
    ZREVRANGEBYSCORE z 2 3
    ZRANGE z 2 (4 BYSCORE
    ZRANGE z (4 2 BYSCORE REV
    ZRANGE z (4 2 REV LIMIT 1 2 WITHSCORES BYSCORE
    ZRANGE z 2 4 BYSCORE REV
    ZRANGEBYSCORE none 1 2
    ZREVRANGEBYSCORE none 2 1 WITHSCORES
    ZCOUNT z 2 3
    ZCOUNT z (2 3
    ZCOUNT z 2 (3
    ZCOUNT z -inf +inf
    ZCOUNT z 4 2
    ZCOUNT none 1 2
  `,
)

conformance(
  'ranges by member',
  script`
    ZADD z 0 a 0 aa 0 b 0 c 0 cc 0 "" 0 "\xff"
    ZRANGEBYLEX z - +
    ZRANGEBYLEX z + -
    ZRANGEBYLEX z - -
    ZRANGEBYLEX z + +
    ZRANGEBYLEX z [a [c
    ZRANGEBYLEX z (a (c
    ZRANGEBYLEX z [a (aa
    ZRANGEBYLEX z (a (a
    ZRANGEBYLEX z [a [a
    ZRANGEBYLEX z [ [
    ZRANGEBYLEX z ( +
    ZRANGEBYLEX z - (
    ZRANGEBYLEX z [c [a
    ZRANGEBYLEX z - [b
    ZRANGEBYLEX z "-\x00x" "+\x00x"
    ZRANGEBYLEX z - + LIMIT 1 2
    ZRANGEBYLEX z - + LIMIT 2 -1
    ZRANGEBYLEX z - + LIMIT -1 3
    ZRANGEBYLEX z [b + LIMIT 0 0
    ZREVRANGEBYLEX z + -
    ZREVRANGEBYLEX z [c (a
    ZREVRANGEBYLEX z (c - LIMIT 1 2
    ZREVRANGEBYLEX z - +
    ZRANGE z [a (c BYLEX
    ZRANGE z (c [a BYLEX REV
    ZRANGE z + - BYLEX REV LIMIT 1 3
    ZRANGEBYLEX none - +
    ZREVRANGEBYLEX none + -
    ZLEXCOUNT z - +
    ZLEXCOUNT z (a [c
    ZLEXCOUNT z [c (a
    ZLEXCOUNT z + -
    ZLEXCOUNT none - +
  `,
)

conformance(
  'range errors',
  script`
    SET s x
    ${LETTERS}
    ZRANGE z 0
    ZRANGE z x 1
    ZRANGE z 0 1.5
    ZRANGE z 0 9223372036854775808
    ZRANGE z 0 1 x
    ZRANGE z 0 1 LIMIT
    ZRANGE z 0 1 LIMIT 0
    ZRANGE z 0 1 LIMIT 0 1
    ZRANGE z 0 1 LIMIT x 1
    ZRANGE z 0 1 LIMIT 0 x
    ZRANGE z 0 1 LIMIT x 1 x
    ZRANGE z 0 1 BYLEX
    ZRANGE z - + BYLEX WITHSCORES
    ZRANGE z - + BYLEX BYSCORE
    ZRANGE z 0 1 BYSCORE BYSCORE
    ZRANGE z 0 1 REV REV
    ZRANGE z a b BYSCORE
    ZRANGE z nan 1 BYSCORE
    ZRANGE z ((1 1 BYSCORE
    ZRANGE s 0 1
    ZRANGE s x 1
    ZRANGE none x 1
    ZREVRANGE z 0 1 REV
    ZREVRANGE z 0 1 BYSCORE
    ZREVRANGE z 0 1 LIMIT 0 1
    ZREVRANGE s 0 1
    ZRANGEBYSCORE z 1 x
    ZRANGEBYSCORE z 1 2 REV
    ZRANGEBYSCORE z 1 2 BYSCORE
    ZRANGEBYSCORE z 1 2 LIMIT 1
    ZRANGEBYSCORE s 1 2
    ZREVRANGEBYSCORE z 2 1x
    ZREVRANGEBYSCORE s 2 1
    ZRANGEBYLEX z a b
    ZRANGEBYLEX z - +a
    ZRANGEBYLEX z -a +
    ZRANGEBYLEX z "" +
    ZRANGEBYLEX z - + WITHSCORES
    ZRANGEBYLEX s - +
    ZREVRANGEBYLEX z x -
    ZREVRANGEBYLEX z + - WITHSCORES
    ZCOUNT z x 1
    ZCOUNT none x 1
    ZCOUNT s 0 1
    ZLEXCOUNT z a b
    ZLEXCOUNT none a b
    ZLEXCOUNT s - +
  `,
)

conformance(
  'ZRANGESTORE',
  script`
    SET s x
    ${LETTERS}
    ZRANGESTORE to z 0 -1
    ZRANGE to 0 -1 WITHSCORES
    ZRANGESTORE to z 1 2 REV
    ZRANGE to 0 -1 WITHSCORES
    ZRANGESTORE to z (1 3 BYSCORE
    ZRANGE to 0 -1 WITHSCORES
    ZRANGESTORE to z 5 1 BYSCORE REV LIMIT 1 2
    ZRANGE to 0 -1 WITHSCORES
    ZRANGESTORE to z [b [d BYLEX
    ZRANGE to 0 -1 WITHSCORES
    EXPIRE to 1000
    ZRANGESTORE to z 0 0
    TTL to
    ZRANGESTORE to z 9 10
    EXISTS to
    ZRANGESTORE to z 9 10
    ZRANGESTORE s z 0 1
    TYPE s
    ZRANGESTORE s none 0 1
    EXISTS s
    ZRANGESTORE z z 1 2
    ZRANGE z 0 -1 WITHSCORES
    SET s x
    ZRANGESTORE to s 0 1
    ZRANGESTORE to z 0 1 WITHSCORES
    ZRANGESTORE to z 0 1 LIMIT 0 1
    ZRANGESTORE to z 0
    ZRANGESTORE to z x 1
    ZRANGESTORE to z a b BYSCORE
    ZRANGESTORE to z a b BYLEX
    EXISTS to
  `,
)

conformance(
  'ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX',
  script`
    SET s x
    ${LETTERS}
    ZREMRANGEBYRANK z 1 2
    ZREMRANGEBYRANK z 7 9
    ZREMRANGEBYRANK z -1 -1
    ZRANGE z 0 -1 WITHSCORES
    ZREMRANGEBYRANK z 0 -1
    EXISTS z
    ZREMRANGEBYRANK z 0 -1
    ${LETTERS}
    ZREMRANGEBYSCORE z (1 3
    ZREMRANGEBYSCORE z 9 10
    ZREMRANGEBYSCORE z 3 1
    ZRANGE z 0 -1 WITHSCORES
    ZREMRANGEBYSCORE z -inf +inf
    EXISTS z
    ZREMRANGEBYSCORE z -inf +inf
    ZADD z 0 a 0 b 0 c 0 d
    ZREMRANGEBYLEX z [b (d
    ZREMRANGEBYLEX z + -
    ZRANGE z 0 -1 WITHSCORES
    ZREMRANGEBYLEX z - +
    EXISTS z
    ZREMRANGEBYLEX z - +
    ZREMRANGEBYRANK s 0 1
    ZREMRANGEBYSCORE s 0 1
    ZREMRANGEBYLEX s - +
    ZREMRANGEBYRANK none x 1
    ZREMRANGEBYSCORE none x 1
    ZREMRANGEBYLEX none x +
    ZREMRANGEBYRANK z 0
  `,
)

conformance(
  'ZRANGESTORE of a -0: only the big form keeps it, and only a range by rank is as long as is known before',
  script`
    CONFIG SET zset-max-listpack-entries 3
    ZADD z 0 a 0 b 0 c 0 d 0 e
    ZUNIONSTORE z 1 z WEIGHTS -1
    ZRANGESTORE r z 0 -1
    ZRANGESTORE s z -inf +inf BYSCORE
    ZRANGESTORE t z +inf -inf BYSCORE REV
    ZRANGESTORE u z - + BYLEX LIMIT 1 4
    ZRANGE r 0 -1 WITHSCORES
    ZRANGE s 0 -1 WITHSCORES
    ZRANGE t 0 -1 WITHSCORES
    ZRANGE u 0 -1 WITHSCORES
  `,
)
