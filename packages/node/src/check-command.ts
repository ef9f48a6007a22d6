/**
 * `russet-server --check FILE [--fix]`: whether an RDB, a log, or all files of a manifest are sound, in a few
 * lines for a person to read. Reading takes no lock, so it works on any file, whoever uses it. Cutting a log
 * takes the lock of the directory under which a Russet server would be writing it.
 */
import { basename, dirname, resolve } from 'node:path'
import {
  bytesToUtf8,
  type CheckReport,
  checkFile,
  type Storage,
  StorageError,
  utf8ToBytes,
} from '@russet/core'
import { type DirectoryLock, lockDirectory } from './directory-lock.js'
import { openFileStorage } from './file-storage.js'
import { NodeHost } from './host.js'

export interface CheckOutcome {
  /** Whether every file is sound now. */
  readonly isSound: boolean
  /** The report, lines without an end behind the last. */
  readonly text: string
}

/**
 * @param file path of the file, as a byte string; a relative one is taken from the working directory
 * @param fix whether a log that can be mended is to be cut off at its first fault
 */
export async function checkCommand(file: string, fix: boolean): Promise<CheckOutcome> {
  const path = resolve(bytesToUtf8(file))
  const folder = dirname(path)
  let lock: DirectoryLock | undefined
  try {
    const name = utf8ToBytes(basename(path))
    const storage = await openFileStorage(utf8ToBytes(folder), { lock: 'never' })
    if (fix) lock = await lockDirectory(utf8ToBytes(await serverDirectory(folder, storage)))
    const report = await checkFile(storage, new NodeHost(), name, { fix, onProgress: progressLine() })
    return { isSound: report.ok || report.fixed, text: describe(report).join('\n') }
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return { isSound: false, text: `Cannot check ${bytesToUtf8(file)}: ${error.message}` }
  } finally {
    lock?.release()
  }
}

/** The directory of a server that would be writing to a log in `folder`, whose files `storage` has. */
async function serverDirectory(folder: string, storage: Storage): Promise<string> {
  // Beside a manifest are the parts of a log, and the server's directory is the one above.
  const hasParts = (await storage.list('')).some(({ name }) => name.endsWith('.manifest'))
  return hasParts ? dirname(folder) : folder
}

/** Shows on a terminal how far it is; elsewhere nothing. */
function progressLine(): (doneBytes: number, totalBytes: number) => void {
  let shown = 0
  return (doneBytes, totalBytes) => {
    const percent = Math.floor((100 * doneBytes) / totalBytes)
    if (!process.stderr.isTTY || percent === shown) return
    shown = percent
    process.stderr.write(percent >= 100 ? '\r\x1b[K' : `\r${percent} %`)
  }
}

const KINDS: { readonly [kind in CheckReport['kind']]: string } = {
  rdb: 'an RDB',
  log: 'an append-only log',
  manifest: 'the manifest of an append-only file',
}

function describe({ kind, files, counts, ...report }: CheckReport): string[] {
  const { ignoredBytes, firstFault, canFix, fixed } = report
  const [first, ...parts] = files
  const lines = [`${shown(first?.name ?? '')} is ${KINDS[kind]} (${first?.bytes ?? 0} bytes)`]
  for (const { name, bytes } of parts) lines.push(`  ${shown(name)} (${bytes} bytes)`)
  const { keys, expires, alreadyExpired, commands, transactions } = counts
  if (keys > 0 || kind === 'rdb')
    lines.push(`Keys: ${keys}, with an expiry: ${expires}, already expired: ${alreadyExpired}`)
  if (commands > 0 || kind === 'log') lines.push(`Commands: ${commands}, transactions: ${transactions}`)
  if (ignoredBytes > 0) lines.push(`Behind the end of the RDB, and never read: ${ignoredBytes} bytes`)
  if (firstFault === undefined) return [...lines, 'OK']
  const { file, offset, reason, validUpTo, fileBytes } = firstFault
  lines.push(`BROKEN at byte ${offset} of ${shown(file)}: ${shown(reason)}`)
  const cut = `cut off at byte ${validUpTo}, which loses its last ${fileBytes - validUpTo} bytes`
  if (fixed) lines.push(`FIXED: ${shown(file)} has been ${cut}`)
  else if (canFix) lines.push(`With --fix ${shown(file)} would be ${cut}`)
  else lines.push('This cannot be fixed by cutting off the end of a log')
  return lines
}

/** Bytes from a file or its name as a terminal can show them. */
function shown(bytes: string): string {
  return bytesToUtf8(bytes).replace(/\p{Cc}/gu, '?')
}
