/**
 * Commands that make keys of every type, at sizes on both sides of each limit at which Redis takes another
 * encoding: what the forms in memory and in files depend on. They mean the same on every server and at any time.
 */
import { drawFrom } from './bytes.js'
import type { Argument } from './resp-connection.js'

const FAR_FUTURE_MS = 4_000_000_000_000

const numbers = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i)

/** Bytes that do not compress. */
function noise(bytes: number): string {
  const draw = drawFrom(bytes)
  return numbers(bytes)
    .map(() => String.fromCharCode(draw(256)))
    .join('')
}

/** From 1 to 8 bytes as numbers, with every width that Redis has a form for, and what only looks like a number. */
const STRINGS: readonly string[] = [
  '',
  ...['0', '-1', '12', '13', '127', '128', '-128', '-129', '4095', '4096', '9999', '10000'],
  ...['32767', '32768', '-32769', '8388607', '8388608', '2147483647', '2147483648', '-2147483649'],
  ...['9223372036854775807', '-9223372036854775808', '9223372036854775808', '12345678901234567890'],
  ...['007', '+1', '-0', '1.5', '1e5', ' 1', 'inf'],
  // Ends of the embedded form, of the short lengths of files and listpacks, and where compression begins.
  ...[1, 12, 20, 21, 44, 45, 63, 64, 127, 128, 4095, 4096, 16383, 16384].map((length) => 'x'.repeat(length)),
  noise(20),
  noise(300),
  noise(70_000),
  'compressible '.repeat(30_000),
  String.fromCharCode(...numbers(256)),
]

/** Members by which collections of texts, of numbers, and of both, are tried. */
const mixed = (i: number): string => (i % 3 === 0 ? `text ${i}` : String(i * 7919 - 1_000_000))

function strings(): Argument[][] {
  return [
    ...STRINGS.map((value, i) => ['SET', `string ${i}`, value]),
    ['SETRANGE', 'edited', '70', 'at the end'],
    ['SETBIT', 'bits', '1000', '1'],
    ['APPEND', 'appended', 'a'],
    ['APPEND', 'appended', 'b'],
    ['PFADD', 'sparse counter', 'a', 'b', 'c'],
    ['PFADD', 'dense counter', ...numbers(3000)],
    ['SET', 'key \x00\r\n\xff', 'a key of any bytes'],
    ['SET', '', 'a key of none'],
    ['SET', 'k'.repeat(20_000), 'a long key'],
  ]
}

function lists(): Argument[][] {
  const fill = (name: string, count: number, item: (i: number) => string) => [
    'RPUSH',
    `list ${name}`,
    ...numbers(count).map(item),
  ]
  return [
    fill('of one', 1, () => ''),
    fill('of all strings', STRINGS.length, (i) => STRINGS[i] as string),
    // The limit is 8 KB a node.
    fill('of a full node', 81, () => 'x'.repeat(98)),
    fill('of more than a node', 82, () => 'x'.repeat(98)),
    fill('of many nodes', 3000, mixed),
    fill('of big items', 5, () => noise(9000)),
    ['LPUSH', 'list of many nodes', 'first'],
    ['LREM', 'list of many nodes', '1', mixed(1500)],
  ]
}

function sets(): Argument[][] {
  const fill = (name: string, members: readonly (string | number)[]) => ['SADD', `set ${name}`, ...members]
  return [
    fill('of 16 bits', [1, -32768, 32767]),
    fill('of 32 bits', [1, 32768, -2147483648]),
    fill('of 64 bits', [1, 2147483648, '-9223372036854775808', '9223372036854775807']),
    ...[511, 512, 513].map((count) => fill(`of ${count} numbers`, numbers(count, -100))),
    ...[1, 128, 129, 2000].map((count) => fill(`of ${count}`, numbers(count).map(mixed))),
    ...[64, 65].map((length) => fill(`of ${length} bytes`, ['a', 'x'.repeat(length)])),
    fill('of any bytes', ['', '\x00', '\xff\r\n', noise(500)]),
  ]
}

function hashes(): Argument[][] {
  const fill = (name: string, fields: readonly string[]) => [
    'HSET',
    `hash ${name}`,
    ...fields.flatMap((field, i) => [field, mixed(i)]),
  ]
  return [
    ...[1, 128, 129, 511, 512, 513, 2000].map((count) => fill(`of ${count}`, numbers(count).map(mixed))),
    ...[64, 65].map((length) => ['HSET', `hash of ${length} bytes`, 'field', 'x'.repeat(length)]),
    ...[64, 65].map((length) => ['HSET', `hash of a field of ${length}`, 'x'.repeat(length), 'value']),
    ['HSET', 'hash of any bytes', '', '', '\x00', '\xff', noise(10), noise(500)],
  ]
}

