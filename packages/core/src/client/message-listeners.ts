/**
 * The listeners of a client: those of one channel or pattern, which `subscribe` and its relatives take, and
 * those of all messages, which `on` takes as ioredis has it.
 */

import { byteStringToUint8Array, bytesToUtf8 } from '../base/utf8.js'
import type { PushReply } from '../protocol/reply.js'

/** The first word of a message, which tells channels, patterns and shard channels apart. */
export type MessageKind = 'message' | 'pmessage' | 'smessage'

/** A listener whatever it takes: which it is given is decided by `bytes`. */
interface Listener {
  readonly call: (...args: never[]) => void
  readonly bytes: boolean
}

export type AnyListener = Listener['call']

export class MessageListeners {
  /** By kind, then by the name of the channel or pattern as a byte string. */
  readonly #named: { readonly [kind in MessageKind]: Map<string, Listener[]> } = {
    message: new Map(),
    pmessage: new Map(),
    smessage: new Map(),
  }
  readonly #events = new Map<string, AnyListener[]>()

  /** @returns a function that takes these listeners away again */
  add(kind: MessageKind, names: readonly string[], call: AnyListener, bytes: boolean): () => void {
    const listener: Listener = { call, bytes }
    const named = this.#named[kind]
    for (const name of names) named.set(name, [...(named.get(name) ?? []), listener])
    return () => {
      for (const name of names) this.#keep(kind, name, (other) => other !== listener)
    }
  }

  /** Takes a listener away from some names. @returns those of them that have no listener left */
  remove(kind: MessageKind, names: readonly string[], call: AnyListener): string[] {
    for (const name of names) this.#keep(kind, name, (other) => other.call !== call)
    return names.filter((name) => !this.#named[kind].has(name))
  }

  /** Takes all listeners away from some names, or with none given from all of them. */
  clear(kind: MessageKind, names: readonly string[]): void {
    if (names.length === 0) this.#named[kind].clear()
    for (const name of names) this.#named[kind].delete(name)
  }

  #keep(kind: MessageKind, name: string, isKept: (listener: Listener) => boolean): void {
    const named = this.#named[kind]
    const kept = (named.get(name) ?? []).filter(isKept)
    if (kept.length > 0) named.set(name, kept)
    else named.delete(name)
  }

  on(event: string, call: AnyListener): void {
    this.#events.set(event, [...(this.#events.get(event) ?? []), call])
  }

  off(event: string, call: AnyListener): void {
    const calls = this.#events.get(event) ?? []
    const at = calls.lastIndexOf(call)
    if (at >= 0) this.#events.set(event, [...calls.slice(0, at), ...calls.slice(at + 1)])
  }

  /** Hands a message to its listeners. @returns false if the push is something else */
  receive({ items }: PushReply): boolean {
    const kind = items[0]
    if (kind !== 'message' && kind !== 'pmessage' && kind !== 'smessage') return false
    const parts = items.slice(1) as string[]
    // As in ioredis the message comes last; listeners of one channel have it first.
    const reversed = [...parts].reverse()
    for (const { call, bytes } of this.#named[kind].get(parts[0] as string) ?? []) {
      tell(call, bytes ? reversed.map((part) => byteStringToUint8Array(part)) : reversed.map(bytesToUtf8))
    }
    for (const call of this.#events.get(kind) ?? []) tell(call, parts.map(bytesToUtf8))
    for (const call of this.#events.get(`${kind}Buffer`) ?? []) tell(call, parts.map(byteStringToUint8Array))
    return true
  }
}

/** An error of one listener keeps nothing from the others; it is reported as an unhandled rejection. */
function tell(call: AnyListener, args: readonly unknown[]): void {
  try {
    call(...(args as never[]))
  } catch (error) {
    void Promise.reject(error)
  }
}
