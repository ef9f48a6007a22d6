/** The reader of the log: any split of the file, its offsets, every place where a log may end, hostile files. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  beginsWithRdb,
  isTransaction,
  LogReader,
  type LogReaderOptions,
  type LogUnit,
} from '../../../packages/core/src/persistence/log-reader.js'
import { WordCache } from '../../../packages/core/src/protocol/word-cache.js'
import { CorruptError } from '../../../packages/core/src/rdb/corrupt.js'
import { NodeHost } from '../../../packages/node/src/host.js'

const codec = new NodeHost().bytes
const words = new WordCache(codec)

const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
const command = (...args: readonly string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`

interface Reading {
  readonly units: LogUnit[]
  /** Where a log is to be cut, or its end. */
  readonly offset: number
  /** What is wrong with its end. */
  readonly torn: string | undefined
  readonly fault: { readonly reason: string; readonly offset: number } | undefined
}

/** Reads a file that comes in these pieces. */
function read(pieces: Iterable<Uint8Array>, options?: LogReaderOptions): Reading {
  const reader = new LogReader(codec, words, options)
  const units: LogUnit[] = []
  try {
    for (const piece of pieces) {
      reader.push(piece)
      for (let unit = reader.next(); unit !== undefined; unit = reader.next()) units.push(unit)
    }
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptError)
    const fault = { reason: (error as Error).message, offset: reader.faultOffset as number }
    expect(fault.offset).toBeGreaterThanOrEqual(reader.offset)
    return { units, offset: reader.offset, torn: undefined, fault }
  }
  const torn = reader.finish()
  expect(reader.faultOffset).toBeUndefined()
  return { units, offset: reader.offset, torn, fault: undefined }
}

const readText = (text: string, options?: LogReaderOptions): Reading => read([toBytes(text)], options)

function* cut(bytes: Uint8Array, places: readonly number[]): Generator<Uint8Array> {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  let start = 0
  for (const end of [...at, bytes.length]) {
    yield bytes.subarray(start, end)
    start = end
  }
}

const SELECT = command('SELECT', '0')
const SET = command('SET', 'a', '1')
const MULTI = command('MULTI')
const EXEC = command('EXEC')
const NOTE = '#TS:1700000000\r\n'

describe('a log', () => {
  it('is commands, and transactions as a whole', () => {
    const { units, offset, torn } = readText(SELECT + MULTI + SET + SET + EXEC + SET)
    expect(units).toEqual([
      ['SELECT', '0'],
      [
        ['SET', 'a', '1'],
        ['SET', 'a', '1'],
      ],
      ['SET', 'a', '1'],
    ])
    expect(units.map(isTransaction)).toEqual([false, true, false])
    expect(offset).toBe(SELECT.length + 3 * SET.length + MULTI.length + EXEC.length)
    expect(torn).toBeUndefined()
  })

  it('may have an empty transaction, and MULTI and EXEC in any case', () => {
    const { units } = readText(command('multi') + command('ExEc') + command('SETEX', 'k', '1', 'v'))
    expect(units).toEqual([[], ['SETEX', 'k', '1', 'v']])
    expect(isTransaction(units[0] as LogUnit)).toBe(true)
  })

  it('may be empty', () => {
    expect(readText('')).toEqual({ units: [], offset: 0, torn: undefined, fault: undefined })
  })

  it('gives a transaction out with its EXEC, not before', () => {
    const reader = new LogReader(codec, words)
    reader.push(toBytes(SET + MULTI + SET))
    expect(reader.next()).toEqual(['SET', 'a', '1'])
    expect(reader.next()).toBeUndefined()
    expect(reader.isInTransaction).toBe(true)
    expect(reader.offset).toBe(SET.length)
    reader.push(toBytes(EXEC))
    expect(reader.next()).toEqual([['SET', 'a', '1']])
    expect(reader.isInTransaction).toBe(false)
    expect(reader.offset).toBe(2 * SET.length + MULTI.length + EXEC.length)
  })

  it('has annotations, which are handed to who asks for them', () => {
    const notes: string[] = []
    const text = `${NOTE + SET}#lf only\n#\n${MULTI}#inside\r\n${EXEC}#last\r\n`
    const { units, offset, torn } = readText(text, { onAnnotation: (note) => notes.push(note) })
    expect(units).toEqual([['SET', 'a', '1'], []])
    expect(notes).toEqual(['#TS:1700000000', '#lf only', '#', '#inside', '#last'])
    expect(offset).toBe(text.length)
    expect(torn).toBeUndefined()
  })

  it('reads arguments of every length and byte', () => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))
    const args = ['X', '', all, '\r\n', 'y'.repeat(100), 'z'.repeat(70_000), '$3\r\n']
    expect(readText(command(...args)).units).toEqual([args])
    const many = Array.from({ length: 3000 }, (_, i) => String(i))
    expect(readText(command(...many)).units).toEqual([many])
  })

  it('may begin behind an RDB', () => {
    const { offset, units } = readText(SET + SET.slice(0, 9), { offset: 1000 })
    expect(units).toHaveLength(1)
    expect(offset).toBe(1000 + SET.length)
    expect(readText(`${SET}x`, { offset: 1000 }).fault?.offset).toBe(1000 + SET.length)
    expect(beginsWithRdb(toBytes('REDIS0010...'))).toBe(true)
    expect(beginsWithRdb(toBytes('REDI'))).toBe(false)
    expect(beginsWithRdb(toBytes(SET))).toBe(false)
  })
})

