/** Measures the memory of an in-process engine: `node --expose-gc memory.js <keys>`. */
import { createClient } from '@russet/node'
import { memoryInUse } from '../heap-in-use.js'
import { keyOf, textOf } from '../keys.js'

const SLICE = 1000

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
