import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeInt, UINT64_MAX } from '../../../packages/core/src/base/int64.js'
import { compareIds, type EntryId, idText } from '../../../packages/core/src/structures/entry-id.js'
import { radixNodeCount } from '../../../packages/core/src/structures/radix-shape.js'
import { StreamLog } from '../../../packages/core/src/structures/stream-log.js'

const hexOf = ({ ms, seq }: EntryId) =>
  BigInt(ms).toString(16).padStart(16, '0') + BigInt(seq).toString(16).padStart(16, '0')

/** The nodes of a compressed tree over these keys of equal length, two digits a byte, counted by its definition. */
function countNodes(keys: readonly string[], depth = 0): number {
  if (keys.length === 0) return 1
  const [first, last] = [keys[0] as string, keys[keys.length - 1] as string]
  let end = depth
  while (end < first.length && first.slice(end, end + 2) === last.slice(end, end + 2)) end += 2
  const chain = end > depth ? 1 : 0
  if (end === first.length) return chain + 1
  const branches = new Map<string, string[]>()
  for (const key of keys) {
    const byte = key.slice(end, end + 2)
    branches.set(byte, [...(branches.get(byte) ?? []), key])
  }
  let nodes = chain + 1
  for (const branch of branches.values()) nodes += countNodes(branch, end + 2)
  return nodes
}

describe('the radix tree over the nodes of a stream', () => {
  it('has as many nodes as a tree that is built', () => {
    const part = fc
      .oneof(
        fc.bigInt(0n, 3n),
        fc.bigInt(0n, 70_000n),
        fc.bigInt(2n ** 32n, 2n ** 32n + 9n),
        fc.bigInt(0n, UINT64_MAX),
      )
      .map(normalizeInt)
    const id: fc.Arbitrary<EntryId> = fc.record({ ms: part, seq: part })
    fc.assert(
      fc.property(fc.uniqueArray(id, { selector: idText, maxLength: 40 }), (ids) => {
        ids.sort(compareIds)
        const log = new StreamLog({ streamNodeMaxEntries: 1, streamNodeMaxBytes: 0 })
        for (const { ms, seq } of ids) log.append(ms, seq, ['f', 'v'], 0)
        expect(radixNodeCount(log)).toBe(countNodes(ids.map(hexOf)))
      }),
    )
  })
})
