/** The hash slot of a key: CRC-16/XMODEM (polynomial 0x1021) over the key or its hash tag, modulo 16384. */

/** Hash slots of a cluster. */
export const SLOT_COUNT = 16384

const TABLE = /* @__PURE__ */ buildTable()

function buildTable(): Uint16Array {
  const table = new Uint16Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
    table[byte] = crc
  }
  return table
}

/** CRC-16/XMODEM of the bytes `text[start, end)`. O(end - start). */
export function crc16(text: string, start = 0, end = text.length): number {
  let crc = 0
  for (let i = start; i < end; i++) {
    crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ text.charCodeAt(i)] as number)
  }
  return crc
}

/**
 * The slot, 0-16383, of a key. If the key has a `{` and a `}` somewhere after it with at least one byte
 * between, only what is between the first of each counts, so that keys with one tag share a slot.
 */
export function keyHashSlot(key: string): number {
  const open = key.indexOf('{')
  if (open >= 0) {
    const close = key.indexOf('}', open + 1)
    if (close > open + 1) return crc16(key, open + 1, close) & (SLOT_COUNT - 1)
  }
  return crc16(key) & (SLOT_COUNT - 1)
}
