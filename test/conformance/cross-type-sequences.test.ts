/** Random sequences over a few keys that hold any type: everything that moves, copies, replaces or sorts them. */
import fc from 'fast-check'
import {
  command,
  counts,
  group,
  indexes,
  integers,
  keys,
  maybe,
  members,
  oneOf,
  relaxed,
  several,
} from '../support/arbitraries.js'
import { checkSequences } from '../support/sequences.js'

const k = keys(5)
const unordered = { unordered: true }
// No number out of range: redis-server does not clear errno in SORT, so that one would spoil all that follow.
const texts = fc.oneof(members(), integers())
const scores = fc.integer({ min: -20, max: 20 }).map((quarters) => String(quarters / 4))

/** Seconds that end long after the test, or long ago. */
const seconds = oneOf('1000', '5000', '100000', '-1', '0')
// GT and LT go with absolute times only: of two equal relative times the later is a millisecond greater, or not.
const presence = fc.oneof(fc.constant<string[]>([]), fc.constantFrom<string[]>(['NX'], ['XX'], ['NX', 'XX']))
const conditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant<string[]>([]) },
  { weight: 2, arbitrary: oneOf('NX', 'XX', 'GT', 'LT').map((word) => [word]) },
  { weight: 1, arbitrary: fc.array(oneOf('NX', 'XX', 'GT', 'LT'), { maxLength: 3 }) },
)
// Ties of weights that are text come in no defined order, so ALPHA goes without BY.
const by = fc.oneof(
  group('BY', oneOf('nosort', 'k*', 'k1*', 'k*->a', '*', '*->foo')),
  group('ALPHA'),
  fc.constant<string[]>([]),
)
const order = maybe(oneOf('ASC', 'DESC'))
const limit = maybe('LIMIT', indexes(), counts())
const get = fc.array(
  oneOf('#', 'k*', 'k1', 'k*->a', '*->foo').map((pattern) => ['GET', pattern]),
  { maxLength: 2 },
)
const gets = get.map((list) => list.flat())

const commands = fc.oneof(
  { weight: 4, arbitrary: command('SET', k, texts, maybe(oneOf('NX', 'XX', 'KEEPTTL'))) },
  { weight: 1, arbitrary: command('SET', k, texts, 'EX', '1000') },
  { weight: 2, arbitrary: command('APPEND', k, oneOf('x', '1')) },
  { weight: 1, arbitrary: command('SETRANGE', k, counts(), oneOf('x', '')) },
  { weight: 1, arbitrary: command('INCRBY', k, integers()) },
  { weight: 4, arbitrary: command(oneOf('RPUSH', 'LPUSH'), k, several(1, 4, members())) },
  { weight: 2, arbitrary: command(oneOf('LPOP', 'RPOP'), k) },
  { weight: 4, arbitrary: command('SADD', k, several(1, 4, members())) },
  { weight: 2, arbitrary: command('SREM', k, several(1, 2, members())) },
  { weight: 4, arbitrary: command('HSET', k, several(1, 3, members(), texts)) },
  { weight: 2, arbitrary: command('HDEL', k, several(1, 2, members())) },
  { weight: 4, arbitrary: command('ZADD', k, several(1, 3, scores, members())) },
  { weight: 2, arbitrary: command('ZREM', k, several(1, 2, members())) },
  { weight: 2, arbitrary: command(oneOf('DEL', 'UNLINK'), several(1, 2, k)) },
  { weight: 1, arbitrary: command(oneOf('EXISTS', 'TOUCH'), several(1, 3, k)) },
  { weight: 2, arbitrary: command('TYPE', k) },
  { weight: 4, arbitrary: command('RENAME', k, k) },
  { weight: 2, arbitrary: command('RENAMENX', k, k) },
  { weight: 4, arbitrary: command('COPY', k, k, maybe('DB', oneOf('0', '1', '2')), maybe('REPLACE')) },
  { weight: 2, arbitrary: command('MOVE', k, oneOf('0', '1', '2', '16')) },
  { weight: 1, arbitrary: command('SELECT', oneOf('0', '1')) },
  { weight: 1, arbitrary: command('SWAPDB', oneOf('0', '1'), oneOf('1', '2')) },
  {
    weight: 4,
    arbitrary: command(
      oneOf('EXPIRE', 'PEXPIRE'),
      k,
      seconds.map((s) => `${s}000`),
      presence,
    ),
  },
  { weight: 2, arbitrary: command('EXPIREAT', k, oneOf('4000000000', '5000000000', '1'), conditions) },
  { weight: 1, arbitrary: command('PEXPIREAT', k, oneOf('4000000000123', '-1'), conditions) },
  { weight: 2, arbitrary: command('PERSIST', k) },
  { weight: 1, arbitrary: relaxed({ near: 1 }, command('TTL', k)) },
  { weight: 4, arbitrary: relaxed(unordered, command('SORT', k, by, order, gets)) },
  { weight: 3, arbitrary: command('SORT', k, by, order, limit, gets, 'STORE', k) },
  { weight: 1, arbitrary: relaxed(unordered, command('KEYS', oneOf('*', 'k*', 'k1', '?3', 'nosuch'))) },
  { weight: 1, arbitrary: command('DBSIZE') },
  { weight: 1, arbitrary: command('FLUSHDB') },
  { weight: 1, arbitrary: command('MULTI') },
  { weight: 2, arbitrary: relaxed(unordered, command('EXEC')) },
  { weight: 1, arbitrary: command('DISCARD') },
  { weight: 1, arbitrary: command('WATCH', several(1, 2, k)) },
)

// The order in which SORT looks up the keys that weights come from is chance, and so is that of their misses.
checkSequences({ name: 'keys of all types', commands, ignoredEvent: 'keymiss' })
