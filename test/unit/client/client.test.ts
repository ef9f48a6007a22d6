/** The client over an engine in the same process: arguments, replies, errors, blocking, its end. */

import { type Client, Client as CoreClient, Engine, engineRoads } from '@russet/core'
import { createClient, createEngine, ReplyError } from '@russet/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CommandTable } from '../../../packages/core/src/commands/table.js'
import { FakeHost } from '../../support/fake-host.js'

let client: Client

beforeEach(() => {
  client = createClient()
})

afterEach(() => client.close())

const bytes = (...codes: number[]): Uint8Array => Uint8Array.from(codes)

describe('methods', () => {
  test('there is one for each command, and one that gives bytes', () => {
    const missing = [...new CommandTable()]
      .flatMap(({ name }) => (name === 'multi' || name === 'exec' ? [name] : [name, `${name}Buffer`]))
      .filter((name) => typeof Reflect.get(client, name) !== 'function')
    expect(missing).toEqual([])
  })

  test('call takes any command, its name in any case', async () => {
    expect(await client.call('SeT', 'k', 'v')).toBe('OK')
    expect(await client.call('get', 'k')).toBe('v')
    expect(await client.callBuffer('GET', 'k')).toEqual(bytes(0x76))
    await expect(client.call('NOSUCH', 'x')).rejects.toThrow(
      "ERR unknown command 'NOSUCH', with args beginning with: 'x' ",
    )
  })

  test('commands have run when the call returns', () => {
    void client.set('k', '1')
    const other = client.duplicate()
    void client.incr('k')
    other.close()
    return expect(client.get('k')).resolves.toBe('2')
  })
})

describe('arguments', () => {
  test('text is sent as UTF-8 and comes back the same', async () => {
    for (const text of ['', 'plain', 'naïve', '日本語', '😀 end', '\u0000\u007f\u0080\u00ff']) {
      await client.set(text === '' ? 'empty' : text, text)
      expect(await client.get(text === '' ? 'empty' : text)).toBe(text)
      expect(await client.strlen(text === '' ? 'empty' : text)).toBe(Buffer.byteLength(text))
    }
    expect(await client.getBuffer('日本語')).toEqual(new Uint8Array(Buffer.from('日本語')))
  })

  test('text that is not well formed gets replacement characters, as on a socket', async () => {
    await client.set('k', 'a\ud800b')
    expect(await client.get('k')).toBe('a\ufffdb')
    await client.set('k', bytes(0x61, 0xff))
    expect(await client.get('k')).toBe('a\ufffd')
  })

  test('numbers and bigints are written in decimal', async () => {
    await client.set('k', -12.5)
    expect(await client.get('k')).toBe('-12.5')
    expect(await client.incrby('n', 9_007_199_254_740_993n)).toBe(9_007_199_254_740_992)
    expect(await client.get('n')).toBe('9007199254740993')
    await client.zadd('z', Number.NEGATIVE_INFINITY, 'low', Number.POSITIVE_INFINITY, 'high')
    expect(await client.zrange('z', 0, -1, 'WITHSCORES')).toEqual(['low', '-inf', 'high', 'inf'])
  })

  test('bytes pass unchanged, in keys too', async () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    await client.set(all, Buffer.from(all))
    const back = await client.getBuffer(all)
    expect(back).toEqual(all)
    expect(await client.keysBuffer('*')).toEqual([all])
    back?.fill(0)
    expect(await client.getBuffer(all)).toEqual(all)
  })

  test('arrays, maps and objects spread out', async () => {
    expect(await client.mset({ a: 1, b: 'zwei', ü: bytes(0x33) })).toBe('OK')
    expect(await client.mget(['a', 'b'], 'ü')).toEqual(['1', 'zwei', '3'])
    expect(await client.mset(new Map([['c', 4]]))).toBe('OK')
    expect(await client.del('a', ['b', 'c', 'nothing'])).toBe(3)
    expect(await client.hset('h', { one: 1, two: 2 })).toBe(2)
    expect(await client.hset('h', new Map([['three', '3']]))).toBe(1)
    expect(await client.hset('h', 'four', 4, 'five', 5)).toBe(2)
    expect(await client.hgetall('h')).toEqual({ one: '1', two: '2', three: '3', four: '4', five: '5' })
    expect(await client.rpush('l', ['x', 'y'])).toBe(2)
  })

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [new Date(0), 'Date'],
    [[['nested']], 'Array'],
    [{ field: null }, 'null'],
  ])('%o is refused and nothing is sent', async (value, kind) => {
    const set = client.set as (...args: unknown[]) => Promise<unknown>
    const refused = set.call(client, 'k', value)
    await expect(refused).rejects.toThrow(TypeError)
    await expect(refused).rejects.toThrow(`of SET is ${kind}`)
    expect(await client.exists('k')).toBe(0)
  })

  test('what is stored does not keep the text alive that it was cut from', async () => {
    // A view of its parent is what V8 makes of a slice of 13 and more; the engine gets an equal string of its own.
    const engine = createEngine()
    const seen: (readonly string[])[] = []
    engine.effects.listen((effects) => seen.push(...effects.map(({ command }) => command)))
    const own = createClient({ engine })
    const parent = `${'x'.repeat(100)}-0123456789abcdef`
    await own.set(parent.slice(100), parent)
    expect(seen).toEqual([['set', '-0123456789abcdef', parent]])
    own.close()
    engine.close()
  })
})

