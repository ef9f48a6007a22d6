/** The lock of a directory, between real processes: racing for it, killed with it, and told apart from others. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isLockFile, lockDirectory, lockFileName } from '../../packages/node/src/directory-lock.js'
import { ROOT } from '../support/redis-server.js'
import { testFolder } from '../support/russet-command.js'

const MODULE = pathToFileURL(join(ROOT, 'packages/node/dist/directory-lock.js')).href

/** Takes the lock of every directory it is told and says how that went; `exit` ends it. */
const CONTENDER = `
import { createInterface } from 'node:readline'
import { lockDirectory } from ${JSON.stringify(MODULE)}
createInterface({ input: process.stdin }).on('line', async (dir) => {
  if (dir === 'exit') process.exit()
  try {
    await lockDirectory(dir)
    console.log('held')
  } catch (error) {
    console.log(error.fault + ': ' + error.message)
  }
})
console.log('ready')`

class Contender {
  readonly whenEnded: Promise<void>
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(command = process.execPath, args = ['--input-type=module', '-e', CONTENDER]) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[
      Symbol.asyncIterator
    ]()
    this.whenEnded = new Promise((resolve) => this.#child.once('exit', () => resolve()))
    onTestFinished(() => void this.#child.kill('SIGKILL'))
  }

  static async started(): Promise<Contender> {
    const contender = new Contender()
    expect(await contender.line()).toBe('ready')
    return contender
  }

  get pid(): number {
    return this.#child.pid as number
  }

  async line(): Promise<string | undefined> {
    return (await this.#lines.next()).value
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  lock(dir: string): Promise<string | undefined> {
    this.tell(dir)
    return this.line()
  }

  kill(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal)
    return this.whenEnded
  }
}

const locksIn = (dir: string): string[] => readdirSync(dir).filter(isLockFile)

/** The parts of a lock file's name that stand for its owner. */
function ownerOf(fileName: string): { pid: number; startTime: number; place: string } {
  const [pid, startTime, place = ''] = fileName.slice('russet.lock.'.length).split('-')
  return { pid: Number(pid), startTime: Number(startTime), place }
}

async function place(): Promise<string> {
  const dir = testFolder()
  const lock = await lockDirectory(dir)
  const [name = ''] = locksIn(dir)
  lock.release()
  return ownerOf(name).place
}

function renew(path: string, agoMs: number): void {
  const at = (Date.now() - agoMs) / 1000
  utimesSync(path, at, at)
}

describe('racing', () => {
  it('of twenty that start at once exactly one gets in, again and again', { timeout: 60_000 }, async () => {
    const contenders = await Promise.all(Array.from({ length: 20 }, () => Contender.started()))
    for (let round = 0; round < 10; round++) {
      const dir = testFolder()
      // What a killed owner has left makes the race no different.
      if (round % 2 === 1) writeFileSync(join(dir, lockFileName(2 ** 22 + 1, 5, await place())), '')
      const answers = await Promise.all(contenders.map((contender) => contender.lock(dir)))
      const winner = answers.indexOf('held')
      const pid = contenders[winner]?.pid
      expect(answers.filter((answer) => answer === 'held')).toHaveLength(1)
      expect(locksIn(dir).map((name) => ownerOf(name).pid)).toEqual([pid])
      for (const [i, answer] of answers.entries()) {
        if (i !== winner)
          expect(answer).toMatch(/^busy: The directory is in use by process \d+ \(russet\.lock/)
      }
    }
  })

  it('who comes while another ends waits for it', async () => {
    const dir = testFolder()
    const first = await Contender.started()
    expect(await first.lock(dir)).toBe('held')
    const second = lockDirectory(dir)
    first.tell('exit')
    ;(await second).release()
  })
})

describe('an owner that ends', () => {
  it('in order removes its file', async () => {
    const dir = testFolder()
    const owner = await Contender.started()
    expect(await owner.lock(dir)).toBe('held')
    await expect(lockDirectory(dir)).rejects.toMatchObject({
      name: 'StorageError',
      fault: 'busy',
      message: `The directory is in use by process ${owner.pid} (${locksIn(dir)[0]})`,
    })
    owner.tell('exit')
    await owner.whenEnded
    expect(readdirSync(dir)).toEqual([])
  })

  it.each(['SIGKILL', 'SIGTERM'] as const)('by %s is in nobody’s way', async (signal) => {
    const dir = testFolder()
    const owner = await Contender.started()
    expect(await owner.lock(dir)).toBe('held')
    await owner.kill(signal)
    expect(locksIn(dir)).toHaveLength(1)
    const lock = await lockDirectory(dir)
    expect(locksIn(dir).map((name) => ownerOf(name).pid)).toEqual([process.pid])
    lock.release()
    expect(readdirSync(dir)).toEqual([])
  })

  it('and is not waited for by its parent is dead all the same', async () => {
    const dir = testFolder()
    // sleep takes the shell's place and has never heard of the child it has.
    const script = 'exec 3<&0; "$@" <&3 & exec 3<&-; exec sleep 60'
    const owner = new Contender('sh', [
      '-c',
      script,
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      CONTENDER,
    ])
    expect(await owner.line()).toBe('ready')
    expect(await owner.lock(dir)).toBe('held')
    const { pid } = ownerOf(locksIn(dir)[0] ?? '')
    expect(pid).not.toBe(owner.pid)
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => /^State:\t(.)/m.exec(statusOf(pid))?.[1]).not.toMatch(/[RSD]/)
    ;(await lockDirectory(dir)).release()
  })
})

const statusOf = (pid: number): string => {
  const path = `/proc/${pid}/status`
  return existsSync(path) ? readFileSync(path, 'latin1') : 'State:\tgone'
}

describe('an owner whose pid another process has by now', () => {
  it('is told by the time of its start', async () => {
    const dir = testFolder()
    const other = await Contender.started()
    expect(await other.lock(dir)).toBe('held')
    const { pid, startTime, place } = ownerOf(locksIn(dir)[0] ?? '')
    expect(pid).toBe(other.pid)
    expect(startTime).toBeGreaterThan(0)
    const reused = testFolder()
    writeFileSync(join(reused, lockFileName(pid, startTime - 1, place)), '')
    ;(await lockDirectory(reused)).release()
    writeFileSync(join(reused, lockFileName(pid, startTime, place)), '')
    await expect(lockDirectory(reused)).rejects.toMatchObject({ fault: 'busy' })
  })

  it('this process’s own pid too, as it is 1 in a container after every start', async () => {
    const dir = testFolder()
    writeFileSync(join(dir, lockFileName(process.pid, 1, await place())), '')
    ;(await lockDirectory(dir)).release()
    expect(readdirSync(dir)).toEqual([])
  })
})

describe('an owner that cannot be asked for', () => {
  const elsewhere = 'f'.repeat(16)
  /** Another pid namespace of this machine. */
  const nextDoor = async (): Promise<string> => `${(await place()).slice(0, 8)}ffffffff`

  it('in another container, whose lease is over, is dead', async () => {
    const dir = testFolder()
    const path = join(dir, lockFileName(process.pid, 1, await nextDoor()))
    writeFileSync(path, '')
    renew(path, 16_000)
    const begun = performance.now()
    ;(await lockDirectory(dir)).release()
    expect(performance.now() - begun).toBeLessThan(900)
    expect(readdirSync(dir)).toEqual([])
  })

  it('is waited for until its lease is over', async () => {
    const dir = testFolder()
    const path = join(dir, lockFileName(1, 1, await nextDoor()))
    writeFileSync(path, '')
    renew(path, 14_000)
    const begun = performance.now()
    const lock = await lockDirectory(dir)
    expect(performance.now() - begun).toBeGreaterThan(900)
    lock.release()
  })

  it('on another machine is watched for a lease, whatever the clocks say', { timeout: 30_000 }, async () => {
    const dirs = [testFolder(), testFolder()]
    for (const [i, dir] of dirs.entries()) {
      const path = join(dir, lockFileName(1, 1, elsewhere))
      writeFileSync(path, '')
      renew(path, i === 0 ? 3_600_000 : -3_600_000)
    }
    const begun = performance.now()
    const locks = await Promise.all(dirs.map(lockDirectory))
    expect(performance.now() - begun).toBeGreaterThan(15_000)
    for (const lock of locks) lock.release()
  })

  it.each([
    ['elsewhere', 1, elsewhere, 0, 'process 1 of another machine or container'],
    ['where the clock is late', 1, elsewhere, 60_000, 'process 1 of another machine or container'],
    ['where no time of its start is known', 0, undefined, 0, `process ${process.ppid}`],
  ])('%s is alive as long as it renews', async (_, startTime, where, lateMs, who) => {
    const dir = testFolder()
    const pid = where === undefined ? process.ppid : 1
    const name = lockFileName(pid, startTime, where ?? (await place()))
    writeFileSync(join(dir, name), '')
    renew(join(dir, name), lateMs + 3000)
    const opening = lockDirectory(dir)
    const timer = setInterval(() => renew(join(dir, name), lateMs), 300)
    onTestFinished(() => clearInterval(timer))
    await expect(opening).rejects.toMatchObject({
      fault: 'busy',
      message: `The directory is in use by ${who} (${name})`,
    })
    expect(readdirSync(dir)).toEqual([name])
  })
})

describe('one process', () => {
  it('does not get in twice', async () => {
    const dir = testFolder()
    const lock = await lockDirectory(dir)
    await expect(lockDirectory(dir)).rejects.toMatchObject({
      fault: 'busy',
      message: `The directory is in use by this process (${locksIn(dir)[0]})`,
    })
    lock.assertHeld()
    lock.release()
    lock.release()
    ;(await lockDirectory(dir)).release()
  })

  it('several directories are several locks', async () => {
    const dir = testFolder()
    mkdirSync(join(dir, 'inner'))
    const locks = [await lockDirectory(dir), await lockDirectory(join(dir, 'inner'))]
    for (const lock of locks) lock.release()
  })

  it('renews its lease, in a Worker too, and a Worker that is terminated does not keep it', async () => {
    const dir = testFolder()
    const script = `
      import(${JSON.stringify(MODULE)}).then(async ({ lockDirectory }) => {
        await lockDirectory(${JSON.stringify(dir)})
        require('node:worker_threads').parentPort.on('message', () => process.exit()).postMessage('held')
      })`
    const worker = new Worker(script, { eval: true })
    onTestFinished(() => void worker.terminate())
    await new Promise((resolve) => worker.once('message', resolve))
    await expect(lockDirectory(dir)).rejects.toMatchObject({
      fault: 'busy',
      message: `The directory is in use by this process (${locksIn(dir)[0]})`,
    })
    await worker.terminate()
    for (const name of locksIn(dir)) renew(join(dir, name), 16_000)
    ;(await lockDirectory(dir)).release()
  })

  it('a Worker that ends by itself lets go', async () => {
    const dir = testFolder()
    const script = `
      import(${JSON.stringify(MODULE)}).then(async ({ lockDirectory }) => {
        await lockDirectory(${JSON.stringify(dir)})
        process.exit()
      })`
    const worker = new Worker(script, { eval: true })
    await new Promise((resolve) => worker.once('exit', resolve))
    expect(readdirSync(dir)).toEqual([])
  })
})

it('a directory that takes no file cannot be locked', async () => {
  const file = join(testFolder(), 'file')
  writeFileSync(file, '')
  await expect(lockDirectory(file)).rejects.toMatchObject({ fault: 'failed', message: 'Not a directory' })
  await expect(lockDirectory(join(file, '..', 'none'))).rejects.toMatchObject({ fault: 'missing' })
})
