/** The check of stored files: what each kind is told to be, where faults are found, and what may be cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Crc64 } from '../../../packages/core/src/base/crc64.js'
import {
  type CheckOptions,
  type CheckReport,
  checkFile,
} from '../../../packages/core/src/persistence/check.js'
import { MemoryStorage } from '../../../packages/core/src/storage/memory-storage.js'
import { StorageError } from '../../../packages/core/src/storage/storage.js'
import { FakeHost } from '../../support/fake-host.js'
import { filesOf } from '../../support/storage-suite/expectations.js'

const host = new FakeHost()
const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
const command = (...args: readonly string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`

const SET = command('SET', 'a', '1')
const TRANSACTION = command('MULTI') + SET + SET + command('EXEC')
const LOG = command('SELECT', '0') + SET + TRANSACTION + SET

/** An RDB with these keys, by the description of the format; a key with an expiry gets it in milliseconds. */
function rdb(keys: readonly { key: string; value?: string; expiryMs?: number }[]): string {
  const text = (bytes: string) => String.fromCharCode(bytes.length) + bytes
  let file = `REDIS0010\xfa${text('redis-ver')}${text('7.0.15')}\xfe\0`
  for (const { key, value = 'v', expiryMs } of keys) {
    if (expiryMs !== undefined) {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(BigInt(expiryMs))
      file += `\xfc${bytes.toString('latin1')}`
    }
    file += `\0${text(key)}${text(value)}`
  }
  file += '\xff'
  const crc = new Crc64()
  crc.update(toBytes(file))
  const checksum = new Uint8Array(8)
  crc.writeTo(checksum, 0)
  return file + Buffer.from(checksum).toString('latin1')
}

const RDB = rdb([
  { key: 'a' },
  { key: 'b', expiryMs: host.now() + 1000 },
  { key: 'c', expiryMs: host.now() - 1000 },
])

type Files = Readonly<Record<string, string>>

async function storageWith(files: Files): Promise<MemoryStorage> {
  const storage = new MemoryStorage()
  for (const [name, content] of Object.entries(files)) await storage.replace(name, [toBytes(content)])
  return storage
}

async function contentsOf(storage: MemoryStorage): Promise<Files> {
  const contents: Record<string, string> = {}
  for (const { name, bytes } of await filesOf(storage, ['', 'dir'])) {
    contents[name] = Buffer.from(await storage.read(name, 0, bytes)).toString('latin1')
  }
  return contents
}

async function check(files: Files, name: string, options?: CheckOptions): Promise<CheckReport> {
  return checkFile(await storageWith(files), host, name, options)
}

const MANIFEST = 'dir/x.manifest'
/** An append-only file in several parts. */
const parts = (base: string, ...logs: readonly string[]): Files => ({
  [MANIFEST]:
    'file x.1.base.rdb seq 1 type b\nfile x.0.incr.aof seq 1 type h\n' +
    logs.map((_, i) => `file x.${i + 1}.incr.aof seq ${i + 1} type i\n`).join(''),
  'dir/x.1.base.rdb': base,
  ...Object.fromEntries(logs.map((log, i) => [`dir/x.${i + 1}.incr.aof`, log])),
})

const NONE = { keys: 0, expires: 0, alreadyExpired: 0, commands: 0, transactions: 0 }

