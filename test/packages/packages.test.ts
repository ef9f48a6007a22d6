/**
 * What is published: each package is packed, and the tarballs are installed into an empty folder with no
 * network. What is imported, compiled and run there is what a user gets.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, ROOT } from '../support/redis-server.js'
import { RespConnection } from '../support/resp-connection.js'

const PACKAGES = ['core', 'edge', 'node']
const folder = mkdtempSync(join(tmpdir(), 'russet-packages-'))
const consumer = join(folder, 'consumer')
const run = promisify(execFile)

beforeAll(async () => {
  const workspaces = PACKAGES.flatMap((name) => ['--workspace', `packages/${name}`])
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...workspaces],
    { cwd: ROOT, maxBuffer: 1 << 24 },
  )
  const packed = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>
  const tarballs = Object.values(packed).map(({ filename }) => join(folder, filename))
  expect(tarballs).toHaveLength(PACKAGES.length)
  mkdirSync(consumer)
  write('package.json', '{ "name": "consumer", "private": true, "type": "module" }')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], { cwd: consumer })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const path = join(consumer, name)
  writeFileSync(path, text)
  return path
}

/** Runs a module in the consumer's folder. @returns what it printed */
async function runModule(text: string): Promise<string> {
  const { stdout } = await run(process.execPath, [write('program.js', text)], { cwd: consumer })
  return stdout
}

describe.each(PACKAGES)('@russet/%s', (name) => {
  const pkgDir = join(consumer, 'node_modules/@russet', name)

  test('has no flaws that publint knows', async () => {
    const { messages, pkg } = await publint({ pkgDir, pack: false })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('brings its README and its licence', () => {
    expect(readFileSync(join(pkgDir, 'README.md'), 'utf8')).toContain(`# @russet/${name}\n`)
    expect(readFileSync(join(pkgDir, 'LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'))
  })

  test('brings the sources that its source maps name', () => {
    const index = join(pkgDir, 'dist/index.js')
    const { sources } = JSON.parse(readFileSync(`${index}.map`, 'utf8')) as { sources: string[] }
    for (const source of sources) expect(readFileSync(join(pkgDir, 'dist', source), 'utf8')).not.toBe('')
  })
})

test('a program runs a client and ends by itself', async () => {
  const printed = await runModule(`
    import { createClient } from '@russet/node'
    import { connectorFor } from '@russet/node/ioredis'
    import { Client, Engine } from '@russet/core'
    const client = createClient()
    await client.set('greeting', 'grüß dich')
    console.log(await client.get('greeting'), client instanceof Client, typeof Engine, typeof connectorFor)
  `)
  expect(printed).toBe('grüß dich true function function\n')
})

test('a program in TypeScript compiles, with precise types', async () => {
  write(
    'program.ts',
    `
    import { type Client, createClient, createEngine } from '@russet/node'
    import { connectorFor } from '@russet/node/ioredis'
    import { Redis } from 'ioredis'
    export const redis = new Redis({ Connector: connectorFor(createEngine()) })
    const client: Client = createClient({ engine: createEngine({ maxmemory: '10mb' }), maxPending: 10 })
    export const text: Promise<string | null> = client.get('k')
    export const bytes: Promise<Uint8Array | null> = client.getBuffer(new Uint8Array(1))
    export const ok: Promise<'OK'> = client.set('k', 1)
    export const old: Promise<string | null> = client.set('k', 1, 'EX', 10, 'GET')
    export const all: Promise<Record<string, string>> = client.hgetall('h')
    export const one: Promise<string | null> = client.lpop('l')
    export const some: Promise<string[] | null> = client.lpop('l', 2)
    export const taken: Promise<[string, string] | null> = client.blpop(['a', 'b'], 0)
    export const count: Promise<number> = client.del(['a', 'b'], 'c')
    export const added: Promise<number> = client.hset('h', { field: 1 })
    export const results = await client.multi().incr('n').hgetallBuffer('h').exec()
    if (results !== null) for (const [error, reply] of results) void [error, reply]
    // @ts-expect-error no such command
    client.nosuch()
    // @ts-expect-error a key is missing
    client.get()
    // @ts-expect-error a value that cannot be sent
    client.set('k', null)
    // @ts-expect-error not a number
    export const wrong: Promise<number> = client.get('k')
  `,
  )
  // Not ours to bring: the types of Node, and ioredis, which is an optional peer.
  mkdirSync(join(consumer, 'node_modules/@types'))
  for (const name of ['@types/node', 'ioredis']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(consumer, 'node_modules', name))
  }
  const options = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022']
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const check = run(process.execPath, [tsc, ...options, '--types', 'node', 'program.ts'], { cwd: consumer })
  expect(await check.catch((error: { stdout: string }) => error)).toMatchObject({ stdout: '' })
})

test('russet-server is there and answers', async () => {
  const port = await freePort()
  const path = join(consumer, 'node_modules/.bin/russet-server')
  const { stdout } = await run(path, ['--version'])
  expect(stdout).toMatch(/^Russet server v=/)
  const server = execFile(path, ['--port', String(port), '--dir', folder])
  const ended = new Promise<number | null>((done) => server.once('exit', done))
  try {
    await new Promise<void>((done, failed) => {
      let log = ''
      server.stdout?.on('data', (text) => {
        log += String(text)
        if (log.includes('Ready to accept connections')) done()
      })
      void ended.then((code) => failed(new Error(`ended with ${code}:\n${log}`)))
    })
    const connection = await RespConnection.open({ port })
    expect((await connection.send('PING')).raw).toBe('+PONG\r\n')
    await connection.close()
  } finally {
    server.kill('SIGTERM')
  }
  expect(await ended).toBe(0)
})
