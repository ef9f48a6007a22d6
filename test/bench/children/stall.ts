/** Measures the longest turn of the event loop while keys are inserted: `node stall.js <keys>`. */
import { setImmediate } from 'node:timers/promises'
import { createClient } from '@russet/node'
import { keyOf, textOf } from '../keys.js'
import type { Stall } from '../stall.js'

/** Commands in one turn, as a busy server would find them. */
const SLICE = 1000

const keys = Number(process.argv[2])
const client = await createClient()
let longestMs = 0
let atKeys = 0
const started = performance.now()
let turn = started
for (let start = 0; start < keys; start += SLICE) {
  const pending: Promise<unknown>[] = []
  for (let i = start; i < Math.min(start + SLICE, keys); i++) pending.push(client.set(keyOf(i), textOf(i)))
  await Promise.all(pending)
  await setImmediate()
  const now = performance.now()
  if (now - turn > longestMs) {
    longestMs = now - turn
    atKeys = start
  }
  turn = now
}
const totalMs = performance.now() - started
const size = await client.call('DBSIZE')
if (Number(size) !== keys) throw new Error(`DBSIZE is ${String(size)}, not ${keys}`)
const result: Stall = { longestMs, atKeys, totalMs }
process.stdout.write(JSON.stringify(result), () => process.exit(0))
