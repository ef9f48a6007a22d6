/** How slow commands are found: timed by themselves, or together with others. */
import { describe, expect, it } from 'vitest'
import type { Command } from '../../../packages/core/src/commands/command.js'
import type { Context } from '../../../packages/core/src/commands/context.js'
import { FakeServer } from '../../support/fake-client.js'
import { FakeHost } from '../../support/fake-host.js'

/** A clock that a command can move on, and that counts how often it is looked at. */
class Clock extends FakeHost {
  looks = 0
  lateMs = 0
  override monotonic(): number {
    this.looks++
    return super.monotonic() + this.lateMs
  }
}

/** A server on which `ECHO slow:5` takes 5 ms, and every other command no time at all. */
function timedServer(settings: Record<string, string> = {}) {
  const clock = new Clock()
  const server = new FakeServer({ 'latency-monitor-threshold': '2', ...settings }, clock)
  for (const name of ['echo', 'ping', 'blpop']) {
    const command = server.engine.commands.find(name) as Command
    const run = command.handler as NonNullable<typeof command.handler>
    Object.defineProperty(command, 'handler', {
      value: (ctx: Context, args: readonly string[]) => {
        const took = args.find((arg) => arg.startsWith('slow:'))
        if (took !== undefined) clock.lateMs += Number(took.slice(5))
        return run(ctx, args)
      },
    })
  }
  const client = server.connect()
  const turn = (...commands: string[]) => {
    server.engine.beginTurn()
    client.send(...commands)
    server.engine.endTurn()
    return client.take()
  }
  const slowOnes = () =>
    server.engine.slowLog.newest(100).map(({ args, micros }) => `${args.join(' ')} ${micros}`)
  return { clock, server, client, turn, slowOnes }
}

/** So many calls of a quick command that the next ones are not timed by themselves. */
const warmUp = (turn: (...commands: string[]) => unknown) => turn('ECHO a', 'PING a', 'GET a')

describe('SLOWLOG', () => {
  it('has a command that is alone in its turn', () => {
    const { turn, slowOnes } = timedServer()
    warmUp(turn)
    turn('ECHO slow:9')
    expect(slowOnes()).toEqual([])
    turn('ECHO slow:10')
    expect(slowOnes()).toEqual(['ECHO slow:10 10000'])
  })

  it('has the largest of several that took long together, and every one for a while after', () => {
    const { turn, slowOnes, clock } = timedServer()
    warmUp(turn)
    turn('GET k', 'ECHO slow:20', 'GET k', 'PING x')
    expect(slowOnes()).toEqual(['ECHO slow:20 20000'])
    turn('GET k', 'ECHO slow:11', 'PING slow:12', 'ECHO and-a-long-one-that-takes-no-time')
    expect(slowOnes()).toEqual(['PING slow:12 12000', 'ECHO slow:11 11000', 'ECHO slow:20 20000'])
    clock.lateMs += 2000
    turn('ECHO a')
    const looks = clock.looks
    turn('ECHO a', 'ECHO a', 'ECHO a', 'ECHO a')
    expect(clock.looks - looks).toBe(2)
  })

  it('does not take a long turn of commands that are quick for a slow command', () => {
    const { turn, slowOnes } = timedServer()
    warmUp(turn)
    turn(...Array.from({ length: 400 }, () => 'ECHO slow:0.1'))
    expect(slowOnes()).toEqual([])
  })

  it('does not take the time between turns, or what else happens in one, for that of a command', () => {
    const { clock, server, client, turn, slowOnes } = timedServer()
    warmUp(turn)
    clock.lateMs += 1000
    turn('ECHO a')
    server.engine.beginTurn()
    client.send('ECHO a')
    clock.lateMs += 50
    server.engine.timing.paused('snapshot', 50)
    client.send('ECHO a')
    server.engine.endTurn()
    expect(slowOnes()).toEqual([])
    expect(server.engine.latency.event('snapshot')?.worstMs).toBe(50)
  })

  it('has what is quick within a transaction, and not EXEC', () => {
    const { turn, slowOnes } = timedServer()
    warmUp(turn)
    turn('MULTI', 'ECHO slow:30', 'EXEC')
    expect(slowOnes()).toEqual(['ECHO slow:30 30000'])
  })

  it('has a command that blocked when it is served', () => {
    const { server, turn, slowOnes } = timedServer()
    const blocked = server.connect()
    blocked.send('BLPOP l slow:15 0')
    expect(slowOnes()).toEqual([])
    turn('RPUSH l x')
    expect(blocked.take()).toHaveLength(1)
    expect(slowOnes()).toEqual(['BLPOP l slow:15 0 15000'])
    expect(server.engine.latency.event('command-unblocking')?.worstMs).toBe(15)
  })

  it('has everything at 0 and nothing below, and no more than it may', () => {
    const { turn, slowOnes } = timedServer({ 'slowlog-log-slower-than': '0', 'slowlog-max-len': '3' })
    turn('ECHO a', 'ECHO b', 'ECHO c', 'ECHO d')
    expect(slowOnes()).toEqual(['ECHO d 0', 'ECHO c 0', 'ECHO b 0'])
    turn('CONFIG SET slowlog-log-slower-than -1')
    turn('ECHO slow:100')
    expect(slowOnes()).toEqual(['ECHO d 0', 'ECHO c 0', 'ECHO b 0'])
    turn('CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 0', 'ECHO slow:100')
    expect(slowOnes()).toHaveLength(3)
  })

  it('keeps nothing of the commands of a run', () => {
    const { server, turn } = timedServer()
    warmUp(turn)
    turn('ECHO something-that-could-be-large')
    expect(JSON.stringify(Object.values(server.engine.timing))).not.toContain('large')
  })
})

