import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as bits from '../../../packages/core/src/structures/bits.js'
import { GrowBytes } from '../../../packages/core/src/structures/grow-bytes.js'

const byteString = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength, size: 'max' }).map((bytes) => Buffer.from(bytes).toString('latin1'))

/** The bits of a byte string as text of 0 and 1: the naive model of every bit operation. */
const bitsOf = (text: string): string =>
  [...text].map((char) => char.charCodeAt(0).toString(2).padStart(8, '0')).join('')

const bytesOf = (bitText: string): string =>
  (bitText.match(/.{8}/g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 2))).join('')

const narrow = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value

const editArb = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), text: byteString(40) }),
  fc.record({
    kind: fc.constant('write' as const),
    offset: fc.integer({ min: 0, max: 200 }),
    text: byteString(40),
  }),
  fc.record({
    kind: fc.constant('setBit' as const),
    offset: fc.integer({ min: 0, max: 2000 }),
    bit: fc.integer({ min: 0, max: 1 }),
  }),
  fc.record({
    kind: fc.constant('setField' as const),
    offset: fc.integer({ min: 0, max: 500 }),
    width: fc.integer({ min: 1, max: 64 }),
    value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  }),
  fc.record({ kind: fc.constant('ensure' as const), length: fc.integer({ min: 0, max: 300 }) }),
  fc.record({
    kind: fc.constant('splice' as const),
    at: fc.integer({ min: 0, max: 300 }),
    removed: fc.integer({ min: 0, max: 10 }),
    text: byteString(10),
  }),
  fc.record({ kind: fc.constant('assign' as const), text: byteString(40) }),
  fc.record({
    kind: fc.constant('slice' as const),
    start: fc.integer({ min: 0, max: 300 }),
    end: fc.integer({ min: 0, max: 300 }),
  }),
)

const pad = (text: string, length: number): string => text.padEnd(length, '\0')

