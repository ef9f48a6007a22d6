/**
 * The sparse form of a HyperLogLog: runs of equal registers, in the order of the registers.
 *
 *     00llllll             ZERO   l + 1 registers are 0
 *     01llllll llllllll    XZERO  the same with 14 bits, the upper ones first
 *     1vvvvvll             VAL    l + 1 registers are v + 1
 *
 * Where a run is split and which neighbours are then joined decides the bytes, and those have to be Redis's:
 * so a register is raised by the very steps that Redis takes. The bytes may also come from anywhere. Nothing
 * here trusts them: runs that do not add up to all registers are reported, and nothing is read or written
 * outside. Where the second byte of an XZERO is missing it counts as 0.
 */

import type { GrowBytes } from './grow-bytes.js'
import { HEADER_BYTES, REGISTERS } from './hyperloglog-layout.js'

const XZERO = 0x40
const VAL = 0x80
const MAX_ZERO_LENGTH = 64
const MAX_VALUE = 32
const MAX_VALUE_LENGTH = 4
/** Runs that are looked at for neighbours to join. */
const JOIN_STEPS = 5
/** Of a split run: at most XZERO, VAL, XZERO. */
const MAX_PATCH_BYTES = 5

/** Bytes of the longest sparse form that adds up: each register in an XZERO of its own. */
export const MAX_SPARSE_BYTES = HEADER_BYTES + 2 * REGISTERS

/** The runs of an empty HyperLogLog: one XZERO. */
export const EMPTY_RUNS: readonly number[] = [XZERO | ((REGISTERS - 1) >>> 8), (REGISTERS - 1) & 0xff]

// ---- reading ----------------------------------------------------------------------------------------------

function runWidth(opcode: number): 1 | 2 {
  return opcode >= XZERO && opcode < VAL ? 2 : 1
}

/** The value of the registers in a run. */
function runValue(opcode: number): number {
  return opcode < VAL ? 0 : ((opcode >>> 2) & 31) + 1
}

/** How many registers the run at `at` covers. */
function runLength(opcode: number, content: Uint8Array, at: number): number {
  if (opcode >= VAL) return (opcode & 3) + 1
  if (opcode < XZERO) return opcode + 1
  const low = at + 1 < content.length ? (content[at + 1] as number) : 0
  return (((opcode & 63) << 8) | low) + 1
}

/**
 * Visits all runs up to the last register.
 * @returns whether they add up to all registers; if not, some may have been visited all the same
 */
export function walkRuns(content: Uint8Array, visit: (value: number, length: number) => void): boolean {
  let covered = 0
  for (let at = HEADER_BYTES; at < content.length; ) {
    const opcode = content[at] as number
    const length = runLength(opcode, content, at)
    covered += length
    if (covered > REGISTERS) return false
    visit(runValue(opcode), length)
    at += runWidth(opcode)
  }
  return covered === REGISTERS
}

/** The runs as text, whether or not they add up: `z:` and `Z:` with a length, `v:` with value and length. */
export function describeRuns(content: Uint8Array): string {
  const runs: string[] = []
  for (let at = HEADER_BYTES; at < content.length; ) {
    const opcode = content[at] as number
    const length = runLength(opcode, content, at)
    if (opcode >= VAL) runs.push(`v:${runValue(opcode)},${length}`)
    else runs.push(`${opcode < XZERO ? 'z' : 'Z'}:${length}`)
    at += runWidth(opcode)
  }
  return runs.join(' ')
}

// ---- raising a register -----------------------------------------------------------------------------------

/** The run at which the search for a register begins; and the run before it, of which joining has to know. */
export class SparseCursor {
  at = HEADER_BYTES
  /** The first register of the run. */
  first = 0
  /** Where the run before begins, -1 for none. */
  before = -1
}

/** `full`: the dense form has to take it. `corrupt`: the runs end before the register. */
export type SparseOutcome = 'raised' | 'unchanged' | 'full' | 'corrupt'

const patch = new Uint8Array(MAX_PATCH_BYTES)

/**
 * Raises a register to `value`, if it is lower. O(bytes)
 * @param maxBytes beyond which the form may not grow
 * @param cursor where to begin; moves on to where the search for this register or a later one may begin, and
 * stays right as long as registers are only raised in their order
 */
export function raiseSparse(
  bytes: GrowBytes,
  index: number,
  value: number,
  maxBytes: number,
  cursor: SparseCursor,
): SparseOutcome {
  if (value > MAX_VALUE) return 'full'
  const content = bytes.bytes
  let { at, first, before } = cursor
  let opcode: number
  let length: number
  for (;;) {
    if (at >= content.length) return 'corrupt'
    opcode = content[at] as number
    length = runLength(opcode, content, at)
    if (index < first + length) break
    // Edits leave all that comes before the run before this one as it is, and the beginning of that one, too.
    cursor.at = at
    cursor.first = first
    cursor.before = before
    before = at
    at += runWidth(opcode)
    first += length
  }
  const old = runValue(opcode)
  if (old >= value) return 'unchanged'
  if (length === 1 && runWidth(opcode) === 1) bytes.edit()[at] = valueOpcode(value, 1)
  else {
    let count = putRun(0, old, index - first)
    count = putRun(count, value, 1)
    count = putRun(count, old, first + length - 1 - index)
    const removed = Math.min(runWidth(opcode), content.length - at)
    if (count > removed && content.length + count - removed > maxBytes) return 'full'
    bytes.splice(at, removed, patch, count)
  }
  joinRuns(bytes, before < 0 ? HEADER_BYTES : before)
  return 'raised'
}

function valueOpcode(value: number, length: number): number {
  return VAL | ((value - 1) << 2) | (length - 1)
}

/** Writes a run into `patch`, unless it is empty; gives the end. */
function putRun(at: number, value: number, length: number): number {
  if (length === 0) return at
  if (value > 0) {
    patch[at] = valueOpcode(value, length)
    return at + 1
  }
  if (length <= MAX_ZERO_LENGTH) {
    patch[at] = length - 1
    return at + 1
  }
  patch[at] = XZERO | ((length - 1) >>> 8)
  patch[at + 1] = (length - 1) & 0xff
  return at + 2
}

/** Joins neighbours of the same value, as far as one VAL can take them, in the next few runs. */
function joinRuns(bytes: GrowBytes, from: number): void {
  let at = from
  for (let steps = 0; steps < JOIN_STEPS && at + 1 < bytes.length; steps++) {
    const opcode = bytes.byteAt(at)
    const next = bytes.byteAt(at + 1)
    // The length is in the two lowest bits, one less than it is.
    const length = (opcode & 3) + (next & 3) + 2
    if (opcode >= VAL && opcode >>> 2 === next >>> 2 && length <= MAX_VALUE_LENGTH) {
      patch[0] = valueOpcode(runValue(opcode), length)
      // What has been joined may be joined with the next one.
      bytes.splice(at, 2, patch, 1)
    } else at += runWidth(opcode)
  }
}
