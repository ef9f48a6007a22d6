/**
 * Distances on the earth, taken as a sphere, by the haversine formula; and the cells of a geohash in which all
 * that is within a circle or a box has to lie.
 *
 * Sines come from trigonometry.ts, so that a distance is the same everywhere.
 */

import { type Bounds, boundsOf, type Cell, cellOf, MAX_STEP, neighbourOf, type Place } from './geohash.js'
import { asin, cos, sin } from './trigonometry.js'

const RADIUS_METERS = 6372797.560856
const RADIANS_PER_DEGREE = Math.PI / 180
/** Half the length of the equator in the projection that the cells belong to. */
const HALF_EQUATOR_METERS = 20037726.37

// ---- distances ----------------------------------------------------------------------------------------------

/** A place from which distances are taken. */
export class Origin {
  readonly #longitude: number
  readonly #latitude: number
  readonly #cosine: number

  constructor(readonly place: Place) {
    this.#longitude = place.longitude * RADIANS_PER_DEGREE
    this.#latitude = place.latitude * RADIANS_PER_DEGREE
    this.#cosine = cos(this.#latitude)
  }

  /** Meters. */
  distanceTo({ longitude, latitude }: Place): number {
    const v = sin((longitude * RADIANS_PER_DEGREE - this.#longitude) / 2)
    if (v === 0) return this.distanceToLatitude(latitude)
    const radians = latitude * RADIANS_PER_DEGREE
    const u = sin((radians - this.#latitude) / 2)
    return arc(u * u + this.#cosine * cos(radians) * v * v)
  }

  /**
   * The haversine of the distance, as near as `Math` brings it: right to a billionth, but not the same
   * everywhere. It is a fraction of the cost, and enough to see that a place is far outside.
   */
  estimateTo({ longitude, latitude }: Place): number {
    const u = Math.sin((latitude * RADIANS_PER_DEGREE - this.#latitude) / 2)
    return u * u + this.#cosine * Math.cos(latitude * RADIANS_PER_DEGREE) * this.#eastward(longitude)
  }

  /** The same for `distanceToLongitude`. */
  estimateToLongitude({ longitude, latitude }: Place): number {
    const cosine = Math.cos(latitude * RADIANS_PER_DEGREE)
    return cosine * cosine * this.#eastward(longitude)
  }

  #eastward(longitude: number): number {
    const v = Math.sin((longitude * RADIANS_PER_DEGREE - this.#longitude) / 2)
    return v * v
  }

  /** Meters to the north or south. */
  distanceToLatitude(latitude: number): number {
    return RADIUS_METERS * Math.abs(latitude * RADIANS_PER_DEGREE - this.#latitude)
  }

  /** Meters from a place to the east or west, on its own latitude, to the longitude of this one. */
  distanceToLongitude({ longitude, latitude }: Place): number {
    const v = sin((longitude * RADIANS_PER_DEGREE - this.#longitude) / 2)
    if (v === 0) return 0
    const cosine = cos(latitude * RADIANS_PER_DEGREE)
    return arc(cosine * cosine * v * v)
  }
}

/** The distance that belongs to a haversine. Rounding may have brought that of antipodes above 1. */
function arc(haversine: number): number {
  return 2 * RADIUS_METERS * asin(Math.min(Math.sqrt(haversine), 1))
}

/** An estimate above this belongs to a distance of more than `meters`. */
function estimateBeyond(meters: number): number {
  const angle = meters / RADIUS_METERS / 2
  const sine = Math.sin(angle)
  return angle < Math.PI / 2 ? sine * sine * (1 + 1e-9) : Number.POSITIVE_INFINITY
}

// ---- areas --------------------------------------------------------------------------------------------------

/** What is searched: all within a distance, or within half a width and half a height. Lengths in meters. */
export interface Area {
  readonly origin: Origin
  /** Half the width and half the height of the area. */
  readonly halfWidth: number
  readonly halfHeight: number
  /** The distance of what is farthest away in it. */
  readonly reach: number
  /** The distance of a place in it; undefined if the place is outside. */
  distanceWithin(place: Place): number | undefined
}

export class Circle implements Area {
  readonly halfWidth: number
  readonly halfHeight: number
  readonly #beyond: number

  constructor(
    readonly origin: Origin,
    readonly reach: number,
  ) {
    this.halfWidth = reach
    this.halfHeight = reach
    this.#beyond = estimateBeyond(reach)
  }

  distanceWithin(place: Place): number | undefined {
    if (this.origin.estimateTo(place) > this.#beyond) return undefined
    const distance = this.origin.distanceTo(place)
    return distance > this.reach ? undefined : distance
  }
}

export class Box implements Area {
  readonly #beyond: number

  constructor(
    readonly origin: Origin,
    readonly halfWidth: number,
    readonly halfHeight: number,
    readonly reach: number,
  ) {
    this.#beyond = estimateBeyond(halfWidth)
  }

  distanceWithin(place: Place): number | undefined {
    const { origin } = this
    if (origin.distanceToLatitude(place.latitude) > this.halfHeight) return undefined
    if (origin.estimateToLongitude(place) > this.#beyond) return undefined
    if (origin.distanceToLongitude(place) > this.halfWidth) return undefined
    return origin.distanceTo(place)
  }
}

/**
 * The cells that cover an area: that of its origin and those of its eight neighbours that are not needless, in the
 * order in which Redis searches them: the cell itself, N, S, E, W, NE, NW, SE, SW.
 */
export function cellsOf(area: Area): Cell[] {
  const { place } = area.origin
  const wanted = estimateStep(area.reach, place.latitude)
  let center = cellOf(place, wanted)
  // At the first step the world is four cells, and all of them are searched.
  if (wanted === 1) return distinct(around(center, undefined, undefined))
  const needed = boundsOfArea(area)
  if (!isCovered(center, needed)) center = cellOf(place, wanted - 1)
  return distinct(around(center, needed, boundsOf(center)))
}

/** How often the world may be halved for a cell to be about as large as the area. */
function estimateStep(meters: number, latitude: number): number {
  if (meters === 0) return MAX_STEP
  let step = -1
  for (let size = meters; size < HALF_EQUATOR_METERS; size *= 2) step++
  // Meridians come together towards the poles.
  const degrees = Math.abs(latitude)
  if (degrees > 66) step--
  if (degrees > 80) step--
  return Math.max(1, Math.min(step, MAX_STEP))
}

/** An area that is taller or wider than the world has bounds that mean nothing, but then it is not asked for. */
function boundsOfArea({ origin, halfWidth, halfHeight }: Area): Bounds {
  const { longitude, latitude } = origin.place
  const latitudes = halfHeight / RADIUS_METERS / RADIANS_PER_DEGREE
  // Where the area is nearest to a pole it has the most longitudes.
  const outermost = latitude < 0 ? latitude - latitudes : latitude + latitudes
  const longitudes = halfWidth / RADIUS_METERS / cos(outermost * RADIANS_PER_DEGREE) / RADIANS_PER_DEGREE
  return {
    west: longitude - longitudes,
    east: longitude + longitudes,
    south: latitude - latitudes,
    north: latitude + latitudes,
  }
}

/** Whether the neighbours of a cell reach to the bounds. */
function isCovered(center: Cell, needed: Bounds): boolean {
  return (
    boundsOf(neighbourOf(center, 0, 1)).north >= needed.north &&
    boundsOf(neighbourOf(center, 0, -1)).south <= needed.south &&
    boundsOf(neighbourOf(center, 1, 0)).east >= needed.east &&
    boundsOf(neighbourOf(center, -1, 0)).west <= needed.west
  )
}

/** Columns to the east and rows to the north. */
const DIRECTIONS: readonly (readonly [east: number, north: number])[] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
]

/** A cell and those of its neighbours into which the needed bounds reach. */
function around(center: Cell, needed: Bounds | undefined, own: Bounds | undefined): Cell[] {
  const cells: Cell[] = []
  for (const [east, north] of DIRECTIONS) {
    if (needed !== undefined && own !== undefined && center.step >= 2) {
      if (north < 0 && own.south < needed.south) continue
      if (north > 0 && own.north > needed.north) continue
      if (east < 0 && own.west < needed.west) continue
      if (east > 0 && own.east > needed.east) continue
    }
    cells.push(neighbourOf(center, east, north))
  }
  return cells
}

/** In a world of few cells a neighbour to one side is the same as that to the other. */
function distinct(cells: readonly Cell[]): Cell[] {
  return cells.filter((cell, i) => {
    const before = cells[i - 1]
    // The first neighbour is never compared with the cell itself.
    return i < 2 || before === undefined || cell.column !== before.column || cell.row !== before.row
  })
}
