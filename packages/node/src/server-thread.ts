/**
 * The Worker in which the server runs. It has the configuration as lines that are known to be good, and its
 * thread ends when the server has closed: after a signal, or by SHUTDOWN.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { type AppliedLine, bytesToUtf8, Config, type Settings, type Storage, utf8ToBytes } from '@russet/core'
import { nodeConfigFiles, pathOf, systemReason } from './config-files.js'
import { openFileStorage } from './file-storage.js'
import { NodeHost } from './host.js'
import { type Log, openLog } from './log.js'
import { RussetServer } from './server.js'

export interface ServerThreadData {
  readonly lines: readonly AppliedLine[]
  /** Path of the configuration file, as a byte string; empty for none. */
  readonly configFile: string
  /** Path of the program that was started. */
  readonly executable: string
  /** The working directory, as a byte string. */
  readonly dir: string
}

/** What the starting thread passes on. */
export type ThreadMessage = 'SIGTERM' | 'SIGINT'

const data = workerData as ServerThreadData
const config = new Config()
for (const line of data.lines) config.applyLine(line)
config.adopt('dir', data.dir)

const log = openThreadLog()
if (listeners(config.settings).length === 0) {
  log.write('warning', 'Configured to not listen anywhere, exiting.')
  process.exit(1)
}
const server = createServer(await openStorage())
try {
  await server.listen()
} catch (error) {
  log.write('warning', listenFailure(error))
  process.exit(1)
}
announce()
parentPort?.on('message', shutDown)
parentPort?.unref()
try {
  await server.load()
} catch (error) {
  // The end that somebody wished for takes the files away from under the loading.
  if (!server.isClosed) loadFailed(error)
}
if (!server.isClosed) {
  for (const kind of listeners(config.settings)) log.write('notice', `Ready to accept connections ${kind}`)
}

function loadFailed(error: unknown): never {
  log.write('warning', `Fatal error loading the data: ${(error as Error).message}. Exiting.`)
  process.exit(1)
}

async function openStorage(): Promise<Storage> {
  const { dir, save, appendonly } = config.settings
  try {
    // A server that keeps nothing can share its directory with others, until it is told to write there.
    return await openFileStorage(dir, { lock: save.length > 0 || appendonly ? 'now' : 'on-write' })
  } catch (error) {
    log.write('warning', `Can't use the directory ${dir}: ${(error as Error).message}. Exiting.`)
    process.exit(1)
  }
}

function createServer(storage: Storage): RussetServer {
  const host = new NodeHost(log, data.executable)
  try {
    return new RussetServer(config, host, {
      configFile: data.configFile,
      storage,
      files: nodeConfigFiles,
      onShutdown: goodbye,
    })
  } catch (error) {
    log.write('warning', `Aborting the start because of ACL errors: ${(error as Error).message}`)
    process.exit(1)
  }
}

function openThreadLog(): Log {
  const { logfile, loglevel, dir } = config.settings
  const path = logfile === '' ? '' : pathOf(utf8ToBytes(resolve(bytesToUtf8(dir), bytesToUtf8(logfile))))
  const threadLog = openLog(path, loglevel, 'M')
  config.onChange(['loglevel'], (settings) => {
    threadLog.level = settings.loglevel
    return undefined
  })
  // A Worker cannot change the process's directory: paths are resolved against `settings.dir`.
  config.onChange(['dir'], (settings) => {
    const target = resolve(bytesToUtf8(data.dir), bytesToUtf8(settings.dir))
    try {
      if (!statSync(target).isDirectory()) return 'Not a directory'
    } catch (error) {
      return systemReason(error)
    }
    config.adopt('dir', utf8ToBytes(target))
    return undefined
  })
  return threadLog
}

function announce(): void {
  const { port, tlsPort } = config.settings
  log.write('notice', `Running mode=standalone, port=${port > 0 ? port : tlsPort}.`)
  log.write('notice', 'Server initialized')
}

function listeners(settings: Settings): string[] {
  const kinds: string[] = []
  if (settings.port > 0 && settings.bind.length > 0) kinds.push('tcp')
  if (settings.unixsocket !== '') kinds.push('unix')
  if (settings.tlsPort > 0 && settings.bind.length > 0) kinds.push('tls')
  return kinds
}

async function shutDown(message: ThreadMessage): Promise<void> {
  const { shutdownOnSigint, shutdownOnSigterm } = config.settings
  const options = message === 'SIGINT' ? shutdownOnSigint : shutdownOnSigterm
  const force = options.includes('force')
  try {
    await server.engine.persistence.prepareShutdown({
      save: options.includes('save'),
      nosave: options.includes('nosave'),
      force,
    })
    await server.close()
  } catch (error) {
    log.write('warning', `Errors trying to shut down after ${message}: ${(error as Error).message}`)
    if (!force) return
  }
  goodbye()
}

function goodbye(): never {
  log.write('warning', 'User requested shutdown...')
  process.exit(0)
}

/** One line that says where and why: `Failed listening on 127.0.0.1:6379: Address already in use, aborting.` */
function listenFailure(error: unknown): string {
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  // Not a system error: a bug, or files for TLS that are wrong; the message tells.
  if (code === undefined || address === undefined) return `Failed to start: ${(error as Error).message}`
  const place = port === undefined || port < 0 ? address : `${address}:${port}`
  return `Failed listening on ${place}: ${systemReason(error)}, aborting.`
}
