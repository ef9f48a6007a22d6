/**
 * Many clients with random commands of all kinds, well formed and mutated: the engine never fails, keeps its
 * books straight and still answers at the end.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Command } from '../../../packages/core/src/commands/command.js'
import { CommandTable } from '../../../packages/core/src/commands/table.js'
import { expectTrueSizes } from '../../support/data-size.js'
import { type FakeClient, FakeServer } from '../../support/fake-client.js'
import { FakeHost } from '../../support/fake-host.js'
import { encodeCommand } from '../../support/resp-connection.js'

/** They stop the server or hold it up by design, or shut the test out. */
const LEFT_OUT = new Set(['shutdown', 'debug', 'pfselftest', 'config|set', 'config|rewrite', 'auth'])

const commands = [...new CommandTable().withSubcommands()].filter(
  (command) =>
    command.handler !== undefined && !LEFT_OUT.has(command.fullName) && !LEFT_OUT.has(command.name),
)

class Random {
  readonly #host: FakeHost
  constructor(seed: number) {
    this.#host = new FakeHost(seed)
  }
  below(n: number): number {
    return Math.floor(this.#host.random() * n)
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}

const KEYS = ['s', 's2', 'n', 'l', 'l2', 'h', 'z', 'z2', 'set', 'set2', 'bits', 'none']
const NUMBERS = [
  '0',
  '1',
  '2',
  '-1',
  '10',
  '3.5',
  '-inf',
  '+inf',
  'nan',
  '(1',
  '9223372036854775807',
  '1e400',
  '4294967296',
  '',
]
const WORDS = [
  'a',
  'b',
  'c',
  '*',
  '?',
  '[',
  '-',
  '+',
  '[a',
  '(b',
  '\0\xff\r\n',
  'x'.repeat(300),
  'u8',
  '#1',
  'FIELDS',
]

function randomArgs(random: Random, command: Command): string[] {
  const options = command.spec.syntax.match(/\b[A-Z][A-Z_]+\b/g) ?? []
  const least = Math.abs(command.arity)
  const length = command.arity > 0 ? least : least + random.below(7)
  const args = command.fullName.split('|')
  while (args.length < length) {
    const kind = random.below(10)
    if (kind < 4) args.push(random.pick(KEYS))
    else if (kind < 6) args.push(random.pick(NUMBERS))
    else if (kind < 8 && options.length > 0) args.push(random.pick(options))
    else args.push(random.pick(WORDS))
  }
  // Nobody is to wait for ever, nor pause everybody for ever.
  if (command.fullName === 'client|pause') args[2] = String(random.below(300))
  return args
}

function mutated(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  for (let i = 0; i <= random.below(3); i++) copy[random.below(copy.length)] = random.below(256)
  return random.below(3) === 0 ? copy.subarray(0, random.below(copy.length)) : copy
}

const SEEDS = [
  'SET s hello',
  'SET n 41',
  'SETRANGE bits 5 xyz',
  'RPUSH l a b c 1 2',
  'RPUSH l2 c',
  'HSET h a 1 b 2 c x',
  'ZADD z 1 a 2 b 3 c',
  'ZADD z2 5 a',
  'SADD set a b c',
  'SADD set2 1 2 3',
  'HPEXPIRE h 200 FIELDS 1 b',
]

/** What the engine keeps about its clients and keys has to agree with itself. */
function checkBooks(server: FakeServer): void {
  const { engine } = server
  const sessions = [...engine.sessions]
  expect(engine.blocking.count).toBe(sessions.filter(({ blocked }) => blocked !== undefined).length)
  expect(engine.transactions.watchingCount).toBe(sessions.filter(({ watched }) => watched.length > 0).length)
  for (const { dict } of engine.keyspace.databases) {
    dict.forEach((key, value, slot) => {
      if (dict.find(key) !== slot) throw new Error(`${JSON.stringify(key)} is not found in its slot`)
      const { length } = value as { length?: number }
      if (typeof value === 'object' && length === 0 && value.constructor.name.endsWith('Value'))
        throw new Error(`${JSON.stringify(key)} is empty`)
    })
  }
}

describe('random commands from many clients', () => {
  function soak(seed: number, rounds: number): void {
    const random = new Random(seed)
    const server = new FakeServer({ databases: '3' }, new FakeHost(seed))
    const clients: FakeClient[] = []
    const connect = () => {
      const client = server.connect()
      clients.push(client)
      return client
    }
    for (let i = 0; i < 12; i++) connect()
    for (let round = 0; round < rounds; round++) {
      if (round % 40 === 0)
        server
          .connect()
          .send('SELECT 0', ...SEEDS)
          .leave()
      let client = random.pick(clients)
      if (client.closed) {
        clients.splice(clients.indexOf(client), 1)
        client = connect()
      }
      const batch = Array.from({ length: 1 + random.below(4) }, () => {
        const bytes = encodeCommand(randomArgs(random, random.pick(commands)))
        return random.below(12) === 0 ? mutated(random, bytes) : bytes
      })
      client.sendRaw(Buffer.concat(batch))
      client.take()
      const chance = random.below(100)
      if (chance < 2) client.leave()
      else if (chance < 20) server.host.advance(random.below(50))
      const fault = server.host.messages.find((message) => /unexpected/i.test(message))
      if (fault !== undefined) throw new Error(fault)
      server.host.messages.length = 0
    }
    server.host.advance(1000)
    checkBooks(server)
    expectTrueSizes(server.engine)
    for (const client of clients) client.leave()
    expect(server.engine.sessions.count).toBe(0)
    checkBooks(server)
    // A CLIENT PAUSE among the commands may hold everybody back for years.
    server.engine.sessions.unpause()
    const last = server.connect()
    expect(last.ask('PING')).toBe('+PONG')
    expect(last.ask('FLUSHALL')).toBe('+OK')
    expect(server.engine.keyspace.databases.every(({ size }) => size === 0)).toBe(true)
  }

  it('never make it fail', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => soak(seed, 600)),
      { numRuns: 100, endOnFailure: true },
    )
  }, 120_000)
})

