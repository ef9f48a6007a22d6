/**
 * Files that cannot be read: no engine opens and no server starts. They say which file, where and why, and touch
 * none of them. Only the end of a log may be missing, where aof-load-truncated allows it; then it says how much
 * went.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEngine } from '@russet/node'
import { beforeAll, describe, expect, it } from 'vitest'
import { filesIn, runAll, startIn } from '../support/kept-server.js'
import { freePort, redisPath, startRedis } from '../support/redis-server.js'
import { bulkOf, bulksOf, plainOf, textOf } from '../support/replies.js'
import { encodeCommand } from '../support/resp-connection.js'
import { RussetCommand, testFolder } from '../support/russet-command.js'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const log = (...commands: readonly (readonly string[])[]): Buffer =>
  Buffer.concat(commands.map(encodeCommand))

/** An RDB without a checksum. */
const rdb = (content: string, version = '0010'): Buffer =>
  bytes(`REDIS${version}${content}\xff${'\0'.repeat(8)}`)

const KEY_A = '\x00\x01a\x01v'
const LOG = log(['SELECT', '0'], ['SET', 'a', '1'], ['SET', 'b', '2'])
const TRANSACTION = log(['MULTI'], ['INCR', 'a'], ['INCR', 'b'], ['EXEC'])

/** What redis-server writes, with a checksum. */
let snapshot: Buffer

beforeAll(async () => {
  const server = await startRedis()
  const client = await server.connect()
  for (const command of [
    ['SET', 'a', 'x'.repeat(100)],
    ['RPUSH', 'l', ...'abcdef'],
    ['HSET', 'h', 'f', 'v'],
    ['SAVE'],
  ])
    await client.send(...command)
  const [, dir] = bulksOf(await client.send('CONFIG', 'GET', 'dir'))
  snapshot = readFileSync(join(dir as string, 'dump.rdb'))
  await client.close()
  await server.stop()
})

type Content = Buffer | 'a folder'

/** Writes files by their names. */
function place(dir: string, files: Readonly<Record<string, Content>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(dir, name)
    mkdirSync(join(path, '..'), { recursive: true })
    if (content === 'a folder') mkdirSync(path)
    else writeFileSync(path, content)
  }
}

const part = (name: string): string => `appendonlydir/appendonly.aof.${name}`

/** An append-only file of these parts. */
function appendOnly(parts: Readonly<Record<string, Content>>): Record<string, Content> {
  const lines = Object.keys(parts).map((name) => {
    const [sequence = '', type = ''] = name.split('.')
    return `file appendonly.aof.${name} seq ${sequence} type ${type[0]}\n`
  })
  const files = Object.entries(parts).map(([name, content]) => [part(name), content])
  return { ...Object.fromEntries(files), [part('manifest')]: bytes(lines.join('')) }
}

interface Damage {
  readonly what: string
  readonly files: () => Readonly<Record<string, Content>>
  readonly args?: readonly string[]
  /** What the log says: the file, the byte and the reason. */
  readonly says: string
  /** redis-server starts with it all the same. */
  readonly redisTakesIt?: boolean
}

const flipped = (file: Buffer, at: number): Buffer => {
  const copy = Buffer.from(file)
  const index = at < 0 ? copy.length + at : at
  copy[index] = (copy[index] as number) ^ 0x55
  return copy
}

