/** How large the server's heap may grow. */
import { totalmem } from 'node:os'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { heapLimitMb, machineMemory } from '../../../packages/node/src/heap.js'

const GB = 1024 ** 3

it.each([
  ['no maxmemory: nearly all of the machine', 0, 16 * GB, 15 * 1024],
  ['a small maxmemory may be raised later', 10 * 1024 * 1024, 16 * GB, 15 * 1024],
  ['maxmemory beyond the machine', 16 * GB, 16 * GB, 24 * 1024],
])('%s', (_, maxmemory, memory, limit) => {
  expect(heapLimitMb(maxmemory, memory)).toBe(limit)
})

it('the memory of the machine is what the system says, or less in a container', () => {
  expect(machineMemory()).toBeGreaterThan(0)
  expect(machineMemory()).toBeLessThanOrEqual(totalmem())
})

it('a Worker takes a limit beyond that of the process', async () => {
  const code = `
    const { parentPort } = require('node:worker_threads')
    parentPort.postMessage(require('node:v8').getHeapStatistics().heap_size_limit)`
  const worker = new Worker(code, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 12 * 1024 } })
  const limit = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  expect(limit).toBeGreaterThanOrEqual(12 * GB)
  await worker.terminate()
})
