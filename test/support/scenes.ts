/**
 * Scenes: several clients of one server that act in turn, each seeing its own stream of replies, messages and
 * pushes. The same scene is played on redis-server and on Russet, and the streams are compared item by item, so
 * that the order of everything each client sees is.
 *
 * A client acts when the one before it has its reply: the server has carried that command out then, and what it
 * sent to others is on its way to them in its order.
 */
import { connect, type Socket } from 'node:net'
import { encodeCommand } from './resp-connection.js'
import { type Reply, RespReader } from './resp-reader.js'
import type { Protocol } from './script-run.js'

export interface Act {
  /** Index of the client. */
  readonly client: number
  readonly args: readonly string[]
}

const TIMEOUT_MS = 5000
const MESSAGES = ['message', 'pmessage', 'smessage']
const END = 'end of the scene'

/** One client: sends commands and keeps all that comes. */
class Player {
  readonly stream: Reply[] = []
  readonly #reader = new RespReader()
  readonly #socket: Socket
  #arrived: () => void = () => {}
  #fail: (reason: string) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes) => {
      this.#reader.push(bytes.toString('latin1'))
      for (let item = this.#reader.next(); item !== undefined; item = this.#reader.next()) {
        this.stream.push(item)
      }
      this.#arrived()
    })
    socket.on('error', () => {})
    socket.on('close', () => this.#fail('the connection was closed'))
  }

  static async open(port: number, protocol: Protocol): Promise<Player> {
    const socket = connect({ port, host: '127.0.0.1' }).setNoDelay(true)
    const player = new Player(socket)
    await player.act(['HELLO', String(protocol)])
    player.stream.length = 0
    return player
  }

  /** Sends a command and waits until its reply has come: something that is no message. */
  act(args: readonly string[]): Promise<void> {
    const before = this.stream.length
    this.#socket.write(encodeCommand(args))
    return this.#until(args, () => this.stream.slice(before).some((item) => !isMessage(item)))
  }

  /** Waits for all that was sent before; a transaction that is open ends. */
  async end(): Promise<void> {
    const { stream } = this
    await this.act(['DISCARD'])
    this.#socket.write(encodeCommand(['PING', END]))
    await this.#until(['PING'], () => stream.at(-1)?.raw.endsWith(`${END}\r\n`) === true)
  }

  close(): void {
    this.#socket.destroy()
  }

  #until(args: readonly string[], isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#fail = (reason) => reject(new Error(`${args.join(' ')}: ${reason}`))
      const timer = setTimeout(() => this.#fail('no reply'), TIMEOUT_MS)
      const look = () => {
        if (!isDone()) return
        clearTimeout(timer)
        resolve()
      }
      this.#arrived = look
      look()
    })
  }
}

/** What a message or push is about: `message`, `subscribe`, …; undefined for other replies. */
export function kindOf(item: Reply): string | undefined {
  if (item.type !== 'push' && item.type !== 'array') return undefined
  const [first] = item.value
  return first?.type === 'bulk' ? first.value : undefined
}

function isMessage(item: Reply): boolean {
  return MESSAGES.includes(kindOf(item) ?? '')
}

/** @returns what each client has seen */
export async function playScene(
  port: number,
  protocols: readonly Protocol[],
  acts: readonly Act[],
): Promise<Reply[][]> {
  const players: Player[] = []
  try {
    for (const protocol of protocols) players.push(await Player.open(port, protocol))
    for (const { client, args } of acts) await (players[client] as Player).act(args)
    for (const player of players) await player.end()
    return players.map(({ stream }) => stream)
  } finally {
    for (const player of players) player.close()
  }
}
