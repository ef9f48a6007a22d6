/**
 * Keeping data, as clients and administrators meet it: the commands with their errors and states beside
 * redis-server's, what happens by itself, switching things while the server runs, and the end of a server.
 * What a damaged file does is in damaged-files.test.ts, what a failing medium does in failing-medium.test.ts.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  IDLE,
  type KeptServer,
  noError,
  persistenceInfo,
  rewrite,
  runAll,
  startIn,
  until,
  untilIdle,
  untilInfo,
} from '../support/kept-server.js'
import { bulksOf, plainOf, textOf } from '../support/replies.js'
import type { Argument } from '../support/resp-connection.js'
import { testFolder } from '../support/russet-command.js'
import { type Both, onBoth } from '../support/server-pair.js'

/** Both servers, each in a folder of its own. */
async function startBoth(
  args: readonly string[] = [],
): Promise<{ nodes: Both<KeptServer>; dirs: Both<string> }> {
  const dirs = { redis: testFolder(), russet: testFolder() }
  return { nodes: await onBoth((side) => startIn(dirs[side], side, ...args)), dirs }
}

/** Sends the same commands to both, in one write, and compares the replies. */
async function compare(
  nodes: Both<KeptServer>,
  commands: readonly (readonly Argument[])[],
): Promise<string[]> {
  const { redis, russet } = await onBoth((side) => nodes[side].client.sendMany(commands))
  const print = (replies: typeof redis) => replies.map(({ raw }, i) => `${commands[i]?.join(' ')}: ${raw}`)
  expect(print(russet)).toEqual(print(redis))
  return russet.map(textOf)
}

describe('the commands beside those of redis-server', () => {
  // What takes long there takes no time here, but all of these come in one turn.
  const SLOW = ['--rdb-key-save-delay', '1000000']
  const startSlow = async () => {
    const dirs = { redis: testFolder(), russet: testFolder() }
    const nodes = await onBoth((side) => startIn(dirs[side], side, ...(side === 'redis' ? SLOW : [])))
    await onBoth(async (side) => {
      await runAll(nodes[side], [
        ['SET', 'k', 'v'],
        ['DEBUG', 'POPULATE', 2000],
      ])
    })
    return nodes
  }

  it('while nothing is going on', async () => {
    const { nodes } = await startBoth()
    await compare(nodes, [
      ['SAVE'],
      ['SAVE', 'x'],
      ['BGSAVE', 'x'],
      ['BGSAVE', 'SCHEDULE', 'x'],
      ['BGREWRITEAOF', 'x'],
      ['LASTSAVE', 'x'],
      ['MULTI'],
      ['SAVE'],
      ['EXEC'],
      ['SHUTDOWN', 'x'],
      ['SHUTDOWN', 'SAVE', 'NOSAVE'],
      ['SHUTDOWN', 'ABORT'],
      ['SHUTDOWN', 'ABORT', 'NOW'],
      ['MULTI'],
      ['SHUTDOWN'],
      ['EXEC'],
      ['BGSAVE'],
    ])
    await onBoth((side) => untilIdle(nodes[side]))
    await compare(nodes, [['BGSAVE', 'schedule']])
    await onBoth((side) => untilIdle(nodes[side]))
    await compare(nodes, [['BGREWRITEAOF']])
    await onBoth((side) => untilIdle(nodes[side]))
    await compare(nodes, [['MULTI'], ['BGSAVE'], ['BGREWRITEAOF'], ['EXEC']])
    await onBoth((side) => untilInfo(nodes[side], { ...IDLE, rdb_saves: '4', aof_rewrites: '2' }))
  })

  it('while a snapshot is being written', async () => {
    await compare(await startSlow(), [
      ['BGSAVE'],
      ['BGSAVE'],
      ['BGSAVE', 'SCHEDULE'],
      ['SAVE'],
      ['BGREWRITEAOF'],
      ['BGREWRITEAOF'],
      ['MULTI'],
      ['BGSAVE'],
      ['BGREWRITEAOF'],
      ['EXEC'],
    ])
  })

  it('while the append-only file is being rewritten', async () => {
    await compare(await startSlow(), [
      ['BGREWRITEAOF'],
      ['BGREWRITEAOF'],
      ['BGSAVE'],
      ['BGSAVE', 'SCHEDULE'],
      ['MULTI'],
      ['BGSAVE'],
      ['BGREWRITEAOF'],
      ['EXEC'],
    ])
  })

  it('what is scheduled follows', async () => {
    const { nodes } = await startBoth()
    await onBoth((side) => runAll(nodes[side], [['DEBUG', 'POPULATE', 2000]]))
    await compare(nodes, [['BGREWRITEAOF'], ['BGSAVE', 'SCHEDULE']])
    await onBoth((side) => untilInfo(nodes[side], { ...IDLE, rdb_saves: '1', aof_rewrites: '1' }))
    await compare(nodes, [['BGSAVE'], ['BGREWRITEAOF']])
    await onBoth((side) => untilInfo(nodes[side], { ...IDLE, rdb_saves: '2', aof_rewrites: '2' }))
  })

  it('LASTSAVE tells when', async () => {
    const node = await startIn(testFolder(), 'russet')
    const seconds = async () => Number(textOf(await node.client.send('LASTSAVE')))
    const before = Math.floor(Date.now() / 1000)
    await node.run('SAVE')
    expect(await seconds()).toBeGreaterThanOrEqual(before)
    expect(await seconds()).toBeLessThanOrEqual(Date.now() / 1000)
    expect((await persistenceInfo(node)).get('rdb_last_save_time')).toBe(String(await seconds()))
  })

  it('FLUSHALL gives up a snapshot of what is gone, which is no failure', async () => {
    const node = await startIn(testFolder(), 'russet', '--save', '3600 1')
    await runAll(node, [['DEBUG', 'POPULATE', 50_000], ['BGSAVE'], ['FLUSHALL'], ['SET', 'k', 'v']])
    await untilIdle(node)
    expect((await persistenceInfo(node)).get('rdb_last_bgsave_status')).toBe('ok')
    await untilInfo(node, { ...IDLE, rdb_saves: '1' })
    await runAll(node, [['SET', 'k', 'w']])
  })
})

