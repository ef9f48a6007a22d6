/** Publishing within bounds: slow subscribers, what waits for a reply or for the journal, what nobody hears. */
import { describe, expect, it } from 'vitest'
import { FakeServer } from '../../support/fake-client.js'

const limited = (limits: string) => new FakeServer({ 'client-output-buffer-limit': limits })
const message = (channel: string, text: string) =>
  `(array)\n  1) "message"\n  2) "${channel}"\n  3) "${text}"`

describe('client-output-buffer-limit pubsub', () => {
  it('hard: a subscriber that does not read is disconnected, and what it was owed is dropped', () => {
    const server = limited('pubsub 1mb 0 0')
    const [slow, quick, publisher] = [server.connect(), server.connect(), server.connect()]
    slow.send('SUBSCRIBE a')
    quick.send('SUBSCRIBE a')
    slow.take()
    quick.take()
    slow.reads = false
    let sent = 0
    while (!slow.aborted && sent < 100) {
      publisher.send(['PUBLISH', 'a', 'x'.repeat(50_000)])
      slow.take()
      expect(quick.take()).toHaveLength(1)
      sent++
    }
    expect(sent).toBe(21)
    expect(slow.connection.take()).toEqual([])
    publisher.take()
    expect(publisher.ask('PUBLISH a x')).toBe('(integer) 1')
    expect(publisher.ask('INFO stats')).toContain('client_output_buffer_limit_disconnections:1')
    expect(server.host.messages.at(-1)).toMatch(
      /^Client id=1 .* flags=P .* overcoming of output buffer limits\.$/,
    )
  })

  it('hard: one transaction is enough, and who is disconnected in its midst disturbs nobody', () => {
    const server = limited('pubsub 100kb 0 0')
    const subscribers = Array.from({ length: 5 }, () => server.connect().send('SUBSCRIBE a', 'PSUBSCRIBE *'))
    const publisher = server.connect()
    const texts = Array.from({ length: 20 }, () => ['PUBLISH', 'a', 'x'.repeat(10_000)])
    publisher.send('MULTI', ...texts, 'EXEC')
    expect(subscribers.map(({ aborted }) => aborted)).toEqual(Array(5).fill(true))
    expect(publisher.take().at(-1)).toMatch(/^\(array\)\n {2}1\) \(integer\) 10\n/)
    expect(server.engine.pubsub.subscribers).toBe(0)
    expect(publisher.ask('PUBLISH a x')).toBe('(integer) 0')
  })

  it('soft: a subscriber is disconnected when it has lasted', () => {
    const server = limited('pubsub 0 100kb 5')
    const [slow, publisher] = [server.connect(), server.connect()]
    slow.send('SUBSCRIBE a').take()
    slow.reads = false
    publisher.send(['PUBLISH', 'a', 'x'.repeat(150_000)])
    slow.take()
    server.host.advance(4900)
    expect(slow.closed).toBe(false)
    server.host.advance(300)
    expect(slow.aborted).toBe(true)
  })

  it('holds while there are subscriptions; before and after it is that of other clients', () => {
    const server = limited('normal 10kb 0 0 pubsub 1mb 0 0')
    const [client, publisher] = [server.connect(), server.connect()]
    client.send('SUBSCRIBE a')
    publisher.send(['PUBLISH', 'a', 'x'.repeat(50_000)], ['SET', 'k', 'x'.repeat(50_000)])
    expect(client.take()).toHaveLength(2)
    expect(client.closed).toBe(false)
    client.send('UNSUBSCRIBE', 'GET k')
    expect(client.aborted).toBe(true)
  })

  it('counts what waits for the reply of the client itself', () => {
    const server = new FakeServer({
      'client-output-buffer-limit': 'pubsub 1mb 0 0',
      'notify-keyspace-events': 'KEA',
    })
    const client = server.connect()
    client.send('HELLO 3', 'PSUBSCRIBE *')
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}`)
    server.connect().send(['MSET', ...keys.flatMap((key) => [key, 'v'])])
    client.take()
    expect(client.aborted).toBe(true)
    const greedy = server.connect()
    greedy.send('HELLO 3', 'PSUBSCRIBE *')
    greedy.take()
    greedy.send(['DEL', ...keys])
    expect(greedy.aborted).toBe(true)
    expect(server.engine.keyspace.databases[0]?.size).toBe(0)
  })
})

describe('output', () => {
  it('of many small messages is put together, in memory that belongs to nobody else', () => {
    const server = new FakeServer()
    const [subscriber, publisher] = [server.connect(), server.connect()]
    subscriber.send('SUBSCRIBE a').take()
    publisher.send(...Array.from({ length: 1000 }, (_, i) => `PUBLISH a ${i}`))
    publisher.take()
    expect(publisher.ask('CLIENT LIST TYPE pubsub')).toMatch(/oll=\d{1,3} /)
    const pieces = subscriber.connection.take()
    expect(pieces.length).toBeLessThan(10)
    const text = pieces.map((piece) => Buffer.from(piece).toString()).join('')
    expect(text).toBe(
      Array.from({ length: 1000 }, (_, i) => {
        const digits = String(i)
        return `*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$${digits.length}\r\n${digits}\r\n`
      }).join(''),
    )
  })

  it('keeps its order between replies, small and large messages', () => {
    const server = new FakeServer()
    const [subscriber, publisher] = [server.connect(), server.connect()]
    subscriber.send('HELLO 3', 'SUBSCRIBE a').take()
    const large = 'x'.repeat(100_000)
    const seen: string[] = []
    for (let i = 0; i < 300; i++) {
      publisher.send(['PUBLISH', 'a', i % 7 === 0 ? large : `small ${i}`])
      subscriber.send(`ECHO ${i}`)
      seen.push(i % 7 === 0 ? `"${large}"` : `"small ${i}"`, `"${i}"`)
    }
    const replies = subscriber.take().map((reply) =>
      reply
        .split('\n')
        .at(-1)
        ?.replace(/^ {2}3\) /, ''),
    )
    expect(replies).toEqual(seen)
  })

  it.each([1, 3, 10])('is the same in both protocols, for %i clients of each', (count) => {
    const server = new FakeServer()
    const publisher = server.connect()
    const inResp2 = Array.from({ length: count }, () => server.connect().send('SUBSCRIBE a'))
    const inResp3 = Array.from({ length: count }, () => server.connect().send('HELLO 3', 'SUBSCRIBE a'))
    for (const client of [...inResp2, ...inResp3]) client.take()
    publisher.send('PUBLISH a x', ['PUBLISH', 'a', 'y'.repeat(10_000)], 'PUBLISH a z')
    const messages = ['x', 'y'.repeat(10_000), 'z'].map((text) => message('a', text))
    for (const client of inResp2) expect(client.take()).toEqual(messages)
    for (const client of inResp3) {
      expect(client.take()).toEqual(messages.map((text) => text.replace('array', 'push')))
    }
  })
})

describe('order', () => {
  it('while replies wait for the journal messages wait with them', () => {
    const server = new FakeServer()
    const [subscriber, publisher] = [server.connect(), server.connect()]
    subscriber.send('HELLO 3', 'SUBSCRIBE a').take()
    const { gate } = server.engine
    gate.closed = true
    publisher.send('PUBLISH a 1', 'PING')
    subscriber.send('PING', 'PUBLISH a 2')
    publisher.send('PUBLISH a 3')
    expect([subscriber.take(), publisher.take()]).toEqual([[], []])
    expect(server.engine.sessions.get(1)?.waitingPushBytes).toBeGreaterThan(300)
    gate.open()
    const push = (text: string) => message('a', text).replace('array', 'push')
    expect(subscriber.take()).toEqual([push('1'), '+PONG', '(integer) 1', push('2'), push('3')])
    expect(publisher.take()).toEqual(['(integer) 1', '+PONG', '(integer) 1'])
    expect(server.engine.sessions.get(1)?.waitingPushBytes).toBe(0)
  })

  it('what a blocked client brings about when it is served comes after its reply', () => {
    const server = new FakeServer({ 'notify-keyspace-events': 'KA' })
    const [client, other] = [server.connect(), server.connect()]
    client.send('HELLO 3', 'PSUBSCRIBE *').take()
    client.send('BLPOP l 0')
    other.send('RPUSH l x')
    const kinds = client.take().map((reply) => reply.split('\n').at(-1)?.trim())
    expect(kinds).toEqual(['4) "rpush"', '2) "x"', '4) "lpop"', '4) "del"'])
  })

  it('a client that quits gets nothing behind the reply', () => {
    const server = new FakeServer()
    const client = server.connect()
    client.send('HELLO 3', 'SUBSCRIBE a').take()
    client.send('MULTI', 'PUBLISH a x', 'CLIENT KILL ID 1 SKIPME no', 'EXEC')
    expect(client.take().at(-1)).toMatch(/^\(array\)/)
    expect(client.closed).toBe(true)
    expect(server.engine.pubsub.hasAudience).toBe(false)
  })
})

describe('notifications', () => {
  it('cost nothing while nobody subscribes', () => {
    const server = new FakeServer({ 'notify-keyspace-events': 'KEA' })
    const [subscriber, other] = [server.connect(), server.connect()]
    const { keyspace } = server.engine
    expect(keyspace.eventMask).toBe(0)
    subscriber.send('SSUBSCRIBE s')
    expect(keyspace.eventMask).toBe(0)
    subscriber.send('SUBSCRIBE a')
    const mask = keyspace.eventMask
    expect(mask).toBeGreaterThan(0)
    other.send('CONFIG SET notify-keyspace-events Kg')
    expect(keyspace.eventMask).toBeLessThan(mask)
    other.send('CONFIG SET notify-keyspace-events g')
    expect(keyspace.eventMask).toBe(0)
    other.send('CONFIG SET notify-keyspace-events Eg')
    subscriber.send('UNSUBSCRIBE')
    expect(keyspace.eventMask).toBe(0)
    subscriber.send('PSUBSCRIBE a*')
    expect(keyspace.eventMask).toBeGreaterThan(0)
    subscriber.leave()
    expect(keyspace.eventMask).toBe(0)
  })
})

describe('subscriptions', () => {
  it('leave nothing behind when clients come and go', () => {
    const server = new FakeServer()
    for (let round = 0; round < 3; round++) {
      const clients = Array.from({ length: 20 }, (_, i) =>
        server.connect().send(`SUBSCRIBE a ${i}`, `PSUBSCRIBE a* ${i}*`, `SSUBSCRIBE s ${i}`),
      )
      expect(server.engine.pubsub.subscribers).toBe(20)
      expect(server.engine.pubsub.topicCount('channel')).toBe(21)
      for (const [i, client] of clients.entries()) {
        if (i % 4 === 0) client.leave()
        else if (i % 4 === 1) client.send('RESET')
        else if (i % 4 === 2) client.send('UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE')
        else client.send('QUIT')
      }
      const { pubsub } = server.engine
      expect(pubsub.subscribers).toBe(0)
      for (const kind of ['channel', 'pattern', 'shardChannel'] as const)
        expect(pubsub.topicCount(kind)).toBe(0)
    }
  })

  it('count to the memory of the client', () => {
    const client = new FakeServer().connect()
    client.send('HELLO 3').take()
    const memory = () => Number(/tot-mem=(\d+)/.exec(client.ask('CLIENT LIST'))?.[1])
    const before = memory()
    client.send(['SUBSCRIBE', 'x'.repeat(10_000)]).take()
    expect(memory()).toBeGreaterThan(before + 10_000)
    client.send('UNSUBSCRIBE').take()
    expect(memory()).toBeLessThan(before + 1000)
  })

  it('who listens is not idle', () => {
    const server = new FakeServer({ timeout: '10' })
    const [subscriber, idle] = [server.connect(), server.connect()]
    subscriber.send('SUBSCRIBE a').take()
    server.host.advance(60_000)
    expect([subscriber.closed, idle.closed]).toEqual([false, true])
  })
})
