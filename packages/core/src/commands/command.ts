/**
 * A command as data. A group's file exports `CommandSpec`s; `Command` adds what follows from a spec (ACL
 * categories, legacy key range, flags as booleans), so that dispatch, COMMAND INFO/DOCS/GETKEYS, ACL and the
 * typed client all read one source.
 */

import type { Reply } from '../protocol/reply.js'
import type { Block } from './block.js'
import { CommandStats } from './command-stats.js'
import type { Context } from './context.js'
import type { FoundKey, KeySpec } from './key-spec.js'

/** Command flags by Redis's names, as COMMAND INFO lists them. */
export type Flag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'random'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'asking'
  | 'fast'
  | 'no_auth'
  | 'may_replicate'
  | 'no_mandatory_keys'
  | 'protected'
  | 'no_async_loading'
  | 'no_multi'
  | 'allow_busy'

/** The group of a command's documentation, as COMMAND DOCS names it. */
export type Group =
  | 'string'
  | 'bitmap'
  | 'list'
  | 'hash'
  | 'set'
  | 'sorted-set'
  | 'generic'
  | 'connection'
  | 'server'
  | 'transactions'
  | 'pubsub'
  | 'stream'
  | 'hyperloglog'
  | 'geo'
  | 'scripting'
  | 'cluster'
  | 'sentinel'

/**
 * Runs a command. `args[0]` is its name as it was sent; a subcommand's own arguments start at `args[2]`. The
 * number of arguments fits the arity. Everything is checked before anything is changed.
 * @returns the reply, or a `Block` when the client has to wait
 * @throws CommandError for an error reply
 */
export type Handler = (ctx: Context, args: readonly string[]) => Reply | Block

/** Where the channels stand among a command's arguments. */
export interface ChannelSpec {
  /** The position of the first; the command's name is at 0. */
  readonly first: number
  /** Whether all arguments from there on are channels, too. */
  readonly many: boolean
  /** Whether they are patterns of channels. */
  readonly arePatterns: boolean
}

export interface CommandSpec {
  /** Lower case. */
  readonly name: string
  /** Arguments with the name (of a subcommand: with both names), negative for "at least". */
  readonly arity: number
  readonly flags: readonly Flag[]
  readonly keys?: readonly KeySpec[]
  /** Finds the keys where the key specifications cannot tell, or cannot tell what is done to them. */
  readonly findKeys?: (args: readonly string[]) => readonly FoundKey[] | undefined
  /**
   * Positions of the arguments that SLOWLOG and MONITOR must not show.
   * @param isSensitive whether a setting of that name is a secret
   */
  readonly secrets?: (args: readonly string[], isSensitive: (setting: string) => boolean) => readonly number[]
  /** Channels among the arguments that ACL rules are to allow. */
  readonly channels?: ChannelSpec
  /** ACL categories beyond those that follow from the group and the flags. */
  readonly acl?: readonly string[]
  /** Redis does not count it to the ACL category of its group. */
  readonly outsideGroupCategory?: true
  /** Version of Redis that brought it. */
  readonly since: string
  /** Left out by subcommands, which have their container's. */
  readonly group?: Group
  /** Arguments in the notation of the command reference; see syntax.ts. */
  readonly syntax: string
  readonly summary: string
  readonly complexity: string
  /** Command tips, e.g. `nondeterministic_output`. */
  readonly tips?: readonly string[]
  /** Set when the documentation calls it deprecated: since when, and what to use instead. */
  readonly deprecated?: { readonly since: string; readonly replacedBy: string }
  readonly subcommands?: readonly CommandSpec[]
  /** Left out by containers, which only have subcommands. */
  readonly handler?: Handler
}

const GROUP_CATEGORY: { readonly [group in Group]?: string } = {
  string: 'string',
  bitmap: 'bitmap',
  list: 'list',
  hash: 'hash',
  set: 'set',
  'sorted-set': 'sortedset',
  generic: 'keyspace',
  connection: 'connection',
  transactions: 'transaction',
  stream: 'stream',
  hyperloglog: 'hyperloglog',
  geo: 'geo',
  scripting: 'scripting',
}