describe('INFO persistence', () => {
  /** Sizes and moments, which are everybody's own. */
  const OWN = /_size|_perc$|_save_time$|_save_keys_|_cow_|_length$|_fsync$/

  /** Of how long something took only whether that is known. */
  const steady = (info: ReadonlyMap<string, string>) =>
    [...info]
      .filter(([name]) => !OWN.test(name))
      .map(([name, value]) => [name, name.endsWith('_time_sec') && value !== '-1' ? 'known' : value])

  it.each(['no', 'yes'])(
    'has the fields of redis-server in their order: appendonly %s',
    async (appendonly) => {
      const { nodes, dirs } = await startBoth(['--appendonly', appendonly])
      const look = async (on: Both<KeptServer>, ignored = /^$/) => {
        const { redis, russet } = await onBoth((side) => persistenceInfo(on[side]))
        expect([...russet.keys()]).toEqual([...redis.keys()])
        const compared = (info: typeof redis) => steady(info).filter(([name = '']) => !ignored.test(name))
        expect(compared(russet)).toEqual(compared(redis))
        expect(compared(redis).length).toBeGreaterThanOrEqual(18)
      }
      await look(nodes)
      await onBoth((side) =>
        runAll(nodes[side], [
          ['SET', 'a', '1'],
          ['INCR', 'a'],
          ['SADD', 's', 'x', 'y'],
          ['SADD', 's', 'x'],
        ]),
      )
      await look(nodes)
      await onBoth((side) => nodes[side].run('BGSAVE'))
      await onBoth((side) => untilIdle(nodes[side]))
      await onBoth((side) => rewrite(nodes[side]))
      await onBoth((side) => nodes[side].run('SET', 'k', 'v'))
      await look(nodes)
      await onBoth((side) => nodes[side].shutDown('SAVE'))
      const again = await onBoth((side) => startIn(dirs[side], side, '--appendonly', appendonly))
      // Redis counts commands of a log among them, or the base only, as it happens.
      await look(again, appendonly === 'yes' ? /^rdb_(last_load|changes)/ : /^$/)
    },
  )

  it('tells how far a snapshot is', async () => {
    const node = await startIn(testFolder(), 'russet')
    await node.run('DEBUG', 'POPULATE', 100_000)
    const [, info] = await node.client.sendMany([['BGSAVE'], ['INFO', 'persistence']])
    expect(textOf(noError(info as never))).toMatch(/rdb_bgsave_in_progress:1\r\n/)
    expect(textOf(info as never)).toMatch(/current_save_keys_total:100000\r\n/)
    expect(textOf(info as never)).toMatch(/rdb_current_bgsave_time_sec:\d+\r\n/)
    await untilIdle(node)
    expect(Object.fromEntries(await persistenceInfo(node))).toMatchObject({
      current_save_keys_processed: '0',
      rdb_last_bgsave_time_sec: expect.stringMatching(/^\d+$/),
      rdb_current_bgsave_time_sec: '-1',
    })
  })

  it('tells of the append-only file', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--appendonly', 'yes')
    await runAll(node, [['SET', 'k', 'v'.repeat(1000)]])
    const info = await persistenceInfo(node)
    const sizes = ['base.rdb', 'incr.aof'].map(
      (type) => readFileSync(join(dir, `appendonlydir/appendonly.aof.1.${type}`)).length,
    )
    expect(info.get('aof_current_size')).toBe(String((sizes[0] as number) + (sizes[1] as number)))
    expect(info.get('aof_base_size')).toBe(String(sizes[0]))
    expect(info.get('aof_buffer_length')).toBe('0')
  })
})

