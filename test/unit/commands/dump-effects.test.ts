/** RESTORE: what follows from it, the events it makes, and what it leaves of a key that was there. */
import { Engine, NIL_ARRAY } from '@russet/core'
import { beforeEach, expect, test } from 'vitest'
import { EventClass } from '../../../packages/core/src/keyspace/events.js'
import type { KeyspaceListener } from '../../../packages/core/src/keyspace/keyspace.js'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'
import { payload, plain } from '../../support/rdb-builder.js'

const NOW_MS = 1_700_000_000_000
const HELLO = payload(0, plain('hello'))

let engine: Engine
let client: EngineClient
let effects: (readonly string[])[]
let events: string[]

beforeEach(() => {
  engine = new Engine(new FakeHost(1, NOW_MS))
  client = new EngineClient(engine)
  effects = []
  events = []
  engine.effects.listen((unit) => {
    for (const { command } of unit) effects.push(command)
  })
  const listener: Partial<KeyspaceListener> = engine
  listener.event = (_class, event, key) => {
    events.push(`${event} ${key}`)
  }
  engine.keyspace.eventMask = EventClass.GENERIC | EventClass.NEW
})

const told = (...args: string[]): (readonly string[])[] => {
  effects.length = 0
  events.length = 0
  client.run(...args)
  return [...effects]
}

test('a time from now is told as an absolute one', () => {
  expect(told('RESTORE', 'k', '5000', HELLO)).toEqual([
    ['RESTORE', 'k', String(NOW_MS + 5000), HELLO, 'ABSTTL'],
  ])
  expect(told('restore', 'k', '5000', HELLO, 'replace', 'IDLETIME', '7')).toEqual([
    ['RESTORE', 'k', String(NOW_MS + 5000), HELLO, 'replace', 'IDLETIME', '7', 'ABSTTL'],
  ])
})

test('without a time, or with an absolute one, it is told as it came', () => {
  for (const command of [
    ['RESTORE', 'a', '0', HELLO],
    ['RESTORE', 'a', '0', HELLO, 'REPLACE', 'FREQ', '3'],
    ['restore', 'b', String(NOW_MS + 9), HELLO, 'absttl'],
  ]) {
    expect(told(...command)).toEqual([command])
  }
})

test('a time that has passed deletes what is there, or does nothing', () => {
  expect(told('RESTORE', 'k', '1', HELLO, 'ABSTTL')).toEqual([])
  expect(events).toEqual([])
  client.run('SET', 'k', 'v')
  expect(told('RESTORE', 'k', '1', HELLO, 'ABSTTL', 'REPLACE')).toEqual([['DEL', 'k']])
  expect(events).toEqual(['del k'])
})

test('a key that is replaced counts as a new one', () => {
  told('RESTORE', 'k', '0', HELLO)
  expect(events).toEqual(['new k', 'restore k'])
  told('RESTORE', 'k', '0', HELLO, 'REPLACE')
  expect(events).toEqual(['new k', 'restore k'])
})

test('nothing is left of a key that is replaced', () => {
  client.run('SET', 'k', 'v', 'EX', '100')
  client.run('RESTORE', 'k', '0', HELLO, 'REPLACE')
  expect(client.run('PTTL', 'k')).toBe(-1)
  client.run('HSET', 'h', 'f', 'v')
  client.run('HEXPIRE', 'h', '100', 'FIELDS', '1', 'f')
  const hash = client.run('DUMP', 'h') as string
  client.run('RESTORE', 'h', '0', HELLO, 'REPLACE')
  expect(engine.keyspace.databases[0]?.hashesWithExpiringFields.size).toBe(0)
  client.run('RESTORE', 'h', '0', hash, 'REPLACE')
  expect(engine.keyspace.databases[0]?.hashesWithExpiringFields.size).toBe(1)
  expect(client.run('HTTL', 'h', 'FIELDS', '1', 'f')).toEqual([100])
})

test('who watches a key is told', () => {
  client.run('WATCH', 'k')
  new EngineClient(engine).run('RESTORE', 'k', '0', HELLO)
  client.run('MULTI')
  client.run('GET', 'k')
  expect(client.run('EXEC')).toBe(NIL_ARRAY)
  expect(client.run('GET', 'k')).toBe('hello')
})

test('who waits for a list is served', () => {
  const waiting = new EngineClient(engine)
  waiting.run('BLPOP', 'list', '0')
  expect(waiting.waits).toBe(true)
  client.run('RESTORE', 'list', '0', payload(1, `\x01${plain('element')}`))
  expect(waiting.waits).toBe(false)
  expect(client.run('EXISTS', 'list')).toBe(0)
})
