/**
 * Every directive of redis.conf as data: its type with the bounds Redis has, its default, its old name, and
 * whether it can change while the server runs. CONFIG, the configuration file, the command line and the typed
 * `Settings` all come from this table.
 *
 * Four kinds of directive:
 * - those that the engine or the server acts on;
 * - those with nothing behind them here, where ignoring them does no harm (a hint to an allocator, threads,
 *   the tuning of a cluster that is off): they are accepted and reported as in Redis;
 * - those with nothing behind them yet that a program or a stock redis.conf may well set: a value that asks for
 *   it is accepted, and the log says that nothing comes of it;
 * - those whose promise would be broken: a value that asks for what Russet does not do is refused with the
 *   reason, at start and in CONFIG SET, because losing data or protection must not go unnoticed.
 *
 * An engine without storage takes no save points and no journal, whatever the table says.
 */
import { defaultEncodingLimits } from '../keyspace/encoding-limits.js'
import {
  addresses,
  EVERYWHERE,
  eventClasses,
  hostName,
  master,
  oomScores,
  outputLimits,
  percentiles,
  savePoints,
  shutdownOptions,
  titleTemplate,
} from './config-special.js'
import {
  bool,
  clamped,
  fileName,
  INT_MAX,
  INT_MIN,
  int,
  LONG_MAX,
  memory,
  memoryOrPercent,
  octal,
  oneOf,
  optional,
  text,
  UINT_MAX,
  ULONG_MAX,
  type ValueType,
} from './config-types.js'

export interface Directive<T> extends Traits<T> {
  readonly type: ValueType<T>
  /** Default, as CONFIG GET reports it. */
  readonly initial: string
}

interface Traits<T> {
  /** The old name, which means the same. */
  readonly alias?: string
  /** `never`: at start only. `protected`: also while running, if enable-protected-configs allows it. */
  readonly change?: 'never' | 'protected'
  /** CONFIG REWRITE writes it even if it is as by default and the file has no line of it. */
  readonly alwaysInFile?: true
  /** A secret: hidden from logs, SLOWLOG and MONITOR. */
  readonly sensitive?: true
  /** What does not happen although another value than the default asks for it; the log says so. */
  readonly withoutEffect?: string
  /** Why a value that Redis accepts is refused; undefined where it is not. */
  refuse?(value: T): string | undefined
}

function directive<T>(type: ValueType<T>, initial: string, traits: Traits<T> = {}): Directive<T> {
  return { type, initial, ...traits }
}

/** A limit of the shared `EncodingLimits`, whose default is there. */
const encodings = defaultEncodingLimits()
function encoding(key: keyof typeof encodings, type: ValueType<number>, alias?: string): Directive<number> {
  return directive(type, `${encodings[key]}`, alias === undefined ? {} : { alias })
}

/** Refuses everything but `accepted`. */
function only(accepted: unknown, reason: string): { refuse(value: unknown): string | undefined } {
  return { refuse: (value) => (value === accepted ? undefined : reason) }
}

const port = int(0, 65535)
const natural = int(0, INT_MAX)
const long = int(0, LONG_MAX)
const anyText = text()
/** Without a value a file has no line of it. */
const optionalText = optional(anyText)
const yesNoLocal = oneOf('no', 'yes', 'local')
const atStart = { change: 'never' } as const
const secret = { sensitive: true } as const

const NO_REPLICATION = 'Russet does not replicate yet'

const values = {
  'hash-max-listpack-entries': encoding('hashMaxListpackEntries', long, 'hash-max-ziplist-entries'),
  'hash-max-listpack-value': encoding('hashMaxListpackValue', memory(), 'hash-max-ziplist-value'),
  'set-max-intset-entries': encoding('setMaxIntsetEntries', long),
  'set-max-listpack-entries': encoding('setMaxListpackEntries', long),
  'set-max-listpack-value': encoding('setMaxListpackValue', memory()),
  'zset-max-listpack-entries': encoding('zsetMaxListpackEntries', long, 'zset-max-ziplist-entries'),
  'zset-max-listpack-value': encoding('zsetMaxListpackValue', memory(), 'zset-max-ziplist-value'),
  'list-max-listpack-size': encoding('listMaxListpackSize', int(INT_MIN, INT_MAX), 'list-max-ziplist-size'),
  'hll-sparse-max-bytes': encoding('hllSparseMaxBytes', memory()),
  'stream-node-max-bytes': encoding('streamNodeMaxBytes', memory()),
  'stream-node-max-entries': encoding('streamNodeMaxEntries', long),
  'list-compress-depth': directive(natural, '0'),
  'proto-max-bulk-len': directive(memory(1024 * 1024, LONG_MAX), '536870912'),
  'locale-collate': directive(text(), '', {
    refuse: (locale) =>
      ['', 'C', 'POSIX', 'C.UTF-8'].includes(locale)
        ? undefined
        : 'Russet compares strings by their bytes: only the locale C is possible',
  }),
}

