/**
 * Kills a server again and again while clients write to it, and looks each time it is back whether everything is
 * there that it has acknowledged.
 *
 * Each client has keys of its own, so what they hold is known for every point of its history, and the server has
 * to be at one point: not before what was acknowledged, and without gaps. Between accounts that all share,
 * transactions move amounts which each client notes with its own keys; a half one would not add up.
 */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { drawFrom } from './bytes.js'
import {
  accountNames,
  ClientData,
  drawUnits,
  type FoundData,
  keyNames,
  readCommand,
  readValue,
  type Unit,
  type When,
} from './client-data.js'
import type { RunningServer, ServerOptions } from './redis-server.js'
import type { RespConnection } from './resp-connection.js'
import { printReply, type Reply } from './resp-reader.js'

const CLIENTS = 6
const DATABASES = 2
const BALANCE = 1_000_000
/** Units that a client sends at most between two kills. */
const MAX_UNITS = 20_000
const MAX_IN_FLIGHT = 24
/** `everysec`: a second, and as much again when a sync takes long, which is when Redis holds writes back. */
const MAX_LOSS_MS = 2_000

export interface KillLoopOptions {
  readonly start: (options: ServerOptions) => Promise<RunningServer>
  readonly appendfsync: 'always' | 'everysec'
  /** Where the server keeps its data; empty in the beginning. */
  readonly directory: string
  /** How often it is killed while it serves. */
  readonly rounds: number
  readonly seed: number
  /** How long it serves before it is killed, at least and at most; 20 to 600 ms unless given. */
  readonly loadMs?: readonly [atLeast: number, below: number]
  /** Whether the log is rewritten now and then; true unless given. */
  readonly rewrites?: boolean
  /** Does something to the directory after each kill, to see whether the loop notices. */
  readonly tamper?: (directory: string) => void
}

export interface KillLoopReport {
  /** Writes and transactions that were acknowledged, in all rounds. */
  acknowledged: number
  /** Those of them that were not there afterwards. */
  lost: number
  /** How long before a kill the oldest of those was acknowledged. */
  longestLossMs: number
  /** How often the server was killed while it was starting. */
  killedAtStart: number
  /** Bases seen in the directory: how often the log was rewritten, at least. */
  bases: number
}

/** Runs the loop. @throws an error that tells the round, what is wrong, and the end of the server's log */
export async function killLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  return new KillLoop(options).run()
}

