/** Streams: entries added, read by range, removed and trimmed. */
import { conformance, script } from '../support/conformance.js'

/** Entries `ms-0` for the integers from `first` to `last`, one command each. */
function entries(key: string, first: number, last: number, fields = 'f v'): string {
  return Array.from({ length: last - first + 1 }, (_, i) => `XADD ${key} ${first + i}-0 ${fields}`).join('\n')
}

conformance(
  'XADD with IDs that are given',
  script`
    XADD s 1-1 a 1
    XADD s 1-2 a 1 b 2
    XADD s 1-2 a 1
    XADD s 1-1 a 1
    XADD s 0-5 a 1
    XADD s 2 a 1
    XADD s 2 a 1
    XADD s 2-0 a 1
    XADD s 2-* a 1
    XADD s 2-* a 1
    XADD s 3-* a 1
    XADD s 1-* a 1
    XADD new 0-* a 1
    XADD new 0-* a 1
    XADD zero 0-0 a 1
    XADD zero 0 a 1
    XADD zero 0-* a ""
    XADD bytes 1-0 "\x00\xff" "\r\n"
    XADD same 1-0 f 1 f 2
    XLEN s
    XRANGE s - +
    XRANGE bytes - +
    XRANGE same - +
    TYPE s
    OBJECT ENCODING s
    SET str x
    XADD str 1-0 a 1
    XADD str * a 1
    GET s
    LPUSH s x
  `,
)

conformance(
  'XADD with IDs of the clock',
  script`
    XADD s * a 1 ~type
    XADD s * a 1 ~type
    XADD s 99999999999999-5 a 1
    XADD s * a 1
    XADD s * a 1
    XRANGE s 99999999999999 +
    XADD t 99999999999999-18446744073709551615 a 1
    XADD t * a 1
    XADD t 99999999999999-* a 1
    XADD t 99999999999999-18446744073709551615 a 1
    XADD t 100000000000000-* a 1
    ~no-digest
  `,
)

conformance(
  'IDs up to the end of 64 bits',
  script`
    XADD s 9007199254740991-9007199254740991 a 1
    XADD s * b 1
    XADD s 9007199254740991-9007199254740993 a 1
    XADD s 9007199254740992-0 a 1
    XADD s 9007199254740993-0 a 1
    XADD s 9007199254740993-1 a 1
    XADD s 18446744073709551615-0 a 1
    XADD s 18446744073709551615-* a 1
    XADD s 18446744073709551615-18446744073709551614 a 1
    XADD s * a 1
    XADD s * a 1
    XADD s 18446744073709551615-18446744073709551615 a 1
    XADD s 18446744073709551615-* a 1
    XADD s 18446744073709551616-0 a 1
    XADD s 1-18446744073709551616 a 1
    XRANGE s - +
    XREVRANGE s + -
    XRANGE s 9007199254740992 9007199254740993
    XRANGE s (9007199254740993-0 (18446744073709551615-18446744073709551615
    XRANGE s (18446744073709551615-18446744073709551615 +
    XRANGE s - (0-0
    XRANGE s - (0
    XRANGE s (18446744073709551615 +
    XDEL s 9007199254740992-0 18446744073709551615-18446744073709551615 9007199254740991-9007199254740992
    XTRIM s MINID 9007199254740993-1
    XRANGE s - +
    XINFO STREAM s
    XADD s * a 1
  `,
)

conformance(
  'what is no ID',
  script`
    XADD s 1-1 a 1
    XADD s a-1 a 1
    XADD s 1-a a 1
    XADD s 1- a 1
    XADD s -1 a 1
    XADD s - a 1
    XADD s + a 1
    XADD s "" a 1
    XADD s 1-1-1 a 1
    XADD s 01-1 a 1
    XADD s " 2-1" a 1
    XADD s +3-1 a 1
    XADD s 4-+1 a 1
    XADD s 5--1 a 1
    XADD s *-1 a 1
    XADD s 6-** a 1
    XADD s ** a 1
    XADD s "7-1\x00rest" a 1
    XADD s 1.5 a 1
    XADD s 00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000008-1 a 1
    XADD s 000000000000000000000000000000000000008-1 a 1
    XRANGE s - +
    XRANGE s a b
    XRANGE s 1-a +
    XRANGE s (- +
    XRANGE s - (+
    XRANGE s ( +
    XRANGE s - (
    XRANGE s "" +
    XDEL s 1-1 x
    XLEN s
    XDEL s -
    XDEL s +
    XTRIM s MINID x
    XTRIM s MINID -
  `,
)

