/** Time: it stands still within a command and a transaction, and what is due happens in bounded slices. */
import { describe, expect, it } from 'vitest'
import type { Command } from '../../../packages/core/src/commands/command.js'
import { FakeServer } from '../../support/fake-client.js'
import { FakeHost } from '../../support/fake-host.js'

/** Every look at the wall clock is a millisecond later than the one before. */
class RestlessHost extends FakeHost {
  looks = 0
  override now(): number {
    return super.now() + this.looks++
  }
}

/** Every look at the monotonic clock costs some time. */
class SlowHost extends FakeHost {
  slowness = 0
  #late = 0
  override monotonic(): number {
    this.#late += this.slowness
    return super.monotonic() + this.#late
  }
}

describe('time stands still', () => {
  it('within a command', () => {
    const server = new FakeServer({}, new RestlessHost())
    const client = server.connect()
    const command = server.engine.commands.find('echo') as Command
    const times: number[] = []
    Object.defineProperty(command, 'handler', {
      value: (ctx: { now: number }) => {
        times.push(ctx.now, ctx.now, ctx.now)
        return null
      },
    })
    client.send('ECHO 1', 'ECHO 2')
    expect(new Set(times.slice(0, 3)).size).toBe(1)
    expect(times[3]).toBeGreaterThan(times[0] as number)
  })

  it('within a transaction', () => {
    const server = new FakeServer({}, new RestlessHost())
    const client = server.connect()
    const sets = Array.from({ length: 20 }, (_, i) => `SET k${i} v PX 10000`)
    client.send('MULTI', ...sets, 'EXEC')
    client.take()
    const times = sets.map((_, i) => client.ask(`PEXPIRETIME k${i}`))
    expect(new Set(times).size).toBe(1)
    client.send('SET a v PX 10000', 'SET b v PX 10000')
    client.take()
    expect(client.ask('PEXPIRETIME a')).not.toBe(client.ask('PEXPIRETIME b'))
  })

  it('so a key does not expire between two commands of a transaction', () => {
    const server = new FakeServer({}, new RestlessHost())
    const client = server.connect()
    client.send('MULTI', 'SET k v PX 2', ...Array.from({ length: 10 }, () => 'GET k'), 'EXEC')
    expect(client.take().at(-1)?.match(/"v"/g)).toHaveLength(10)
  })
})

describe('active expiry', () => {
  it('deletes everything that is due without anybody asking', () => {
    const server = new FakeServer()
    const client = server.connect()
    for (let i = 0; i < 30_000; i++) client.send(['SET', `k${i}`, 'v', 'PX', i % 3 === 0 ? 100_000 : 500])
    client.send('SELECT 9', 'SET lone v PX 500', 'HSET hash a 1 b 2', 'HPEXPIRE hash 500 FIELDS 1 a')
    client.take()
    server.host.advance(2000)
    const { databases } = server.engine.keyspace
    expect(databases[0]?.size).toBe(10_000)
    expect(databases[9]?.dict.has('lone')).toBe(false)
    expect(client.ask('INFO keyspace')).toContain('db0:keys=10000,expires=10000')
    expect(client.ask('INFO stats')).toContain('expired_keys:20001')
    expect(server.engine.keyspace.expiredFields).toBe(1)
  })

  it('works in slices, follows closer while there is much to do, and leaves the rest of the time alone', () => {
    const host = new SlowHost()
    const server = new FakeServer({ hz: '10' }, host)
    const client = server.connect()
    const count = 4000
    for (let i = 0; i < count; i++) client.send(['SET', `k${i}`, 'v', 'PX', 50])
    client.take()
    // Each look at the clock now costs 2 ms: a slice is over at the second.
    host.slowness = 2
    const db = server.engine.keyspace.databases[0]
    let slices = 0
    let size = db?.size as number
    let elapsed = 0
    for (; elapsed < 20_000 && (db?.size as number) > 0; elapsed++) {
      host.advance(1)
      const now = db?.size as number
      if (now !== size) {
        slices++
        // Two steps of 200 keys.
        expect(size - now).toBeLessThanOrEqual(400)
        size = now
      }
    }
    expect(db?.size).toBe(0)
    expect(slices).toBeGreaterThanOrEqual(count / 400)
    // Ten slices at 10 a second would take a second and more.
    expect(elapsed).toBeLessThan(900)
    expect(server.engine.stats.expirySlicesCutShort).toBeGreaterThan(0)
  })

  it('gives every database, and fields beside keys, their share however much there is elsewhere', () => {
    const host = new SlowHost()
    const server = new FakeServer({ hz: '10' }, host)
    const client = server.connect()
    for (let i = 0; i < 20_000; i++) client.send(['SET', `k${i}`, 'v', 'PX', 50])
    client.send('HSET hash a 1 b 2', 'HPEXPIRE hash 50 FIELDS 1 a', 'SELECT 15', 'SET lone v PX 50')
    client.take()
    host.slowness = 2
    const { databases, expiredFields } = server.engine.keyspace
    expect(expiredFields).toBe(0)
    // One slice a database and some.
    host.advance(20 * 100)
    expect(databases[15]?.size).toBe(0)
    expect(server.engine.keyspace.expiredFields).toBe(1)
    expect(databases[0]?.size).toBeGreaterThan(0)
    server.engine.close()
  })

  it('rests when it is told to, and while a pause keeps what has expired', () => {
    const server = new FakeServer({ 'enable-debug-command': 'yes' })
    const client = server.connect()
    client.send('SET k v PX 100', 'DEBUG SET-ACTIVE-EXPIRE 0')
    server.host.advance(1000)
    const db = server.engine.keyspace.databases[0]
    expect(db?.size).toBe(1)
    client.send('CLIENT PAUSE 5000 WRITE', 'DEBUG SET-ACTIVE-EXPIRE 1')
    server.host.advance(1000)
    expect(db?.size).toBe(1)
    client.take()
    expect(client.ask('GET k')).toBe('(null bulk)')
    expect(db?.size).toBe(1)
    server.host.advance(5000)
    expect(db?.size).toBe(0)
  })
})

