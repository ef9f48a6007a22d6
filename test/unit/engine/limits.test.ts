/** What keeps the engine within bounds: WATCH and transactions, maxclients, buffers of clients. */
import { describe, expect, it } from 'vitest'
import { FakeServer } from '../../support/fake-client.js'

describe('WATCH', () => {
  it('is broken by the expiry of a key, whoever notices it', () => {
    for (const notice of ['nobody', 'a read', 'the sweep']) {
      const server = new FakeServer()
      const [watcher, other] = [server.connect(), server.connect()]
      watcher.send('SET k v PX 100', 'WATCH k')
      server.host.advance(150, notice === 'the sweep')
      if (notice === 'a read') other.send('GET k')
      watcher.send('MULTI', 'PING', 'EXEC')
      expect(watcher.take().at(-1), notice).toBe('(null array)')
    }
  })

  it('is not broken by the deletion of a key that had expired before', () => {
    const server = new FakeServer()
    const [watcher, other] = [server.connect(), server.connect()]
    other.send('SET k v PX 100')
    server.host.advance(150, false)
    watcher.send('WATCH k')
    other.send('GET k')
    watcher.send('MULTI', 'PING', 'EXEC')
    expect(watcher.take().at(-1)).toBe('(array)\n  1) +PONG')
  })

  it.each([
    ['a change by another', 'SET k w', true],
    ['a change of another key', 'SET j w', false],
    ['a command that changes nothing', 'SREM k m', false],
    ['FLUSHALL', 'FLUSHALL', true],
    ['SWAPDB', 'SWAPDB 0 1', true],
    ['its expiry', 'EXPIRE k 100', true],
    ['a rename over it', 'RENAME source k', true],
  ])('and %s', (_, command, breaks) => {
    const server = new FakeServer()
    const [watcher, other] = [server.connect(), server.connect()]
    other.send('SADD k v', 'SET source s')
    watcher.send('WATCH k')
    other.send(command)
    expect(other.take().at(-1)).not.toMatch(/error/)
    watcher.send('MULTI', 'PING', 'EXEC')
    expect(watcher.take().at(-1)).toBe(breaks ? '(null array)' : '(array)\n  1) +PONG')
    expect(server.engine.transactions.watchingCount).toBe(0)
    expect(server.engine.transactions.watchedKeys).toBe(0)
  })

  it('is given up by a client that leaves', () => {
    const server = new FakeServer()
    const client = server.connect()
    client.send('WATCH a b', 'SELECT 1', 'WATCH a')
    expect(server.engine.transactions.watchedKeys).toBe(3)
    client.leave()
    expect(server.engine.transactions.watchedKeys).toBe(0)
    expect(server.engine.keyspace.watchesChanges).toBe(false)
  })
})

describe('maxclients', () => {
  it('refuses further clients until one leaves', () => {
    const server = new FakeServer({ maxclients: '2' })
    const first = server.connect()
    server.connect()
    expect(() => server.connect()).toThrow('ERR max number of clients reached')
    expect(first.ask('INFO stats')).toContain('rejected_connections:1')
    first.leave()
    expect(server.connect().ask('PING')).toBe('+PONG')
  })
})

