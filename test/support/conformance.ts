/**
 * Conformance tests: `conformance(name, script)` makes one test for RESP2 and one for RESP3. Each empties a
 * redis-server and a Russet server, runs the script on both, compares every reply byte by byte, and compares
 * DEBUG DIGEST at the end. The notation of scripts is described in notation.ts.
 *
 *     conformance('SET with GET', script`
 *       SET k old
 *       SET k new GET
 *       SET k newer NX GET
 *     `)
 *
 *     conformance('HELLO changes the protocol', async ({ both, russet }) => {
 *       await both('HELLO 2 ~type')
 *     })
 */
import { test } from 'vitest'
import type { RespConnection } from './resp-connection.js'
import type { Reply } from './resp-reader.js'
import { type Protocol, ScriptRun } from './script-run.js'
import { type Both, sharedPair } from './server-pair.js'

export { script } from './notation.js'

export interface ConformanceOptions {
  /** Both protocols unless given. */
  readonly protocols?: readonly Protocol[]
  /** Directives both servers are started with; files share a pair of servers for each distinct list. */
  readonly args?: readonly string[]
}

export interface ConformanceContext {
  readonly protocol: Protocol
  /** Runs one line on both servers, compares, and gives both replies. */
  both(line: string): Promise<Both<Reply>>
  /** Runs several lines. */
  play(script: string): Promise<unknown>
  /** The main connections, for what the notation cannot say. */
  readonly redis: RespConnection
  readonly russet: RespConnection
}

/**
 * @param steps a script, or a function for what a script cannot say
 */
export function conformance(
  name: string,
  steps: string | ((context: ConformanceContext) => Promise<void>),
  options: ConformanceOptions = {},
): void {
  for (const protocol of options.protocols ?? [2, 3]) {
    test(`${name} (RESP${protocol})`, async () => {
      const pair = await sharedPair(options.args)
      await ScriptRun.run(
        pair,
        protocol,
        typeof steps === 'string'
          ? steps
          : async (run) => {
              const { redis, russet } = await run.connections()
              await steps({ protocol, both: run.both, play: (text) => run.play(text), redis, russet })
            },
      )
    })
  }
}

/** The integers from `first` to `last`, for commands with many arguments: `RPUSH l ${range(1, 200)}`. */
export function range(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i).join(' ')
}