// ---- where it may end ---------------------------------------------------------------------------------------

describe('a log that was cut off', () => {
  const parts: { text: string; open?: boolean; note?: boolean }[] = [
    { text: SELECT },
    { text: SET },
    { text: NOTE, note: true },
    { text: SET },
    { text: MULTI, open: true },
    { text: NOTE, open: true },
    { text: SET, open: true },
    { text: command('APPEND', 'a', 'x'.repeat(120)), open: true },
    { text: EXEC },
    { text: NOTE, note: true },
    { text: NOTE, note: true },
    { text: command('SADD', 's', '', '*1\r\n', '#') },
  ]
  const whole = parts.map(({ text }) => text).join('')

  /** Length -> where a log of that length is to be cut; whole logs only for the lengths at which one ends. */
  const wholeAt = new Set([0])
  const cutAt: number[] = [0]
  {
    let length = 0
    let lastUnit = 0
    for (const { text, open, note } of parts) {
      for (let i = 1; i < text.length; i++) cutAt[length + i] = lastUnit
      length += text.length
      if (open !== true) wholeAt.add(length)
      if (open !== true && note !== true) lastUnit = length
      cutAt[length] = open === true ? lastUnit : length
    }
  }

  it('at any byte is cut behind its last whole unit', () => {
    for (let length = 0; length <= whole.length; length++) {
      const { offset, torn, fault } = readText(whole.slice(0, length))
      expect({ length, offset, isWhole: torn === undefined, fault }).toEqual({
        length,
        offset: cutAt[length],
        isWhole: wholeAt.has(length),
        fault: undefined,
      })
      // What is left is whole, and the same commands.
      const again = readText(whole.slice(0, offset))
      expect(again).toMatchObject({ offset, torn: undefined, fault: undefined })
    }
  })

  it('says what it ends in', () => {
    expect(readText(SET + SET.slice(0, 8)).torn).toBe('the file ends inside a command')
    expect(readText(`${SET}*`).torn).toBe('the file ends inside a command')
    expect(readText(`${SET}#TS:17`).torn).toBe('the file ends inside a line of annotation')
    expect(readText(SET + MULTI + SET).torn).toBe('the file ends inside a transaction')
    expect(readText(SET + MULTI + SET.slice(0, 8)).torn).toBe('the file ends inside a transaction')
  })
})

// ---- splits -------------------------------------------------------------------------------------------------

const binary = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replace(/[^\0-\xff]/g, '\xff'))
const longBinary = fc.tuple(binary, fc.nat(500)).map(([text, times]) => text.repeat(Math.min(times, 300)))
const commands = fc
  .array(fc.oneof({ weight: 5, arbitrary: binary }, longBinary), { minLength: 1, maxLength: 6 })
  .filter(([name = '']) => !/^(multi|exec)$/i.test(name))
const notes = fc.constantFrom('#\n', NOTE, '#anything at all \r\n')
const logs = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: commands.map((args) => ({ text: command(...args), unit: args as LogUnit })) },
    {
      weight: 2,
      arbitrary: fc.array(commands, { maxLength: 4 }).map((list) => ({
        text: `${MULTI}${list.map((args) => command(...args)).join('')}${EXEC}`,
        unit: list as LogUnit,
      })),
    },
    { weight: 1, arbitrary: notes.map((text) => ({ text, unit: undefined })) },
  ),
  { maxLength: 10 },
)
const splits = fc.array(fc.nat(100_000), { maxLength: 30 })

