/** maxmemory: which keys go by which policy, what is refused where none may, and that nothing else is disturbed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rdbForm } from '../../../packages/core/src/persistence/rdb-form.js'
import { Snapshot } from '../../../packages/core/src/persistence/snapshot.js'
import { expectTrueSizes } from '../../support/data-size.js'
import { type FakeClient, FakeServer } from '../../support/fake-client.js'
import { FakeHost } from '../../support/fake-host.js'

const OOM = "(error) OOM command not allowed when used memory > 'maxmemory'."
const KEYS = 1000
const names = Array.from({ length: KEYS }, (_, i) => `key:${i}`)

/** A server on which time passes as a test lets it, with one client. */
class CachingServer extends FakeServer {
  readonly client: FakeClient

  constructor(policy: string, settings: Record<string, string> = {}, host?: FakeHost) {
    super({ maxmemory: '1gb', 'maxmemory-policy': policy, ...settings }, host)
    this.client = this.connect()
  }

  get usedBytes(): number {
    return this.engine.usedMemory.usedBytes
  }

  get evictedKeys(): number {
    return this.engine.keyspace.evictedKeys
  }

  /** Sets each of the names with a value of 100 bytes. @param more words behind the value */
  fill(more: (i: number) => string = () => '', keys = names): void {
    keys.forEach((key, i) => {
      const words = `SET ${key} ${'v'.repeat(100)}`
      this.client.send(`${words} ${more(i)}`.trim())
    })
    this.client.take()
  }

  /** Has about this share of what the data takes evicted. */
  squeeze(share: number): void {
    const used = this.usedBytes
    this.client.ask(`CONFIG SET maxmemory ${used - Math.round(this.engine.keyspace.dataBytes * share)}`)
    this.host.settle()
    expect(this.usedBytes).toBeLessThan(used)
  }

  /** Those of the names that are still there. */
  kept(keys = names): string[] {
    const db = this.engine.keyspace.databases[0]
    return keys.filter((key) => db?.has(key))
  }
}

/** A reply takes memory, too, until it has left. */
const REPLY_BYTES = 100

function expectWithinLimit(server: CachingServer): void {
  expect(server.usedBytes).toBeLessThanOrEqual(server.engine.settings.maxmemory + REPLY_BYTES)
}

