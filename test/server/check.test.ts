/**
 * Manifests, logs and the check of files beside the real redis-server, redis-check-aof and redis-check-rdb; and
 * `russet-server --check` as its users see it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkFile } from '../../packages/core/src/persistence/check.js'
import { LogReader } from '../../packages/core/src/persistence/log-reader.js'
import { Manifest, ManifestError } from '../../packages/core/src/persistence/manifest.js'
import { WordCache } from '../../packages/core/src/protocol/word-cache.js'
import { MemoryStorage } from '../../packages/core/src/storage/memory-storage.js'
import { lockDirectory } from '../../packages/node/src/directory-lock.js'
import { NodeHost } from '../../packages/node/src/host.js'
import { drawFrom } from '../support/bytes.js'
import { type RunningServer, redisPath, startRedis } from '../support/redis-server.js'
import type { RespConnection } from '../support/resp-connection.js'
import { type Ended, RussetCommand, testFolder } from '../support/russet-command.js'

const host = new NodeHost()
const seed = Number(process.env.RUSSET_TEST_SEED)

const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
const command = (...args: readonly string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`

const SET = command('SET', 'a', '1')
const TRANSACTION = command('MULTI') + SET + command('INCR', 'a') + command('EXEC')
const LOG = command('SELECT', '0') + SET + TRANSACTION + SET

/** Tries again and again until it no longer throws, or time is up. */
async function until(check: () => void | Promise<void>): Promise<void> {
  const deadline = Date.now() + 15_000
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resume) => setTimeout(resume, 10))
    }
  }
}

interface Journaling {
  readonly server: RunningServer
  readonly client: RespConnection
  readonly dir: string
}

/** A redis-server with an append-only file in a folder that outlives it. */
async function startJournaling(...args: readonly string[]): Promise<Journaling> {
  const dir = testFolder()
  const server = await startRedis({ args: ['--dir', dir, '--appendonly', 'yes', ...args] })
  onTestFinished(() => server.stop())
  const client = await server.connect()
  onTestFinished(() => client.close())
  return { server, client, dir }
}

async function rewritten(client: RespConnection): Promise<void> {
  await until(async () => {
    const info = await client.send('INFO', 'persistence')
    expect(info.raw).toContain('aof_rewrite_in_progress:0')
    expect(info.raw).toContain('aof_rewrite_scheduled:0')
  })
}

/** redis-check-aof or redis-check-rdb: redis-server by another name. */
function redisCheck(tool: 'aof' | 'rdb', file: string): { readonly ok: boolean; readonly output: string } {
  const { status, stdout } = spawnSync(redisPath(), [file], {
    argv0: `redis-check-${tool}`,
    encoding: 'latin1',
    timeout: 20_000,
  })
  return { ok: status === 0, output: stdout }
}

// ---- manifests ----------------------------------------------------------------------------------------------

