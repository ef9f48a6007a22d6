/**
 * The configuration beside redis-server 7.0.15. `config-defaults.tsv` and `config-set.tsv` are recordings of
 * it: name and default; directive, value, `OK` or the reason of the error, and what CONFIG GET says then.
 * Where Russet differs, on purpose or as 7.4 does, the difference is listed here.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Config } from '../../../packages/core/src/engine/config.js'
import { DIRECTIVES } from '../../../packages/core/src/engine/config-table.js'
import { EventClass } from '../../../packages/core/src/keyspace/events.js'
import { FakeServer } from '../../support/fake-client.js'

function recording(name: string): string[][] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
}

function get(config: Config, name: string): string | undefined {
  return config.get([name])[1]
}

function attempt(change: () => void): string {
  try {
    change()
    return 'OK'
  } catch (error) {
    return (error as Error).message
  }
}

const failed = (name: string, reason: string) =>
  `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`

/** What Redis accepts and Russet refuses. */
const REFUSED = [
  ['min-replicas-to-write', '1'],
  ['min-slaves-to-write', '1'],
  ['min-replicas-to-write', '2147483647'],
]

describe('defaults', () => {
  const config = new Config()

  it.each(recording('config-defaults.tsv'))('%s is %j', (name, value) => {
    expect(get(config, name as string)).toBe(value)
  })

  it('has what 7.2 and 7.4 added', () => {
    const added = {
      'set-max-listpack-entries': '128',
      'set-max-listpack-value': '64',
      'locale-collate': '',
      'cluster-announce-human-nodename': '',
      'hide-user-data-from-log': 'no',
      'max-new-connections-per-cycle': '10',
      'max-new-tls-connections-per-cycle': '1',
      'server-cpulist': '',
    }
    for (const [name, value] of Object.entries(added)) expect(get(config, name)).toBe(value)
  })

  it('every directive takes its own default again', () => {
    for (const name of Object.keys(DIRECTIVES)) {
      const other = new Config()
      // There is no line that means "no master" other than `replicaof no one`.
      const value = name === 'replicaof' ? 'no one' : (get(other, name) as string)
      expect([name, other.applyLine([name, value])]).toEqual([name, undefined])
      expect(get(other, name)).toBe(get(config, name))
    }
  })
})

describe('CONFIG SET as redis-server 7.0.15 answers it', () => {
  const cases = recording('config-set.tsv')
  const names = new Set(cases.map(([name]) => name as string))

  it.each([...names])('%s', (name) => {
    for (const [, value, reason, reported] of cases.filter((row) => row[0] === name)) {
      if (REFUSED.some(([directive, refused]) => directive === name && refused === value)) continue
      // Refused by both, but for reasons of our own: memory that is not jemalloc's, a size beyond int64.
      if (name === 'activedefrag' && value === 'YES') continue
      if (name === 'maxmemory-clients' && value === '9223372036854775808') continue
      const config = new Config()
      const before = get(config, name)
      const reply = attempt(() => config.set([name, value as string]))
      const answer = [value, reply, get(config, name)]
      if (reason === 'OK') expect(answer).toEqual([value, 'OK', reported])
      else expect(answer).toEqual([value, failed(name, reason as string), before])
    }
  })

  it.each(REFUSED)('%s %s is refused with a reason of our own', (name, value) => {
    const config = new Config()
    const before = get(config, name as string)
    expect(attempt(() => config.set([name as string, value as string]))).toMatch(/ - Russet does not /)
    expect(get(config, name as string)).toBe(before)
  })
})

