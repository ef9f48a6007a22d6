/** Glob patterns: oddities recorded from redis-server's KEYS and CONFIG GET, and a naive model by recursion. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatch } from '../../../packages/core/src/base/glob.js'

/** Tries every split at every `*`; knows only `*`, `?`, escapes and plain characters. */
function model(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') {
    for (let i = 0; i <= text.length; i++) if (model(pattern.slice(1), text.slice(i))) return true
    return false
  }
  if (text === '') return false
  if (pattern[0] === '?') return model(pattern.slice(1), text.slice(1))
  const escaped = pattern[0] === '\\' && pattern.length > 1
  const wanted = escaped ? pattern[1] : pattern[0]
  return wanted === text[0] && model(pattern.slice(escaped ? 2 : 1), text.slice(1))
}

describe('globMatch', () => {
  it.each([
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['h*llo', 'hllo', true],
    ['h[ae]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-b]llo', 'hbllo', true],
    ['[c-a]', 'b', true],
    ['[a-', 'a', true],
    ['[a-', '-', true],
    ['[', 'a', false],
    ['[^', 'a', true],
    ['[]', ']', false],
    ['[]a]', 'a]', false],
    ['[a-]]', '[', false],
    ['[\\]]', ']', true],
    ['[\\', '\\', true],
    ['[--0]', '.', true],
    ['[a', 'a', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a\\', true],
    ['a\\', 'a', false],
    ['', '', true],
    ['*', '', false],
    ['*', 'a', true],
    ['a**', 'a', true],
    ['*a*', 'bab', true],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXcXb', false],
    ['[a-\xff]', 'b', false],
    ['[a-\xff]', '\x00', true],
    ['[\x80-\xff]', '\xc0', true],
  ])('%j on %j', (pattern, text, matches) => {
    expect(globMatch(pattern, text)).toBe(matches)
  })

  it.each([
    ['MAX*', 'maxmemory', true],
    ['[M-N]ax', 'max', true],
    ['[N-l]ax', 'max', false],
    ['[\\M]ax', 'max', false],
    ['\\Max', 'max', true],
    ['[^M]ax', 'max', false],
    ['\xc0', '\xe0', false],
  ])('%j on %j, ignoring case', (pattern, text, matches) => {
    expect(globMatch(pattern, text, true)).toBe(matches)
  })

  it('agrees with the model', () => {
    const pattern = fc.string({ unit: fc.constantFrom(...'ab*?\\'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom(...'ab*\\'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        expect(globMatch(p, t)).toBe(model(p, t))
      }),
      { numRuns: 5000 },
    )
  })

  it('answers hostile patterns in bounded time', () => {
    const started = performance.now()
    expect(globMatch(`${'a*'.repeat(900)}b`, 'a'.repeat(100_000))).toBe(false)
    expect(globMatch(`*${'a'.repeat(2000)}b`, 'a'.repeat(10_000))).toBe(false)
    expect(globMatch('*'.repeat(1_000_000), 'a')).toBe(true)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('gives up beyond 1000 groups of stars', () => {
    expect(globMatch('*a'.repeat(1000), 'a'.repeat(1000))).toBe(true)
    expect(globMatch('*a'.repeat(1001), 'a'.repeat(1001))).toBe(false)
  })
})
