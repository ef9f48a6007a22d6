/** The journal on a medium whose every answer the test gives: what is written when, and which replies wait for it. */
import { ErrorReply, type Reply } from '@russet/core'
import { describe, expect, test } from 'vitest'
import {
  CommitGate,
  type GatedSession,
  MAX_HELD_REPLIES,
} from '../../../packages/core/src/engine/commit-gate.js'
import { Journal, type JournalSettings } from '../../../packages/core/src/persistence/journal.js'
import { type AppendFile, StorageError } from '../../../packages/core/src/storage/storage.js'
import { FakeHost } from '../../support/fake-host.js'

/** An answer that is still due. */
interface Call {
  readonly kind: 'write' | 'sync'
  done(): void
  fail(reason: string): void
}

/** A file that does nothing until it is told to. */
class ManualFile implements AppendFile {
  length = 0
  text = ''
  syncedText = ''
  isClosed = false
  readonly calls: Call[] = []

  write(pieces: readonly Uint8Array[]): Promise<void> {
    let text = ''
    for (const piece of pieces) text += Buffer.from(piece).toString('latin1')
    return this.#call('write', () => {
      this.text += text
      this.length += text.length
    })
  }

  sync(): Promise<void> {
    const { text } = this
    return this.#call('sync', () => {
      this.syncedText = text
    })
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  #call(kind: 'write' | 'sync', happen: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.calls.push({
        kind,
        done: () => {
          happen()
          resolve()
        },
        fail: (reason) => reject(new StorageError('full', reason)),
      })
    })
  }

  get pending(): string[] {
    return this.calls.map(({ kind }) => kind)
  }
}

class Client implements GatedSession {
  heldReplies = 0
  readonly resp = 2
  readonly got: Reply[] = []
  timesGoneOn = 0
  sendHeld(reply: Reply): void {
    this.got.push(reply)
  }
  goOn(): void {
    this.timesGoneOn++
  }
}

const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

class Setting {
  readonly host = new FakeHost()
  readonly gate = new CommitGate()
  readonly file = new ManualFile()
  readonly client = new Client()
  readonly journal: Journal
  readonly settings: { -readonly [name in keyof JournalSettings]: JournalSettings[name] }

  constructor(appendfsync: JournalSettings['appendfsync']) {
    this.settings = { appendfsync, aofTimestampEnabled: false }
    this.journal = new Journal(this.host, this.gate, this.settings)
    void this.journal.restart(this.file)
    this.journal.anchor()
  }

  /** A write of a client, in a unit of its own, whose reply is `reply`. */
  write(reply: Reply, ...commands: string[][]): void {
    this.journal.record(commands.map((command) => ({ db: 0, command })))
    this.reply(reply, true)
  }

  reply(reply: Reply, wrote: boolean): void {
    if (this.gate.closed) this.gate.hold(this.client, reply, wrote)
    else this.client.got.push(reply)
  }

  /** The event loop turns. */
  async turn(): Promise<void> {
    this.host.settle()
    await settled()
  }

  /** The medium answers its oldest open call. */
  async answer(kind: 'write' | 'sync', failure?: string, file = this.file): Promise<void> {
    const call = file.calls.shift()
    expect(call?.kind).toBe(kind)
    if (failure === undefined) call?.done()
    else call?.fail(failure)
    await settled()
  }
}

const SET = ['SET', 'k', 'v']
const SET_TEXT = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n'
const SELECT_TEXT = '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n'
const MULTI_TEXT = '*1\r\n$5\r\nMULTI\r\n'
const EXEC_TEXT = '*1\r\n$4\r\nEXEC\r\n'