describe('policies', () => {
  it('lru: what was not used for the longest time goes', () => {
    const server = new CachingServer('allkeys-lru')
    server.fill()
    server.host.advance(60_000)
    const used = names.filter((_, i) => i % 2 === 0)
    for (const key of used) server.client.send(`GET ${key}`)
    server.client.take()
    server.host.advance(60_000)
    server.squeeze(0.3)
    expect(server.evictedKeys).toBeGreaterThan(200)
    // A few of those in use may be the oldest of a sample.
    expect(server.kept(used).length).toBeGreaterThan(used.length * 0.98)
  })

  it('lru: the more samples, the closer to what is exactly right', () => {
    const wrong = ['1', '5', '20'].map((samples) => {
      const server = new CachingServer('allkeys-lru', { 'maxmemory-samples': samples })
      for (const key of names) {
        server.fill(undefined, [key])
        server.host.advance(1000)
      }
      server.squeeze(0.3)
      // Exactly right would be: the first ones go.
      return server.kept(names.slice(0, server.evictedKeys)).length / server.evictedKeys
    })
    expect(wrong[0]).toBeGreaterThan(wrong[1] as number)
    expect(wrong[1]).toBeGreaterThan(wrong[2] as number)
    expect(wrong[2]).toBeLessThan(0.1)
  })

  it('lru: a candidate that has been used meanwhile stays', () => {
    const server = new CachingServer('allkeys-lru', { 'maxmemory-samples': '100' })
    server.fill()
    server.host.advance(60_000)
    // Many are remembered as candidates, among them nearly all of these.
    const few = names.slice(0, 20)
    server.fill(undefined, few)
    server.host.advance(60_000)
    for (const key of names.slice(20)) server.client.send(`GET ${key}`)
    server.client.take()
    server.squeeze(0.002)
    expect(server.kept(few).length).toBeLessThan(few.length)
    server.client.ask('CONFIG SET maxmemory 1gb')
    const kept = server.kept(few)
    for (const key of few) server.client.send(`GET ${key}`)
    server.client.take()
    server.host.advance(60_000)
    for (const key of kept) server.client.send(`GET ${key}`)
    server.client.take()
    server.squeeze(0.05)
    expect(server.kept(kept).length).toBeGreaterThan(kept.length - 2)
  })

  it('lfu: what is used seldom goes, however lately', () => {
    const server = new CachingServer('allkeys-lfu')
    server.fill()
    const often = names.filter((_, i) => i % 2 === 0)
    for (let round = 0; round < 50; round++) for (const key of often) server.client.send(`GET ${key}`)
    server.host.advance(30_000)
    for (const key of names) if (!often.includes(key)) server.client.send(`GET ${key}`)
    server.client.take()
    server.squeeze(0.3)
    expect(server.evictedKeys).toBeGreaterThan(200)
    expect(server.kept(often).length).toBeGreaterThan(often.length * 0.98)
  })

  it('lfu: old fame fades', () => {
    const server = new CachingServer('allkeys-lfu')
    server.fill()
    const often = names.filter((_, i) => i % 2 === 0)
    for (let round = 0; round < 50; round++) for (const key of often) server.client.send(`GET ${key}`)
    server.host.advance(3_600_000)
    for (const key of names) if (!often.includes(key)) server.client.send(`GET ${key}`)
    server.client.take()
    expect(server.client.ask(`OBJECT FREQ ${often[0]}`)).toBe('(integer) 0')
    server.squeeze(0.3)
    expect(server.kept(often).length).toBeLessThan(often.length * 0.6)
  })

  it('ttl: what expires first goes, and nothing that does not expire', () => {
    const server = new CachingServer('volatile-ttl')
    server.fill((i) => (i % 2 === 0 ? `EX ${100_000 + i * 10}` : ''))
    server.squeeze(0.2)
    const { evictedKeys } = server
    expect(evictedKeys).toBeGreaterThan(100)
    expect(server.kept(names.filter((_, i) => i % 2 === 1))).toHaveLength(KEYS / 2)
    const soonest = names.filter((_, i) => i % 2 === 0).slice(0, evictedKeys)
    expect(server.kept(soonest).length).toBeLessThan(evictedKeys * 0.2)
  })

  it.each(['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'])(
    '%s: only what expires goes, and then there is no room',
    (policy) => {
      const server = new CachingServer(policy)
      server.fill((i) => (i % 10 === 0 ? 'EX 1000' : ''))
      server.client.ask(`CONFIG SET maxmemory ${server.usedBytes / 2}`.replace(/\..*/, ''))
      expect(server.client.ask('SET more value')).toBe(OOM)
      expect(server.evictedKeys).toBe(KEYS / 10)
      expect(server.kept()).toEqual(names.filter((_, i) => i % 10 !== 0))
      expect(server.client.ask('GET key:1')).toMatch(/v{100}/)
      expectTrueSizes(server.engine)
    },
  )

  it('volatile-random: a few keys that expire among many are found', () => {
    const server = new CachingServer('volatile-random')
    const many = Array.from({ length: 30_000 }, (_, i) => `many:${i}`)
    server.fill((i) => (i % 10_000 === 17 ? 'EX 1000' : ''), many)
    server.squeeze(0.5)
    expect(server.evictedKeys).toBe(3)
  })

  it('random: every key as likely as any other, in every database', () => {
    const counts = new Map<string, number>()
    for (let seed = 1; seed <= 60; seed++) {
      const server = new CachingServer('allkeys-random', {}, new FakeHost(seed))
      const few = names.slice(0, 100)
      server.fill(undefined, few)
      server.client.ask('SELECT 5')
      server.fill(undefined, few)
      server.client.ask('SELECT 0')
      server.squeeze(0.25)
      const [first, , , , , sixth] = server.engine.keyspace.databases
      expect(Math.abs((first?.size ?? 0) - (sixth?.size ?? 0))).toBeLessThanOrEqual(1)
      for (const key of few) if (!first?.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    const evicted = [...counts.values()]
    const expected = evicted.reduce((sum, count) => sum + count, 0) / 100
    const chiSquare = evicted.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 99 degrees of freedom: beyond 149 once in a thousand.
    expect(chiSquare).toBeLessThan(149)
  })

  it('the same commands on the same host evict the same keys', () => {
    const [first, second] = [1, 2].map(() => {
      const server = new CachingServer('allkeys-lru', { maxmemory: '600kb' }, new FakeHost(9))
      server.fill()
      expect(server.evictedKeys).toBeGreaterThan(100)
      return server.kept()
    })
    expect(first).toEqual(second)
  })
})

describe('what is in use', () => {
  it('stays within the limit from command to command', () => {
    for (const policy of ['allkeys-lru', 'allkeys-lfu', 'allkeys-random', 'volatile-ttl']) {
      const server = new CachingServer(policy, { maxmemory: '600kb' })
      for (const key of names) {
        server.fill(() => 'EX 100', [key])
        server.client.ask('PING')
        expectWithinLimit(server)
      }
      expect(server.evictedKeys, policy).toBeGreaterThan(100)
      expectTrueSizes(server.engine)
    }
  })

  it('is what INFO and MEMORY tell', () => {
    const server = new CachingServer('allkeys-lru', { maxmemory: '10mb' })
    server.fill()
    const info = server.client.ask('INFO memory')
    const field = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1])
    expect(field('used_memory')).toBe(server.usedBytes)
    expect(field('used_memory_peak')).toBeGreaterThanOrEqual(server.usedBytes)
    expect(field('maxmemory')).toBe(10 * 1024 * 1024)
    expect(field('used_memory_dataset') + field('used_memory_overhead')).toBe(field('used_memory'))
    expect(field('mem_clients_normal')).toBe(server.engine.sessions.bytes)
    // Each key with its value, and its share of the columns.
    const ofKeys = names.map((key) =>
      Number(server.client.ask(`MEMORY USAGE ${key}`).slice('(integer) '.length)),
    )
    const sum = ofKeys.reduce((all, bytes) => all + bytes, 0)
    expect(sum / server.engine.keyspace.dataBytes).toBeCloseTo(1, 1)
    expect(server.client.ask('MEMORY USAGE none')).toBe('(null bulk)')
  })

  it('counts what clients have not read, but not at the expense of what they have', () => {
    const server = new CachingServer('allkeys-lru', { maxmemory: '3mb' })
    server.client.ask(['SET', 'large', 'x'.repeat(500_000)])
    const slow = server.connect()
    slow.reads = false
    for (let i = 0; i < 3; i++) {
      slow.send('GET large').take()
      server.client.ask('GET large')
    }
    expect(server.evictedKeys).toBe(0)
    server.host.advance(200)
    expect(server.engine.sessions.bytes).toBeGreaterThan(1_500_000)
    slow.send('GET large', 'GET large').take()
    server.host.advance(200)
    server.client.ask('PING')
    expect(server.evictedKeys).toBe(1)
    slow.leave()
    expect(server.engine.sessions.bytes).toBeLessThan(100_000)
  })
})

