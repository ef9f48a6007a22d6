/**
 * The byte codec for platforms without a native latin1: a loop one way, `String.fromCharCode` in chunks the
 * other. `TextDecoder('latin1')` will not do: it is windows-1252, and changes 0x80 to 0x9F.
 */

import type { ByteCodec } from './host.js'
import { uint8ArrayToByteString } from './utf8.js'

export const portableCodec: ByteCodec = {
  decode: uint8ArrayToByteString,
  encode(text, bytes, offset) {
    for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i)
  },
}
