/** WAIT: until replicas have what this client wrote. There are none, so it waits for its time-out. */

import { fail } from '../base/errors.js'
import type { Reply } from '../protocol/reply.js'
import { int64Arg } from './arguments.js'
import { Block } from './block.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'

/** Replicas that have acknowledged everything written so far. */
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

export const waitCommand: CommandSpec = {
  name: 'wait',
  arity: 3,
  flags: ['noscript'],
  acl: ['connection'],
  outsideGroupCategory: true,
  since: '3.0.0',
  group: 'generic',
  syntax: 'numreplicas timeout:integer',
  summary: 'Waits until enough replicas have acknowledged all earlier writes of this client.',
  complexity: 'O(1)',
  tips: ['request_policy:all_shards', 'response_policy:agg_min'],
  handler: wait,
}
