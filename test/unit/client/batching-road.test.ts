/** The client over a road of messages: here the far end is an engine that each message reaches a turn later. */
import { BatchingRoad, type ByteCommand, Client, Engine, PushReply, type Reply } from '@russet/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeHost } from '../../support/fake-host.js'

let engine: Engine
let messages: (readonly ByteCommand[])[]
let roads: BatchingRoad[]
let client: Client

beforeEach(() => {
  engine = new Engine(new FakeHost())
  messages = []
  roads = []
  client = new Client((receiver) => {
    const session = engine.connect(
      {
        reply: (reply: Reply) => road.receive([reply]),
        push: () => {},
        close: () => road.lost(new Error('The worker has ended.')),
        resume: () => {},
        buffers: () => ({
          queryBytes: 0,
          queryFreeBytes: 0,
          argumentBytes: 0,
          outputBytes: 0,
          outputPieces: 0,
        }),
      },
      { kind: 'memory', address: 'worker:0', localAddress: 'worker:0', descriptor: -1 },
    )
    const road = new BatchingRoad(receiver, {
      post: (commands) => {
        messages.push(commands)
        setImmediate(() => {
          for (const command of commands) engine.execute(session, command)
        })
      },
      close: () => engine.disconnected(session),
    })
    roads.push(road)
    return road
  })
})

afterEach(() => engine.close())

test('commands of one tick travel in one message', async () => {
  const all = Promise.all([
    client.set('k', 'v'),
    client.get('k'),
    client.pipeline().incr('n').incr('n').exec(),
    client.multi().get('n').exec(),
    client.call('NOSUCH').catch((error: Error) => error.message.slice(0, 19)),
  ])
  expect(messages).toEqual([])
  expect(await all).toEqual([
    'OK',
    'v',
    [
      [null, 1],
      [null, 2],
    ],
    [[null, '2']],
    'ERR unknown command',
  ])
  expect(messages).toHaveLength(1)
  expect(messages[0]?.map(([name]) => name)).toEqual([
    'set',
    'get',
    'incr',
    'incr',
    'MULTI',
    'get',
    'EXEC',
    'NOSUCH',
  ])
  await client.ping()
  expect(messages).toHaveLength(2)
})

test('what comes unasked disturbs no replies', async () => {
  const pushed: unknown[] = []
  client.onPush = (items) => pushed.push(items)
  const pong = client.ping()
  roads[0]?.receivePush(new PushReply(['invalidate', ['k\xc3\xbc']]))
  expect(await pong).toBe('PONG')
  expect(pushed).toEqual([['invalidate', ['kü']]])
})

test('a road that breaks rejects with its reason, later calls with theirs', async () => {
  const pong = client.ping()
  roads[0]?.lost(new Error('The worker has ended.'))
  await expect(pong).rejects.toThrow('The worker has ended.')
  await expect(client.ping()).rejects.toThrow('Connection is closed.')
  expect(messages).toEqual([])
})

test('commands sent before close are still run', async () => {
  const set = client.set('k', 'v')
  client.close()
  await expect(set).rejects.toThrow('Connection is closed.')
  expect(messages).toEqual([[['set', 'k', 'v']]])
})
