/** Random sequences of sorted set commands, on listpacks, on skiplists and where one becomes the other. */
import fc, { type Arbitrary } from 'fast-check'
import {
  command,
  counts,
  floats,
  group,
  indexes,
  keys,
  maybe,
  members,
  oneOf,
  relaxed,
  several,
} from '../support/arbitraries.js'
import { type Command, checkSequences } from '../support/sequences.js'

const scoreBounds = (): Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -20, max: 20 }).map((n) => String(n / 4)) },
    { weight: 3, arbitrary: fc.integer({ min: -20, max: 20 }).map((n) => `(${n / 4}`) },
    { weight: 2, arbitrary: oneOf('-inf', '+inf', '(inf', '(-inf') },
    { weight: 1, arbitrary: floats() },
  )

const memberBounds = (): Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: members().map((member) => `[${member}`) },
    { weight: 3, arbitrary: members().map((member) => `(${member}`) },
    { weight: 2, arbitrary: oneOf('-', '+') },
    { weight: 1, arbitrary: members() },
  )

const limit = () => maybe('LIMIT', indexes(), counts())
const addOptions = () => fc.uniqueArray(oneOf('NX', 'XX', 'GT', 'LT', 'CH', 'INCR'), { maxLength: 2 })
// Keys "l1", "l2" hold members of one score only: ranges by member mean something there.
const lexKeys = () => keys(2, 'l')
const inputs = () =>
  fc.array(fc.oneof({ weight: 6, arbitrary: keys() }, oneOf('s1', 'none')), { minLength: 1, maxLength: 3 })
const counted = inputs().map((some) => [String(some.length), ...some])
const combined = inputs().chain((some) =>
  group(
    fc.constant<string[]>([String(some.length), ...some]),
    maybe('WEIGHTS', several(some.length, some.length, floats())),
    maybe('AGGREGATE', oneOf('SUM', 'MIN', 'MAX')),
  ),
)

const writes = fc.oneof(
  { weight: 6, arbitrary: command('ZADD', keys(), several(1, 6, floats(), members())) },
  { weight: 3, arbitrary: command('ZADD', keys(), addOptions(), several(1, 3, floats(), members())) },
  { weight: 3, arbitrary: command('ZADD', lexKeys(), several(1, 6, oneOf('0'), members())) },
  { weight: 2, arbitrary: command('ZINCRBY', keys(), floats(), members()) },
  { weight: 2, arbitrary: command('ZREM', keys(), several(1, 4, members())) },
  command('ZPOPMIN', keys(), maybe(counts())),
  command('ZPOPMAX', keys(), maybe(counts())),
  command('ZMPOP', counted, oneOf('MIN', 'MAX'), maybe('COUNT', counts())),
  command('ZREMRANGEBYRANK', keys(), indexes(), indexes()),
  command('ZREMRANGEBYSCORE', keys(), scoreBounds(), scoreBounds()),
  command('ZREMRANGEBYLEX', lexKeys(), memberBounds(), memberBounds()),
  command('ZRANGESTORE', keys(), keys(), indexes(), indexes(), maybe('REV')),
  command('ZRANGESTORE', keys(), keys(), scoreBounds(), scoreBounds(), 'BYSCORE', maybe('REV'), limit()),
  command('ZRANGESTORE', keys(), lexKeys(), memberBounds(), memberBounds(), 'BYLEX', maybe('REV'), limit()),
  command('ZUNIONSTORE', keys(), combined),
  command('ZINTERSTORE', keys(), combined),
  command('ZDIFFSTORE', keys(), counted),
  command('SADD', 's1', several(1, 3, members())),
)

