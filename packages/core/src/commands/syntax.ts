/**
 * Reads the `syntax` of a descriptor into the tree of arguments that COMMAND DOCS replies with. The notation
 * is that of the command reference, with what the tree says beyond it written into the words:
 *
 *     key value                   arguments, named in lower case
 *     LIMIT offset                capitals are written as they are; an argument behind them belongs to them
 *     [GET]  unit=[BYTE|BIT]      in brackets what may be left out; | divides the choices
 *     where=LEFT|RIGHT            a word of capitals with | is a choice of words
 *     <FIELDS count>              arguments that belong together, or a choice, which must be there
 *     [<COUNT count> [ANY]]       the word at the beginning belongs to its argument, not to all of them
 *     key [key ...]               what may be repeated
 *     <ID id|USER name> ...       the same, for what is too long to be written twice
 *     where=…  addr=ip:port       the name of an argument, where it is not the word itself; a choice needs one
 *                                 unless it stands behind a word of capitals, which then names it
 *     min:double  pattern#1       the type, where it does not follow from the name, and the key specification
 */

const TYPES = [
  'key',
  'string',
  'integer',
  'double',
  'pattern',
  'unix-time',
  'pure-token',
  'oneof',
  'block',
] as const

export type ArgumentType = (typeof TYPES)[number]

export interface SyntaxArgument {
  readonly name: string
  /** How it is shown, where that is not its name. */
  readonly display?: string
  readonly type: ArgumentType
  /** Index of the key specification that it belongs to, where that is not the next one. */
  readonly keySpec?: number
  /** The word to be written before it, or instead of it. */
  readonly token?: string
  readonly optional?: true
  readonly multiple?: true
  /** With `multiple`: the token, too, is written every time. */
  readonly multipleToken?: true
  /** The token stays with it where it begins a block. */
  readonly keepsToken?: true
  /** Of `oneof` and `block`. */
  readonly parts?: readonly SyntaxArgument[]
}

/** @throws Error where the notation makes no sense */
export function parseSyntax(syntax: string): SyntaxArgument[] {
  const body = alternatives(syntax.trim())
  const found = body.length > 1 ? [choice(body)] : sequence(body[0] as string)
  found.forEach(checkNames)
  return found
}

/** The name of a group that nothing has named yet. */
const UNNAMED = ''

function checkNames({ name, parts }: SyntaxArgument): void {
  if (name === UNNAMED) throw new Error(`no name for ${JSON.stringify(parts)}`)
  parts?.forEach(checkNames)
}

// ---- words ------------------------------------------------------------------------------------------------

const CLOSING: { readonly [opening: string]: string } = { '[': ']', '<': '>' }
/** `NX`, `NX|XX`: words that are written as they are; `""` is an empty one. */
const TOKENS = /^(?:""|[A-Z0-9*=~$-]*[A-Z*=~$][A-Z0-9*=~$-]*(\|[A-Z0-9*=~$-]+)*)$/
const LABELLED = /^([a-z][a-z0-9-]*)=(.+)$/

interface Word {
  readonly label: string | undefined
  readonly text: string
}

function wordOf(source: string): Word {
  const match = LABELLED.exec(source)
  return { label: match?.[1], text: match?.[2] ?? source }
}

/** Splits at spaces outside of groups. */
function words(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let word = ''
  for (const char of text) {
    if (char === '[' || char === '<') depth++
    if (char === ']' || char === '>') depth--
    if (depth < 0) throw new Error(`a group is closed that was not opened: ${text}`)
    if (char !== ' ' || depth > 0) word += char
    else if (word !== '') {
      found.push(word)
      word = ''
    }
  }
  if (depth > 0) throw new Error(`a group is not closed: ${text}`)
  return word === '' ? found : [...found, word]
}

/** Splits at every `|` that divides a whole group, not just a word of capitals. */
function alternatives(text: string): string[] {
  const found: string[] = []
  let current: string[] = []
  const all = words(text)
  for (const source of all) {
    const word = wordOf(source)
    const isOwnChoice = (all.length > 1 || word.label !== undefined) && TOKENS.test(word.text)
    const pieces = isOwnChoice ? [source] : topLevelPieces(source)
    current.push(pieces[0] as string)
    for (const piece of pieces.slice(1)) {
      found.push(current.join(' '))
      current = [piece]
    }
  }
  return [...found, current.join(' ')]
}

function topLevelPieces(word: string): string[] {
  const pieces = ['']
  let depth = 0
  for (const char of word) {
    if (char === '[' || char === '<') depth++
    if (char === ']' || char === '>') depth--
    if (char === '|' && depth === 0) pieces.push('')
    else pieces[pieces.length - 1] += char
  }
  return pieces
}

// ---- arguments --------------------------------------------------------------------------------------------

