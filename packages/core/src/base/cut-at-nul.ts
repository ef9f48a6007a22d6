/** The part of `text` before its first NUL: what C prints of it, and so what Redis's messages quote. */
export function cutAtNul(text: string): string {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}
