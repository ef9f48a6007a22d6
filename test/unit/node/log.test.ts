/** The server's log lines and where they go. */
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { logLine, openLog } from '../../../packages/node/src/log.js'

const folder = mkdtempSync(join(tmpdir(), 'russet-log-'))
const file = join(folder, 'server.log')
afterAll(() => rmSync(folder, { recursive: true }))

describe('a line', () => {
  const now = new Date(2026, 10, 3, 4, 5, 6, 7)

  it.each([
    ['debug', '.'],
    ['verbose', '-'],
    ['notice', '*'],
    ['warning', '#'],
  ] as const)('of level %s', (level, mark) => {
    expect(logLine(12, 'M', now, level, 'Ready to accept connections tcp')).toBe(
      `12:M 03 Nov 2026 04:05:06.007 ${mark} Ready to accept connections tcp\n`,
    )
  })

  it('is cut where Redis cuts it', () => {
    expect(logLine(1, 'C', now, 'notice', 'x'.repeat(5000))).toHaveLength(
      1024 + '1:C 03 Nov 2026 04:05:06.007 * \n'.length,
    )
  })
})

describe('a file', () => {
  it('gets the lines of its level and above, and survives rotation', () => {
    const log = openLog(file, 'notice', 'M')
    log.write('verbose', 'hidden')
    log.write('notice', 'first \xe9')
    renameSync(file, `${file}.1`)
    log.level = 'debug'
    log.write('debug', 'second é→')
    const message = (name: string, encoding: 'latin1' | 'utf8') => readFileSync(name, encoding).slice(-12)
    expect(message(`${file}.1`, 'latin1')).toMatch(/ \* first \xe9\n$/)
    expect(message(file, 'utf8')).toMatch(/second é→\n$/)
  })

  it('that cannot be written stops nothing', () => {
    expect(() => openLog(join(file, 'nowhere'), 'notice', 'M').write('warning', 'lost')).not.toThrow()
  })
})
