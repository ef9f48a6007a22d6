/** LCS: strings, ranges, limits. */
import { describe } from 'vitest'
import { conformance, script } from '../support/conformance.js'

describe('LCS', () => {
  conformance(
    'all options',
    script`
      SET a ohmytext
      SET b mynewtext
      LCS a b
      LCS b a
      LCS a b LEN
      LCS a b IDX
      LCS a b IDX MINMATCHLEN 4
      LCS a b idx minmatchlen 4 withmatchlen
      LCS a b IDX WITHMATCHLEN
      LCS a b WITHMATCHLEN
      LCS a b MINMATCHLEN 100
      LCS a b IDX MINMATCHLEN 100
      LCS a b IDX MINMATCHLEN -5
      LCS a b IDX MINMATCHLEN 0
      LCS a b LEN WITHMATCHLEN
      LCS a a IDX WITHMATCHLEN
      LCS a none
      LCS a none LEN
      LCS none a IDX
      LCS none nothing
      SET n 12345
      LCS n n
      SET x xxaxxbxx
      SET y yayyb
      LCS x y IDX WITHMATCHLEN
      SET p "\x00\xff\x00\xff"
      SET q "\xff\x00\xff\x00"
      LCS p q
      LCS q p
      LCS p q IDX WITHMATCHLEN
      SET d1 ${'acgttgcaatgc'.repeat(20)}
      SET d2 ${'tgcacgtaagctt'.repeat(20)}
      LCS d1 d2
      LCS d1 d2 LEN
      LCS d1 d2 IDX WITHMATCHLEN
      LCS d2 d1 IDX MINMATCHLEN 3
    `,
  )

  conformance(
    'errors',
    script`
      SET a ohmytext
      SADD s a
      LCS a s
      LCS s a
      LCS none s
      LCS s a foo
      LCS a a foo
      LCS a a LEN IDX
      LCS a a IDX LEN
      LCS a a MINMATCHLEN
      LCS a a MINMATCHLEN x
      LCS a a MINMATCHLEN 9223372036854775808
      LCS a a IDX LEN foo
      LCS a
      SETRANGE big 100000 x
      LCS big big
      LCS big a LEN
      CONFIG SET proto-max-bulk-len 1048576
      SETRANGE c 510 x
      SETRANGE d 511 x
      SETRANGE e 512 x
      LCS c d LEN
      LCS d d LEN
      LCS d e LEN
    `,
  )
})
