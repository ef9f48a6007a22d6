/**
 * Between JavaScript text, byte strings and byte arrays. ASCII is the same in all of them, so text that is
 * nothing else is found by one scan and handed back as it is. No TextDecoder: there is none for plain
 * latin1, and not every runtime has one.
 */

/** Code units made into a string in one call: their number is bounded by what a call may take as arguments. */
const CHUNK = 8192

const REPLACEMENT = 0xfffd

/** Index of the first char code above 127, or the length. */
function asciiLength(text: string): number {
  const length = text.length
  let i = 0
  while (i < length && text.charCodeAt(i) < 0x80) i++
  return i
}

/** The UTF-8 encoding of `text` as a byte string; a lone surrogate becomes U+FFFD. The same string if ASCII. */
export function utf8ToBytes(text: string): string {
  const ascii = asciiLength(text)
  const length = text.length
  if (ascii === length) return text
  const bytes = new Uint8Array(ascii + (length - ascii) * 3)
  for (let i = 0; i < ascii; i++) bytes[i] = text.charCodeAt(i)
  let size = ascii
  for (let i = ascii; i < length; i++) {
    let code = text.charCodeAt(i)
    if (code < 0x80) {
      bytes[size++] = code
      continue
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      code = text.codePointAt(i) as number
      if (code > 0xffff) i++
      else code = REPLACEMENT
    }
    size = encodeCodePoint(code, bytes, size)
  }
  return uint8ArrayToByteString(bytes, 0, size)
}

/** Writes a code point above 127 at `at`; returns where the next one goes. */
function encodeCodePoint(code: number, bytes: Uint8Array, at: number): number {
  if (code < 0x800) {
    bytes[at++] = 0xc0 | (code >> 6)
  } else {
    if (code < 0x10000) {
      bytes[at++] = 0xe0 | (code >> 12)
    } else {
      bytes[at++] = 0xf0 | (code >> 18)
      bytes[at++] = 0x80 | ((code >> 12) & 0x3f)
    }
    bytes[at++] = 0x80 | ((code >> 6) & 0x3f)
  }
  bytes[at++] = 0x80 | (code & 0x3f)
  return at
}

/**
 * The text that a byte string encodes in UTF-8. What is not UTF-8 becomes U+FFFD, one for each longest part
 * that could have begun a character, as the Encoding Standard has it. A byte order mark stays. The same
 * string if ASCII.
 */
export function bytesToUtf8(bytes: string): string {
  const ascii = asciiLength(bytes)
  const length = bytes.length
  if (ascii === length) return bytes
  const units = new Uint16Array(length)
  for (let i = 0; i < ascii; i++) units[i] = bytes.charCodeAt(i)
  let size = ascii
  for (let i = ascii; i < length; ) {
    const lead = bytes.charCodeAt(i++)
    if (lead < 0x80) {
      units[size++] = lead
      continue
    }
    const more = continuationBytes(lead)
    let code = more === 0 ? REPLACEMENT : lead & (0x3f >> more)
    for (let k = 0; k < more; k++) {
      const byte = bytes.charCodeAt(i)
      if (!(k === 0 ? mayFollow(lead, byte) : (byte & 0xc0) === 0x80)) {
        code = REPLACEMENT
        break
      }
      code = (code << 6) | (byte & 0x3f)
      i++
    }
    if (code > 0xffff) {
      units[size++] = 0xd7c0 + (code >> 10)
      units[size++] = 0xdc00 | (code & 0x3ff)
    } else {
      units[size++] = code
    }
  }
  return unitsToString(units, 0, size)
}

/** How many bytes follow `lead` in a character; 0 if it cannot begin one. */
function continuationBytes(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0
  if (lead < 0xe0) return 1
  return lead < 0xf0 ? 2 : 3
}

/** Whether `byte` can come second: overlong forms, surrogates and what is past U+10FFFF are cut off here. */
function mayFollow(lead: number, byte: number): boolean {
  if (lead === 0xe0) return byte >= 0xa0 && byte <= 0xbf
  if (lead === 0xed) return byte >= 0x80 && byte <= 0x9f
  if (lead === 0xf0) return byte >= 0x90 && byte <= 0xbf
  if (lead === 0xf4) return byte >= 0x80 && byte <= 0x8f
  return byte >= 0x80 && byte <= 0xbf
}

/** The byte string of `bytes[start, end)`. */
export function uint8ArrayToByteString(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return unitsToString(bytes, start, end)
}

/** The bytes of a byte string. */
export function byteStringToUint8Array(text: string): Uint8Array {
  const length = text.length
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

function unitsToString(units: Uint8Array | Uint16Array, start: number, end: number): string {
  let text = ''
  for (let from = start; from < end; from += CHUNK) {
    const chunk = units.subarray(from, Math.min(from + CHUNK, end))
    text += String.fromCharCode.apply(null, chunk as unknown as number[])
  }
  return text
}
