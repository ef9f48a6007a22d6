/**
 * Sine, cosine and arc sine, the same on every engine. `Math.sin` and its like may differ in the last digit from
 * one JavaScript engine to the next, and from the C library; distances that are stored, replayed and compared
 * with Redis's may not. These are the correctly rounded values but for about one in ten thousand, which is also
 * as good as it gets beside the C library of a Redis.
 *
 * The idea: a table has the sine and cosine of k/64 to twice the precision of a double. What is left of the angle
 * is below 1/128, so that a short series, in plain doubles, gives the small rest far beyond their precision.
 */

/** Steps of the table per radian. */
const STEPS = 64
/** The greatest angle of the table, in steps: π/4. */
const MAX_STEP = 51

/** π/2 as a sum of two doubles. */
const HALF_PI_HIGH = 1.5707963267948966
const HALF_PI_LOW = 6.123233995736766e-17

/** 2^27 + 1: splits a double into two halves whose products are exact. */
const SPLITTER = 134217729

// ---- the table ----------------------------------------------------------------------------------------------

/** For each step: sine and cosine, each as a double and what it lacks. */
const WIDTH = 4
let table: Float64Array | undefined

const SCALE_BITS = 160n
const ONE = 1n << SCALE_BITS

function buildTable(): Float64Array {
  const built = new Float64Array((MAX_STEP + 1) * WIDTH)
  for (let step = 0; step <= MAX_STEP; step++) {
    const angle = (BigInt(step) << SCALE_BITS) / BigInt(STEPS)
    let sine = 0n
    let cosine = 0n
    // Taylor's series in integers: the signs of its terms go + + - - with the power.
    for (let power = 0n, term = ONE; term !== 0n; power++, term = ((term * angle) >> SCALE_BITS) / power) {
      const signed = power % 4n < 2n ? term : -term
      if (power % 2n === 0n) cosine += signed
      else sine += signed
    }
    putPair(built, step * WIDTH, sine)
    putPair(built, step * WIDTH + 2, cosine)
  }
  return built
}

/** Stores `value / ONE` as the nearest double and the rest. */
function putPair(into: Float64Array, at: number, value: bigint): void {
  const scale = 2 ** -Number(SCALE_BITS)
  const high = Number(value)
  into[at] = high * scale
  into[at + 1] = Number(value - BigInt(high)) * scale
}

// ---- sine and cosine ----------------------------------------------------------------------------------------

// The results of `turn`. The sine is the sum of two doubles, the first of which is the rounded sum.
let sineHigh = 0
let sineLow = 0
let cosine = 0

/** Sine and cosine of the angle `angle + rest`, where `angle` is from 0 to π/4 and the rest next to nothing. */
function turn(angle: number, rest: number): void {
  table ??= buildTable()
  const step = Math.round(angle * STEPS)
  // Exact: both are multiples of the angle's last digit, and their difference is small.
  const r = angle - step / STEPS
  const square = r * r
  // sin r - r and cos r - 1
  const sineTail = r * square * (-1 / 6 + square * (1 / 120 - square / 5040)) + rest
  const cosineTail = square * (-1 / 2 + square * (1 / 24 + square * (-1 / 720 + square / 40320))) - r * rest
  const at = step * WIDTH
  const s = table[at] as number
  const sRest = table[at + 1] as number
  const c = table[at + 2] as number
  const cRest = table[at + 3] as number

  // sin(a + r) = s + c r + (s (cos r - 1) + c (sin r - r)), and so on.
  const cr = c * r
  const sr = s * r
  const crError = productError(c, r, cr)
  const srError = productError(s, r, sr)

  let high = s + cr
  const low = sumError(s, cr, high) + (sRest + cRest * r + crError + (s * cosineTail + c * sineTail))
  sineHigh = high + low
  sineLow = low - (sineHigh - high)

  high = c - sr
  cosine = high + (sumError(c, -sr, high) + (cRest - sRest * r - srError + (c * cosineTail - s * sineTail)))
}

/** What `sum`, the rounded sum of two numbers, lacks. */
function sumError(a: number, b: number, sum: number): number {
  const part = sum - a
  return a - (sum - part) + (b - part)
}

