/**
 * What the file system's storage promises beyond what every storage does: names that stay in the directory,
 * the order in which things become durable, and disks that fail. Faults are put in where Node calls the system.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Storage } from '../../../packages/core/src/storage/storage.js'
import { makeDirectory, openFileStorage } from '../../../packages/node/src/file-storage.js'
import {
  failing,
  failure,
  handlePrototype,
  limitWrites,
  type Method,
  recordCalls,
  replaceMethod,
} from '../../support/file-faults.js'

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))
const text = (content: Uint8Array): string => Buffer.from(content).toString('latin1')

function folder(): string {
  const path = fs.mkdtempSync(join(tmpdir(), 'russet-storage-'))
  onTestFinished(() => fs.rmSync(path, { recursive: true, force: true }))
  return path
}

async function opened(): Promise<{ dir: string; storage: Storage }> {
  const dir = folder()
  const storage = await openFileStorage(dir)
  onTestFinished(() => storage.close())
  return { dir, storage }
}

const contentOf = async (storage: Storage, name: string): Promise<string> =>
  text(await storage.read(name, 0, 1e9))

describe('names', () => {
  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/..',
    'a/../b',
    '/etc/passwd',
    'a/b/c',
    'a//b',
    'a/',
    './a',
    'a\0b',
    'russet.temp.1-1',
    'a/russet.temp.1-1',
    `russet.lock.1-1-${'0'.repeat(16)}-${'0'.repeat(16)}`,
  ])('%j is refused by everything', async (name) => {
    const { dir, storage } = await opened()
    const denied = { name: 'StorageError', fault: 'denied' }
    await expect(storage.read(name, 0, 1)).rejects.toMatchObject(denied)
    await expect(storage.replace(name, [bytes('x')])).rejects.toMatchObject(denied)
    await expect(storage.append(name, 0)).rejects.toMatchObject(denied)
    await expect(storage.remove(name)).rejects.toMatchObject(denied)
    expect(fs.readdirSync(dir)).toHaveLength(1)
  })

  it('are bytes', async () => {
    const { dir, storage } = await opened()
    await storage.replace('\xe9\xff/\x01 \xc3', [bytes('content')])
    expect(await storage.list('\xe9\xff')).toEqual([{ name: '\xe9\xff/\x01 \xc3', bytes: 7 }])
    const path = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from('e9ff2f0120c3', 'hex')])
    expect(fs.readFileSync(path, 'latin1')).toBe('content')
  })

  it('are listed without what is no file, what leads nowhere, and what the storage keeps for itself', async () => {
    const { dir, storage } = await opened()
    fs.mkdirSync(join(dir, 'a/deeper'), { recursive: true })
    fs.writeFileSync(join(dir, 'a/deeper/x'), 'x')
    fs.writeFileSync(join(dir, 'a/y'), 'yy')
    fs.writeFileSync(join(dir, 'a/russet.temp.5-6'), '')
    fs.writeFileSync(join(dir, 'russet.conf'), 'port 1')
    fs.symlinkSync(join(dir, 'russet.conf'), join(dir, 'link'))
    fs.symlinkSync(join(dir, 'nowhere'), join(dir, 'broken'))
    fs.symlinkSync('round', join(dir, 'round'))
    fs.symlinkSync(join(dir, 'a'), join(dir, 'b'))
    const listed = async (name: string) =>
      (await storage.list(name)).map((file) => `${file.name} ${file.bytes}`).sort()
    expect(await listed('')).toEqual(['link 6', 'russet.conf 6'])
    expect(await listed('a')).toEqual(['a/y 2'])
    expect(await listed('b')).toEqual(['b/y 2'])
    for (const none of ['c', 'broken', 'russet.conf']) expect(await listed(none)).toEqual([])
    fs.rmSync(dir, { recursive: true })
    await expect(storage.list('')).rejects.toMatchObject({ fault: 'missing' })
  })

  it('a relative directory stays where it was', async () => {
    const before = process.cwd()
    const dir = folder()
    process.chdir(dir)
    const storage = await openFileStorage('.')
    onTestFinished(() => storage.close())
    process.chdir(before)
    await storage.replace('x', [bytes('1')])
    expect(fs.readFileSync(join(dir, 'x'), 'latin1')).toBe('1')
  })

  it.each([
    ['missing', 'no-such-folder', 'No such file or directory'],
    ['failed', 'file', 'Not a directory'],
  ])('a directory that is none: %s', async (fault, name, message) => {
    const dir = folder()
    fs.writeFileSync(join(dir, 'file'), '')
    for (const lock of ['now', 'on-write', 'never'] as const)
      await expect(openFileStorage(join(dir, name), { lock })).rejects.toMatchObject({ fault, message })
  })

  it('of other things than files cannot be read, not even a pipe that nobody writes to', async () => {
    const { dir, storage } = await opened()
    fs.mkdirSync(join(dir, 'folder'))
    execFileSync('mkfifo', [join(dir, 'pipe')])
    for (const name of ['folder', 'pipe'])
      await expect(storage.read(name, 0, 0)).rejects.toMatchObject({
        fault: 'failed',
        message: 'Not a regular file',
      })
  })

  it('of other people are not looked at', async () => {
    const dir = folder()
    for (let i = 0; i < 100; i++) {
      fs.mkdirSync(join(dir, `folder ${i}`))
      fs.writeFileSync(join(dir, `file ${i}`), '')
      fs.writeFileSync(join(dir, `folder ${i}`, 'file'), '')
    }
    const looks: string[] = []
    for (const method of ['stat', 'lstat', 'readdir', 'open'] as const)
      replaceMethod(fs.promises, method, ((real: Method) =>
        (path: never, ...rest: never[]) => {
          looks.push(`${method} ${String(path).slice(dir.length)}`)
          return real(path, ...rest)
        }) as never)
    const storage = await openFileStorage(dir)
    onTestFinished(() => storage.close())
    await storage.replace('logs/x', [bytes('1')])
    await storage.remove('logs/x')
    expect(looks.filter((look) => /file|folder/.test(look))).toEqual([])
    expect(looks.filter((look) => look.startsWith('readdir'))).toEqual(['readdir ', 'readdir /logs'])
  })
})

describe('replace', () => {
  it('is durable before and after the name changes', async () => {
    const { dir, storage } = await opened()
    const calls = await recordCalls(dir)
    await storage.replace('a/x', [bytes('1'), bytes('2')])
    const file = ['write /a/TEMP', 'write /a/TEMP', 'sync /a/TEMP', 'rename /a/TEMP /a/x', 'sync /a']
    expect(calls.splice(0)).toEqual([...file, 'sync '])
    await storage.replace('a/x', [bytes('3'), bytes('4')])
    expect(calls.splice(0)).toEqual(file)
    await storage.replace('y', [])
    expect(calls.splice(0)).toEqual(['sync /TEMP', 'rename /TEMP /y', 'sync '])
    fs.rmSync(join(dir, 'a'), { recursive: true })
    await storage.replace('a/x', [])
    expect(calls).toEqual(['sync /a/TEMP', 'rename /a/TEMP /a/x', 'sync /a', 'sync '])
  })

  it('syncs as it goes when there is much', async () => {
    const { dir, storage } = await opened()
    const calls = await recordCalls(dir)
    const piece = new Uint8Array(10 * 1024 * 1024)
    await storage.replace('x', [piece, piece, piece])
    expect(calls.filter((call) => call.startsWith('datasync'))).toEqual(['datasync /TEMP'])
    expect(await storage.list('')).toEqual([{ name: 'x', bytes: 3 * piece.length }])
  })

  it.each([
    ['write', 'ENOSPC', 'full', 'No space left on device'],
    ['write', 'EDQUOT', 'full', 'Disk quota exceeded'],
    ['write', 'EFBIG', 'full', 'File too large'],
    ['sync', 'EIO', 'failed', 'Input/output error'],
    ['sync', 'EROFS', 'denied', 'Read-only file system'],
  ] as const)('%s that fails with %s leaves the file as it was', async (method, code, fault, message) => {
    const { dir, storage } = await opened()
    await storage.replace('x', [bytes('before')])
    const restore = await failing(method, code)
    await expect(storage.replace('x', [bytes('after')])).rejects.toMatchObject({ fault, message })
    restore()
    expect(await contentOf(storage, 'x')).toBe('before')
    expect(fs.readdirSync(dir)).toHaveLength(2)
    await storage.replace('x', [bytes('after')])
    expect(await contentOf(storage, 'x')).toBe('after')
  })

  it('content that throws leaves the file as it was, and its error comes through', async () => {
    const { dir, storage } = await opened()
    await storage.replace('x', [bytes('before')])
    const fault = new Error('from the content')
    async function* content() {
      yield bytes('after')
      throw fault
    }
    await expect(storage.replace('x', content())).rejects.toBe(fault)
    expect(await contentOf(storage, 'x')).toBe('before')
    expect(fs.readdirSync(dir)).toHaveLength(2)
  })

  it('what a crash has left is removed by who has the lock, in a folder before the first change there', async () => {
    const dir = folder()
    for (const name of ['a', 'b', 'c']) fs.mkdirSync(join(dir, name))
    const leftovers = ['russet.temp.123-4', 'a/russet.temp.99-1', 'b/russet.temp.99-1', 'c/russet.temp.99-1']
    for (const name of [...leftovers, 'temp-1-1.tmp', 'a/russet.temp.x'])
      fs.writeFileSync(join(dir, name), '')
    const left = () => leftovers.filter((name) => fs.existsSync(join(dir, name)))
    const unlocked = await openFileStorage(dir, { lock: 'never' })
    await unlocked.replace('a/x', [])
    await unlocked.close()
    expect(left()).toEqual(leftovers)
    const storage = await openFileStorage(dir, { lock: 'on-write' })
    expect(left()).toEqual(leftovers)
    await storage.remove('none')
    expect(left()).toEqual(leftovers.slice(1))
    await storage.replace('a/x', [])
    await (await storage.append('b/x', 0)).close()
    expect(left()).toEqual(leftovers.slice(3))
    await storage.close()
    expect(fs.readdirSync(dir).sort()).toEqual(['a', 'b', 'c', 'temp-1-1.tmp'])
    expect(fs.readdirSync(join(dir, 'a')).sort()).toEqual(['russet.temp.x', 'x'])
  })

  it('what is being written in a folder is no leftover', async () => {
    const { dir, storage } = await opened()
    fs.mkdirSync(join(dir, 'a'))
    fs.writeFileSync(join(dir, 'a/russet.temp.99-1'), '')
    await Promise.all(['x', 'y', 'z'].map((name) => storage.replace(`a/${name}`, [bytes(name)])))
    expect(fs.readdirSync(join(dir, 'a')).sort()).toEqual(['x', 'y', 'z'])
  })

  it('a leftover of the same name is no obstacle', async () => {
    const dir = folder()
    fs.writeFileSync(join(dir, `russet.temp.${process.pid}-1`), '')
    const storage = await openFileStorage(dir, { lock: 'never' })
    await storage.replace('x', [bytes('content')])
    expect(await contentOf(storage, 'x')).toBe('content')
  })
})

describe('append', () => {
  it('has written when the call returns', async () => {
    const { dir, storage } = await opened()
    const file = await storage.append('a/log', 0)
    void file.write([bytes('one ')])
    void file.write([bytes('two '), bytes(''), bytes('three')])
    void file.write([])
    expect(fs.readFileSync(join(dir, 'a/log'), 'latin1')).toBe('one two three')
    expect(file.length).toBe(13)
    await file.close()
  })

  it('takes more pieces than one call of the system does', async () => {
    const { storage } = await opened()
    const file = await storage.append('log', 0)
    const pieces = Array.from({ length: 5000 }, (_, i) => bytes(`${i},`))
    await file.write(pieces)
    await file.close()
    expect(await contentOf(storage, 'log')).toBe(pieces.map(text).join(''))
  })

  it('what lies beyond is cut off, durably', async () => {
    const { dir, storage } = await opened()
    fs.writeFileSync(join(dir, 'log'), 'kept and torn')
    const calls = await recordCalls(dir)
    const file = await storage.append('log', 4)
    expect(calls).toEqual(['truncate /log', 'sync /log'])
    expect(fs.readFileSync(join(dir, 'log'), 'latin1')).toBe('kept')
    await file.close()
    await expect(storage.append('log', 5)).rejects.toMatchObject({
      fault: 'failed',
      message: 'log has only 4 bytes',
    })
  })

  it('one that could not be opened can be opened later, and one that is open cannot', async () => {
    const { dir, storage } = await opened()
    await expect(storage.append('log', 1)).rejects.toMatchObject({ fault: 'missing' })
    expect(fs.existsSync(join(dir, 'log'))).toBe(false)
    fs.writeFileSync(join(dir, 'log'), 'x')
    const file = await storage.append('log', 1)
    await expect(storage.append('log', 1)).rejects.toMatchObject({ fault: 'busy' })
    await file.close()
    await file.close()
    await (await storage.append('log', 1)).close()
  })

  it.each([1, 3, 7])('writes that take %i bytes at a time are made whole', async (step) => {
    const { storage } = await opened()
    const file = await storage.append('log', 0)
    limitWrites(step, 1000)
    await file.write([bytes('ab'), bytes(''), bytes('cdefgh'), bytes('i')])
    await file.write([bytes('klmnopqrstuvwxyz')])
    expect(file.length).toBe(25)
    await file.close()
    expect(await contentOf(storage, 'log')).toBe('abcdefghiklmnopqrstuvwxyz')
  })

  it.each([
    ['one piece', [bytes('far too much for it')]],
    ['several', [bytes('far too'), bytes(' much'), bytes(' for it')]],
  ])('a write of %s that fails half way is as if it had not been', async (_, pieces) => {
    const { dir, storage } = await opened()
    const file = await storage.append('log', 0)
    await file.write([bytes('first ')])
    const restore = limitWrites(4, 10)
    const full = { name: 'StorageError', fault: 'full', message: 'No space left on device' }
    await expect(file.write(pieces)).rejects.toMatchObject(full)
    expect(file.length).toBe(6)
    expect(fs.readFileSync(join(dir, 'log'), 'latin1')).toBe('first ')
    restore()
    await file.write([bytes('2nd')])
    await file.sync()
    await file.close()
    expect(await contentOf(storage, 'log')).toBe('first 2nd')
  })

  it('what a failed write has left is gone before the next, if it cannot go at once', async () => {
    const { dir, storage } = await opened()
    const file = await storage.append('log', 0)
    const restoreWrites = limitWrites(4, 10)
    const restoreCut = replaceMethod(fs, 'ftruncateSync', (() => () => {
      throw failure('EIO')
    }) as never)
    await expect(file.write([bytes('far too much for it')])).rejects.toMatchObject({ fault: 'full' })
    expect(fs.readFileSync(join(dir, 'log'), 'latin1')).toBe('far too mu')
    restoreWrites()
    await expect(file.write([bytes('ok')])).rejects.toMatchObject({ fault: 'failed' })
    restoreCut()
    await file.write([bytes('ok')])
    await file.close()
    expect(await contentOf(storage, 'log')).toBe('ok')
  })

  it('a disk that takes nothing and says nothing is no endless loop', async () => {
    const { storage } = await opened()
    const file = await storage.append('log', 0)
    replaceMethod(fs, 'writeSync', (() => () => 0) as never)
    await expect(file.write([bytes('x')])).rejects.toMatchObject({ fault: 'failed' })
    expect(file.length).toBe(0)
    await file.close()
  })

  it('the first sync makes the name durable too', async () => {
    const { dir, storage } = await opened()
    const calls = await recordCalls(dir)
    const file = await storage.append('a/log', 0)
    await file.write([bytes('x')])
    expect(calls).toEqual([])
    await file.sync()
    expect(calls.splice(0)).toEqual(['datasync /a/log', 'sync /a', 'sync '])
    await file.write([bytes('y')])
    await file.sync()
    expect(calls.splice(0)).toEqual(['datasync /a/log'])
    await file.close()
    expect(calls).toEqual([])
    await storage.remove('a/log')
    expect(calls).toEqual(['unlink /a/log', 'sync /a'])
  })

  it('calls to sync share one that has not begun, and never run at once', async () => {
    const { storage } = await opened()
    const file = await storage.append('log', 0)
    await file.sync()
    let running = 0
    let flushes = 0
    replaceMethod(
      await handlePrototype(),
      'datasync',
      ((real: Method) =>
        async function (this: fs.promises.FileHandle) {
          expect(++running).toBe(1)
          flushes++
          await real.call(this)
          running--
        }) as never,
    )
    const first = file.sync()
    await Promise.resolve()
    const others = Array.from({ length: 10 }, () => file.sync())
    await Promise.all([first, ...others])
    expect(flushes).toBe(2)
    const last = file.sync()
    await file.close()
    await last
    expect(flushes).toBe(3)
    await expect(file.sync()).rejects.toMatchObject({ fault: 'failed' })
    await expect(file.write([bytes('x')])).rejects.toMatchObject({ fault: 'failed' })
  })

  it('no sync succeeds after one has failed, until the file is opened anew', async () => {
    const { storage } = await opened()
    const file = await storage.append('log', 0)
    await file.write([bytes('sure')])
    await file.sync()
    await file.write([bytes(' unsure')])
    const restore = await failing('datasync', 'EIO')
    const broken = { fault: 'failed', message: 'Input/output error' }
    const [first, second] = [file.sync(), file.sync()]
    await expect(first).rejects.toMatchObject(broken)
    await expect(second).rejects.toMatchObject(broken)
    restore()
    await expect(file.sync()).rejects.toMatchObject(broken)
    await file.close()
    const again = await storage.append('log', 4)
    await again.write([bytes('!')])
    await again.sync()
    await again.close()
    expect(await contentOf(storage, 'log')).toBe('sure!')
  })
})

describe('directories that cannot be synced', () => {
  it.each(['EISDIR', 'EPERM', 'EINVAL'])('%s is how a platform says so', async (code) => {
    const { dir, storage } = await opened()
    replaceMethod(fs.promises, 'open', ((real: Method) => (path: never, flags: never) => {
      const isDirectory = String(path) === dir
      return isDirectory ? Promise.reject(failure(code)) : real(path, flags)
    }) as never)
    await storage.replace('x', [bytes('content')])
    expect(await contentOf(storage, 'x')).toBe('content')
  })

  it('any other error is one', async () => {
    const { dir, storage } = await opened()
    replaceMethod(
      fs.promises,
      'open',
      ((real: Method) => (path: never, flags: never) =>
        String(path) === dir ? Promise.reject(failure('EIO')) : real(path, flags)) as never,
    )
    await expect(storage.remove('x')).rejects.toMatchObject({ fault: 'failed' })
  })
})

describe('a directory that is made', () => {
  it('is durable with all it is in', async () => {
    const dir = folder()
    const calls = await recordCalls(dir)
    await makeDirectory(join(dir, 'a/b/c'))
    expect(calls.splice(0)).toEqual(['sync /a/b', 'sync /a', 'sync '])
    await makeDirectory(join(dir, 'a/b/c'))
    await makeDirectory(dir)
    expect(calls).toEqual([])
    await makeDirectory(join(dir, 'a/b/d'))
    expect(calls).toEqual(['sync /a/b'])
    await expect(makeDirectory(join(dir, 'a\0'))).rejects.toMatchObject({ name: 'StorageError' })
  })
})

describe('the lock', () => {
  it('is there from the beginning to the end', async () => {
    const { dir, storage } = await opened()
    await expect(openFileStorage(dir)).rejects.toMatchObject({ fault: 'busy' })
    await storage.close()
    expect(fs.readdirSync(dir)).toEqual([])
    await (await openFileStorage(dir)).close()
  })

  it('can be taken with the first change only', async () => {
    const dir = folder()
    const [first, second] = await Promise.all([
      openFileStorage(dir, { lock: 'on-write' }),
      openFileStorage(dir, { lock: 'on-write' }),
    ])
    expect(await first.list('')).toEqual([])
    expect(fs.readdirSync(dir)).toEqual([])
    await Promise.all([first.replace('x', [bytes('1')]), first.replace('y', [bytes('2')])])
    expect(fs.readdirSync(dir)).toHaveLength(3)
    expect(await contentOf(second, 'x')).toBe('1')
    const busy = { name: 'StorageError', fault: 'busy' }
    await expect(second.replace('x', [])).rejects.toMatchObject(busy)
    await first.close()
    await second.remove('x')
    await expect(first.append('y', 0)).rejects.toMatchObject({ fault: 'failed' })
    await second.close()
    expect(fs.readdirSync(dir)).toEqual(['y'])
  })

  it('is let go when the storage is closed while it is being taken', async () => {
    const dir = folder()
    const storage = await openFileStorage(dir, { lock: 'on-write' })
    const replacing = storage.replace('x', [bytes('1')])
    await storage.close()
    await expect(replacing).rejects.toMatchObject({ fault: 'failed' })
    expect(fs.readdirSync(dir)).toEqual([])
  })

  it('when it is lost nothing is written any more', async () => {
    const { dir, storage } = await opened()
    const file = await storage.append('log', 0)
    for (const name of fs.readdirSync(dir)) if (name !== 'log') fs.unlinkSync(join(dir, name))
    const now = Date.now
    Date.now = () => now() + 60_000
    onTestFinished(() => {
      Date.now = now
    })
    const lost = { name: 'StorageError', fault: 'lost' }
    await expect(file.write([bytes('x')])).rejects.toMatchObject(lost)
    await expect(file.sync()).rejects.toMatchObject(lost)
    await expect(storage.replace('x', [])).rejects.toMatchObject(lost)
    await expect(storage.remove('log')).rejects.toMatchObject(lost)
    await expect(storage.append('x', 0)).rejects.toMatchObject(lost)
    expect(await contentOf(storage, 'log')).toBe('')
    expect(fs.readdirSync(dir)).toEqual(['log'])
    await file.close()
  })
})
