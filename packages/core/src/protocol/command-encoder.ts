/** Commands as a client sends them and as a log keeps them: arrays of bulk strings. */

import type { OutputBuffer } from './output-buffer.js'

const ASTERISK = 0x2a

/** Begins a command of so many words, its name included; they have to follow as bulk strings. */
export function beginCommand(out: OutputBuffer, words: number): void {
  out.writeByte(ASTERISK)
  out.writeInteger(words)
  out.writeLineEnd()
}

/** Writes a whole command, its name first. O(its bytes) */
export function writeCommand(out: OutputBuffer, command: readonly string[]): void {
  beginCommand(out, command.length)
  for (let i = 0; i < command.length; i++) out.writeBulk(command[i] as string)
}
