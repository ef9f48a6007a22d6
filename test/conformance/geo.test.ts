/** Places in sorted sets: every geo command beside redis-server. */
import { describe } from 'vitest'
import { conformance, script } from '../support/conformance.js'

const SICILY = 'GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania'

/** A grid of places, so that many are at the same distance. */
const grid = (key: string, step: number, count: number) =>
  Array.from({ length: count * count }, (_, i) => {
    const column = i % count
    const row = Math.floor(i / count)
    return `GEOADD ${key} ${((column - count / 2) * step).toFixed(4)} ${((row - count / 2) * step).toFixed(4)} p${i}`
  }).join('\n')

/** Places all over the world, the edges of its map among them. */
const WORLD = [
  ['north', '0 85.05112878'],
  ['south', '0 -85.05112878'],
  ['ne', '180 85.05112878'],
  ['nw', '-180 85.05112878'],
  ['se', '180 -85.05112878'],
  ['sw', '-180 -85.05112878'],
  ['east', '180 0'],
  ['west', '-180 0'],
  ['middle', '0 0'],
  ['fiji', '179.5 -17.5'],
  ['samoa', '-172.1 -13.8'],
  ['tromso', '18.95 69.65'],
  ['alert', '-62.33 82.5'],
  ['ushuaia', '-68.3 -54.8'],
  ['mcmurdo', '166.67 -77.85'],
  ['paris', '2.3522 48.8566'],
  ['quito', '-78.47 -0.18'],
]
  .map(([name, place]) => `GEOADD world ${place} ${name}`)
  .join('\n')

describe('GEOADD', () => {
  conformance(
    'places and options',
    script`
      ${SICILY}
      ZRANGE sicily 0 -1 WITHSCORES
      TYPE sicily
      OBJECT ENCODING sicily
      GEOADD sicily 13.361389 38.115556 Palermo
      GEOADD sicily CH 13.361389 38.2 Palermo 1 1 New
      GEOADD sicily NX 14 38 Palermo 2 2 Other
      GEOADD sicily XX 14 38 Palermo 3 3 Third
      GEOADD sicily nx ch 14.5 38 Palermo 3 3 Third
      GEOADD sicily xx CH 14.5 38 Palermo 4 4 Fourth
      GEOADD sicily CH CH XX XX 14.6 38 Palermo
      GEOADD none XX 1 1 a
      EXISTS none
      GEOADD sicily 1 1 a 1 1 a 2 2 a
      GEOADD sicily 0x1p3 1e1 hex .5 -.5 short 1e-400 0 tiny
      GEOADD sicily -0 -0 zero
      GEOPOS sicily zero hex short a Palermo
      ZRANGE sicily 0 -1 WITHSCORES
      ${WORLD}
      ZRANGE world 0 -1 WITHSCORES
      GEOPOS world north south ne nw se sw east west middle
      GEOHASH world north south ne nw se sw east west middle fiji samoa
    `,
  )

  conformance(
    'errors change nothing',
    script`
      SET s x
      GEOADD k 181 0 a
      GEOADD k 0 86 a
      GEOADD k -180.0000001 0 a
      GEOADD k 0 -85.0511287801 a
      GEOADD k -0 100 a
      GEOADD k inf 0 a
      GEOADD k 0 -inf a
      GEOADD k nan 0 a
      GEOADD k 1e30 12345678901234567890123 a
      GEOADD k 1.7976931348623157e308 0.0000005 a
      GEOADD k 500.0000005 0.0000015 a
      GEOADD k 200.0000000596046448 90 a
      GEOADD k x 0 a
      GEOADD k 0 x a
      GEOADD k "" 0 a
      GEOADD k " 1" 0 a
      GEOADD k 1 1 a 2 2
      GEOADD k 1 1 a 2
      GEOADD k 1 1 a x 2 b
      GEOADD k 1 1 a 200 2 b
      GEOADD k NX XX 1 1 a
      GEOADD k NX CH XX
      GEOADD k NX 1 1
      GEOADD k GT 1 1 a
      GEOADD k INCR 1 1 a
      GEOADD k 1 1 a NX
      GEOADD k NX x 1 a
      GEOADD s 1 1 a
      GEOADD s x 1 a
      GEOADD s 1 1 a 2
      GEOADD k 1 1
      GEOADD
      EXISTS k
    `,
  )
})

