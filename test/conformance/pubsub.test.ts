/** Publishing and subscribing: what every client sees, in its order. */
import { expect } from 'vitest'
import { conformance, script } from '../support/conformance.js'

conformance(
  'SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE: a confirmation for each channel',
  script`
    S> SUBSCRIBE a b a
    S<
    S<
    S> PSUBSCRIBE a* b?
    S<
    S> SSUBSCRIBE a s
    S<
    S> SUBSCRIBE ""
    S> SUBSCRIBE "\xff\x00"
    S> UNSUBSCRIBE a
    S> UNSUBSCRIBE a nosuch
    S<
    S> SUNSUBSCRIBE nosuch
    S> SUNSUBSCRIBE s
    S> SUNSUBSCRIBE
    S> SUNSUBSCRIBE
    S> PUNSUBSCRIBE b?
    S> PUNSUBSCRIBE
    S> PUNSUBSCRIBE
    S> UNSUBSCRIBE b "\xff\x00"
    S<
    S> UNSUBSCRIBE
    S> UNSUBSCRIBE
    S> GET k
    SUBSCRIBE
    PSUBSCRIBE
    SSUBSCRIBE
  `,
)

conformance(
  'PUBLISH reaches channels and patterns, SPUBLISH shard channels',
  script`
    S> SUBSCRIBE news
    T> PSUBSCRIBE n*s
    U> SSUBSCRIBE news
    PUBLISH news one
    S<
    T<
    SPUBLISH news two
    U<
    PUBLISH news ""
    S<
    T<
    PUBLISH news "\xff\x00\r\n"
    S<
    T<
    PUBLISH ns three
    T<
    PUBLISH other four
    SPUBLISH other five
    PUBLISH news
    PUBLISH news a b
    SPUBLISH news
    S> SUBSCRIBE news
    PUBLISH news six
    S<
    T<
    S> UNSUBSCRIBE news
    PUBLISH news seven
    T<
  `,
)

conformance(
  'a client with several subscriptions that fit gets the message once for each',
  script`
    S> SUBSCRIBE news
    S> PSUBSCRIBE *
    PUBLISH news one
    S<
    S<
    PUBLISH "" two
    PUBLISH ne\w three
    S<
    S> PSUBSCRIBE n[ef]?s
    S> PUNSUBSCRIBE *
    PUBLISH nfws four
    S<
  `,
)

conformance(
  'PUBSUB',
  script`
    PUBSUB CHANNELS
    PUBSUB NUMSUB
    PUBSUB NUMSUB a
    PUBSUB NUMPAT
    PUBSUB SHARDCHANNELS
    PUBSUB SHARDNUMSUB
    S> SUBSCRIBE a b
    S<
    S> PSUBSCRIBE x* y*
    S<
    S> SSUBSCRIBE s
    T> SUBSCRIBE a
    T> PSUBSCRIBE x*
    PUBSUB CHANNELS ~unordered
    PUBSUB CHANNELS * ~unordered
    PUBSUB CHANNELS a
    PUBSUB CHANNELS x*
    PUBSUB channels [b-z]
    PUBSUB NUMSUB a b c a s
    PUBSUB NUMPAT
    PUBSUB SHARDCHANNELS
    PUBSUB SHARDCHANNELS s*
    PUBSUB SHARDCHANNELS a*
    PUBSUB SHARDNUMSUB s a
    PUBSUB CHANNELS a b
    PUBSUB SHARDCHANNELS a b
    PUBSUB NUMPAT x
    PUBSUB
    PUBSUB NOSUCH
    PUBSUB HELP x
    PUBSUB HELP ~kind
  `,
)

conformance(
  'with subscriptions only few commands may be sent in RESP2',
  script`
    S> SUBSCRIBE a
    S> PING
    S> PING "hel lo"
    S> PING a b
    S> GET k
    S> GET
    S> NOSUCH
    S> CLIENT ID ~kind
    S> CLIENT NOSUCH
    S> MULTI
    S> EXEC
    S> HELLO 3 ~kind
    S> PUBLISH a b
    S> PSUBSCRIBE p*
    S> UNSUBSCRIBE a
    S> SSUBSCRIBE s
    S> GET k
    S> PUNSUBSCRIBE
    S> GET k
    S> SUNSUBSCRIBE
    S> GET k
    S> PING
  `,
  { protocols: [2] },
)