describe('the idle timeout', () => {
  it('disconnects who is idle for longer, and nobody who waits in a command', () => {
    const server = new FakeServer({ timeout: '10' })
    const [idle, busy, blocked, slow] = [
      server.connect(),
      server.connect(),
      server.connect(),
      server.connect(),
    ]
    blocked.send('BLPOP nothing 0')
    for (let second = 0; second < 25; second++) {
      server.host.advance(1000)
      busy.send('PING')
      // A long command that comes in little by little is no idling.
      slow.sendRaw(second === 0 ? '*2\r\n$4\r\nECHO\r\n$1000\r\n' : 'x')
    }
    expect([idle, busy, blocked, slow].map(({ closed }) => closed)).toEqual([true, false, false, false])
    expect(server.engine.sessions.count).toBe(3)
  })

  it('spares a client whose command is held back by a pause', () => {
    const server = new FakeServer({ timeout: '10' })
    const [pauser, held] = [server.connect(), server.connect()]
    pauser.send('CLIENT PAUSE 60000 ALL')
    held.send('PING')
    server.host.advance(30_000)
    expect(pauser.closed).toBe(true)
    expect(held.closed).toBe(false)
    server.host.advance(30_000)
    expect(held.take()).toEqual(['+PONG'])
  })
})

it('a closed engine has no timers left', () => {
  const host = new FakeHost()
  const server = new FakeServer({}, host)
  const [client, blocked] = [server.connect(), server.connect()]
  blocked.send('BLPOP nothing 5')
  client.send('CLIENT PAUSE 5000 WRITE')
  server.engine.close()
  expect([client.closed, blocked.closed]).toEqual([true, true])
  expect(host.pendingTimers).toBe(0)
})

describe('a key is there to the end of the millisecond at which it expires', () => {
  it.each(['GET k', 'TTL k', 'KEYS *', 'SCAN 0', 'RANDOMKEY', 'EXISTS k', 'DUMP k', 'OBJECT ENCODING k'])(
    '%s',
    (command) => {
      const server = new FakeServer()
      server.engine.activeExpire = false
      const client = server.connect()
      client.send('SET k v PX 50')
      client.take()
      const before = client.ask(command === 'TTL k' ? 'EXISTS k' : command)
      server.host.advance(50)
      expect(client.ask(command === 'TTL k' ? 'EXISTS k' : command)).toBe(before)
      if (command === 'TTL k') expect(client.ask(command)).toBe('(integer) 0')
      server.host.advance(1)
      expect(client.ask(command === 'TTL k' ? 'EXISTS k' : command)).not.toBe(before)
    },
  )

  it('and the background leaves it until then', () => {
    const server = new FakeServer({ hz: '500' })
    const client = server.connect()
    client.send('SET k v PX 50', 'HSET h f v', 'HPEXPIRE h 50 FIELDS 1 f')
    client.take()
    server.host.advance(50)
    expect(client.ask('DBSIZE')).toBe('(integer) 2')
    server.host.advance(10)
    expect(client.ask('DBSIZE')).toBe('(integer) 0')
  })

  it('while a time that has come is past for who sets it', () => {
    const server = new FakeServer()
    const client = server.connect()
    const now = server.host.now()
    client.send('SET a v', 'SET b v', `PEXPIREAT a ${now}`, `PEXPIREAT b ${now + 1}`)
    client.take()
    expect(client.ask('EXISTS a b')).toBe('(integer) 1')
  })
})

describe('DEBUG PAUSE-CRON', () => {
  it('stops what happens by itself', () => {
    const server = new FakeServer({ 'enable-debug-command': 'yes' })
    const client = server.connect()
    client.send('SET k v PX 5', 'DEBUG PAUSE-CRON 1')
    client.take()
    server.host.advance(2000)
    expect(server.engine.keyspace.databases[0]?.dict.size).toBe(1)
    client.send('DEBUG PAUSE-CRON 0')
    server.host.advance(2000)
    expect(server.engine.keyspace.databases[0]?.dict.size).toBe(0)
  })
})
