/**
 * The core reaches for no platform and its floors hold. Each rule is first proved on small samples, so that
 * one that no longer finds anything does not pass for a clean source.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  FLOORS,
  floorViolations,
  importCycles,
  readSource,
  type SourceFile,
} from '../support/source-rules.js'

const CORE = join(import.meta.dirname, '../../packages/core')

function readCore(): Map<string, SourceFile> {
  const src = join(CORE, 'src')
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return new Map(paths.map((path) => [path, readSource(readFileSync(join(src, path), 'utf8'))]))
}

const files = (sources: Record<string, string>): Map<string, SourceFile> =>
  new Map(Object.entries(sources).map(([path, text]) => [path, readSource(text)]))

describe('what the rules find', () => {
  test.each([
    ["import { readFileSync } from 'node:fs'", 'import of node:fs'],
    ["import fs from 'fs'", 'import of fs'],
    ["import type { Socket } from 'node:net'", 'import of node:net'],
    ["export * from 'ioredis'", 'import of ioredis'],
    ["export { connect } from 'node:net'", 'import of node:net'],
    ["type Socket = import('node:net').Socket", 'import of node:net'],
    ["const net = await import('./net.js')", 'only static imports'],
    ["import net = require('node:net')", 'only static imports'],
    ["import { x } from './x.ts'", 'import of ./x.ts'],
    ['const here = import.meta.url', 'import.meta'],
    ['const bytes = Buffer.alloc(1)', 'Buffer'],
    ['export const pid = process.pid', 'process'],
    ['export const { pid } = process', 'process'],
    ['globalThis.process', 'globalThis'],
    ['const t = Date.now()', 'Date'],
    ['const t = new Date()', 'Date'],
    ['const clock = { now: Date.now }', 'Date'],
    ['const t = performance.now()', 'performance'],
    ['const r = Math.random()', 'Math.random'],
    ['const r = Math?.random()', 'Math.random'],
    ["const r = Math['random']()", 'Math without a property'],
    ['const { random } = Math', 'Math without a property'],
    ['const r = crypto.getRandomValues(new Uint8Array(8))', 'crypto'],
    ['setTimeout(() => {}, 1)', 'setTimeout'],
    ['setInterval(() => {}, 1)', 'setInterval'],
    ['setImmediate(() => {})', 'setImmediate'],
    ['queueMicrotask(() => {})', 'queueMicrotask'],
    ["eval('1')", 'eval'],
    ["new Function('return 1')()", 'Function'],
    ["(() => {}).constructor('return 1')()", 'a call of .constructor makes code from text'],
    ["console.log('x')", 'console'],
    ['const d = new TextDecoder()', 'TextDecoder'],
    ['const d = new TextEncoder()', 'TextEncoder'],
    ['window.alert(1)', 'window'],
    ["fetch('/')", 'fetch'],
    ['const s = structuredClone({})', 'structuredClone'],
    ['const x = `\x24{process.pid}`', 'process'],
    ['function f(now = Date.now()) { return now }', 'Date'],
    ['class A { at = Date.now() }', 'Date'],
    ['declare const process: { pid: number }\nconst pid = process.pid', 'process'],
    ['const x = process as unknown', 'process'],
    ['/// <reference types="node" />', '/// <reference types="node" />'],
    ['// @ts-nocheck', '@ts-nocheck'],
  ])('%s', (source, violation) => {
    expect(readSource(source).violations.map((text) => text.replace(/^\d+: /, ''))).toContain(violation)
  })

  test.each([
    "import { fail } from '../base/errors.js'\nfail('x')",
    'const process = 1\nexport const twice = process * 2',
    'export const rss = (host: { process?: { pid: number } }) => host.process?.pid',
    'const table = { setTimeout: 1, Date() { return 2 } }\ntable.Date()',
    'interface Host { setTimeout(f: () => void): void }\nexport type When = Date',
    "// Date.now() and Math.random() are not used\nexport const text = 'process.exit(eval())'",
    'export const max = Math.max(1, Number.MAX_SAFE_INTEGER)\nexport const m = new Map<string, Float64Array>()',
    'outer: for (const [key, { value: v = 1, ...rest }] of []) { if (key) continue outer; break outer; [v, rest] }',
    'export abstract class A { abstract process(): void; constructor(private readonly event: number) { this.event } }',
    'export function f(this: A, ...args: number[]) { try { return args } catch (error) { return error } }\nclass A {}',
    'export const enum Kind { Date, Buffer }\nKind.Date',
  ])('nothing wrong with: %s', (source) => {
    expect(readSource(source).violations).toEqual([])
  })

  test('a violation tells its line', () => {
    expect(readSource('\n\nconst t = Date.now()').violations).toEqual(['3: Date'])
  })

  test('imports that go upward, leave the source or stand on no floor', () => {
    const tree = files({
      'index.ts': "export * from './client/client.js'",
      'base/a.ts': "import type { B } from '../structures/b.js'",
      'structures/b.ts': "import { a } from '../base/a.js'\nexport { c } from './c.js'",
      'structures/c.ts': "import '../../../node/src/x.js'",
      'client/client.ts': "import '../structures/b.js'\nimport '../index.js'",
      'misc/d.ts': '',
    })
    expect(floorViolations(tree)).toEqual([
      'base/a.ts imports upward: ../structures/b.js',
      'structures/c.ts imports ../../../node/src/x.js, which is not there',
      'client/client.ts imports upward: ../index.js',
      'misc/d.ts is on no floor',
    ])
  })

  test('circles, unless only types go round', () => {
    const tree = files({
      'base/a.ts': "import './b.js'",
      'base/b.ts': "export * from './c.js'",
      'base/c.ts': "import { type A } from './a.js'",
      'base/d.ts': "import type { E } from './e.js'",
      'base/e.ts': "import './d.js'",
    })
    expect(importCycles(tree)).toEqual(['base/a.ts -> base/b.ts -> base/c.ts -> base/a.ts'])
  })
})

describe('packages/core', () => {
  const core = readCore()

  test('is there', () => {
    expect([...core.keys()].some((path) => path.startsWith(`${FLOORS[0]}/`))).toBe(true)
  })

  test('uses nothing of a platform', () => {
    const found = [...core].flatMap(([path, file]) =>
      file.violations.map((violation) => `${path}:${violation}`),
    )
    expect(found).toEqual([])
  })

  test('imports downward only', () => {
    expect(floorViolations(core)).toEqual([])
  })

  test('has no circles', () => {
    expect(importCycles(core)).toEqual([])
  })

  // Types of Node or the DOM would let the compiler accept what the rules above are there to refuse.
  test('is compiled without the types of any platform', () => {
    const read = (path: string): { compilerOptions: Record<string, unknown> } =>
      JSON.parse(readFileSync(join(CORE, path), 'utf8'))
    const options = {
      ...read('../../tsconfig.base.json').compilerOptions,
      ...read('tsconfig.json').compilerOptions,
    }
    expect(options).toMatchObject({ types: [], lib: ['es2022'] })
    expect(JSON.parse(readFileSync(join(CORE, 'package.json'), 'utf8'))).not.toHaveProperty('dependencies')
  })
})
