/**
 * A lock that lets only one process, and in it one storage, use a directory. Portable, so without flock.
 *
 * Whoever wants the directory puts an empty file of a fresh name into it, and has the lock once no file of
 * another living owner is beside it. Since the file comes before the look, of two who come at once at least
 * one sees the other. Everything to be known of an owner is in the name of its file: so it is there in one
 * step, and on a full disk too.
 *
 * Whether an owner lives is asked of the system where that can answer for certain: its pid, with the time that
 * the process of this pid was started, on the same boot and in the same pid namespace. Elsewhere (another
 * machine or container, a system without /proc) its file tells, whose time the owner renews as long as it is:
 * that time is compared with the clock here if both are of one machine, and else watched for a while.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  unlinkSync,
  utimes,
  utimesSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '@russet/core'
import { pathOf } from './config-files.js'
import { storageError } from './storage-errors.js'

const RENEW_EVERY_MS = 5_000
/** An owner that has not renewed its file for so long is gone. */
const LEASE_MS = 15_000
/** How often the lease of an owner of whom nothing else is known is looked at. */
const WATCH_EVERY_MS = 100

/** Who comes while another starts, or ends, tries again a few times. */
const ATTEMPTS = 6
const MAX_DELAY_MS = 120
/** How long the first of several that came at once waits for the others to withdraw. */
const PATIENCE_MS = 100
/** Whoever has had its file for so long has the lock, and will not withdraw. */
const SETTLED_AFTER_MS = 1_000
const LOOK_EVERY_MS = 5

const LOCK_FILE = /^russet\.lock\.(\d+)-(\d+)-([0-9a-f]{16})-[0-9a-f]{16}$/

export interface DirectoryLock {
  /** @throws StorageError `lost` when somebody else may have the directory by now */
  assertHeld(): void
  /** Lets others in. Does nothing the second time. */
  release(): void
}

/** What the name of a lock file says of who made it. */
interface Owner {
  readonly fileName: string
  readonly pid: number
  /** When the process was started, as /proc has it; 0 where that is not known. */
  readonly startTime: number
  /** Where pids mean the same, a pid namespace: digest of the boot or host, and digest of what it is there. */
  readonly place: string
}

type Life = 'alive' | 'dead' | 'unknown'

/** Whether a file of the directory is a lock. @param name without folders */
export const isLockFile = (name: string): boolean => LOCK_FILE.test(name)

/**
 * Takes the lock of a directory. Refusing takes a fraction of a second, and up to 15 s when the owner can only
 * be watched: so does taking it over from an owner elsewhere that has died without letting go.
 * @param dir path, as a byte string
 * @throws StorageError `busy`, naming the owner's pid; or what the file system says
 */
export async function lockDirectory(dir: string): Promise<DirectoryLock> {
  try {
    await outwaitLeases(dir)
    for (let attempt = 1; ; attempt++) {
      const fileName = lockFileName(process.pid, ownStartTime(), ownPlace())
      const rival = await contend(dir, fileName)
      if (rival === undefined) return new HeldLock(`${dir}/${fileName}`)
      if (attempt === ATTEMPTS) throw busy(rival)
      await sleep(Math.random() * MAX_DELAY_MS)
    }
  } catch (error) {
    throw storageError(error)
  }
}

class HeldLock implements DirectoryLock {
  readonly #path: string
  readonly #timer: NodeJS.Timeout
  #renewedAt = Date.now()
  #isLost = false

  /** @param path of the lock file, as a byte string */
  constructor(path: string) {
    this.#path = path
    this.#timer = setInterval(() => this.#renew(), RENEW_EVERY_MS).unref()
  }

