/** MULTI and EXEC, what makes them fail, WATCH with several clients, and blocked clients around them. */
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { sharedPair } from '../support/server-pair.js'

describe('MULTI and EXEC', () => {
  conformance(
    'commands are collected and run as one',
    script`
      MULTI
      SET k 1
      INCR k
      GET k
      LRANGE nosuch 0 -1
      HSET h f v
      HGETALL h
      EXEC
      GET k
      MULTI
      EXEC
      EXEC
      DISCARD
      MULTI
      SET k 5
      DISCARD
      GET k
      MULTI x
      EXEC x
      DISCARD x
    `,
  )

  conformance(
    'errors while it runs do not stop it',
    script`
      SET k text
      MULTI
      INCR k
      LPUSH k x
      SET other 1
      EXEC
      GET other
    `,
  )

  conformance(
    'errors while it is collected make EXEC fail',
    script`
      MULTI
      SET k 1
      NOSUCH command
      SET k 2
      EXEC
      EXISTS k
      MULTI
      SET k
      EXEC
      MULTI
      OBJECT NOSUCH k
      EXEC
      MULTI
      OBJECT ENCODING
      EXEC
      MULTI
      GET k
      EXEC
      MULTI
      NOSUCH
      DISCARD
      SET k 1
      MULTI
      SET k 2
      EXEC x
      GET k
      EXEC
      MULTI
      SET k 3
      DISCARD x
      EXEC
      MULTI
      MULTI x
      EXEC
      MULTI
      WATCH
      EXEC
      GET k
    `,
  )

  conformance(
    'commands that act at once',
    script`
      MULTI
      MULTI
      SET k 1
      WATCH k
      EXEC
      MULTI
      UNWATCH
      SET k 2
      EXEC
      MULTI
      MULTI
      DISCARD
      EXEC
    `,
  )

  conformance(
    'SELECT inside, and after',
    script`
      SET k zero
      MULTI
      SELECT 1
      SET k one
      EXEC
      GET k
      MULTI
      SELECT 0
      DISCARD
      GET k
      SELECT 0
      GET k
    `,
  )

  conformance(
    'time stands still',
    script`
      MULTI
      SET k 1 PX 1
      DEBUG SLEEP 0.01
      GET k
      # Since 7.2; earlier the key had expired by then.
      EXEC ~differs => [+OK, +OK, "1"]
      # Asked for, an expired key is deleted, and is not in the digest at the end.
      GET k
    `,
  )

  conformance(
    'HELLO inside',
    script`
      MULTI
      HELLO 3 ~kind
      EXEC ~kind
      HGETALL nosuch
    `,
    { protocols: [2] },
  )

  conformance(
    'another client does not see it before EXEC',
    script`
      MULTI
      SET k 1
      A> GET k
      A> MULTI
      A> INCR k
      SET k 10
      EXEC
      A> EXEC
      GET k
    `,
  )
})

