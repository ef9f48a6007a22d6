/** A fault of ours in one command: one error reply, one log entry, and everything else as it was. */
import { describe, expect, it } from 'vitest'
import type { Command } from '../../../packages/core/src/commands/command.js'
import { FakeServer } from '../../support/fake-client.js'

/** Makes the handler of one command of this engine throw before or after it has done its work. */
function breakCommand(server: FakeServer, name: string, after = false): void {
  const command = server.engine.commands.find(name) as Command
  const { handler } = command
  Object.defineProperty(command, 'handler', {
    value: (...args: Parameters<NonNullable<typeof handler>>) => {
      if (after) handler?.(...args)
      throw new TypeError('this was not expected')
    },
  })
}

describe('a handler that throws something unexpected', () => {
  it('answers an error, logs the stack, and nothing else happens', () => {
    const server = new FakeServer()
    breakCommand(server, 'incr')
    const [first, other] = [server.connect(), server.connect()]
    expect(first.ask('SET a 1')).toBe('+OK')
    first.send('INCR a', 'GET a')
    expect(first.take()).toEqual(["(error) ERR internal error in command 'incr', see the log", '"1"'])
    expect(other.ask('GET a')).toBe('"1"')
    expect(first.closed).toBe(false)
    expect(server.host.messages).toHaveLength(1)
    expect(server.host.messages[0]).toMatch(
      /^Unexpected error in command 'incr': TypeError: this was not expected\n\s+at .*faults\.test\.ts/,
    )
    expect(first.ask('INFO errorstats')).toContain('errorstat_ERR:count=1')
    expect(first.ask('INFO commandstats')).toMatch(/cmdstat_incr:calls=1,.*failed_calls=1/)
  })

  it('in a transaction fails alone', () => {
    const server = new FakeServer()
    breakCommand(server, 'incr')
    const client = server.connect()
    client.send('MULTI', 'SET a 1', 'INCR a', 'SET b 2', 'EXEC')
    expect(client.take().at(-1)).toBe(
      "(array)\n  1) +OK\n  2) (error) ERR internal error in command 'incr', see the log\n  3) +OK",
    )
    expect(client.ask('MGET a b')).toBe('(array)\n  1) "1"\n  2) "2"')
  })

  it('in the command of a blocked client frees that client, and the next is served', () => {
    const server = new FakeServer()
    const [faulty, next, pusher] = [server.connect(), server.connect(), server.connect()]
    faulty.send('BLPOP list 0')
    next.send('BLMOVE list other LEFT LEFT 0')
    breakCommand(server, 'blpop')
    expect(pusher.ask('RPUSH list x')).toBe('(integer) 1')
    expect(faulty.take()).toEqual(["(error) ERR internal error in command 'blpop', see the log"])
    expect(next.take()).toEqual(['"x"'])
    server.host.settle()
    expect(faulty.ask('PING')).toBe('+PONG')
  })

  it('a command that changed something before it failed still tells the others', () => {
    const server = new FakeServer()
    breakCommand(server, 'rpush', true)
    const [blocked, pusher] = [server.connect(), server.connect()]
    blocked.send('BLPOP list 0')
    expect(pusher.ask('RPUSH list x')).toMatch(/internal error/)
    expect(blocked.take()).toEqual(['(array)\n  1) "list"\n  2) "x"'])
  })
})

describe('a reply that cannot be sent', () => {
  it('costs its client the connection and nobody else anything', () => {
    const server = new FakeServer()
    const command = server.engine.commands.find('echo') as Command
    Object.defineProperty(command, 'handler', { value: () => ['begun', new Map()] })
    const [first, other] = [server.connect(), server.connect()]
    first.send('PING', 'ECHO x', 'SET a 1')
    expect(first.closed).toBe(true)
    expect(first.aborted).toBe(true)
    expect(server.host.messages[0]).toMatch(/^Unexpected error while serving a client: Error: no encoding/)
    expect(other.ask('EXISTS a')).toBe('(integer) 0')
    expect(other.ask('PING')).toBe('+PONG')
    expect(server.engine.sessions.count).toBe(1)
  })
})
