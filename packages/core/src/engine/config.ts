/**
 * The configuration of one server: what CONFIG GET reports, what CONFIG SET changes, and the values as plain
 * typed properties for the engine. `settings.maxmemoryPolicy` is a property read; names, text and rules of
 * change stay in here. A change is all or nothing: every pair is looked up before any is parsed, and whatever
 * fails afterwards, a value or the part of the server that has to act on it, puts all of them back.
 */
import { cutAtNul } from '../base/cut-at-nul.js'
import { assert, fail } from '../base/errors.js'
import { globMatch } from '../base/glob.js'
import { lower } from '../base/lowercase.js'
import { defaultEncodingLimits, type EncodingLimits } from '../keyspace/encoding-limits.js'
import { type UserLine, UserLines } from './acl/user-lines.js'
import type { FileDirective } from './config-rewrite.js'
import { DIRECTIVES, type Directive, OBSOLETE_LINES, REFUSED_LINES } from './config-table.js'
import type { Parsed } from './config-types.js'

type DirectiveName = keyof typeof DIRECTIVES
type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name
type ValueOf<D> = D extends Directive<infer T> ? T : never
type AllSettings = {
  -readonly [Name in DirectiveName as CamelCase<Name>]: ValueOf<(typeof DIRECTIVES)[Name]>
}

/**
 * The value of each directive under its name in camel case, in the directive's own unit. The limits of
 * encodings are in `EncodingLimits` instead.
 */
export type Settings = Omit<AllSettings, keyof EncodingLimits>

/** Acts on new settings. A text is the reason why it cannot, and the old settings come back. */
export type ApplySettings = (settings: Settings) => string | undefined

interface Entry {
  readonly name: string
  readonly key: string
  readonly directive: Directive<unknown>
  readonly hooks: Set<ApplySettings>
  readonly initial: Parsed<unknown>
  current: Parsed<unknown>
}

interface Change {
  readonly entry: Entry
  /** The name that was used, in lower case: it may be the old one. */
  readonly name: string
  readonly words: readonly string[]
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** CONFIG SET has one string where a file has words; a file may have it too, as `save "900 1"`. */
function wordsOf(directive: Directive<unknown>, value: string): string[] {
  if (!directive.type.manyWords) return [value]
  return value === '' ? [] : value.split(' ')
}

function linesOf({ type }: Directive<unknown>, parsed: Parsed<unknown>): readonly string[] {
  return type.written?.(parsed) ?? [parsed.text]
}

export class Config {
  readonly settings: Settings
  readonly #entries = new Map<string, Entry>()
  readonly #users = new UserLines()
  #warn: (line: string) => void = () => {}

