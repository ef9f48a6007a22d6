/** A client of an engine in the same process: commands go in as arrays, replies come back as values. */
import type { ClientSession, Engine, Reply } from '@russet/core'

export class EngineClient {
  readonly session: ClientSession
  #replies: Reply[] = []

  constructor(private readonly engine: Engine) {
    this.session = engine.connect(
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

  /** Whether it is blocked: it takes no commands then. */
  get waits(): boolean {
    return this.session.waiting
  }

  /** Runs a command. @returns its reply, undefined if the client has to wait for it */
  run(...args: string[]): Reply | undefined {
    this.#replies = []
    this.engine.execute(this.session, args)
    return this.#replies.pop()
  }
}
