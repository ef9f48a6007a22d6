/** Pipelines and transactions of the client. */
import type { Client } from '@russet/core'
import { createClient, ReplyError } from '@russet/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let client: Client
let other: Client

beforeEach(() => {
  client = createClient()
  other = client.duplicate()
})

afterEach(() => {
  client.close()
  other.close()
})

describe('pipeline', () => {
  test('gives each command its error or its reply', async () => {
    const pipeline = client
      .pipeline()
      .set('k', 'ü')
      .getBuffer('k')
      .lpush('k', 1)
      .hset('h', { a: 1 })
      .hgetall('h')
    expect(pipeline.length).toBe(5)
    expect(await client.exists('k')).toBe(0)
    const results = await pipeline.call('INCR', 'n').callBuffer('ECHO', 'x').exec()
    expect(results).toEqual([
      [null, 'OK'],
      [null, new Uint8Array([0xc3, 0xbc])],
      [new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value'), undefined],
      [null, 1],
      [null, { a: '1' }],
      [null, 1],
      [null, new Uint8Array([0x78])],
    ])
  })

  test('is empty after exec', async () => {
    const pipeline = client.pipeline().incr('n')
    await pipeline.exec()
    expect(pipeline.length).toBe(0)
    expect(await pipeline.exec()).toEqual([])
    expect(await pipeline.incr('n').exec()).toEqual([[null, 2]])
  })

  test('an argument that cannot be sent is refused where it is given', () => {
    const pipeline = client.pipeline()
    expect(() => pipeline.set('k', undefined as unknown as string)).toThrow(TypeError)
    expect(pipeline.length).toBe(0)
  })

  test('waits for a blocking command and goes on in order', async () => {
    const running = client.pipeline().blpop('l', 0).incr('n').exec()
    await other.rpush('l', 'x')
    expect(await running).toEqual([
      [null, ['l', 'x']],
      [null, 1],
    ])
  })

  test('tells of each command that was lost with the connection', async () => {
    const running = client.pipeline().ping().blpop('l', 0).incr('n').exec()
    client.close()
    const lost = new Error('Connection is closed.')
    expect(await running).toEqual([
      [null, 'PONG'],
      [lost, undefined],
      [lost, undefined],
    ])
    expect(await client.pipeline().ping().exec()).toEqual([[lost, undefined]])
  })
})

describe('multi', () => {
  test('runs as one, and gives errors in their places', async () => {
    await client.set('text', 'x')
    const results = await client
      .multi()
      .incr('n')
      .incr('text')
      .hset('h', 'f', 'ü')
      .hgetall('h')
      .getBuffer('n')
      .exec()
    expect(results).toEqual([
      [null, 1],
      [new ReplyError('ERR value is not an integer or out of range'), undefined],
      [null, 1],
      [null, { f: 'ü' }],
      [null, new Uint8Array([0x31])],
    ])
    expect(await client.multi().exec()).toEqual([])
  })

  test('is null when a watched key has changed', async () => {
    await client.watch('k')
    await other.set('k', 'theirs')
    expect(await client.multi().set('k', 'mine').exec()).toBeNull()
    expect(await client.get('k')).toBe('theirs')
    expect(await client.multi().set('k', 'mine').exec()).toEqual([[null, 'OK']])
  })

  test('a refused command calls the whole off and is the cause', async () => {
    const running = client.multi().set('k', 'v').call('NOSUCH').exec()
    await expect(running).rejects.toMatchObject({
      name: 'ReplyError',
      message: 'EXECABORT Transaction discarded because of previous errors.',
      cause: { message: expect.stringContaining("unknown command 'NOSUCH'") },
    })
    expect(await client.exists('k')).toBe(0)
  })

  test('blocking commands do not wait in it', async () => {
    expect(await client.multi().blpop('l', 0).incr('n').exec()).toEqual([
      [null, null],
      [null, 1],
    ])
  })

  test('step by step', async () => {
    expect(await client.multi({ pipeline: false })).toBe('OK')
    expect(await client.incr('n')).toBe('QUEUED')
    expect(await client.hgetall('h')).toBe('QUEUED')
    expect(await other.get('n')).toBeNull()
    expect(await client.exec()).toEqual([
      [null, 1],
      [null, []],
    ])
    await expect(client.exec()).rejects.toThrow('ERR EXEC without MULTI')
    await client.multi({ pipeline: false })
    await client.incr('n')
    expect(await client.discard()).toBe('OK')
    expect(await client.get('n')).toBe('1')
  })

  test('a lost connection rejects', async () => {
    const blocked = client.blpop('l', 0)
    const running = client.multi().incr('n').exec()
    client.close()
    await expect(blocked).rejects.toThrow('Connection is closed.')
    await expect(running).rejects.toThrow('Connection is closed.')
  })
})
