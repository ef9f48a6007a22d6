/**
 * The types of the commands' methods, one line a command: its arguments and its reply with text for strings.
 * Where the reply depends on the number of arguments there are two of both. Pipelines, transactions and the
 * `…Buffer` methods derive theirs from this table; a test holds it against the table of commands.
 */

import type { Argument, Pairs, Scalar } from './encode.js'

type Key = Scalar
/** One or several of them, each by itself or in an array. */
type Several = readonly [first: Scalar | readonly Scalar[], ...rest: readonly (Scalar | readonly Scalar[])[]]
/** Options as the reference writes them, in their order: `'EX', 10, 'NX'`. */
type Options = readonly Argument[]
/** Fields and values in turn, or a Map or object of them. */
type Fields = readonly [fields: Pairs] | readonly [field: Scalar, value: Scalar, ...more: readonly Scalar[]]
/** Scores and members in turn, options such as `NX` and `GT` ahead of them. */
type Scores = readonly [first: Scalar, ...rest: Several]
/** FIELDS, their number, and the fields, ahead of them the time and its condition. */
type FieldList = Several
/** A key and what is taken from it. */
type Popped<T> = [key: string, taken: T] | null
type ScanPage = [cursor: string, elements: string[]]
/** Members and scores in turn, where scores were asked for. */
type Members = string[]
/** An ID, and fields and values in turn. */
type StreamEntry = [id: string, fields: string[]]
type StreamEntries = [key: string, entries: StreamEntry[]]
type OK = 'OK'

export interface CommandTypes {
  // ---- strings and bitmaps ------------------------------------------------------------------------------
  append: [[key: Key, value: Scalar], number]
  bitcount: [[key: Key, ...range: Options], number]
  bitfield: [[key: Key, ...operations: Options], (number | null)[]]
  bitfield_ro: [[key: Key, ...operations: Options], number[]]
  bitop: [[operation: string, destination: Key, ...keys: Several], number]
  bitpos: [[key: Key, bit: Scalar, ...range: Options], number]
  decr: [[key: Key], number]
  decrby: [[key: Key, decrement: Scalar], number]
  get: [[key: Key], string | null]
  getbit: [[key: Key, offset: Scalar], number]
  getdel: [[key: Key], string | null]
  getex: [[key: Key, ...options: Options], string | null]
  getrange: [[key: Key, start: Scalar, end: Scalar], string]
  getset: [[key: Key, value: Scalar], string | null]
  incr: [[key: Key], number]
  incrby: [[key: Key, increment: Scalar], number]
  incrbyfloat: [[key: Key, increment: Scalar], string]
  lcs: [[first: Key, second: Key], string, [first: Key, second: Key, ...options: Options], unknown]
  mget: [Several, (string | null)[]]
  mset: [Fields, OK]
  msetnx: [Fields, number]
  psetex: [[key: Key, milliseconds: Scalar, value: Scalar], OK]
  set: [[key: Key, value: Scalar], OK, [key: Key, value: Scalar, ...options: Options], string | null]
  setbit: [[key: Key, offset: Scalar, bit: Scalar], number]
  setex: [[key: Key, seconds: Scalar, value: Scalar], OK]
  setnx: [[key: Key, value: Scalar], number]
  setrange: [[key: Key, offset: Scalar, value: Scalar], number]
  strlen: [[key: Key], number]
  substr: [[key: Key, start: Scalar, end: Scalar], string]

  // ---- lists --------------------------------------------------------------------------------------------
  blmove: [[source: Key, destination: Key, from: string, to: string, seconds: Scalar], string | null]
  blmpop: [[seconds: Scalar, count: Scalar, ...rest: Several], Popped<string[]>]
  blpop: [[...keysAndSeconds: Several], Popped<string>]
  brpop: [[...keysAndSeconds: Several], Popped<string>]
  brpoplpush: [[source: Key, destination: Key, seconds: Scalar], string | null]
  lindex: [[key: Key, index: Scalar], string | null]
  linsert: [[key: Key, where: 'BEFORE' | 'AFTER' | 'before' | 'after', pivot: Scalar, value: Scalar], number]
  llen: [[key: Key], number]
  lmove: [[source: Key, destination: Key, from: string, to: string], string | null]
  lmpop: [[count: Scalar, ...rest: Several], Popped<string[]>]
  lpop: [[key: Key], string | null, [key: Key, count: Scalar], string[] | null]
  lpos: [
    [key: Key, value: Scalar],
    number | null,
    [key: Key, value: Scalar, ...options: Options],
    number | number[] | null,
  ]
  lpush: [[key: Key, ...values: Several], number]
  lpushx: [[key: Key, ...values: Several], number]
  lrange: [[key: Key, start: Scalar, stop: Scalar], string[]]
  lrem: [[key: Key, count: Scalar, value: Scalar], number]
  lset: [[key: Key, index: Scalar, value: Scalar], OK]
  ltrim: [[key: Key, start: Scalar, stop: Scalar], OK]
  rpop: [[key: Key], string | null, [key: Key, count: Scalar], string[] | null]
  rpoplpush: [[source: Key, destination: Key], string | null]
  rpush: [[key: Key, ...values: Several], number]
  rpushx: [[key: Key, ...values: Several], number]

