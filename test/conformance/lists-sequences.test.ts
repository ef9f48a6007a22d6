/**
 * Random sequences of list commands: on short lists, on lists around the limits of a listpack, and on lists
 * of many chunks.
 */
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
  several,
} from '../support/arbitraries.js'
import { checkSequences } from '../support/sequences.js'

const ends = () => oneOf('LEFT', 'RIGHT', 'left', 'middle')

const lists = () => keys(3, 'l')

// Redis 7.0 takes the least int64, which it cannot negate; 7.2 refuses it.
const ranks = () =>
  fc
    .oneof(fc.integer({ min: -4, max: 4 }).map(String), integers())
    .filter((rank) => rank !== '-9223372036854775808')

const positionOptions = () =>
  several(0, 3, fc.oneof(group('RANK', ranks()), group('COUNT', counts()), group('MAXLEN', counts())))

const moves = () => [
  command('LMOVE', lists(), lists(), ends(), ends()),
  command('RPOPLPUSH', lists(), lists()),
  command('LMPOP', oneOf('1', '2', '3', '0', 'x'), several(1, 3, lists()), ends(), maybe('COUNT', counts())),
]

checkSequences({
  name: 'short lists',
  commands: fc.oneof(
    { weight: 4, arbitrary: command(oneOf('LPUSH', 'RPUSH'), lists(), several(1, 5, members())) },
    { weight: 1, arbitrary: command(oneOf('LPUSHX', 'RPUSHX'), lists(), several(1, 3, members())) },
    { weight: 2, arbitrary: command(oneOf('LPOP', 'RPOP'), lists(), maybe(counts())) },
    command('LRANGE', lists(), indexes(), indexes()),
    command('LINDEX', lists(), fc.oneof(indexes(), integers())),
    command('LSET', lists(), fc.oneof(indexes(), integers()), members()),
    command('LINSERT', lists(), oneOf('BEFORE', 'AFTER', 'after', 'around'), members(), members()),
    command('LREM', lists(), fc.oneof(indexes(), integers()), members()),
    command('LTRIM', lists(), indexes(), indexes()),
    { weight: 2, arbitrary: command('LPOS', lists(), members(), positionOptions()) },
    command('LLEN', lists()),
    ...moves(),
    command('SET', lists(), members()),
    command('DEL', lists()),
  ),
})

const manyMembers = () =>
  fc
    .tuple(fc.nat(300), members())
    .map(([count, member]) => Array.from({ length: count + 1 }, (_, i) => member + (i % 7)))

const farIndexes = () => fc.integer({ min: -700, max: 700 }).map(String)

const commandsForBigLists = fc.oneof(
  { weight: 6, arbitrary: command(oneOf('LPUSH', 'RPUSH'), lists(), manyMembers()) },
  command(oneOf('LPOP', 'RPOP'), lists(), fc.nat(200).map(String)),
  command('LRANGE', lists(), farIndexes(), farIndexes()),
  command('LINDEX', lists(), farIndexes()),
  command('LSET', lists(), farIndexes(), members()),
  command(
    'LINSERT',
    lists(),
    oneOf('BEFORE', 'AFTER'),
    manyMembers().map(([first]) => first as string),
    members(),
  ),
  command(
    'LREM',
    lists(),
    fc.integer({ min: -50, max: 50 }).map(String),
    manyMembers().map((all) => all.at(-1) as string),
  ),
  command('LTRIM', lists(), fc.nat(300).map(String), fc.integer({ min: -300, max: -1 }).map(String)),
  command(
    'LPOS',
    lists(),
    manyMembers().map((all) => all.at(-1) as string),
    positionOptions(),
  ),
  ...moves(),
)

checkSequences({ name: 'lists of many chunks', commands: commandsForBigLists, runs: 12, commandsPerRun: 150 })

checkSequences({
  name: 'lists around a limit of elements',
  commands: commandsForBigLists,
  runs: 8,
  commandsPerRun: 150,
  args: ['--list-max-listpack-size', '100'],
})
