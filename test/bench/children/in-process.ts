/** Measures one in-process client: `node in-process.js <russet | ioredis-mock> <operations>`. */
import { createClient } from '@russet/node'
import Mock from 'ioredis-mock'
import type { Rates } from '../in-process.js'

interface MinimalClient {
  set(key: string, value: string): Promise<unknown>
  get(key: string): Promise<unknown>
}

const KEYS = 10_000

async function open(name: string | undefined): Promise<MinimalClient> {
  if (name === 'russet') return createClient()
  return new Mock()
}

async function rateOf(operations: number, operate: (key: string) => Promise<unknown>): Promise<number> {
  const started = performance.now()
  for (let i = 0; i < operations; i++) await operate(`key:${i % KEYS}`)
  return (operations / (performance.now() - started)) * 1000
}

const client = await open(process.argv[2])
const operations = Number(process.argv[3])
const set = (key: string): Promise<unknown> => client.set(key, 'value')
const get = (key: string): Promise<unknown> => client.get(key)

// The first tenth warms up the compiler.
await rateOf(operations / 10, set)
await rateOf(operations / 10, get)
if ((await client.get('key:0')) !== 'value') throw new Error('SET did not set')
const rates: Rates = { set: await rateOf(operations, set), get: await rateOf(operations, get) }
process.stdout.write(JSON.stringify(rates), () => process.exit(0))
