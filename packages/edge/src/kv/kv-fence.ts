/**
 * One writer at a time, on a medium that can neither compare and swap nor show what was just written.
 *
 * A record names the writer: a generation that grows with each, and until when it is to be left alone. It is
 * renewed while the writer works. Whoever comes writes a claim of the next generation and then waits twice
 * the time that a write needs to become visible everywhere. After the first half nobody can overlook the
 * claim any more, so none is made over it; after the second, all that were made before show, and only
 * the last of them is still there: that one has won. (It is Fischer's timed mutual exclusion.)
 *
 * The writer looks at the record before each change of the index. If it has found a later generation, or has
 * not been able to renew in time, it has lost, for good. So a writer that others have replaced can go wrong
 * only when a write takes longer to become visible than the host has said.
 *
 * A host that vouches that there is only one of it at a time, under a name that stays the same (a Durable
 * Object), need not wait: what it finds of its own name is what it was before it was restarted.
 */
import { StorageError } from '@russet/core'
import { sleep } from './kv-clock.js'
import type { KvRequests } from './kv-requests.js'

const KEY = 'writer'

/** Parts of a lease in which it is renewed once. */
const RENEWALS_PER_LEASE = 6

export interface KvFenceOptions {
  readonly owner: string
  /** What tells this writer from every other, those of the same owner too. */
  readonly instance: string
  readonly visibilityMs: number
  readonly leaseMs: number
}

interface WriterRecord {
  readonly generation: number
  readonly owner: string
  readonly instance: string
  /** Until when others are to keep off, unless it is renewed; Unix time in ms. 0 when they need not. */
  readonly untilMs: number
}

export class KvFence {
  readonly generation: number
  readonly #requests: KvRequests
  readonly #options: KvFenceOptions
  /** When the record was last written, as far as is known: it was asked for then. */
  #renewedMs: number
  #timer: unknown
  #renewing: Promise<void> = Promise.resolve()
  #isReleased = false
  #lost: StorageError | undefined

  private constructor(requests: KvRequests, options: KvFenceOptions, generation: number) {
    this.#requests = requests
    this.#options = options
    this.generation = generation
    this.#renewedMs = requests.clock.now()
  }

  /** @throws StorageError `busy` when somebody else is the writer */
  static async claim(requests: KvRequests, options: KvFenceOptions): Promise<KvFence> {
    const present = parse(await requests.getText(KEY))
    const isOwn = present?.owner === options.owner
    if (present !== undefined && !isOwn) refuseIfHeld(present, requests.clock.now())
    const fence = new KvFence(requests, options, (present?.generation ?? 0) + 1)
    const waitMs = isOwn ? 0 : 2 * options.visibilityMs
    await fence.#write(waitMs + options.leaseMs)
    await sleep(requests.clock, waitMs)
    const record = parse(await requests.getText(KEY))
    // After the wait nothing but the own claim will do; without it an older record is only a stale read.
    const isWon = waitMs > 0 ? record?.instance === options.instance : fence.#later(record) === undefined
    if (!isWon) throw new StorageError('busy', `Taken by ${record?.owner ?? 'somebody'} at the same time`)
    if (waitMs > 0) await fence.#write(options.leaseMs)
    fence.#renewSoon()
    return fence
  }

  get lost(): StorageError | undefined {
    return this.#lost
  }

  /**
   * What can be said without asking. Others may come when the lease is over, and their clocks may differ:
   * after half of it there is no trust.
   * @throws StorageError `lost`
   */
  assertHeld(): void {
    if (this.#lost !== undefined) throw this.#lost
    const idleMs = this.#requests.clock.now() - this.#renewedMs
    if (idleMs > this.#options.leaseMs / 2) this.#lose(`Not renewed for ${Math.round(idleMs / 1000)} s`)
  }

  /**
   * To be called before whatever only the writer may do. Costs one read.
   * @throws StorageError `lost` when it is not the writer any more
   */
  async check(): Promise<void> {
    await this.#look()
    const { leaseMs } = this.#options
    if (this.#requests.clock.now() - this.#renewedMs >= leaseMs / RENEWALS_PER_LEASE)
      await this.#write(leaseMs)
  }

  /** Lets the next writer in, unless one is there already. */
  async release(): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#stopTimer()
    // A renewal that comes in after it would keep the next writer out.
    await this.#renewing
    try {
      await this.#look()
    } catch (error) {
      if (this.#lost !== undefined) return
      throw error
    }
    await this.#write(0)
  }

  /** @throws StorageError `lost` when it is not the writer any more, by its own clock or by the record */
  async #look(): Promise<void> {
    this.assertHeld()
    const later = this.#later(parse(await this.#requests.getText(KEY)))
    if (later !== undefined) this.#lose(`Taken over by ${later.owner}`)
    this.assertHeld()
  }

  #lose(reason: string): never {
    this.#lost = new StorageError('lost', reason)
    this.#stopTimer()
    throw this.#lost
  }

  /** The record, if it is of a writer that has come after this one or in its place. An older one is a stale read. */
  #later(record: WriterRecord | undefined): WriterRecord | undefined {
    if (record === undefined || record.generation < this.generation) return undefined
    return record.instance === this.#options.instance ? undefined : record
  }

  async #write(leaseMs: number): Promise<void> {
    const { owner, instance } = this.#options
    const nowMs = this.#requests.clock.now()
    const untilMs = leaseMs === 0 ? 0 : nowMs + leaseMs
    const record: WriterRecord = { generation: this.generation, owner, instance, untilMs }
    await this.#requests.put(KEY, JSON.stringify(record))
    this.#renewedMs = nowMs
  }

  #renewSoon(): void {
    const { clock } = this.#requests
    this.#timer = clock.setTimer(() => {
      // What a renewal fails with comes up at the next change; until then the next renewal may succeed.
      this.#renewing = this.check()
        .catch(() => {})
        .then(() => {
          if (!this.#isReleased && this.#lost === undefined) this.#renewSoon()
        })
    }, this.#options.leaseMs / RENEWALS_PER_LEASE)
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#requests.clock.clearTimer(this.#timer)
    this.#timer = undefined
  }
}

function refuseIfHeld({ owner, untilMs }: WriterRecord, nowMs: number): void {
  if (untilMs > nowMs) {
    throw new StorageError(
      'busy',
      `In use by ${owner}, for ${Math.ceil((untilMs - nowMs) / 1000)} s at least`,
    )
  }
}

function parse(text: string | null): WriterRecord | undefined {
  if (text === null) return undefined
  try {
    const { generation, owner, instance, untilMs } = JSON.parse(text) as WriterRecord
    if (!Number.isSafeInteger(generation) || typeof owner !== 'string') throw new Error('wrong fields')
    if (typeof instance !== 'string' || typeof untilMs !== 'number') throw new Error('wrong fields')
    return { generation, owner, instance, untilMs }
  } catch (error) {
    throw new StorageError('failed', 'The record of the writer is damaged', { cause: error })
  }
}