describe('WATCH', () => {
  conformance(
    'a changed key breaks the transaction',
    script`
      SET k 1
      WATCH k
      A> SET k 2
      MULTI
      SET k 3
      EXEC
      GET k
      MULTI
      SET k 3
      EXEC
      GET k
    `,
  )

  conformance(
    'an unchanged key does not',
    script`
      SET k 1
      WATCH k other
      A> GET k
      A> TYPE k
      A> SET unwatched 1
      MULTI
      GET k
      EXEC
    `,
  )

  conformance(
    'a change by the client itself counts, within the transaction it does not',
    script`
      WATCH k
      SET k 1
      MULTI
      GET k
      EXEC
      WATCH k
      MULTI
      SET k 2
      EXEC
      MULTI
      GET k
      EXEC
    `,
  )

  conformance(
    'UNWATCH, DISCARD and EXEC end it',
    script`
      SET k 1
      WATCH k
      A> SET k 2
      UNWATCH
      MULTI
      GET k
      EXEC
      WATCH k
      A> SET k 3
      MULTI
      DISCARD
      MULTI
      GET k
      EXEC
      WATCH k
      MULTI
      EXEC
      A> SET k 4
      MULTI
      GET k
      EXEC
      UNWATCH
      UNWATCH x
      WATCH
    `,
  )

  const CHANGES: readonly (readonly [what: string, before: string, change: string])[] = [
    ['deleted', 'SET k 1', 'DEL k'],
    ['unlinked', 'SET k 1', 'UNLINK k'],
    ['created', 'GET k', 'SET k 1'],
    ['renamed away', 'SET k 1', 'RENAME k x'],
    ['renamed over', 'MSET k 1 x 2', 'RENAME x k'],
    ['copied over', 'MSET k 1 x 2', 'COPY x k REPLACE'],
    ['moved away', 'SET k 1', 'MOVE k 5'],
    ['given an expiry', 'SET k 1', 'EXPIRE k 100'],
    ['made to stay', 'SET k 1 EX 100', 'PERSIST k'],
    ['expired at once', 'SET k 1', 'EXPIRE k -1'],
    ['pushed to', 'RPUSH k 1', 'RPUSH k 2'],
    ['emptied', 'RPUSH k 1', 'LPOP k'],
    ['sorted into', 'RPUSH x 1', 'SORT x STORE k'],
    ['removed by a SORT of nothing', 'SET k 1', 'SORT x STORE k'],
    ['set to what it was', 'SET k 1', 'SET k 1'],
    ['added to', 'SADD k a', 'SADD k b'],
    ['added to without effect', 'SADD k a', 'SADD k a'],
    ['removed from without effect', 'HSET k f v', 'HDEL k g'],
    ['given a field', 'HSET k f v', 'HSET k f v'],
    ['scored', 'ZADD k 1 a', 'ZADD k 2 a'],
    ['scored without effect', 'ZADD k 1 a', 'ZADD k 1 a'],
    ['flushed', 'SET k 1', 'FLUSHDB'],
    ['flushed with all', 'SET k 1', 'FLUSHALL'],
    ['flushed when not there', 'GET k', 'FLUSHALL'],
    ['swapped away', 'SET k 1', 'SWAPDB 0 1'],
    ['swapped when not there', 'GET k', 'SWAPDB 0 1'],
    ['not renamed over', 'MSET k 1 x 2', 'RENAMENX x k'],
    ['touched', 'SET k 1', 'TOUCH k'],
    ['given no expiry', 'SET k 1', 'EXPIRE k 100 XX'],
    ['written by a transaction', 'SET k 1', 'INCR k'],
  ]
  for (const [what, before, change] of CHANGES) {
    conformance(
      `a key that is ${what}`,
      script`
        ${before}
        WATCH other k
        A> ${change}
        MULTI
        PING
        EXEC
      `,
    )
  }

  conformance(
    'several clients watch, the first EXEC wins',
    script`
      SET k 1
      A> WATCH k
      B> WATCH k
      C> WATCH k other
      A> MULTI
      B> MULTI
      C> MULTI
      A> INCR k
      B> INCR k
      C> SET other 1
      B> EXEC
      A> EXEC
      C> EXEC
      MGET k other
    `,
  )

  conformance(
    'the same key in another database is another key',
    script`
      A> SELECT 1
      WATCH k
      A> SET k 1
      MULTI
      PING
      EXEC
      SELECT 1
      WATCH k
      SELECT 0
      A> SET k 2
      MULTI
      PING
      EXEC
      WATCH k k k
      A> SELECT 0
      A> SET k 2
      MULTI
      PING
      EXEC
    `,
  )

  conformance('a key that expires between WATCH and EXEC breaks it', async ({ both, play }) => {
    await play(script`
      SET k 1 PX 20
      WATCH k
    `)
    while (true) {
      const { redis, russet } = await both('A> EXISTS k ~kind')
      if (redis.raw === ':0\r\n' && russet.raw === ':0\r\n') break
    }
    await play(script`
      MULTI
      PING
      EXEC
    `)
  })

  conformance('a key that had expired before WATCH does not', async ({ both, play }) => {
    await play(script`
      DEBUG SET-ACTIVE-EXPIRE 0
      SET k 1 PX 1
      DEBUG SLEEP 0.01
      WATCH k
    `)
    await both('A> GET k')
    await play(script`
      MULTI
      PING
      EXEC
      DEBUG SET-ACTIVE-EXPIRE 1
    `)
  })

  conformance(
    'RESET ends the transaction and the watch',
    script`
      SET k 1
      WATCH k
      MULTI
      SET k 2
      RESET
      EXEC
      GET k
      A> SET k 3
      MULTI
      GET k
      EXEC
    `,
    { protocols: [2] },
  )
})

