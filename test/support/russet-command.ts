/**
 * The russet-server command as a user runs it: its output, its log and its exit code. Every process ends with
 * the test that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort, RUSSET_SERVER } from './redis-server.js'
import { type Address, RespConnection } from './resp-connection.js'

const PATIENCE_MS = 20_000

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A directory that is removed with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'russet-server-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export class RussetCommand {
  /** All that it has written, to standard output and standard error. */
  output = ''
  /** Settles when the process has ended. */
  readonly whenEnded: Promise<Ended>
  ended: Ended | undefined
  readonly #child: ChildProcess
  readonly #watchers = new Set<() => void>()

  /**
   * Starts it in a folder of its own, as it may leave data there.
   * @param input what it reads from standard input
   */
  constructor(args: readonly string[], input = '', env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [RUSSET_SERVER, ...args], {
      cwd: testFolder(),
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    const collect = (bytes: Buffer) => {
      this.output += bytes.toString('latin1')
      for (const look of this.#watchers) look()
    }
    this.#child.stdout?.on('data', collect)
    this.#child.stderr?.on('data', collect)
    this.#child.stdin?.on('error', () => {})
    this.#child.stdin?.end(input)
    this.whenEnded = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.ended = { code, signal }
        for (const look of this.#watchers) look()
        resolve(this.ended)
      })
    })
    onTestFinished(() => {
      this.#child.kill('SIGKILL')
    })
  }

  get pid(): number {
    return this.#child.pid as number
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Waits until its output matches. @throws when it does not in time, or ends before */
  waitFor(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#watch(`output like ${pattern}`, () => this.output.match(pattern) ?? undefined)
  }

  /** Waits for its end. @throws when it does not end in time */
  waitForEnd(): Promise<Ended> {
    return this.#watch('the end of russet-server', () => this.ended)
  }

  #watch<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        done()
        reject(new Error(`${what}: ${why}. Its output:\n${this.output}`))
      }
      const timer = setTimeout(() => fail('not in time'), PATIENCE_MS)
      const check = () => {
        const found = look()
        if (found === undefined && this.ended === undefined) return
        done()
        if (found === undefined) fail('it has ended')
        else resolve(found)
      }
      const done = () => {
        clearTimeout(timer)
        this.#watchers.delete(check)
      }
      this.#watchers.add(check)
      check()
    })
  }
}

export interface StartedRusset extends RussetCommand {
  readonly port: number
}

/** Starts a server on a free port of 127.0.0.1 and waits until it is ready. */
export async function startRussetCommand(args: readonly string[] = []): Promise<StartedRusset> {
  const port = await freePort()
  const server = new RussetCommand(['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...args])
  await server.waitFor(/Ready to accept connections/)
  return Object.assign(server, { port })
}

/** A connection that is closed with the test. */
export async function connectTo(address: Address): Promise<RespConnection> {
  const connection = await RespConnection.open(address)
  onTestFinished(() => connection.close())
  return connection
}
