/** Connections to the built server: sockets of all kinds, passwords, limits, and clients that behave badly. */
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../support/redis-server.js'
import { encodeCommand, type RespConnection } from '../support/resp-connection.js'
import { connectTo, RussetCommand, startRussetCommand, testFolder } from '../support/russet-command.js'

/** A bare socket: all that it has received, and whether the server has closed. */
function openSocket(port: number): { socket: Socket; received: () => string; whenClosed: Promise<void> } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
  })
  socket.on('error', () => {})
  const whenClosed = new Promise<void>((done) => {
    socket.on('end', done)
    socket.on('close', () => done())
  })
  return { socket, received: () => text, whenClosed }
}

/** One field of INFO. */
async function info(client: RespConnection, field: string): Promise<number> {
  const { raw } = await client.send('INFO', 'everything')
  return Number(raw.match(new RegExp(`\r\n${field}:(\\d+)\r\n`))?.[1])
}

/** Descriptors of sockets that a process has open. */
function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

function residentMb(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)?.[1]) / 1024
}

describe('requirepass', () => {
  it('keeps everybody out who does not know it', async () => {
    const server = await startRussetCommand(['--requirepass', 'secret'])
    const client = await connectTo(server)
    expect((await client.send('GET', 'a')).raw).toBe('-NOAUTH Authentication required.\r\n')
    expect((await client.send('AUTH', 'wrong')).raw).toMatch(/^-WRONGPASS invalid username-password pair/)
    expect((await client.send('AUTH', 'secret')).raw).toBe('+OK\r\n')
    expect((await client.send('GET', 'a')).raw).toBe('$-1\r\n')
    const resp3 = await connectTo(server)
    expect((await resp3.send('HELLO', 3, 'AUTH', 'default', 'secret')).type).toBe('map')
  })

  it('lets nobody send much before', async () => {
    const server = await startRussetCommand(['--requirepass', 'secret'])
    for (const [bytes, reply] of [
      ['*11\r\n', '-ERR Protocol error: unauthenticated multibulk length\r\n'],
      ['*2\r\n$4\r\nAUTH\r\n$16385\r\n', '-ERR Protocol error: unauthenticated bulk length\r\n'],
    ] as const) {
      const { socket, received, whenClosed } = openSocket(server.port)
      socket.write(bytes)
      await whenClosed
      expect(received()).toBe(reply)
    }
  })
})

describe('maxclients', () => {
  it('is told to whoever is refused, and no descriptor is left behind', async () => {
    const server = await startRussetCommand(['--maxclients', '3'])
    const clients = await Promise.all([1, 2, 3].map(() => connectTo(server)))
    await Promise.all(clients.map((client) => client.send('PING')))
    const before = openDescriptors(server.pid)
    for (let i = 0; i < 50; i++) {
      // None of them closes its own side.
      const { received, whenClosed } = openSocket(server.port)
      await whenClosed
      expect(received()).toBe('-ERR max number of clients reached\r\n')
    }
    await expect.poll(() => openDescriptors(server.pid), { timeout: 5000 }).toBeLessThanOrEqual(before)
    await clients[0]?.close()
    await expect
      .poll(async () => (await (await connectTo(server)).send('PING').catch(() => undefined))?.raw)
      .toBe('+PONG\r\n')
    expect(await info(clients[1] as RespConnection, 'rejected_connections')).toBeGreaterThanOrEqual(50)
  })
})

describe('timeout', () => {
  it('disconnects an idle client and no other', async () => {
    const server = await startRussetCommand(['--timeout', '1'])
    const [idle, blocked] = [await connectTo(server), await connectTo(server)]
    void blocked.send('BLPOP', 'nothing', 0)
    await idle.send('PING')
    await idle.whenClosed
    expect(blocked.closed).toBe(false)
  })
})

