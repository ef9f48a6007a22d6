/**
 * DEBUG: what tests of clients and servers need.
 *
 *   DEBUG CHANGE-REPL-ID CONFIG-REWRITE-FORCE-ALL DICT-RESIZING DIGEST DIGEST-VALUE ERROR HELP HTSTATS
 *         HTSTATS-KEY LISTPACK LOADAOF LOG OBJECT PAUSE-CRON POPULATE PROTOCOL QUICKLIST
 *         QUICKLIST-PACKED-THRESHOLD RELOAD REPLYBUFFER SDSLEN SET-ACTIVE-EXPIRE SLEEP STRINGMATCH-LEN
 *
 * As in Redis it is one command, not a container. It runs only where enable-debug-command allows it, which
 * the engine checks.
 */

import { fail, NO_SUCH_KEY } from '../base/errors.js'
import { globMatch } from '../base/glob.js'
import { stringBytes } from '../base/heap-size.js'
import { parseInt64 } from '../base/int64.js'
import { equalsIgnoreCase, lower } from '../base/lowercase.js'
import { parseBytes } from '../base/memory-size.js'
import { randomRunId } from '../base/random.js'
import { MAX_STRING_BYTES } from '../base/string-limit.js'
import { datasetDigest, valueDigest } from '../keyspace/digest.js'
import { EventClass } from '../keyspace/events.js'
import { toStringValue } from '../keyspace/string-value.js'
import type { Value } from '../keyspace/value.js'
import {
  Attributed,
  BigNumber,
  Double,
  ErrorReply,
  MapReply,
  OK,
  type Reply,
  SetReply,
  Simple,
  Verbatim,
} from '../protocol/reply.js'
import { serializedLength } from '../rdb/dump-payload.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import { boundedArg, int64Arg } from './arguments.js'
import { Block } from './block.js'
import type { CommandSpec, Handler } from './command.js'
import type { Context } from './context.js'
import { type HelpEntry, helpText, misusedSubcommand } from './help.js'
import { encodingOf, idleSeconds, referencesTo } from './object.js'

interface Subcommand {
  /** Arguments with `DEBUG` and the name, negative for "at least". */
  readonly arity: number
  readonly handler: Handler
}

// ---- data -------------------------------------------------------------------------------------------------

function object(ctx: Context, args: readonly string[]): Reply {
  const { db } = ctx
  const { host, settings } = ctx.server
  const slot = db.dict.find(args[2] as string)
  if (slot < 0) fail(NO_SUCH_KEY)
  const value = db.dict.valueAt(slot)
  const facts = [
    // JavaScript has no addresses: the slot tells keys apart as well.
    `at:0x${slot.toString(16)}`,
    `refcount:${referencesTo(ctx, value)}`,
    `encoding:${encodingOf(value)}`,
    `serializedlength:${serializedLength(host.bytes, value, settings.rdbcompression)}`,
    `lru:${db.dict.accessAt(slot)}`,
    `lru_seconds_idle:${idleSeconds(ctx, slot)}`,
  ]
  return new Simple(`Value ${facts.join(' ')}`)
}

function valueOfKey(ctx: Context, key: string): Value {
  const value = ctx.db.peek(key)
  if (value === undefined) fail(NO_SUCH_KEY)
  return value
}

function elementsOf(value: Value): number {
  return typeof value === 'object' ? value.length : 0
}

/** Writes how long a small collection is to the log. */
function listpack(ctx: Context, args: readonly string[]): Reply {
  const value = valueOfKey(ctx, args[2] as string)
  if (!encodingOf(value).startsWith('listpack')) fail('ERR Not a listpack encoded object.')
  ctx.server.host.log('notice', `Listpack with ${elementsOf(value)} entries`)
  return new Simple('Listpack structure printed on stdout')
}

/** Writes how long a list is to the log. */
function quicklist(ctx: Context, args: readonly string[]): Reply {
  const value = valueOfKey(ctx, args[2] as string)
  if (encodingOf(value) !== 'quicklist') fail('ERR Not a quicklist encoded object.')
  ctx.server.host.log('notice', `Quicklist with ${elementsOf(value)} entries`)
  return new Simple('Quicklist structure printed on stdout')
}

