/** LATENCY beside redis-server: events, histograms, and what people read. */
import { expect, test } from 'vitest'
import { conformance, script } from '../support/conformance.js'
import { arrayOf, textOf } from '../support/replies.js'
import type { Reply } from '../support/resp-reader.js'
import { sharedPair } from '../support/server-pair.js'

conformance(
  'arguments, and answers while there is nothing',
  script`
    CONFIG SET latency-monitor-threshold 0
    LATENCY RESET ~type
    LATENCY LATEST
    LATENCY HISTORY command
    LATENCY HISTORY nope
    LATENCY HISTORY
    LATENCY HISTORY a b
    LATENCY RESET
    LATENCY RESET a b
    LATENCY GRAPH command
    LATENCY GRAPH nope
    LATENCY GRAPH
    LATENCY DOCTOR ~kind
    LATENCY DOCTOR x
    LATENCY LATEST x
    LATENCY HELP ~kind
    LATENCY NOPE
    LATENCY
    LATENCY HISTOGRAM nope
    CONFIG RESETSTAT
    LATENCY HISTOGRAM get
  `,
)

conformance(
  'events',
  script`
    CONFIG SET latency-monitor-threshold 20
    LATENCY RESET ~type
    DEBUG SLEEP 0.001
    LATENCY LATEST
    DEBUG SLEEP 0.05
    LATENCY LATEST ~near 30
    LATENCY HISTORY command ~near 30
    LATENCY HISTORY COMMAND
    LATENCY GRAPH command ~kind
    LATENCY DOCTOR ~kind
    LATENCY RESET fast-command
    LATENCY RESET command command
    LATENCY LATEST
    CONFIG SET latency-monitor-threshold 0
    DEBUG SLEEP 0.05
    LATENCY LATEST
  `,
)

test('a graph is drawn as redis-server draws it', async () => {
  const pair = await sharedPair()
  await pair.ask('CONFIG', 'SET', 'latency-monitor-threshold', '1')
  await pair.ask('LATENCY', 'RESET')
  await pair.ask('DEBUG', 'SLEEP', '0.1')
  const { redis, russet } = await pair.ask('LATENCY', 'GRAPH', 'command')
  await pair.ask('CONFIG', 'SET', 'latency-monitor-threshold', '0')
  // One sample, whose time may differ by a millisecond, and whose age by a second.
  const shape = (reply: Reply) => textOf(reply).replace(/\d+/g, '#')
  expect(shape(russet)).toBe(shape(redis))
})

/** By command: its calls, and the limits and counts of its histogram. */
function histogramsOf(reply: Reply): Map<string, { calls: string; limits: string[]; counts: number[] }> {
  const items = reply.type === 'map' ? reply.value.flat() : arrayOf(reply)
  const found = new Map<string, { calls: string; limits: string[]; counts: number[] }>()
  for (let i = 0; i < items.length; i += 2) {
    const entry = items[i + 1] as Reply
    const [, calls, , histogram] = entry.type === 'map' ? entry.value.flat() : arrayOf(entry)
    const counts = histogram as Reply
    const flat = (counts.type === 'map' ? counts.value.flat() : arrayOf(counts)).map(textOf)
    found.set(textOf(items[i] as Reply), {
      calls: textOf(calls as Reply),
      limits: flat.filter((_, at) => at % 2 === 0),
      counts: flat.filter((_, at) => at % 2 === 1).map(Number),
    })
  }
  return found
}

conformance('HISTOGRAM', async ({ protocol, play, redis, russet }) => {
  await play(script`
    CONFIG SET latency-tracking yes
    CONFIG RESETSTAT
    ${Array.from({ length: 40 }, (_, i) => `SET k ${i}`).join('\n')}
    GET k
    CONFIG GET port ~kind
    DEBUG SLEEP 0.04
    CLIENT ID ~type
    LPUSH k x
  `)
  for (const args of [
    [],
    ['set', 'nope', 'GET', 'config', 'debug'],
    ['config|get', 'CLIENT|ID'],
    ['client'],
  ]) {
    const [theirs, ours] = await Promise.all(
      [redis, russet].map(async (one) => {
        const reply = await one.send('LATENCY', 'HISTOGRAM', ...args)
        expect(reply.type).toBe(protocol === 3 ? 'map' : 'array')
        return histogramsOf(reply)
      }),
    )
    if (theirs === undefined || ours === undefined) throw new Error('no histograms')
    const own = (name: string) => !/^(latency\|histogram|config\|resetstat|hello)$/.test(name)
    expect([...ours.keys()].filter(own).sort()).toEqual([...theirs.keys()].filter(own).sort())
    for (const [name, { calls, limits, counts }] of ours) {
      if (!own(name)) continue
      expect(calls).toBe(theirs.get(name)?.calls)
      expect(String(counts.at(-1))).toBe(calls)
      expect(counts).toEqual([...counts].sort((a, b) => a - b))
      for (const limit of limits) expect(LIMITS).toContain(limit)
    }
    if (args.length === 0) expect(Number(ours.get('debug')?.limits[0])).toBeGreaterThanOrEqual(40_000)
  }
  await play(script`
    CONFIG SET latency-tracking no
    CONFIG RESETSTAT
    SET k v
    LATENCY HISTOGRAM set
    CONFIG SET latency-tracking yes
    SET k v
    LATENCY HISTOGRAM set ~kind
  `)
})

/** Microseconds that end the buckets. */
const LIMITS = Array.from({ length: 21 }, (_, i) => {
  const limitNs = 1024 * 2 ** i
  return String(Math.floor((i === 20 ? limitNs - 1 : limitNs + limitNs / 128 - 1) / 1000))
})