describe('client-output-buffer-limit', () => {
  const limited = (limits: string) => new FakeServer({ 'client-output-buffer-limit': `normal ${limits}` })

  it('hard: the client is disconnected within one batch of commands, and what it was owed is dropped', () => {
    const server = limited('1mb 0 0')
    const [greedy, other] = [server.connect(), server.connect()]
    other.send(['SET', 'k', 'x'.repeat(100_000)])
    greedy.reads = false
    greedy.send(...Array.from({ length: 10_000 }, () => 'GET k'))
    expect(greedy.aborted).toBe(true)
    // A gigabyte was asked for: it must not have been made.
    expect(server.engine.stats.commands).toBeLessThan(20)
    expect(greedy.connection.take()).toEqual([])
    other.take()
    expect(other.ask('PING')).toBe('+PONG')
    expect(other.ask('INFO stats')).toContain('client_output_buffer_limit_disconnections:1')
    expect(server.host.messages.at(-1)).toMatch(/^Client id=1 .* for overcoming of output buffer limits\.$/)
  })

  it('hard: also for what other clients bring about', () => {
    const server = limited('10kb 0 0')
    const [waiter, pusher] = [server.connect(), server.connect()]
    waiter.send('BLPOP list 0')
    pusher.send(['RPUSH', 'list', 'x'.repeat(20_000)])
    expect(waiter.aborted).toBe(true)
    expect(pusher.take()).toEqual(['(integer) 1'])
  })

  it('soft: the client is disconnected when it has lasted, also if it asks for nothing more', () => {
    const server = limited('0 100kb 5')
    const client = server.connect()
    client.send(['SET', 'k', 'x'.repeat(60_000)])
    client.reads = false
    client.send('GET k', 'GET k')
    client.take()
    server.host.advance(4900)
    expect(client.closed).toBe(false)
    server.host.advance(300)
    expect(client.aborted).toBe(true)
  })

  it('soft: whoever reads in time stays', () => {
    const server = limited('0 100kb 5')
    const client = server.connect()
    client.send(['SET', 'k', 'x'.repeat(60_000)])
    for (let i = 0; i < 10; i++) {
      client.send('GET k', 'GET k')
      client.take()
      server.host.advance(1000)
    }
    expect(client.closed).toBe(false)
  })
})

describe('client-query-buffer-limit', () => {
  const limited = () => new FakeServer({ 'client-query-buffer-limit': '1mb' })

  it('holds for a bulk that is not whole', () => {
    const server = limited()
    const client = server.connect()
    client.sendRaw(`*2\r\n$4\r\nECHO\r\n$2000000\r\n${'x'.repeat(900_000)}`)
    expect(client.closed).toBe(false)
    client.sendRaw('x'.repeat(200_000))
    expect(client.closed).toBe(true)
    expect(server.host.messages.at(-1)).toMatch(/^Closing client that reached max query buffer length/)
  })

  it('holds for arguments without end', () => {
    const client = limited().connect()
    client.sendRaw('*2147483647\r\n')
    for (let i = 0; i < 100 && !client.closed; i++) client.sendRaw('$1\r\nx\r\n'.repeat(1000))
    expect(client.closed).toBe(true)
  })

  it('holds for a transaction that is never run', () => {
    const client = limited().connect()
    client.send('MULTI')
    for (let i = 0; i < 100 && !client.closed; i++) client.send(['SET', 'k', 'x'.repeat(20_000)])
    expect(client.closed).toBe(true)
  })

  it('holds for a client that is blocked and goes on sending', () => {
    const server = limited()
    const client = server.connect()
    client.send('BLPOP list 0')
    for (let i = 0; i < 100 && !client.closed; i++) client.sendRaw('PING\r\n'.repeat(10_000))
    expect(client.closed).toBe(true)
    expect(server.engine.blocking.count).toBe(0)
  })
})

describe('proto-max-bulk-len', () => {
  it('holds for what comes in and for what a string may grow to', () => {
    const client = new FakeServer({ 'proto-max-bulk-len': '1mb' }).connect()
    client.send(
      ['SET', 'k', 'x'.repeat(1024 * 1024)],
      'APPEND k x',
      'SETRANGE k 1048576 x',
      'SETBIT k 8388608 1',
    )
    expect(client.take()).toEqual([
      '+OK',
      '(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)',
      '(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)',
      '(error) ERR bit offset is not an integer or out of range',
    ])
    client.sendRaw('*2\r\n$4\r\nECHO\r\n$1048577\r\n')
    expect(client.take()).toEqual(['(error) ERR Protocol error: invalid bulk length'])
    expect(client.closed).toBe(true)
  })

  it('no string becomes longer than there can be one, whatever the setting', () => {
    const client = new FakeServer({ 'proto-max-bulk-len': '10gb' }).connect()
    const tooLong = '(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)'
    expect(client.ask('SETRANGE k 536870888 x')).toBe(tooLong)
    expect(client.ask('SETBIT k 4294967295 1')).toBe(tooLong)
    expect(client.ask('BITFIELD k SET u8 4294967288 1')).toBe(tooLong)
    expect(client.ask('GETBIT k 4294967295')).toBe('(integer) 0')
    expect(client.ask('EXISTS k')).toBe('(integer) 0')
  })
})
