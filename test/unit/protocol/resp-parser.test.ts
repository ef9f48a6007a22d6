/** The parser of requests: any split of the input, hostile input, bounded memory and time. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_STRING_BYTES } from '../../../packages/core/src/base/string-limit.js'
import { ProtocolError, RespParser } from '../../../packages/core/src/protocol/resp-parser.js'
import { WordCache } from '../../../packages/core/src/protocol/word-cache.js'
import { NodeHost } from '../../../packages/node/src/host.js'

const codec = new NodeHost().bytes
const words = new WordCache(codec)

const newParser = () => new RespParser(codec, words)
const toBytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const encode = (args: readonly string[]) =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`

/** Hands over the input in these pieces, in one buffer that is overwritten each time, as a socket's is. */
function parse(parser: RespParser, pieces: Iterable<Uint8Array>): { commands: string[][]; error?: unknown } {
  const commands: string[][] = []
  try {
    for (const piece of pieces) {
      const shared = piece.slice()
      parser.push(shared)
      for (let args = parser.next(); args !== undefined; args = parser.next()) commands.push(args)
      parser.retain()
      shared.fill(0xaa)
    }
  } catch (error) {
    return { commands, error }
  }
  return { commands }
}

/** All of it at once. */
const parseWhole = (text: string, parser = newParser()) => parse(parser, [toBytes(text)])

function* cut(bytes: Uint8Array, places: readonly number[]): Generator<Uint8Array> {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  let start = 0
  for (const end of [...at, bytes.length]) {
    yield bytes.subarray(start, end)
    start = end
  }
}

const binary = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replace(/[^\0-\xff]/g, '\xff'))
const longBinary = fc
  .tuple(binary, fc.nat(3000))
  .map(([text, times]) => text.repeat(Math.min(times, 20_000 / (text.length + 1))))
