/**
 * How many different elements the registers of a HyperLogLog stand for, by Otmar Ertl's improved raw estimator
 * ("New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284), which Redis has used
 * since version 5. All it needs is how many registers have each value.
 *
 * The order of the floating-point operations is Redis's, so that the results are the same to the last digit.
 */

import { MAX_RANK, REGISTER_VALUES, REGISTERS } from './hyperloglog-layout.js'

/** 1 / (2 ln 2) */
const ALPHA = 0.7213475204444817

const TWO_63 = 2 ** 63

/** How many registers have each value, counted run by run. */
export class RegisterHistogram {
  readonly counts = new Int32Array(REGISTER_VALUES)

  /** Of registers that are a byte each, none of them 64 or more. O(registers) */
  static of(registers: Uint8Array): RegisterHistogram {
    const histogram = new RegisterHistogram()
    const { counts } = histogram
    for (let i = 0; i < registers.length; i++) (counts[registers[i] as number] as number)++
    return histogram
  }

  /** The estimated cardinality, a whole number up to 2^63, which stands for all that is too much for 63 bits. */
  estimate(): number {
    const { counts } = this
    let z = REGISTERS * tau((REGISTERS - (counts[MAX_RANK] as number)) / REGISTERS)
    for (let value = MAX_RANK - 1; value >= 1; value--) {
      z += counts[value] as number
      z *= 0.5
    }
    z += REGISTERS * sigma((counts[0] as number) / REGISTERS)
    return Math.min(Math.round((ALPHA * REGISTERS * REGISTERS) / z), TWO_63)
  }
}

/** x + the sum of x^(2^k) 2^(k-1) over k from 1, for 0 ≤ x ≤ 1. */
function sigma(x: number): number {
  if (x === 1) return Infinity
  let weight = 1
  let sum = x
  for (let before = Number.NaN; before !== sum; ) {
    x *= x
    before = sum
    sum += x * weight
    weight += weight
  }
  return sum
}

/** A third of 1 - x - the sum of (1 - x^(2^-k))^2 2^-k over k from 1, for 0 ≤ x ≤ 1. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let weight = 1
  let sum = 1 - x
  for (let before = Number.NaN; before !== sum; ) {
    x = Math.sqrt(x)
    before = sum
    weight *= 0.5
    sum -= (1 - x) * (1 - x) * weight
  }
  return sum / 3
}
