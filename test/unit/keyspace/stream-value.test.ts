import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ConsumerGroup,
  NEVER_ACTIVE,
  Tally,
  UNKNOWN_READS,
} from '../../../packages/core/src/keyspace/consumer-group.js'
import { defaultEncodingLimits } from '../../../packages/core/src/keyspace/encoding-limits.js'
import { StreamValue } from '../../../packages/core/src/keyspace/stream-value.js'
import { type EntryId, idText, MIN_ID } from '../../../packages/core/src/structures/entry-id.js'

const home = { limits: defaultEncodingLimits(), newSeed: () => 1 }

function streamOf(first: number, last: number): StreamValue {
  const stream = new StreamValue(home)
  for (let ms = first; ms <= last; ms++) stream.append({ ms, seq: 0 }, ['f', String(ms)])
  return stream
}

function groupOf(stream: StreamValue, lastId: EntryId = MIN_ID, entriesRead = UNKNOWN_READS): ConsumerGroup {
  return stream.addGroup('g', lastId, entriesRead)
}

describe('StreamValue', () => {
  it('remembers what has gone', () => {
    const stream = streamOf(1, 10)
    expect(stream.delete({ ms: 7, seq: 0 })).toBe(true)
    expect(stream.delete({ ms: 7, seq: 0 })).toBe(false)
    expect(stream.delete({ ms: 3, seq: 0 })).toBe(true)
    expect(stream.length).toBe(8)
    expect(stream.entriesAdded).toBe(10)
    expect(stream.lastId).toEqual({ ms: 10, seq: 0 })
    expect(stream.maxDeletedId).toEqual({ ms: 7, seq: 0 })
    expect(stream.firstId).toEqual({ ms: 1, seq: 0 })
    stream.log.trimToLength(0, false, 0)
    expect(stream.firstId).toEqual(MIN_ID)
    expect(stream.lastId).toEqual({ ms: 10, seq: 0 })
    expect(stream.maxDeletedId).toEqual({ ms: 7, seq: 0 })
  })

  it('counts what a group has read and what is left', () => {
    const stream = streamOf(1, 10)
    const group = groupOf(stream)
    expect(stream.lagOf(group)).toBe(10)
    stream.advance(group, { ms: 1, seq: 0 })
    expect(group.entriesRead).toBe(1)
    expect(stream.lagOf(group)).toBe(9)
    stream.advance(group, { ms: 2, seq: 0 })
    expect(group.entriesRead).toBe(2)
    // An entry ahead that has gone leaves the number unknown.
    stream.delete({ ms: 5, seq: 0 })
    expect(stream.lagOf(group)).toBeUndefined()
    stream.advance(group, { ms: 3, seq: 0 })
    expect(group.entriesRead).toBe(UNKNOWN_READS)
    // At the end it is known again.
    for (const ms of [4, 6, 7, 8, 9, 10]) stream.advance(group, { ms, seq: 0 })
    expect(group.entriesRead).toBe(10)
    expect(stream.lagOf(group)).toBe(0)
    stream.append({ ms: 11, seq: 0 }, ['f', 'v'])
    expect(stream.lagOf(group)).toBe(1)
  })

  it('has a lag of its length for a group that is before all that is left', () => {
    const stream = streamOf(1, 10)
    const group = groupOf(stream)
    stream.log.trimToLength(4, false, 0)
    expect(stream.lagOf(group)).toBe(4)
    stream.log.trimToLength(0, false, 0)
    expect(stream.lagOf(group)).toBe(0)
    expect(new StreamValue(home).lagOf(group)).toBe(0)
  })

  it('copies all of it', () => {
    const stream = streamOf(1, 5)
    const group = groupOf(stream)
    const [alice, bob] = [group.addConsumer('alice', 100), group.addConsumer('bob', 200, 150)]
    group.deliver(1, 0, alice, 100, 1)
    group.deliver(2, 0, bob, 110, 3)
    const copy = stream.copy()
    const copied = copy.groups.get('g') as ConsumerGroup
    group.acknowledge(1, 0)
    group.deliver(2, 0, alice, 999, 9)
    group.removeConsumer(bob)
    stream.append({ ms: 6, seq: 0 }, ['f', 'v'])
    expect([copy.length, idText(copy.lastId), copy.entriesAdded]).toEqual([5, '5-0', 5])
    expect(copied.sortedConsumers().map(({ name }) => name)).toEqual(['alice', 'bob'])
    expect(copied.pending.size).toBe(2)
    const entry = copied.pending.get(2, 0)
    expect([entry?.consumer.name, entry?.deliveredMs, entry?.deliveries]).toEqual(['bob', 110, 3])
    expect(copied.consumers.get('bob')?.activeMs).toBe(150)
    expect(copied.consumers.get('alice')?.activeMs).toBe(NEVER_ACTIVE)
  })

  it('has a size that grows with what is in it', () => {
    const small = streamOf(1, 10).heapBytes
    const big = streamOf(1, 10_000)
    expect(big.heapBytes).toBeGreaterThan(small * 100)
    const before = big.heapBytes
    const consumer = groupOf(big).addConsumer('c', 0)
    for (let ms = 1; ms <= 100; ms++) (big.groups.get('g') as ConsumerGroup).deliver(ms, 0, consumer, 0, 1)
    expect(big.heapBytes).toBeGreaterThan(before + 5000)
    big.assertInvariants()
    expect(big.removeGroup('g')).toBe(true)
    expect(big.removeGroup('g')).toBe(false)
    expect(big.heapBytes).toBe(before)
  })
})

describe('ConsumerGroup', () => {
  it('has each pending entry at exactly one consumer', () => {
    const step = fc.record({
      kind: fc.constantFrom('deliver', 'deliver', 'deliver', 'acknowledge', 'remove'),
      ms: fc.nat(40),
      consumer: fc.constantFrom('a', 'b', 'c'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const tally = new Tally()
        const group = new ConsumerGroup(MIN_ID, 0, tally)
        const owners = new Map<number, string>()
        for (const { kind, ms, consumer } of steps) {
          const known = group.consumers.get(consumer)
          if (kind === 'acknowledge') expect(group.acknowledge(ms, 0)).toBe(owners.delete(ms))
          else if (kind === 'deliver') {
            group.deliver(ms, 0, known ?? group.addConsumer(consumer, 0), 0, 1)
            owners.set(ms, consumer)
          } else if (known !== undefined) {
            const own = [...owners].filter(([, owner]) => owner === consumer)
            expect(group.removeConsumer(known)).toBe(own.length)
            for (const [each] of own) owners.delete(each)
          }
        }
        expect(group.pending.size).toBe(owners.size)
        for (const [ms, owner] of owners) expect(group.pending.get(ms, 0)?.consumer.name).toBe(owner)
        let sum = 0
        for (const { name, pending } of group.consumers.values()) {
          pending.assertInvariants()
          pending.walk((ms) => expect(owners.get(Number(ms))).toBe(name))
          sum += pending.size
        }
        expect(sum).toBe(owners.size)
        group.leave()
        expect(tally.bytes).toBe(0)
      }),
    )
  })
})
