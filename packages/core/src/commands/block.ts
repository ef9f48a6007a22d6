/**
 * What a handler returns when its client has to wait: on which keys, and until when. The engine runs the
 * same handler again whenever one of the keys may have become ready, first blocked first served; the handler
 * then either replies or returns a `Block` again and keeps its place. Inside a transaction nobody waits.
 */

import type { TypeName } from '../keyspace/value.js'
import type { Reply } from '../protocol/reply.js'

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
  ) {}
}
