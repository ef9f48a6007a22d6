/** Clients that wait for entries of streams: who is served, in which order, with what. */
import { expect } from 'vitest'
import { conformance, script } from '../support/conformance.js'

const GONE = (key: string) =>
  `!NOGROUP No such key '${key}' or consumer group 'g' in XREADGROUP with GROUP option`
const WRONG_TYPE = '!WRONGTYPE Operation against a key holding the wrong kind of value'

conformance(
  'XREAD waits for an entry',
  script`
    A> XREAD BLOCK 0 STREAMS s $
    B> XREAD BLOCK 0 STREAMS s 0
    C> XREAD BLOCK 0 COUNT 1 STREAMS other s 0 5-0
    XADD s 5-0 a 1
    A<
    B<
    C?
    XADD s 6-0 a 2
    C<
    # All that is behind the ID.
    A> XREAD BLOCK 0 STREAMS s $
    MULTI
    XADD s 7-0 a 3
    XADD s 8-0 a 4
    XADD t 1-0 a 5
    EXEC
    A<
    A> XREAD BLOCK 0 COUNT 1 STREAMS s t $ 7
    MULTI
    XADD s 9-0 a 3
    XADD s 10-0 a 4
    EXEC
    A<
    # Since 7.2 the reply has every stream that is ready by then.
    A> XREAD BLOCK 0 STREAMS s s $ 10-5
    XADD s 11-0 a 3
    A< => [["s", [["11-0", ["a", "3"]]]], ["s", [["11-0", ["a", "3"]]]]] | any
    A> XREAD BLOCK 0 STREAMS s t 99 $
    XADD s 12-0 a 3
    A?
    XADD t 2-0 a 3
    A<
  `,
)

conformance(
  'what does not wake a reader',
  script`
    XADD s 1-0 a 1
    XGROUP CREATE s g $
    A> XREAD BLOCK 0 STREAMS s $
    B> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    XDEL s 1-0
    XTRIM s MAXLEN 0
    XSETID s 5-0
    XGROUP CREATE s h 0
    XGROUP SETID s h 0
    XGROUP CREATECONSUMER s g d
    A?
    B?
    RPUSH l x
    A?
    XADD s 8-0 a 1
    A<
    B<
    # What has gone again wakes nobody since 7.2.
    A> XREAD BLOCK 0 STREAMS s $
    B> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    MULTI
    XADD s 9-0 a 1
    XDEL s 9-0
    EXEC
    XADD s MAXLEN 0 10-0 a 1
    XADD s 11-0 a 1
    A< => [["s", [["11-0", ["a", "1"]]]]] | {"s": [["11-0", ["a", "1"]]]}
    B< => [["s", [["11-0", ["a", "1"]]]]] | {"s": [["11-0", ["a", "1"]]]}
  `,
)

conformance(
  'a reader does not mind that its key goes',
  script`
    XADD s 5-0 a 1
    A> XREAD BLOCK 0 STREAMS s $
    DEL s
    A?
    SET s x
    A?
    DEL s
    XADD s 3-0 a 1
    A?
    XADD s 6-0 a 2
    A<
    A> XREAD BLOCK 0 STREAMS s $
    XADD other 9-0 a 3
    RENAME other s
    A<
    A> XREAD BLOCK 0 STREAMS copy 0
    COPY s copy
    A<
    A> XREAD BLOCK 0 STREAMS moved 0
    SELECT 1
    XADD moved 1-0 a 4
    MOVE moved 0
    A<
    SELECT 0
    A> XREAD BLOCK 0 STREAMS swapped 0
    SELECT 1
    XADD swapped 1-0 a 5
    SWAPDB 0 1
    A<
  `,
)

