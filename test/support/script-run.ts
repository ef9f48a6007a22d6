/**
 * Runs a conformance script on redis-server and on Russet in lock step and stops at the first reply that
 * differs. One run has its own connections, a pair for each client that the script names.
 *
 * Whether a client is blocked is asked of the server (flag `b` in CLIENT LIST), never guessed from time.
 */
import { agree, meets, printDifference, printExpected, type Relaxation } from './comparison.js'
import { parseScript, parseStep, type Step } from './notation.js'
import type { RespConnection } from './resp-connection.js'
import { printReply, type Reply } from './resp-reader.js'
import { type Both, onBoth, type ServerPair, SIDES, type Side } from './server-pair.js'

export type Protocol = 2 | 3

const STEP_TIMEOUT_MS = 5000
/** A reply usually comes at once: only after this long does the harness ask whether the client is blocked. */
const FIRST_LOOK_MS = 2
const HISTORY = 15

type JudgedStep = Exclude<Step, { kind: 'blocked' }>

interface Client {
  readonly connections: Both<RespConnection>
  readonly ids: Both<string>
  /** The command that blocks it, if any. */
  blocked?: { readonly replies: Both<Promise<Reply>>; readonly settled: Set<Side> }
}

export class ScriptRun {
  private readonly clients = new Map<string, Client>()
  private readonly history: string[] = []
  private readonly configBefore = new Map<string, Both<string>>()
  private step: Step | undefined

  private constructor(
    private readonly pair: ServerPair,
    readonly protocol: Protocol,
  ) {}

  /** Runs `actions` on emptied servers, then compares the data sets unless a script said not to. */
  static async run(
    pair: ServerPair,
    protocol: Protocol,
    actions: string | ((run: ScriptRun) => Promise<void>),
  ): Promise<void> {
    await pair.reset()
    const run = new ScriptRun(pair, protocol)
    try {
      if (typeof actions === 'string') await run.play(actions)
      else await actions(run)
      run.nothingUnread()
      if (run.digest) await run.compareData()
    } catch (error) {
      if (error instanceof Error) error.message += await pair.obituary()
      throw error
    } finally {
      await run.cleanUp()
    }
  }

  /** Whether the data sets are compared at the end; `~no-digest` in a script turns it off. */
  digest = true

  /** Runs a script of any length. Resolves with the replies of its last step. */
  async play(text: string): Promise<Both<Reply> | undefined> {
    const { steps, digest } = parseScript(text)
    if (!digest) this.digest = false
    let replies: Both<Reply> | undefined
    for (const step of steps) replies = await this.perform(step)
    return replies
  }

  /** Runs one line and compares; resolves with both replies. */
  both = async (line: string): Promise<Both<Reply>> => {
    const replies = await this.perform(parseStep(line))
    if (replies === undefined) throw new Error(`no reply to compare: ${line}`)
    return replies
  }

  /** The connections of a client; '' is the main one. */
  async connections(name = ''): Promise<Both<RespConnection>> {
    return (await this.client(name)).connections
  }

  private async perform(step: Step): Promise<Both<Reply> | undefined> {
    this.step = step
    const client = await this.client(step.client)
    let replies: Both<Reply> | undefined
    if (step.kind === 'blocked') await this.mustBeBlocked(client)
    else if (step.kind === 'receive') replies = await this.receive(client, step)
    else replies = await this.command(client, step)
    this.history.push(step.text)
    this.step = undefined
    return replies
  }

  private async command(
    client: Client,
    step: Step & { kind: 'command' | 'raw' },
  ): Promise<Both<Reply> | undefined> {
    if (client.blocked !== undefined) throw this.failure(`client ${step.client} waits: read its reply first`)
    await this.rememberConfig(step.args)
    const send = (side: Side): Promise<Reply> => {
      const connection = client.connections[side]
      if (step.kind === 'command') return connection.send(...step.args)
      const reply = connection.expectReply()
      connection.sendRaw(step.args[0] ?? '')
      return reply
    }
    if (!step.both) {
      const reply = await this.inTime(send('russet'), 'russet')
      return this.compare(step, { redis: reply, russet: reply })
    }
    const replies = { redis: send('redis'), russet: send('russet') }
    // The main client never stays blocked: a script that goes on while one waits names it.
    if (step.client !== '' && (await this.areBlocked(client, replies))) {
      const settled = new Set<Side>()
      for (const side of SIDES) void replies[side].then(() => settled.add(side))
      client.blocked = { replies, settled }
      return undefined
    }
    return this.compare(step, await onBoth((side) => this.inTime(replies[side], side)))
  }

  private async receive(client: Client, step: Step & { kind: 'receive' }): Promise<Both<Reply>> {
    const { blocked, connections } = client
    delete client.blocked
    const next = (side: Side): Promise<Reply> => blocked?.replies[side] ?? connections[side].nextPush()
    return this.compare(step, await onBoth((side) => this.inTime(next(side), side)))
  }

  private async mustBeBlocked(client: Client): Promise<void> {
    const flags = await onBoth((side) => this.hasBlockedFlag(client, side))
    for (const side of SIDES) {
      const waits = client.blocked !== undefined && !client.blocked.settled.has(side) && flags[side]
      if (!waits) throw this.failure(`the client is not blocked on ${side}`)
    }
  }

