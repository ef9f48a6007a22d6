/**
 * The harness itself: it must see differences, name them well, and not see any where there are none. Two real
 * redis-servers stand in for the pair; in the second, INCR counts down and APPEND does not exist.
 */

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command, integers, keys, members, relaxed, several } from '../support/arbitraries.js'
import { script } from '../support/notation.js'
import { startRedis } from '../support/redis-server.js'
import { ScriptRun } from '../support/script-run.js'
import { findDifference } from '../support/sequences.js'
import { ServerPair } from '../support/server-pair.js'

const COUNTS_DOWN = ['--rename-command', 'INCR', 'UP', '--rename-command', 'DECR', 'INCR']
const NO_APPEND = ['--rename-command', 'APPEND', '']

let equal: ServerPair
let different: ServerPair
/** Only the second server can be shut down. */
let dying: ServerPair

beforeAll(async () => {
  const plain = (): ReturnType<typeof startRedis> => startRedis({ transport: 'unix' })
  equal = await ServerPair.start({ redis: plain, russet: () => startRedis() })
  different = await ServerPair.start({
    redis: plain,
    russet: () => startRedis({ args: [...COUNTS_DOWN, ...NO_APPEND], transport: 'unix' }),
  })
  dying = await ServerPair.start({
    redis: () => startRedis({ args: ['--rename-command', 'SHUTDOWN', ''], transport: 'unix' }),
    russet: plain,
  })
})

afterAll(async () => {
  await equal.stop()
  await different.stop()
  await dying.stop()
})

describe.each([2, 3] as const)('RESP%i', (protocol) => {
  const same = (text: string): Promise<void> => ScriptRun.run(equal, protocol, text)
  const differs = (text: string): Promise<void> => ScriptRun.run(different, protocol, text)

  test('equal servers agree', async () => {
    await same(script`
      SET k "a\x00\xff"
      GET k
      HSET h a 1 b 2
      HGETALL h ~pairs
      EXPIRE h 100
      PTTL h ~near 50
      NOSUCH command
      ZADD z 1.5 a
      ZRANGE z 0 -1 WITHSCORES
      SRANDMEMBER none 3
      >> "PING\r\n"
      CLIENT LIST ~kind
    `)
  })

  test('blocked clients are seen, served and left', async () => {
    await same(script`
      A> BLPOP l 0
      B> BLPOP l 0
      A?
      B?
      RPUSH l 1
      A<
      B?
      RPUSH l 2
      B<
      BLPOP l 0.01
      C> BLMOVE l to LEFT LEFT 0
    `)
    // The client of the last script is gone: it must not take this element.
    await same(script`
      RPUSH l 1
      LLEN l
    `)
  })

  test('a pause blocks, WATCH and MULTI go on', async () => {
    await same(script`
      A> WATCH k
      SET k 1
      A> MULTI
      A> GET k
      A> EXEC
      CLIENT PAUSE 10000 WRITE
      A> SET k 2
      A?
      CLIENT UNPAUSE
      A<
    `)
  })

  test('messages of a subscription', async () => {
    await same(script`
      A> SUBSCRIBE one two
      A<
      PUBLISH two "hello"
      A<
    `)
  })

  test('a closed connection is a reply', async () => {
    await same(script`
      QUIT
      GET k
      A>> "*x\r\n"
      A<
    `)
  })

  test('CONFIG SET is undone', async () => {
    const before = await equal.ask('CONFIG', 'GET', 'hash-max-listpack-entries')
    await same(script`
      CONFIG SET hash-max-listpack-entries 3 maxmemory-policy allkeys-lru
      HSET h a 1 b 2 c 3 d 4
      OBJECT ENCODING h
    `)
    expect(await equal.ask('CONFIG', 'GET', 'hash-max-listpack-entries')).toEqual(before)
    expect((await equal.ask('CONFIG', 'GET', 'maxmemory-policy')).russet.raw).toContain('noeviction')
  })

  test('a difference names the step, both replies and what came before', async () => {
    await expect(
      differs(script`
        SET n 5
        INCR n
      `),
    ).rejects.toThrow(
      /INCR n {3}\(line 3\)\nredis: {2}\(integer\) 6\nrusset: \(integer\) 4\nafter:\n {2}SET n 5/,
    )
  })

  test('a difference in data names the key', async () => {
    await expect(
      differs(script`
        SELECT 3
        SET n 5
        SET same 1
        INCR n ~type
      `),
    ).rejects.toThrow(
      /at the end\nthe data sets differ.*\n {2}"n" in database 3:\n {4}redis: [\s\S]*"6"[\s\S]*russet: [\s\S]*"4"/,
    )
  })

  test('an expected reply is checked on the second server only', async () => {
    await differs(script`
      UP n => 1
      INCR n ~differs => 0
      ~no-digest
    `)
    await expect(differs('UP n => 2')).rejects.toThrow('expected: (integer) 2\nrusset:   (integer) 1')
  })

  test('a client that blocks on one side only, or not at all', async () => {
    await expect(same('A> PING\nA?')).rejects.toThrow('not blocked on redis')
    await expect(same('A> BLPOP l 0\nRPUSH l x\nPING')).rejects.toThrow("nobody read A's reply")
    await expect(same('A> BLPOP l 0\nA> PING')).rejects.toThrow('read its reply first')
  })
})

describe('random sequences', () => {
  const commands = fc.oneof(
    command('SET', keys(), integers()),
    command('RPUSH', keys(), several(1, 3, members())),
    command('INCRBY', keys(), integers()),
    command('GET', keys()),
    command('DEL', keys()),
  )

  test('equal servers agree', async () => {
    await findDifference(equal, { name: 'equal', commands, runs: 5 })
  })

  test('a difference shrinks to the fewest commands', async () => {
    const withAppend = fc.oneof({ weight: 20, arbitrary: commands }, command('APPEND', keys(), members()))
    const search = findDifference(different, { name: 'append', commands: withAppend })
    await expect(search).rejects.toThrow(
      /RESP2, after .*:\n {2}APPEND k\d \S+\ncommand 1: APPEND k\d \S+\nredis: {2}\(integer\) \d+\nrusset: \(error\)/,
    )
  })

  test('so does one that only the data show', async () => {
    const blind = relaxed({ type: true }, command('INCR', keys(2, 'n')))
    const search = findDifference(different, {
      name: 'incr',
      commands: fc.oneof({ weight: 20, arbitrary: commands }, blind),
    })
    await expect(search).rejects.toThrow(
      /:\n {2}INCR n\d ~type\nthe data sets differ[\s\S]*RUSSET_TEST_SEED=/,
    )
  })

  test('a server that dies is started again, and what killed it is found', async () => {
    const fatal = fc.oneof({ weight: 50, arbitrary: commands }, command('SHUTDOWN', 'NOSAVE'))
    const search = findDifference(dying, { name: 'dies', commands: fatal })
    await expect(search).rejects.toThrow(
      /:\n {2}SHUTDOWN NOSAVE\n[\s\S]*russet: \(closed\)[\s\S]*russet does not answer any more/,
    )
    await expect(ScriptRun.run(dying, 2, 'SHUTDOWN NOSAVE ~differs => any')).rejects.toThrow(
      'does not answer any more',
    )
    await ScriptRun.run(dying, 3, 'PING')
  })
})
