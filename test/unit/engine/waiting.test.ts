/** Clients that wait, for keys or for the end of a pause: who is served, when and in which order. */
import { describe, expect, it } from 'vitest'
import { type FakeClient, FakeServer } from '../../support/fake-client.js'

function clients(server: FakeServer, count: number): FakeClient[] {
  return Array.from({ length: count }, () => server.connect())
}

describe('clients blocked on keys', () => {
  it('many on the same key are served in the order in which they came', () => {
    const server = new FakeServer()
    const waiting = clients(server, 500)
    for (const client of waiting) client.send('BLPOP list 0')
    const pusher = server.connect()
    let served = 0
    for (let batch = 1; served < waiting.length; batch++) {
      const values = Array.from({ length: batch }, (_, i) => `v${served + i}`)
      pusher.send(['RPUSH', 'list', ...values])
      served += batch
    }
    waiting.forEach((client, i) => {
      expect(client.take()).toEqual([`(array)\n  1) "list"\n  2) "v${i}"`])
    })
    expect(server.engine.blocking.count).toBe(0)
    expect(server.engine.blocking.blockingKeys).toBe(0)
  })

  it('on several keys each is served once, by the first key that is ready', () => {
    const server = new FakeServer()
    const [both, second, pusher] = clients(server, 3) as [FakeClient, FakeClient, FakeClient]
    both.send('BLPOP a b 0')
    second.send('BLPOP b 0')
    pusher.send('MULTI', 'RPUSH b 1', 'RPUSH a 2', 'RPUSH b 3', 'EXEC')
    // `b` was ready first, so its queue goes first; the command then looks at its keys in order.
    expect(both.take()).toEqual(['(array)\n  1) "a"\n  2) "2"'])
    expect(second.take()).toEqual(['(array)\n  1) "b"\n  2) "1"'])
    pusher.take()
    expect(pusher.ask('LRANGE b 0 -1')).toBe('(array)\n  1) "3"')
  })

  it('are served after the whole transaction, and what they do may serve others', () => {
    const server = new FakeServer()
    const [mover, popper, pusher] = clients(server, 3) as [FakeClient, FakeClient, FakeClient]
    popper.send('BLPOP target 0')
    mover.send('BLMOVE source target LEFT RIGHT 0')
    pusher.send('MULTI', 'RPUSH source x', 'LLEN source', 'EXEC', 'EXISTS source target')
    expect(pusher.take().slice(-2)).toEqual(['(array)\n  1) (integer) 1\n  2) (integer) 1', '(integer) 0'])
    expect(mover.take()).toEqual(['"x"'])
    expect(popper.take()).toEqual(['(array)\n  1) "target"\n  2) "x"'])
  })

  it('are not served when what came is gone again within the transaction', () => {
    const server = new FakeServer()
    const [popper, pusher] = clients(server, 2) as [FakeClient, FakeClient]
    popper.send('BLPOP list 0')
    pusher.send('MULTI', 'RPUSH list x', 'DEL list', 'EXEC')
    expect(popper.take()).toEqual([])
    pusher.send('SET list x', 'DEL list', 'RPUSH list y')
    expect(popper.take()).toEqual(['(array)\n  1) "list"\n  2) "y"'])
  })

  it('keep their place in the queue when their key is of another type', () => {
    const server = new FakeServer()
    const [list, zset, pusher] = clients(server, 3) as [FakeClient, FakeClient, FakeClient]
    list.send('BLPOP k 0')
    zset.send('BZPOPMIN k 0')
    pusher.send('ZADD k 1 m')
    expect(zset.take()).toHaveLength(1)
    expect(list.take()).toEqual([])
    pusher.send('RPUSH k v')
    expect(list.take()).toHaveLength(1)
  })

  it('nobody waits inside a transaction', () => {
    const server = new FakeServer()
    const client = server.connect()
    client.send('MULTI', 'BLPOP a 0', 'BLMOVE a b LEFT LEFT 0', 'BZPOPMIN z 0', 'EXEC')
    expect(client.take().at(-1)).toBe('(array)\n  1) (null array)\n  2) (null bulk)\n  3) (null array)')
    expect(server.engine.blocking.count).toBe(0)
  })

  it('what a blocked client sends meanwhile runs afterwards, in order', () => {
    const server = new FakeServer()
    const [popper, pusher] = clients(server, 2) as [FakeClient, FakeClient]
    popper.send('PING first', 'BLPOP list 0', 'PING second')
    popper.sendRaw('*2\r\n$4\r\nPI')
    expect(popper.take()).toEqual(['"first"'])
    popper.sendRaw('NG\r\n$5\r\nthird\r\n')
    pusher.send('RPUSH list x')
    server.host.settle()
    expect(popper.take()).toEqual(['(array)\n  1) "list"\n  2) "x"', '"second"', '"third"'])
  })

  it('who leaves is forgotten, and the next one gets the element', () => {
    const server = new FakeServer()
    const [gone, killed, next, pusher] = clients(server, 4) as [
      FakeClient,
      FakeClient,
      FakeClient,
      FakeClient,
    ]
    for (const client of [gone, killed, next]) client.send('BLPOP list 10')
    gone.leave()
    pusher.send(['CLIENT', 'KILL', 'ID', killed.connection.session.id])
    expect(killed.closed).toBe(true)
    pusher.send('RPUSH list x')
    expect(next.take()).toHaveLength(1)
    expect(gone.take()).toEqual([])
    expect(server.engine.blocking.count).toBe(0)
    // Their timers are gone as well.
    server.host.advance(20_000)
    expect(pusher.take()).toEqual(['(integer) 1', '(integer) 1'])
  })

  it('time out at their time, and are unblocked by others', () => {
    const server = new FakeServer()
    const [late, never, other] = clients(server, 3) as [FakeClient, FakeClient, FakeClient]
    late.send('BLPOP list 1.5')
    never.send('BLPOP list 0')
    server.host.advance(1499)
    expect(late.take()).toEqual([])
    server.host.advance(2)
    expect(late.take()).toEqual(['(null array)'])
    const { id } = never.connection.session
    expect(other.ask(`CLIENT UNBLOCK ${id} ERROR`)).toBe('(integer) 1')
    expect(never.take()).toEqual(['(error) UNBLOCKED client unblocked via CLIENT UNBLOCK'])
    expect(other.ask(`CLIENT UNBLOCK ${id}`)).toBe('(integer) 0')
    expect(other.ask('INFO errorstats')).toContain('errorstat_UNBLOCKED:count=1')
    expect(other.ask('INFO commandstats')).toMatch(/cmdstat_blpop:calls=2,.*failed_calls=1/)
  })

  it('are served when databases change places', () => {
    const server = new FakeServer()
    const [popper, pusher] = clients(server, 2) as [FakeClient, FakeClient]
    popper.send('BLPOP list 0')
    pusher.send('SELECT 1', 'RPUSH list x')
    expect(popper.take()).toEqual([])
    pusher.send('SWAPDB 0 1')
    expect(popper.take()).toEqual(['(array)\n  1) "list"\n  2) "x"'])
  })

  it('an expired key that comes by SWAPDB is deleted after it, for all that follows', () => {
    const server = new FakeServer()
    const [popper, swapper] = clients(server, 2) as [FakeClient, FakeClient]
    const effects: string[] = []
    server.engine.effects.listen((unit) => {
      for (const { db, command } of unit) effects.push(`${db}: ${command.join(' ')}`)
    })
    popper.send('BZPOPMIN k 0', 'PING')
    swapper.send('SELECT 1', 'ZADD k 1 x', 'PEXPIRE k 10')
    server.engine.activeExpire = false
    server.host.advance(20)
    effects.length = 0
    swapper.send('SWAPDB 0 1')
    expect(effects).toEqual(['1: SWAPDB 0 1', '0: DEL k'])
    expect(popper.take()).toEqual([])
  })

  it('count as one call, however often their command is run', () => {
    const server = new FakeServer()
    const [first, second, pusher] = clients(server, 3) as [FakeClient, FakeClient, FakeClient]
    first.send('BLPOP list 0')
    second.send('BLPOP list 0')
    pusher.send('MULTI', 'RPUSH list x', 'RPOP list', 'RPUSH list y', 'EXEC', 'RPUSH list z')
    pusher.take()
    expect(first.take()).toHaveLength(1)
    expect(second.take()).toHaveLength(1)
    expect(pusher.ask('INFO commandstats')).toContain('cmdstat_blpop:calls=2,')
  })

  it('hold no memory for what they sent meanwhile, once that has run', () => {
    const server = new FakeServer()
    const [popper, pusher] = clients(server, 2) as [FakeClient, FakeClient]
    popper.send('BLPOP list 0', ['SET', 'k', 'v'.repeat(100_000)])
    expect(popper.connection.buffers().queryBytes).toBeGreaterThan(100_000)
    pusher.send('RPUSH list x')
    server.host.settle()
    expect(popper.take()).toHaveLength(2)
    expect(popper.connection.buffers()).toMatchObject({ queryBytes: 0, queryFreeBytes: 0 })
  })
})