/** How long a key and its text are, and what they take; nothing is kept free behind them. */
function sdsLength(ctx: Context, args: readonly string[]): Reply {
  const key = args[2] as string
  const value = valueOfKey(ctx, key)
  if (typeof value !== 'string' && !(value instanceof GrowBytes)) fail('ERR Not an sds encoded string.')
  const facts = [
    ...[`key_sds_len:${key.length}`, 'key_sds_avail:0', `key_zmalloc: ${stringBytes(key)}`],
    ...[
      `val_sds_len:${value.length}`,
      'val_sds_avail:0',
      `val_zmalloc: ${typeof value === 'string' ? stringBytes(value) : value.heapBytes}`,
    ],
  ]
  return new Simple(facts.join(', '))
}

function tableText(elements: number, size: number): string {
  const title = 'Hash table 0 stats (main hash table):\n'
  if (elements === 0) return `${title}No stats available for empty dictionaries\n`
  return `${title} table size: ${size}\n number of elements: ${elements}\n`
}

function tableStats(ctx: Context, args: readonly string[]): Reply {
  const index = int64Arg(args[2] as string)
  const db = ctx.keyspace.databases[Number(index)]
  if (db === undefined) fail('ERR Out of range database')
  const { size, expiring, slotCount } = db.dict
  return new Verbatim(
    `[Dictionary HT]\n${tableText(size, slotCount)}[Expires HT]\n${tableText(expiring, slotCount)}`,
  )
}

function keyTableStats(ctx: Context, args: readonly string[]): Reply {
  const value = valueOfKey(ctx, args[2] as string)
  const encoding = encodingOf(value)
  if (encoding !== 'hashtable' && encoding !== 'skiplist')
    fail('ERR The value stored at the specified key is not represented using an hash table')
  return new Verbatim(tableText(elementsOf(value), elementsOf(value)))
}

const TOO_LOW = 'ERR value is out of range, must be positive'

/**
 * Adds `count` strings, `prefix:0` and on, where no such key is there yet; of `size` bytes, where 0 is as if
 * none were given. Nothing is passed on.
 */
function populate(ctx: Context, args: readonly string[]): Reply {
  const count = boundedArg(args[2] as string, 0, Number.MAX_SAFE_INTEGER, TOO_LOW)
  const prefix = args[3] ?? 'key'
  const size = boundedArg(args[4] ?? '0', 0, MAX_STRING_BYTES, TOO_LOW)
  for (let i = 0; i < count; i++) {
    const key = `${prefix}:${i}`
    if (ctx.db.has(key)) continue
    const value = `value:${i}`
    const sized = size === 0 ? value : value.slice(0, size).padEnd(size, '\0')
    ctx.db.set(key, toStringValue(sized), EventClass.STRING, 'set')
  }
  ctx.propagateNothing()
  return OK
}

/** Reads the data in again: from a snapshot that is written now, or from the last one. */
function reload(ctx: Context, args: readonly string[]): Block {
  const options = { save: true, flush: true, merge: false }
  for (let i = 2; i < args.length; i++) {
    const option = lower(args[i] as string)
    if (option === 'nosave') options.save = false
    else if (option === 'noflush') options.flush = false
    else if (option === 'merge') options.merge = true
    else fail('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.')
  }
  return Block.forWork(async () => {
    await ctx.server.persistence.reload(options)
    return OK
  })
}

function loadAof(ctx: Context): Block {
  return Block.forWork(async () => {
    await ctx.server.persistence.reloadJournal()
    return OK
  })
}

// ---- the server -------------------------------------------------------------------------------------------

function changeReplicationId(ctx: Context): Reply {
  ctx.server.replicationId = randomRunId(ctx.keyspace.random)
  ctx.server.host.log('warning', 'Changing replication IDs after receiving change-repl-id')
  return OK
}

/** A number that is no number counts as 0, as C reads it. */
function sleep(ctx: Context, args: readonly string[]): Reply {
  const seconds = Number.parseFloat(args[2] as string)
  if (seconds > 0) ctx.server.sleep(seconds)
  return OK
}

/** A number that is no number counts as 0, as C reads it. */
function isOn(text: string): boolean {
  return (parseInt64(text) ?? 0) !== 0
}

