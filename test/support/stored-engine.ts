/**
 * An engine on a simulated host and medium, of which a test controls every step: nothing happens between its
 * calls, and a run can be repeated exactly.
 */
import { Config, Engine, persistIn, type Reply, type Storage } from '@russet/core'
import { FakeHost } from './fake-host.js'

/** Turns of the event loop after which a wait is given up: whatever is awaited has been lost. */
const MAX_TURNS = 10_000

export class StoredEngine {
  readonly engine: Engine
  readonly #replies: Reply[] = []
  readonly #session

  private constructor(
    readonly host: FakeHost,
    engine: Engine,
  ) {
    this.engine = engine
    this.#session = engine.connect(
      {
        reply: (reply) => this.#replies.push(reply),
        push: () => {},
        close: () => {},
        resume: () => {},
        buffers: () => ({
          queryBytes: 0,
          queryFreeBytes: 0,
          argumentBytes: 0,
          outputBytes: 0,
          outputPieces: 0,
        }),
      },
      { kind: 'memory', address: '', localAddress: '', descriptor: -1 },
    )
  }

  /**
   * Opens an engine on a storage and reads in what is there.
   * @param config directives: `{ appendonly: 'yes' }`
   * @throws what `engine.load` throws
   */
  static async open(
    storage: Storage,
    config: Record<string, string>,
    host = new FakeHost(),
  ): Promise<StoredEngine> {
    const settings = new Config()
    for (const [name, value] of Object.entries({ save: '', ...config })) {
      const reason = settings.applyLine([name, value])
      if (reason !== undefined) throw new Error(`${name}: ${reason}`)
    }
    const engine = new Engine(host, { config: settings, durability: persistIn(storage) })
    await settle(host, engine.load())
    return new StoredEngine(host, engine)
  }

  /** Sends a command. Its reply is taken by `reply` then. */
  send(...args: string[]): void {
    this.engine.execute(this.#session, args)
  }

  /** The next reply, if it has come. */
  takeReply(): Reply | undefined {
    return this.#replies.shift()
  }

  /** Sends a command and waits for its reply. */
  async run(...args: string[]): Promise<Reply> {
    this.send(...args)
    return this.reply()
  }

  async reply(): Promise<Reply> {
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const reply = this.takeReply()
      if (reply !== undefined) return reply
      await this.turn()
    }
    throw new Error('no reply comes')
  }

  /** Lets everything happen that waits for one turn of the event loop. */
  async turn(): Promise<void> {
    for (let i = 0; i < 4; i++) await Promise.resolve()
    this.host.settle()
  }

  /** Lets time pass, with turns of the event loop in between. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.host.advance(Math.min(100, ms - passed))
      for (let i = 0; i < 10; i++) await this.turn()
    }
  }

  /** Waits until something is so. */
  async until(condition: () => boolean): Promise<void> {
    for (let turns = 0; !condition(); turns++) {
      if (turns === MAX_TURNS) throw new Error('what is waited for does not happen')
      await this.turn()
    }
  }

  close(): Promise<void> {
    return settle(this.host, this.engine.close())
  }
}

/** Waits for a promise while the event loop of the host turns. */
export async function settle<T>(host: FakeHost, promise: Promise<T>): Promise<T> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  promise.then(over, over)
  for (let turns = 0; !isOver; turns++) {
    if (turns === MAX_TURNS) throw new Error('a promise is never settled')
    for (let i = 0; i < 4; i++) await Promise.resolve()
    host.settle()
  }
  return promise
}
