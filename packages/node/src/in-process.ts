/** Engines and clients within this process: no server, no socket. */
import { resolve } from 'node:path'
import {
  bytesToUtf8,
  Client,
  type ClientOptions,
  Config,
  Engine,
  engineRoads,
  persistIn,
  utf8ToBytes,
} from '@russet/core'
import { nodeConfigFiles as files } from './config-files.js'
import { makeDirectory, openFileStorage } from './file-storage.js'
import { NodeHost } from './host.js'
import { NodeOutgoing } from './outgoing.js'

/** Directives of redis.conf: `{ databases: 4, timeout: 60, 'proto-max-bulk-len': '1mb' }`. */
export interface Directives {
  readonly [name: string]: string | number | boolean
}

export interface CreateClientOptions extends ClientOptions {
  /** An engine to share with other clients; without it the client gets one of its own. */
  readonly engine?: Engine
  /** Settings of the client's own engine. */
  readonly config?: Directives
}

/**
 * An engine in this process that keeps its data in a directory, in Redis's formats: a redis-server that is started
 * there goes on with it. Unless told otherwise it keeps a journal (`appendonly yes`) that is synced once a second;
 * with `appendfsync: 'always'` a command's promise resolves when what it changed is on the disk. `await
 * engine.close()` before the process ends.
 * @param dir is made if it does not exist
 * @throws Error when a directive is unknown or has a wrong value, when another process uses the directory, or when a
 * file in it is damaged: it says which one, where and why
 */
export async function openEngine(dir: string, config: Directives = {}): Promise<Engine> {
  const settings = configOf({ appendonly: true, save: '', ...config })
  const path = resolve(dir)
  await makeDirectory(path)
  const storage = await openFileStorage(utf8ToBytes(path))
  let engine: Engine | undefined
  try {
    const outgoing = new NodeOutgoing(settings.settings)
    engine = new Engine(new NodeHost(), { config: settings, files, outgoing, durability: persistIn(storage) })
    await engine.load()
    return engine
  } catch (error) {
    await (engine ?? storage).close()
    throw error
  }
}

/**
 * An engine in this process, for clients (`createClient({ engine })`) and for ioredis (`@russet/node/ioredis`).
 * What it holds is gone when the process ends; see `openEngine`. Its timer does not keep the process alive;
 * `engine.close()` ends it.
 * @throws Error when a directive is unknown or has a wrong value
 */
export function createEngine(config: Directives = {}): Engine {
  const settings = configOf(config)
  return new Engine(new NodeHost(), {
    config: settings,
    files,
    outgoing: new NodeOutgoing(settings.settings),
  })
}

function configOf(config: Directives): Config {
  const settings = new Config()
  for (const [name, value] of Object.entries(config)) {
    const reason = settings.applyLine([utf8ToBytes(name), textOf(value)])
    if (reason !== undefined) throw new Error(`Cannot set '${name}' to '${value}': ${bytesToUtf8(reason)}`)
  }
  return settings
}

/**
 * A client of an engine in this process. Without `engine` it has one of its own, whose data is gone when the
 * client and all its duplicates are closed.
 * @throws Error when a directive is unknown or has a wrong value, or when the engine takes no more clients
 */
export function createClient(options: CreateClientOptions = {}): Client {
  const { engine, config, ...rest } = options
  if (engine === undefined) return new Client(engineRoads(createEngine(config), true), rest)
  if (config !== undefined)
    throw new Error('An engine that is shared has its settings already: leave out `config`')
  return new Client(engineRoads(engine), rest)
}

function textOf(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return utf8ToBytes(String(value))
}
