/**
 * Keyspace notifications beside those of redis-server: which commands tell of what, in which order. The random
 * sequences of all groups compare them as well; here is what these leave out: blocked clients, expiry, whole
 * databases, and the choice of classes.
 */
import { describe, expect, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { plainOf } from '../support/replies.js'
import type { RespConnection } from '../support/resp-connection.js'
import { onBoth, type ServerPair, sharedPair } from '../support/server-pair.js'

const END = '__key end'
/** What DUMP gives for the string 10. */
const PAYLOAD = String.raw`"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb"`

/** Channels and messages that have come, up to the end that is published here. */
async function eventsOf(listener: RespConnection, publisher: RespConnection): Promise<string[]> {
  await publisher.send('PUBLISH', END, '')
  const events: string[] = []
  for (;;) {
    const push = await listener.nextPush()
    if (push.type === 'closed') throw new Error('the listener was disconnected')
    const [, , channel, message] = plainOf(push) as string[]
    if (channel === END) return events
    events.push(`${channel} ${message}`)
  }
}

async function listen(pair: ServerPair, classes: string) {
  await pair.ask('CONFIG', 'SET', 'notify-keyspace-events', classes)
  const listeners = await pair.connect()
  await onBoth((side) => listeners[side].send('PSUBSCRIBE', '__key*'))
  return listeners
}

/** Runs a script on both and compares what listeners hear of it. `after`, if given, waits for what comes later. */
function tells(name: string, lines: string, classes = 'KEAmn'): void {
  conformance(name, async ({ play }) => {
    const pair = await sharedPair()
    const listeners = await listen(pair, classes)
    await play(lines)
    const { redis, russet } = await onBoth((side) => eventsOf(listeners[side], pair.control[side]))
    expect(russet).toEqual(redis)
    expect(redis.length).toBeGreaterThan(0)
    await onBoth((side) => listeners[side].close())
    await pair.ask('CONFIG', 'SET', 'notify-keyspace-events', '')
  })
}

tells(
  'strings',
  script`
    SET k v
    SET k w NX
    SET k w GET
    SET k v EX 100
    SET k v PX 100000 KEEPTTL
    SETEX k 100 v
    PSETEX k 100000 v
    GETSET k v
    GETEX k
    GETEX k EX 100
    GETEX k PERSIST
    GETEX k PXAT 1
    GETDEL k
    SET k v EXAT 1
    MSET a 1 b 2 a 3
    MSETNX a 1 c 2
    MSETNX d 1 e 2
    INCR a
    DECRBY a 5
    INCRBYFLOAT a 1.5
    APPEND a x
    SETRANGE a 3 y
    SETRANGE a 3 ""
    SETRANGE nosuch 3 ""
    SETBIT a 1 0
    BITOP AND dest a b
    BITOP AND dest nosuch
    GET nosuch
    MGET a nosuch
    STRLEN nosuch
  `,
)

tells(
  'keys of any type',
  script`
    SET k v
    RPUSH l c a b
    EXPIRE k 100
    EXPIRE k 100 NX
    EXPIRE nosuch 100
    PERSIST k
    PERSIST k
    EXPIRE k 0
    SET k v
    RENAME k j
    SET k v
    RENAME j k
    RENAMENX k l
    RENAMENX k j
    COPY j k
    COPY j k REPLACE
    COPY j j DB 3
    MOVE j 1
    SELECT 1
    DEL j
    SELECT 0
    SORT l ALPHA STORE s
    SORT nosuch STORE s
    SORT nosuch STORE s
    DEL k l nosuch
    UNLINK k
    TOUCH nosuch
    EXISTS nosuch
    TYPE nosuch
    TTL nosuch
    OBJECT ENCODING nosuch
    DUMP nosuch
    RESTORE r 0 ${PAYLOAD}
    RESTORE r 0 ${PAYLOAD}
    RESTORE r 0 ${PAYLOAD} REPLACE
    RESTORE r 1 ${PAYLOAD} REPLACE ABSTTL
    RESTORE r 0 wrong
    SET k v
    FLUSHDB
    SET k v
    SWAPDB 0 1
    FLUSHALL
  `,
)

tells(
  'lists, sets, hashes and sorted sets',
  script`
    RPUSH l a b c d e f
    LPUSHX nosuch a
    LPOP l
    RPOP l 2
    LMOVE l m LEFT RIGHT
    RPOPLPUSH m m
    LINSERT l BEFORE c x
    LSET l 0 y
    LREM l 1 y
    LREM l 1 nosuch
    LTRIM l 0 0
    LTRIM l 1 0
    LMPOP 2 nosuch m LEFT COUNT 5
    SADD s a b c
    SADD s a
    SREM s a nosuch
    SMOVE s t b
    SPOP s 5
    SPOP s
    SINTERSTORE i t nosuch
    SUNIONSTORE u t
    SINTERSTORE u nosuch t
    HSET h f v g w
    HSET h f v
    HSETNX h f v
    HINCRBY h n 1
    HINCRBYFLOAT h n 1.5
    HDEL h f g nosuch
    HDEL h n
    ZADD z 1 a 2 b 3 c 4 d 5 e
    ZADD z 1 a
    ZADD z XX 7 nosuch
    ZADD z INCR 1 a
    ZINCRBY z 1 a
    ZREM z a
    ZPOPMIN z
    ZPOPMAX z 1
    ZMPOP 1 z MIN
    ZRANGESTORE y z 0 -1
    ZREMRANGEBYSCORE z -inf +inf
    ZUNIONSTORE z 1 y
    ZUNIONSTORE z 1 nosuch
    ZDIFFSTORE z 1 nosuch
    ZREMRANGEBYRANK y 0 -1
  `,
)

tells(
  'streams',
  script`
    XADD s 1-0 f v
    XADD s MAXLEN 1 2-0 f v
    XADD s MAXLEN 1 3-0 f v
    XADD s NOMKSTREAM 4-0 f v
    XGROUP CREATE s g 0
    XGROUP CREATE n g $ MKSTREAM
    XGROUP CREATECONSUMER s g c
    XGROUP CREATECONSUMER s g c
    XREADGROUP GROUP g d STREAMS s > ~kind
    XACK s g 3-0
    XGROUP SETID s g 0
    XGROUP DELCONSUMER s g c
    XGROUP DESTROY s g
    XSETID s 9-0
    XDEL s 4-0
    XDEL s 4-0
    XTRIM s MAXLEN 0
    XTRIM s MAXLEN 0
    XRANGE nosuch - +
  `,
)

tells(
  'blocked clients: first what they are served with, then what they take',
  script`
    A> BLPOP l 0
    B> BLMOVE l m LEFT RIGHT 0
    C> BRPOP m 0
    RPUSH l a b c
    A<
    B<
    C<
    D> BZPOPMIN z 0
    MULTI
    ZADD z 1 a
    SET k v
    EXEC
    D<
    E> BLMPOP 0 2 nosuch l RIGHT COUNT 5
    F> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    XGROUP CREATE s g $ MKSTREAM
  `,
)

for (const classes of ['KA', 'EA', 'K$', 'E$', 'Kg', 'Klshzt', 'Kx', 'Ke', 'Em', 'Kn', 'K', 'A', 'KEd', '']) {
  conformance(`notify-keyspace-events ${classes}`, async ({ play }) => {
    const pair = await sharedPair()
    const listeners = await listen(pair, classes)
    await play(script`
      SET k v
      GET nosuch
      EXPIRE k 100
      GETEX k PXAT 1
      RPUSH l a
      SADD s a
      HSET h f v
      ZADD z 1 a
      XADD x 1-0 f v
      DEL k l
      CONFIG GET notify-keyspace-events
    `)
    const { redis, russet } = await onBoth((side) => eventsOf(listeners[side], pair.control[side]))
    expect(russet).toEqual(redis)
    await onBoth((side) => listeners[side].close())
    await pair.ask('CONFIG', 'SET', 'notify-keyspace-events', '')
  })
}

describe('expiry', () => {
  for (const [by, command] of [
    ['the sweep', undefined],
    ['a read', 'GET k'],
    ['a write', 'SET k w'],
    ['a deletion', 'DEL k'],
  ] as const) {
    test(`is told of by ${by}`, async () => {
      const pair = await sharedPair()
      await pair.reset()
      const listeners = await listen(pair, 'KEAmn')
      if (command !== undefined) await pair.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
      await pair.ask('SET', 'k', 'v', 'PX', '10')
      await new Promise((resolve) => setTimeout(resolve, 15))
      if (command === undefined) {
        await onBoth(async (side) => {
          while ((await pair.control[side].send('DBSIZE')).raw !== ':0\r\n');
        })
      } else await pair.ask(...command.split(' '))
      const { redis, russet } = await onBoth((side) => eventsOf(listeners[side], pair.control[side]))
      expect(russet).toEqual(redis)
      expect(redis).toContain('__keyevent@0__:expired k')
      await onBoth((side) => listeners[side].close())
      await pair.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '1')
      await pair.ask('CONFIG', 'SET', 'notify-keyspace-events', '')
    })
  }
})

