/**
 * Starts the real redis-server and Russet's server for tests and benchmarks. Both are started the same way,
 * with redis-server's command line, because Russet's is meant to be the same.
 *
 * A server is run under a small shell that holds a pipe to us: when we die, however that happens, the pipe
 * breaks and the shell kills the server. So no run leaves a server behind.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Address, RespConnection } from './resp-connection.js'

const OLDEST_REDIS = [7, 0]
const READY_TIMEOUT_MS = 20_000
const ATTEMPTS = 5

/** The repository's root, from test/support as well as from test/dist/support. */
export const ROOT = findRoot(import.meta.dirname)
export const RUSSET_SERVER = join(ROOT, 'packages/node/bin/russet-server.js')

export interface ServerOptions {
  /** Directives as on redis-server's command line: `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[]
  /** How tests connect; `tcp` is the default. */
  readonly transport?: 'tcp' | 'unix'
  /** Flags for Node itself, ahead of the script. Russet only. */
  readonly nodeArgs?: readonly string[]
  /** Called with the server's pid as soon as it runs, long before it is ready. */
  readonly onSpawn?: (pid: number) => void
}

export interface RunningServer {
  readonly name: 'redis' | 'russet'
  readonly address: Address
  /** TCP port; 0 when it listens on a unix socket only. */
  readonly port: number
  readonly pid: number
  /** What it has written to stdout and stderr so far (the last 64 KB). */
  logs(): string
  connect(): Promise<RespConnection>
  /** Settles when the process has ended, by itself or by `stop`. */
  readonly whenExited: Promise<void>
  /** Kills the server and waits until it is gone. */
  stop(): Promise<void>
}

function findRoot(folder: string): string {
  let at = folder
  while (!existsSync(join(at, 'tsconfig.base.json'))) {
    const parent = resolve(at, '..')
    if (parent === at) throw new Error(`no repository root above ${folder}`)
    at = parent
  }
  return at
}

/** The version of the redis-server at `path`, or undefined when it does not run. */
function redisVersion(path: string): number[] | undefined {
  try {
    const banner = execFileSync(path, ['--version'], { encoding: 'utf8' })
    const found = /v=(\d+)\.(\d+)\.(\d+)/.exec(banner)
    return found === null ? undefined : found.slice(1).map(Number)
  } catch {
    return undefined
  }
}

function isRecent(version: readonly number[] | undefined): boolean {
  const [major = 0, minor = 0] = version ?? []
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_REDIS
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** `REDIS_SERVER` names another binary than the one on the PATH. */
export const redisPath = (): string => process.env.REDIS_SERVER ?? 'redis-server'

/** Makes sure that a redis-server of 7.0 or later runs here, installing Debian's when there is none. */
export function ensureRedis(): void {
  if (isRecent(redisVersion(redisPath()))) return
  const had = redisVersion(redisPath())?.join('.')
  const reason = had === undefined ? 'there is no redis-server' : `redis-server ${had} is too old`
  try {
    installPackage('redis-server', reason)
  } catch (error) {
    throw new Error(redisMissing(`${reason}, and installing it failed: ${String(error)}`))
  }
  if (!isRecent(redisVersion(redisPath()))) {
    throw new Error(
      redisMissing(`apt-get installed ${redisVersion(redisPath())?.join('.') ?? 'nothing usable'}`),
    )
  }
}

/** Makes sure that there is an openssl command, which makes the certificates of the TLS tests. */
export function ensureOpenssl(): void {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
  } catch {
    installPackage('openssl', 'there is no openssl')
  }
}

/** Installs a package of Debian's. */
function installPackage(name: string, reason: string): void {
  console.log(`${reason}: installing it with apt-get`)
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  for (const command of [
    ['apt-get', 'update', '-qq'],
    ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '-qq', name],
  ]) {
    const [program = '', ...args] = [...sudo, ...command]
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 })
  }
}

const redisMissing = (reason: string): string =>
  `These tests compare Russet with a real redis-server >= ${OLDEST_REDIS.join('.')}: ${reason}.\n` +
  'Install one (Debian: apt-get install redis-server) or point REDIS_SERVER at its binary.'

