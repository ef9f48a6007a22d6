/**
 * An engine in the program itself that keeps its data in a directory: what it leaves there is what servers leave,
 * and the other way round; and whole data sets go from one to the other as bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, type Engine, exportRdb, importRdb, openEngine } from '@russet/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dataOfEverySize } from '../support/data-of-every-size.js'
import { type DataFacts, factsOf, filesIn, runAll, startIn } from '../support/kept-server.js'
import { testFolder } from '../support/russet-command.js'

async function open(dir: string, config: Parameters<typeof openEngine>[1] = {}): Promise<Engine> {
  const engine = await openEngine(dir, config)
  onTestFinished(() => engine.close())
  return engine
}

/** What a server finds in a directory. */
async function foundBy(side: 'redis' | 'russet', dir: string, ...args: string[]): Promise<DataFacts> {
  const node = await startIn(dir, side, ...args)
  const facts = await factsOf(node)
  await node.kill()
  return facts
}

describe('openEngine', () => {
  it('keeps what it is given, for the next one and for servers', async () => {
    const dir = join(testFolder(), 'made by it')
    const first = await open(dir)
    const client = createClient({ engine: first })
    await client.set('k', 'v')
    await client.rpush('l', 'a', 'b')
    await first.close()
    const second = await open(dir)
    expect(await createClient({ engine: second }).lrange('l', 0, -1)).toEqual(['a', 'b'])
    await createClient({ engine: second }).set('k', 'w')
    await second.close()
    const node = await startIn(dir, 'redis', '--appendonly', 'yes')
    expect((await node.run('GET', 'k')).raw).toBe('$1\r\nw\r\n')
  })

  it('goes on with what a redis-server has left', async () => {
    const dir = testFolder()
    const node = await startIn(dir, 'redis', '--appendonly', 'yes')
    await runAll(node, dataOfEverySize())
    await node.run('DEBUG', 'LOADAOF')
    const facts = await factsOf(node)
    await node.kill()
    const engine = await open(dir)
    await createClient({ engine }).call('BGREWRITEAOF')
    await engine.close()
    expect((await foundBy('redis', dir, '--appendonly', 'yes')).digest).toBe(facts.digest)
  })

  it('with appendfsync always a promise resolves when what it changed is in the file', async () => {
    const dir = testFolder()
    const engine = await open(dir, { appendfsync: 'always' })
    const client = createClient({ engine })
    const log = () => readFileSync(join(dir, 'appendonlydir/appendonly.aof.1.incr.aof'), 'latin1')
    await client.set('k', 'a value')
    expect(log()).toContain('a value')
    await Promise.all(Array.from({ length: 100 }, (_, i) => client.set(`k${i}`, `value ${i}`)))
    for (let i = 0; i < 100; i++) expect(log()).toContain(`value ${i}\r\n`)
  })

  it('without a journal keeps a snapshot when it is told to', async () => {
    const dir = testFolder()
    const engine = await open(dir, { appendonly: false })
    const client = createClient({ engine })
    await client.set('k', 'v')
    await client.call('SAVE')
    await client.set('k', 'later')
    await engine.close()
    expect([...filesIn(dir).keys()]).toEqual(['dump.rdb'])
    const again = await open(dir, { appendonly: false })
    expect(await createClient({ engine: again }).get('k')).toBe('v')
  })

  it('refuses what is damaged, in use, or set wrong, and touches nothing', async () => {
    const dir = testFolder()
    const engine = await open(dir)
    await createClient({ engine }).set('k', 'v')
    await expect(openEngine(dir)).rejects.toThrow(/in use|uses/)
    await engine.close()
    writeFileSync(join(dir, 'appendonlydir/appendonly.aof.1.incr.aof'), '*1\r\n$6\r\nNOSUCH\r\n')
    const before = filesIn(dir)
    await expect(openEngine(dir)).rejects.toThrow(
      "Cannot load appendonlydir/appendonly.aof.1.incr.aof: at byte 0: unknown command 'NOSUCH'",
    )
    await expect(openEngine(dir, { appendfsync: 'sometimes' })).rejects.toThrow('appendfsync')
    expect(filesIn(dir)).toEqual(before)
    // And the directory is free.
    await expect(openEngine(dir)).rejects.toThrow('NOSUCH')
  })
})

describe('a data set as bytes', () => {
  it('is exported for redis-server, and imported from it', async () => {
    const [theirs, ours] = [testFolder(), testFolder()]
    const node = await startIn(theirs, 'redis')
    await runAll(node, dataOfEverySize())
    await node.run('DEBUG', 'RELOAD')
    const facts = await factsOf(node)
    await node.kill()

    const engine = await open(ours)
    await createClient({ engine }).set('old', 'v')
    const told: number[] = []
    await importRdb(engine, readFileSync(join(theirs, 'dump.rdb')), { onProgress: (done) => told.push(done) })
    expect(told.length).toBeGreaterThan(0)
    await createClient({ engine }).set('later', 'v')
    const file = await exportRdb(engine)
    await createClient({ engine }).del('later')
    await engine.close()
    // The import is in the journal.
    expect(await foundBy('redis', ours, '--appendonly', 'yes')).toEqual(facts)

    writeFileSync(join(theirs, 'dump.rdb'), file)
    const again = await startIn(theirs, 'redis')
    await again.run('DEL', 'later')
    expect(await factsOf(again)).toEqual(facts)
  })

  it('that is damaged changes nothing, on disk neither', async () => {
    const dir = testFolder()
    const engine = await open(dir)
    const client = createClient({ engine })
    await client.set('k', 'v')
    const file = await exportRdb(engine)
    file[file.length - 9] = 0
    const before = filesIn(dir)
    await expect(importRdb(engine, file)).rejects.toThrow()
    expect(await client.get('k')).toBe('v')
    expect(filesIn(dir)).toEqual(before)
  })
})
