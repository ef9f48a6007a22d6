/** Expiry times as arguments: seconds or milliseconds, from now or since the Unix epoch. */

import { fail } from '../base/errors.js'
import { int64Arg } from './arguments.js'
import type { Context } from './context.js'

/** Seconds or ms from now; seconds or ms since the Unix epoch. */
export type ExpiryUnit = 'ex' | 'px' | 'exat' | 'pxat'

/** Beyond this a time in ms is not exact as a number: some 285,000 years. */
const MAX_TIME_MS = Number.MAX_SAFE_INTEGER

/**
 * The expiry that an option such as `EX 10` means, as Unix time in ms.
 * @throws CommandError when it is no integer, not positive, or out of range
 */
export function expiryArg(ctx: Context, text: string, unit: ExpiryUnit): number {
  const value = Number(int64Arg(text))
  const expiryMs = absoluteExpiryMs(value, unit, ctx.now)
  if (value <= 0 || expiryMs === undefined)
    fail(`ERR invalid expire time in '${ctx.command.fullName}' command`)
  return expiryMs
}

/** A time given in `unit` as Unix time in ms; undefined when that is out of range. */
export function absoluteExpiryMs(value: number, unit: ExpiryUnit, nowMs: number): number | undefined {
  const ms = unit === 'ex' || unit === 'exat' ? value * 1000 : value
  const expiryMs = unit === 'ex' || unit === 'px' ? nowMs + ms : ms
  return Math.abs(expiryMs) > MAX_TIME_MS ? undefined : expiryMs
}