  private compare(step: JudgedStep, replies: Both<Reply>): Both<Reply> {
    if (step.expected !== undefined) {
      const expected = step.expected[this.protocol]
      if (meets(replies.russet, expected)) return replies
      throw this.failure(`expected: ${printExpected(expected)}\nrusset:   ${printReply(replies.russet)}`)
    }
    this.compareReplies(replies, step.relaxation)
    return replies
  }

  private compareReplies({ redis, russet }: Both<Reply>, relaxation: Relaxation): void {
    if (!agree(redis, russet, relaxation)) throw this.failure(printDifference(redis, russet))
  }

  /** True when the command blocks its client on both sides, false when it is answered on both. */
  private async areBlocked(client: Client, replies: Both<Promise<Reply>>): Promise<boolean> {
    const blocked = await onBoth((side) => this.isBlocked(client, side, replies[side]))
    if (blocked.redis === blocked.russet) return blocked.redis
    // Seen at different moments of a wait that has ended on one side: the other must follow.
    await onBoth((side) => this.inTime(replies[side], side, 'answered on the other side, here blocked'))
    return false
  }

  private async isBlocked(client: Client, side: Side, reply: Promise<Reply>): Promise<boolean> {
    let answered = false
    const answer = reply.then(() => {
      answered = true
    })
    await Promise.race([answer, delay(FIRST_LOOK_MS)])
    const deadline = Date.now() + STEP_TIMEOUT_MS
    while (!answered && Date.now() < deadline) {
      if ((await this.hasBlockedFlag(client, side)) && !answered) return true
      await Promise.race([answer, delay(1)])
    }
    if (!answered) throw this.failure(`${side} neither answers nor says that the client is blocked`)
    return false
  }

  private async hasBlockedFlag(client: Client, side: Side): Promise<boolean> {
    const list = await this.pair.control[side].send('CLIENT', 'LIST', 'ID', client.ids[side])
    if (list.type !== 'bulk') throw this.failure(`CLIENT LIST ID on ${side}: ${printReply(list)}`)
    return / flags=\w*b/.test(list.value)
  }

  private async client(name: string): Promise<Client> {
    const known = this.clients.get(name)
    if (known !== undefined) return known
    const connections = await this.pair.connect()
    const ids = await onBoth(async (side) => {
      if (this.protocol === 3) {
        const hello = await connections[side].send('HELLO', 3)
        if (hello.type !== 'map') throw this.failure(`HELLO 3 on ${side}: ${printReply(hello)}`)
      }
      const id = await connections[side].send('CLIENT', 'ID')
      if (id.type !== 'integer') throw this.failure(`CLIENT ID on ${side}: ${printReply(id)}`)
      return String(id.value)
    })
    const client = { connections, ids }
    this.clients.set(name, client)
    return client
  }

  private async compareData(): Promise<void> {
    const difference = await this.pair.difference()
    if (difference === undefined) return
    throw this.failure(`${difference}\nA script whose Russet-only lines write says ~no-digest.`)
  }

  private nothingUnread(): void {
    for (const [name, { blocked }] of this.clients) {
      if (blocked !== undefined && blocked.settled.size > 0) throw this.failure(`nobody read ${name}'s reply`)
    }
  }

  private async inTime<T>(value: Promise<T>, side: Side, problem = 'no reply'): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(this.failure(`${side}: ${problem}, for ${STEP_TIMEOUT_MS} ms`)),
        STEP_TIMEOUT_MS,
      )
    })
    try {
      return await Promise.race([value, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** CONFIG SET is undone at the end, so that scripts do not disturb each other. */
  private async rememberConfig(args: readonly string[]): Promise<void> {
    if (!/^config$/i.test(args[0] ?? '') || !/^set$/i.test(args[1] ?? '')) return
    for (let i = 2; i < args.length; i += 2) {
      const name = args[i] as string
      if (this.configBefore.has(name)) continue
      const values = await this.pair.ask('CONFIG', 'GET', name)
      this.configBefore.set(name, { redis: configValue(values.redis), russet: configValue(values.russet) })
    }
  }

  private async cleanUp(): Promise<void> {
    const waiting = [...this.clients.values()].filter((client) => client.blocked !== undefined)
    await Promise.all(
      [...this.clients.values()].flatMap(({ connections }) => SIDES.map((side) => connections[side].close())),
    )
    await this.pair.revive()
    for (const [name, values] of this.configBefore) {
      await onBoth((side) => this.pair.control[side].send('CONFIG', 'SET', name, values[side]))
    }
    // A blocked client that the server has not yet seen leave could still take what the next script pushes.
    for (const client of waiting) {
      await onBoth(async (side) => {
        const deadline = Date.now() + STEP_TIMEOUT_MS
        while ((await this.hasBlockedFlag(client, side)) && Date.now() < deadline) await delay(1)
      })
    }
  }

  private failure(problem: string): Error {
    const step = this.step
    const where =
      step === undefined ? 'at the end' : `${step.text}${step.line > 0 ? `   (line ${step.line})` : ''}`
    const before = this.history.slice(-HISTORY).map((line) => `  ${line}`)
    const cut = this.history.length > HISTORY ? [`  ... ${this.history.length - HISTORY} more`] : []
    const context = before.length === 0 ? '' : `\nafter:\n${[...cut, ...before].join('\n')}`
    return new Error(`RESP${this.protocol}: ${where}\n${problem}${context}`)
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function configValue(reply: Reply): string {
  const value =
    reply.type === 'array' ? reply.value[1] : reply.type === 'map' ? reply.value[0]?.[1] : undefined
  return value?.type === 'bulk' ? value.value : ''
}