// Fields that expire came with 7.4.
test('fields that expire', async () => {
  const pair = await sharedPair()
  await pair.reset()
  const { redis, russet: listener } = await listen(pair, 'KEA')
  await redis.close()
  const { russet } = pair.control
  const commands = [
    'HSET h f v g w',
    'HEXPIRE h 100 FIELDS 1 f',
    'HPERSIST h FIELDS 1 f',
    'HPEXPIRE h 1 FIELDS 2 f g',
  ]
  for (const command of commands) await russet.send(...command.split(' '))
  while ((await russet.send('DBSIZE')).raw !== ':0\r\n');
  const events = (await eventsOf(listener, russet)).filter((event) => event.startsWith('__keyspace'))
  expect(events.map((event) => event.split(' ')[1])).toEqual([
    'hset',
    'hexpire',
    'hpersist',
    'hexpire',
    'hexpired',
    'del',
  ])
  await listener.close()
  await russet.send('CONFIG', 'SET', 'notify-keyspace-events', '')
})

// Since 7.2 a client gets what its own command brings about after the reply.
conformance(
  'a client that hears of its own changes',
  async ({ russet }) => {
    await russet.send('CONFIG', 'SET', 'notify-keyspace-events', 'KA')
    await russet.send('PSUBSCRIBE', '__key*')
    russet.transcript = []
    await russet.send('SET', 'k', 'v')
    await russet.send('MULTI')
    await russet.send('DEL', 'k')
    await russet.send('GET', 'k')
    await russet.send('EXEC')
    await russet.send('PING')
    const seen = russet.transcript.map((item) => [plainOf(item)].flat(2).at(-1))
    expect(seen).toEqual(['OK', 'set', 'OK', 'QUEUED', 'QUEUED', 'null', 'del', 'PONG'])
    await russet.send('CONFIG', 'SET', 'notify-keyspace-events', '')
  },
  { protocols: [3] },
)
