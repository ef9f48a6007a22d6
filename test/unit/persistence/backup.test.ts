/**
 * Export and import of all data: complete or not at all, told as it goes, and durable. An import is tried with every
 * call of the medium failing, and with a crash at every step.
 */
import { type Engine, exportRdb, importRdb, NIL_ARRAY } from '@russet/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EngineClient } from '../../support/engine-client.js'
import { engineWithData, rdbOf } from '../../support/engine-data.js'
import { FaultyMedium, FaultyStorage } from '../../support/faulty-storage.js'
import { stateOf, streamStatesOf } from '../../support/random-writes.js'
import { payload } from '../../support/rdb-builder.js'
import { StoredEngine, settle } from '../../support/stored-engine.js'

const ALWAYS = { appendonly: 'yes', appendfsync: 'always' }

const hostOf = (engine: Engine) => engine.host as StoredEngine['host']
const exported = (engine: Engine, options = {}): Promise<Uint8Array> =>
  settle(hostOf(engine), exportRdb(engine, options))
const imported = (engine: Engine, file: Uint8Array, options = {}): Promise<void> =>
  settle(hostOf(engine), importRdb(engine, file, options))

const everything = (engine: Engine) => ({ ...stateOf(engine), streams: streamStatesOf(engine) })
const stateText = (engine: Engine): string => JSON.stringify(everything(engine))

/** What is to be imported, and what an engine holds that has it. */
const small = engineWithData(5)
const smallFile = rdbOf(small)
const smallState = stateText(small)

describe('what was exported', () => {
  test.each([5, 300, 3000])('is imported as it was: collections of %i', async (size) => {
    const source = engineWithData(size)
    const target = engineWithData(7)
    await imported(target, await exported(source))
    expect(everything(target)).toEqual(everything(source))
    await Promise.all([source.close(), target.close()])
  })

  test('is the data of the moment at which the export began', async () => {
    const source = engineWithData(3000)
    const before = everything(source)
    const client = new EngineClient(source)
    let changes = 0
    const file = await exported(source, {
      onProgress: () => {
        for (const key of ['biglist', 'bighash', 'string', 'stream']) client.run('DEL', key)
        client.run('SET', `new ${changes++}`, 'v')
      },
    })
    expect(changes).toBeGreaterThan(0)
    const target = engineWithData(1)
    await imported(target, file)
    expect(everything(target)).toEqual(before)
  })

  test('is what several at once get, one after the other', async () => {
    const source = engineWithData(300)
    const files = await Promise.all([exported(source), exported(source), exported(source)])
    for (const file of files) {
      const target = engineWithData(1)
      await imported(target, file)
      expect(everything(target)).toEqual(everything(source))
    }
  })
})

test('both tell how far they are', async () => {
  const source = engineWithData(3000)
  const client = new EngineClient(source)
  client.run('DEBUG', 'POPULATE', '30000')
  const told: [number, number][] = []
  const onProgress = (done: number, total: number) => told.push([done, total])
  const check = (total: number) => {
    expect(told.length).toBeGreaterThan(0)
    expect(told.at(-1)).toEqual([total, total])
    for (const [i, [done, of]] of told.entries()) {
      expect(of).toBe(total)
      expect(done).toBeGreaterThanOrEqual(told[i - 1]?.[0] ?? 0)
    }
    told.length = 0
  }
  const keys = source.keyspace.databases.reduce((sum, { size }) => sum + size, 0)
  const file = await exported(source, { onProgress })
  check(keys)
  await imported(engineWithData(1), file, { onProgress })
  check(file.length)
})

