/**
 * What the engine needs of whatever keeps its data. The floor above implements it (persistence/persistence.ts);
 * an engine without storage has `NO_DURABILITY`.
 */

import { fail } from '../base/errors.js'
import type { Persistence } from '../commands/context.js'
import { NO_PERSISTENCE_FACTS, type PersistenceFacts } from './info-persistence.js'

export interface Durability extends Persistence {
  /** Why writes are refused now, as an error's text; undefined while they are not. */
  readonly writeRefusal: string | undefined
  /** Whether commands are refused because data is being read in. */
  readonly loading: boolean
  /** Reads the data in. @throws Error that says which file is damaged, and where */
  load(): Promise<void>
  /** Hands everything written so far to the medium: called before replies leave. */
  endTurn(): void
  /** Called by the cron. */
  tick(nowMs: number): void
  /**
   * Exchanges all data and makes the new data safe, while all clients wait.
   * @param exchange does it, and gives back what undoes it
   * @throws StorageError if it cannot be made safe; then it has been undone
   */
  replaceData(exchange: () => () => void): Promise<void>
  /** All data has been removed by FLUSHALL. */
  flushedAll(): void
  facts(): PersistenceFacts
  /** Ends everything; what was acknowledged is on the medium afterwards. */
  close(): Promise<void>
}

const NO_STORAGE = 'ERR This engine has no storage to save to'

export const NO_DURABILITY: Durability = {
  writeRefusal: undefined,
  loading: false,
  lastSaveSeconds: 0,
  journals: false,
  load: async () => {},
  endTurn() {},
  tick() {},
  replaceData: async (exchange) => {
    exchange()
  },
  flushedAll() {},
  facts: () => NO_PERSISTENCE_FACTS,
  close: async () => {},
  save: () => fail(NO_STORAGE),
  saveInBackground: () => fail(NO_STORAGE),
  rewriteInBackground: () => fail(NO_STORAGE),
  reload: () => fail(NO_STORAGE),
  reloadJournal: () => fail(NO_STORAGE),
  prepareShutdown: async ({ save }) => {
    if (save) fail(NO_STORAGE)
  },
  whenJournalled: () => fail(NO_STORAGE),
}
