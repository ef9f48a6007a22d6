/** The russet-server command: its command line, configuration, log lines, signals and exit codes. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort, RUSSET_SERVER } from '../support/redis-server.js'
import { connectTo, RussetCommand, startRussetCommand, testFolder } from '../support/russet-command.js'

const LINE = /^(\d+):[CM] \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} [.*#-] (.*)$/

/** The messages of the log; every line has to be one of Redis's form, from one process. */
function messagesOf({ output, pid }: RussetCommand): string[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, linePid, message] = line.match(LINE) ?? []
      expect(message, `a line of the log: ${line}`).toBeDefined()
      expect(Number(linePid)).toBe(pid)
      return message as string
    })
}

describe('starting', () => {
  it('logs the lines that tools wait for', async () => {
    const server = await startRussetCommand()
    expect(messagesOf(server).slice(-2)).toEqual(['Server initialized', 'Ready to accept connections tcp'])
    expect(await (await connectTo(server)).send('PING')).toMatchObject({ type: 'simple', value: 'PONG' })
  })

  it('on a port that is in use ends with one clear line and 1', async () => {
    const other = createServer()
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
    onTestFinished(() => void other.close())
    const { port } = other.address() as { port: number }
    const command = new RussetCommand(['--port', String(port), '--bind', '127.0.0.1'])
    expect(await command.waitForEnd()).toEqual({ code: 1, signal: null })
    const messages = messagesOf(command)
    expect(messages.at(-1)).toBe(`Failed listening on 127.0.0.1:${port}: Address already in use, aborting.`)
    expect(messages.filter((message) => /listening|in use/.test(message))).toHaveLength(1)
    expect(command.output).not.toMatch(/\bat .*\.js/)
  })

  it.each(['-v', '--version'])('%s prints the version', (option) => {
    const text = execFileSync(process.execPath, [RUSSET_SERVER, option], { encoding: 'utf8' })
    expect(text).toMatch(/^Russet server v=\d+\.\d+\.\d+ redis=7\.4\.\d+/)
  })

  it('--help prints the usage', () => {
    const text = execFileSync(process.execPath, [RUSSET_SERVER, '--help'], { encoding: 'utf8' })
    expect(text).toMatch(/^Usage: russet-server \[\/path\/to\/redis\.conf\]/)
  })
})

