/** A set against JavaScript's own, its encodings against the rules, its random picks against chance. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  defaultEncodingLimits,
  type EncodingLimits,
} from '../../../packages/core/src/keyspace/encoding-limits.js'
import { type SetEncoding, SetValue } from '../../../packages/core/src/keyspace/set-value.js'
import type { ValueHome } from '../../../packages/core/src/keyspace/value.js'
import { FakeHost } from '../../support/fake-host.js'

const homeWith = (limits: Partial<EncodingLimits> = {}): ValueHome => ({
  limits: { ...defaultEncodingLimits(), ...limits },
  newSeed: () => 7,
})

const SMALL = { setMaxIntsetEntries: 6, setMaxListpackEntries: 4, setMaxListpackValue: 5 }

function setOf(home: ValueHome, ...members: string[]): SetValue {
  const set = SetValue.for(home, members[0] as string, members.length)
  for (const member of members) set.add(member)
  return set
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i))

const member = fc.oneof(
  fc.integer({ min: -4, max: 9 }).map(String),
  fc.constantFrom('a', 'b', 'c', 'abcdef', '', '007', '9007199254740993', '-9223372036854775808'),
)

type Step =
  | readonly ['add' | 'remove', string]
  | readonly ['pop', number]
  | readonly ['copy', number]
  | readonly ['pack', number]
  | readonly ['prepare', number]

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: member.map((name) => ['add', name] as const) },
  { weight: 3, arbitrary: member.map((name) => ['remove', name] as const) },
  { weight: 1, arbitrary: fc.nat(8).map((count) => ['pop', count] as const) },
  { weight: 1, arbitrary: fc.nat(8).map((count) => ['prepare', count] as const) },
  { weight: 1, arbitrary: fc.constantFrom(['copy', 0] as const, ['pack', 0] as const) },
)

test('holds what a Set holds, whatever the encoding', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, seed) => {
      const host = new FakeHost(seed)
      const random = (): number => host.random()
      let set = new SetValue(homeWith(SMALL))
      const model = new Set<string>()
      for (const [name, argument] of steps) {
        if (name === 'add') {
          expect(set.add(argument)).toBe(!model.has(argument))
          model.add(argument)
        } else if (name === 'remove') expect(set.remove(argument)).toBe(model.delete(argument))
        else if (name === 'prepare') set.prepareFor(argument)
        else if (name === 'copy') {
          const original = set
          set = set.copy()
          expect(set.encoding).toBe(original.encoding)
          for (const gone of original.members()) original.remove(gone)
        } else if (name === 'pack') {
          if ([...model].every((text) => /^(0|-?[1-9]\d*)$/.test(text))) set.packIntegers()
        } else if (name === 'pop' && argument < set.length) {
          const popped = set.popSample(argument, random)
          expect(popped.length).toBe(argument)
          for (const gone of popped) expect(model.delete(gone)).toBe(true)
        }
        expect(set.length).toBe(model.size)
        expect(new Set(set.members())).toEqual(model)
        expect(set.members().length).toBe(model.size)
        for (const present of model) expect(set.has(present)).toBe(true)
        expect(set.has('absent')).toBe(false)
        set.assertInvariants()
        if (set.encoding === 'intset') expect(set.members()).toEqual(ascending(set.members()))
      }
      if (model.size > 0) {
        const sample = set.sample(model.size - 1, random)
        expect(new Set(sample).size).toBe(model.size - 1)
        expect(model.has(set.randomMember(random))).toBe(true)
        expect(new Set(set.popAll())).toEqual(model)
      }
      expect(set.length).toBe(0)
    }),
    { numRuns: 300 },
  )
})

const ascending = (members: string[]): string[] =>
  [...members].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0))

describe('encoding', () => {
  test.each<[string, string[], SetEncoding]>([
    ['few integers', ['1', '2', '3', '4', '5', '6'], 'intset'],
    ['too many integers', ['1', '2', '3', '4', '5', '6', '7'], 'hashtable'],
    ['few words', ['a', 'b', 'c', 'd'], 'listpack'],
    ['too many words', ['a', 'b', 'c', 'd', 'e'], 'hashtable'],
    ['a long word', ['abcdef'], 'hashtable'],
    ['a word after integers', ['1', '2', '3', 'a'], 'listpack'],
    ['a word after many integers', ['1', '2', '3', '4', 'a'], 'hashtable'],
    ['a word after a long integer', ['100000', 'a'], 'hashtable'],
    ['a word after a long negative integer', ['-10000', 'a'], 'hashtable'],
    ['a long word after integers', ['1', 'abcdef'], 'hashtable'],
    ['an integer after words', ['a', '1'], 'listpack'],
  ])('%s', (_name, members, encoding) => {
    const home = homeWith(SMALL)
    expect(setOf(home, ...members).encoding).toBe(encoding)
    // One by one it comes to the same.
    const grown = new SetValue(home, SetValue.for(home, members[0] as string, 1).encoding)
    for (const name of members) grown.add(name)
    expect(grown.encoding).toBe(encoding)
  })

  test('does not go back when members leave', () => {
    const set = setOf(homeWith(SMALL), '1', '2', 'a')
    set.remove('a')
    expect(set.encoding).toBe('listpack')
    set.packIntegers()
    expect(set.encoding).toBe('intset')
  })

  test('prepareFor looks at what is to come', () => {
    const home = homeWith(SMALL)
    const ints = setOf(home, '1')
    ints.prepareFor(6)
    expect(ints.encoding).toBe('intset')
    ints.prepareFor(7)
    expect(ints.encoding).toBe('hashtable')
    const words = setOf(home, 'a')
    words.prepareFor(5)
    expect(words.encoding).toBe('hashtable')
  })
})

test.each<[SetEncoding, string[]]>([
  ['intset', numbers(100)],
  ['listpack', [...numbers(99), 'a']],
  ['hashtable', [...numbers(99), 'x'.repeat(65)]],
])('every member of a set that is %s is as likely', (encoding, members) => {
  const host = new FakeHost(42)
  const random = (): number => host.random()
  const set = setOf(homeWith(), ...members)
  expect(set.encoding).toBe(encoding)
  const times = new Map<string, number>()
  const count = (names: readonly string[]): void => {
    for (const name of names) times.set(name, (times.get(name) ?? 0) + 1)
  }
  // Each of the five ways gives 2,000 picks of each member or so.
  for (let i = 0; i < 200_000; i++) count([set.randomMember(random)])
  for (let i = 0; i < 20_000; i++) count(set.sample(10, random))
  for (let i = 0; i < 4_000; i++) count(set.sample(50, random))
  for (let i = 0; i < 4_000; i++) count(set.copy().popSample(50, random))
  for (let i = 0; i < 2_200; i++) count(set.copy().popSample(90, random))
  const mean = [...times.values()].reduce((sum, n) => sum + n, 0) / 100
  expect(times.size).toBe(100)
  // The deviation is below 90: six of them are out of the question.
  for (const n of times.values()) expect(Math.abs(n - mean)).toBeLessThan(540)
})

test('picks stay cheap in a hash table that was large once', () => {
  const host = new FakeHost(1)
  const set = setOf(homeWith(), ...numbers(8000), 'x')
  for (const name of numbers(7950)) set.remove(name)
  expect(set.positions).toBeLessThan(51 * 16)
  expect(set.members()[0]).toBe('7950')
  expect(set.popRandom(() => host.random())).toBeTruthy()
})
