/**
 * Whatever clients do to an engine, its effects applied to another one lead to the same data, although that
 * one has another clock and other random numbers, and does nothing of its own accord. That is what the
 * journal and replicas rest on.
 */
import { Engine, ErrorReply, type Reply } from '@russet/core'
import fc, { type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'
import { others, stateOf, streamStatesOf, writes } from '../../support/random-writes.js'

const CLIENTS = 3
const HOUR_MS = 3_600_000

type Step = { client: number; args: readonly string[] } | { advanceMs: number }

const step: Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      client: fc.nat({ max: CLIENTS - 1 }),
      args: fc
        .oneof({ weight: 5, arbitrary: fc.oneof(...writes) }, { weight: 1, arbitrary: fc.oneof(...others) })
        .map(({ args }) => args),
    }),
  },
  { weight: 1, arbitrary: fc.record({ advanceMs: fc.constantFrom(1, 20, 150, 1500) }) },
)

/** An engine that applies effects: it deletes nothing by itself, and sees what has expired elsewhere. */
class Follower {
  readonly #host = new FakeHost(99)
  readonly engine = new Engine(this.#host)
  readonly #client = new EngineClient(this.engine)

  constructor() {
    this.#host.advance(HOUR_MS)
    this.engine.activeExpire = false
    this.engine.keyspace.keepsExpired = true
    this.engine.keyspace.showsExpired = true
  }

  apply(db: number, command: readonly string[]): void {
    this.#client.run('SELECT', String(db))
    const reply: Reply | undefined = this.#client.run(...command)
    if (reply === undefined || reply instanceof ErrorReply) {
      throw new Error(`effect ${JSON.stringify(command)}: ${reply === undefined ? 'waits' : reply.message}`)
    }
  }
}

test('applied elsewhere, the effects lead to the same data', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), fc.nat(), (steps, seed) => {
      const host = new FakeHost(seed)
      const leader = new Engine(host)
      const follower = new Follower()
      leader.effects.listen((unit) => {
        for (const { db, command: told } of unit) follower.apply(db, told)
      })
      const clients = Array.from({ length: CLIENTS }, () => new EngineClient(leader))
      for (const each of steps) {
        if ('advanceMs' in each) host.advance(each.advanceMs)
        else {
          const client = clients[each.client] as EngineClient
          if (!client.waits) client.run(...each.args)
        }
        expect(stateOf(follower.engine), JSON.stringify(each)).toEqual(stateOf(leader))
        expect(streamStatesOf(follower.engine), JSON.stringify(each)).toEqual(streamStatesOf(leader))
      }
      void leader.close()
      void follower.engine.close()
    }),
    { numRuns: 150 },
  )
}, 60_000)