conformance(
  'in RESP3 all commands may be sent with subscriptions',
  script`
    S> SUBSCRIBE a
    S> PING
    S> PING hello
    S> GET k
    S> MULTI
    S> SET k v
    S> EXEC
    PUBLISH a one
    S<
    S> HELLO 2 ~kind
    S> GET k
    PUBLISH a two
    S<
    S> PING
    S> UNSUBSCRIBE
    S> GET k
  `,
  { protocols: [3] },
)

conformance(
  'RESET and QUIT end all subscriptions',
  script`
    S> SUBSCRIBE a
    S> PSUBSCRIBE a*
    S> SSUBSCRIBE a
    S> RESET
    S> GET k
    PUBLISH a one
    SPUBLISH a one
    PUBSUB NUMPAT
    S> SUBSCRIBE a
    S> QUIT
    PUBLISH a two
    PUBSUB CHANNELS
  `,
)

conformance(
  'subscribing within a transaction',
  script`
    S> MULTI
    S> SUBSCRIBE a
    S> PING
    S> SET k v
    S> GET k
    S> UNSUBSCRIBE
    S> PSUBSCRIBE p*
    S> EXEC
    PUBLISH px one
    S<
    S> RESET
    S> MULTI
    S> SUBSCRIBE a
    S> DISCARD
    PUBLISH a two
  `,
)

conformance('UNSUBSCRIBE without channels ends all, in any order', async ({ both, russet, redis }) => {
  await both('SUBSCRIBE a b c')
  await both('PSUBSCRIBE p')
  const seen = { redis: [] as string[], russet: [] as string[] }
  for (const [name, connection] of [
    ['redis', redis],
    ['russet', russet],
  ] as const) {
    await connection.nextPush()
    await connection.nextPush()
    const confirmations = [await connection.send('UNSUBSCRIBE')]
    confirmations.push(await connection.nextPush(), await connection.nextPush())
    seen[name] = confirmations.map(({ raw }) => raw.slice(0, -4)).sort()
    expect(confirmations.map(({ raw }) => raw.slice(-4))).toEqual([':3\r\n', ':2\r\n', ':1\r\n'])
  }
  expect(seen.russet).toEqual(seen.redis)
})

conformance(
  'SSUBSCRIBE is refused within a transaction',
  script`
    MULTI
    SSUBSCRIBE s
    SUNSUBSCRIBE s
    EXEC
  `,
)

// A confirmation for each channel where the reply has room for one: EXEC's reply gets out of step.
conformance(
  'subscribing to several channels within a transaction',
  async ({ play, redis, russet, protocol }) => {
    await play(script`
    MULTI
    SUBSCRIBE a b
    PING
  `)
    for (const connection of [redis, russet]) {
      const reply = await connection.send('EXEC')
      const late = connection.nextPush()
      expect(reply.type, connection === redis ? 'redis' : 'russet').toBe('array')
      expect((await late).type).toBe(protocol === 2 ? 'array' : 'simple')
    }
  },
)

// Since 7.2 what a client publishes to itself comes after the reply; redis-server 7.0 sends it before.
conformance(
  'a client that publishes to itself',
  async ({ russet, both }) => {
    await both('SUBSCRIBE a')
    await both('PSUBSCRIBE a*')
    russet.transcript = []
    await russet.send('PUBLISH', 'a', 'one')
    await russet.nextPush()
    await russet.nextPush()
    expect(russet.transcript.map(({ raw }) => raw.split('\r\n')[2] ?? raw)).toEqual([
      ':2\r\n',
      'message',
      'pmessage',
    ])
  },
  { protocols: [3] },
)

conformance('a client that publishes to itself within a transaction', async ({ russet, protocol }) => {
  for (const command of ['MULTI', 'SUBSCRIBE a', 'PUBLISH a one', 'SET k v', 'PUBLISH a two']) {
    await russet.send(...command.split(' '))
  }
  russet.transcript = []
  const exec = await russet.send('EXEC')
  const mark = protocol === 2 ? '*' : '>'
  expect(exec.raw).toBe(`*4\r\n${mark}3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n:1\r\n+OK\r\n:1\r\n`)
  const pushes = [await russet.nextPush(), await russet.nextPush()]
  expect(pushes.map(({ raw }) => raw)).toEqual(
    ['one', 'two'].map((text) => `${mark}3\r\n$7\r\nmessage\r\n$1\r\na\r\n$3\r\n${text}\r\n`),
  )
  await russet.send('UNSUBSCRIBE')
  await russet.send('DEL', 'k')
})

