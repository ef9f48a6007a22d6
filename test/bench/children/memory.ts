/** Measures the memory of an in-process engine: `node --expose-gc memory.js <keys>`. */
import { createClient } from '@russet/node'
import { keyOf, textOf } from '../keys.js'

const SLICE = 1000

function memoryInUse(): number {
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const keys = Number(process.argv[2])
const client = await createClient()
// Compiled code and lazily made tables are not the keys'.
for (let i = 0; i < SLICE; i++) await client.set(keyOf(i), textOf(i))
await client.call('FLUSHALL')

const before = memoryInUse()
for (let start = 0; start < keys; start += SLICE) {
  const count = Math.min(SLICE, keys - start)
  await Promise.all(Array.from({ length: count }, (_, i) => client.set(keyOf(start + i), textOf(start + i))))
}
const bytesPerKey = (memoryInUse() - before) / keys
const size = await client.call('DBSIZE')
if (Number(size) !== keys) throw new Error(`DBSIZE is ${String(size)}, not ${keys}`)
process.stdout.write(JSON.stringify({ bytesPerKey }), () => process.exit(0))
