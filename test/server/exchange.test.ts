/**
 * Files exchanged with the real redis-server: what one of the two has written the other goes on with. Snapshots
 * and whole append-only files, in both directions and back again, with keys of every type and size.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS_OF_A_LOG, dataOfEverySize } from '../support/data-of-every-size.js'
import { factsOf, type KeptServer, rewrite, runAll, startIn, until } from '../support/kept-server.js'
import { bulksOf, plainOf, textOf } from '../support/replies.js'
import { encodeCommand } from '../support/resp-connection.js'
import { testFolder } from '../support/russet-command.js'
import { SIDES } from '../support/server-pair.js'

const other = { redis: 'russet', russet: 'redis' } as const

/** With the encodings as they are after a load, since both decide on them anew there. */
async function loadedFactsOf(node: KeptServer) {
  await node.run('DEBUG', 'RELOAD')
  return factsOf(node)
}

/** As its own files give the data back to it: Redis does not log all that a stream says of its groups. */
async function replayedFactsOf(node: KeptServer) {
  await node.run('DEBUG', 'LOADAOF')
  return factsOf(node)
}

describe.each(SIDES)('a snapshot that %s has written', (writer) => {
  const reader = other[writer]

  it.each([
    ['compressed', []],
    ['not compressed, without a checksum', ['--rdbcompression', 'no', '--rdbchecksum', 'no']],
  ])(`is read by ${reader}, and what that writes by ${writer}: %s`, async (_, settings) => {
    const dir = testFolder()
    const first = await startIn(dir, writer, ...settings)
    await runAll(first, dataOfEverySize())
    await runAll(first, COMMANDS_OF_A_LOG)
    const facts = await loadedFactsOf(first)
    expect(Object.keys(facts.keys).length).toBeGreaterThan(120)
    await first.shutDown('SAVE')

    const second = await startIn(dir, reader, ...settings)
    expect(await factsOf(second)).toEqual(facts)
    await second.run('SET', 'one more', 'by the reader')
    const more = await factsOf(second)
    await second.shutDown('SAVE')

    const third = await startIn(dir, writer, ...settings)
    expect(await factsOf(third)).toEqual(more)
  })

  it.each([
    ['allkeys-lru', 'IDLETIME', 500],
    ['allkeys-lfu', 'FREQ', 90],
  ])('tells when and how often keys were used: %s', async (policy, option, use) => {
    const dir = testFolder()
    const settings = ['--maxmemory-policy', policy, '--lfu-decay-time', '0']
    const first = await startIn(dir, writer, ...settings)
    await first.run('SET', 'source', 'v')
    const payload = textOf(await first.run('DUMP', 'source'))
    await first.run('RESTORE', 'key', 0, payload, option, use)
    await first.shutDown('SAVE')
    const second = await startIn(dir, reader, ...settings)
    const found = Number(textOf(await second.run('OBJECT', option, 'key')))
    expect(found).toBeGreaterThanOrEqual(use)
    expect(found).toBeLessThan(use + 10)
  })
})

