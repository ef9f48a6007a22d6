/**
 * A test of HyperLogLogs from the inside, for PFSELFTEST: every register holds what it was given and leaves its
 * neighbours alone, both forms count the same, and counts are as near to the truth as the method promises.
 */

import { type Random, randomBelow } from '../base/random.js'
import { HyperLogLog } from './hyperloglog.js'
import { denseRegister, setDenseRegister } from './hyperloglog-dense.js'
import { REGISTER_VALUES, REGISTERS } from './hyperloglog-layout.js'

const REGISTER_ROUNDS = 50
/** A power of ten: the counts are looked at whenever the number of elements is one. */
const MAX_ELEMENTS = 1_000_000
const STANDARD_ERROR = 1.04 / Math.sqrt(REGISTERS)
/** A count that is farther off than this many standard errors is no accident. */
const TOLERANCE = 6

/**
 * Runs the test, which takes some tenths of a second.
 * @returns what is wrong, or undefined
 */
export function hyperLogLogFault(random: Random, sparseMaxBytes: number): string | undefined {
  return registerFault(random) ?? countFault(random, sparseMaxBytes)
}

function registerFault(random: Random): string | undefined {
  const hll = HyperLogLog.empty()
  hll.becomeDense()
  const wanted = new Uint8Array(REGISTERS)
  for (let round = 0; round < REGISTER_ROUNDS; round++) {
    const content = hll.bytes.edit()
    for (let i = 0; i < REGISTERS; i++) {
      const value = randomBelow(random, REGISTER_VALUES)
      wanted[i] = value
      setDenseRegister(content, i, value)
    }
    for (let i = 0; i < REGISTERS; i++) {
      const found = denseRegister(hll.bytes, i)
      if (found !== wanted[i]) return `Register ${i} should be ${wanted[i]} but is ${found}`
    }
  }
  return undefined
}

function countFault(random: Random, sparseMaxBytes: number): string | undefined {
  const dense = HyperLogLog.empty()
  dense.becomeDense()
  const sparse = HyperLogLog.empty()
  const prefix = String.fromCharCode(...Array.from({ length: 4 }, () => randomBelow(random, 256)))
  for (let elements = 1, next = 1; elements <= MAX_ELEMENTS; elements++) {
    const element =
      prefix +
      String.fromCharCode(elements & 255, (elements >>> 8) & 255, (elements >>> 16) & 255, elements >>> 24)
    dense.add(element, sparseMaxBytes)
    sparse.add(element, sparseMaxBytes)
    if (elements !== next) continue
    next *= 10
    if (elements < sparseMaxBytes / 2 && !sparse.isSparse) return 'sparse encoding not used'
    const count = dense.count() as number
    if (sparse.count() !== count) return 'dense/sparse disagree'
    const error = Math.abs(elements - count)
    // A few elements seldom meet in one register, but when they do the error is large for their number.
    const limit = elements === 10 ? 1 : Math.ceil(STANDARD_ERROR * TOLERANCE * elements)
    if (error > limit) return `Too big error. card:${elements} abserr:${error}`
  }
  return undefined
}
