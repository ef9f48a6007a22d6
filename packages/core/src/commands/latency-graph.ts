/**
 * LATENCY GRAPH: the samples of an event as columns of characters, newest at the right, and under each how long
 * ago it was, written downwards.
 *
 *     command - high 50 ms, low 8 ms (all time high 50 ms)
 *     --------------------------------------------------------------------------------
 *       #
 *      _|
 *      ||
 *     _||
 *
 *     731
 *     sss
 */

import type { LatencyEvent, LatencySample } from './context.js'

const WIDTH = 80
const ROWS = 4
/** A column ends in one of these, by how much of its highest row it fills. */
const TOPS = '_o#'
const BODY = '|'
const STEPS = ROWS * TOPS.length

/** @param nowSeconds Unix time */
export function latencyGraph({ name, samples, worstMs }: LatencyEvent, nowSeconds: number): string {
  const times = samples.map(({ ms }) => ms)
  const low = Math.min(...times)
  const high = Math.max(...times)
  const title = `${name} - high ${high} ms, low ${low} ms (all time high ${worstMs} ms)\n`
  const parts = [title, '-'.repeat(WIDTH), '\n']
  for (let first = 0; first < samples.length; first += WIDTH) {
    if (first > 0) parts.push('\n')
    parts.push(...rowsOf(samples.slice(first, first + WIDTH), low, high, nowSeconds))
  }
  return parts.join('')
}

function rowsOf(samples: readonly LatencySample[], low: number, high: number, nowSeconds: number): string[] {
  const steps = samples.map(({ ms }) => stepOf(ms, low, high))
  const labels = samples.map(({ unixSeconds }) => ageText(nowSeconds - unixSeconds))
  const rows: string[] = []
  for (let row = ROWS - 1; row >= 0; row--) rows.push(`${steps.map((step) => charAt(step, row)).join('')}\n`)
  rows.push(`${' '.repeat(samples.length)}\n`)
  const depth = Math.max(...labels.map(({ length }) => length))
  for (let i = 0; i < depth; i++) rows.push(`${labels.map((label) => label[i] ?? ' ').join('')}\n`)
  return rows
}

/** How high a column is, 0 to `STEPS` - 1. */
function stepOf(ms: number, low: number, high: number): number {
  const range = high === low ? 1 : high - low
  return Math.min(Math.floor(((ms - low) * STEPS) / range), STEPS - 1)
}

/** What a column shows in a row, which counts from the bottom. */
function charAt(step: number, row: number): string {
  const inRow = step - row * TOPS.length
  if (inRow < 0) return ' '
  return TOPS[inRow] ?? BODY
}

function ageText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`
}
