import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Box, Circle, cellsOf, Origin } from '../../../packages/core/src/base/earth.js'
import { MAX_LATITUDE, type Place, scoreOf, scoresOf } from '../../../packages/core/src/base/geohash.js'

const RADIUS = 6372797.560856

const places = (longitude: number, latitude: number): fc.Arbitrary<Place> =>
  fc.record({
    longitude: fc.double({ min: -longitude, max: longitude, noNaN: true }),
    latitude: fc.double({ min: -latitude, max: latitude, noNaN: true }),
  })
const anywhere = places(180, MAX_LATITUDE)

test('distances are those of the haversine formula, and never not a number', () => {
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  fc.assert(
    fc.property(anywhere, anywhere, (a, b) => {
      const u = Math.sin(radians(b.latitude - a.latitude) / 2)
      const v = Math.sin(radians(b.longitude - a.longitude) / 2)
      const haversine = u * u + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * v * v
      const expected = 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(haversine)))
      const distance = new Origin(a).distanceTo(b)
      // Near the antipodes the formula itself has few digits.
      expect(Math.abs(distance - expected)).toBeLessThan(haversine > 0.99 ? 1 : 1e-6)
      expect(new Origin(b).distanceTo(a)).toBe(distance)
    }),
  )
  for (let latitude = -85; latitude <= 85; latitude += 0.37) {
    for (const longitude of [0, 13.7, 100]) {
      const distance = new Origin({ longitude, latitude }).distanceTo({
        longitude: longitude - 180,
        latitude: -latitude,
      })
      expect(distance).toBeCloseTo(Math.PI * RADIUS, -1)
    }
  }
})

test('distances to the north and to the east', () => {
  const origin = new Origin({ longitude: 10, latitude: 50 })
  expect(origin.distanceTo({ longitude: 10, latitude: 51 })).toBe(origin.distanceToLatitude(51))
  expect(origin.distanceToLongitude({ longitude: 10, latitude: 20 })).toBe(0)
  expect(origin.distanceToLongitude({ longitude: 11, latitude: 0 })).toBeCloseTo((Math.PI / 180) * RADIUS, 0)
})

test('the cells of an area hold all that is in it, away from the edges of the map', () => {
  const near = fc.tuple(
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
  )
  fc.assert(
    fc.property(
      places(120, 60),
      fc.double({ min: 1, max: 500_000, noNaN: true }),
      near,
      fc.boolean(),
      (center, meters, [dx, dy], round) => {
        const origin = new Origin(center)
        const area = round
          ? new Circle(origin, meters)
          : new Box(origin, meters / 2, meters, Math.hypot(meters / 2, meters))
        const degrees = (meters / RADIUS) * (180 / Math.PI)
        const place = {
          longitude: center.longitude + (dx * degrees) / Math.cos((center.latitude * Math.PI) / 180),
          latitude: center.latitude + dy * degrees,
        }
        if (area.distanceWithin(place) === undefined) return
        const score = scoreOf(place)
        const cells = cellsOf(area).map(scoresOf)
        expect(cells.filter(({ first, end }) => first <= score && score < end)).toHaveLength(1)
      },
    ),
    { numRuns: 1000 },
  )
})

test('no cell comes twice, and any size of area has some', () => {
  fc.assert(
    fc.property(
      anywhere,
      fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constantFrom(0, 5e-324, Infinity)),
      (center, meters) => {
        const origin = new Origin(center)
        for (const area of [
          new Circle(origin, meters),
          new Box(origin, meters, meters / 3, Math.hypot(meters, meters / 3)),
        ]) {
          const cells = cellsOf(area)
          expect(cells.length).toBeGreaterThan(0)
          expect(cells.length).toBeLessThanOrEqual(9)
          const names = cells.map(({ column, row, step }) => `${column} ${row} ${step}`)
          expect(new Set(names).size).toBe(names.length)
        }
      },
    ),
  )
})