/** All ACL categories, in Redis's order. */
export const CATEGORIES: readonly string[] = [
  ...[
    'keyspace',
    'read',
    'write',
    'set',
    'sortedset',
    'list',
    'hash',
    'string',
    'bitmap',
    'hyperloglog',
    'geo',
  ],
  ...[
    'stream',
    'pubsub',
    'admin',
    'fast',
    'slow',
    'blocking',
    'dangerous',
    'connection',
    'transaction',
    'scripting',
  ],
]

export class Command {
  /** Its number in the table, from 0 without gaps. */
  readonly id: number
  readonly name: string
  /** `client|list` for a subcommand, else the name. */
  readonly fullName: string
  readonly arity: number
  readonly group: Group
  readonly handler: Handler | undefined
  readonly subcommands: ReadonlyMap<string, Command> | undefined
  readonly keys: readonly KeySpec[]
  readonly isWrite: boolean
  readonly needsNoAuth: boolean
  readonly forbidsMulti: boolean
  readonly mayReplicate: boolean
  readonly allowedWhileLoading: boolean
  /** Flag `denyoom`: refused when more than maxmemory is in use. */
  readonly deniedWithoutMemory: boolean
  /** Flag `fast`. */
  readonly isFast: boolean
  readonly skipsSlowLog: boolean
  readonly isHiddenFromMonitor: boolean
  /** Whether it reads or changes data: not for a client that only listens. */
  readonly usesData: boolean
  /** Runs only if the configuration allows it to this client. */
  readonly isProtected: boolean
  readonly stats: CommandStats

  /** @param nextId gives out numbers, of which each command and subcommand takes one */
  constructor(
    readonly spec: CommandSpec,
    nextId: () => number,
    readonly container?: Command,
  ) {
    this.id = nextId()
    const has = (flag: Flag) => spec.flags.includes(flag)
    this.name = spec.name
    this.fullName = container === undefined ? spec.name : `${container.name}|${spec.name}`
    this.arity = spec.arity
    const group = spec.group ?? container?.group
    if (group === undefined) throw new Error(`command ${this.fullName} has no group`)
    this.group = group
    this.handler = spec.handler
    this.keys = spec.keys ?? []
    this.isWrite = has('write')
    this.needsNoAuth = has('no_auth')
    this.forbidsMulti = has('no_multi')
    this.mayReplicate = has('may_replicate')
    this.allowedWhileLoading = has('loading')
    this.deniedWithoutMemory = has('denyoom')
    this.isFast = has('fast')
    this.skipsSlowLog = has('skip_slowlog')
    this.isHiddenFromMonitor = has('skip_monitor') || has('admin')
    this.usesData = this.isWrite || this.mayReplicate || has('readonly')
    this.stats = new CommandStats(this.isFast || spec.complexity === 'O(1)')
    this.isProtected = has('protected')
    this.subcommands =
      spec.subcommands && new Map(spec.subcommands.map((sub) => [sub.name, new Command(sub, nextId, this)]))
  }

  /** Whether `count` arguments, names included, fit. */
  accepts(count: number): boolean {
    return this.arity >= 0 ? count === this.arity : count >= -this.arity
  }

  /** ACL categories with their `@`, in Redis's order. */
  get categories(): string[] {
    const { flags, acl } = this.spec
    const names = new Set<string>(acl)
    const own = GROUP_CATEGORY[this.group]
    const belongs = this.subcommands === undefined && this.spec.outsideGroupCategory !== true
    if (own !== undefined && belongs) names.add(own)
    if (flags.includes('write')) names.add('write')
    if (flags.includes('readonly') && !names.has('scripting')) names.add('read')
    if (flags.includes('admin')) names.add('admin').add('dangerous')
    if (flags.includes('pubsub')) names.add('pubsub')
    if (flags.includes('blocking')) names.add('blocking')
    names.add(flags.includes('fast') ? 'fast' : 'slow')
    return CATEGORIES.filter((name) => names.has(name)).map((name) => `@${name}`)
  }
}
