import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  boundsOf,
  cellOf,
  geohashText,
  MAX_LATITUDE,
  neighbourOf,
  placeOf,
  scoreOf,
  scoresOf,
} from '../../../packages/core/src/base/geohash.js'

const places = fc.record({
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  latitude: fc.double({ min: -MAX_LATITUDE, max: MAX_LATITUDE, noNaN: true }),
})

test('a place is found again within the size of its cell', () => {
  fc.assert(
    fc.property(places, (place) => {
      const score = scoreOf(place)
      expect(Number.isInteger(score)).toBe(true)
      const { longitude, latitude } = placeOf(score)
      expect(Math.abs(longitude - place.longitude)).toBeLessThan(360 / 2 ** 26)
      expect(Math.abs(latitude - place.latitude)).toBeLessThan(171 / 2 ** 26)
    }),
  )
})

test('a place lies in its cells, by bounds and by numbers', () => {
  fc.assert(
    fc.property(places, fc.integer({ min: 1, max: 26 }), (place, step) => {
      const cell = cellOf(place, step)
      const { west, east, south, north } = boundsOf(cell)
      // What is that near to an edge may be rounded to the other side.
      const slack = 1e-12
      expect(west - slack < place.longitude && place.longitude < east + slack).toBe(true)
      expect(south - slack < place.latitude && place.latitude < north + slack).toBe(true)
      const { first, end } = scoresOf(cell)
      const score = scoreOf(place)
      expect(first <= score && score < end).toBe(true)
      const other = scoresOf(neighbourOf(cell, 1, 0))
      expect(other.first <= score && score < other.end).toBe(false)
    }),
  )
})

test('neighbours go around the world', () => {
  const cell = { column: 7, row: 0, step: 3 }
  expect(neighbourOf(cell, 1, 0)).toEqual({ column: 0, row: 0, step: 3 })
  expect(neighbourOf(cell, -1, -1)).toEqual({ column: 6, row: 7, step: 3 })
  expect(neighbourOf(cell, 0, 1)).toEqual({ column: 7, row: 1, step: 3 })
})

test('known numbers and texts', () => {
  const palermo = { longitude: 13.361389, latitude: 38.115556 }
  expect(scoreOf(palermo)).toBe(3479099956230698)
  expect(geohashText(placeOf(scoreOf(palermo)))).toBe('sqc8b49rny0')
  expect(geohashText({ longitude: -180, latitude: -85 })).toMatch(/^0/)
  expect(scoreOf({ longitude: -180, latitude: -MAX_LATITUDE })).toBe(0)
  // The edges in the north and east are beyond 52 bits.
  expect(scoreOf({ longitude: -180, latitude: MAX_LATITUDE })).toBe(2 ** 52)
  expect(scoreOf({ longitude: 180, latitude: -MAX_LATITUDE })).toBe(2 ** 53)
})

test('any number is some place', () => {
  const scores = fc.oneof(
    fc.double({ noNaN: true }),
    fc.constantFrom(Infinity, -Infinity, 2 ** 63, 2 ** 64, -(2 ** 63), -1),
  )
  fc.assert(
    fc.property(scores, (score) => {
      const { longitude, latitude } = placeOf(score)
      expect(Math.abs(longitude)).toBeLessThanOrEqual(180)
      expect(Math.abs(latitude)).toBeLessThanOrEqual(MAX_LATITUDE)
    }),
  )
})
