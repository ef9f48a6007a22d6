/**
 * MEMORY: what the data and the server take. Sizes are the engine's own count, which maxmemory goes by; what the
 * allocator and the process take is what the platform reports. The allocator is JavaScript's: to purge it is to
 * collect garbage.
 *
 *   MEMORY DOCTOR HELP MALLOC-STATS PURGE STATS USAGE
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { stringBytes } from '../base/heap-size.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { valueBytes } from '../keyspace/value.js'
import { Double, MapReply, OK, type Reply, Verbatim } from '../protocol/reply.js'
import { integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context, MemoryReport } from './context.js'
import { type HelpEntry, helpCommand } from './help.js'
import { keyAt } from './key-spec.js'

const UNTOLD = 'This platform tells nothing of its heap.\n'
const MB = 1024 * 1024
/** With less than this beyond what an empty server takes there is too little to judge. */
const JUDGED_FROM_BYTES = 5 * MB
/** Memory of one client on average that is worth a word. */
const LARGE_CLIENT_BYTES = 200 * 1024

// ---- USAGE ------------------------------------------------------------------------------------------------

/** Sizes are kept as values change, so there is nothing to sample. */
function checkSamples(args: readonly string[]): void {
  for (let i = 3; i < args.length; i += 2) {
    const value = args[i + 1]
    if (value === undefined || !equalsIgnoreCase(args[i] as string, 'samples')) fail(SYNTAX_ERROR)
    if (integerArg(value) < 0) fail(SYNTAX_ERROR)
  }
}

function usage(ctx: Context, args: readonly string[]): Reply {
  checkSamples(args)
  const key = args[2] as string
  const { db } = ctx
  const slot = db.slotOf(key)
  if (slot < 0) return null
  const value = db.dict.valueAt(slot)
  return Math.round(db.dict.entryBytesAt(slot) + stringBytes(key) + valueBytes(value))
}

// ---- STATS, DOCTOR ----------------------------------------------------------------------------------------

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}

function percentage(part: number, whole: number): Double {
  return new Double(ratio(part, whole) * 100)
}

function stats(ctx: Context): Reply {
  const report = ctx.server.memory()
  const { usedBytes, heapBytes, rssBytes, peakBytes, startupBytes, overheadBytes, datasetBytes, keys } =
    report
  const grownBytes = Math.max(0, usedBytes - startupBytes)
  const databases = report.databases.flatMap(({ index, dictBytes }) => [
    `db.${index}`,
    new MapReply(['overhead.hashtable.main', dictBytes, 'overhead.hashtable.expires', 0]),
  ])
  return new MapReply([
    ...['peak.allocated', peakBytes],
    ...['total.allocated', usedBytes],
    ...['startup.allocated', startupBytes],
    ...['replication.backlog', 0],
    ...['clients.slaves', 0],
    ...['clients.normal', report.clientsBytes],
    ...['cluster.links', 0],
    ...['aof.buffer', 0],
    ...['lua.caches', 0],
    ...['functions.caches', 0],
    ...databases,
    ...['overhead.db.hashtable.lut', report.dictsBytes],
    ...['overhead.db.hashtable.rehashing', 0],
    ...['db.dict.rehashing.count', 0],
    ...['overhead.total', overheadBytes],
    ...['keys.count', keys],
    ...['keys.bytes-per-key', keys === 0 ? 0 : Math.floor(grownBytes / keys)],
    ...['dataset.bytes', datasetBytes],
    ...['dataset.percentage', percentage(datasetBytes, grownBytes)],
    ...['peak.percentage', percentage(usedBytes, peakBytes)],
    ...['allocator.allocated', heapBytes],
    ...['allocator.active', rssBytes],
    ...['allocator.resident', rssBytes],
    ...['allocator.muzzy', 0],
    ...['allocator-fragmentation.ratio', new Double(ratio(rssBytes, heapBytes))],
    ...['allocator-fragmentation.bytes', rssBytes - heapBytes],
    ...['allocator-rss.ratio', new Double(ratio(rssBytes, rssBytes))],
    ...['allocator-rss.bytes', 0],
    ...['rss-overhead.ratio', new Double(ratio(rssBytes, rssBytes))],
    ...['rss-overhead.bytes', 0],
    ...['fragmentation', new Double(ratio(rssBytes, usedBytes))],
    ...['fragmentation.bytes', rssBytes - usedBytes],
  ])
}