  assertHeld(): void {
    // Whoever was stopped for longer than the lease (a busy thread, a sleeping machine) looks before it writes.
    if (!this.#isLost && Date.now() - this.#renewedAt > LEASE_MS) this.#renewNow()
    if (this.#isLost) throw new StorageError('lost', 'The lock file of the directory is gone')
  }

  release(): void {
    clearInterval(this.#timer)
    this.#isLost = true
    discard(this.#path)
  }

  #renew(): void {
    const now = Date.now()
    utimes(pathOf(this.#path), now / 1000, now / 1000, (error) => this.#renewed(now, error))
  }

  #renewNow(): void {
    const now = Date.now()
    try {
      utimesSync(pathOf(this.#path), now / 1000, now / 1000)
      this.#renewed(now, null)
    } catch (error) {
      this.#renewed(now, error as NodeJS.ErrnoException)
    }
  }

  /** Only a file that is gone is a lock that is lost: a medium that fails says nothing of it. */
  #renewed(now: number, error: NodeJS.ErrnoException | null): void {
    if (error === null) this.#renewedAt = now
    else if (error.code === 'ENOENT') this.#isLost = true
  }
}

// ---- one attempt ------------------------------------------------------------------------------------------

/**
 * Puts the file into the directory and waits until no other is there. Of several who do so at once the first
 * in the order of names stays and the others withdraw; an owner that has the lock already never does.
 * @returns undefined with the lock; else who was in the way, and the file is removed
 */
async function contend(dir: string, fileName: string): Promise<Owner | undefined> {
  const path = `${dir}/${fileName}`
  closeSync(openSync(pathOf(path), 'wx'))
  keep(path)
  try {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const rivals = livingOwners(dir).filter((owner) => owner.fileName !== fileName)
      const [rival] = rivals
      if (rival === undefined) return undefined
      const isHopeless = rivals.some(
        (owner) => owner.fileName < fileName || ageMs(dir, owner) > SETTLED_AFTER_MS,
      )
      if (isHopeless || performance.now() > deadline) {
        discard(path)
        return rival
      }
      await sleep(LOOK_EVERY_MS)
    }
  } catch (error) {
    discard(path)
    throw error
  }
}

/** The owners that are not known to be dead; the files of those that are get removed. */
function livingOwners(dir: string): Owner[] {
  return ownersIn(dir).filter((owner) => {
    if (lifeOf(owner) !== 'dead') return true
    remove(`${dir}/${owner.fileName}`)
    return false
  })
}

/**
 * Removes the files of owners of whom nothing is known but that they have not renewed them for the time of the
 * lease: by the clock, if it is theirs too, or as long as they were watched.
 * @throws StorageError `busy` when one renews its file
 */
async function outwaitLeases(dir: string): Promise<void> {
  const watched = new Map<string, { readonly renewedAt: number; readonly since: number }>()
  for (;;) {
    let isAnyWatched = false
    for (const owner of ownersIn(dir)) {
      if (lifeOf(owner) !== 'unknown') continue
      const renewedAt = renewalOf(dir, owner)
      if (renewedAt === undefined) continue
      const before = watched.get(owner.fileName) ?? { renewedAt, since: performance.now() }
      if (renewedAt !== before.renewedAt) throw busy(owner)
      watched.set(owner.fileName, before)
      const isOver = sharesClock(owner) && Date.now() - renewedAt > LEASE_MS
      if (isOver || performance.now() - before.since > LEASE_MS) remove(`${dir}/${owner.fileName}`)
      else isAnyWatched = true
    }
    if (!isAnyWatched) return
    await sleep(WATCH_EVERY_MS)
  }
}

function busy(owner: Owner): StorageError {
  const where = owner.place === ownPlace() ? '' : ' of another machine or container'
  const who = owner.pid === process.pid && where === '' ? 'this process' : `process ${owner.pid}${where}`
  return new StorageError('busy', `The directory is in use by ${who} (${owner.fileName})`)
}

// ---- lock files -------------------------------------------------------------------------------------------

/** Lock files of this thread. They go with it, if it ends in an orderly way. */
const kept = new Set<string>()

function keep(path: string): void {
  if (kept.size === 0) process.on('exit', discardAll)
  kept.add(path)
}

function discard(path: string): void {
  if (!kept.delete(path)) return
  remove(path)
  if (kept.size === 0) process.off('exit', discardAll)
}

function discardAll(): void {
  for (const path of kept) discard(path)
}

/** A file that cannot be removed is one of an owner that will be seen to be dead. */
function remove(path: string): void {
  try {
    unlinkSync(pathOf(path))
  } catch {
    // See above.
  }
}

/** When a lock file was made or renewed last, in ms of the clock; undefined when it is gone. */
function renewalOf(dir: string, { fileName }: Owner): number | undefined {
  return statSync(pathOf(`${dir}/${fileName}`), { throwIfNoEntry: false })?.mtimeMs
}

const ageMs = (dir: string, owner: Owner): number => Date.now() - (renewalOf(dir, owner) ?? Date.now())

/** A name for a lock file of this owner; no two are equal. */
export function lockFileName(pid: number, startTime: number, place: string): string {
  return `russet.lock.${pid}-${startTime}-${place}-${randomBytes(8).toString('hex')}`
}

function ownersIn(dir: string): Owner[] {
  const owners: Owner[] = []
  for (const fileName of readdirSync(pathOf(dir), 'latin1')) {
    const [, pid, startTime, place] = LOCK_FILE.exec(fileName) ?? []
    if (place !== undefined) owners.push({ fileName, pid: Number(pid), startTime: Number(startTime), place })
  }
  return owners
}

// ---- who lives --------------------------------------------------------------------------------------------

function lifeOf({ fileName, pid, startTime, place }: Owner): Life {
  if (place !== ownPlace()) return 'unknown'
  if (pid === process.pid && startTime === ownStartTime()) {
    // Of another thread of this process nothing is known: it may have been terminated.
    return [...kept].some((path) => path.endsWith(`/${fileName}`)) ? 'alive' : 'unknown'
  }
  const running = runningProcess(pid)
  if (running === undefined) return 'dead'
  if (startTime === 0 || running.startTime === 0) return 'unknown'
  return running.startTime === startTime ? 'alive' : 'dead'
}

/** When the process of this pid was started, in the system's ticks and 0 if unknown; undefined without one. */
function runningProcess(pid: number): { readonly startTime: number } | undefined {
  const line = readIfThere(`/proc/${pid}/stat`)
  if (line !== undefined) {
    // The name, which is the second field, may contain spaces and parentheses. What follows is the third.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    const [state, threads, startTime] = [fields[0], Number(fields[17]), Number(fields[19])]
    // Killed but not yet waited for by its parent, which may never do so; no thread of it runs any more.
    if ((state === 'Z' || state === 'X') && threads <= 1) return undefined
    return { startTime }
  }
  try {
    process.kill(pid, 0)
    return { startTime: 0 }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? undefined : { startTime: 0 }
  }
}

let startTimeOfThis: number | undefined
function ownStartTime(): number {
  startTimeOfThis ??= runningProcess(process.pid)?.startTime ?? 0
  return startTimeOfThis
}

let placeOfThis: string | undefined
function ownPlace(): string {
  placeOfThis ??=
    digest(readIfThere('/proc/sys/kernel/random/boot_id') ?? hostname()) + digest(pidNamespace())
  return placeOfThis
}

/** Whether an owner goes by the same clock. */
const sharesClock = (owner: Owner): boolean =>
  owner.place.slice(0, DIGEST_CHARS) === ownPlace().slice(0, DIGEST_CHARS)

const DIGEST_CHARS = 8
const digest = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARS)

/** Empty on a system without such. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
