/** An unmodified node-redis over TCP to the built server, in both protocols. */
import { createClient, RESP_TYPES, WatchError } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RunningServer, startRusset } from '../support/redis-server.js'

let server: RunningServer

beforeAll(async () => {
  server = await startRusset()
})

afterAll(() => server.stop())

describe.each([2, 3] as const)('node-redis in RESP%i', (RESP) => {
  const open = () => {
    // The protocol shows in the types of some replies; those that are asked for here have the same in both.
    const options = { RESP: RESP as 3, socket: { port: server.port, host: '127.0.0.1' } }
    const client = createClient(options)
    client.on('error', () => {})
    return client.connect()
  }
  let client: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    client = await open()
  })
  beforeEach(() => client.flushAll())
  afterAll(() => client.close())

  test('strings and keys', async () => {
    expect(await client.set('schlüssel', '日本語', { expiration: { type: 'EX', value: 100 } })).toBe('OK')
    expect(await client.get('schlüssel')).toBe('日本語')
    expect(await client.ttl('schlüssel')).toBe(100)
    expect(await client.incrByFloat('n', 0.5)).toBe('0.5')
    expect(await client.mGet(['schlüssel', 'nothing'])).toEqual(['日本語', null])
    expect(await client.exists('nothing')).toBe(0)
  })

  test('maps, sets, doubles', async () => {
    await client.hSet('h', { one: 1, two: 'zwei' })
    expect(await client.hGetAll('h')).toEqual({ one: '1', two: 'zwei' })
    await client.sAdd('s', ['only'])
    expect(await client.sMembers('s')).toEqual(['only'])
    await client.zAdd('z', [
      { score: 1.5, value: 'a' },
      { score: Number.POSITIVE_INFINITY, value: 'b' },
    ])
    expect(await client.zScore('z', 'a')).toBe(1.5)
    expect(await client.zRangeWithScores('z', 0, -1)).toEqual([
      { value: 'a', score: 1.5 },
      { value: 'b', score: Number.POSITIVE_INFINITY },
    ])
    expect(await client.configGet('databases')).toEqual({ databases: '16' })
  })

  test('bytes', async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    await binary.set('k', all)
    expect(await binary.get('k')).toEqual(all)
  })

  test('errors', async () => {
    await client.rPush('l', 'x')
    await expect(client.get('l')).rejects.toThrow(
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    )
  })

  test('transactions', async () => {
    expect(await client.multi().set('k', 'v').get('k').hSet('h', 'f', '1').hGetAll('h').exec()).toEqual([
      'OK',
      'v',
      1,
      { f: '1' },
    ])
    const other = await open()
    await client.watch('k')
    await other.set('k', 'changed')
    await expect(client.multi().set('k', 'mine').exec()).rejects.toThrow(WatchError)
    expect(await client.get('k')).toBe('changed')
    await other.close()
  })

  test('blocking commands', async () => {
    const worker = await open()
    const taken = worker.blPop('queue', 0)
    await client.rPush('queue', 'job')
    expect(await taken).toEqual({ key: 'queue', element: 'job' })
    expect(await worker.bzPopMin('z', 0.01)).toBeNull()
    await worker.close()
  })

  test('messages of channels, patterns and shard channels', async () => {
    const subscriber = await open()
    const heard: unknown[][] = []
    const hear = (...args: unknown[]) => heard.push(args)
    await subscriber.subscribe(['news', 'schlüssel'], hear)
    await subscriber.pSubscribe('n*', (text, channel) => hear('pattern', text, channel))
    await subscriber.sSubscribe('shard', hear)
    await subscriber.subscribe('bytes', hear, true)
    expect(await client.publish('news', 'hällo')).toBe(2)
    expect(await client.publish('schlüssel', '')).toBe(1)
    expect(await client.sPublish('shard', 'x')).toBe(1)
    expect(await client.publish('bytes', 'x')).toBe(1)
    await expect.poll(() => heard.length).toBe(5)
    expect(heard).toEqual([
      ['hällo', 'news'],
      ['pattern', 'hällo', 'news'],
      ['', 'schlüssel'],
      ['x', 'shard'],
      [Buffer.from('x'), Buffer.from('bytes')],
    ])
    // In RESP2 node-redis knows that it must not be sent anything else.
    if (RESP === 3) expect(await subscriber.set('k', 'v')).toBe('OK')
    expect((await client.pubSubChannels()).sort()).toEqual(['bytes', 'news', 'schlüssel'])
    await subscriber.unsubscribe()
    await subscriber.pUnsubscribe('n*')
    await subscriber.sUnsubscribe()
    expect(await client.publish('news', 'x')).toBe(0)
    expect(await subscriber.get('nothing')).toBeNull()
    await subscriber.close()
  })

  test('subscribes again when it is killed', async () => {
    const subscriber = await open()
    const heard: string[] = []
    await subscriber.subscribe('news', (text) => heard.push(text))
    expect(await client.clientKill({ filter: 'TYPE', type: 'pubsub' })).toBe(1)
    await expect.poll(() => client.publish('news', 'again')).toBe(1)
    await expect.poll(() => heard).toEqual(['again'])
    subscriber.destroy()
  })

  test('many commands at once, and scanning them', async () => {
    await Promise.all(Array.from({ length: 5000 }, (_, i) => client.set(`key:${i}`, i)))
    const found = new Set<string>()
    for await (const keys of client.scanIterator({ MATCH: 'key:*', COUNT: 500 })) {
      for (const key of keys) found.add(key)
    }
    expect(found.size).toBe(5000)
  })

  test('reconnects when it is killed', async () => {
    const victim = await open()
    const id = await victim.clientId()
    const ready = new Promise((done) => victim.once('ready', done))
    await client.clientKill({ filter: 'ID', id })
    await ready
    expect(await victim.ping()).toBe('PONG')
    await victim.close()
  })
})
