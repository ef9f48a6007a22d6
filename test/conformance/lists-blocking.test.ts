/** Clients that wait for elements of lists: who is served, in which order, with what. */
import { expect } from 'vitest'
import { conformance, script } from '../support/conformance.js'

conformance(
  'blocking commands that need not wait',
  script`
    RPUSH l 1 2 3 4 5 6 7 8 9
    RPUSH m a b
    SET s x
    BLPOP l 0
    BRPOP l 0
    BLPOP none m l 0
    BRPOP none l m 1.5
    BLMPOP 0 1 l LEFT
    BLMPOP 0 2 none l RIGHT COUNT 2
    BLMOVE l m LEFT RIGHT 0
    BRPOPLPUSH l m 0
    LRANGE l 0 -1
    LRANGE m 0 -1
    BLPOP s 0
    BRPOP none s l 0
    BLMPOP 0 2 s l LEFT
    BLMOVE s m LEFT LEFT 0
    BLMOVE l s LEFT LEFT 0
    BRPOPLPUSH s m 0
    BRPOPLPUSH l s 0
    BLMPOP 0 1 l LEFT COUNT 100
    EXISTS l
  `,
)

conformance(
  'arguments of blocking commands',
  script`
    RPUSH l a
    SET s x
    BLPOP l x
    BLPOP s x
    BLPOP l -1
    BRPOP l -0.5
    BLPOP l ""
    BLPOP l 1e
    BLPOP l nan
    BLPOP l -inf
    BLPOP l 0
    BLPOP none inf => !ERR timeout is out of range
    BLPOP none 1e20 => !ERR timeout is out of range
    BLPOP none 9223372036854775.807 => !ERR timeout is out of range
    BLMOVE l m LEFT LEFT x
    BLMOVE l m x LEFT x
    BLMOVE l m LEFT x -1
    BLMOVE l m LEFT LEFT -1
    BRPOPLPUSH l m x
    BRPOPLPUSH l m -1
    BLMPOP x 1 l LEFT
    BLMPOP x 0 l LEFT
    BLMPOP x 1 l UP
    BLMPOP -1 1 l LEFT
    BLMPOP 0 0 l LEFT
    BLMPOP 0 x l LEFT
    BLMPOP 0 2 l LEFT
    BLMPOP 0 1 l LEFT COUNT
    BLMPOP 0 1 l LEFT COUNT 0
    BLMPOP 0 1 l LEFT COUNT 1 COUNT 1
    BLMPOP 0 1 l LEFT FOO 1
    BLPOP l
    BLMOVE l m LEFT LEFT
    BRPOPLPUSH l m
    BLMPOP 0 1 l
    EXISTS l
  `,
)

conformance(
  'a wait that ends by itself',
  script`
    BLPOP none 0.01
    BRPOP none other 0.01
    BLMPOP 0.01 2 none other RIGHT COUNT 3
    BLMOVE none other LEFT RIGHT 0.01
    BRPOPLPUSH none other 0.01
    # A millisecond is the least.
    BLPOP none 0.0001
    # What rounds up to 0 is for ever.
    A> BLPOP none -0.0001
    A?
    RPUSH none x
    A<
    B> BLPOP none 1e15
    C> BRPOP none 0x10
    RPUSH none x y
    B<
    C<
  `,
)

conformance(
  'in a transaction nobody waits',
  script`
    MULTI
    BLPOP none 0
    BRPOP none other 0
    BLMPOP 0 1 none LEFT
    BLMOVE none other LEFT LEFT 0
    BRPOPLPUSH none other 0
    RPUSH l a b c
    BLPOP l 0
    BLMOVE l l LEFT RIGHT 0
    BLMPOP 0 1 l LEFT COUNT 9
    BLPOP none x
    EXEC
  `,
)

conformance(
  'first come, first served',
  script`
    A> BLPOP l 0
    B> BRPOP l 0
    C> BLMPOP 0 1 l LEFT COUNT 2
    D> BLPOP l 0
    RPUSH l 1
    A<
    B?
    RPUSH l 2 3 4 5
    B<
    C<
    D<
    EXISTS l
    A> BLPOP l 0
    LPUSH l 1 2 3
    A<
    LRANGE l 0 -1
  `,
)

