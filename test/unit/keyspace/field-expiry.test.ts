/**
 * Hash fields that expire, in an engine in this process whose clock the test moves. The real redis-server
 * installed knows no field expiry, so what is expected here is what Redis 7.4 documents and does.
 */
import { Engine, type Reply } from '@russet/core'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { HashValue } from '../../../packages/core/src/keyspace/hash-value.js'
import type { KeyspaceListener } from '../../../packages/core/src/keyspace/keyspace.js'
import { Dict } from '../../../packages/core/src/structures/dict.js'
import { FakeHost } from '../../support/fake-host.js'

let host: FakeHost
let engine: Engine
/** Runs a command and gives its reply; an error's message as `!message`. */
let call: (...args: (string | number)[]) => unknown
/** Commands that followed, without the names of databases. */
let effects: string[]
/** Keyspace events as `name key`. */
let events: string[]

beforeEach(() => {
  host = new FakeHost()
  engine = new Engine(host)
  let last: Reply | undefined
  const session = engine.connect(
    {
      reply: (reply) => {
        last = reply
      },
      push: () => {},
      close: () => undefined,
      resume: () => undefined,
      buffers: () => ({
        queryBytes: 0,
        queryFreeBytes: 0,
        argumentBytes: 0,
        outputBytes: 0,
        outputPieces: 0,
      }),
    },
    { kind: 'memory', address: 'test', localAddress: '', descriptor: -1 },
  )
  call = (...args) => {
    last = undefined
    engine.execute(session, args.map(String))
    return plain(last)
  }
  effects = []
  engine.effects.listen((unit) => {
    for (const { command } of unit) effects.push(command.join(' '))
  })
  events = []
  engine.keyspace.eventMask = 0xffff
  const listener: KeyspaceListener = engine
  listener.event = (_class, name, key) => {
    if (name !== 'new' && name !== 'keymiss') events.push(`${name} ${key}`)
  }
})

function plain(reply: Reply | undefined): unknown {
  if (typeof reply !== 'object' || reply === null || Array.isArray(reply)) return reply
  const { message, text, flat } = reply as { message?: string; text?: string; flat?: Reply[] }
  return message !== undefined ? `!${message}` : (text ?? flat)
}

/** What happened since the last call. */
function since(): { effects: string[]; events: string[] } {
  const seen = { effects, events }
  effects = []
  events = []
  return seen
}

/** Fills a hash with `a 1 b 2 c 3`, and with more fields until it is a hashtable if wanted. */
function fill(form: 'listpack' | 'hashtable'): void {
  if (form === 'hashtable') engine.config.encodings.hashMaxListpackEntries = 2
  call('HSET', 'h', 'a', 1, 'b', 2, 'c', 3)
  since()
}

const sorted = (reply: unknown) => [...(reply as string[])].sort()
const database = () => engine.keyspace.databases[0] as (typeof engine.keyspace.databases)[0]
const hash = () => database().peek('h') as HashValue

