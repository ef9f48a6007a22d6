/** Groups of consumers: what they get, what is pending, who takes it over, and what XINFO tells. */
import { conformance, script } from '../support/conformance.js'

/** Entries `ms-0` for the integers from `first` to `last`, one command each. */
function entries(key: string, first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, i) => `XADD ${key} ${first + i}-0 f ${first + i}`).join(
    '\n',
  )
}

conformance(
  'XREAD that need not wait',
  script`
    ${entries('s', 1, 4)}
    ${entries('t', 3, 5)}
    XREAD STREAMS s 0
    XREAD STREAMS s 2
    XREAD STREAMS s 2-5
    XREAD STREAMS s 4
    XREAD STREAMS s $
    XREAD STREAMS s t 1 4
    XREAD STREAMS s t 4-0 0
    XREAD STREAMS none s 0 3
    XREAD STREAMS none 0
    XREAD STREAMS s s 3 2
    XREAD COUNT 2 STREAMS s t 0 0
    XREAD COUNT 0 STREAMS s 2
    XREAD COUNT -5 STREAMS s 2
    XREAD count 1 block 1 streams s 0
    XREAD BLOCK 0 STREAMS s 0
    XREAD COUNT 1 COUNT 3 STREAMS s 0
    XREAD STREAMS s 18446744073709551615-18446744073709551615
    XREAD STREAMS s 0-0
    XDEL s 4-0
    XREAD STREAMS s 3
    XREAD STREAMS s 2
    MULTI
    XREAD BLOCK 0 STREAMS s $
    XREAD BLOCK 0 STREAMS s 2
    XREAD STREAMS none 0
    EXEC
  `,
)

conformance(
  'XREAD with +, the last entry',
  script`
    ${entries('s', 1, 4)}
    XREAD STREAMS s + => [["s", [["4-0", ["f", "4"]]]]] | {"s": [["4-0", ["f", "4"]]]}
    XREAD COUNT 5 STREAMS s none + + => [["s", [["4-0", ["f", "4"]]]]] | {"s": [["4-0", ["f", "4"]]]}
    XREAD STREAMS none + => nil
    XDEL s 4-0
    XREAD BLOCK 1 STREAMS s + => [["s", [["3-0", ["f", "3"]]]]] | {"s": [["3-0", ["f", "3"]]]}
    XTRIM s MAXLEN 0
    XREAD STREAMS s + => nil
    XADD s 4-1 a b
    XREAD STREAMS s + => [["s", [["4-1", ["a", "b"]]]]] | {"s": [["4-1", ["a", "b"]]]}
    XGROUP CREATE s g 0
    XREADGROUP GROUP g c STREAMS s + => !ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.
  `,
)

conformance(
  'arguments of XREAD and XREADGROUP',
  script`
    ${entries('s', 1, 2)}
    SET str x
    XGROUP CREATE s g 0
    XREAD STREAMS s
    # 7.2 writes the name of the command as everywhere.
    XREAD STREAMS s t 0 => !ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.
    XREAD STREAMS s t u 0 0 => !ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.
    XREAD COUNT x STREAMS s 0
    XREAD COUNT 1 STREAMS
    XREAD COUNT STREAMS s 0
    XREAD BLOCK x STREAMS s 0
    XREAD BLOCK -1 STREAMS s 0
    XREAD BLOCK 1.5 STREAMS s 0
    XREAD BLOCK 9223372036854775807 STREAMS s 0 => !ERR timeout is out of range
    XREAD BLOCK 9223372036854775808 STREAMS s 0
    XREAD GROUP g c STREAMS s 0
    XREAD GROUP g STREAMS s
    XREAD NOACK STREAMS s 0
    XREAD FOO STREAMS s 0
    XREAD s 0 1
    XREAD STREAMS s x
    XREAD STREAMS s -
    XREAD STREAMS s >
    XREAD STREAMS str 0
    XREAD STREAMS str x
    XREAD STREAMS s str x 0
    XREAD STREAMS s str 0 0
    XREADGROUP STREAMS s 0 0 0 0 => !ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.
    XREADGROUP COUNT 1 BLOCK 1 STREAMS s >
    XREADGROUP GROUP g c STREAMS s
    XREADGROUP GROUP g c STREAMS s t > => !ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.
    XREADGROUP GROUP g c STREAMS s x
    XREADGROUP GROUP g c STREAMS s $
    XREADGROUP GROUP g c STREAMS s -
    XREADGROUP GROUP g c COUNT x STREAMS s >
    XREADGROUP GROUP g c BLOCK x STREAMS s >
    XREADGROUP GROUP nope c STREAMS s >
    XREADGROUP GROUP g c STREAMS none >
    XREADGROUP GROUP g c STREAMS s none > >
    XREADGROUP GROUP g c STREAMS str >
    XREADGROUP GROUP nope c STREAMS s $
    XREADGROUP GROUP g c FOO STREAMS s >
    XREADGROUP GROUP g
    XREAD
    XINFO CONSUMERS s g
    XREADGROUP GROUP nope c GROUP g c NOACK NOACK COUNT 1 STREAMS s >
    XPENDING s g
  `,
)

