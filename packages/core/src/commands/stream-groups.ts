/**
 * Groups of consumers: made, moved, removed; and entries acknowledged.
 *
 *   XACK
 *   XGROUP CREATE CREATECONSUMER DELCONSUMER DESTROY HELP SETID
 *
 * A group is not the content of its stream: WATCH does not see its changes.
 */

import { fail } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { UNKNOWN_READS } from '../keyspace/consumer-group.js'
import { EventClass } from '../keyspace/events.js'
import { StreamValue } from '../keyspace/stream-value.js'
import { OK, type Reply } from '../protocol/reply.js'
import { type IdPart, MIN_ID } from '../structures/entry-id.js'
import { int64Arg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { type HelpEntry, helpCommand, misusedSubcommand } from './help.js'
import { keyAt } from './key-spec.js'
import { createConsumer as addConsumer, findGroupToEdit, noSuchGroupOfKey } from './stream-consumers.js'
import { idArg, idArgs, idOrEndArg } from './stream-ids.js'

const { STREAM } = EventClass

// ---- XACK -------------------------------------------------------------------------------------------------

function acknowledge(ctx: Context, args: readonly string[]): Reply {
  const key = args[1] as string
  const found = findGroupToEdit(ctx, key, args[2] as string)
  if (found === undefined) return 0
  let acknowledged = 0
  for (const { ms, seq } of idArgs(args, 3)) if (found.group.acknowledge(ms, seq)) acknowledged++
  ctx.db.annotated(key, found.stream, acknowledged, STREAM)
  return acknowledged
}

// ---- XGROUP -----------------------------------------------------------------------------------------------

interface GroupOptions {
  makesStream: boolean
  entriesRead: IdPart
}

/** Options of CREATE and SETID from argument 5 on. */
function parseOptions(args: readonly string[], creates: boolean): GroupOptions {
  const options: GroupOptions = { makesStream: false, entriesRead: UNKNOWN_READS }
  for (let i = 5; i < args.length; i++) {
    const word = args[i] as string
    if (creates && equalsIgnoreCase(word, 'mkstream')) {
      options.makesStream = true
    } else if (equalsIgnoreCase(word, 'entriesread') && i + 1 < args.length) {
      options.entriesRead = int64Arg(args[++i] as string)
      if (options.entriesRead < UNKNOWN_READS) fail('ERR value for ENTRIESREAD must be positive or -1')
    } else misusedSubcommand('XGROUP', args)
  }
  return options
}

/** The stream under the key `args[2]`, for a change. @throws CommandError if it is not there */
function streamToEdit(ctx: Context, args: readonly string[]): StreamValue {
  const stream = ctx.db.write(args[2] as string, 'stream')
  if (stream === undefined) {
    fail(
      'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM ' +
        'option to create an empty stream automatically.',
    )
  }
  return stream
}

/** The group `args[3]` of the stream `args[2]`, for a change. @throws CommandError if it is not there */
function groupToEdit(ctx: Context, args: readonly string[]) {
  const stream = streamToEdit(ctx, args)
  const [, , key, name] = args as readonly [string, string, string, string]
  const group = stream.groups.get(name) ?? noSuchGroupOfKey(key, name)
  return { key, stream, name, group }
}

function create(ctx: Context, args: readonly string[]): Reply {
  const { makesStream, entriesRead } = parseOptions(args, true)
  const [, , key, name, id] = args as readonly [string, string, string, string, string]
  let stream = makesStream ? ctx.db.write(key, 'stream') : streamToEdit(ctx, args)
  if (args.length > 8) misusedSubcommand('XGROUP', args)
  const lastId = id === '$' ? (stream?.lastId ?? MIN_ID) : idArg(id)
  if (stream?.groups.has(name) === true) fail('BUSYGROUP Consumer Group name already exists')
  if (stream === undefined) {
    stream = ctx.db.create(key, new StreamValue(ctx.keyspace))
    stream.addGroup(name, lastId, entriesRead)
    ctx.db.modified(key, stream, STREAM, 'xgroup-create')
  } else {
    stream.addGroup(name, lastId, entriesRead)
    ctx.db.annotated(key, stream, 1, STREAM, 'xgroup-create')
  }
  return OK
}

function setId(ctx: Context, args: readonly string[]): Reply {
  const { entriesRead } = parseOptions(args, false)
  const { key, stream, group } = groupToEdit(ctx, args)
  if (args.length !== 5 && args.length !== 7) misusedSubcommand('XGROUP', args)
  const id = args[4] as string
  group.lastId = id === '$' ? stream.lastId : idOrEndArg(id)
  group.entriesRead = entriesRead
  ctx.db.annotated(key, stream, 1, STREAM, 'xgroup-setid')
  return OK
}

function destroy(ctx: Context, args: readonly string[]): Reply {
  const stream = streamToEdit(ctx, args)
  const key = args[2] as string
  if (!stream.removeGroup(args[3] as string)) return 0
  ctx.db.annotated(key, stream, 1, STREAM, 'xgroup-destroy')
  // Whoever waits for entries of the group is told that it is gone.
  ctx.db.wake(key)
  return 1
}

function createConsumer(ctx: Context, args: readonly string[]): Reply {
  const found = groupToEdit(ctx, args)
  const name = args[4] as string
  if (found.group.consumers.has(name)) return 0
  addConsumer(ctx, found, name)
  return 1
}

function deleteConsumer(ctx: Context, args: readonly string[]): Reply {
  const { key, stream, group } = groupToEdit(ctx, args)
  const consumer = group.consumers.get(args[4] as string)
  if (consumer === undefined) return 0
  const pending = group.removeConsumer(consumer)
  ctx.db.annotated(key, stream, 1, STREAM, 'xgroup-delconsumer')
  return pending
}

const HELP: readonly HelpEntry[] = [
  [
    'CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD <entries-read>]',
    'Makes a group that gets the entries behind an ID. With MKSTREAM a missing',
    'stream is made, too; ENTRIESREAD sets the count of entries read.',
  ],
  ['CREATECONSUMER <key> <group> <consumer>', 'Makes a consumer of a group.'],
  ['DELCONSUMER <key> <group> <consumer>', 'Removes a consumer with all that is pending for it.'],
  ['DESTROY <key> <group>', 'Removes a group.'],
  [
    'SETID <key> <group> <id|$> [ENTRIESREAD <entries-read>]',
    'Sets behind which ID a group goes on, and the count of entries read.',
  ],
]

// ---- descriptors ------------------------------------------------------------------------------------------

const ID_SYNTAX = 'id-selector=<id|new-id=$>'
const ENTRIES_READ_SYNTAX = '[ENTRIESREAD entriesread=entries-read:integer]'

export const streamGroupCommands: readonly CommandSpec[] = [
  {
    name: 'xack',
    arity: -4,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW update')],
    since: '5.0.0',
    group: 'stream',
    syntax: 'key group ID:string [ID:string ...]',
    summary: 'Marks entries as done by a group, and tells how many of them were pending.',
    complexity: 'O(log(N)) for each entry where N is the number of pending ones',
    handler: acknowledge,
  },
  {
    name: 'xgroup',
    arity: -2,
    flags: [],
    since: '5.0.0',
    group: 'stream',
    syntax: '',
    summary: 'Makes and removes groups of consumers; see its subcommands.',
    complexity: 'That of the subcommand',
    subcommands: [
      {
        name: 'create',
        arity: -5,
        flags: ['write', 'denyoom'],
        keys: [keyAt(2, 'RW insert')],
        since: '5.0.0',
        syntax: `key group ${ID_SYNTAX} [MKSTREAM] ${ENTRIES_READ_SYNTAX}`,
        summary: 'Makes a group that gets the entries behind an ID.',
        complexity: 'O(1)',
        handler: create,
      },
      {
        name: 'createconsumer',
        arity: 5,
        flags: ['write', 'denyoom'],
        keys: [keyAt(2, 'RW insert')],
        since: '6.2.0',
        syntax: 'key group consumer',
        summary: 'Makes a consumer of a group.',
        complexity: 'O(1)',
        handler: createConsumer,
      },
      {
        name: 'delconsumer',
        arity: 5,
        flags: ['write'],
        keys: [keyAt(2, 'RW delete')],
        since: '5.0.0',
        syntax: 'key group consumer',
        summary: 'Removes a consumer of a group with all that is pending for it.',
        complexity: 'O(N*log(M)) where N is the number of entries pending for it and M that for the group',
        handler: deleteConsumer,
      },
      {
        name: 'destroy',
        arity: 4,
        flags: ['write'],
        keys: [keyAt(2, 'RW delete')],
        since: '5.0.0',
        syntax: 'key group',
        summary: 'Removes a group.',
        complexity: 'O(1)',
        handler: destroy,
      },
      helpCommand('XGROUP', HELP, { since: '5.0.0' }),
      {
        name: 'setid',
        arity: -5,
        flags: ['write'],
        keys: [keyAt(2, 'RW update')],
        since: '5.0.0',
        syntax: `key group ${ID_SYNTAX} ${ENTRIES_READ_SYNTAX}`,
        summary: 'Sets behind which ID a group goes on.',
        complexity: 'O(1)',
        handler: setId,
      },
    ],
  },
]
