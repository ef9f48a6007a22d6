/**
 * The server: an engine listening on TCP, TLS and a unix socket. It accepts, refuses and configures sockets;
 * what is said on them is the engine's business.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import {
  createServer as createTlsServer,
  type TLSSocket,
  type TlsOptions,
  type Server as TlsServer,
} from 'node:tls'
import {
  bytesToUtf8,
  CommandError,
  type Config,
  type ConfigFiles,
  type ConnectionInfo,
  Engine,
  type Host,
  persistIn,
  RespConnections,
  type Settings,
  type Storage,
} from '@russet/core'
import { isLoopback, printAddress } from './addresses.js'
import { Listeners, listening } from './listeners.js'
import { NodeOutgoing } from './outgoing.js'
import { readThroughSharedBuffer } from './shared-read-buffer.js'
import { SocketConnection } from './socket-connection.js'
import { tlsOptions } from './tls-options.js'
import { TurnWriter } from './turn-writer.js'

const PROTECTED_MODE =
  'DENIED Protected mode is on and no password is set, so only clients on this machine may connect. ' +
  'Set a password with requirepass, or turn protected-mode off if this network is trusted.'

/** How long a client that does not read its last replies can hold up the end of the server. */
const LAST_REPLIES_MS = 1000

type SocketKind = 'tcp' | 'tls' | 'unix'

export interface RussetServerOptions {
  /** Path of the file that the settings came from, as a byte string. */
  readonly configFile?: string
  /** Where the ACL file is. */
  readonly files?: ConfigFiles
  /** Where the data is kept; `load` is to be called then. */
  readonly storage?: Storage
  /** Called when a client has sent SHUTDOWN and the server has closed. */
  readonly onShutdown?: () => void
}

export class RussetServer {
  readonly engine: Engine
  /** Whether `close` has been called. */
  isClosed = false
  readonly #host: Host
  readonly #settings: Settings
  readonly #connections: RespConnections
  readonly #writer: TurnWriter
  /** Open sockets, and what settles when each has closed. */
  readonly #sockets = new Map<Socket, Promise<void>>()
  readonly #plain: Listeners<Server>
  readonly #tls: Listeners<TlsServer>
  #unix: Server | undefined
  #nextDescriptor = 8

