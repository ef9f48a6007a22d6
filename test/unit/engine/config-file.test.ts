/** redis.conf and the command line, beside what redis-server 7.0.15 makes of the same input. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RUSSET_VERSION } from '../../../packages/core/src/base/version.js'
import { type CommandLine, parseCommandLine } from '../../../packages/core/src/engine/command-line.js'
import { Config } from '../../../packages/core/src/engine/config.js'
import { type ConfigFiles, loadConfig } from '../../../packages/core/src/engine/config-file.js'

/** Files in memory; a wildcard matches all whose name has its first part. */
function filesOf(content: { [path: string]: string }): ConfigFiles {
  return {
    read(path) {
      const text = content[path]
      if (text === undefined) throw new Error('No such file or directory')
      return text
    },
    write(path, text) {
      content[path] = text
    },
    match: (pattern) =>
      Object.keys(content)
        .filter((path) => path.startsWith(pattern.slice(0, pattern.indexOf('*'))))
        .sort(),
  }
}

function load(text: string, content: { [path: string]: string } = {}): Config {
  const config = new Config()
  loadConfig(config, text, filesOf(content))
  return config
}

function errorOf(text: string, content: { [path: string]: string } = {}): string {
  try {
    load(text, content)
    return 'no error'
  } catch (error) {
    return (error as Error).message
  }
}

function fatal(line: number, text: string, reason: string, file = ''): string {
  const where = `Reading the configuration file${file}, at line ${line}`
  return `\n*** FATAL CONFIG FILE ERROR (Russet ${RUSSET_VERSION}) ***\n${where}\n>>> '${text}'\n${reason}`
}

describe('lines', () => {
  it('may be indented, empty, comments, of any case, with CRLF; the last one wins', () => {
    const { settings } = load('\t  PORT\t 7001  \t\r\n#x\n  # y\n\r\n\v\nport 7002\r\nhz 20')
    expect([settings.port, settings.hz]).toEqual([7002, 20])
  })

  it.each([
    ['requirepass "\\x41\\n\\q\\\\"', 'A\nq\\'],
    ["requirepass 'a\\'b\\n'", "a'b\\n"],
    ['requirepass ""', ''],
    ['requirepass a#b', 'a#b'],
    ['requirepass \xc3\xa9', '\xc3\xa9'],
  ])('%j', (line, password) => {
    expect(load(line).settings.requirepass).toBe(password)
  })

  it('takes several words, also as one', () => {
    const { settings } = load('bind "127.0.0.1 ::1"\nshutdown-on-sigint nosave force\nbind-source-addr ""')
    expect(settings.bind).toEqual(['127.0.0.1', '::1'])
    expect(settings.shutdownOnSigint).toEqual(['nosave', 'force'])
    expect(load('bind ""').settings.bind).toEqual([])
  })

  it('only the classes named in client-output-buffer-limit change', () => {
    const text = 'client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit replica 4kb 5kb 6'
    expect(load(text).get(['client-output-buffer-limit'])[1]).toBe(
      'normal 1 2 3 slave 4096 5120 6 pubsub 33554432 8388608 60',
    )
  })

  it('ignores what Redis ignores', () => {
    expect(errorOf('list-max-ziplist-entries 5\nlua-replicate-commands yes')).toBe('no error')
  })

  it.each([
    ['foo bar', 1, 'Bad directive or wrong number of arguments'],
    ['port 7001\nfoo bar', 2, 'Bad directive or wrong number of arguments'],
    ['"" x', 1, 'Bad directive or wrong number of arguments'],
    ['__proto__ x', 1, 'Bad directive or wrong number of arguments'],
    ['include a b', 1, 'Bad directive or wrong number of arguments'],
    ['port "7001', 1, 'Unbalanced quotes in configuration line'],
    ['requirepass "a"b', 1, 'Unbalanced quotes in configuration line'],
    ['port 1 2', 1, 'wrong number of arguments'],
    ['port', 1, 'wrong number of arguments'],
    ['hz 10 # c', 1, 'wrong number of arguments'],
    ['hz abc', 1, "argument couldn't be parsed into an integer"],
    ['databases 0', 1, 'argument must be between 1 and 2147483647 inclusive'],
    ['unixsocketperm 8', 1, "argument couldn't be parsed as an octal number"],
    ['unixsocketperm -1', 1, 'argument must be between 0 and 777 inclusive'],
    ['unixsocketperm 7777', 1, 'argument must be between 0 and 777 inclusive'],
    ['io-threads 200', 1, 'argument must be between 1 and 128 inclusive'],
    ['socket-mark-id -1', 1, 'argument must be between 0 and 4294967295 inclusive'],
    ['supervised foo', 1, 'argument(s) must be one of the following: upstart, systemd, auto, no'],
    ['replicaof a', 1, 'wrong number of arguments'],
    ['replicaof', 1, 'wrong number of arguments'],
    ['slaveof a 1b', 1, 'Invalid master port'],
    ['appendfilename ""', 1, "appendfilename can't be empty"],
    ['appenddirname a/b', 1, "appenddirname can't be a path, just a filename"],
    ['save 900', 1, 'Invalid save parameters'],
    ['client-output-buffer-limit normal 1 2', 1, 'Wrong number of arguments in buffer limit configuration.'],
    ['oom-score-adj-values 1 2', 1, 'wrong number of arguments'],
    ['sentinel x', 1, 'sentinel directive while not in sentinel mode'],
  ])('%j is refused as Redis does', (text, line, reason) => {
    expect(errorOf(text)).toBe(fatal(line, text.split('\n')[line - 1] as string, reason))
  })

  it.each([
    'daemonize yes',
    'supervised systemd',
    'cluster-enabled yes',
    'replicaof 127.0.0.1 7000',
    'min-replicas-to-write 1',
    'loadmodule x.so',
    'rename-command CONFIG ""',
    'syslog-enabled yes',
    'socket-mark-id 1',
    'locale-collate de_DE.UTF-8',
  ])('%j promises what Russet does not do', (line) => {
    expect(errorOf(line)).toMatch(/\nRusset .*$/)
  })

  it.each(['daemonize no', 'appendonly no', 'save ""', 'replicaof no one', 'cluster-enabled no'])(
    '%j',
    (line) => {
      expect(errorOf(line)).toBe('no error')
    },
  )
})