describe('sound files', () => {
  it('an RDB', async () => {
    expect(await check({ 'dump.rdb': RDB }, 'dump.rdb')).toEqual({
      kind: 'rdb',
      files: [{ name: 'dump.rdb', bytes: RDB.length }],
      counts: { ...NONE, keys: 3, expires: 2, alreadyExpired: 1 },
      ignoredBytes: 0,
      ok: true,
      firstFault: undefined,
      canFix: false,
      fixed: false,
    })
  })

  it('a log', async () => {
    const report = await check({ any: LOG }, 'any')
    expect(report).toMatchObject({ kind: 'log', ok: true, canFix: false })
    expect(report.counts).toEqual({ ...NONE, commands: 5, transactions: 1 })
  })

  it('an empty log', async () => {
    expect(await check({ 'x.aof': '' }, 'x.aof')).toMatchObject({ kind: 'log', ok: true, counts: NONE })
  })

  it('an old log that begins with an RDB', async () => {
    const report = await check({ 'x.aof': RDB + LOG }, 'x.aof')
    expect(report).toMatchObject({ kind: 'log', ok: true })
    expect(report.counts).toMatchObject({ keys: 3, commands: 5 })
    expect(await check({ 'x.aof': RDB }, 'x.aof')).toMatchObject({ kind: 'rdb', ok: true })
  })

  it('a manifest with all its files', async () => {
    const report = await check({ ...parts(RDB, LOG, '', SET), other: 'x' }, MANIFEST)
    expect(report).toMatchObject({ kind: 'manifest', ok: true })
    expect(report.counts).toEqual({ keys: 3, expires: 2, alreadyExpired: 1, commands: 6, transactions: 1 })
    expect(report.files.map(({ name }) => name)).toEqual([
      MANIFEST,
      'dir/x.1.base.rdb',
      'dir/x.1.incr.aof',
      'dir/x.2.incr.aof',
      'dir/x.3.incr.aof',
    ])
  })

  it('a manifest by its content, and a base of commands', async () => {
    const files = { m: '# note\r\nfile b seq 1 type b\n', b: LOG }
    expect(await check(files, 'm')).toMatchObject({ kind: 'manifest', ok: true, counts: { commands: 5 } })
  })

  it('what comes behind an RDB by name is not read', async () => {
    expect(await check({ 'dump.rdb': `${RDB}xyz` }, 'dump.rdb')).toMatchObject({ ok: true, ignoredBytes: 3 })
  })

  it('larger than what is read in one go', async () => {
    const log = SET.repeat(50_000) + command('SET', 'big', 'x'.repeat(700_000)) + SET
    const seen: number[] = []
    const report = await check(parts(RDB, log), MANIFEST, {
      onProgress: (doneBytes, totalBytes) => {
        seen.push(doneBytes)
        expect(totalBytes).toBe(Object.values(parts(RDB, log)).join('').length)
      },
    })
    expect(report).toMatchObject({ ok: true, counts: { commands: 50_002 } })
    expect(seen.length).toBeGreaterThan(5)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBe(Object.values(parts(RDB, log)).join('').length)
  })
})

describe('broken files', () => {
  it('a log that was cut off', async () => {
    const text = LOG + TRANSACTION.slice(0, -3)
    const report = await check({ 'x.aof': text }, 'x.aof')
    expect(report).toMatchObject({ kind: 'log', ok: false, canFix: true, fixed: false })
    expect(report.counts).toMatchObject({ commands: 5 })
    expect(report.firstFault).toEqual({
      file: 'x.aof',
      offset: text.length,
      reason: 'the file ends inside a transaction',
      validUpTo: LOG.length,
      fileBytes: text.length,
    })
  })

  it('a log with something else in its middle', async () => {
    const text = `${LOG}oops${LOG}`
    const report = await check({ 'x.aof': text }, 'x.aof')
    expect(report).toMatchObject({ ok: false, canFix: true })
    expect(report.firstFault).toMatchObject({
      offset: LOG.length,
      validUpTo: LOG.length,
      reason: "expected '*', got 'o'",
    })
  })

  it('an old log with an RDB: the RDB cannot be mended, the log can', async () => {
    const behind = await check({ 'x.aof': `${RDB + LOG}*` }, 'x.aof')
    expect(behind).toMatchObject({ kind: 'log', canFix: true })
    expect(behind.firstFault?.validUpTo).toBe(RDB.length + LOG.length)
    const changed = RDB.replace('\xff', '\xfe') + LOG
    expect(await check({ 'x.aof': changed }, 'x.aof')).toMatchObject({
      kind: 'rdb',
      ok: false,
      canFix: false,
    })
  })

  it('an RDB, cut off or changed anywhere', async () => {
    for (let at = 5; at < RDB.length; at++) {
      const cut = await check({ 'dump.rdb': RDB.slice(0, at) }, 'dump.rdb')
      expect(cut).toMatchObject({ kind: 'rdb', ok: false, canFix: false })
      expect(cut.firstFault?.offset).toBeLessThanOrEqual(at)
      const flipped = String.fromCharCode(RDB.charCodeAt(at) ^ 1)
      const changed = await check({ 'dump.rdb': RDB.slice(0, at) + flipped + RDB.slice(at + 1) }, 'dump.rdb')
      expect(changed.firstFault, `byte ${at}`).toMatchObject({ file: 'dump.rdb', validUpTo: 0 })
    }
  })

  it('a manifest that cannot be read', async () => {
    const text = 'file a seq 1 type b\nfile b seq 2 type b\n'
    const report = await check({ 'x.manifest': text }, 'x.manifest')
    expect(report).toMatchObject({ kind: 'manifest', ok: false, canFix: false })
    expect(report.firstFault).toMatchObject({ offset: 20, reason: /second base, at line 2/ })
    expect(await check({ 'x.manifest': '' }, 'x.manifest')).toMatchObject({ ok: false, canFix: false })
  })

  it('a manifest that names a file that is not there', async () => {
    const { 'dir/x.2.incr.aof': _, ...files } = parts(RDB, LOG, LOG)
    const report = await check(files, MANIFEST)
    expect(report).toMatchObject({ ok: false, canFix: false })
    expect(report.firstFault).toMatchObject({ file: 'dir/x.2.incr.aof', reason: 'there is no such file' })
  })

  it('a set of files: only its last log can be mended', async () => {
    const torn = LOG.slice(0, -1)
    expect(await check(parts(RDB.slice(0, -1), LOG), MANIFEST)).toMatchObject({ ok: false, canFix: false })
    const inner = await check(parts(RDB, torn, LOG), MANIFEST)
    expect(inner).toMatchObject({ ok: false, canFix: false })
    expect(inner.firstFault?.file).toBe('dir/x.1.incr.aof')
    expect(inner.counts.commands).toBe(4)
    expect(await check(parts(RDB, LOG, torn), MANIFEST)).toMatchObject({ ok: false, canFix: true })
  })

  it('a file that is not there', async () => {
    const checking = check({}, 'x.aof')
    await expect(checking).rejects.toThrow(StorageError)
    await expect(checking).rejects.toMatchObject({ fault: 'missing' })
  })
})