describe('an import', () => {
  test('of a file that is cut off anywhere changes nothing', async () => {
    const target = engineWithData(7)
    const before = stateText(target)
    for (let end = 0; end < smallFile.length; end++) {
      await expect(imported(target, smallFile.subarray(0, end)), `${end} bytes`).rejects.toThrow()
      if (end % 100 === 0) expect(stateText(target)).toBe(before)
    }
    expect(stateText(target)).toBe(before)
  })

  test('of a file with any fault changes nothing', async () => {
    const target = engineWithData(7)
    const before = stateText(target)
    await fc.assert(
      fc.asyncProperty(fc.nat(smallFile.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const file = Uint8Array.from(smallFile)
        file[at] = (file[at] as number) ^ change
        await expect(imported(target, file)).rejects.toThrow()
        expect(stateText(target)).toBe(before)
      }),
      { numRuns: 300 },
    )
  })

  test('says what is wrong with the file, and where', async () => {
    const target = engineWithData(1)
    const wrong = Uint8Array.from(smallFile)
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] as number) ^ 1
    await expect(imported(target, wrong)).rejects.toThrow(/checksum/)
    await expect(imported(target, Buffer.from('REDIS0099'))).rejects.toThrow(/version 99/)
    await expect(imported(target, Buffer.from('something else'))).rejects.toThrow()
    await expect(imported(target, Buffer.from(payload(0, '\x01x'), 'latin1'))).rejects.toThrow()
  })

  test('breaks what is watched, and serves who waits', async () => {
    const target = engineWithData(1)
    const [watching, waiting] = [new EngineClient(target), new EngineClient(target)]
    watching.run('WATCH', 'string')
    watching.run('MULTI')
    watching.run('GET', 'string')
    waiting.run('DEL', 'list')
    expect(waiting.run('BLPOP', 'list', '0')).toBeUndefined()
    await imported(target, smallFile)
    expect(watching.run('EXEC')).toBe(NIL_ARRAY)
    expect(waiting.waits).toBe(false)
  })
})

describe('an import into a journal', () => {
  const open = (medium: FaultyMedium) => StoredEngine.open(new FaultyStorage(medium), ALWAYS)
  const found = async (medium: FaultyMedium): Promise<string> => {
    const node = await open(medium)
    const state = stateText(node.engine)
    await node.close()
    return state
  }

  test('is there after a crash from when it has resolved, and as a whole before', async () => {
    const medium = new FaultyMedium()
    const node = await open(medium)
    await node.run('SET', 'old', '1')
    const old = stateText(node.engine)
    const begin = medium.steps.length
    await imported(node.engine, smallFile)
    const end = medium.steps.length
    expect(stateText(node.engine)).toBe(smallState)
    const seen = new Set<string>()
    for (let step = begin; step <= end; step++) {
      for (const files of medium.crashStates(step, { tears: 16 })) {
        const state = await found(new FaultyMedium(files))
        seen.add(state)
        expect([old, smallState], `after step ${step}`).toContain(state)
        if (step === end) expect(state).toBe(smallState)
      }
    }
    expect(seen.size).toBe(2)
    await node.run('SET', 'string', 'later')
    const later = stateText(node.engine)
    await node.close()
    expect(await found(medium)).toBe(later)
  }, 60_000)

  test('that fails leaves the data and the journal as they were', async () => {
    const calls = await (async () => {
      const medium = new FaultyMedium()
      const node = await open(medium)
      const begin = medium.calls
      await imported(node.engine, smallFile)
      return { begin, end: medium.calls }
    })()
    expect(calls.end).toBeGreaterThan(calls.begin + 5)
    let refusals = 0
    for (let call = calls.begin + 2; call < calls.end + 2; call++) {
      const medium = new FaultyMedium()
      const node = await open(medium)
      await node.run('SET', 'old', '1')
      const old = stateText(node.engine)
      medium.fail({ fault: 'full', from: call, times: 1, onlyChanges: true })
      const refused = await imported(node.engine, smallFile).then(
        () => false,
        () => true,
      )
      if (refused) refusals++
      expect(stateText(node.engine), `call ${call}`).toBe(refused ? old : smallState)
      medium.mend()
      // The journal may need a rewrite, which comes by itself.
      await node.pass(3000)
      expect(await node.run('INCR', 'counter'), `call ${call}`).toBe(1)
      const state = stateText(node.engine)
      await node.close()
      expect(await found(medium), `call ${call}`).toBe(state)
    }
    expect(refusals).toBeGreaterThan(3)
  }, 60_000)
})
