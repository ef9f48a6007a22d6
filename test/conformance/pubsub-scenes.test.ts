/**
 * Several clients that subscribe and publish at random, in RESP2 and RESP3 and within transactions: each has to
 * see the same things in the same order as with redis-server.
 */
import fc, { type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { command, maybe, oneOf, several } from '../support/arbitraries.js'
import { quoteBytes, type Reply } from '../support/resp-reader.js'
import { type Act, kindOf, playScene } from '../support/scenes.js'
import type { Protocol } from '../support/script-run.js'
import { factor } from '../support/sequences.js'
import { onBoth, sharedPair } from '../support/server-pair.js'

const channel = oneOf('a', 'b', 'ab', '', '\xff\0')
const pattern = oneOf('*', 'a*', '?', '[ab]', 'a', 'nosuch', '\xff*')

/**
 * Clients that listen; they publish nothing, because since 7.2 they would get that in another order. A transaction
 * is sent as a whole.
 */
const listening = fc.oneof(
  { weight: 4, arbitrary: command('SUBSCRIBE', several(1, 3, channel)) },
  { weight: 4, arbitrary: command('PSUBSCRIBE', several(1, 2, pattern)) },
  { weight: 2, arbitrary: command('SSUBSCRIBE', several(1, 2, channel)) },
  { weight: 2, arbitrary: command('UNSUBSCRIBE', several(1, 2, channel)) },
  { weight: 2, arbitrary: command('PUNSUBSCRIBE', several(1, 2, pattern)) },
  { weight: 2, arbitrary: command('SUNSUBSCRIBE', several(1, 1, channel)) },
  { weight: 2, arbitrary: command('PING', maybe(oneOf('x', ''))) },
  command('GET', 'k'),
  command('SET', 'k', 'v'),
  command('RESET'),
  command(oneOf('MULTI', 'DISCARD')),
  { weight: 2, arbitrary: command('EXEC') },
)

const publishing = fc.oneof(
  { weight: 8, arbitrary: command('PUBLISH', channel, 'TEXT') },
  { weight: 3, arbitrary: command('SPUBLISH', channel, 'TEXT') },
  command('PUBSUB', oneOf('NUMSUB', 'SHARDNUMSUB'), several(0, 3, channel)),
  command('PUBSUB', 'NUMPAT'),
  command(oneOf('MULTI', 'DISCARD')),
  { weight: 2, arbitrary: command('EXEC') },
)

const PROTOCOLS: readonly Protocol[] = [2, 3, 2, 2, 3]
const LISTENERS = 3

const acts: Arbitrary<Act[]> = fc
  .array(
    fc.oneof(
      fc.record({ client: fc.nat(LISTENERS - 1), args: listening.map(({ args }) => args) }),
      fc.record({
        client: fc.integer({ min: LISTENERS, max: PROTOCOLS.length - 1 }),
        args: publishing.map(({ args }) => args),
      }),
    ),
    { minLength: 1, maxLength: 150, size: 'max' },
  )
  // Each message is another one, so that it is seen which has come when.
  .map((list) =>
    list.map((act, i) => ({ ...act, args: act.args.map((arg) => (arg === 'TEXT' ? `text ${i}` : arg)) })),
  )

/**
 * A stream as text. Of several patterns that one message fits redis-server takes any first: messages to patterns
 * that follow each other and are the same text are sorted.
 */
function transcript(stream: readonly Reply[]): string[] {
  const lines: string[] = []
  let run: string[] = []
  let runText = ''
  for (const item of stream) {
    const line = quoteBytes(item.raw)
    const text = kindOf(item) === 'pmessage' ? line.slice(line.indexOf('text ')) : ''
    if (text !== runText) {
      lines.push(...run.sort())
      run = []
      runText = text
    }
    if (text === '') lines.push(line)
    else run.push(line)
  }
  return [...lines, ...run.sort()]
}

test('what each client sees', { timeout: 120_000 }, async () => {
  const pair = await sharedPair()
  await fc.assert(
    fc.asyncProperty(acts, async (scene) => {
      await pair.reset()
      const { redis, russet } = await onBoth((side) => playScene(pair.servers[side].port, PROTOCOLS, scene))
      expect(russet.map(transcript)).toEqual(redis.map(transcript))
    }),
    { numRuns: Math.ceil(60 * factor()), interruptAfterTimeLimit: 60_000 },
  )
})