const engine = {
  databases: directive(int(1, INT_MAX), '16', atStart),
  hz: directive(clamped(natural, 1, 500), '10'),
  'dynamic-hz': directive(bool, 'yes'),
  'active-expire-effort': directive(int(1, 10), '1'),
  maxmemory: directive(memory(0, ULONG_MAX), '0'),
  'maxmemory-policy': directive(
    oneOf(
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ),
    'noeviction',
  ),
  'maxmemory-samples': directive(int(1, INT_MAX), '5'),
  'maxmemory-eviction-tenacity': directive(int(0, 100), '10'),
  'maxmemory-clients': directive(memoryOrPercent, '0'),
  'lfu-log-factor': directive(natural, '10'),
  'lfu-decay-time': directive(natural, '1'),
  'lazyfree-lazy-eviction': directive(bool, 'no'),
  'lazyfree-lazy-expire': directive(bool, 'no'),
  'lazyfree-lazy-server-del': directive(bool, 'no'),
  'lazyfree-lazy-user-del': directive(bool, 'no'),
  'lazyfree-lazy-user-flush': directive(bool, 'no'),
  'notify-keyspace-events': directive(eventClasses, ''),
  'slowlog-log-slower-than': directive(int(-1, LONG_MAX), '10000'),
  'slowlog-max-len': directive(long, '128'),
  'latency-monitor-threshold': directive(long, '0'),
  'latency-tracking': directive(bool, 'yes'),
  'latency-tracking-info-percentiles': directive(percentiles, '50 99 99.9', { alwaysInFile: true }),
  'tracking-table-max-keys': directive(long, '1000000'),
  'busy-reply-threshold': directive(long, '5000', { alias: 'lua-time-limit' }),
  'acl-pubsub-default': directive(oneOf('allchannels', 'resetchannels'), 'resetchannels'),
  'acllog-max-len': directive(long, '128'),
  aclfile: directive(anyText, '', atStart),
  requirepass: directive(optionalText, '', secret),
  'enable-protected-configs': directive(yesNoLocal, 'no', atStart),
  'enable-debug-command': directive(yesNoLocal, 'no', atStart),
  'enable-module-command': directive(yesNoLocal, 'no', atStart),
}

const clients = {
  maxclients: directive(int(1, UINT_MAX), '10000'),
  timeout: directive(natural, '0'),
  'client-query-buffer-limit': directive(memory(1024 * 1024, LONG_MAX), '1073741824'),
  'client-output-buffer-limit': directive(
    outputLimits,
    'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
  ),
  bind: directive(addresses, EVERYWHERE),
  'bind-source-addr': directive(optionalText, ''),
  port: directive(port, '6379'),
  'tcp-backlog': directive(natural, '511', atStart),
  'tcp-keepalive': directive(natural, '300'),
  'protected-mode': directive(bool, 'yes'),
  unixsocket: directive(optionalText, '', atStart),
  unixsocketperm: directive(octal(0, 0o777), '0', atStart),
  'socket-mark-id': directive(int(0, UINT_MAX), '0', {
    ...atStart,
    ...only(0, 'Russet cannot mark its sockets: only socket-mark-id 0 is possible'),
  }),
  'max-new-connections-per-cycle': directive(int(1, 1000), '10'),
  'max-new-tls-connections-per-cycle': directive(int(1, 1000), '1'),
  'tls-port': directive(port, '0'),
  'tls-cert-file': directive(optionalText, ''),
  'tls-key-file': directive(optionalText, ''),
  'tls-key-file-pass': directive(optionalText, '', secret),
  'tls-client-cert-file': directive(optionalText, ''),
  'tls-client-key-file': directive(optionalText, ''),
  'tls-client-key-file-pass': directive(optionalText, '', secret),
  'tls-dh-params-file': directive(optionalText, ''),
  'tls-ca-cert-file': directive(optionalText, ''),
  'tls-ca-cert-dir': directive(optionalText, ''),
  'tls-auth-clients': directive(oneOf('no', 'yes', 'optional'), 'yes'),
  'tls-protocols': directive(optionalText, ''),
  'tls-ciphers': directive(optionalText, ''),
  'tls-ciphersuites': directive(optionalText, ''),
  'tls-prefer-server-ciphers': directive(bool, 'no'),
  'tls-session-caching': directive(bool, 'yes'),
  'tls-session-cache-size': directive(natural, '20480'),
  'tls-session-cache-timeout': directive(natural, '300'),
  'tls-replication': directive(bool, 'no'),
  'tls-cluster': directive(bool, 'no'),
}

