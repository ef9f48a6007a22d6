/** UTF-8 against the platform's encoder and decoder. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  byteStringToUint8Array,
  bytesToUtf8,
  uint8ArrayToByteString,
  utf8ToBytes,
} from '../../../packages/core/src/base/utf8.js'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encode = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
const decode = (bytes: string): string => decoder.decode(Buffer.from(bytes, 'latin1'))

/** Bytes at which the rules of UTF-8 change. */
const edgeByte = fc.constantFrom(
  ...[
    0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
    0xef,
  ],
  ...[0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff],
)
const byteString = fc.oneof(fc.array(edgeByte, { maxLength: 12 }), fc.array(fc.nat(255))).map((codes) => {
  return String.fromCharCode(...codes)
})

describe('utf8ToBytes', () => {
  it('agrees with the platform, lone surrogates included', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.nat(0xffff)).map((u) => String.fromCharCode(...u)),
    )
    fc.assert(
      fc.property(text, (t) => {
        expect(utf8ToBytes(t)).toBe(encode(t))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    '',
    'plain',
    'žluťoučký kůň',
    '日本語',
    '🚀 a',
    'a\ud800',
    '\udc00\ud800',
    '\u07ff\u0800\uffff\u{10ffff}',
  ])('%j', (text) => {
    expect(utf8ToBytes(text)).toBe(encode(text))
  })
})

describe('bytesToUtf8', () => {
  it('agrees with the platform for any bytes', () => {
    fc.assert(
      fc.property(byteString, (bytes) => {
        expect(bytesToUtf8(bytes)).toBe(decode(bytes))
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps a byte order mark', () => {
    expect(bytesToUtf8('\xef\xbb\xbfa')).toBe('\ufeffa')
  })

  it('undoes utf8ToBytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (t) => {
        expect(bytesToUtf8(utf8ToBytes(t))).toBe(t)
      }),
    )
    const long = 'ě🚀x'.repeat(30_000)
    expect(bytesToUtf8(utf8ToBytes(long))).toBe(long)
  })
})

describe('byte strings and arrays', () => {
  it('turn into each other', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = uint8ArrayToByteString(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('latin1'))
        expect(byteStringToUint8Array(text)).toEqual(bytes)
      }),
    )
    const big = new Uint8Array(100_000).map((_, i) => i)
    expect(byteStringToUint8Array(uint8ArrayToByteString(big))).toEqual(big)
    expect(uint8ArrayToByteString(big, 250, 260)).toBe('\xfa\xfb\xfc\xfd\xfe\xff\x00\x01\x02\x03')
  })
})