const SNAPSHOTS: readonly Damage[] = [
  {
    what: 'the end is missing',
    files: () => ({ 'dump.rdb': snapshot.subarray(0, -12) }),
    says: 'Cannot load dump.rdb: at byte ',
  },
  {
    what: 'the checksum is wrong',
    files: () => ({ 'dump.rdb': flipped(snapshot, -1) }),
    says: 'checksum',
  },
  {
    what: 'a byte of a value is another',
    files: () => ({ 'dump.rdb': flipped(snapshot, snapshot.indexOf('abc') - 3) }),
    says: 'Cannot load dump.rdb: at byte ',
  },
  {
    what: 'an unknown opcode',
    files: () => ({ 'dump.rdb': rdb(`\xfe\x00${KEY_A}\xf0`) }),
    says: 'Cannot load dump.rdb: at byte 16: ',
  },
  {
    what: 'an unknown type',
    files: () => ({ 'dump.rdb': rdb(`\xfe\x00${KEY_A}\x63\x01b\x01v`) }),
    says: 'Cannot load dump.rdb: at byte 16: ',
  },
  {
    what: 'a newer version',
    files: () => ({ 'dump.rdb': rdb(`\xfe\x00${KEY_A}`, '0099') }),
    says: 'Cannot load dump.rdb: at byte 0: ',
  },
  {
    what: 'a key twice',
    files: () => ({ 'dump.rdb': rdb(`\xfe\x00${KEY_A}${KEY_A}`) }),
    says: 'Cannot load dump.rdb: at byte 16: it has a key twice',
  },
  {
    what: 'a database too many',
    files: () => ({ 'dump.rdb': rdb(`\xfe\x00${KEY_A}\xfe\x10${KEY_A}`) }),
    says: 'Cannot load dump.rdb: at byte 16: it has a database 16, and there are 16',
  },
  {
    what: 'no RDB',
    files: () => ({ 'dump.rdb': bytes('something else') }),
    says: 'Cannot load dump.rdb: at byte 0: ',
  },
  { what: 'nothing', files: () => ({ 'dump.rdb': bytes('') }), says: 'Cannot load dump.rdb: at byte 0: ' },
  { what: 'a folder', files: () => ({ 'dump.rdb': 'a folder' }), says: 'dump.rdb' },
  {
    what: 'a newer version, where an append-only file is to begin with it',
    files: () => ({ 'dump.rdb': rdb(KEY_A, '0099') }),
    args: ['--appendonly', 'yes'],
    says: 'Cannot load dump.rdb: at byte 0: ',
    redisTakesIt: true,
  },
]

const AOF = ['--appendonly', 'yes']

const LOGS: readonly Damage[] = [
  {
    what: 'a fault in the middle',
    files: () =>
      appendOnly({ '1.base.rdb': snapshot, '1.incr.aof': Buffer.concat([LOG, bytes('garbage'), LOG]) }),
    says: `Cannot load ${part('1.incr.aof')}: at byte ${LOG.length}: `,
  },
  {
    what: 'a length that is wrong in the middle',
    files: () =>
      appendOnly({ '1.incr.aof': Buffer.concat([LOG, bytes('*2\r\n$3\r\nGET\r\n$5\r\na\r\n'), LOG]) }),
    says: `Cannot load ${part('1.incr.aof')}: at byte `,
  },
  {
    what: 'an unknown command',
    files: () => appendOnly({ '1.incr.aof': Buffer.concat([LOG, log(['NOSUCH', 'x'])]) }),
    says: `Cannot load ${part('1.incr.aof')}: at byte ${LOG.length}: unknown command 'NOSUCH'`,
  },
  {
    what: 'a transaction in a transaction',
    files: () => appendOnly({ '1.incr.aof': log(['MULTI'], ['SET', 'a', '1'], ['MULTI'], ['EXEC']) }),
    says: `Cannot load ${part('1.incr.aof')}: at byte `,
    redisTakesIt: true,
  },
  {
    what: 'the end of one that others follow is missing',
    files: () => appendOnly({ '1.incr.aof': LOG.subarray(0, -3), '2.incr.aof': LOG }),
    says: `Cannot load ${part('1.incr.aof')}: at byte ${log(['SELECT', '0'], ['SET', 'a', '1']).length}: `,
  },
  {
    what: 'the end of the last one is missing, and may not be',
    files: () => appendOnly({ '1.incr.aof': LOG.subarray(0, -3) }),
    args: ['--aof-load-truncated', 'no'],
    says: `Cannot load ${part('1.incr.aof')}: at byte ${log(['SELECT', '0'], ['SET', 'a', '1']).length}: `,
  },
  {
    what: 'the end of the base is missing',
    files: () => appendOnly({ '1.base.rdb': snapshot.subarray(0, -20), '1.incr.aof': LOG }),
    says: `Cannot load ${part('1.base.rdb')}: at byte `,
  },
  {
    what: 'the checksum of the base is wrong',
    files: () => appendOnly({ '1.base.rdb': flipped(snapshot, -2), '1.incr.aof': LOG }),
    says: `Cannot load ${part('1.base.rdb')}: at byte `,
  },
  {
    what: 'the end of a base of commands is missing',
    files: () => appendOnly({ '1.base.aof': LOG.subarray(0, -3), '1.incr.aof': LOG }),
    says: `Cannot load ${part('1.base.aof')}: at byte `,
  },
  {
    what: 'a base of a newer version',
    files: () => appendOnly({ '1.base.rdb': rdb(KEY_A, '0099'), '1.incr.aof': LOG }),
    says: `Cannot load ${part('1.base.rdb')}: at byte 0: `,
  },
  {
    what: 'a part is missing',
    files: () => {
      const { [part('1.base.rdb')]: _, ...others } = appendOnly({ '1.base.rdb': snapshot, '1.incr.aof': LOG })
      return others
    },
    says: `Cannot load ${part('manifest')}: at byte 0: the file appendonly.aof.1.base.rdb that it names does not exist`,
  },
  {
    what: 'a part is a folder',
    files: () => appendOnly({ '1.base.rdb': snapshot, '1.incr.aof': 'a folder' }),
    says: 'appendonly.aof.1.incr.aof',
  },
  {
    what: 'the manifest says something else',
    files: () => ({
      ...appendOnly({ '1.incr.aof': LOG }),
      [part('manifest')]: bytes('files are in the cupboard\n'),
    }),
    says: `Cannot load ${part('manifest')}: at byte 0: `,
  },
  {
    what: 'the manifest is empty',
    files: () => ({ ...appendOnly({ '1.incr.aof': LOG }), [part('manifest')]: bytes('') }),
    says: `Cannot load ${part('manifest')}: at byte 0: `,
  },
  {
    what: 'the manifest is a folder',
    files: () => ({ ...appendOnly({ '1.incr.aof': LOG }), [part('manifest')]: 'a folder' }),
    says: part('manifest'),
  },
  { what: 'the folder is a file', files: () => ({ appendonlydir: bytes('x') }), says: part('manifest') },
  {
    what: 'an old single file with a fault in the middle',
    files: () => ({ 'appendonly.aof': Buffer.concat([LOG, bytes('garbage'), LOG]) }),
    says: `Cannot load appendonly.aof: at byte ${LOG.length}: `,
  },
]