describe('with always', () => {
  test('a reply leaves when its write is safe, and the writes of a turn share one flush', async () => {
    const t = new Setting('always')
    t.write('first', SET)
    t.write('second', SET)
    expect(t.file.pending).toEqual([])
    await t.turn()
    expect(t.file.pending).toEqual(['write'])
    await t.answer('write')
    expect(t.client.got).toEqual([])
    expect(t.file.text).toBe(SELECT_TEXT + SET_TEXT + SET_TEXT)
    await t.answer('sync')
    expect(t.client.got).toEqual(['first', 'second'])
    expect(t.gate.closed).toBe(false)
    expect(t.file.pending).toEqual([])
  })

  test('what comes in during a flush is the next one, and reads wait with it', async () => {
    const t = new Setting('always')
    t.write('first', SET)
    await t.turn()
    t.write('second', SET)
    t.reply('read', false)
    await t.turn()
    await t.answer('write')
    await t.answer('sync')
    expect(t.client.got).toEqual(['first'])
    expect(t.gate.closed).toBe(true)
    await t.answer('write')
    await t.answer('sync')
    expect(t.client.got).toEqual(['first', 'second', 'read'])
  })

  test('a read during a flush that nothing follows leaves with it', async () => {
    const t = new Setting('always')
    t.write('first', SET)
    await t.turn()
    t.reply('read', false)
    await t.answer('write')
    await t.answer('sync')
    expect(t.client.got).toEqual(['first', 'read'])
  })

  test('a failed write is told to those who wrote, kept, and tried again', async () => {
    const t = new Setting('always')
    t.write('first', SET)
    t.reply('read', false)
    await t.turn()
    await t.answer('write', 'No space left on device')
    expect(t.client.got).toEqual([
      new ErrorReply('MISCONF Errors writing to the AOF file: No space left on device'),
      'read',
    ])
    expect(t.journal.failure).toBe('No space left on device')
    expect(t.journal.isBroken).toBe(false)
    expect(t.gate.closed).toBe(false)
    t.journal.tick(5000)
    await t.answer('write')
    await t.answer('sync')
    expect(t.file.syncedText).toBe(SELECT_TEXT + SET_TEXT)
    expect(t.journal.failure).toBeUndefined()
    expect(t.host.messages.join()).toMatch(/Cannot write .*No space left.*can be written again/)
  })

  test('after a failed sync the file is given up, until another one has a base', async () => {
    const t = new Setting('always')
    t.write('first', SET)
    await t.turn()
    await t.answer('write')
    await t.answer('sync', 'Input/output error')
    expect(t.journal.isBroken).toBe(true)
    expect(t.client.got[0]).toBeInstanceOf(ErrorReply)
    t.journal.tick(60_000)
    await settled()
    expect(t.file.pending).toEqual([])
    const next = new ManualFile()
    await t.journal.restart(next)
    expect(t.file.isClosed).toBe(true)
    expect(t.journal.failure).toBeDefined()
    t.journal.anchor()
    expect(t.journal.failure).toBeUndefined()
    t.write('second', SET)
    await t.turn()
    await t.answer('write', undefined, next)
    await t.answer('sync', undefined, next)
    expect(next.syncedText).toBe(SELECT_TEXT + SET_TEXT)
    expect(t.client.got[1]).toBe('second')
  })

  test('a sync that fails on the very file of the new base leaves it broken', async () => {
    const t = new Setting('always')
    const next = new ManualFile()
    await t.journal.restart(next)
    t.journal.anchor()
    t.write('first', SET)
    await t.turn()
    await t.answer('write', undefined, next)
    await t.answer('sync', 'Input/output error', next)
    t.journal.anchor()
    expect(t.journal.isBroken).toBe(true)
    expect(t.journal.failure).toBe('Input/output error')
  })

  test('a client with many held replies is not served before they are out', async () => {
    const t = new Setting('always')
    for (let i = 0; i < MAX_HELD_REPLIES; i++) t.write(i, SET)
    expect(t.client.heldReplies).toBe(MAX_HELD_REPLIES)
    await t.turn()
    await t.answer('write')
    expect(t.client.timesGoneOn).toBe(0)
    await t.answer('sync')
    expect(t.client.heldReplies).toBe(0)
    expect(t.client.timesGoneOn).toBe(1)
  })
})

describe('another file', () => {
  test('gets nothing before the one before it is complete and safe', async () => {
    const t = new Setting('always')
    t.write('first', SET)
    const next = new ManualFile()
    let isComplete = false
    t.journal.continueIn(next, () => {
      isComplete = true
    })
    t.write('second', SET)
    await t.turn()
    expect(next.pending).toEqual([])
    await t.answer('write')
    expect(next.pending).toEqual([])
    await t.answer('sync')
    expect([isComplete, t.file.isClosed]).toEqual([true, true])
    expect(t.client.got).toEqual([])
    await t.answer('write', undefined, next)
    await t.answer('sync', undefined, next)
    expect(t.client.got).toEqual(['first', 'second'])
    // Each file says for itself which database it begins in.
    expect([t.file.syncedText, next.syncedText]).toEqual([SELECT_TEXT + SET_TEXT, SELECT_TEXT + SET_TEXT])
  })

  test('holds replies up with everysec too, while it is not written to', async () => {
    const t = new Setting('everysec')
    t.write('first', SET)
    const next = new ManualFile()
    t.journal.continueIn(next, () => {})
    t.write('second', SET)
    await t.answer('write')
    await t.answer('sync')
    expect(t.client.got).toEqual(['first'])
    await t.answer('write', undefined, next)
    expect(t.client.got).toEqual(['first', 'second'])
  })

  test('is written to all the same when its base makes the one before it needless', async () => {
    const t = new Setting('always')
    t.write('first', SET)
    const next = new ManualFile()
    t.journal.continueIn(next, () => {})
    t.write('second', SET)
    await t.turn()
    // The first file hangs.
    t.journal.anchor()
    await settled()
    expect(t.file.isClosed).toBe(true)
    await t.answer('write', undefined, next)
    await t.answer('sync', undefined, next)
    expect(t.client.got).toEqual(['first', 'second'])
  })
})