  // ---- hashes -------------------------------------------------------------------------------------------
  hdel: [[key: Key, ...fields: Several], number]
  hexists: [[key: Key, field: Scalar], number]
  hexpire: [[key: Key, seconds: Scalar, ...fields: FieldList], number[]]
  hexpireat: [[key: Key, unixSeconds: Scalar, ...fields: FieldList], number[]]
  hexpiretime: [[key: Key, ...fields: FieldList], number[]]
  hget: [[key: Key, field: Scalar], string | null]
  hgetall: [[key: Key], Record<string, string>]
  hgetdel: [[key: Key, ...fields: FieldList], (string | null)[]]
  hgetex: [[key: Key, ...optionsAndFields: FieldList], (string | null)[]]
  hincrby: [[key: Key, field: Scalar, increment: Scalar], number]
  hincrbyfloat: [[key: Key, field: Scalar, increment: Scalar], string]
  hkeys: [[key: Key], string[]]
  hlen: [[key: Key], number]
  hmget: [[key: Key, ...fields: Several], (string | null)[]]
  hmset: [[key: Key, ...fields: Fields], OK]
  hpersist: [[key: Key, ...fields: FieldList], number[]]
  hpexpire: [[key: Key, milliseconds: Scalar, ...fields: FieldList], number[]]
  hpexpireat: [[key: Key, unixMilliseconds: Scalar, ...fields: FieldList], number[]]
  hpexpiretime: [[key: Key, ...fields: FieldList], number[]]
  hpttl: [[key: Key, ...fields: FieldList], number[]]
  hrandfield: [[key: Key], string | null, [key: Key, count: Scalar, ...options: Options], string[]]
  hscan: [[key: Key, cursor: Scalar, ...options: Options], ScanPage]
  hset: [[key: Key, ...fields: Fields], number]
  hsetex: [[key: Key, ...optionsAndFields: FieldList], number]
  hsetnx: [[key: Key, field: Scalar, value: Scalar], number]
  hstrlen: [[key: Key, field: Scalar], number]
  httl: [[key: Key, ...fields: FieldList], number[]]
  hvals: [[key: Key], string[]]

  // ---- sets ---------------------------------------------------------------------------------------------
  sadd: [[key: Key, ...members: Several], number]
  scard: [[key: Key], number]
  sdiff: [Several, string[]]
  sdiffstore: [[destination: Key, ...keys: Several], number]
  sinter: [Several, string[]]
  sintercard: [[count: Scalar, ...keysAndLimit: Several], number]
  sinterstore: [[destination: Key, ...keys: Several], number]
  sismember: [[key: Key, member: Scalar], number]
  smembers: [[key: Key], string[]]
  smismember: [[key: Key, ...members: Several], number[]]
  smove: [[source: Key, destination: Key, member: Scalar], number]
  spop: [[key: Key], string | null, [key: Key, count: Scalar], string[]]
  srandmember: [[key: Key], string | null, [key: Key, count: Scalar], string[]]
  srem: [[key: Key, ...members: Several], number]
  sscan: [[key: Key, cursor: Scalar, ...options: Options], ScanPage]
  sunion: [Several, string[]]
  sunionstore: [[destination: Key, ...keys: Several], number]