describe.each(['listpack', 'hashtable'] as const)('%s', (form) => {
  beforeEach(() => fill(form))

  test('a field is gone as soon as its millisecond is over, for every reader', () => {
    expect(call('HPEXPIRE', 'h', 100, 'FIELDS', 1, 'b')).toEqual([1])
    expect(hash().encoding).toBe(form === 'listpack' ? 'listpackex' : 'hashtable')
    host.advance(100, false)
    expect(call('HGET', 'h', 'b')).toBe('2')
    expect(call('HPTTL', 'h', 'FIELDS', 1, 'b')).toEqual([0])
    host.advance(1, false)
    expect(sorted(call('HGETALL', 'h'))).toEqual(['1', '3', 'a', 'c'])
    expect(sorted(call('HKEYS', 'h'))).toEqual(['a', 'c'])
    expect(sorted(call('HVALS', 'h'))).toEqual(['1', '3'])
    expect(sorted((call('HSCAN', 'h', 0) as unknown[])[1])).toEqual(['1', '3', 'a', 'c'])
    expect(call('HTTL', 'h', 'FIELDS', 2, 'a', 'b')).toEqual([-1, -2])
    expect(call('HPERSIST', 'h', 'FIELDS', 1, 'b')).toEqual([-2])
    expect(call('HEXPIRE', 'h', 10, 'FIELDS', 1, 'b')).toEqual([-2])
    // It is still counted, as in Redis, until somebody asks for it.
    expect(call('HLEN', 'h')).toBe(3)
    expect(since().effects).toEqual(['HPEXPIREAT h 1700000000100 FIELDS 1 b'])
    expect(call('HMGET', 'h', 'a', 'b', 'b', 'c')).toEqual(['1', null, null, '3'])
    expect(call('HLEN', 'h')).toBe(2)
    expect(since()).toEqual({ effects: ['HDEL h b'], events: ['hexpired h'] })
    expect(engine.keyspace.expiredFields).toBe(1)
  })

  test.each([
    ['HGET', null],
    ['HEXISTS', 0],
    ['HSTRLEN', 0],
  ])('%s deletes an expired field, and the hash with the last', (name, missing) => {
    call('HPEXPIRE', 'h', 1, 'FIELDS', 3, 'a', 'b', 'c')
    since()
    host.advance(2, false)
    for (const field of ['a', 'b', 'c']) expect(call(name, 'h', field)).toBe(missing)
    const expired = ['hexpired h', 'hexpired h', 'hexpired h', 'del h']
    expect(since()).toEqual({ effects: ['HDEL h a', 'HDEL h b', 'HDEL h c'], events: expired })
    expect(database().size).toBe(0)
    expect(database().hashesWithExpiringFields.size).toBe(0)
  })

  test('an expired field counts as absent for HSETNX, HINCRBY and HINCRBYFLOAT', () => {
    call('HPEXPIRE', 'h', 1, 'FIELDS', 3, 'a', 'b', 'c')
    since()
    host.advance(2, false)
    expect(call('HSETNX', 'h', 'a', 'x')).toBe(1)
    expect(call('HINCRBY', 'h', 'b', 5)).toBe(5)
    expect(call('HINCRBYFLOAT', 'h', 'c', 1.5)).toBe('1.5')
    expect(call('HTTL', 'h', 'FIELDS', 3, 'a', 'b', 'c')).toEqual([-1, -1, -1])
    expect(since().effects).toEqual([
      'HDEL h a',
      'HSETNX h a x',
      'HDEL h b',
      'HINCRBY h b 5',
      'HDEL h c',
      'HSET h c 1.5',
    ])
  })

  test('a command whose field was the last and has expired makes a new hash', () => {
    call('HDEL', 'h', 'b', 'c')
    call('HPEXPIRE', 'h', 1, 'FIELDS', 1, 'a')
    host.advance(2, false)
    expect(call('HINCRBY', 'h', 'n', 1)).toBe(1)
    expect(call('HSETNX', 'h', 'a', 'new')).toBe(1)
    expect(sorted(call('HGETALL', 'h'))).toEqual(['1', 'a', 'n', 'new'])
    call('HPEXPIRE', 'h', 1, 'FIELDS', 2, 'a', 'n')
    host.advance(2, false)
    expect(call('HRANDFIELD', 'h')).toBe(null)
    expect(database().size).toBe(0)
    call('HSET', 'h', 'a', 1)
    call('HPEXPIRE', 'h', 1, 'FIELDS', 1, 'a')
    host.advance(2, false)
    expect(call('HSETNX', 'h', 'a', 'again')).toBe(1)
    expect(call('HGETALL', 'h')).toEqual(['a', 'again'])
  })

  test('HRANDFIELD deletes what has expired before it picks', () => {
    call('HPEXPIRE', 'h', 1, 'FIELDS', 2, 'a', 'c')
    since()
    host.advance(2, false)
    expect(call('HRANDFIELD', 'h', -20)).toEqual(Array.from({ length: 20 }, () => 'b'))
    expect(call('HRANDFIELD', 'h', 20, 'WITHVALUES')).toEqual(['b', '2'])
    expect(sorted(since().effects)).toEqual(['HDEL h a', 'HDEL h c'])
    call('HPEXPIRE', 'h', 1, 'FIELDS', 1, 'b')
    host.advance(2, false)
    expect(call('HRANDFIELD', 'h', 2)).toEqual([])
    expect(database().size).toBe(0)
  })

  test('where expired fields must stay they are not shown, and not deleted', () => {
    call('HPEXPIRE', 'h', 1, 'FIELDS', 2, 'a', 'c')
    since()
    engine.keyspace.keepsExpired = true
    host.advance(1000)
    for (let i = 0; i < 3; i++) {
      expect(call('HRANDFIELD', 'h', 5)).toEqual(['b'])
      expect(call('HGETALL', 'h')).toEqual(['b', '2'])
      expect(call('HMGET', 'h', 'a', 'b')).toEqual([null, '2'])
    }
    expect(call('HLEN', 'h')).toBe(3)
    expect(since()).toEqual({ effects: [], events: [] })
    engine.keyspace.showsExpired = true
    expect(call('HGET', 'h', 'a')).toBe('1')
  })

  test('HSET takes the expiry away, HINCRBY and HINCRBYFLOAT keep it', () => {
    call('HEXPIRE', 'h', 100, 'FIELDS', 3, 'a', 'b', 'c')
    since()
    call('HINCRBY', 'h', 'a', 1)
    call('HINCRBYFLOAT', 'h', 'b', 1)
    expect(call('HSET', 'h', 'c', 3)).toBe(0)
    expect(call('HTTL', 'h', 'FIELDS', 3, 'a', 'b', 'c')).toEqual([100, 100, -1])
    expect(since().effects).toEqual([
      'HINCRBY h a 1',
      'HSET h b 3',
      'HPEXPIREAT h 1700000100000 FIELDS 1 b',
      'HSET h c 3',
    ])
    expect(sorted(call('HGETALL', 'h'))).toEqual(['2', '3', '3', 'a', 'b', 'c'])
  })

  test('a time that is past deletes at once', () => {
    expect(call('HEXPIRE', 'h', 0, 'FIELDS', 3, 'a', 'x', 'a')).toEqual([2, -2, -2])
    expect(since()).toEqual({ effects: ['HDEL h a'], events: ['hdel h'] })
    expect(call('HPEXPIREAT', 'h', 1, 'XX', 'FIELDS', 1, 'b')).toEqual([0])
    expect(since()).toEqual({ effects: [], events: [] })
    expect(call('HEXPIREAT', 'h', 1, 'FIELDS', 2, 'b', 'c')).toEqual([2, 2])
    expect(since()).toEqual({ effects: ['HDEL h b c'], events: ['hdel h', 'del h'] })
    expect(database().size).toBe(0)
    expect(engine.keyspace.expiredFields).toBe(3)
  })

  test('NX, XX, GT and LT', () => {
    const ttl = () => (call('HTTL', 'h', 'FIELDS', 1, 'a') as number[])[0]
    const expire = (seconds: number, condition: string) =>
      call('HEXPIRE', 'h', seconds, condition, 'FIELDS', 1, 'a')
    expect(expire(10, 'XX')).toEqual([0])
    expect(expire(10, 'GT')).toEqual([0])
    expect(ttl()).toBe(-1)
    expect(expire(50, 'LT')).toEqual([1])
    expect(expire(60, 'NX')).toEqual([0])
    expect(expire(60, 'xx')).toEqual([1])
    expect(expire(60, 'GT')).toEqual([0])
    expect(expire(61, 'gt')).toEqual([1])
    expect(expire(61, 'LT')).toEqual([0])
    expect(expire(20, 'lt')).toEqual([1])
    expect(ttl()).toBe(20)
    expect(call('HPERSIST', 'h', 'FIELDS', 2, 'a', 'b')).toEqual([1, -1])
    expect(expire(30, 'NX')).toEqual([1])
    expect(ttl()).toBe(30)
  })

  test('what follows an HEXPIRE names the fields that were set, with an absolute time', () => {
    call('HEXPIRE', 'h', 10, 'FIELDS', 1, 'a')
    since()
    expect(call('HEXPIRE', 'h', 20, 'NX', 'FIELDS', 4, 'a', 'b', 'x', 'c')).toEqual([0, 1, -2, 1])
    const set = ['HPEXPIREAT h 1700000020000 FIELDS 2 b c']
    expect(since()).toEqual({ effects: set, events: ['hexpire h'] })
    call('HPERSIST', 'h', 'FIELDS', 2, 'b', 'x')
    expect(since()).toEqual({ effects: ['HPERSIST h FIELDS 2 b x'], events: ['hpersist h'] })
    call('HPERSIST', 'h', 'FIELDS', 2, 'b', 'x')
    call('HEXPIRE', 'h', 20, 'NX', 'FIELDS', 1, 'a')
    expect(since()).toEqual({ effects: [], events: [] })
  })

  test('times are told in all four ways, seconds rounded up', () => {
    call('HPEXPIRE', 'h', 1001, 'FIELDS', 1, 'a')
    const ask = (name: string) => call(name, 'h', 'FIELDS', 3, 'a', 'b', 'x')
    expect(ask('HTTL')).toEqual([2, -1, -2])
    expect(ask('HPTTL')).toEqual([1001, -1, -2])
    expect(ask('HEXPIRETIME')).toEqual([1_700_000_002, -1, -2])
    expect(ask('HPEXPIRETIME')).toEqual([1_700_000_001_001, -1, -2])
  })

  test('in the background expired fields are deleted, and the hash with the last', () => {
    call('HPEXPIRE', 'h', 1000, 'FIELDS', 1, 'b')
    call('HPEXPIRE', 'h', 5000, 'FIELDS', 2, 'a', 'c')
    since()
    host.advance(900)
    expect(since().effects).toEqual([])
    host.advance(300)
    expect(since()).toEqual({ effects: ['HDEL h b'], events: ['hexpired h'] })
    expect(hash().length).toBe(2)
    host.advance(4000)
    const seen = since()
    expect(sorted(seen.effects)).toEqual(['HDEL h a', 'HDEL h c'])
    expect(seen.events).toEqual(['hexpired h', 'del h'])
    expect(database().size).toBe(0)
    expect(engine.keyspace.expiredFields).toBe(3)
  })

  test('hashes are tracked as long as they have expiring fields, whatever becomes of them', () => {
    const tracked = () => database().hashesWithExpiringFields.size
    const expiring = () => call('HEXPIRE', 'h', 10, 'FIELDS', 1, 'a')
    expiring()
    expect(tracked()).toBe(1)
    call('HPERSIST', 'h', 'FIELDS', 1, 'a')
    expect(tracked()).toBe(0)
    expiring()
    call('HSET', 'h', 'a', 1)
    expect(tracked()).toBe(0)
    expiring()
    call('HDEL', 'h', 'a')
    expect(tracked()).toBe(0)
    call('HSET', 'h', 'a', 1)
    expiring()
    call('SET', 'h', 'a string now')
    expect(tracked()).toBe(0)
  })

  test('a copy has the same fields and times, and is independent', () => {
    call('HEXPIRE', 'h', 10, 'FIELDS', 1, 'b')
    const copy = hash().copy()
    expect(copy.encoding).toBe(hash().encoding)
    expect(copy.expiryOf('b')).toBe(1_700_000_010_000)
    copy.set('a', 'changed')
    copy.delete('b')
    expect(copy.hasExpiringFields).toBe(false)
    expect(call('HGET', 'h', 'a')).toBe('1')
    expect(call('HTTL', 'h', 'FIELDS', 1, 'b')).toEqual([10])
  })
})

