/** What happens by itself, and when: on a clock and a medium that the test controls. */
import { ErrorReply } from '@russet/core'
import { describe, expect, test } from 'vitest'
import { FaultyMedium, FaultyStorage } from '../../support/faulty-storage.js'
import { StoredEngine } from '../../support/stored-engine.js'

async function openOn(config: Record<string, string>): Promise<{ medium: FaultyMedium; node: StoredEngine }> {
  const medium = new FaultyMedium()
  return {
    medium,
    node: await StoredEngine.open(new FaultyStorage(medium), { 'enable-debug-command': 'yes', ...config }),
  }
}

const factsOf = ({ engine }: StoredEngine) => engine.persistence.facts()
const refusalOf = ({ engine }: StoredEngine) => engine.persistence.writeRefusal

describe('save points', () => {
  test('are due when both the changes and the time have come', async () => {
    const { node } = await openOn({ save: '10 3' })
    await node.run('SET', 'a', '1')
    await node.run('SET', 'b', '1')
    await node.pass(20_000)
    expect(factsOf(node)).toMatchObject({ saves: 0, changesSinceSave: 2 })
    await node.run('SET', 'c', '1')
    await node.pass(500)
    expect(factsOf(node)).toMatchObject({ saves: 1, changesSinceSave: 0 })
    for (let i = 0; i < 5; i++) await node.run('INCR', 'c')
    await node.pass(9000)
    expect(factsOf(node).saves).toBe(1)
    await node.pass(3000)
    expect(factsOf(node)).toMatchObject({ saves: 2, changesSinceSave: 0 })
  })

  test('several of them: whichever comes first', async () => {
    const { node } = await openOn({ save: '100 1 10 3' })
    await node.run('SET', 'a', '1')
    await node.pass(90_000)
    expect(factsOf(node).saves).toBe(0)
    await node.pass(20_000)
    expect(factsOf(node).saves).toBe(1)
  })

  test('a snapshot that fails stops writes, and is tried again 5 seconds later', async () => {
    const { medium, node } = await openOn({ save: '1 1' })
    medium.fail({ fault: 'full', onlyChanges: true })
    await node.run('SET', 'a', '1')
    await node.pass(3000)
    expect(factsOf(node)).toMatchObject({ saves: 0, lastSaveFailed: true })
    expect(await node.run('SET', 'a', '2')).toBeInstanceOf(ErrorReply)
    expect(refusalOf(node)).toMatch(/^MISCONF Redis is configured to save RDB snapshots/)
    const calls = medium.calls
    await node.pass(2000)
    expect(medium.calls).toBe(calls)
    medium.mend()
    await node.pass(5000)
    expect(factsOf(node)).toMatchObject({ saves: 1, lastSaveFailed: false })
    expect(refusalOf(node)).toBeUndefined()
  })
})

describe('rewrites', () => {
  test('come when the file has grown by so much, and is not small', async () => {
    const { node } = await openOn({
      appendonly: 'yes',
      'auto-aof-rewrite-percentage': '100',
      'auto-aof-rewrite-min-size': '5000',
    })
    await node.run('SET', 'k', 'x'.repeat(2000))
    await node.run('SET', 'k', 'y'.repeat(2000))
    await node.pass(1000)
    expect(factsOf(node).rewrites).toBe(0)
    await node.run('SET', 'k', 'z'.repeat(2000))
    await node.pass(1000)
    expect(factsOf(node).rewrites).toBe(1)
    await node.pass(60_000)
    expect(factsOf(node).rewrites).toBe(1)
    await node.run('CONFIG', 'SET', 'auto-aof-rewrite-percentage', '0')
    for (let i = 0; i < 10; i++) await node.run('SET', 'k', 'x'.repeat(2000))
    await node.pass(1000)
    expect(factsOf(node).rewrites).toBe(1)
  })

  test('that fail are tried again after pauses that grow', async () => {
    const { medium, node } = await openOn({ appendonly: 'yes' })
    await node.run('CONFIG', 'SET', 'appendonly', 'no')
    await node.pass(500)
    medium.fail({ fault: 'full', onlyChanges: true })
    await node.run('CONFIG', 'SET', 'appendonly', 'yes')
    const failures: number[] = []
    for (let second = 0; second < 20; second++) {
      failures.push(factsOf(node).rewriteFailures)
      await node.pass(1000)
    }
    // After 1, 2, 4 and 8 seconds, each time counted from the last.
    expect(failures.at(-1)).toBeGreaterThanOrEqual(4)
    expect(failures.at(-1)).toBeLessThanOrEqual(6)
    expect(refusalOf(node)).toMatch(/^MISCONF Errors writing to the AOF file/)
    medium.mend()
    await node.pass(40_000)
    expect(factsOf(node)).toMatchObject({ rewriteFailures: 0, lastRewriteFailed: false })
    expect(await node.run('SET', 'k', 'v')).not.toBeInstanceOf(ErrorReply)
  })
})

