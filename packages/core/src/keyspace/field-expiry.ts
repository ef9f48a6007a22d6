/**
 * The deletion of hash fields whose time has come: on access, and in the background by a rolling sweep over
 * the hashes that have expiring fields. What is deleted is told as an HDEL to all that follows, so that a
 * journal or a replica never decides by its own clock.
 */

import type { Database } from './database.js'
import { EventClass } from './events.js'
import type { HashValue } from './hash-value.js'

/** Hashes whose time is looked at in one step; it is one number each. */
const HASHES_A_STEP = 10_000
/** Slots of one hash looked at in one step. */
const SLOTS_A_HASH = 8192

/**
 * Deletes expired fields of the hash under `key`, and the hash if none is left. Does nothing where expired data
 * has to stay.
 */
export function expireFields(db: Database, key: string, hash: HashValue, fields: readonly string[]): void {
  const { keyspace } = db
  if (keyspace.keepsExpired || fields.length === 0) return
  db.edit(key)
  for (const field of fields) {
    hash.delete(field)
    keyspace.emitEffect(db, ['HDEL', key, field])
  }
  keyspace.expiredFields += fields.length
  // Not a change of the running command: its own effect must not follow from this.
  const { dirty } = keyspace
  db.modified(key, hash, EventClass.HASH, 'hexpired', 0)
  keyspace.dirty = dirty
}

/** Deletes all expired fields of one hash where that may be; says whether fields are left. O(n) if there may be any. */
export function expireAllFields(db: Database, key: string, hash: HashValue): boolean {
  if (!db.keyspace.keepsExpired && hash.mayHaveExpired()) {
    const all = Number.POSITIVE_INFINITY
    expireFields(db, key, hash, hash.expiredFields(all, all))
  }
  return hash.length > 0
}

/**
 * One step of the sweep through the hashes of `db`. Its work is bounded whatever the sizes are; the next call
 * goes on where it stopped.
 * @param limit fields deleted in this step, about; visiting a hash counts as one
 * @returns fields deleted, and whether the end of the database was reached
 */
export function sweepExpiredFields(db: Database, limit: number): { found: number; end: boolean } {
  const { now } = db.keyspace
  let slot = db.fieldSweepSlot
  const stop = slot + HASHES_A_STEP
  let found = 0
  let left = limit
  while (slot < stop && left > 0) {
    const hashes = db.hashesWithExpiringFields
    const due = hashes.nextExpired(slot, now, stop - slot)
    slot = hashes.sweepEnd
    if (due < 0) break
    const key = hashes.keyAt(due) as string
    const hash = db.peek(key) as HashValue | undefined
    // The key itself may have expired just now, which has taken it off the list.
    if (hash === undefined) continue
    const fields = hash.expiredFields(left, SLOTS_A_HASH)
    if (fields.length > 0) expireFields(db, key, hash, fields)
    else hashes.setExpiryAt(due, hash.earliestExpiryMs)
    found += fields.length
    left -= fields.length + 1
  }
  const end = slot >= db.hashesWithExpiringFields.slotCount
  db.fieldSweepSlot = end ? 0 : slot
  return { found, end }
}