conformance(
  'XGROUP',
  script`
    XGROUP CREATE s g 0
    XGROUP CREATE s g $ MKSTREAM
    TYPE s
    XINFO STREAM s
    XGROUP CREATE s g $
    XGROUP CREATE s g $ MKSTREAM
    ${entries('s', 1, 3)}
    XGROUP CREATE s h $
    XGROUP CREATE s i 2 ENTRIESREAD 2
    XGROUP CREATE s j 2-5 entriesread -1 mkstream
    XGROUP CREATE s k 9-9 ENTRIESREAD 77
    XGROUP CREATE s l 0 ENTRIESREAD -2
    XGROUP CREATE s l 0 ENTRIESREAD x
    XGROUP CREATE s l 0 ENTRIESREAD
    XGROUP CREATE s l 0 FOO
    XGROUP CREATE s l 0 MKSTREAM MKSTREAM
    XGROUP CREATE s m 0 MKSTREAM MKSTREAM ENTRIESREAD 1
    XGROUP CREATE s l x
    XGROUP CREATE s l +
    XGROUP CREATE s l -
    XGROUP CREATE s l >
    XGROUP CREATE none l 0 FOO
    XGROUP CREATE none l x MKSTREAM
    EXISTS none
    XINFO GROUPS s
    XGROUP SETID s g 1
    XGROUP SETID s g $ ENTRIESREAD 3
    XGROUP SETID s g +
    XGROUP SETID s g -
    XGROUP SETID s g 2-0 ENTRIESREAD 9223372036854775807
    XINFO GROUPS s
    XGROUP SETID s g x
    XGROUP SETID s g 0 MKSTREAM
    XGROUP SETID s g 0 ENTRIESREAD
    XGROUP SETID s g 0 ENTRIESREAD -5
    XGROUP SETID s nope 0
    XGROUP SETID none g 0
    XGROUP CREATECONSUMER s g c
    XGROUP CREATECONSUMER s g c
    XGROUP CREATECONSUMER s g ""
    XGROUP CREATECONSUMER s nope c
    XGROUP CREATECONSUMER none g c
    XGROUP CREATECONSUMER s g
    XGROUP DELCONSUMER s g nope
    XGROUP DELCONSUMER s nope c
    XGROUP DELCONSUMER none g c
    XGROUP SETID s g 0
    XREADGROUP GROUP g c COUNT 2 STREAMS s >
    XREADGROUP GROUP g d STREAMS s >
    XGROUP DELCONSUMER s g c
    XPENDING s g
    XGROUP DELCONSUMER s g ""
    XGROUP DESTROY s g
    XGROUP DESTROY s g
    XGROUP DESTROY none g
    XGROUP DESTROY s
    XINFO GROUPS s
    XGROUP
    XGROUP FOO
    XGROUP FOO s g
    XGROUP HELP x
    XGROUP HELP ~kind
    SET str x
    XGROUP CREATE str g 0
    XGROUP CREATE str g 0 MKSTREAM
    XGROUP CREATE str g 0 FOO
    XGROUP SETID str g 0
    XGROUP DESTROY str g
    XGROUP CREATECONSUMER str g c
    XGROUP DELCONSUMER str g c
  `,
)

