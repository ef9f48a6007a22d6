/**
 * All data as one RDB in memory, and back: for backups, for carrying data between browsers, servers and
 * redis-server. It needs no storage. Clients are served meanwhile; an export is the data of its beginning, and an
 * import takes effect at once, when all of it has been read and found good.
 */

import type { Engine } from '../engine/engine.js'
import type { Database } from '../keyspace/database.js'
import { corrupt } from '../rdb/corrupt.js'
import { RdbReader } from '../rdb/rdb-reader.js'
import { concatBytes } from '../storage/adapter.js'
import { rdbForm } from './rdb-form.js'
import { Snapshot } from './snapshot.js'
import { StagedData } from './staged-data.js'

/** Records read between two looks at the clock. */
const RECORDS_A_STEP = 256
/** The longest an import works in one go. */
const SLICE_MS = 4
/** Bytes that an import looks at together. */
const CHUNK_BYTES = 1 << 20

export interface BackupOptions {
  /**
   * Called every few milliseconds.
   * @param done keys written by an export, bytes read by an import
   * @param total of them
   */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * The data of an engine as an RDB file, which redis-server 7.0 and later loads (7.4 where fields of hashes expire).
 * @returns the file
 * @throws Error when memory does not suffice
 */
export async function exportRdb(engine: Engine, options: BackupOptions = {}): Promise<Uint8Array> {
  const { snapshotTurns, keyspace, host } = engine
  const end = snapshotTurns.tryTake() ?? (await snapshotTurns.take())
  const snapshot = new Snapshot(keyspace, host, rdbForm(engine, false, engine.functions), (tookMs) =>
    engine.timing.paused('snapshot', tookMs),
  )
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of snapshot.content()) {
      pieces.push(piece)
      options.onProgress?.(snapshot.keysDone, snapshot.keysTotal)
    }
  } finally {
    end()
  }
  return concatBytes(pieces, snapshot.bytes)
}

/**
 * Replaces all data of an engine by that of an RDB file of any version up to Redis 7.4's. Keys that have expired
 * are left out. When the promise resolves, the new data is as safe as writes are in this engine; when it rejects
 * nothing has changed.
 * @throws CorruptError that says what is wrong with the file, and where
 * @throws CommandError, StorageError when the data cannot be stored
 */
export async function importRdb(
  engine: Engine,
  file: Uint8Array,
  options: BackupOptions = {},
): Promise<void> {
  const { keyspace, host } = engine
  const staged = new StagedData(engine)
  const functions: string[] = []
  const { databases } = staged
  let db = databases[0] as Database
  const reader = new RdbReader(
    host.bytes,
    keyspace,
    {
      aux() {},
      selectDb: (index) => {
        db = databases[index] ?? corrupt(`it has a database ${index}, and there are ${databases.length}`)
      },
      resizeDb() {},
      entry: (key, value, expiryMs, idleSeconds, frequency) => {
        if (expiryMs !== 0 && expiryMs < Math.floor(host.now())) return
        if (!db.load(key, value, expiryMs, idleSeconds, frequency, false)) corrupt('it has a key twice')
      },
      emptyKey() {},
      functionLibrary: (code) => {
        functions.push(code)
      },
    },
    { totalBytes: file.length },
  )
  let sliceEndMs = host.monotonic() + SLICE_MS
  for (let offset = 0; !reader.ended; offset += CHUNK_BYTES) {
    if (offset < file.length) reader.push(file.subarray(offset, offset + CHUNK_BYTES))
    else reader.finish()
    while (reader.parse(RECORDS_A_STEP)) {
      if (host.monotonic() < sliceEndMs) continue
      options.onProgress?.(reader.offset, file.length)
      await new Promise<void>((resume) => host.defer(resume))
      sliceEndMs = host.monotonic() + SLICE_MS
    }
  }
  staged.functions = functions
  await engine.persistence.replaceData(() => {
    staged.exchange()
    return () => staged.exchange()
  })
  options.onProgress?.(file.length, file.length)
}