describe('by itself', () => {
  it('a save point writes a snapshot, which redis-server reads', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet')
    await runAll(node, [
      ['SET', 'a', '1'],
      ['RPUSH', 'l', 'x', 'y'],
    ])
    expect((await persistenceInfo(node)).get('rdb_changes_since_last_save')).toBe('3')
    await node.run('CONFIG', 'SET', 'save', '3600 1 1 3')
    await untilInfo(node, { rdb_saves: '1', rdb_changes_since_last_save: '0', rdb_last_bgsave_status: 'ok' })
    expect(node.server.logs()).toContain('3 changes in 1 seconds. Saving...')
    await node.kill()
    const redis = await startIn(dir, 'redis')
    expect(bulksOf(await redis.run('LRANGE', 'l', 0, -1))).toEqual(['x', 'y'])
  })

  it('an append-only file that has grown is rewritten', async () => {
    const dir = testFolder()
    const grow = ['--auto-aof-rewrite-percentage', '100', '--auto-aof-rewrite-min-size', '20kb']
    const node = await startIn(dir, 'russet', '--appendonly', 'yes', ...grow)
    for (let i = 0; i <= 20; i++) await node.run('SET', 'k', `${i} ${'x'.repeat(1000)}`)
    await untilInfo(node, { aof_rewrites: '1', aof_rewrite_in_progress: '0' })
    expect(node.server.logs()).toMatch(/Starting automatic rewriting of AOF on \d+% growth/)
    const info = await persistenceInfo(node)
    expect(Number(info.get('aof_base_size'))).toBeLessThan(5000)
    await node.run('SET', 'after', 'v')
    await node.kill()
    const redis = await startIn(dir, 'redis', '--appendonly', 'yes')
    expect(bulksOf(await redis.run('MGET', 'k', 'after'))).toEqual([`20 ${'x'.repeat(1000)}`, 'v'])
  })
})