describe('replies', () => {
  test('have the shapes of ioredis', async () => {
    expect(await client.ping()).toBe('PONG')
    expect(await client.get('nothing')).toBeNull()
    expect(await client.blpop('nothing', 0.001)).toBeNull()
    expect(await client.hgetall('nothing')).toEqual({})
    await client.zadd('z', 1.5, 'a', 2, 'b')
    expect(await client.zscore('z', 'a')).toBe('1.5')
    expect(await client.zincrby('z', 0.25, 'a')).toBe('1.75')
    expect(await client.zrange('z', 0, -1, 'WITHSCORES')).toEqual(['a', '1.75', 'b', '2'])
    expect(await client.zpopmin('z')).toEqual(['a', '1.75'])
    await client.sadd('s', 'only')
    expect(await client.smembers('s')).toEqual(['only'])
    expect(await client.config('GET', 'databases')).toEqual(['databases', '16'])
    expect(await client.scan(0, 'MATCH', 's*')).toEqual(['0', ['s']])
    await client.xadd('x', '1-1', 'f', 'v')
    expect(await client.xrange('x', '-', '+')).toEqual([['1-1', ['f', 'v']]])
    expect(await client.xread('STREAMS', 'x', 0)).toEqual([['x', [['1-1', ['f', 'v']]]]])
    expect(await client.call('HGETALL', 'nothing')).toEqual({})
  })

  test('stay the same after HELLO 3', async () => {
    await client.hello(3)
    await client.hset('h', 'f', 'v')
    await client.zadd('z', 1, 'a')
    expect(await client.hgetall('h')).toEqual({ f: 'v' })
    expect(await client.zrange('z', 0, -1, 'WITHSCORES')).toEqual(['a', '1'])
    expect(await client.get('nothing')).toBeNull()
    await client.xadd('x', '1-1', 'f', 'v')
    expect(await client.xread('STREAMS', 'x', 0)).toEqual([['x', [['1-1', ['f', 'v']]]]])
  })

  test('a field may have any name', async () => {
    await client.hset('h', '__proto__', 'p', 'constructor', 'c', 'ключ', 'к')
    const all = await client.hgetall('h')
    expect(Object.entries(all)).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['ключ', 'к'],
    ])
    expect(Object.getPrototypeOf(all)).toBe(Object.prototype)
    expect(await client.hgetallBuffer('h')).toMatchObject({ constructor: bytes(0x63) })
  })

  test('bytes reach into nested replies', async () => {
    await client.rpush('l', 'a')
    expect(await client.lmpopBuffer(1, 'l', 'LEFT')).toEqual([bytes(0x6c), [bytes(0x61)]])
    expect(await client.setBuffer('k', 'v')).toEqual(bytes(0x4f, 0x4b))
    expect(await client.incrBuffer('n')).toBe(1)
  })

  test('after CLIENT REPLY OFF there is none', async () => {
    expect(await client.client('REPLY', 'OFF')).toBeUndefined()
    expect(await client.set('k', 'v')).toBeUndefined()
    expect(await client.client('REPLY', 'ON')).toBe('OK')
    expect(await client.get('k')).toBe('v')
  })
})

