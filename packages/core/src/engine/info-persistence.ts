/** The section Persistence of INFO. */

import type { Engine } from './engine.js'
import type { InfoFields } from './info.js'

/** What is to be told of snapshots and the journal. Times are in seconds; -1 where there is none. */
export interface PersistenceFacts {
  /** What is being read in; undefined when nothing is. */
  readonly loading: LoadFacts | undefined
  /** The snapshot under way. */
  readonly job: JobFacts | undefined
  readonly changesSinceSave: number
  readonly lastSaveSeconds: number
  readonly lastSaveFailed: boolean
  readonly lastSaveTookSeconds: number
  readonly saves: number
  readonly keysLoaded: number
  readonly keysExpiredInLoading: number
  readonly rewriteIsScheduled: boolean
  readonly lastRewriteFailed: boolean
  readonly lastRewriteTookSeconds: number
  readonly rewrites: number
  readonly rewriteFailures: number
  readonly journal: JournalFacts | undefined
}

export interface LoadFacts {
  /** Unix time in ms. */
  readonly startMs: number
  readonly bytesTotal: number
  readonly bytesDone: number
}

export interface JobFacts {
  readonly purpose: 'rdb' | 'aof'
  /** Unix time in ms. */
  readonly startMs: number
  readonly keysDone: number
  readonly keysTotal: number
}

export interface JournalFacts {
  readonly failed: boolean
  /** Bytes of all files, now and after the last rewrite. */
  readonly bytes: number
  readonly rewrittenBytes: number
  readonly backlogBytes: number
  readonly isSyncing: boolean
  readonly delayedSyncs: number
}

const NONE = -1

/** The facts of an engine that keeps nothing. */
export const NO_PERSISTENCE_FACTS: PersistenceFacts = {
  loading: undefined,
  job: undefined,
  changesSinceSave: 0,
  lastSaveSeconds: 0,
  lastSaveFailed: false,
  lastSaveTookSeconds: NONE,
  saves: 0,
  keysLoaded: 0,
  keysExpiredInLoading: 0,
  rewriteIsScheduled: false,
  lastRewriteFailed: false,
  lastRewriteTookSeconds: NONE,
  rewrites: 0,
  rewriteFailures: 0,
  journal: undefined,
}

export function persistenceFields(engine: Engine): InfoFields {
  const facts = engine.persistence.facts()
  const { loading, job, journal } = facts
  const nowMs = engine.host.now()
  const jobSeconds = job === undefined ? NONE : secondsSince(job.startMs, nowMs)
  const isSaving = job?.purpose === 'rdb'
  const isRewriting = job?.purpose === 'aof'
  return [
    ['loading', bit(loading !== undefined)],
    ['async_loading', 0],
    // Nothing is copied for a snapshot.
    ['current_cow_peak', 0],
    ['current_cow_size', 0],
    ['current_cow_size_age', 0],
    ['current_fork_perc', percent(job?.keysDone ?? 0, job?.keysTotal ?? 0)],
    ['current_save_keys_processed', job?.keysDone ?? 0],
    ['current_save_keys_total', job?.keysTotal ?? 0],
    ['rdb_changes_since_last_save', facts.changesSinceSave],
    ['rdb_bgsave_in_progress', bit(isSaving)],
    ['rdb_last_save_time', facts.lastSaveSeconds],
    ['rdb_last_bgsave_status', status(facts.lastSaveFailed)],
    ['rdb_last_bgsave_time_sec', facts.lastSaveTookSeconds],
    ['rdb_current_bgsave_time_sec', isSaving ? jobSeconds : NONE],
    ['rdb_saves', facts.saves],
    ['rdb_last_cow_size', 0],
    ['rdb_last_load_keys_expired', facts.keysExpiredInLoading],
    ['rdb_last_load_keys_loaded', facts.keysLoaded],
    ['aof_enabled', bit(journal !== undefined)],
    ['aof_rewrite_in_progress', bit(isRewriting)],
    ['aof_rewrite_scheduled', bit(facts.rewriteIsScheduled)],
    ['aof_last_rewrite_time_sec', facts.lastRewriteTookSeconds],
    ['aof_current_rewrite_time_sec', isRewriting ? jobSeconds : NONE],
    ['aof_last_bgrewrite_status', status(facts.lastRewriteFailed)],
    ['aof_rewrites', facts.rewrites],
    ['aof_rewrites_consecutive_failures', facts.rewriteFailures],
    ['aof_last_write_status', status(journal?.failed === true)],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ...(journal === undefined ? [] : journalFields(journal)),
    ...(loading === undefined ? [] : loadFields(loading, nowMs)),
  ]
}

function journalFields(journal: JournalFacts): InfoFields {
  return [
    ['aof_current_size', journal.bytes],
    ['aof_base_size', journal.rewrittenBytes],
    ['aof_pending_rewrite', 0],
    ['aof_buffer_length', journal.backlogBytes],
    ['aof_pending_bio_fsync', bit(journal.isSyncing)],
    ['aof_delayed_fsync', journal.delayedSyncs],
  ]
}

function loadFields({ startMs, bytesTotal, bytesDone }: LoadFacts, nowMs: number): InfoFields {
  const seconds = Math.max(1, secondsSince(startMs, nowMs))
  const bytesLeft = Math.max(0, bytesTotal - bytesDone)
  return [
    ['loading_start_time', Math.floor(startMs / 1000)],
    ['loading_total_bytes', bytesTotal],
    ['loading_rdb_used_mem', 0],
    ['loading_loaded_bytes', bytesDone],
    ['loading_loaded_perc', percent(bytesDone, bytesTotal)],
    ['loading_eta_seconds', bytesDone === 0 ? 1 : Math.floor((seconds * bytesLeft) / bytesDone)],
  ]
}

function secondsSince(startMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - startMs) / 1000))
}

function bit(value: boolean): 0 | 1 {
  return value ? 1 : 0
}

function status(failed: boolean): 'ok' | 'err' {
  return failed ? 'err' : 'ok'
}

function percent(done: number, total: number): string {
  return (total === 0 ? 0 : (done * 100) / total).toFixed(2)
}