conformance(
  'arguments of XADD',
  script`
    XADD s
    XADD s *
    XADD s * a
    XADD s 1-1 a
    XADD s 1-1 a b c
    XADD s NOMKSTREAM 1-1 a b
    EXISTS s
    XADD s nomkstream nomkstream 1-1 a b
    XADD s NOMKSTREAM *
    XADD s NOMKSTREAM * a
    XADD s MAXLEN 1-1 a b
    XADD s MAXLEN x 1-1 a b
    XADD s MAXLEN -1 1-1 a b
    XADD s MAXLEN = 1-1 a b
    XADD s MAXLEN = -1 1-1 a b
    XADD s MAXLEN ~ x 1-1 a b
    XADD s MAXLEN ~ 10
    XADD s MAXLEN ~ 10 *
    XADD s MAXLEN 10 MINID 5 1-1 a b
    XADD s MINID 10 MINID 5 1-1 a b
    XADD s MINID x 1-1 a b
    XADD s MINID - 1-1 a b
    XADD s MINID 1-* 1-1 a b
    XADD s LIMIT 10 1-1 a b
    XADD s LIMIT -1 1-1 a b
    XADD s LIMIT x 1-1 a b
    XADD s LIMIT 10 x a b
    XADD s MAXLEN 10 LIMIT 10 1-1 a b
    XADD s MAXLEN = 10 LIMIT 0 1-1 a b
    XADD s MAXLEN = 10 LIMIT 10 1-1 a b
    XADD s MAXLEN ~ 10 LIMIT 10 x a b
    XADD s MAXLEN = 10 LIMIT 10 x a b
    XADD s MAXLEN = 10 LIMIT 10 1-1 a
    EXISTS s
    XADD s LIMIT 0 1-1 a b
    XADD s LIMIT 5 MAXLEN ~ 10 1-2 a b
    XADD s MAXLEN ~ 10 LIMIT 5 LIMIT 6 1-3 a b
    XADD s MAXLEN 9223372036854775807 1-4 a b
    XADD s MAXLEN 9223372036854775808 1-5 a b
    XADD s NOMKSTREAM MAXLEN = 2 1-5 a b
    XADD s MAXLEN = 2 NOMKSTREAM 1-6 a b
    XADD s MAXLEN ~ 1-7 a
    XADD s MAXLEN ~ = 1-7 a
    XRANGE s - +
    XADD maxlen 1-1 MAXLEN 1
    XADD maxlen 1-2 * *
    XRANGE maxlen - +
    XADD none NOMKSTREAM * a b
    XADD none NOMKSTREAM 0-0 a b
    XADD none 1-0 a
    EXISTS none
  `,
)

conformance(
  'XADD that trims',
  script`
    ${entries('s', 1, 5)}
    XADD s MAXLEN 3 6-0 a b
    XRANGE s - +
    XADD s MAXLEN = 0 7-0 a b
    XLEN s
    EXISTS s
    XADD s 7-0 a b
    XADD s 8-0 a b
    XADD s MINID 9 9-0 a b
    XRANGE s - +
    XADD s MINID = 20 10-0 a b
    XLEN s
    XINFO STREAM s
    XADD new MAXLEN 0 1-0 a b
    XLEN new
    XADD new MINID 5 3-0 a b
    XLEN new
    XADD new MINID 5 5-0 a b
    XLEN new
  `,
)

