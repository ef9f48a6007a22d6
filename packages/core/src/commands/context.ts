/**
 * What a handler may touch: the selected database, the keyspace with its clock, the client that asks, and the
 * server's services. The engine implements these interfaces; commands know nothing else of it.
 */

import type { Host } from '../base/host.js'
import type { Outgoing } from '../base/outgoing.js'
import type { Database } from '../keyspace/database.js'
import type { Keyspace } from '../keyspace/keyspace.js'
import type { RespVersion } from '../protocol/encoder.js'
import type { Reply } from '../protocol/reply.js'
import type { AccessControl, User } from './access-control.js'
import type { Command } from './command.js'
import type { CommandTable } from './table.js'

export interface Context {
  /** The database that the client has selected. */
  readonly db: Database
  readonly keyspace: Keyspace
  readonly session: Session
  readonly server: Server
  /** Unix time in whole ms; stands still during a command or transaction. */
  readonly now: number
  /** The command that runs (the subcommand of a container). */
  readonly command: Command
  /** Whether it comes from a journal, so that it is to be obeyed although a client might not send it so. */
  readonly replays: boolean

  /**
   * Says what the journal and replicas are to run instead of this command; call it once for each command.
   * Without a call it is the command itself, if anything changed. Needed where time, chance or a float make
   * the command mean something else when it is run again.
   */
  propagate(...command: string[]): void
  /** `propagate` for a command that may be too long to be spread out. */
  propagateAll(command: readonly string[]): void
  /** Nothing follows this command, although it may have changed something. */
  propagateNothing(): void
}

/** The client that sent a command. */
export interface Session {
  readonly id: number
  name: string
  libName: string
  libVersion: string
  readonly user: User
  readonly authenticated: boolean
  resp: RespVersion
  db: Database
  noEvict: boolean
  noTouch: boolean
  /** When it connected, Unix time in ms. */
  readonly createdMs: number
  readonly inTransaction: boolean
  /** Whether the running command is part of a transaction that EXEC carries out. */
  readonly inExec: boolean
  /** `host:port`, or the path of a unix socket with `:0`. */
  readonly address: string
  readonly localAddress: string
  /** Whether the client is on this machine or in this process. */
  readonly isLocal: boolean
  /** Whether this is RESP2 and the client has subscriptions: it cannot tell messages from replies. */
  readonly inSubscriberMode: boolean
  /** Whether the client has subscriptions. */
  readonly isSubscriber: boolean
  /** Sends what nobody asked for. To the client whose command runs it goes after the reply of that command. */
  push(items: readonly Reply[]): void
  /** The reply is sent, then the connection closes. */
  closeAfterReply(): void
  /** CLIENT REPLY. */
  setReplyMode(mode: 'on' | 'off' | 'skip'): void
  /** Back to how a new connection is: RESET. */
  reset(): void
  /** One line of CLIENT LIST, without the line end. */
  describe(): string
}

/** What can be subscribed to. */
export type TopicKind = 'channel' | 'pattern' | 'shardChannel'

/** Publishing and subscribing. */
export interface PubSub {
  /** @returns how many subscriptions the client has then: to channels and patterns, or to shard channels */
  subscribe(session: Session, kind: TopicKind, name: string): number
  /** @returns as `subscribe` */
  unsubscribe(session: Session, kind: TopicKind, name: string): number
  /** What the client is subscribed to, the oldest first. */
  subscriptionsOf(session: Session, kind: TopicKind): readonly string[]
  /** As `subscribe` returns it. */
  subscriptionCount(session: Session, kind: TopicKind): number
  /** Everything of that kind that has subscribers. */
  topicNames(kind: TopicKind): Iterable<string>
  topicCount(kind: TopicKind): number
  /** O(1). */
  subscriberCount(kind: TopicKind, name: string): number
  /** @returns the number of receivers; who has several matching subscriptions counts for each */
  publish(channel: string, message: string): number
  /** @returns the number of receivers */
  publishToShard(channel: string, message: string): number
}

/** Keeping the data: snapshots and the journal. Whatever takes time is a promise, to wait for in a `Block`. */
export interface Persistence {
  /** Unix time in s of the last snapshot that was written, or of the start. */
  readonly lastSaveSeconds: number
  /** Whether there is a journal. */
  readonly journals: boolean
  /** Writes a snapshot. @throws CommandError when it cannot begin; the promise rejects when it fails */
  save(): Promise<void>
  /**
   * Begins a snapshot.
   * @param schedule whether it is to begin later if it cannot now
   * @param later whether it cannot: the command is part of a transaction
   * @returns the status to reply. @throws CommandError
   */
  saveInBackground(schedule: boolean, later: boolean): string
  /**
   * Begins to write the journal anew.
   * @param later whether that has to wait: the command is part of a transaction
   * @returns the status to reply. @throws CommandError
   */
  rewriteInBackground(later: boolean): string
  /** Reads the data in again from the snapshot. When that fails all is as it was, unless it was to be added. */
  reload(options: ReloadOptions): Promise<void>
  /** Reads the data in again from the journal. */
  reloadJournal(): Promise<void>
  /**
   * Makes everything safe before the end.
   * @param options `save`, `nosave`: whether to write a snapshot, if not as the settings say; `force`: what fails
   * does not prevent the end
   */
  prepareShutdown(options: ShutdownOptions): Promise<void>
  /** Calls back once everything written so far is in the journal and safe. @returns a function that takes it back */
  whenJournalled(callback: () => void): () => void
}

export interface ReloadOptions {
  /** Whether the snapshot is written before. */
  readonly save: boolean
  /** Whether it takes the place of what is there, and is not added. */
  readonly flush: boolean
  /** Whether keys that are there already are replaced, and are no fault. */
  readonly merge: boolean
}

