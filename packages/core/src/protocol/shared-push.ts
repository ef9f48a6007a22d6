/**
 * A push on its way to any number of clients. Its bytes are made once for each protocol, however many clients
 * get it: for each further one they cost a reference.
 */

import { encodePush, type RespVersion } from './encoder.js'
import type { OutputBuffer } from './output-buffer.js'
import { PushReply } from './reply.js'

export class SharedPush extends PushReply {
  #resp2: readonly Uint8Array[] | undefined
  #resp3: readonly Uint8Array[] | undefined

  /**
   * Its bytes, in pieces that are not to be changed.
   * @param buffer where they are made if they are not there yet; empty before and afterwards
   */
  encoded(resp: RespVersion, buffer: OutputBuffer): readonly Uint8Array[] {
    if (resp === 3) {
      this.#resp3 ??= this.#encode(3, buffer)
      return this.#resp3
    }
    this.#resp2 ??= this.#encode(2, buffer)
    return this.#resp2
  }

  #encode(resp: RespVersion, buffer: OutputBuffer): readonly Uint8Array[] {
    encodePush(buffer, this, resp)
    const pieces: Uint8Array[] = []
    buffer.take(pieces)
    return pieces
  }
}