describe('single members', () => {
  conformance(
    'GEOPOS, GEOHASH, GEODIST',
    script`
      ${SICILY}
      GEOPOS sicily Palermo Catania none
      GEOPOS sicily
      GEOPOS none a b
      GEOPOS none
      GEOHASH sicily Palermo Catania none
      GEOHASH sicily
      GEOHASH none a b
      GEODIST sicily Palermo Catania
      GEODIST sicily Palermo Catania m
      GEODIST sicily Palermo Catania KM
      GEODIST sicily Palermo Catania Mi
      GEODIST sicily Palermo Catania ft
      GEODIST sicily Palermo Palermo
      GEODIST sicily Palermo none
      GEODIST sicily none Palermo km
      GEODIST none a b
      GEODIST none a b parsec
      GEODIST sicily Palermo Catania parsec
      GEODIST sicily Palermo Catania ""
      GEODIST sicily Palermo Catania m x
      GEODIST sicily Palermo
      SET s x
      GEODIST s a b
      GEODIST s a b parsec
      GEOPOS s
      GEOPOS s a
      GEOHASH s a
      GEOPOS
      GEOHASH
      ${WORLD}
      ${['north', 'south', 'ne', 'sw', 'east', 'west', 'middle', 'fiji', 'samoa', 'paris', 'quito']
        .flatMap((a, i, all) => all.slice(i).map((b) => `GEODIST world ${a} ${b} km`))
        .join('\n')}
    `,
  )

  conformance(
    'scores that no place has',
    script`
      ZADD z 0 a 1 b -1 c 1.5 d -1.5 e inf f -inf g 1e15 h 4503599627370496 i 9007199254740992 j 1e19 k 1e20 l -1e19 m 9.3e18 n -9.3e18 o 18446744073709551615 p 4503599627370495 q
      GEOPOS z a b c d e f g h i j k l m n o p q
      GEOHASH z a b c d e f g h i j k l m n o p q
      GEODIST z a b
      GEODIST z c d
      GEODIST z f g
      GEODIST z h i
      GEORADIUS z 0 0 100000 km WITHHASH WITHCOORD WITHDIST
      GEOSEARCH z FROMMEMBER f BYRADIUS 100000 km WITHHASH ASC
      GEOSEARCH z FROMMEMBER g BYBOX 100000 100000 km WITHHASH DESC
    `,
  )
})