describe('mending', () => {
  it('cuts the last log, and nothing else', async () => {
    const files = parts(RDB, LOG, LOG + SET.slice(0, 9))
    const storage = await storageWith(files)
    expect(await checkFile(storage, host, MANIFEST, { fix: true })).toMatchObject({ ok: false, fixed: true })
    expect(await contentsOf(storage)).toEqual({ ...files, 'dir/x.2.incr.aof': LOG })
    expect(await checkFile(storage, host, MANIFEST, { fix: true })).toMatchObject({ ok: true, fixed: false })
  })

  it.each<[string, string, Files]>([
    ['an RDB', 'dump.rdb', { 'dump.rdb': RDB.slice(0, -1) }],
    ['a log that is not the last', MANIFEST, parts(RDB, LOG.slice(0, -1), LOG)],
    ['a broken manifest', MANIFEST, { ...parts(RDB, LOG), [MANIFEST]: 'file\n' }],
    ['anything that is sound', MANIFEST, parts(RDB, LOG)],
  ])('leaves %s as it is', async (_, name, files) => {
    const storage = await storageWith(files)
    expect(await checkFile(storage, host, name, { fix: true })).toMatchObject({ fixed: false })
    expect(await contentsOf(storage)).toEqual(files)
  })

  it('without being asked to changes nothing', async () => {
    const files = parts(RDB, LOG, LOG.slice(0, -1))
    const storage = await storageWith(files)
    await checkFile(storage, host, MANIFEST)
    expect(await contentsOf(storage)).toEqual(files)
  })

  it('makes a mutated log sound, which keeps its whole commands up to the fault', async () => {
    const mutation = fc.record({
      at: fc.nat(RDB.length + LOG.length),
      remove: fc.nat(40),
      insert: fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replace(/[^\0-\xff]/g, '\xff')),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(mutation, { minLength: 1, maxLength: 2 }),
        async (isOld, edits) => {
          let text = isOld ? RDB + LOG : LOG + LOG
          for (const { at, remove, insert } of edits)
            text = text.slice(0, at) + insert + text.slice(at + remove)
          const storage = await storageWith({ f: text })
          const before = await checkFile(storage, host, 'f', { fix: true })
          if (before.ok || !before.fixed) {
            expect(await contentsOf(storage)).toEqual({ f: text })
            return
          }
          expect(await contentsOf(storage)).toEqual({ f: text.slice(0, before.firstFault?.validUpTo) })
          const after = await checkFile(storage, host, 'f')
          expect(after).toMatchObject({ ok: true, counts: before.counts })
        },
      ),
      { numRuns: 10_000 },
    )
  }, 60_000)
})
