/**
 * Waiting until what this client wrote is safe. There are no replicas, so of those the only thing that comes is
 * the time-out; for the journal WAITAOF waits until it is on the medium.
 *
 *   WAIT WAITAOF
 */

import { fail } from '../base/errors.js'
import type { Reply } from '../protocol/reply.js'
import { countArg, int64Arg, rangeArg } from './arguments.js'
import { Block } from './block.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'

/** Replicas that have acknowledged everything written so far, or have it on disk. */
const ACKNOWLEDGED = 0
/** @returns the time at which the wait ends, Unix time in ms; 0 for never */
function deadlineMs(ctx: Context, text: string): number {
  const waitMs = int64Arg(text, 'ERR timeout is not an integer or out of range')
  if (waitMs < 0) fail('ERR timeout is negative')
  if (waitMs > Number.MAX_SAFE_INTEGER - ctx.now) fail('ERR timeout is out of range')
  return waitMs === 0 ? 0 : ctx.now + Number(waitMs)
}

function wait(ctx: Context, args: readonly string[]): Reply | Block {
  const wanted = int64Arg(args[1] as string)
  const endMs = deadlineMs(ctx, args[2] as string)
  if (wanted <= ACKNOWLEDGED) return ACKNOWLEDGED
  return new Block([], endMs, ACKNOWLEDGED)
}

function waitAof(ctx: Context, args: readonly string[]): Reply | Block {
  const local = rangeArg(args[1] as string, 0, 1)
  const wanted = countArg(args[2] as string)
  const endMs = deadlineMs(ctx, args[3] as string)
  const { persistence } = ctx.server
  if (local > 0 && !persistence.journals)
    fail('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.')
  // Filled in as it comes true, also for a reply that is sent because the time is over.
  const reply = [0, ACKNOWLEDGED]
  let done = () => {}
  const journalled = () => {
    reply[0] = 1
    if (wanted <= ACKNOWLEDGED) done()
  }
  const forget = persistence.journals ? persistence.whenJournalled(journalled) : () => {}
  if (wanted <= ACKNOWLEDGED && (reply[0] as number) >= local) {
    forget()
    return reply
  }
  const work = () =>
    new Promise<Reply>((resolve) => {
      done = () => resolve(reply)
    })
  return new Block([], endMs, reply, undefined, false, [...reply], undefined, work)
}

/** What both have in common. */
const waiting = {
  flags: ['blocking'],
  acl: ['connection'],
  outsideGroupCategory: true,
  group: 'generic',
  complexity: 'O(1)',
  tips: ['request_policy:all_shards', 'response_policy:agg_min'],
} as const

export const waitCommands: readonly CommandSpec[] = [
  {
    name: 'wait',
    arity: 3,
    ...waiting,
    since: '3.0.0',
    syntax: 'numreplicas timeout:integer',
    summary: 'Waits until enough replicas have acknowledged all earlier writes of this client.',
    handler: wait,
  },
  {
    name: 'waitaof',
    arity: 4,
    ...waiting,
    since: '7.2.0',
    syntax: 'numlocal:integer numreplicas timeout:integer',
    summary:
      'Waits until this server or enough replicas have all earlier writes of this client in their journals.',
    handler: waitAof,
  },
]
