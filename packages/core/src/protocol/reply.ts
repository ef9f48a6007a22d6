/**
 * What a command handler returns: a plain JS value, walked once by an encoder or handed as it is to a caller
 * in the same process.
 *
 *   string  bulk string (a byte string)      number, bigint  integer
 *   null    nil                              array           array
 *   boolean true/false (1/0 in RESP2)
 *
 * The classes below are for what JS lacks. Maps, sets and tuples wrap flat arrays instead of being `Map` and
 * `Set`: they are built and walked without hashing, and RESP2 sends them flat anyway.
 */

export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Reply[]
  | Simple
  | ErrorReply
  | Double
  | Verbatim
  | MapReply
  | SetReply
  | Tuples
  | PairMap
  | PushReply
  | Pushes
  | BigNumber
  | Attributed
  | NilArray
  | NoReply
  | Transcript

/** A status line: `+OK`. */
export class Simple {
  constructor(readonly text: string) {}
}

/** An error inside a reply, as EXEC has them, or as the reply. `message` without the leading `-`. */
export class ErrorReply {
  constructor(readonly message: string) {}
}

/** A floating point number: bulk string in RESP2, double in RESP3. */
export class Double {
  constructor(
    readonly value: number,
    /** How it is written, where that is not with the fewest digits. */
    readonly digits?: string,
  ) {}
}

/** Text with a three-letter format; a plain bulk string in RESP2. */
export class Verbatim {
  constructor(
    readonly text: string,
    readonly format: 'txt' | 'mkd' = 'txt',
  ) {}
}

/** Keys and values in turn: a map in RESP3, a flat array in RESP2. */
export class MapReply {
  constructor(readonly flat: readonly Reply[]) {}
}

/** Distinct elements: a set in RESP3, an array in RESP2. */
export class SetReply {
  constructor(readonly items: readonly Reply[]) {}
}

/** Pairs that RESP3 nests, `[[a, b], [c, d]]`, and RESP2 sends flat, `[a, b, c, d]`. */
export class Tuples {
  constructor(readonly flat: readonly Reply[]) {}
}

/** Keys and values in turn: a map in RESP3, an array of pairs in RESP2. */
export class PairMap {
  constructor(readonly flat: readonly Reply[]) {}
}

/** Out-of-band data: a push in RESP3, an array in RESP2. */
export class PushReply {
  constructor(readonly items: readonly Reply[]) {}
}

/** A line out of turn, which looks like a status: what MONITOR sends. */
export class LinePush extends PushReply {
  constructor(readonly line: string) {
    super(['monitor', line])
  }
}

/** Pushes that stand for the reply: SUBSCRIBE and its relatives answer with one for each channel. */
export class Pushes {
  constructor(readonly pushes: readonly PushReply[]) {}
}

/** An integer of any size, as its digits: a bulk string in RESP2. */
export class BigNumber {
  constructor(readonly digits: string) {}
}

/** A reply with facts about it, which come before it in RESP3 and are left out in RESP2. */
export class Attributed {
  constructor(
    /** Names and values in turn. */
    readonly attributes: readonly Reply[],
    readonly reply: Reply,
  ) {}
}

/** A missing array: `*-1` in RESP2, nil in RESP3. */
export class NilArray {
  readonly nil = true
}

/** Nothing is sent at all, as after CLIENT REPLY OFF. */
export class NoReply {
  readonly silent = true
}

/** A reply, and the version of the protocol that it is to be sent in. */
export interface TranscriptPart {
  readonly reply: Reply
  readonly resp: 2 | 3
}

/**
 * The replies of a transaction in which HELLO changed the protocol or CLIENT REPLY whether there are any: each part
 * as it would have left at its time. What was kept back is missing, although the number announced counts it.
 */
export class Transcript {
  constructor(
    /** How many parts are announced; undefined if replies were off at the beginning. */
    readonly announced: number | undefined,
    readonly parts: readonly TranscriptPart[],
  ) {}
}

export const OK = new Simple('OK')
export const QUEUED = new Simple('QUEUED')
export const PONG = new Simple('PONG')
export const NIL_ARRAY = new NilArray()
export const NO_REPLY = new NoReply()