describe('the clock', () => {
  it('is looked at twice in a turn of quick commands, and for one in sixteen of them', () => {
    const { clock, turn } = timedServer()
    warmUp(turn)
    const looks = clock.looks
    turn(...Array.from({ length: 15 }, () => 'ECHO a'))
    expect(clock.looks - looks).toBe(2)
    turn(...Array.from({ length: 16 }, () => 'ECHO a'))
    expect(clock.looks - looks).toBe(6)
  })

  it('is not looked at for a quick command outside of a turn', () => {
    const { clock, client } = timedServer()
    client.send('ECHO a')
    const looks = clock.looks
    client.send('ECHO a', 'ECHO a')
    expect(clock.looks).toBe(looks)
  })
})

describe('LATENCY', () => {
  it('remembers the worst of each second of the last 160 that had one', () => {
    const { clock, server, turn } = timedServer()
    const { latency } = server.engine
    for (let second = 0; second < 200; second++) {
      turn('ECHO slow:3', 'ECHO a', 'ECHO a')
      turn(`ECHO slow:${5 + (second % 7)}`)
      turn('ECHO slow:1')
      clock.advance(1000)
    }
    const event = latency.event('fast-command')
    expect(event?.samples).toHaveLength(160)
    expect(event?.samples[0]).toEqual({ unixSeconds: 1_700_000_040, ms: 5 + (40 % 7) })
    expect(event?.worstMs).toBe(11)
    expect(latency.forget(['command', 'fast-command'])).toBe(1)
    expect(latency.event('fast-command')).toBeUndefined()
  })

  it('tells how many calls took how long, from those that were timed', () => {
    const { turn } = timedServer()
    turn(...Array.from({ length: 100 }, () => 'ECHO slow:0.1'))
    const [text] = turn('LATENCY HISTOGRAM echo')
    expect(text).toContain('"calls"')
    expect(text).toMatch(/\(integer\) 100\n/)
    expect(text).toMatch(/\(integer\) 132\n\s*2\) \(integer\) 100|132/)
  })
})
