/**
 * What the engine counts for data, and maxmemory goes by, follows what the heap really grows by, for every type.
 * Each kind has a process of its own: what has run before would be seen in the heap. `npm run bench -- sizes`
 * prints the figures.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { KINDS } from '../support/kinds-of-data.js'
import { ROOT } from '../support/redis-server.js'
import type { Size } from '../support/size-on-heap.js'

/** Bytes of each kind. */
const BYTES = 8_000_000
const MEASURE = join(ROOT, 'test/dist/bench/children/sizes.js')

test.concurrent.each(Object.keys(KINDS))('%s', async (kind) => {
  const { stdout } = await promisify(execFile)(process.execPath, [MEASURE, kind, String(BYTES)])
  const { counted, heap } = JSON.parse(stdout) as Size
  expect(counted / heap).toBeGreaterThan(0.75)
  expect(counted / heap).toBeLessThan(1.25)
})
