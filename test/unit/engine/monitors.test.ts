/** MONITOR within one process: what it costs nobody, and what it never does. */
import { Client, engineRoads } from '@russet/core'
import { expect, it } from 'vitest'
import { FakeServer } from '../../support/fake-client.js'

it('tells every monitor, in the order of the commands, until it goes or resets', () => {
  const server = new FakeServer()
  const [one, two, three] = [server.connect(), server.connect(), server.connect()]
  one.send('MONITOR')
  two.send('MONITOR', 'MONITOR')
  expect(server.engine.monitors.count).toBe(2)
  three.send('SET k v', 'GET k')
  expect(one.take()).toEqual(two.take())
  two.leave()
  three.send('GET k')
  expect(one.take()).toEqual(['+1700000000.000000 [0 127.0.0.1:1] "GET" "k"'])
  one.send('RESET')
  expect(server.engine.monitors.count).toBe(0)
  three.send('GET k')
  expect(one.take()).toEqual(['+RESET'])
  one.leave()
  expect(server.engine.monitors.count).toBe(0)
})

it('shows where a client on a unix socket is', () => {
  const server = new FakeServer()
  const monitor = server.connect()
  monitor.send('MONITOR')
  monitor.take()
  server.connect({ kind: 'unix', address: '/tmp/a b.sock:0' }).send('PING')
  expect(monitor.take()).toEqual(['+1700000000.000000 [0 unix:/tmp/a b.sock] "PING"'])
})

it('is under the limits of output like any client', () => {
  const server = new FakeServer({ 'client-output-buffer-limit': 'normal 10kb 0 0' })
  const monitor = server.connect()
  monitor.send('MONITOR')
  monitor.take()
  monitor.reads = false
  const other = server.connect()
  for (let i = 0; i < 30; i++) other.send(['SET', 'k', 'x'.repeat(1000)])
  expect(monitor.closed).toBe(true)
  expect(server.engine.monitors.count).toBe(0)
  expect(other.take()).toHaveLength(30)
})

it('is not closed for being idle', () => {
  const server = new FakeServer({ timeout: '5' })
  const [monitor, idle] = [server.connect(), server.connect()]
  monitor.send('MONITOR')
  server.host.advance(20_000)
  expect(idle.closed).toBe(true)
  expect(monitor.closed).toBe(false)
})

it('reaches a client in the process as pushes', async () => {
  const server = new FakeServer()
  const client = new Client(engineRoads(server.engine))
  const pushes: unknown[] = []
  client.onPush = (push) => pushes.push(push)
  await client.monitor()
  server.connect().send('SET k v')
  await client.ping()
  expect(pushes[0]).toEqual(['monitor', '1700000000.000000 [0 127.0.0.1:1] "SET" "k" "v"'])
})
