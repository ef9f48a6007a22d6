/**
 * Two kinds of test. `unit` imports the sources, and `workerd` bundles them for the runtime of Cloudflare Workers;
 * neither needs a build. The others do: `conformance` drives the built server and a real redis-server over
 * sockets, `server` runs the russet-server command as its users do, `clients` lets other people's client
 * libraries talk to it, `packages` installs what is published.
 */
import { defineConfig } from 'vitest/config'

const source = (path: string): string => new URL(`../packages/${path}`, import.meta.url).pathname

// One seed for every property of the run; the workers inherit it.
process.env.RUSSET_TEST_SEED ??= String(Date.now() % 0x7fffffff)

const common = {
  exclude: ['**/node_modules/**', 'dist/**'],
  setupFiles: ['support/property-seed.ts'],
  testTimeout: 20_000,
  hookTimeout: 60_000,
}

export default defineConfig({
  resolve: {
    alias: {
      '@russet/core': source('core/src/index.ts'),
      '@russet/edge': source('edge/src/index.ts'),
      '@russet/node': source('node/src/index.ts'),
    },
  },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    allowOnly: process.env.CI === undefined,
    reporters: ['default', './support/summary-reporter.ts'],
    projects: [
      { extends: true, test: { ...common, name: 'unit', include: ['unit/**/*.test.ts'] } },
      { extends: true, test: { ...common, name: 'workerd', include: ['workerd/**/*.test.ts'] } },
      ...['conformance', 'server', 'clients', 'packages'].map((name) => ({
        extends: true as const,
        test: {
          ...common,
          name,
          include: [`${name}/**/*.test.ts`],
          globalSetup: ['support/global-setup.ts'],
        },
      })),
    ],
  },
})