conformance(
  'XREADGROUP hands each entry to one consumer',
  script`
    ${entries('s', 1, 6)}
    XGROUP CREATE s g 0
    XGROUP CREATE s h 4
    XREADGROUP GROUP g c COUNT 2 STREAMS s >
    XREADGROUP GROUP g d COUNT 1 STREAMS s >
    XREADGROUP GROUP g c COUNT 1 NOACK STREAMS s >
    XREADGROUP GROUP h c STREAMS s >
    XREADGROUP GROUP g c STREAMS s 0
    XREADGROUP GROUP g c STREAMS s 1
    XREADGROUP GROUP g c COUNT 1 STREAMS s 0
    XREADGROUP GROUP g c STREAMS s 99
    XREADGROUP GROUP g new STREAMS s 0
    XREADGROUP GROUP g d STREAMS s 0-1
    XREADGROUP GROUP g c STREAMS s 18446744073709551615-18446744073709551615
    XREADGROUP GROUP g c STREAMS s >
    XREADGROUP GROUP g c BLOCK 1 STREAMS s >
    XDEL s 2-0
    XREADGROUP GROUP g c STREAMS s 0
    XPENDING s g - + 10 c ~near 100
    XACK s g 1-0 1-0 2-0 77-0
    XREADGROUP GROUP g c STREAMS s 0
    XGROUP SETID s g 0
    XREADGROUP GROUP g new COUNT 3 STREAMS s >
    XPENDING s g
    XREADGROUP GROUP g c NOACK STREAMS s >
    XPENDING s g
    XADD t 1-0 a b
    XGROUP CREATE t g 0
    XADD s 9-0 a b
    XREADGROUP GROUP g c STREAMS s t > >
    XREADGROUP GROUP g c STREAMS s t 0 >
    XREADGROUP GROUP g c STREAMS t s > 5
    XADD t 2-0 a b
    XREADGROUP GROUP g c STREAMS s t > >
    MULTI
    XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    XREADGROUP GROUP g c BLOCK 0 STREAMS s 0
    XREADGROUP GROUP nope c BLOCK 0 STREAMS s 0
    EXEC
    XTRIM s MAXLEN 0
    XREADGROUP GROUP g new STREAMS s >
    XREADGROUP GROUP g new STREAMS s 0
  `,
)

conformance(
  'XACK',
  script`
    XACK none g 1-0
    XACK none g x
    ${entries('s', 1, 5)}
    XACK s nope 1-0
    XACK s nope x
    XGROUP CREATE s g 0
    XACK s g 1-0
    XACK s g x
    XACK s g -
    XREADGROUP GROUP g c STREAMS s >
    XACK s g 1-0 x
    XPENDING s g
    XACK s g 1 2-0 2-0 9-9
    XPENDING s g
    XACK s g 3-0 4-0 5-0
    XPENDING s g
    XACK s g
    SET str x
    XACK str g 1-0
    XACK str g x
  `,
)

conformance(
  'XPENDING',
  script`
    ${entries('s', 1, 8)}
    XGROUP CREATE s g 0
    XPENDING s g
    XPENDING s g - + 10
    XREADGROUP GROUP g bob COUNT 3 STREAMS s >
    XREADGROUP GROUP g alice COUNT 2 STREAMS s >
    XREADGROUP GROUP g idle STREAMS s 0
    XPENDING s g
    XPENDING s g - + 10 ~near 100
    XPENDING s g - + 2 ~near 100
    XPENDING s g 2 4 10 ~near 100
    XPENDING s g (2-0 (4-0 10 ~near 100
    XPENDING s g - + 10 alice ~near 100
    XPENDING s g 5 + 10 alice ~near 100
    XPENDING s g - + 10 nobody
    XPENDING s g - + 10 idle
    XPENDING s g - + 0
    XPENDING s g - + -1
    XPENDING s g + - 10
    XPENDING s g IDLE 0 - + 10 ~near 100
    XPENDING s g IDLE -5 - + 10 bob ~near 100
    XPENDING s g IDLE 100000 - + 10
    XPENDING s g IDLE 9223372036854775807 - + 10
    XPENDING s g IDLE x - + 10
    XPENDING s g IDLE 1 - +
    XPENDING s g IDLE x - +
    XPENDING s g IDLE 1 -
    XPENDING s g - +
    XPENDING s g -
    XPENDING s g - + x
    XPENDING s g x + x
    XPENDING s g x + 1
    XPENDING s g - x 1
    XPENDING s g (18446744073709551615-18446744073709551615 + 1
    XPENDING s g - (0-0 1
    XPENDING s g - + 1 bob more ~near 100
    XPENDING s g - + 1 bob more more more more
    XPENDING s nope
    XPENDING none g
    XPENDING none g - + 1
    XPENDING s nope - + x
    XPENDING s
    SET str x
    XPENDING str g
    XPENDING str g - + x
    XPENDING str g - + 1
  `,
)

