/** Messages over the client in the process: listeners of channels, listeners of all, and what ends them. */

import type { Client } from '@russet/core'
import { createClient } from '@russet/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let client: Client
let other: Client
let heard: unknown[][]

beforeEach(() => {
  client = createClient()
  other = client.duplicate()
  heard = []
})

afterEach(() => {
  client.close()
  other.close()
})

const hear = (...args: unknown[]): void => {
  heard.push(args)
}
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

describe('subscribe with a listener', () => {
  test('gives it each message with its channel', async () => {
    expect(await client.subscribe('news', hear)).toBe(1)
    expect(await client.subscribe(['weather', 'ünïcode'], hear)).toBe(3)
    expect(await other.publish('news', 'hällo')).toBe(1)
    await other.publish('ünïcode', '')
    await other.publish('elsewhere', 'x')
    expect(heard).toEqual([
      ['hällo', 'news'],
      ['', 'ünïcode'],
    ])
  })

  test('psubscribe gives the pattern, too', async () => {
    expect(await client.psubscribe('n*', hear)).toBe(1)
    await other.publish('news', 'x')
    expect(heard).toEqual([['x', 'news', 'n*']])
  })

  test('ssubscribe is for shard channels', async () => {
    expect(await client.ssubscribe('news', hear)).toBe(1)
    expect(await other.publish('news', 'x')).toBe(0)
    expect(await other.spublish('news', 'y')).toBe(1)
    expect(heard).toEqual([['y', 'news']])
  })

  test('the methods for bytes give bytes', async () => {
    await client.subscribeBuffer('news', hear)
    await client.psubscribeBuffer('n*', hear)
    await client.ssubscribeBuffer(bytes('s'), hear)
    await other.publish('news', Uint8Array.of(0, 255))
    await other.spublish('s', 'x')
    expect(heard).toEqual([
      [Uint8Array.of(0, 255), bytes('news')],
      [Uint8Array.of(0, 255), bytes('news'), bytes('n*')],
      [bytes('x'), bytes('s')],
    ])
  })

  test('several listeners of one channel get the message in their order', async () => {
    await client.subscribe('news', () => hear('first'))
    await client.subscribe('news', () => hear('second'))
    expect(await other.publish('news', 'x')).toBe(1)
    expect(heard).toEqual([['first'], ['second']])
  })

  test('a client gets what it publishes itself, and runs other commands all the while', async () => {
    await client.subscribe('news', hear)
    expect(await client.publish('news', 'x')).toBe(1)
    expect(await client.set('k', 'v')).toBe('OK')
    expect(await client.ping()).toBe('PONG')
    expect(await client.multi().get('k').publish('news', 'y').exec()).toEqual([
      [null, 'v'],
      [null, 1],
    ])
    expect(heard.map(([message]) => message)).toEqual(['x', 'y'])
  })

  test('a listener may send commands and publish', async () => {
    const done = new Promise((resolve) => {
      void client.subscribe('ping', async (message) => {
        await client.set('seen', message)
        await client.publish('pong', `${await client.get('seen')}!`)
      })
      void other.subscribe('pong', resolve)
    })
    await other.publish('ping', 'x')
    expect(await done).toBe('x!')
  })

  test('never runs within the call that publishes', () => {
    void client.subscribe('news', hear)
    void other.publish('news', 'x')
    expect(heard).toEqual([])
    return expect.poll(() => heard.length).toBe(1)
  })

  test('one that throws keeps nothing from the others', async () => {
    const rejections: unknown[] = []
    const own = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', (reason) => rejections.push(reason))
    try {
      await client.subscribe('news', () => {
        throw new Error('oops')
      })
      await client.subscribe('news', hear)
      await other.publish('news', 'x')
      await other.publish('news', 'y')
      expect(heard.map(([message]) => message)).toEqual(['x', 'y'])
      await expect.poll(() => rejections.length).toBe(2)
      expect(rejections[0]).toEqual(new Error('oops'))
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const listener of own) process.on('unhandledRejection', listener)
    }
  })

  test('is taken away again when the subscription is refused', async () => {
    await client.config('SET', 'requirepass', 'secret')
    const stranger = client.duplicate()
    await expect(stranger.subscribe('news', hear)).rejects.toThrow('NOAUTH')
    await client.config('SET', 'requirepass', '')
    expect(await stranger.subscribe('news')).toBe(1)
    await other.publish('news', 'x')
    expect(heard).toEqual([])
    stranger.close()
  })

  test('what is no channel is refused', async () => {
    await expect(client.subscribe(undefined as unknown as string, hear)).rejects.toThrow(TypeError)
    await expect(client.subscribe([] as string[], hear)).rejects.toThrow('wrong number of arguments')
  })
})