function sequence(text: string): SyntaxArgument[] {
  const found: SyntaxArgument[] = []
  /** The words that each argument was made of. */
  const sources: string[] = []
  let token: string | undefined
  const flushToken = () => {
    if (token === undefined) return
    found.push(pureToken(token))
    sources.push(token)
    token = undefined
  }
  const add = (argument: SyntaxArgument, source: string) => {
    found.push(token === undefined ? argument : behindToken(token, argument))
    sources.push(token === undefined ? source : `${token} ${source}`)
    token = undefined
  }
  for (const source of words(text)) {
    const { label, text: word } = wordOf(source)
    const named = (argument: SyntaxArgument) =>
      label === undefined ? argument : { ...argument, name: label }
    const inner = CLOSING[word[0] as string] === undefined ? undefined : word.slice(1, -1)
    const isOptional = word.startsWith('[')
    if (isOptional || word === '...') flushToken()
    if (word === '...') found.push({ ...lastOf(found), multiple: true })
    else if (isOptional && inner?.endsWith(' ...')) repeat(found, sources, inner.slice(0, -4))
    else if (inner !== undefined) {
      const grouped = named(group(inner))
      const argument =
        !isOptional && grouped.token !== undefined && grouped.type !== 'block'
          ? { ...grouped, keepsToken: true as const }
          : grouped
      add(isOptional ? { ...argument, optional: true } : argument, source)
    } else if (!TOKENS.test(word)) add(leaf(word, label), source)
    else if (word.includes('|')) add(named(choice(word.split('|'))), source)
    else {
      flushToken()
      if (label === undefined) token = word
      else add(named(pureToken(word)), source)
    }
  }
  flushToken()
  return found
}

function behindToken(token: string, argument: SyntaxArgument): SyntaxArgument {
  return { ...argument, token, name: argument.name === UNNAMED ? token.toLowerCase() : argument.name }
}

/** Takes the last argument off. */
function lastOf(found: SyntaxArgument[]): SyntaxArgument {
  const last = found.pop()
  if (last === undefined) throw new Error('nothing before it is repeated by ...')
  return last
}

/** The last arguments, which `source` names again, may be repeated; several of them are the `data`. */
function repeat(found: SyntaxArgument[], sources: string[], source: string): void {
  const last = found[found.length - 1]
  if (last?.token !== undefined && sources[sources.length - 1] === `${last.token} ${source}`) {
    found[found.length - 1] = { ...last, multiple: true }
    return
  }
  for (let count = 1; count <= found.length; count++) {
    if (sources.slice(-count).join(' ') !== source) continue
    const repeated = found.splice(-count)
    const one = repeated.length === 1 ? (repeated[0] as SyntaxArgument) : { ...block(repeated), name: 'data' }
    found.push(
      one.token === undefined ? { ...one, multiple: true } : { ...one, multiple: true, multipleToken: true },
    )
    sources.splice(-count, count, source)
    return
  }
  throw new Error(`nothing before it is repeated by [${source} ...]`)
}

/** What is inside brackets, as one argument. */
function group(text: string): SyntaxArgument {
  const choices = alternatives(text)
  if (choices.length > 1) return choice(choices)
  const parts = sequence(text)
  return parts.length === 1 ? (parts[0] as SyntaxArgument) : block(parts)
}

function choice(texts: readonly string[]): SyntaxArgument {
  return { name: UNNAMED, type: 'oneof', parts: texts.map(group) }
}

/** Several arguments as one; a token at their beginning is the block's. */
function block(parts: readonly SyntaxArgument[]): SyntaxArgument {
  const first = parts[0] as SyntaxArgument
  if (first.token === undefined || first.optional || first.keepsToken)
    return { name: UNNAMED, type: 'block', parts }
  const name = first.token.toLowerCase()
  if (first.type === 'pure-token') return { name, type: 'block', token: first.token, parts: parts.slice(1) }
  const { token, ...bare } = first
  return { name, type: 'block', token, parts: [bare, ...parts.slice(1)] }
}

function pureToken(token: string): SyntaxArgument {
  return { name: token.toLowerCase(), type: 'pure-token', token: token === '""' ? '' : token }
}

// ---- names and types --------------------------------------------------------------------------------------

/** `pattern`, `pattern:string`, `pattern:string#1`; the name may itself have a `:`. */
const LEAF = new RegExp(`^(.+?)(?::(${TYPES.join('|')}))?(?:#(\\d+))?$`)

function leaf(word: string, label: string | undefined): SyntaxArgument {
  const match = LEAF.exec(word)
  const shown = match?.[1] ?? word
  return {
    name: label ?? shown,
    ...(label === undefined ? undefined : { display: shown }),
    type: (match?.[2] as ArgumentType | undefined) ?? typeOfName(shown),
    ...(match?.[3] === undefined ? undefined : { keySpec: Number(match[3]) }),
  }
}

const KEYS = /^((new|dest|src|dst)?key\d?|source|destination|src|dst)$/
const DOUBLES = /^(score|longitude|latitude|radius|width|height|timeout)$/
const INTEGERS =
  /^(seconds|milliseconds|start|end|stop|count|limit|index\d?|offset|cursor|numkeys|numfields|numreplicas|decrement|increment|bit|rank|weight|num-matches|len|maxlen|min-match-len|client-id|protover|samples|maxage|db|version|destination-db|threshold|port)$/

function typeOfName(name: string): ArgumentType {
  if (KEYS.test(name)) return 'key'
  if (name.startsWith('unix-time')) return 'unix-time'
  if (name.endsWith('pattern')) return 'pattern'
  if (DOUBLES.test(name)) return 'double'
  return INTEGERS.test(name) ? 'integer' : 'string'
}
