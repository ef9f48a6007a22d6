/** Redis in a Node.js process: the server to start from a program, and the client that needs none. */

export type {
  Argument,
  ClientOptions,
  EngineOptions,
  MessageEvents,
  MessageListener,
  Pairs,
  PatternListener,
  Pipeline,
  Result,
  Scalar,
  Transaction,
} from '@russet/core'
export { type BackupOptions, Client, Engine, exportRdb, importRdb, LoadError, ReplyError } from '@russet/core'
export { type FileStorageOptions, openFileStorage } from './file-storage.js'
export { NodeHost } from './host.js'
export {
  type CreateClientOptions,
  createClient,
  createEngine,
  type Directives,
  openEngine,
} from './in-process.js'
export { RussetServer, type RussetServerOptions } from './server.js'
