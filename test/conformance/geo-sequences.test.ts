/**
 * Random places and searches: in a town, where cells are small; all over the world, with its edges; and on a
 * grid, where many members are equally far. Distances that are stored are left out, since their last digits may
 * differ from those of the C library.
 */
import fc, { type Arbitrary } from 'fast-check'
import { command, group, keys, maybe, members, oneOf, several } from '../support/arbitraries.js'
import { type Command, checkSequences } from '../support/sequences.js'

const sets = () => keys(2, 'g')
const names = () => fc.nat(40).map((n) => `m${n}`)

const between = (min: number, max: number) =>
  fc.double({ min, max, noNaN: true }).map((n) => String(Object.is(n, -0) ? 0 : n))

/** A longitude and a latitude. */
const anywhere = () =>
  fc.oneof(
    { weight: 6, arbitrary: group(between(-180, 180), between(-85.05112878, 85.05112878)) },
    { weight: 2, arbitrary: group(oneOf('180', '-180', '179.99', '-179.99', '0'), between(-85, 85)) },
    {
      weight: 2,
      arbitrary: group(between(-180, 180), oneOf('85.05112878', '-85.05112878', '84', '-80.5', '0')),
    },
    { weight: 1, arbitrary: group(oneOf('180', '-180'), oneOf('85.05112878', '-85.05112878')) },
  )

const inTown = () => group(between(13.3, 13.5), between(52.4, 52.6))

const onGrid = () =>
  fc
    .tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 }))
    .map(([column, row]) => [(column / 100).toFixed(2), (row / 100).toFixed(2)])

interface Region {
  readonly name: string
  readonly places: () => Arbitrary<string[]>
  /** Lengths with their unit. */
  readonly lengths: () => Arbitrary<string>
  readonly unit: Arbitrary<string>
}

const regions: readonly Region[] = [
  { name: 'in a town', places: inTown, lengths: () => between(0, 12), unit: oneOf('km', 'mi') },
  { name: 'in the world', places: anywhere, lengths: () => between(0, 22_000), unit: oneOf('km', 'mi') },
  { name: 'on a grid', places: onGrid, lengths: () => between(0, 10_000), unit: oneOf('m', 'ft') },
]

const options = () =>
  several(
    0,
    3,
    fc.oneof(
      group(oneOf('WITHDIST', 'WITHHASH', 'WITHCOORD')),
      group(oneOf('ASC', 'DESC')),
      group('COUNT', fc.integer({ min: 0, max: 12 }).map(String), maybe('ANY')),
    ),
  )

const storeOptions = () =>
  several(0, 2, fc.oneof(group(oneOf('ASC', 'DESC')), group('COUNT', oneOf('1', '3', '7'), maybe('ANY'))))

for (const { name, places, lengths, unit } of regions) {
  const center = () => fc.oneof(group('FROMMEMBER', names()), group('FROMLONLAT', places()))
  const shape = () => fc.oneof(group('BYRADIUS', lengths(), unit), group('BYBOX', lengths(), lengths(), unit))
  const searches = (): { weight: number; arbitrary: Arbitrary<Command> }[] => [
    { weight: 6, arbitrary: command('GEOSEARCH', sets(), center(), shape(), options()) },
    {
      weight: 2,
      arbitrary: command(oneOf('GEORADIUS', 'GEORADIUS_RO'), sets(), places(), lengths(), unit, options()),
    },
    {
      weight: 1,
      arbitrary: command(
        oneOf('GEORADIUSBYMEMBER', 'GEORADIUSBYMEMBER_RO'),
        sets(),
        names(),
        lengths(),
        unit,
        options(),
      ),
    },
    { weight: 1, arbitrary: command('GEOSEARCHSTORE', sets(), sets(), center(), shape(), storeOptions()) },
    {
      weight: 1,
      arbitrary: command('GEORADIUS', sets(), places(), lengths(), unit, storeOptions(), 'STORE', sets()),
    },
  ]
  checkSequences({
    name: `places ${name}`,
    commands: fc.oneof(
      { weight: 10, arbitrary: command('GEOADD', sets(), several(1, 5, places(), names())) },
      {
        weight: 1,
        arbitrary: command('GEOADD', sets(), maybe(oneOf('NX', 'XX')), maybe('CH'), places(), names()),
      },
      ...searches(),
      {
        weight: 2,
        arbitrary: command('GEODIST', sets(), names(), names(), maybe(oneOf('m', 'km', 'mi', 'ft'))),
      },
      { weight: 1, arbitrary: command('GEOPOS', sets(), several(1, 3, names())) },
      { weight: 1, arbitrary: command('GEOHASH', sets(), several(1, 3, names())) },
      { weight: 1, arbitrary: command('ZREM', sets(), names()) },
      { weight: 1, arbitrary: command('ZRANGE', sets(), '0', '-1', 'WITHSCORES') },
    ),
    runs: 30,
  })

  checkSequences({
    name: `many places ${name}`,
    commands: fc.oneof(
      {
        weight: 3,
        arbitrary: command(
          'GEOADD',
          'g1',
          several(
            40,
            60,
            places(),
            fc.nat(100_000).map((n) => `n${n}`),
          ),
        ),
      },
      { weight: 5, arbitrary: command('GEOSEARCH', 'g1', 'FROMLONLAT', places(), shape(), options()) },
      {
        weight: 1,
        arbitrary: command('GEOSEARCHSTORE', 'g2', 'g1', 'FROMLONLAT', places(), shape(), storeOptions()),
      },
    ),
    commandsPerRun: 60,
    runs: 20,
  })
}

checkSequences({
  name: 'sorted sets that are no places',
  commands: fc.oneof(
    {
      weight: 3,
      arbitrary: command(
        'ZADD',
        sets(),
        fc.oneof(
          fc
            .double({ noNaN: true })
            .map((n) =>
              Object.is(n, -0) ? '0' : n === Infinity ? 'inf' : n === -Infinity ? '-inf' : String(n),
            ),
          fc.maxSafeNat().map(String),
          fc.nat(1000).map((n) => String(-n / 4)),
        ),
        names(),
      ),
    },
    command('GEOPOS', sets(), names()),
    command('GEOHASH', sets(), names()),
    command('GEODIST', sets(), names(), names()),
    command(
      'GEORADIUS',
      sets(),
      '0',
      '0',
      '30000',
      'km',
      'WITHHASH',
      'WITHCOORD',
      maybe(oneOf('ASC', 'DESC')),
    ),
    command('GEOSEARCH', sets(), 'FROMMEMBER', names(), 'BYBOX', '5000', '5000', 'km', 'WITHHASH'),
    command('SET', sets(), members()),
    command('DEL', sets()),
  ),
  runs: 10,
})