describe('commands with very many arguments', () => {
  const MANY = 130_000
  const KEY_OF_GROUP: Record<string, string> = { list: 'l', hash: 'h', set: 'set', 'sorted-set': 'z' }
  const variadic = commands.filter(({ arity }) => arity < 0)
  /** Arguments of several shapes: members, pairs with numbers. */
  const fillers: readonly string[][] = [
    Array.from({ length: MANY }, (_, i) => `m${i}`),
    Array.from({ length: MANY + 1 }, (_, i) => (i % 2 === 0 ? `${i}` : `m${i}`)),
    Array.from({ length: MANY }, (_, i) => (i % 2 === 0 ? `m${i}` : `${i}`)),
  ]

  it.each(variadic.map((command) => [command.fullName, command] as const))('%s', (fullName, command) => {
    const { arity, group } = command
    const server = new FakeServer()
    server.engine.effects.listen(() => {})
    const client = server.connect()
    const { session } = client.connection
    for (const key of ['none', KEY_OF_GROUP[group] ?? 's']) {
      for (const filler of fillers) {
        client.send('FLUSHALL', ...SEEDS)
        const head = [...fullName.split('|'), key]
        while (head.length < -arity - 1) head.push('1')
        // Without the wire in between: it has tests of its own, and would take most of the time.
        server.engine.execute(session, head.concat(filler))
        const fault = server.host.messages.find((message) => /unexpected/i.test(message))
        if (fault !== undefined) throw new Error(fault.slice(0, 2000))
        if (client.closed || session.waiting) return
        client.connection.take()
      }
    }
    const stats = server.engine.commands.findByFullName(fullName)?.stats
    expect((stats?.calls ?? 0) + (stats?.rejected ?? 0)).toBeGreaterThanOrEqual(6)
  })
})
