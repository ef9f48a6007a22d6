/** Random sequences of set commands. What 7.0 answers in the order of a hash table is compared without order. */
import fc from 'fast-check'
import { command, integers, keys, maybe, members, relaxed, several } from '../support/arbitraries.js'
import { range } from '../support/conformance.js'
import { checkSequences } from '../support/sequences.js'

const unordered = { unordered: true }

/** Many integers at once, so that sets of all sizes meet, also those beyond the limits of the encodings. */
const runs = fc
  .tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom(1, 5, 120, 140, 600))
  .map(([first, length]) => range(first, first + length - 1).split(' '))

const operands = several(1, 4, keys())

checkSequences({
  name: 'sets',
  commands: fc.oneof(
    { weight: 6, arbitrary: command('SADD', keys(), several(1, 6, members())) },
    { weight: 2, arbitrary: command('SADD', keys(), several(1, 3, integers())) },
    { weight: 2, arbitrary: command('SADD', keys(), runs) },
    { weight: 3, arbitrary: command('SREM', keys(), several(1, 6, members())) },
    { weight: 2, arbitrary: command('SREM', keys(), runs) },
    { weight: 2, arbitrary: command('SMOVE', keys(), keys(), members()) },
    command('SISMEMBER', keys(), members()),
    command('SMISMEMBER', keys(), several(1, 4, members())),
    command('SCARD', keys()),
    relaxed(unordered, command('SMEMBERS', keys())),
    { weight: 2, arbitrary: relaxed(unordered, command('SINTER', operands)) },
    { weight: 2, arbitrary: relaxed(unordered, command('SUNION', operands)) },
    { weight: 2, arbitrary: relaxed(unordered, command('SDIFF', operands)) },
    { weight: 2, arbitrary: command('SINTERSTORE', keys(), operands) },
    { weight: 2, arbitrary: command('SUNIONSTORE', keys(), operands) },
    { weight: 2, arbitrary: command('SDIFFSTORE', keys(), operands) },
    command('SINTERCARD', '2', keys(), keys(), maybe('LIMIT', integers())),
    relaxed({ kind: true }, command('SRANDMEMBER', keys())),
    relaxed({ type: true }, command('SRANDMEMBER', keys(), fc.integer({ min: 1, max: 200 }).map(String))),
    relaxed(unordered, command('SPOP', keys(), '100000')),
    command('SET', keys(), members()),
    command('DEL', keys()),
  ),
})

checkSequences({
  name: 'sets of integers, in order',
  commands: fc.oneof(
    {
      weight: 4,
      arbitrary: command('SADD', keys(), several(1, 8, fc.integer({ min: -30, max: 30 }).map(String))),
    },
    {
      weight: 2,
      arbitrary: command('SREM', keys(), several(1, 8, fc.integer({ min: -30, max: 30 }).map(String))),
    },
    command(
      'SADD',
      keys(),
      fc.constantFrom('9223372036854775807', '-9223372036854775808', '9007199254740993'),
    ),
    command('SMOVE', keys(), keys(), fc.integer({ min: -30, max: 30 }).map(String)),
    command('SMEMBERS', keys()),
    command('SSCAN', keys(), '0', maybe('COUNT', '1'), maybe('MATCH', '*2*')),
    command('SINTER', operands),
    command('SUNION', operands),
    command('SDIFF', operands),
    command('SINTERSTORE', keys(), operands),
    command('SUNIONSTORE', keys(), operands),
    command('SDIFFSTORE', keys(), operands),
    command('SPOP', keys(), '1000'),
    command('OBJECT', 'ENCODING', keys()),
  ),
})
