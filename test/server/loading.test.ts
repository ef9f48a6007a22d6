/**
 * While a server reads its data in: what it answers, beside redis-server, and that an end at that time changes no
 * file. The files are so large that reading takes seconds, of which each test needs a moment.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { persistenceInfo, until } from '../support/kept-server.js'
import { freePort, redisPath } from '../support/redis-server.js'
import { textOf } from '../support/replies.js'
import { encodeCommand, RespConnection } from '../support/resp-connection.js'
import type { Reply } from '../support/resp-reader.js'
import { connectTo, RussetCommand, testFolder } from '../support/russet-command.js'

const COMMANDS = 3_000_000
const KEYS = 3_000_000

/** A log of the same command again and again. */
function writeLog(dir: string): string {
  mkdirSync(join(dir, 'appendonlydir'))
  const name = 'appendonlydir/appendonly.aof.1.incr.aof'
  const command = encodeCommand(['SET', 'key', 'value'])
  writeFileSync(join(dir, name), Buffer.alloc(COMMANDS * command.length, command))
  writeFileSync(
    join(dir, 'appendonlydir/appendonly.aof.manifest'),
    'file appendonly.aof.1.incr.aof seq 1 type i\n',
  )
  return name
}

/** A snapshot of many small keys. */
function writeSnapshot(dir: string): string {
  const head = Buffer.from('REDIS0010\xfe\x00', 'latin1')
  const entry = Buffer.from('\x00\x07\0\0\0\0\0\0\0\x01v', 'latin1')
  const file = Buffer.alloc(head.length + KEYS * entry.length + 9)
  head.copy(file)
  for (let i = 0; i < KEYS; i++) {
    const at = head.length + i * entry.length
    entry.copy(file, at)
    // The key is the number in decimal.
    file.write(String(1_000_000 + i), at + 2, 'latin1')
  }
  file[file.length - 9] = 0xff
  writeFileSync(join(dir, 'dump.rdb'), file)
  return 'dump.rdb'
}

const FILES = {
  'a log': { write: writeLog, args: ['--appendonly', 'yes'] },
  'a snapshot': { write: writeSnapshot, args: [] },
} as const

async function optionsFor(dir: string, args: readonly string[]) {
  const port = await freePort()
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '3600 1']
  return { port, options: [...options, '--enable-debug-command', 'yes', ...args] }
}

/** redis-server, which takes its time with each key. */
async function startSlowRedis(dir: string, args: readonly string[]): Promise<RespConnection> {
  const { port, options } = await optionsFor(dir, args)
  const slow = ['--key-load-delay', '50', '--loading-process-events-interval-bytes', '1024']
  const child = spawn(redisPath(), [...options, ...slow], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  let connection: RespConnection | undefined
  await until(async () => {
    connection = await RespConnection.open({ port }).catch(() => undefined)
    return connection !== undefined
  })
  onTestFinished(() => connection?.close())
  return connection as RespConnection
}

describe.each(['a log', 'a snapshot'] as const)('while %s is read in', (kind) => {
  const { write, args } = FILES[kind]
  let dir: string
  let file: string
  let bytes: number
  beforeEach(() => {
    dir = testFolder()
    file = write(dir)
    bytes = statSync(join(dir, file)).size
  })

  /** A server that is at it. */
  async function startRusset(): Promise<{ server: RussetCommand; client: RespConnection }> {
    const { port, options } = await optionsFor(dir, args)
    const server = new RussetCommand(options)
    await server.waitFor(/Server initialized/)
    return { server, client: await connectTo({ port }) }
  }

  /** The server has ended in peace, and no file has changed. */
  async function expectUntouched(server: RussetCommand): Promise<void> {
    expect(await server.waitForEnd()).toEqual({ code: 0, signal: null })
    expect(server.output).not.toContain('Ready to accept')
    expect(statSync(join(dir, file)).size).toBe(bytes)
    expect(existsSync(join(dir, 'dump.rdb'))).toBe(kind === 'a snapshot')
  }

  it('commands are answered as redis-server answers them', async () => {
    const redis = await startSlowRedis(dir, args)
    const { server, client } = await startRusset()
    const commands = [
      ['PING'],
      ['GET', 'key'],
      ['SET', 'key', 'v'],
      ['SELECT', '1'],
      ['BGSAVE'],
      ['SAVE'],
      ['BGREWRITEAOF'],
      ['ECHO', 'x'],
      ['CONFIG', 'GET', 'save'],
      ['MULTI'],
      ['GET', 'key'],
      ['EXEC'],
      ['NOSUCH'],
    ]
    const [theirs, ours] = await Promise.all([redis.sendMany(commands), client.sendMany(commands)])
    const raws = (replies: readonly Reply[]) =>
      replies.map(({ raw }, i) => `${commands[i]?.join(' ')}: ${raw}`)
    expect(raws(ours)).toEqual(raws(theirs))
    expect(textOf(ours[1] as Reply)).toBe('LOADING Redis is loading the dataset in memory')

    let our = await persistenceInfo({ client })
    await until(async () => {
      our = await persistenceInfo({ client })
      return Number(our.get('loading_loaded_bytes')) > 0
    })
    const their = await persistenceInfo({ client: redis })
    expect([...our.keys()]).toEqual([...their.keys()])
    expect(our.get('loading')).toBe('1')
    expect(our.get('loading_total_bytes')).toBe(String(bytes))
    const loaded = Number(our.get('loading_loaded_bytes'))
    expect(loaded).toBeLessThan(bytes)
    expect(Number(our.get('loading_loaded_perc'))).toBeCloseTo((100 * loaded) / bytes, 1)
    expect(Number(our.get('loading_eta_seconds'))).toBeGreaterThanOrEqual(0)
    expect(Math.abs(Number(our.get('loading_start_time')) - Date.now() / 1000)).toBeLessThan(60)
    expect(server.output).not.toContain('Ready to accept')
  })

  it('DEBUG RELOAD saves no half of it', async () => {
    const { server, client } = await startRusset()
    const replies = await client.sendMany([
      ['DEBUG', 'RELOAD'],
      ['DEBUG', 'RELOAD', 'NOSAVE'],
      ['DEBUG', 'LOADAOF'],
    ])
    for (const reply of replies.slice(0, 2)) expect(textOf(reply)).toMatch(/^LOADING /)
    expect(textOf(replies[2] as Reply)).toMatch(/^(LOADING|ERR) /)
    expect((await client.send('SHUTDOWN')).type).toBe('closed')
    await expectUntouched(server)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends the server at once', async (signal) => {
    const { server } = await startRusset()
    server.signal(signal)
    await expectUntouched(server)
  })
})
