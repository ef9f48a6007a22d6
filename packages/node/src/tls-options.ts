/** The tls-* settings as what Node's TLS server takes. */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ConnectionOptions, SecureVersion, TlsOptions } from 'node:tls'
import { bytesToUtf8, type Settings } from '@russet/core'
import { pathOf } from './config-files.js'

/** Reads the files that the settings name. @throws an error that names the file or the setting */
export function tlsOptions(settings: Settings): TlsOptions {
  const { tlsCertFile, tlsKeyFile, tlsCaCertFile, tlsCaCertDir } = settings
  if (tlsCertFile === '' || tlsKeyFile === '')
    throw new Error('tls-port needs tls-cert-file and tls-key-file')
  const verifies = settings.tlsAuthClients !== 'no'
  const authorities: Buffer[] = []
  if (tlsCaCertFile !== '') authorities.push(readFile('tls-ca-cert-file', tlsCaCertFile))
  if (tlsCaCertDir !== '') {
    const directory = bytesToUtf8(tlsCaCertDir)
    for (const name of readdirSync(directory)) authorities.push(readFileSync(resolve(directory, name)))
  }
  if (verifies && authorities.length === 0) {
    throw new Error('tls-auth-clients needs tls-ca-cert-file or tls-ca-cert-dir')
  }
  const ciphers = [settings.tlsCiphersuites, settings.tlsCiphers].filter((list) => list !== '').join(':')
  return {
    cert: readFile('tls-cert-file', tlsCertFile),
    key: readFile('tls-key-file', tlsKeyFile),
    requestCert: verifies,
    rejectUnauthorized: settings.tlsAuthClients === 'yes',
    honorCipherOrder: settings.tlsPreferServerCiphers,
    ...versions(settings.tlsProtocols),
    ...(authorities.length > 0 ? { ca: authorities } : {}),
    ...(settings.tlsKeyFilePass !== '' ? { passphrase: bytesToUtf8(settings.tlsKeyFilePass) } : {}),
    ...(ciphers !== '' ? { ciphers } : {}),
    ...(settings.tlsDhParamsFile !== ''
      ? { dhparam: readFile('tls-dh-params-file', settings.tlsDhParamsFile) }
      : {}),
  }
}

/** The same for connections to other servers. @throws as `tlsOptions` */
export function tlsClientOptions(settings: Settings): ConnectionOptions {
  const { tlsClientCertFile, tlsClientKeyFile, tlsClientKeyFilePass } = settings
  const { cert, key, ca, ciphers, passphrase, minVersion, maxVersion } = tlsOptions(settings)
  const own = { cert, key, ca, ciphers, passphrase, minVersion, maxVersion }
  const options = Object.entries(own).filter(([, value]) => value !== undefined)
  if (tlsClientCertFile === '') return Object.fromEntries(options)
  return {
    ...Object.fromEntries(options),
    cert: readFile('tls-client-cert-file', tlsClientCertFile),
    key: readFile('tls-client-key-file', tlsClientKeyFile),
    ...(tlsClientKeyFilePass !== '' ? { passphrase: bytesToUtf8(tlsClientKeyFilePass) } : {}),
  }
}

function readFile(setting: string, path: string): Buffer {
  try {
    return readFileSync(pathOf(path))
  } catch (error) {
    throw new Error(`${setting} ${bytesToUtf8(path)} cannot be read: ${(error as Error).message}`)
  }
}

/** `TLSv1.2 TLSv1.3`: the range from the lowest to the highest named. */
function versions(protocols: string): { minVersion?: SecureVersion; maxVersion?: SecureVersion } {
  const known: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
  if (protocols.trim() === '') return { minVersion: 'TLSv1.2' }
  const named = protocols.trim().split(/\s+/)
  const unknown = named.find((name) => !known.some((version) => version.toLowerCase() === name.toLowerCase()))
  if (unknown !== undefined) throw new Error(`tls-protocols: '${unknown}' is not a version of TLS`)
  const chosen = known.filter((version) => named.some((name) => name.toLowerCase() === version.toLowerCase()))
  return { minVersion: chosen[0] as SecureVersion, maxVersion: chosen.at(-1) as SecureVersion }
}
