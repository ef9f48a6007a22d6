/**
 * What the core asks of a medium that keeps data: named byte files, and nothing about what is in them. The
 * formats (RDB, append-only file, manifest) and the recovery are the core's; an adapter is one small class,
 * and test/support/storage-suite.ts is what makes it one.
 *
 * Five operations carry everything. A file is either *replaced*, whole and atomically, or *appended to* by the
 * one who has opened it. Nothing is renamed and nothing is changed in the middle, so a medium without
 * either (a key-value store) can do it as well as a disk.
 *
 * How other media are to meet it:
 * - IndexedDB: a record for each file (length, chunk numbers) and records for its chunks. `replace` writes new
 *   chunks as they come and swaps the file's record in the last transaction, which is atomic; old chunks go
 *   in the same one. `write` collects copies, which `list` and `read` see; `sync` is one transaction with
 *   `durability: 'strict'`. The last chunk is rewritten until it is full, in its place, as a transaction is
 *   atomic anyway.
 * - OPFS: a folder; `append` holds a sync access handle (`write` at `length`, `sync` is `flush`). `replace`
 *   fills a file of a fresh name and then points a small index file to it, of which two copies are written in
 *   turn, each with a generation and a checksum, because files there cannot be moved everywhere.
 * - Durable Object storage: as IndexedDB, with SQL rows; `write` is a put, `sync` awaits `storage.sync()`.
 *   Output gates hold replies back there anyway.
 * - Workers KV (packages/edge/src/kv): no transactions, and reads may be a minute old; so chunks under keys that
 *   are used once, and an index that is written last. `write` collects, as nothing outlives the process that
 *   is not in the index; a file's `close` therefore syncs, so that a clean end keeps there what a disk would.
 * - Exclusive use comes with the factory: a lock file, a Web Lock, a fencing record; a Durable Object has it
 *   by itself.
 */

/** What went wrong, as far as a caller can act on it. */
export type StorageFault =
  /** There is no file of this name. */
  | 'missing'
  /** The medium is full, or its quota is used up. */
  | 'full'
  /** It may not be read or written. */
  | 'denied'
  /** Somebody else uses it. */
  | 'busy'
  /** Somebody else has taken it over: nothing more may be written. */
  | 'lost'
  /** Anything else. */
  | 'failed'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  constructor(
    readonly fault: StorageFault,
    /** In the platform's words, e.g. `No space left on device`. */
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

export interface StoredFile {
  /**
   * Byte string of one or two parts: `dump.rdb`, `appendonlydir/appendonly.aof.manifest`. What is no name
   * (adapter.ts), and what an adapter keeps for itself, is refused with `denied`.
   */
  readonly name: string
  readonly bytes: number
}

/** Pieces of a file, produced when the medium can take them. None of them changes afterwards. */
export type FileContent = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Every operation rejects with a `StorageError`. */
export interface Storage {
  /**
   * The files directly in a folder, in no order; one that is being appended to with all that has been written.
   * None when there is no such folder. What is no file, or cannot be looked at, is left out: whether a file is
   * there for sure, `read` tells. Costs a look at each of them.
   * @param folder name of one part, or empty for the root
   * @throws StorageError `denied` when it is none, or cannot be read
   */
  list(folder: string): Promise<StoredFile[]>
  /**
   * Bytes of a file from `offset` on: `count` of them, fewer only at its end. The caller may keep them.
   * @throws StorageError `missing`
   */
  read(name: string, offset: number, count: number): Promise<Uint8Array>
  /**
   * Gives a file this content. When it resolves the content is durable; until then, and if the content throws,
   * the file is what it was, also after a crash. What the content throws goes through as it is. If it rejects
   * for another reason the file is usually what it was; but where the medium fails in the last step, or does
   * not tell how that has ended, it may be either, whole, until a later `replace` or `remove` succeeds.
   */
  replace(name: string, content: FileContent): Promise<void>
  /**
   * Opens a file for appending behind its first `length` bytes; what it has beyond them is cut off. If `length`
   * is 0 a missing file is made, which is durable with the first `sync`. A file is open once at a time, and
   * neither replaced nor removed meanwhile; whoever opens it waits for such calls first.
   * @throws StorageError `busy` when it is open; `failed` when it has fewer bytes; `missing`
   */
  append(name: string, length: number): Promise<AppendFile>
  /** Removes a file; a missing one is no error. Durable when it resolves; a rejection is as that of `replace`. */
  remove(name: string): Promise<void>
  /** Lets the medium go, and whoever waits for it in. Open files are to be closed before. */
  close(): Promise<void>
}

/** A file that is being appended to. Calls are in order and may overlap; each sees those before it. */
export interface AppendFile {
  /** Bytes that `write` has resolved for, with those the file was opened behind. */
  readonly length: number
  /**
   * Adds bytes at the end. When it resolves they are out of the process, if the medium has such a state, but
   * durable only after `sync`; their memory may be used again. After a rejection `length` is what it was, and
   * the next `write` begins there again, over whatever the failed one has left.
   */
  write(pieces: readonly Uint8Array[]): Promise<void>
  /**
   * Makes durable what was written before the call. After a rejection nothing is known of what came since
   * the last success, and the file is not to be trusted beyond it.
   */
  sync(): Promise<void>
  /** Need not sync: what is to last is synced before. */
  close(): Promise<void>
}
