/** The tests' own RESP reader: what it accepts, and that the pieces in which bytes arrive do not matter. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseReply, printReply, quoteBytes, type Reply, RespReader } from '../../support/resp-reader.js'

const REPLIES = [
  '+OK\r\n',
  '-ERR no such key\r\n',
  ':-9223372036854775808\r\n',
  '$5\r\na\r\nb\0\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*3\r\n:1\r\n*1\r\n$1\r\nx\r\n$-1\r\n',
  '_\r\n',
  '#t\r\n',
  ',3.5\r\n',
  ',-inf\r\n',
  ',nan\r\n',
  ',1e-10\r\n',
  '(12345678901234567890123\r\n',
  '!8\r\nERR a\r\nb\r\n',
  '=8\r\ntxt:a\r\nb\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n%0\r\n',
  '~2\r\n+a\r\n+b\r\n',
  '>2\r\n$7\r\nmessage\r\n+x\r\n',
  '|1\r\n+ttl\r\n:5\r\n$1\r\nv\r\n',
]

function readAll(pieces: readonly string[]): Reply[] {
  const reader = new RespReader()
  const replies: Reply[] = []
  for (const piece of pieces) {
    reader.push(piece)
    for (let reply = reader.next(); reply !== undefined; reply = reader.next()) replies.push(reply)
  }
  expect(reader.rest).toBe('')
  return replies
}

describe('RespReader', () => {
  test('keeps the exact bytes of each reply', () => {
    expect(readAll([REPLIES.join('')]).map((reply) => reply.raw)).toEqual(REPLIES)
  })

  test('tells the kinds of nothing apart', () => {
    expect(['$-1\r\n', '*-1\r\n', '_\r\n'].map((raw) => parseReply(raw).type)).toEqual([
      'null bulk',
      'null array',
      'null',
    ])
  })

  test('parses values and nesting', () => {
    expect(parseReply('*2\r\n:9223372036854775807\r\n%1\r\n$1\r\n\xff\r\n=5\r\ntxt:z\r\n')).toMatchObject({
      type: 'array',
      value: [
        { type: 'integer', value: 9223372036854775807n },
        {
          type: 'map',
          value: [
            [
              { type: 'bulk', value: '\xff' },
              { type: 'verbatim', format: 'txt', value: 'z' },
            ],
          ],
        },
      ],
    })
    expect(parseReply('|1\r\n+ttl\r\n:5\r\n$1\r\nv\r\n')).toMatchObject({
      type: 'bulk',
      value: 'v',
      attributes: [[{ value: 'ttl' }, { value: 5n }]],
    })
  })

  test('any split of the bytes gives the same replies', () => {
    const whole = REPLIES.join('')
    const cuts = fc
      .array(fc.nat(whole.length))
      .map((points) => [0, ...points.sort((a, b) => a - b), whole.length])
    fc.assert(
      fc.property(cuts, (points) => {
        const pieces = points.slice(1).map((end, i) => whole.slice(points[i], end))
        expect(readAll(pieces).map((reply) => reply.raw)).toEqual(REPLIES)
      }),
    )
  })

  test.each([
    'x\r\n',
    ':1.5\r\n',
    '$-2\r\n',
    '$1\r\nab\r\n',
    '#x\r\n',
    ',one\r\n',
    '*x\r\n',
    '_x\r\n',
    '(1.0\r\n',
    '=2\r\nab\r\n',
  ])('refuses %j', (bytes) => {
    expect(() => parseReply(bytes)).toThrow(/RESP/)
  })
})

test('a printed reply shows types and structure', () => {
  expect(printReply(parseReply('*3\r\n+OK\r\n$2\r\n"\n\r\n*1\r\n:1\r\n'))).toBe(
    ['(array)', '  1) +OK', '  2) "\\"\\n"', '  3) (array)', '    1) (integer) 1'].join('\n'),
  )
  expect(quoteBytes('\0\xffé\t\\')).toBe('"\\x00\\xff\\xe9\\t\\\\"')
})