class KillLoop {
  readonly #options: KillLoopOptions
  readonly #draw: (below: number) => number
  readonly #clients: LoadClient[]
  readonly #report: KillLoopReport = {
    acknowledged: 0,
    lost: 0,
    longestLossMs: 0,
    killedAtStart: 0,
    bases: 0,
  }
  readonly #bases = new Set<string>()
  readonly #copy = mkdtempSync(join(tmpdir(), 'kill-loop-'))
  #logOfKilled = ''
  #server: RunningServer | undefined
  #startMs = 0
  #killedAt = 0

  constructor(options: KillLoopOptions) {
    this.#options = options
    this.#draw = drawFrom((options.seed % 0x7ffffffe) + 1)
    this.#clients = Array.from({ length: CLIENTS }, (_, i) => new LoadClient(i, this.#draw))
  }

  async run(): Promise<KillLoopReport> {
    let round = 0
    try {
      await this.#fillAccounts()
      for (; round < this.#options.rounds; round++) {
        await this.#serveAndKill()
        this.#options.tamper?.(this.#options.directory)
        this.#copyFiles()
        if (this.#draw(3) === 0) await this.#killAtStart()
        await this.#restart()
        await this.#verify()
      }
      await this.#server?.stop()
      rmSync(this.#copy, { recursive: true, force: true })
      return this.#report
    } catch (error) {
      const log = this.#server?.logs().slice(-3000) ?? ''
      await this.#server?.stop()
      const { seed, appendfsync } = this.#options
      const lines = [
        `kill loop, appendfsync ${appendfsync}, round ${round}, seed ${seed}: ${(error as Error).message}`,
        `What the kill has left: ${this.#copy}`,
        `The log of the server that was killed:\n${this.#logOfKilled}`,
        `The log of the one after it:\n${log}`,
      ]
      throw new Error(lines.join('\n'), { cause: error })
    }
  }

  /** Keeps what a kill has left, for whoever looks into a failure. */
  #copyFiles(): void {
    rmSync(this.#copy, { recursive: true, force: true })
    cpSync(this.#options.directory, this.#copy, { recursive: true })
  }

  // ---- starting and killing -------------------------------------------------------------------------------

  get #rewrites(): boolean {
    return this.#options.rewrites ?? true
  }

  async #restart(): Promise<RunningServer> {
    const begun = performance.now()
    this.#server = await this.#start()
    this.#startMs = performance.now() - begun
    return this.#server
  }

  #start(options: ServerOptions = {}): Promise<RunningServer> {
    const { appendfsync, directory } = this.#options
    const own = ['--dir', directory, '--appendonly', 'yes', '--appendfsync', appendfsync]
    const percentage = this.#rewrites ? '50' : '0'
    const rewrite = ['--auto-aof-rewrite-percentage', percentage, '--auto-aof-rewrite-min-size', '256kb']
    return this.#options.start({ ...options, args: [...own, ...rewrite] })
  }

  async #serveAndKill(): Promise<void> {
    const server = this.#server
    if (server === undefined) throw new Error('no server')
    const connections = await Promise.all(this.#clients.map(() => server.connect()))
    const control = await server.connect()
    const running = this.#clients.map((client, i) => client.run(connections[i] as RespConnection))
    const [atLeast, below] = this.#options.loadMs ?? [20, 600]
    const life = atLeast + this.#draw(below - atLeast)
    const rewritesAt = this.#rewrites && this.#draw(2) === 0 ? this.#draw(life) : life
    await sleep(rewritesAt)
    if (rewritesAt < life) void control.send('BGREWRITEAOF')
    await sleep(life - rewritesAt)
    this.#countBases()
    this.#killedAt = Date.now()
    process.kill(server.pid, 'SIGKILL')
    await server.whenExited
    await server.stop()
    this.#logOfKilled = server.logs().slice(-2000)
    await Promise.all([...running, control.close()])
    for (const { faults } of this.#clients) if (faults.length > 0) throw new Error(`a write got ${faults[0]}`)
  }

  #countBases(): void {
    for (const name of readdirSync(join(this.#options.directory, 'appendonlydir'))) {
      if (name.includes('.base.')) this.#bases.add(name)
    }
    this.#report.bases = this.#bases.size
  }

  /** Starts the server and kills it at a random moment before it is ready, or hardly after. */
  async #killAtStart(): Promise<void> {
    const patience = this.#draw(Math.ceil(this.#startMs * 1.2))
    let isKilled = false
    let killing: Promise<unknown> = Promise.resolve()
    const onSpawn = (pid: number): void => {
      killing = sleep(patience).then(() => {
        isKilled = process.kill(pid, 'SIGKILL')
      })
    }
    try {
      const started = await this.#start({ onSpawn })
      await killing
      await started.whenExited
      await started.stop()
    } catch (error) {
      // A server that is killed before it is ready does not start; one that ends by itself is at fault.
      await killing.catch(() => {})
      if (!isKilled) throw error
    }
    this.#report.killedAtStart++
  }

  // ---- looking --------------------------------------------------------------------------------------------

  async #fillAccounts(): Promise<void> {
    const connection = await (await this.#restart()).connect()
    for (let database = 0; database < DATABASES; database++) {
      await connection.send('SELECT', database)
      await connection.send('MSET', ...accountNames.flatMap((name) => [name, BALANCE]))
    }
    await connection.close()
  }

  async #verify(): Promise<void> {
    const connection = await (this.#server as RunningServer).connect()
    for (let database = 0; database < DATABASES; database++) {
      await connection.send('SELECT', database)
      const clients = this.#clients.filter((client) => client.database === database)
      for (const client of clients) this.#verifyClient(client, await readClient(connection, client))
      const balances = await connection.send('MGET', ...accountNames)
      const expected = accountNames.map((name) =>
        clients.reduce((sum, client) => sum + client.data.movedTo(name), BALANCE),
      )
      const found = (balances as Reply & { type: 'array' }).value.map((item) =>
        Number((item as { value: string }).value),
      )
      if (found.join() !== expected.join())
        throw new Error(`the accounts do not add up: expected ${expected}, found ${found}`)
    }
    await connection.close()
  }

  #verifyClient(client: LoadClient, found: FoundData): void {
    const { acknowledged } = client
    const { length, oldestLost } = client.settle(found, this.#killedAt)
    this.#report.acknowledged += acknowledged
    if (length >= acknowledged) return
    const lossMs = this.#killedAt - oldestLost
    this.#report.lost += acknowledged - length
    this.#report.longestLossMs = Math.max(this.#report.longestLossMs, lossMs)
    if (this.#options.appendfsync === 'everysec' && lossMs <= MAX_LOSS_MS) return
    throw new Error(
      `client ${client.id} has lost ${acknowledged - length} of ${acknowledged} acknowledged writes, ` +
        `the oldest of ${Math.round(lossMs)} ms before the kill`,
    )
  }
}

async function readClient(connection: RespConnection, { prefix }: LoadClient): Promise<FoundData> {
  const from = Date.now()
  const replies = await connection.sendMany(
    keyNames.flatMap((key) => [readCommand(prefix, key), ['PEXPIRETIME', prefix + key]]),
  )
  const keys = keyNames.map((key, i) => {
    const [value, deadline] = [replies[2 * i] as Reply, replies[2 * i + 1] as Reply]
    if (deadline.type !== 'integer') throw new Error(`${key} cannot be read: ${printReply(deadline)}`)
    return [key, { value: readValue(key, value), deadline: Number(deadline.value) }] as const
  })
  return { keys: new Map(keys), when: { from, to: Date.now() } }
}

/** A unit on its way, or answered. */
interface SentUnit {
  readonly unit: Unit
  readonly sentAt: number
  /** 0 as long as it is not. */
  answeredAt: number
}

class LoadClient {
  readonly id: number
  readonly database: number
  readonly prefix: string
  /** What its keys held when the server was last looked at. */
  data = new ClientData()
  /** What it has sent since then. */
  #sent: SentUnit[] = []
  acknowledged = 0
  /** Answers that are errors. */
  readonly faults: string[] = []
  readonly #draw: (below: number) => number

  constructor(id: number, draw: (below: number) => number) {
    this.id = id
    this.database = id % DATABASES
    this.prefix = `client ${id}:`
    this.#draw = drawFrom(1 + draw(1_000_000))
  }

  /** Writes until the connection ends. */
  async run(connection: RespConnection): Promise<void> {
    await connection.send('SELECT', this.database)
    const inFlight: Promise<void>[] = []
    const depth = 1 + this.#draw(MAX_IN_FLIGHT)
    while (!connection.closed && this.#sent.length < MAX_UNITS) {
      for (const unit of drawUnits(this.#draw, Date.now())) inFlight.push(this.#send(connection, unit))
      while (inFlight.length >= depth) await inFlight.shift()
    }
    await Promise.all(inFlight)
    await connection.whenClosed
  }

  async #send(connection: RespConnection, unit: Unit): Promise<void> {
    const sent: SentUnit = { unit, sentAt: Date.now(), answeredAt: 0 }
    this.#sent.push(sent)
    const commands = unit.map(([name = '', key = '', ...args]) => [
      name,
      accountNames.includes(key) ? key : this.prefix + key,
      ...args,
    ])
    const replies = await connection.sendMany(
      unit.length === 1 ? commands : [['MULTI'], ...commands, ['EXEC']],
    )
    if (replies.some((reply) => reply.type === 'closed')) return
    const fault = replies.flatMap((reply) => (reply.type === 'array' ? reply.value : [reply])).find(isError)
    if (fault !== undefined) this.faults.push(printReply(fault))
    sent.answeredAt = Date.now()
    this.acknowledged++
  }

  /**
   * Finds the point of its history that the server is at, and goes on from there.
   * @returns how many of the units are there, and when the first that is not was answered
   * @throws Error when the server is at no point of it
   */
  settle(found: FoundData, killedAt: number): { length: number; oldestLost: number } {
    const marks = Number(found.keys.get('marks')?.value ?? 0)
    const data = this.data.clone()
    let closest: string[] | undefined
    let match: { length: number; data: ClientData } | undefined
    for (let length = 0; ; length++) {
      if (data.marks === marks) {
        const differences = data.differences(found)
        // Writes that change nothing make several points look alike: the last of them is meant.
        if (differences.length === 0) match = { length, data: data.clone() }
        else if (closest === undefined || differences.length < closest.length) closest = differences
      }
      const next = this.#sent[length]
      if (next === undefined || data.marks > marks) break
      const when: When = { from: next.sentAt, to: next.answeredAt || killedAt }
      for (const write of next.unit) data.apply(write, when)
    }
    if (match === undefined) {
      const range = `${this.data.marks} to ${data.marks}`
      const why = closest?.join('\n  ') ?? `it has ${marks} marks, which is not in ${range}`
      throw new Error(`client ${this.id} is at no point of its history:\n  ${why}`)
    }
    const oldestLost = this.#sent[match.length]?.answeredAt ?? 0
    match.data.settle(found)
    this.data = match.data
    this.#sent = []
    this.acknowledged = 0
    return { length: match.length, oldestLost }
  }
}

const isError = (reply: Reply): boolean => reply.type === 'error' || reply.type === 'bulk error'
