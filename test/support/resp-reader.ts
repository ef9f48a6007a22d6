/**
 * Reads RESP2 and RESP3 replies for the tests. Written apart from the engine's own protocol code on purpose:
 * a mistake there must not hide itself here. Every reply keeps its exact bytes (`raw`, one char a byte) next
 * to the parsed tree, so that a test can ask for equal bytes first and for equal meaning only where it must.
 */

export type Reply = ReplyValue & {
  /** The exact bytes of the reply, one char a byte. */
  readonly raw: string
  /** RESP3 attributes sent ahead of the reply. */
  readonly attributes?: readonly (readonly [Reply, Reply])[]
}

export type ReplyValue =
  | { readonly type: 'simple' | 'error' | 'bulk' | 'bulk error' | 'bignum'; readonly value: string }
  | { readonly type: 'verbatim'; readonly format: string; readonly value: string }
  | { readonly type: 'integer'; readonly value: bigint }
  /** The text as sent: `3.5`, `inf`, `nan`. */
  | { readonly type: 'double'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null' | 'null bulk' | 'null array' }
  | { readonly type: 'array' | 'set' | 'push'; readonly value: readonly Reply[] }
  | { readonly type: 'map'; readonly value: readonly (readonly [Reply, Reply])[] }
  /** The server closed the connection instead of answering. Made by the connection, never by the wire. */
  | { readonly type: 'closed' }

/** Thrown inside the reader when the bytes end within a reply; `needed` is the least total length that helps. */
class Incomplete extends Error {
  constructor(readonly needed: number) {
    super('incomplete reply')
  }
}

/** Takes bytes in pieces of any size and gives back whole replies in order. */
export class RespReader {
  private input = ''
  private position = 0
  private wanted = 0

  push(bytes: string): void {
    this.input = this.input.slice(this.position) + bytes
    this.wanted -= this.position
    this.position = 0
  }

  /** The next whole reply; undefined when more bytes are needed. Throws on bytes that are not RESP. */
  next(): Reply | undefined {
    if (this.position >= this.input.length || this.input.length < this.wanted) return undefined
    const start = this.position
    try {
      return this.reply()
    } catch (error) {
      this.position = start
      if (!(error instanceof Incomplete)) throw error
      this.wanted = error.needed
      return undefined
    }
  }

  /** Bytes received that do not make a whole reply yet. */
  get rest(): string {
    return this.input.slice(this.position)
  }

  private line(): string {
    const end = this.input.indexOf('\r\n', this.position)
    if (end < 0) throw new Incomplete(this.input.length + 1)
    const line = this.input.slice(this.position, end)
    this.position = end + 2
    return line
  }

  private bytes(length: number): string {
    const end = this.position + length
    if (this.input.length < end + 2) throw new Incomplete(end + 2)
    if (this.input.slice(end, end + 2) !== '\r\n') throw new Error('RESP: a bulk without CRLF at its end')
    const bytes = this.input.slice(this.position, end)
    this.position = end + 2
    return bytes
  }

  private many(count: number): Reply[] {
    const replies: Reply[] = []
    for (let i = 0; i < count; i++) replies.push(this.reply())
    return replies
  }

  private pairs(count: number): [Reply, Reply][] {
    const pairs: [Reply, Reply][] = []
    for (let i = 0; i < count; i++) pairs.push([this.reply(), this.reply()])
    return pairs
  }

  private reply(): Reply {
    const start = this.position
    if (this.input[start] === '|') {
      const attributes = this.pairs(lengthOf(this.line()))
      const reply = this.reply()
      return { ...reply, attributes, raw: this.input.slice(start, this.position) }
    }
    const value = this.value()
    return { ...value, raw: this.input.slice(start, this.position) }
  }

  private value(): ReplyValue {
    const line = this.line()
    const rest = line.slice(1)
    switch (line[0]) {
      case '+':
        return { type: 'simple', value: rest }
      case '-':
        return { type: 'error', value: rest }
      case ':':
        return { type: 'integer', value: integerOf(rest) }
      case '$':
        return rest === '-1' ? { type: 'null bulk' } : { type: 'bulk', value: this.bytes(lengthOf(line)) }
      case '*':
        return rest === '-1' ? { type: 'null array' } : { type: 'array', value: this.many(lengthOf(line)) }
      case '_':
        if (rest !== '') break
        return { type: 'null' }
      case '#':
        if (rest !== 't' && rest !== 'f') break
        return { type: 'boolean', value: rest === 't' }
      case ',':
        if (!/^(-?(\d+\.?\d*(e[+-]?\d+)?|inf)|nan)$/i.test(rest)) break
        return { type: 'double', value: rest }
      case '(':
        integerOf(rest)
        return { type: 'bignum', value: rest }
      case '!':
        return { type: 'bulk error', value: this.bytes(lengthOf(line)) }
      case '=': {
        const text = this.bytes(lengthOf(line))
        if (text[3] !== ':') break
        return { type: 'verbatim', format: text.slice(0, 3), value: text.slice(4) }
      }
      case '~':
        return { type: 'set', value: this.many(lengthOf(line)) }
      case '>':
        return { type: 'push', value: this.many(lengthOf(line)) }
      case '%':
        return { type: 'map', value: this.pairs(lengthOf(line)) }
    }
    throw new Error(`RESP: cannot read ${JSON.stringify(line.slice(0, 80))}`)
  }
}

function integerOf(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`RESP: not an integer: ${JSON.stringify(text.slice(0, 80))}`)
  return BigInt(text)
}