conformance(
  'a client that waits for several keys',
  script`
    A> BLPOP one two three 0
    RPUSH other x
    A?
    RPUSH two x
    A<
    RPUSH one x
    LLEN one
    # One key twice is one key.
    B> BLPOP l l 0
    RPUSH l 1 2
    B<
    LRANGE l 0 -1
    A> BRPOP p q 0
    B> BRPOP q p 0
    RPUSH q 1
    A<
    B?
    RPUSH p 2
    B<
  `,
)

conformance(
  'one client is served at a time, after the whole command',
  script`
    A> BLPOP l 0
    MULTI
    RPUSH l a
    RPUSH l b
    LPUSH l c
    EXEC
    A<
    LRANGE l 0 -1
    DEL l
    # What is gone at the end of the transaction was never there.
    B> BLPOP l 0
    MULTI
    RPUSH l a
    DEL l
    EXEC
    B?
    MULTI
    RPUSH l a
    DEL l
    SET l x
    EXEC
    B?
    DEL l
    RPUSH l end
    B<
  `,
)

conformance(
  'a key of another type wakes nobody',
  script`
    A> BLPOP l 0
    B> BLMOVE l m LEFT LEFT 0
    SET l x
    A?
    SADD other x
    RENAME other l
    A?
    B?
    DEL l
    RPUSH l a b
    A<
    B<
    LRANGE m 0 -1
  `,
)

conformance(
  'lists that come by other commands than a push',
  script`
    RPUSH source a b
    A> BLPOP l 0
    RENAME source l
    A<
    B> BLPOP copy 0
    COPY l copy
    B<
    C> BLPOP moved 0
    LMOVE l moved LEFT LEFT
    C<
    SELECT 3
    RPUSH here x
    D> BLPOP here 0
    MOVE here 0
    D<
    D> BLPOP sorted 0
    SELECT 0
    RPUSH numbers 3 1 2
    SORT numbers STORE sorted
    D<
    LRANGE sorted 0 -1
  `,
)

conformance(
  'BLMOVE passes elements on',
  script`
    A> BLMOVE a b LEFT RIGHT 0
    B> BLMOVE b c LEFT RIGHT 0
    C> BRPOPLPUSH c d 0
    D> BLPOP d 0
    RPUSH a x
    A<
    B<
    C<
    D<
    EXISTS a b c d
    # From a list onto itself.
    A> BLMOVE l l LEFT RIGHT 0
    B> BRPOPLPUSH l l 0
    RPUSH l 1 2 3
    A<
    B<
    LRANGE l 0 -1
  `,
)

conformance(
  'BLMOVE to a key of another type',
  script`
    SET s x
    A> BLMOVE l s LEFT LEFT 0
    B> BRPOPLPUSH l s 0
    C> BLPOP l 0
    RPUSH l a
    A<
    B<
    C<
    EXISTS l
    # The type of the destination counts when the element comes.
    A> BLMOVE l s LEFT LEFT 0
    DEL s
    RPUSH l a
    A<
    LRANGE s 0 -1
  `,
)

conformance(
  'several clients and one push for all of them',
  script`
    A> BLMPOP 0 2 l m LEFT COUNT 3
    B> BLMPOP 0 2 m l RIGHT COUNT 3
    RPUSH l 1 2 3 4 5
    A<
    B<
    EXISTS l
    A> BLPOP l 0
    B> BLPOP m 0
    MULTI
    RPUSH m b
    RPUSH l a
    EXEC
    A<
    B<
    EXISTS l m
  `,
)

conformance('CLIENT UNBLOCK', async ({ both, play, redis, russet }) => {
  const unblock = async (how: string): Promise<void> => {
    // The two servers count their clients each in its own way.
    const ids = await both('A> CLIENT ID ~type')
    await play(script`
      A> BLMOVE l m LEFT LEFT 0
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
  await unblock('TIMEOUT')
  await unblock('ERROR')
  await play(script`
    RPUSH l a
    A> BLMOVE l m LEFT LEFT 0
  `)
})
