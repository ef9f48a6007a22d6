/** Replies as bytes, read back by the tests' own reader; pieces that stay as they were taken. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeError, encodeReply, type RespVersion } from '../../../packages/core/src/protocol/encoder.js'
import { OutputBuffer } from '../../../packages/core/src/protocol/output-buffer.js'
import {
  Attributed,
  BigNumber,
  Double,
  ErrorReply,
  MapReply,
  NIL_ARRAY,
  NO_REPLY,
  PairMap,
  PushReply,
  type Reply,
  SetReply,
  Simple,
  Tuples,
  Verbatim,
} from '../../../packages/core/src/protocol/reply.js'
import { NodeHost } from '../../../packages/node/src/host.js'
import { parseReply, type Reply as Read, RespReader } from '../../support/resp-reader.js'

const codec = new NodeHost().bytes

function textOf(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('latin1')
}

function encoded(reply: Reply, resp: RespVersion): string {
  const out = new OutputBuffer(codec, 256)
  encodeReply(out, reply, resp)
  const pieces: Uint8Array[] = []
  const count = out.take(pieces)
  const text = textOf(pieces)
  expect(text).toHaveLength(count)
  return text
}

// ---- replies, and what a client is to read ----------------------------------------------------------------

/** What the reader gives, without the bytes of each part. */
type Seen = unknown

function seen(reply: Read): Seen {
  const attributes = reply.attributes?.map(([name, value]) => [seen(name), seen(value)])
  const plain = (): Seen => {
    switch (reply.type) {
      case 'array':
      case 'set':
      case 'push':
        return [reply.type, ...reply.value.map(seen)]
      case 'map':
        return ['map', ...reply.value.map(([key, value]) => [seen(key), seen(value)])]
      case 'verbatim':
        return ['verbatim', reply.format, reply.value]
      case 'null':
      case 'null bulk':
      case 'null array':
      case 'closed':
        return [reply.type]
      default:
        return [reply.type, reply.value]
    }
  }
  return attributes === undefined ? plain() : ['attributed', attributes, plain()]
}

interface Case {
  readonly reply: Reply
  readonly resp2: Seen
  readonly resp3: Seen
}

const same = (reply: Reply, both: Seen): Case => ({ reply, resp2: both, resp3: both })
const bytes = fc.string({ unit: 'binary', maxLength: 80 }).map((text) => text.replace(/[^\0-\xff]/g, '\xfe'))
const line = fc.stringMatching(/^[ -~]{0,60}$/)
const sizes = fc.constantFrom(47, 48, 49, 255, 256, 300, 5000)

const leaf: fc.Arbitrary<Case> = fc.oneof(
  bytes.map((text) => same(text, ['bulk', text])),
  sizes.map((size) => same('\xff'.repeat(size), ['bulk', '\xff'.repeat(size)])),
  fc.maxSafeInteger().map((n) => same(n, ['integer', BigInt(n)])),
  fc.integer({ min: -200, max: 200 }).map((n) => same(n, ['integer', BigInt(n)])),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => same(n, ['integer', n])),
  fc.boolean().map((yes) => ({ reply: yes, resp2: ['integer', yes ? 1n : 0n], resp3: ['boolean', yes] })),
  fc.constant({ reply: null, resp2: ['null bulk'], resp3: ['null'] }),
  fc.constant({ reply: NIL_ARRAY, resp2: ['null array'], resp3: ['null'] }),
  line.map((text) => same(new Simple(text), ['simple', text])),
  line.map((text) => same(new ErrorReply(text), ['error', text])),
  bytes.map((text) => same(new ErrorReply(text), ['error', text.replace(/[\r\n]/g, ' ')])),
  fc.constantFrom(
    ...(
      [
        [3, '3'],
        [-0.5, '-0.5'],
        [1 / 0, 'inf'],
        [-1 / 0, '-inf'],
        [1e21, '1e+21'],
      ] as const
    ).map(([n, text]): Case => ({ reply: new Double(n), resp2: ['bulk', text], resp3: ['double', text] })),
  ),
  fc.tuple(bytes, fc.constantFrom('txt' as const, 'mkd' as const)).map(([text, format]) => ({
    reply: new Verbatim(text, format),
    resp2: ['bulk', text],
    resp3: ['verbatim', format, text],
  })),
  fc.bigInt().map((n) => ({
    reply: new BigNumber(String(n)),
    resp2: ['bulk', String(n)],
    resp3: ['bignum', String(n)],
  })),
)

const pairsOf = (flat: readonly Case[], side: 'resp2' | 'resp3') => {
  const pairs: Seen[][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([(flat[i] as Case)[side], (flat[i + 1] as Case)[side]])
  return pairs
}

const { reply: replies } = fc.letrec<{ reply: Case }>((tie) => {
  const items = fc.array(tie('reply'), { maxLength: 5 })
  const flat = fc.array(fc.tuple(tie('reply'), tie('reply')), { maxLength: 4 }).map((pairs) => pairs.flat())
  const of = (cases: readonly Case[]) => cases.map(({ reply }) => reply)
  const resp2Items = (cases: readonly Case[]) => ['array', ...cases.map(({ resp2 }) => resp2)]
  return {
    reply: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      items.map((all) => ({
        reply: of(all),
        resp2: resp2Items(all),
        resp3: ['array', ...all.map(({ resp3 }) => resp3)],
      })),
      items.map((all) => ({
        reply: new SetReply(of(all)),
        resp2: resp2Items(all),
        resp3: ['set', ...all.map(({ resp3 }) => resp3)],
      })),
      items.map((all) => ({
        reply: new PushReply(of(all)),
        resp2: resp2Items(all),
        resp3: ['push', ...all.map(({ resp3 }) => resp3)],
      })),
      flat.map((all) => ({
        reply: new MapReply(of(all)),
        resp2: resp2Items(all),
        resp3: ['map', ...pairsOf(all, 'resp3')],
      })),
      flat.map((all) => ({
        reply: new Tuples(of(all)),
        resp2: resp2Items(all),
        resp3: ['array', ...pairsOf(all, 'resp3').map((pair) => ['array', ...pair])],
      })),
      flat.map((all) => ({
        reply: new PairMap(of(all)),
        resp2: ['array', ...pairsOf(all, 'resp2').map((pair) => ['array', ...pair])],
        resp3: ['map', ...pairsOf(all, 'resp3')],
      })),
    ),
  }
})