describe('a unix socket', () => {
  it('serves clients, alone or beside TCP, with its own permissions', async () => {
    const path = join(testFolder(), 'socket')
    const server = new RussetCommand(['--port', '0', '--unixsocket', path, '--unixsocketperm', '770'])
    await server.waitFor(/Ready to accept connections unix/)
    expect(statSync(path).mode & 0o777).toBe(0o770)
    const client = await connectTo({ path })
    expect((await client.send('SET', 'a', 1)).raw).toBe('+OK\r\n')
    expect((await client.send('CLIENT', 'INFO')).raw).toMatch(new RegExp(` addr=${path}:0 .* flags=U `))
    server.signal('SIGTERM')
    expect((await server.waitForEnd()).code).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  it('takes the place of one that was left behind', async () => {
    const path = join(testFolder(), 'socket')
    const first = new RussetCommand(['--port', '0', '--unixsocket', path])
    await first.waitFor(/Ready to accept/)
    first.signal('SIGKILL')
    await first.whenEnded
    expect(existsSync(path)).toBe(true)
    const second = new RussetCommand(['--port', '0', '--unixsocket', path])
    await second.waitFor(/Ready to accept/)
    expect((await (await connectTo({ path })).send('PING')).raw).toBe('+PONG\r\n')
  })

  it('that cannot be opened is one clear line', async () => {
    const folder = testFolder()
    chmodSync(folder, 0o755)
    const path = join(folder, 'none/socket')
    const server = new RussetCommand(['--port', '0', '--unixsocket', path])
    expect((await server.waitForEnd()).code).toBe(1)
    expect(server.output).toMatch(new RegExp(`Failed listening on ${path}: .*, aborting\\.\n$`))
  })
})

describe('protected mode', () => {
  // A machine without a network has only the loopback's addresses; unit/node/addresses tells those apart.
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((address) => address.family === 'IPv4' && !address.internal)
    .map((address) => address.address)

  it.each(addresses.slice(0, 1))(
    'refuses %s, which is elsewhere, until there is a password',
    async (host) => {
      const port = await freePort()
      const server = new RussetCommand(['--port', String(port), '--bind', `127.0.0.1 ${host}`, '--save', ''])
      await server.waitFor(/Ready to accept/)
      const outside = await connectTo({ port, host })
      expect((await outside.expectReply()).raw).toMatch(/^-DENIED .*[Pp]rotected mode/)
      await outside.whenClosed
      const inside = await connectTo({ port })
      expect((await inside.send('CONFIG', 'SET', 'requirepass', 'x')).raw).toBe('+OK\r\n')
      const knowing = await connectTo({ port, host })
      expect((await knowing.send('AUTH', 'x')).raw).toBe('+OK\r\n')
      expect((await inside.send('CONFIG', 'SET', 'requirepass', '', 'protected-mode', 'no')).raw).toBe(
        '+OK\r\n',
      )
      expect((await (await connectTo({ port, host })).send('PING')).raw).toBe('+PONG\r\n')
    },
  )
})

describe('buffers', () => {
  it('client-output-buffer-limit: a client that does not read is disconnected, memory stays bounded', async () => {
    const server = await startRussetCommand(['--client-output-buffer-limit', 'normal', '16mb', '0', '0'])
    const [client, other] = [await connectTo(server), await connectTo(server)]
    await client.send('SET', 'k', Buffer.alloc(1024 * 1024, 'x'))
    const before = residentMb(server.pid)
    client.pause()
    // Ten gigabytes, if they were all made.
    client.sendRaw('GET k\r\n'.repeat(10_000))
    await expect
      .poll(() => info(other, 'client_output_buffer_limit_disconnections'), { timeout: 10_000 })
      .toBe(1)
    expect(residentMb(server.pid) - before).toBeLessThan(400)
    expect(server.output).not.toMatch(/crashed/)
    expect((await other.send('PING')).raw).toBe('+PONG\r\n')
  })

  it('client-query-buffer-limit: a command without end is refused', async () => {
    const server = await startRussetCommand(['--client-query-buffer-limit', '1mb'])
    const { socket, whenClosed } = openSocket(server.port)
    socket.write('*2\r\n$4\r\nECHO\r\n$100000000\r\n')
    socket.write(Buffer.alloc(3 * 1024 * 1024, 'x'))
    await whenClosed
    await server.waitFor(/Closing client that reached max query buffer length/)
    expect((await (await connectTo(server)).send('PING')).raw).toBe('+PONG\r\n')
  })

  it('proto-max-bulk-len: a longer bulk is a protocol error', async () => {
    const server = await startRussetCommand(['--proto-max-bulk-len', '1mb'])
    const { socket, received, whenClosed } = openSocket(server.port)
    socket.write('PING\r\n*2\r\n$4\r\nECHO\r\n$1048577\r\n')
    await whenClosed
    expect(received()).toBe('+PONG\r\n-ERR Protocol error: invalid bulk length\r\n')
  })

  it('a value of 100 MB goes in and out', async () => {
    const server = await startRussetCommand()
    const client = await connectTo(server)
    const length = 100 * 1024 * 1024
    expect((await client.send('SET', 'k', Buffer.alloc(length, '\xff', 'latin1'))).raw).toBe('+OK\r\n')
    expect((await client.send('STRLEN', 'k')).raw).toBe(`:${length}\r\n`)
    expect((await client.send('GETRANGE', 'k', -3, -1)).raw).toBe('$3\r\n\xff\xff\xff\r\n')
    const reply = await client.send('GET', 'k')
    expect(reply.type === 'bulk' && reply.value.length).toBe(length)
  })
})

describe('input in any shape', () => {
  it('byte by byte', async () => {
    const server = await startRussetCommand()
    const { socket, received } = openSocket(server.port)
    socket.setNoDelay(true)
    const bytes = Buffer.concat([
      encodeCommand(['SET', 'key', 'a\r\nb']),
      Buffer.from('GET key\r\n'),
      encodeCommand(['ECHO', '\0\xff']),
    ])
    for (const byte of bytes) {
      await new Promise((sent) => socket.write(Buffer.of(byte), sent))
      await new Promise((turn) => setImmediate(turn))
    }
    await expect.poll(received).toBe('+OK\r\n$4\r\na\r\nb\r\n$2\r\n\0\xff\r\n')
  })

  it('a client that closes its side at once still gets its replies', async () => {
    const server = await startRussetCommand()
    for (let i = 0; i < 50; i++) {
      const { socket, received, whenClosed } = openSocket(server.port)
      socket.end('PING\r\nECHO x\r\n')
      await whenClosed
      expect(received()).toBe('+PONG\r\n$1\r\nx\r\n')
    }
    const client = await connectTo(server)
    await expect.poll(() => info(client, 'connected_clients')).toBe(1)
  })

  it('a client that closes its side while it is blocked is gone', async () => {
    const server = await startRussetCommand()
    const [client, waiter] = [await connectTo(server), await connectTo(server)]
    void waiter.send('BLPOP', 'list', 0)
    await expect.poll(() => info(client, 'blocked_clients')).toBe(1)
    waiter.end()
    await waiter.whenClosed
    await expect.poll(() => info(client, 'blocked_clients')).toBe(0)
    expect((await client.send('RPUSH', 'list', 'x')).raw).toBe(':1\r\n')
    expect((await client.send('LLEN', 'list')).raw).toBe(':1\r\n')
  })

  it('random bytes end in an error or a closed connection, and the next client is served', async () => {
    const server = await startRussetCommand()
    let state = Number(process.env.RUSSET_TEST_SEED) >>> 0
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    }
    const sockets = Array.from({ length: 60 }, () => {
      const opened = openSocket(server.port)
      const start = ['', '*3\r\n$3\r\nSET\r\n', '*2147483647\r\n', '*1\r\n$99999999999999999999\r\n'][
        random() % 4
      ]
      opened.socket.write(start as string)
      opened.socket.end(Buffer.from(Array.from({ length: 5000 }, random)))
      return opened
    })
    await Promise.all(sockets.map(({ whenClosed }) => whenClosed))
    for (const { received } of sockets) expect(received()).toMatch(/^(-ERR [^\r\n]*\r\n)*$/)
    expect((await (await connectTo(server)).send('PING')).raw).toBe('+PONG\r\n')
    expect(server.output).not.toMatch(/[Uu]nexpected|crashed/)
  })
})

describe('many connections', () => {
  it('a thousand at once are served, and leave nothing behind', async () => {
    const server = await startRussetCommand()
    const control = await connectTo(server)
    await control.send('PING')
    const before = openDescriptors(server.pid)
    const clients = await Promise.all(Array.from({ length: 1000 }, () => connectTo(server)))
    const replies = await Promise.all(clients.map((client) => client.send('INCR', 'counter')))
    expect(new Set(replies.map(({ raw }) => raw)).size).toBe(1000)
    expect(await info(control, 'connected_clients')).toBe(1001)
    await Promise.all(clients.map((client) => client.close()))
    await expect.poll(() => info(control, 'connected_clients')).toBe(1)
    await expect.poll(() => openDescriptors(server.pid)).toBeLessThanOrEqual(before)
    expect((await control.send('GET', 'counter')).raw).toBe('$4\r\n1000\r\n')
  })
})
