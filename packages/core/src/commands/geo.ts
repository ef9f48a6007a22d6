/**
 * Places on earth as members of a sorted set, whose scores are geohashes: adding them, and what is known of
 * single ones.
 *
 *   GEOADD GEODIST GEOHASH GEOPOS
 *
 * Searches are in geo-search.ts. Such a set is a sorted set in every respect, so any score may be met with, and
 * each stands for some place.
 */

import { Origin } from '../base/earth.js'
import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { formatDistance } from '../base/fixed-point.js'
import { geohashText, placeOf, scoreOf } from '../base/geohash.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { NIL_ARRAY, type Reply } from '../protocol/reply.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { placeArg, placeReply, unitArg } from './geo-arguments.js'
import { geoSearchCommands } from './geo-search.js'
import { keyAt } from './key-spec.js'
import { add as addToSortedSet } from './sorted-sets.js'

/** Words that may come ahead of the places, and that ZADD understands. */
const ADD_OPTIONS = ['nx', 'xx', 'ch']

function add(ctx: Context, args: readonly string[]): Reply {
  let first = 2
  let exclusive = 0
  for (; first < args.length; first++) {
    const option = ADD_OPTIONS.findIndex((word) => equalsIgnoreCase(args[first] as string, word))
    if (option < 0) break
    if (option < 2) exclusive |= 1 << option
  }
  if ((args.length - first) % 3 !== 0 || exclusive === 3) fail(SYNTAX_ERROR)
  const command = ['ZADD', ...args.slice(1, first)]
  for (let i = first; i < args.length; i += 3) {
    command.push(String(scoreOf(placeArg(args, i))), args[i + 2] as string)
  }
  const { dirty } = ctx.keyspace
  const reply = addToSortedSet(ctx, command, 0)
  if (ctx.keyspace.dirty !== dirty) ctx.propagateAll(command)
  return reply
}

function positions(ctx: Context, args: readonly string[]): Reply {
  const value = ctx.db.read(args[1] as string, 'zset')
  const reply: Reply[] = []
  for (let i = 2; i < args.length; i++) {
    const score = value?.score(args[i] as string)
    reply.push(score === undefined ? NIL_ARRAY : placeReply(placeOf(score)))
  }
  return reply
}

function hashes(ctx: Context, args: readonly string[]): Reply {
  const value = ctx.db.read(args[1] as string, 'zset')
  const reply: Reply[] = []
  for (let i = 2; i < args.length; i++) {
    const score = value?.score(args[i] as string)
    reply.push(score === undefined ? null : geohashText(placeOf(score)))
  }
  return reply
}

function distance(ctx: Context, args: readonly string[]): Reply {
  if (args.length > 5) fail(SYNTAX_ERROR)
  const unit = args.length === 5 ? unitArg(args[4] as string) : 1
  const value = ctx.db.read(args[1] as string, 'zset')
  const from = value?.score(args[2] as string)
  const to = value?.score(args[3] as string)
  if (from === undefined || to === undefined) return null
  return formatDistance(new Origin(placeOf(from)).distanceTo(placeOf(to)) / unit)
}

// ---- descriptors --------------------------------------------------------------------------------------------

const memberCommands: readonly CommandSpec[] = [
  {
    name: 'geoadd',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW update')],
    since: '3.2.0',
    group: 'geo',
    syntax: 'key condition=[NX|XX] [change=CH] longitude latitude member [longitude latitude member ...]',
    summary: 'Adds members with their places, or moves members that are there.',
    complexity: 'O(log(N)) for each member, where N is the size of the sorted set',
    handler: add,
  },
  {
    name: 'geodist',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '3.2.0',
    group: 'geo',
    syntax: 'key member1 member2 unit=[M|KM|FT|MI]',
    summary: 'Gives the distance between two members.',
    complexity: 'O(1)',
    handler: distance,
  },
  {
    name: 'geohash',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '3.2.0',
    group: 'geo',
    syntax: 'key [member [member ...]]',
    summary: 'Gives the places of members as geohashes of the common kind.',
    complexity: 'O(N) where N is the number of members asked for',
    handler: hashes,
  },
  {
    name: 'geopos',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO access')],
    since: '3.2.0',
    group: 'geo',
    syntax: 'key [member [member ...]]',
    summary: 'Gives longitude and latitude of members.',
    complexity: 'O(N) where N is the number of members asked for',
    handler: positions,
  },
]

export const geoCommands: readonly CommandSpec[] = [...memberCommands, ...geoSearchCommands]
