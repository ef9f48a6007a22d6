/**
 * The text of INFO: sections of `name:value` lines, with the names, the order and the formats of Redis 7.4, so
 * that tools which read them find what they look for. Values are what is true here; of what Russet does not
 * have (forks, replicas, defragmentation) they are those of a Redis that has not used it yet.
 */

import { REDIS_VERSION, RUSSET_VERSION } from '../base/version.js'
import type { Database } from '../keyspace/database.js'
import type { Engine } from './engine.js'
import { memoryFields } from './info-memory.js'
import { persistenceFields } from './info-persistence.js'
import { statsFields } from './info-stats.js'

export type InfoFields = readonly (readonly [name: string, value: string | number])[]

interface Section {
  readonly title: string
  /** Whether it is part of the text when no section is asked for. */
  readonly usual: boolean
  fields(engine: Engine): InfoFields
}

const SECONDS_A_DAY = 86_400
const NO_REPLICATION_ID = '0'.repeat(40)
/** Keys looked at for the average time to live of a database. */
const TTL_SAMPLES = 64

/** By the names that INFO takes. */
const SECTIONS: { readonly [name: string]: Section } = {
  server: { title: 'Server', usual: true, fields: serverFields },
  clients: { title: 'Clients', usual: true, fields: clientsFields },
  memory: { title: 'Memory', usual: true, fields: memoryFields },
  persistence: { title: 'Persistence', usual: true, fields: persistenceFields },
  stats: { title: 'Stats', usual: true, fields: statsFields },
  replication: { title: 'Replication', usual: true, fields: replicationFields },
  cpu: { title: 'CPU', usual: true, fields: cpuFields },
  modules: { title: 'Modules', usual: true, fields: () => [] },
  commandstats: { title: 'Commandstats', usual: false, fields: commandStatsFields },
  errorstats: { title: 'Errorstats', usual: true, fields: errorStatsFields },
  latencystats: { title: 'Latencystats', usual: false, fields: latencyStatsFields },
  cluster: { title: 'Cluster', usual: true, fields: () => [['cluster_enabled', 0]] },
  keyspace: { title: 'Keyspace', usual: true, fields: keyspaceFields },
}

/** @param wanted names of sections in lower case, `default`, `all` and `everything` included; others are ignored */
export function infoText(engine: Engine, wanted: readonly string[]): string {
  const all = wanted.includes('all') || wanted.includes('everything')
  const usual = wanted.includes('default')
  const sections = Object.entries(SECTIONS).filter(
    ([name, section]) => all || (usual && section.usual) || wanted.includes(name),
  )
  return sections.map(([, section]) => sectionText(section, engine)).join('\r\n')
}

function sectionText({ title, fields }: Section, engine: Engine): string {
  let text = `# ${title}\r\n`
  for (const [name, value] of fields(engine)) text += `${name}:${value}\r\n`
  return text
}

