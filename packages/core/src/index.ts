/** The engine, for hosts and for programs that embed it. */

export { CommandError } from './base/errors.js'
export { globMatch } from './base/glob.js'
export type { ByteCodec, Host, HostProcess, LogLevel, TimerHandle } from './base/host.js'
export type { Outgoing, OutgoingConnection } from './base/outgoing.js'
export { portableCodec } from './base/portable-codec.js'
export { bytesToUtf8, utf8ToBytes } from './base/utf8.js'
export { REDIS_VERSION, RUSSET_VERSION } from './base/version.js'
export { BatchingRoad, type Carrier } from './client/batching-road.js'
export { Client, type ClientOptions } from './client/client.js'
export { ReplyError } from './client/decode.js'
export type { Argument, Pairs, Scalar } from './client/encode.js'
export { engineRoads } from './client/engine-road.js'
export type { Pipeline, Result, Transaction } from './client/pipeline.js'
export type { ByteCommand, OpenRoad, Road, RoadReceiver } from './client/road.js'
export type { MessageEvents, MessageListener, PatternListener } from './client/subscribing.js'
export { type CommandLine, parseCommandLine, USAGE } from './engine/command-line.js'
export { Config, type Settings } from './engine/config.js'
export {
  type AppliedLine,
  ConfigFileError,
  type ConfigFiles,
  configFileError,
  loadConfig,
  readConfigFile,
} from './engine/config-file.js'
export type { Effect, EffectListener } from './engine/effects.js'
export { Engine, type EngineOptions } from './engine/engine.js'
export { type ByteTransport, RespConnection, RespConnections } from './engine/resp-connection.js'
export type { ClientSession, ConnectionInfo, SessionSink } from './engine/session.js'
export { type BackupOptions, exportRdb, importRdb } from './persistence/backup.js'
export {
  type CheckCounts,
  type CheckedStorage,
  type CheckFault,
  type CheckOptions,
  type CheckReport,
  checkFile,
} from './persistence/check.js'
export { LoadError } from './persistence/data-loader.js'
export { persistIn } from './persistence/persistence.js'
export * from './protocol/reply.js'
export {
  type AppendFileOwner,
  blocksOf,
  checkFileName,
  checkFolderName,
  concatBytes,
  fileClosed,
  fileInUse,
  filesIn,
  folderOf,
  missingFile,
  shortFile,
  storageClosed,
  totalBytes,
} from './storage/adapter.js'
export { MemoryMedium, MemoryStorage } from './storage/memory-storage.js'
export {
  type AppendFile,
  type FileContent,
  type Storage,
  StorageError,
  type StorageFault,
  type StoredFile,
} from './storage/storage.js'
