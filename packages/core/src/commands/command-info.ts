/**
 * COMMAND: what commands there are, and how they are called. All of it is read from the descriptors.
 *
 *   COMMAND, COMMAND COUNT DOCS GETKEYS GETKEYSANDFLAGS HELP INFO LIST
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { globMatch } from '../base/glob.js'
import { equalsIgnoreCase, lower } from '../base/lowercase.js'
import { MapReply, type Reply, SetReply, Simple } from '../protocol/reply.js'
import type { Command, CommandSpec } from './command.js'
import { commandDocs } from './command-docs.js'
import { hasKeys, keysOf } from './command-keys.js'
import type { Context } from './context.js'
import { type HelpEntry, helpCommand } from './help.js'
import { type FoundKey, type KeySpec, legacyKeyRange } from './key-spec.js'

// ---- INFO -------------------------------------------------------------------------------------------------

function simpleSet(words: readonly string[]): Reply {
  return new SetReply(words.map((word) => new Simple(word)))
}

/** One command as COMMAND INFO describes it. */
function describe(command: Command): Reply {
  const { spec } = command
  const range = legacyKeyRange(command.keys)
  // Redis does not tell which commands enable-debug-command and its like guard.
  const told: string[] = spec.flags.filter((flag) => flag !== 'protected' && flag !== 'may_replicate')
  if (range.movable) told.push('movablekeys')
  return [
    command.fullName,
    command.arity,
    simpleSet(told),
    range.first,
    range.last,
    range.step,
    simpleSet(command.categories),
    new SetReply(spec.tips ?? []),
    new SetReply(command.keys.map(describeKeySpec)),
    // Redis makes a set of none and an array of some.
    command.subcommands === undefined ? new SetReply([]) : [...command.subcommands.values()].map(describe),
  ]
}

function describeKeySpec({ notes, flags, begin, find }: KeySpec): Reply {
  const flat: Reply[] = notes === undefined ? [] : ['notes', notes]
  flat.push('flags', simpleSet(flags))
  flat.push('begin_search', new MapReply(['type', begin.type, 'spec', new MapReply(beginFields(begin))]))
  flat.push('find_keys', new MapReply(['type', find.type, 'spec', new MapReply(findFields(find))]))
  return new MapReply(flat)
}

function beginFields(begin: KeySpec['begin']): Reply[] {
  if (begin.type === 'index') return ['index', begin.index]
  return begin.type === 'keyword' ? ['keyword', begin.keyword, 'startfrom', begin.startFrom] : []
}

function findFields(find: KeySpec['find']): Reply[] {
  if (find.type === 'range') return ['lastkey', find.lastKey, 'keystep', find.step, 'limit', find.limit]
  if (find.type === 'unknown') return []
  return ['keynumidx', find.keynumIndex, 'firstkey', find.firstKey, 'keystep', find.step]
}

function info(ctx: Context, args: readonly string[]): Reply {
  const { commands } = ctx.server
  if (args.length <= 2) return [...commands].map(describe)
  return args.slice(2).map((name) => {
    const command = commands.findByFullName(name)
    return command === undefined ? null : describe(command)
  })
}

// ---- DOCS, LIST -------------------------------------------------------------------------------------------

function docs(ctx: Context, args: readonly string[]): Reply {
  const { commands } = ctx.server
  const found = args.length === 2 ? [...commands] : args.slice(2).map((name) => commands.findByFullName(name))
  return new MapReply(
    found.flatMap((command) => (command === undefined ? [] : [command.fullName, commandDocs(command)])),
  )
}

function list(ctx: Context, args: readonly string[]): Reply {
  const all = [...ctx.server.commands.withSubcommands()]
  const wanted = args.length === 2 ? () => true : listFilter(args)
  return all.filter(wanted).map((command) => command.fullName)
}

function listFilter(args: readonly string[]): (command: Command) => boolean {
  if (args.length !== 5 || !equalsIgnoreCase(args[2] as string, 'filterby')) fail(SYNTAX_ERROR)
  const value = args[4] as string
  switch (lower(args[3] as string)) {
    case 'module':
      // No command comes from a module.
      return () => false
    case 'aclcat': {
      const category = `@${lower(value)}`
      return (command) => command.categories.includes(category)
    }
    case 'pattern':
      return (command) => globMatch(value, command.fullName, true)
    default:
      return fail(SYNTAX_ERROR)
  }
}

// ---- GETKEYS ----------------------------------------------------------------------------------------------

