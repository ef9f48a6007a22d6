/**
 * How long commands take: for SLOWLOG, LATENCY and the times in INFO.
 *
 * Reading the clock costs as much as a quick command, so what is known to take little is timed in three ways.
 * One call in some is timed by itself, for the statistics. All of them are timed together: a turn's quick commands
 * that follow each other are a run, with one look at the clock at its ends, and only a run that took long is asked
 * which command it was. When that is known of a run of several only by their sizes, each command is timed for a
 * while, so that one which is slow again is caught in the act. What is not quick, and every command once the limit
 * is so low that a run would not tell, is timed by itself.
 */

import type { Host } from '../base/host.js'
import { Block } from '../commands/block.js'
import type { Command } from '../commands/command.js'
import type { CommandStats } from '../commands/command-stats.js'
import type { Reply } from '../protocol/reply.js'
import type { Config, Settings } from './config.js'
import type { LatencyEventName, LatencyMonitor } from './latency-monitor.js'
import { shownArguments } from './secrets.js'
import type { ClientSession } from './session.js'
import type { SlowLog } from './slow-log.js'

/** Commands in one run: they take some microseconds together. */
const RUN_COMMANDS = 32
/** A quick command with more arguments than this may take its time. */
const FEW_ARGUMENTS = 16
/** Under a limit below this every command is timed by itself. */
const LEAST_RUN_MS = 1
/** How long every command is timed after a run that took long. */
const ALERT_MS = 1000

/** A command of a run. They are used again and again: making one costs more than all the rest. */
class Ran {
  session: ClientSession | undefined
  command: Command | undefined
  args: readonly string[] | undefined
  reply: Reply | Block | undefined
}

export class CommandTiming {
  /** Turns of the event loop in which clients were served, and how long they took. */
  turns = 0
  turnsMs = 0

  /** Whether every command is timed by itself. */
  #isExact = false
  /** Until when that is so although the settings do not ask for it. */
  #alertEndMs = 0
  /** What takes so long is to be told of; infinite if nothing is. */
  #limitMs = Number.POSITIVE_INFINITY
  #inTurn = false
  #turnStartMs = 0
  /** When the command that is being timed began, -1 if there is none. */
  #startMs = -1
  /** When the current run began. */
  #runStartMs = 0
  readonly #run: readonly Ran[] = Array.from({ length: RUN_COMMANDS }, () => new Ran())
  #runLength = 0

  readonly #settings: Settings

  constructor(
    private readonly host: Host,
    private readonly config: Config,
    private readonly slowLog: SlowLog,
    private readonly latency: LatencyMonitor,
  ) {
    this.#settings = config.settings
    this.#adopt()
    config.onChange(['slowlog-log-slower-than', 'latency-monitor-threshold'], () => this.#adopt())
  }

  #adopt(): undefined {
    const { slowlogLogSlowerThan, latencyMonitorThreshold } = this.#settings
    const slowMs = slowlogLogSlowerThan < 0 ? Number.POSITIVE_INFINITY : slowlogLogSlowerThan / 1000
    const latencyMs = latencyMonitorThreshold === 0 ? Number.POSITIVE_INFINITY : latencyMonitorThreshold
    this.#limitMs = Math.min(slowMs, latencyMs)
    this.#isExact = this.#limitMs < LEAST_RUN_MS
    this.#clearRun()
  }

  resetStats(): void {
    this.turns = 0
    this.turnsMs = 0
  }

  // ---- turns --------------------------------------------------------------------------------------------

