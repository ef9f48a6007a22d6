/**
 * redis.conf: lines of a directive and its values, `#` comments, and `include` with wildcards. Each line is
 * applied as it is read, in order, so a later line wins. Files are read through `ConfigFiles`: what a path
 * means is the platform's business.
 */
import { equalsIgnoreCase } from '../base/lowercase.js'
import { splitWords } from '../base/split-words.js'
import { RUSSET_VERSION } from '../base/version.js'
import type { Config } from './config.js'

/** Why a file cannot be read that is not there. */
export const NO_SUCH_FILE = 'No such file or directory'

export interface ConfigFiles {
  /** The file's bytes as a byte string. @throws Error whose message is the reason alone, as `NO_SUCH_FILE`. */
  read(path: string): string
  /**
   * Replaces the file, or makes it: at any moment it is the old one or the new one, and it is safe on return.
   * @param content bytes as a byte string. @throws Error whose message is the reason alone; nothing has changed then
   */
  write(path: string, content: string): void
  /** Paths that match a pattern with `*`, `?` or `[…]`, in alphabetical order; none is no error. */
  match(pattern: string): string[]
}

/** A configuration that cannot be used. The message is the complete text to print, in Redis's format. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError'
}

/** A line that has been applied: a second `Config` gets the same from `config.applyLine(words)`. */
export type AppliedLine = readonly string[]

/** Includes within includes; a file that includes itself ends here. */
const MAX_NESTING = 16
/** Lines in all files together: without it, files that include each other several times would never end. */
const MAX_LINES = 1_000_000

export function configFileError(reason: string): ConfigFileError {
  return new ConfigFileError(`\n*** FATAL CONFIG FILE ERROR (Russet ${RUSSET_VERSION}) ***\n${reason}`)
}

/** Reads a file. @throws ConfigFileError when that fails. */
export function readConfigFile(path: string, files: ConfigFiles): string {
  try {
    return files.read(path)
  } catch (error) {
    throw new ConfigFileError(`Fatal error, can't open config file '${path}': ${(error as Error).message}`)
  }
}

/**
 * Applies the text of a configuration to `config`.
 * @returns the lines that were applied, with includes resolved.
 * @throws ConfigFileError at the first line that is wrong; `config` must not be used then.
 */
export function loadConfig(config: Config, text: string, files: ConfigFiles): AppliedLine[] {
  const loader = new Loader(config, files)
  loader.load(text, undefined, 0)
  return loader.applied
}

class Loader {
  readonly applied: AppliedLine[] = []
  readonly #config: Config
  readonly #files: ConfigFiles
  #lines = 0

  constructor(config: Config, files: ConfigFiles) {
    this.#config = config
    this.#files = files
  }

  /** @param path where the text is from; undefined for what the server was started with. */
  load(text: string, path: string | undefined, nesting: number): void {
    let number = 0
    for (const raw of text.split('\n')) {
      number++
      const line = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '')
      if (line === '' || line.startsWith('#')) continue
      const reason = this.#loadLine(line, nesting)
      if (reason === undefined) continue
      const file = path === undefined ? '' : ` '${path}'`
      throw configFileError(
        `Reading the configuration file${file}, at line ${number}\n>>> '${line}'\n${reason}`,
      )
    }
  }

  #loadLine(line: string, nesting: number): string | undefined {
    if (++this.#lines > MAX_LINES) return `more than ${MAX_LINES} lines of configuration`
    const words = splitWords(line)
    if (words === undefined) return 'Unbalanced quotes in configuration line'
    if (words.length === 0) return undefined
    if (words.length === 2 && equalsIgnoreCase(words[0] as string, 'include')) {
      if (nesting >= MAX_NESTING) return `more than ${MAX_NESTING} includes within each other`
      this.#include(words[1] as string, nesting + 1)
      return undefined
    }
    const reason = this.#config.applyLine(words)
    if (reason === undefined) this.applied.push(words)
    return reason
  }

  #include(path: string, nesting: number): void {
    const paths = /[*?[]/.test(path) ? this.#files.match(path) : [path]
    for (const each of paths) this.load(readConfigFile(each, this.#files), each, nesting)
  }
}
