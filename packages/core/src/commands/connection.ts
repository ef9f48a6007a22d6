/**
 * A client's own connection: who it is, which protocol it speaks, which database it uses.
 *
 *   AUTH ECHO HELLO PING QUIT RESET SELECT
 *
 * CLIENT, which also looks at other clients, has a file of its own.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { REDIS_VERSION, RUSSET_VERSION } from '../base/version.js'
import type { Database } from '../keyspace/database.js'
import type { RespVersion } from '../protocol/encoder.js'
import { MapReply, OK, PONG, type Reply, Simple } from '../protocol/reply.js'
import { int32Arg, integerArg } from './arguments.js'
import { checkClientName } from './client-name.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { argumentsAfter, argumentsFrom } from './secret-arguments.js'

const RESET_DONE = new Simple('RESET')

// ---- who: AUTH, HELLO -------------------------------------------------------------------------------------

function auth(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 3) fail(SYNTAX_ERROR)
  const { server, session } = ctx
  if (args.length === 3) {
    server.access.authenticate(session, args[1] as string, args[2] as string, args[0] as string)
    return OK
  }
  const { defaultUser } = server.access
  if (defaultUser.needsNoPassword) {
    fail(
      'ERR AUTH <password> called without any password configured for the default user. ' +
        'Are you sure your configuration is correct?',
    )
  }
  server.access.authenticate(session, defaultUser.name, args[1] as string, args[0] as string)
  return OK
}

interface HelloOptions {
  version: RespVersion | undefined
  user: string | undefined
  password: string
  name: string | undefined
}

function parseHelloOptions(args: readonly string[]): HelloOptions {
  const options: HelloOptions = { version: undefined, user: undefined, password: '', name: undefined }
  if (args.length === 1) return options
  const version = integerArg(args[1] as string, 'ERR Protocol version is not an integer or out of range')
  if (version !== 2 && version !== 3) fail('NOPROTO unsupported protocol version')
  options.version = version
  for (let i = 2; i < args.length; i++) {
    const word = args[i] as string
    const following = args.length - 1 - i
    if (equalsIgnoreCase(word, 'auth') && following >= 2) {
      options.user = args[++i] as string
      options.password = args[++i] as string
    } else if (equalsIgnoreCase(word, 'setname') && following >= 1) {
      options.name = args[++i] as string
      checkClientName(options.name)
    } else fail(`ERR Syntax error in HELLO option '${word}'`)
  }
  return options
}

function hello(ctx: Context, args: readonly string[]): Reply {
  const { server, session } = ctx
  const { version, user, password, name } = parseHelloOptions(args)
  if (user !== undefined) server.access.authenticate(session, user, password, args[0] as string)
  if (!session.authenticated && !server.access.isOpen) {
    fail(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> ' +
        'AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol ' +
        'version at the same time',
    )
  }
  if (name !== undefined) session.name = name
  if (version !== undefined) session.resp = version
  return new MapReply([
    ...['server', 'redis'],
    ...['version', REDIS_VERSION],
    ...['russet_version', RUSSET_VERSION],
    ...['proto', session.resp],
    ...['id', session.id],
    ...['mode', 'standalone'],
    ...['role', 'master'],
    ...['modules', []],
  ])
}

// ---- the rest ---------------------------------------------------------------------------------------------

function ping(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 2) fail(`ERR wrong number of arguments for '${ctx.command.name}' command`)
  // Among messages a reply has to look like one of them.
  if (ctx.session.inSubscriberMode) return ['pong', args[1] ?? '']
  return args.length === 2 ? (args[1] as string) : PONG
}

function quit(ctx: Context): Reply {
  ctx.session.closeAfterReply()
  return OK
}

function reset(ctx: Context): Reply {
  ctx.session.reset()
  return RESET_DONE
}

function select(ctx: Context, args: readonly string[]): Reply {
  const index = int32Arg(args[1] as string)
  const { databases } = ctx.keyspace
  if (index < 0 || index >= databases.length) fail('ERR DB index is out of range')
  ctx.session.db = databases[index] as Database
  return OK
}

// ---- descriptors ------------------------------------------------------------------------------------------

export const connectionCommands: readonly CommandSpec[] = [
  {
    name: 'auth',
    arity: -2,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    since: '1.0.0',
    group: 'connection',
    syntax: '[username] password',
    summary: 'Proves who the client is, by a password and perhaps the name of a user.',
    complexity: 'O(N) where N is the number of passwords of the user',
    secrets: (args) => argumentsFrom(args, 1),
    handler: auth,
  },
  {
    name: 'echo',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    since: '1.0.0',
    group: 'connection',
    syntax: 'message',
    summary: 'Gives its argument back.',
    complexity: 'O(1)',
    handler: (_ctx, args) => args[1] as string,
  },
  {
    name: 'hello',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    since: '6.0.0',
    group: 'connection',
    syntax: 'arguments=[protover [AUTH username password] [SETNAME clientname]]',
    secrets: (args) => argumentsAfter(args, 'auth', 2),
    summary:
      'Chooses the protocol version, signs in and names the client if wanted, and describes the server.',
    complexity: 'O(1)',
    handler: hello,
  },
  {
    name: 'ping',
    arity: -1,
    flags: ['fast'],
    since: '1.0.0',
    group: 'connection',
    syntax: '[message]',
    summary: 'Shows that the server answers; a message comes back as it is.',
    complexity: 'O(1)',
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    handler: ping,
  },
  {
    name: 'quit',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    since: '1.0.0',
    group: 'connection',
    syntax: '',
    summary: 'Closes the connection after the replies so far.',
    complexity: 'O(1)',
    deprecated: { since: '7.2.0', replacedBy: 'just closing the connection' },
    handler: quit,
  },
  {
    name: 'reset',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    since: '6.2.0',
    group: 'connection',
    syntax: '',
    summary: 'Puts the connection back into the state of a new one.',
    complexity: 'O(1)',
    handler: reset,
  },
  {
    name: 'select',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    since: '1.0.0',
    group: 'connection',
    syntax: 'index',
    summary: 'Chooses the database that the commands of this connection work on.',
    complexity: 'O(1)',
    handler: select,
  },
]
