/**
 * ACL: users and what they may do.
 *
 *   ACL CAT DELUSER DRYRUN GENPASS GETUSER HELP LIST LOAD LOG SAVE SETUSER USERS WHOAMI
 *
 * The users are kept in engine/acl, where the rules are read, too.
 */

import { cutAtNul } from '../base/cut-at-nul.js'
import { fail } from '../base/errors.js'
import { hexOf } from '../base/hex.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { Double, MapReply, OK, type Reply, SetReply } from '../protocol/reply.js'
import { denialText, type LogEntry, type Selector, type User } from './access-control.js'
import { int64Arg } from './arguments.js'
import { CATEGORIES, type CommandSpec } from './command.js'
import type { Context } from './context.js'
import { type HelpEntry, helpCommand, misusedSubcommand } from './help.js'
import { argumentsFrom } from './secret-arguments.js'

// ---- users ------------------------------------------------------------------------------------------------

function setUser(ctx: Context, args: readonly string[]): Reply {
  ctx.server.access.setUser(args[2] as string, args.slice(3))
  return OK
}

function getUser(ctx: Context, args: readonly string[]): Reply {
  const user = ctx.server.access.find(args[2] as string)
  if (user === undefined) return null
  const [own, ...others] = user.selectors
  const flat: Reply[] = ['flags', new SetReply(user.flags), 'passwords', [...user.passwords]]
  flat.push(...describeSelector(own as Selector))
  flat.push(
    'selectors',
    others.map((selector) => new MapReply(describeSelector(selector))),
  )
  return new MapReply(flat)
}

function describeSelector({ commands, keys, channels }: Selector): string[] {
  return ['commands', commands.describe(), 'keys', keys.describe(), 'channels', channels.describe()]
}

function line(user: User): string {
  return `user ${user.name} ${user.describe()}`
}

// ---- what is allowed --------------------------------------------------------------------------------------

const MAX_QUOTED_BYTES = 128

function dryRun(ctx: Context, args: readonly string[]): Reply {
  const { access, commands } = ctx.server
  const user = access.find(args[2] as string)
  if (user === undefined) fail(`ERR User '${cutAtNul(args[2] as string)}' not found`)
  const call = args.slice(3)
  const command = commands.resolve(call)
  if (command === undefined) fail(`ERR Command '${cutAtNul(args[3] as string)}' not found`)
  if (!command.accepts(call.length)) fail(`ERR wrong number of arguments for '${command.fullName}' command`)
  const denial = user.denial(command, call)
  return denial === undefined ? OK : denialText(user, command, denial, call)
}

function cat(ctx: Context, args: readonly string[]): Reply {
  const category = args[2]
  if (category === undefined) return CATEGORIES
  if (args.length > 3) misusedSubcommand('ACL', args)
  const commands = ctx.server.access.commandsIn(category)
  if (commands === undefined) fail(`ERR Unknown category '${cutAtNul(category).slice(0, MAX_QUOTED_BYTES)}'`)
  return commands.map(({ fullName }) => fullName)
}

// ---- LOG --------------------------------------------------------------------------------------------------

const USUAL_ENTRIES = 10

function log(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 3) misusedSubcommand('ACL', args)
  const { access } = ctx.server
  const which = args[2]
  if (which !== undefined && equalsIgnoreCase(which, 'reset')) {
    access.log.clear()
    return OK
  }
  const count = which === undefined ? USUAL_ENTRIES : Math.max(0, Number(int64Arg(which)))
  return access.log.latest(count).map((entry) => describeEntry(entry, ctx.now))
}

function describeEntry(entry: LogEntry, nowMs: number): Reply {
  return new MapReply([
    ...['count', entry.count],
    ...['reason', entry.reason],
    ...['context', entry.context],
    ...['object', entry.object],
    ...['username', entry.username],
    ...['age-seconds', new Double((nowMs - entry.updatedMs) / 1000)],
    ...['client-info', entry.clientInfo],
    ...['entry-id', entry.id],
    ...['timestamp-created', entry.createdMs],
    ...['timestamp-last-updated', entry.updatedMs],
  ])
}

// ---- GENPASS ----------------------------------------------------------------------------------------------

const USUAL_BITS = 256
const MAX_BITS = 4096

function genPass(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 3) misusedSubcommand('ACL', args)
  const bits = args[2] === undefined ? USUAL_BITS : Number(int64Arg(args[2]))
  if (bits <= 0 || bits > MAX_BITS) {
    fail(
      'ERR ACL GENPASS argument must be the number of bits for the output password, ' +
        `a positive number up to ${MAX_BITS}`,
    )
  }
  const digits = Math.ceil(bits / 4)
  const bytes = new Uint8Array(Math.ceil(digits / 2))
  ctx.server.host.fillSecret(bytes)
  return hexOf(bytes).slice(0, digits)
}