describe('CLIENT PAUSE', () => {
  it('holds commands back and runs them in the order in which they came', () => {
    const server = new FakeServer()
    const [pauser, ...held] = clients(server, 20) as [FakeClient, ...FakeClient[]]
    pauser.send('CLIENT PAUSE 1000 ALL')
    for (const [i, client] of held.entries()) client.send(`RPUSH order ${i}`, 'PING')
    for (const client of held) expect(client.take()).toEqual([])
    server.host.advance(999)
    for (const client of held) expect(client.take()).toEqual([])
    server.host.advance(2)
    for (const [i, client] of held.entries()) expect(client.take()).toEqual([`(integer) ${i + 1}`, '+PONG'])
    const order = held.map((_, i) => `  ${i + 1}) "${i}"`).join('\n')
    expect(held[0]?.ask('LRANGE order 0 -1')).toBe(`(array)\n${order}`)
  })

  it('of writes lets reads through, and a transaction that only reads', () => {
    const server = new FakeServer()
    const [pauser, client] = clients(server, 2) as [FakeClient, FakeClient]
    pauser.send('SET k v', 'CLIENT PAUSE 1000 WRITE')
    client.send('GET k', 'MULTI', 'GET k', 'EXEC', 'SET k w', 'GET k')
    expect(client.take()).toEqual(['"v"', '+OK', '+QUEUED', '(array)\n  1) "v"'])
    expect(pauser.take()).toEqual(['+OK', '+OK'])
    expect(pauser.ask('CLIENT UNPAUSE')).toBe('+OK')
    server.host.settle()
    expect(client.take()).toEqual(['+OK', '"w"'])
  })

  it('ends with a command of another client, which is done before those held back begin', () => {
    const server = new FakeServer()
    const units: string[][] = []
    server.engine.effects.listen((effects) => units.push(effects.map(({ command }) => command.join(' '))))
    const [pauser, client] = clients(server, 2) as [FakeClient, FakeClient]
    pauser.send('SADD s m', 'CLIENT PAUSE 1000 WRITE')
    client.send('SPOP s')
    pauser.send('CLIENT UNPAUSE')
    expect(pauser.take().at(-1)).toBe('+OK')
    expect(client.take()).toEqual([])
    server.host.settle()
    expect(client.take()).toEqual(['"m"'])
    expect(units).toEqual([['SADD s m'], ['SREM s m']])
  })

  it('a later end holds', () => {
    const server = new FakeServer()
    const [pauser, client] = clients(server, 2) as [FakeClient, FakeClient]
    pauser.send('CLIENT PAUSE 1000 WRITE', 'CLIENT PAUSE 10 WRITE')
    client.send('SET k v')
    server.host.advance(500)
    expect(client.take()).toEqual([])
    server.host.advance(600)
    expect(client.take()).toEqual(['+OK'])
  })

  it('forgets who leaves meanwhile', () => {
    const server = new FakeServer()
    const [pauser, gone, client] = clients(server, 3) as [FakeClient, FakeClient, FakeClient]
    pauser.send('CLIENT PAUSE 1000 WRITE')
    gone.send('SET k gone')
    client.send('SETNX k v')
    gone.leave()
    server.host.advance(1001)
    expect(client.take()).toEqual(['(integer) 1'])
    expect(pauser.connection.session.closing).toBe(false)
  })

  it('forgets who leaves between its end and the commands held back', () => {
    const server = new FakeServer()
    const [pauser, gone, next] = clients(server, 3) as [FakeClient, FakeClient, FakeClient]
    pauser.send('CLIENT PAUSE 1000 WRITE')
    gone.send('BLPOP list 0')
    pauser.send('CLIENT UNPAUSE')
    gone.leave()
    server.host.settle()
    expect(server.engine.blocking.count).toBe(0)
    next.send('BLPOP list 0')
    pauser.send('RPUSH list x')
    expect(next.take()).toEqual(['(array)\n  1) "list"\n  2) "x"'])
  })

  it('a key that has expired and was kept is replaced, not doubled', () => {
    const server = new FakeServer()
    const effects: string[] = []
    const client = server.connect()
    client.send('SET k old PX 100', 'SET source v', 'SET list old PX 100', 'SET target old PX 100')
    server.engine.effects.listen((unit) => {
      for (const { command } of unit) effects.push(command.join(' '))
    })
    server.engine.activeExpire = false
    server.host.advance(101)
    client.send(
      ...['MULTI', 'CLIENT PAUSE 1000 WRITE', 'SET k new', 'RPUSH list new', 'RENAME source target', 'EXEC'],
    )
    expect(effects).toEqual([
      ...['DEL k', 'SET k new', 'DEL list', 'RPUSH list new', 'DEL target', 'RENAME source target'],
    ])
    client.take()
    expect(client.ask('DBSIZE')).toBe('(integer) 3')
    server.host.advance(1001)
    client.send('DEL k list target')
    client.take()
    expect(client.ask('DBSIZE')).toBe('(integer) 0')
  })

  it('is taken up again if another pause begins before those held back have run', () => {
    const server = new FakeServer()
    const [pauser, client] = clients(server, 2) as [FakeClient, FakeClient]
    pauser.send('CLIENT PAUSE 1000 WRITE')
    client.send('SET k v')
    pauser.send('CLIENT UNPAUSE', 'CLIENT PAUSE 1000 WRITE')
    server.host.settle()
    expect(client.take()).toEqual([])
    server.host.advance(1001)
    expect(client.take()).toEqual(['+OK'])
  })
})
