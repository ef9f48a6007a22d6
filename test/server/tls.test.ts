/** TLS on the built server: certificates of both sides, right and wrong ones, and their renewal. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../support/redis-server.js'
import { connectTo, RussetCommand, testFolder } from '../support/russet-command.js'

interface Certificates {
  readonly folder: string
  /** Path of a certificate, of its key, of the authority that signed it. */
  readonly file: (name: string) => string
}

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

/** An authority `ca` with a server's and a client's certificate, and a stranger that it does not know. */
function makeCertificates(): Certificates {
  const folder = testFolder()
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  for (const name of ['ca', 'stranger']) {
    openssl(
      folder,
      'req',
      '-x509',
      ...curve,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    )
  }
  for (const name of ['server', 'renewed', 'client']) {
    openssl(folder, 'req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    openssl(
      folder,
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      `${name}.crt`,
      '-days',
      '2',
    )
  }
  return { folder, file: (name) => join(folder, name) }
}

interface Tls {
  readonly command: RussetCommand
  readonly tlsPort: number
  readonly port: number
  readonly certificates: Certificates
}

async function startTls(...args: string[]): Promise<Tls> {
  const certificates = makeCertificates()
  const { file } = certificates
  const [port, tlsPort] = [await freePort(), await freePort()]
  const files = [
    '--tls-cert-file',
    file('server.crt'),
    '--tls-key-file',
    file('server.key'),
    '--tls-ca-cert-file',
    file('ca.crt'),
  ]
  const ports = ['--port', String(port), '--tls-port', String(tlsPort), '--bind', '127.0.0.1']
  const command = new RussetCommand([...ports, ...files, '--save', '', ...args])
  await command.waitFor(/Ready to accept connections tls/)
  return { command, tlsPort, port, certificates }
}

/** PING over TLS: the reply, or `closed` when there is none. `as` names the certificate that is shown. */
async function ping({ tlsPort, certificates }: Tls, as?: string): Promise<{ reply: string; server: string }> {
  const socket: TLSSocket = connect({
    port: tlsPort,
    host: '127.0.0.1',
    ca: readFileSync(certificates.file('ca.crt')),
    checkServerIdentity: () => undefined,
    ...(as === undefined
      ? {}
      : {
          cert: readFileSync(certificates.file(`${as}.crt`)),
          key: readFileSync(certificates.file(`${as}.key`)),
        }),
  })
  onTestFinished(() => void socket.destroy())
  let server = ''
  socket.on('secureConnect', () => {
    server = String(socket.getPeerCertificate().subject.CN)
    socket.write('PING\r\n')
  })
  const reply = await new Promise<string>((resolve) => {
    socket.on('data', (bytes) => resolve(bytes.toString()))
    socket.on('error', () => resolve('closed'))
    socket.on('close', () => resolve('closed'))
  })
  return { reply, server }
}

describe('tls-auth-clients', () => {
  it('no: nobody needs a certificate', async () => {
    const tls = await startTls('--tls-auth-clients', 'no')
    expect((await ping(tls)).reply).toBe('+PONG\r\n')
    expect((await ping(tls, 'stranger')).reply).toBe('+PONG\r\n')
  })

  it('yes, which is the default: only whoever has a right one is served', async () => {
    const tls = await startTls()
    expect((await ping(tls, 'client')).reply).toBe('+PONG\r\n')
    expect((await ping(tls)).reply).toBe('closed')
    expect((await ping(tls, 'stranger')).reply).toBe('closed')
    expect((await ping(tls, 'client')).reply).toBe('+PONG\r\n')
  })

  it('optional: none will do, a wrong one will not', async () => {
    const tls = await startTls('--tls-auth-clients', 'optional')
    expect((await ping(tls)).reply).toBe('+PONG\r\n')
    expect((await ping(tls, 'client')).reply).toBe('+PONG\r\n')
    expect((await ping(tls, 'stranger')).reply).toBe('closed')
  })

  it('can be changed while the server runs', async () => {
    const tls = await startTls('--tls-auth-clients', 'no')
    const control = await connectTo({ port: tls.port })
    expect((await control.send('CONFIG', 'SET', 'tls-auth-clients', 'yes')).raw).toBe('+OK\r\n')
    await expect.poll(async () => (await ping(tls)).reply).toBe('closed')
    expect((await ping(tls, 'client')).reply).toBe('+PONG\r\n')
  })
})

