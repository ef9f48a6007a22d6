/**
 * Property-based conformance: random sequences of commands go to redis-server and Russet, pipelined, and
 * must get the same replies, bring about the same keyspace events and leave the same data behind. fast-check shrinks a failing sequence to a
 * minimal one, which is printed in the notation of conformance scripts, ready to become a test of its own.
 *
 * The commands must be deterministic: no clocks, no random picks (or a relaxation that allows for them),
 * nothing that blocks.
 */
import fc, { type Arbitrary } from 'fast-check'
import { test } from 'vitest'
import { agree, printDifference, type Relaxation } from './comparison.js'
import { writeCommand, writeRelaxation } from './notation.js'
import type { RespConnection } from './resp-connection.js'
import { printReply, type Reply } from './resp-reader.js'
import type { Protocol } from './script-run.js'
import { type Both, onBoth, type ServerPair, type Side, sharedPair } from './server-pair.js'

export interface Command {
  /** Byte strings, the command's name first. */
  readonly args: readonly string[]
  readonly relaxation?: Relaxation
}

export interface SequenceOptions {
  readonly name: string
  readonly commands: Arbitrary<Command>
  /** The greatest length of a sequence; 400 unless given. */
  readonly commandsPerRun?: number
  /** Number of sequences; 20 unless given. RUSSET_TEST_FACTOR multiplies it. */
  readonly runs?: number
  /** Directives both servers are started with. */
  readonly args?: readonly string[]
  /** What is in the names of keyspace events that may come at other times, or not at all. */
  readonly ignoredEvent?: string
}

const DEFAULT_RUNS = 20
const DEFAULT_COMMANDS = 400
/** Beyond this a run is stopped, and shrinking with it; what was found until then is reported. */
const TIME_LIMIT_MS = 60_000

/** A sequence takes milliseconds. */
const SEQUENCE_TIMEOUT_MS = 10_000

/** Makes a test of random sequences. RUSSET_TEST_SEED and RUSSET_TEST_PATH replay a failure. */
export function checkSequences(options: SequenceOptions): void {
  test(`${options.name}: random sequences`, { timeout: 4 * TIME_LIMIT_MS * factor() }, async () => {
    await findDifference(await sharedPair(options.args), options)
  })
}

/** RUSSET_TEST_FACTOR: how many times as much as usual is to be tried. */
export function factor(): number {
  const value = Number(process.env.RUSSET_TEST_FACTOR ?? 1)
  if (!(value > 0)) throw new Error(`RUSSET_TEST_FACTOR is not a positive number`)
  return value
}

/** Throws fast-check's report when a sequence is found on which the two servers differ. */
export async function findDifference(pair: ServerPair, options: SequenceOptions): Promise<void> {
  const sequences = fc.record({
    protocol: fc.constantFrom<Protocol>(2, 3),
    commands: fc.array(options.commands, {
      minLength: 1,
      maxLength: options.commandsPerRun ?? DEFAULT_COMMANDS,
      size: 'max',
    }),
  })
  await pair.revive()
  const connections: Record<Side, RespConnection> = await pair.connect()
  const listeners: Record<Side, RespConnection> = await listenToEvents(pair)
  const compare = async (protocol: Protocol, commands: readonly Command[]): Promise<string | undefined> => {
    if (connections.redis.closed || connections.russet.closed) {
      await pair.revive()
      Object.assign(connections, await pair.connect())
      await onBoth((side) => listeners[side].close())
      Object.assign(listeners, await listenToEvents(pair))
    }
    return compareSequence(pair, connections, listeners, protocol, commands, options.ignoredEvent)
  }
  const property = fc.asyncProperty(sequences, async ({ protocol, commands }) => {
    const problem = await compare(protocol, commands)
    if (problem !== undefined) throw new Error(problem)
  })
  const replay = process.env.RUSSET_TEST_PATH
  try {
    const details = await fc.check(property, {
      numRuns: Math.ceil((options.runs ?? DEFAULT_RUNS) * factor()),
      interruptAfterTimeLimit: TIME_LIMIT_MS * factor(),
      ...(replay === undefined ? {} : { path: replay }),
    })
    if (!details.failed) return
    if (details.counterexample === null)
      throw new Error(`${options.name}: ${fc.defaultReportMessage(details)}`)
    const [{ protocol, commands: shrunk }] = details.counterexample
    const commands = await dropNeedless(shrunk, async (some) => (await compare(protocol, some)) !== undefined)
    const problem =
      (await compare(protocol, commands)) ?? 'No difference when tried again: a command is not deterministic.'
    const lines = commands.map((command) => `  ${lineOf(command)}\n`).join('')
    throw new Error(
      `${options.name}, RESP${protocol}, after ${details.numRuns} runs and ${details.numShrinks} shrinks:\n` +
        `${lines}${problem}\n` +
        `Replay: RUSSET_TEST_SEED=${details.seed} RUSSET_TEST_PATH=${details.counterexamplePath} (with -t)`,
    )
  } finally {
    await pair.ask('CONFIG', 'SET', 'notify-keyspace-events', '')
    await onBoth((side) => connections[side].close())
    await onBoth((side) => listeners[side].close())
  }
}