describe('the append-only file, switched while the server runs', () => {
  const switchTo = (node: KeptServer, value: 'yes' | 'no') => node.run('CONFIG', 'SET', 'appendonly', value)
  /** What redis-server finds in the files. */
  const values = async (dir: string): Promise<unknown> => {
    const node = await startIn(dir, 'redis', '--appendonly', 'yes')
    return plainOf(await node.run('MGET', 'a', 'b', 'c', 'd'))
  }

  it.each(['everysec', 'always', 'no'])(
    'on: what was there before is in it too: appendfsync %s',
    async (fsync) => {
      const dir = testFolder()
      const node = await startIn(dir, 'russet', '--appendfsync', fsync)
      await runAll(node, [
        ['SET', 'a', '1'],
        ['CONFIG', 'SET', 'appendonly', 'yes'],
        ['SET', 'b', '2'],
        ['DEBUG', 'POPULATE', 1000],
      ])
      await untilIdle(node)
      await node.run('SET', 'c', '3')
      await node.kill()
      expect(await values(dir)).toEqual(['1', '2', '3', 'null bulk'])
    },
  )

  it('off, and on again', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--appendonly', 'yes')
    await node.run('SET', 'a', '1')
    await switchTo(node, 'no')
    expect((await persistenceInfo(node)).has('aof_current_size')).toBe(false)
    await node.run('SET', 'b', '2')
    await switchTo(node, 'yes')
    await untilIdle(node)
    await node.run('SET', 'c', '3')
    await node.kill()
    expect(await values(dir)).toEqual(['1', '2', '3', 'null bulk'])
  })

  it('off: later writes are not in it', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--appendonly', 'yes')
    await node.run('SET', 'a', '1')
    await switchTo(node, 'no')
    await node.run('SET', 'b', '2')
    await node.kill()
    expect(await values(dir)).toEqual(['1', 'null bulk', 'null bulk', 'null bulk'])
  })

  it.each(['everysec', 'always'])('to and fro without a pause: appendfsync %s', async (fsync) => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--appendonly', 'yes', '--appendfsync', fsync)
    const [off, on] = ['no', 'yes'].map((value) => ['CONFIG', 'SET', 'appendonly', value])
    await runAll(node, [
      ['SET', 'a', '1'],
      ...[off, on, off, on].flatMap((change, i) => [change as string[], ['SET', 'b', String(i)]]),
      ['SET', 'c', '3'],
    ])
    await untilIdle(node)
    await untilInfo(node, { aof_last_bgrewrite_status: 'ok', aof_last_write_status: 'ok' })
    await node.run('SET', 'd', '4')
    await node.kill()
    expect(await values(dir)).toEqual(['1', '3', '3', '4'])
  })

  it('SHUTDOWN at once waits until its first base is there', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet')
    await runAll(node, [
      ['DEBUG', 'POPULATE', 50_000],
      ['SET', 'a', '1'],
      ['CONFIG', 'SET', 'appendonly', 'yes'],
      ['SET', 'b', '2'],
    ])
    await node.shutDown()
    expect(await values(dir)).toEqual(['1', '2', 'null bulk', 'null bulk'])
  })

  it('appendfsync changes at once', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--appendonly', 'yes', '--appendfsync', 'no')
    await node.run('SET', 'a', '1')
    // Who waits for it has it synced all the same.
    expect(plainOf(await node.run('WAITAOF', 1, 0, 10_000))).toEqual(['1', '0'])
    await node.run('CONFIG', 'SET', 'appendfsync', 'always')
    await node.run('SET', 'b', '2')
    expect(plainOf(await node.run('WAITAOF', 1, 0, 0))).toEqual(['1', '0'])
    await node.run('CONFIG', 'SET', 'appendfsync', 'everysec')
    await node.run('SET', 'c', '3')
    expect(plainOf(await node.run('WAITAOF', 1, 0, 10_000))).toEqual(['1', '0'])
    await node.run('CONFIG', 'SET', 'appendfsync', 'no')
    await node.run('SET', 'd', '4')
    await node.kill()
    expect(await values(dir)).toEqual(['1', '2', '3', '4'])
  })
})

