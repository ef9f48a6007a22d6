/** Addresses of sockets: as Redis writes them, and whether they are this machine's own. */

const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/

/** An address without port, for INFO and CLIENT LIST: IPv6 in brackets, `?` for none. */
export function printAddress(address: string | undefined): string {
  if (address === undefined) return '?'
  const plain = address.replace(MAPPED_IPV4, '')
  return plain.includes(':') ? `[${plain}]` : plain
}

/** Whether what comes from there comes from this machine. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  return address === '::1' || address.replace(MAPPED_IPV4, '').startsWith('127.')
}