/** What `product`, the rounded product of two numbers, lacks. */
function productError(a: number, b: number, product: number): number {
  const aSplit = SPLITTER * a
  const aHigh = aSplit - (aSplit - a)
  const aLow = a - aHigh
  const bSplit = SPLITTER * b
  const bHigh = bSplit - (bSplit - b)
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}

/** Below this the first step of the table is the nearest, and the series is all there is. */
const SMALL = 0.5 / STEPS
/** π/4, or next to it. */
const EIGHTH = MAX_STEP / STEPS - SMALL

/** `turn` for the angle that is left of one from 0 to π when as many right angles as fit best are taken away. */
function turnRest(angle: number): { quarters: number; sign: number } {
  const quarters = Math.round(angle / HALF_PI_HIGH)
  // Exact: no more is taken away than twice what there is, and no less than half.
  const rest = angle - quarters * HALF_PI_HIGH
  const low = -quarters * HALF_PI_LOW
  const sign = rest < 0 ? -1 : 1
  turn(rest * sign, low * sign)
  return { quarters, sign }
}

/** @param angle in radians, from -π to π */
export function sin(angle: number): number {
  if (angle < 0) return -sin(-angle)
  if (angle < SMALL) {
    const square = angle * angle
    return angle + angle * square * (-1 / 6 + square * (1 / 120 - square / 5040))
  }
  if (angle < EIGHTH) {
    turn(angle, 0)
    return sineHigh
  }
  const { quarters, sign } = turnRest(angle)
  if (quarters === 1) return cosine
  return quarters === 0 ? sign * sineHigh : -sign * sineHigh
}

/** @param angle in radians, from -π to π */
export function cos(angle: number): number {
  const magnitude = Math.abs(angle)
  if (magnitude < EIGHTH) {
    turn(magnitude, 0)
    return cosine
  }
  const { quarters, sign } = turnRest(magnitude)
  if (quarters === 1) return -sign * sineHigh
  return quarters === 0 ? cosine : -cosine
}

// ---- arc sine -----------------------------------------------------------------------------------------------

// The result of `turnBack`, as above.
let angleHigh = 0
let angleLow = 0

/** @param sine from 0 to 1. @returns radians, from 0 to π/2 */
export function asin(sine: number): number {
  if (sine <= 0.6) {
    turnBack(sine, 0)
    return angleHigh
  }
  // Near 1 the angle changes much faster than its sine: half the opposite angle is better to find.
  const squared = (1 - sine) / 2
  const root = Math.sqrt(squared)
  if (root === 0) return HALF_PI_HIGH
  const product = root * root
  turnBack(root, (squared - product - productError(root, root, product)) / (2 * root))
  const high = HALF_PI_HIGH - 2 * angleHigh
  return high + (sumError(HALF_PI_HIGH, -2 * angleHigh, high) + (HALF_PI_LOW - 2 * angleLow))
}

/** The angle whose sine is `sine + rest`, which is at most 0.6. */
function turnBack(sine: number, rest: number): void {
  const square = sine * sine
  if (sine < SMALL) {
    const tail = sine * square * (1 / 6 + square * (3 / 40 + square * (5 / 112 + square * (35 / 1152))))
    angleHigh = sine + (tail + rest)
    angleLow = tail + rest - (angleHigh - sine)
    return
  }
  // A guess that is right to four digits (Abramowitz and Stegun, 4.4.45), one step of Newton's method to eight,
  // and one of the next order, with the sine in twice the precision, to the end.
  const polynomial = 1.5707288 + sine * (-0.2121144 + sine * (0.074261 - sine * 0.0187293))
  const guess = HALF_PI_HIGH - Math.sqrt(1 - sine) * polynomial
  turn(guess, 0)
  const angle = guess + (sine - sineHigh) / cosine
  turn(angle, 0)
  const missing = sine - sineHigh - sineLow + rest
  const step = missing / cosine
  const correction = step + (step * step * sineHigh) / (2 * cosine)
  angleHigh = angle + correction
  angleLow = correction - (angleHigh - angle)
}