describe('WAITAOF', () => {
  it('counts this server and no replica', async () => {
    const node = await startIn(testFolder(), 'russet', '--appendonly', 'yes', '--appendfsync', 'always')
    await node.run('SET', 'k', 'v')
    expect(plainOf(await node.run('WAITAOF', 1, 0, 0))).toEqual(['1', '0'])
    expect(plainOf(await node.run('WAITAOF', 0, 0, 0))).toEqual(['1', '0'])
    expect(plainOf(await node.run('WAITAOF', 1, 1, 20))).toEqual(['1', '0'])
    // In a transaction it is about the writes before that.
    const inExec = await node.client.sendMany([['MULTI'], ['SET', 'k', 'w'], ['WAITAOF', 1, 0, 0], ['EXEC']])
    expect(plainOf(inExec[3] as never)).toEqual(['OK', ['1', '0']])
  })

  it('refuses what cannot come true', async () => {
    const node = await startIn(testFolder(), 'russet')
    expect(textOf(await node.client.send('WAITAOF', 1, 0, 0))).toBe(
      'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
    )
    expect(textOf(await node.client.send('WAITAOF', 2, 0, 0))).toBe(
      'ERR value is out of range, value must between 0 and 1',
    )
    expect(textOf(await node.client.send('WAITAOF', 0, 0, -1))).toBe('ERR timeout is negative')
  })
})

describe('SHUTDOWN', () => {
  it.each([
    { options: [], save: '', saves: false },
    { options: [], save: '3600 1', saves: true },
    { options: ['SAVE'], save: '', saves: true },
    { options: ['NOSAVE'], save: '3600 1', saves: false },
    { options: ['NOW', 'FORCE', 'SAVE'], save: '', saves: true },
  ])('$options with save points "$save" saves: $saves', async ({ options, save, saves }) => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--save', save)
    await runAll(node, [['SET', 'k', 'v'], ['BGSAVE']].slice(0, saves ? 2 : 1))
    await node.shutDown(...options)
    expect(existsSync(join(dir, 'dump.rdb'))).toBe(saves)
    expect(node.server.logs()).toContain('ready to exit, bye bye')
    if (saves) expect(textOf(await (await startIn(dir, 'redis')).run('GET', 'k'))).toBe('v')
  })

  it('that cannot save is refused, unless it is forced', async () => {
    const { nodes, dirs } = await startBoth(['--save', '3600 1'])
    for (const dir of Object.values(dirs)) mkdirSync(join(dir, 'dump.rdb'))
    await onBoth((side) => nodes[side].run('SET', 'k', 'v'))
    const [text] = await compare(nodes, [['SHUTDOWN'], ['SHUTDOWN', 'SAVE'], ['GET', 'k']])
    expect(text).toMatch(/^ERR Errors trying to SHUTDOWN/)
    await onBoth((side) => nodes[side].shutDown('FORCE'))
  })

  it('loses nothing that was acknowledged while it saves', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--save', '3600 1')
    await node.run('DEBUG', 'POPULATE', 100_000)
    const writer = await node.server.connect()
    const ending = node.shutDown()
    let acknowledged = 0
    while ((await writer.send('SET', 'last', acknowledged + 1)).type === 'simple') acknowledged++
    await ending
    const again = await startIn(dir, 'redis')
    const last = textOf(await again.run('GET', 'last'))
    expect(last === 'null bulk' ? 0 : Number(last)).toBeGreaterThanOrEqual(acknowledged)
  })
})

describe('signals', () => {
  it.each([
    { signal: 'SIGTERM', options: 'default', save: '3600 1', saves: true },
    { signal: 'SIGTERM', options: 'default', save: '', saves: false },
    { signal: 'SIGTERM', options: 'nosave force', save: '3600 1', saves: false },
    { signal: 'SIGINT', options: 'default', save: '3600 1', saves: true },
    { signal: 'SIGINT', options: 'save now', save: '', saves: true },
  ] as const)('$signal with "$options" and save points "$save" saves: $saves', async (given) => {
    const { signal, options, save, saves } = given
    const dir = testFolder()
    const on = [`--shutdown-on-${signal.toLowerCase()}`, ...options.split(' ')]
    const node = await startIn(dir, 'russet', '--save', save, ...on)
    await node.run('SET', 'k', 'v')
    process.kill(node.server.pid, signal)
    await node.server.whenExited
    expect(existsSync(join(dir, 'dump.rdb'))).toBe(saves)
    expect(node.server.logs()).toContain('ready to exit, bye bye')
  })

  it('the log is complete after SIGTERM, whatever appendfsync says', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--appendonly', 'yes', '--appendfsync', 'no')
    await node.run('SET', 'k', 'v')
    process.kill(node.server.pid, 'SIGTERM')
    await node.server.whenExited
    const redis = await startIn(dir, 'redis', '--appendonly', 'yes')
    expect(textOf(await redis.run('GET', 'k'))).toBe('v')
  })

  it('SIGTERM does not end a server that cannot save, unless it is forced', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--save', '3600 1')
    await node.run('SET', 'k', 'v')
    mkdirSync(join(dir, 'dump.rdb'))
    process.kill(node.server.pid, 'SIGTERM')
    await until(() => /Errors trying to shut down after SIGTERM/.test(node.server.logs()))
    expect(textOf(await node.run('GET', 'k'))).toBe('v')
    await node.run('CONFIG', 'SET', 'shutdown-on-sigterm', 'force')
    process.kill(node.server.pid, 'SIGTERM')
    await node.server.whenExited
  })
})

