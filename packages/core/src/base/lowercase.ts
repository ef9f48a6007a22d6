/**
 * Case folding of byte strings. Only A-Z fold, as in Redis: JavaScript's own `toLowerCase` would also change
 * the bytes 0xC0-0xDE. The usual word is in lower case already, or is compared without being folded at all.
 */

function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a
}

/** `text` with A-Z folded to a-z; the same string if there is nothing to fold. */
export function lower(text: string): string {
  const length = text.length
  let i = 0
  while (i < length && !isUpper(text.charCodeAt(i))) i++
  if (i === length) return text
  let ascii = true
  for (let j = 0; j < length && ascii; j++) ascii = text.charCodeAt(j) < 0x80
  if (ascii) return text.toLowerCase()
  return text.replace(/[A-Z]+/g, (word) => word.toLowerCase())
}

/**
 * Whether `text` is `lowerWord` in any mix of cases, without allocating.
 * @param lowerWord the word to compare with; it has no capital letter.
 */
export function equalsIgnoreCase(text: string, lowerWord: string): boolean {
  const length = lowerWord.length
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code !== lowerWord.charCodeAt(i) && !(isUpper(code) && code + 0x20 === lowerWord.charCodeAt(i)))
      return false
  }
  return true
}