describe('without room', () => {
  function full(): CachingServer {
    const server = new CachingServer('noeviction')
    server.client.ask('RPUSH list a b')
    server.client.ask('CONFIG SET maxmemory 1')
    return server
  }

  it('commands that need memory are refused, others not', () => {
    const { client, engine } = full()
    expect(client.ask('SET k v')).toBe(OOM)
    expect(client.ask('LPUSH list x')).toBe(OOM)
    expect(client.ask('LRANGE list 0 -1')).toMatch(/a.*b/s)
    expect(client.ask('LPOP list')).toBe('"a"')
    expect(client.ask('EXPIRE list 100')).toBe('(integer) 1')
    expect(client.ask('DEL list')).toBe('(integer) 1')
    expect(client.ask('SET k v')).toBe(OOM)
    expect(engine.stats.errors.get('OOM')).toBe(3)
    expect(client.ask('INFO commandstats')).toMatch(/cmdstat_set:calls=0,.*rejected_calls=2/)
    client.ask('CONFIG SET maxmemory 0')
    expect(client.ask('SET k v')).toBe('+OK')
  })

  it('nothing is queued, and EXEC is refused if it would need memory', () => {
    const server = full()
    const { client } = server
    client.send('MULTI', 'GET k', 'EXEC')
    expect(client.take()).toEqual(['+OK', OOM, expect.stringMatching(/EXECABORT/)])
    client.send('MULTI', 'DISCARD', 'MULTI', 'EXEC')
    expect(client.take()).toEqual(['+OK', '+OK', '+OK', '(empty array)'])
    const other = server.connect()
    other.send('CONFIG SET maxmemory 0').take()
    client.send('MULTI', 'SET k v')
    other.send('CONFIG SET maxmemory 1').take()
    client.send('EXEC')
    expect(client.take().at(-1)).toBe(
      `(error) EXECABORT Transaction discarded because of: ${OOM.slice('(error) '.length)}`,
    )
    other.send('CONFIG SET maxmemory 0').take()
    client.send('MULTI', 'LPOP list')
    other.send('CONFIG SET maxmemory 1').take()
    client.send('EXEC')
    expect(client.take().at(-1)).toBe('(array)\n  1) "a"')
  })

  it('a client that was blocked before is served', () => {
    const server = full()
    server.client.send('CONFIG SET maxmemory 0', 'RPUSH source x').take()
    const waiting = server.connect()
    waiting.send('BLMOVE empty target LEFT LEFT 0')
    expect(waiting.take()).toEqual([])
    server.client.send('MULTI', 'LMOVE source empty LEFT LEFT', 'CONFIG SET maxmemory 1', 'EXEC').take()
    expect(waiting.take()).toEqual(['"x"'])
    expect(waiting.ask('BLMOVE empty target LEFT LEFT 0')).toBe(OOM)
  })

  it('the time over the limit is counted', () => {
    const { client, host, engine } = full()
    client.ask('SET k v')
    host.advance(5000)
    const field = (name: string) =>
      Number(new RegExp(`${name}_eviction_exceeded_time:(\\d+)`).exec(client.ask('INFO stats'))?.[1])
    expect([field('total'), field('current')]).toEqual([5000, 5000])
    client.ask('CONFIG SET maxmemory 0')
    host.advance(1000)
    expect([field('total'), field('current')]).toEqual([5000, 0])
    engine.resetStats()
    expect(field('total')).toBe(0)
  })
})

