/**
 * The server's log, in the lines that Redis writes, because tools wait for some of them:
 * `<pid>:<role> <day> <month> <year> <time> <level> <message>`. Writing is synchronous, so that the last line
 * before a crash is there. A file is opened for each line: log rotation can move it away at any time.
 */
import { appendFileSync, writeSync } from 'node:fs'
import type { LogLevel } from '@russet/core'

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning']
const LEVEL_MARKS = '.-*#'
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Redis's limit for a message, in bytes. */
const MAX_MESSAGE_LENGTH = 1024
const STDOUT = 1

/** Who writes: the starting process (`C`) or the server (`M`). */
export type LogRole = 'C' | 'M'

export interface Log {
  /** The lowest level that is written. */
  level: LogLevel
  role: LogRole
  write(level: LogLevel, message: string): void
}

/** @param file path to append to; empty for standard output. */
export function openLog(file: string | Buffer, level: LogLevel, role: LogRole): Log {
  const emit = (line: Buffer) => {
    // A log that cannot be written must not stop the server: Redis, too, goes on.
    try {
      if (file.length === 0) writeSync(STDOUT, line)
      else appendFileSync(file, line)
    } catch {}
  }
  return {
    level,
    role,
    write(messageLevel, message) {
      if (LEVELS.indexOf(messageLevel) < LEVELS.indexOf(this.level)) return
      emit(logBytes(logLine(process.pid, this.role, new Date(), messageLevel, message)))
    },
  }
}

/** One line of the log, in local time, with its line feed. */
export function logLine(pid: number, role: LogRole, now: Date, level: LogLevel, message: string): string {
  const two = (n: number) => `${n}`.padStart(2, '0')
  const date = `${two(now.getDate())} ${MONTHS[now.getMonth()]} ${now.getFullYear()}`
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
  const milliseconds = `${now.getMilliseconds()}`.padStart(3, '0')
  const mark = LEVEL_MARKS[LEVELS.indexOf(level)]
  return `${pid}:${role} ${date} ${time}.${milliseconds} ${mark} ${message.slice(0, MAX_MESSAGE_LENGTH)}\n`
}

/** The engine's messages are byte strings; those of Node are text. */
function logBytes(line: string): Buffer {
  for (let i = 0; i < line.length; i++) if (line.charCodeAt(i) > 0xff) return Buffer.from(line, 'utf8')
  return Buffer.from(line, 'latin1')
}
