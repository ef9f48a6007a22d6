/** What HyperLogLog commands tell the journal and replicas, and how changes of them are counted. */

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

test('PFADD is told when a register was raised or the key is new', () => {
  expect(told('PFADD k')).toEqual([1, 'PFADD k'])
  expect(told('PFADD k')).toEqual([0])
  expect(told('PFADD k a b a')).toEqual([2, 'PFADD k a b a'])
  expect(told('PFADD k b a')).toEqual([0])
  expect(told('PFADD l a')).toEqual([2, 'PFADD l a'])
})

test('PFCOUNT is told when it stores the count', () => {
  told('PFADD k a b c')
  expect(told('PFCOUNT k')).toEqual([1, 'PFCOUNT k'])
  expect(told('PFCOUNT k')).toEqual([0])
  told('PFADD k d')
  expect(told('PFCOUNT k k')).toEqual([0])
  expect(told('PFCOUNT none')).toEqual([0])
  expect(told('PFCOUNT k')).toEqual([1, 'PFCOUNT k'])
})

test('PFMERGE is told always, a change of form by PFDEBUG when there is one', () => {
  told('PFADD k a b c')
  expect(told('PFMERGE k k')).toEqual([1, 'PFMERGE k k'])
  expect(told('PFMERGE d')).toEqual([1, 'PFMERGE d'])
  expect(told('PFDEBUG ENCODING k')).toEqual([0])
  expect(told('PFDEBUG GETREG k')).toEqual([1, 'PFDEBUG GETREG k'])
  expect(told('PFDEBUG GETREG k')).toEqual([0])
  expect(told('PFDEBUG TODENSE k')).toEqual([0])
  expect(told('PFDEBUG TODENSE d')).toEqual([1, 'PFDEBUG TODENSE d'])
})

test('what fails changes nothing and is not told, even if the fault shows late', () => {
  const damaged = `HYLL\x01${'\0'.repeat(11)}\x5f\xff`
  client.run('SET', 'k', damaged)
  const elements = Array.from({ length: 20 }, (_, i) => String(i)).join(' ')
  expect(told(`PFADD k ${elements}`)).toEqual([0])
  expect(client.run('GET', 'k')).toBe(damaged)
  expect(told('PFCOUNT k')).toEqual([0])
  expect(told('PFMERGE d k')).toEqual([0])
  expect(client.run('EXISTS', 'd')).toBe(0)
})

test('a string that is put into another form for adding to it is still the same', () => {
  client.run('PFADD', 'k', 'a', 'b')
  const text = client.run('GET', 'k') as string
  client.run('SET', 'k', text)
  expect(client.run('OBJECT', 'ENCODING', 'k')).toBe('embstr')
  expect(told('PFADD k a b')).toEqual([0])
  expect(client.run('OBJECT', 'ENCODING', 'k')).toBe('raw')
  expect(client.run('GET', 'k')).toBe(text)
})