function setActiveExpire(ctx: Context, args: readonly string[]): Reply {
  ctx.server.activeExpire = isOn(args[2] as string)
  return OK
}

/** Nothing happens by itself any more: expiry, closing of idle clients, saving. */
function pauseCron(ctx: Context, args: readonly string[]): Reply {
  ctx.server.cronPaused = isOn(args[2] as string)
  return OK
}

function rewriteConfig(ctx: Context): Reply {
  ctx.server.rewriteConfig(true)
  return OK
}

/** Dictionaries grow a little with every insert, so there is nothing to put off. */
function dictResizing(): Reply {
  return OK
}

function log(ctx: Context, args: readonly string[]): Reply {
  ctx.server.host.log('warning', `DEBUG LOG: ${args[2]}`)
  return OK
}

const FOUR_GIGABYTES = 4n * 1024n ** 3n

/** Lists keep elements of any size alike, so there is nothing that a threshold would change. */
function quicklistPackedThreshold(_ctx: Context, args: readonly string[]): Reply {
  const bytes = parseBytes(args[2] as string)
  if (bytes === undefined || bytes >= FOUR_GIGABYTES) {
    fail('ERR argument must be a memory value bigger than 1 and smaller than 4gb')
  }
  return OK
}

/** Reply buffers grow and shrink with each turn of the event loop, so there is no schedule to change. */
function replyBuffer(_ctx: Context, args: readonly string[]): Reply {
  const setting = lower(args[2] as string)
  const value = args[3] as string
  if (setting === 'peak-reset-time') {
    if (!equalsIgnoreCase(value, 'never') && !equalsIgnoreCase(value, 'reset')) int64Arg(value)
  } else if (setting !== 'resizing') misusedSubcommand('DEBUG', args)
  return OK
}

// ---- replies of every kind --------------------------------------------------------------------------------

const THREE = [0, 1, 2]

const PROTOCOL_REPLIES: { readonly [kind: string]: (ctx: Context) => Reply } = {
  string: () => 'Hello World',
  integer: () => 12345,
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the very number that Redis answers
  double: () => new Double(3.141),
  bignum: () => new BigNumber('1234567999999999999999999999999999999'),
  null: () => null,
  array: () => THREE,
  set: () => new SetReply(THREE),
  map: () => new MapReply(THREE.flatMap((n) => [n, n === 1])),
  attrib: () =>
    new Attributed(['key-popularity', ['key:123', 90]], 'Some real reply following the attribute'),
  push: ({ session }) => {
    if (session.resp === 2) fail('ERR RESP2 is not supported by this command')
    session.push(['server-cpu-usage', 42])
    return 'Some real reply following the push reply'
  },
  verbatim: () => new Verbatim('This is a verbatim\nstring'),
  true: () => true,
  false: () => false,
}

function protocol(ctx: Context, args: readonly string[]): Reply {
  const kind = lower(args[2] as string)
  if (!Object.hasOwn(PROTOCOL_REPLIES, kind)) {
    const kinds = Object.keys(PROTOCOL_REPLIES).join('|')
    fail(`ERR Wrong protocol type name. Please use one of the following: ${kinds}`)
  }
  return (PROTOCOL_REPLIES[kind] as (ctx: Context) => Reply)(ctx)
}

