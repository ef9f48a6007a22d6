/** The section "Stats" of INFO: counters since the start, or since CONFIG RESETSTAT. */

import type { Engine } from './engine.js'
import type { InfoFields } from './info.js'

export function statsFields(engine: Engine): InfoFields {
  const { stats, keyspace, pubsub, timing } = engine
  const { rates } = stats
  const { overLimitMs } = engine.eviction
  const { refusals } = engine.access
  const kilobytes = (bytes: number) => (bytes / 1024).toFixed(2)
  return [
    ['total_connections_received', stats.connections],
    ['total_commands_processed', stats.commands],
    ['instantaneous_ops_per_sec', Math.round(rates.commands)],
    ['total_net_input_bytes', stats.bytesRead],
    ['total_net_output_bytes', stats.bytesWritten],
    ['total_net_repl_input_bytes', 0],
    ['total_net_repl_output_bytes', 0],
    ['instantaneous_input_kbps', kilobytes(rates.bytesRead)],
    ['instantaneous_output_kbps', kilobytes(rates.bytesWritten)],
    ['instantaneous_input_repl_kbps', '0.00'],
    ['instantaneous_output_repl_kbps', '0.00'],
    ['rejected_connections', stats.rejectedConnections],
    ['sync_full', 0],
    ['sync_partial_ok', 0],
    ['sync_partial_err', 0],
    ['expired_subkeys', keyspace.expiredFields],
    ['expired_keys', keyspace.expiredKeys],
    ['expired_stale_perc', '0.00'],
    ['expired_time_cap_reached_count', stats.expirySlicesCutShort],
    ['expire_cycle_cpu_milliseconds', Math.round(stats.expiryMs)],
    ['evicted_keys', keyspace.evictedKeys],
    ['evicted_clients', stats.evictedClients],
    ['evicted_scripts', 0],
    ['total_eviction_exceeded_time', Math.floor(overLimitMs.total)],
    ['current_eviction_exceeded_time', Math.floor(overLimitMs.current)],
    ['keyspace_hits', keyspace.hits],
    ['keyspace_misses', keyspace.misses],
    ['pubsub_channels', pubsub.topicCount('channel')],
    ['pubsub_patterns', pubsub.topicCount('pattern')],
    ['pubsubshard_channels', pubsub.topicCount('shardChannel')],
    ['latest_fork_usec', 0],
    ['total_forks', 0],
    ['migrate_cached_sockets', 0],
    ['slave_expires_tracked_keys', 0],
    ['active_defrag_hits', 0],
    ['active_defrag_misses', 0],
    ['active_defrag_key_hits', 0],
    ['active_defrag_key_misses', 0],
    ['total_active_defrag_time', 0],
    ['current_active_defrag_time', 0],
    ['tracking_total_keys', 0],
    ['tracking_total_items', 0],
    ['tracking_total_prefixes', 0],
    ['unexpected_error_replies', 0],
    ['total_error_replies', stats.errorReplies],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', stats.reads],
    ['total_writes_processed', stats.writes],
    ['io_threaded_reads_processed', 0],
    ['io_threaded_writes_processed', 0],
    ['client_query_buffer_limit_disconnections', stats.queryLimitDisconnections],
    ['client_output_buffer_limit_disconnections', stats.outputLimitDisconnections],
    ['reply_buffer_shrinks', 0],
    ['reply_buffer_expands', 0],
    ['eventloop_cycles', timing.turns],
    ['eventloop_duration_sum', Math.round(timing.turnsMs * 1000)],
    ['eventloop_duration_cmd_sum', commandMicros(engine)],
    ['instantaneous_eventloop_cycles_per_sec', Math.round(rates.turns)],
    ['instantaneous_eventloop_duration_usec', Math.round(rates.turnMs * 1000)],
    ['acl_access_denied_auth', refusals.auth],
    ['acl_access_denied_cmd', refusals.command],
    ['acl_access_denied_key', refusals.key],
    ['acl_access_denied_channel', refusals.channel],
  ]
}

/** Time that commands took, as far as the clock was read. */
function commandMicros({ commands }: Engine): number {
  let micros = 0
  for (const { stats } of commands.withSubcommands()) micros += stats.microseconds
  return Math.round(micros)
}
