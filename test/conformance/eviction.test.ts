/** maxmemory beside redis-server: which commands are refused without room, in which words, and what OBJECT tells. */
import { describe, expect } from 'vitest'
import type { Command } from '../../packages/core/src/commands/command.js'
import { CommandTable } from '../../packages/core/src/commands/table.js'
import { conformance, script } from '../support/conformance.js'
import type { RespConnection } from '../support/resp-connection.js'
import { printReply, type Reply } from '../support/resp-reader.js'
import { onBoth } from '../support/server-pair.js'

/** They run at once, transaction or not, and end it or the connection. */
const IMMEDIATE = new Set(['multi', 'exec', 'discard', 'quit', 'reset'])

const commands = [...new CommandTable().withSubcommands()].filter(
  ({ handler, name }) => handler !== undefined && !IMMEDIATE.has(name),
)

/**
 * A command with as many words as both servers want at least; undefined for one that redis-server 7.0, who is to
 * judge, does not know.
 */
async function wordsOf(redis: RespConnection, { fullName, arity }: Command): Promise<string[] | undefined> {
  const info = await redis.send('COMMAND', 'INFO', fullName)
  const known = info.type === 'array' ? info.value[0] : undefined
  const theirs = known?.type === 'array' ? known.value[1] : undefined
  if (theirs?.type !== 'integer') return undefined
  const words = fullName.split('|')
  const count =
    Number(theirs.value) > 0 ? Number(theirs.value) : Math.max(Math.abs(arity), -Number(theirs.value))
  while (words.length < count) words.push('1')
  return words
}
describe('without room', () => {
  conformance(
    'commands that need memory are refused before anything else is looked at',
    script`
      RPUSH l a b
      SET s x
      CONFIG SET maxmemory 1
      SET s y
      SET s
      GET s
      LPUSH s x
      INCR s
      LRANGE l 0 -1
      LPOP l
      DEL l
      EXPIRE s 100
      APPEND s y
      NOSUCH x
      OBJECT FREQ s
      SORT l
      SORT l STORE m
      BLMOVE l m LEFT LEFT 0
      BLPOP s 0
      GETEX s PERSIST
      SUBSCRIBE c
      UNSUBSCRIBE c
      CONFIG SET maxmemory 0
      SET s y
      GET s
    `,
  )

  conformance(
    'transactions',
    script`
      CONFIG SET maxmemory 1
      MULTI
      GET k
      EXEC
      MULTI
      DISCARD
      MULTI
      EXEC
      MULTI
      WATCH k
      MULTI
      SUBSCRIBE c
      NOSUCH
      GET
      EXEC
      CONFIG SET maxmemory 0
      MULTI
      SET k v
      A> CONFIG SET maxmemory 1
      EXEC
      EXEC
      CONFIG SET maxmemory 0
      MULTI
      GET k
      EXISTS k
      A> CONFIG SET maxmemory 1
      EXEC
      A> CONFIG SET maxmemory 0
      MULTI
      SET k v
      CONFIG SET maxmemory 1
      SET k w
      EXEC
      SET k x
      GET k
      EXEC x
      MULTI
      EXEC x
      EXEC
      RESET
    `,
  )

  conformance(
    'whoever waited before is served',
    script`
      A> BLMOVE l m LEFT LEFT 0
      A?
      MULTI
      RPUSH l x y
      CONFIG SET maxmemory 1
      EXEC
      A<
      LRANGE m 0 -1
      A> BLMOVE l m LEFT LEFT 0
    `,
  )

  conformance(
    'nothing is evicted or refused while writes are paused',
    script`
      SET k v
      CONFIG SET maxmemory-policy allkeys-lru
      CLIENT PAUSE 100000 WRITE
      CONFIG SET maxmemory 1
      GET k
      A> SET k w
      A?
      CONFIG SET maxmemory-policy noeviction
      CLIENT UNPAUSE
      A<
      CONFIG SET maxmemory 0
      GET k
    `,
  )

  conformance('exactly the commands that redis-server refuses', async ({ both, redis, russet }) => {
    const sides = { redis, russet }
    let judged = 0
    let refused = 0
    for (const command of commands) {
      const words = await wordsOf(redis, command)
      if (words === undefined) continue
      judged++
      const begun = [['UNWATCH'], ['WATCH', 'w'], ['MULTI'], words]
      const queued = await onBoth(async (side) =>
        printReply((await sides[side].sendMany(begun)).at(-1) as Reply),
      )
      expect(queued.russet, command.fullName).toBe(queued.redis)
      // With the WATCH broken nothing is run, whatever EXEC finds.
      await both('A> SET w changed')
      await both('A> CONFIG SET maxmemory 1')
      const verdict = await both('EXEC')
      if (printReply(verdict.redis).includes('used memory')) refused++
      // In a transaction there is no room for any command.
      await both('MULTI')
      await both(words.join(' '))
      await both('DISCARD')
      await both('A> CONFIG SET maxmemory 0')
    }
    expect(judged).toBeGreaterThan(230)
    expect(refused).toBeGreaterThan(50)
  })

  conformance('by name, outside of transactions', async ({ both, redis }) => {
    await both('CONFIG SET maxmemory 1')
    for (const command of commands) {
      if (!command.deniedWithoutMemory) continue
      const words = await wordsOf(redis, command)
      if (words !== undefined) await both(words.join(' '))
    }
  })
})

describe('OBJECT FREQ and IDLETIME', () => {
  conformance(
    'which of them there is depends on the policy',
    script`
      SET k v
      OBJECT FREQ k
      OBJECT IDLETIME k
      OBJECT FREQ none
      OBJECT IDLETIME none
      CONFIG SET maxmemory-policy allkeys-lfu
      SET k w
      SET new v
      OBJECT FREQ new
      OBJECT IDLETIME new
      OBJECT FREQ none
      OBJECT IDLETIME none
      CONFIG SET maxmemory-policy volatile-lru
      SET k x
      OBJECT FREQ k
      OBJECT IDLETIME k
    `,
  )

  conformance(
    'the counter of uses, where chance does not decide',
    script`
      CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor 0 lfu-decay-time 0
      SET k v
      OBJECT FREQ k
      GET k
      OBJECT FREQ k
      SET k w
      OBJECT FREQ k
      EXISTS k
      TYPE k
      TTL k
      OBJECT FREQ k
      APPEND k x
      GETRANGE k 0 -1
      STRLEN k
      OBJECT FREQ k
      TOUCH k k
      OBJECT FREQ k
      RENAME k l
      OBJECT FREQ l
      COPY l m
      OBJECT FREQ m
      OBJECT FREQ l
      DUMP l
      OBJECT FREQ l
      CLIENT NO-TOUCH ON => +OK
      RPUSH list a b
      LPUSH list c
      LRANGE list 0 -1
      CLIENT NO-TOUCH OFF => +OK
      LLEN list
      EXPIRE list 1000
      PERSIST list
      SORT list ALPHA
      ~no-digest
    `,
  )
})

describe('maxmemory-clients', () => {
  conformance(
    'as a size and as a share',
    script`
      CONFIG SET maxmemory-clients 1mb
      CONFIG GET maxmemory-clients ~pairs
      CONFIG SET maxmemory-clients 5%
      CONFIG GET maxmemory-clients ~pairs
      CONFIG SET maxmemory-clients 101%
      CONFIG SET maxmemory-clients -1
      CONFIG SET maxmemory-clients 0
      CLIENT NO-EVICT ON
      CLIENT NO-EVICT OFF
      CLIENT NO-EVICT maybe
      PING
    `,
  )
})