  // ---- sorted sets --------------------------------------------------------------------------------------
  bzmpop: [[seconds: Scalar, count: Scalar, ...rest: Several], Popped<[member: string, score: string][]>]
  bzpopmax: [[...keysAndSeconds: Several], [key: string, member: string, score: string] | null]
  bzpopmin: [[...keysAndSeconds: Several], [key: string, member: string, score: string] | null]
  zadd: [
    [key: Key, score: Scalar, member: Scalar],
    number,
    [key: Key, ...scores: Scores],
    number | string | null,
  ]
  zcard: [[key: Key], number]
  zcount: [[key: Key, min: Scalar, max: Scalar], number]
  zdiff: [[count: Scalar, ...keysAndOptions: Several], Members]
  zdiffstore: [[destination: Key, count: Scalar, ...keys: Several], number]
  zincrby: [[key: Key, increment: Scalar, member: Scalar], string]
  zinter: [[count: Scalar, ...keysAndOptions: Several], Members]
  zintercard: [[count: Scalar, ...keysAndLimit: Several], number]
  zinterstore: [[destination: Key, count: Scalar, ...keysAndOptions: Several], number]
  zlexcount: [[key: Key, min: Scalar, max: Scalar], number]
  zmpop: [[count: Scalar, ...rest: Several], Popped<[member: string, score: string][]>]
  zmscore: [[key: Key, ...members: Several], (string | null)[]]
  zpopmax: [[key: Key, ...count: Options], Members]
  zpopmin: [[key: Key, ...count: Options], Members]
  zrandmember: [[key: Key], string | null, [key: Key, count: Scalar, ...options: Options], Members]
  zrange: [[key: Key, start: Scalar, stop: Scalar, ...options: Options], Members]
  zrangebylex: [[key: Key, min: Scalar, max: Scalar, ...options: Options], Members]
  zrangebyscore: [[key: Key, min: Scalar, max: Scalar, ...options: Options], Members]
  zrangestore: [[destination: Key, source: Key, start: Scalar, stop: Scalar, ...options: Options], number]
  zrank: [
    [key: Key, member: Scalar],
    number | null,
    [key: Key, member: Scalar, option: string],
    [rank: number, score: string] | null,
  ]
  zrem: [[key: Key, ...members: Several], number]
  zremrangebylex: [[key: Key, min: Scalar, max: Scalar], number]
  zremrangebyrank: [[key: Key, start: Scalar, stop: Scalar], number]
  zremrangebyscore: [[key: Key, min: Scalar, max: Scalar], number]
  zrevrange: [[key: Key, start: Scalar, stop: Scalar, ...options: Options], Members]
  zrevrangebylex: [[key: Key, max: Scalar, min: Scalar, ...options: Options], Members]
  zrevrangebyscore: [[key: Key, max: Scalar, min: Scalar, ...options: Options], Members]
  zrevrank: [
    [key: Key, member: Scalar],
    number | null,
    [key: Key, member: Scalar, option: string],
    [rank: number, score: string] | null,
  ]
  zscan: [[key: Key, cursor: Scalar, ...options: Options], ScanPage]
  zscore: [[key: Key, member: Scalar], string | null]
  zunion: [[count: Scalar, ...keysAndOptions: Several], Members]
  zunionstore: [[destination: Key, count: Scalar, ...keysAndOptions: Several], number]

  // ---- streams ------------------------------------------------------------------------------------------
  xack: [[key: Key, group: Scalar, ...ids: Several], number]
  xadd: [[key: Key, ...optionsAndIdAndFields: Options], string | null]
  xautoclaim: [
    [key: Key, group: Scalar, consumer: Scalar, minIdleMs: Scalar, start: Scalar, ...options: Options],
    [cursor: string, entries: (StreamEntry | string)[], gone: string[]],
  ]
  xclaim: [
    [key: Key, group: Scalar, consumer: Scalar, minIdleMs: Scalar, ...idsAndOptions: Several],
    (StreamEntry | string)[],
  ]
  xdel: [[key: Key, ...ids: Several], number]
  xgroup: [[subcommand: string, ...args: Options], unknown]
  xinfo: [[subcommand: string, ...args: Options], unknown]
  xlen: [[key: Key], number]
  xpending: [[key: Key, group: Scalar, ...range: Options], unknown[]]
  xrange: [[key: Key, start: Scalar, end: Scalar, ...count: Options], StreamEntry[]]
  xread: [Options, StreamEntries[] | null]
  xreadgroup: [Options, StreamEntries[] | null]
  xrevrange: [[key: Key, end: Scalar, start: Scalar, ...count: Options], StreamEntry[]]
  xsetid: [[key: Key, id: Scalar, ...options: Options], OK]
  xtrim: [[key: Key, strategy: string, ...threshold: Options], number]

  // ---- keys ---------------------------------------------------------------------------------------------
  copy: [[source: Key, destination: Key, ...options: Options], number]
  del: [Several, number]
  dump: [[key: Key], string | null]
  exists: [Several, number]
  expire: [[key: Key, seconds: Scalar, ...condition: Options], number]
  expireat: [[key: Key, unixSeconds: Scalar, ...condition: Options], number]
  expiretime: [[key: Key], number]
  keys: [[pattern: Scalar], string[]]
  migrate: [
    [host: Scalar, port: Scalar, key: Key, database: Scalar, milliseconds: Scalar, ...options: Options],
    string,
  ]
  move: [[key: Key, database: Scalar], number]
  object: [[subcommand: string, ...args: Options], unknown]
  persist: [[key: Key], number]
  pexpire: [[key: Key, milliseconds: Scalar, ...condition: Options], number]
  pexpireat: [[key: Key, unixMilliseconds: Scalar, ...condition: Options], number]
  pexpiretime: [[key: Key], number]
  pttl: [[key: Key], number]
  randomkey: [[], string | null]
  rename: [[key: Key, newKey: Key], OK]
  renamenx: [[key: Key, newKey: Key], number]
  restore: [[key: Key, milliseconds: Scalar, payload: Scalar, ...options: Options], OK]
  scan: [[cursor: Scalar, ...options: Options], ScanPage]
  sort: [[key: Key], string[], [key: Key, ...options: Options], (string | null)[] | number]
  sort_ro: [[key: Key, ...options: Options], (string | null)[]]
  touch: [Several, number]
  ttl: [[key: Key], number]
  type: [[key: Key], string]
  unlink: [Several, number]
  wait: [[replicas: Scalar, milliseconds: Scalar], number]
  waitaof: [[local: Scalar, replicas: Scalar, milliseconds: Scalar], number[]]

