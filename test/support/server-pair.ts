/**
 * A redis-server and a Russet server side by side, started once and shared by all tests of a file, with what
 * both the scripts and the property-based sequences need: a clean start and a comparison of the data sets.
 */
import { afterAll } from 'vitest'
import { type RunningServer, startRedis, startRusset } from './redis-server.js'
import type { Argument, RespConnection } from './resp-connection.js'
import { printReply, quoteBytes, type Reply } from './resp-reader.js'

export const SIDES = ['redis', 'russet'] as const
export type Side = (typeof SIDES)[number]

/** One thing for each of the two servers. */
export type Both<T> = Readonly<Record<Side, T>>

/** Does something on both sides at once. */
export async function onBoth<T>(action: (side: Side) => Promise<T>): Promise<Both<T>> {
  const [redis, russet] = await Promise.all([action('redis'), action('russet')])
  return { redis, russet }
}

/** A server that has not answered PING for this long is taken for hung, killed and started again. */
const HUNG_AFTER_MS = 5000

export class ServerPair {
  private constructor(
    private readonly launch: Both<() => Promise<RunningServer>>,
    readonly servers: Record<Side, RunningServer>,
    /** A connection to each that belongs to the harness: no test sends on it. */
    readonly control: Record<Side, RespConnection>,
  ) {}

  static async start(launch: Both<() => Promise<RunningServer>>): Promise<ServerPair> {
    const servers = await onBoth((side) => launch[side]())
    return new ServerPair(launch, servers, await onBoth((side) => servers[side].connect()))
  }

  /** Makes both servers answer again: a lost control connection is opened anew, a dead server started anew. */
  async revive(): Promise<void> {
    await onBoth(async (side) => {
      if (await this.answers(side)) return
      try {
        if (!this.control[side].closed) throw new Error('hung')
        this.control[side] = await this.servers[side].connect()
      } catch {
        await this.servers[side].stop()
        this.servers[side] = await this.launch[side]()
        this.control[side] = await this.servers[side].connect()
      }
    })
  }

  private async answers(side: Side): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), HUNG_AFTER_MS)
    })
    const reply = await Promise.race([this.control[side].send('PING'), late])
    clearTimeout(timer)
    return reply !== undefined && reply.type !== 'closed'
  }

  connect(): Promise<Both<RespConnection>> {
    return onBoth((side) => this.servers[side].connect())
  }

  /** Sends a command of the harness to both. */
  ask(...args: Argument[]): Promise<Both<Reply>> {
    return onBoth((side) => this.control[side].send(...args))
  }

  /** Empties both servers and lifts a CLIENT PAUSE. */
  async reset(): Promise<void> {
    await this.revive()
    await this.ask('CLIENT', 'UNPAUSE')
    const flushed = await this.ask('FLUSHALL')
    for (const side of SIDES) {
      if (flushed[side].raw !== '+OK\r\n')
        throw new Error(`FLUSHALL on ${side}: ${printReply(flushed[side])}`)
    }
  }

  /** What differs between the two data sets, key by key; undefined when DEBUG DIGEST agrees. */
  async difference(): Promise<string | undefined> {
    const digest = await this.ask('DEBUG', 'DIGEST')
    if (digest.redis.type === 'simple' && digest.redis.raw === digest.russet.raw) return undefined
    const databases = await onBoth((side) => this.describe(side))
    const lines: string[] = []
    for (const id of new Set([...databases.redis.keys(), ...databases.russet.keys()])) {
      const redis = databases.redis.get(id)
      const russet = databases.russet.get(id)
      if (redis !== russet)
        lines.push(
          `  ${id}:`,
          `    redis:  ${redis ?? 'no such key'}`,
          `    russet: ${russet ?? 'no such key'}`,
        )
    }
    if (lines.length === 0)
      lines.push(`  redis:  ${printReply(digest.redis)}`, `  russet: ${printReply(digest.russet)}`)
    return `the data sets differ (DEBUG DIGEST):\n${lines.slice(0, 60).join('\n')}`
  }

  /** What a server has logged that does not answer any more, for messages; empty while both do. */
  async obituary(): Promise<string> {
    const answers = await onBoth((side) => this.answers(side))
    return SIDES.filter((side) => !answers[side])
      .map(
        (side) => `\n${side} does not answer any more. Its log:\n${this.servers[side].logs().slice(-4000)}`,
      )
      .join('')
  }

  async stop(): Promise<void> {
    await onBoth((side) => this.servers[side].stop())
  }

  /** Every key of the server with its type, expiry and digest. */
  private async describe(side: Side): Promise<Map<string, string>> {
    const connection = await this.servers[side].connect()
    const keys = new Map<string, string>()
    for (let database = 0; (await connection.send('SELECT', database)).raw === '+OK\r\n'; database++) {
      const names = await connection.send('KEYS', '*')
      if (names.type !== 'array') continue
      for (const item of names.value) {
        const name = (item as Reply & { value: string }).value
        const [type, encoding, expiry, digest] = await connection.sendMany([
          ['TYPE', name],
          ['OBJECT', 'ENCODING', name],
          ['PTTL', name],
          ['DEBUG', 'DIGEST-VALUE', name],
        ])
        const expires = expiry?.raw === ':-1\r\n' ? 'no expiry' : 'expires'
        const digestOfValue = digest?.type === 'array' ? digest.value[0] : digest
        const parts = [type, encoding, digestOfValue].map((reply) => (reply ? printReply(reply) : ''))
        const content =
          type === undefined ? '' : await readBack(connection, (type as { value: string }).value, name)
        keys.set(`${quoteBytes(name)} in database ${database}`, `${parts.join(' ')} ${expires}${content}`)
      }
    }
    await connection.close()
    return keys
  }
}

const READERS: Record<string, (name: string) => Argument[]> = {
  string: (name) => ['GETRANGE', name, 0, 199],
  list: (name) => ['LRANGE', name, 0, 19],
  hash: (name) => ['HGETALL', name],
  set: (name) => ['SMEMBERS', name],
  zset: (name) => ['ZRANGE', name, 0, 19, 'WITHSCORES'],
  stream: (name) => ['XRANGE', name, '-', '+', 'COUNT', 20],
}

async function readBack(connection: RespConnection, type: string, name: string): Promise<string> {
  const reader = READERS[type]
  if (reader === undefined) return ''
  const text = printReply(await connection.send(...reader(name)))
  return `\n      ${text.split('\n').slice(0, 40).join('\n      ')}`
}

const pairs = new Map<string, Promise<ServerPair>>()

/** The pair that this file's tests share, by the directives it was started with. */
export function sharedPair(args: readonly string[] = []): Promise<ServerPair> {
  const key = JSON.stringify(args)
  // A start that failed stays failed: the other tests of the file need not wait for it again.
  const pair =
    pairs.get(key) ??
    ServerPair.start({ redis: () => startRedis({ args }), russet: () => startRusset({ args }) })
  pairs.set(key, pair)
  return pair
}

afterAll(async () => {
  const started = await Promise.allSettled(pairs.values())
  await Promise.all(started.map((pair) => (pair.status === 'fulfilled' ? pair.value.stop() : undefined)))
  pairs.clear()
})