const reads = fc.oneof(
  command('ZRANGE', keys(), indexes(), indexes(), maybe('REV'), maybe('WITHSCORES')),
  command(
    'ZRANGE',
    keys(),
    scoreBounds(),
    scoreBounds(),
    'BYSCORE',
    maybe('REV'),
    limit(),
    maybe('WITHSCORES'),
  ),
  command('ZRANGE', lexKeys(), memberBounds(), memberBounds(), 'BYLEX', maybe('REV'), limit()),
  command('ZRANGEBYSCORE', keys(), scoreBounds(), scoreBounds(), maybe('WITHSCORES'), limit()),
  command('ZREVRANGEBYSCORE', keys(), scoreBounds(), scoreBounds(), maybe('WITHSCORES'), limit()),
  command('ZRANGEBYLEX', lexKeys(), memberBounds(), memberBounds(), limit()),
  command('ZREVRANGEBYLEX', lexKeys(), memberBounds(), memberBounds(), limit()),
  command('ZREVRANGE', keys(), indexes(), indexes(), maybe('WITHSCORES')),
  command('ZCOUNT', keys(), scoreBounds(), scoreBounds()),
  command('ZLEXCOUNT', lexKeys(), memberBounds(), memberBounds()),
  command('ZRANK', keys(), members()),
  command('ZREVRANK', keys(), members()),
  command('ZSCORE', keys(), members()),
  command('ZMSCORE', keys(), several(1, 3, members())),
  command('ZCARD', keys()),
  command('ZUNION', combined, maybe('WITHSCORES')),
  command('ZINTER', combined, maybe('WITHSCORES')),
  command('ZDIFF', counted, maybe('WITHSCORES')),
  command('ZINTERCARD', counted, maybe('LIMIT', counts())),
  command('OBJECT', 'ENCODING', keys()),
)

/** Digits beyond the shortest ones are printed by 7.0 only. */
const commands: Arbitrary<Command> = relaxed(
  { double: true },
  fc.oneof({ weight: 3, arbitrary: writes }, reads),
)

checkSequences({ name: 'sorted sets that stay small', commands })
checkSequences({
  name: 'sorted sets that become big',
  commands,
  // No less than the elements of one ZADD: for more, 7.0 and 7.4 convert at different moments.
  args: ['--zset-max-listpack-entries', '6', '--zset-max-listpack-value', '20'],
})
checkSequences({
  name: 'sorted sets that are always big',
  commands,
  args: ['--zset-max-listpack-entries', '0'],
})

const manyMembers = (): Arbitrary<string> => fc.integer({ min: 0, max: 3000 }).map((n) => `member:${n}`)
const manyScores = (): Arbitrary<string> => fc.integer({ min: -500, max: 500 }).map((n) => String(n / 8))
const ranks = (): Arbitrary<string> => fc.integer({ min: -2000, max: 2000 }).map(String)

const manyCommands = fc.oneof(
  { weight: 8, arbitrary: command('ZADD', keys(2), several(1, 60, manyScores(), manyMembers())) },
  { weight: 2, arbitrary: command('ZADD', 'l1', several(1, 60, oneOf('0'), manyMembers())) },
  { weight: 2, arbitrary: command('ZREM', keys(2), several(1, 30, manyMembers())) },
  command('ZINCRBY', keys(2), manyScores(), manyMembers()),
  command('ZPOPMIN', keys(2), counts()),
  command('ZPOPMAX', keys(2), counts()),
  command('ZREMRANGEBYRANK', keys(2), ranks(), ranks()),
  command('ZREMRANGEBYSCORE', keys(2), manyScores(), manyScores()),
  command('ZRANGESTORE', 'k3', keys(2), ranks(), ranks()),
  command('ZUNIONSTORE', 'k3', '2', keys(2), keys(2)),
  command('ZINTER', '2', keys(2), 'k3', 'WITHSCORES'),
  command('ZDIFF', '2', keys(2), 'k3', 'WITHSCORES'),
  command('ZRANGE', keys(3), ranks(), ranks(), maybe('REV'), maybe('WITHSCORES')),
  command('ZRANGEBYSCORE', keys(3), manyScores(), manyScores(), 'LIMIT', ranks(), counts()),
  command('ZREVRANGEBYSCORE', keys(3), manyScores(), manyScores(), 'LIMIT', counts(), ranks()),
  command(
    'ZRANGEBYLEX',
    'l1',
    manyMembers().map((member) => `(${member}`),
    '+',
    'LIMIT',
    counts(),
    counts(),
  ),
  command(
    'ZREVRANGEBYLEX',
    'l1',
    '+',
    manyMembers().map((member) => `[${member}`),
    'LIMIT',
    counts(),
    ranks(),
  ),
  command('ZCOUNT', keys(3), manyScores(), manyScores()),
  command('ZRANK', keys(3), manyMembers()),
  command('ZREVRANK', keys(3), manyMembers()),
)

checkSequences({ name: 'sorted sets of many members', commands: relaxed({ double: true }, manyCommands) })
