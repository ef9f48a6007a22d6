/**
 * CLIENT: the client itself, and all clients of the server.
 *
 *   CLIENT GETNAME GETREDIR HELP ID INFO KILL LIST NO-EVICT NO-TOUCH PAUSE REPLY SETINFO SETNAME UNBLOCK
 *          UNPAUSE
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase, lower } from '../base/lowercase.js'
import { NO_REPLY, OK, type Reply, Verbatim } from '../protocol/reply.js'
import { int64Arg } from './arguments.js'
import { checkClientName, isListable } from './client-name.js'
import type { CommandSpec } from './command.js'
import type { Context, Session } from './context.js'
import { type HelpEntry, helpCommand, misusedSubcommand } from './help.js'

// ---- about oneself ----------------------------------------------------------------------------------------

function setName(ctx: Context, args: readonly string[]): Reply {
  const name = args[2] as string
  checkClientName(name)
  ctx.session.name = name
  return OK
}

function setInfo(ctx: Context, args: readonly string[]): Reply {
  const attribute = args[2] as string
  const value = args[3] as string
  const isName = equalsIgnoreCase(attribute, 'lib-name')
  if (!isName && !equalsIgnoreCase(attribute, 'lib-ver')) fail(`ERR Unrecognized option '${attribute}'`)
  if (!isListable(value)) fail(`ERR ${attribute} cannot contain spaces, newlines or special characters.`)
  if (isName) ctx.session.libName = value
  else ctx.session.libVersion = value
  return OK
}

function onOrOff(text: string): boolean {
  if (equalsIgnoreCase(text, 'on')) return true
  if (!equalsIgnoreCase(text, 'off')) fail(SYNTAX_ERROR)
  return false
}

function noEvict(ctx: Context, args: readonly string[]): Reply {
  ctx.session.noEvict = onOrOff(args[2] as string)
  return OK
}

function noTouch(ctx: Context, args: readonly string[]): Reply {
  ctx.session.noTouch = onOrOff(args[2] as string)
  return OK
}

function replyMode(ctx: Context, args: readonly string[]): Reply {
  const mode = lower(args[2] as string)
  if (mode !== 'on' && mode !== 'off' && mode !== 'skip') fail(SYNTAX_ERROR)
  ctx.session.setReplyMode(mode)
  return mode === 'on' ? OK : NO_REPLY
}

// ---- which clients: LIST, KILL ----------------------------------------------------------------------------

type Filter = (session: Session) => boolean

/** The clients of a type. There are no masters and replicas yet. */
function ofType(type: string): Filter {
  switch (lower(type)) {
    case 'normal':
      return (session) => !session.isSubscriber
    case 'pubsub':
      return (session) => session.isSubscriber
    case 'master':
    case 'replica':
    case 'slave':
      return () => false
    default:
      return fail(`ERR Unknown client type '${type}'`)
  }
}

function listed(sessions: Iterable<Session>): Reply {
  let text = ''
  for (const session of sessions) text += `${session.describe()}\n`
  return new Verbatim(text)
}

function list(ctx: Context, args: readonly string[]): Reply {
  const { sessions } = ctx.server
  if (args.length === 2) return listed(sessions)
  if (args.length === 4 && equalsIgnoreCase(args[2] as string, 'type')) {
    return listed([...sessions].filter(ofType(args[3] as string)))
  }
  if (args.length === 3 || !equalsIgnoreCase(args[2] as string, 'id')) fail(SYNTAX_ERROR)
  const wanted: Session[] = []
  for (let i = 3; i < args.length; i++) {
    const session = sessions.get(Number(int64Arg(args[i] as string, 'ERR Invalid client ID')))
    if (session !== undefined) wanted.push(session)
  }
  return listed(wanted)
}

interface KillOptions {
  readonly filters: Filter[]
  skipMe: boolean
}

function parseKillOptions(ctx: Context, args: readonly string[]): KillOptions {
  const options: KillOptions = { filters: [], skipMe: true }
  for (let i = 2; i < args.length; i += 2) {
    const word = lower(args[i] as string)
    const value = args[i + 1]
    if (value === undefined) fail(SYNTAX_ERROR)
    if (word === 'skipme') {
      const skip = lower(value)
      if (skip !== 'yes' && skip !== 'no') fail(SYNTAX_ERROR)
      options.skipMe = skip === 'yes'
    } else options.filters.push(killFilter(ctx, word, value))
  }
  return options
}