conformance(
  'XCLAIM',
  script`
    ${entries('s', 1, 8)}
    XGROUP CREATE s g 0
    XREADGROUP GROUP g c COUNT 6 STREAMS s >
    XCLAIM s g d 0 1-0
    XCLAIM s g d 0 1-0
    XCLAIM s g d 0 2 3-0 99-0
    XCLAIM s g d 100000 4-0
    XCLAIM s g d -5 4-0 JUSTID
    XPENDING s g - + 10 ~near 100
    XCLAIM s g e 0 7-0
    XCLAIM s g e 0 7-0 FORCE
    XCLAIM s g e 0 8-0 FORCE JUSTID
    XCLAIM s g e 100000 9-0 FORCE
    XPENDING s g - + 10 ~near 100
    XCLAIM s g e 0 5-0 RETRYCOUNT 5
    XCLAIM s g e 0 5-0 RETRYCOUNT -1
    XCLAIM s g e 0 6-0 RETRYCOUNT 9223372036854775807 JUSTID
    XPENDING s g - + 10 ~near 100
    XCLAIM s g e 0 5-0 IDLE 50000 JUSTID
    XCLAIM s g e 0 6-0 TIME 1000000 JUSTID
    XPENDING s g IDLE 40000 - + 10 ~near 1000
    XCLAIM s g e 0 5-0 IDLE -7 JUSTID
    XCLAIM s g e 0 6-0 TIME -7 JUSTID
    XCLAIM s g e 0 7-0 TIME 99999999999999 JUSTID
    XCLAIM s g e 0 8-0 IDLE 99999999999999999 JUSTID
    XPENDING s g - + 10 ~near 100
    XDEL s 1-0 7-0
    XCLAIM s g f 0 1-0 2-0 7-0
    XCLAIM s g f 0 1-0 FORCE
    XPENDING s g
    XCLAIM s g f 0 2-0 LASTID 7-5
    XINFO GROUPS s
    XCLAIM s g f 0 99-0 LASTID 7-7
    XCLAIM s g f 0 99-0 LASTID 3-0
    XINFO GROUPS s
    XCLAIM s g new 0 99-0
    XCLAIM s g f 0 FORCE
    XCLAIM s g f 0 2-0 2-0 JUSTID
    XCLAIM s g f x 2-0
    XCLAIM s g f 0 x
    XCLAIM s g f 0 2-0 x
    XCLAIM s g f 0 2-0 FOO
    XCLAIM s g f 0 2-0 FORCE 3-0
    XCLAIM s g f 0 2-0 IDLE
    XCLAIM s g f 0 2-0 IDLE x
    XCLAIM s g f 0 2-0 TIME x
    XCLAIM s g f 0 2-0 RETRYCOUNT x
    XCLAIM s g f 0 2-0 LASTID x
    XCLAIM s g f 0 2-0 LASTID -
    XCLAIM s g f 0
    XCLAIM s nope f 0 1-0
    XCLAIM none g f 0 1-0
    XCLAIM none g f x 1-0
    XCLAIM s g f 0 - +
    SET str x
    XCLAIM str g f 0 1-0
    XPENDING s g
  `,
)

conformance(
  'XAUTOCLAIM',
  script`
    ${entries('s', 1, 12)}
    XGROUP CREATE s g 0
    XAUTOCLAIM s g c 0 0
    XREADGROUP GROUP g c COUNT 10 STREAMS s >
    XAUTOCLAIM s g d 0 0 COUNT 3
    XAUTOCLAIM s g d 0 4-0 COUNT 2 JUSTID
    XAUTOCLAIM s g d 100000 0
    XAUTOCLAIM s g d -1 (9-0
    XAUTOCLAIM s g d 0 9-5 count 1
    XAUTOCLAIM s g d 0 10-0 COUNT 1
    XAUTOCLAIM s g d 0 11
    XAUTOCLAIM s g d 0 -
    XAUTOCLAIM s g d 0 +
    XPENDING s g - + 20 ~near 100
    XDEL s 2-0 4-0 5-0
    XAUTOCLAIM s g e 0 0 COUNT 3
    XAUTOCLAIM s g e 0 3-0 COUNT 2 JUSTID
    XAUTOCLAIM s g e 0 0 JUSTID COUNT 4
    XPENDING s g
    XCLAIM s g e 0 7-0 IDLE 50000 JUSTID
    XCLAIM s g e 0 9-0 IDLE 50000 JUSTID
    XAUTOCLAIM s g f 40000 0
    XTRIM s MAXLEN 0
    XAUTOCLAIM s g f 100000 0
    XPENDING s g
    XAUTOCLAIM s g f x 0
    XAUTOCLAIM s g f 0 x
    XAUTOCLAIM s g f 0 (x
    XAUTOCLAIM s g f 0 (18446744073709551615-18446744073709551615
    XAUTOCLAIM s g f 0 0 COUNT
    XAUTOCLAIM s g f 0 0 COUNT 0
    XAUTOCLAIM s g f 0 0 COUNT -1
    XAUTOCLAIM s g f 0 0 COUNT x
    XAUTOCLAIM s g f 0 0 COUNT 576460752303423488
    XAUTOCLAIM s g f 0 0 FOO
    XAUTOCLAIM s g f 0
    XAUTOCLAIM s nope f 0 0
    XAUTOCLAIM none g f 0 0
    XAUTOCLAIM none g f x 0
    SET str x
    XAUTOCLAIM str g f 0 0
    XAUTOCLAIM str g f 0 x
  `,
)