it('forms that only some settings of redis-server give are read: compressed and plain nodes of lists', async () => {
  const dir = testFolder()
  const first = await startIn(dir, 'redis', '--list-compress-depth', '1')
  await first.run('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '100b')
  const items = Array.from({ length: 300 }, (_, i) => `item ${i} `.repeat((i % 20) + 1))
  await runAll(first, [
    ['RPUSH', 'plain', ...items],
    ['CONFIG', 'SET', 'list-max-listpack-size', '5'],
    ['RPUSH', 'short', ...items],
  ])
  const facts = await factsOf(first)
  await first.shutDown('SAVE')
  expect(await factsOf(await startIn(dir, 'russet'))).toEqual(facts)
})

it('libraries of functions come through, though nobody here can call them', async () => {
  const dir = testFolder()
  const code = "#!lua name=lib\nredis.register_function('f', function() return 'called' end)"
  const first = await startIn(dir, 'redis')
  await first.run('FUNCTION', 'LOAD', code)
  await first.shutDown('SAVE')
  const second = await startIn(dir, 'russet', '--appendonly', 'yes', '--aof-use-rdb-preamble', 'no')
  await second.run('SET', 'k', 'v')
  await second.shutDown('SAVE')
  const third = await startIn(dir, 'redis', '--appendonly', 'yes')
  expect(textOf(await third.run('FCALL', 'f', 0))).toBe('called')
  await third.kill()
  rmSync(join(dir, 'appendonlydir'), { recursive: true })
  const fourth = await startIn(dir, 'redis')
  expect(textOf(await fourth.run('FCALL', 'f', 0))).toBe('called')
})

describe.each(SIDES)('an append-only file that %s has begun', (writer) => {
  const reader = other[writer]
  const settings = (preamble: string) => [
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--aof-timestamp-enabled', 'yes'],
    ...['--aof-use-rdb-preamble', preamble, '--auto-aof-rewrite-percentage', '0'],
  ]

  it.each(['yes', 'no'])(`goes on with ${reader}, and so on in turn: base as RDB: %s`, async (preamble) => {
    const dir = testFolder()
    const args = settings(preamble)
    const base = preamble === 'yes' ? 'rdb' : 'aof'
    const first = await startIn(dir, writer, ...args)
    // Without a rewrite: the data is in the log alone.
    await runAll(first, dataOfEverySize())
    await runAll(first, COMMANDS_OF_A_LOG)
    const facts = await replayedFactsOf(first)
    await first.kill()
    expect(textOfParts(dir)).toMatch(/#TS:\d{10}\r\n/)

    const second = await startIn(dir, reader, ...args)
    expect(await replayedFactsOf(second)).toEqual(facts)
    // Now most of it is in a base.
    await rewrite(second)
    await runAll(second, [
      ['FLUSHDB'],
      ...dataOfEverySize(),
      ['DEL', 'string 1', 'list of one'],
      ['PEXPIREAT', 'set of 1', '4000000000000'],
    ])
    await rewrite(second)
    await rewrite(second)
    await runAll(second, COMMANDS_OF_A_LOG)
    const more = await replayedFactsOf(second)
    await second.kill()
    expect(partsOf(dir)).toEqual([
      expect.stringMatching(`base\\.${base}$`),
      expect.stringMatching('incr.aof$'),
    ])

    const third = await startIn(dir, writer, ...args)
    expect(await replayedFactsOf(third)).toEqual(more)
    await rewrite(third)
    await runAll(third, [
      ['RPUSH', 'list of many nodes', 'last'],
      ['SELECT', 9],
      ['SET', 'k', 'v'],
      ['SELECT', 0],
    ])
    const most = await replayedFactsOf(third)
    await third.shutDown('NOSAVE')

    const fourth = await startIn(dir, reader, ...args)
    expect(await replayedFactsOf(fourth)).toEqual(most)
  })
})

/** What the manifest names, in its order. */
function partsOf(dir: string): string[] {
  const manifest = readFileSync(join(dir, 'appendonlydir/appendonly.aof.manifest'), 'latin1')
  return manifest
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[1] as string)
}

function textOfParts(dir: string): string {
  return partsOf(dir)
    .map((name) => readFileSync(join(dir, 'appendonlydir', name), 'latin1'))
    .join('')
}

it('a rewrite that a kill has interrupted leaves several logs, which both read', async () => {
  const dir = testFolder()
  const args = ['--appendonly', 'yes', '--rdb-key-save-delay', '10000000', '--rdbcompression', 'no']
  const first = await startIn(dir, 'redis', ...args)
  await first.run('SET', 'a', '1')
  await first.run('BGREWRITEAOF')
  await first.run('SET', 'b', '2')
  await first.kill()
  expect(partsOf(dir).filter((name) => name.includes('.incr.'))).toHaveLength(2)

  const second = await startIn(dir, 'russet', '--appendonly', 'yes')
  expect(bulksOf(await second.run('MGET', 'a', 'b'))).toEqual(['1', '2'])
  await second.run('SET', 'c', '3')
  const facts = await factsOf(second)
  await second.kill()
  expect(partsOf(dir).filter((name) => name.includes('.incr.'))).toHaveLength(2)
  const third = await startIn(dir, 'redis', '--appendonly', 'yes')
  expect(await factsOf(third)).toEqual(facts)
})

describe('fields of hashes that expire', () => {
  const LATER_MS = 4_000_000_000_000
  const fields = (count: number): string[] => Array.from({ length: count }, (_, i) => `field ${i}`)
  const commands = [3, 512, 513, 1500].flatMap((count) => [
    ['HSET', `hash of ${count}`, ...fields(count).flatMap((field, i) => [field, `value ${i}`])],
    ['HPEXPIREAT', `hash of ${count}`, LATER_MS + count, 'FIELDS', 2, 'field 0', 'field 1'],
    ['PEXPIREAT', `hash of ${count}`, LATER_MS],
  ])

  const expiries = async (node: KeptServer) => {
    const times = [3, 512, 513, 1500].map((count) =>
      node.run('HPEXPIRETIME', `hash of ${count}`, 'FIELDS', 3, 'field 0', 'field 1', 'field 2'),
    )
    return (await Promise.all(times)).map(plainOf)
  }

  it.each([
    ['a snapshot', []],
    ['a log', ['--appendonly', 'yes']],
    ['a base of commands', ['--appendonly', 'yes', '--aof-use-rdb-preamble', 'no']],
    ['a base that is an RDB', ['--appendonly', 'yes', '--aof-use-rdb-preamble', 'yes']],
  ])('come back from %s', async (where, args) => {
    const dir = testFolder()
    const first = await startIn(dir, 'russet', ...args)
    await runAll(first, commands)
    if (where.includes('base')) await rewrite(first)
    const facts = await factsOf(first)
    const times = await expiries(first)
    expect(times[2]).toEqual([`${LATER_MS + 513}`, `${LATER_MS + 513}`, '-1'])
    if (where === 'a snapshot') await first.shutDown('SAVE')
    else await first.kill()
    const second = await startIn(dir, 'russet', ...args)
    expect(await factsOf(second)).toEqual(facts)
    expect(await expiries(second)).toEqual(times)
  })

  it('make a file that redis-server 7.0 refuses, and without them it takes it', async () => {
    const dir = testFolder()
    const first = await startIn(dir, 'russet')
    await runAll(first, commands)
    await first.run('SAVE')
    expect(readFileSync(join(dir, 'dump.rdb'), 'latin1').slice(0, 9)).toBe('REDIS0012')
    await expect(startIn(dir, 'redis')).rejects.toThrow("Can't handle RDB format version 12")
    await runAll(
      first,
      [3, 512, 513, 1500].map((count) => ['HPERSIST', `hash of ${count}`, 'FIELDS', 2, 'field 0', 'field 1']),
    )
    const facts = await loadedFactsOf(first)
    await first.shutDown('SAVE')
    expect(await factsOf(await startIn(dir, 'redis'))).toEqual(facts)
  })
})

describe('the single file of versions before 7', () => {
  const LOG = [
    ['SELECT', '0'],
    ['SET', 'a', '1'],
    ['MULTI'],
    ['RPUSH', 'l', 'x', 'y'],
    ['INCR', 'a'],
    ['EXEC'],
  ]
  const logText = Buffer.concat(LOG.map(encodeCommand))

  /** What is in a snapshot of redis-server. */
  async function preamble(dir: string): Promise<Buffer> {
    const node = await startIn(dir, 'redis')
    await runAll(node, dataOfEverySize())
    await node.shutDown('SAVE')
    const file = join(dir, 'dump.rdb')
    const bytes = readFileSync(file)
    rmSync(file)
    return bytes
  }

  it.each([
    ['of commands', false, 'appendonly.aof'],
    ['that begins with an RDB', true, 'appendonly.aof'],
    ['of another name', false, 'other.log'],
  ])('%s is taken over as redis-server does it', async (_, withPreamble, name) => {
    const [ours, theirs] = [testFolder(), testFolder()]
    const content = withPreamble ? Buffer.concat([await preamble(theirs), logText]) : logText
    const args = ['--appendonly', 'yes', '--appendfilename', name]
    for (const dir of [ours, theirs]) writeFileSync(join(dir, name), content)
    const expected = await factsOf(await startIn(theirs, 'redis', ...args))
    const first = await startIn(ours, 'russet', ...args)
    expect(await factsOf(first)).toEqual(expected)
    expect(existsSync(join(ours, name))).toBe(false)
    expect(existsSync(join(ours, 'appendonlydir', `${name}.manifest`))).toBe(true)
    await first.run('SET', 'more', 'v')
    const more = await factsOf(first)
    await first.kill()
    const second = await startIn(ours, 'redis', ...args)
    expect(await factsOf(second)).toEqual(more)
  })

  it('with its end missing loses that and says so', async () => {
    const dir = testFolder()
    const file = join(dir, 'appendonly.aof')
    writeFileSync(file, logText.subarray(0, -10))
    const node = await startIn(dir, 'russet', '--appendonly', 'yes')
    expect(bulksOf(await node.run('MGET', 'a'))).toEqual(['1'])
    const valid = Buffer.concat(LOG.slice(0, 2).map(encodeCommand)).length
    expect(node.server.logs()).toContain(`the last ${logText.length - 10 - valid} bytes are cut off`)
  })

  it('is not looked at where there is an append-only file of several parts', async () => {
    const dir = testFolder()
    const first = await startIn(dir, 'russet', '--appendonly', 'yes')
    await first.run('SET', 'a', 'of the new one')
    await first.kill()
    writeFileSync(join(dir, 'appendonly.aof'), logText)
    const second = await startIn(dir, 'russet', '--appendonly', 'yes')
    expect(textOf(await second.run('GET', 'a'))).toBe('of the new one')
  })
})

it('names of files and folders follow the settings', async () => {
  const dir = testFolder()
  const names = ['--dbfilename', 'my.rdb', '--appenddirname', 'my folder', '--appendfilename', 'my log']
  const first = await startIn(dir, 'redis', '--appendonly', 'yes', ...names)
  await first.run('SET', 'k', 'v')
  await first.run('SAVE')
  await first.kill()
  const second = await startIn(dir, 'russet', '--appendonly', 'yes', ...names)
  expect(textOf(await second.run('GET', 'k'))).toBe('v')
  await rewrite(second)
  await second.run('SET', 'k', 'w')
  await second.shutDown('SAVE')
  expect(readdirSync(dir).sort()).toEqual(['my folder', 'my.rdb'])
  const third = await startIn(dir, 'redis', '--appendonly', 'yes', ...names)
  expect(textOf(await third.run('GET', 'k'))).toBe('w')
  await third.kill()
  renameSync(join(dir, 'my folder'), join(dir, 'away'))
  const fourth = await startIn(dir, 'redis', ...names)
  await until(async () => textOf(await fourth.client.send('GET', 'k')) === 'w')
})
