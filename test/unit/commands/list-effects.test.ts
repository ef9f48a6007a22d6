/** What the journal and replicas are told of list commands: what was popped, never a wait for it. */

import { type Effect, Engine } from '@russet/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeHost } from '../../support/fake-host.js'

let engine: Engine
let units: string[][]
let stop: () => void

const BUFFERS = { queryBytes: 0, queryFreeBytes: 0, argumentBytes: 0, outputBytes: 0, outputPieces: 0 }

/** A new client. @returns what runs a command line for it */
function client(): (line: string) => void {
  const session = engine.connect(
    { reply: () => {}, push: () => {}, close: () => {}, resume: () => {}, buffers: () => BUFFERS },
    { kind: 'memory', address: '', localAddress: '', descriptor: -1 },
  )
  return (line) => engine.execute(session, line.split(' '))
}

/** What follows the command lines, a list for each unit that is applied together. */
function told(run: (line: string) => void, ...lines: string[]): string[][] {
  units = []
  for (const line of lines) run(line)
  return units
}

beforeEach(() => {
  engine = new Engine(new FakeHost())
  units = []
  stop = engine.effects.listen((unit: readonly Effect[]) => {
    units.push(unit.map(({ command }) => command.join(' ')))
  })
})

afterEach(() => {
  stop()
  engine.close()
})

test('a command that changes nothing is not told', () => {
  const run = client()
  run('RPUSH l a')
  const lines = [
    'LPUSHX none a',
    'LPOP none',
    'LPOP l 0',
    'LREM l 0 b',
    'LTRIM l 0 -1',
    'LINSERT l BEFORE b c',
    'LSET l 5 b',
    'LMOVE none l LEFT LEFT',
    'LMPOP 1 none LEFT',
  ]
  for (const line of lines) expect([line, told(run, line)]).toEqual([line, []])
})

test('a command that means the same later is told as it is', () => {
  const run = client()
  const lines = [
    'RPUSH l a b c d e f g h',
    'LPUSHX l x',
    'LINSERT l BEFORE b c',
    'LSET l 0 y',
    'LREM l 1 c',
    'LTRIM l 0 -2',
    'LPOP l',
    'RPOP l 2',
    'LMOVE l m LEFT RIGHT',
    'RPOPLPUSH l l',
    'LPOP l 100',
  ]
  for (const line of lines) expect([line, told(run, line)]).toEqual([line, [[line]]])
})

test('a pop with a choice is told as the pop that it was', () => {
  const run = client()
  run('RPUSH l 1 2 3 4 5 6 7 8')
  expect(told(run, 'LMPOP 2 none l RIGHT')).toEqual([['RPOP l 1']])
  expect(told(run, 'BLPOP none l 0')).toEqual([['LPOP l']])
  expect(told(run, 'BRPOP none l 0')).toEqual([['RPOP l']])
  expect(told(run, 'BLMPOP 0 2 none l LEFT COUNT 2')).toEqual([['LPOP l 2']])
  expect(told(run, 'BLMOVE l m left RIGHT 0')).toEqual([['LMOVE l m left RIGHT']])
  expect(told(run, 'BRPOPLPUSH l m 0')).toEqual([['RPOPLPUSH l m']])
  expect(told(run, 'LMPOP 1 l LEFT COUNT 100')).toEqual([['LPOP l 1']])
})

test('clients that waited are told after the command that served them', () => {
  client()('BLMOVE l m LEFT RIGHT 0')
  client()('BLPOP m 0')
  client()('BLMPOP 0 2 x l RIGHT COUNT 5')
  expect(told(client(), 'RPUSH l a b c')).toEqual([
    ['RPUSH l a b c'],
    ['LMOVE l m LEFT RIGHT'],
    ['RPOP l 2'],
    ['LPOP m'],
  ])
})