describe('manifests', () => {
  it.each(['appendonly.aof', 'my "odd" caf\u00e9\t.aof'])(
    'through rewrites are those of redis-server: %s',
    async (name) => {
      const { client, dir } = await startJournaling('--appendfilename', name, '--aof-disable-auto-gc', 'yes')
      const byteName = Buffer.from(name).toString('latin1')
      const path = join(dir, 'appendonlydir', `${name}.manifest`)
      const stored = () => readFileSync(path, 'latin1')
      let manifest = Manifest.EMPTY.withBase(Manifest.EMPTY.nextBase(byteName, 'rdb'), undefined)
      manifest = manifest.withNewIncremental(byteName)
      await rewritten(client)
      expect(stored()).toBe(manifest.print())

      await client.send('MSET', 'a', '1', 'b', '2', 'c', '3')
      for (const [i, format] of (['rdb', 'aof', 'aof', 'rdb'] as const).entries()) {
        await client.send('CONFIG', 'SET', 'aof-use-rdb-preamble', format === 'rdb' ? 'yes' : 'no')
        const collects = i === 1 || i === 3
        await client.send('CONFIG', 'SET', 'aof-disable-auto-gc', collects ? 'no' : 'yes')
        if (collects) manifest = manifest.withoutHistory()
        // So slow that what the manifest says meanwhile can be seen.
        await client.send('CONFIG', 'SET', 'rdb-key-save-delay', '200000')
        await client.send('BGREWRITEAOF')
        manifest = manifest.withNewIncremental(byteName)
        await until(() => expect(stored()).toBe(manifest.print()))
        if (i === 2) {
          // This one fails, and is begun again by the next.
          await client.send('CONFIG', 'SET', 'appendonly', 'no')
          await client.send('CONFIG', 'SET', 'rdb-key-save-delay', '0')
          await client.send('CONFIG', 'SET', 'appendonly', 'yes')
          manifest = manifest.withNewIncremental(byteName)
        }
        await rewritten(client)
        manifest = manifest.withBase(manifest.nextBase(byteName, format), manifest.current)
        if (collects) manifest = manifest.withoutHistory()
        await until(() => expect(stored()).toBe(manifest.print()))
        expect(Manifest.parse(stored())).toEqual(manifest)
      }
    },
  )

  /** The line of a manifest that redis-server stops at; `long` for what it has no line for. */
  async function refusedByRedis(text: string): Promise<number | 'long' | undefined> {
    const dir = testFolder()
    mkdirSync(join(dir, 'appendonlydir'))
    writeFileSync(join(dir, 'appendonlydir/appendonly.aof.manifest'), text, 'latin1')
    const args = [
      '--port',
      '0',
      '--unixsocket',
      join(dir, 'socket'),
      '--dir',
      dir,
      '--appendonly',
      'yes',
      '--save',
      '',
    ]
    const server = spawn(redisPath(), args, { stdio: ['ignore', 'pipe', 'ignore'] })
    onTestFinished(() => void server.kill('SIGKILL'))
    let output = ''
    server.stdout.setEncoding('latin1').on('data', (part) => {
      output += part
      if (/ready to accept/i.test(output)) server.kill('SIGKILL')
    })
    await new Promise((ended) => server.once('close', ended))
    if (!output.includes('FATAL AOF MANIFEST')) return undefined
    return /too long line|empty AOF manifest/.test(output)
      ? 'long'
      : Number(/at line (\d+)/.exec(output)?.[1])
  }

  function refusedByRusset(text: string): number | 'long' | undefined {
    try {
      Manifest.parse(text)
      return undefined
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error
      return /longer than|zero byte|empty/.test(error.reason) ? 'long' : error.line
    }
  }

  it('are refused where redis-server refuses them', async () => {
    const whole = [
      ...['', '\n', '# c\n', 'file a seq 1 type b', 'file a seq 1\n', 'file a seq 1 type b x\n'],
      ...['file a seq 1 type b startoffset 5\n', 'FILE a SEQ 1 TYPE b\n', 'file a/b seq 1 type b\n'],
      ...[
        'file "a\\\\b" seq 1 type b\n',
        'file a seq 0 type b\n',
        'file a seq 1x type b\n',
        'file a seq x type b\n',
      ],
      ...['file a seq 1 type base\n', 'file a seq 1 type ""\n', ' file a seq 1 type b\n', '  # c\n'],
      ...[
        'file a seq 1 \0type b\n',
        'file "a\\x00b" seq 1 type b\n',
        'file a seq 1 type b\r\n',
        'file "a seq 1 type b\n',
      ],
      ...['seq 1 type b k v\n', "file a seq ' +7' type b\n", `file ${'a'.repeat(2000)} seq 1 type b\n`],
      ...[
        `#${'a'.repeat(2000)}\n`,
        `#${'a'.repeat(1023)}\n`,
        'file a seq 1 type b\n# x',
        'file a seq 1 type b\n\0',
      ],
      ...['file a seq 2 type i\nfile b seq 1 type i\n', 'file a seq 2 type i\nfile a seq 1 type h\n'],
    ]
    for (const text of whole)
      expect([text, refusedByRusset(text)]).toEqual([text, await refusedByRedis(text)])
  }, 60_000)

  it('are refused where redis-server refuses them, with random lines', async () => {
    const draw = drawFrom(seed)
    const words = [
      'file',
      'file',
      'seq',
      'seq',
      'type',
      'type',
      'b',
      'i',
      'h',
      'x',
      '1',
      '2',
      '3',
      'a',
      '"a b"',
      '# c',
      '\t',
    ]
    for (let run = 0; run < 150; run++) {
      let text = ''
      for (let line = draw(4); line >= 0; line--) {
        // Mostly what is right, here and there a word that is not.
        const right = ['file', `f${draw(3)}`, 'seq', String(1 + draw(4)), 'type', 'bih'[draw(3)] as string]
        for (let change = draw(4) - 2; change > 0; change--) {
          right.splice(draw(7), draw(2), words[draw(words.length)] as string)
        }
        text += `${right.join(' ')}\n`
      }
      // The last line is wrong for certain, so the line redis-server stops at says what it made of those before.
      text += 'file a seq 1 type x\n'
      expect([text, refusedByRusset(text)]).toEqual([text, await refusedByRedis(text)])
    }
  }, 60_000)
})

