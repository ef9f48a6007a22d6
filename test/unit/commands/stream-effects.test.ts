/** What the journal and replicas are told of stream commands: IDs, lengths and claims as they came out. */

import { type Effect, Engine } from '@russet/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineClient } from '../../support/engine-client.js'
import { FakeHost } from '../../support/fake-host.js'

const NOW = 1_700_000_000_000

let engine: Engine
let units: string[][]
let stop: () => void
let run: (line: string) => void

function client(): (line: string) => void {
  const own = new EngineClient(engine)
  return (line) => {
    own.run(...line.split(' '))
  }
}

/** What follows the command lines, a list for each unit that is applied together. */
function told(...lines: string[]): string[][] {
  units = []
  for (const line of lines) run(line)
  return units
}

function claim(consumer: string, id: string, deliveries: number, lastId: string): string {
  return `XCLAIM s g ${consumer} 0 ${id} TIME ${NOW} RETRYCOUNT ${deliveries} FORCE JUSTID LASTID ${lastId}`
}

beforeEach(() => {
  engine = new Engine(new FakeHost(1, NOW))
  units = []
  run = client()
  stop = engine.effects.listen((unit: readonly Effect[]) => {
    units.push(unit.map(({ command }) => command.join(' ')))
  })
})

afterEach(async () => {
  stop()
  await engine.close()
})

test('XADD has the ID that came out', () => {
  expect(
    told(
      'XADD s * f v',
      'XADD s * f v',
      'XADD s 1800000000000-* f v',
      'XADD s NOMKSTREAM 1800000000000-5 f v',
    ),
  ).toEqual([
    [`XADD s ${NOW}-0 f v`],
    [`XADD s ${NOW}-1 f v`],
    ['XADD s 1800000000000-0 f v'],
    ['XADD s NOMKSTREAM 1800000000000-5 f v'],
  ])
})

test('trimming by whole nodes is told as what it came to', () => {
  run('CONFIG SET stream-node-max-entries 2')
  for (let ms = 1; ms <= 9; ms++) run(`XADD s ${ms}-0 f v`)
  expect(
    told(
      'XTRIM s MAXLEN ~ 100',
      'XTRIM s MAXLEN ~ 6 LIMIT 2',
      'XTRIM s MINID ~ 6-0',
      'XADD s MAXLEN ~ 4 LIMIT 10 * f v',
      'XADD s MINID ~ 1 1800000000000-0 f v',
      'XADD s MAXLEN 2 1800000000001-* f v',
      'XTRIM s MAXLEN 1',
      'XTRIM s MAXLEN ~ 0',
      'XADD s MINID ~ 1900000000000-1 1900000000000-* f v',
    ),
  ).toEqual([
    ['XTRIM s MAXLEN = 7'],
    ['XTRIM s MINID = 5-0'],
    [`XADD s MAXLEN = 4 ${NOW}-0 f v`],
    ['XADD s MINID = 7-0 1800000000000-0 f v'],
    ['XADD s MAXLEN 2 1800000000001-0 f v'],
    ['XTRIM s MAXLEN 1'],
    ['XTRIM s MAXLEN = 0'],
    ['XADD s MINID = 18446744073709551615-18446744073709551615 1900000000000-0 f v'],
  ])
})

test('reading for a group is told as claims and the progress of the group', () => {
  for (const line of ['XADD s 1-0 f v', 'XADD s 2-0 f v', 'XADD s 3-0 f v', 'XGROUP CREATE s g 0']) run(line)
  expect(
    told(
      'XREADGROUP GROUP g alice COUNT 2 STREAMS s >',
      'XREADGROUP GROUP g bob NOACK STREAMS s >',
      'XREADGROUP GROUP g bob STREAMS s >',
      'XREADGROUP GROUP g alice STREAMS s 0',
      'XREADGROUP GROUP g carol STREAMS s >',
    ),
  ).toEqual([
    [
      'XGROUP CREATECONSUMER s g alice',
      claim('alice', '1-0', 1, '1-0'),
      claim('alice', '2-0', 1, '2-0'),
      'XGROUP SETID s g 2-0 ENTRIESREAD 2',
    ],
    ['XGROUP CREATECONSUMER s g bob', 'XGROUP SETID s g 3-0 ENTRIESREAD 3'],
    ['XGROUP CREATECONSUMER s g carol'],
  ])
})

test('a read that waited is told when it is served', () => {
  run('XGROUP CREATE s g $ MKSTREAM')
  run('XGROUP CREATECONSUMER s g alice')
  client()('XREADGROUP GROUP g alice BLOCK 0 STREAMS s >')
  client()('XREAD BLOCK 0 STREAMS s $')
  expect(told('XADD s 5-* f v')).toEqual([
    ['XADD s 5-0 f v'],
    [claim('alice', '5-0', 1, '5-0'), 'XGROUP SETID s g 5-0 ENTRIESREAD 1'],
  ])
})

test('taking over is told as one exact claim for each entry', () => {
  for (let ms = 1; ms <= 4; ms++) run(`XADD s ${ms}-0 f v`)
  for (const line of ['XGROUP CREATE s g 0', 'XREADGROUP GROUP g alice STREAMS s >', 'XDEL s 2-0']) run(line)
  expect(
    told(
      'XCLAIM s g bob 0 1-0 2-0 9-0 RETRYCOUNT 7',
      'XCLAIM s g bob 5000 3-0',
      'XCLAIM s g bob 0 9-0 LASTID 8-0',
      'XAUTOCLAIM s g carol 0 3-0 COUNT 1',
      'XAUTOCLAIM s g carol 0 4-0 JUSTID',
    ),
  ).toEqual([
    [
      'XGROUP CREATECONSUMER s g bob',
      claim('bob', '1-0', 7, '4-0'),
      // It is pending no more, which a claim of what is not there brings about.
      claim('alice', '2-0', 1, '4-0'),
    ],
    ['XGROUP SETID s g 8-0 ENTRIESREAD 4'],
    ['XGROUP CREATECONSUMER s g carol', claim('carol', '3-0', 2, '8-0')],
    [claim('carol', '4-0', 1, '8-0')],
  ])
})

test('what means the same later is told as it is, what changes nothing not at all', () => {
  run('XADD s 1-0 f v')
  const lines = [
    'XGROUP CREATE s g $ ENTRIESREAD 1',
    'XGROUP SETID s g 0',
    'XGROUP CREATECONSUMER s g c',
    'XGROUP DELCONSUMER s g c',
    'XSETID s 5-0',
    'XDEL s 1-0 2-0',
    'XGROUP DESTROY s g',
    'XGROUP CREATE new g $ MKSTREAM',
  ]
  expect(told(...lines)).toEqual(lines.map((line) => [line]))
  run('XGROUP CREATECONSUMER new g c')
  const idle = [
    'XADD none NOMKSTREAM * f v',
    'XADD s 1-0 f v',
    'XDEL s 9-0',
    'XTRIM s MAXLEN ~ 10',
    'XACK new g 1-0',
    'XGROUP CREATECONSUMER new g c',
    'XGROUP DELCONSUMER new g d',
    'XGROUP DESTROY new h',
    'XREADGROUP GROUP g c STREAMS new >',
    'XREADGROUP GROUP g c STREAMS new 0',
    'XCLAIM new g c 0 1-0',
    'XAUTOCLAIM new g c 0 0',
    'XREAD STREAMS s 0',
    'XPENDING new g',
  ]
  for (const line of idle) expect([line, told(line)]).toEqual([line, []])
})
