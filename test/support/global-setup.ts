/** Once per run, before the tests that talk to servers: a real redis-server, and the build up to date, Russet's and that of these tests. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureOpenssl, ensureRedis, ROOT } from './redis-server.js'

export default function setUp(): void {
  ensureRedis()
  ensureOpenssl()
  const build = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', 'packages/node', 'packages/edge', 'test'],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  // What was emitted is tested all the same: `npm run check` is where a type error fails.
  if (build.status !== 0) console.warn(`The build has errors:\n${build.stdout}${build.stderr}`)
}
