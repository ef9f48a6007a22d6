/** Data of every type and form, as the commands that make it, key by key: for measuring what it takes in memory. */

export type Command = readonly (string | number)[]

/** The commands that make the key with this number. */
type Maker = (i: number) => Command[]

const key = (i: number): string => `key:${String(i).padStart(12, '0')}`
/** A text of so many bytes like no other. */
const text = (bytes: number, i: number, j = 0): string =>
  `${i}:${j}:`.padEnd(bytes, 'abcdefghijklmnopqrstuvwxyz')
const times = <T>(count: number, make: (j: number) => T): T[] =>
  Array.from({ length: count }, (_, j) => make(j))
const FAR = 4_000_000_000_000

function hash(i: number, fields: number): Command {
  return ['HSET', key(i), ...times(fields, (j) => [text(10, j, i), text(20, i, j)]).flat()]
}

function zset(i: number, members: number): Command {
  return [
    'ZADD',
    key(i),
    ...times(members, (j) => [((i * 31 + j * 7919) % 10_007) / 8, text(20, i, j)]).flat(),
  ]
}

function list(i: number, elements: number): Command {
  return ['RPUSH', key(i), ...times(elements, (j) => text(20, i, j))]
}

function set(i: number, members: number): Command {
  return ['SADD', key(i), ...times(members, (j) => text(20, i, j))]
}

function stream(i: number, entries: number): Command[] {
  return times(entries, (j) => [
    'XADD',
    key(i),
    `${1_700_000_000_000 + j}-0`,
    'sensor',
    text(12, i, j),
    'value',
    text(8, j, i),
  ])
}

/** Half of what is there goes again, here and there. */
const odd = <T>(all: readonly T[]): T[] => all.filter((_, j) => j % 2 === 1)

export const KINDS: { readonly [kind: string]: Maker } = {
  'strings of 20 bytes': (i) => [['SET', key(i), text(20, i)]],
  'strings of 100 bytes': (i) => [['SET', key(i), text(100, i)]],
  'strings of 10 kB': (i) => [['SET', key(i), text(10_000, i)]],
  'strings, overwritten': (i) => [
    ['SET', key(i), text(500, i)],
    ['SET', key(i), text(60, i)],
  ],
  'small integers': (i) => [['SET', key(i), i]],
  'large integers': (i) => [['SET', key(i), 1_700_000_000_000 + i]],
  'strings that expire': (i) => [['SET', key(i), text(20, i), 'PXAT', FAR + i]],
  'bit strings of 1 kB': (i) => [['SETBIT', key(i), 8000, 1]],
  'appended strings': (i) => times(20, (j) => ['APPEND', key(i), text(20, i, j)]),
  'lists of 5': (i) => [list(i, 5)],
  'lists of 50': (i) => [list(i, 50)],
  'lists of 2000': (i) => [list(i, 2000)],
  'lists of 2000, half removed': (i) => [
    list(i, 2000),
    ...odd(times(2000, (j): Command => ['LREM', key(i), 1, text(20, i, j)])),
  ],
  'hashes of 5': (i) => [hash(i, 5)],
  'hashes of 50': (i) => [hash(i, 50)],
  'hashes of 50, half removed': (i) => [
    hash(i, 50),
    ['HDEL', key(i), ...odd(times(50, (j) => text(10, j, i)))],
  ],
  'hashes of 600': (i) => [hash(i, 600)],
  'hashes of 2000': (i) => [hash(i, 2000)],
  'hashes of 2000, half removed': (i) => [
    hash(i, 2000),
    ['HDEL', key(i), ...odd(times(2000, (j) => text(10, j, i)))],
  ],
  'hashes of 20 with expiring fields': (i) => [
    hash(i, 20),
    ['HPEXPIREAT', key(i), FAR + i, 'FIELDS', 20, ...times(20, (j) => text(10, j, i))],
  ],
  'hashes of 2000 with expiring fields': (i) => [
    hash(i, 2000),
    ['HPEXPIREAT', key(i), FAR + i, 'FIELDS', 2000, ...times(2000, (j) => text(10, j, i))],
  ],
  'sets of 100 integers': (i) => [['SADD', key(i), ...times(100, (j) => i * 100 + j)]],
  'sets of 100 large integers': (i) => [
    ['SADD', key(i), ...times(100, (j) => 1_700_000_000_000 + i * 100 + j)],
  ],
  'sets of 20': (i) => [set(i, 20)],
  'sets of 200': (i) => [set(i, 200)],
  'sets of 5000': (i) => [set(i, 5000)],
  'sets of 5000, half removed': (i) => [
    set(i, 5000),
    ['SREM', key(i), ...odd(times(5000, (j) => text(20, i, j)))],
  ],
  'sorted sets of 5': (i) => [zset(i, 5)],
  'sorted sets of 50': (i) => [zset(i, 50)],
  'sorted sets of 200': (i) => [zset(i, 200)],
  'sorted sets of 5000': (i) => [zset(i, 5000)],
  'sorted sets of 5000, half removed': (i) => [
    zset(i, 5000),
    ['ZREM', key(i), ...odd(times(5000, (j) => text(20, i, j)))],
  ],
  'streams of 5': (i) => stream(i, 5),
  'streams of 1000': (i) => stream(i, 1000),
  'streams of 1000, trimmed to 500': (i) => [...stream(i, 1000), ['XTRIM', key(i), 'MAXLEN', 500]],
  'streams with different fields': (i) =>
    times(200, (j) => ['XADD', key(i), `${j + 1}-0`, text(10, j, i), text(20, i, j)]),
  'streams with groups': (i) => [
    ...stream(i, 3),
    ...times(5, (j): Command => ['XGROUP', 'CREATE', key(i), text(10, j), '0']),
    ...times(5, (j): Command => ['XGROUP', 'CREATECONSUMER', key(i), text(10, j), text(10, j)]),
  ],
  'streams of 1000, all pending': (i) => [
    ...stream(i, 1000),
    ['XGROUP', 'CREATE', key(i), 'group', '0'],
    ...times(
      10,
      (j): Command => ['XREADGROUP', 'GROUP', 'group', `c${j}`, 'COUNT', 100, 'STREAMS', key(i), '>'],
    ),
  ],
}