describe('searches', () => {
  conformance(
    'options',
    script`
      ${SICILY}
      GEOADD sicily 14.5 37.8 Middle
      ${[
        'GEORADIUS sicily 15 37 200 km',
        'GEORADIUS_RO sicily 15 37 200 km',
        'GEORADIUSBYMEMBER sicily Middle 100 km',
        'GEORADIUSBYMEMBER_RO sicily Middle 100 km',
        'GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 200 km',
        'GEOSEARCH sicily FROMMEMBER Middle BYBOX 200 300 km',
      ]
        .flatMap((search) =>
          [
            '',
            'WITHDIST',
            'WITHCOORD',
            'WITHHASH',
            'WITHCOORD WITHDIST WITHHASH',
            'withhash WithDist ASC',
            'DESC',
            'ASC DESC',
            'DESC ASC',
            'COUNT 1',
            'COUNT 2 DESC',
            'COUNT 1 ANY',
            'COUNT 2 ANY DESC WITHDIST',
            'COUNT 100',
            'ANY COUNT 1',
            'COUNT 1 COUNT 2',
          ].map((options) => `${search} ${options}`),
        )
        .join('\n')}
      GEORADIUS sicily 15 37 200000 m WITHDIST
      GEORADIUS sicily 15 37 200 mi WITHDIST
      GEORADIUS sicily 15 37 200000 FT WITHDIST
      GEOSEARCH sicily BYRADIUS 1 km FROMLONLAT 15 37
      GEOSEARCH sicily ASC BYBOX 400 400 km COUNT 2 FROMLONLAT 15 37 WITHDIST
      GEOSEARCH sicily FROMLONLAT 1 1 FROMLONLAT 15 37 BYRADIUS 1 m BYRADIUS 200 km
      GEOSEARCH sicily FROMMEMBER Palermo FROMMEMBER Middle BYBOX 1 1 m BYBOX 200 300 km
      GEORADIUS sicily 15 37 0 m
      GEORADIUSBYMEMBER sicily Middle 0 m WITHDIST
      GEOSEARCH sicily FROMMEMBER Middle BYBOX 0 0 m
      GEORADIUS sicily 15 37 inf m
      GEORADIUS sicily 15 37 1e308 km
      GEOSEARCH sicily FROMLONLAT 0 0 BYBOX inf inf m
      GEOSEARCH sicily FROMLONLAT 0 0 BYBOX 1e200 1e-200 m
      GEOSEARCH sicily FROMMEMBER Middle BYBOX 1e-200 1e-200 m
      GEOSEARCH sicily FROMMEMBER Middle BYRADIUS 5e-324 m
    `,
  )

  conformance(
    'errors',
    script`
      ${SICILY}
      SET s x
      ${['GEORADIUS', 'GEORADIUS_RO']
        .flatMap((name) => [
          `${name} sicily x 37 1 km`,
          `${name} sicily 15 x 1 km`,
          `${name} sicily 15 97 1 km`,
          `${name} sicily 15 37 x km`,
          `${name} sicily 15 37 -1 km`,
          `${name} sicily 15 37 nan km`,
          `${name} sicily 15 37 1 x`,
          `${name} sicily 15 37 -1 x`,
          `${name} none x 37 1 km`,
          `${name} none 15 37 1 km`,
          `${name} none 15 37 1 x`,
          `${name} s x 37 1 km`,
          `${name} sicily 15 37 1`,
          `${name} sicily 15 37 1 km FOO`,
          `${name} sicily 15 37 1 km COUNT`,
          `${name} sicily 15 37 1 km COUNT 0`,
          `${name} sicily 15 37 1 km COUNT -1`,
          `${name} sicily 15 37 1 km COUNT x`,
          `${name} sicily 15 37 1 km COUNT 9223372036854775808`,
          `${name} sicily 15 37 1 km COUNT 9223372036854775807`,
          `${name} sicily 15 37 1 km ANY`,
          `${name} sicily 15 37 1 km STORE`,
          `${name} sicily 15 37 1 km STOREDIST`,
          `${name} sicily 15 37 1 km FROMMEMBER Palermo`,
          `${name} sicily 15 37 1 km FROMLONLAT 1 1`,
          `${name} sicily 15 37 1 km BYRADIUS 1 m`,
          `${name} sicily 15 37 1 km BYBOX 1 1 m`,
          `${name} none 15 37 1 km FOO`,
          `${name} none 15 37 1 km ANY`,
          `${name} none 15 37 1 km COUNT 0`,
        ])
        .join('\n')}
      GEORADIUS_RO sicily 15 37 1 km STORE d
      GEORADIUS_RO sicily 15 37 1 km STOREDIST d
      GEORADIUS sicily 15 37 1 km STORE d WITHDIST
      GEORADIUS sicily 15 37 1 km WITHCOORD STOREDIST d
      GEORADIUS none 15 37 1 km WITHHASH STOREDIST d
      GEORADIUSBYMEMBER_RO sicily Palermo 1 km STORE d
      GEORADIUSBYMEMBER sicily none 1 km
      GEORADIUSBYMEMBER sicily none x x
      GEORADIUSBYMEMBER sicily Palermo x km
      GEORADIUSBYMEMBER sicily Palermo 1 x
      GEORADIUSBYMEMBER none Palermo x x
      GEORADIUSBYMEMBER none Palermo x x FOO
      GEORADIUSBYMEMBER s Palermo x x
      GEORADIUSBYMEMBER sicily Palermo 1
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 1 x
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS x km
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS -1 km
      GEOSEARCH sicily FROMLONLAT 15 37 BYBOX x 1 km
      GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 1 x km
      GEOSEARCH sicily FROMLONLAT 15 37 BYBOX -1 1 km
      GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 1 -1 km
      GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 1 1 x
      GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 1 -1 x
      GEOSEARCH sicily FROMLONLAT 15 37 ASC DESC
      GEOSEARCH sicily BYRADIUS 1 km ASC DESC
      geosearch sicily BYBOX 1 1 km ASC
      GeoSearch sicily FROMMEMBER Palermo WITHDIST WITHHASH WITHCOORD
      GEOSEARCH sicily FROMMEMBER Palermo FROMLONLAT 15 37 BYRADIUS 1 km
      GEOSEARCH sicily FROMLONLAT 15 37 FROMMEMBER Palermo BYRADIUS 1 km
      GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 1 1 km BYRADIUS 1 km
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 1 km BYBOX 1 1 km
      GEOSEARCH sicily FROMMEMBER none BYRADIUS 1 km FOO
      GEOSEARCH sicily FOO FROMMEMBER none BYRADIUS 1 km
      GEOSEARCH none FROMMEMBER none BYRADIUS 1 km
      GEOSEARCH none FROMMEMBER none BYRADIUS 1 x
      GEOSEARCH none FROMMEMBER none FROMLONLAT 1 1 BYRADIUS 1 km
      GEOSEARCH none FROMLONLAT 1 1 BYRADIUS 1 km COUNT 1 ANY
      GEOSEARCH none ASC DESC BYRADIUS 1 km
      GEOSEARCH none FROMLONLAT 1 100 BYRADIUS 1 km
      GEOSEARCH s FROMLONLAT 1 100 BYRADIUS 1 km
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 1 km STORE d
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 1 km STOREDIST
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 1 km COUNT
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 1
      GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 1 km
      GEOSEARCH sicily BYRADIUS 1 km FROMLONLAT 15
      GEOSEARCH sicily BYRADIUS 1 km WITHDIST FROMMEMBER
      GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS
      GEOSEARCHSTORE d sicily FROMLONLAT 15 37 BYRADIUS 1 km WITHDIST
      GEOSEARCHSTORE d none FROMLONLAT 15 37 BYRADIUS 1 km WITHHASH
      GEOSEARCHSTORE d sicily FROMLONLAT 15 37 BYRADIUS 1 km STORE x
      GEOSEARCHSTORE d sicily FROMLONLAT 15 37 ASC DESC DESC
      GEOSEARCHSTORE d sicily BYRADIUS 1 km ASC DESC DESC
      GEOSEARCHSTORE d s FROMLONLAT 15 37 BYRADIUS 1 km
      GEOSEARCHSTORE d sicily FROMLONLAT 15 37 BYRADIUS 1
      EXISTS d
    `,
  )

  conformance(
    'storing',
    script`
      ${SICILY}
      GEOADD sicily 14.5 37.8 Middle
      SET d x EX 1000
      GEORADIUS sicily 15 37 200 km STORE d
      ZRANGE d 0 -1 WITHSCORES
      TTL d
      OBJECT ENCODING d
      GEORADIUS sicily 15 37 200 km STOREDIST d
      ZRANGE d 0 -1
      GEORADIUS sicily 15 37 200 km STOREDIST e STORE d
      EXISTS e
      ZRANGE d 0 -1 WITHSCORES
      GEORADIUS sicily 15 37 200 km COUNT 2 STORE sicily
      ZRANGE sicily 0 -1 WITHSCORES
      GEORADIUSBYMEMBER sicily Middle 200 km COUNT 1 DESC STORE e
      ZRANGE e 0 -1 WITHSCORES
      GEOSEARCHSTORE f sicily FROMMEMBER Middle BYBOX 400 400 km
      ZRANGE f 0 -1 WITHSCORES
      GEOSEARCHSTORE f sicily FROMMEMBER Middle BYRADIUS 1 m STOREDIST
      ZRANGE f 0 -1 WITHSCORES
      GEOSEARCHSTORE f sicily FROMMEMBER Middle BYRADIUS 400 km COUNT 1 ANY
      ZRANGE f 0 -1 WITHSCORES
      GEOSEARCHSTORE f sicily FROMLONLAT 0 0 BYRADIUS 1 km
      EXISTS f
      GEOSEARCHSTORE f sicily FROMLONLAT 0 0 BYRADIUS 1 km
      GEORADIUS none 0 0 1 km STORE d
      EXISTS d
      GEORADIUSBYMEMBER none x x x STORE e
      EXISTS e
      SET g x
      GEOSEARCHSTORE g none FROMMEMBER a BYBOX 1 1 m
      EXISTS g
      GEORADIUS none 0 0 1 km STORE d
      LPUSH l x
      GEOSEARCHSTORE l sicily FROMMEMBER Middle BYRADIUS 400 km
      TYPE l
      GEOSEARCHSTORE sicily sicily FROMMEMBER Middle BYRADIUS 1 m
      ZRANGE sicily 0 -1 WITHSCORES
      ${grid('grid', 0.01, 15)}
      GEOSEARCHSTORE big grid FROMLONLAT 0 0 BYRADIUS 1000 km
      OBJECT ENCODING big
      ZCARD big
      GEOSEARCHSTORE small grid FROMLONLAT 0 0 BYRADIUS 1000 km COUNT 128
      OBJECT ENCODING small
    `,
  )

  conformance(
    'distances are stored with all digits',
    script`
      ${SICILY}
      GEOADD sicily 14.5 37.8 Middle 12.5 38.01 Trapani 13.58 37.31 Agrigento
      GEOSEARCHSTORE d sicily FROMLONLAT 14 38 BYRADIUS 400 km STOREDIST
      ZRANGE d 0 -1 WITHSCORES ~near 0.000000001
      GEORADIUS sicily 14 38 400 mi STOREDIST d
      ZRANGE d 0 -1 WITHSCORES ~near 0.000000001
      GEORADIUSBYMEMBER sicily Middle 400000 ft STOREDIST d
      ZRANGE d 0 -1 WITHSCORES ~near 0.000000001
      ~no-digest
    `,
  )

  conformance(
    'the order of members that are equally far',
    script`
      ${grid('grid', 0.01, 12)}
      ${['0 0', '0.005 0.005', '0.01 -0.02', '-0.04 0.04']
        .flatMap((place) =>
          ['1', '2', '3', '5', '6', '7', '8', '20', '41', '60', '100', '143', '144', '1000'].flatMap(
            (count) => [
              `GEOSEARCH grid FROMLONLAT ${place} BYRADIUS 100 km ASC COUNT ${count}`,
              `GEOSEARCH grid FROMLONLAT ${place} BYBOX 100 100 km DESC COUNT ${count}`,
              `GEOSEARCH grid FROMLONLAT ${place} BYRADIUS 4 km COUNT ${count} WITHDIST`,
              `GEOSEARCH grid FROMLONLAT ${place} BYRADIUS 4 km COUNT ${count} ANY`,
              `GEOSEARCH grid FROMLONLAT ${place} BYRADIUS 4 km COUNT ${count} ANY ASC`,
            ],
          ),
        )
        .join('\n')}
      GEOSEARCH grid FROMLONLAT 0 0 BYRADIUS 100 km
      GEOSEARCH grid FROMLONLAT 0 0 BYRADIUS 100 km ASC
      GEOSEARCH grid FROMLONLAT 0 0 BYRADIUS 100 km DESC
      GEOADD same ${Array.from({ length: 50 }, (_, i) => `1 1 m${i} 1.001 1 n${i}`).join(' ')}
      ${['1', '2', '7', '30', '50', '51', '99'].flatMap((count) => [`GEORADIUS same 1 1 10 km COUNT ${count}`, `GEORADIUS same 1 1 10 km COUNT ${count} DESC`]).join('\n')}
    `,
  )

  conformance(
    'all over the world',
    script`
      ${WORLD}
      ${[
        '0 0',
        '180 0',
        '-180 0',
        '179.9 -16',
        '-179.9 -16',
        '0 85',
        '0 -85.05112878',
        '180 85.05112878',
        '-180 -85.05112878',
        '10 67',
        '10 -67',
        '-60 81',
        '100 -83',
        '2 48',
      ]
        .flatMap((place) =>
          [
            '0',
            '1',
            '100',
            '500',
            '1000',
            '2000',
            '2500',
            '4000',
            '5000',
            '6000',
            '10000',
            '20000',
            '30000',
          ].flatMap((km) => [
            `GEORADIUS world ${place} ${km} km WITHDIST`,
            `GEOSEARCH world FROMLONLAT ${place} BYBOX ${km} ${km} km`,
            `GEOSEARCH world FROMLONLAT ${place} BYBOX ${Number(km) * 3} ${km} km ASC`,
            `GEOSEARCH world FROMLONLAT ${place} BYBOX ${km} ${Number(km) * 3} km DESC WITHCOORD`,
          ]),
        )
        .join('\n')}
      ${['ne', 'sw', 'east', 'west', 'north', 'mcmurdo', 'fiji'].flatMap((name) => ['1', '3000', '9000', '21000'].map((km) => `GEORADIUSBYMEMBER world ${name} ${km} km WITHDIST WITHHASH WITHCOORD ASC`)).join('\n')}
    `,
  )
})