test('fields of a listpackex stand in the order of their times', () => {
  fill('listpack')
  call('HSET', 'h', 'd', 4)
  call('HEXPIRE', 'h', 20, 'FIELDS', 1, 'c')
  call('HEXPIRE', 'h', 10, 'FIELDS', 1, 'd')
  call('HEXPIRE', 'h', 20, 'FIELDS', 1, 'a')
  expect(call('HKEYS', 'h')).toEqual(['d', 'a', 'c', 'b'])
  call('HPERSIST', 'h', 'FIELDS', 1, 'd')
  call('HSET', 'h', 'e', 5)
  expect(call('HKEYS', 'h')).toEqual(['a', 'c', 'b', 'd', 'e'])
})

test('a hash keeps its times when it outgrows the flat form', () => {
  fill('listpack')
  call('HEXPIRE', 'h', 10, 'FIELDS', 1, 'b')
  call('HEXPIRE', 'h', 20, 'FIELDS', 1, 'a')
  call('HSET', 'h', 'long', 'x'.repeat(65))
  expect(hash().encoding).toBe('hashtable')
  expect(call('HTTL', 'h', 'FIELDS', 3, 'a', 'b', 'c')).toEqual([20, 10, -1])
  expect(hash().earliestExpiryMs).toBe(host.now() + 10_000)
})