describe('certificates', () => {
  it('are renewed by CONFIG SET; wrong ones are refused and the old ones stay', async () => {
    const tls = await startTls('--tls-auth-clients', 'no')
    const { file } = tls.certificates
    const control = await connectTo({ port: tls.port })
    expect((await ping(tls)).server).toBe('server')
    const renew = (name: string) =>
      control.send('CONFIG', 'SET', 'tls-cert-file', file(`${name}.crt`), 'tls-key-file', file(`${name}.key`))
    expect((await renew('renewed')).raw).toBe('+OK\r\n')
    expect((await ping(tls)).server).toBe('renewed')
    expect((await renew('none')).raw).toMatch(/^-ERR CONFIG SET failed .*Unable to update TLS configuration/)
    expect((await control.send('CONFIG', 'SET', 'tls-cert-file', file('server.crt'))).type).toBe('error')
    expect(await ping(tls)).toEqual({ reply: '+PONG\r\n', server: 'renewed' })
  })

  it.each([
    ['missing', ['--tls-cert-file', ''], /tls-port needs tls-cert-file and tls-key-file/],
    ['not there', ['--tls-cert-file', '/nowhere/x.crt'], /tls-cert-file \/nowhere\/x\.crt cannot be read/],
    ['of another key', ['--tls-key-file', 'stranger.key'], /Failed to start: .*key values mismatch/],
    ['no certificate', ['--tls-cert-file', 'server.key'], /Failed to start: /],
    ['without an authority', ['--tls-ca-cert-file', ''], /tls-auth-clients needs tls-ca-cert-file/],
  ] as const)('%s: one clear line, exit 1', async (_, args, expected) => {
    const { folder, file } = makeCertificates()
    const files = [
      '--tls-cert-file',
      file('server.crt'),
      '--tls-key-file',
      file('server.key'),
      '--tls-ca-cert-file',
      file('ca.crt'),
    ]
    const ports = [
      '--port',
      '0',
      '--tls-port',
      String(await freePort()),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
    ]
    const command = new RussetCommand([...ports, ...files, ...args])
    expect(await command.waitForEnd()).toEqual({ code: 1, signal: null })
    expect(command.output).toMatch(expected)
    expect(command.output).not.toMatch(/\n\s+at /)
  })
})

describe('connections', () => {
  it('what is no TLS is closed, and others are served meanwhile', async () => {
    const tls = await startTls('--tls-auth-clients', 'no')
    const plain = connectTcp({ port: tls.tlsPort, host: '127.0.0.1' })
    onTestFinished(() => void plain.destroy())
    plain.on('error', () => {})
    const closed = new Promise((done) => plain.on('close', done))
    plain.resume().write('PING\r\nPING\r\nPING\r\n')
    await closed
    expect((await ping(tls)).reply).toBe('+PONG\r\n')
  })

  it('one that never says anything does not hold up the end of the server', async () => {
    const tls = await startTls('--tls-auth-clients', 'no')
    const silent = connectTcp({ port: tls.tlsPort, host: '127.0.0.1' })
    onTestFinished(() => void silent.destroy())
    silent.on('error', () => {})
    await new Promise((done) => silent.on('connect', done))
    expect((await ping(tls)).reply).toBe('+PONG\r\n')
    const startMs = performance.now()
    tls.command.signal('SIGTERM')
    expect((await tls.command.waitForEnd()).code).toBe(0)
    expect(performance.now() - startMs).toBeLessThan(5000)
  })

  it('large replies and half-closed connections', async () => {
    const tls = await startTls('--tls-auth-clients', 'no')
    const control = await connectTo({ port: tls.port })
    await control.send('SET', 'k', Buffer.alloc(5 * 1024 * 1024, 'x'))
    const carrier = connectTcp({ port: tls.tlsPort, host: '127.0.0.1', allowHalfOpen: true })
    const socket = connect({ socket: carrier, rejectUnauthorized: false })
    onTestFinished(() => void socket.destroy())
    let length = 0
    socket.on('data', (bytes) => {
      length += bytes.length
    })
    const ended = new Promise((done) => socket.on('end', done))
    socket.end('GET k\r\nGET k\r\n')
    await ended
    expect(length).toBe(2 * (5 * 1024 * 1024 + '$5242880\r\n\r\n'.length))
  })
})