export interface ShutdownOptions {
  readonly save: boolean
  readonly nosave: boolean
  readonly force: boolean
}

/** A command that took long. */
export interface SlowLogEntry {
  /** No two entries ever have the same. */
  readonly id: number
  /** When it was over. */
  readonly unixSeconds: number
  readonly micros: number
  /** With its name; cut, and without secrets. */
  readonly args: readonly string[]
  readonly address: string
  readonly clientName: string
}

/** What SLOWLOG reads. */
export interface SlowLogReader {
  readonly length: number
  /** Up to so many entries, newest first. */
  newest(count: number): SlowLogEntry[]
  clear(): void
}

/** The worst that happened in one second. */
export interface LatencySample {
  readonly unixSeconds: number
  ms: number
}

/** Something that holds the server up now and then. */
export interface LatencyEvent {
  readonly name: string
  /** Oldest first, one or more. */
  readonly samples: readonly LatencySample[]
  /** The worst since the start, or since LATENCY RESET. */
  readonly worstMs: number
}

/** What LATENCY reads. */
export interface LatencyReader {
  events(): LatencyEvent[]
  event(name: string): LatencyEvent | undefined
  /** @param names all if left out. @returns how many there were */
  forget(names?: readonly string[]): number
}

export interface Server {
  readonly host: Host
  /** Connections to other servers; undefined where there cannot be any. */
  readonly outgoing: Outgoing | undefined
  readonly commands: CommandTable
  readonly sessions: Sessions
  readonly access: AccessControl
  readonly transactions: Transactions
  readonly pubsub: PubSub
  readonly slowLog: SlowLogReader
  readonly latency: LatencyReader
  /** Has the client told of every command from now on. @returns whether it was not before */
  monitor(session: Session): boolean
  readonly config: ConfigAccess
  readonly settings: Settings
  /** While nobody follows (`active` is false) what `propagate` would be told need not be put together. */
  readonly effects: { readonly active: boolean }
  /** Whether expired keys are deleted in the background; DEBUG SET-ACTIVE-EXPIRE. */
  activeExpire: boolean
  /** Whether nothing happens by itself; DEBUG PAUSE-CRON. */
  cronPaused: boolean
  /** 40 hex digits. */
  readonly runId: string
  replicationId: string
  memory(): MemoryReport
  /** INFO's text for these sections, lower case (`default`, `all`, `everything` included). */
  info(sections: readonly string[]): string
  resetStats(): void
  /** Brings the configuration file up to date, with all settings if asked for. @throws CommandError when there is none, or it cannot be written */
  rewriteConfig(withDefaults?: boolean): void
  readonly persistence: Persistence
  /**
   * Stops the server as SHUTDOWN does.
   * @throws CommandError when it is not possible; the promise rejects when data cannot be made safe
   */
  shutdown(options: ShutdownOptions): Promise<void>
  /** All databases have been emptied. */
  flushedAll(): void
  /** Holds the server up, for DEBUG SLEEP. */
  sleep(seconds: number): void
}

/** Memory in use, in bytes. What the platform does not tell is 0. */
export interface MemoryReport {
  /** What the engine holds, by its own count; maxmemory is compared with this. */
  readonly usedBytes: number
  /** JavaScript's heap, with the buffers that belong to it, as the platform tells it. */
  readonly heapBytes: number
  /** Of the process, as the platform tells it. */
  readonly rssBytes: number
  /** The largest `usedBytes` seen, looked at once a second. */
  readonly peakBytes: number
  /** What an engine takes that holds nothing. */
  readonly startupBytes: number
  /** All that is not data: start-up, buffers of clients, dictionaries. */
  readonly overheadBytes: number
  readonly datasetBytes: number
  readonly clientsBytes: number
  /** Dictionaries of all databases. */
  readonly dictsBytes: number
  /** Databases that are not empty. */
  readonly databases: readonly { readonly index: number; readonly dictBytes: number }[]
  readonly keys: number
  readonly clients: number
}

/** All clients, for the CLIENT command. */
export interface Sessions extends Iterable<Session> {
  get(id: number): Session | undefined
  /** Disconnects; the calling client after its reply. */
  kill(session: Session): void
  /** @returns whether the client was blocked. */
  unblock(session: Session, withError: boolean): boolean
  /** Holds every command back until `resume`, which is to be called as often. */
  suspend(): void
  resume(): void
  pause(untilMs: number, onlyWrites: boolean): void
  unpause(): void
}

/** MULTI and what belongs to it. */
export interface Transactions {
  begin(session: Session): void
  execute(session: Session): Reply
  discard(session: Session): void
  watch(session: Session, keys: readonly string[]): void
  unwatch(session: Session): void
}

/** The settings that handlers read, by their names in camel case. */
export interface Settings {
  readonly enableProtectedConfigs: 'no' | 'yes' | 'local'
  /** Bytes. */
  readonly protoMaxBulkLen: number
  readonly enableDebugCommand: 'no' | 'yes' | 'local'
  /** Bytes; 0 for no limit. */
  readonly maxmemory: number
  /** Ms; 0 while nothing is noted. */
  readonly latencyMonitorThreshold: number
  /** As CONFIG GET prints it, e.g. `allkeys-lru`. */
  readonly maxmemoryPolicy: string
  /** Whether strings are compressed where data is written as RDB. */
  readonly rdbcompression: boolean
}

/** CONFIG's view of the settings. */
export interface ConfigAccess {
  /** Names and values in turn. */
  get(patterns: readonly string[]): string[]
  /**
   * Names and values in turn; all or nothing.
   * @param allowProtected whether this client may change what enable-protected-configs guards
   * @throws CommandError
   */
  set(pairs: readonly string[], allowProtected: boolean): void
}
