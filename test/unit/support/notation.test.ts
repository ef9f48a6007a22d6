/** The notation of conformance scripts: what each line means, and that nonsense is refused. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { agree, meets, type Relaxation } from '../../support/comparison.js'
import {
  parseExpected,
  parseScript,
  parseStep,
  type Step,
  script,
  writeCommand,
} from '../../support/notation.js'
import { parseReply } from '../../support/resp-reader.js'

type CommandStep = Step & { kind: 'command' }
const command = (line: string): CommandStep => {
  const step = parseStep(line)
  expect(step.kind).toBe('command')
  return step as CommandStep
}

describe('commands', () => {
  test.each([
    ['SET k v', ['SET', 'k', 'v']],
    [String.raw`SET k "a\x00\xff\r\n\t\"\\"`, ['SET', 'k', 'a\0\xff\r\n\t"\\']],
    ["SET k 'a\\n b'", ['SET', 'k', 'a\\n b']],
    ['SET "" ""', ['SET', '', '']],
    ['SET k héé€', ['SET', 'k', 'h\xe9\xe9\xe2\x82\xac']],
    ['XADD s MAXLEN ~ 10 * f v', ['XADD', 's', 'MAXLEN', '~', '10', '*', 'f', 'v']],
    ['SORT l BY nosort GET # GET w_*', ['SORT', 'l', 'BY', 'nosort', 'GET', '#', 'GET', 'w_*']],
    ['ECHO "~type" "=>"', ['ECHO', '~type', '=>']],
    ['ZADD k > 1', ['ZADD', 'k', '>', '1']],
  ])('%s', (line, args) => {
    expect(command(line)).toMatchObject({ client: '', args, relaxation: {}, both: true })
  })

  test('modifiers', () => {
    expect(command('SMEMBERS s ~unordered').relaxation).toEqual({ unordered: true })
    expect(command('TTL k ~near 2')).toMatchObject({ args: ['TTL', 'k'], relaxation: { near: 2 } })
    expect(command('ZRANGE z 0 -1 ~pairs ~double').relaxation).toEqual({ pairs: true, double: true })
  })

  test('expected replies', () => {
    expect(command('HTTL h FIELDS 1 f => [-1]')).toMatchObject({
      args: ['HTTL', 'h', 'FIELDS', '1', 'f'],
      both: false,
    })
    expect(command('OBJECT ENCODING s ~differs => "listpack"')).toMatchObject({
      args: ['OBJECT', 'ENCODING', 's'],
      both: true,
      expected: { 2: { type: 'bulk', value: 'listpack' } },
    })
  })

  test('clients', () => {
    expect(command('A> BLPOP l 0')).toMatchObject({ client: 'A', args: ['BLPOP', 'l', '0'] })
    expect(parseStep('A<')).toMatchObject({ kind: 'receive', client: 'A' })
    expect(parseStep('two< ~type')).toMatchObject({
      kind: 'receive',
      client: 'two',
      relaxation: { type: true },
    })
    expect(parseStep('A?')).toMatchObject({ kind: 'blocked', client: 'A' })
    expect(parseStep(String.raw`A>> "PING\r\n"`)).toMatchObject({
      kind: 'raw',
      client: 'A',
      args: ['PING\r\n'],
    })
  })

  test('a script counts its lines, leaves out comments and keeps backslashes', () => {
    const parsed = parseScript(script`
      # comment
      SET k "\x00"

      ~no-digest
      GET k`)
    expect(parsed.digest).toBe(false)
    expect(parsed.steps).toMatchObject([
      { line: 3, args: ['SET', 'k', '\0'] },
      { line: 6, args: ['GET', 'k'] },
    ])
  })

  test.each([
    'SET k "open',
    'SET k "a"b',
    'SET k v ~sorted',
    'TTL k ~near',
    'TTL k ~near x',
    'SMEMBERS s ~near 1 ~unordered',
    'GET k ~type => 1',
    'GET k ~differs',
    'GET k =>',
    'GET k => [1, ',
    'GET k => 1 2',
    'GET k => {1}',
    'A< GET k',
    'A? ~type',
    'A>',
    '>> a b',
  ])('refuses %s', (line) => {
    expect(() => parseScript(`PING\n${line}`)).toThrow(/script line 2: /)
  })

  test('what is written is read back', () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
    const word = fc.oneof(
      fc.string({ unit: byte }),
      fc.constantFrom(
        '~type',
        '~',
        '=>',
        '#',
        '#1',
        'A>',
        '>',
        '>>',
        'A<',
        '?',
        '~no-digest',
        '"',
        "'",
        '\\',
      ),
    )
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (args) => {
        expect(parseScript(writeCommand(args)).steps).toMatchObject([{ kind: 'command', client: '', args }])
      }),
    )
  })
})

describe('expected replies', () => {
  const ACCEPTED: [expected: string, resp2: string, resp3: string][] = [
    ['"a\\x00"', '$2\r\na\0\r\n', '$2\r\na\0\r\n'],
    ['12', ':12\r\n', ':12\r\n'],
    ['9223372036854775807', ':9223372036854775807\r\n', ':9223372036854775807\r\n'],
    ['+OK', '+OK\r\n', '+OK\r\n'],
    ['!ERR a, b [c]', '-ERR a, b [c]\r\n', '-ERR a, b [c]\r\n'],
    ['nil', '$-1\r\n', '_\r\n'],
    ['nil', '*-1\r\n', '_\r\n'],
    ['true', ':1\r\n', '#t\r\n'],
    ['false', ':0\r\n', '#f\r\n'],
    ['3.0', '$1\r\n3\r\n', ',3\r\n'],
    ['-inf', '$4\r\n-inf\r\n', ',-inf\r\n'],
    [
      '["a", 1, [nil, +OK], !"ERR x"]',
      '*4\r\n$1\r\na\r\n:1\r\n*2\r\n$-1\r\n+OK\r\n-ERR x\r\n',
      '*4\r\n$1\r\na\r\n:1\r\n*2\r\n_\r\n+OK\r\n-ERR x\r\n',
    ],
    ['[]', '*0\r\n', '*0\r\n'],
    [
      '{"a": 1, "b": 2.5}',
      '*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n$3\r\n2.5\r\n',
      '%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n,2.5\r\n',
    ],
    ['<"a">', '*1\r\n$1\r\na\r\n', '~1\r\n$1\r\na\r\n'],
    ['[any, 1]', '*2\r\n+x\r\n:1\r\n', '*2\r\n_\r\n:1\r\n'],
    ['["a", "1"] | [["a", 1.0]]', '*2\r\n$1\r\na\r\n$1\r\n1\r\n', '*1\r\n*2\r\n$1\r\na\r\n,1\r\n'],
    ['!ERR old | !ERR new', '-ERR old\r\n', '-ERR new\r\n'],
  ]
  test.each(ACCEPTED)('%s', (text, resp2, resp3) => {
    const expected = parseExpected(text)
    expect(meets(parseReply(resp2), expected[2])).toBe(true)
    expect(meets(parseReply(resp3), expected[3])).toBe(true)
  })

  test.each([
    ['"1"', ':1\r\n'],
    ['1', '$1\r\n1\r\n'],
    ['+OK', '$2\r\nOK\r\n'],
    ['"OK"', '+OK\r\n'],
    ['!ERR a', '-ERR a b\r\n'],
    ['nil', '$0\r\n\r\n'],
    ['[]', '*-1\r\n'],
    ['["a"]', '~1\r\n$1\r\na\r\n'],
    ['[1]', '*2\r\n:1\r\n:1\r\n'],
    ['true', ':2\r\n'],
    ['{"a": 1}', '*2\r\n$1\r\na\r\n:2\r\n'],
  ])('%s is not met by %j', (text, raw) => {
    expect(meets(parseReply(raw), parseExpected(text)[2])).toBe(false)
  })
})

describe('relaxations', () => {
  const array = (...items: string[]): string => `*${items.length}\r\n${items.join('')}`
  const [a, b, c] = ['$1\r\na\r\n', '$1\r\nb\r\n', '$1\r\nc\r\n'] as const

  test.each<[string, string, string, Relaxation, boolean]>([
    ['equal bytes', a, a, {}, true],
    ['other bytes', a, b, {}, false],
    ['order counts', array(a, b), array(b, a), {}, false],
    ['unordered', array(a, b), array(b, a), { unordered: true }, true],
    ['unordered counts duplicates', array(a, a, b), array(a, b, b), { unordered: true }, false],
    ['unordered one level down', array(a, array(b, c)), array(a, array(c, b)), { unordered: true }, true],
    ['but no deeper', array(array(array(b, c))), array(array(array(c, b))), { unordered: true }, false],
    ['unordered map', `%2\r\n${a}${b}${b}${c}`, `%2\r\n${b}${c}${a}${b}`, { unordered: true }, true],
    ['a map keeps its pairs', `%2\r\n${a}${b}${b}${c}`, `%2\r\n${a}${c}${b}${b}`, { unordered: true }, false],
    ['pairs', array(a, b, b, c), array(b, c, a, b), { pairs: true }, true],
    ['pairs stay together', array(a, b, b, c), array(a, c, b, b), { pairs: true }, false],
    [
      'pairs of arrays',
      array(array(a, b), array(b, c)),
      array(array(b, c), array(a, b)),
      { pairs: true },
      true,
    ],
    ['type', array(a, ':1\r\n'), array(c, ':2\r\n'), { type: true }, true],
    ['type counts lengths', array(a), array(a, b), { type: true }, false],
    ['type tells nulls apart', '$-1\r\n', '*-1\r\n', { type: true }, false],
    ['kind', array(a), array(a, ':2\r\n'), { kind: true }, true],
    ['kind is a type', array(a), a, { kind: true }, false],
    ['near', ':100\r\n', ':98\r\n', { near: 2 }, true],
    ['not near', ':100\r\n', ':97\r\n', { near: 2 }, false],
    ['near, nested', array(a, ':5\r\n'), array(a, ':6\r\n'), { near: 1 }, true],
    ['near, other text', array(a, ':5\r\n'), array(b, ':5\r\n'), { near: 1 }, false],
    ['double', ',0.10000000000000001\r\n', ',0.1\r\n', { double: true }, true],
    ['double bulk', '$20\r\n0.10000000000000001 \r\n', '$3\r\n0.1\r\n', { double: true }, false],
    [
      'double nested',
      array('$19\r\n0.10000000000000001\r\n'),
      array('$3\r\n0.1\r\n'),
      { double: true },
      true,
    ],
    ['double keeps types', ',1\r\n', ':1\r\n', { double: true }, false],
    ['double infinity', ',inf\r\n', ',-inf\r\n', { double: true }, false],
  ])('%s', (_, redis, russet, relaxation, expected) => {
    expect(agree(parseReply(redis), parseReply(russet), relaxation)).toBe(expected)
  })
})