conformance(
  'XAUTOCLAIM gives up after ten times its count',
  script`
    ${entries('s', 1, 60)}
    XGROUP CREATE s g 0
    XREADGROUP GROUP g c STREAMS s > ~kind
    XCLAIM s g c 0 25-0 IDLE 50000 JUSTID
    XCLAIM s g c 0 41-0 IDLE 50000 JUSTID
    XAUTOCLAIM s g d 40000 0 COUNT 2
    XAUTOCLAIM s g d 40000 21-0 COUNT 2
    XAUTOCLAIM s g d 40000 41-0 COUNT 2
    XDEL s 1-0 2-0 3-0
    XAUTOCLAIM s g d 40000 0 COUNT 1
    XAUTOCLAIM s g d 40000 0 COUNT 2
  `,
)

/** What 7.2 and later tell of a consumer: two times instead of one. */
const FULL_GROUP = (pending: string, consumers: string) =>
  `{"name": "g", "last-delivered-id": "3-0", "entries-read": 3, "lag": 1, "pel-count": 3, "pending": ${pending}, "consumers": ${consumers}}`

conformance(
  'XINFO',
  script`
    ${entries('s', 1, 4)}
    XINFO STREAM s
    XINFO STREAM s FULL
    XINFO GROUPS s
    XGROUP CREATE s g 0
    XGROUP CREATE s a 0
    XGROUP CREATE s z $
    XINFO GROUPS s
    XINFO CONSUMERS s g
    XINFO STREAM s FULL
    XINFO STREAM s FULL COUNT 2
    XINFO STREAM s full count 0
    XINFO STREAM s FULL COUNT -1
    XREADGROUP GROUP g c COUNT 3 STREAMS s >
    XINFO GROUPS s
    XINFO STREAM s FULL => ${
      '{"length": 4, "radix-tree-keys": 1, "radix-tree-nodes": 2, "last-generated-id": "4-0", "max-deleted-entry-id": "0-0", "entries-added": 4, "recorded-first-entry-id": "1-0", "entries": [["1-0", ["f", "1"]], ["2-0", ["f", "2"]], ["3-0", ["f", "3"]], ["4-0", ["f", "4"]]], "groups": [' +
      '{"name": "a", "last-delivered-id": "0-0", "entries-read": nil, "lag": 4, "pel-count": 0, "pending": [], "consumers": []}, ' +
      FULL_GROUP(
        '[["1-0", "c", any, 1], ["2-0", "c", any, 1], ["3-0", "c", any, 1]]',
        '[{"name": "c", "seen-time": any, "active-time": any, "pel-count": 3, "pending": [["1-0", any, 1], ["2-0", any, 1], ["3-0", any, 1]]}]',
      ) +
      ', {"name": "z", "last-delivered-id": "4-0", "entries-read": nil, "lag": 0, "pel-count": 0, "pending": [], "consumers": []}]}'
    }
    XINFO CONSUMERS s g => [{"name": "c", "pending": 3, "idle": any, "inactive": any}]
    XGROUP CREATECONSUMER s g b
    XINFO CONSUMERS s g => [{"name": "b", "pending": 0, "idle": any, "inactive": -1}, {"name": "c", "pending": 3, "idle": any, "inactive": any}]
    XREADGROUP GROUP g b NOACK STREAMS s >
    XINFO CONSUMERS s g => [{"name": "b", "pending": 0, "idle": any, "inactive": -1}, {"name": "c", "pending": 3, "idle": any, "inactive": any}]
    XINFO STREAM s FULL COUNT
    XINFO STREAM s FULL COUNT x
    XINFO STREAM s FULL FOO 1
    XINFO STREAM s FULL FOO
    XINFO STREAM s FOO
    XINFO STREAM s FOO COUNT 1
    XINFO STREAM s FULL COUNT 1 2
    XINFO STREAM none
    XINFO STREAM none FOO
    XINFO GROUPS none
    XINFO GROUPS s x
    XINFO CONSUMERS s
    XINFO CONSUMERS s nope
    XINFO CONSUMERS none g
    XINFO
    XINFO FOO
    XINFO FOO s
    XINFO HELP x
    XINFO HELP ~kind
    SET str x
    XINFO STREAM str
    XINFO STREAM str FOO
    XINFO GROUPS str
    XINFO CONSUMERS str g
    XGROUP CREATE e g $ MKSTREAM
    XINFO STREAM e
    XINFO STREAM e FULL
  `,
)

