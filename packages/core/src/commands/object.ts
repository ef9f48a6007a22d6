/**
 * OBJECT: what is inside a key.
 *
 *   OBJECT ENCODING FREQ HELP IDLETIME REFCOUNT
 */

import { fail } from '../base/errors.js'
import { stringEncoding } from '../keyspace/string-value.js'
import type { Value } from '../keyspace/value.js'
import type { Reply } from '../protocol/reply.js'
import { GrowBytes } from '../structures/grow-bytes.js'
import type { CommandSpec } from './command.js'
import type { Context } from './context.js'
import { type HelpEntry, helpCommand } from './help.js'
import { keyAt } from './key-spec.js'

/** Redis has one object for each integer below this, which all keys that hold it share. */
const SHARED_INTEGERS = 10_000
/** The reference count of a shared object. */
const SHARED_REFERENCES = 2_147_483_647

const SWITCHED_LATE =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.'

/** The name that OBJECT ENCODING gives the form in which a value is kept. */
export function encodingOf(value: Value): string {
  if (typeof value !== 'object' || value instanceof GrowBytes) return stringEncoding(value)
  return value.encoding
}

/** As OBJECT REFCOUNT tells: every value has one owner, but small integers are shared. */
export function referencesTo(ctx: Context, value: Value): number {
  const isShared =
    typeof value === 'number' && value >= 0 && value < SHARED_INTEGERS && !keepsAccessInValues(ctx)
  return isShared ? SHARED_REFERENCES : 1
}

/** Under a policy that evicts by use each key needs an object of its own, if there is a limit at all. */
function keepsAccessInValues(ctx: Context): boolean {
  const { maxmemory, maxmemoryPolicy } = ctx.server.settings
  return maxmemory > 0 && /lru|lfu/.test(maxmemoryPolicy)
}

/** Seconds since the key in `slot` was used. */
export function idleSeconds(ctx: Context, slot: number): number {
  return ctx.keyspace.idleSecondsOf(ctx.db.dict.accessAt(slot))
}

/** Answers about the key `args[2]` with what `ask` says; nil if it is not there. */
function aboutKey(ctx: Context, args: readonly string[], ask: (slot: number) => Reply): Reply {
  const slot = ctx.db.slotOf(args[2] as string)
  return slot < 0 ? null : ask(slot)
}

function encoding(ctx: Context, args: readonly string[]): Reply {
  return aboutKey(ctx, args, (slot) => encodingOf(ctx.db.dict.valueAt(slot)))
}

function refcount(ctx: Context, args: readonly string[]): Reply {
  return aboutKey(ctx, args, (slot) => referencesTo(ctx, ctx.db.dict.valueAt(slot)))
}

function idletime(ctx: Context, args: readonly string[]): Reply {
  return aboutKey(ctx, args, (slot) => {
    if (ctx.keyspace.frequency !== undefined) {
      fail(`ERR An LFU maxmemory policy is selected, idle time not tracked. ${SWITCHED_LATE}`)
    }
    return idleSeconds(ctx, slot)
  })
}

function freq(ctx: Context, args: readonly string[]): Reply {
  return aboutKey(ctx, args, (slot) => {
    const { frequency } = ctx.keyspace
    if (frequency === undefined) {
      fail(`ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${SWITCHED_LATE}`)
    }
    return frequency.countOf(ctx.db.dict.accessAt(slot))
  })
}

// ---- descriptor -------------------------------------------------------------------------------------------

const HELP: readonly HelpEntry[] = [
  ['ENCODING <key>', 'Names the form in which the value of <key> is kept.'],
  ['FREQ <key>', 'Tells how often <key> is used: a counter that grows with the logarithm of the uses.'],
  ['IDLETIME <key>', 'Tells how many seconds ago <key> was last used.'],
  ['REFCOUNT <key>', 'Counts the references to the value of <key>.'],
]

/** What all subcommands but HELP have in common. */
const asking = {
  arity: 3,
  flags: ['readonly'],
  keys: [keyAt(2, 'RO')],
  syntax: 'key',
  complexity: 'O(1)',
  tips: ['nondeterministic_output'],
} as const

export const objectCommand: CommandSpec = {
  name: 'object',
  arity: -2,
  flags: [],
  since: '2.2.3',
  group: 'generic',
  syntax: '',
  summary: 'Tells what is inside a key; see its subcommands.',
  complexity: 'That of the subcommand',
  subcommands: [
    {
      name: 'encoding',
      ...asking,
      since: '2.2.3',
      summary: 'Names the form in which the value of a key is kept.',
      handler: encoding,
    },
    {
      name: 'freq',
      ...asking,
      since: '4.0.0',
      summary: 'Tells how often a key is used, as a logarithmic counter.',
      handler: freq,
    },
    helpCommand('OBJECT', HELP, { since: '6.2.0' }),
    {
      name: 'idletime',
      ...asking,
      since: '2.2.3',
      summary: 'Tells how many seconds ago a key was last used.',
      handler: idletime,
    },
    {
      name: 'refcount',
      ...asking,
      since: '2.2.3',
      summary: 'Counts the references to the value of a key.',
      handler: refcount,
    },
  ],
}