// ---- logs ---------------------------------------------------------------------------------------------------

describe('logs', () => {
  interface Verdict {
    readonly ok: boolean
    /** Bytes that are sound. */
    readonly validUpTo: number
  }

  function verdictOfRedis(file: string, text: string): Verdict {
    writeFileSync(file, text, 'latin1')
    const { ok, output } = redisCheck('aof', file)
    return { ok, validUpTo: Number(/ok_up_to=(\d+)/.exec(output)?.[1]) }
  }

  async function verdictOfRusset(text: string): Promise<Verdict> {
    const storage = new MemoryStorage()
    await storage.replace('log.aof', [toBytes(text)])
    const { ok, firstFault } = await checkFile(storage, host, 'log.aof')
    return { ok, validUpTo: firstFault?.validUpTo ?? text.length }
  }

  it('cut off at any byte are sound up to the same one', async () => {
    const file = join(testFolder(), 'log.aof')
    for (let length = 1; length <= LOG.length; length++) {
      const text = LOG.slice(0, length)
      expect([length, await verdictOfRusset(text)]).toEqual([length, verdictOfRedis(file, text)])
    }
  }, 60_000)

  it('changed in any way are sound up to the same byte', async () => {
    const file = join(testFolder(), 'log.aof')
    const draw = drawFrom(seed)
    const inserts = [
      '',
      'x',
      '\0',
      '\r\n',
      '*',
      '$',
      '*1\r\n',
      '$3\r\n',
      command('MULTI'),
      command('EXEC'),
      SET,
    ]
    for (let run = 0; run < 400; run++) {
      const at = draw(LOG.length)
      const text = LOG.slice(0, at) + inserts[draw(inserts.length)] + LOG.slice(at + draw(20))
      // redis-check-aof lets these pass, and redis-server then does not, or reads something else from them.
      if (/\*(0|\r)|[*$]0\d|[*$]\r/.test(text)) continue
      expect([text, await verdictOfRusset(text)]).toEqual([text, verdictOfRedis(file, text)])
    }
  }, 60_000)

  it('of a real server are read to the end, annotations too', async () => {
    const { client, dir } = await startJournaling('--aof-timestamp-enabled', 'yes', '--appendfsync', 'always')
    const value = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('latin1')
    await client.send('SET', 'bytes', Buffer.from(value, 'latin1'))
    await client.send('SELECT', '3')
    for (const args of [
      ['MULTI'],
      ['RPUSH', 'list', 'a', ''],
      ['INCR', 'n'],
      ['EXEC'],
      ['SET', 'e', '1', 'EX', '100'],
    ]) {
      await client.send(...args)
    }
    const notes: string[] = []
    const reader = new LogReader(host.bytes, new WordCache(host.bytes), {
      onAnnotation: (note) => notes.push(note),
    })
    const bytes = readFileSync(join(dir, 'appendonlydir/appendonly.aof.1.incr.aof'))
    reader.push(new Uint8Array(bytes))
    const units = []
    for (let unit = reader.next(); unit !== undefined; unit = reader.next()) units.push(unit)
    expect(reader.finish()).toBeUndefined()
    expect(reader.offset).toBe(bytes.length)
    expect(notes[0]).toMatch(/^#TS:\d{10}$/)
    expect(units).toEqual([
      ['SELECT', '0'],
      ['SET', 'bytes', value],
      ['SELECT', '3'],
      [
        ['RPUSH', 'list', 'a', ''],
        ['INCR', 'n'],
      ],
      ['SET', 'e', '1', 'PXAT', expect.stringMatching(/^\d{13}$/)],
    ])
  })
})

// ---- the command --------------------------------------------------------------------------------------------

async function russetCheck(...args: readonly string[]): Promise<Ended & { readonly output: string }> {
  const run = new RussetCommand(['--check', ...args])
  return { ...(await run.waitForEnd()), output: run.output }
}

describe('russet-server --check', () => {
  it('agrees with redis-check-rdb and redis-check-aof about files of a real server', async () => {
    const { client, dir, server } = await startJournaling('--aof-use-rdb-preamble', 'yes')
    await client.send('DEBUG', 'POPULATE', '1000')
    for (const args of [
      ['RPUSH', 'list', ...Array.from({ length: 300 }, (_, i) => `element ${i}`)],
      ['SADD', 'set', '1', '2', 'x'],
      ['ZADD', 'zset', '1', 'a', '-inf', 'b'],
      ['HSET', 'hash', 'f', 'v'.repeat(100)],
      ['XADD', 'stream', '1-1', 'f', 'v'],
      ['SET', 'later', 'x', 'EX', '1000'],
      ['BGREWRITEAOF'],
    ]) {
      await client.send(...args)
    }
    await rewritten(client)
    for (const args of [['MULTI'], ['INCR', 'n'], ['INCR', 'n'], ['EXEC'], ['SAVE']])
      await client.send(...args)
    await client.close()
    await server.stop()

    const dump = join(dir, 'dump.rdb')
    const { output: said } = redisCheck('rdb', dump)
    const [keys, expires, expired] = [/(\d+) keys read/, /(\d+) expires/, /(\d+) already expired/].map(
      (pattern) => pattern.exec(said)?.[1],
    )
    const rdb = await russetCheck(dump)
    expect(rdb.output).toContain(`dump.rdb is an RDB (${readFileSync(dump).length} bytes)`)
    expect(rdb.output).toContain(
      `Keys: ${keys}, with an expiry: ${expires}, already expired: ${expired}\nOK\n`,
    )
    expect(rdb.code).toBe(0)

    const manifest = join(dir, 'appendonlydir/appendonly.aof.manifest')
    expect(redisCheck('aof', manifest).ok).toBe(true)
    const aof = await russetCheck(manifest)
    expect(aof.output).toContain('is the manifest of an append-only file')
    expect(aof.output).toContain('Keys: 1006, with an expiry: 1')
    expect(aof.output).toMatch(/Commands: 3, transactions: 1\nOK\n$/)
    expect(aof.code).toBe(0)
  })

  /** An append-only file in three parts, the last of them cut off inside its transaction. */
  function brokenParts(): { dir: string; manifest: string; logs: string } {
    const dir = testFolder()
    const logs = join(dir, 'appendonlydir')
    mkdirSync(logs)
    const manifest = join(logs, 'a.manifest')
    writeFileSync(manifest, 'file a.1 seq 1 type i\nfile a.2 seq 2 type i\n')
    writeFileSync(join(logs, 'a.1'), LOG)
    writeFileSync(join(logs, 'a.2'), LOG + TRANSACTION.slice(0, -4))
    return { dir, manifest, logs }
  }

  it('says where a log is broken, and mends it when asked to', async () => {
    const { manifest, logs } = brokenParts()
    const broken = await russetCheck(manifest)
    const lost = TRANSACTION.length - 4
    expect(broken.code).toBe(1)
    expect(broken.output).toContain(
      `BROKEN at byte ${LOG.length + lost} of a.2: the file ends inside a transaction\n` +
        `With --fix a.2 would be cut off at byte ${LOG.length}, which loses its last ${lost} bytes\n`,
    )
    expect(readFileSync(join(logs, 'a.2'), 'latin1')).toHaveLength(LOG.length + lost)

    const fixed = await russetCheck(manifest, '--fix')
    expect(fixed.code).toBe(0)
    expect(fixed.output).toContain(`FIXED: a.2 has been cut off at byte ${LOG.length}, which loses its last`)
    expect(readFileSync(join(logs, 'a.2'), 'latin1')).toBe(LOG)
    expect(redisCheck('aof', manifest).ok).toBe(true)
    expect(await russetCheck('--fix', manifest)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/\nOK\n$/),
    })
    expect(readdirSync(logs).sort()).toEqual(['a.1', 'a.2', 'a.manifest'])
  })

  it('reads what a server uses, and does not cut it', async () => {
    const { dir, manifest, logs } = brokenParts()
    const single = join(dir, 'old.aof')
    writeFileSync(single, LOG.slice(0, -1))
    const lock = await lockDirectory(dir)
    try {
      for (const file of [manifest, join(logs, 'a.2'), single]) {
        expect(await russetCheck(file)).toMatchObject({ code: 1, output: expect.stringContaining('BROKEN') })
        const refused = await russetCheck(file, '--fix')
        expect(refused.code).toBe(1)
        expect(refused.output).toMatch(/^Cannot check .*: The directory is in use by process \d+/)
      }
    } finally {
      lock.release()
    }
    expect(readFileSync(join(logs, 'a.2'), 'latin1')).not.toBe(LOG)
    for (const file of [manifest, single]) expect(await russetCheck(file, '--fix')).toMatchObject({ code: 0 })
    expect(readFileSync(join(logs, 'a.2'), 'latin1')).toBe(LOG)
    expect(readdirSync(dir).sort()).toEqual(['appendonlydir', 'old.aof'])
  }, 60_000)

  it('never changes an RDB', async () => {
    const file = join(testFolder(), 'dump.rdb')
    writeFileSync(file, 'REDIS0010\xfe\0', 'latin1')
    const { code, output } = await russetCheck(file, '--fix')
    expect(code).toBe(1)
    expect(output).toMatch(/BROKEN at byte \d+ of dump\.rdb: .*\nThis cannot be fixed/)
    expect(readFileSync(file, 'latin1')).toBe('REDIS0010\xfe\0')
  })

  it.each([
    [[], /^Usage: russet-server --check/],
    [['--fix'], /^Usage: russet-server --check/],
    [['a', 'b'], /^Usage: russet-server --check/],
    [['a', '--fxi'], /^Usage: russet-server --check/],
    [['/nowhere/dump.rdb'], /^Cannot check \/nowhere\/dump\.rdb: No such file or directory\n$/],
    [['/tmp'], /^Cannot check \/tmp: /],
  ])('with %j says what is wrong, and ends with 1', async (args, message) => {
    const { code, output } = await russetCheck(...args)
    expect(output).toMatch(message)
    expect(code).toBe(1)
  })
})