describe('unsubscribe', () => {
  test('takes one listener away, and ends the subscription with the last', async () => {
    const second = () => hear('second')
    await client.subscribe('news', hear)
    await client.subscribe('news', second)
    await client.unsubscribe('news', hear)
    expect(await other.publish('news', 'x')).toBe(1)
    await client.unsubscribe(['news', 'nosuch'], second)
    expect(await other.publish('news', 'y')).toBe(0)
    expect(heard).toEqual([['second']])
  })

  test('ends subscriptions with all their listeners', async () => {
    await client.subscribe(['a', 'b', 'c'], hear)
    await client.psubscribe('*', hear)
    expect(await client.unsubscribe('a')).toBe(3)
    expect(await client.unsubscribe()).toBe(1)
    expect(await client.punsubscribe('*')).toBe(0)
    expect(await client.sunsubscribe()).toBe(0)
    // A later subscription does not bring them back.
    await client.subscribe('a')
    expect(await other.publish('a', 'x')).toBe(1)
    expect(heard).toEqual([])
  })
})

describe('on', () => {
  test('gets all messages, as with ioredis', async () => {
    client.on('message', (...args) => hear('message', ...args))
    client.on('pmessage', (...args) => hear('pmessage', ...args))
    client.on('smessage', (...args) => hear('smessage', ...args))
    client.on('messageBuffer', (...args) => hear('messageBuffer', ...args))
    client.on('pmessageBuffer', (...args) => hear('pmessageBuffer', ...args))
    client.on('smessageBuffer', (...args) => hear('smessageBuffer', ...args))
    expect(await client.subscribe('a', 'b', ['c'])).toBe(3)
    await client.psubscribe('a*')
    await client.ssubscribe('s')
    await other.publish('a', 'ä')
    await other.spublish('s', 'x')
    expect(heard).toEqual([
      ['message', 'a', 'ä'],
      ['messageBuffer', bytes('a'), bytes('ä')],
      ['pmessage', 'a*', 'a', 'ä'],
      ['pmessageBuffer', bytes('a*'), bytes('a'), bytes('ä')],
      ['smessage', 's', 'x'],
      ['smessageBuffer', bytes('s'), bytes('x')],
    ])
  })

  test('off takes a listener away', async () => {
    client.on('message', hear).on('message', hear)
    await client.subscribe('a')
    client.off('message', hear)
    await other.publish('a', '1')
    client.off('message', hear).off('message', hear)
    await other.publish('a', '2')
    expect(heard).toEqual([['a', '1']])
  })
})

test('pipelines and transactions subscribe, too', async () => {
  client.on('message', hear)
  expect(await client.pipeline().subscribe('a', 'b').psubscribe('c*').unsubscribe('a').exec()).toEqual([
    [null, 2],
    [null, 3],
    [null, 2],
  ])
  expect(await client.multi().subscribe('d').publish('d', 'x').exec()).toEqual([
    [null, 3],
    [null, 1],
  ])
  await other.publish('b', 'y')
  expect(heard).toEqual([
    ['d', 'x'],
    ['b', 'y'],
  ])
})

test('keyspace notifications', async () => {
  await client.config('SET', 'notify-keyspace-events', 'KA')
  await client.psubscribe('__keyspace@0__:*', (event, channel) => hear(event, channel))
  await other.multi().set('k', 'v').expire('k', 10).del('k').exec()
  expect(heard.map(([event]) => event)).toEqual(['set', 'expire', 'del'])
})

test('a client that is closed or disconnected hears nothing more', async () => {
  await client.subscribe('a', hear)
  void other.publish('a', 'on its way')
  client.close()
  await Promise.resolve()
  expect(await other.publish('a', 'x')).toBe(0)
  const third = other.duplicate()
  await third.subscribe('a', hear)
  expect(await other.client('KILL', 'TYPE', 'PUBSUB')).toBe(1)
  expect(third.isOpen).toBe(false)
  expect(heard).toEqual([])
  await expect(third.subscribe('a', hear)).rejects.toThrow('Connection is closed.')
})

test('a duplicate has no subscriptions', async () => {
  await client.subscribe('a', hear)
  const third = client.duplicate()
  expect(await third.pubsub('NUMSUB', 'a')).toEqual(['a', 1])
  third.close()
})
