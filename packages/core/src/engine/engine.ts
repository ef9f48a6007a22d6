/**
 * The engine: everything below it put together and set going. A host connects clients (`connect`), hands in
 * their commands (`execute`), and gets replies through each session's sink.
 *
 * The way of a command: look-up and checks, queueing in a transaction, the handler, its effects, then the
 * service of blocked clients that it made ready. What a command entails beyond its own reply is done here and
 * in the keyspace, never by the handler.
 */

import { CommandError, fail, LOADING } from '../base/errors.js'
import type { Host } from '../base/host.js'
import { lower } from '../base/lowercase.js'
import type { Outgoing } from '../base/outgoing.js'
import { randomRunId } from '../base/random.js'
import { Block } from '../commands/block.js'
import type { Command } from '../commands/command.js'
import type { MemoryReport, Server, ShutdownOptions } from '../commands/context.js'
import { CommandTable } from '../commands/table.js'
import type { Database } from '../keyspace/database.js'
import { Keyspace, type KeyspaceListener } from '../keyspace/keyspace.js'
import type { Value } from '../keyspace/value.js'
import { ErrorReply, QUEUED, type Reply } from '../protocol/reply.js'
import { WordCache } from '../protocol/word-cache.js'
import { AccessManager } from './acl/access-manager.js'
import { type BlockedCommand, Blocking, type Served } from './blocking.js'
import { ClientEviction } from './client-eviction.js'
import { CommandTiming } from './command-timing.js'
import { CommitGate } from './commit-gate.js'
import { Config, type Settings } from './config.js'
import type { ConfigFiles } from './config-file.js'
import { rewriteConfigFile } from './config-rewrite.js'
import { CommandContext } from './context.js'
import { Cron } from './cron.js'
import { type Durability, NO_DURABILITY } from './durability.js'
import { EffectStream } from './effects.js'
import { Eviction, OUT_OF_MEMORY } from './eviction.js'
import { infoText } from './info.js'
import { LatencyMonitor } from './latency-monitor.js'
import { Memory } from './memory.js'
import { Monitors } from './monitors.js'
import { Notifications } from './notifications.js'
import { isForSubscribers, PubSub } from './pubsub.js'
import {
  abortedBy,
  notWhileSubscribed,
  protectedCommand,
  unknownCommand,
  unknownSubcommand,
  wrongArguments,
} from './refusals.js'
import { ClientSession, type ConnectionInfo, type SessionSink } from './session.js'
import { SessionRegistry } from './session-registry.js'
import { SlowLog } from './slow-log.js'
import { Stats } from './stats.js'
import { isQueued, TransactionManager } from './transactions.js'
import { Turns } from './turns.js'

const FOR_LISTENERS = "ERR Replica can't interact with the keyspace"
const UNBLOCKED = 'UNBLOCKED client unblocked via CLIENT UNBLOCK'

export interface EngineOptions {
  /** The settings to start with; Redis's defaults otherwise. */
  readonly config?: Config
  /** The file that the settings came from, as INFO shows it. */
  readonly configFile?: string
  /** Where the configuration file and the ACL file are; without it there are none. */
  readonly files?: ConfigFiles
  /** Connects to other servers, for MIGRATE; without it the command is refused. */
  readonly outgoing?: Outgoing
  /** Keeps the data; without it all of it is gone with the engine. See `persistIn`. */
  readonly durability?: (engine: Engine) => Durability
  /** What SHUTDOWN does; without it the command is refused. */
  readonly onShutdown?: () => void
}