conformance(
  'XLEN, XRANGE and XREVRANGE',
  script`
    XLEN none
    XRANGE none - +
    XRANGE none - + COUNT 0
    XREVRANGE none + -
    XADD s 1-1 a 1
    XADD s 1-5 b 2
    XADD s 2-0 c 3 d 4
    XADD s 2-9 a 5
    XADD s 7-7 a 6
    XRANGE s - +
    XRANGE s + -
    XRANGE s - -
    XRANGE s + +
    XRANGE s 1 1
    XRANGE s 1 2
    XRANGE s 1-2 2-0
    XRANGE s 1-5 1-5
    XRANGE s 1-6 1-4
    XRANGE s (1-1 (7-7
    XRANGE s (1 (2
    XRANGE s (1-5 (1-5
    XRANGE s 2 7-6
    XRANGE s 8 +
    XRANGE s 0 0
    XRANGE s - + COUNT 2
    XRANGE s - + COUNT 0
    XRANGE s - + COUNT -1
    XRANGE s - + COUNT 9223372036854775807
    XRANGE s 2 + count 1
    XRANGE s - + COUNT 2 COUNT 3
    XRANGE s - + COUNT
    XRANGE s - + COUNT x
    XRANGE s - + COUNTS 1
    XRANGE s - + 1
    XREVRANGE s + -
    XREVRANGE s - +
    XREVRANGE s 2 1
    XREVRANGE s 2 2
    XREVRANGE s (7 (1-1
    XREVRANGE s (2-9 2
    XREVRANGE s + - COUNT 2
    XREVRANGE s + - COUNT 0
    XREVRANGE s 6 - COUNT 1
    XREVRANGE s + - COUNT x
    XREVRANGE s x y
    XREVRANGE s - x
    XREVRANGE s (0 -
    XREVRANGE s + (18446744073709551615-18446744073709551615
    XRANGE s -
    XLEN s x
    SET str x
    XLEN str
    XRANGE str - +
    XRANGE str - + COUNT 0
    XRANGE str x +
    XREVRANGE str + -
  `,
)

conformance(
  'XDEL',
  script`
    XDEL none 1-1
    XDEL none x
    ${entries('s', 1, 6)}
    XDEL s 3-0
    XDEL s 3-0
    XDEL s 1 6 4-5
    XINFO STREAM s
    XRANGE s - +
    XREVRANGE s + -
    XDEL s 2-0 2-0 9-9
    XDEL s 4-0 5-0
    XLEN s
    EXISTS s
    TYPE s
    XRANGE s - +
    XINFO STREAM s
    XADD s 6-0 a b
    XADD s 6-1 a b
    XINFO STREAM s
    XDEL s
    SET str x
    XDEL str 1-1
    XDEL str x
  `,
)

conformance(
  'XTRIM',
  script`
    XTRIM none MAXLEN 1
    ${entries('s', 1, 12)}
    XTRIM s MAXLEN 20
    XTRIM s MAXLEN 10
    XTRIM s MAXLEN = 9
    XTRIM s MINID 4-0
    XTRIM s MINID = 6-1
    XTRIM s MAXLEN ~ 2
    XTRIM s MINID ~ 12
    XRANGE s - +
    XINFO STREAM s
    XTRIM s MINID 99
    XLEN s
    XINFO STREAM s
    XTRIM s MAXLEN 0
    XADD s 20-0 a b
    XTRIM s MAXLEN ~ 0
    XLEN s
    XTRIM s
    XTRIM s MAXLEN
    XTRIM s MAXLEN x
    XTRIM s MAXLEN -1
    XTRIM s MAXLEN ~
    XTRIM s MAXLEN ~ x
    XTRIM s MAXLEN = ~ 1
    XTRIM s MINID
    XTRIM s MINID ~ x
    XTRIM s LIMIT 1
    XTRIM s LIMIT 0
    XTRIM s LIMIT 1 LIMIT 1
    XTRIM s MAXLEN 1 LIMIT 1
    XTRIM s MAXLEN = 1 LIMIT 1
    XTRIM s MAXLEN ~ 1 LIMIT -1
    XTRIM s MAXLEN ~ 1 LIMIT
    XTRIM s MAXLEN ~ 1 LIMIT x
    XTRIM s MAXLEN ~ 1 LIMIT 0
    XTRIM s MAXLEN 1 MINID 1
    XTRIM s NOMKSTREAM MAXLEN 1
    XTRIM s MAXLEN 1 x
    XTRIM s x 1
    XTRIM none x 1
    SET str x
    XTRIM str MAXLEN 1
    XTRIM str MAXLEN x
  `,
)

