/** LATENCY GRAPH and DOCTOR: what they make of samples. */
import { expect, test } from 'vitest'
import { diagnosis } from '../../../packages/core/src/commands/latency-doctor.js'
import { latencyGraph } from '../../../packages/core/src/commands/latency-graph.js'

const LINE = '-'.repeat(80)

function eventOf(...samples: (readonly [ageSeconds: number, ms: number])[]) {
  return {
    name: 'command',
    samples: samples.map(([age, ms]) => ({ unixSeconds: 1_000_000 - age, ms })),
    worstMs: 99,
  }
}

test('columns go from the lowest to the highest, with their ages below', () => {
  const graph = latencyGraph(eventOf([200_000, 10], [7200, 21], [60, 15], [9, 12], [0, 11]), 1_000_000)
  expect(graph.split('\n')).toEqual([
    'command - high 21 ms, low 10 ms (all time high 99 ms)',
    LINE,
    ' #   ',
    ' |   ',
    ' |#  ',
    '_||#o',
    '     ',
    '22190',
    'dhmss',
    '',
  ])
})

test('equal samples are all low', () => {
  expect(
    latencyGraph(eventOf([1, 5], [0, 5]), 1_000_000)
      .split('\n')
      .slice(2),
  ).toEqual([...['  ', '  ', '  ', '__', '  ', '10', 'ss', '']])
})

test('more than 80 samples are drawn below each other', () => {
  const many = Array.from({ length: 100 }, (_, i) => [99 - i, i] as const)
  const rows = latencyGraph(eventOf(...many), 1_000_000).split('\n')
  expect(rows.filter((row) => row.length === 80 && row !== LINE)).toHaveLength(8)
  expect(rows.filter((row) => row.length === 20)).toHaveLength(8)
})

test('the doctor tells what there was, and what helps', () => {
  expect(diagnosis([], 0)).toContain('latency-monitor-threshold')
  expect(diagnosis([], 5)).toBe('Nothing has taken 5 ms or more.\n')
  const text = diagnosis([eventOf([9, 10], [0, 20]), { ...eventOf([0, 5]), name: 'expire-cycle' }], 5)
  expect(text).toContain(
    '1. command: in 2 seconds out of 10, 15 ms on average, give or take 5, 99 ms at worst.',
  )
  expect(text).toContain('2. expire-cycle: once, 5 ms on average')
  expect(text).toContain('SLOWLOG GET')
  expect(text).toContain('Times that are spread out')
})
