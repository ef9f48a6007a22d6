/** What the journal and replicas are told: commands that do the same whenever they are run. */

import { type Effect, Engine } from '@russet/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { range } from '../../support/conformance.js'
import { FakeHost } from '../../support/fake-host.js'

const NOW_MS = 1_700_000_000_000

let run: (line: string) => unknown
let effects: (readonly string[])[]
let stop: () => void

beforeEach(() => {
  const engine = new Engine(new FakeHost(1, NOW_MS))
  let reply: unknown
  const session = engine.connect(
    {
      reply: (value) => {
        reply = value
      },
      push: () => {},
      close: () => {},
      resume: () => {},
      buffers: () => ({
        queryBytes: 0,
        queryFreeBytes: 0,
        argumentBytes: 0,
        outputBytes: 0,
        outputPieces: 0,
      }),
    },
    { kind: 'memory', address: '', localAddress: '', descriptor: -1 },
  )
  effects = []
  stop = engine.effects.listen((unit: readonly Effect[]) => {
    effects.push(...unit.map(({ command }) => command))
  })
  run = (line) => {
    effects.length = 0
    engine.execute(session, line.split(' '))
    return reply
  }
})

afterEach(() => stop())

const told = (line: string): string[] => {
  run(line)
  return effects.map((command) => command.join(' '))
}

test('a command that changes nothing is not told', () => {
  run('SADD s a')
  run('SET k foobar')
  for (const line of [
    'SADD s a',
    'SREM s b',
    'SMOVE s t b',
    'SMOVE none t a',
    'SPOP none',
    'SPOP s 0',
    'SDIFFSTORE none none',
    'SETNX k v',
    'SET k v NX',
    'SET none v XX',
    'GETDEL none',
    'GETEX k',
    'GETEX k PERSIST',
    'SETRANGE k 1 ',
    'SETBIT k 0 0',
    'BITFIELD k SET u8 0 102',
    'BITFIELD k GET u8 0',
    'BITOP AND none none',
  ]) {
    expect([line, told(line)]).toEqual([line, []])
  }
})

test('a command that means the same later is told as it is', () => {
  for (const line of [
    'SADD s a b c',
    'SREM s a x',
    'SMOVE s t b',
    'SUNIONSTORE d s t',
    'SET k 1',
    'SET k 1 KEEPTTL',
    'INCRBY k 5',
    'APPEND k x',
    'SETRANGE k 1 y',
    'SETBIT k 100 1',
    'BITFIELD k INCRBY u8 0 1 OVERFLOW FAIL INCRBY u8 0 255',
    'BITFIELD fresh OVERFLOW FAIL SET u8 0 256',
    'BITOP NOT d k',
    'MSET a 1 b 2',
  ]) {
    expect(told(line)).toEqual([line])
  }
})

test('times are absolute', () => {
  const in10s = NOW_MS + 10_000
  expect(told('SET k v EX 10')).toEqual([`SET k v PXAT ${in10s}`])
  expect(told('SET k v XX GET PX 10000')).toEqual([`SET k v PXAT ${in10s}`])
  expect(told('SETEX k 10 v')).toEqual([`SET k v PXAT ${in10s}`])
  expect(told('PSETEX k 10000 v')).toEqual([`SET k v PXAT ${in10s}`])
  expect(told('GETEX k EX 10')).toEqual([`PEXPIREAT k ${in10s}`])
  expect(told('GETEX k PERSIST')).toEqual(['PERSIST k'])
  expect(told('GETEX k EXAT 1')).toEqual(['DEL k'])
})

test('floats and reads that delete', () => {
  expect(told('INCRBYFLOAT k 0.5')).toEqual(['SET k 0.5 KEEPTTL'])
  expect(told('GETDEL k')).toEqual(['DEL k'])
})

test('random pops are told by what they took', () => {
  run('SADD s a b c d e')
  const popped = run('SPOP s') as string
  expect(effects).toEqual([['SREM', 's', popped]])
  const more = run('SPOP s 2') as { items: string[] }
  expect(effects).toEqual([['SREM', 's', ...more.items]])
  expect(told('SPOP s 2')).toEqual(['DEL s'])
  run(`SADD big ${range(1, 3000)}`)
  const most = run('SPOP big 2500') as { items: string[] }
  expect(effects.map((command) => command.length)).toEqual([1026, 1026, 454])
  expect(effects.flatMap((command) => command.slice(2))).toEqual(most.items)
})
