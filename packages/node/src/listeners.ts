/**
 * The addresses at which one kind of connection is accepted. They can be changed while the server runs: an
 * address that stays is never closed in between.
 */
import type { Server } from 'node:net'

export class Listeners<S extends Server> {
  readonly #create: () => S
  readonly #failed: (error: Error) => void
  /** By address and port. */
  readonly #open = new Map<string, S>()
  #changes: Promise<unknown> = Promise.resolve()

  /**
   * @param create makes a server that does not listen yet
   * @param failed told when an open listener cannot accept
   */
  constructor(create: () => S, failed: (error: Error) => void) {
    this.#create = create
    this.#failed = failed
  }

  get servers(): IterableIterator<S> {
    return this.#open.values()
  }

  /**
   * Listens at these addresses and no others, once earlier calls are done.
   * @param addresses as `bind` has them: `*` is all, and one after a `-` may be missing on this machine
   * @throws the first system error; the addresses from before are kept then
   */
  listen(addresses: readonly string[], port: number, backlog: number): Promise<void> {
    const change = this.#changes.then(() => this.#listen(addresses, port, backlog))
    this.#changes = change.catch(() => {})
    return change
  }

  /** Stops listening; resolves when every connection that was accepted has ended. */
  async close(): Promise<void> {
    const servers = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(servers.map((server) => new Promise<void>((done) => server.close(() => done()))))
  }

  async #listen(addresses: readonly string[], port: number, backlog: number): Promise<void> {
    const wanted = new Set<string>()
    const opened: string[] = []
    try {
      for (const written of addresses) {
        const optional = written.startsWith('-')
        const host = hostOf(optional ? written.slice(1) : written)
        const name = `${host} ${port}`
        wanted.add(name)
        if (this.#open.has(name)) continue
        const server = this.#create()
        try {
          await listening(server, { port, host, ipv6Only: true, backlog })
        } catch (error) {
          if (optional && isMissingAddress(error)) continue
          throw error
        }
        server.on('error', this.#failed)
        this.#open.set(name, server)
        opened.push(name)
      }
    } catch (error) {
      for (const name of opened) this.#closeOne(name)
      throw error
    }
    for (const name of [...this.#open.keys()]) if (!wanted.has(name)) this.#closeOne(name)
  }

  #closeOne(name: string): void {
    this.#open.get(name)?.close()
    this.#open.delete(name)
  }
}

/** @throws the system error if it cannot listen there */
export function listening(server: Server, options: Parameters<Server['listen']>[0]): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed)
    server.listen(options, () => {
      server.off('error', failed)
      done()
    })
  })
}

function hostOf(address: string): string {
  if (address === '*') return '0.0.0.0'
  return address === '::*' ? '::' : address
}

/** The machine has no such address, or no IPv6 at all. */
function isMissingAddress(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return (
    code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'EPROTONOSUPPORT' || code === 'EINVAL'
  )
}