// ---- descriptors ------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  ['CAT [<category>]', 'Lists the categories, or the commands of one.'],
  ['DELUSER <username> [<username> ...]', 'Removes users and disconnects their clients.'],
  ['DRYRUN <username> <command> [<arg> ...]', 'Tells whether a user may run a command, which is not run.'],
  ['GENPASS [<bits>]', 'Makes a password of so many random bits (default: 256), written in hex.'],
  ['GETUSER <username>', 'Describes a user.'],
  ['LIST', 'Describes all users by their rules, one in a line.'],
  ['LOAD', 'Reads all users from the ACL file, in place of those that there are.'],
  ['LOG [<count> | RESET]', 'Shows what was refused to whom of late, or forgets it.'],
  ['SAVE', 'Writes all users into the ACL file.'],
  ['SETUSER <username> [<rule> ...]', 'Makes a user, or applies rules to one that there is.'],
  ['USERS', 'Lists the names of all users.'],
  ['WHOAMI', 'Gives the name of the user of this connection.'],
]

const OPEN = { flags: ['noscript', 'loading', 'stale'], since: '6.0.0' } as const
const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'], since: '6.0.0' } as const
const EACH_USER = 'O(N) where N is the number of users'

export const aclCommand: CommandSpec = {
  name: 'acl',
  arity: -2,
  flags: [],
  since: '6.0.0',
  group: 'server',
  syntax: '',
  summary: 'Holds the commands about users and their permissions.',
  complexity: 'Depends on the subcommand.',
  subcommands: [
    {
      name: 'cat',
      arity: -2,
      ...OPEN,
      syntax: '[category]',
      summary: 'Lists the categories of commands, or the commands of a category.',
      complexity: 'O(N) where N is the number of commands',
      handler: cat,
    },
    {
      name: 'deluser',
      arity: -3,
      ...ADMIN,
      syntax: 'username [username ...]',
      summary: 'Removes users and disconnects their clients.',
      complexity: 'O(N) where N is the number of clients, for each user',
      handler: (ctx, args) => ctx.server.access.deleteUsers(args.slice(2)),
    },
    {
      name: 'dryrun',
      arity: -4,
      ...ADMIN,
      since: '7.0.0',
      syntax: 'username command [arg [arg ...]]',
      summary: 'Tells whether a user may run a command, without running it.',
      complexity: 'O(N) where N is the number of patterns of the user, for each key',
      handler: dryRun,
    },
    {
      name: 'genpass',
      arity: -2,
      ...OPEN,
      syntax: '[bits:integer]',
      summary: 'Makes a password that nobody can guess.',
      complexity: 'O(1)',
      handler: genPass,
    },
    {
      name: 'getuser',
      arity: 3,
      ...ADMIN,
      syntax: 'username',
      summary: 'Describes a user: its flags, its passwords as digests, its permissions.',
      complexity: 'O(N) where N is the number of rules of the user',
      handler: getUser,
    },
    helpCommand('ACL', HELP, { since: '6.0.0' }),
    {
      name: 'list',
      arity: 2,
      ...ADMIN,
      syntax: '',
      summary: 'Describes all users, each by rules that lead to it.',
      complexity: EACH_USER,
      handler: (ctx) => ctx.server.access.users().map(line),
    },
    {
      name: 'load',
      arity: 2,
      ...ADMIN,
      syntax: '',
      summary: 'Reads all users from the ACL file.',
      complexity: EACH_USER,
      handler: (ctx) => {
        ctx.server.access.load()
        return OK
      },
    },
    {
      name: 'log',
      arity: -2,
      ...ADMIN,
      syntax: 'operation=[count:integer|RESET]',
      summary: 'Shows what was refused to whom of late.',
      complexity: 'O(N) where N is the number of entries shown',
      handler: log,
    },
    {
      name: 'save',
      arity: 2,
      ...ADMIN,
      syntax: '',
      summary: 'Writes all users into the ACL file.',
      complexity: EACH_USER,
      handler: (ctx) => {
        ctx.server.access.save()
        return OK
      },
    },
    {
      name: 'setuser',
      arity: -3,
      ...ADMIN,
      syntax: 'username [rule [rule ...]]',
      summary: 'Makes a user or changes one, by rules of which all are applied or none.',
      complexity: 'O(N) where N is the number of rules of the user and of those given',
      secrets: (args) => argumentsFrom(args, 2),
      handler: setUser,
    },
    {
      name: 'users',
      arity: 2,
      ...ADMIN,
      syntax: '',
      summary: 'Lists the names of all users.',
      complexity: EACH_USER,
      handler: (ctx) => ctx.server.access.users().map(({ name }) => name),
    },
    {
      name: 'whoami',
      arity: 2,
      ...OPEN,
      syntax: '',
      summary: 'Gives the name of the user that the connection is signed in as.',
      complexity: 'O(1)',
      handler: (ctx) => ctx.session.user.name,
    },
  ],
}