  /** A turn of the event loop begins in which clients are served, and with it a run; `endTurn` is to follow. */
  beginTurn(): void {
    if (this.#inTurn) return
    this.#inTurn = true
    this.#turnStartMs = this.#runStartMs = this.host.monotonic()
  }

  endTurn(): void {
    if (!this.#inTurn) return
    this.#inTurn = false
    const nowMs = this.host.monotonic()
    this.turns++
    this.turnsMs += nowMs - this.#turnStartMs
    this.#endRun(nowMs)
  }

  // ---- one command --------------------------------------------------------------------------------------

  /** A command begins. @returns what `ran` is to be told: the time, -1 if it is not timed by itself */
  begin(stats: CommandStats, argumentCount: number): number {
    if (!this.#isExact && !stats.timesNext && argumentCount <= FEW_ARGUMENTS) return -1
    const nowMs = this.host.monotonic()
    if (this.#runLength > 0) this.#endRun(nowMs)
    else this.#runStartMs = nowMs
    return nowMs
  }

  /** It has run; its reply may still have to be written. */
  ran(
    startMs: number,
    session: ClientSession,
    command: Command,
    args: readonly string[],
    reply: Reply | Block,
  ): void {
    if (startMs >= 0) this.#startMs = startMs
    else if (this.#inTurn) this.#note(session, command, args, reply)
  }

  #note(session: ClientSession, command: Command, args: readonly string[], reply: Reply | Block): void {
    const ran = this.#run[this.#runLength++] as Ran
    ran.session = session
    ran.command = command
    ran.args = args
    ran.reply = reply
    if (this.#runLength === RUN_COMMANDS) this.#endRun(this.host.monotonic())
  }

  /** Whether the command that ran last is being timed: `finish` or `drop` is to follow. */
  get isOpen(): boolean {
    return this.#startMs >= 0
  }

  /** Its reply has been written. @param event what it counts as, if not simply as a command */
  finish(session: ClientSession, command: Command, args: readonly string[], event?: LatencyEventName): void {
    const nowMs = this.host.monotonic()
    const tookMs = nowMs - this.#startMs
    this.#startMs = -1
    // The quick ones among the commands of a transaction are a run, too.
    if (this.#runLength > 0) this.#endRun(nowMs)
    else this.#runStartMs = nowMs
    command.stats.addTime(tookMs, this.#settings.latencyTracking)
    if (tookMs >= this.#limitMs) this.#report(session, command, args, tookMs, event)
    if (this.#alertEndMs !== 0 && nowMs > this.#alertEndMs) {
      this.#alertEndMs = 0
      this.#isExact = this.#limitMs < LEAST_RUN_MS
    }
  }

  /** It is not over yet: the client waits. */
  drop(): void {
    this.#startMs = -1
  }

  // ---- runs, and what else takes time -------------------------------------------------------------------

  /** Something else than commands took so long just now; it does not count as the time of a run. */
  paused(event: LatencyEventName, tookMs: number): void {
    this.#runStartMs += tookMs
    this.latency.add(event, tookMs)
  }

  #endRun(nowMs: number): void {
    const tookMs = nowMs - this.#runStartMs
    this.#runStartMs = nowMs
    if (tookMs >= this.#limitMs && this.#runLength > 0) {
      const { session, command, args } = this.#heaviest()
      this.#report(session as ClientSession, command as Command, args as readonly string[], tookMs)
      if (this.#runLength > 1) {
        this.#isExact = true
        this.#alertEndMs = nowMs + ALERT_MS
      }
    }
    this.#clearRun()
  }

  /** The one of the run that had most to do, as far as its arguments and its reply tell. */
  #heaviest(): Ran {
    let heaviest = this.#run[0] as Ran
    for (let i = 1; i < this.#runLength; i++) {
      const ran = this.#run[i] as Ran
      if (weightOf(ran) > weightOf(heaviest)) heaviest = ran
    }
    return heaviest
  }

  #clearRun(): void {
    // What is kept here could be large.
    for (let i = 0; i < this.#runLength; i++) {
      const ran = this.#run[i] as Ran
      ran.session = undefined
      ran.args = undefined
      ran.reply = undefined
    }
    this.#runLength = 0
  }

  #report(
    session: ClientSession,
    command: Command,
    args: readonly string[],
    tookMs: number,
    event: LatencyEventName = command.isFast ? 'fast-command' : 'command',
  ): void {
    this.latency.add(event, tookMs)
    const { slowlogLogSlowerThan } = this.#settings
    const micros = Math.floor(tookMs * 1000)
    if (slowlogLogSlowerThan < 0 || micros < slowlogLogSlowerThan || command.skipsSlowLog) return
    this.slowLog.add(shownArguments(command, args, this.config), micros, session.address, session.name)
  }
}

function weightOf({ args, reply }: Ran): number {
  let weight = reply instanceof Block || reply === undefined ? 0 : sizeOf(reply)
  for (const arg of args ?? []) weight += arg.length
  return weight
}

/** Of a string its length, of an array that of all its strings. */
function sizeOf(reply: Reply): number {
  if (typeof reply === 'string') return reply.length
  if (!Array.isArray(reply)) return 0
  return (reply as readonly Reply[]).reduce((sum: number, item) => sum + 1 + sizeOf(item), 0)
}
