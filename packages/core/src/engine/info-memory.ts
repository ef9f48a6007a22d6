/**
 * The section "Memory" of INFO. What is used is the engine's own count, which maxmemory goes by; the allocator is
 * JavaScript's.
 */

import type { Engine } from './engine.js'
import type { InfoFields } from './info.js'

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P', 'E']

/** `1.50M`, as Redis writes sizes for people. */
function human(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  return `${(bytes / 1024 ** power).toFixed(2)}${UNITS[power]}`
}

function withHuman(name: string, bytes: number): InfoFields {
  return [
    [name, bytes],
    [`${name}_human`, human(bytes)],
  ]
}

function percentage(part: number, whole: number): string {
  return `${(whole > 0 ? (part / whole) * 100 : 0).toFixed(2)}%`
}

function ratio(part: number, whole: number): string {
  return (whole > 0 ? part / whole : 0).toFixed(2)
}

export function memoryFields(engine: Engine): InfoFields {
  const report = engine.memory()
  const { usedBytes, heapBytes, rssBytes, peakBytes, startupBytes, datasetBytes } = report
  const { maxmemory, maxmemoryPolicy } = engine.settings
  return [
    ...withHuman('used_memory', usedBytes),
    ...withHuman('used_memory_rss', rssBytes),
    ...withHuman('used_memory_peak', peakBytes),
    ['used_memory_peak_perc', percentage(usedBytes, peakBytes)],
    ['used_memory_overhead', report.overheadBytes],
    ['used_memory_startup', startupBytes],
    ['used_memory_dataset', datasetBytes],
    ['used_memory_dataset_perc', percentage(datasetBytes, Math.max(0, usedBytes - startupBytes))],
    ['allocator_allocated', heapBytes],
    ['allocator_active', rssBytes],
    ['allocator_resident', rssBytes],
    ['allocator_muzzy', 0],
    ...withHuman('total_system_memory', engine.host.process?.systemMemory ?? 0),
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', '0B'],
    ['used_memory_scripts_eval', 0],
    ['number_of_cached_scripts', 0],
    ['number_of_functions', 0],
    ['number_of_libraries', 0],
    ['used_memory_vm_functions', 0],
    ...withHuman('used_memory_vm_total', 0),
    ['used_memory_functions', 0],
    ...withHuman('used_memory_scripts', 0),
    ...withHuman('maxmemory', maxmemory),
    ['maxmemory_policy', maxmemoryPolicy],
    ['allocator_frag_ratio', ratio(rssBytes, heapBytes)],
    ['allocator_frag_bytes', rssBytes - heapBytes],
    ['allocator_rss_ratio', '1.00'],
    ['allocator_rss_bytes', 0],
    ['rss_overhead_ratio', '1.00'],
    ['rss_overhead_bytes', 0],
    ['mem_fragmentation_ratio', ratio(rssBytes, usedBytes)],
    ['mem_fragmentation_bytes', rssBytes - usedBytes],
    ['mem_not_counted_for_evict', 0],
    ['mem_replication_backlog', 0],
    ['mem_total_replication_buffers', 0],
    ['mem_clients_slaves', 0],
    ['mem_clients_normal', report.clientsBytes],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', engine.persistence.facts().journal?.backlogBytes ?? 0],
    ['mem_allocator', 'javascript'],
    ['mem_overhead_db_hashtable_rehashing', 0],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', 0],
    ['lazyfreed_objects', 0],
  ]
}
