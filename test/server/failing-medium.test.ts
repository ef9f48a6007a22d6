/**
 * A medium that fails while the server runs: clients get errors instead of promises, nothing that was promised is
 * lost, and when it works again so does the server. The medium is made to fail from outside, in ways that hold for
 * root too: a folder where a file should be, and a limit on the size of files, which is a full disk.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isLockFile } from '../../packages/node/src/directory-lock.js'
import {
  IDLE,
  type KeptServer,
  persistenceInfo,
  rewrite,
  runAll,
  startIn,
  untilIdle,
  untilInfo,
} from '../support/kept-server.js'
import { textOf } from '../support/replies.js'
import { testFolder } from '../support/russet-command.js'
import { onBoth } from '../support/server-pair.js'

const LOG = 'appendonlydir/appendonly.aof.1.incr.aof'

/** Lets no file of a running server grow beyond this. */
function limitFiles({ server }: KeptServer, bytes: number | 'unlimited'): void {
  // The soft limit alone, so that it can be raised again.
  execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`])
}

const error = async (node: KeptServer, ...args: string[]): Promise<string> =>
  textOf(await node.client.send(...args))

/** Names in a folder but the lock's. */
const namesIn = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => !isLockFile(name))
    .sort()

describe('a snapshot that cannot be written', () => {
  it('stops writes as redis-server does, and no longer than that', async () => {
    const dirs = { redis: testFolder(), russet: testFolder() }
    const nodes = await onBoth((side) => startIn(dirs[side], side, '--save', '3600 1'))
    const compare = async (...commands: string[][]) => {
      const { redis, russet } = await onBoth((side) => nodes[side].client.sendMany(commands))
      const print = (replies: typeof redis) =>
        replies.map(({ raw }, i) => `${commands[i]?.join(' ')}: ${raw}`)
      expect(print(russet)).toEqual(print(redis))
      return russet.map(textOf)
    }
    await compare(['SET', 'k', 'v'])
    for (const dir of Object.values(dirs)) mkdirSync(join(dir, 'dump.rdb'))
    await compare(['BGSAVE'])
    await onBoth((side) => untilInfo(nodes[side], { ...IDLE, rdb_last_bgsave_status: 'err' }))

    const [refusal] = await compare(
      ['SET', 'k', 'w'],
      ['PING'],
      ['GET', 'k'],
      ['ECHO', 'x'],
      ['INCR', 'k', 'k'],
    )
    expect(refusal).toMatch(/^MISCONF Redis is configured to save RDB snapshots/)
    await compare(['MULTI'], ['GET', 'k'], ['EXEC'], ['MULTI'], ['SET', 'k', 'w'], ['GET', 'k'], ['EXEC'])
    await compare(
      ['EXPIRE', 'nosuch', '1'],
      ['PING', 'x'],
      ['DEL', 'nosuch'],
      ['FLUSHALL'],
      ['PUBLISH', 'c', 'm'],
    )
    await compare(['SAVE'], ['SET', 'k', 'w'])
    await compare(['CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no'], ['SET', 'k', 'x'], ['PING'])
    await compare(['CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes'], ['SET', 'k', 'y'])
    await compare(['CONFIG', 'SET', 'save', ''], ['SET', 'k', 'z'])
    await compare(['CONFIG', 'SET', 'save', '3600 1'], ['SET', 'k', 'v'])

    for (const dir of Object.values(dirs)) rmdirSync(join(dir, 'dump.rdb'))
    await compare(['BGSAVE'])
    await onBoth((side) => untilInfo(nodes[side], { ...IDLE, rdb_last_bgsave_status: 'ok' }))
    await compare(['SET', 'k', 'v'], ['PING'])
    expect(namesIn(dirs.russet)).toEqual(['dump.rdb'])
  })

  it('for want of space leaves the one there was', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--save', '3600 1')
    await runAll(node, [['SET', 'k', 'v'], ['SAVE']])
    const before = readFileSync(join(dir, 'dump.rdb'))
    await node.run('DEBUG', 'POPULATE', 1000)
    limitFiles(node, 4096)
    expect(await error(node, 'SAVE')).toBe('ERR')
    expect((await persistenceInfo(node)).get('rdb_last_bgsave_status')).toBe('err')
    expect(node.server.logs()).toContain('File too large')
    expect(readFileSync(join(dir, 'dump.rdb'))).toEqual(before)
    expect(namesIn(dir)).toEqual(['dump.rdb'])
    expect(await error(node, 'SET', 'k', 'w')).toMatch(/^MISCONF /)
    limitFiles(node, 'unlimited')
    await runAll(node, [['SAVE'], ['SET', 'k', 'w']])
  })
})

describe('a log that cannot be written, for want of space', () => {
  /** Writes keys of its own until one is refused. @returns the keys that were acknowledged, and what refused */
  async function writeUntilRefused(node: KeptServer, name: string) {
    const client = await node.server.connect()
    const acknowledged: string[] = []
    for (let i = 0; i < 10_000; i += 5) {
      const keys = Array.from({ length: 5 }, (_, n) => `${name} ${i + n}`)
      const replies = await client.sendMany(keys.map((key) => ['SET', key, `${key} ${'x'.repeat(200)}`]))
      for (const [n, reply] of replies.entries())
        if (reply.type === 'simple') acknowledged.push(keys[n] as string)
      const refusal = replies.find(({ type }) => type === 'error')
      if (refusal !== undefined) return { acknowledged, refusal: textOf(refusal) }
    }
    throw new Error('nothing was refused')
  }

  async function expectKeys(node: KeptServer, keys: readonly string[]): Promise<void> {
    const replies = await node.client.sendMany(keys.map((key) => ['GET', key]))
    const missing = keys.filter((key, i) => !textOf(replies[i] as never).startsWith(`${key} x`))
    expect(missing).toEqual([])
  }

  it.each(['always', 'everysec'])(
    'refuses writes, and goes on when there is space: appendfsync %s',
    async (fsync) => {
      const dir = testFolder()
      const node = await startIn(dir, 'russet', '--appendonly', 'yes', '--appendfsync', fsync)
      await node.run('SET', 'first', 'first x')
      limitFiles(node, 30_000)
      const runs = await Promise.all(['a', 'b', 'c'].map((name) => writeUntilRefused(node, name)))
      for (const { refusal } of runs)
        expect(refusal).toBe('MISCONF Errors writing to the AOF file: File too large')
      const kept = ['first', ...runs.flatMap(({ acknowledged }) => acknowledged)]
      expect(kept.length).toBeGreaterThan(60)
      expect((await persistenceInfo(node)).get('aof_last_write_status')).toBe('err')
      expect(await error(node, 'PING')).toMatch(/^MISCONF /)
      expect(await error(node, 'SET', 'refused', 'refused x')).toMatch(/^MISCONF /)
      await expectKeys(node, kept)
      expect(await error(node, 'SHUTDOWN')).toMatch(/^ERR Errors trying to SHUTDOWN/)

      if (fsync === 'always') {
        // What a crash leaves has every promise in it.
        const copy = testFolder()
        execFileSync('cp', ['-r', join(dir, 'appendonlydir'), copy])
        const other = await startIn(copy, 'redis', '--appendonly', 'yes', '--aof-load-truncated', 'no')
        await expectKeys(other, kept)
      }
      limitFiles(node, 'unlimited')
      await untilInfo(node, { aof_last_write_status: 'ok' })
      await node.run('SET', 'after', 'after x')
      expect(node.server.logs()).toContain('The append-only file can be written again')
      await node.kill()
      const redis = await startIn(dir, 'redis', '--appendonly', 'yes', '--aof-load-truncated', 'no')
      await expectKeys(redis, [...kept, 'after'])
      expect(textOf(await redis.run('EXISTS', 'refused'))).toBe('0')
    },
  )

  it('a transaction is refused as a whole', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--appendonly', 'yes', '--appendfsync', 'always')
    await runAll(node, [
      ['SET', 'a', '1'],
      ['SET', 'b', '1'],
    ])
    const { size } = statSync(join(dir, LOG))
    limitFiles(node, size + 60)
    const replies = await node.client.sendMany([['MULTI'], ['INCR', 'a'], ['INCR', 'b'], ['EXEC']])
    expect(textOf(replies[3] as never)).toMatch(/^MISCONF /)
    expect(statSync(join(dir, LOG)).size).toBe(size)
    await node.kill()
    const redis = await startIn(dir, 'redis', '--appendonly', 'yes', '--aof-load-truncated', 'no')
    expect([await error(redis, 'GET', 'a'), await error(redis, 'GET', 'b')]).toEqual(['1', '1'])
  })

  it('a rewrite that fails leaves the files as good as they were', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--appendonly', 'yes')
    await runAll(node, [
      ['DEBUG', 'POPULATE', 1000],
      ['SET', 'k', 'v'],
    ])
    await untilIdle(node)
    limitFiles(node, 4096)
    await node.run('BGREWRITEAOF')
    await untilInfo(node, { aof_last_bgrewrite_status: 'err' })
    await node.run('SET', 'k', 'w')
    limitFiles(node, 'unlimited')
    await rewrite(node)
    await node.run('SET', 'l', 'x')
    await node.kill()
    const redis = await startIn(dir, 'redis', '--appendonly', 'yes')
    expect([await error(redis, 'GET', 'k'), await error(redis, 'GET', 'l')]).toEqual(['w', 'x'])
  })

  it('there is no room for the first base: writes are refused until there is', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet')
    await runAll(node, [['DEBUG', 'POPULATE', 1000]])
    limitFiles(node, 4096)
    await node.run('CONFIG', 'SET', 'appendonly', 'yes')
    await untilInfo(node, { aof_last_bgrewrite_status: 'err' })
    expect(await error(node, 'SET', 'k', 'v')).toBe('MISCONF Errors writing to the AOF file: File too large')
    limitFiles(node, 'unlimited')
    await untilInfo(node, { aof_last_bgrewrite_status: 'ok', aof_last_write_status: 'ok' })
    await node.run('SET', 'k', 'v')
    await node.kill()
    const redis = await startIn(dir, 'redis', '--appendonly', 'yes')
    expect([await error(redis, 'GET', 'k'), await error(redis, 'DBSIZE')]).toEqual(['v', '1001'])
  })
})