/** Trimming by whole nodes, and what a node is. */
conformance(
  'nodes of a limited number of entries',
  script`
    CONFIG SET stream-node-max-entries 10
    ${entries('s', 1, 55)}
    XINFO STREAM s
    XTRIM s MAXLEN ~ 50
    XTRIM s MAXLEN ~ 45
    XTRIM s MAXLEN ~ 44
    XTRIM s MAXLEN ~ 20 LIMIT 5
    XTRIM s MAXLEN ~ 20 LIMIT 10
    XTRIM s MAXLEN ~ 0 LIMIT 19
    XINFO STREAM s
    XTRIM s MINID ~ 41
    XTRIM s MINID ~ 45
    XDEL s 41-0 50-0
    XTRIM s MINID ~ 50
    XTRIM s MINID ~ 51
    XINFO STREAM s
    # Removed entries still take their place in a node.
    XDEL s 53-0
    ${entries('s', 56, 70)}
    XINFO STREAM s
    XTRIM s MAXLEN 17
    ${entries('s', 71, 73)}
    XINFO STREAM s
    XDEL s 73-0 72-0 71-0
    ${entries('s', 74, 80)}
    XINFO STREAM s
    # An exact trim may leave a node with nothing but removed entries.
    XDEL s 60-0
    XTRIM s MINID 60
    XINFO STREAM s
    XTRIM s MINID ~ 60
    XTRIM s MAXLEN ~ 1000
    XINFO STREAM s
    XTRIM s MINID ~ 61
    XINFO STREAM s
    CONFIG SET stream-node-max-entries 5
    XADD s 90-0 f v
    XINFO STREAM s
  `,
)

conformance(
  'an emptied node goes on to be filled if it is the last',
  script`
    CONFIG SET stream-node-max-entries 4
    ${entries('s', 1, 7)}
    XDEL s 7-0
    XTRIM s MINID 7
    XINFO STREAM s
    ${entries('s', 8, 9)}
    XINFO STREAM s
    XRANGE s - +
    XREVRANGE s + -
    XTRIM s MAXLEN ~ 1
    XINFO STREAM s
    ${entries('s', 10, 20)}
    XADD s MAXLEN ~ 2 21-0 f v
    XADD s MINID ~ 18 22-0 f v
    XADD s MAXLEN ~ 1 LIMIT 1 23-0 f v
    XINFO STREAM s
  `,
)

conformance(
  'nodes of a limited size',
  script`
    CONFIG SET stream-node-max-bytes 200
    ${entries('s', 1, 40, 'field value')}
    XINFO STREAM s
    ${entries('t', 1, 20, 'field value n 12345 m -3000 k 70000 l 10000000 j 1234567890123')}
    XINFO STREAM t
    ${entries('u', 1, 10, 'a 1')}
    ${entries('u', 11, 20, 'b 1')}
    ${entries('u', 21, 30, 'a 1 b 2')}
    XINFO STREAM u
    XADD v 1-5 a 1
    XADD v 2-1 a 1
    XADD v 2-9007199254740993 a 1
    XADD v 5000000000-3 a 1
    XADD v 9007199254740993-3 a 1
    XADD v 18446744073709551615-3 a 1
    ${Array.from({ length: 30 }, (_, i) => `XADD v 18446744073709551615-${i + 4} a 1`).join('\n')}
    XINFO STREAM v
    XTRIM s MAXLEN ~ 20
    XTRIM t MINID ~ 10
    XTRIM u MAXLEN ~ 10
    XTRIM v MAXLEN ~ 20
    XADD s 50-0 f ${'x'.repeat(300)}
    XADD s 51-0 f v
    XINFO STREAM s
    CONFIG SET stream-node-max-bytes 0 stream-node-max-entries 0
    ${entries('w', 1, 150)}
    XINFO STREAM w
    XTRIM w MAXLEN ~ 10
    XTRIM w MAXLEN 10
    XINFO STREAM w
    XRANGE w - +
    CONFIG SET stream-node-max-bytes 4096 stream-node-max-entries 200
    ${entries('x', 1, 300, 'f v')}
    XDEL x ${Array.from({ length: 130 }, (_, i) => `${i + 1}-0`).join(' ')}
    XINFO STREAM x
  `,
)

