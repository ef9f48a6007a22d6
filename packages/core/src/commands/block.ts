/**
 * What a handler returns when its client has to wait: on which keys, and until when. The engine runs the
 * same handler again whenever one of the keys may have become ready, first blocked first served; the handler
 * then either replies or returns a `Block` again and keeps its place. Inside a transaction nobody waits.
 *
 * A client can also wait for work that is done outside of the engine, such as saving to a file (`forWork`).
 */

import type { TypeName } from '../keyspace/value.js'
import { ErrorReply, type Reply } from '../protocol/reply.js'

const NIL = null
const NOT_IN_TRANSACTION = new ErrorReply('ERR Command not allowed inside a transaction')

export class Block {
  constructor(
    /** The keys to wait for, of which the first ready one is served. */
    readonly keys: readonly string[],
    /** Unix time in ms at which the wait ends, 0 for never. */
    readonly deadlineMs: number,
    /** The reply when the time is over. */
    readonly onTimeout: Reply,
    /** Only a key that holds this type wakes the client; not needed where there are no keys. */
    readonly type: TypeName | undefined = undefined,
    /** Also wakes when the key is deleted or gets another type, so that the handler can answer an error. */
    readonly wakeOnLoss = false,
    /** The reply where nobody waits. */
    readonly withoutWaiting: Reply = onTimeout,
    /** What is run again instead of the command as it was sent, where that would mean something else by then. */
    readonly retryAs: readonly string[] | undefined = undefined,
    /** Begins what is waited for; its result is the reply, and a rejection with a `CommandError` is an error. */
    readonly work: (() => Promise<Reply>) | undefined = undefined,
    /** Whether CLIENT UNBLOCK ends the wait. */
    readonly canBeUnblocked = true,
  ) {}

  /** Waits for `work`, which cannot be done within a transaction. */
  static forWork(work: () => Promise<Reply>): Block {
    return new Block([], 0, NIL, undefined, false, NOT_IN_TRANSACTION, undefined, work, false)
  }
}