describe('arguments', () => {
  beforeEach(() => fill('listpack'))

  const max = 2 ** 46 - 1
  test.each([
    ['HEXPIRE h x FIELDS 1 a', '!ERR value is not an integer or out of range'],
    ['HEXPIRE h -1 FIELDS 1 a', '!ERR invalid expire time, must be >= 0'],
    ['HEXPIRE h 9223372036854775807 FIELDS 1 a', "!ERR invalid expire time in 'hexpire' command"],
    [`HPEXPIREAT h ${max + 1} FIELDS 1 a`, "!ERR invalid expire time in 'hpexpireat' command"],
    [`HPEXPIREAT h ${max} FIELDS 1 a`, [1]],
    [
      `HPEXPIRE h ${max - 1_700_000_000_000 + 1} FIELDS 1 a`,
      "!ERR invalid expire time in 'hpexpire' command",
    ],
    [`HPEXPIRE h ${max - 1_700_000_000_000} FIELDS 1 a`, [1]],
    ['HEXPIRE h 1 FIELD 1 a', '!ERR Mandatory argument FIELDS is missing or not at the right position'],
    [
      'HEXPIRE h 1 NX XX FIELDS 1 a',
      '!ERR Mandatory argument FIELDS is missing or not at the right position',
    ],
    ['HEXPIRE h 1 FIELDS 0 a', '!ERR Parameter `numFields` should be greater than 0'],
    ['HEXPIRE h 1 FIELDS x a', '!ERR Parameter `numFields` should be greater than 0'],
    ['HEXPIRE h 1 FIELDS 2 a', '!ERR The `numfields` parameter must match the number of arguments'],
    ['HEXPIRE h 1 FIELDS 1 a b', '!ERR The `numfields` parameter must match the number of arguments'],
    ['HEXPIRE h 1 NX FIELDS 1', '!ERR The `numfields` parameter must match the number of arguments'],
    ['HEXPIRE h 1 FIELDS 1', "!ERR wrong number of arguments for 'hexpire' command"],
    ['HTTL h FIELD 1 a', '!ERR Mandatory argument FIELDS is missing or not at the right position'],
    ['HTTL h FIELDS 0 a', '!ERR Number of fields must be a positive integer'],
    ['HTTL h FIELDS 2 a', '!ERR The `numfields` parameter must match the number of arguments'],
    ['HTTL h FIELDS 1', "!ERR wrong number of arguments for 'httl' command"],
    ['HPERSIST h FIELDS -1 a', '!ERR Number of fields must be a positive integer'],
    ['HPERSIST h FIELDS 1', "!ERR wrong number of arguments for 'hpersist' command"],
    ['HEXPIRE none 1 FIELDS 2 a b', [-2, -2]],
    ['HTTL none FIELDS 1 a', [-2]],
    ['HPERSIST none FIELDS 1 a', [-2]],
    ['HEXPIRE none x FIELDS 1 a', '!ERR value is not an integer or out of range'],
  ])('%s', (command, expected) => {
    expect(call(...command.split(' '))).toEqual(expected)
  })

  test('the type of the key is looked at first', () => {
    call('SET', 's', 1)
    const wrong = '!WRONGTYPE Operation against a key holding the wrong kind of value'
    expect(call('HEXPIRE', 's', 'x', 'FIELDS', 1, 'a')).toBe(wrong)
    expect(call('HTTL', 's', 'FIELD', 1, 'a')).toBe(wrong)
    expect(call('HPERSIST', 's', 'FIELD', 1, 'a')).toBe(wrong)
  })

  test('a refused HEXPIRE leaves everything as it was', () => {
    call('HEXPIRE', 'h', 1, 'FIELDS', 2, 'a')
    expect(hash().encoding).toBe('listpack')
    expect(since()).toEqual({ effects: [], events: [] })
  })
})

