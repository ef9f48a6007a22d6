/** Addresses of sockets: printed as Redis does, and told apart into this machine's own and others. */
import { expect, it } from 'vitest'
import { isLoopback, printAddress } from '../../../packages/node/src/addresses.js'

it.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.1.2.3', '127.1.2.3', true],
  ['::ffff:127.0.0.1', '127.0.0.1', true],
  ['::1', '[::1]', true],
  ['10.0.0.1', '10.0.0.1', false],
  ['::ffff:10.0.0.1', '10.0.0.1', false],
  ['128.0.0.1', '128.0.0.1', false],
  ['fd00::127.0.0.1', '[fd00::127.0.0.1]', false],
  ['::127.0.0.1', '[::127.0.0.1]', false],
  [undefined, '?', false],
])('%s is printed as %s; from this machine: %s', (address, printed, own) => {
  expect(printAddress(address)).toBe(printed)
  expect(isLoopback(address)).toBe(own)
})
