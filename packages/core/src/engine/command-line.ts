/**
 * The command line of russet-server, which is redis-server's: `[/path/to/redis.conf] [options] [-]`. Options
 * are lines of a configuration file in another spelling, so they become exactly that: text after the file's.
 */
import { equalsIgnoreCase, lower } from '../base/lowercase.js'
import { quoteWord, splitWords } from '../base/split-words.js'

export type CommandLine =
  | { readonly action: 'version' }
  | { readonly action: 'help' }
  /** The reason why this cannot be. */
  | { readonly action: 'refuse'; readonly reason: string }
  | {
      readonly action: 'check'
      /** The file to be checked: an RDB, a log or a manifest. */
      readonly file: string
      /** Whether a log with a broken end is to be cut. */
      readonly fix: boolean
    }
  | {
      readonly action: 'run'
      /** The configuration file, if one is named. */
      readonly file: string | undefined
      /** Whether configuration is read from standard input, after the file. */
      readonly stdin: boolean
      /** Options as lines of configuration, which come last. */
      readonly options: string
    }

export const USAGE = `Usage: russet-server [/path/to/redis.conf] [options] [-]
       russet-server - (read config from stdin)
       russet-server -v or --version
       russet-server -h or --help
       russet-server --check <dump.rdb|file.aof|file.manifest> [--fix]

Examples:
       russet-server (run the server with default conf)
       echo 'maxmemory 128mb' | russet-server -
       russet-server /etc/redis/6379.conf
       russet-server --port 7777
       russet-server /etc/myredis.conf --loglevel verbose -
       russet-server /etc/myredis.conf --loglevel verbose
       russet-server --check appendonlydir/appendonly.aof.manifest
`

const REFUSED: { readonly [option: string]: string } = {
  '--test-memory': 'russet-server does not test memory: use memtest86 or redis-server --test-memory',
  '--check-system': 'russet-server does not check the system: use redis-server --check-system',
  '--sentinel': 'russet-server is not a sentinel: use redis-sentinel, or leave --sentinel out',
}

/** @param args what follows the command's name, as byte strings. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const first = args[0]
  if (first === '-v' || first === '--version') return { action: 'version' }
  if (first === '-h' || first === '--help') return { action: 'help' }
  if (first === '--check') return parseCheck(args.slice(1))
  for (const arg of args) {
    const name = lower(arg)
    if (Object.hasOwn(REFUSED, name)) return { action: 'refuse', reason: REFUSED[name] as string }
  }
  const file = first === undefined || first.startsWith('-') ? undefined : first
  const rest = file === undefined ? args : args.slice(1)
  const stdin = rest.length > 0 && (rest[0] === '-' || rest[rest.length - 1] === '-')
  return { action: 'run', file, stdin, options: optionLines(rest) }
}

/** What follows `--check`: the file, and `--fix` before or after it. */
function parseCheck(args: readonly string[]): CommandLine {
  const files = args.filter((arg) => arg !== '--fix')
  const [file] = files
  if (file === undefined || files.length > 1 || file.startsWith('--') || args.length > 2)
    return {
      action: 'refuse',
      reason: 'Usage: russet-server --check <dump.rdb|file.aof|file.manifest> [--fix]',
    }
  return { action: 'check', file, fix: args.length === 2 }
}

/**
 * `--port 7777 --bind a b` to lines. An option takes at least one value, even if that looks like an option;
 * further ones until the next `--`. Only `--save` may come without one, which means `--save ""`.
 */
function optionLines(args: readonly string[]): string {
  const lines: string[] = []
  let awaitsValue = false
  args.forEach((arg, i) => {
    if (arg === '-' && (i === 0 || i === args.length - 1)) return
    if (!arg.startsWith('--') || awaitsValue) {
      const value = quoteWord(arg)
      if (lines.length === 0) lines.push(value)
      else lines[lines.length - 1] += ` ${value}`
      awaitsValue = false
      return
    }
    const next = args[i + 1]
    const alone = splitWords(arg)?.length === 1
    const emptySave = equalsIgnoreCase(arg, '--save') && (next === undefined || next.startsWith('--'))
    lines.push(emptySave ? `${arg.slice(2)} ""` : arg.slice(2))
    awaitsValue = alone && !emptySave
  })
  return lines.join('\n')
}