/** Whether redis-server gives up starting there. */
function redisRefuses(dir: string, args: readonly string[], patienceMs: number): boolean {
  const copy = testFolder()
  cpSync(dir, copy, { recursive: true })
  const listen = ['--port', '0', '--unixsocket', join(copy, 'socket'), '--dir', copy, '--save', '']
  // One that starts is killed.
  return (
    spawnSync(redisPath(), [...listen, ...args], { timeout: patienceMs, killSignal: 'SIGKILL' }).signal !==
    'SIGKILL'
  )
}

/** What an engine in this process says when it is to read that. */
async function openingError(dir: string, args: readonly string[]): Promise<string> {
  const config: Record<string, string> = { appendonly: 'no' }
  for (let i = 0; i < args.length; i += 2) config[(args[i] as string).slice(2)] = args[i + 1] as string
  try {
    const engine = await openEngine(dir, config)
    await engine.close()
    return 'it opens'
  } catch (error) {
    return (error as Error).message
  }
}

/** What the server says before it ends. */
async function startError(dir: string, args: readonly string[]): Promise<string> {
  const options = ['--port', String(await freePort()), '--bind', '127.0.0.1', '--dir', dir]
  const server = new RussetCommand([...options, '--save', '3600 1', ...args])
  expect(await server.waitForEnd()).toEqual({ code: 1, signal: null })
  expect(server.output).not.toMatch(/Ready to accept|\bat .*\.js/)
  return /Fatal error loading the data: (.*)\. Exiting\.\n/.exec(server.output)?.[1] ?? server.output
}

async function expectRefusal(
  { files, args = [], says, redisTakesIt = false }: Damage,
  read = openingError,
): Promise<void> {
  const dir = testFolder()
  place(dir, files())
  const before = filesIn(dir)
  // One that is to start is not waited for long; on a busy machine the end of the others may take its time.
  expect(redisRefuses(dir, args, redisTakesIt ? 1000 : 15_000)).toBe(!redisTakesIt)
  const message = await read(dir, args)
  expect(message).toContain(says)
  expect(message).toMatch(/^Cannot load \S+: at byte \d+: \S/)
  expect(filesIn(dir)).toEqual(before)
}

/** Some of many: the server does no more than to open an engine. */
const SERVED = ['the checksum is wrong', 'a newer version', 'a fault in the middle', 'a part is missing']
const servedOf = (damages: readonly Damage[]) => damages.filter(({ what }) => SERVED.includes(what))

