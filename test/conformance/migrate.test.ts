/** MIGRATE beside redis-server: between all kinds of servers, and when something is in the way. */
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { type RunningServer, startRedis, startRusset } from '../support/redis-server.js'
import type { RespConnection } from '../support/resp-connection.js'

const targets: { redis?: RunningServer; russet?: RunningServer; locked?: RunningServer } = {}

beforeAll(async () => {
  const [redis, russet, locked] = await Promise.all([
    startRedis(),
    startRusset(),
    startRedis({ args: ['--requirepass', 'open'] }),
  ])
  Object.assign(targets, { redis, russet, locked })
})
afterAll(() => Promise.all(Object.values(targets).map((server) => server.stop())))

const portOf = (name: keyof typeof targets) => (targets[name] as RunningServer).port

describe.each(['redis', 'russet'] as const)('to %s', (name) => {
  conformance('keys of every type', async ({ play, both }) => {
    const target = await (targets[name] as RunningServer).connect()
    onTestFinished(() => target.close())
    const migrate = `MIGRATE 127.0.0.1 ${portOf(name)}`
    const again = async (line: string) => {
      await target.send('FLUSHALL')
      await play(line)
    }
    await target.send('FLUSHALL')
    await play(script`
      ${migrate} none 0 1000
      SET k v
      SET x "\x00\xff" PX 100000
      RPUSH l 1 2 3
      HSET h a 1 b 2
      SADD s 1 2 3
      ZADD z 1 a 2 b
      XADD st 1-1 f v
      WATCH k
    `)
    // Both move to the same place, one after the other: what is there already is in the way.
    await both(`${migrate} k 0 1000 COPY => +OK`)
    expect((await target.send('GET', 'k')).raw).toBe('$1\r\nv\r\n')
    await again(`${migrate} k 0 1000 COPY REPLACE`)
    await play(script`
      ${migrate} k 0 1000 COPY
      EXISTS k
      ${migrate} k 0 1000 REPLACE
      EXISTS k
      ${migrate} "" 2 1000 REPLACE KEYS x l none h s z st
      DBSIZE
      ${migrate} "" 2 1000 KEYS x l
    `)
    await target.send('SELECT', 2)
    expect((await target.send('LRANGE', 'l', 0, -1)).raw).toBe('*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n')
    expect((await target.send('GET', 'x')).raw).toBe('$2\r\n\x00\xff\r\n')
    const pttl = await target.send('PTTL', 'x')
    expect(pttl.type === 'integer' && pttl.value > 90_000n && pttl.value <= 100_000n).toBe(true)
    expect((await target.send('DBSIZE')).raw).toBe(':6\r\n')
  })

  conformance('answers of the other server', async ({ play }) => {
    const migrate = `MIGRATE 127.0.0.1 ${portOf(name)}`
    await play(script`
      SET k v
      ${migrate} k 99 1000
      ${migrate} k 0 1000 AUTH x
      ${migrate} k 0 1000 AUTH2 a b
      ${migrate} k 0 0 REPLACE COPY
      ${migrate} k 0 -5
      EXISTS k
    `)
  })
})

conformance(
  'arguments',
  script`
    SET k v
    MIGRATE 127.0.0.1 1 k x 1000
    MIGRATE 127.0.0.1 1 k 0 x
    MIGRATE 127.0.0.1 1 k 0 1000 AUTH
    MIGRATE 127.0.0.1 1 k 0 1000 AUTH2 a
    MIGRATE 127.0.0.1 1 k 0 1000 NOPE
    MIGRATE 127.0.0.1 1 k 0 1000 KEYS a
    MIGRATE 127.0.0.1 1 "" 0 1000 KEYS
    MIGRATE 127.0.0.1 1 "" 0 1000 KEYS a b
    MIGRATE 127.0.0.1 1 "" 0 1000
    MIGRATE 127.0.0.1 1 k 0
    MIGRATE 127.0.0.1 1 k 0 1000
    MIGRATE 127.0.0.1 x k 0 1000
    MIGRATE nowhere.invalid 1 k 0 500
    EXISTS k
    COMMAND GETKEYS MIGRATE h 1 k 0 1 COPY
    COMMAND GETKEYS MIGRATE h 1 "" 0 1 COPY KEYS a b
    COMMAND GETKEYSANDFLAGS MIGRATE h 1 "" 0 1 AUTH keys KEYS a b
    COMMAND GETKEYS MIGRATE h 1 k 0 1 AUTH2 keys keys REPLACE
  `,
)