describe('DEBUG', () => {
  it('RELOAD with its options, as redis-server', async () => {
    const { nodes } = await startBoth()
    await compare(nodes, [
      ['SET', 'saved', '1'],
      ['DEBUG', 'RELOAD'],
      ['GET', 'saved'],
      ['SET', 'saved', '2'],
      ['SET', 'later', '1'],
      ['PEXPIREAT', 'saved', '4000000000000'],
      ['DEBUG', 'RELOAD', 'NOSAVE'],
      ['MGET', 'saved', 'later'],
      ['PTTL', 'later'],
      ['SET', 'saved', '3'],
      ['SET', 'later', '1'],
      ['DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH', 'MERGE'],
      ['MGET', 'saved', 'later'],
      ['DEL', 'saved'],
      ['DEBUG', 'RELOAD', 'noflush', 'nosave'],
      ['MGET', 'saved', 'later'],
      ['DEBUG', 'RELOAD', 'x'],
      ['SELECT', '5'],
      ['SET', 'in five', 'v'],
      ['DEBUG', 'RELOAD'],
      ['GET', 'in five'],
      ['DBSIZE'],
    ])
  })

  it.each(['yes', 'no'])('LOADAOF reads the log again: base as RDB: %s', async (preamble) => {
    const { nodes } = await startBoth(['--appendonly', 'yes', '--aof-use-rdb-preamble', preamble])
    const commands = [
      ['SET', 'a', '1'],
      ['DEBUG', 'LOADAOF'],
      ['INCR', 'a'],
      ['DEBUG', 'LOADAOF'],
      ['GET', 'a'],
    ]
    await compare(nodes, commands)
    await onBoth((side) => rewrite(nodes[side]))
    await compare(nodes, commands.slice(1))
  })

  it('RELOAD NOSAVE is there after a restart from the log', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet', '--appendonly', 'yes')
    await runAll(node, [
      ['SET', 'k', 'saved'],
      ['SAVE'],
      ['SET', 'k', 'later'],
      ['DEBUG', 'RELOAD', 'NOSAVE'],
    ])
    await node.run('APPEND', 'k', ' on')
    await node.kill()
    const again = await startIn(dir, 'redis', '--appendonly', 'yes')
    expect(textOf(await again.run('GET', 'k'))).toBe('saved on')
  })

  it('when they fail the data is as it was', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'russet')
    await node.run('SET', 'k', 'v')
    const noRdb = 'ERR Error trying to load the RDB dump, check server logs.'
    expect(textOf(await node.client.send('DEBUG', 'RELOAD', 'NOSAVE'))).toBe(noRdb)
    expect(textOf(await node.run('GET', 'k'))).toBe('v')
    mkdirSync(join(dir, 'dump.rdb'))
    expect(textOf(await node.client.send('DEBUG', 'RELOAD'))).toBe('ERR')
    expect(textOf(await node.client.send('DEBUG', 'RELOAD', 'NOSAVE'))).toBe(noRdb)
    expect(textOf(await node.client.send('DEBUG', 'LOADAOF'))).toBe(
      'ERR Error trying to load the AOF files, check server logs.',
    )
    expect(textOf(await node.run('GET', 'k'))).toBe('v')
  })
})