conformance(
  'entries read and lag',
  script`
    ${entries('s', 1, 10)}
    XGROUP CREATE s g 0
    XGROUP CREATE s h 5
    XGROUP CREATE s i 5 ENTRIESREAD 5
    XGROUP CREATE s j $
    XINFO GROUPS s
    XREADGROUP GROUP g c COUNT 1 STREAMS s >
    XREADGROUP GROUP h c COUNT 1 STREAMS s >
    XREADGROUP GROUP i c COUNT 1 STREAMS s >
    XINFO GROUPS s
    XREADGROUP GROUP h c STREAMS s >
    XINFO GROUPS s
    XADD s 11-0 a b
    XINFO GROUPS s
    XDEL s 8-0
    XINFO GROUPS s
    XREADGROUP GROUP g c COUNT 3 STREAMS s >
    XREADGROUP GROUP i c COUNT 3 STREAMS s >
    XINFO GROUPS s
    XREADGROUP GROUP g c STREAMS s >
    XREADGROUP GROUP i c STREAMS s >
    XINFO GROUPS s
    XSETID s 13-0 ENTRIESADDED 100 MAXDELETEDID 12-5
    XINFO GROUPS s
    XGROUP SETID s g 13-0 ENTRIESREAD 50
    XINFO GROUPS s
    XGROUP SETID s g 20-0
    XINFO GROUPS s
  `,
)

/** One group of XINFO GROUPS. */
const GROUP = (pending: number, lastId: string, entriesRead: string, lag: string) =>
  `[{"name": "g", "consumers": 1, "pending": ${pending}, "last-delivered-id": "${lastId}", "entries-read": ${entriesRead}, "lag": ${lag}}]`

// Since 7.4 a group that is before all that is left has the length as its lag, and does not count on from there.
conformance(
  'lag behind what was trimmed',
  script`
    ${entries('s', 1, 10)}
    XGROUP CREATE s g 0
    XREADGROUP GROUP g c COUNT 2 STREAMS s >
    XINFO GROUPS s
    XTRIM s MAXLEN 5
    XINFO GROUPS s ~differs => ${GROUP(2, '2-0', '2', '5')}
    XREADGROUP GROUP g c COUNT 1 STREAMS s >
    XINFO GROUPS s ~differs => ${GROUP(3, '6-0', '6', '4')}
    XTRIM s MAXLEN 2
    XDEL s 9-0
    XINFO GROUPS s ~differs => ${GROUP(3, '6-0', '6', '1')}
    XADD s 11-0 a b
    XDEL s 10-0
    XINFO GROUPS s ~differs => ${GROUP(3, '6-0', '6', '1')}
    XADD s 12-0 a b
    XADD s 13-0 a b
    XDEL s 12-0
    XINFO GROUPS s ~differs => ${GROUP(3, '6-0', '6', 'nil')}
    XTRIM s MAXLEN 0
    XINFO GROUPS s ~differs => ${GROUP(3, '6-0', '6', '0')}
    XADD s 14-0 a b
    XREADGROUP GROUP g c STREAMS s >
    XINFO GROUPS s ~differs => ${GROUP(4, '14-0', '14', '0')}
  `,
)