describe('GrowBytes', () => {
  it('does what edits of a plain string do', () => {
    fc.assert(
      fc.property(byteString(100), fc.array(editArb, { maxLength: 30 }), (initial, edits) => {
        const bytes = GrowBytes.from(initial)
        let model = initial
        for (const edit of edits) {
          switch (edit.kind) {
            case 'append':
              bytes.append(edit.text)
              model += edit.text
              break
            case 'write': {
              bytes.write(edit.offset, edit.text)
              if (edit.text === '') break
              const padded = pad(model, edit.offset)
              const end = edit.offset + edit.text.length
              model = padded.slice(0, edit.offset) + edit.text + padded.slice(end)
              break
            }
            case 'setBit': {
              const all = bitsOf(pad(model, Math.floor(edit.offset / 8) + 1))
              expect(bytes.getBit(edit.offset)).toBe(Number(all[edit.offset]))
              expect(bytes.setBit(edit.offset, edit.bit)).toBe(Number(all[edit.offset]))
              model = bytesOf(all.slice(0, edit.offset) + edit.bit + all.slice(edit.offset + 1))
              break
            }
            case 'setField': {
              const { offset, width } = edit
              bytes.setField(offset, width, narrow(edit.value))
              const all = bitsOf(pad(model, Math.ceil((offset + width) / 8)))
              const field = BigInt.asUintN(width, edit.value).toString(2).padStart(width, '0')
              model = bytesOf(all.slice(0, offset) + field + all.slice(offset + width))
              if (width < 64) {
                expect(bytes.getUnsigned(offset, width)).toBe(narrow(BigInt.asUintN(width, edit.value)))
              }
              expect(bytes.getSigned(offset, width)).toBe(narrow(BigInt.asIntN(width, edit.value)))
              break
            }
            case 'ensure':
              bytes.ensureLength(edit.length)
              model = pad(model, edit.length)
              break
            case 'splice': {
              const at = Math.min(edit.at, model.length)
              const removed = Math.min(edit.removed, model.length - at)
              bytes.splice(at, removed, Buffer.from(`${edit.text}rest`, 'latin1'), edit.text.length)
              model = model.slice(0, at) + edit.text + model.slice(at + removed)
              break
            }
            case 'assign':
              bytes.assign(Uint8Array.from(Buffer.from(edit.text, 'latin1')))
              model = edit.text
              if (model === '') break
              bytes.edit()[0] = 0x41
              model = `A${model.slice(1)}`
              break
            case 'slice':
              expect(bytes.slice(edit.start, edit.end)).toBe(model.slice(edit.start, edit.end))
              break
          }
          expect(bytes.length).toBe(model.length)
          expect(bytes.capacity).toBeGreaterThanOrEqual(model.length)
          expect(bytes.toString()).toBe(model)
          expect(Buffer.from(bytes.bytes).toString('latin1')).toBe(model)
        }
        const all = bitsOf(model)
        expect(bytes.popcount()).toBe(all.replaceAll('0', '').length)
        expect(bytes.bitpos(1)).toBe(all.indexOf('1'))
        expect(bytes.bitpos(0)).toBe(all.indexOf('0'))
      }),
      { numRuns: 300 },
    )
  })

  it('does not find bits in its spare room', () => {
    const bytes = GrowBytes.from('\xff')
    bytes.append('\xff')
    expect(bytes.capacity).toBeGreaterThan(bytes.length)
    expect(bytes.bitpos(0, 0, 1000)).toBe(-1)
  })

  it('grows by doubling at first and by an eighth later', () => {
    const small = GrowBytes.from('x'.repeat(1000))
    small.append('y')
    expect(small.capacity).toBe(2002)
    const large = GrowBytes.from('')
    large.ensureLength(64 * 1024 * 1024)
    expect(large.capacity).toBe(72 * 1024 * 1024)
    large.append('end')
    expect(large.length).toBe(64 * 1024 * 1024 + 3)
    expect(large.capacity).toBe(72 * 1024 * 1024)
  })

  it('makes a string of 40 MB without exhausting the stack', () => {
    const bytes = GrowBytes.from('')
    bytes.write(40_000_000, 'tail')
    bytes.setBit(0, 1)
    const text = bytes.toString()
    expect(text.length).toBe(40_000_004)
    expect(text.slice(0, 2)).toBe('\x80\0')
    expect(text.slice(-5)).toBe('\0tail')
    expect(bytes.bitpos(1, 8)).toBe(40_000_000 * 8 + 1)
    expect(bytes.popcount()).toBe(1 + bitsOf('tail').replaceAll('0', '').length)
  })

  it('handles bit offsets beyond 2^32', () => {
    const bytes = GrowBytes.from('')
    const offset = 2 ** 32 + 5
    expect(bytes.setBit(offset, 1)).toBe(0)
    expect(bytes.length).toBe(2 ** 29 + 1)
    expect(bytes.getBit(offset)).toBe(1)
    expect(bytes.bitpos(1, 2 ** 32 - 77)).toBe(offset)
    expect(bytes.popcount(2 ** 32 - 77, offset + 1)).toBe(1)
    expect(bytes.getUnsigned(offset - 30, 31)).toBe(1)
  })
})

describe('bits of a byte string and of an array', () => {
  const bound = fc.integer({ min: 0, max: 900 })
  it('are counted and found in any range', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          byteString(100),
          fc.integer({ min: 0, max: 100 }).map((length) => '\xff'.repeat(length)),
        ),
        fc.integer({ min: 0, max: 799 }),
        bound,
        bound,
        (text, hole, start, end) => {
          // One bit differs from its surroundings, so that a search has to go far.
          const source = GrowBytes.from(text)
          if (hole < text.length * 8) source.setBit(hole, 1 - source.getBit(hole))
          const content = source.toString()
          const range = bitsOf(content).slice(start, Math.max(start, end))
          for (const bytes of [content, Buffer.from(content, 'latin1')]) {
            expect(bits.popcount(bytes, start, end)).toBe(range.replaceAll('0', '').length)
            for (const bit of [0, 1]) {
              const index = range.indexOf(String(bit))
              expect(bits.bitpos(bytes, bit, start, end)).toBe(index < 0 ? -1 : start + index)
            }
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('are read as integers, zeros following the end', () => {
    fc.assert(
      fc.property(
        byteString(30),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 64 }),
        (text, offset, width) => {
          const field = bitsOf(text).slice(offset).padEnd(width, '0').slice(0, width)
          const expected = BigInt(`0b${field}`)
          for (const bytes of [text, Buffer.from(text, 'latin1')]) {
            expect(bits.getBit(bytes, offset)).toBe(Number(field[0]))
            expect(bits.getSigned(bytes, offset, width)).toBe(narrow(BigInt.asIntN(width, expected)))
            if (width < 64) expect(bits.getUnsigned(bytes, offset, width)).toBe(narrow(expected))
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