describe('errors', () => {
  test('reject with their text', async () => {
    await client.rpush('l', 'x')
    const error = await client.get('l').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ReplyError)
    expect(error).toMatchObject({
      name: 'ReplyError',
      message: 'WRONGTYPE Operation against a key holding the wrong kind of value',
    })
    expect((error as Error).stack).toContain('client.test.ts')
  })

  test('carry text as text', async () => {
    await expect(client.call('日本')).rejects.toThrow("ERR unknown command '日本'")
  })

  test('a password is asked for here too', async () => {
    const locked = createClient({ config: { requirepass: 'schlüssel' } })
    await expect(locked.get('k')).rejects.toThrow('NOAUTH Authentication required.')
    expect(await locked.auth('schlüssel')).toBe('OK')
    expect(await locked.get('k')).toBeNull()
    locked.close()
  })
})

describe('blocking', () => {
  test('a blocked client is served by another one, and its later commands follow in order', async () => {
    const other = client.duplicate()
    const order: string[] = []
    const popped = client.blpop('l', 0).then((reply) => order.push(`popped ${reply?.join()}`))
    const next = client.incr('n').then((n) => order.push(`incr ${n}`))
    const failing = client.lpush('n', 'x').catch((error: Error) => order.push(error.message.slice(0, 9)))
    const last = client.ping().then((pong) => order.push(pong))
    expect(await other.get('n')).toBeNull()
    await other.rpush('l', 'x')
    await Promise.all([popped, next, failing, last])
    expect(order).toEqual(['popped l,x', 'incr 1', 'WRONGTYPE', 'PONG'])
    other.close()
  })

  test('the wait ends by its time-out', async () => {
    const host = new FakeHost()
    const engine = new Engine(host)
    const waiting = new CoreClient(engineRoads(engine))
    let reply: unknown = 'none'
    void waiting.brpop('l', 10).then((popped) => {
      reply = popped
    })
    host.advance(9_999)
    await Promise.resolve()
    expect(reply).toBe('none')
    host.advance(1)
    await Promise.resolve()
    expect(reply).toBeNull()
    engine.close()
  })

  test('only so many commands wait', async () => {
    const narrow = createClient({ maxPending: 3 })
    const pending = [narrow.blpop('l', 0), narrow.ping(), narrow.ping()]
    await expect(narrow.ping()).rejects.toThrow('3 commands wait for their replies')
    const helper = narrow.duplicate()
    await helper.lpush('l', 'x')
    expect(await Promise.all(pending)).toEqual([['l', 'x'], 'PONG', 'PONG'])
    expect(await narrow.ping()).toBe('PONG')
    helper.close()
    narrow.close()
  })

  test('CLIENT UNBLOCK and CLIENT PAUSE', async () => {
    const other = client.duplicate()
    const id = Number(await client.client('ID'))
    const blocked = client.blpop('l', 0)
    expect(await other.client('UNBLOCK', id, 'ERROR')).toBe(1)
    await expect(blocked).rejects.toThrow('UNBLOCKED client unblocked via CLIENT UNBLOCK')
    await other.client('PAUSE', 10_000, 'WRITE')
    const held = client.incr('n')
    expect(await other.get('n')).toBeNull()
    await other.client('UNPAUSE')
    expect(await held).toBe(1)
    other.close()
  })
})

