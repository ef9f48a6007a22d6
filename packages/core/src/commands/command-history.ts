/**
 * What changed in commands since they came, and since when their arguments are there: only COMMAND DOCS tells it,
 * so it stands here and not in the way of the descriptors.
 */

export interface CommandHistory {
  /** Version and change, oldest first. */
  readonly changes?: readonly (readonly [version: string, change: string])[]
  /** By the name of an argument, those of the arguments around it ahead of it: `trim/count`. */
  readonly since?: { readonly [path: string]: string }
  readonly deprecatedSince?: { readonly [path: string]: string }
}

function several(version: string, what: string): CommandHistory {
  return { changes: [[version, `Takes more than one ${what}.`]] }
}

const FRACTIONS: CommandHistory = { changes: [['6.0.0', 'The timeout may have a fraction.']] }
const CONDITIONS: CommandHistory = {
  changes: [['7.0.0', 'Options `NX`, `XX`, `GT` and `LT`.']],
  since: { condition: '7.0.0' },
}
const FLUSH_TYPES: CommandHistory = {
  changes: [
    ['4.0.0', 'Option `ASYNC`.'],
    ['6.2.0', 'Option `SYNC`.'],
  ],
  since: { 'flush-type/async': '4.0.0', 'flush-type/sync': '6.2.0' },
}
const POP_COUNT: CommandHistory = { changes: [['6.2.0', 'Argument `count`.']], since: { count: '6.2.0' } }
const WITH_SCORE: CommandHistory = {
  changes: [['7.2.0', 'Option `WITHSCORE`.']],
  since: { withscore: '7.2.0' },
}
const MISSING_KEY: CommandHistory = { changes: [['2.8.0', 'Answers -2 where there is no key.']] }
const EXCLUSIVE: CommandHistory = { changes: [['6.2.0', 'A range may leave its ends out.']] }
const CAPITAL_UNITS = ['7.0.0', 'Units may be written in capitals.'] as const
const ANY_COUNT = ['6.2.0', 'Option `ANY` of `COUNT`.'] as const
const TRIMMING: CommandHistory = {
  changes: [['6.2.0', 'Trimming by `MINID`, and option `LIMIT`.']],
  since: { 'trim/strategy/minid': '6.2.0', 'trim/count': '6.2.0' },
}

