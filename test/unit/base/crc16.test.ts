/** Hash slots, as CLUSTER KEYSLOT of redis-server gives them. */
import { expect, it } from 'vitest'
import { crc16, keyHashSlot } from '../../../packages/core/src/base/crc16.js'

it('has the check value of CRC-16/XMODEM', () => {
  expect(crc16('123456789')).toBe(0x31c3)
  expect(crc16('')).toBe(0)
})

it.each([
  ['', 0],
  ['foo', 12182],
  ['123456789', 12739],
  ['{user1000}.following', 3443],
  ['foo{}{bar}', 8363],
  ['foo{{bar}}zap', 4015],
  ['foo{bar}{zap}', 5061],
  ['{}', 15257],
  ['{', 4092],
  ['}{a}', 15495],
  ['\x00\xff\x80', 4727],
  ['{\xff}x', 7920],
])('%j is in slot %d', (key, slot) => {
  expect(keyHashSlot(key)).toBe(slot)
})

it('hashes only the first non-empty tag', () => {
  expect(keyHashSlot('{user1000}.following')).toBe(keyHashSlot('user1000'))
  expect(keyHashSlot('foo{bar}{zap}')).toBe(keyHashSlot('bar'))
  expect(keyHashSlot('foo{{bar}}zap')).toBe(keyHashSlot('{bar'))
  expect(keyHashSlot('foo{}{bar}')).toBe(crc16('foo{}{bar}') % 16384)
  expect(keyHashSlot('}foo{bar')).toBe(crc16('}foo{bar') % 16384)
})
