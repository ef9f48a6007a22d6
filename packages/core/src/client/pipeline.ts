/**
 * Commands collected by chained calls and sent together: a pipeline simply, a transaction between MULTI and
 * EXEC. The object is empty again after `exec` and can be filled anew.
 */

import { ErrorReply, type Reply } from '../protocol/reply.js'
import { type ChainingCommands, Commander, decodeFor } from './commander.js'
import { type Decode, decodeText, toReplyError } from './decode.js'
import { type Argument, encodeCommand } from './encode.js'
import type { Exchange } from './exchange.js'
import type { ByteCommand } from './road.js'

/** What became of one command: an error, or null and the reply. */
export type Result = [error: Error, reply: undefined] | [error: null, reply: unknown]

interface Collected {
  readonly command: ByteCommand
  readonly decode: Decode
}

abstract class CommandQueue extends Commander {
  protected readonly exchange: Exchange
  #collected: Collected[] = []

  constructor(exchange: Exchange) {
    super()
    this.exchange = exchange
  }

  /** Commands collected so far. */
  get length(): number {
    return this.#collected.length
  }

  /** Collects a command that may have no method of its own. @throws TypeError for an argument that cannot be sent */
  call(name: string, ...args: Argument[]): this {
    return this.issue(name, args, decodeFor(name, 'text'))
  }

  /** As `call`, with bytes instead of text in the reply. */
  callBuffer(name: string, ...args: Argument[]): this {
    return this.issue(name, args, decodeFor(name, 'bytes'))
  }

  protected override issue(name: string, args: readonly Argument[], decode: Decode): this {
    this.#collected.push({ command: encodeCommand(name, args), decode })
    return this
  }

  protected takeCollected(): Collected[] {
    const collected = this.#collected
    this.#collected = []
    return collected
  }
}

class PipelineQueue extends CommandQueue {
  /** Sends the commands. @returns what became of each, in order; a connection that is lost is their error */
  async exec(): Promise<Result[]> {
    const collected = this.takeCollected()
    const outcomes = await sendAll(this.exchange, collected)
    return outcomes.map((outcome, i) => resultOf(outcome, (collected[i] as Collected).decode))
  }
}

class TransactionQueue extends CommandQueue {
  /**
   * Runs the commands as one transaction.
   * @returns what became of each, in order; null when a watched key has changed and nothing was run
   * @throws ReplyError when a command was refused, so that nothing was run; `cause` is the refusal
   */
  async exec(): Promise<Result[] | null> {
    const collected = this.takeCollected()
    const outcomes = await sendAll(this.exchange, [MULTI, ...collected, EXEC])
    const answer = outcomes[outcomes.length - 1] as Outcome
    if (answer instanceof Error) throw answer
    if (answer instanceof ErrorReply) {
      const error = toReplyError(answer)
      const refusal = outcomes.find((outcome) => outcome instanceof ErrorReply)
      if (refusal !== answer) error.cause = toReplyError(refusal as ErrorReply)
      throw error
    }
    if (!Array.isArray(answer)) return null
    return answer.map((reply, i) => resultOf(reply, (collected[i] as Collected).decode))
  }
}

const MULTI: Collected = { command: ['MULTI'], decode: decodeText }
const EXEC: Collected = { command: ['EXEC'], decode: decodeText }

/** A reply, or why there is none. */
type Outcome = Reply | Error

/** Sends all commands at once. @returns an outcome for each, in order */
function sendAll(exchange: Exchange, collected: readonly Collected[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = new Array(collected.length).fill(null)
  return new Promise((resolve) => {
    // One more than there are commands, taken off when all have been sent.
    let missing = collected.length + 1
    const settle = (i: number, outcome: Outcome): void => {
      if (i < outcomes.length) outcomes[i] = outcome
      if (--missing === 0) resolve(outcomes)
    }
    collected.forEach(({ command }, i) => {
      try {
        const reply = exchange.send(command)
        if (reply !== undefined) settle(i, reply)
        else exchange.await({ answered: (late) => settle(i, late), lost: (error) => settle(i, error) })
      } catch (error) {
        settle(i, error as Error)
      }
    })
    settle(outcomes.length, null)
  })
}

function resultOf(outcome: Outcome, decode: Decode): Result {
  if (outcome instanceof Error) return [outcome, undefined]
  if (outcome instanceof ErrorReply) return [toReplyError(outcome), undefined]
  return [null, decode(outcome)]
}

/** Results of an EXEC that was sent by itself, as ioredis gives them; null when it was called off. */
export function decodeResults(reply: Reply): Result[] | null {
  return Array.isArray(reply) ? reply.map((each) => resultOf(each, decodeText)) : null
}

export interface Pipeline extends PipelineQueue, ChainingCommands<Pipeline> {}
export interface Transaction extends TransactionQueue, ChainingCommands<Transaction> {}

// Their commands' methods are made from the table of commands; see commander.ts.
export const Pipeline = PipelineQueue as unknown as new (exchange: Exchange) => Pipeline
export const Transaction = TransactionQueue as unknown as new (exchange: Exchange) => Transaction
