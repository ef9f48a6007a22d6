/**
 * Building blocks for random commands. The pools are small, so that commands meet each other on the same
 * keys and members, and hold the values at which implementations go wrong: limits, empty and binary strings.
 */
import fc, { type Arbitrary } from 'fast-check'
import type { Relaxation } from './comparison.js'
import type { Command } from './sequences.js'

/** A few keys with a common prefix. */
export const keys = (count = 4, prefix = 'k'): Arbitrary<string> =>
  fc.constantFrom(...Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`))

/** Members, fields and elements: short ones that repeat, numbers, empty, binary, and one too long for a listpack. */
export const members = (): Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'foo', 'bar') },
    { weight: 3, arbitrary: fc.integer({ min: -3, max: 20 }).map(String) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '\0', 'a\r\nb', '\xff\xfe', 'A', '-0', '007', '3.0', 'x'.repeat(70)),
    },
  )

/** String values, a little richer than members. */
export const values = (): Arbitrary<string> =>
  fc.oneof(members(), integers(), floats(), fc.string({ unit: byte, maxLength: 12 }))

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))

const INTEGER_EDGES = [
  '0',
  '-1',
  '1',
  '-0',
  '+1',
  '01',
  ' 1',
  '1 ',
  '',
  'x',
  '1.0',
  '0x10',
  '1e3',
  '2147483647',
  '2147483648',
  '-2147483649',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '99999999999999999999',
]

/** Integers as text: mostly small, some at the limits of int64 and beyond, some malformed. */
export const integers = (): Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -10, max: 100 }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom(...INTEGER_EDGES) },
  )

const FLOAT_EDGES = [
  '0',
  '-0',
  '0.1',
  '-0.1',
  '3.0',
  '1e10',
  '1e-10',
  '1.7976931348623157e308',
  '5e-324',
  '1e400',
  'inf',
  '-inf',
  '+inf',
  'infinity',
  'nan',
  '-nan',
  '',
  ' 1',
  '1 ',
  '0x1p3',
  '1e',
  '.5',
  '5.',
  '9007199254740993',
  '1e21',
]

/** Doubles as text: mostly simple, some at the edges, some malformed. */
export const floats = (): Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -20, max: 20 }).map((n) => String(n / 4)) },
    { weight: 1, arbitrary: fc.constantFrom(...FLOAT_EDGES) },
  )

/** Positions in a list, a string or a range, also from the end and far outside. */
export const indexes = (): Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -8, max: 8 }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom('1000', '-1000', '9223372036854775807', '-9223372036854775808') },
  )

/** COUNT arguments: mostly valid. */
export const counts = (): Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 6 }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom('-1', '-3', '100', 'x', '9223372036854775808') },
  )

/** What a command is made of: fixed words, one argument, or several at once (an option with its value). */
export type Part = string | Arbitrary<string> | Arbitrary<string[]>

/** A command from its parts: `command('SET', keys(), values(), maybe('NX'))`. */
export function command(...parts: Part[]): Arbitrary<Command> {
  const arbitraries = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))
  return fc.tuple(...(arbitraries as Arbitrary<string | string[]>[])).map((args) => ({ args: args.flat() }))
}

/** The parts, or nothing. */
export const maybe = (...parts: Part[]): Arbitrary<string[]> =>
  fc.oneof(fc.constant<string[]>([]), group(...parts))

/** The parts together, as one. */
export const group = (...parts: Part[]): Arbitrary<string[]> => command(...parts).map(({ args }) => [...args])

/** One of the words. */
export const oneOf = (...words: string[]): Arbitrary<string> => fc.constantFrom(...words)

/** The parts some `min` to `max` times over: `several(1, 5, floats(), members())`. */
export const several = (min: number, max: number, ...parts: Part[]): Arbitrary<string[]> =>
  fc.array(group(...parts), { minLength: min, maxLength: max }).map((groups) => groups.flat())

/** The same command with its replies compared less strictly. */
export const relaxed = (relaxation: Relaxation, commands: Arbitrary<Command>): Arbitrary<Command> =>
  commands.map((one) => ({ ...one, relaxation }))