const server = {
  dir: directive(anyText, '', { change: 'protected', alwaysInFile: true }),
  daemonize: directive(bool, 'no', {
    ...atStart,
    ...only(false, 'Russet stays in the foreground: start it from a service manager, or with nohup and &'),
  }),
  supervised: directive(oneOf('upstart', 'systemd', 'auto', 'no'), 'no', {
    ...atStart,
    ...only('no', 'Russet does not signal a supervisor: use supervised no, and Type=simple with systemd'),
  }),
  pidfile: directive(optionalText, '', atStart),
  loglevel: directive(oneOf('debug', 'verbose', 'notice', 'warning'), 'notice'),
  logfile: directive(anyText, '', atStart),
  'syslog-enabled': directive(bool, 'no', {
    ...atStart,
    ...only(
      false,
      'Russet does not write to syslog: use logfile, or let a service manager collect the output',
    ),
  }),
  'syslog-ident': directive(anyText, 'redis', atStart),
  'syslog-facility': directive(
    oneOf('user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'),
    'local0',
    atStart,
  ),
  'hide-user-data-from-log': directive(bool, 'no'),
  'shutdown-timeout': directive(natural, '10'),
  'shutdown-on-sigint': directive(shutdownOptions, 'default'),
  'shutdown-on-sigterm': directive(shutdownOptions, 'default'),
  'always-show-logo': directive(bool, 'no', atStart),
  'set-proc-title': directive(bool, 'yes', atStart),
  'proc-title-template': directive(titleTemplate, '{title} {listen-addr} {server-mode}'),
  'io-threads': directive(int(1, 128), '1', atStart),
  'io-threads-do-reads': directive(bool, 'no', atStart),
  'server-cpulist': directive(optionalText, '', { ...atStart, alias: 'server_cpulist' }),
  'bio-cpulist': directive(optionalText, '', { ...atStart, alias: 'bio_cpulist' }),
  'aof-rewrite-cpulist': directive(optionalText, '', { ...atStart, alias: 'aof_rewrite_cpulist' }),
  'bgsave-cpulist': directive(optionalText, '', { ...atStart, alias: 'bgsave_cpulist' }),
  'oom-score-adj': directive(oneOf('no', 'yes', 'relative', 'absolute'), 'no', {
    withoutEffect: "the kernel's choice of the process to end is not adjusted",
  }),
  'oom-score-adj-values': directive(oomScores, '0 200 800'),
  'disable-thp': directive(bool, 'yes', atStart),
  'ignore-warnings': directive(anyText, ''),
  'crash-log-enabled': directive(bool, 'yes'),
  'crash-memcheck-enabled': directive(bool, 'yes'),
  activerehashing: directive(bool, 'yes'),
  'jemalloc-bg-thread': directive(bool, 'yes'),
  activedefrag: directive(
    bool,
    'no',
    only(
      false,
      "Active defragmentation cannot be enabled: memory is JavaScript's, which compacts it by itself",
    ),
  ),
  'active-defrag-ignore-bytes': directive(memory(1, LONG_MAX), '104857600'),
  'active-defrag-threshold-lower': directive(int(0, 1000), '10'),
  'active-defrag-threshold-upper': directive(int(0, 1000), '100'),
  'active-defrag-cycle-min': directive(int(1, 99), '1'),
  'active-defrag-cycle-max': directive(int(1, 99), '25'),
  'active-defrag-max-scan-fields': directive(int(1, LONG_MAX), '1000'),
}

const persistence = {
  save: directive(savePoints, '3600 1 300 100 60 10000', { alwaysInFile: true }),
  dbfilename: directive(fileName('dbfilename', true), 'dump.rdb', { change: 'protected' }),
  rdbcompression: directive(bool, 'yes'),
  rdbchecksum: directive(bool, 'yes', atStart),
  'rdb-del-sync-files': directive(bool, 'no'),
  'rdb-save-incremental-fsync': directive(bool, 'yes'),
  'stop-writes-on-bgsave-error': directive(bool, 'yes'),
  'sanitize-dump-payload': directive(oneOf('no', 'yes', 'clients'), 'no'),
  appendonly: directive(bool, 'no'),
  appendfilename: directive(fileName('appendfilename', false), 'appendonly.aof', atStart),
  appenddirname: directive(fileName('appenddirname', false), 'appendonlydir', atStart),
  appendfsync: directive(oneOf('everysec', 'always', 'no'), 'everysec'),
  'no-appendfsync-on-rewrite': directive(bool, 'no'),
  'auto-aof-rewrite-percentage': directive(natural, '100'),
  'auto-aof-rewrite-min-size': directive(memory(), '67108864'),
  'aof-load-truncated': directive(bool, 'yes'),
  'aof-use-rdb-preamble': directive(bool, 'yes'),
  'aof-rewrite-incremental-fsync': directive(bool, 'yes'),
  'aof-timestamp-enabled': directive(bool, 'no'),
  'aof-disable-auto-gc': directive(bool, 'no'),
}

