/** What is loaded and saved in the benchmarks of persistence: one command for each key, as a log has them. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { encodeCommand } from '../support/resp-connection.js'
import { keyOf, textOf } from './keys.js'

const BATCH = 10_000

export interface Data {
  readonly what: string
  /** The command that makes the key of this number. */
  commandAt(i: number): readonly string[]
}

export const STRINGS: Data = {
  what: 'strings',
  commandAt: (i) => ['SET', keyOf(i), textOf(i)],
}

/** Half of them strings, as in STRINGS, the others small collections of every kind, and counters. */
export const ALL_TYPES: Data = {
  what: 'keys of all types',
  commandAt: (i) => {
    const key = keyOf(i)
    const value = textOf(i)
    switch (i % 12) {
      case 0:
        return ['INCRBY', key, `${i}`]
      case 1:
        return ['HSET', key, 'name', value, 'city', `${value}${value}`, 'visits', `${i}`]
      case 2:
        return ['RPUSH', key, value, `${i}`, 'last']
      case 3:
        return ['SADD', key, value, `${value}${value}`, 'member']
      case 4:
        return ['ZADD', key, `${i % 100}`, value, '2.5', 'member']
      case 5:
        return ['SET', key, value, 'PXAT', '4000000000000']
      default:
        return ['SET', key, value]
    }
  },
}

/** Writes an append-only file into a directory: of one log, without a base. */
export function writeLog(dir: string, commands: number, commandAt: Data['commandAt']): void {
  const folder = join(dir, 'appendonlydir')
  const log = 'appendonly.aof.1.incr.aof'
  mkdirSync(folder)
  writeFileSync(join(folder, 'appendonly.aof.manifest'), `file ${log} seq 1 type i\n`)
  const file = openSync(join(folder, log), 'w')
  writeSync(file, encodeCommand(['SELECT', '0']))
  for (let start = 0; start < commands; start += BATCH) {
    const count = Math.min(BATCH, commands - start)
    writeSync(
      file,
      Buffer.concat(Array.from({ length: count }, (_, i) => encodeCommand(commandAt(start + i)))),
    )
  }
  closeSync(file)
}
