/**
 * No acknowledged write is lost by SIGKILL. The loop is proved on redis-server first, also that it notices what
 * is missing. By hand, 200 kills: `RUSSET_TEST_FACTOR=40 npx vitest run server/kill-loop.test.ts -t russet`.
 */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { killLoop } from '../support/kill-loop.js'
import { startRedis, startRusset } from '../support/redis-server.js'
import { testFolder } from '../support/russet-command.js'
import { factor } from '../support/sequences.js'

const ROUNDS = Math.ceil(5 * factor())
const TIMEOUT_MS = 30_000 * ROUNDS
const seed = Number(process.env.RUSSET_TEST_SEED)

const SERVERS = { redis: startRedis, russet: startRusset }

describe.each(['redis', 'russet'] as const)('%s', (name) => {
  const start = SERVERS[name]

  it.each(['always', 'everysec'] as const)(
    'keeps its promise: appendfsync %s',
    { timeout: TIMEOUT_MS },
    async (appendfsync) => {
      const report = await killLoop({ start, appendfsync, directory: testFolder(), rounds: ROUNDS, seed })
      expect(report.acknowledged).toBeGreaterThan(100 * ROUNDS)
      // In a few rounds on a busy machine there may be no time for a rewrite.
      if (ROUNDS >= 20) expect(report.bases).toBeGreaterThan(1)
      if (appendfsync === 'always') expect(report.lost).toBe(0)
      console.log(`${name}, appendfsync ${appendfsync}:`, report)
    },
  )
})

/** The newest log of a directory that redis-server has. */
function logOf(directory: string): string {
  const folder = join(directory, 'appendonlydir')
  const number = (name: string) => Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? 0)
  const [newest = ''] = readdirSync(folder).sort((a, b) => number(b) - number(a))
  return join(folder, newest)
}

describe('the loop notices', () => {
  const run = (options: Partial<Parameters<typeof killLoop>[0]>) =>
    killLoop({
      start: startRedis,
      appendfsync: 'always',
      directory: testFolder(),
      rounds: 2,
      seed,
      rewrites: false,
      ...options,
    })

  it('that the end of the log is missing', async () => {
    const tamper = (directory: string) => {
      const log = logOf(directory)
      truncateSync(log, Math.floor(readFileSync(log).length / 2))
    }
    await expect(run({ tamper })).rejects.toThrow(/client \d has lost \d+ of \d+ acknowledged writes/)
  })

  it('that more than a second is missing', { timeout: 60_000 }, async () => {
    const tamper = (directory: string) => truncateSync(logOf(directory), 2000)
    const options = { appendfsync: 'everysec', loadMs: [3000, 3001], tamper } as const
    await expect(run(options)).rejects.toThrow(/the oldest of [23]\d\d\d ms before the kill/)
  })

  /** Removes a command from the log: the last that matches and that what follows does not make good. */
  const without =
    (command: RegExp, matters: (after: string, match: RegExpMatchArray) => boolean) =>
    (directory: string) => {
      const log = readFileSync(logOf(directory), 'latin1')
      const found = [...log.matchAll(command)].reverse()
      const last = found.find((match) => matters(log.slice(match.index + match[0].length), match))
      if (last === undefined) throw new Error('the log has no such command')
      const rest = log.slice(0, last.index) + log.slice(last.index + last[0].length)
      writeFileSync(logOf(directory), rest, 'latin1')
    }

  it('half a transaction', async () => {
    const toAccount = /\*3\r\n\$6\r\nINCRBY\r\n\$9\r\naccount:\d\r\n\$\d+\r\n\d+\r\n/g
    const tamper = without(toAccount, (after) => after.includes('EXEC'))
    await expect(run({ tamper })).rejects.toThrow(/the accounts do not add up/)
  })

  it('a write in the middle', async () => {
    const increment = /\*3\r\n\$6\r\nINCRBY\r\n\$\d+\r\n(client \d:)(number:\d)\r\n\$\d+\r\n-?[1-9]\d*\r\n/g
    const tamper = without(increment, (after, [, client = '', key = '']) => {
      const isDeleted = new RegExp(`DEL\\r\\n.*\\r\\n${client}${key}`).test(after)
      return after.includes(`${client}marks`) && after.includes('EXEC') && !isDeleted
    })
    await expect(run({ tamper })).rejects.toThrow(/is at no point of its history:\n {2}number:/)
  })
})