  // ---- places -------------------------------------------------------------------------------------------
  geoadd: [[key: Key, ...optionsAndPlaces: Several], number]
  geodist: [[key: Key, first: Scalar, second: Scalar, ...unit: Options], string | null]
  geohash: [[key: Key, ...members: Options], (string | null)[]]
  geopos: [[key: Key, ...members: Options], ([longitude: string, latitude: string] | null)[]]
  georadius: [
    [key: Key, longitude: Scalar, latitude: Scalar, radius: Scalar, unit: string],
    string[],
    [key: Key, longitude: Scalar, latitude: Scalar, radius: Scalar, unit: string, ...options: Options],
    unknown,
  ]
  georadius_ro: [
    [key: Key, longitude: Scalar, latitude: Scalar, radius: Scalar, unit: string],
    string[],
    [key: Key, longitude: Scalar, latitude: Scalar, radius: Scalar, unit: string, ...options: Options],
    unknown[],
  ]
  georadiusbymember: [
    [key: Key, member: Scalar, radius: Scalar, unit: string],
    string[],
    [key: Key, member: Scalar, radius: Scalar, unit: string, ...options: Options],
    unknown,
  ]
  georadiusbymember_ro: [
    [key: Key, member: Scalar, radius: Scalar, unit: string],
    string[],
    [key: Key, member: Scalar, radius: Scalar, unit: string, ...options: Options],
    unknown[],
  ]
  geosearch: [[key: Key, ...search: Several], unknown[]]
  geosearchstore: [[destination: Key, source: Key, ...search: Several], number]

  // ---- HyperLogLogs -------------------------------------------------------------------------------------
  pfadd: [[key: Key], number, [key: Key, ...elements: Several], number]
  pfcount: [Several, number]
  pfdebug: [[subcommand: string, key: Key], unknown]
  pfmerge: [[destination: Key, ...sources: Options], OK]
  pfselftest: [[], OK]

  // ---- transactions -------------------------------------------------------------------------------------
  discard: [[], OK]
  unwatch: [[], OK]
  watch: [Several, OK]

  // ---- publishing and subscribing; see also subscribing.ts ----------------------------------------------
  psubscribe: [Several, number]
  publish: [[channel: Key, message: Scalar], number]
  pubsub: [[subcommand: string, ...args: Options], unknown]
  punsubscribe: [Options, number]
  spublish: [[channel: Key, message: Scalar], number]
  ssubscribe: [Several, number]
  subscribe: [Several, number]
  sunsubscribe: [Options, number]
  unsubscribe: [Options, number]

  // ---- connection and server ----------------------------------------------------------------------------
  acl: [[subcommand: string, ...args: Options], unknown]
  auth: [[password: Scalar], OK, [user: Scalar, password: Scalar], OK]
  client: [[subcommand: string, ...args: Options], unknown]
  command: [Options, unknown]
  config: [[subcommand: string, ...args: Options], unknown]
  bgrewriteaof: [[], string]
  bgsave: [Options, string]
  dbsize: [[], number]
  debug: [[subcommand: string, ...args: Options], unknown]
  echo: [[message: Scalar], string]
  flushall: [Options, OK]
  flushdb: [Options, OK]
  hello: [Options, unknown]
  info: [Options, string]
  lastsave: [[], number]
  latency: [[subcommand: string, ...args: Options], unknown]
  lolwut: [Options, string]
  memory: [[subcommand: string, ...args: Options], unknown]
  monitor: [[], OK]
  ping: [[], 'PONG', [message: Scalar], string]
  quit: [[], OK]
  reset: [[], 'RESET']
  role: [[], [role: string, offset: number, replicas: unknown[]]]
  select: [[database: Scalar], OK]
  save: [[], OK]
  shutdown: [Options, OK]
  slowlog: [[subcommand: string, ...args: Options], unknown]
  swapdb: [[first: Scalar, second: Scalar], OK]
  time: [[], [seconds: string, microseconds: string]]
}