function lengthOf(line: string): number {
  if (!/^.\d{1,10}$/.test(line)) throw new Error(`RESP: not a length: ${JSON.stringify(line.slice(0, 80))}`)
  return Number(line.slice(1))
}

/** Reads exactly one reply from `bytes`. */
export function parseReply(bytes: string): Reply {
  const reader = new RespReader()
  reader.push(bytes)
  const reply = reader.next()
  if (reply === undefined || reader.rest !== '')
    throw new Error(`RESP: not one reply: ${JSON.stringify(bytes)}`)
  return reply
}

/** A reply as redis-cli prints it, for failure messages; types that look alike are told apart. */
export function printReply(reply: Reply, indent = ''): string {
  switch (reply.type) {
    case 'simple':
      return `+${reply.value}`
    case 'error':
      return `(error) ${reply.value}`
    case 'bulk error':
      return `(bulk error) ${reply.value}`
    case 'integer':
      return `(integer) ${reply.value}`
    case 'double':
      return `(double) ${reply.value}`
    case 'bignum':
      return `(bignum) ${reply.value}`
    case 'boolean':
      return `(boolean) ${reply.value}`
    case 'bulk':
      return quoteBytes(reply.value)
    case 'verbatim':
      return `(verbatim ${reply.format}) ${quoteBytes(reply.value)}`
    case 'null':
    case 'null bulk':
    case 'null array':
    case 'closed':
      return `(${reply.type})`
    case 'array':
    case 'set':
    case 'push': {
      if (reply.value.length === 0) return `(empty ${reply.type})`
      const lines = reply.value.map((item, i) => `${indent}  ${i + 1}) ${printReply(item, `${indent}  `)}`)
      return [`(${reply.type})`, ...lines].join('\n')
    }
    case 'map': {
      if (reply.value.length === 0) return '(empty map)'
      const lines = reply.value.map(
        ([key, item]) => `${indent}  ${printReply(key, `${indent}  `)} => ${printReply(item, `${indent}  `)}`,
      )
      return ['(map)', ...lines].join('\n')
    }
  }
}

/** A byte string in double quotes with redis-cli's escapes, so that it can be pasted into a script. */
export function quoteBytes(bytes: string): string {
  let text = '"'
  for (const char of bytes) {
    const code = char.charCodeAt(0)
    if (char === '"' || char === '\\') text += `\\${char}`
    else if (char === '\n') text += '\\n'
    else if (char === '\r') text += '\\r'
    else if (char === '\t') text += '\\t'
    else if (code < 32 || code > 126) text += `\\x${code.toString(16).padStart(2, '0')}`
    else text += char
  }
  return `${text}"`
}
