/** Redis's own tools, unmodified, against the built server. */
import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodeCommand } from '../support/resp-connection.js'
import { connectTo, type StartedRusset, startRussetCommand } from '../support/russet-command.js'

const run = promisify(execFile)

/** redis-cli with these arguments: what it prints. */
async function cli(server: StartedRusset, args: readonly string[], input?: string | Buffer): Promise<string> {
  const promise = run('redis-cli', ['-p', String(server.port), ...args], {
    timeout: 30_000,
    encoding: 'latin1',
  })
  if (input !== undefined) promise.child.stdin?.end(input)
  return (await promise).stdout
}

describe('redis-cli', () => {
  it('a session through a pipe', async () => {
    const server = await startRussetCommand()
    const session = 'SET greeting "hello\\nworld"\nGET greeting\nINCR n\nNOSUCH\nRPUSH l a b\nLRANGE l 0 -1\n'
    expect(await cli(server, [], session)).toBe(
      "OK\nhello\nworld\n1\nERR unknown command 'NOSUCH', with args beginning with: \n\n2\na\nb\n",
    )
    expect(await cli(server, ['-3', '--no-raw', 'HELLO', '3'])).toMatch(/1# "server" => "redis"/)
  })

  it('--pipe inserts a mass of commands', async () => {
    const server = await startRussetCommand()
    const commands = Array.from({ length: 20_000 }, (_, i) =>
      encodeCommand(['SET', `key:${i}`, `value:${i}`]),
    )
    const output = await cli(server, ['--pipe'], Buffer.concat(commands))
    expect(output).toContain('errors: 0, replies: 20000')
    expect(await cli(server, ['DBSIZE'])).toBe('20000\n')
  })

  it('--scan, --bigkeys and --memkeys walk all keys', async () => {
    const server = await startRussetCommand()
    const client = await connectTo(server)
    const sets = Array.from({ length: 3000 }, (_, i) => ['SET', `key:${i}`, i] as const)
    await client.sendMany([
      ...sets,
      ['RPUSH', 'list', ...Array.from({ length: 500 }, (_, i) => i)],
      ['HSET', 'hash', 'f', 'v'],
    ])
    const scanned = (await cli(server, ['--scan', '--pattern', 'key:*'])).trimEnd().split('\n')
    expect(new Set(scanned).size).toBe(3000)
    const bigkeys = await cli(server, ['--bigkeys'])
    expect(bigkeys).toMatch(/Biggest +list found '"list"' has 500 items/)
    expect(bigkeys).toContain('3002 keys')
    expect(await cli(server, ['--memkeys'])).toMatch(/Biggest +list found '"list"' has \d+ bytes/)
  })

  it('--stat and --latency print figures', async () => {
    const server = await startRussetCommand()
    // It goes on until it is stopped, and what it prints comes some kilobytes at a time.
    const stat = spawn('redis-cli', ['-p', String(server.port), '--stat', '-i', '0.005'])
    onTestFinished(() => void stat.kill())
    let output = ''
    stat.stdout.on('data', (bytes) => {
      output += String(bytes)
    })
    await expect.poll(() => output, { timeout: 5000 }).toMatch(/keys +mem +clients[^\n]*\n0 +[\d.]+[KM]/)
    expect(await cli(server, ['--raw', '--latency', '-i', '0.3'])).toMatch(/^\d+ [\d.]+ [\d.]+ \d+/)
  })

  it('repeats commands and prints CSV', async () => {
    const server = await startRussetCommand()
    expect(await cli(server, ['-r', '3', 'INCR', 'n'])).toBe('1\n2\n3\n')
    expect(await cli(server, ['--csv', 'MGET', 'n', 'none'])).toBe('"3",NULL\n')
  })

  it('SHUTDOWN NOSAVE ends the server', async () => {
    const server = await startRussetCommand()
    await cli(server, ['SHUTDOWN', 'NOSAVE'])
    expect(await server.waitForEnd()).toEqual({ code: 0, signal: null })
  })
})

describe('redis-benchmark', () => {
  it.each([
    ['one command at a time', ['-P', '1']],
    ['pipelined', ['-P', '16']],
    ['in RESP3', ['-P', '4', '-3']],
  ])('runs its default tests through, %s', async (_, options) => {
    const server = await startRussetCommand()
    const args = ['-p', String(server.port), '-n', '2000', '-c', '20', '--csv', ...options]
    const child = spawn('redis-benchmark', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)))
    const code = await new Promise((done) => child.on('close', done))
    expect(output).not.toMatch(/error/i)
    expect(code).toBe(0)
    for (const test of [
      'PING_INLINE',
      'SET',
      'GET',
      'ZPOPMIN',
      'LRANGE_600 (first 600 elements)',
      'MSET (10 keys)',
    ])
      expect(output).toContain(`"${test}","`)
    expect(server.output).not.toMatch(/[Uu]nexpected/)
  })
})