export class Engine implements Server, KeyspaceListener {
  readonly config: Config
  readonly keyspace: Keyspace
  readonly commands = new CommandTable()
  readonly stats = new Stats()
  readonly slowLog: SlowLog
  readonly latency: LatencyMonitor
  readonly timing: CommandTiming
  readonly monitors: Monitors
  readonly effects = new EffectStream()
  readonly gate = new CommitGate()
  readonly persistence: Durability
  /** One snapshot is taken at a time. */
  readonly snapshotTurns = new Turns()
  /** Source of libraries of functions that came with the data: they are kept and passed on with it. */
  functions: readonly string[] = []
  readonly usedMemory: Memory
  readonly eviction: Eviction
  readonly sessions: SessionRegistry
  readonly access: AccessManager
  readonly transactions: TransactionManager
  readonly blocking: Blocking
  readonly pubsub = new PubSub(() => this.#notifications.update())
  /** Shared by the parsers of all connections. */
  readonly words: WordCache
  readonly runId: string
  replicationId: string
  /** When the engine was made, Unix time in ms. */
  readonly startedMs: number
  activeExpire = true
  cronPaused = false

  /** Monotonic time in ms of the last tick of the cron: near enough for who was active when. */
  tickMs = 0
  readonly #context: CommandContext
  readonly #notifications: Notifications
  readonly #clientEviction: ClientEviction
  readonly #cron: Cron
  readonly #options: EngineOptions
  #resumed: ClientSession[] = []

  constructor(
    readonly host: Host,
    options: EngineOptions = {},
  ) {
    this.#options = options
    this.config = options.config ?? new Config()
    this.keyspace = new Keyspace(host, this.config.settings.databases, this, this.config.encodings)
    this.slowLog = new SlowLog(host, this.settings)
    this.latency = new LatencyMonitor(host, this.settings)
    this.timing = new CommandTiming(host, this.config, this.slowLog, this.latency)
    this.monitors = new Monitors(host, this.config)
    this.words = new WordCache(host.bytes)
    this.runId = randomRunId(() => host.random())
    this.replicationId = randomRunId(() => host.random())
    this.startedMs = host.now()
    this.blocking = new Blocking(
      host,
      (blocked) => this.#retry(blocked),
      (session) => {
        session.commandEnds()
        this.#resumeSoon(session)
      },
    )
    this.#notifications = new Notifications(this.config, this.keyspace, this.pubsub)
    this.transactions = new TransactionManager(
      (session, { command, args }) => this.#runInTransaction(session, command, args),
      () => this.#updateWatching(),
    )
    this.sessions = new SessionRegistry(host, {
      disconnect: (session) => this.#disconnect(session),
      unblock: (session, withError) => this.#unblock(session, withError),
      pauseChanged: (writesPaused) => {
        this.keyspace.keepsExpired = writesPaused
      },
      // Not now: the command that ended the pause is still running.
      runPostponed: (sessions) => host.defer(() => this.#runPostponed(sessions)),
    })
    this.access = new AccessManager({
      host,
      settings: this.settings,
      commands: this.commands,
      sessions: this.sessions,
      files: options.files,
    })
    this.access.loadConfigured(this.config.userLines)
    this.config.onChange(['requirepass'], ({ requirepass }) => {
      this.access.setDefaultPassword(requirepass)
      return undefined
    })
    this.usedMemory = new Memory(host, this.keyspace, this.sessions)
    this.eviction = new Eviction(this)
    this.#clientEviction = new ClientEviction(this)
    this.config.warnBy((warning) => host.log('warning', warning))
    this.#context = new CommandContext(this.keyspace, this)
    this.persistence = options.durability?.(this) ?? NO_DURABILITY
    if (this.persistence === NO_DURABILITY) this.#promiseNoFiles()
    this.#cron = new Cron(this)
    this.#cron.start()
  }

  /** Settings must not promise files that nobody writes. */
  #promiseNoFiles(): void {
    this.config.adopt('save', '')
    const refusal = ({ save, appendonly }: Settings) =>
      save.length > 0 || appendonly ? 'this engine has no storage to save to' : undefined
    const reason = refusal(this.settings)
    if (reason !== undefined) throw new Error(`Cannot set 'appendonly' to 'yes': ${reason}`)
    this.config.onChange(['save', 'appendonly'], refusal)
  }

  get settings(): Settings {
    return this.config.settings
  }

  /** Whether what clients take has to be known all the time. */
  get limitsMemory(): boolean {
    return this.eviction.isLimited || this.#clientEviction.isLimited
  }

  // ---- clients ------------------------------------------------------------------------------------------

  /**
   * Reads in what the storage has; until then commands are refused.
   * @throws Error that says which file is damaged, where, and why: nothing was changed there, and the engine is not
   * to be used
   */
  load(): Promise<void> {
    return this.persistence.load()
  }

  /** A new client. @throws CommandError when there are `maxclients` already; the connection is to be closed. */
  connect(sink: SessionSink, info: ConnectionInfo): ClientSession {
    if (this.sessions.count >= this.settings.maxclients) {
      this.stats.rejectedConnections++
      fail('ERR max number of clients reached')
    }
    const session = new ClientSession(
      this.sessions.takeId(),
      sink,
      info,
      this.keyspace.databases[0] as Database,
      this.access.defaultUser,
      this.access.isOpen,
      this.host,
      this.gate,
      (reset) => this.#reset(reset),
    )
    this.sessions.add(session)
    this.stats.connections++
    return session
  }

  /** The client has gone, of its own accord or not: everything it held is given up, and nothing more is run. */
  disconnected(session: ClientSession): void {
    session.closing = true
    this.blocking.forget(session)
    this.transactions.abandon(session)
    this.pubsub.forget(session)
    this.monitors.remove(session)
    this.sessions.remove(session)
    this.#updateWatching()
  }

  // ---- commands -----------------------------------------------------------------------------------------

  /** Runs one command of a client that is not waiting; the reply goes to its sink, now or later. */
  execute(session: ClientSession, args: readonly string[]): void {
    this.keyspace.releaseClock()
    this.sessions.current = session
    session.commandBegins()
    const reply = this.#admit(session, args)
    this.sessions.current = undefined
    // Before the reply: the journal decides whether it has to wait.
    const wrote = this.effects.flush()
    if (reply !== undefined) session.deliver(reply, wrote)
    session.commandEnds()
    if (this.timing.isOpen) this.#timed(session, session.lastCommand as Command, args)
    this.endUnit()
  }

  /** A turn of the event loop begins in which clients are served. May be called again before its end. */
  beginTurn(): void {
    this.timing.beginTurn()
  }

  /**
   * To be called before replies leave the process, at the end of a turn of the event loop: what they acknowledge
   * goes to the medium first.
   */
  endTurn(): void {
    this.timing.endTurn()
    if (this.#clientEviction.isLimited) this.#clientEviction.makeRoom()
    this.persistence.endTurn()
  }

  /** Sends off the effects collected, and serves the clients that wait for what has changed. */
  endUnit(): void {
    this.effects.flush()
    if (!this.blocking.hasReady) return
    this.blocking.serve()
    // The look at a ready key may have found that it has expired.
    this.effects.flush()
  }

  /** All checks before a command runs. @returns its reply, or undefined if the client has to wait for it. */
  #admit(session: ClientSession, args: readonly string[]): Reply | undefined {
    const named = this.commands.find(args[0] as string)
    if (named === undefined) return this.#refuse(session, undefined, unknownCommand(args))
    let command = named
    if (named.subcommands !== undefined && args.length > 1) {
      const subcommand = named.subcommands.get(lower(args[1] as string))
      if (subcommand === undefined) return this.#refuse(session, named, unknownSubcommand(named, args))
      command = subcommand
    }
    session.lastCommand = command
    if (!command.accepts(args.length) || command.handler === undefined) {
      return this.#refuse(session, command, wrongArguments(command))
    }
    if (command.isProtected && !this.#allowsDebug(session)) {
      return this.#refuse(session, command, protectedCommand(command))
    }
    if (session.queue !== undefined && command.forbidsMulti) {
      return this.#refuse(session, command, 'ERR Command not allowed inside a transaction')
    }
    if (!session.mayDoAll) {
      const refusal = this.access.refusal(session, command, args)
      if (refusal !== undefined) return this.#refuse(session, command, refusal)
    }
    if (this.#clientEviction.isLimited) {
      this.#clientEviction.makeRoom()
      if (session.closing) return undefined
    }
    const { persistence, eviction } = this
    if (eviction.isLimited && !eviction.makeRoom() && eviction.refuses(command, session)) {
      return this.#refuse(session, command, OUT_OF_MEMORY)
    }
    if (persistence.writeRefusal !== undefined && writes(command, session)) {
      return this.#refuse(session, command, persistence.writeRefusal)
    }
    if (session.inSubscriberMode && !isForSubscribers(command.name)) {
      return this.#refuse(session, command, notWhileSubscribed(command))
    }
    if (persistence.loading && !command.allowedWhileLoading) {
      return this.#refuse(session, command, LOADING)
    }
    if (session.isMonitor && command.usesData) {
      return this.#refuse(session, command, FOR_LISTENERS)
    }
    if (this.sessions.holdsBack(command, session)) {
      this.sessions.postpone(session, args)
      return undefined
    }
    if (session.queue !== undefined && isQueued(command.name)) {
      this.transactions.enqueue(session, command, args)
      return QUEUED
    }
    const result = this.#call(session, command, args)
    if (!(result instanceof Block)) return result
    this.blocking.add(session, command, args, result)
    this.#updateWatching()
    if (result.work !== undefined) void this.#wait(command, session.blocked as BlockedCommand, result.work)
    return undefined
  }

  /** Replies to a client with the result of work that is done outside of the engine. */
  async #wait(command: Command, blocked: BlockedCommand, work: () => Promise<Reply>): Promise<void> {
    let reply: Reply
    try {
      reply = await work()
    } catch (error) {
      reply = this.#failure(command, error)
      command.stats.failed++
    }
    this.keyspace.releaseClock()
    const wrote = this.effects.flush()
    if (blocked.session.blocked === blocked) this.blocking.release(blocked, reply, wrote)
    this.endUnit()
  }