  /** @param encodings the object that receives the limits of encodings; the keyspace reads the same one. */
  constructor(readonly encodings: EncodingLimits = defaultEncodingLimits()) {
    const settings: [string, unknown][] = []
    for (const [name, row] of Object.entries(DIRECTIVES)) {
      const directive = row as Directive<unknown>
      const current = directive.type.parse(wordsOf(directive, directive.initial), undefined, false)
      assert(typeof current !== 'string', `default of ${name}: ${current}`)
      const entry: Entry = {
        name,
        key: camelCase(name),
        directive,
        hooks: new Set(),
        initial: current,
        current,
      }
      this.#entries.set(name, entry)
      if (directive.alias !== undefined) this.#entries.set(directive.alias, entry)
      if (!(entry.key in encodings)) settings.push([entry.key, current.value])
    }
    // Built in one go, an object keeps its many properties in fast slots; one by one it becomes a hash table.
    this.settings = Object.fromEntries(settings) as Settings
    for (const entry of this.#entries.values()) this.#store(entry, entry.current)
  }

  /**
   * What CONFIG GET replies: names and values by turns, each name once.
   * @param patterns globs or names, in any case. A name that is no glob is reported as it was first written.
   * Cost: directives × patterns.
   */
  get(patterns: readonly string[]): string[] {
    const found = new Map<string, [name: string, text: string]>()
    const add = (name: string, written: string, { current }: Entry) => {
      if (!found.has(name)) found.set(name, [written, current.text])
    }
    for (const pattern of patterns) {
      if (/[[*?]/.test(pattern)) {
        for (const [name, entry] of this.#entries) if (globMatch(pattern, name, true)) add(name, name, entry)
      } else {
        const name = lower(pattern)
        const entry = this.#entries.get(name)
        if (entry !== undefined) add(name, pattern, entry)
      }
    }
    return [...found.values()].flat()
  }

  /**
   * CONFIG SET: all pairs or none.
   * @param pairs names and values by turns.
   * @param allowProtected whether this client may change what enable-protected-configs guards.
   * @throws CommandError with Redis's text.
   */
  set(pairs: readonly string[], allowProtected = false): void {
    const changes = this.#lookUp(pairs, allowProtected)
    const before = changes.map(({ entry }) => ({ entry, value: entry.current }))
    const applied: ApplySettings[] = []
    const rollBack = (name: string, reason: string): never => {
      for (const { entry, value } of before.reverse()) this.#store(entry, value)
      for (const hook of applied) hook(this.settings)
      fail(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`)
    }

    const changed: Change[] = []
    for (const change of changes) {
      const old = change.entry.current
      const reason = this.#change(change.entry, change.words, false)
      if (reason !== undefined) rollBack(change.name, reason)
      if (change.entry.current.text !== old.text) changed.push(change)
    }
    for (const { entry, name } of changed) {
      for (const hook of entry.hooks) {
        if (applied.includes(hook)) continue
        applied.push(hook)
        const reason = hook(this.settings)
        if (reason !== undefined) rollBack(name, reason)
      }
    }
    for (const { entry } of changed) this.#warnAbout(entry)
  }

  /**
   * One line of a configuration file or of the command line: here everything may be set.
   * @param words the directive and its values.
   * @returns why it cannot be; then nothing has changed.
   */
  applyLine(words: readonly string[]): string | undefined {
    const name = lower(words[0] as string)
    const entry = this.#entries.get(name)
    if (entry === undefined) {
      if (name === 'user' && words.length > 1) return this.#users.add(words.slice(1))
      if (OBSOLETE_LINES.includes(name) && words.length === 2) return undefined
      const refusal = Object.hasOwn(REFUSED_LINES, name) ? REFUSED_LINES[name] : undefined
      return refusal ?? 'Bad directive or wrong number of arguments'
    }
    const { type } = entry.directive
    if (!type.manyWords && words.length !== 2) return 'wrong number of arguments'
    const values = words.length === 2 ? wordsOf(entry.directive, words[1] as string) : words.slice(1)
    const old = entry.current
    let reason = this.#change(entry, values, true)
    if (reason !== undefined) return reason
    for (const hook of entry.hooks) reason ??= hook(this.settings)
    if (reason !== undefined) this.#store(entry, old)
    return reason
  }

  /** The users of a configuration file. */
  get userLines(): readonly UserLine[] {
    return this.#users.lines
  }

  /** Sets what the host has found out by itself, such as the working directory. Nothing is asked or called. */
  adopt(name: DirectiveName, value: string): void {
    const entry = this.#entries.get(name) as Entry
    const parsed = entry.directive.type.parse(wordsOf(entry.directive, value), entry.current.value, false)
    assert(typeof parsed !== 'string', `${name}: ${parsed}`)
    this.#store(entry, parsed)
  }

  /**
   * Has `apply` called when one of `names` has changed, and once for several that change together. It must
   * be ready to be called again with the old settings, when another refuses.
   */
  onChange(names: readonly DirectiveName[], apply: ApplySettings): void {
    for (const name of names) (this.#entries.get(name) as Entry).hooks.add(apply)
  }

  /** Has a line for the log written about each setting that is without effect: now, and as CONFIG SET makes some. */
  warnBy(write: (line: string) => void): void {
    this.#warn = write
    for (const entry of new Set(this.#entries.values())) this.#warnAbout(entry)
  }

  /** What a configuration file is to say, for CONFIG REWRITE. */
  *fileDirectives(withDefaults: boolean): Iterable<FileDirective> {
    for (const { name, directive, initial, current } of new Set(this.#entries.values())) {
      const usual = linesOf(directive, initial)
      const lines = linesOf(directive, current).map((line, i) => ({
        text: `${name} ${line}`,
        isNeeded: withDefaults || directive.alwaysInFile === true || line !== usual[i],
      }))
      yield { name, lines }
    }
  }

  /** The name in use for one in lower case, which may be an old one; undefined if there is no such directive. */
  mainName(name: string): string | undefined {
    return this.#entries.get(name)?.name
  }

  /** Whether values of this directive (any case, old names too) are secrets, not to be logged. */
  isSensitive(name: string): boolean {
    return this.#entries.get(lower(name))?.directive.sensitive === true
  }

  #lookUp(pairs: readonly string[], allowProtected: boolean): Change[] {
    const changes: Change[] = []
    const names = new Set<string>()
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      const name = lower(pairs[i] as string)
      const entry = this.#entries.get(name)
      if (entry === undefined)
        fail(`ERR Unknown option or number of arguments for CONFIG SET - '${cutAtNul(pairs[i] as string)}'`)
      const { change } = entry.directive
      let reason = names.has(name) ? 'duplicate parameter' : undefined
      if (change === 'never') reason = "can't set immutable config"
      if (change === 'protected' && !allowProtected) reason = "can't set protected config"
      if (reason !== undefined)
        fail(`ERR CONFIG SET failed (possibly related to argument '${pairs[i]}') - ${reason}`)
      names.add(name)
      changes.push({ entry, name, words: wordsOf(entry.directive, pairs[i + 1] as string) })
    }
    return changes
  }

  #change(entry: Entry, words: readonly string[], fromFile: boolean): string | undefined {
    const { type, refuse } = entry.directive
    const parsed = type.parse(words, entry.current.value, fromFile)
    if (typeof parsed === 'string') return parsed
    const reason = refuse?.(parsed.value)
    if (reason === undefined) this.#store(entry, parsed)
    return reason
  }

  #warnAbout({ name, directive, current }: Entry): void {
    if (directive.withoutEffect === undefined || current.text === directive.initial) return
    this.#warn(`Setting '${name}' to '${current.text}' has no effect yet: ${directive.withoutEffect}`)
  }

  #store(entry: Entry, parsed: Parsed<unknown>): void {
    entry.current = parsed
    const target: object = entry.key in this.encodings ? this.encodings : this.settings
    Reflect.set(target, entry.key, parsed.value)
  }
}