const WITH_AOF = LOGS.map((damage) => ({ ...damage, args: [...AOF, ...(damage.args ?? [])] }))

describe('a snapshot that cannot be read', () => {
  it.each(SNAPSHOTS)('$what', (damage) => expectRefusal(damage))
  it.each(servedOf(SNAPSHOTS))('stops the server: $what', (damage) => expectRefusal(damage, startError))
})

describe('an append-only file that cannot be read', () => {
  it.each(WITH_AOF)('$what', (damage) => expectRefusal(damage))
  it.each(servedOf(WITH_AOF))('stops the server: $what', (damage) => expectRefusal(damage, startError))
})

it('files that may not be read are no empty beginning', async () => {
  const dir = testFolder()
  // Links to themselves cannot be followed, not by root either.
  spawnSync('ln', ['-s', 'dump.rdb', join(dir, 'dump.rdb')])
  spawnSync('ln', ['-s', 'appendonlydir', join(dir, 'appendonlydir')])
  for (const args of [[], AOF])
    expect(await openingError(dir, args)).toMatch(
      /^Cannot load (dump\.rdb|appendonlydir\/\S+): at byte 0: Too many .*links/,
    )
})

describe('the end of the last log', () => {
  it.each([
    ['within a command', log(['SET', 'b', '3']).subarray(0, -3)],
    ['within the first byte of one', bytes('*')],
    ['within a transaction', TRANSACTION.subarray(0, -30)],
    ['before EXEC', TRANSACTION.subarray(0, -log(['EXEC']).length)],
  ])('is cut off where it ends %s, and it goes on behind that', async (_, tail) => {
    const dir = testFolder()
    place(dir, appendOnly({ '1.incr.aof': Buffer.concat([LOG, tail]) }))
    const first = await startIn(dir, 'russet', ...AOF)
    expect(first.server.logs()).toContain(
      `the last ${tail.length} bytes are cut off, it is valid up to byte ${LOG.length}`,
    )
    expect(bulksOf(await first.run('MGET', 'a', 'b'))).toEqual(['1', '2'])
    expect(readFileSync(join(dir, part('1.incr.aof')))).toEqual(LOG)
    await first.run('SET', 'c', '3')
    await first.kill()
    const redis = await startIn(dir, 'redis', ...AOF, '--aof-load-truncated', 'no')
    expect(bulksOf(await redis.run('MGET', 'a', 'b', 'c'))).toEqual(['1', '2', '3'])
  })

  it('is whole where only an empty log follows', async () => {
    const dir = testFolder()
    place(
      dir,
      appendOnly({ '1.base.rdb': snapshot, '1.incr.aof': LOG.subarray(0, -3), '2.incr.aof': bytes('') }),
    )
    const node = await startIn(dir, 'russet', ...AOF)
    expect(plainOf(await node.run('MGET', 'a', 'b'))).toEqual(['1', 'null bulk'])
    await node.run('SET', 'c', '3')
    await node.kill()
    // What is behind the cut must not come back to life, now that something follows.
    const again = await startIn(dir, 'russet', ...AOF)
    expect(plainOf(await again.run('MGET', 'a', 'b', 'c'))).toEqual(['1', 'null bulk', '3'])
  })
})

describe('an append-only file that begins on a server with a snapshot', () => {
  it('has what is in it, other than that of redis-server', async () => {
    const dir = testFolder()
    writeFileSync(join(dir, 'dump.rdb'), snapshot)
    const first = await startIn(dir, 'russet', ...AOF)
    expect(bulksOf(await first.run('LRANGE', 'l', 0, -1))).toEqual([...'abcdef'])
    await first.run('RPUSH', 'l', 'g')
    await first.kill()
    rmSync(join(dir, 'dump.rdb'))
    const redis = await startIn(dir, 'redis', ...AOF)
    expect(bulksOf(await redis.run('LRANGE', 'l', 0, -1))).toEqual([...'abcdefg'])
  })

  it('is what counts from then on', async () => {
    const dir = testFolder()
    const first = await startIn(dir, 'russet', ...AOF)
    await runAll(first, [['SET', 'k', 'in the log']])
    await first.kill()
    writeFileSync(join(dir, 'dump.rdb'), snapshot)
    const again = await startIn(dir, 'russet', ...AOF)
    expect(bulkOf(await again.run('GET', 'k'))).toBe('in the log')
    expect(textOf(await again.run('DBSIZE'))).toBe('1')
  })
})