  #refuse(session: ClientSession, command: Command | undefined, message: string): ErrorReply {
    if (command !== undefined) command.stats.rejected++
    this.stats.countError(message)
    session.lastActiveMs = this.tickMs
    session.queueFailed = session.queue !== undefined
    if (command?.name !== 'exec') return new ErrorReply(message)
    this.transactions.abandon(session)
    return new ErrorReply(abortedBy(message))
  }

  #allowsDebug(session: ClientSession): boolean {
    const allowed = this.settings.enableDebugCommand
    return allowed === 'yes' || (allowed === 'local' && session.isLocal)
  }

  /** Runs a command for the first time. */
  #call(session: ClientSession, command: Command, args: readonly string[]): Reply | Block {
    const result = this.#run(session, command, args)
    command.stats.calls++
    this.stats.commands++
    if (this.monitors.count > 0) this.monitors.show(session, command, args)
    return result
  }

  /** Runs a handler and sees to its time, errors and effects. */
  #run(session: ClientSession, command: Command, args: readonly string[]): Reply | Block {
    const context = this.#context
    const { keyspace } = this
    const { stats } = command
    context.session = session
    context.db = session.db
    context.command = command
    context.effects = undefined
    keyspace.touches = !session.noTouch || command.name === 'touch'
    const dirty = keyspace.dirty
    const startMs = this.timing.begin(stats, args.length)
    let result: Reply | Block
    try {
      result = (command.handler as NonNullable<typeof command.handler>)(context, args)
    } catch (error) {
      result = this.#failure(command, error)
      stats.failed++
    }
    this.timing.ran(startMs, session, command, args, result)
    session.lastActiveMs = this.tickMs
    if (this.effects.active) this.#collectEffects(context, args, keyspace.dirty !== dirty)
    return result
  }

  #collectEffects(context: CommandContext, args: readonly string[], changed: boolean): void {
    if (context.effects !== undefined)
      for (const effect of context.effects) this.effects.add(context.db, effect)
    else if (changed) this.effects.add(context.db, args)
  }

  #failure(command: Command, error: unknown): ErrorReply {
    if (error instanceof CommandError) {
      this.stats.countError(error.message)
      return new ErrorReply(error.message)
    }
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.host.log('warning', `Unexpected error in command '${command.fullName}': ${details}`)
    const message = `ERR internal error in command '${command.fullName}', see the log`
    this.stats.countError(message)
    return new ErrorReply(message)
  }

  #runInTransaction(session: ClientSession, command: Command, args: readonly string[]): Reply {
    // The user may have changed since the command was queued.
    if (!session.mayDoAll) {
      const refusal = this.access.refusalInExec(session, command, args)
      if (refusal !== undefined) {
        this.stats.countError(refusal)
        return new ErrorReply(refusal)
      }
    }
    const result = this.#call(session, command, args)
    if (this.timing.isOpen) this.timing.finish(session, command, args)
    return result instanceof Block ? result.withoutWaiting : result
  }

  /** The reply to a command has been written, if there is one already. */
  #timed(session: ClientSession, command: Command, args: readonly string[]): void {
    if (session.blocked === undefined) this.timing.finish(session, command, args)
    else this.timing.drop()
  }

  #retry(blocked: BlockedCommand): Served | undefined {
    const { session, command, args } = blocked
    const { db } = session
    this.keyspace.releaseClock()
    // The user may have changed since the command was blocked.
    if (!session.mayDoAll) {
      const refusal = this.access.refusal(session, command, args)
      if (refusal !== undefined) return { reply: this.#refuse(session, command, refusal), wrote: false }
    }
    session.db = blocked.db
    session.commandBegins()
    const result = this.#run(session, blocked.command, blocked.args)
    session.db = db
    const wrote = this.effects.flush()
    if (!(result instanceof Block)) {
      if (this.timing.isOpen) this.timing.finish(session, blocked.command, blocked.args, 'command-unblocking')
      return { reply: result, wrote }
    }
    this.timing.drop()
    session.commandEnds()
    return undefined
  }

  // ---- what the keyspace tells --------------------------------------------------------------------------

  keyChanged(db: Database, key: string, value: Value | undefined): void {
    if (this.transactions.watchingCount > 0) this.transactions.keyChanged(db, key)
    this.keyReady(db, key, value)
  }

  keyReady(db: Database, key: string, value: Value | undefined): void {
    if (this.blocking.count > 0) this.blocking.keyChanged(db, key, value)
  }

  event(_class: number, event: string, key: string, db: Database): void {
    this.#notifications.event(event, key, db.index)
  }

  effect(db: Database, command: readonly string[]): void {
    this.effects.add(db, command)
  }

  contentsWillChange(db: Database, other?: Database): void {
    this.transactions.databaseChanges(db, other)
  }

  contentsChanged(db: Database): void {
    this.blocking.databaseChanged(db)
  }

  // ---- services for commands ----------------------------------------------------------------------------

  info(sections: readonly string[]): string {
    return infoText(this, sections)
  }

  monitor(session: ClientSession): boolean {
    return this.monitors.add(session)
  }

  memory(): MemoryReport {
    return this.usedMemory.report()
  }

  get outgoing(): Outgoing | undefined {
    return this.#options.outgoing
  }

  get configFile(): string {
    return this.#options.configFile ?? ''
  }

  rewriteConfig(withDefaults = false): void {
    const { config, configFile, host, settings } = this
    const { files } = this.#options
    if (configFile === '' || files === undefined) fail('ERR The server is running without a config file')
    const users = settings.aclfile === '' ? this.access.users() : []
    const lines = users.map((user) => `user ${user.name} ${user.describe()}`)
    try {
      rewriteConfigFile(config, configFile, files, lines, withDefaults)
    } catch (error) {
      const reason = (error as Error).message
      host.log('warning', `CONFIG REWRITE failed: ${reason}`)
      fail(`ERR Rewriting config file: ${reason}`)
    }
    host.log('notice', 'CONFIG REWRITE executed with success.')
  }

  resetStats(): void {
    this.stats.reset()
    this.timing.resetStats()
    this.usedMemory.resetPeak()
    this.eviction.resetStats()
    this.keyspace.resetStats()
    for (const command of this.commands.withSubcommands()) command.stats.reset()
  }

  async shutdown(options: ShutdownOptions): Promise<void> {
    const { onShutdown } = this.#options
    if (onShutdown === undefined) fail('ERR SHUTDOWN is not possible: the engine runs inside another program')
    await this.persistence.prepareShutdown(options)
    onShutdown()
  }

  flushedAll(): void {
    this.persistence.flushedAll()
  }

  sleep(seconds: number): void {
    const endMs = this.host.monotonic() + seconds * 1000
    while (this.host.monotonic() < endMs);
  }

  /**
   * Stops the timers and disconnects everybody; the engine is not to be used any more. When the promise resolves,
   * what was acknowledged is on the medium and the medium is free for others.
   */
  close(): Promise<void> {
    this.#cron.stop()
    this.eviction.stop()
    this.sessions.stop()
    for (const session of [...this.sessions]) this.#disconnect(session)
    return this.persistence.close()
  }

  // ---- the rest -----------------------------------------------------------------------------------------

  #updateWatching(): void {
    this.keyspace.watchesChanges = this.transactions.watchingCount > 0 || this.blocking.count > 0
  }

  /** CLIENT UNBLOCK. @returns whether the client was blocked */
  #unblock({ blocked }: ClientSession, withError: boolean): boolean {
    if (blocked === undefined || !blocked.block.canBeUnblocked) return false
    const { command, block } = blocked
    if (withError) {
      command.stats.failed++
      this.stats.countError(UNBLOCKED)
    }
    this.blocking.release(blocked, withError ? new ErrorReply(UNBLOCKED) : block.onTimeout)
    return true
  }

  /** Disconnects a client at once: what it has not been sent is dropped. */
  abort(session: ClientSession): void {
    const { sink } = session
    if (sink.abort === undefined) this.#disconnect(session)
    else sink.abort()
  }

  #disconnect(session: ClientSession): void {
    this.disconnected(session)
    session.sink.close()
  }

  #reset(session: ClientSession): void {
    this.transactions.abandon(session)
    this.pubsub.forget(session)
    this.monitors.remove(session)
    session.db = this.keyspace.databases[0] as Database
    this.access.reset(session)
  }

  #runPostponed(sessions: readonly ClientSession[]): void {
    for (const session of sessions) {
      const args = session.postponed
      if (args === undefined) continue
      session.postponed = undefined
      this.execute(session, args)
      if (!session.waiting) session.sink.resume()
    }
  }

  /** Lets a client that no longer waits go on with its input, once the running command is done. */
  #resumeSoon(session: ClientSession): void {
    this.#updateWatching()
    this.#resumed.push(session)
    if (this.#resumed.length > 1) return
    this.host.defer(() => {
      const resumed = this.#resumed
      this.#resumed = []
      for (const each of resumed) if (!each.waiting) each.sink.resume()
    })
  }
}

/** Whether a command is refused while nothing can be written; PING is, so that watchers notice. */
function writes(command: Command, session: ClientSession): boolean {
  if (command.name === 'exec') return session.queue?.some((queued) => queued.command.isWrite) === true
  return command.isWrite || command.name === 'ping'
}