const replication = {
  replicaof: directive(master, '', { ...atStart, alias: 'slaveof', ...only(null, NO_REPLICATION) }),
  masteruser: directive(optionalText, '', secret),
  masterauth: directive(optionalText, '', secret),
  'min-replicas-to-write': directive(natural, '0', {
    alias: 'min-slaves-to-write',
    ...only(0, NO_REPLICATION),
  }),
  'min-replicas-max-lag': directive(natural, '10', { alias: 'min-slaves-max-lag' }),
  'replica-announce-ip': directive(optionalText, '', { alias: 'slave-announce-ip' }),
  'replica-announce-port': directive(port, '0', { alias: 'slave-announce-port' }),
  'replica-announced': directive(bool, 'yes'),
  'replica-ignore-disk-write-errors': directive(bool, 'no'),
  'replica-ignore-maxmemory': directive(bool, 'yes', { alias: 'slave-ignore-maxmemory' }),
  'replica-lazy-flush': directive(bool, 'no', { alias: 'slave-lazy-flush' }),
  'replica-priority': directive(natural, '100', { alias: 'slave-priority' }),
  'replica-read-only': directive(bool, 'yes', { alias: 'slave-read-only' }),
  'replica-serve-stale-data': directive(bool, 'yes', { alias: 'slave-serve-stale-data' }),
  'repl-backlog-size': directive(clamped(memory(1, LONG_MAX), 16384, Number.MAX_VALUE), '1048576'),
  'repl-backlog-ttl': directive(long, '3600'),
  'repl-disable-tcp-nodelay': directive(bool, 'no'),
  'repl-diskless-load': directive(oneOf('disabled', 'on-empty-db', 'swapdb'), 'disabled'),
  'repl-diskless-sync': directive(bool, 'yes'),
  'repl-diskless-sync-delay': directive(natural, '5'),
  'repl-diskless-sync-max-replicas': directive(natural, '0'),
  'repl-ping-replica-period': directive(int(1, INT_MAX), '10', { alias: 'repl-ping-slave-period' }),
  'repl-timeout': directive(int(1, INT_MAX), '60'),
  'propagation-error-behavior': directive(oneOf('ignore', 'panic', 'panic-on-replicas'), 'ignore'),
}

const cluster = {
  'cluster-enabled': directive(bool, 'no', {
    ...atStart,
    ...only(false, 'Russet does not form clusters yet'),
  }),
  'cluster-config-file': directive(anyText, 'nodes.conf', atStart),
  'cluster-port': directive(port, '0', atStart),
  'cluster-node-timeout': directive(long, '15000'),
  'cluster-announce-ip': directive(optionalText, ''),
  'cluster-announce-port': directive(port, '0'),
  'cluster-announce-tls-port': directive(port, '0'),
  'cluster-announce-bus-port': directive(port, '0'),
  'cluster-announce-hostname': directive(optional(hostName), ''),
  'cluster-announce-human-nodename': directive(optionalText, ''),
  'cluster-preferred-endpoint-type': directive(oneOf('ip', 'hostname', 'unknown-endpoint'), 'ip'),
  'cluster-link-sendbuf-limit': directive(memory(0, ULONG_MAX), '0'),
  'cluster-migration-barrier': directive(natural, '1'),
  'cluster-allow-replica-migration': directive(bool, 'yes'),
  'cluster-replica-no-failover': directive(bool, 'no', { alias: 'cluster-slave-no-failover' }),
  'cluster-replica-validity-factor': directive(natural, '10', { alias: 'cluster-slave-validity-factor' }),
  'cluster-require-full-coverage': directive(bool, 'yes'),
  'cluster-allow-reads-when-down': directive(bool, 'no'),
  'cluster-allow-pubsubshard-when-down': directive(bool, 'yes'),
}

export const DIRECTIVES = {
  ...values,
  ...engine,
  ...clients,
  ...server,
  ...persistence,
  ...replication,
  ...cluster,
} satisfies { readonly [name: string]: Directive<unknown> }

/** Lines of a configuration file that are not settings, and why they are refused. */
export const REFUSED_LINES: { readonly [name: string]: string } = {
  loadmodule: 'Russet cannot load modules: they are native code',
  'rename-command': 'Russet does not rename commands yet',
  sentinel: 'sentinel directive while not in sentinel mode',
}

/** Lines that Redis, too, accepts and ignores: settings of encodings and scripts that are gone. */
export const OBSOLETE_LINES: readonly string[] = [
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
]
