/**
 * Faults of a file system, put in where Node calls the system, and a record of such calls. They end with the
 * test that made them.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { onTestFinished } from 'vitest'

export const failure = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code })

export type Method = (...args: never[]) => unknown

/** Has a method of Node's file system call something else, until the test ends or `restore` is called. */
export function replaceMethod<T extends object, K extends keyof T>(
  target: T,
  key: K,
  make: (real: T[K]) => T[K],
) {
  const real = target[key]
  const restore = () => {
    target[key] = real
    syncBuiltinESMExports()
  }
  target[key] = make(real)
  syncBuiltinESMExports()
  onTestFinished(restore)
  return restore
}

/** What all FileHandles share. */
export async function handlePrototype(): Promise<fs.promises.FileHandle> {
  const handle = await fs.promises.open(tmpdir(), 'r')
  await handle.close()
  return Object.getPrototypeOf(handle)
}

/** Lets calls fail with a system error. */
export async function failing(method: 'write' | 'sync' | 'datasync', code: string): Promise<() => void> {
  return replaceMethod(await handlePrototype(), method, () => (() => Promise.reject(failure(code))) as never)
}

/** Writes take no more than so many bytes at a time, and after so many in all they fail. */
export function limitWrites(step: number, total: number, code = 'ENOSPC'): () => void {
  let left = total
  const take = (wanted: number): number => {
    const taken = Math.min(wanted, step, left)
    if (taken === 0 && wanted > 0) throw failure(code)
    left -= taken
    return taken
  }
  const restorers = [
    replaceMethod(
      fs,
      'writeSync',
      ((real: Method) => (fd: number, piece: Uint8Array, offset: number, length: number, position: number) =>
        real(...([fd, piece, offset, take(length), position] as never[]))) as never,
    ),
    replaceMethod(fs, 'writevSync', ((real: Method) =>
      (fd: number, pieces: readonly Uint8Array[], position: number) => {
        const all = Buffer.concat(pieces)
        return real(...([fd, [all.subarray(0, take(all.length))], position] as never[]))
      }) as never),
  ]
  return () => {
    for (const restore of restorers.reverse()) restore()
  }
}

/** Records the calls that make things durable, in their order. */
export async function recordCalls(dir: string): Promise<string[]> {
  const calls: string[] = []
  const paths = new Map<number, string>()
  const short = (path: unknown) =>
    String(path)
      .replace(dir, '')
      .replace(/russet\.temp\.[\d-]+/, 'TEMP')
  replaceMethod(
    fs.promises,
    'open',
    (real) =>
      (async (path: never, flags: never) => {
        const handle = await real(path, flags)
        paths.set(handle.fd, short(path))
        return handle
      }) as never,
  )
  const prototype = await handlePrototype()
  paths.clear()
  for (const method of ['sync', 'datasync', 'truncate', 'write'] as const) {
    replaceMethod(
      prototype,
      method,
      ((real: Method) =>
        function (this: fs.promises.FileHandle, ...args: never[]) {
          calls.push(`${method} ${paths.get(this.fd)}`)
          return real.apply(this, args)
        }) as never,
    )
  }
  replaceMethod(fs.promises, 'rename', ((real: Method) => (from: never, to: never) => {
    calls.push(`rename ${short(from)} ${short(to)}`)
    return real(from, to)
  }) as never)
  replaceMethod(fs.promises, 'unlink', ((real: Method) => (path: never) => {
    calls.push(`unlink ${short(path)}`)
    return real(path)
  }) as never)
  return calls
}
