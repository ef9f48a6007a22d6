/**
 * Connections to other servers, which a host makes that can. A connection is used by one at a time, who waits for
 * each step before the next.
 */

export interface Outgoing {
  /** @returns a promise that rejects when there is no connection within `timeoutMs` */
  connect(host: string, port: number, timeoutMs: number): Promise<OutgoingConnection>
}

export interface OutgoingConnection {
  /**
   * @returns a promise that resolves when more can be sent, and rejects when the connection is broken or the other
   * side takes nothing for `timeoutMs`
   */
  send(bytes: Uint8Array, timeoutMs: number): Promise<void>
  /**
   * The bytes that have come since the last call, one or more.
   * @returns a promise that rejects when the other side has closed the connection or sends nothing for `timeoutMs`
   */
  receive(timeoutMs: number): Promise<Uint8Array>
  close(): void
}