describe('a snapshot that is given up is no failure', () => {
  test('because of FLUSHALL', async () => {
    const { node } = await openOn({ save: '3600 1' })
    await node.run('DEBUG', 'POPULATE', '100000')
    node.send('BGSAVE')
    node.send('FLUSHALL')
    await node.pass(2000)
    expect(factsOf(node)).toMatchObject({ lastSaveFailed: false, changesSinceSave: 0 })
    expect(factsOf(node).saves).toBe(1)
  })

  test('but SAVE goes on, for its client waits', async () => {
    const { node } = await openOn({ save: '3600 1' })
    await node.run('DEBUG', 'POPULATE', '100000')
    const saving = node.engine.persistence.save()
    node.send('FLUSHALL')
    await node.pass(2000)
    await saving
    expect(factsOf(node).lastSaveFailed).toBe(false)
  })

  test('because the journal is switched off', async () => {
    const { node } = await openOn({ appendonly: 'yes' })
    await node.run('DEBUG', 'POPULATE', '100000')
    node.send('BGREWRITEAOF')
    node.send('CONFIG', 'SET', 'appendonly', 'no')
    await node.pass(2000)
    expect(factsOf(node)).toMatchObject({ lastRewriteFailed: false, job: undefined })
    expect(refusalOf(node)).toBeUndefined()
  })
})

describe('what is still on its way to the file', () => {
  const reopened = async (medium: FaultyMedium): Promise<unknown> => {
    const node = await StoredEngine.open(new FaultyStorage(medium), { appendonly: 'yes' })
    const list = await node.run('LRANGE', 'l', '0', '-1')
    await node.close()
    return list
  }

  test('is written once when the engine is closed', async () => {
    const { medium, node } = await openOn({ appendonly: 'yes' })
    node.send('RPUSH', 'l', 'a')
    node.send('RPUSH', 'l', 'b')
    await node.close()
    expect(await reopened(medium)).toEqual(['a', 'b'])
  })

  test('is written once, and told to who waits for it, when the journal is switched off', async () => {
    const { medium, node } = await openOn({ appendonly: 'yes' })
    node.send('RPUSH', 'l', 'a')
    let told = false
    const forget = node.engine.persistence.whenJournalled(() => {
      told = true
    })
    node.send('CONFIG', 'SET', 'appendonly', 'no')
    await node.pass(500)
    expect(told).toBe(true)
    forget()
    await node.close()
    expect(await reopened(medium)).toEqual(['a'])
  })

  test('counts once for the size of the file', async () => {
    const { node } = await openOn({ appendonly: 'yes' })
    await node.run('SET', 'k', 'x'.repeat(2000))
    const before = factsOf(node).journal?.bytes
    node.engine.endTurn()
    expect(factsOf(node).journal?.bytes).toBe(before)
    await node.pass(2000)
    expect(factsOf(node).journal).toMatchObject({ bytes: before, backlogBytes: 0 })
  })
})

describe('the end', () => {
  test('saves what was acknowledged, and what comes meanwhile is not', async () => {
    const { node } = await openOn({ save: '3600 1' })
    await node.run('SET', 'k', 'v')
    const ending = node.engine.persistence.prepareShutdown({ save: false, nosave: false, force: false })
    node.send('SET', 'k', 'w')
    await node.pass(500)
    await ending
    expect(node.takeReply()).toBeUndefined()
    expect(factsOf(node).saves).toBe(1)
  })

  test('that is refused lets everything go on', async () => {
    const { medium, node } = await openOn({ save: '3600 1' })
    await node.run('SET', 'k', 'v')
    medium.fail({ fault: 'full', onlyChanges: true })
    const ending = node.engine.persistence.prepareShutdown({ save: false, nosave: false, force: false })
    node.send('GET', 'k')
    await Promise.all([expect(ending).rejects.toThrow('Errors trying to SHUTDOWN'), node.pass(500)])
    expect(node.takeReply()).toBe('v')
  })
})
