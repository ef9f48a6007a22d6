/**
 * Geohashes: a place on earth as a number. The world is halved again and again, by longitude and by latitude; the
 * bits that say in which half the place lies, taken in turn, make the number. So places that have their first
 * bits in common lie together in a cell, and the members of a cell are a range of numbers.
 *
 * Sorted sets keep 52 bits, 26 steps of each kind, with the bits of the latitude in the even positions. Latitudes
 * end where the Web Mercator projection does. All of it is done in the floating-point operations that Redis does,
 * in its order.
 */

export const MAX_LONGITUDE = 180
export const MAX_LATITUDE = 85.05112878
/** Halvings of each kind in the number of a place. */
export const MAX_STEP = 26
const LAST_STEP_CELLS = 2 ** MAX_STEP

/** Where a geohash as text has its bounds. */
const POLE = 90
const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz'
const TWO_32 = 2 ** 32
const TWO_63 = 2 ** 63

export interface Place {
  /** Degrees. */
  readonly longitude: number
  readonly latitude: number
}

/** One of the `2 ** step` by `2 ** step` parts of the world, counted from the south-west. */
export interface Cell {
  /** By longitude. The eastern edge of the world counts as a column of its own. */
  readonly column: number
  /** By latitude, likewise. */
  readonly row: number
  readonly step: number
}

/** Bounds in degrees. */
export interface Bounds {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

/** The cell in which a place lies; the place is within the bounds. */
export function cellOf({ longitude, latitude }: Place, step: number, maxLatitude = MAX_LATITUDE): Cell {
  const cells = 2 ** step
  return {
    column: Math.trunc(((longitude + MAX_LONGITUDE) / (2 * MAX_LONGITUDE)) * cells),
    row: Math.trunc(((latitude + maxLatitude) / (2 * maxLatitude)) * cells),
    step,
  }
}

export function boundsOf({ column, row, step }: Cell): Bounds {
  const cells = 2 ** step
  return {
    west: -MAX_LONGITUDE + (column / cells) * (2 * MAX_LONGITUDE),
    east: -MAX_LONGITUDE + ((column + 1) / cells) * (2 * MAX_LONGITUDE),
    south: -MAX_LATITUDE + (row / cells) * (2 * MAX_LATITUDE),
    north: -MAX_LATITUDE + ((row + 1) / cells) * (2 * MAX_LATITUDE),
  }
}

/** The cell so many columns to the east and rows to the north; beyond the edge of the world it begins anew. */
export function neighbourOf({ column, row, step }: Cell, east: number, north: number): Cell {
  const mask = 2 ** step - 1
  return {
    column: east === 0 ? column : (column + east) & mask,
    row: north === 0 ? row : (row + north) & mask,
    step,
  }
}

/** The numbers of the places in a cell: from `first`, which is included, to `end`, which is not. */
export function scoresOf({ column, row, step }: Cell): { first: number; end: number } {
  const scale = 2 ** (2 * (MAX_STEP - step))
  const columnBits = 2 * spread(column)
  const rowBits = spread(row)
  return { first: (columnBits + rowBits) * scale, end: (columnBits + (rowBits + 1)) * scale }
}

/** The number of a place. */
export function scoreOf(place: Place): number {
  const { column, row } = cellOf(place, MAX_STEP)
  return 2 * spread(column) + spread(row)
}

/** The place that a number stands for: the middle of its cell. Any score is taken for 64 bits somehow. */
export function placeOf(score: number): Place {
  let high = Math.floor(Math.trunc(score) / TWO_32)
  let low = score >>> 0
  // What 64 bits cannot hold becomes what a conversion by the processor makes of it.
  if (score >= 2 * TWO_63 || score < -TWO_63) {
    high = score > 0 ? 0 : 2 ** 31
    low = 0
  }
  return {
    longitude: middleOf(gather(low >>> 1) | (gather(high >>> 1) << 16), MAX_LONGITUDE),
    latitude: middleOf(gather(low) | (gather(high) << 16), MAX_LATITUDE),
  }
}

/** The middle of a column or row of the last step: half of the sum of the bounds that `boundsOf` gives. */
function middleOf(index: number, max: number): number {
  const low = -max + ((index >>> 0) / LAST_STEP_CELLS) * (2 * max)
  // An integer of 32 bits, as the index is where a number is no place at all.
  const high = -max + (((index + 1) >>> 0) / LAST_STEP_CELLS) * (2 * max)
  return Math.max(-max, Math.min(max, (low + high) / 2))
}

/**
 * The common text of a geohash, 11 characters. Its latitudes go to the poles. There are bits for ten characters;
 * the last is always 0.
 */
export function geohashText(place: Place): string {
  const { column, row } = cellOf(place, MAX_STEP, POLE)
  const mask = 2 ** MAX_STEP - 1
  const bits = 2 * spread(column & mask) + spread(row & mask)
  let text = ''
  for (let shift = 47; shift > 0; shift -= 5) text += ALPHABET.charAt(Math.floor(bits / 2 ** shift) % 32)
  return `${text}0`
}

/** The bits of a number of at most 27 in every second position. */
function spread(bits: number): number {
  return spread16(bits >>> 16) * TWO_32 + spread16(bits & 0xffff)
}

function spread16(bits: number): number {
  let spaced = (bits | (bits << 8)) & 0x00ff00ff
  spaced = (spaced | (spaced << 4)) & 0x0f0f0f0f
  spaced = (spaced | (spaced << 2)) & 0x33333333
  return (spaced | (spaced << 1)) & 0x55555555
}

/** Every second bit of 32, from the lowest on, as 16 bits. */
function gather(bits: number): number {
  let packed = bits & 0x55555555
  packed = (packed | (packed >>> 1)) & 0x33333333
  packed = (packed | (packed >>> 2)) & 0x0f0f0f0f
  packed = (packed | (packed >>> 4)) & 0x00ff00ff
  return (packed | (packed >>> 8)) & 0xffff
}
