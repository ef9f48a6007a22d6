/**
 * Random sequences of stream commands: on short streams with small nodes, so that nodes fill up, empty and
 * are trimmed, and on groups of consumers.
 */
import fc from 'fast-check'
import { command, group, keys, maybe, oneOf, relaxed, several } from '../support/arbitraries.js'
import { checkSequences } from '../support/sequences.js'

const streams = () => keys(2, 's')

/** IDs of a small range that grows slowly, some of them malformed or at the limits. */
const ids = () =>
  fc.oneof(
    { weight: 8, arbitrary: fc.tuple(fc.nat(60), fc.nat(3)).map(([ms, seq]) => `${ms}-${seq}`) },
    { weight: 2, arbitrary: fc.nat(60).map(String) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('0-0', 'x', '-', '+', '1-x', '18446744073709551615', '9007199254740993-1'),
    },
  )

/** Mostly `ms-*` for times that do not go back by much, so that most entries are added. */
const newIds = () =>
  fc.oneof(
    { weight: 8, arbitrary: fc.nat(60).map((ms) => `${ms}-*`) },
    { weight: 2, arbitrary: ids() },
    { weight: 1, arbitrary: fc.nat(5).map((ms) => `${ms + 1000}-*`) },
  )

const bounds = () =>
  fc.oneof(
    ids(),
    fc.constantFrom('-', '+'),
    ids().map((id) => `(${id}`),
  )

const fields = () =>
  fc.oneof(
    { weight: 3, arbitrary: group('f', 'v') },
    { weight: 2, arbitrary: fc.nat(100_000).map((n) => ['f', String(n), 'g', String(-n)]) },
    group('g', '', 'f', '\xff\0'),
    group('f', 'x'.repeat(100)),
    group('f'),
  )

/** What XREAD takes before 7.4. */
const readIds = () => ids().filter((id) => id !== '+')

const counts = () => fc.integer({ min: -1, max: 12 }).map(String)

const trims = () =>
  fc.oneof(
    group('MAXLEN', fc.nat(15).map(String)),
    group('MAXLEN', oneOf('=', '~'), fc.nat(15).map(String)),
    group('MINID', ids()),
    group('MINID', oneOf('=', '~'), ids()),
    group('MAXLEN', '~', fc.nat(15).map(String), 'LIMIT', fc.nat(12).map(String)),
    group('MINID', '~', ids(), 'LIMIT', fc.nat(12).map(String)),
    group('MAXLEN', '=', '5', 'LIMIT', '3'),
  )

const additions = () => [
  { weight: 8, arbitrary: command('XADD', streams(), newIds(), fields()) },
  { weight: 2, arbitrary: command('XADD', streams(), trims(), newIds(), fields()) },
  { weight: 1, arbitrary: command('XADD', streams(), 'NOMKSTREAM', newIds(), fields()) },
]

const reads = () => [
  command('XLEN', streams()),
  command('XRANGE', streams(), bounds(), bounds(), maybe('COUNT', counts())),
  command('XREVRANGE', streams(), bounds(), bounds(), maybe('COUNT', counts())),
  command('XREAD', maybe('COUNT', counts()), 'STREAMS', streams(), readIds()),
  command('XREAD', 'STREAMS', streams(), streams(), readIds(), fc.oneof(readIds(), fc.constant('$'))),
]

const entryCommands = () =>
  fc.oneof(
    ...additions(),
    ...reads(),
    { weight: 2, arbitrary: command('XDEL', streams(), several(1, 6, ids())) },
    { weight: 2, arbitrary: command('XTRIM', streams(), trims()) },
    { weight: 2, arbitrary: command('XINFO', 'STREAM', streams()) },
    command('COPY', streams(), streams(), maybe('REPLACE')),
    command('DEL', streams()),
  )

for (const size of ['3', '10', '100']) {
  checkSequences({
    name: `streams with ${size} entries a node`,
    commands: entryCommands(),
    args: ['--stream-node-max-entries', size],
    runs: 15,
  })
}

checkSequences({
  name: 'streams with small nodes in bytes',
  commands: entryCommands(),
  args: ['--stream-node-max-bytes', '150'],
  runs: 15,
})

const groups = () => keys(2, 'g')
const consumers = () => keys(3, 'c')
const idles = () => fc.constantFrom('0', '0', '0', '-1', '1000000', 'x')

const claimOptions = () =>
  several(
    0,
    2,
    fc.oneof(
      group('JUSTID'),
      group('FORCE'),
      group('RETRYCOUNT', fc.integer({ min: -1, max: 9 }).map(String)),
      group('IDLE', oneOf('0', '2000000')),
      group('LASTID', ids()),
    ),
  )

checkSequences({
  name: 'groups of consumers',
  // Since 7.2 a consumer that asks is made even if there is nothing for it, and then it can be deleted.
  ignoredEvent: 'consumer',
  commands: fc.oneof(
    ...additions(),
    { weight: 1, arbitrary: command('XDEL', streams(), several(1, 3, ids())) },
    {
      weight: 3,
      arbitrary: command(
        'XGROUP',
        'CREATE',
        streams(),
        groups(),
        fc.oneof(ids(), oneOf('$', '0')),
        maybe('MKSTREAM'),
      ),
    },
    {
      weight: 1,
      arbitrary: command(
        'XGROUP',
        'SETID',
        streams(),
        groups(),
        fc.oneof(ids(), oneOf('$', '0')),
        maybe('ENTRIESREAD', fc.integer({ min: -2, max: 50 }).map(String)),
      ),
    },
    // Before 7.2 asking in vain does not make a consumer.
    relaxed({ kind: true }, command('XGROUP', 'CREATECONSUMER', streams(), groups(), consumers())),
    command('XGROUP', 'DELCONSUMER', streams(), groups(), consumers()),
    command('XGROUP', 'DESTROY', streams(), groups()),
    {
      weight: 5,
      arbitrary: command(
        'XREADGROUP',
        'GROUP',
        groups(),
        consumers(),
        maybe('COUNT', counts()),
        maybe('NOACK'),
        'STREAMS',
        streams(),
        fc.oneof(fc.constant('>'), readIds()),
      ),
    },
    { weight: 3, arbitrary: command('XACK', streams(), groups(), several(1, 4, ids())) },
    {
      weight: 3,
      arbitrary: command(
        'XCLAIM',
        streams(),
        groups(),
        consumers(),
        idles(),
        several(1, 4, ids()),
        claimOptions(),
      ),
    },
    {
      weight: 3,
      arbitrary: command(
        'XAUTOCLAIM',
        streams(),
        groups(),
        consumers(),
        idles(),
        bounds(),
        maybe('COUNT', counts()),
        maybe('JUSTID'),
      ),
    },
    command('XPENDING', streams(), groups()),
    {
      weight: 2,
      // Times pass differently on the two servers.
      arbitrary: relaxed(
        { near: 1000 },
        command(
          'XPENDING',
          streams(),
          groups(),
          maybe('IDLE', idles()),
          bounds(),
          bounds(),
          counts(),
          maybe(consumers()),
        ),
      ),
    },
    command('COPY', streams(), streams(), maybe('REPLACE')),
    command('DEL', streams()),
  ),
})