conformance(
  'the keys of searches that store',
  script`
    COMMAND GETKEYS GEORADIUS k 1 1 1 km
    COMMAND GETKEYS GEORADIUS k 1 1 1 km STORE d
    COMMAND GETKEYS GEORADIUS k 1 1 1 km STOREDIST d
    COMMAND GETKEYS GEORADIUS k 1 1 1 km STORE d STOREDIST e
    COMMAND GETKEYS GEORADIUS k 1 1 1 km STOREDIST d ASC store e
    COMMAND GETKEYS GEORADIUS k 1 1 1 km STORE d STORE e
    COMMAND GETKEYS GEORADIUS k 1 1 1 km STORE
    COMMAND GETKEYS GEORADIUSBYMEMBER k store 1 km STORE d
    COMMAND GETKEYS GEORADIUSBYMEMBER k m 1 km COUNT 1 STOREDIST d
    COMMAND GETKEYS GEORADIUS_RO k 1 1 1 km
    COMMAND GETKEYS GEORADIUSBYMEMBER_RO k m 1 km
    COMMAND GETKEYS GEOSEARCH k FROMMEMBER m BYRADIUS 1 km
    COMMAND GETKEYS GEOSEARCHSTORE d k FROMMEMBER m BYRADIUS 1 km
    COMMAND GETKEYSANDFLAGS GEORADIUS k 1 1 1 km STORE d STOREDIST e
    COMMAND GETKEYSANDFLAGS GEOSEARCHSTORE d k FROMMEMBER m BYRADIUS 1 km
    COMMAND GETKEYSANDFLAGS GEOADD k 1 1 a
    COMMAND GETKEYSANDFLAGS PFCOUNT a b
    COMMAND GETKEYSANDFLAGS PFMERGE a b c
    COMMAND GETKEYS PFMERGE a
  `,
)