  /** @throws Error that says what is wrong with the users of the configuration or of the ACL file */
  constructor(config: Config, host: Host, options: RussetServerOptions = {}) {
    this.#host = host
    this.#settings = config.settings
    this.engine = new Engine(host, {
      config,
      ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
      ...(options.files === undefined ? {} : { files: options.files }),
      outgoing: new NodeOutgoing(config.settings),
      ...(options.storage === undefined ? {} : { durability: persistIn(options.storage) }),
      onShutdown: () => {
        void this.close().then(options.onShutdown)
      },
    })
    this.#writer = new TurnWriter(this.engine)
    this.#connections = new RespConnections(this.engine)
    const failed = (error: Error) => host.log('warning', `Accepting client connection: ${error.message}`)
    this.#plain = new Listeners(() => this.#createPlain('tcp'), failed)
    this.#tls = new Listeners(() => this.#createTls(), failed)
    config.onChange(['port', 'bind'], () => this.#relisten(this.#listenPlain()))
    config.onChange(['tls-port', 'bind'], () => this.#tlsFault() ?? this.#relisten(this.#listenTls()))
    config.onChange(['tls-auth-clients'], () => this.#tlsFault() ?? this.#relisten(this.#reopenTls()))
    config.onChange(
      [
        'tls-cert-file',
        'tls-key-file',
        'tls-key-file-pass',
        'tls-ca-cert-file',
        'tls-ca-cert-dir',
        'tls-protocols',
        'tls-ciphers',
        'tls-ciphersuites',
      ],
      () => this.#renewCertificates(),
    )
  }

  /** Opens every listener the settings ask for. @throws the first system error, with nothing left open */
  async listen(): Promise<void> {
    try {
      await this.#listenPlain()
      await this.#listenTls()
      this.#unix = await this.#listenUnix()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /**
   * Reads in what the storage has; clients are told so meanwhile.
   * @throws Error that says what is damaged; the server is to be closed then
   */
  load(): Promise<void> {
    return this.engine.load()
  }

  /** The TCP port that is listened on, which is of interest when the setting was 0 or the system chose it. */
  get port(): number {
    const [first] = this.#plain.servers
    const address = first?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /**
   * Stops listening and disconnects everybody; replies that are written already are sent, and what was acknowledged
   * is safe.
   * @throws Error when it cannot be made safe
   */
  async close(): Promise<void> {
    this.isClosed = true
    const closed = [this.#plain.close(), this.#tls.close()]
    this.#unix?.close()
    this.#unix = undefined
    const safe = this.engine.close()
    // It is waited for below; meanwhile nobody is to take it for a rejection that nobody handles.
    safe.catch(() => {})
    this.#writer.flush()
    let impatience: NodeJS.Timeout | undefined
    const patience = new Promise<void>((over) => {
      impatience = setTimeout(over, LAST_REPLIES_MS)
    })
    await Promise.race([Promise.all([...closed, ...this.#sockets.values()]), patience])
    clearTimeout(impatience)
    for (const socket of this.#sockets.keys()) socket.destroy()
    await safe
  }

  // ---- listening ----------------------------------------------------------------------------------------

  #createPlain(kind: SocketKind): Server {
    return createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => this.#accept(socket, kind))
  }

  #createTls(): TlsServer {
    const server = createTlsServer({ ...tlsOptions(this.#settings), allowHalfOpen: true }, (socket) => {
      if (this.#isCertified(socket)) this.#accept(socket, 'tls')
      else socket.destroy()
    })
    server.on('tlsClientError', (error) => {
      this.#host.log('verbose', `Error accepting a client connection: ${error.message}`)
    })
    return server
  }

  async #listenPlain(): Promise<void> {
    const { port, bind, tcpBacklog } = this.#settings
    await this.#plain.listen(port === 0 ? [] : bind, port, tcpBacklog)
  }

  async #listenTls(): Promise<void> {
    const { tlsPort, bind, tcpBacklog } = this.#settings
    await this.#tls.listen(tlsPort === 0 ? [] : bind, tlsPort, tcpBacklog)
  }

  /** A server asks for certificates or does not, from its beginning. */
  async #reopenTls(): Promise<void> {
    await this.#tls.listen([], 0, 0)
    await this.#listenTls()
  }

  async #listenUnix(): Promise<Server | undefined> {
    const { unixsocket, unixsocketperm, tcpBacklog } = this.#settings
    if (unixsocket === '') return undefined
    // Unlike the calls for files, `listen` takes no path in bytes.
    const path = bytesToUtf8(unixsocket)
    rmSync(path, { force: true })
    const server = this.#createPlain('unix')
    await listening(server, { path, backlog: tcpBacklog })
    if (unixsocketperm !== 0) chmodSync(path, unixsocketperm)
    return server
  }

  /** Addresses that cannot be opened are too late for the reply to CONFIG SET: the log tells. */
  #relisten(change: Promise<void>): undefined {
    change.catch((error: Error) => {
      this.#host.log('warning', `Failed to change the listening address: ${error.message}`)
    })
  }

  /** What is wrong with the settings for TLS, if it is used. */
  #tlsFault(): string | undefined {
    return this.#withTls(() => {})
  }

  #renewCertificates(): string | undefined {
    return this.#withTls((options) => {
      for (const server of this.#tls.servers) server.setSecureContext(options)
    })
  }

  /** Has the settings for TLS used, if it is. @returns what is wrong with them */
  #withTls(use: (options: TlsOptions) => void): string | undefined {
    if (this.#settings.tlsPort === 0) return undefined
    try {
      use(tlsOptions(this.#settings))
      return undefined
    } catch (error) {
      return `Unable to update TLS configuration: ${(error as Error).message}`
    }
  }

  // ---- accepting ----------------------------------------------------------------------------------------

  #accept(accepted: Socket, kind: SocketKind): void {
    if (this.#isUnprotected(accepted, kind)) {
      refuse(accepted, PROTECTED_MODE)
      return
    }
    const info = this.#describe(accepted, kind)
    let connection: SocketConnection | undefined
    const receive = (bytes: Uint8Array) => connection?.receive(bytes)
    const socket = kind === 'tls' ? accepted.on('data', receive) : readThroughSharedBuffer(accepted, receive)
    if (kind !== 'unix') {
      socket.setNoDelay(true)
      const { tcpKeepalive } = this.#settings
      if (tcpKeepalive > 0) socket.setKeepAlive(true, tcpKeepalive * 1000)
    }
    try {
      connection = new SocketConnection(this.#connections, socket, info, this.#writer)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      refuse(socket, error.message)
      return
    }
    const closed = new Promise<void>((done) => {
      socket.on('close', () => {
        this.#sockets.delete(socket)
        done()
      })
    })
    this.#sockets.set(socket, closed)
  }

  #describe(socket: Socket, kind: SocketKind): ConnectionInfo {
    const descriptor = this.#nextDescriptor++
    if (kind === 'unix') {
      const address = `${this.#settings.unixsocket}:0`
      return { kind, address, localAddress: address, descriptor }
    }
    return {
      kind,
      address: `${printAddress(socket.remoteAddress)}:${socket.remotePort ?? 0}`,
      localAddress: `${printAddress(socket.localAddress)}:${socket.localPort ?? 0}`,
      descriptor,
    }
  }

  #isUnprotected(socket: Socket, kind: SocketKind): boolean {
    if (kind === 'unix' || !this.#settings.protectedMode) return false
    if (!this.engine.access.defaultUser.needsNoPassword) return false
    return !isLoopback(socket.remoteAddress)
  }

  /** Where a certificate is optional, one that is shown has to be right all the same. */
  #isCertified(socket: TLSSocket): boolean {
    const isOptional = this.#settings.tlsAuthClients === 'optional'
    return !isOptional || socket.authorized || Object.keys(socket.getPeerCertificate()).length === 0
  }
}

/** Tells why, and closes at once: whoever is not served must not keep a descriptor. */
function refuse(socket: Socket, message: string): void {
  socket.on('error', () => socket.destroy())
  socket.write(`-${message}\r\n`)
  socket.destroySoon()
}
