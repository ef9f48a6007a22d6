/**
 * RDB files and payloads that were changed at random. Whatever comes of it, it is read or refused: nothing else
 * is thrown, nothing takes long or much memory, what is read holds together, and a refusal changes nothing.
 */
import { OK } from '@russet/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Crc64 } from '../../../packages/core/src/base/crc64.js'
import { portableCodec } from '../../../packages/core/src/base/portable-codec.js'
import { datasetDigest } from '../../../packages/core/src/keyspace/digest.js'
import type { Value } from '../../../packages/core/src/keyspace/value.js'
import { CorruptError } from '../../../packages/core/src/rdb/corrupt.js'
import { dumpValue, loadValue } from '../../../packages/core/src/rdb/dump-payload.js'
import { writeListpack } from '../../../packages/core/src/rdb/listpack.js'
import { RdbReader } from '../../../packages/core/src/rdb/rdb-reader.js'
import { EngineClient } from '../../support/engine-client.js'
import { engineWithData, entriesOf, rdbOf } from '../../support/engine-data.js'
import { packZiplist, packZipmap } from '../../support/old-packed-forms.js'
import { type Mutation, mutate, mutations } from '../../support/packed-entries.js'
import {
  compressed,
  counted,
  double,
  entryId,
  integer,
  intset,
  length,
  moduleId,
  plain,
  RdbBuilder,
  textScore,
} from '../../support/rdb-builder.js'
import { Collector, checkValue, newKeyspace } from '../../support/rdb-reading.js'

const RUNS = 10_000
/** Far more than any of these inputs needs, far less than what hangs. */
const SLOW_MS = 2000

const listpack = (entries: readonly string[]): string =>
  plain(Buffer.from(writeListpack(portableCodec, entries)).toString('latin1'))

/** The values of types that are no longer written. */
const OLD_VALUES: readonly (readonly [type: number, body: string])[] = [
  [0, integer(-5, 2)],
  [0, compressed('a compressed string', true)],
  [1, counted(['a', '12', ''].map(plain))],
  [3, counted([plain('a') + textScore(1.5), plain('b') + textScore(Number.POSITIVE_INFINITY)])],
  [5, counted([plain('b') + double(2), plain('a') + double(1)])],
  [9, plain(packZipmap([['f', 'v'] as const, ['g', '12'] as const], 2))],
  [10, plain(packZiplist(['a', '1', '300', '-70000', 'x'.repeat(70)]))],
  [11, plain(intset([-70_000n, 1n, 5n], 4))],
  [12, plain(packZiplist(['a', '1', 'b', '2.5']))],
  [13, compressed(packZiplist(['a', '1', 'b', '2.5']))],
  [14, counted([plain(packZiplist(['a', '1'])), plain(packZiplist(['b']))])],
  [18, counted([`\x02${listpack(['a', '5'])}`, `\x01${plain('plain')}`])],
  [20, listpack(['a', 'b', '7'])],
  [22, counted([`\0${plain('a')}${plain('1')}`, `${length(4e12)}${plain('b')}${plain('2')}`])],
  [23, listpack(['a', '1', '4000000000000', 'b', '2', '0'])],
  [
    15,
    counted([
      plain(entryId(5, 1)) +
        listpack(['2', '0', '1', 'f', '0', '2', '0', '0', 'v', '4', '0', '3', '0', '1', 'g', 'w', '6']),
    ]) +
      [2, 9, 9, 1].map(length).join('') +
      plain('group') +
      [8, 1].map(length).join('') +
      counted([`${entryId(5, 1)}12345678\x02`]) +
      counted([`${plain('alice')}12345678${counted([entryId(5, 1)])}`]),
  ],
]

function oldFile(): Buffer {
  const builder = new RdbBuilder(9).aux('redis-ver', '2.4.0').selectDb(0).resizeDb(20, 1)
  builder.add(`\xf7${length(moduleId('graphdata'))}\x02\x01\x05${plain('text')}\x04abcdefgh\0`)
  OLD_VALUES.forEach(([type, body], i) => {
    if (i % 3 === 0) builder.expiryMs(4e12 + i)
    if (i % 3 === 1) builder.idle(i)
    builder.entry(type, `key:${i}`, body)
  })
  return builder.end('zero')
}

/** Runs `check` and fails if it takes long. */
function soon(check: () => void): void {
  const start = performance.now()
  check()
  expect(performance.now() - start).toBeLessThan(SLOW_MS)
}

/** Reads a file in parts; everything in it is checked. @returns whether it was read to its end */
function readAndCheck(bytes: Uint8Array, partBytes: number): boolean {
  const sink = new Collector((value) => checkValue(value))
  const reader = new RdbReader(portableCodec, newKeyspace(), sink, { checksum: false })
  try {
    for (let at = 0; at < bytes.length; at += partBytes) {
      reader.push(bytes.subarray(at, at + partBytes))
      while (reader.parse(50));
    }
    reader.finish()
    while (reader.parse(50));
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptError)
    expect(reader.offset).toBeLessThanOrEqual(bytes.length)
    return false
  }
}