function serverFields(engine: Engine): InfoFields {
  const { host, settings } = engine
  const nowMs = host.now()
  const uptimeSeconds = Math.max(0, Math.floor((nowMs - engine.startedMs) / 1000))
  const listeners: string[] = []
  if (settings.port > 0) listeners.push(`name=tcp,bind=${settings.bind.join(',bind=')},port=${settings.port}`)
  if (settings.unixsocket !== '') listeners.push(`name=unix,bind=${settings.unixsocket}`)
  if (settings.tlsPort > 0)
    listeners.push(`name=tls,bind=${settings.bind.join(',bind=')},port=${settings.tlsPort}`)
  return [
    ['redis_version', REDIS_VERSION],
    ['russet_version', RUSSET_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', 0],
    ['redis_mode', 'standalone'],
    ['os', host.process?.os ?? ''],
    ['arch_bits', 64],
    ['monotonic_clock', 'host'],
    ['multiplexing_api', 'host'],
    ['atomicvar_api', 'none'],
    ['gcc_version', '0.0.0'],
    ['process_id', host.process?.pid ?? 0],
    ['process_supervised', 'no'],
    ['run_id', engine.runId],
    ['tcp_port', settings.port > 0 ? settings.port : settings.tlsPort],
    ['server_time_usec', Math.floor(nowMs * 1000)],
    ['uptime_in_seconds', uptimeSeconds],
    ['uptime_in_days', Math.floor(uptimeSeconds / SECONDS_A_DAY)],
    ['hz', settings.hz],
    ['configured_hz', settings.hz],
    ['lru_clock', Math.floor(nowMs / 1000) & 0xff_ffff],
    ['executable', host.process?.executable ?? ''],
    ['config_file', engine.configFile],
    ['io_threads_active', 0],
    ...listeners.map((text, i) => [`listener${i}`, text] as const),
  ]
}

function clientsFields(engine: Engine): InfoFields {
  const { sessions, blocking, transactions } = engine
  let maxInput = 0
  let maxOutput = 0
  let withTimeout = 0
  for (const session of sessions) {
    const { queryBytes, outputBytes } = session.sink.buffers()
    maxInput = Math.max(maxInput, queryBytes)
    maxOutput = Math.max(maxOutput, outputBytes)
    if (session.blocked !== undefined && session.blocked.block.deadlineMs !== 0) withTimeout++
  }
  return [
    ['connected_clients', sessions.count],
    ['cluster_connections', 0],
    ['maxclients', engine.settings.maxclients],
    ['client_recent_max_input_buffer', maxInput],
    ['client_recent_max_output_buffer', maxOutput],
    ['blocked_clients', blocking.count + sessions.postponedCount],
    ['tracking_clients', 0],
    ['pubsub_clients', engine.pubsub.subscribers],
    ['watching_clients', transactions.watchingCount],
    ['clients_in_timeout_table', withTimeout],
    ['total_watched_keys', transactions.watchedKeys],
    ['total_blocking_keys', blocking.blockingKeys],
    ['total_blocking_keys_on_nokey', blocking.keysBlockedOnLoss],
  ]
}

function replicationFields(engine: Engine): InfoFields {
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
    ['master_replid', engine.replicationId],
    ['master_replid2', NO_REPLICATION_ID],
    ['master_repl_offset', 0],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', engine.settings.replBacklogSize],
    ['repl_backlog_first_byte_offset', 0],
    ['repl_backlog_histlen', 0],
  ]
}

function cpuFields(engine: Engine): InfoFields {
  const { user, system } = engine.host.process?.cpu() ?? { user: 0, system: 0 }
  return [
    ['used_cpu_sys', system.toFixed(6)],
    ['used_cpu_user', user.toFixed(6)],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
  ]
}

function commandStatsFields(engine: Engine): InfoFields {
  const fields: [string, string][] = []
  for (const { fullName, stats } of engine.commands.withSubcommands()) {
    const { calls, rejected, failed } = stats
    if (calls === 0 && rejected === 0) continue
    const micros = Math.round(stats.microseconds)
    const average = calls === 0 ? 0 : micros / calls
    fields.push([
      `cmdstat_${fullName}`,
      `calls=${calls},usec=${micros},usec_per_call=${average.toFixed(2)},rejected_calls=${rejected},failed_calls=${failed}`,
    ])
  }
  return fields
}

function latencyStatsFields({ commands, settings }: Engine): InfoFields {
  const { latencyTracking, latencyTrackingInfoPercentiles: percentiles } = settings
  if (!latencyTracking) return []
  const fields: [string, string][] = []
  for (const { fullName, stats } of commands.withSubcommands()) {
    const { latency } = stats
    if (latency === undefined) continue
    const times = percentiles.map(
      (percentile) =>
        `p${Number(percentile.toFixed(6))}=${(latency.atPercentile(percentile) / 1000).toFixed(3)}`,
    )
    fields.push([`latency_percentiles_usec_${fullName}`, times.join(',')])
  }
  return fields
}

function errorStatsFields(engine: Engine): InfoFields {
  return [...engine.stats.errors].map(([kind, count]) => [`errorstat_${kind}`, `count=${count}`])
}

function keyspaceFields(engine: Engine): InfoFields {
  return engine.keyspace.databases
    .filter(({ size }) => size > 0)
    .map((db) => {
      const { expiring } = db.dict
      const hashes = db.hashesWithExpiringFields.size
      return [
        `db${db.index}`,
        `keys=${db.size},expires=${expiring},avg_ttl=${averageTtlMs(db)},subexpiry=${hashes}`,
      ]
    })
}

/** Estimated from a sample of the keys; 0 if none of them expires. */
function averageTtlMs(db: Database): number {
  if (db.dict.expiring === 0) return 0
  const { now, random } = db.keyspace
  let sum = 0
  let count = 0
  for (let i = 0; i < TTL_SAMPLES; i++) {
    const expiryMs = db.dict.expiryAt(db.dict.randomSlot(random))
    if (expiryMs === 0) continue
    sum += Math.max(0, expiryMs - now)
    count++
  }
  return count === 0 ? 0 : Math.floor(sum / count)
}
