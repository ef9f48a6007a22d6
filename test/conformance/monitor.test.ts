/** MONITOR beside redis-server: which commands are shown, when and how, and what the client can still do. */
import { expect, onTestFinished } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { textOf } from '../support/replies.js'
import type { RespConnection } from '../support/resp-connection.js'
import { sharedPair } from '../support/server-pair.js'

/** What a monitor has been told up to a PING that this sends, without times and ports. */
async function linesUntil(monitor: RespConnection, sender: RespConnection, mark: string): Promise<string[]> {
  await sender.send('PING', mark)
  const lines: string[] = []
  for (;;) {
    const line = await monitor.nextPush()
    if (line.type !== 'simple') throw new Error(`no line: ${line.type}`)
    const [, time = '', rest = ''] = /^(\d+\.\d{6}) (.*)$/.exec(textOf(line)) ?? []
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60)
    if (rest.includes(mark)) return lines
    lines.push(rest.replace(/127\.0\.0\.1:\d+/, 'ADDRESS'))
  }
}

/** Connections to both that monitor, closed with the test. */
async function monitorBoth(protocol: number) {
  const monitors = await (await sharedPair()).connect()
  onTestFinished(async () => {
    await Promise.all([monitors.redis.close(), monitors.russet.close()])
  })
  for (const monitor of [monitors.redis, monitors.russet]) {
    await monitor.send('HELLO', protocol)
    expect((await monitor.send('MONITOR')).raw).toBe('+OK\r\n')
  }
  return monitors
}

conformance('what is shown', async ({ play, redis, russet, protocol }) => {
  const monitors = await monitorBoth(protocol)
  await play(script`
    PING
    set k "a \"b\"\n\r\t\a\b\x00\xff\\"
    SELECT 3
    GET k
    SELECT 0
    NOPE
    GET
    LPUSH k x
    CONFIG GET port ~kind
    CONFIG SET maxmemory-samples 5
    AUTH x
    AUTH default x
    HELLO ${protocol} AUTH default secret ~kind
    HELLO ${protocol} ~kind
    CLIENT ID ~type
    CLIENT SETNAME me
    SLOWLOG LEN ~type
    DEBUG SLEEP 0
    COMMAND COUNT ~type
    SET k v EX 100
    MULTI
    SET a 1
    GET a
    NOPE
    DISCARD
    MULTI
    INCR a
    CONFIG GET port
    EXEC ~kind
    WATCH a
    UNWATCH
    A> BLPOP waited 0
    RPUSH waited x
    A<
    MIGRATE h 1 none 0 1 AUTH secret
    SHUTDOWN ABORT
  `)
  // CLIENT ID is how the harness looks at a client, and CLIENT LIST is not shown.
  const ours = await linesUntil(monitors.russet, russet, 'the-end')
  expect(ours).toEqual(await linesUntil(monitors.redis, redis, 'the-end'))
  expect(ours.length).toBeGreaterThan(20)
  expect(ours.join('\n')).not.toContain('secret')
})

conformance(
  'what a monitor can do itself',
  script`
    ~no-digest
    SET k v
    M> MONITOR
    M> GET k
    M> SET k x
    M> MULTI
    M> GET k
    M> EXEC
    M> RESET
    M> GET k
    M> MULTI
    M> MONITOR
    M> EXEC
    MONITOR x
    MULTI
    MONITOR
    EXEC
  `,
)

conformance('its own commands follow their replies, and RESET ends it', async ({ protocol }) => {
  const monitors = await monitorBoth(protocol)
  for (const monitor of [monitors.redis, monitors.russet]) {
    monitor.sendRaw('PING one\r\nMULTI\r\nECHO a\r\nECHO b\r\nEXEC\r\nRESET\r\nPING two\r\n')
  }
  const raw = async (monitor: RespConnection, count: number) => {
    const replies: string[] = []
    for (let i = 0; i < count; i++) replies.push((await monitor.nextPush()).raw)
    return replies.map((reply) => reply.replace(/^\+\d+\.\d+ \[0 [\d.:]+\] /, '+LINE '))
  }
  const ours = await raw(monitors.russet, 12)
  const lines = ours.filter((reply) => reply.startsWith('+LINE'))
  expect(lines.map((line) => line.slice(6).trim())).toEqual([
    ...['"PING" "one"', '"MULTI"', '"ECHO" "a"', '"ECHO" "b"', '"EXEC"'],
  ])
  // Unlike in redis-server, lines never stand amid the reply of EXEC.
  expect(ours.filter((reply) => !reply.startsWith('+LINE'))).toEqual([
    ...[
      '$3\r\none\r\n',
      '+OK\r\n',
      '+QUEUED\r\n',
      '+QUEUED\r\n',
      '*2\r\n$1\r\na\r\n$1\r\nb\r\n',
      '+RESET\r\n',
    ],
    '$3\r\ntwo\r\n',
  ])
})
