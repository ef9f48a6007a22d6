/**
 * The KV adapter in the runtime it is for: the conformance suite is bundled into a Worker and run by workerd
 * on Miniflare's KV, and each of its cases is reported here.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, expect, test } from 'vitest'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

const { outputFiles } = await build({
  entryPoints: [path('kv-worker.ts')],
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2022',
  conditions: ['workerd', 'worker', 'browser'],
  alias: {
    vitest: path('vitest-in-worker.ts'),
    '@russet/core': path('../../packages/core/src/index.ts'),
    '@russet/edge': path('../../packages/edge/src/index.ts'),
  },
})

const miniflare = new Miniflare({
  modules: true,
  script: outputFiles[0]?.text ?? '',
  compatibilityDate: '2026-04-01',
  kvNamespaces: ['KV'],
  // No request to find out where this machine is.
  cf: false,
})
afterAll(() => miniflare.dispose())

const ask = async (path: string): Promise<unknown> =>
  (await miniflare.dispatchFetch(`http://worker/${path}`)).json()

const names = (await ask('')) as string[]

test('the suite is there', () => {
  expect(names.length).toBeGreaterThan(40)
})

for (const [number, name] of names.entries()) {
  test(name, async () => {
    expect(await ask(String(number))).toEqual({ error: null })
  })
}