function megabytes(bytes: number): string {
  return `${(bytes / MB).toFixed(1)} MB`
}

function* complaints(report: MemoryReport): Generator<string> {
  const { usedBytes, peakBytes, heapBytes, rssBytes, clients, clientsBytes } = report
  if (peakBytes > usedBytes * 1.5) {
    yield `Peak: ${megabytes(peakBytes)} were in use once, ${megabytes(usedBytes)} are now. What was freed may ` +
      'stay with the process for a while; the next peak will use it again.'
  }
  if (rssBytes > heapBytes * 2.5) {
    yield `Process: it holds ${megabytes(rssBytes)} for ${megabytes(heapBytes)} of objects. The collector has ` +
      'not given back what it freed, or code and buffers outside of the heap take much.'
  }
  if (clients > 0 && clientsBytes / clients > LARGE_CLIENT_BYTES) {
    yield `Clients: their buffers take ${megabytes(clientsBytes)}. Some client may be slow to read its replies: ` +
      'look for large values of omem in CLIENT LIST.'
  }
}

function diagnose(report: MemoryReport): string {
  if (report.usedBytes - report.startupBytes < JUDGED_FROM_BYTES)
    return 'So little memory is in use that there is nothing to judge.\n'
  const found = [...complaints(report)]
  if (found.length === 0) return 'No problem with memory was found.\n'
  return `Found with memory:\n\n${found.map((text) => ` * ${text}\n`).join('\n')}`
}

/** Where the platform does not let a program collect, it does so by itself in its own time. */
function purge(ctx: Context): Reply {
  ctx.server.host.process?.collectGarbage?.()
  return OK
}

// ---- descriptors ------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  ['DOCTOR', 'Looks for problems with memory.'],
  ['MALLOC-STATS', 'Shows what the platform tells of its heap.'],
  ['PURGE', 'Has garbage collected now.'],
  ['STATS', 'Gives figures about memory.'],
  [
    'USAGE <key> [SAMPLES <count>]',
    'Estimates the bytes that <key> and its value take. Sizes are kept as values',
    'change, so SAMPLES is accepted and makes no difference.',
  ],
]

const SOME_NODE = ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special']

export const memoryCommand: CommandSpec = {
  name: 'memory',
  arity: -2,
  flags: [],
  since: '4.0.0',
  group: 'server',
  syntax: '',
  summary: 'Holds the commands about memory.',
  complexity: 'Depends on the subcommand.',
  subcommands: [
    {
      name: 'doctor',
      arity: 2,
      flags: [],
      since: '4.0.0',
      syntax: '',
      summary: 'Looks for problems with memory and says what they mean.',
      complexity: 'O(N) where N is the number of clients',
      tips: SOME_NODE,
      handler: (ctx) => new Verbatim(diagnose(ctx.server.memory())),
    },
    helpCommand('MEMORY', HELP, { since: '4.0.0' }),
    {
      name: 'malloc-stats',
      arity: 2,
      flags: [],
      since: '4.0.0',
      syntax: '',
      summary: 'Shows what the allocator tells of itself.',
      complexity: 'Depends on how much memory is allocated, could be slow',
      tips: SOME_NODE,
      handler: (ctx) => new Verbatim(ctx.server.host.process?.heapStatistics?.() ?? UNTOLD),
    },
    {
      name: 'purge',
      arity: 2,
      flags: [],
      since: '4.0.0',
      syntax: '',
      summary: 'Has the memory released that nobody needs.',
      complexity: 'Depends on how much memory is allocated, could be slow',
      tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
      handler: purge,
    },
    {
      name: 'stats',
      arity: 2,
      flags: [],
      since: '4.0.0',
      syntax: '',
      summary: 'Gives figures about memory.',
      complexity: 'O(N) where N is the number of clients',
      tips: SOME_NODE,
      handler: stats,
    },
    {
      name: 'usage',
      arity: -3,
      flags: ['readonly'],
      keys: [keyAt(2, 'RO')],
      since: '4.0.0',
      syntax: 'key [SAMPLES count]',
      summary: 'Estimates the memory that a key and its value take.',
      complexity: 'O(N) where N is the number of samples',
      handler: usage,
    },
  ],
}