describe('CONFIG SET of several', () => {
  const unknown = "ERR Unknown option or number of arguments for CONFIG SET - 'foo'"
  it.each([
    [['foo', 'bar'], unknown],
    [['Foo', 'bar'], unknown.replace('foo', 'Foo')],
    [['fo\0o', 'bar'], unknown.replace('foo', 'fo')],
    [['rename-command', 'x'], unknown.replace('foo', 'rename-command')],
    [['hz', '5', 'foo', 'bar'], unknown],
    [['foo', '1', 'hz', '8', 'hz', '1'], unknown],
    [['hz', '5', 'hz', '6'], failed('hz', 'duplicate parameter')],
    [['hz', '5', 'HZ', '6'], failed('HZ', 'duplicate parameter')],
    [['hz', '7', 'hz', '8', 'foo', '1'], failed('hz', 'duplicate parameter')],
    [['databases', '1', 'foo', '2'], failed('databases', "can't set immutable config")],
    [['databases', '1', 'databases', '2'], failed('databases', "can't set immutable config")],
    [['timeout', 'bogus', 'databases', '1'], failed('databases', "can't set immutable config")],
    [['slaveof', 'no one'], failed('slaveof', "can't set immutable config")],
    [['dir', '/tmp'], failed('dir', "can't set protected config")],
    [['hz', '7', 'timeout', 'bogus'], failed('timeout', "argument couldn't be parsed into an integer")],
    [['hz', 'bogus', 'timeout', 'bogus'], failed('hz', "argument couldn't be parsed into an integer")],
    [
      ['HASH-MAX-ZIPLIST-VALUE', 'bogus'],
      failed('hash-max-ziplist-value', 'argument must be a memory value'),
    ],
  ])('%j fails and changes nothing', (pairs, error) => {
    const config = new Config()
    const before = config.get(['*'])
    expect(attempt(() => config.set(pairs))).toBe(error)
    expect(config.get(['*'])).toEqual(before)
  })

  it('sets all, by old and new names', () => {
    const config = new Config()
    config.set(['HZ', '9', 'Timeout', '3', 'list-max-ziplist-size', '5', 'list-max-listpack-size', '6'])
    expect(config.get(['hz', 'timeout', 'list-max-ziplist-size'])).toEqual([
      'hz',
      '9',
      'timeout',
      '3',
      'list-max-ziplist-size',
      '6',
    ])
  })

  it('lets protected ones through where that is allowed', () => {
    const config = new Config()
    config.set(['dbfilename', 'other.rdb'], true)
    expect(config.settings.dbfilename).toBe('other.rdb')
    expect(attempt(() => config.set(['dbfilename', 'a/b'], true))).toBe(
      failed('dbfilename', "dbfilename can't be a path, just a filename"),
    )
  })
})

describe('CONFIG GET', () => {
  it.each([
    [['HZ'], ['HZ']],
    [['hZ*'], ['hz']],
    [['hash-max-ziplist-value'], ['hash-max-ziplist-value']],
    [['HASH-MAX-ZIPLIST-VALUE'], ['HASH-MAX-ZIPLIST-VALUE']],
    [
      ['hash-max-*-value', 'hash-max-listpack-value'],
      ['hash-max-listpack-value', 'hash-max-ziplist-value'],
    ],
    [['hz', 'hz'], ['hz']],
    [['nope'], []],
    [
      ['h[z]', 'timeout', 'slave-priority', '*-priority'],
      ['hz', 'replica-priority', 'slave-priority', 'timeout'],
    ],
    [['slaveof'], ['slaveof']],
    [['rename-command'], []],
    [['constructor', '__proto__'], []],
    [
      ['min-*'],
      ['min-replicas-max-lag', 'min-replicas-to-write', 'min-slaves-max-lag', 'min-slaves-to-write'],
    ],
  ])('%j names %j', (patterns, names) => {
    const reply = new Config().get(patterns)
    expect(reply.filter((_, i) => i % 2 === 0).sort()).toEqual(names)
  })
})

