/** Bytes to write and to compare, for tests of storage. Runs on any platform. */
import type { FileContent } from '@russet/core'
import { expect } from 'vitest'

/** A generator of whole numbers in [0, below): the same for the same seed (Park and Miller). */
export function drawFrom(seed: number): (below: number) => number {
  let state = seed * 7919
  return (below) => {
    state = (state * 48_271) % 0x7fffffff
    return Math.floor((state / 0x7fffffff) * below)
  }
}

/** Bytes that differ from place to place, and from one `seed` to the next. */
export function pattern(bytes: number, seed = 0): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(bytes)
  let state = seed + 1
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0
    content[i] = state >>> 16
  }
  return content
}

export function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

export function* piecesOf(content: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes)
}

export async function* slowly(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await Promise.resolve()
    yield piece
  }
}

export function* failing(pieces: number, error: Error): Generator<Uint8Array> {
  for (let i = 0; i < pieces; i++) yield pattern(1000, i)
  throw error
}

/** Compares without printing millions of bytes. */
export function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length)
  let differs = -1
  for (let i = 0; i < expected.length && differs < 0; i++) if (actual[i] !== expected[i]) differs = i
  expect(differs, 'place of the first wrong byte').toBe(-1)
}

/** A content that stops before its last piece until it is told to go on. */
export function pausing(first: Uint8Array[], last = pattern(0)): [content: FileContent, goOn: () => void] {
  let goOn = (): void => {}
  const told = new Promise<void>((done) => {
    goOn = done
  })
  const content = async function* (): AsyncGenerator<Uint8Array> {
    yield* first
    await told
    yield last
  }
  return [content(), goOn]
}
