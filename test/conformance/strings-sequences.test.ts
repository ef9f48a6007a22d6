/** Random sequences of string and bitmap commands on the same few keys. */
import fc from 'fast-check'
import {
  command,
  floats,
  group,
  indexes,
  integers,
  keys,
  maybe,
  members,
  oneOf,
  relaxed,
  several,
  values,
} from '../support/arbitraries.js'
import { checkSequences } from '../support/sequences.js'

/** Far enough ahead that nothing expires, near enough to be compared. */
const expiry = fc.oneof(
  group(oneOf('EX', 'px'), oneOf('100000', '0', '-1', 'x', '9223372036854775807')),
  group(oneOf('EXAT', 'PXAT'), oneOf('33177117420', '0', '3317711742000')),
  group(oneOf('KEEPTTL', 'PERSIST', 'NX', 'XX', 'GET', 'nx', 'foo')),
)

const offsets = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 40 }).map(String) },
  { weight: 1, arbitrary: integers().filter((text) => !(Number(text) > 1e6)) },
)

checkSequences({
  name: 'strings',
  runs: 40,
  commands: fc.oneof(
    { weight: 6, arbitrary: command('SET', keys(), values()) },
    { weight: 4, arbitrary: command('SET', keys(), values(), expiry, maybe(expiry), maybe(expiry)) },
    { weight: 4, arbitrary: command('GET', keys()) },
    command('GETEX', keys(), maybe(expiry), maybe(expiry)),
    command('GETDEL', keys()),
    command('GETSET', keys(), values()),
    command('SETNX', keys(), values()),
    command('SETEX', keys(), oneOf('100000', '0', 'x'), values()),
    command('PSETEX', keys(), oneOf('100000000', '-1', 'x'), values()),
    command('MSET', several(1, 3, keys(), values())),
    command('MSETNX', several(1, 3, keys(6), values())),
    command('MGET', several(1, 4, keys())),
    { weight: 3, arbitrary: command('APPEND', keys(), values()) },
    { weight: 3, arbitrary: command('SETRANGE', keys(), offsets, values()) },
    { weight: 2, arbitrary: command('GETRANGE', keys(), indexes(), indexes()) },
    command('STRLEN', keys()),
    { weight: 2, arbitrary: command(oneOf('INCR', 'DECR'), keys()) },
    { weight: 3, arbitrary: command(oneOf('INCRBY', 'DECRBY'), keys(), integers()) },
    { weight: 2, arbitrary: command('INCRBYFLOAT', keys(), floats()) },
    command(
      'LCS',
      keys(),
      keys(),
      maybe(oneOf('LEN', 'IDX')),
      maybe('WITHMATCHLEN'),
      maybe('MINMATCHLEN', integers()),
    ),
    relaxed({ near: 1 }, command('TTL', keys())),
    command('OBJECT', 'ENCODING', keys()).map((one) => ({ ...one, relaxation: { kind: true } })),
    command('SADD', keys(), members()),
    command('DEL', keys()),
  ),
})

const width = fc.oneof(
  fc.integer({ min: 1, max: 64 }),
  fc.constantFrom(1, 8, 16, 31, 32, 33, 53, 54, 63, 64, 65, 0),
)
const field = fc.tuple(oneOf('u', 'i'), width).map(([sign, bits]) => `${sign}${bits}`)
const place = fc.oneof(
  offsets,
  fc.integer({ min: 0, max: 6 }).map((n) => `#${n}`),
)
const operation = fc.oneof(
  group('GET', field, place),
  group('SET', field, place, integers()),
  group('INCRBY', field, place, integers()),
  group('OVERFLOW', oneOf('WRAP', 'SAT', 'FAIL', 'sat')),
)

checkSequences({
  name: 'bitmaps',
  runs: 40,
  commands: fc.oneof(
    { weight: 2, arbitrary: command('SET', keys(), values()) },
    { weight: 3, arbitrary: command('SETBIT', keys(), offsets, oneOf('0', '1', '1', '2')) },
    { weight: 2, arbitrary: command('GETBIT', keys(), offsets) },
    {
      weight: 3,
      arbitrary: command('BITOP', oneOf('AND', 'OR', 'XOR', 'NOT', 'not'), keys(), several(1, 4, keys())),
    },
    { weight: 3, arbitrary: command('BITOP', 'NOT', keys(), keys()) },
    command('BITCOUNT', keys()),
    { weight: 3, arbitrary: command('BITCOUNT', keys(), indexes(), indexes(), maybe(oneOf('BIT', 'byte'))) },
    command('BITPOS', keys(), oneOf('0', '1')),
    command('BITPOS', keys(), oneOf('0', '1'), indexes()),
    {
      weight: 3,
      arbitrary: command(
        'BITPOS',
        keys(),
        oneOf('0', '1'),
        indexes(),
        indexes(),
        maybe(oneOf('BIT', 'byte')),
      ),
    },
    {
      weight: 6,
      arbitrary: command('BITFIELD', keys(), several(1, 4, operation)),
    },
    { weight: 2, arbitrary: command('BITFIELD_RO', keys(), several(1, 3, group('GET', field, place))) },
    command('APPEND', keys(), values()),
    command('INCR', keys()),
    command('GET', keys()),
    command('DEL', keys()),
  ),
})