test('the background sweep comes to the end of many and of large hashes', () => {
  for (let i = 0; i < 3000; i++) {
    call('HSET', `h${i}`, 'f', 1, 'stays', 1)
    call('HPEXPIRE', `h${i}`, 500 + (i % 7) * 100, 'FIELDS', 1, 'f')
  }
  const fields = Array.from({ length: 30_000 }, (_, i) => `f${i}`)
  call('HSET', 'large', 'stays', 1, ...fields.flatMap((field) => [field, '1']))
  call('HPEXPIRE', 'large', 700, 'FIELDS', fields.length, ...fields)
  since()
  host.advance(20_000)
  expect(engine.keyspace.expiredFields).toBe(33_000)
  expect(call('HGETALL', 'large')).toEqual(['stays', '1'])
  expect(database().size).toBe(3001)
  expect(database().hashesWithExpiringFields.size).toBe(0)
  expect(new Set(since().effects).size).toBe(33_000)
})

test('the earliest expiry of a dictionary after a time', () => {
  const dict = new Dict<string>({ seed: 1, values: true })
  expect(dict.earliestExpiry(0)).toBe(Number.POSITIVE_INFINITY)
  for (let i = 0; i < 20_000; i++) {
    const slot = dict.insert(`k${i}`, '')
    if (i % 3 === 0) dict.setExpiryAt(slot, 1000 + i)
  }
  expect(dict.earliestExpiry(0)).toBe(1000)
  expect(dict.earliestExpiry(1000)).toBe(1003)
  expect(dict.earliestExpiry(30_000)).toBe(Number.POSITIVE_INFINITY)
})

