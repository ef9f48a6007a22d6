/**
 * Reads the `syntax` of a descriptor into the tree of arguments that COMMAND DOCS replies with. The notation
 * is that of the command reference:
 *
 *     key value                     arguments, named in lower case
 *     LIMIT offset                  capitals are written as they are; an argument behind them belongs to them
 *     [NX|XX]   [EX seconds|PX ms]  in brackets what may be left out; | divides the choices
 *     TYPE STRING|LIST              a word of capitals with | is a choice of words
 *     <NX|FIELDS count>             a choice, or arguments that belong together, which must be there
 *     key [key ...]                 what may be repeated
 *
 * Types follow from the names of arguments.
 */

export type ArgumentType =
  | 'key'
  | 'string'
  | 'integer'
  | 'double'
  | 'pattern'
  | 'unix-time'
  | 'pure-token'
  | 'oneof'
  | 'block'

export interface SyntaxArgument {
  readonly name: string
  readonly type: ArgumentType
  /** The word to be written before it, or instead of it. */
  readonly token?: string
  readonly optional?: true
  readonly multiple?: true
  /** With `multiple`: the token, too, is written every time. */
  readonly multipleToken?: true
  /** Of `oneof` and `block`. */
  readonly parts?: readonly SyntaxArgument[]
}

/** @throws Error where the notation makes no sense */
export function parseSyntax(syntax: string): SyntaxArgument[] {
  const body = alternatives(syntax.trim())
  return body.length > 1 ? [choice(body)] : sequence(body[0] as string)
}

const CLOSING: { readonly [opening: string]: string } = { '[': ']', '<': '>' }
/** `NX`, `NX|XX`: words that are written as they are. */
const TOKENS = /^[A-Z0-9*=~-]*[A-Z*=~][A-Z0-9*=~-]*(\|[A-Z0-9*=~-]+)*$/

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
  for (const word of all) {
    const pieces = all.length > 1 && TOKENS.test(word) ? [word] : topLevelPieces(word)
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

function sequence(text: string): SyntaxArgument[] {
  const found: SyntaxArgument[] = []
  /** The words that each argument was made of. */
  const sources: string[] = []
  let token: string | undefined
  const add = (argument: SyntaxArgument, source: string) => {
    found.push(token === undefined ? argument : { ...argument, token })
    sources.push(token === undefined ? source : `${token} ${source}`)
    token = undefined
  }
  const flushToken = () => {
    if (token === undefined) return
    found.push(pureToken(token))
    sources.push(token)
    token = undefined
  }
  for (const word of words(text)) {
    const closing = CLOSING[word[0] as string]
    const inner = closing === undefined ? '' : word.slice(1, -1)
    if (word.startsWith('[') && inner.endsWith(' ...')) {
      flushToken()
      repeat(found, sources, inner.slice(0, -4))
    } else if (closing !== undefined) {
      if (word.startsWith('[')) flushToken()
      const argument = group(inner)
      add(word.startsWith('[') ? { ...argument, optional: true } : argument, word)
    } else if (!TOKENS.test(word)) add(named(word), word)
    else if (word.includes('|')) add(choice(word.split('|')), word)
    else {
      flushToken()
      token = word
    }
  }
  flushToken()
  return found
}

/** The last arguments, which `source` names again, may be repeated. */
function repeat(found: SyntaxArgument[], sources: string[], source: string): void {
  const last = found[found.length - 1]
  if (last?.token !== undefined && sources[sources.length - 1] === `${last.token} ${source}`) {
    found[found.length - 1] = { ...last, multiple: true }
    return
  }
  for (let count = 1; count <= found.length; count++) {
    if (sources.slice(-count).join(' ') !== source) continue
    const repeated = found.splice(-count)
    const one = repeated.length === 1 ? (repeated[0] as SyntaxArgument) : block(repeated)
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
  const repetition = text.endsWith(' ...]') ? wholeRepeated(text) : undefined
  if (repetition !== undefined) return { ...group(repetition), multiple: true }
  const choices = alternatives(text)
  if (choices.length > 1) return choice(choices)
  const parts = sequence(text)
  return parts.length === 1 ? (parts[0] as SyntaxArgument) : block(parts)
}

/** `A|B [A|B ...]`: everything before is what may be repeated. */
function wholeRepeated(text: string): string | undefined {
  const half = (text.length - ' [ ...]'.length) / 2
  const first = text.slice(0, half)
  const choices = text === `${first} [${first} ...]` ? alternatives(first) : []
  return choices.length > 1 ? first : undefined
}

function choice(texts: readonly string[]): SyntaxArgument {
  const parts = texts.map(group)
  return { name: parts.map(({ name }) => name).join('-or-'), type: 'oneof', parts }
}

/** Several arguments as one; a token at their beginning is the block's. */
function block(parts: readonly SyntaxArgument[]): SyntaxArgument {
  const first = parts[0] as SyntaxArgument
  if (first.token === undefined || first.optional)
    return { name: parts.map(({ name }) => name).join('-'), type: 'block', parts }
  const name = first.token.toLowerCase()
  if (first.type === 'pure-token') return { name, type: 'block', token: first.token, parts: parts.slice(1) }
  const { token, ...bare } = first
  return { name, type: 'block', token, parts: [bare, ...parts.slice(1)] }
}

function pureToken(token: string): SyntaxArgument {
  return { name: token.toLowerCase(), type: 'pure-token', token }
}

function named(name: string): SyntaxArgument {
  return { name, type: typeOfName(name) }
}

const KEYS = /^((new|dest|src|dst)?key\d?|source|destination|src|dst)$/
const DOUBLES = /^(score|weight|longitude|latitude|radius|width|height|timeout)$/
const INTEGERS =
  /^(seconds|milliseconds|count|limit|index\d?|offset|cursor|numkeys|numfields|decrement|increment|bit|rank|num-matches|len|maxlen|min-match-len|client-id|protover|samples|maxage|db|version|destination-db|threshold|port|columns|rows)$/

function typeOfName(name: string): ArgumentType {
  if (KEYS.test(name)) return 'key'
  if (name.startsWith('unix-time')) return 'unix-time'
  if (name.endsWith('pattern')) return 'pattern'
  if (DOUBLES.test(name)) return 'double'
  return INTEGERS.test(name) ? 'integer' : 'string'
}
