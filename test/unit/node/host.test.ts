/** Node's implementation of the core's `Host`. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NodeHost } from '../../../packages/node/src/host.js'

const host = new NodeHost()

it('bytes become byte strings and bytes again, at any place, in a Buffer or not', () => {
  const places = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(20), fc.boolean())
  fc.assert(
    fc.property(places, ([bytes, offset, isBuffer]) => {
      const padded = new Uint8Array(bytes.length + 40)
      padded.set(bytes, offset)
      const source = isBuffer ? Buffer.from(padded) : padded
      const text = host.bytes.decode(source, offset, offset + bytes.length)
      expect(text).toBe(String.fromCharCode(...bytes))

      const target = isBuffer ? Buffer.alloc(padded.length, 7) : new Uint8Array(padded.length).fill(7)
      host.bytes.encode(text, target, offset)
      expect([...target.subarray(offset, offset + bytes.length)]).toEqual([...bytes])
      expect([...target.subarray(0, offset)].every((byte) => byte === 7)).toBe(true)
      expect([...target.subarray(offset + bytes.length)].every((byte) => byte === 7)).toBe(true)
    }),
  )
})

it('deferred work runs after what is waiting, and a timer can be cancelled', async () => {
  const order: string[] = []
  host.clearTimer(host.setTimer(() => order.push('cancelled'), 0))
  host.defer(() => order.push('deferred'))
  process.nextTick(() => order.push('next tick'))
  queueMicrotask(() => order.push('microtask'))
  await new Promise<void>((resolve) => host.setTimer(resolve, 5))
  expect(order.at(-1)).toBe('deferred')
  expect(order.slice(0, -1).sort()).toEqual(['microtask', 'next tick'])
})

it('tells of the process', () => {
  const before = host.process.cpu()
  expect(host.process.pid).toBe(process.pid)
  expect(host.process.os).toMatch(/^\S+ \S+ \S+/)
  expect(host.process.memory().rss).toBeGreaterThan(host.process.memory().heap / 2)
  expect(before.user).toBeGreaterThan(0)
  expect(before.user).toBeLessThan(3600)
  expect(host.now()).toBeGreaterThan(1.7e12)
})

it('shows what V8 tells of its heap, and collects garbage when asked', () => {
  expect(host.process.heapStatistics?.()).toMatch(
    /^V8 .*\nused_heap_size: \d+\n.*old_space:\n {2}space_size: \d+\n/ms,
  )
  const gone = new WeakRef({ large: new Array<number>(1e6).fill(1) })
  return new Promise<void>((resolve) => {
    // A WeakRef holds on until the turn in which it was made is over.
    setImmediate(() => {
      host.process.collectGarbage?.()
      expect(gone.deref()).toBeUndefined()
      resolve()
    })
  })
})