describe('files', () => {
  it.each([
    ['of old servers', oldFile()],
    ['of ours', rdbOf(engineWithData(6), { compresses: false })],
    ['of ours, compressed', rdbOf(engineWithData(6), { compresses: true })],
  ])(
    '%s',
    (_name, bytes) => {
      expect(readAndCheck(bytes, bytes.length)).toBe(true)
      let refused = 0
      fc.assert(
        fc.property(mutations(), fc.constantFrom(7, 100, 10_000), (changes, partBytes) => {
          soon(() => {
            if (!readAndCheck(mutate(bytes, changes), partBytes)) refused++
          })
        }),
        { numRuns: RUNS },
      )
      // Most changes hurt, but not all: a letter of a text may be any other.
      expect(refused).toBeGreaterThan(RUNS / 10)
      expect(refused).toBeLessThan(RUNS)
    },
    120_000,
  )

  it('cut off at every place', () => {
    for (const bytes of [oldFile(), rdbOf(engineWithData(3))]) {
      for (let end = 0; end < bytes.length; end++)
        expect(readAndCheck(bytes.subarray(0, end), 1000)).toBe(false)
    }
  })
})

/** The payload of these bytes, whatever they are, with a right checksum. */
function sealed(body: Uint8Array, version = 12): Buffer {
  const bytes = Buffer.alloc(body.length + 10)
  bytes.set(body)
  bytes.writeUInt16LE(version, body.length)
  const checksum = new Crc64()
  checksum.update(bytes, 0, body.length + 2)
  checksum.writeTo(bytes, body.length + 2)
  return bytes
}

/** Type and value, as they begin a payload. */
const BODIES: readonly Buffer[] = [
  ...entriesOf(engineWithData(6)).flatMap(({ value }: { value: Value }) =>
    [true, false].map((compresses) =>
      Buffer.from(dumpValue(portableCodec, value, compresses) as string, 'latin1').subarray(0, -10),
    ),
  ),
  ...OLD_VALUES.map(([type, body]) => Buffer.from(String.fromCharCode(type) + body, 'latin1')),
]

const bodies = fc.constantFrom(...BODIES)
/** Another type for the same bytes: they are looked at by who does not expect them. */
const types = fc.option(fc.nat(26))

function changed(body: Buffer, changes: readonly Mutation[], type: number | null): Buffer {
  const bytes = mutate(body, changes)
  if (type !== null && bytes.length > 0) bytes[0] = type
  return bytes
}

describe('payloads', () => {
  it('are read or refused', () => {
    for (const body of BODIES) checkValue(loadValue(portableCodec, sealed(body), newKeyspace()))
    const keyspace = newKeyspace()
    let refused = 0
    fc.assert(
      fc.property(bodies, mutations(), types, (body, changes, type) => {
        const bytes = sealed(changed(body, changes, type))
        soon(() => {
          try {
            checkValue(loadValue(portableCodec, bytes, keyspace))
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptError)
            refused++
          }
        })
      }),
      { numRuns: 3 * RUNS },
    )
    expect(refused).toBeGreaterThan(RUNS)
  }, 120_000)

  it('that RESTORE refuses change nothing', () => {
    const engine = engineWithData(3)
    const client = new EngineClient(engine)
    const digest = (): string => datasetDigest(engine.keyspace.databases)
    let refused = 0
    let before = digest()
    fc.assert(
      fc.property(bodies, mutations(), types, fc.boolean(), (body, changes, type, replaces) => {
        const { dirty } = engine.keyspace
        const bytes = sealed(changed(body, changes, type)).toString('latin1')
        const reply = client.run('RESTORE', 'list', '0', bytes, ...(replaces ? ['REPLACE'] : []))
        const after = digest()
        if (reply === OK) {
          before = after
          return
        }
        refused++
        expect(after).toBe(before)
        expect(engine.keyspace.dirty).toBe(dirty)
      }),
      { numRuns: RUNS / 5 },
    )
    expect(refused).toBeGreaterThan(RUNS / 20)
  }, 120_000)

  it('with a wrong checksum, or of a newer version, are not even looked at', () => {
    const client = new EngineClient(engineWithData(1))
    const restore = (bytes: Buffer): string =>
      String((client.run('RESTORE', 'new', '0', bytes.toString('latin1')) as { message?: string }).message)
    fc.assert(
      fc.property(bodies, fc.nat(), fc.integer({ min: 1, max: 255 }), (body, where, change) => {
        const bytes = sealed(body)
        const at = where % bytes.length
        bytes[at] = (bytes[at] as number) ^ change
        expect(restore(bytes)).toBe('ERR DUMP payload version or checksum are wrong')
      }),
    )
    expect(restore(sealed(BODIES[0] as Buffer, 13))).toBe('ERR DUMP payload version or checksum are wrong')
  })
})