describe('what an eviction entails', () => {
  it('a DEL of its own for each key, before the command that needed the room', () => {
    const server = new CachingServer('allkeys-random')
    server.fill()
    const units: string[][] = []
    server.engine.effects.listen((unit) =>
      units.push(unit.map(({ command }) => command.slice(0, 2).join(' '))),
    )
    server.engine.config.set(['maxmemory', String(server.usedBytes - 2000)])
    server.client.ask('SET new value')
    expect(units.length).toBeGreaterThan(10)
    expect(units.pop()).toEqual(['SET new'])
    for (const unit of units) expect(unit).toEqual([expect.stringMatching(/^DEL key:/)])
    expect(units).toHaveLength(server.evictedKeys)
  })

  it('an event, a broken WATCH and the news for those who wait', () => {
    const server = new CachingServer('allkeys-lru', { 'notify-keyspace-events': 'Ee' })
    const { client } = server
    client.send('XADD stream 1-1 f v', 'XGROUP CREATE stream group $').take()
    const [listener, watcher, reader] = [server.connect(), server.connect(), server.connect()]
    listener.ask('PSUBSCRIBE *')
    watcher.send('WATCH stream', 'MULTI', 'PING').take()
    reader.send('XREADGROUP GROUP group me BLOCK 0 STREAMS stream >')
    server.host.advance(10_000)
    client.send('SET other x').take()
    client.ask(`CONFIG SET maxmemory ${server.usedBytes - 1}`)
    client.ask('PING')
    expect(listener.take().join()).toMatch(/__keyevent@0__:evicted.*stream/s)
    expect(watcher.ask('EXEC')).toBe('(null array)')
    expect(reader.take().join()).toMatch(/NOGROUP|UNBLOCKED/)
    expect(client.ask('EXISTS other')).toBe('(integer) 1')
  })

  it('comes before a transaction, not in it', () => {
    const server = new CachingServer('allkeys-lru', { maxmemory: '600kb' })
    server.fill()
    const units: string[][] = []
    server.engine.effects.listen((unit) => units.push(unit.map(({ command }) => command[0] as string)))
    const { client } = server
    // What is queued takes memory by itself, and once it has run takes much more.
    client.send('MULTI', ...Array.from({ length: 100 }, (_, i) => `SETRANGE new:${i} 5000 x`)).take()
    client.send('EXEC')
    expect(client.take().join()).not.toMatch(/error/)
    expect(units.length).toBeGreaterThan(20)
    expect(units.pop()).toEqual(Array.from({ length: 100 }, () => 'SETRANGE'))
    for (const unit of units) expect(unit).toEqual(['DEL'])
    expect(server.usedBytes).toBeGreaterThan(600 * 1024 + 400_000)
    client.ask('PING')
    expectWithinLimit(server)
  })

  it('a snapshot under way has what is evicted', async () => {
    const server = new CachingServer('allkeys-random')
    server.fill()
    const { client, engine } = server
    client.send('HSET hash f v g w', 'HPEXPIRE hash 100000 FIELDS 1 f').take()
    const snapshot = new Snapshot(engine.keyspace, engine.host, rdbForm(engine, false, []))
    server.squeeze(0.9)
    expect(server.evictedKeys).toBeGreaterThan(800)
    let bytes = 0
    const content = snapshot.content()
    for (let step = content.next(); ; step = content.next()) {
      server.host.settle()
      const { done, value } = await step
      if (done === true) break
      bytes += value.length
    }
    expect(snapshot.keysDone).toBe(KEYS + 1)
    expect(bytes).toBeGreaterThan(KEYS * 15)
  })

  it('fields that expire go with their hash', () => {
    const server = new CachingServer('allkeys-random')
    for (let i = 0; i < 100; i++) {
      server.client.send(`HSET hash:${i} f v g w`, `HPEXPIRE hash:${i} ${1000 + i} FIELDS 1 f`)
    }
    server.client.take()
    const db = server.engine.keyspace.databases[0]
    server.squeeze(0.5)
    expect(db?.size).toBeLessThan(60)
    expect(db?.hashesWithExpiringFields.size).toBe(db?.size)
    server.host.advance(20_000)
    expect(db?.hashesWithExpiringFields.size).toBe(0)
    expectTrueSizes(server.engine)
  })

  it('has to wait for a pause of writes', () => {
    const server = new CachingServer('allkeys-lru')
    server.fill()
    server.client.ask('CLIENT PAUSE 1000 WRITE')
    server.client.ask(`CONFIG SET maxmemory ${server.usedBytes - 5000}`)
    server.client.ask('GET key:1')
    server.host.settle()
    expect(server.evictedKeys).toBe(0)
    server.host.advance(2000)
    server.client.ask('PING')
    expect(server.evictedKeys).toBeGreaterThan(0)
  })
})

