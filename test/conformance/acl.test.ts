/**
 * ACL: rules and their refusals, and what users may do. Users outlive a script: each removes those it has made.
 * Since 7.2 the texts of denials name the user, and more fields are shown.
 */
import { expect, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { arrayOf, bulksOf, plainOf } from '../support/replies.js'
import type { Reply } from '../support/resp-reader.js'
import { sharedPair } from '../support/server-pair.js'

/** For what would lock other tests out if it failed. */
const OWN_SERVERS = { args: ['--acllog-max-len', '64'] }

conformance(
  'users come and go',
  script`
    ACL WHOAMI
    ACL USERS
    ACL LIST ~differs => ["user default on nopass sanitize-payload ~* &* +@all"]
    ACL GETUSER default ~differs => {"flags": <"on", "nopass", "sanitize-payload">, "passwords": [], "commands": "+@all", "keys": "~*", "channels": "&*", "selectors": []}
    ACL GETUSER nobody
    ACL SETUSER b
    ACL SETUSER a on
    ACL SETUSER C on
    ACL SETUSER ""
    ACL USERS
    ACL DELUSER nobody
    ACL DELUSER a nobody a ""
    ACL DELUSER b default
    ACL DELUSER default
    ACL USERS
    ACL DELUSER b C
    ACL SETUSER "a b" on
    ACL SETUSER "a\x00b" on
    ACL SETUSER "a\tb" on
    ACL USERS
  `,
)

conformance(
  'a user is described by its rules',
  script`
    ACL SETUSER u on >p "#${'ab'.repeat(32)}" "~a*" "%R~b*" "%W~c*" &news.* +@hash -hdel +config|get -config|set +get "(~z* +@read -get)" "(%R~q +select|1)"
    ACL GETUSER u ~differs => {"flags": <"on", "sanitize-payload">, "passwords": ["148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940", "${'ab'.repeat(32)}"], "commands": "-@all +@hash -hdel +config|get -config|set +get", "keys": "~a* %R~b* %W~c*", "channels": "&news.*", "selectors": [{"commands": "-@all +@read -get", "keys": "~z*", "channels": ""}, {"commands": "-@all +select|1", "keys": "%R~q", "channels": ""}]}
    ACL LIST ~differs => ["user default on nopass sanitize-payload ~* &* +@all", "user u on sanitize-payload #148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940 #${'ab'.repeat(32)} ~a* %R~b* %W~c* resetchannels &news.* -@all +@hash -hdel +config|get -config|set +get (~z* resetchannels -@all +@read -get) (%R~q resetchannels -@all +select|1)"]
    # A rule for a command makes those void that came before it, also for its subcommands.
    ACL SETUSER u +@HASH +CONFIG +GET +Select|0 -get
    ACL GETUSER u ~differs => {"flags": <"on", "sanitize-payload">, "passwords": ["148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940", "${'ab'.repeat(32)}"], "commands": "-@all -hdel +@hash +config +select|0 -get", "keys": "~a* %R~b* %W~c*", "channels": "&news.*", "selectors": [{"commands": "-@all +@read -get", "keys": "~z*", "channels": ""}, {"commands": "-@all +select|1", "keys": "%R~q", "channels": ""}]}
    ACL SETUSER u "%R~c*" "%W~b*" "~a*" resetpass skip-sanitize-payload allchannels clearselectors +@all -select
    ACL GETUSER u ~differs => {"flags": <"on", "skip-sanitize-payload">, "passwords": [], "commands": "+@all -select", "keys": "~a* ~b* ~c*", "channels": "&*", "selectors": []}
    ACL SETUSER u reset
    ACL GETUSER u ~differs => {"flags": <"off", "sanitize-payload">, "passwords": [], "commands": "-@all", "keys": "", "channels": "", "selectors": []}
    ACL DELUSER u
  `,
)

conformance(
  'what is no rule is refused, and nothing of the call done',
  script`
    ACL SETUSER u on "~a" +get
    ACL SETUSER u off "~b" +nope
    ACL SETUSER u off -nope
    ACL SETUSER u off +@nope
    ACL SETUSER u off +@
    ACL SETUSER u off +
    ACL SETUSER u off nope
    ACL SETUSER u off "~a b"
    ACL SETUSER u off "~a\nb"
    ACL SETUSER u off "&a b"
    ACL SETUSER u off %
    ACL SETUSER u off "%~a"
    ACL SETUSER u off "%RR~a"
    ACL SETUSER u off "%RX~a"
    ACL SETUSER u off "~*" "~a"
    ACL SETUSER u off allkeys "%R~a"
    ACL SETUSER u off "&*" &a
    ACL SETUSER u off <p
    ACL SETUSER u off "!${'0'.repeat(64)}"
    ACL SETUSER u off "!x"
    ACL SETUSER u off "#x"
    ACL SETUSER u off "#${'A'.repeat(64)}"
    ACL SETUSER u off "#${'a'.repeat(63)}"
    ACL SETUSER u off +config|nope
    ACL SETUSER u off +config|get|x
    ACL SETUSER u off +config|
    ACL SETUSER u off +|
    ACL SETUSER u off -config|get|x
    ACL SETUSER u off -select|1
    ACL SETUSER u off +select|
    ACL SETUSER u off (+get
    ACL SETUSER u off "(" +get +set
    ACL SETUSER u off ( +nope )
    ACL SETUSER u off (on)
    ACL SETUSER u off "(>p)"
    ACL SETUSER u off "(\"\")"
    ACL SETUSER u off +get)
    ACL GETUSER u ~differs => {"flags": <"on", "sanitize-payload">, "passwords": [], "commands": "-@all +get", "keys": "~a", "channels": "", "selectors": []}
    ACL SETUSER u "" "" (~"b" +set)
    ACL SETUSER u () "(" "~c" )
    ACL SETUSER nobody +nope
    ACL GETUSER nobody
    ACL DELUSER u
    # A first argument with blanks could not be written down: Redis takes it, and ends at the next ACL LIST.
    ACL SETUSER u "+select|1 2" => !"ERR Error in ACL SETUSER modifier '+select|1 2': Syntax error"
  `,
)

conformance(
  'DRYRUN',
  script`
    ACL SETUSER u "~a*" "%R~r*" "%W~w*" &c* +@all -flushall -config|set "(~z* +flushall)"
    ACL DRYRUN nobody GET a
    ACL DRYRUN u nope
    ACL DRYRUN u config nope
    ACL DRYRUN u config
    ACL DRYRUN u get
    ACL DRYRUN u GET a
    ACL DRYRUN u GET q ~differs => "User u has no permissions to access the 'q' key"
    ACL DRYRUN u Get r
    ACL DRYRUN u SET r v ~differs => "User u has no permissions to access the 'r' key"
    ACL DRYRUN u SET w v
    ACL DRYRUN u SET w v GET ~differs => "User u has no permissions to access the 'w' key"
    ACL DRYRUN u EXISTS w r
    ACL DRYRUN u STRLEN w
    ACL DRYRUN u LLEN q ~differs => "User u has no permissions to access the 'q' key"
    ACL DRYRUN u GETRANGE w 0 1 ~differs => "User u has no permissions to access the 'w' key"
    ACL DRYRUN u COPY r w
    ACL DRYRUN u COPY w r ~differs => "User u has no permissions to access the 'w' key"
    ACL DRYRUN u MGET a q1 q2 ~differs => "User u has no permissions to access the 'q1' key"
    ACL DRYRUN u FLUSHALL
    ACL DRYRUN u CONFIG SET a b ~differs => "User u has no permissions to run the 'config|set' command"
    ACL DRYRUN u CONFIG GET a
    ACL DRYRUN u PUBLISH c1 m
    ACL DRYRUN u PUBLISH d m ~differs => "User u has no permissions to access the 'd' channel"
    ACL DRYRUN u SUBSCRIBE c1 d ~differs => "User u has no permissions to access the 'd' channel"
    ACL DRYRUN u PSUBSCRIBE c*
    ACL DRYRUN u PSUBSCRIBE c1 ~differs => "User u has no permissions to access the 'c1' channel"
    ACL DRYRUN u UNSUBSCRIBE d
    ACL DRYRUN u SORT a STORE q ~differs => "User u has no permissions to access the 'q' key"
    ACL DRYRUN u XREAD STREAMS a q 0 0 ~differs => "User u has no permissions to access the 'q' key"
    ACL DRYRUN u ZUNIONSTORE a 2 r q ~differs => "User u has no permissions to access the 'q' key"
    ACL DRYRUN default FLUSHALL
    ACL DELUSER u
  `,
)

conformance(
  'a client may do what its user may',
  script`
    SET q 1
    ACL SETUSER u on >p "~a*" "%R~r*" &c* +@all -@dangerous +select|0
    A> AUTH u wrong
    A> AUTH nobody p
    A> AUTH p
    A> ACL WHOAMI
    A> AUTH u p
    A> ACL WHOAMI
    A> SET a 1
    A> GET q ~differs => !"NOPERM No permissions to access a key"
    A> SET r 1 ~differs => !"NOPERM No permissions to access a key"
    A> FLUSHALL ~differs => !"NOPERM User u has no permissions to run the 'flushall' command"
    A> CONFIG GET maxmemory ~differs => !"NOPERM User u has no permissions to run the 'config|get' command"
    A> PUBLISH d m ~differs => !"NOPERM No permissions to access a channel"
    A> PUBLISH c m
    A> nope
    A> GET
    # Rules are in force at once.
    ACL SETUSER u "%R~q"
    A> GET q
    ACL SETUSER u off -get
    A> GET q ~differs => !"NOPERM User u has no permissions to run the 'get' command"
    B> AUTH u p
    ACL SETUSER u nopass on -auth -hello
    A> AUTH default x
    A> ACL WHOAMI
    A> AUTH u anything
    A> RESET
    A> ACL WHOAMI
    ACL DELUSER u
  `,
)

conformance(
  'HELLO AUTH',
  script`
    ACL SETUSER u on >p +@connection
    A> HELLO 3 AUTH u wrong
    A> HELLO 3 AUTH u p SETNAME n ~kind
    A> CLIENT GETNAME
    A> ACL WHOAMI ~differs => !"NOPERM User u has no permissions to run the 'acl|whoami' command"
    ACL DELUSER u
  `,
)

conformance(
  'MULTI: checks when a command is queued, and again when it runs',
  script`
    ACL SETUSER u on nopass "~*" &* +@all
    A> AUTH u x
    A> MULTI
    A> SET a 1
    ACL SETUSER u -get
    A> GET a ~differs => !"NOPERM User u has no permissions to run the 'get' command"
    A> EXEC
    ACL SETUSER u +get
    A> MULTI
    A> SET a 2
    A> GET a
    A> SET b 2
    A> PUBLISH c m
    ACL SETUSER u -get resetkeys "~b" resetchannels
    A> EXEC
    GET a
    GET b
    ACL SETUSER u allchannels
    A> MULTI
    A> PUBLISH c m
    ACL SETUSER u resetchannels
    A> EXEC
    ACL SETUSER u -exec -discard
    A> MULTI
    A> EXEC ~differs => !"EXECABORT Transaction discarded because of: NOPERM User u has no permissions to run the 'exec' command"
    A> DISCARD ~differs => !"NOPERM User u has no permissions to run the 'discard' command"
    ACL DELUSER u
    ACL LOG RESET
  `,
)

conformance(
  'SORT follows patterns only for who may read all keys',
  script`
    RPUSH l 2 1
    ACL SETUSER u on nopass "~l" "~d" "%W~*" +@all
    A> AUTH u x
    A> SORT l
    A> SORT l BY nosort
    A> SORT l BY w_*
    A> SORT l BY w_* nope
    A> SORT l nope BY w_*
    A> SORT l LIMIT x 1 BY w_*
    A> SORT l GET #
    A> SORT l GET x STORE d
    A> SORT_RO l BY w_*
    ACL SETUSER u "%R~*"
    A> SORT l BY w_* GET #
    ACL DELUSER u
  `,
)

conformance(
  'requirepass is the password of the default user',
  script`
    A> PING
    B> PING
    C> PING
    CONFIG SET requirepass p
    CONFIG GET requirepass
    # Who was there before need not sign in.
    B> PING
    B> RESET
    B> PING
    B> AUTH wrong
    B> HELLO 3 ~kind
    B> AUTH p
    B> PING
    A> RESET
    A> ACL WHOAMI
    A> AUTH default p
    A> ACL WHOAMI
    ACL SETUSER default >q
    CONFIG GET requirepass
    C> RESET
    C> AUTH q
    C> PING
    CONFIG SET requirepass p2
    C> RESET
    C> AUTH q
    C> AUTH p2
    ACL SETUSER default resetpass
    C> RESET
    C> AUTH p2
    C> AUTH default p2
    # It need not sign in any more.
    ACL SETUSER default nopass
    C> PING
    CONFIG GET requirepass
    C> AUTH p
    C> AUTH default anything
    ACL SETUSER default off
    C> PING
    B> RESET
    B> PING
    B> AUTH default x
    ACL SETUSER default on
    B> PING
    CONFIG SET requirepass ""
    ACL LOG RESET
  `,
  OWN_SERVERS,
)

conformance(
  'the default user can be restricted',
  script`
    ACL SETUSER admin on nopass "~*" &* +@all
    Admin> AUTH admin x
    A> PING
    ACL SETUSER default -get
    GET a ~differs => !"NOPERM User default has no permissions to run the 'get' command"
    Admin> ACL SETUSER default +get
    GET a
    Admin> ACL SETUSER default reset
    PING ~differs => !"NOPERM User default has no permissions to run the 'ping' command"
    Admin> ACL SETUSER default on nopass +@all allkeys allchannels
    A> PING
    ACL DELUSER admin
    ACL LOG RESET
  `,
  OWN_SERVERS,
)

conformance(
  'clients of a user that goes are disconnected',
  script`
    ACL SETUSER u on nopass +@all "~*" &*
    ACL SETUSER v on nopass +@all
    A> AUTH u x
    B> AUTH v x
    C> AUTH u x
    C> BLPOP l 0
    ACL DELUSER u
    C<
    ACL USERS
    CLIENT KILL USER u
    CLIENT KILL USER v
    CLIENT KILL USER v
    ACL DELUSER v
  `,
)

conformance(
  'subscribers of channels that are taken from their user are disconnected',
  script`
    ACL SETUSER u on nopass +@all "~*" &a* &b*
    A> AUTH u x
    A> SUBSCRIBE a1
    B> AUTH u x
    B> PSUBSCRIBE b*
    C> AUTH u x
    ACL SETUSER u &c
    CLIENT LIST TYPE pubsub ~kind
    PUBLISH a1 m
    ACL SETUSER u resetchannels &a*
    PUBLISH a1 m
    PUBLISH b m
    ACL SETUSER u resetchannels
    PUBLISH a1 m
    C> PING
    ACL DELUSER u
  `,
)

conformance(
  'CAT, GENPASS, LOG',
  script`
    ACL CAT
    ACL CAT nope
    ACL CAT "${'x'.repeat(200)}"
    ACL CAT Transaction ~unordered
    ACL CAT bitmap ~unordered
    ACL CAT a b
    ACL GENPASS ~kind
    ACL GENPASS 0
    ACL GENPASS -1
    ACL GENPASS 4097
    ACL GENPASS x
    ACL GENPASS 1 2
    ACL LOG RESET
    ACL LOG
    ACL LOG -1
    ACL LOG x
    ACL LOG 1 2
    ACL LOG reset 1
    ACL
    ACL nope
    ACL LIST x
    ACL SETUSER
    ACL GETUSER
    ACL DELUSER
    ACL DRYRUN default
    ACL LOAD
    ACL SAVE
    ACL LOAD x
    CONFIG SET aclfile x
    CONFIG GET aclfile
  `,
)

test('GENPASS gives as many digits as the bits need', async () => {
  const pair = await sharedPair()
  const seen = new Set<string>()
  for (const [bits, digits] of [
    [1, 1],
    [4, 1],
    [5, 2],
    [32, 8],
    [4096, 1024],
    [undefined, 64],
    [undefined, 64],
  ]) {
    const replies = await pair.ask('ACL', 'GENPASS', ...(bits === undefined ? [] : [bits]))
    for (const side of ['redis', 'russet'] as const) {
      const [password] = [replies[side]].map((reply) => plainOf(reply) as string)
      expect(password).toMatch(new RegExp(`^[0-9a-f]{${digits}}$`))
    }
    if (bits === undefined) seen.add(plainOf(replies.russet) as string)
  }
  expect(seen.size).toBe(2)
})

test('the commands of each category are those of redis-server, as far as both have them', async () => {
  const pair = await sharedPair()
  const lists = await pair.ask('COMMAND', 'LIST')
  const common = bulksOf(lists.redis).filter((name) => bulksOf(lists.russet).includes(name))
  // In another category since 7.2.
  const moved = ['wait', 'pubsub|help']
  const categories = await pair.ask('ACL', 'CAT')
  expect(plainOf(categories.russet)).toEqual(plainOf(categories.redis))
  for (const category of bulksOf(categories.russet)) {
    const replies = await pair.ask('ACL', 'CAT', category)
    const known = (side: 'redis' | 'russet') =>
      bulksOf(replies[side])
        .filter((name) => common.includes(name) && !moved.includes(name))
        .sort()
    expect(known('russet'), category).toEqual(known('redis'))
  }
})

test('ACL LOG tells what was refused, and the same only once', async () => {
  const pair = await sharedPair()
  const { redis, russet } = await pair.connect()
  await pair.ask('ACL', 'LOG', 'RESET')
  await pair.ask('ACL', 'SETUSER', 'u', 'on', '>p', '~a', '&c', '+@all', '-flushall')
  for (const connection of [redis, russet]) {
    await connection.send('AUTH', 'u', 'wrong')
    await connection.send('Auth', 'nobody', 'wrong')
    await connection.send('AUTH', 'u', 'p')
    await connection.send('FLUSHALL')
    await connection.send('flushall')
    await connection.send('MGET', 'a', 'b')
    await connection.send('PUBLISH', 'd', 'm')
    await connection.send('MULTI')
    await connection.send('GET', 'b')
    await connection.send('DISCARD')
    await connection.send('FLUSHALL')
  }
  const logs = await pair.ask('ACL', 'LOG')
  const entries = (side: 'redis' | 'russet') =>
    arrayOf(logs[side]).map((entry) => {
      const flat = plainOf(entry) as string[]
      return Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]]] : [])))
    })
  const told = (side: 'redis' | 'russet') =>
    entries(side).map(({ count, reason, context, object, username }) => ({
      count,
      reason,
      context,
      object,
      username,
    }))
  expect(told('russet')).toEqual(told('redis'))
  expect(told('russet')).toHaveLength(6)
  for (const entry of entries('russet')) {
    expect(entry['client-info']).toMatch(/^id=\d+ addr=127.0.0.1:\d+ .*user=/)
    expect(Number(entry['age-seconds'])).toBeGreaterThanOrEqual(0)
    expect(Number(entry['timestamp-last-updated'])).toBeGreaterThanOrEqual(Number(entry['timestamp-created']))
  }
  expect(new Set(entries('russet').map((entry) => entry['entry-id'])).size).toBe(6)
  expect(arrayOf((await pair.ask('ACL', 'LOG', '2')).russet)).toHaveLength(2)

  // Counted since 7.2.
  const before = await pair.ask('INFO', 'stats')
  await russet.send('GET', 'b')
  await russet.send('FLUSHALL')
  const after = await pair.ask('INFO', 'stats')
  const counted = (reply: Reply) => {
    const found = (plainOf(reply) as string).matchAll(/acl_access_denied_(\w+):(\d+)/g)
    return Object.fromEntries([...found].map(([, name, count]) => [name, Number(count)]))
  }
  const { auth, cmd, key, channel } = counted(before.russet)
  expect(counted(after.russet)).toEqual({ auth, cmd: (cmd as number) + 1, key: (key as number) + 1, channel })
  expect(Math.min(auth as number, channel as number)).toBeGreaterThan(0)
  await pair.ask('ACL', 'DELUSER', 'u')
  await pair.ask('ACL', 'LOG', 'RESET')
})
