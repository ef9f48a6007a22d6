/**
 * Recovery after a crash at every step of short histories, on a medium that loses, tears and reorders what has not
 * been synced, and after a failure of every call: what was acknowledged is there, and what is there is a state the
 * data has had.
 */
import { ErrorReply } from '@russet/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CrashLimits, FaultyMedium, FaultyStorage } from '../../support/faulty-storage.js'
import { stateOf, writes } from '../../support/random-writes.js'
import { StoredEngine } from '../../support/stored-engine.js'

const ALWAYS = { appendonly: 'yes', appendfsync: 'always' }

/** Commands that change no data: their replies say nothing of what lasts. */
const PROMISE_NOTHING = new Set(['BGREWRITEAOF', 'SELECT'])

/** What the data was, and how far the medium was when it was promised to last. */
interface Moment {
  readonly state: string
  /** Steps of the medium when the command was sent, and when its reply came without an error. */
  readonly sentAt: number
  acknowledgedAt: number
}

const stateText = (node: StoredEngine): string => JSON.stringify(stateOf(node.engine))

/** Runs commands one by one. A reply to a write that is no error is a promise. */
async function runHistory(
  medium: FaultyMedium,
  node: StoredEngine,
  commands: readonly (readonly string[])[],
): Promise<Moment[]> {
  const moments: Moment[] = []
  for (const command of commands) {
    const sentAt = medium.steps.length
    node.send(...command)
    const state = stateText(node)
    const reply = await node.reply()
    const acknowledged = !(reply instanceof ErrorReply) && !PROMISE_NOTHING.has(command[0] as string)
    moments.push({
      state,
      sentAt,
      acknowledgedAt: acknowledged ? medium.steps.length : Number.POSITIVE_INFINITY,
    })
  }
  return moments
}

/** Checks that what is written after a recovery is found by the next start, with all that was there. */
async function checkGoingOn(
  node: StoredEngine,
  medium: FaultyMedium,
  config: Record<string, string>,
): Promise<void> {
  expect(await node.run('SET', 'after the crash', '1')).not.toBeInstanceOf(ErrorReply)
  const state = stateText(node)
  await node.close()
  const next = await StoredEngine.open(new FaultyStorage(medium), config)
  expect(stateText(next)).toBe(state)
  await next.close()
}

/** Checks what is recovered from every state in which a crash could leave the medium, at each of these steps, and goes on. */
async function checkCrashes(
  medium: FaultyMedium,
  moments: readonly Moment[],
  steps: Iterable<number>,
  config: Record<string, string>,
  limits: CrashLimits = {},
): Promise<number> {
  let states = 0
  for (const step of steps) {
    const last = moments.map(({ acknowledgedAt }) => acknowledgedAt <= step).lastIndexOf(true)
    // A command that was sent may be there, whether its reply has come or not.
    const possible = moments.slice(Math.max(last, 0)).filter(({ sentAt }) => sentAt <= step)
    const allowed = new Set(possible.map(({ state }) => state))
    for (const files of medium.crashStates(step, limits)) {
      states++
      const survivor = new FaultyMedium(files)
      const node = await StoredEngine.open(new FaultyStorage(survivor), config)
      const found = stateText(node)
      if (!allowed.has(found)) {
        const sizes = [...files].map(([name, { length }]) => `${name}: ${length}`).join(', ')
        expect.fail(`after step ${step}, from ${sizes}: ${found} is none of ${[...allowed].join('\n')}`)
      }
      await checkGoingOn(node, survivor, config)
    }
  }
  return states
}

const SHORT_HISTORY = [
  ['SET', 'a', '1'],
  ['RPUSH', 'l', 'x', 'y'],
  ['BGREWRITEAOF'],
  ['INCR', 'a'],
  ['DEL', 'l'],
  ['SELECT', '1'],
  ['HSET', 'h', 'f', 'v'],
  ['SWAPDB', '0', '1'],
  ['MSET', 'b', '1', 'c', '2'],
]

/** The empty beginning, which is there before anything was promised. */
const beginning = (node: StoredEngine): Moment => ({ state: stateText(node), sentAt: 0, acknowledgedAt: 0 })

