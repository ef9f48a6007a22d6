/**
 * LATENCY: what has held the server up, by kinds of events, and how long commands take.
 *
 *   LATENCY DOCTOR GRAPH HELP HISTOGRAM HISTORY LATEST RESET
 *
 * Events are noted while latency-monitor-threshold is set; histograms are kept while latency-tracking is on.
 */

import { fail } from '../base/errors.js'
import { MapReply, type Reply, Verbatim } from '../protocol/reply.js'
import type { Command, CommandSpec } from './command.js'
import type { Context, LatencyEvent, LatencySample } from './context.js'
import { type HelpEntry, helpCommand } from './help.js'
import { diagnosis } from './latency-doctor.js'
import { latencyGraph } from './latency-graph.js'

const NS_A_MICROSECOND = 1000

// ---- events -----------------------------------------------------------------------------------------------

function latest(ctx: Context): Reply {
  return ctx.server.latency.events().map(({ name, samples, worstMs }) => {
    const { unixSeconds, ms } = samples.at(-1) as LatencySample
    return [name, unixSeconds, ms, worstMs]
  })
}

function history(ctx: Context, args: readonly string[]): Reply {
  const event = ctx.server.latency.event(args[2] as string)
  return (event?.samples ?? []).map(({ unixSeconds, ms }) => [unixSeconds, ms])
}

function reset(ctx: Context, args: readonly string[]): Reply {
  return ctx.server.latency.forget(args.length > 2 ? args.slice(2) : undefined)
}

function graph(ctx: Context, args: readonly string[]): Reply {
  const name = args[2] as string
  const event = ctx.server.latency.event(name)
  if (event === undefined) fail(`ERR No samples available for event '${name}'`)
  return new Verbatim(latencyGraph(event, Math.floor(ctx.now / 1000)))
}

function doctor(ctx: Context): Reply {
  const { latency, settings } = ctx.server
  const events: readonly LatencyEvent[] = latency.events()
  return new Verbatim(diagnosis(events, settings.latencyMonitorThreshold))
}

// ---- commands ---------------------------------------------------------------------------------------------

function histogram(ctx: Context, args: readonly string[]): Reply {
  const { commands } = ctx.server
  const wanted =
    args.length === 2
      ? [...commands.withSubcommands()]
      : args.slice(2).flatMap((name) => withSubcommands(commands.findByFullName(name)))
  return new MapReply(
    wanted.flatMap((command) => {
      const distribution = distributionOf(command)
      return distribution === undefined ? [] : [command.fullName, distribution]
    }),
  )
}

function withSubcommands(command: Command | undefined): Command[] {
  if (command === undefined) return []
  return [command, ...(command.subcommands?.values() ?? [])]
}

/** How many calls took up to how many microseconds; undefined if none has been timed. */
function distributionOf({ stats }: Command): Reply | undefined {
  const { latency, calls } = stats
  if (latency === undefined || calls === 0) return undefined
  // The calls that were timed stand for all of them.
  const share = calls / latency.total
  const counts = latency
    .cumulative()
    .flatMap(({ limitNs, count }) => [Math.floor(limitNs / NS_A_MICROSECOND), Math.round(count * share)])
  return new MapReply(['calls', calls, 'histogram_usec', new MapReply(counts)])
}

// ---- descriptors ------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  ['DOCTOR', 'Says in words what was observed, and what may help.'],
  ['GRAPH <event>', 'Draws the latest samples of an event.'],
  [
    'HISTOGRAM [<command> ...]',
    'Gives how many calls of commands took up to how many microseconds; without names of all commands.',
  ],
  ['HISTORY <event>', 'Gives the latest samples of an event: Unix times and milliseconds.'],
  ['LATEST', 'Gives for each event its name, the last sample, and the worst one.'],
  ['RESET [<event> ...]', 'Forgets the samples of some events, or of all.'],
]

const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'] } as const
const OF_EACH_NODE = {
  tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
} as const

export const latencyCommand: CommandSpec = {
  name: 'latency',
  arity: -2,
  flags: [],
  since: '2.8.13',
  group: 'server',
  syntax: '',
  summary: 'Holds the commands about what holds the server up.',
  complexity: 'Depends on the subcommand.',
  subcommands: [
    {
      name: 'doctor',
      arity: 2,
      ...ADMIN,
      ...OF_EACH_NODE,
      since: '2.8.13',
      syntax: '',
      summary: 'Says in words what has held the server up, and what may help.',
      complexity: 'O(1)',
      handler: doctor,
    },
    {
      name: 'graph',
      arity: 3,
      ...ADMIN,
      ...OF_EACH_NODE,
      since: '2.8.13',
      syntax: 'event',
      summary: 'Draws how long an event took lately.',
      complexity: 'O(1)',
      handler: graph,
    },
    helpCommand('LATENCY', HELP, { since: '2.8.13' }),
    {
      name: 'histogram',
      arity: -2,
      ...ADMIN,
      ...OF_EACH_NODE,
      since: '7.0.0',
      syntax: '[command [command ...]]',
      summary: 'Gives the distribution of the times that commands took.',
      complexity: 'O(N) where N is the number of commands with times',
      handler: histogram,
    },
    {
      name: 'history',
      arity: 3,
      ...ADMIN,
      ...OF_EACH_NODE,
      since: '2.8.13',
      syntax: 'event',
      summary: 'Gives how long an event took lately, with the times when it did.',
      complexity: 'O(1)',
      handler: history,
    },
    {
      name: 'latest',
      arity: 2,
      ...ADMIN,
      ...OF_EACH_NODE,
      since: '2.8.13',
      syntax: '',
      summary: 'Gives the last and the worst time of each event.',
      complexity: 'O(1)',
      handler: latest,
    },
    {
      name: 'reset',
      arity: -2,
      ...ADMIN,
      since: '2.8.13',
      syntax: '[event [event ...]]',
      summary: 'Forgets how long events took.',
      complexity: 'O(1)',
      tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      handler: reset,
    },
  ],
}