const requests = fc.array(fc.oneof({ weight: 5, arbitrary: binary }, longBinary), {
  minLength: 1,
  maxLength: 8,
})
const inlineWord = fc.stringMatching(/^[!#-&(-~]{1,12}$/).filter((word) => !word.startsWith('*'))
const inlines = fc.array(inlineWord, { minLength: 1, maxLength: 5 })

/** What is sent, and the command that is to come out: nothing of an empty line or array. */
const pieces = fc.oneof(
  { weight: 6, arbitrary: requests.map((args) => ({ text: encode(args), args })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(inlines, fc.constantFrom('\n', '\r\n'))
      .map(([args, end]) => ({ text: `${args.join(' ')}${end}`, args })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('*0\r\n', '*-1\r\n', '\r\n', '\n', '  \n')
      .map((text) => ({ text, args: undefined })),
  },
)
const pipelines = fc.array(pieces, { maxLength: 12 })
const splits = fc.array(fc.nat(100_000), { maxLength: 40 })

describe('what is sent comes out', () => {
  it('in one piece and in any others', () => {
    fc.assert(
      fc.property(pipelines, splits, (pipeline, places) => {
        const text = pipeline.map((part) => part.text).join('')
        const expected = pipeline.flatMap(({ args }) => (args === undefined ? [] : [args]))
        expect(parseWhole(text)).toEqual({ commands: expected })
        const parser = newParser()
        expect(parse(parser, cut(toBytes(text), places))).toEqual({ commands: expected })
        expect(parser.bufferedBytes).toBe(0)
        expect(parser.argumentBytes).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it('byte by byte', () => {
    fc.assert(
      fc.property(pipelines, (pipeline) => {
        const bytes = toBytes(
          pipeline
            .map((part) => part.text)
            .join('')
            .slice(0, 3000),
        )
        const whole = parse(newParser(), [bytes])
        expect(
          parse(
            newParser(),
            Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)),
          ),
        ).toEqual(whole)
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    ['SET "a b" \'c\\\'d\' "\\x00\\n"\r\n', [['SET', 'a b', "c'd", '\0\n']]],
    ['*1\r\n$4\r\nPING\r\nPING\r\n', [['PING'], ['PING']]],
    // The bytes behind a bulk are not looked at, as in Redis.
    ['*1\r\n$4\r\nPINGxxPING\n', [['PING'], ['PING']]],
    ['*-2147483649\r\nPING\n', [['PING']]],
  ])('%j', (text, commands) => {
    expect(parseWhole(text)).toEqual({ commands })
  })
})

describe('what is not RESP', () => {
  const refusals: [string, string][] = [
    ['*2147483648\r\n', 'invalid multibulk length'],
    ['*99999999999999999999\r\n', 'invalid multibulk length'],
    ['*-99999999999999999999\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*-0\r\n', 'invalid multibulk length'],
    ['* 1\r\n', 'invalid multibulk length'],
    ['*1x\r\n', 'invalid multibulk length'],
    ['*\r\n', 'invalid multibulk length'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$-3000000000\r\n', 'invalid bulk length'],
    ['*1\r\n$536870912\r\n', 'invalid bulk length'],
    ['*1\r\n$536870889\r\n', 'invalid bulk length'],
    ['*1\r\n$99999999999999999999\r\n', 'invalid bulk length'],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$1e3\r\n', 'invalid bulk length'],
    ['*1\r\n:4\r\n', "expected '$', got ':'"],
    ['*2\r\n$1\r\na\r\nPING\r\n', "expected '$', got 'P'"],
    ['SET "a\r\n', 'unbalanced quotes in request'],
    ["SET 'a'b\r\n", 'unbalanced quotes in request'],
    [`*${'1'.repeat(70_000)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(70_000)}`, 'too big bulk count string'],
    ['x'.repeat(70_000), 'too big inline request'],
    [`${'x'.repeat(70_000)}\r\n`, 'too big inline request'],
  ]

  it.each(refusals)('%.40j is refused: %s', (text, message) => {
    const { commands, error } = parseWhole(text)
    expect(commands).toEqual([])
    expect(error).toBeInstanceOf(ProtocolError)
    expect((error as Error).message).toBe(message)
  })

  it.each(refusals)('%.40j is refused in any split', (text, message) => {
    fc.assert(
      fc.property(splits, (places) => {
        const { error } = parse(newParser(), cut(toBytes(text), places))
        expect((error as Error)?.message).toBe(message)
      }),
      { numRuns: 20 },
    )
  })

  it.each([
    ['*11\r\n', 'unauthenticated multibulk length'],
    ['*1\r\n$16385\r\n', 'unauthenticated bulk length'],
  ])('%j before authentication', (text, message) => {
    const parser = newParser()
    parser.authenticated = false
    expect((parseWhole(text, parser).error as Error).message).toBe(message)
    expect(parseWhole(text).error).toBeUndefined()
  })

  it('the limit for bulks is the setting, and never above what a string can hold', () => {
    const parser = newParser()
    parser.maxBulkBytes = 1024
    expect(parseWhole('*1\r\n$1025\r\n', parser).error).toBeInstanceOf(ProtocolError)
    const generous = newParser()
    generous.maxBulkBytes = 2 ** 40
    expect(parseWhole(`*1\r\n$${MAX_STRING_BYTES + 1}\r\n`, generous).error).toBeInstanceOf(ProtocolError)
    const longest = newParser()
    expect(parseWhole(`*1\r\n$${MAX_STRING_BYTES}\r\n`, longest).error).toBeUndefined()
    expect('x'.repeat(MAX_STRING_BYTES)).toHaveLength(MAX_STRING_BYTES)
  })

  it('an announced length takes no memory before its bytes come', () => {
    const before = process.memoryUsage().arrayBuffers
    const parsers = Array.from({ length: 100 }, () => {
      const parser = newParser()
      expect(parseWhole('*2147483647\r\n$536870888\r\nab', parser)).toEqual({ commands: [] })
      return parser
    })
    expect(parsers[0]?.bufferedBytes).toBe(2)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * 1024 * 1024)
  })

  it('counts what the arguments of an unfinished command take', () => {
    const parser = newParser()
    const count = 50_000
    parse(parser, [toBytes(`*2147483647\r\n${'$3\r\nabc\r\n'.repeat(count)}`)])
    expect(parser.argumentBytes).toBeGreaterThanOrEqual(count * 3)
    expect(parser.argumentBytes).toBeLessThan(count * 100)
  })

  it('mutated pipelines never crash, never hang and never keep more than came in', () => {
    const hostile = fc.constantFrom(
      '*2147483647\r\n',
      '$-1\r\n',
      '$99999999999999999999\r\n',
      '*1\r\n$536870912\r\n',
      '\r',
      '\n',
      '\0',
      '*',
      '$',
      '-',
      '"',
      "'",
      '*3\r\n',
      '$0\r\n\r\n',
    ) // prettier-ignore
    const mutation = fc.oneof(
      fc.record({ kind: fc.constant('flip' as const), at: fc.nat(100_000), text: fc.nat(255).map(String) }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat(100_000), text: fc.constant('') }),
      fc.record({ kind: fc.constant('insert' as const), at: fc.nat(100_000), text: hostile }),
      fc.record({ kind: fc.constant('drop' as const), at: fc.nat(100_000), text: fc.constant('') }),
    )
    fc.assert(
      fc.property(
        pipelines,
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        splits,
        (pipeline, mutations, places) => {
          let text = pipeline.map((part) => part.text).join('')
          for (const { kind, at, text: extra } of mutations) {
            const i = at % (text.length + 1)
            if (kind === 'flip')
              text = text.slice(0, i) + String.fromCharCode(Number(extra)) + text.slice(i + 1)
            else if (kind === 'cut') text = text.slice(0, i)
            else if (kind === 'insert') text = text.slice(0, i) + extra + text.slice(i)
            else text = text.slice(0, i) + text.slice(i + 1)
          }
          const parser = newParser()
          const split = parse(parser, cut(toBytes(text), places))
          const whole = parseWhole(text)
          expect(split.commands).toEqual(whole.commands)
          for (const { error } of [split, whole]) {
            if (error !== undefined) expect(error).toBeInstanceOf(ProtocolError)
          }
          expect((split.error as Error)?.message).toBe((whole.error as Error)?.message)
          expect(parser.bufferedBytes).toBeLessThanOrEqual(text.length)
        },
      ),
      { numRuns: 2000 },
    )
  }, 60_000)
})

describe('a long bulk string', () => {
  /** Milliseconds that a bulk of `bytes` takes when it comes in chunks of 64 KB, and what comes out. */
  function timed(bytes: number): number {
    const chunk = new Uint8Array(65_536).fill(0x61)
    function* chunks(): Generator<Uint8Array> {
      yield toBytes(`*1\r\n$${bytes}\r\n`)
      for (let sent = 0; sent < bytes; sent += chunk.length)
        yield chunk.subarray(0, Math.min(chunk.length, bytes - sent))
      yield toBytes('\r\n')
    }
    const parser = newParser()
    const startMs = performance.now()
    const commands: string[][] = []
    for (const piece of chunks()) {
      parser.push(piece)
      for (let args = parser.next(); args !== undefined; args = parser.next()) commands.push(args)
      parser.retain()
    }
    const tookMs = performance.now() - startMs
    expect(commands).toHaveLength(1)
    expect(commands[0]?.[0]).toHaveLength(bytes)
    return tookMs
  }

  it('costs time in proportion to its length', () => {
    // The best of several runs: what the collector and other processes take is no matter of the parser's.
    const best = (bytes: number) => Math.min(...Array.from({ length: 5 }, () => timed(bytes)))
    const short = Math.max(1, best(4 * 1024 * 1024))
    // Sixteen times the length; were every byte copied for every chunk, it would be 256 times the time.
    expect(best(64 * 1024 * 1024) / short).toBeLessThan(100)
  })

  it('gives its memory back when it is done', () => {
    const bytes = 32 * 1024 * 1024
    const parser = newParser()
    parse(parser, [toBytes(`*1\r\n$${bytes}\r\n`)])
    for (let sent = 0; sent < bytes; sent += 1024 * 1024) {
      parser.push(new Uint8Array(1024 * 1024))
      expect(parser.next()).toBeUndefined()
      parser.retain()
    }
    expect(parser.bufferedBytes).toBe(bytes)
    parser.push(toBytes('\r\n'))
    expect(parser.next()?.[0]).toHaveLength(bytes)
    parser.retain()
    expect(parser.heldBytes).toBe(0)
  })
})