describe('include', () => {
  it('takes the place of its line', () => {
    const files = { 'a.conf': 'hz 20\nport 7001', 'b.conf': 'include a.conf\nhz 30' }
    const { settings } = load('port 7000\nINCLUDE "b.conf"\nport 7002', files)
    expect([settings.port, settings.hz]).toEqual([7002, 30])
  })

  it('takes all that match, in order, or none', () => {
    const files = { 'conf/2': 'hz 22', 'conf/1': 'hz 21\nport 7001' }
    expect(load('include conf/*', files).settings.hz).toBe(22)
    expect(errorOf('include nothing/*', files)).toBe('no error')
  })

  it('names the file that is wrong', () => {
    const reason = "argument couldn't be parsed into an integer"
    expect(errorOf('include a', { a: '\n\nhz x' })).toBe(fatal(3, 'hz x', reason, " 'a'"))
    expect(errorOf('include nope')).toBe(
      "Fatal error, can't open config file 'nope': No such file or directory",
    )
  })

  it('ends when a file includes itself', () => {
    expect(errorOf('include a', { a: 'include a' })).toContain('more than 16 includes within each other')
    const many = {
      a: 'hz 10\n'.repeat(2000) + 'include b\n'.repeat(2),
      b: `hz 10\n${'include a\n'.repeat(2000)}`,
    }
    expect(errorOf('include a', many)).toMatch(/more than \d+ (lines|includes)/)
  })

  it('hands on the lines it applied', () => {
    const lines = loadConfig(new Config(), 'port 1\ninclude a', filesOf({ a: 'save ""' }))
    expect(lines).toEqual([
      ['port', '1'],
      ['save', ''],
    ])
  })
})

describe('command line', () => {
  const run = (file: string | undefined, stdin: boolean, options: string): CommandLine => ({
    action: 'run',
    file,
    stdin,
    options,
  })

  it.each<[string[], CommandLine]>([
    [[], run(undefined, false, '')],
    [['a.conf'], run('a.conf', false, '')],
    [['a.conf', '-'], run('a.conf', true, '')],
    [['-', '--hz', '20'], run(undefined, true, 'hz "20"')],
    [['a.conf', '--hz', '20', '-'], run('a.conf', true, 'hz "20"')],
    [['--port', 'abc'], run(undefined, false, 'port "abc"')],
    [['--port=1'], run(undefined, false, 'port=1')],
    [
      ['--save', '', '--bind', '1.1.1.1', '-::1', '--hz', '0'],
      run(undefined, false, 'save ""\nbind "1.1.1.1" "-::1"\nhz "0"'),
    ],
    [['--save', '--hz', '3', '--save'], run(undefined, false, 'save ""\nhz "3"\nsave ""')],
    [['--port 1', '--hz 3', '--save 1 2'], run(undefined, false, 'port 1\nhz 3\nsave 1 2')],
    [['--port', '--hz', '10'], run(undefined, false, 'port "--hz" "10"')],
    [['--port', '1', '--port'], run(undefined, false, 'port "1"\nport')],
    [
      ['--proc-title-template', '--my--title', '--port', '2'],
      run(undefined, false, 'proc-title-template "--my--title"\nport "2"'),
    ],
    [['-foo'], run(undefined, false, '"-foo"')],
    [['--port', '1', 'extra'], run(undefined, false, 'port "1" "extra"')],
    [['-v'], { action: 'version' }],
    [['--version', 'x'], { action: 'version' }],
    [['--help'], { action: 'help' }],
  ])('%j', (args, expected) => {
    expect(parseCommandLine(args)).toEqual(expected)
  })

  it.each([['--sentinel'], ['--test-memory'], ['a.conf', '--sentinel']])('refuses %s', (...args) => {
    expect(parseCommandLine(args)).toMatchObject({
      action: 'refuse',
      reason: expect.stringMatching(/russet-server/),
    })
  })

  it('carries any bytes', () => {
    const bytes = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    })
    fc.assert(
      fc.property(bytes, (password) => {
        const line = parseCommandLine(['--requirepass', password, '--hz', '20'])
        const options = line.action === 'run' ? line.options : ''
        expect(load(options).settings.requirepass).toBe(password)
      }),
    )
  })
})

it('any text is either applied or refused with the line named', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab"\'\\x41 \n#-*ports'.split('')), maxLength: 60 }),
      (text) => {
        expect(errorOf(text)).toMatch(/^no error$|at line \d+\n>>> /)
      },
    ),
  )
})
