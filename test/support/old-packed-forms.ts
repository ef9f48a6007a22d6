/**
 * Makes the packed forms that Redis no longer writes, from the description of their formats: ziplists (until
 * 6.2) and zipmaps (until 2.4). Bytes are handled as byte strings here.
 */

/** `size` bytes of `value`, least significant first; negative values in two's complement. */
export function littleEndian(value: number | bigint, size: number): string {
  const bits = BigInt.asUintN(size * 8, BigInt(value))
  return Array.from({ length: size }, (_, i) =>
    String.fromCharCode(Number((bits >> BigInt(i * 8)) & 255n)),
  ).join('')
}

const bigEndian = (value: number, size: number): string => [...littleEndian(value, size)].reverse().join('')

const isInt64 = (text: string): boolean =>
  /^(0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)

function ziplistData(text: string): string {
  if (isInt64(text)) {
    const value = BigInt(text)
    if (value >= 0n && value <= 12n) return String.fromCharCode(0xf1 + Number(value))
    for (const [kind, size] of [
      ['\xfe', 1],
      ['\xc0', 2],
      ['\xf0', 3],
      ['\xd0', 4],
    ] as const) {
      if (BigInt.asIntN(size * 8, value) === value) return kind + littleEndian(value, size)
    }
    return `\xe0${littleEndian(value, 8)}`
  }
  const { length } = text
  if (length < 64) return String.fromCharCode(length) + text
  if (length < 16_384) return bigEndian(0x4000 | length, 2) + text
  return `\x80${bigEndian(length, 4)}${text}`
}

/** @param longPrevious whether every length of the entry before takes 5 bytes, as shrinking leaves them */
export function packZiplist(entries: readonly string[], longPrevious = false): string {
  let body = ''
  let previous = 0
  let tail = 10
  for (const entry of entries) {
    tail = 10 + body.length
    const isShort = previous < 254 && !longPrevious
    const added =
      (isShort ? String.fromCharCode(previous) : `\xfe${littleEndian(previous, 4)}`) + ziplistData(entry)
    previous = added.length
    body += added
  }
  const count = Math.min(entries.length, 65_535)
  return `${littleEndian(11 + body.length, 4)}${littleEndian(tail, 4)}${littleEndian(count, 2)}${body}\xff`
}

/**
 * @param pairs field and value
 * @param free bytes left unused behind each value
 */
export function packZipmap(pairs: readonly (readonly [string, string])[], free = 0): string {
  const length = (text: string): string =>
    text.length < 254 ? String.fromCharCode(text.length) : `\xfe${littleEndian(text.length, 4)}`
  let body = ''
  for (const [field, value] of pairs) {
    body += `${length(field)}${field}${length(value)}${String.fromCharCode(free)}${value}${'?'.repeat(free)}`
  }
  return `${String.fromCharCode(Math.min(pairs.length, 254))}${body}\xff`
}
