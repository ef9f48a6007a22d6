/** What follows HGETDEL, HGETEX and HSETEX: into the journal, to subscribers of events, and after an expiry. */
import { Engine } from '@russet/core'
import { beforeEach, expect, test } from 'vitest'
import { Config } from '../../../packages/core/src/engine/config.js'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'

const NOW = 1_700_000_000_000
let host: FakeHost
let engine: Engine
let client: EngineClient
let effects: string[]
let events: string[]

beforeEach(() => {
  host = new FakeHost(1, NOW)
  const config = new Config()
  config.applyLine(['notify-keyspace-events', 'EA'])
  engine = new Engine(host, { config })
  engine.activeExpire = false
  client = new EngineClient(engine)
  effects = []
  events = []
  engine.effects.listen((unit) => {
    for (const { command } of unit) effects.push(command.join(' '))
  })
  const listener = engine.keyspace.event.bind(engine.keyspace)
  engine.keyspace.event = (eventClass, event, key, db) => {
    events.push(`${event} ${key}`)
    listener(eventClass, event, key, db)
  }
  engine.keyspace.eventMask = 0xffff
  call('HSET h a 1 b 2 c 3')
  call('HPEXPIRE h 1000 FIELDS 1 c')
  effects.length = 0
  events.length = 0
})

const call = (line: string) => client.run(...line.split(' '))

test.each([
  ['HGETDEL h FIELDS 2 none b', ['HDEL h b'], ['hdel h']],
  ['HGETDEL h FIELDS 3 a b c', ['HDEL h a b c'], ['hdel h', 'del h']],
  ['HGETDEL h FIELDS 1 none', [], []],
  ['HGETEX h FIELDS 2 a b', [], []],
  ['HGETEX h EX 5 FIELDS 3 a none b', [`HPEXPIREAT h ${NOW + 5000} FIELDS 2 a b`], ['hexpire h']],
  ['HGETEX h PERSIST FIELDS 2 a c', ['HPERSIST h FIELDS 1 c'], ['hpersist h']],
  ['HGETEX h PERSIST FIELDS 1 a', [], []],
  ['HGETEX h PXAT 1 FIELDS 2 a b', ['HDEL h a b'], ['hdel h']],
  ['HGETEX h PX 0 FIELDS 3 a b c', ['HDEL h a b c'], ['hdel h', 'del h']],
  ['HSETEX h FIELDS 1 c 4', ['HSET h c 4'], ['hset h']],
  ['HSETEX h FNX FIELDS 1 a 4', [], []],
  [
    'HSETEX h EX 7 FIELDS 2 c 4 d 5',
    ['HSET h c 4 d 5', `HPEXPIREAT h ${NOW + 7000} FIELDS 2 c d`],
    ['hset h', 'hexpire h'],
  ],
  [
    'HSETEX h KEEPTTL FIELDS 3 a 4 c 5 c 6',
    ['HSET h a 4 c 5 c 6', `HPEXPIREAT h ${NOW + 1000} FIELDS 1 c`],
    ['hset h'],
  ],
  ['HSETEX h PXAT 5 FIELDS 1 a 4', ['HDEL h a'], ['hset h', 'hdel h']],
  ['HSETEX new EXAT 1 FIELDS 1 a 4', ['HDEL new a'], ['new new', 'hset new', 'hdel new', 'del new']],
])('%s', (line, expectedEffects, expectedEvents) => {
  call(line)
  expect(effects).toEqual(expectedEffects)
  expect(events).toEqual(expectedEvents)
})

test('a field that has expired is deleted and counts as absent', () => {
  host.advance(1001)
  expect(call('HGETDEL h FIELDS 1 c')).toEqual([null])
  expect(effects).toEqual(['HDEL h c'])
  expect(events).toEqual(['hexpired h'])
  call('HPEXPIRE h 1 FIELDS 1 b')
  host.advance(2)
  expect(call('HGETEX h EX 10 FIELDS 2 b a')).toEqual([null, '1'])
  call('HPEXPIRE h 1 FIELDS 1 a')
  host.advance(2)
  expect(call('HSETEX h FXX FIELDS 1 a x')).toBe(0)
  expect(call('EXISTS h')).toBe(0)
  call('HSET h a 1')
  call('HPEXPIRE h 1 FIELDS 1 a')
  host.advance(2)
  expect(call('HSETEX h FNX FIELDS 1 a x')).toBe(1)
  expect(call('HGET h a')).toBe('x')
  expect(engine.keyspace.databases[0]?.hashesWithExpiringFields.size).toBe(0)
})

test('the statistics count fields that went because of their new expiry', () => {
  call('HGETEX h PXAT 1 FIELDS 2 a b')
  call('HSETEX h PXAT 1 FIELDS 1 x 1')
  expect(engine.keyspace.expiredFields).toBe(3)
})
