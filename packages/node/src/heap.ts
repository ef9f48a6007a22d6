/**
 * How much heap the server's thread may use. Node's own limit is some 4 GB however large the machine is, and
 * it would end a large server although there is memory left.
 *
 * The limit of a heap can be chosen only when the heap is made. Measured on Node 20: setting
 * `--max-old-space-size` by `v8.setFlagsFromString` in a running process changes nothing (it ends at 4 GB), a
 * Worker with `resourceLimits` holds 5 GB and more at the speed of the main thread. So the server runs in a
 * Worker: one process, one pid, and a limit that is known only after the configuration has been read.
 */
import { totalmem } from 'node:os'

const MB = 1024 * 1024
/** What a heap may take of the machine; the rest is for buffers and everything else. */
const MACHINE_SHARE = 15 / 16
/** Heap for each byte of maxmemory: the collector needs room beside what lives. */
const HEAP_PER_MAXMEMORY = 1.5

/** Bytes of memory that this process may use: the machine's, or its container's. */
export function machineMemory(): number {
  const total = totalmem()
  // In a container without a limit this is 0, undefined or a number far above what there is.
  const constrained = process.constrainedMemory() ?? 0
  return constrained > 0 && constrained < total ? constrained : total
}

/**
 * The limit for the old generation, in MB. It is a ceiling and reserves nothing, so it is nearly all of the
 * memory whatever maxmemory is, which may be raised later; and more than that if maxmemory asks for more.
 * @param maxmemory bytes, 0 for no limit.
 * @param memoryBytes what `machineMemory` says.
 */
export function heapLimitMb(maxmemory: number, memoryBytes: number): number {
  return Math.floor(Math.max(memoryBytes * MACHINE_SHARE, maxmemory * HEAP_PER_MAXMEMORY) / MB)
}

/** Whether the limit was chosen for Node itself, by NODE_OPTIONS or a flag: then that holds. */
export function hasOwnHeapLimit(): boolean {
  const flags = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(' ')]
  return flags.some((flag) => /^--max[-_](old[-_]space|heap)[-_]size/.test(flag))
}
