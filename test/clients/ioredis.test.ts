/**
 * An unmodified ioredis, over TCP to the built server and over the connector to an engine in this process: the
 * same cases for both.
 */
import { createClient, createEngine } from '@russet/node'
import { Redis, type RedisOptions } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectorFor } from '../../packages/node/src/ioredis.js'
import { type RunningServer, startRusset } from '../support/redis-server.js'

interface Place {
  /** How ioredis gets there. */
  options(): RedisOptions
  start(): Promise<void>
  stop(): Promise<void>
}

function overTcp(): Place {
  let server: RunningServer | undefined
  return {
    options: () => ({ port: server?.port ?? 0 }),
    start: async () => {
      server = await startRusset({ args: ['--maxclients', '20'] })
    },
    stop: async () => server?.stop(),
  }
}

function inProcess(): Place {
  const engine = createEngine({ maxclients: 20 })
  return {
    options: () => ({ Connector: connectorFor(engine) }),
    start: async () => {},
    stop: async () => engine.close(),
  }
}

describe.each([
  ['over TCP', overTcp],
  ['over the connector', inProcess],
])('ioredis %s', (_, at) => {
  const place = at()
  let opened: Redis[] = []
  let redis: Redis

  beforeAll(() => place.start())
  afterAll(() => place.stop())

  beforeEach(async () => {
    redis = open()
    await redis.flushall()
  })

  afterEach(() => {
    for (const each of opened) each.disconnect()
    opened = []
  })

  function open(options: RedisOptions = {}): Redis {
    const one = new Redis({ ...place.options(), retryStrategy: () => 1, ...options })
    one.on('error', () => {})
    opened.push(one)
    return one
  }

  test('strings, numbers, lists, hashes, sets', async () => {
    expect(await redis.set('k', 'v', 'EX', 100)).toBe('OK')
    expect(await redis.get('k')).toBe('v')
    expect(await redis.ttl('k')).toBe(100)
    expect(await redis.incrby('n', 41)).toBe(41)
    expect(await redis.mset({ a: 1, b: 2 })).toBe('OK')
    expect(await redis.hset('h', { one: 1, two: 'zwei' })).toBe(2)
    expect(await redis.hgetall('h')).toEqual({ one: '1', two: 'zwei' })
    expect(await redis.rpush('l', 'x', 'y')).toBe(2)
    expect(await redis.lrange('l', 0, -1)).toEqual(['x', 'y'])
    expect(await redis.zadd('z', 1.5, 'm')).toBe(1)
    expect(await redis.zrange('z', 0, -1, 'WITHSCORES')).toEqual(['m', '1.5'])
    expect(await redis.config('GET', 'databases')).toEqual(['databases', '16'])
    expect(await redis.info('server')).toContain('redis_version:7.4')
  })

  test('text and bytes', async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_unused, i) => i))
    await redis.set('schlüssel', '日本語 😀')
    expect(await redis.get('schlüssel')).toBe('日本語 😀')
    await redis.set(all, all)
    expect(await redis.getBuffer(all)).toEqual(all)
    const large = 'ü'.repeat(3_000_000)
    await redis.set('large', large)
    expect(await redis.get('large')).toBe(large)
  })

  test('errors', async () => {
    await redis.rpush('l', 'x')
    await expect(redis.get('l')).rejects.toThrow(
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    )
    await expect(redis.call('NOSUCH')).rejects.toThrow("ERR unknown command 'NOSUCH'")
  })

  test('pipelines', async () => {
    const pipeline = redis.pipeline()
    for (let i = 0; i < 10_000; i++) pipeline.set(`k${i}`, i)
    pipeline.get('k9999').lpush('k1', 'x')
    const results = (await pipeline.exec()) ?? []
    expect(results).toHaveLength(10_002)
    expect(results[10_000]).toEqual([null, '9999'])
    expect(results[10_001]?.[0]).toBeInstanceOf(Error)
    expect(await redis.dbsize()).toBe(10_000)
  })

  test('auto pipelining', async () => {
    const automatic = open({ enableAutoPipelining: true })
    const replies = await Promise.all(Array.from({ length: 100 }, (_unused, i) => automatic.incrby('n', i)))
    expect(replies.at(-1)).toBe(4950)
  })

  test('transactions', async () => {
    expect(await redis.multi().set('k', 'v').get('k').hset('h', 'f', 1).hgetall('h').exec()).toEqual([
      [null, 'OK'],
      [null, 'v'],
      [null, 1],
      [null, { f: '1' }],
    ])
    const other = open()
    await redis.watch('k')
    await other.set('k', 'changed')
    expect(await redis.multi().set('k', 'mine').exec()).toBeNull()
    expect(await redis.get('k')).toBe('changed')
    await redis.multi({ pipeline: false })
    await redis.set('k', 'step by step')
    expect(await redis.exec()).toEqual([[null, 'OK']])
  })

  test('blocking commands', async () => {
    const worker = open()
    const taken = worker.blpop('queue', 0)
    const behind = worker.ping()
    await redis.rpush('queue', 'job')
    expect(await taken).toEqual(['queue', 'job'])
    expect(await behind).toBe('PONG')
    expect(await worker.brpop('queue', 0.01)).toBeNull()
    const moved = worker.blmove('from', 'to', 'LEFT', 'RIGHT', 0)
    await redis.rpush('from', 'a', 'b')
    expect(await moved).toBe('a')
    expect(await redis.lrange('to', 0, -1)).toEqual(['a'])
  })

  test('scan streams', async () => {
    const pairs = Array.from({ length: 1000 }, (_unused, i) => [`key:${i}`, 'x'])
    await redis.mset(Object.fromEntries(pairs))
    const found = new Set<string>()
    for await (const keys of redis.scanStream({ match: 'key:*', count: 100 })) {
      for (const key of keys as string[]) found.add(key)
    }
    expect(found.size).toBe(1000)
  })

  test('messages of channels, patterns and shard channels', async () => {
    const subscriber = open()
    const heard: unknown[][] = []
    for (const event of ['message', 'pmessage', 'smessage', 'messageBuffer'] as const) {
      subscriber.on(event, (...args) => heard.push([event, ...args]))
    }
    expect(await subscriber.subscribe('news', 'schlüssel')).toBe(2)
    expect(await subscriber.psubscribe('n*')).toBe(3)
    expect(await subscriber.ssubscribe('shard')).toBe(1)
    await expect(subscriber.get('k')).rejects.toThrow('subscriber mode')
    expect(await redis.publish('news', 'hällo')).toBe(2)
    expect(await redis.publish('schlüssel', '')).toBe(1)
    expect(await redis.spublish('shard', 'x')).toBe(1)
    expect(await redis.pubsub('NUMSUB', 'news')).toEqual(['news', 1])
    await expect.poll(() => heard.length).toBe(6)
    expect(heard).toEqual([
      ['message', 'news', 'hällo'],
      ['messageBuffer', Buffer.from('news'), Buffer.from('hällo')],
      ['pmessage', 'n*', 'news', 'hällo'],
      ['message', 'schlüssel', ''],
      ['messageBuffer', Buffer.from('schlüssel'), Buffer.from('')],
      ['smessage', 'shard', 'x'],
    ])
    expect(await subscriber.ping()).toEqual(['pong', ''])
    expect(await subscriber.unsubscribe('news', 'schlüssel')).toBe(1)
    expect(await subscriber.punsubscribe('n*')).toBe(0)
    expect(await subscriber.sunsubscribe('shard')).toBe(0)
    expect(await redis.publish('news', 'x')).toBe(0)
  })

  test('many messages come in their order', async () => {
    const subscribers = [open(), open(), open()]
    const heard: string[][] = subscribers.map(() => [])
    for (const [i, subscriber] of subscribers.entries()) {
      subscriber.on('message', (_channel, text) => heard[i]?.push(text))
      await subscriber.subscribe('news')
    }
    const pipeline = redis.pipeline()
    const texts = Array.from({ length: 5000 }, (_unused, i) => `${i} ${'x'.repeat((i * 37) % 500)}`)
    for (const text of texts) pipeline.publish('news', text)
    expect((await pipeline.exec())?.every(([error, count]) => error === null && count === 3)).toBe(true)
    await expect.poll(() => heard.map(({ length }) => length)).toEqual([5000, 5000, 5000])
    expect(heard).toEqual([texts, texts, texts])
  })

  test('keyspace notifications', async () => {
    await redis.config('SET', 'notify-keyspace-events', 'Ex$g')
    const subscriber = open()
    const heard: string[] = []
    subscriber.on('pmessage', (_pattern, channel, key) => heard.push(`${channel} ${key}`))
    await subscriber.psubscribe('__keyevent@0__:*')
    await redis.set('k', 'v', 'PX', 20)
    await expect.poll(() => heard.at(-1)).toBe('__keyevent@0__:expired k')
    expect(heard).toEqual(['set', 'expire', 'expired'].map((event) => `__keyevent@0__:${event} k`))
    await redis.config('SET', 'notify-keyspace-events', '')
  })

  test('subscribes again when its connection is killed', async () => {
    const subscriber = open()
    const heard: string[] = []
    subscriber.on('message', (_channel, text) => heard.push(text))
    await subscriber.subscribe('news')
    expect(await redis.client('KILL', 'TYPE', 'pubsub')).toBe(1)
    await expect.poll(() => redis.publish('news', 'again')).toBe(1)
    await expect.poll(() => heard).toEqual(['again'])
  })

  test('options that take effect on connecting', async () => {
    const named = open({ db: 5, connectionName: 'worker', keyPrefix: 'app:' })
    await named.set('k', 'v')
    expect(await named.client('GETNAME')).toBe('worker')
    expect(await redis.get('app:k')).toBeNull()
    await redis.select(5)
    expect(await redis.get('app:k')).toBe('v')
    expect(await redis.client('LIST')).toContain('lib-name=ioredis')
  })

  test('a password', async () => {
    await redis.config('SET', 'requirepass', 'secret')
    try {
      expect(await open({ password: 'secret' }).ping()).toBe('PONG')
      const stranger = open({ enableReadyCheck: false, maxRetriesPerRequest: 0 })
      await expect(stranger.get('k')).rejects.toThrow('NOAUTH Authentication required.')
    } finally {
      await redis.config('SET', 'requirepass', '')
    }
  })

  test('reconnects when its connection is killed, and sends again what had no reply', async () => {
    const worker = open({ db: 3 })
    const id = await worker.client('ID')
    const taken = worker.blpop('queue', 0)
    const reconnected = new Promise((done) => worker.once('reconnecting', done))
    await redis.client('KILL', 'ID', id)
    await reconnected
    await redis.select(3)
    await redis.rpush('queue', 'job')
    expect(await taken).toEqual(['queue', 'job'])
    expect(await worker.client('ID')).toBeGreaterThan(id)
  })

  test('quit, disconnect, connect again', async () => {
    const one = open({ retryStrategy: () => null })
    expect(await one.set('k', 'v')).toBe('OK')
    const ended = new Promise((done) => one.once('end', done))
    expect(await one.quit()).toBe('OK')
    await ended
    await expect(one.get('k')).rejects.toThrow('Connection is closed.')
    await one.connect()
    expect(await one.get('k')).toBe('v')
    const blocked = one.blpop('queue', 0)
    const endedAgain = new Promise((done) => one.once('end', done))
    one.disconnect()
    await expect(blocked).rejects.toThrow('Connection is closed.')
    await endedAgain
    await expect.poll(() => redis.client('LIST').then((list) => String(list).split('\n').length)).toBe(2)
  })

  test('monitor', async () => {
    const monitor = await redis.monitor()
    const told = new Promise<string[]>((resolve) => {
      monitor.on('monitor', (time: string, args: string[], source: string, database: string) => {
        if (args[0]?.toLowerCase() === 'set') resolve([time, ...args, source, database])
      })
    })
    await redis.set('watched', 'a "b"')
    const [time, ...rest] = await told
    monitor.disconnect()
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(10)
    expect(rest.slice(0, 3)).toEqual(['set', 'watched', 'a "b"'])
    expect(rest[4]).toBe('0')
  })

  test('too many clients', async () => {
    while (opened.length < 20) await open().ping()
    const refused = new Redis({ ...place.options(), retryStrategy: () => null, lazyConnect: true })
    opened.push(refused)
    const errors: string[] = []
    refused.on('error', (error) => errors.push(error.message))
    await expect(refused.connect()).rejects.toThrow()
    expect(await redis.ping()).toBe('PONG')
  })
})

test('ioredis and the client share an engine', async () => {
  const engine = createEngine()
  const redis = new Redis({ Connector: connectorFor(engine) })
  const client = createClient({ engine })
  const taken = redis.blpop('queue', 0)
  await expect.poll(() => engine.blocking.count).toBe(1)
  await client.rpush('queue', 'jöb')
  expect(await taken).toEqual(['queue', 'jöb'])
  redis.disconnect()
  client.close()
  await expect.poll(() => engine.sessions.count).toBe(0)
  engine.close()
})