describe('much to evict', () => {
  /** Each look at the clock takes a tenth of a millisecond. */
  class BusyHost extends FakeHost {
    #looks = 0
    override monotonic(): number {
      return super.monotonic() + this.#looks++ / 10
    }
  }

  it('is done in slices, between which clients are served', () => {
    const server = new CachingServer('allkeys-random', {}, new BusyHost())
    server.fill()
    server.client.ask(
      `CONFIG SET maxmemory ${server.usedBytes - Math.round(server.engine.keyspace.dataBytes / 2)}`,
    )
    expect(server.client.ask('SET another one')).toBe('+OK')
    const { evictedKeys } = server
    expect(evictedKeys).toBeGreaterThan(0)
    expect(evictedKeys).toBeLessThan(200)
    expect(server.client.ask('SET another two')).toBe('+OK')
    expect(server.evictedKeys).toBeGreaterThan(evictedKeys)
    expect(server.evictedKeys).toBeLessThan(400)
    server.host.settle()
    expectWithinLimit(server)
  })

  it.each([
    [0, 1],
    [10, 6],
    [20, 21],
    [100, Number.POSITIVE_INFINITY],
  ])('with tenacity %i in slices of at most %i steps', (tenacity, steps) => {
    const settings = { 'maxmemory-eviction-tenacity': String(tenacity) }
    const server = new CachingServer('allkeys-random', settings, new BusyHost())
    server.fill()
    const limit = server.usedBytes - Math.round(server.engine.keyspace.dataBytes / 2)
    server.engine.config.set(['maxmemory', String(limit)])
    server.client.ask('PING')
    const isDone = server.usedBytes <= limit + REPLY_BYTES
    expect(isDone).toBe(steps > 100)
    if (!isDone) expect(server.evictedKeys).toBeLessThanOrEqual(steps * 16)
    if (!isDone) expect(server.evictedKeys).toBeGreaterThan((steps - 3) * 16)
  })

  it('ends with the limit, and with the engine', () => {
    for (const end of ['limit', 'engine']) {
      const server = new CachingServer('allkeys-random', {}, new BusyHost())
      server.fill()
      server.engine.config.set(['maxmemory', String(server.usedBytes - 100_000)])
      if (end === 'limit') server.engine.config.set(['maxmemory', '0'])
      else void server.engine.close()
      server.host.settle()
      expect(server.evictedKeys, end).toBe(0)
    }
  })
})

it('any limit and policy, with any samples: never more in use than the limit, or nothing left to evict', () => {
  const policies = [
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'volatile-lru',
    'volatile-random',
    'volatile-ttl',
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...policies),
      fc.integer({ min: 1, max: 64 }),
      fc.integer({ min: 0, max: 100_000 }),
      fc.array(fc.record({ key: fc.nat(300), bytes: fc.nat(3000), expires: fc.boolean() }), {
        maxLength: 200,
      }),
      (policy, samples, room, sets) => {
        const server = new CachingServer(policy, { 'maxmemory-samples': String(samples) })
        server.engine.config.set(['maxmemory', String(server.usedBytes + room)])
        for (const { key, bytes, expires } of sets) {
          server.client.send(['SET', `k${key}`, 'x'.repeat(bytes), ...(expires ? ['EX', '100'] : [])])
          server.host.advance(100)
        }
        server.client.take()
        server.client.ask('PING')
        const evictable = server.engine.keyspace.databases[0]?.dict
        const left = policy.startsWith('volatile') ? evictable?.expiring : evictable?.size
        if (left !== 0) expectWithinLimit(server)
        expectTrueSizes(server.engine)
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