function sortedSets(): Argument[][] {
  const fill = (name: string, members: readonly string[]) => [
    'ZADD',
    `zset ${name}`,
    ...members.flatMap((member, i) => [i % 2 === 0 ? i / 8 : i * 1000 - 50_000, member]),
  ]
  const scores = [
    '-inf',
    '-1e300',
    '-0.1',
    '-0',
    '0',
    '5e-324',
    '0.1',
    '3',
    '9007199254740993',
    '1e17',
    'inf',
  ]
  return [
    ...[1, 127, 128, 129, 2000].map((count) => fill(`of ${count}`, numbers(count).map(mixed))),
    ...[64, 65].map((length) => fill(`of ${length} bytes`, ['a', 'x'.repeat(length)])),
    ['ZADD', 'zset of all scores', ...scores.flatMap((score, i) => [score, `member ${i}`])],
    fill('of any bytes', ['', '\x00', '\xff\r\n', noise(500)]),
  ]
}

function streams(): Argument[][] {
  const entry = (name: string, i: number, ...fields: string[]) => [
    'XADD',
    `stream ${name}`,
    `${1000 + i * 10}-${i % 3}`,
    ...fields,
  ]
  const id = (i: number): string => `${1000 + i * 10}-${i % 3}`
  return [
    ['XGROUP', 'CREATE', 'stream of none', 'group', '$', 'MKSTREAM'],
    // The limits of a node are 100 entries and 4 KB.
    ...[99, 100, 101, 350].flatMap((count) =>
      numbers(count).map((i) => entry(`of ${count}`, i, 'temperature', mixed(i), 'unit', 'K')),
    ),
    ...numbers(60).map((i) =>
      entry('of any fields', i, ...numbers((i % 3) + 1).flatMap((n) => [mixed(i + n), ''])),
    ),
    ...numbers(9).map((i) => entry('of big entries', i, 'f', noise(1000))),
    ['XADD', 'stream of the last id', '18446744073709551615-18446744073709551615', 'f', 'v'],
    ['XADD', 'stream of deleted entries', '1-1', 'f', 'v'],
    ['XDEL', 'stream of deleted entries', '1-1'],
    ['XDEL', 'stream of 350', id(0), id(7), id(120), id(349)],
    ['XTRIM', 'stream of 350', 'MAXLEN', '340'],
    ['XSETID', 'stream of 101', '9999-1', 'ENTRIESADDED', '200', 'MAXDELETEDID', '50-0'],
    ['XGROUP', 'CREATE', 'stream of 101', 'at the end', '$'],
    ['XGROUP', 'CREATE', 'stream of 101', 'in between', id(40), 'ENTRIESREAD', '41'],
    ['XGROUP', 'CREATECONSUMER', 'stream of 101', 'in between', 'idle'],
    ['XGROUP', 'CREATE', 'stream of 350', 'readers', '0'],
    ['XREADGROUP', 'GROUP', 'readers', 'alice', 'COUNT', '150', 'STREAMS', 'stream of 350', '>'],
    ['XREADGROUP', 'GROUP', 'readers', 'bob', 'COUNT', '20', 'STREAMS', 'stream of 350', '>'],
    ['XREADGROUP', 'GROUP', 'readers', '\x00\xff', 'COUNT', '1', 'NOACK', 'STREAMS', 'stream of 350', '>'],
    ['XACK', 'stream of 350', 'readers', id(12), id(13), id(160)],
    [
      'XCLAIM',
      'stream of 350',
      'readers',
      'carol',
      '0',
      id(20),
      'TIME',
      '1700000000000',
      'RETRYCOUNT',
      '300',
    ],
    // Pending, and gone from the stream.
    ['XDEL', 'stream of 350', id(25)],
  ]
}

/** Keys of every type, in three databases. Every third of them expires, in the far future. */
export function dataOfEverySize(): Argument[][] {
  const groups = [strings(), lists(), sets(), hashes(), sortedSets(), streams()]
  const commands: Argument[][] = []
  const expiring = new Set<Argument>()
  for (const command of groups.flat()) {
    commands.push(command)
    const key = command[0] === 'XGROUP' ? command[2] : command[1]
    if (key === undefined || commands.length % 3 > 0 || expiring.has(key)) continue
    expiring.add(key)
    commands.push(['PEXPIREAT', key, FAR_FUTURE_MS + commands.length])
  }
  return [
    ...commands,
    ['SELECT', 1],
    ['SET', 'in database 1', 'x'],
    ['SELECT', 15],
    ['RPUSH', 'in the last one', 'a', 'b'],
    ['PEXPIREAT', 'in the last one', FAR_FUTURE_MS],
    ['SELECT', 0],
  ]
}

/**
 * Commands that a log has in another form than they were sent in: relative times, chance, floats, blocking forms.
 */
