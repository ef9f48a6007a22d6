/**
 * MIGRATE: moves keys to another server, or copies them. The keys are dumped here and restored there over a
 * connection that the host makes; until that is over all clients wait, so that nothing changes meanwhile. A key is
 * removed here when the other server has said that it has it.
 */

import { fail, SYNTAX_ERROR } from '../base/errors.js'
import { parseSafeInt } from '../base/int64.js'
import { equalsIgnoreCase } from '../base/lowercase.js'
import type { Outgoing, OutgoingConnection } from '../base/outgoing.js'
import type { Database } from '../keyspace/database.js'
import { writeCommand } from '../protocol/command-encoder.js'
import { OutputBuffer } from '../protocol/output-buffer.js'
import { OK, type Reply, Simple } from '../protocol/reply.js'
import { dumpValue } from '../rdb/dump-payload.js'
import { integerArg } from './arguments.js'
import { Block } from './block.js'
import type { CommandSpec } from './command.js'
import type { Context, Server } from './context.js'
import { type FoundKey, keyAt, keysAfter } from './key-spec.js'
import { argumentsAfter } from './secret-arguments.js'

const USUAL_TIMEOUT_MS = 1000
/** A line of the other server's is a status or an error; what is longer is not from a Redis. */
const MAX_LINE_BYTES = 64 * 1024
const SLAB_BYTES = 64 * 1024
const MAX_PORT = 65_535

const NO_KEY = new Simple('NOKEY')
const NOT_CONNECTED = 'IOERR error or timeout connecting to the client'
const NOT_WRITTEN = 'IOERR error or timeout writing to target instance'
const NOT_READ = 'IOERR error or timeout reading to target instance'

interface Migration {
  readonly host: string
  readonly port: number
  /** Number of the database there. */
  readonly destination: number
  readonly timeoutMs: number
  keys: readonly string[]
  copies: boolean
  replaces: boolean
  /** The AUTH command to be sent first. */
  auth: readonly string[] | undefined
}

function parse(args: readonly string[]): Migration {
  const migration: Migration = {
    host: args[1] as string,
    port: parseSafeInt(args[2] as string) ?? 0,
    keys: [args[3] as string],
    timeoutMs: 0,
    destination: 0,
    copies: false,
    replaces: false,
    auth: undefined,
  }
  for (let i = 6; i < args.length; i++) {
    const word = args[i] as string
    const following = args.length - 1 - i
    if (equalsIgnoreCase(word, 'copy')) migration.copies = true
    else if (equalsIgnoreCase(word, 'replace')) migration.replaces = true
    else if (equalsIgnoreCase(word, 'auth') && following >= 1) {
      migration.auth = ['AUTH', args[++i] as string]
    } else if (equalsIgnoreCase(word, 'auth2') && following >= 2) {
      migration.auth = ['AUTH', args[++i] as string, args[++i] as string]
    } else if (equalsIgnoreCase(word, 'keys')) {
      if (args[3] !== '') {
        fail('ERR When using MIGRATE KEYS option, the key argument must be set to the empty string')
      }
      migration.keys = args.slice(i + 1)
      break
    } else fail(SYNTAX_ERROR)
  }
  const timeoutMs = integerArg(args[5] as string)
  return {
    ...migration,
    timeoutMs: timeoutMs <= 0 ? USUAL_TIMEOUT_MS : timeoutMs,
    destination: integerArg(args[4] as string),
  }
}

function migrate(ctx: Context, args: readonly string[]): Reply | Block {
  const migration = parse(args)
  const { db, server } = ctx
  const keys = migration.keys.filter((key) => db.readAny(key) !== undefined)
  if (keys.length === 0) return NO_KEY
  const { outgoing, sessions } = server
  if (outgoing === undefined) fail('ERR MIGRATE is not possible: this server cannot connect to others')
  return Block.forWork(async () => {
    sessions.suspend()
    try {
      await new Transfer(server, db, { ...migration, keys }).run(outgoing)
    } finally {
      // The reply comes first.
      server.host.defer(() => sessions.resume())
    }
    return OK
  })
}

/** The conversation with the other server. */
class Transfer {
  readonly #out: OutputBuffer
  /** What has come and is not read yet. */
  #input = ''

  constructor(
    private readonly server: Server,
    private readonly db: Database,
    private readonly migration: Migration,
  ) {
    this.#out = new OutputBuffer(server.host.bytes, SLAB_BYTES)
  }

  async run(outgoing: Outgoing): Promise<void> {
    const { host, port, timeoutMs } = this.migration
    // Where nobody can listen, Redis finds that out when it writes.
    if (port === 0) fail(NOT_WRITTEN)
    const isPort = port > 0 && port <= MAX_PORT
    const connection = isPort ? await outgoing.connect(host, port, timeoutMs).catch(() => {}) : undefined
    if (connection === undefined) fail(NOT_CONNECTED)
    try {
      await this.#talk(connection)
    } finally {
      connection.close()
    }
  }

