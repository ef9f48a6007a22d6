/** What geo commands tell the journal and replicas. */

import { type Effect, Engine } from '@russet/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'

let engine: Engine
let client: EngineClient
let effects: string[]
let stop: () => void

beforeEach(() => {
  engine = new Engine(new FakeHost(1, 1_700_000_000_000))
  client = new EngineClient(engine)
  effects = []
  stop = engine.effects.listen((unit: readonly Effect[]) => {
    effects.push(...unit.map(({ command }) => command.join(' ')))
  })
})

afterEach(() => stop())

/** What follows a command line, and the number of changes it counts as. */
function told(line: string): [changes: number, ...effects: string[]] {
  const { dirty } = engine.keyspace
  effects = []
  client.run(...line.split(' '))
  return [engine.keyspace.dirty - dirty, ...effects]
}

test('GEOADD is told as ZADD with the numbers of the places', () => {
  expect(told('GEOADD k 13.361389 38.115556 a')).toEqual([1, 'ZADD k 3479099956230698 a'])
  expect(told('GEOADD k 13.361389 38.115556 a')).toEqual([0])
  expect(told('GEOADD k ch XX 13.361389 38.115556 b')).toEqual([0])
  expect(told('GEOADD k CH XX 180 0 a -180 -85.05112878 b')).toEqual([
    1,
    'ZADD k CH XX 10133099161583616 a 0 b',
  ])
  expect(told('GEOADD k 200 0 a')).toEqual([0])
})

test('a search that stores is told as it is, and counts what it stores', () => {
  told('GEOADD k 1 1 a 1.1 1 b 50 50 c')
  expect(told('GEOSEARCHSTORE d k FROMLONLAT 1 1 BYRADIUS 100 km')).toEqual([
    2,
    'GEOSEARCHSTORE d k FROMLONLAT 1 1 BYRADIUS 100 km',
  ])
  expect(told('GEORADIUS k 1 1 100 km STORE d')).toEqual([2, 'GEORADIUS k 1 1 100 km STORE d'])
  expect(told('GEORADIUS k 1 1 100 km')).toEqual([0])
  expect(told('GEOSEARCH k FROMMEMBER a BYRADIUS 1 km')).toEqual([0])
  expect(told('GEORADIUSBYMEMBER none a 1 m STOREDIST d')).toEqual([
    1,
    'GEORADIUSBYMEMBER none a 1 m STOREDIST d',
  ])
  expect(told('GEORADIUSBYMEMBER none a 1 m STOREDIST d')).toEqual([0])
})
