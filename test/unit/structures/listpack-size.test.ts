/** Sizes at every step of the encoding, worked out from the format by hand; lists.test.ts asks Redis as well. */

import { expect, test } from 'vitest'
import { listpackEntryBytes } from '../../../packages/core/src/structures/listpack-size.js'

test.each([
  ['0', 2],
  ['127', 2],
  ['128', 3],
  ['-1', 3],
  ['4095', 3],
  ['-4096', 3],
  ['4096', 4],
  ['-4097', 4],
  ['32767', 4],
  ['-32768', 4],
  ['32768', 5],
  ['8388607', 5],
  ['-8388608', 5],
  ['8388608', 6],
  ['2147483647', 6],
  ['-2147483648', 6],
  ['2147483648', 10],
  ['9223372036854775807', 10],
  ['-9223372036854775808', 10],
])('integer %s', (text, bytes) => {
  expect(listpackEntryBytes(text)).toBe(bytes)
})

test.each(['', '-', '-0', '+1', '01', '1 ', '1.0', '9223372036854775808', '-9223372036854775809'])(
  'text like an integer: %j',
  (text) => {
    expect(listpackEntryBytes(text)).toBe(text.length + 2)
  },
)

test.each([
  [1, 3],
  [63, 65],
  // Two bytes for the length from here on.
  [64, 67],
  [125, 128],
  // Two bytes for the way back.
  [126, 130],
  [4095, 4099],
  // Five bytes for the length.
  [4096, 4103],
  [16377, 16384],
  // Three bytes for the way back: the greatest two-byte value goes here already.
  [16378, 16386],
  [2097145, 2097153],
  [2097146, 2097155],
])('text of %i bytes', (length, bytes) => {
  expect(listpackEntryBytes('x'.repeat(length))).toBe(bytes)
})
