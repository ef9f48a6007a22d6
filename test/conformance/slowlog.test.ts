/** SLOWLOG beside redis-server: what is remembered, and what of it is shown. */
import { expect } from 'vitest'
import { conformance, range, script } from '../support/conformance.js'
import { arrayOf, textOf } from '../support/replies.js'
import type { RespConnection } from '../support/resp-connection.js'

conformance(
  'arguments',
  script`
    CONFIG SET slowlog-log-slower-than -1
    SLOWLOG RESET
    SLOWLOG LEN
    SLOWLOG GET
    SLOWLOG GET 0
    SLOWLOG GET -1
    SLOWLOG GET -2
    SLOWLOG GET x
    SLOWLOG GET 1 2
    SLOWLOG GET 99999999999999999999
    SLOWLOG LEN x
    SLOWLOG RESET x
    SLOWLOG HELP ~kind
    SLOWLOG NOPE
    SLOWLOG
    CONFIG SET slowlog-log-slower-than -2
    CONFIG SET slowlog-max-len -1
  `,
)

/** The arguments and the client's name of each entry, newest first. */
async function entriesOf(connection: RespConnection, count = -1): Promise<string[]> {
  const entries = arrayOf(await connection.send('SLOWLOG', 'GET', count))
  const shown = entries.map((entry) => {
    const [id, time, micros, args, address, name] = arrayOf(entry)
    expect(id?.type).toBe('integer')
    expect(Math.abs(Number(textOf(time as never)) - Date.now() / 1000)).toBeLessThan(60)
    expect(Number(textOf(micros as never))).toBeLessThan(5e6)
    expect(textOf(address as never)).toMatch(/^127\.0\.0\.1:\d+$/)
    return `${arrayOf(args).map(textOf).join(' ')} (${textOf(name as never)})`
  })
  // The harness looks at clients when one is blocked, as often as it needs to.
  return shown.filter((entry) => !/^(CLIENT (LIST )?ID|HELLO 3 \(\)$)/.test(entry))
}

conformance('what is remembered, and how', async ({ both, play, redis, russet }) => {
  await play(script`
    CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 100
    CLIENT SETNAME me
    SLOWLOG RESET
    SET k ${'x'.repeat(128)}
    SET k ${'y'.repeat(129)}
    MSET ${range(1, 31)} 32 33 34
    RPUSH l ${range(1, 30)}
    RPUSH l ${range(1, 31)}
    RPUSH l ${range(1, 5000)}
    GET
    NOPE
    SET k v NOPE
    LPUSH k v
    DEBUG SLEEP 0
    MULTI
    GET k
    INCR k
    EXEC
    MULTI
    DISCARD
    A> BLPOP waited 0
    A?
    RPUSH waited x
    A<
    get K
    CONFIG GET port ~kind
  `)
  const [theirs, ours] = await Promise.all([entriesOf(redis), entriesOf(russet)])
  expect(ours).toEqual(theirs)
  expect(ours.length).toBeGreaterThan(15)
  await both('SLOWLOG LEN')
})

conformance('secrets', async ({ play, redis, russet }) => {
  await play(script`
    CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 100
    SLOWLOG RESET
    AUTH secret
    AUTH default secret
    auth Default secret
    HELLO 2 AUTH default secret ~kind
    HELLO 3 SETNAME name AUTH default secret ~kind
    HELLO 2 ~kind
    CONFIG SET masterauth secret maxmemory-samples 5 requirepass ""
    CONFIG SET maxmemory-samples secret
    MULTI
    AUTH default secret
    EXEC
    MIGRATE 127.0.0.1 1 none 0 10 COPY AUTH secret
    MIGRATE 127.0.0.1 1 none 0 10 AUTH2 secret secret REPLACE
  `)
  const [theirs, ours] = await Promise.all([entriesOf(redis), entriesOf(russet)])
  expect(ours).toEqual(theirs)
  const shown = ours.filter((entry) => /secret/.test(entry) && !/maxmemory-samples secret/.test(entry))
  expect(shown).toEqual([])
  // Calls that make no sense, and settings that this redis-server does not have.
  for (const words of [
    'AUTH a secret secret',
    'CONFIG SET tls-key-file-pass secret',
    'HELLO 3 SETNAME auth AUTH a secret',
  ]) {
    await russet.send(...words.split(' '))
    expect((await entriesOf(russet, 1))[0]).not.toContain('secret')
  }
  await russet.send('CONFIG', 'SET', 'tls-key-file-pass', '')
})

conformance('limits that change', async ({ both, play, redis, russet }) => {
  await play(script`
    CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 5
    SLOWLOG RESET
    PING 1
    PING 2
    PING 3
    PING 4
    PING 5
    PING 6
    SLOWLOG LEN
    CONFIG SET slowlog-max-len 2
    SLOWLOG LEN
    CONFIG SET slowlog-log-slower-than 100000
    PING 7
  `)
  expect(await entriesOf(russet)).toEqual(await entriesOf(redis))
  await play(script`
    DEBUG SLEEP 0.12
    PING 8
  `)
  const [theirs, ours] = [await entriesOf(redis), await entriesOf(russet)]
  expect(ours).toEqual(theirs)
  expect(ours[0]).toBe('DEBUG SLEEP 0.12 ()')
  await both('SLOWLOG RESET')
  await both('SLOWLOG GET')
})
