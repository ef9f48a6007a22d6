/** Doubles in text with a fixed number of decimals: exactly as C's `%.6f` prints them, and as distances are printed. */

const TWO_52 = 2 ** 52

/**
 * The text of `%.<decimals>f`: the exact value rounded to that many decimals, ties to even.
 * @param decimals 1 to 20
 */
export function formatFixed(n: number, decimals: number): string {
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'nan' : n < 0 ? '-inf' : 'inf'
  const sign = n < 0 || Object.is(n, -0) ? '-' : ''
  const magnitude = Math.abs(n)
  // JavaScript leaves plain notation there; such a number has no fraction.
  if (magnitude >= 1e21) return `${sign}${BigInt(magnitude)}.${'0'.repeat(decimals)}`
  const text = magnitude.toFixed(decimals)
  // Halfway is where the last bit of the number is that of half a unit; JavaScript rounds up there.
  const isTie = (magnitude * 2 ** (decimals + 1)) % 2 === 1
  const last = text.charCodeAt(text.length - 1) - 0x30
  return isTie && last % 2 === 1 ? `${sign}${text.slice(0, -1)}${last - 1}` : sign + text
}

/** A coordinate as Redis prints it: 17 decimals, trailing zeros dropped, never `-0`. */
export function formatCoordinate(degrees: number): string {
  const text = formatFixed(degrees, 17)
  let end = text.length
  while (text.charCodeAt(end - 1) === 0x30) end--
  if (text.charCodeAt(end - 1) === 0x2e) end--
  const trimmed = text.slice(0, end)
  return trimmed === '-0' ? '0' : trimmed
}

/** A distance as Redis prints it since 7.2: ten-thousandths, rounded as a double. @param n 0 to 2^38 */
export function formatDistance(n: number): string {
  // Adding and taking away 2^52 rounds to an integer, ties to even.
  const scaled = n * 10_000 + TWO_52 - TWO_52
  const whole = Math.floor(scaled / 10_000)
  return `${whole}.${String(scaled - whole * 10_000).padStart(4, '0')}`
}