conformance(
  'fields that differ from those of the first entry',
  script`
    XADD s 1-0 a 1 b 2
    XADD s 2-0 a 1 b 2
    XADD s 3-0 b 1 a 2
    XADD s 4-0 a 1
    XADD s 5-0 a 1 b 2 c 3
    XADD s 6-0 a 1 b 2
    XRANGE s - +
    XREVRANGE s + -
    XDEL s 2-0
    XRANGE s - +
    XDEL s 4-0
    XADD s 7-0 x y
    XTRIM s MAXLEN 3
    XRANGE s - +
    XTRIM s MAXLEN 1
    XADD s 8-0 a 1 b 2
    XRANGE s - +
  `,
)

conformance(
  'XSETID',
  script`
    XSETID none 1-1
    XSETID none x
    ${entries('s', 1, 5)}
    XSETID s 4-0
    XSETID s 5-0
    XSETID s 9
    XADD s 8-0 a b
    XADD s 9-* a b
    XSETID s 20-0 ENTRIESADDED 100
    XINFO STREAM s
    XSETID s 20-0 ENTRIESADDED 5
    XSETID s 20-0 ENTRIESADDED 6
    XSETID s 20-0 ENTRIESADDED -1
    XSETID s 20-0 ENTRIESADDED x
    XSETID s 20-0 MAXDELETEDID 21-0
    XSETID s 20-0 MAXDELETEDID 15-0
    XSETID s 20-0 MAXDELETEDID 0-0
    XINFO STREAM s
    # Since 7.2 nothing removed may be ahead.
    XSETID s 14-0 => !ERR The ID specified in XSETID is smaller than current max_deleted_entry_id
    XSETID s 15-0
    XSETID s 30 ENTRIESADDED 50 MAXDELETEDID 25
    XSETID s 30 MAXDELETEDID x
    XSETID s 30 ENTRIESADDED
    XSETID s 30 x 1
    XSETID s x
    XSETID s -
    XSETID s 18446744073709551615-18446744073709551615 ENTRIESADDED 9223372036854775807
    XINFO STREAM s
    XADD s * a b
    SET str x
    XSETID str 1-1
    XADD e 1-1 a b
    XDEL e 1-1
    XSETID e 0-5 => !ERR The ID specified in XSETID is smaller than current max_deleted_entry_id
    XSETID e 1-1
    XSETID e 1-2 ENTRIESADDED 0
    XINFO STREAM e
  `,
)

conformance(
  'COPY, RENAME, EXPIRE and others',
  script`
    CONFIG SET stream-node-max-entries 4
    ${entries('s', 1, 10)}
    XDEL s 2-0 5-0
    XTRIM s MAXLEN 7
    XGROUP CREATE s g 0
    XREADGROUP GROUP g c COUNT 3 STREAMS s >
    XREADGROUP GROUP g d COUNT 1 STREAMS s >
    COPY s t
    XINFO STREAM t
    XRANGE t - +
    XPENDING t g
    XACK t g 3-0
    XPENDING s g
    XPENDING t g
    XADD t 11-0 a b
    XLEN s
    XINFO STREAM s
    RENAME t u
    XLEN u
    SWAPDB 0 1
    XLEN s
    SWAPDB 0 1
    XLEN s
    DUMP none
    DEBUG DIGEST-VALUE s u none
    SORT s
    MEMORY USAGE s ~kind
    MEMORY USAGE s SAMPLES 0 ~kind
    MOVE u 1
    XLEN u
    DEL s
    XLEN s
  `,
)

conformance(
  'in a transaction, and seen by WATCH',
  script`
    MULTI
    XADD s 1-1 a b
    XLEN s
    XRANGE s - +
    XADD s 1-1 a b
    XREAD STREAMS s 0
    XDEL s 1-1
    EXEC
    A> WATCH s
    XADD s 2-0 a b
    A> MULTI
    A> XLEN s
    A> EXEC
    A> WATCH s
    XTRIM s MAXLEN 5
    XGROUP CREATE s g 0
    XREADGROUP GROUP g c STREAMS s >
    XACK s g 2-0
    XSETID s 3-0
    XGROUP SETID s g 0
    XGROUP CREATECONSUMER s g d
    XGROUP DESTROY s g
    A> MULTI
    A> XLEN s
    A> EXEC
    A> WATCH s
    XDEL s 2-0
    A> MULTI
    A> EXEC
  `,
)