// ---- the command ------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  ['CHANGE-REPL-ID', 'Gives the server a new replication ID.'],
  [
    'CONFIG-REWRITE-FORCE-ALL',
    'Does what CONFIG REWRITE does, with all settings, those included that are as by default.',
  ],
  ['DICT-RESIZING <0|1>', 'Accepted for tests of Redis.'],
  ['DIGEST', 'Gives a hex digest of all data: equal for equal data, also between servers.'],
  ['DIGEST-VALUE <key> [<key> ...]', 'Gives the hex digest of the value of each key.'],
  ['ERROR <string>', 'Answers with <string> as an error.'],
  ['HTSTATS <dbid>', 'Tells how large the dictionary of a database is.'],
  ['HTSTATS-KEY <key>', 'Tells how large the dictionary in <key> is.'],
  ['LISTPACK <key>', 'Writes the number of entries of a listpack to the log.'],
  ['LOADAOF', 'Reads all data in again from the append-only file.'],
  ['LOG <message>', 'Writes <message> to the log.'],
  ['OBJECT <key>', 'Tells how <key> is stored.'],
  ['PAUSE-CRON <0|1>', 'Stops what happens by itself, or lets it go on.'],
  [
    'POPULATE <count> [<prefix>] [<size>]',
    'Adds <count> string keys named <prefix>:<number>, with values of <size> bytes.',
  ],
  [
    'PROTOCOL <type>',
    'Answers with a reply of a kind: string, integer, double, bignum, null, array, set, map, attrib, push,',
    'verbatim, true, false.',
  ],
  ['QUICKLIST <key>', 'Writes the number of entries of a list to the log.'],
  ['QUICKLIST-PACKED-THRESHOLD <size>', 'Accepted for tests of Redis; lists have no such threshold.'],
  [
    'RELOAD [MERGE] [NOFLUSH] [NOSAVE]',
    'Writes a snapshot and reads all data in again. NOSAVE: from the last one; NOFLUSH: in addition to what',
    'is there; MERGE: what is there may be replaced.',
  ],
  ['REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|time>', 'Accepted for tests of Redis.'],
  ['REPLYBUFFER RESIZING <0|1>', 'Accepted for tests of Redis.'],
  ['SDSLEN <key>', 'Tells how long a key and its string are.'],
  ['SET-ACTIVE-EXPIRE <0|1>', 'Sets whether expired keys are deleted in the background.'],
  ['SLEEP <seconds>', 'Holds the server up; decimals are allowed.'],
  ['STRINGMATCH-LEN <pattern> <string>', 'Tells with 1 or 0 whether <string> as a whole matches <pattern>.'],
]

const SUBCOMMANDS: ReadonlyMap<string, Subcommand> = new Map(
  Object.entries({
    'change-repl-id': { arity: 2, handler: changeReplicationId },
    'config-rewrite-force-all': { arity: 2, handler: rewriteConfig },
    'dict-resizing': { arity: 3, handler: dictResizing },
    digest: { arity: 2, handler: (ctx) => new Simple(datasetDigest(ctx.keyspace.databases)) },
    'digest-value': {
      arity: -2,
      handler: (ctx, args) => args.slice(2).map((key) => new Simple(valueDigest(ctx.db, key))),
    },
    error: { arity: 3, handler: (_ctx, args) => new ErrorReply(args[2] as string) },
    help: { arity: 2, handler: () => helpText('DEBUG', HELP) },
    htstats: { arity: -3, handler: tableStats },
    'htstats-key': { arity: -3, handler: keyTableStats },
    listpack: { arity: 3, handler: listpack },
    loadaof: { arity: 2, handler: loadAof },
    log: { arity: 3, handler: log },
    object: { arity: -3, handler: object },
    'pause-cron': { arity: 3, handler: pauseCron },
    populate: { arity: -3, handler: populate },
    protocol: { arity: 3, handler: protocol },
    quicklist: { arity: -3, handler: quicklist },
    'quicklist-packed-threshold': { arity: 3, handler: quicklistPackedThreshold },
    reload: { arity: -2, handler: reload },
    replybuffer: { arity: 4, handler: replyBuffer },
    sdslen: { arity: 3, handler: sdsLength },
    'set-active-expire': { arity: 3, handler: setActiveExpire },
    sleep: { arity: 3, handler: sleep },
    'stringmatch-len': {
      arity: 4,
      handler: (_ctx, args) => (globMatch(args[2] as string, args[3] as string) ? 1 : 0),
    },
  } satisfies { [name: string]: Subcommand }),
)

const debug: Handler = (ctx, args) => {
  const subcommand = SUBCOMMANDS.get(lower(args[1] as string))
  if (subcommand === undefined) misusedSubcommand('DEBUG', args)
  const { arity, handler } = subcommand
  if (arity < 0 ? args.length < -arity : args.length !== arity) misusedSubcommand('DEBUG', args)
  return handler(ctx, args)
}

export const debugCommand: CommandSpec = {
  name: 'debug',
  arity: -2,
  flags: ['admin', 'noscript', 'loading', 'stale', 'protected'],
  since: '1.0.0',
  group: 'server',
  syntax: '',
  summary: 'Looks into the server and steers it, for tests.',
  complexity: 'That of the subcommand',
  handler: debug,
}