describe('blocking', () => {
  conformance(
    'nobody waits inside a transaction',
    script`
      MULTI
      BLPOP l 0
      BRPOP l 0
      BLMOVE a b LEFT LEFT 0
      BLMPOP 0 1 l LEFT
      BZPOPMIN z 0
      WAIT 1 0
      RPUSH l 1
      BLPOP l 0
      EXEC
    `,
  )

  conformance(
    'who waits is served after the whole transaction',
    script`
      A> BLPOP l 0
      MULTI
      RPUSH l 1
      LPUSH l 0
      RPUSH l 2
      EXEC
      A<
      LRANGE l 0 -1
      A> BLPOP m 0
      MULTI
      RPUSH m 1
      DEL m
      EXEC
      A?
      MULTI
      RPUSH m 1
      DEL m
      RPUSH m 2
      EXEC
      A<
    `,
  )

  conformance(
    'a served client breaks a watch',
    script`
      B> WATCH l
      A> BLPOP l 0
      RPUSH l 1
      A<
      B> MULTI
      B> PING
      B> EXEC
    `,
  )
})

describe('what changes how replies are sent, within a transaction', () => {
  /** All bytes that answer the commands, those of HELLO without what each server tells of itself. */
  async function bytesFor(port: number, commands: readonly string[]): Promise<string> {
    const socket = connect({ port, host: '127.0.0.1' })
    onTestFinished(() => void socket.destroy())
    let raw = ''
    socket.on('data', (bytes) => {
      raw += bytes.toString('latin1')
    })
    socket.write(`${[...commands, 'CLIENT REPLY ON', 'PING the-end'].join('\r\n')}\r\n`)
    await expect.poll(() => raw).toContain('the-end')
    return raw
      .replace(/\$7\r\nversion\r\n\$\d+\r\n[\d.]+\r\n/g, 'VERSION')
      .replace(/\$14\r\nrusset_version\r\n\$\d+\r\n[\d.]+\r\n/g, '')
      .replace(/([%*])\d+\r\n(?=\$6\r\nserver)/g, '$1N ')
      .replace(/\$2\r\nid\r\n:\d+/g, 'ID')
  }

  test.each([
    [['MULTI', 'HELLO 3', 'GET none', 'EXEC', 'GET none']],
    [['MULTI', 'GET none', 'HELLO 3', 'HELLO 2', 'CONFIG GET hz', 'EXEC', 'GET none']],
    [['HELLO 3', 'MULTI', 'GET none', 'HELLO 2', 'GET none', 'EXEC', 'GET none']],
    [['MULTI', 'HELLO 9', 'HELLO 3', 'HGETALL none', 'EXEC']],
    [['MULTI', 'CLIENT REPLY OFF', 'PING', 'EXEC', 'PING']],
    [['MULTI', 'PING', 'CLIENT REPLY OFF', 'PING', 'EXEC', 'PING']],
    [['MULTI', 'PING', 'CLIENT REPLY OFF', 'PING', 'CLIENT REPLY ON', 'PING', 'EXEC', 'PING']],
    [['MULTI', 'PING', 'CLIENT REPLY SKIP', 'PING 1', 'PING 2', 'EXEC', 'PING 3', 'PING 4']],
    [['MULTI', 'PING', 'CLIENT REPLY SKIP', 'EXEC', 'PING 3', 'PING 4']],
    [['CLIENT REPLY OFF', 'MULTI', 'PING', 'CLIENT REPLY ON', 'PING', 'EXEC', 'PING']],
    [['CLIENT REPLY OFF', 'MULTI', 'PING', 'HELLO 3', 'EXEC', 'CLIENT REPLY ON', 'GET none']],
    [['CLIENT REPLY SKIP', 'MULTI', 'PING', 'EXEC', 'PING']],
    [['MULTI', 'CLIENT REPLY OFF', 'HELLO 3', 'CLIENT REPLY ON', 'GET none', 'EXEC', 'GET none']],
    [['MULTI', 'PING', 'EXEC', 'CLIENT REPLY SKIP', 'PING 1', 'PING 2']],
  ])('%s', async (commands) => {
    const { redis, russet } = (await sharedPair()).servers
    expect(await bytesFor(russet.port, commands)).toBe(await bytesFor(redis.port, commands))
  })
})