function killFilter(ctx: Context, word: string, value: string): Filter {
  switch (word) {
    case 'id': {
      const id = int64Arg(value, 'ERR client-id should be greater than 0')
      if (id <= 0) fail('ERR client-id should be greater than 0')
      return (session) => session.id === id
    }
    case 'type':
      return ofType(value)
    case 'user':
      if (ctx.server.access.find(value) === undefined) fail(`ERR No such user '${value}'`)
      return (session) => session.user.name === value
    case 'addr':
      return (session) => session.address === value
    case 'laddr':
      return (session) => session.localAddress === value
    case 'maxage': {
      const seconds = int64Arg(value, 'ERR maxage is not an integer or out of range')
      if (seconds <= 0) fail('ERR maxage should be greater than 0')
      const bornBeforeMs = ctx.now - Number(seconds) * 1000
      return (session) => session.createdMs <= bornBeforeMs
    }
    default:
      return fail(SYNTAX_ERROR)
  }
}

function killAll(ctx: Context, { filters, skipMe }: KillOptions): number {
  const { sessions } = ctx.server
  let killed = 0
  for (const session of [...sessions]) {
    if (skipMe && session === ctx.session) continue
    if (!filters.every((matches) => matches(session))) continue
    sessions.kill(session)
    killed++
  }
  return killed
}

function kill(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 3) return killAll(ctx, parseKillOptions(ctx, args))
  const filters = [killFilter(ctx, 'addr', args[2] as string)]
  if (killAll(ctx, { filters, skipMe: false }) === 0) fail('ERR No such client')
  return OK
}

// ---- holding clients up, and letting them go --------------------------------------------------------------

function pause(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 4) misusedSubcommand('CLIENT', args)
  const mode = lower(args[3] ?? 'all')
  if (mode !== 'all' && mode !== 'write') fail('ERR CLIENT PAUSE mode must be WRITE or ALL')
  const waitMs = Number(int64Arg(args[2] as string, 'ERR timeout is not an integer or out of range'))
  if (waitMs < 0) fail('ERR timeout is negative')
  const untilMs = ctx.now + waitMs
  if (untilMs > Number.MAX_SAFE_INTEGER) fail('ERR timeout is out of range')
  ctx.server.sessions.pause(untilMs, mode === 'write')
  return OK
}

function unpause(ctx: Context): Reply {
  ctx.server.sessions.unpause()
  return OK
}

function unblock(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 4) misusedSubcommand('CLIENT', args)
  const reason = lower(args[3] ?? 'timeout')
  if (reason !== 'timeout' && reason !== 'error') fail('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
  const { sessions } = ctx.server
  const session = sessions.get(Number(int64Arg(args[2] as string)))
  return session !== undefined && sessions.unblock(session, reason === 'error') ? 1 : 0
}

// ---- descriptors ------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  ['GETNAME', 'Gives the name of this client.'],
  ['GETREDIR', 'Gives the id of the client that gets the messages of tracking, or -1.'],
  ['ID', 'Gives the id of this client.'],
  ['INFO', 'Describes this client in one line.'],
  ['KILL <ip:port>', 'Disconnects the client with this address.'],
  [
    'KILL <option> <value> [<option> <value> [...]]',
    'Disconnects the clients that all options fit:',
    '* ADDR (<ip:port>|<unixsocket>:0)',
    '  Clients with this address.',
    '* ID <client-id>',
    '  The client with this id.',
    '* LADDR (<ip:port>|<unixsocket>:0)',
    '  Clients that reached the server at this address.',
    '* MAXAGE <seconds>',
    '  Clients that have been connected for so long or longer.',
    '* SKIPME (YES|NO)',
    '  Whether the client that asks is spared (default: yes).',
    '* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '  Clients of this type.',
    '* USER <username>',
    '  Clients signed in as this user.',
  ],
  [
    'LIST [options ...]',
    'Describes the clients, each in one line. Options:',
    '* ID <client-id> [<client-id> [...]]',
    '  Only the clients with these ids.',
    '* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '  Only the clients of this type.',
  ],
  ['NO-EVICT (ON|OFF)', 'Protects this client from being disconnected to free memory.'],
  ['NO-TOUCH (ON|OFF)', 'Lets this client use keys without leaving a trace in their idle times.'],
  [
    'PAUSE <timeout> [WRITE|ALL]',
    'Holds back all commands, or those that write, for <timeout> milliseconds.',
  ],
  ['REPLY (ON|OFF|SKIP)', 'Turns the replies to this client on or off, or drops the next one.'],
  [
    'SETINFO <option> <value>',
    'Says which library the client uses. Options:',
    '* LIB-NAME <name>',
    '* LIB-VER <version>',
  ],
  ['SETNAME <name>', 'Names this client.'],
  ['UNBLOCK <clientid> [TIMEOUT|ERROR]', 'Ends the wait of a client that is blocked in a command.'],
  ['UNPAUSE', 'Ends a pause.'],
]

const ACL = ['connection']
const OWN = { flags: ['noscript', 'loading', 'stale'], acl: ACL } as const
const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'], acl: ACL } as const

