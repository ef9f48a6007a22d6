/**
 * LOLWUT: a small picture and the version, as Redis has it. Russet draws an autumn wood: leaves of three
 * kinds, thin at the top and thick on the ground, different every time.
 */

import { equalsIgnoreCase } from '../base/lowercase.js'
import { REDIS_VERSION, RUSSET_VERSION } from '../base/version.js'
import { type Reply, Verbatim } from '../protocol/reply.js'
import { integerArg } from './arguments.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'

const LEAVES = ['*', 'o', '~']
const COLUMNS = { usual: 60, max: 200 }
const ROWS = { usual: 12, max: 60 }

/** A size that was asked for, brought within bounds. */
function size(text: string | undefined, { usual, max }: { usual: number; max: number }): number {
  return text === undefined ? usual : Math.min(Math.max(integerArg(text), 1), max)
}

function lolwut(ctx: Context, args: readonly string[]): Reply {
  const versioned = args.length > 2 && equalsIgnoreCase(args[1] as string, 'version')
  // There is one picture, whichever version is asked for.
  if (versioned) integerArg(args[2] as string)
  const sizes = versioned ? args.slice(3) : []
  const picture = drawWood(size(sizes[0], COLUMNS), size(sizes[1], ROWS), ctx.keyspace.random)
  return new Verbatim(`${picture}\nRedis ver. ${REDIS_VERSION}, Russet ver. ${RUSSET_VERSION}\n`)
}

/** @param random uniform in [0, 1) */
function drawWood(columns: number, rows: number, random: () => number): string {
  let picture = ''
  for (let row = 0; row < rows; row++) {
    const density = ((row + 1) / rows) ** 3
    for (let column = 0; column < columns; column++) {
      picture += random() < density ? LEAVES[Math.floor(random() * LEAVES.length)] : ' '
    }
    picture += '\n'
  }
  return picture
}

export const lolwutCommand: CommandSpec = {
  name: 'lolwut',
  arity: -1,
  flags: ['readonly', 'fast'],
  since: '5.0.0',
  group: 'server',
  syntax: '[VERSION version]',
  summary: 'Draws a picture, and tells the version.',
  complexity: 'O(N) where N is the size of the picture',
  handler: lolwut,
}
