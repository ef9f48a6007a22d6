/**
 * Random sequences of HyperLogLog commands, with the bytes of the strings read after every change: small ones
 * and ones that grow through both forms, and strings that have been damaged.
 */
import fc, { type Arbitrary } from 'fast-check'
import { command, keys, oneOf, several } from '../support/arbitraries.js'
import { type Command, checkSequences } from '../support/sequences.js'

const hlls = () => keys(4, 'h')

const elements = () =>
  fc.oneof(
    { weight: 4, arbitrary: fc.nat(100_000).map(String) },
    { weight: 1, arbitrary: fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) }) },
  )

/** Many elements at once, so that a sequence gets far. */
const bunches = () =>
  fc
    .tuple(fc.nat(100_000), fc.integer({ min: 1, max: 300 }))
    .map(([first, count]) => Array.from({ length: count }, (_, i) => `e${first + i * 7}`))

/** Runs that may or may not add up, but do not end within one. */
const damagedRuns = () =>
  fc
    .array(
      fc.oneof(
        fc.nat(63).map((code) => [code]),
        fc.tuple(fc.integer({ min: 64, max: 127 }), fc.nat(255)),
        { weight: 3, arbitrary: fc.integer({ min: 128, max: 255 }).map((code) => [code]) },
      ),
      { maxLength: 40 },
    )
    .map((runs) => String.fromCharCode(...runs.flat()))

/** The same with what is missing put behind it. */
const soundRuns = () =>
  damagedRuns().map((runs) => {
    let left = 16384
    let kept = ''
    for (let at = 0; at < runs.length; ) {
      const code = runs.charCodeAt(at)
      const width = code >= 64 && code < 128 ? 2 : 1
      const length =
        code >= 128
          ? (code & 3) + 1
          : width === 1
            ? code + 1
            : (((code & 63) << 8) | runs.charCodeAt(at + 1)) + 1
      if (length > left) break
      left -= length
      kept += runs.slice(at, at + width)
      at += width
    }
    return left === 0 ? kept : kept + String.fromCharCode(64 | ((left - 1) >> 8), (left - 1) & 255)
  })

const headers = () =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom('HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80', 'HYLL\x01\0\0\0\x05\0\0\0\0\0\0\0'),
    },
    fc.constantFrom(
      'HYLL\x01xyz\0\0\0\0\0\0\0\xff',
      'HYLL\x02\0\0\0\0\0\0\0\0\0\0\0',
      'HYLL\0\0\0\0\0\0\0\0\0\0\0\x80',
      'HYL',
    ),
  )

const strings = () =>
  fc.tuple(headers(), fc.oneof(damagedRuns(), soundRuns(), soundRuns())).map((parts) => parts.join(''))

const denseStrings = () =>
  fc
    .tuple(
      fc.constantFrom('HYLL\0\0\0\0\0\0\0\0\0\0\0\x80', 'HYLL\0\0\0\0\0\0\0\0\0\0\0\0'),
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
    )
    .map(([header, pattern]) => {
      const text = String.fromCharCode(...pattern)
      return header + text.repeat(Math.ceil(12288 / text.length)).slice(0, 12288)
    })

const reads = (): { weight: number; arbitrary: Arbitrary<Command> }[] => [
  { weight: 6, arbitrary: command('GET', hlls()) },
  { weight: 3, arbitrary: command('PFCOUNT', hlls()) },
  { weight: 1, arbitrary: command('PFCOUNT', several(2, 4, hlls())) },
  { weight: 1, arbitrary: command('PFDEBUG', oneOf('ENCODING', 'DECODE'), hlls()) },
  { weight: 1, arbitrary: command('OBJECT', 'ENCODING', hlls()) },
  { weight: 1, arbitrary: command('STRLEN', hlls()) },
]

const writes = (): { weight: number; arbitrary: Arbitrary<Command> }[] => [
  { weight: 3, arbitrary: command('PFADD', hlls(), elements()) },
  { weight: 2, arbitrary: command('PFMERGE', several(1, 4, hlls())) },
  { weight: 1, arbitrary: command('DEL', hlls()) },
]

checkSequences({
  name: 'small HyperLogLogs',
  commands: fc.oneof(
    ...reads(),
    ...writes(),
    { weight: 1, arbitrary: command('PFADD', hlls(), several(0, 5, elements())) },
    { weight: 1, arbitrary: command('COPY', hlls(), hlls(), 'REPLACE') },
  ),
})

for (const limit of ['3000', '300', '12000']) {
  checkSequences({
    name: `HyperLogLogs that grow, sparse up to ${limit} bytes`,
    commands: fc.oneof(
      ...reads(),
      ...writes(),
      { weight: 6, arbitrary: command('PFADD', hlls(), bunches()) },
      { weight: 1, arbitrary: command('PFDEBUG', oneOf('TODENSE', 'GETREG'), hlls()) },
    ),
    args: ['--hll-sparse-max-bytes', limit],
    commandsPerRun: 150,
    runs: 15,
  })
}

checkSequences({
  name: 'strings from outside',
  commands: fc.oneof(
    ...reads(),
    ...writes(),
    { weight: 8, arbitrary: command('SET', hlls(), strings()) },
    { weight: 1, arbitrary: command('SET', hlls(), denseStrings()) },
    { weight: 1, arbitrary: command('PFDEBUG', oneOf('TODENSE', 'GETREG'), hlls()) },
  ),
  commandsPerRun: 200,
  runs: 40,
})