conformance(
  'messages come in the order of their publishing, also out of transactions and blocked clients',
  script`
    S> SUBSCRIBE a b
    S<
    MULTI
    PUBLISH a 1
    PUBLISH b 2
    LPUSH l x
    PUBLISH a 3
    EXEC
    S<
    S<
    S<
    B> BLPOP q 0
    MULTI
    PUBLISH b 4
    RPUSH q x
    PUBLISH a 5
    EXEC
    B<
    S<
    S<
    MULTI
    PUBLISH a 6
    DISCARD
    PUBLISH a 7
    S<
  `,
)

conformance(
  'CLIENT REPLY keeps back neither messages nor confirmations',
  async ({ redis, russet, protocol }) => {
    const seen: string[] = []
    for (const connection of [redis, russet]) {
      connection.transcript = []
      const bytes = (...commands: string[]) =>
        connection.sendRaw(commands.map((line) => `${line}\r\n`).join(''))
      bytes(
        'CLIENT REPLY OFF',
        'SUBSCRIBE a b',
        'PING',
        'UNSUBSCRIBE b',
        'MULTI',
        'SET k v',
        'PSUBSCRIBE p*',
        'EXEC',
      )
      bytes('RESET', protocol === 2 ? 'HELLO 2 SETNAME x' : 'HELLO 3 SETNAME x')
      bytes(
        'CLIENT REPLY SKIP',
        'SUBSCRIBE c',
        'PING',
        'CLIENT REPLY SKIP',
        'UNSUBSCRIBE',
        'PING',
        'ECHO end',
      )
      while (connection.transcript.at(-1)?.raw !== '$3\r\nend\r\n') await connection.nextPush()
      const kept = connection.transcript.filter(({ raw }) => !raw.includes('server'))
      seen.push(kept.map(({ raw }) => raw).join(''))
    }
    expect(seen[1]).toBe(seen[0])
  },
)

conformance('CLIENT LIST, CLIENT KILL and INFO', async ({ play, both, russet }) => {
  await play(script`
      S> SUBSCRIBE a b c
      S<
      S<
      S> PSUBSCRIBE p*
      S> SSUBSCRIBE s t
      S<
      CLIENT LIST TYPE nosuch
      CLIENT KILL TYPE nosuch
    `)
  const fieldsOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.match(/(flags|sub|psub|ssub)=\S*/g)?.join(' '))
  for (const type of ['pubsub', 'normal', 'replica']) {
    const { redis, russet: own } = await both(`CLIENT LIST TYPE ${type} ~kind`)
    expect(fieldsOf((own as { value: string }).value), type).toEqual(
      fieldsOf((redis as { value: string }).value),
    )
  }
  const info = (await russet.send('INFO', 'clients', 'stats')) as { value: string }
  expect(info.value).toContain('\r\npubsub_clients:1\r\n')
  expect(info.value).toContain('\r\npubsub_channels:3\r\npubsub_patterns:1\r\npubsubshard_channels:2\r\n')
  await play(script`
      CLIENT KILL TYPE pubsub
      PUBLISH a x
      PUBLISH px x
      SPUBLISH s x
      PUBSUB CHANNELS
      CLIENT KILL TYPE pubsub
      SUBSCRIBE a
      RESET
    `)
  expect(((await russet.send('INFO', 'clients')) as { value: string }).value).toContain(
    'pubsub_clients:0\r\n',
  )
})

conformance(
  'CLIENT PAUSE WRITE holds PUBLISH back, but not SUBSCRIBE',
  script`
    CLIENT PAUSE 100000 WRITE
    S> SUBSCRIBE a
    P> PUBLISH a one
    P?
    Q> SPUBLISH a one
    Q?
    CLIENT UNPAUSE
    P<
    Q<
    S<
  `,
)