/** What follows CLIENT KILL in its newer form. */
const KILL_FILTERS = [
  '[ID client-id]',
  '[TYPE client-type=NORMAL|MASTER|SLAVE|REPLICA|PUBSUB]',
  '[USER username]',
  '[ADDR addr=ip:port]',
  '[LADDR laddr=ip:port]',
  '[SKIPME YES|NO]',
  '[MAXAGE maxage]',
].join('|')

export const clientCommand: CommandSpec = {
  name: 'client',
  arity: -2,
  flags: [],
  since: '2.4.0',
  group: 'connection',
  syntax: '',
  summary: 'Holds the commands about clients.',
  complexity: 'Depends on the subcommand.',
  subcommands: [
    {
      name: 'getname',
      arity: 2,
      ...OWN,
      since: '2.6.9',
      syntax: '',
      summary: 'Gives the name of the connection.',
      complexity: 'O(1)',
      handler: (ctx) => (ctx.session.name === '' ? null : ctx.session.name),
    },
    {
      name: 'getredir',
      arity: 2,
      ...OWN,
      since: '6.0.0',
      syntax: '',
      summary: 'Gives the id of the client that gets the messages of tracking; without tracking it is -1.',
      complexity: 'O(1)',
      handler: () => -1,
    },
    helpCommand('CLIENT', HELP, { since: '5.0.0', acl: ACL }),
    {
      name: 'id',
      arity: 2,
      ...OWN,
      since: '5.0.0',
      syntax: '',
      summary: 'Gives the number of the connection, which no other one ever has.',
      complexity: 'O(1)',
      handler: (ctx) => ctx.session.id,
    },
    {
      name: 'info',
      arity: 2,
      ...OWN,
      since: '6.2.0',
      syntax: '',
      summary: 'Describes the connection.',
      complexity: 'O(1)',
      tips: ['nondeterministic_output'],
      handler: (ctx) => listed([ctx.session]),
    },
    {
      name: 'kill',
      arity: -3,
      ...ADMIN,
      since: '2.4.0',
      syntax: `filter=<old-format=ip:port|new-format=<${KILL_FILTERS}> ...>`,
      summary: 'Disconnects clients, by their address or by what they are.',
      complexity: 'O(N) where N is the number of clients',
      handler: kill,
    },
    {
      name: 'list',
      arity: -2,
      ...ADMIN,
      since: '2.4.0',
      syntax: '[TYPE client-type=NORMAL|MASTER|REPLICA|PUBSUB] [ID client-id [client-id ...]]',
      summary: 'Describes the clients that are connected, each in one line.',
      complexity: 'O(N) where N is the number of clients',
      tips: ['nondeterministic_output'],
      handler: list,
    },
    {
      name: 'no-evict',
      arity: 3,
      ...ADMIN,
      since: '7.0.0',
      syntax: 'enabled=ON|OFF',
      summary: 'Sets whether the connection may be closed to free memory.',
      complexity: 'O(1)',
      handler: noEvict,
    },
    {
      name: 'no-touch',
      arity: 3,
      ...OWN,
      since: '7.2.0',
      syntax: 'enabled=ON|OFF',
      summary: 'Sets whether commands of the connection count as a use of their keys.',
      complexity: 'O(1)',
      handler: noTouch,
    },
    {
      name: 'pause',
      arity: -3,
      ...ADMIN,
      since: '2.9.50',
      syntax: 'timeout:integer mode=[WRITE|ALL]',
      summary: 'Holds back the commands of all clients for some time.',
      complexity: 'O(1)',
      handler: pause,
    },
    {
      name: 'reply',
      arity: 3,
      ...OWN,
      since: '3.2.0',
      syntax: 'action=ON|OFF|SKIP',
      summary: 'Tells the server to reply or not.',
      complexity: 'O(1)',
      handler: replyMode,
    },
    {
      name: 'setinfo',
      arity: 4,
      ...OWN,
      since: '7.2.0',
      syntax: 'attr=<LIB-NAME libname|LIB-VER libver>',
      summary: 'Tells which client library is used, and in which version.',
      complexity: 'O(1)',
      tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      handler: setInfo,
    },
    {
      name: 'setname',
      arity: 3,
      ...OWN,
      since: '2.6.9',
      syntax: 'connection-name',
      summary: 'Names the connection; an empty name takes the name away.',
      complexity: 'O(1)',
      handler: setName,
    },
    {
      name: 'unblock',
      arity: -3,
      ...ADMIN,
      since: '5.0.0',
      syntax: 'client-id unblock-type=[TIMEOUT|ERROR]',
      summary: 'Ends the wait of a client in a blocking command.',
      complexity: 'O(log N) where N is the number of clients',
      handler: unblock,
    },
    {
      name: 'unpause',
      arity: 2,
      ...ADMIN,
      since: '6.2.0',
      syntax: '',
      summary: 'Lets the clients go on that a pause holds back.',
      complexity: 'O(N) where N is the number of clients held back',
      handler: unpause,
    },
  ],
}