test('any sequence leaves what a simple model says', () => {
  const field = fc.integer({ min: 0, max: 11 }).map((i) => `f${i}`)
  const fields = fc.array(field, { minLength: 1, maxLength: 3 })
  const steps = fc.oneof(
    fc.record({
      kind: fc.constant('set' as const),
      field,
      value: fc.constantFrom('1', '22', 'x'.repeat(65)),
    }),
    fc.record({ kind: fc.constant('expire' as const), fields, ms: fc.integer({ min: 1, max: 500 }) }),
    fc.record({ kind: fc.constant('persist' as const), fields }),
    fc.record({ kind: fc.constant('delete' as const), fields }),
    fc.record({ kind: fc.constant('get' as const), field }),
    fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.integer({ min: 0, max: 200 }),
      cron: fc.boolean(),
    }),
  )
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 120, size: 'max' }), (sequence) => {
      database().clear()
      const model = new Map<string, { value: string; expiryMs: number }>()
      const live = (name: string) => {
        const entry = model.get(name)
        return entry === undefined || entry.expiryMs < host.now() ? undefined : entry
      }
      for (const step of sequence) {
        if (step.kind === 'set') {
          call('HSET', 'h', step.field, step.value)
          model.set(step.field, { value: step.value, expiryMs: Number.POSITIVE_INFINITY })
        } else if (step.kind === 'get') {
          expect(call('HGET', 'h', step.field)).toBe(live(step.field)?.value ?? null)
        } else if (step.kind === 'wait') {
          host.advance(step.ms, step.cron)
        } else {
          const names = step.fields
          if (step.kind === 'delete') {
            call('HDEL', 'h', ...names)
            for (const name of names) model.delete(name)
          } else if (step.kind === 'expire') {
            const reply = call('HPEXPIRE', 'h', step.ms, 'FIELDS', names.length, ...names)
            expect(reply).toEqual(names.map((name) => (live(name) === undefined ? -2 : 1)))
            for (const name of names) {
              const entry = live(name)
              if (entry !== undefined) entry.expiryMs = host.now() + step.ms
            }
          } else {
            call('HPERSIST', 'h', 'FIELDS', names.length, ...names)
            for (const name of names) {
              const entry = live(name)
              if (entry !== undefined) entry.expiryMs = Number.POSITIVE_INFINITY
            }
          }
        }
        const names = [...model.keys()].filter((name) => live(name) !== undefined)
        expect(sorted(call('HKEYS', 'h'))).toEqual([...names].sort())
        const times = names.map((name) =>
          live(name)?.expiryMs === Number.POSITIVE_INFINITY ? -1 : live(name)?.expiryMs,
        )
        if (names.length > 0) {
          expect(call('HPEXPIRETIME', 'h', 'FIELDS', names.length, ...names)).toEqual(times)
        }
      }
      host.advance(2000)
      const forever = [...model].filter(([, entry]) => entry.expiryMs === Number.POSITIVE_INFINITY)
      expect(call('HLEN', 'h')).toBe(forever.length)
      expect(database().hashesWithExpiringFields.size).toBe(0)
    }),
    { numRuns: 150 },
  )
})