/** The keys of the call that follows the two names in `args`. @throws CommandError when it is no call with keys */
function keysOfCall(
  ctx: Context,
  args: readonly string[],
): { call: readonly string[]; keys: readonly FoundKey[] } {
  const call = args.slice(2)
  const command = ctx.server.commands.resolve(call)
  if (command === undefined) fail('ERR Invalid command specified')
  if (!hasKeys(command)) fail('ERR The command has no key arguments')
  if (!command.accepts(call.length)) fail('ERR Invalid number of arguments specified for command')
  const keys = keysOf(command, call) ?? []
  if (keys.length === 0 && !command.spec.flags.includes('no_mandatory_keys')) {
    fail('ERR Invalid arguments specified for command')
  }
  return { call, keys }
}

function getKeys(ctx: Context, args: readonly string[]): Reply {
  const { call, keys } = keysOfCall(ctx, args)
  return keys.map(({ at }) => call[at] as string)
}

function getKeysAndFlags(ctx: Context, args: readonly string[]): Reply {
  const { call, keys } = keysOfCall(ctx, args)
  return keys.map(({ at, flags }) => [call[at] as string, simpleSet(flags)])
}

// ---- descriptors ------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  ['(no subcommand)', 'Describes all commands as INFO does.'],
  ['COUNT', 'Gives the number of commands.'],
  ['DOCS [<command-name> ...]', 'Gives the documentation of commands, without names of all.'],
  ['GETKEYS <full-command>', 'Gives the keys in a call of a command.'],
  ['GETKEYSANDFLAGS <full-command>', 'Gives the keys in a call of a command, and what is done to each.'],
  ['INFO [<command-name> ...]', 'Describes commands, without names all: arity, flags, keys, categories.'],
  [
    'LIST [FILTERBY <filter> <value>]',
    'Gives the names of commands. Filters:',
    '* ACLCAT <category>',
    '  Only commands of this ACL category.',
    '* MODULE <module-name>',
    '  Only commands of this module.',
    '* PATTERN <pattern>',
    '  Only commands whose names fit this pattern.',
  ],
]

const COMMON = { flags: ['loading', 'stale'], acl: ['connection'] } as const
const UNORDERED = { tips: ['nondeterministic_output_order'] } as const

export const commandCommand: CommandSpec = {
  name: 'command',
  arity: -1,
  ...COMMON,
  ...UNORDERED,
  since: '2.8.13',
  group: 'server',
  syntax: '',
  summary: 'Describes all commands.',
  complexity: 'O(N) where N is the number of commands',
  handler: info,
  subcommands: [
    {
      name: 'count',
      arity: 2,
      ...COMMON,
      since: '2.8.13',
      syntax: '',
      summary: 'Gives the number of commands.',
      complexity: 'O(1)',
      handler: (ctx) => ctx.server.commands.size,
    },
    {
      name: 'docs',
      arity: -2,
      ...COMMON,
      ...UNORDERED,
      since: '7.0.0',
      syntax: '[command-name [command-name ...]]',
      summary: 'Gives the documentation of commands.',
      complexity: 'O(N) where N is the number of commands asked for',
      handler: docs,
    },
    {
      name: 'getkeys',
      arity: -3,
      ...COMMON,
      since: '2.8.13',
      syntax: 'command [arg [arg ...]]',
      summary: 'Gives the keys in a call of a command.',
      complexity: 'O(N) where N is the number of arguments of the call',
      handler: getKeys,
    },
    {
      name: 'getkeysandflags',
      arity: -3,
      ...COMMON,
      since: '7.0.0',
      syntax: 'command [arg [arg ...]]',
      summary: 'Gives the keys in a call of a command, and what is done to each.',
      complexity: 'O(N) where N is the number of arguments of the call',
      handler: getKeysAndFlags,
    },
    helpCommand('COMMAND', HELP, { since: '5.0.0', acl: COMMON.acl }),
    {
      name: 'info',
      arity: -2,
      ...COMMON,
      ...UNORDERED,
      since: '2.8.13',
      syntax: '[command-name [command-name ...]]',
      summary: 'Describes commands: arity, flags, keys, categories, subcommands.',
      complexity: 'O(N) where N is the number of commands asked for',
      handler: info,
    },
    {
      name: 'list',
      arity: -2,
      ...COMMON,
      ...UNORDERED,
      since: '7.0.0',
      syntax: '[FILTERBY <MODULE module-name|ACLCAT category|PATTERN pattern>]',
      summary: 'Gives the names of all commands, or of some.',
      complexity: 'O(N) where N is the number of commands',
      handler: list,
    },
  ],
}
