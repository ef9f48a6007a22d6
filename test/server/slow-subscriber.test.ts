/**
 * A subscriber that never reads: the server's memory grows by what it is allowed to leave unread, and it is
 * disconnected then, however small the messages are. Whoever reads gets everything meanwhile.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startRusset } from '../support/redis-server.js'
import { bulkOf } from '../support/replies.js'
import type { RespConnection } from '../support/resp-connection.js'

const LIMIT_BYTES = 8 * 1024 * 1024
/** What else a run leaves on the heap until the next collection. */
const GARBAGE_BYTES = 40 * 1024 * 1024
const BATCH = 5000

let server: RunningServer

beforeAll(async () => {
  server = await startRusset({ args: ['--client-output-buffer-limit', `pubsub ${LIMIT_BYTES} 0 0`] })
})

afterAll(() => server.stop())

async function fieldOf(connection: RespConnection, section: string, name: string): Promise<number> {
  const text = bulkOf(await connection.send('INFO', section))
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1])
}

test.each([
  ['one byte', 1],
  ['100 bytes', 100],
  ['100 kB', 100_000],
])('messages of %s', { timeout: 60_000 }, async (_, bytes) => {
  const [slow, quick, publisher] = await Promise.all([server.connect(), server.connect(), server.connect()])
  await slow.send('SUBSCRIBE', 'news')
  await quick.send('SUBSCRIBE', 'news')
  slow.pause()
  const before = await fieldOf(publisher, 'memory', 'used_memory')
  const text = 'x'.repeat(bytes)
  const batch = Array.from({ length: bytes > 1000 ? 50 : BATCH }, () => ['PUBLISH', 'news', text])
  let published = 0
  let received = 0
  let mostBytes = 0
  while ((await fieldOf(publisher, 'clients', 'pubsub_clients')) === 2) {
    await publisher.sendMany(batch)
    published += batch.length
    received += quick.pushes.splice(0).length
    mostBytes = Math.max(mostBytes, (await fieldOf(publisher, 'memory', 'used_memory')) - before)
    // The kernel takes some megabytes, too.
    expect(published * bytes).toBeLessThan(20 * LIMIT_BYTES)
  }
  expect(mostBytes).toBeLessThan(2 * LIMIT_BYTES + GARBAGE_BYTES)
  expect(server.logs()).toMatch(
    /flags=P .* scheduled to be closed ASAP for overcoming of output buffer limits/,
  )
  await publisher.send('PUBLISH', 'news', 'end')
  while (received <= published) {
    await quick.nextPush()
    received += 1 + quick.pushes.splice(0).length
  }
  expect(received).toBe(published + 1)
  await Promise.all([slow, quick, publisher].map((connection) => connection.close()))
})