describe('with everysec', () => {
  test('nobody waits, and a sync follows once a second', async () => {
    const t = new Setting('everysec')
    t.write('first', SET)
    expect(t.client.got).toEqual(['first'])
    t.journal.flush()
    expect(t.file.pending).toEqual(['write'])
    await t.answer('write')
    t.journal.tick(1500)
    await settled()
    expect(t.file.pending).toEqual(['sync'])
    t.journal.tick(2000)
    expect(t.file.pending).toEqual(['sync'])
    t.journal.tick(2600)
    expect(t.journal.delayedSyncs).toBe(1)
    await t.answer('sync')
    t.journal.tick(9000)
    await settled()
    // Nothing has come since.
    expect(t.file.pending).toEqual([])
  })

  test('a medium that does not keep up makes replies wait', async () => {
    const t = new Setting('everysec')
    t.write('first', SET)
    await t.turn()
    const big = ['SET', 'k', 'x'.repeat(20 * 1024 * 1024)]
    for (let i = 0; i < 3; i++) t.write(i, big)
    expect(t.client.got).toEqual(['first', 0, 1, 2])
    t.write('too much', big)
    expect(t.client.got).toHaveLength(4)
    await t.answer('write')
    await t.answer('write')
    expect(t.client.got.at(-1)).toBe('too much')
    expect(t.gate.closed).toBe(false)
  })
})

describe('what is written', () => {
  test('units of several effects stand between MULTI and EXEC, databases are selected', async () => {
    const t = new Setting('no')
    t.journal.record([
      { db: 0, command: SET },
      { db: 3, command: SET },
    ])
    t.journal.record([{ db: 3, command: ['DEL', 'a\r\n'] }])
    await t.turn()
    await t.answer('write')
    const selectThree = SELECT_TEXT.replace('\r\n0\r\n', '\r\n3\r\n')
    const del = '*2\r\n$3\r\nDEL\r\n$3\r\na\r\n\r\n'
    expect(t.file.text).toBe(SELECT_TEXT + MULTI_TEXT + SET_TEXT + selectThree + SET_TEXT + EXEC_TEXT + del)
  })

  test('with aof-timestamp-enabled each new second is noted before a unit', async () => {
    const t = new Setting('no')
    t.settings.aofTimestampEnabled = true
    t.journal.record([{ db: 0, command: SET }])
    t.journal.record([{ db: 0, command: SET }])
    t.host.advance(1000)
    t.journal.record([{ db: 0, command: SET }])
    await t.answer('write')
    await t.turn()
    await t.answer('write')
    expect(t.file.text).toBe(
      `#TS:1700000000\r\n${SELECT_TEXT}${SET_TEXT}${SET_TEXT}#TS:1700000001\r\n${SET_TEXT}`,
    )
  })
})

describe('waiting until all is safe', () => {
  test('is over with the sync that covers it', async () => {
    const t = new Setting('everysec')
    let calls = 0
    t.journal.whenSafe(() => calls++)
    expect(calls).toBe(1)
    t.write('first', SET)
    t.journal.whenSafe(() => calls++)
    const forget = t.journal.whenSafe(() => calls++)
    forget()
    await t.turn()
    await t.answer('write')
    t.journal.tick(5000)
    expect(calls).toBe(1)
    await t.answer('sync')
    expect(calls).toBe(2)
  })

  test('closing writes and syncs what is left, and a failure is told', async () => {
    const t = new Setting('everysec')
    t.write('first', SET)
    const closed = t.journal.close()
    await settled()
    await t.answer('write')
    await t.answer('sync')
    await closed
    expect([t.file.syncedText, t.file.isClosed]).toEqual([SELECT_TEXT + SET_TEXT, true])

    const other = new Setting('always')
    other.write('first', SET)
    const closing = other.journal.close()
    await settled()
    await other.answer('write', 'No space left on device')
    await expect(closing).rejects.toThrow('No space left')
    expect(other.client.got[0]).toBeInstanceOf(ErrorReply)
  })
})