export const COMMANDS_OF_A_LOG: readonly (readonly Argument[])[] = [
  ['SET', 'log:ex', 'v', 'EX', '100000'],
  ['SETEX', 'log:setex', '100000', 'v'],
  ['PSETEX', 'log:psetex', '100000000', 'v'],
  ['SET', 'log:get', 'v'],
  ['GETEX', 'log:get', 'EX', '100000'],
  ['SET', 'log:ttl', 'v'],
  ['EXPIRE', 'log:ttl', '100000'],
  ['SET', 'log:gone', 'v'],
  ['EXPIRE', 'log:gone', '-1'],
  ['SET', 'log:persist', 'v', 'EX', '1000'],
  ['PERSIST', 'log:persist'],
  ['GETSET', 'log:persist', 'w'],
  ['SET', 'log:getdel', 'v'],
  ['GETDEL', 'log:getdel'],
  ['INCRBYFLOAT', 'log:float', '3.1'],
  ['INCRBYFLOAT', 'log:float', '1e-5'],
  ['HINCRBYFLOAT', 'log:hash', 'f', '0.1'],
  ['HINCRBY', 'log:hash', 'n', '41'],
  ['SADD', 'log:set', ...numbers(50)],
  ['SPOP', 'log:set'],
  ['SPOP', 'log:set', '10'],
  ['SADD', 'log:spopped', 'a', 'b'],
  ['SPOP', 'log:spopped', '5'],
  ['SMOVE', 'log:set', 'log:moved', '3'],
  ['RPUSH', 'log:list', ...'abcdefghij'],
  ['BLPOP', 'log:list', 'log:other', '1'],
  ['BLMOVE', 'log:list', 'log:other', 'LEFT', 'RIGHT', '1'],
  ['LMPOP', '2', 'log:none', 'log:list', 'RIGHT', 'COUNT', '2'],
  ['BRPOPLPUSH', 'log:list', 'log:list', '1'],
  ['ZADD', 'log:zset', '1', 'a', '2.5', 'b', '3', 'c', '4', 'd'],
  ['ZADD', 'log:zset', 'GT', 'CH', '7', 'a'],
  ['ZINCRBY', 'log:zset', '0.1', 'b'],
  ['BZPOPMIN', 'log:zset', '1'],
  ['ZMPOP', '1', 'log:zset', 'MAX'],
  ['ZRANGESTORE', 'log:range', 'log:zset', '0', '-1'],
  ['ZUNIONSTORE', 'log:union', '2', 'log:zset', 'log:range', 'WEIGHTS', '2', '0.5'],
  ['SORT', 'log:set', 'LIMIT', '0', '5', 'STORE', 'log:sorted'],
  ['SINTERSTORE', 'log:empty', 'log:set', 'log:none'],
  ['XADD', 'log:stream', '*', 'f', 'v'],
  ['XADD', 'log:stream', 'MAXLEN', '~', '100', '*', 'f', 'w'],
  ['XGROUP', 'CREATE', 'log:stream', 'group', '0'],
  ['XREADGROUP', 'GROUP', 'group', 'alice', 'COUNT', '1', 'STREAMS', 'log:stream', '>'],
  ['XAUTOCLAIM', 'log:stream', 'group', 'bob', '0', '0'],
  ['XREADGROUP', 'GROUP', 'group', 'alice', 'BLOCK', '10', 'STREAMS', 'log:stream', '>'],
  ['SETBIT', 'log:bits', '100', '1'],
  ['BITFIELD', 'log:bits', 'SET', 'u8', '8', '255', 'INCRBY', 'i5', '100', '1'],
  ['BITOP', 'NOT', 'log:not', 'log:bits'],
  ['PFADD', 'log:counter of many', 'a', 'b'],
  ['PFMERGE', 'log:merged', 'log:counter of many', 'dense counter'],
  ['GEOADD', 'log:places', '13.361389', '38.115556', 'Palermo', '15.087269', '37.502669', 'Catania'],
  ['GEOSEARCHSTORE', 'log:near', 'log:places', 'FROMMEMBER', 'Catania', 'BYRADIUS', '10', 'km', 'STOREDIST'],
  ['COPY', 'log:ttl', 'log:copy', 'DB', '3'],
  ['MOVE', 'log:copy', '4'],
  ['RENAME', 'log:psetex', 'log:renamed'],
  ['MSETNX', 'log:m1', '1', 'log:m2', '2'],
  ['MULTI'],
  ['INCR', 'log:counter'],
  ['SELECT', '5'],
  ['SPOP', 'log:nothing'],
  ['LPUSH', 'log:in a transaction', 'a'],
  ['EXEC'],
  ['SELECT', '0'],
  ['SWAPDB', '4', '6'],
  ['SELECT', '5'],
  ['FLUSHDB'],
  ['SET', 'log:after the flush', 'v'],
  ['SELECT', '0'],
  ['UNLINK', 'log:m1', 'log:none'],
]
