/** Runs one measurement in a Node process of its own, so that heaps and compiled code do not mix. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const TIMEOUT_MS = 900_000

/**
 * @param script file name under `children`, without extension
 * @param nodeArgs flags for Node, e.g. `--expose-gc`
 * @returns what the child printed, as JSON
 */
export async function runChild<T>(
  script: string,
  args: readonly (string | number)[],
  nodeArgs: readonly string[] = [],
): Promise<T> {
  const path = join(import.meta.dirname, 'children', `${script}.js`)
  const { stdout } = await promisify(execFile)(process.execPath, [...nodeArgs, path, ...args.map(String)], {
    timeout: TIMEOUT_MS,
    maxBuffer: 1 << 24,
  })
  return JSON.parse(stdout) as T
}