describe('the end', () => {
  test('close rejects what waits and what follows', async () => {
    const blocked = client.blpop('l', 0)
    const behind = client.ping()
    client.close()
    expect(client.isOpen).toBe(false)
    await expect(blocked).rejects.toThrow('Connection is closed.')
    await expect(behind).rejects.toThrow('Connection is closed.')
    await expect(client.ping()).rejects.toThrow('Connection is closed.')
    expect(() => client.duplicate()).toThrow('closed')
    client.close()
  })

  test('quit answers first', async () => {
    expect(await client.quit()).toBe('OK')
    await expect(client.ping()).rejects.toThrow('Connection is closed.')
  })

  test('quit behind a blocking command', async () => {
    const other = client.duplicate()
    const all = Promise.allSettled([client.blpop('l', 0), client.quit(), client.ping()])
    await other.lpush('l', 'x')
    expect(await all).toMatchObject([
      { value: ['l', 'x'] },
      { value: 'OK' },
      { reason: { message: 'Connection is closed.' } },
    ])
    other.close()
  })

  test('CLIENT KILL', async () => {
    const other = client.duplicate()
    const blocked = other.blpop('l', 0)
    expect(await client.client('KILL', 'ID', String(Number(await client.client('ID')) + 1))).toBe(1)
    await expect(blocked).rejects.toThrow('Connection is closed.')
    expect(other.isOpen).toBe(false)
    expect(await client.client('KILL', 'ID', Number(await client.client('ID')), 'SKIPME', 'no')).toBe(1)
    expect(client.isOpen).toBe(false)
  })
})

describe('engines', () => {
  test('clients share one, each with a session of its own', async () => {
    const engine = createEngine({ databases: 4 })
    const one = createClient({ engine })
    const two = createClient({ engine })
    await one.select(3)
    await one.set('k', 'in 3')
    expect(await two.get('k')).toBeNull()
    await two.select(3)
    expect(await two.get('k')).toBe('in 3')
    await expect(one.select(4)).rejects.toThrow('ERR DB index is out of range')
    one.close()
    expect(await two.dbsize()).toBe(1)
    expect(engine.sessions.count).toBe(1)
    two.close()
    engine.close()
  })

  test('a listener to effects may send commands on the same client', async () => {
    const engine = createEngine()
    const one = createClient({ engine })
    const inner: Promise<unknown>[] = []
    const stop = engine.effects.listen((effects) => {
      stop()
      inner.push(one.incr('heard'), one.get('k'), one.blpop('l', 0), one.ping())
      expect(effects).toEqual([{ db: 0, command: ['set', 'k', 'v'] }])
    })
    expect(await one.set('k', 'v')).toBe('OK')
    const other = one.duplicate()
    await other.rpush('l', 'x')
    expect(await Promise.all(inner)).toEqual([1, 'v', ['l', 'x'], 'PONG'])
    one.close()
    other.close()
    engine.close()
  })

  test('an engine of its own lasts as long as its clients', async () => {
    const other = client.duplicate()
    await client.set('k', 'v')
    client.close()
    expect(await other.get('k')).toBe('v')
    other.close()
  })

  test('settings are checked', () => {
    expect(() => createEngine({ 'maxmemory-policy': 'some' })).toThrow(
      "Cannot set 'maxmemory-policy' to 'some': ",
    )
    expect(() => createEngine({ nonsense: 1 })).toThrow("Cannot set 'nonsense' to '1': Bad directive")
    const engine = createEngine({ maxclients: 1 })
    const only = createClient({ engine })
    expect(() => createClient({ engine })).toThrow('ERR max number of clients reached')
    expect(() => createClient({ engine, config: { databases: 1 } })).toThrow('leave out `config`')
    only.close()
    engine.close()
  })
})