conformance(
  'XREADGROUP: first come, first served',
  script`
    XGROUP CREATE s g $ MKSTREAM
    XGROUP CREATE s h $
    A> XREADGROUP GROUP g alice BLOCK 0 STREAMS s >
    B> XREADGROUP GROUP g bob BLOCK 0 STREAMS s >
    C> XREADGROUP GROUP h carol BLOCK 0 STREAMS s >
    D> XREADGROUP GROUP g dora BLOCK 0 COUNT 1 STREAMS s >
    XADD s 1-0 a 1
    A<
    B?
    C<
    D?
    MULTI
    XADD s 2-0 a 2
    XADD s 3-0 a 3
    EXEC
    B<
    D?
    XADD s 4-0 a 4
    D<
    XPENDING s g
    XPENDING s h
    A> XREADGROUP GROUP g alice BLOCK 0 COUNT 1 STREAMS s >
    B> XREADGROUP GROUP g bob BLOCK 0 COUNT 1 STREAMS s >
    MULTI
    XADD s 5-0 a 5
    XADD s 6-0 a 6
    XADD s 7-0 a 7
    EXEC
    A<
    B<
    XPENDING s g
    XINFO GROUPS s
    # What was left.
    A> XREADGROUP GROUP g alice BLOCK 0 NOACK STREAMS s >
    XPENDING s g
    A> XREADGROUP GROUP g alice BLOCK 0 NOACK STREAMS s >
    XADD s 8-0 a 8
    A<
    XPENDING s g
    # Own entries are there at once, even none.
    A> XREADGROUP GROUP g alice BLOCK 0 STREAMS s 1
    A> XREADGROUP GROUP g nobody BLOCK 0 STREAMS s 0
    XGROUP CREATE t g 0 MKSTREAM
    A> XREADGROUP GROUP g alice BLOCK 0 STREAMS t s > >
    XADD t 1-0 a 9
    A<
    XGROUP SETID s g 0
    A> XREADGROUP GROUP g alice BLOCK 0 COUNT 1 STREAMS s >
  `,
)

// Since 7.2 the command is simply run again when the key goes, and says why it cannot be served.
conformance(
  'a key that goes, and with it the group',
  script`
    XGROUP CREATE s g $ MKSTREAM
    A> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    B> XREAD BLOCK 0 STREAMS s $
    DEL s
    A< => ${GONE('s')}
    B?
    XGROUP CREATE s g $ MKSTREAM
    A> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    XGROUP DESTROY s g
    A< => ${GONE('s')}
    XGROUP CREATE s g $
    A> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    SET s x
    A< => ${WRONG_TYPE}
    DEL s
    XGROUP CREATE s g $ MKSTREAM
    XGROUP CREATE t g $ MKSTREAM
    A> XREADGROUP GROUP g c BLOCK 0 STREAMS s t > >
    RENAME t s
    A< => ${GONE('t')}
    XGROUP CREATE t g $ MKSTREAM
    A> XREADGROUP GROUP g c BLOCK 0 STREAMS s t > >
    FLUSHALL
    A< => ${GONE('s')}
    XGROUP CREATE s g $ MKSTREAM
    A> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    PEXPIRE s 1
    A< => ${GONE('s')}
    XADD s 9-0 a 1
    B<
    ~no-digest
  `,
)

conformance(
  'a group that is replaced by another of its name',
  script`
    XGROUP CREATE s g $ MKSTREAM
    A> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    MULTI
    DEL s
    XADD s 1-0 a 1
    XGROUP CREATE s g 0
    EXEC
    A< => [["s", [["1-0", ["a", "1"]]]]] | {"s": [["1-0", ["a", "1"]]]}
    A> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    MULTI
    XGROUP DESTROY s g
    XGROUP CREATE s g $
    EXEC
    A?
    XADD s 2-0 a 2
    A< => [["s", [["2-0", ["a", "2"]]]]] | {"s": [["2-0", ["a", "2"]]]}
    ~no-digest
  `,
)

conformance(
  'a wait that ends by itself',
  script`
    XGROUP CREATE s g $ MKSTREAM
    XREAD BLOCK 1 STREAMS s $
    XREAD BLOCK 20 COUNT 2 STREAMS s none 0 $
    XREADGROUP GROUP g c BLOCK 1 STREAMS s >
    # Since 7.2 the consumer is made all the same.
    XGROUP CREATECONSUMER s g c ~differs => 0
    XINFO GROUPS s
  `,
)

conformance('CLIENT UNBLOCK', async ({ both, play, redis, russet }) => {
  await play('XGROUP CREATE s g $ MKSTREAM')
  const unblock = async (command: string, how: string): Promise<void> => {
    // The two servers count their clients each in its own way.
    const ids = await both('A> CLIENT ID ~type')
    await play(script`
      A> ${command}
      A?
    `)
    for (const [connection, id] of [
      [redis, ids.redis],
      [russet, ids.russet],
    ] as const) {
      expect(await connection.send('CLIENT', 'UNBLOCK', id.raw.slice(1, -2), how)).toMatchObject({
        raw: ':1\r\n',
      })
    }
    await play('A<')
  }
  await unblock('XREAD BLOCK 0 STREAMS s $', 'TIMEOUT')
  await unblock('XREADGROUP GROUP g c BLOCK 0 STREAMS s >', 'ERROR')
  await play('XADD s 1-0 a b')
})