/** By full name. */
export const COMMAND_HISTORY: { readonly [command: string]: CommandHistory } = {
  'acl|getuser': {
    changes: [
      ['6.2.0', 'Patterns of channels.'],
      ['7.0.0', 'Selectors; patterns of keys and channels are given as rules, not as lists.'],
    ],
  },
  'acl|setuser': {
    changes: [
      ['6.2.0', 'Patterns of channels.'],
      ['7.0.0', 'Selectors, and keys that may only be read or only be written.'],
    ],
  },
  auth: { changes: [['6.0.0', 'Takes a user name, too.']], since: { username: '6.0.0' } },
  bgsave: { changes: [['3.2.2', 'Option `SCHEDULE`.']], since: { schedule: '3.2.2' } },
  bitcount: { changes: [['7.0.0', 'Options `BYTE` and `BIT`.']], since: { 'range/unit': '7.0.0' } },
  bitpos: {
    changes: [['7.0.0', 'Options `BYTE` and `BIT`.']],
    since: { 'range/end-unit-block/unit': '7.0.0' },
  },
  blpop: FRACTIONS,
  brpop: FRACTIONS,
  brpoplpush: FRACTIONS,
  bzpopmax: FRACTIONS,
  bzpopmin: FRACTIONS,
  'client|kill': {
    changes: [
      ['2.8.12', 'Filters of several kinds.'],
      ['2.8.12', 'Filter `ID`.'],
      ['3.2.0', 'Type `master`.'],
      ['5.0.0', 'Type `replica`; `slave` means the same.'],
      ['6.2.0', 'Filter `LADDR`.'],
      ['7.4.0', 'Filter `MAXAGE`.'],
    ],
    since: {
      'filter/new-format/client-id': '2.8.12',
      'filter/new-format/client-type': '2.8.12',
      'filter/new-format/client-type/master': '3.2.0',
      'filter/new-format/client-type/replica': '5.0.0',
      'filter/new-format/laddr': '6.2.0',
      'filter/new-format/maxage': '7.4.0',
    },
    deprecatedSince: { 'filter/old-format': '2.8.12' },
  },
  'client|list': {
    changes: [
      ['2.8.12', 'Field `id`.'],
      ['5.0.0', 'Filter `TYPE`.'],
      ['6.0.0', 'Field `user`.'],
      ['6.2.0', 'Fields `argv-mem`, `tot-mem`, `laddr` and `redir`; filter `ID`.'],
      ['7.0.0', 'Fields `resp`, `multi-mem`, `rbs` and `rbp`.'],
      ['7.0.3', 'Field `ssub`.'],
      ['7.2.0', 'Fields `lib-name` and `lib-ver`.'],
      ['7.4.0', 'Field `watch`.'],
    ],
    since: { 'client-type': '5.0.0', 'client-id': '6.2.0' },
  },
  'client|pause': { changes: [['6.2.0', 'Argument `mode`.']], since: { mode: '6.2.0' } },
  'command|info': { changes: [['7.0.0', 'Without names it describes all commands.']] },
  'config|get': several('7.0.0', 'pattern'),
  'config|set': several('7.0.0', 'setting'),
  exists: several('3.0.3', 'key'),
  expire: CONDITIONS,
  expireat: CONDITIONS,
  flushall: FLUSH_TYPES,
  flushdb: FLUSH_TYPES,
  geoadd: {
    changes: [['6.2.0', 'Options `CH`, `NX` and `XX`.']],
    since: { condition: '6.2.0', change: '6.2.0' },
  },
  georadius: { changes: [ANY_COUNT, CAPITAL_UNITS], since: { 'count-block/any': '6.2.0' } },
  georadius_ro: { changes: [ANY_COUNT], since: { 'count-block/any': '6.2.0' } },
  georadiusbymember: { changes: [CAPITAL_UNITS] },
  geosearch: { changes: [CAPITAL_UNITS] },
  geosearchstore: { changes: [CAPITAL_UNITS] },
  hdel: several('2.4.0', 'field'),
  hello: { changes: [['6.2.0', 'Without a version it only describes the connection.']] },
  hset: several('4.0.0', 'field with its value'),
  info: several('7.0.0', 'section'),
  lpop: POP_COUNT,
  lpush: several('2.4.0', 'element'),
  lpushx: several('4.0.0', 'element'),
  migrate: {
    changes: [
      ['3.0.0', 'Options `COPY` and `REPLACE`.'],
      ['3.0.6', 'Option `KEYS`.'],
      ['4.0.7', 'Option `AUTH`.'],
      ['6.0.0', 'Option `AUTH2`.'],
    ],
    since: {
      copy: '3.0.0',
      replace: '3.0.0',
      'authentication/auth': '4.0.7',
      'authentication/auth2': '6.0.0',
      keys: '3.0.6',
    },
  },
  pexpire: CONDITIONS,
  pexpireat: CONDITIONS,
  pttl: MISSING_KEY,
  renamenx: { changes: [['3.2.0', 'Both names may be the same.']] },
  restore: {
    changes: [
      ['3.0.0', 'Option `REPLACE`.'],
      ['5.0.0', 'Option `ABSTTL`.'],
      ['5.0.0', 'Options `IDLETIME` and `FREQ`.'],
    ],
    since: { replace: '3.0.0', absttl: '5.0.0', seconds: '5.0.0', frequency: '5.0.0' },
  },
  rpop: POP_COUNT,
  rpush: several('2.4.0', 'element'),
  rpushx: several('4.0.0', 'element'),
  sadd: several('2.4.0', 'member'),
  scan: { changes: [['6.0.0', 'Option `TYPE`.']], since: { type: '6.0.0' } },
  set: {
    changes: [
      ['2.6.12', 'Options `EX`, `PX`, `NX` and `XX`.'],
      ['6.0.0', 'Option `KEEPTTL`.'],
      ['6.2.0', 'Options `GET`, `EXAT` and `PXAT`.'],
      ['7.0.0', '`NX` and `GET` may be given together.'],
    ],
    since: {
      condition: '2.6.12',
      get: '6.2.0',
      'expiration/seconds': '2.6.12',
      'expiration/milliseconds': '2.6.12',
      'expiration/unix-time-seconds': '6.2.0',
      'expiration/unix-time-milliseconds': '6.2.0',
      'expiration/keepttl': '6.0.0',
    },
  },
  shutdown: {
    changes: [['7.0.0', 'Options `NOW`, `FORCE` and `ABORT`.']],
    since: { now: '7.0.0', force: '7.0.0', abort: '7.0.0' },
  },
  'slowlog|get': { changes: [['4.0.0', 'Entries tell the address and the name of the client.']] },
  spop: { changes: [['3.2.0', 'Argument `count`.']], since: { count: '3.2.0' } },
  srandmember: { changes: [['2.6.0', 'Argument `count`.']], since: { count: '2.6.0' } },
  srem: several('2.4.0', 'member'),
  ttl: MISSING_KEY,
  xadd: {
    changes: [
      ['6.2.0', 'Options `NOMKSTREAM` and `LIMIT`, and trimming by `MINID`.'],
      ['7.0.0', 'IDs of the form `<ms>-*`.'],
    ],
    since: { nomkstream: '6.2.0', ...TRIMMING.since },
  },
  xautoclaim: { changes: [['7.0.0', 'Gives the IDs of entries that were deleted in the meantime.']] },
  'xgroup|create': { changes: [['7.0.0', 'Option `ENTRIESREAD`.']] },
  'xgroup|setid': { changes: [['7.0.0', 'Option `ENTRIESREAD`.']] },
  'xinfo|consumers': { changes: [['7.2.0', 'Field `inactive`; `idle` has another meaning.']] },
  'xinfo|groups': { changes: [['7.0.0', 'Fields `entries-read` and `lag`.']] },
  'xinfo|stream': {
    changes: [
      ['6.0.0', 'Option `FULL`.'],
      [
        '7.0.0',
        'Fields `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read`, `lag`.',
      ],
      ['7.2.0', 'Field `active-time`; `seen-time` has another meaning.'],
    ],
  },
  xpending: {
    changes: [['6.2.0', 'Option `IDLE`, and ranges that leave their ends out.']],
    since: { 'filters/min-idle-time': '6.2.0' },
  },
  xrange: EXCLUSIVE,
  xrevrange: EXCLUSIVE,
  xsetid: {
    changes: [['7.0.0', 'Options `ENTRIESADDED` and `MAXDELETEDID`.']],
    since: { 'entries-added': '7.0.0', 'max-deleted-id': '7.0.0' },
  },
  xtrim: TRIMMING,
  zadd: {
    changes: [
      ['2.4.0', 'Takes more than one element.'],
      ['3.0.2', 'Options `XX`, `NX`, `CH` and `INCR`.'],
      ['6.2.0', 'Options `GT` and `LT`.'],
    ],
    since: { condition: '3.0.2', comparison: '6.2.0', change: '3.0.2', increment: '3.0.2' },
  },
  zrange: {
    changes: [['6.2.0', 'Options `REV`, `BYSCORE`, `BYLEX` and `LIMIT`.']],
    since: { sortby: '6.2.0', rev: '6.2.0', limit: '6.2.0' },
  },
  zrangebyscore: { changes: [['2.0.0', 'Option `WITHSCORES`.']], since: { withscores: '2.0.0' } },
  zrank: WITH_SCORE,
  zrem: several('2.4.0', 'member'),
  zrevrangebyscore: { changes: [['2.1.6', 'The ends of the range may be left out.']] },
  zrevrank: WITH_SCORE,
}
