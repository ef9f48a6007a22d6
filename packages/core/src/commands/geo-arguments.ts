/** Places, lengths and units among the arguments of geo commands; and places in their replies. */

import { Box, Circle, type Origin } from '../base/earth.js'
import { fail } from '../base/errors.js'
import { formatCoordinate, formatFixed } from '../base/fixed-point.js'
import { MAX_LATITUDE, MAX_LONGITUDE, type Place } from '../base/geohash.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import { Double, type Reply } from '../protocol/reply.js'
import { doubleArg } from './arguments.js'

const UNITS: readonly (readonly [name: string, meters: number])[] = [
  ['m', 1],
  ['km', 1000],
  ['ft', 0.3048],
  ['mi', 1609.34],
]

/** Meters in a unit. */
export function unitArg(text: string): number {
  for (const [name, meters] of UNITS) if (equalsIgnoreCase(text, name)) return meters
  fail('ERR unsupported unit provided. please use M, KM, FT, MI')
}

/** A longitude at `args[at]` and a latitude behind it. */
export function placeArg(args: readonly string[], at: number): Place {
  const longitude = doubleArg(args[at] as string)
  const latitude = doubleArg(args[at + 1] as string)
  if (Math.abs(longitude) > MAX_LONGITUDE || Math.abs(latitude) > MAX_LATITUDE) {
    fail(`ERR invalid longitude,latitude pair ${formatFixed(longitude, 6)},${formatFixed(latitude, 6)}`)
  }
  return { longitude, latitude }
}

/** Longitude and latitude. */
export function placeReply({ longitude, latitude }: Place): Reply {
  return [
    new Double(longitude, formatCoordinate(longitude)),
    new Double(latitude, formatCoordinate(latitude)),
  ]
}

/** The size of an area, and the unit in which it was given. */
export interface Extent {
  readonly shape: 'circle' | 'box'
  /** Meters. */
  readonly unit: number
  around(origin: Origin): Circle | Box
}

/** A radius at `args[at]` and its unit behind it. */
export function circleArg(args: readonly string[], at: number): Extent {
  const radius = doubleArg(args[at] as string, 'ERR need numeric radius')
  if (radius < 0) fail('ERR radius cannot be negative')
  const unit = unitArg(args[at + 1] as string)
  return { shape: 'circle', unit, around: (origin) => new Circle(origin, radius * unit) }
}

/** A width and a height at `args[at]`, and their unit behind them. */
export function boxArg(args: readonly string[], at: number): Extent {
  const width = doubleArg(args[at] as string, 'ERR need numeric width')
  const height = doubleArg(args[at + 1] as string, 'ERR need numeric height')
  if (height < 0 || width < 0) fail('ERR height or width cannot be negative')
  const unit = unitArg(args[at + 2] as string)
  const reach = Math.sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2)) * unit
  return {
    shape: 'box',
    unit,
    around: (origin) => new Box(origin, (width * unit) / 2, (height * unit) / 2, reach),
  }
}