describe('every reply is read as it was meant', () => {
  it('in RESP2 and RESP3, nested in any way', () => {
    fc.assert(
      fc.property(replies, ({ reply, resp2, resp3 }) => {
        expect(seen(parseReply(encoded(reply, 2)))).toEqual(resp2)
        expect(seen(parseReply(encoded(reply, 3)))).toEqual(resp3)
      }),
      { numRuns: 2000 },
    )
  })

  it('with attributes, which RESP2 does not have', () => {
    fc.assert(
      fc.property(replies, replies, ({ reply, resp2, resp3 }, value) => {
        const attributed = new Attributed(['ttl', value.reply], reply)
        expect(seen(parseReply(encoded(attributed, 2)))).toEqual(resp2)
        expect(seen(parseReply(encoded(attributed, 3)))).toEqual([
          'attributed',
          [[['bulk', 'ttl'], value.resp3]],
          resp3,
        ])
      }),
    )
  })

  it('and in place of no reply among others there is nil', () => {
    expect(encoded(['a', NO_REPLY], 2)).toBe('*2\r\n$1\r\na\r\n$-1\r\n')
    expect(encoded(['a', NO_REPLY], 3)).toBe('*2\r\n$1\r\na\r\n_\r\n')
  })

  it('what is no reply is a fault, not bytes', () => {
    expect(() => encoded(new Map() as unknown as Reply, 3)).toThrow(/no encoding/)
  })

  it('an error stays one line', () => {
    const out = new OutputBuffer(codec)
    encodeError(out, 'ERR a\r\nb\nc')
    const pieces: Uint8Array[] = []
    out.take(pieces)
    expect(textOf(pieces)).toBe('-ERR a  b c\r\n')
  })
})

describe('an output buffer', () => {
  type Write = { readonly text: string } | { readonly integer: number } | 'take'
  const writes: fc.Arbitrary<Write[]> = fc.array(
    fc.oneof(
      fc.tuple(bytes, fc.nat(40)).map(([text, times]) => ({ text: text.repeat(times) })),
      fc.maxSafeInteger().map((integer) => ({ integer })),
      fc.constant('take' as const),
    ),
    { maxLength: 60 },
  )

  it('gives everything once, in order, and never writes to a piece that was taken', () => {
    fc.assert(
      fc.property(writes, fc.constantFrom(64, 300, 4096, 65_536), (all, slabBytes) => {
        const out = new OutputBuffer(codec, slabBytes)
        const taken: { pieces: Uint8Array[]; text: string }[] = []
        let expected = ''
        const take = () => {
          const pieces: Uint8Array[] = []
          expect(out.pendingBytes).toBe(expected.length)
          expect(out.take(pieces)).toBe(expected.length)
          expect(out.pendingBytes).toBe(0)
          expect(pieces.every((piece) => piece.length > 0)).toBe(true)
          taken.push({ pieces, text: expected })
          expected = ''
        }
        for (const write of all) {
          if (write === 'take') take()
          else if ('text' in write) {
            out.write(write.text)
            out.writeLineEnd()
            expected += `${write.text}\r\n`
          } else {
            out.writeByte(0x3a)
            out.writeInteger(write.integer)
            expected += `:${write.integer}`
          }
        }
        take()
        for (const { pieces, text } of taken) expect(textOf(pieces)).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it('writes every size of integer', () => {
    const integers = [0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]
    for (const n of [...integers, ...integers.map((each) => 0 - each)]) {
      const out = new OutputBuffer(codec, 32)
      out.writeInteger(n)
      const pieces: Uint8Array[] = []
      out.take(pieces)
      expect(textOf(pieces)).toBe(String(n))
    }
  })

  it('takes no more memory for a long output than it is long', () => {
    const before = process.memoryUsage().arrayBuffers
    const out = new OutputBuffer(codec)
    for (let i = 0; i < 64; i++) out.write('x'.repeat(1024 * 1024))
    const pieces: Uint8Array[] = []
    expect(out.take(pieces)).toBe(64 * 1024 * 1024)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80 * 1024 * 1024)
    expect(pieces).toHaveLength(64)
  })

  it('is read by a client in whatever pieces it leaves', () => {
    fc.assert(
      fc.property(fc.array(replies, { maxLength: 10 }), (all) => {
        const out = new OutputBuffer(codec, 128)
        const pieces: Uint8Array[] = []
        for (const { reply } of all) {
          encodeReply(out, reply, 3)
          out.take(pieces)
        }
        const reader = new RespReader()
        const read: Seen[] = []
        for (const piece of pieces) {
          reader.push(Buffer.from(piece).toString('latin1'))
          for (let next = reader.next(); next !== undefined; next = reader.next()) read.push(seen(next))
        }
        expect(read).toEqual(all.map(({ resp3 }) => resp3))
      }),
    )
  })
})
