/** The sizes that the keyspace keeps up with every change, counted anew. */
import type { Engine } from '@russet/core'
import { expect } from 'vitest'
import { stringBytes } from '../../packages/core/src/base/heap-size.js'
import { valueBytes } from '../../packages/core/src/keyspace/value.js'
import { GrowBytes } from '../../packages/core/src/structures/grow-bytes.js'

/** Fails unless every sum of sizes is what the data adds up to. O(data) */
export function expectTrueSizes({ keyspace }: Engine): void {
  let all = 0
  for (const db of keyspace.databases) {
    db.dict.assertInvariants()
    db.hashesWithExpiringFields.assertInvariants()
    const columnBytes = db.dict.columnBytes + db.hashesWithExpiringFields.columnBytes
    expect(db.columnBytes).toBe(columnBytes)
    let bytes = columnBytes
    db.dict.forEach((key, value) => {
      bytes += stringBytes(key) + valueBytes(value)
      if (typeof value !== 'object') return
      if (!(value instanceof GrowBytes)) value.assertInvariants()
      if (value.countedBytes !== value.heapBytes)
        throw new Error(`${key}: ${value.countedBytes} are counted of ${value.heapBytes} bytes`)
    })
    expect(db.bytes).toBe(bytes)
    all += bytes
  }
  expect(keyspace.dataBytes).toBe(all)
}
