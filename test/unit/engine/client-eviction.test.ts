/** maxmemory-clients: who takes most goes first, at once, until the rest fits. */
import { describe, expect, it } from 'vitest'
import { type FakeClient, FakeServer } from '../../support/fake-client.js'

const MB = 1024 * 1024

/** A client that leaves this many bytes unread. */
function slowReader(server: FakeServer, bytes: number): FakeClient {
  const client = server.connect()
  client.reads = false
  client.send(['ECHO', 'x'.repeat(bytes)]).take()
  // What has left for the socket is looked at now and then.
  server.host.advance(200)
  return client
}

const evicted = (server: FakeServer): number => server.engine.stats.evictedClients

describe('maxmemory-clients', () => {
  it('the largest goes, and nothing of what it was to get is sent', () => {
    const server = new FakeServer({ 'maxmemory-clients': '2mb' })
    const [small, large] = [slowReader(server, MB / 2), slowReader(server, MB)]
    expect(evicted(server)).toBe(0)
    const other = slowReader(server, MB)
    server.connect().ask('PING')
    expect([small.closed, large.aborted, other.closed]).toEqual([false, true, false])
    expect(evicted(server)).toBe(1)
    expect(server.engine.sessions.bytes).toBeLessThan(2 * MB)
    expect(server.host.messages.filter((line) => line.startsWith('Evicting client: id='))).toHaveLength(1)
    expect(server.connect().ask('INFO stats')).toContain('evicted_clients:1\\r')
  })

  it('a client that is too large by itself goes before its command runs', () => {
    const server = new FakeServer({ 'maxmemory-clients': '1mb' })
    const client = server.connect()
    client.send(['MULTI'])
    for (let i = 0; i < 20; i++) client.send(['SET', `k${i}`, 'x'.repeat(100_000)])
    client.send(['EXEC'])
    expect(client.aborted).toBe(true)
    expect(server.engine.keyspace.databases[0]?.size).toBe(0)
    expect(server.connect().ask('DBSIZE')).toBe('(integer) 0')
  })

  it('so does one whose command never ends', () => {
    const server = new FakeServer({ 'maxmemory-clients': '1mb' })
    const client = server.connect()
    client.sendRaw('*2\r\n$4\r\nECHO\r\n$5000000\r\n')
    for (let i = 0; i < 20 && !client.closed; i++) {
      client.sendRaw('x'.repeat(100_000))
      server.engine.endTurn()
    }
    expect(client.aborted).toBe(true)
  })

  it('CLIENT NO-EVICT spares one, but counts it', () => {
    const server = new FakeServer({ 'maxmemory-clients': '1mb' })
    const spared = server.connect()
    spared.ask('CLIENT NO-EVICT ON')
    spared.reads = false
    spared.send(['ECHO', 'x'.repeat(2 * MB)]).take()
    server.host.advance(200)
    const client = server.connect()
    client.send('PING')
    expect([spared.closed, client.aborted]).toEqual([false, true])
    expect(server.host.messages.join()).toMatch(/may not be evicted/)
    spared.leave()
    expect(server.connect().ask('PING')).toBe('+PONG')
  })

  it('as a share of maxmemory, which may change', () => {
    const server = new FakeServer({ maxmemory: '100mb', 'maxmemory-clients': '10%' })
    const reader = slowReader(server, 5 * MB)
    const admin = server.connect()
    expect(admin.ask('PING')).toBe('+PONG')
    expect(admin.ask('CONFIG SET maxmemory 0')).toBe('+OK')
    expect(admin.ask('PING')).toBe('+PONG')
    admin.ask('CONFIG SET maxmemory 20mb')
    admin.ask('PING')
    expect(reader.aborted).toBe(true)
  })

  it('never below what it takes to talk to the server at all', () => {
    const server = new FakeServer({ 'maxmemory-clients': '1' })
    const client = server.connect()
    expect(client.ask('PING')).toBe('+PONG')
    expect(client.ask('CONFIG GET maxmemory-clients')).toMatch(/"1"/)
  })

  it('subscribers that do not read go, whoever publishes', () => {
    const server = new FakeServer({
      'maxmemory-clients': '1mb',
      'client-output-buffer-limit': 'pubsub 0 0 0',
    })
    const listener = server.connect()
    listener.ask('SUBSCRIBE news')
    const publisher = server.connect()
    for (let i = 0; i < 20 && !listener.closed; i++) {
      publisher.ask(['PUBLISH', 'news', 'x'.repeat(100_000)])
      server.engine.endTurn()
    }
    expect(listener.aborted).toBe(true)
    expect(publisher.ask('PUBLISH news x')).toBe('(integer) 0')
  })

  it('without a limit nobody goes', () => {
    const server = new FakeServer()
    const reader = slowReader(server, 5 * MB)
    server.connect().ask('PING')
    server.engine.endTurn()
    expect(reader.closed).toBe(false)
  })
})