describe('with appendfsync always', () => {
  test('a crash at any step of a history with a rewrite loses nothing acknowledged', async () => {
    const medium = new FaultyMedium()
    const node = await StoredEngine.open(new FaultyStorage(medium), ALWAYS)
    const moments = [beginning(node), ...(await runHistory(medium, node, SHORT_HISTORY))]
    await node.pass(500)
    const steps = Array.from({ length: medium.steps.length + 1 }, (_, step) => step)
    const states = await checkCrashes(medium, moments, steps, ALWAYS)
    expect(states).toBeGreaterThan(500)
    await node.close()
  }, 60_000)

  test('nor of any other history', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            { weight: 12, arbitrary: fc.oneof(...writes) },
            { weight: 1, arbitrary: fc.constant({ args: ['BGREWRITEAOF'] as const }) },
          ),
          { minLength: 3, maxLength: 12 },
        ),
        fc.nat(),
        async (commands, choice) => {
          const medium = new FaultyMedium()
          const node = await StoredEngine.open(new FaultyStorage(medium), ALWAYS)
          const runnable = commands
            .map(({ args }) => args)
            .filter(([name]) => !name?.startsWith('B') || name === 'BGREWRITEAOF' || name.startsWith('BIT'))
          const moments = [beginning(node), ...(await runHistory(medium, node, runnable))]
          const total = medium.steps.length
          const steps = [choice % (total + 1), (choice * 7) % (total + 1), total]
          await checkCrashes(medium, moments, steps, ALWAYS)
          await node.close()
        },
      ),
      { numRuns: 25 },
    )
  }, 120_000)

  test('a transaction is there as a whole or not at all', async () => {
    const medium = new FaultyMedium()
    const node = await StoredEngine.open(new FaultyStorage(medium), ALWAYS)
    const moments = [beginning(node), ...(await runHistory(medium, node, [['MSET', 'a', '10', 'b', '0']]))]
    for (let round = 1; round <= 3; round++) {
      const sentAt = medium.steps.length
      for (const command of [['MULTI'], ['DECRBY', 'a', '3'], ['INCRBY', 'b', '3']])
        await node.run(...command)
      node.send('EXEC')
      const moment = { state: stateText(node), sentAt, acknowledgedAt: Number.POSITIVE_INFINITY }
      moments.push(moment)
      expect(await node.reply()).toEqual([10 - 3 * round, 3 * round])
      moment.acknowledgedAt = medium.steps.length
    }
    const steps = Array.from({ length: medium.steps.length + 1 }, (_, step) => step)
    expect(await checkCrashes(medium, moments, steps, ALWAYS)).toBeGreaterThan(200)
    await node.close()
  }, 60_000)

  test.each([
    ['full', false],
    ['failed', false],
    ['failed', true],
  ] as const)(
    'a call that fails (%s, at its end: %s) is told, and heals',
    async (fault, atEnd) => {
      // As many calls as the history needs without a failure.
      const counted = new FaultyMedium()
      const first = await StoredEngine.open(new FaultyStorage(counted), ALWAYS)
      const start = counted.calls
      await runHistory(counted, first, SHORT_HISTORY)
      await first.pass(500)
      const end = counted.calls
      await first.close()
      expect(end).toBeGreaterThan(start + 10)
      let failures = 0
      for (let call = start; call < end; call++) {
        for (const times of [1, 3]) {
          const medium = new FaultyMedium()
          const node = await StoredEngine.open(new FaultyStorage(medium), ALWAYS)
          medium.fail({ fault, from: call, times, atEnd })
          const moments = [beginning(node), ...(await runHistory(medium, node, SHORT_HISTORY))]
          failures += moments.filter(
            ({ acknowledgedAt }) => acknowledgedAt === Number.POSITIVE_INFINITY,
          ).length
          // Memory goes on meanwhile, and the journal comes back by itself.
          await node.pass(15_000)
          expect(node.engine.persistence.writeRefusal, `call ${call}`).toBeUndefined()
          moments.push(...(await runHistory(medium, node, [['SET', 'end', `${call}`]])))
          expect(moments.at(-1)?.acknowledgedAt).toBeLessThan(Number.POSITIVE_INFINITY)
          const total = medium.steps.length
          await checkCrashes(medium, moments, [Math.floor((total * 2) / 3), total], ALWAYS, { tears: 20 })
          await node.close()
        }
      }
      expect(failures).toBeGreaterThan(5)
    },
    120_000,
  )

  test('a change of files of which nobody knows whether it lasts is in nobody’s way', async () => {
    const rewriteTwice = async (failingCall: number): Promise<{ start: number; end: number }> => {
      const medium = new FaultyMedium()
      const node = await StoredEngine.open(new FaultyStorage(medium), ALWAYS)
      const moments = [beginning(node), ...(await runHistory(medium, node, [['INCR', 'a']]))]
      const start = medium.calls
      const from = medium.steps.length
      medium.fail({ fault: 'failed', from: failingCall, times: 1, atEnd: true })
      for (let round = 0; round < 2; round++) {
        moments.push(...(await runHistory(medium, node, [['BGREWRITEAOF'], ['INCR', 'a']])))
        await node.pass(5000)
        moments.push(...(await runHistory(medium, node, [['INCR', 'a']])))
      }
      const end = medium.calls
      await node.close()
      const steps = Array.from({ length: medium.steps.length + 1 - from }, (_, i) => from + i)
      await checkCrashes(medium, moments, steps, ALWAYS, { tears: 3 })
      return { start, end }
    }
    const { start, end } = await rewriteTwice(Number.POSITIVE_INFINITY)
    expect(end).toBeGreaterThan(start + 20)
    for (let call = start; call < end; call++) await rewriteTwice(call)
  }, 120_000)
})