  async #talk(connection: OutgoingConnection): Promise<void> {
    const { auth, destination, copies } = this.migration
    if (auth !== undefined) writeCommand(this.#out, auth)
    writeCommand(this.#out, ['SELECT', String(destination)])
    const sent: string[] = []
    for (const key of this.migration.keys) {
      if (this.#restore(key)) sent.push(key)
      if (this.#out.pendingBytes >= SLAB_BYTES) await this.#send(connection)
    }
    await this.#send(connection)

    const opening =
      auth === undefined
        ? [await this.#line(connection)]
        : [await this.#line(connection), await this.#line(connection)]
    let refusal = opening.find(isError)
    for (const key of sent) {
      const line = await this.#line(connection)
      if (isError(line)) refusal ??= line
      // Without the right database, or the right to use it, the key is not where it belongs.
      else if (!opening.some(isError) && !copies) this.#moved(key)
    }
    if (refusal !== undefined) fail(`ERR Target instance replied with error: ${refusal.slice(1)}`)
  }

  /** Puts the command together that restores a key there. @returns whether it has not expired in the meantime */
  #restore(key: string): boolean {
    const { db, server } = this
    const { keyspace } = db
    keyspace.releaseClock()
    const value = db.peek(key)
    if (value === undefined) return false
    const payload = dumpValue(server.host.bytes, value, server.settings.rdbcompression)
    if (payload === undefined) fail('ERR the value is too large for one string')
    const expiryMs = db.expiryOf(key)
    const ttlMs = expiryMs === 0 ? 0 : Math.max(1, expiryMs - keyspace.now)
    const command = ['RESTORE', key, String(ttlMs), payload]
    writeCommand(this.#out, this.migration.replaces ? [...command, 'REPLACE'] : command)
    return true
  }

  /** The other server has the key. */
  #moved(key: string): void {
    this.db.keyspace.releaseClock()
    if (this.db.remove(key)) this.db.keyspace.emitEffect(this.db, ['DEL', key])
  }

  async #send(connection: OutgoingConnection): Promise<void> {
    const pieces: Uint8Array[] = []
    this.#out.take(pieces)
    for (const piece of pieces) {
      await connection.send(piece, this.migration.timeoutMs).catch(() => fail(NOT_WRITTEN))
    }
  }

  /** The next line, without its end. */
  async #line(connection: OutgoingConnection): Promise<string> {
    for (;;) {
      const end = this.#input.indexOf('\n')
      if (end >= 0) {
        const line = this.#input.slice(0, end)
        this.#input = this.#input.slice(end + 1)
        return line.endsWith('\r') ? line.slice(0, -1) : line
      }
      if (this.#input.length > MAX_LINE_BYTES) fail(NOT_READ)
      const bytes = await connection.receive(this.migration.timeoutMs).catch(() => fail(NOT_READ))
      this.#input += this.server.host.bytes.decode(bytes, 0, bytes.length)
    }
  }
}

function isError(line: string): boolean {
  return line.startsWith('-')
}

// ---- descriptors ------------------------------------------------------------------------------------------

/** The key in its place or, where that is empty, those after KEYS. */
function keysOf(args: readonly string[]): FoundKey[] | undefined {
  const flags = ['RW', 'access', 'delete']
  if (args[3] !== '') return [{ at: 3, flags }]
  for (let at = 6; at < args.length; at++) {
    const word = args[at] as string
    if (equalsIgnoreCase(word, 'auth')) at++
    else if (equalsIgnoreCase(word, 'auth2')) at += 2
    else if (equalsIgnoreCase(word, 'keys')) {
      return args.slice(at + 1).map((_, i) => ({ at: at + 1 + i, flags }))
    }
  }
  return [{ at: 3, flags }]
}

export const migrateCommand: CommandSpec = {
  name: 'migrate',
  arity: -6,
  flags: ['write'],
  keys: [keyAt(3, 'RW access delete'), keysAfter('KEYS', -2, -1, 'RW access delete incomplete')],
  findKeys: keysOf,
  acl: ['dangerous'],
  since: '2.6.0',
  group: 'generic',
  syntax:
    'host port key-selector=<key|empty-string=""> destination-db timeout:integer [COPY] [REPLACE] ' +
    'authentication=[[AUTH auth=password]|auth2=[AUTH2 username password]] [KEYS keys=key#1 [keys=key#1 ...]]',
  summary: 'Moves keys to another server, or copies them there.',
  complexity: 'O(N) where N is the size of the keys, as for DUMP and DEL here and RESTORE there',
  tips: ['nondeterministic_output'],
  secrets: (args) => [...argumentsAfter(args, 'auth', 1), ...argumentsAfter(args, 'auth2', 2)],
  handler: migrate,
}