/** Starts redis-server with nothing saved to disk and DEBUG enabled. */
export function startRedis(options: ServerOptions = {}): Promise<RunningServer> {
  return start('redis', [redisPath()], options)
}

/** Starts Russet's server with the same settings. */
export function startRusset(options: ServerOptions = {}): Promise<RunningServer> {
  if (!existsSync(RUSSET_SERVER)) throw new Error(`${RUSSET_SERVER} does not exist`)
  return start('russet', [process.execPath, ...(options.nodeArgs ?? []), RUSSET_SERVER], options)
}

const DEFAULT_ARGS = [
  '--save',
  '',
  '--appendonly',
  'no',
  '--enable-debug-command',
  'yes',
  '--daemonize',
  'no',
]

async function start(
  name: RunningServer['name'],
  command: readonly string[],
  options: ServerOptions,
): Promise<RunningServer> {
  let failure: unknown
  // Another process may take the free port before the server does: try again with another.
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const folder = mkdtempSync(join(tmpdir(), `${name}-test-`))
    const unix = options.transport === 'unix'
    const port = unix ? 0 : await freePort()
    const address: Address = unix ? { path: join(folder, 'socket') } : { port }
    const listen = unix ? ['--port', '0', '--unixsocket', join(folder, 'socket')] : ['--port', String(port)]
    const args = [...listen, '--bind', '127.0.0.1', '--dir', folder, ...DEFAULT_ARGS, ...(options.args ?? [])]
    const server = await launch(name, [...command, ...args], address, port, folder)
    options.onSpawn?.(server.pid)
    try {
      await waitUntilReady(server)
      return server
    } catch (error) {
      await server.stop()
      failure = error
      if (!/in use|EADDRINUSE/i.test(server.logs())) break
    }
  }
  throw failure
}

// fd 0 is the pipe that breaks when we die; fd 3 takes the server's pid.
const GUARDIAN = `
"$@" </dev/null 3>&- &
pid=$!
echo $pid >&3
exec 4<&0 3>&-
( cat <&4; kill -9 $pid ) >/dev/null 2>&1 &
guard=$!
exec 4<&-
wait $pid
kill -9 $guard`

async function launch(
  name: RunningServer['name'],
  command: readonly string[],
  address: Address,
  port: number,
  folder: string,
): Promise<RunningServer> {
  const shell = spawn('sh', ['-c', GUARDIAN, 'guardian', ...command], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  })
  let log = ''
  const collect = (chunk: Buffer): void => {
    log = (log + chunk.toString()).slice(-65_536)
  }
  shell.stdout.on('data', collect)
  shell.stderr.on('data', collect)
  shell.stdin.on('error', () => {})
  const whenExited = new Promise<void>((settle) => {
    shell.once('exit', () => {
      shell.stdin.end()
      rmSync(folder, { recursive: true, force: true })
      settle()
    })
  })
  const pid = await new Promise<number>((settle, reject) => {
    shell.once('error', reject)
    ;(shell.stdio[3] as NodeJS.ReadableStream).once('data', (line) => settle(Number(String(line))))
  })
  return {
    name,
    address,
    port,
    pid,
    whenExited,
    logs: () => log,
    connect: () => RespConnection.open(address),
    stop: async () => {
      shell.stdin.end()
      await whenExited
      // Whatever the server may have started shares these pipes; they must not keep us alive.
      shell.stdout.destroy()
      shell.stderr.destroy()
    },
  }
}

/** Resolves when the server answers PING (also with an error: it may ask for a password). */
async function waitUntilReady(server: RunningServer): Promise<void> {
  let exited = false
  void server.whenExited.then(() => {
    exited = true
  })
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!exited && Date.now() < deadline) {
    try {
      const connection = await server.connect()
      const reply = await connection.send('PING')
      await connection.close()
      if (reply.type === 'simple' || reply.raw.startsWith('-NOAUTH')) return
    } catch {
      // Not listening yet.
    }
    await new Promise((resume) => setTimeout(resume, 10))
  }
  const what = exited ? 'ended' : `did not answer PING within ${READY_TIMEOUT_MS} ms`
  throw new Error(`the ${server.name} server ${what}. Its log:\n${server.logs()}`)
}

/** A TCP port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((settle, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', settle)
  })
  const address = probe.address()
  await new Promise((settle) => probe.close(settle))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
