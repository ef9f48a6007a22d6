/**
 * The file system's storage as real processes meet it: a limit that the system enforces, permissions that are
 * missing, and an end by SIGKILL in the middle of writing. What needs faults at a chosen place is a unit test.
 */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { ROOT } from '../support/redis-server.js'
import { testFolder } from '../support/russet-command.js'

const MODULE = pathToFileURL(join(ROOT, 'packages/node/dist/file-storage.js')).href
const NOBODY = 65534

/** Runs a module's text that finds the storage of `dir` in `storage`, and `attempt` for what is to fail. */
function run(dir: string, body: string, options: { shell?: string; uid?: number } = {}) {
  const script = `
    import { openFileStorage } from ${JSON.stringify(MODULE)}
    const dir = ${JSON.stringify(dir)}
    const attempt = (work) => work.then(() => 'done', ({ fault, message }) => fault + ': ' + message)
    const bytes = (text) => Buffer.from(text, 'latin1')
    ${body}`
  const command = [process.execPath, '--input-type=module', '-e', script]
  const { shell = 'exec "$@"', uid } = options
  const child = spawn('sh', ['-c', shell, 'sh', ...command], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const whenEnded = new Promise<string>((resolve) => child.once('close', () => resolve(output)))
  return { child, output: () => output, whenEnded }
}

it('a limit on the size of files is a full disk, and nothing is left half written', async () => {
  const dir = testFolder()
  const { whenEnded } = run(
    dir,
    `
    process.on('SIGXFSZ', () => {})
    const storage = await openFileStorage(dir)
    await storage.replace('base', [bytes('before')])
    const log = await storage.append('log', 0)
    const piece = Buffer.alloc(1000, 'x')
    let answer = 'done'
    while (answer === 'done') answer = await attempt(log.write([piece, piece, piece]))
    const lines = [answer, log.length]
    lines.push(await attempt(log.sync()))
    lines.push(await attempt(storage.replace('base', [piece, Buffer.alloc(100_000), piece])))
    console.log(lines.join('\\n'))
    await log.close()
    await storage.close()`,
    { shell: 'ulimit -f 16; exec "$@"' },
  )
  const [write, length, sync, replace] = (await whenEnded).split('\n')
  expect([write, sync, replace]).toEqual(['full: File too large', 'done', 'full: File too large'])
  expect(Number(length)).toBeGreaterThan(0)
  expect(Number(length) % 3000).toBe(0)
  expect(readFileSync(join(dir, 'log'), 'latin1')).toBe('x'.repeat(Number(length)))
  expect(readFileSync(join(dir, 'base'), 'latin1')).toBe('before')
  expect(readdirSync(dir).sort()).toEqual(['base', 'log'])
})

it('permissions that are missing are told', async () => {
  const dir = testFolder()
  chmodSync(dir, 0o777)
  for (const name of ['closed', 'unread', 'unsearched']) mkdirSync(join(dir, name))
  for (const name of ['file', 'closed/file', 'unread/file', 'unsearched/file'])
    writeFileSync(join(dir, name), 'content')
  chmodSync(join(dir, 'file'), 0)
  chmodSync(join(dir, 'closed'), 0o555)
  chmodSync(join(dir, 'unread'), 0)
  chmodSync(join(dir, 'unsearched'), 0o644)
  onTestFinished(() => {
    for (const name of ['closed', 'unread', 'unsearched']) chmodSync(join(dir, name), 0o755)
  })
  const { whenEnded } = run(
    dir,
    `
    const storage = await openFileStorage(dir)
    const names = async (folder) => (await storage.list(folder)).map(({ name }) => name).join()
    const answers = [
      await attempt(storage.read('file', 0, 10)),
      await attempt(storage.append('file', 7)),
      await attempt(storage.read('unread/file', 0, 10)),
      await attempt(storage.replace('closed/file', [bytes('after')])),
      await attempt(storage.remove('closed/file')),
      await attempt(storage.append('closed/new', 0)),
      await attempt(openFileStorage(dir + '/closed')),
      await attempt(openFileStorage(dir + '/unread')),
      await attempt(storage.list('unread')),
      await attempt(storage.list('unsearched')),
      await names(''),
      await names('closed'),
    ]
    await storage.close()
    console.log(answers.join('\\n'))`,
    process.getuid?.() === 0 ? { uid: NOBODY } : {},
  )
  expect((await whenEnded).trimEnd().split('\n')).toEqual([
    ...Array.from({ length: 10 }, () => 'denied: Permission denied'),
    'file',
    'closed/file',
  ])
})

it('what was written is there after SIGKILL, synced or not', async () => {
  const dir = testFolder()
  const { child, output, whenEnded } = run(
    dir,
    `
    import { writeSync } from 'node:fs'
    const storage = await openFileStorage(dir)
    const log = await storage.append('log', 0)
    for (let i = 0; ; i++) {
      log.write([bytes('entry '), bytes(i + '\\n')])
      writeSync(1, i + '\\n')
    }`,
  )
  await expect.poll(() => output().length).toBeGreaterThan(10_000)
  child.kill('SIGKILL')
  const told = (await whenEnded).split('\n').slice(0, -1)
  const entries = readFileSync(join(dir, 'log'), 'latin1').split('\n').slice(0, -1)
  expect(entries.slice(0, told.length)).toEqual(told.map((i) => `entry ${i}`))
})