describe('however the file comes', () => {
  it('the same comes out, with the same offsets', () => {
    fc.assert(
      fc.property(logs, splits, (parts, places) => {
        const text = parts.map((part) => part.text).join('')
        const units = parts.flatMap(({ unit }) => (unit === undefined ? [] : [unit]))
        const expected = { units, offset: text.length, torn: undefined, fault: undefined }
        expect(readText(text)).toEqual(expected)
        expect(read(cut(toBytes(text), places))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })
})

// ---- what is no log -----------------------------------------------------------------------------------------

describe('what is no log', () => {
  it.each([
    ['SET a 1\r\n', 0, "expected '*', got 'S'"],
    ['\r\n', 0, "expected '*', got byte 0x0d"],
    ['\0\0\0\0', 0, "expected '*', got byte 0x00"],
    ['+OK\r\n', 0, "expected '*', got '+'"],
    ['*0\r\n', 0, 'invalid multibulk length'],
    ['*-1\r\n', 0, 'invalid multibulk length'],
    ['*x', 0, 'invalid multibulk length'],
    ['*\r', 0, 'invalid multibulk length'],
    ['*1\n', 0, 'invalid multibulk length'],
    ['*1\rx', 0, 'invalid multibulk length'],
    ['*01\r\n', 0, 'invalid multibulk length'],
    ['*+1\r\n', 0, 'invalid multibulk length'],
    ['*2147483648', 0, 'invalid multibulk length'],
    ['*1\r\nG', 4, "expected '$', got 'G'"],
    ['*1\r\n#note\r\n', 4, "expected '$', got '#'"],
    ['*1\r\n*1\r\n', 4, "expected '$', got '*'"],
    ['*1\r\n$-1\r\n', 4, 'invalid bulk length'],
    ['*1\r\n$x', 4, 'invalid bulk length'],
    ['*1\r\n$04\r\nPING\r\n', 4, 'invalid bulk length'],
    ['*1\r\n$4\rxPING\r\n', 4, 'invalid bulk length'],
    ['*1\r\n$999999999999\r\n', 4, 'invalid bulk length'],
    ['*1\r\n$00000000000', 4, 'invalid bulk length'],
    ['*1\r\n$4\r\nPINGx', 12, 'a bulk string is longer or shorter than its length says'],
    ['*1\r\n$4\r\nPING\rx', 12, 'a bulk string is longer or shorter than its length says'],
    ['*1\r\n$3\r\nPING\r\n', 11, 'a bulk string is longer or shorter than its length says'],
    [command('EXEC'), 0, 'EXEC without MULTI'],
    [SET + NOTE + EXEC, SET.length + NOTE.length, 'EXEC without MULTI'],
    [MULTI + SET + NOTE + MULTI, MULTI.length + SET.length + NOTE.length, 'MULTI inside a transaction'],
    [`#${'x'.repeat(1022)}`, 0, 'too long line'],
  ])('%j is refused at %i', (text, offset, reason) => {
    const before = SELECT + SET
    expect(readText(before + text).fault).toEqual({ offset: before.length + offset, reason })
    // The same when it comes byte by byte, and with more behind it.
    const bytes = toBytes(`${before + text}*1\r\n`)
    const slowly = read(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)))
    expect(slowly.fault).toEqual({ offset: before.length + offset, reason })
    expect(slowly.offset).toBe(readText(before + text).offset)
  })

  it('an annotation may be as long as Redis lets it', () => {
    expect(readText(`#${'x'.repeat(1020)}\r\n`).fault).toBeUndefined()
    expect(readText(`#${'x'.repeat(1021)}\n`).fault).toBeUndefined()
    expect(readText(`#${'x'.repeat(1022)}\n`).fault).toBeDefined()
  })

  it('mutated in any way is read or refused, never beyond a fault, in whatever pieces', () => {
    const base = SELECT + NOTE + SET + MULTI + command('LPUSH', 'l', 'x'.repeat(30)) + EXEC + SET + NOTE + SET
    const mutations = fc.array(
      fc.record({
        at: fc.nat(base.length),
        remove: fc.nat(12),
        insert: fc.oneof(
          binary.map((text) => text.slice(0, 4)),
          fc.constantFrom(
            '*',
            '$',
            '\r\n',
            '#',
            '*2147483647\r\n',
            '$536870888\r\n',
            MULTI,
            EXEC,
            '0',
            '9',
            '-',
          ),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    )
    fc.assert(
      fc.property(mutations, splits, (edits, places) => {
        let text = base
        for (const { at, remove, insert } of edits)
          text = text.slice(0, at) + insert + text.slice(at + remove)
        const once = readText(text)
        expect(read(cut(toBytes(text), places))).toEqual(once)
        expect(once.offset).toBeLessThanOrEqual(text.length)
        // Cut where it says, a log is whole, and has the same commands.
        expect(readText(text.slice(0, once.offset))).toEqual({
          units: once.units,
          offset: once.offset,
          torn: undefined,
          fault: undefined,
        })
      }),
      { numRuns: 20_000 },
    )
  })

  it('takes memory and time for what is there, not for what it claims', () => {
    for (const claim of ['*2147483647\r\n', '*1\r\n$536870888\r\nx', '*2147483647\r\n$3\r\nabc\r\n']) {
      const before = process.memoryUsage()
      for (let i = 0; i < 200; i++) expect(readText(SET + claim)).toMatchObject({ offset: SET.length })
      const after = process.memoryUsage()
      expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(50e6)
    }
    // One open transaction of many commands, in small pieces.
    const bytes = toBytes(MULTI + command('A').repeat(200_000))
    const pieces = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) =>
      bytes.subarray(i * 1000, i * 1000 + 1000),
    )
    expect(read(pieces)).toMatchObject({ offset: 0, torn: 'the file ends inside a transaction' })
  })
})