describe('configuration', () => {
  it('comes from a file with includes, overridden by the command line', async () => {
    const folder = testFolder()
    const port = await freePort()
    mkdirSync(join(folder, 'more'))
    writeFileSync(join(folder, 'more/a.conf'), 'maxclients 77\nlist-max-listpack-size 5\n')
    writeFileSync(
      join(folder, 'redis.conf'),
      `# a comment\nport 1\nbind 127.0.0.1\nproc-title-template "{title} \\x41"\ninclude ${folder}/more/*.conf\nhz 42\nmaxclients 78\n`,
    )
    const args = [join(folder, 'redis.conf'), '--port', String(port), '--hz', '43', '--save', '']
    const server = new RussetCommand(args)
    await server.waitFor(/Ready to accept/)
    const client = await connectTo({ port })
    const get = async (name: string) => {
      const reply = await client.send('CONFIG', 'GET', name)
      return reply.type === 'array' ? reply.value.map((item) => (item as { value: string }).value)[1] : reply
    }
    expect(await get('port')).toBe(String(port))
    expect(await get('hz')).toBe('43')
    expect(await get('maxclients')).toBe('78')
    expect(await get('list-max-listpack-size')).toBe('5')
    expect(await get('proc-title-template')).toBe('{title} A')
    const info = await client.send('INFO', 'server')
    expect(info.raw).toContain(`config_file:${folder}/redis.conf`)
  })

  it('comes from standard input as well', async () => {
    const port = await freePort()
    const server = new RussetCommand(
      ['-', '--maxclients', '12'],
      `port ${port}\nbind 127.0.0.1\nmaxclients 11\n`,
    )
    await server.waitFor(/Ready to accept/)
    const client = await connectTo({ port })
    expect((await client.send('CONFIG', 'GET', 'maxclients')).raw).toContain('\r\n12\r\n')
  })

  it.each([
    [
      'an unknown directive',
      'port 1\nno-such-thing 3\n',
      [],
      /Reading the configuration file, at line 2\n>>> 'no-such-thing 3'\nBad directive/,
    ],
    [
      'a wrong value',
      'port abc\n',
      [],
      /at line 1\n>>> 'port abc'\nargument couldn't be parsed into an integer/,
    ],
    ['an unbalanced quote', 'port "12\n', [], /at line 1\n>>> 'port "12'\nUnbalanced quotes/],
    ['an unknown option', '', ['--no-such-thing', '3'], />>> 'no-such-thing "3"'\nBad directive/],
    ['daemonize', 'daemonize yes\n', [], /daemonize/],
  ] as const)('%s is named, and ends with 1', async (_, text, options, expected) => {
    const file = join(testFolder(), 'redis.conf')
    writeFileSync(file, text)
    const command = new RussetCommand([file, ...options])
    expect(await command.waitForEnd()).toEqual({ code: 1, signal: null })
    expect(command.output).toMatch(expected)
    expect(command.output).not.toMatch(/\bat .*\.js/)
  })

  it('a file that is not there is named, and ends with 1', async () => {
    const command = new RussetCommand([join(testFolder(), 'none.conf')])
    expect(await command.waitForEnd()).toEqual({ code: 1, signal: null })
    expect(command.output).toMatch(/none\.conf.*No such file or directory/)
  })

  it('the log goes to logfile, and a pid file lasts as long as the server', async () => {
    const folder = testFolder()
    const port = await freePort()
    const args = [
      '--port',
      String(port),
      '--dir',
      folder,
      '--logfile',
      'log',
      '--pidfile',
      join(folder, 'pid'),
    ]
    const server = new RussetCommand(args)
    await expect
      .poll(() => existsSync(join(folder, 'log')) && readFileSync(join(folder, 'log'), 'utf8'), {
        timeout: 10_000,
      })
      .toMatch(/Ready to accept/)
    expect(server.output).toBe('')
    expect(readFileSync(join(folder, 'pid'), 'utf8')).toBe(`${server.pid}\n`)
    server.signal('SIGTERM')
    expect(await server.waitForEnd()).toEqual({ code: 0, signal: null })
    expect(existsSync(join(folder, 'pid'))).toBe(false)
    expect(readFileSync(join(folder, 'log'), 'utf8')).toMatch(/bye bye/)
  })

  it('CONFIG SET bind and port move the server, and what stays is not closed', async () => {
    const server = await startRussetCommand()
    const client = await connectTo(server)
    expect((await client.send('CONFIG', 'SET', 'bind', '127.0.0.1 127.0.0.2')).raw).toBe('+OK\r\n')
    await expect
      .poll(() =>
        connectTo({ port: server.port, host: '127.0.0.2' }).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    await connectTo(server)
    const port = await freePort()
    expect((await client.send('CONFIG', 'SET', 'port', port)).raw).toBe('+OK\r\n')
    await expect
      .poll(() =>
        connectTo({ port }).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    await expect
      .poll(() =>
        connectTo(server).then(
          () => true,
          () => false,
        ),
      )
      .toBe(false)
    expect((await client.send('PING')).raw).toBe('+PONG\r\n')
    expect(server.output).not.toMatch(/Failed/)
  })
})

describe('ending', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends with 0 and the last words of Redis', async (signal) => {
    const server = await startRussetCommand()
    const client = await connectTo(server)
    await client.send('PING')
    server.signal(signal)
    expect(await server.waitForEnd()).toEqual({ code: 0, signal: null })
    expect(messagesOf(server).slice(-3)).toEqual([
      `Received ${signal} scheduling shutdown...`,
      'User requested shutdown...',
      'Russet is now ready to exit, bye bye...',
    ])
    await client.whenClosed
  })

  it('SHUTDOWN NOSAVE ends it after the replies before it', async () => {
    const server = await startRussetCommand()
    const client = await connectTo(server)
    const [set, shutdown] = await client.sendMany([
      ['SET', 'a', 1],
      ['SHUTDOWN', 'NOSAVE'],
    ])
    expect(set?.raw).toBe('+OK\r\n')
    expect(shutdown?.type).toBe('closed')
    expect(await server.waitForEnd()).toEqual({ code: 0, signal: null })
    expect(messagesOf(server).slice(-2)).toEqual([
      'User requested shutdown...',
      'Russet is now ready to exit, bye bye...',
    ])
  })

  it('does not wait for a client that does not read', async () => {
    const server = await startRussetCommand()
    const client = await connectTo(server)
    await client.send('SET', 'k', Buffer.alloc(1024 * 1024, 'x'))
    client.pause()
    for (let i = 0; i < 50; i++) client.sendRaw('GET k\r\n')
    const other = await connectTo(server)
    await expect
      .poll(async () =>
        (await other.send('CLIENT', 'LIST')).raw.match(/omem=(\d+)/g)?.some((found) => found !== 'omem=0'),
      )
      .toBe(true)
    server.signal('SIGTERM')
    expect(await server.waitForEnd()).toEqual({ code: 0, signal: null })
  })
})
