/**
 * A raw RESP connection for tests: what is sent and received is visible to the byte. Commands are answered in
 * order; whatever arrives while no command waits (RESP3 pushes, RESP2 messages) queues up in `pushes`.
 */
import { connect, type Socket } from 'node:net'
import { type Reply, RespReader } from './resp-reader.js'

export type Argument = string | Buffer | number | bigint

/** Where a server listens. */
export type Address = { readonly port: number; readonly host?: string } | { readonly path: string }

/** A command whose reply is awaited. A subscribing command is answered by a push in RESP3. */
type Waiting = { readonly subscribes: boolean; readonly resolve: (reply: Reply) => void }

export const CLOSED: Reply = { type: 'closed', raw: '' }

export class RespConnection {
  /** Replies no command asked for, oldest first. */
  readonly pushes: Reply[] = []
  /** Everything received, in its order, from when a test puts an array here. */
  transcript: Reply[] | undefined
  /** Settles when the connection has ended, for whatever reason. */
  readonly whenClosed: Promise<void>

  private readonly reader = new RespReader()
  private readonly waiting: Waiting[] = []
  private readonly pushWaiters: ((reply: Reply) => void)[] = []
  private fault: Error | undefined

  /** Connects; rejects when that takes more than `timeoutMs` or is refused. */
  static async open(address: Address, timeoutMs = 5000): Promise<RespConnection> {
    const socket = connect('path' in address ? address : { host: '127.0.0.1', ...address })
    socket.setNoDelay(true)
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.destroy()
        reject(new Error(`no connection within ${timeoutMs} ms`))
      }, timeoutMs)
      socket.once('connect', () => {
        clearTimeout(timer)
        socket.off('error', reject)
        resolve()
      })
      socket.once('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
    })
    return new RespConnection(socket)
  }

  private constructor(private readonly socket: Socket) {
    socket.on('data', (bytes) => this.receive(bytes))
    // A reset is an end like any other: 'close' follows.
    socket.on('error', () => {})
    this.whenClosed = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { resolve: answer } of this.waiting.splice(0)) answer(CLOSED)
        for (const answer of this.pushWaiters.splice(0)) answer(CLOSED)
        resolve()
      })
    })
  }

  get closed(): boolean {
    return this.socket.destroyed
  }

  /** The number of commands not answered yet. */
  get unanswered(): number {
    return this.waiting.length
  }

  /** Sends one command; resolves with its reply, or with `CLOSED` when the connection ends first. */
  send(...args: Argument[]): Promise<Reply> {
    const reply = this.expectReply(/^[ps]?(un)?subscribe$/i.test(String(args[0])))
    this.socket.write(encodeCommand(args))
    return reply
  }

  /** Sends commands in one write; the replies come in their order. */
  sendMany(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    const replies = commands.map((args) => this.expectReply(/^[ps]?(un)?subscribe$/i.test(String(args[0]))))
    this.socket.write(Buffer.concat(commands.map(encodeCommand)))
    return Promise.all(replies)
  }

  /** Writes bytes as they are and expects no reply: pair it with `expectReply` or `nextPush`. */
  sendRaw(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Waits for one more reply than has been asked for so far. */
  expectReply(subscribes = false): Promise<Reply> {
    if (this.fault !== undefined) return Promise.reject(this.fault)
    if (this.closed) return Promise.resolve(CLOSED)
    return new Promise((resolve) => this.waiting.push({ subscribes, resolve }))
  }

  /** The oldest queued push, or the next to come. `CLOSED` when the connection ends first. */
  nextPush(): Promise<Reply> {
    const queued = this.pushes.shift()
    if (queued !== undefined) return Promise.resolve(queued)
    if (this.closed) return Promise.resolve(CLOSED)
    return new Promise((resolve) => this.pushWaiters.push(resolve))
  }

  /** Reads nothing more from now on. */
  pause(): void {
    this.socket.pause()
  }

  /** Says that nothing more will be sent; replies can still come. */
  end(): void {
    this.socket.end()
  }

  /** Ends the connection at once; resolves when it has ended. */
  close(): Promise<void> {
    this.socket.destroy()
    return this.whenClosed
  }

  private receive(bytes: Buffer): void {
    this.reader.push(bytes.toString('latin1'))
    try {
      for (let reply = this.reader.next(); reply !== undefined; reply = this.reader.next())
        this.dispatch(reply)
    } catch (error) {
      // Nothing after malformed bytes can be trusted. The commands that wait see a closed connection.
      this.fault = error as Error
      console.error(String(error))
      this.socket.destroy()
    }
  }

  private dispatch(reply: Reply): void {
    this.transcript?.push(reply)
    const first = this.waiting[0]
    const answers = first !== undefined && (reply.type !== 'push' || (first.subscribes && confirms(reply)))
    if (answers) {
      this.waiting.shift()
      first.resolve(reply)
      return
    }
    const waiter = this.pushWaiters.shift()
    if (waiter !== undefined) waiter(reply)
    else this.pushes.push(reply)
  }
}

/** Whether a push says that a subscription began or ended. */
function confirms(push: Reply & { readonly type: 'push' | 'array' | 'set' }): boolean {
  const kind = push.value[0]
  return kind?.type === 'bulk' && kind.value.endsWith('subscribe')
}

/** A command in RESP: an array of bulks. A string argument is a byte string, one char a byte. */
export function encodeCommand(args: readonly Argument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)]
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg), 'latin1')
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF)
  }
  return Buffer.concat(parts)
}

const CRLF = Buffer.from('\r\n')