/** Connections that get two messages for every keyspace event. */
async function listenToEvents(pair: ServerPair): Promise<Both<RespConnection>> {
  await pair.ask('CONFIG', 'SET', 'notify-keyspace-events', 'KEAmn')
  const listeners = await pair.connect()
  await onBoth((side) => listeners[side].send('PSUBSCRIBE', '__key*'))
  return listeners
}

/** All messages that have come since the last call. */
async function takeEvents(
  pair: ServerPair,
  listeners: Both<RespConnection>,
  ignored: string | undefined,
): Promise<Both<Reply[]>> {
  const published = await pair.ask('PUBLISH', '__key end', '')
  return onBoth(async (side) => {
    const events: Reply[] = []
    // A server that has died is told of by the commands themselves.
    if (published[side].type === 'closed' || listeners[side].closed) return events
    if (published[side].raw !== ':1\r\n') throw new Error(`nobody listens to the events of ${side}`)
    for (;;) {
      const event = await listeners[side].nextPush()
      if (event.type === 'closed') throw new Error(`${side} has disconnected the listener to its events`)
      if (event.raw.includes('__key end')) return events
      if (ignored === undefined || !event.raw.includes(ignored)) events.push(event)
    }
  })
}

/**
 * The commands without those that the failure does not need. fast-check shortens a sequence from one end only
 * and may stop at a few commands too many.
 */
async function dropNeedless(
  commands: readonly Command[],
  fails: (some: readonly Command[]) => Promise<boolean>,
): Promise<readonly Command[]> {
  let kept = commands
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < kept.length; ) {
      const fewer = [...kept.slice(0, start), ...kept.slice(start + size)]
      if (fewer.length > 0 && (await fails(fewer))) kept = fewer
      else start += size
    }
  }
  return kept
}

/** One sequence from empty servers; the first difference, or undefined. */
async function compareSequence(
  pair: ServerPair,
  connections: Both<RespConnection>,
  listeners: Both<RespConnection>,
  protocol: Protocol,
  commands: readonly Command[],
  ignoredEvent: string | undefined,
): Promise<string | undefined> {
  const before = [['RESET'], ['HELLO', String(protocol)], ['FLUSHALL']]
  const after = [['DISCARD'], ['DEBUG', 'DIGEST']]
  const all = [...before, ...commands.map((command) => command.args), ...after]
  const replies = await onBoth((side) => inTime(connections[side], all))
  const events = await takeEvents(pair, listeners, ignoredEvent)
  for (const [i, command] of commands.entries()) {
    const redis = replies.redis[before.length + i] as Reply
    const russet = replies.russet[before.length + i] as Reply
    if (agree(redis, russet, command.relaxation ?? {})) continue
    return `command ${i + 1}: ${lineOf(command)}\n${printDifference(redis, russet)}${await pair.obituary()}`
  }
  const length = Math.max(events.redis.length, events.russet.length)
  for (let i = 0; i < length; i++) {
    const [redis, russet] = [events.redis[i], events.russet[i]]
    if (redis?.raw === russet?.raw) continue
    const [theirs, ours] = [redis, russet].map((event) => (event === undefined ? 'none' : printReply(event)))
    return `event ${i + 1}:\nredis:  ${theirs}\nrusset: ${ours}`
  }
  const digests = { redis: replies.redis.at(-1), russet: replies.russet.at(-1) }
  if (digests.redis?.raw === digests.russet?.raw && digests.redis?.type === 'simple') return undefined
  return (await pair.difference()) ?? `the data sets differ${await pair.obituary()}`
}

/** Sends all commands; a server that does not answer them in time loses the connection, and so the comparison. */
async function inTime(
  connection: RespConnection,
  commands: readonly (readonly string[])[],
): Promise<Reply[]> {
  const timer = setTimeout(() => void connection.close(), SEQUENCE_TIMEOUT_MS)
  try {
    return await connection.sendMany(commands)
  } finally {
    clearTimeout(timer)
  }
}

const lineOf = (command: Command): string =>
  writeCommand(command.args, writeRelaxation(command.relaxation ?? {}))
