/** Redis in a Node.js process: the server to start from a program, and the client that needs none. */

export type {
  Argument,
  ClientOptions,
  EngineOptions,
  Pairs,
  Pipeline,
  Result,
  Scalar,
  Transaction,
} from '@russet/core'
export { Client, Engine, ReplyError } from '@russet/core'
export { NodeHost } from './host.js'
export { type CreateClientOptions, createClient, createEngine, type Directives } from './in-process.js'
export { RussetServer, type RussetServerOptions } from './server.js'