// redis-server keeps the connection, with the password that was given on it.
conformance(
  'passwords',
  async ({ play }) => {
    const migrate = `MIGRATE 127.0.0.1 ${portOf('locked')}`
    await play(script`
    SET k v
    ${migrate} k 0 1000
    ${migrate} k 0 1000 AUTH wrong
    ${migrate} k 0 1000 AUTH2 default wrong
    EXISTS k
    ${migrate} k 1 1000 AUTH open REPLACE
    SET k v
    ${migrate} k 1 1000 AUTH2 default open REPLACE
    EXISTS k
  `)
  },
  { protocols: [2] },
)

/** Something that listens and is no server. */
async function listen(onConnection: (socket: import('node:net').Socket) => void): Promise<number> {
  const sockets = new Set<import('node:net').Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as import('node:net').AddressInfo).port
}

conformance('a server that does not answer, or not to the end', async ({ play }) => {
  const silent = await listen(() => {})
  const closing = await listen((socket) => socket.once('data', () => socket.end()))
  const halfway = await listen((socket) => socket.once('data', () => socket.end('+OK\r\n+OK\r\n')))
  const bits = await listen((socket) =>
    socket.once('data', () => bytewise(socket, '+OK\r\n+OK\r\n-BUSY x\r\n')),
  )
  await play(script`
    MSET a 1 b 2 c 3
    MIGRATE 127.0.0.1 ${silent} a 0 200
    MIGRATE 127.0.0.1 ${closing} a 0 200
    EXISTS a b c
    MIGRATE 127.0.0.1 ${halfway} "" 0 1000 KEYS a b c
    EXISTS a
    EXISTS b c
    MIGRATE 127.0.0.1 ${bits} "" 0 1000 KEYS b c
    EXISTS b
    EXISTS c
  `)
})

function bytewise(socket: import('node:net').Socket, text: string): void {
  if (text === '') return
  socket.write(text[0] as string, () => setTimeout(() => bytewise(socket, text.slice(1)), 1))
}

test('other clients wait, and their commands are run afterwards', async () => {
  const russet = await startRusset()
  onTestFinished(() => russet.stop())
  const [mover, other]: RespConnection[] = await Promise.all([russet.connect(), russet.connect()])
  const silent = await listen(() => {})
  await mover?.send('SET', 'k', 'v')
  const order: string[] = []
  await Promise.all([
    mover?.send('MIGRATE', '127.0.0.1', silent, 'k', 0, 300).then((reply) => order.push(reply.raw)),
    other?.send('APPEND', 'k', 'w').then((reply) => order.push(reply.raw)),
  ])
  expect(order).toEqual(['-IOERR error or timeout reading to target instance\r\n', ':2\r\n'])
})

test('in a transaction it is refused', async () => {
  const russet = targets.russet as RunningServer
  const client = await russet.connect()
  onTestFinished(() => client.close())
  await client.send('SET', 'k', 'v')
  await client.send('MULTI')
  await client.send('MIGRATE', '127.0.0.1', portOf('redis'), 'k', 0, 1000)
  expect((await client.send('EXEC')).raw).toBe('*1\r\n-ERR Command not allowed inside a transaction\r\n')
  expect((await client.send('EXISTS', 'k')).raw).toBe(':1\r\n')
})
