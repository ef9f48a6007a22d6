/** A client's own connection: AUTH, ECHO, HELLO, PING, QUIT, RESET, SELECT. */
import { describe, expect } from 'vitest'
import { conformance, script } from '../support/conformance.js'

conformance(
  'PING and ECHO',
  script`
    PING
    ping
    PiNg hello
    PING ""
    PING "a\r\nb\x00\xff"
    PING a b
    ECHO hello
    ECHO ""
    ECHO
    ECHO a b
  `,
)

conformance(
  'commands that do not exist',
  script`
    NOPE
    NOPE a b c
    "" a
    "a\r\nb" "c\r\nd"
    CLIENT
    CLIENT NOPE
    CLIENT "a\nb"
    CLIENT ID x
    CONFIG NOPE a b
    GET
    get a b c
    NOPE ${'x'.repeat(200)}
    ${'y'.repeat(200)} a
    NOPE ${Array.from({ length: 50 }, (_, i) => `argument${i}`).join(' ')}
  `,
)

conformance(
  'SELECT',
  script`
    SELECT 0
    SELECT 15
    SET k 15
    SELECT 0
    GET k
    SELECT 16
    SELECT -1
    SELECT x
    SELECT 1.0
    SELECT ""
    SELECT 01
    SELECT 2147483648
    SELECT -2147483649
    SELECT 99999999999999999999
    SELECT
    SELECT 1 2
    MULTI
    SELECT 15
    GET k
    EXEC
    GET k
  `,
)

describe('HELLO', () => {
  conformance(
    'options and their errors',
    script`
      HELLO 1
      HELLO 4
      HELLO x
      HELLO 3.0
      HELLO 99999999999999999999
      HELLO 3 x
      HELLO 3 AUTH
      HELLO 3 AUTH a
      HELLO 3 AUTH a b
      HELLO 3 AUTH a b x => !ERR Syntax error in HELLO option 'x'
      HELLO 3 AUTH default
      HELLO 3 SETNAME
      HELLO 3 SETNAME "a b"
      HELLO 3 SETNAME "a\nb"
      HELLO 3 SETNAME x AUTH a b => !WRONGPASS invalid username-password pair or user is disabled.
      CLIENT GETNAME => nil
      HELLO 2 ~kind
      HELLO 2 AUTH default anything SETNAME me ~kind
      CLIENT GETNAME
      HELLO 2 SETNAME a SETNAME b ~kind
      CLIENT GETNAME
      HELLO 2 SETNAME "" ~kind
      CLIENT GETNAME
      HELLO 3 ~kind
      HELLO ~kind
      HGETALL none
      HELLO 3 AUTH a b
      HELLO 2 ~kind
      HGETALL none
    `,
  )

  conformance('what it tells', async ({ russet, redis }) => {
    for (const version of [2, 3]) {
      const [ours, theirs] = [await russet.send('HELLO', version), await redis.send('HELLO', version)]
      expect(ours.type).toBe(theirs.type)
      const own = '$7\r\nversion\r\n$5\r\n7.4.0\r\n$14\r\nrusset_version\r\n'
      expect(ours.raw).toContain(own)
      // Beside versions, the number of fields and the id everything is the same.
      const rest = (raw: string) =>
        raw.slice(raw.indexOf('$5\r\nproto')).replace(/\r\n:\d+\r\n\$4\r\nmode/, '')
      expect(rest(ours.raw)).toBe(rest(theirs.raw))
    }
  })

  conformance(
    'inside a transaction',
    script`
    MULTI
    HELLO 3
    HGETALL none
    EXEC ~kind
    HELLO 2 ~kind
  `,
    { protocols: [2] },
  )
})

describe('AUTH', () => {
  conformance(
    'without a password',
    script`
      AUTH
      AUTH x
      AUTH default x
      AUTH default ""
      AUTH nobody x
      AUTH Default x
      AUTH a b c
    `,
  )

  conformance(
    'with one',
    script`
      A> PING
      B> PING
      C> PING
      CONFIG SET requirepass secret
      A> PING
      A> RESET
      B> RESET
      C> RESET
      A> PING
      A> GET k
      A> NOPE
      A> GET
      A> CLIENT NOPE
      A> HELLO => !NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time
      A> HELLO 3 => !NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time
      A> HELLO 4
      A> HELLO 3 AUTH default wrong
      A> AUTH
      A> AUTH wrong
      A> AUTH ""
      A> AUTH secretsecret
      A> AUTH default wrong
      A> AUTH nobody secret
      A> MULTI
      A> RESET
      A> AUTH default secret
      A> PING
      A> RESET
      A> PING
      A> HELLO 2 AUTH default secret SETNAME a ~kind
      A> PING
      A> CLIENT GETNAME
      A> QUIT
      A> PING
      B> QUIT
      B> PING
      CONFIG SET requirepass ""
      C> PING
    `,
    { protocols: [2] },
  )

  conformance(
    'a password set later does not shut out who is connected',
    script`
      A> PING
      CONFIG SET requirepass secret
      A> PING
      A> AUTH wrong
      A> PING
      CONFIG SET requirepass ""
    `,
    { protocols: [2] },
  )
})

describe('RESET and QUIT', () => {
  conformance(
    'RESET',
    script`
      RESET x
      CLIENT SETNAME me
      SELECT 3
      SET k v
      RESET
      CLIENT GETNAME
      GET k
      MULTI
      SET k w
      RESET
      EXEC
      GET k
      WATCH k
      A> SET k changed
      RESET
      MULTI
      GET k
      EXEC
      HELLO 3 ~kind
      RESET
      HGETALL none
    `,
  )

  conformance(
    'QUIT',
    script`
      A> QUIT
      A> PING
      B> QUIT now
      C>> "PING\r\nQUIT\r\nPING\r\n"
      C<
      C<
      D> MULTI
      D> SET k v
      D> QUIT
      GET k
    `,
  )

  conformance('RESET after CLIENT REPLY OFF', async ({ redis, russet }) => {
    const [theirs, ours] = await Promise.all(
      [redis, russet].map((connection) => {
        connection.sendRaw('CLIENT REPLY OFF\r\nPING\r\n')
        return connection.send('RESET')
      }),
    )
    expect(ours).toEqual(theirs)
  })
})
