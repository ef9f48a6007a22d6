/**
 * Servers whose data outlives them: redis-server and Russet's, started one after the other in the same folder,
 * and what a client can see of the data, to be compared from one to the next.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { isLockFile } from '../../packages/node/src/directory-lock.js'
import { type RunningServer, startRedis, startRusset } from './redis-server.js'
import { bulkOf, bulksOf, plainOf, textOf } from './replies.js'
import type { Argument, RespConnection } from './resp-connection.js'
import { printReply, type Reply } from './resp-reader.js'
import type { Side } from './server-pair.js'

const STARTERS = { redis: startRedis, russet: startRusset }
const DATABASES = 16
/** How long a condition may take to come true. */
const PATIENCE_MS = 15_000

export interface KeptServer {
  readonly server: RunningServer
  readonly client: RespConnection
  /** Sends a command whose reply must be no error. */
  run(...args: Argument[]): Promise<Reply>
  /** Ends it with SHUTDOWN, and waits until it is gone. */
  shutDown(...options: string[]): Promise<void>
  /** Ends it with SIGKILL. */
  kill(): Promise<void>
}

/** Starts a server in a folder that is not its own. It is killed with the test at the latest. */
export async function startIn(dir: string, side: Side, ...args: string[]): Promise<KeptServer> {
  const server = await STARTERS[side]({ args: ['--dir', dir, ...args] })
  onTestFinished(() => server.stop())
  const client = await server.connect()
  onTestFinished(() => client.close())
  return {
    server,
    client,
    run: async (...command) => noError(await client.send(...command)),
    shutDown: async (...options) => {
      const reply = await client.send('SHUTDOWN', ...options)
      if (reply.type !== 'closed') throw new Error(`SHUTDOWN is answered: ${printReply(reply)}`)
      await server.whenExited
    },
    kill: () => server.stop(),
  }
}

export function noError(reply: Reply): Reply {
  if (reply.type === 'error' || reply.type === 'closed') throw new Error(printReply(reply))
  return reply
}

/** Sends commands one behind the other; none of them may be answered with an error. */
export async function runAll(
  { client }: KeptServer,
  commands: readonly (readonly Argument[])[],
): Promise<void> {
  const replies = await client.sendMany(commands)
  for (const [i, reply] of replies.entries()) {
    if (reply.type === 'error') throw new Error(`${commands[i]?.slice(0, 3).join(' ')}: ${printReply(reply)}`)
  }
}

// ---- INFO -----------------------------------------------------------------------------------------------------

/** The fields of INFO persistence, in their order. */
export async function persistenceInfo({ client }: Pick<KeptServer, 'client'>): Promise<Map<string, string>> {
  const lines = bulkOf(await client.send('INFO', 'persistence')).split('\r\n')
  const pairs = lines.filter((line) => line.includes(':')).map((line) => line.split(':') as [string, string])
  return new Map(pairs)
}

/** Waits until fields of INFO persistence have these values. */
export async function untilInfo(node: KeptServer, fields: Readonly<Record<string, string>>): Promise<void> {
  const look = async () => {
    const info = await persistenceInfo(node)
    return Object.fromEntries(Object.keys(fields).map((name) => [name, info.get(name)]))
  }
  await expect.poll(look, { timeout: PATIENCE_MS, interval: 10 }).toEqual(fields)
}

/** What INFO says when no snapshot is being written and no rewrite is due. */
export const IDLE = { rdb_bgsave_in_progress: '0', aof_rewrite_in_progress: '0', aof_rewrite_scheduled: '0' }

export const untilIdle = (node: KeptServer): Promise<void> => untilInfo(node, IDLE)

/** Has the append-only file rewritten. */
export async function rewrite(node: KeptServer): Promise<void> {
  await untilIdle(node)
  await node.run('BGREWRITEAOF')
  await untilInfo(node, { ...IDLE, aof_last_bgrewrite_status: 'ok' })
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { timeout: PATIENCE_MS, interval: 10 }).toBe(true)
}

// ---- the data -------------------------------------------------------------------------------------------------

/** What a client can see of a key. */
interface KeyFacts {
  readonly type: string
  readonly expiry: string
  readonly encoding: string
  /** Of a stream: its past, its groups, and what is pending there. */
  readonly stream: unknown
}

export interface DataFacts {
  readonly digest: string
  /** By database and name. */
  readonly keys: Readonly<Record<string, KeyFacts>>
}

/** Times that tell of the client more than of the data, and that 7.0 does not have. */
const UNSTEADY = new Set(['seen-time', 'active-time'])

/** Everything that DEBUG DIGEST covers, and what it does not: TTLs, encodings, groups of streams. */
export async function factsOf({ client }: KeptServer): Promise<DataFacts> {
  const keys: Record<string, KeyFacts> = {}
  for (let db = 0; db < DATABASES; db++) {
    const [, found] = await client.sendMany([
      ['SELECT', db],
      ['KEYS', '*'],
    ])
    for (const key of bulksOf(found).sort()) {
      const [type, expiry, encoding, stream] = await client.sendMany([
        ['TYPE', key],
        ['PEXPIRETIME', key],
        ['OBJECT', 'ENCODING', key],
        // An error for all other keys.
        ['XINFO', 'STREAM', key, 'FULL', 'COUNT', 0],
      ])
      const name = textOf(type as Reply)
      keys[`${db} ${key}`] = {
        type: name,
        expiry: textOf(expiry as Reply),
        encoding: comparableEncoding(name, textOf(encoding as Reply)),
        stream: steady(plainOf(stream as Reply)),
      }
    }
  }
  await client.send('SELECT', 0)
  return { digest: textOf(await client.send('DEBUG', 'DIGEST')), keys }
}

/** 7.2 has small lists and small sets of texts as listpacks, which 7.0 has not. */
function comparableEncoding(type: string, encoding: string): string {
  if (type === 'list') return 'quicklist or listpack'
  if (type === 'set' && encoding !== 'intset') return 'hashtable or listpack'
  return encoding
}

function steady(info: unknown): unknown {
  if (!Array.isArray(info)) return info
  const kept: unknown[] = []
  for (let i = 0; i < info.length; i++) {
    if (UNSTEADY.has(info[i])) i++
    else kept.push(steady(info[i]))
  }
  return kept
}

// ---- files ----------------------------------------------------------------------------------------------------

/** Every file below a folder with its content, except the lock. */
export function filesIn(dir: string): Map<string, string> {
  const files = new Map<string, string>()
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(dir.length + 1)
    if (entry.isFile() && !isLockFile(entry.name)) files.set(name, readFileSync(path, 'latin1'))
  }
  return files
}
