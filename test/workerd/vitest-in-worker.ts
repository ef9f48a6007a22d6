/**
 * What stands for `vitest` in a bundle that runs inside workerd: `describe` and `test` collect the cases, by
 * the names Vitest would give them, and `expect` is Vitest's own.
 */
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect'

export interface Case {
  readonly name: string
  readonly run: () => unknown
}

export const cases: Case[] = []
let names: readonly string[] = []

export function describe(name: string, define: () => void): void {
  const outer = names
  names = [...outer, name]
  define()
  names = outer
}

export function test(name: string, run: () => unknown): void {
  cases.push({ name: [...names, name].join(' > '), run })
}

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)
export const expect = chai.expect