describe('settings', () => {
  it('are typed values', () => {
    const { settings, encodings } = new Config()
    expect(settings.maxmemoryPolicy).toBe('noeviction')
    expect(settings.protectedMode).toBe(true)
    expect(settings.bind).toEqual(['*', '-::*'])
    expect(settings.latencyTrackingInfoPercentiles).toEqual([50, 99, 99.9])
    expect(settings.clientOutputBufferLimit.replica).toEqual({
      hardBytes: 268435456,
      softBytes: 67108864,
      softSeconds: 60,
    })
    expect(settings.shutdownOnSigterm).toEqual([])
    expect(settings.replicaof).toBeNull()
    expect(encodings.hashMaxListpackEntries).toBe(512)
    expect('hashMaxListpackEntries' in settings).toBe(false)
  })

  it('follow CONFIG SET', () => {
    const config = new Config()
    const { settings, encodings } = config
    config.set(['hash-max-ziplist-entries', '7', 'notify-keyspace-events', 'Kg', 'maxmemory-clients', '5%'])
    config.set(['maxmemory', '1gb', 'shutdown-on-sigterm', 'force now', 'timeout', '9'])
    expect(encodings.hashMaxListpackEntries).toBe(7)
    expect(settings.notifyKeyspaceEvents).toBe(EventClass.KEYSPACE | EventClass.GENERIC)
    expect(settings.maxmemoryClients).toBe(-5)
    expect(settings.maxmemory).toBe(2 ** 30)
    expect(settings.shutdownOnSigterm).toEqual(['now', 'force'])
    expect(settings.timeout).toBe(9)
  })

  it('keeps a size above 64 bits from becoming no limit', () => {
    const config = new Config()
    config.set(['maxmemory', '17179869184gb'])
    expect(get(config, 'maxmemory')).toBe('18446744073709551615')
  })

  it('without effect are told of at the start and when they are set', () => {
    const server = new FakeServer({ 'oom-score-adj': 'relative', 'maxmemory-samples': '7' })
    const told = () => server.host.messages.splice(0).filter((line) => line.includes('no effect'))
    expect(told()).toEqual([
      expect.stringMatching(/^Setting 'oom-score-adj' to 'relative' has no effect yet: /),
    ])
    const client = server.connect()
    client.send('CONFIG SET oom-score-adj absolute hz 20')
    expect(told()).toEqual([expect.stringMatching(/^Setting 'oom-score-adj' to 'absolute' has no effect/)])
    client.send('CONFIG SET oom-score-adj absolute', 'CONFIG SET oom-score-adj no')
    client.send('CONFIG SET oom-score-adj yes hz never')
    expect(told()).toEqual([])
    expect(client.take()).toHaveLength(4)
  })

  it('knows secrets', () => {
    const config = new Config()
    expect(config.isSensitive('RequirePass')).toBe(true)
    expect(config.isSensitive('hz')).toBe(false)
    expect(config.isSensitive('nope')).toBe(false)
  })
})

describe('onChange', () => {
  it('is called once for several settings, and only when something changed', () => {
    const config = new Config()
    const seen: string[] = []
    config.onChange(['bind', 'port'], (settings) => {
      seen.push(`${settings.bind} ${settings.port}`)
      return undefined
    })
    config.set(['bind', '127.0.0.1', 'port', '7000'])
    config.set(['bind', '127.0.0.1', 'port', '7000', 'hz', '20'])
    expect(seen).toEqual(['127.0.0.1 7000'])
  })

  it('a refusal puts everything back and tells those who had agreed', () => {
    const config = new Config()
    const seen: number[] = []
    config.onChange(['timeout'], (settings) => {
      seen.push(settings.timeout)
      return undefined
    })
    config.onChange(['port'], (settings) =>
      settings.port === 1 ? 'Unable to listen on this port.' : undefined,
    )
    const before = config.get(['*'])
    expect(attempt(() => config.set(['timeout', '5', 'port', '1', 'hash-max-listpack-value', '1']))).toBe(
      failed('port', 'Unable to listen on this port.'),
    )
    expect(config.get(['*'])).toEqual(before)
    expect(config.settings.port).toBe(6379)
    expect(config.encodings.hashMaxListpackValue).toBe(64)
    expect(seen).toEqual([5, 0])
  })

  it('guards lines of a file, too', () => {
    const config = new Config()
    config.onChange(['dir'], () => 'No such file or directory')
    expect(config.applyLine(['dir', 'nope'])).toBe('No such file or directory')
    expect(config.settings.dir).toBe('')
    config.adopt('dir', '/data')
    expect(get(config, 'dir')).toBe('/data')
  })
})
